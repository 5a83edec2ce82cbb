"""Walked by test_sso in a process whose settings name this issuer."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

import pytest
from django.conf import settings
from django.test import Client

from mingzhi.ledger import api as ledger
from mingzhi.organisations.models import Account
from tests.made_once import load_bureau

pytestmark = pytest.mark.django_db(databases="__all__")
ISSUER = settings.OIDC["issuer"]
who = {"name": "officer1", "fails": False}


class Provider(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path.startswith("/.well-known"):
            self._say({
                "issuer": ISSUER, "authorization_endpoint": f"{ISSUER}/authorize", "token_endpoint": f"{ISSUER}/token",
                "userinfo_endpoint": f"{ISSUER}/me", "jwks_uri": f"{ISSUER}/keys",
                "token_endpoint_auth_methods_supported": ["client_secret_post"],
            })  # fmt: skip
        else:
            self._say({"sub": "1", "preferred_username": who["name"]})

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        right = form["client_secret"] == ["a-shared-secret"] and "code_verifier" in form and not who["fails"]
        self._say(
            {"access_token": "t", "token_type": "Bearer"} if right else {"error": "invalid_grant"},
            200 if right else 400,
        )

    def _say(self, body: dict[str, object], status: int = 200) -> None:
        raw = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(raw)))
        self.end_headers()
        self.wfile.write(raw)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module", autouse=True)
def provider() -> Iterator[None]:
    server = ThreadingHTTPServer(("127.0.0.1", urlsplit(ISSUER).port or 0), Provider)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def bureau(at):
    return load_bureau("xiashan-chengzong", at=at)


def sign_on(name: str, *, fails: bool = False, wanted: str = "") -> tuple[Client, object]:
    who.update(name=name, fails=fails)
    client = Client()
    away = client.get("/oidc/start/", {"next": wanted} if wanted else {})
    assert away.status_code == 302 and away["Location"].startswith(f"{ISSUER}/authorize")
    state = parse_qs(urlsplit(away["Location"]).query)["state"][0]
    return client, client.get("/oidc/bureau/login/callback/", {"code": "c", "state": state})


def test_a_known_account_comes_in_with_its_own_roles(bureau):
    client, answer = sign_on("Officer1", wanted="/account/")
    assert answer["Location"] == "/account/"
    assert "承办人" in client.get("/account/").content.decode()
    assert ledger.attempts(act="login.oidc")[0].outcome == "ok"


def test_an_unknown_or_disabled_name_is_refused_and_nobody_is_registered(bureau):
    Account.objects.filter(username="officer2").update(is_active=False)
    before = Account.objects.count()
    for name in ("nobody", "officer2", ""):
        client, answer = sign_on(name)
        assert answer.status_code == 403 and "没有与之对应的启用账号" in answer.content.decode()
        assert client.get("/account/").status_code == 302
    assert Account.objects.count() == before


def test_a_refused_token_and_a_forged_state_are_told_in_words(bureau):
    _, answer = sign_on("officer1", fails=True)
    assert answer.status_code == 403 and "没有完成" in answer.content.decode()
    client = Client()
    forged = client.get("/oidc/bureau/login/callback/", {"code": "c", "state": "forged"})
    assert forged.status_code == 403 and client.get("/account/").status_code == 302


def test_a_foreign_next_is_not_followed(bureau):
    _, answer = sign_on("officer1", wanted="https://evil.example/")
    assert answer["Location"] == "/login/"

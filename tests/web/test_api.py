"""The machine face: the same gates and words as the desk, stable shapes, and nothing that breaks it."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from django.test import Client
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.web.api.service import api
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
JSON = "application/json"


def send(client: Client, path: str, body: Any) -> Any:
    return client.post(path, json.dumps(body), content_type=JSON)


@pytest.fixture
def filed(drive: Callable[..., Drive], freeze: Any) -> Drive:
    d = drive()
    d.file()
    freeze(d.at)
    return d


def test_cases_page_by_key_and_stay_within_the_own_body(filed: Drive, desk: Any, freeze: Any) -> None:
    second = Drive(filed.bureau, filed.matter, filed.at)
    second.open()
    freeze(second.at)
    first = desk("officer1").get("/api/cases?limit=1").json()
    assert [r["id"] for r in first["rows"]] == [second.id] and first["next_cursor"]
    rest = desk("officer1").get("/api/cases", {"limit": 1, "cursor": first["next_cursor"]}).json()
    assert [r["id"] for r in rest["rows"]] == [filed.id] and rest["next_cursor"] == ""
    assert desk("other").get(f"/api/cases/{filed.id}").status_code == 404
    assert filed.id not in [r["id"] for r in desk("other").get("/api/cases").json()["rows"]]


def test_one_case_with_its_steps_and_options(filed: Drive, desk: Any) -> None:
    one = desk("officer1").get(f"/api/cases/{filed.id}").json()
    assert one["steps_taken"] == 2 and [s["verb"] for s in one["steps"]] == ["file_request", "file_approve"]
    options = desk("officer1").get(f"/api/cases/{filed.id}/options").json()
    closed = [o for o in options if not o["open"]]
    assert closed and all(o["reasons"] and o["reasons"][0]["sentence"] for o in closed)


def test_a_step_is_taken_once_and_refused_in_the_same_words(filed: Drive, desk: Any) -> None:
    officer, here = desk("officer1"), f"/api/cases/{filed.id}/steps/correct"
    facts = {"act": "当事人未经批准占用城市道路。", "demand": "立即停止违法行为，恢复原状"}
    wrong = send(officer, here, {"facts": {"act": ""}})
    assert (
        wrong.status_code in (409, 422)
        and wrong.json()["message"]
        and set(wrong.json()) >= {"code", "remedy", "reasons", "fields"}
    )
    first = send(officer, here, {"facts": facts, "key": "once", "expected": 2})
    if first.status_code == 201:
        assert send(officer, here, {"facts": facts, "key": "once"}).json()["seq"] == first.json()["seq"]
        stale = send(officer, here, {"facts": facts, "key": "twice", "expected": 2})
        assert stale.status_code == 409 and stale.json()["code"]
    else:
        assert first.json()["reasons"]


def test_a_machine_is_told_every_reason_and_every_wrong_field_at_once(filed: Drive, desk: Any) -> None:
    wrong = send(desk("officer1"), f"/api/cases/{filed.id}/steps/conclude", {"facts": {"facts_found": "短"}})
    assert wrong.status_code == 409
    told = wrong.json()
    assert told["code"] == "procedure.guards_unmet"
    assert {"G5.none", "G4.none"} <= {r["code"] for r in told["reasons"]}
    assert {"outcome", "facts_found"} <= set(told["fields"])


def test_nobody_without_log_in_and_no_writing_without_the_token(
    filed: Drive, desk: Any, client: Client
) -> None:
    answer = client.get("/api/cases")
    assert answer.status_code == 401 and answer.json()["code"] == "not_logged_in"
    strict = desk("officer1", enforce_csrf_checks=True)
    assert send(strict, "/api/clues", {}).status_code == 403
    assert desk("sysadmin").get("/api/cases").status_code == 403


def test_a_clue_comes_in_by_machine(bureau: Bureau, desk: Any, freeze: Any) -> None:
    freeze(MONDAY)
    body = {
        "source": "inspection",
        "title": "示例路占道堆放货物",
        "detail": "巡查发现示例路 1 号门前人行道堆放货物，影响通行。",
        "received_at": "2026-09-07T08:30:00+08:00",
    }
    made = send(desk("officer1"), "/api/clues", body)
    assert made.status_code == 201 and made.json()["number"]
    wrong = send(desk("officer1"), "/api/clues", {**body, "title": "短", "source": "?"})
    assert wrong.status_code == 422 and set(wrong.json()["fields"]) >= {"title", "source"}
    unreadable = desk("officer1").post("/api/clues", "{not json", content_type=JSON)
    assert unreadable.status_code == 400 and unreadable.json()["code"] == "bad_request"
    nul = send(desk("officer1"), "/api/clues", {**body, "detail": "巡查发现\u0000示例路门前人行道堆放货物"})
    assert nul.status_code == 422


def test_the_public_reads_decisions_proofs_and_the_checkpoint(
    filed: Drive, client: Client, freeze: Any
) -> None:
    filed.investigate()
    filed.conclude()
    filed.to_decision()
    pk = filed.disclose()
    ledger.sequence(at=filed.at)
    freeze(filed.at)
    page = client.get("/api/public/decisions", {"q": "城市道路"}).json()
    assert [r["id"] for r in page["rows"]] == [pk]
    one = client.get(f"/api/public/decisions/{pk}").json()
    assert one["fields"] and one["history"][0]["label"]
    assert client.get("/api/public/decisions/999999").status_code == 404
    assert client.get("/api/public/verify/NOSUCHCODE").status_code == 404
    note = client.get("/api/ledger/checkpoint").json()
    assert note["size"] > 0 and note["note"] and note["key"]
    assert publication.disclosure_status(filed.id)[-1].state == "published"


def test_the_description_is_open_and_loads_nothing_from_elsewhere(client: Client) -> None:
    described = client.get("/api/openapi.json")
    assert described.status_code == 200 and described.json()["openapi"].startswith("3.1")
    assert client.get("/api/docs").status_code == 404


def operations(public: bool) -> list[tuple[str, str]]:
    described = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    return [
        (path, method)
        for path, methods in described["paths"].items()
        for method in methods
        if ("/public/" in path or "/ledger/" in path) is public
    ]


def fuzz(client: Client, public: bool, examples: int) -> int:
    """Requests made from the description itself; every answer must be one that it knows, never a 5xx."""
    described = json.loads(json.dumps(api.get_openapi_schema(), default=str))
    loaded = schemathesis.openapi.from_dict(described)
    return sum(
        _ask(client, method, loaded[path][method.upper()].as_strategy(), examples)
        for path, method in operations(public)
    )


def _ask(client: Client, method: str, strategy: Any, examples: int) -> int:
    seen = 0

    @settings(
        max_examples=examples,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
        derandomize=True,
    )
    @given(case=strategy, junk=st.booleans())
    def ask(case: Any, junk: bool) -> None:
        nonlocal seen
        url = case.formatted_path + ("?cursor=%00&after=x&body=9" if junk else "")
        if method == "get":
            answer = client.get(url, None if junk else {k: str(v) for k, v in (case.query or {}).items()})
        else:
            sent = json.dumps(case.body if isinstance(case.body, dict | list) else {})
            answer = client.generic("POST", url, sent.encode("utf-8", "surrogatepass"), content_type=JSON)
        assert answer.status_code < 500, (method, url, answer.content[:300])
        seen += 1

    ask()
    return seen


def test_generated_requests_never_break_the_public_part(bureau: Bureau, client: Client, freeze: Any) -> None:
    freeze(MONDAY)
    client.raise_request_exception = False
    assert fuzz(client, public=True, examples=25) >= 40


def test_generated_requests_never_break_the_part_behind_the_log_in(filed: Drive, desk: Any) -> None:
    browser = desk("officer1", raise_request_exception=False)
    assert fuzz(browser, public=False, examples=20) >= 60

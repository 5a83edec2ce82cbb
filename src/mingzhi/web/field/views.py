"""The field face's machine side: the shell and its worker, what a phone takes along, what it sends."""

from __future__ import annotations

import hashlib
import json
from functools import lru_cache
from pathlib import Path
from typing import Any

from django.contrib.auth import logout
from django.contrib.staticfiles import finders
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.template.loader import get_template
from django.templatetags.static import static
from django.utils.translation import gettext as _
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.http import require_GET, require_POST

from mingzhi.kernel.errors import Conflict, Invalid, NotFound
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.web.desk.common import at_of, by_of, looked, reading
from mingzhi.web.field import bundle as taken_along
from mingzhi.web.field import inbox, items, numbers

SCRIPTS = tuple(
    f"mingzhi/field-{name}.js" for name in ("core", "store", "qr", "media", "sign", "sync", "forms", "app")
)
STYLES = ("mingzhi/app.css", "mingzhi/field.css")
PICTURES = ("mingzhi/field-icon.svg", "mingzhi/field.webmanifest", "mingzhi/favicon.svg")


class OtherPerson(Conflict):
    """The phone thinks somebody else is logged in: it must look again before it sends anything."""

    code = "field.other_person"
    sentence = "当前登录的不是该件的提交人，未接收"
    remedy = "请由本人登录后再上传"


def _device(request: HttpRequest) -> str:
    device = request.headers.get("X-Field-Device", "")
    if not (8 <= len(device) <= 32 and device.isascii() and device.isalnum()):
        raise Invalid(_("设备编号无法识别"), code="field.device", remedy=_("请在手机上重新打开本应用"))
    return device.lower()


def _same_person(request: HttpRequest) -> None:
    if request.headers.get("X-Field-Account", "") != str(by_of(request).account_id):
        raise OtherPerson()


# --- the shell -----------------------------------------------------------------------------------


@ensure_csrf_cookie
@reading
def shell(request: HttpRequest) -> HttpResponse:
    """The empty application: nothing of any person in it, so that a phone may keep it."""
    return render(request, "field/shell.html", {"scripts": SCRIPTS, "styles": STYLES})


@lru_cache(maxsize=1)
def _version() -> str:
    """Changes whenever the shell or any of its files does."""
    mark = hashlib.sha256()
    for name in (*SCRIPTS, *STYLES, *PICTURES):
        found = finders.find(name)
        mark.update(Path(str(found)).read_bytes() if found else b"")
    source = get_template("field/shell.html").template.origin.name  # type: ignore[attr-defined]
    mark.update(Path(source).read_bytes())
    return mark.hexdigest()[:16]


@reading
def worker(request: HttpRequest) -> HttpResponse:
    """The service worker: keeps the shell, serves it without the net, touches nothing else."""
    files = [static(name) for name in (*SCRIPTS, *STYLES, *PICTURES)]
    return render(
        request,
        "field/sw.js",
        {
            "version": f"{_version()}-{request.LANGUAGE_CODE}",
            "files": json.dumps(["/field/", *files]),
        },
        content_type="text/javascript; charset=utf-8",
    )


# --- what it takes along ---------------------------------------------------------------------------


@require_GET
@reading
def now(request: HttpRequest) -> HttpResponse:
    """The server's time and who is logged in, for the clock's offset and before anything is sent."""
    return JsonResponse({"now": at_of(request).isoformat(), "account": by_of(request).account_id})


@require_GET
@reading
def data(request: HttpRequest) -> HttpResponse:
    """What this officer's phone takes along. That it was taken is on record."""
    by = by_of(request)
    organisations.require(by, Permission.CASE_ACT)
    device = _device(request)
    found = taken_along.bundle(device=device, by=by, at=at_of(request))
    looked(
        request,
        "field:download",
        f"account:{by.account_id}",
        device=device,
        dossiers=[c["id"] for c in found["cases"]],
    )
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


@require_GET
@reading
def key(request: HttpRequest) -> HttpResponse:
    """The key under which this person's things lie on this phone. The phone holds it until log-out and
    gets the same one at the next log-in, so that what was not yet sent can be read again by nobody else."""
    by = by_of(request)
    return JsonResponse(
        {"account": by.account_id, "key": fingerprint(f"field:{by.account_id}:{_device(request)}")}
    )


@require_POST
def card(request: HttpRequest) -> HttpResponse:
    """A fresh key for the changing code of the certificate."""
    _same_person(request)
    given = organisations.card_keys.card_key_give(
        device=_device(request), by=by_of(request), at=at_of(request)
    )
    return JsonResponse(
        {"id": given.key_id, "secret": given.secret.hex(), "until": given.valid_until.isoformat()}
    )


@require_POST
def reserve(request: HttpRequest) -> HttpResponse:
    _same_person(request)
    found = numbers.reserve(device=_device(request), by=by_of(request), at=at_of(request))
    return JsonResponse({"free": sum(len(b.free) for b in found)})


@require_POST
def hand_back(request: HttpRequest) -> HttpResponse:
    _same_person(request)
    count = numbers.hand_back(
        device=_device(request), reason=request.POST.get("reason", ""), by=by_of(request), at=at_of(request)
    )
    return JsonResponse({"voided": count})


@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Log out on this phone: its certificate code ends, then the session does."""
    by = by_of(request)
    if by.person_id is not None:
        organisations.card_keys.card_keys_end(
            person_id=by.person_id, device=_device(request), reason="退出登录", by=by, at=at_of(request)
        )
    logout(request)
    return JsonResponse({"left": True})


# --- what it sends -----------------------------------------------------------------------------------


@require_POST
def receive(request: HttpRequest) -> HttpResponse:
    """One item of the queue. Sent twice, it is one item and the answer is the same."""
    _same_person(request)
    if len(request.body) > items.LARGEST * 3:
        raise Invalid(_("提交内容过大"), code="field.too_large")
    try:
        text = request.body.decode("utf-8")
    except UnicodeDecodeError:
        raise Invalid(_("手机提交的内容无法识别"), code="field.unreadable") from None
    item = items.read(text)
    if item.device != _device(request):
        raise Invalid(_("设备编号与提交内容不符"), code="field.device")
    row = inbox.receive(item, by=by_of(request), at=at_of(request))
    return JsonResponse(answer(row), json_dumps_params={"ensure_ascii": False})


@require_GET
@reading
def state(request: HttpRequest, key: str) -> HttpResponse:
    """What became of an item, for a phone that lost the answer."""
    row = inbox.by_key(by_of(request), key)
    if row is None:
        raise NotFound()
    return JsonResponse(answer(row), json_dumps_params={"ensure_ascii": False})


def answer(row: Any) -> dict[str, Any]:
    outcome = inbox.outcome_of(row)
    detail = json.loads(outcome.detail) if outcome else {}
    return {
        "id": row.pk,
        "state": outcome.state if outcome else inbox.RECEIVED,
        "dossier": outcome.dossier_id if outcome else row.dossier_id,
        "message": detail.get("sentence", ""),
        "reasons": [r["sentence"] for r in detail.get("reasons", ())],
    }

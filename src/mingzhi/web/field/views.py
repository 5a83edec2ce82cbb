"""The field face's machine side: the shell and its worker, what a phone takes along, what it sends."""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
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
from pydantic import AwareDatetime, BaseModel, ConfigDict, Field, ValidationError

from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.errors import TerminalBarred
from mingzhi.web import tries
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


class FreshLogin(Conflict):
    code = "field.fresh_login"
    sentence = "须重新登录后才能取得本机密钥"
    remedy = "请重新登录"


_KEY_GIVEN = "field_key_given"
KEY_AGAIN = timedelta(minutes=2)
"""How long an answer that the net lost may be asked for again."""


def _device(request: HttpRequest) -> str:
    device = request.headers.get("X-Field-Device", "")
    if not (8 <= len(device) <= 32 and device.isascii() and device.isalnum()):
        raise Invalid(_("设备编号无法识别"), code="field.device", remedy=_("请在手机上重新打开本应用"))
    return device.lower()


def _same_person(request: HttpRequest) -> None:
    if request.headers.get("X-Field-Account", "") != str(by_of(request).account_id):
        raise OtherPerson()


def _terminal(request: HttpRequest) -> str:
    """The phone's key, if the register has it in this person's hands."""
    device = _device(request)
    recording.terminals.terminal_require(key=device, by=by_of(request))
    return device


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


CODE_TRIES = 8
"""Codes that one account may try in half an hour: eight of a hundred million."""


class Contact(BaseModel):
    """What a phone says of itself: its clock as it stands, and its battery and free room where it knows."""

    model_config = ConfigDict(extra="forbid")

    clock: AwareDatetime
    code: str = Field(default="", max_length=16)
    """The keeper's code for a phone that is not in the register yet."""
    battery: int | None = Field(default=None, ge=0, le=100)
    storage: int | None = Field(default=None, ge=0, le=100)


@require_POST
def enrol(request: HttpRequest) -> HttpResponse:
    """Contact: the phone is in the register and in this person's hands, and how its clock stands is noted.
    One that was suspended is logged out here, and its own side drops the key on this answer."""
    try:
        told = Contact.model_validate_json(request.body[:2000])
    except ValidationError:
        raise Invalid(_("手机提交的内容无法识别"), code="field.unreadable") from None
    code = "".join(told.code.split())
    if code:
        made = tries.counted("field.code", str(by_of(request).account_id), at=at_of(request), minutes=30)
        if made > CODE_TRIES:
            raise NotAllowed(
                _("登记码输入次数过多"),
                code="field.code_tries",
                remedy=_("请半小时后再试，或者联系设备管理人员"),
            )
    try:
        terminal = recording.terminals.terminal_enrol(
            key=_device(request),
            code=code,
            phone_at=told.clock,
            battery=told.battery,
            storage=told.storage,
            by=by_of(request),
            at=at_of(request),
        )
    except TerminalBarred:
        logout(request)
        raise
    return JsonResponse({"number": terminal.asset_number, "offset_s": terminal.offset_s})


@require_GET
@reading
def data(request: HttpRequest) -> HttpResponse:
    """What this officer's phone takes along. That it was taken is on record."""
    by = by_of(request)
    organisations.require(by, Permission.CASE_ACT)
    device = _terminal(request)
    found = taken_along.bundle(device=device, by=by, at=at_of(request))
    looked(
        request,
        "field:download",
        f"account:{by.account_id}",
        device=device,
        dossiers=[c["id"] for c in found["cases"]],
    )
    return JsonResponse(found, json_dumps_params={"ensure_ascii": False})


@require_POST
def key(request: HttpRequest) -> HttpResponse:
    """The key under which this person's things lie on this phone: once for a log-in, so that a phone left
    lying with a live session does not get round its own code. The same one at the next log-in, so that
    what was not yet sent can be read again by its owner and by nobody else."""
    by, at = by_of(request), at_of(request)
    device = _terminal(request)
    given = request.session.get(_KEY_GIVEN)
    if given is not None and at - datetime.fromisoformat(given) > KEY_AGAIN:
        raise FreshLogin()
    request.session.setdefault(_KEY_GIVEN, at.isoformat())
    return JsonResponse({"account": by.account_id, "key": fingerprint(f"field:{by.account_id}:{device}")})


@require_POST
def relogin(request: HttpRequest) -> HttpResponse:
    """The code of the phone was forgotten, or another person takes it: who they are is asked anew."""
    logout(request)
    return JsonResponse({"left": True})


@require_POST
def card(request: HttpRequest) -> HttpResponse:
    """A fresh key for the changing code of the certificate."""
    _same_person(request)
    given = organisations.card_keys.card_key_give(
        device=_terminal(request), by=by_of(request), at=at_of(request)
    )
    return JsonResponse(
        {"id": given.key_id, "secret": given.secret.hex(), "until": given.valid_until.isoformat()}
    )


@require_POST
def reserve(request: HttpRequest) -> HttpResponse:
    _same_person(request)
    found = numbers.reserve(device=_terminal(request), by=by_of(request), at=at_of(request))
    return JsonResponse({"free": sum(len(b.free) for b in found)})


@require_POST
def hand_back(request: HttpRequest) -> HttpResponse:
    _same_person(request)
    count = numbers.hand_back(
        device=_terminal(request), reason=request.POST.get("reason", ""), by=by_of(request), at=at_of(request)
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
        recording.terminals.terminal_leave(key=_device(request), by=by, at=at_of(request))
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
    if item.device != _terminal(request):
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

"""调阅: asking, answering, taking back; and who looks at what for what."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST, require_safe

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import AccessKind, Use
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, looked, reading
from mingzhi.web.desk.registers_common import LARGEST, attempted, day_or_none, given, number, shown

SHOWN = 50
_STATE_TONES = {
    "pending": "soon",
    "approved": "ok",
    "refused": "late",
    "expired": "neutral",
    "revoked": "neutral",
}
TABS = (("", gettext_noop("我的申请")), ("desk", gettext_noop("由我审批、监督的")))


def _enters(by: Actor) -> bool:
    return by.may(Permission.SUPERVISE_READ) or by.may(Permission.CASE_READ)


def _enter(by: Actor) -> None:
    if not _enters(by):
        organisations.require(by, Permission.CASE_READ)


def _answers(by: Actor) -> bool:
    return bool(
        by.permissions & {Permission.CASE_UNIT_CHECK, Permission.CASE_APPROVE, Permission.SUPERVISE_READ}
    )


@reading
def index(request: HttpRequest) -> HttpResponse:
    """Requests: one's own, and those one answers or supervises."""
    by, at = by_of(request), at_of(request)
    _enter(by)
    tab = "desk" if request.GET.get("tab") == "desk" and _answers(by) else ""
    before = number(given(request, "before", 20))
    rows = recording.custody_queries.access_requests(by, at, mine=not tab, before=before, limit=SHOWN + 1)
    here = reverse("desk:access")
    return shown(
        request,
        "desk/access/index.html",
        {
            "rows": [(r, _STATE_TONES[r.state]) for r in rows[:SHOWN]],
            "tabs": [
                {
                    "label": _(label),
                    "url": f"{here}?tab={key}" if key else here,
                    "here": key == tab,
                    "count": None,
                }
                for key, label in TABS
                if not key or _answers(by)
            ],
            "tab": tab,
            "next": f"{here}?tab={tab}&before={rows[SHOWN - 1].id}" if len(rows) > SHOWN else "",
            "may_count": _counts(by),
            "trail": [(_("调阅"), "")],
        },
    )


@forms
def ask(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """The form of a request for one record or the whole dossier of this case."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    record_id = number(given(request, "record", 20))
    kind = given(request, "kind", 12) or AccessKind.VIEW.value
    refused = None
    if request.method == "POST":
        found: list[Any] = []
        refused = attempted(
            request,
            lambda: found.append(
                recording.custody.access_request(
                    dossier_id=dossier.pk,
                    record_id=record_id,
                    kind=kind,
                    use=given(request, "use", 16),
                    reason=given(request, "reason", 300),
                    days=number(given(request, "days", 6)),
                    by=by,
                    at=at,
                )
            ),
            _("调阅申请已提交，批准后即可查阅"),
        )
        if refused is None:
            return HttpResponseRedirect(reverse("desk:access_request", args=[found[0].id]))
    records = recording.records(dossier.pk)
    return shown(
        request,
        "desk/access/ask.html",
        {
            "dossier": dossier,
            "records": records,
            "record_id": record_id,
            "kind": kind,
            "kinds": AccessKind.choices,
            "uses": [c for c in Use.choices if c[0] != Use.CASE or kind == AccessKind.ORIGINAL],
            "longest": recording.custody.LONGEST_DAYS,
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (_("申请调阅"), ""),
            ],
        },
        refused,
    )


def _one(request: HttpRequest, request_id: int, refused: Any = None) -> HttpResponse:
    view = recording.custody.access_read(
        request_id=min(request_id, LARGEST), by=by_of(request), at=at_of(request)
    )
    return shown(
        request,
        "desk/access/request.html",
        {
            "r": view,
            "tone": _STATE_TONES[view.state],
            "own": by_of(request).person_id == view.asked_by_id,
            "trail": [(_("调阅"), reverse("desk:access")), (view.number, "")],
        },
        refused,
    )


@require_safe
def page(request: HttpRequest, request_id: int) -> HttpResponse:
    """One request. Not ``reading``: who asked closes the to-do of the answer by reading it."""
    return _one(request, request_id)


@require_POST
def decide(request: HttpRequest, request_id: int) -> HttpResponse:
    approved = "approve" in request.POST
    refused = attempted(
        request,
        lambda: recording.custody.access_decide(
            request_id=min(request_id, LARGEST),
            approved=approved,
            reason=given(request, "reason", 300),
            days=number(given(request, "days", 6)) if approved else None,
            by=by_of(request),
            at=at_of(request),
        ),
        _("已批准调阅") if approved else _("已答复不予批准"),
    )
    return _after(request, request_id, refused)


@require_POST
def revoke(request: HttpRequest, request_id: int) -> HttpResponse:
    refused = attempted(
        request,
        lambda: recording.custody.access_revoke(
            request_id=min(request_id, LARGEST),
            reason=given(request, "reason", 300),
            by=by_of(request),
            at=at_of(request),
        ),
        _("调阅权限已收回"),
    )
    return _after(request, request_id, refused)


def _after(request: HttpRequest, request_id: int, refused: Any) -> HttpResponse:
    if refused is None:
        return HttpResponseRedirect(reverse("desk:access_request", args=[request_id]))
    if isinstance(refused.error, NotFound):
        raise refused.error
    return _one(request, request_id, refused)


# --- who looks at what for what --------------------------------------------------------------------


def _counts(by: Actor) -> bool:
    return by.may(Permission.ATTEMPTS_READ) or by.may(Permission.SUPERVISE_READ)


@reading
def statistics(request: HttpRequest) -> HttpResponse:
    """Looks in a period by use, by person and by object: the whole house for the audit administrator, the
    bodies in scope for supervisors (R098)."""
    by, at = by_of(request), at_of(request)
    if not _counts(by):
        organisations.require(by, Permission.ATTEMPTS_READ)
    today = clock.local_date(at)
    until = min(day_or_none(given(request, "until", 10)) or today, today)
    since = day_or_none(given(request, "since", 10)) or until - timedelta(days=29)
    since = max(min(since, until), until - timedelta(days=365))
    whole = by.may(Permission.ATTEMPTS_READ)
    scope = organisations.in_scope(by, Permission.SUPERVISE_READ)
    bodies = None if whole else [b.id for b in organisations.bodies() if scope.covers(b.id, b.path)]
    found = recording.custody_queries.looks_counted(
        since=clock.at_local(since, 0), until=clock.at_local(until + timedelta(days=1), 0), body_ids=bodies
    )
    looked(request, "access:counted", f"body:{by.body_id}", since=since.isoformat(), until=until.isoformat())
    people = organisations.persons(
        int(name.removeprefix("person:")) for name, *_rest in found["by"] if name.startswith("person:")
    )
    uses = dict(Use.choices)
    return shown(
        request,
        "desk/access/statistics.html",
        {
            "since": since,
            "until": until,
            "whole": whole,
            "by_use": [(uses.get(name) or _("未分类"), done, no) for name, done, no in found["use"]],
            "by_person": [(_person(name, people), done, no) for name, done, no in found["by"]],
            "by_object": _objects(found["subject"]),
            "total": sum(done for _name, done, _no in found["use"]),
            "trail": [(_("调阅"), reverse("desk:access") if _enters(by) else ""), (_("调阅统计"), "")],
        },
    )


def _person(label: str, people: dict[int, Any]) -> dict[str, str]:
    known = people.get(int(label[7:])) if label.startswith("person:") and label[7:].isdecimal() else None
    return {"name": known.name, "unit": known.unit_name} if known else {"name": label, "unit": ""}


def _objects(rows: list[tuple[str, int, int]]) -> list[dict[str, Any]]:
    """The objects most looked at, by kind and number; who may see the object opens it by its chain."""
    titles = {"record": _("记录"), "paper": _("文书")}
    found = []
    for subject, done, refused in rows[:50]:
        kind, _sep, ref = subject.partition(":")
        found.append({"what": f"{titles.get(kind, kind)} {ref}", "done": done, "refused": refused})
    return found

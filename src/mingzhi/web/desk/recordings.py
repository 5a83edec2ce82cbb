"""音像记录: what has still to come, what is late, how the units stand, and answers to excuses."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines.data import Chip
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import DutyState
from mingzhi.recording.data import ExcuseView, UnitCoverage
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, reading
from mingzhi.web.desk.registers_common import Refused, answered, attempted, day_or_none, given, shown, today

SECTIONS = (
    ("recordings", gettext_noop("待上传与逾期")),
    ("recording_coverage", gettext_noop("记录覆盖")),
    ("devices", gettext_noop("执法设备")),
    ("rooms", gettext_noop("办案场所")),
    ("guides", gettext_noop("用语与示范")),
)
ENTER = frozenset(
    {
        Permission.CASE_READ,
        Permission.CASE_ACT,
        Permission.DEVICE_MANAGE,
        Permission.STATISTICS_READ,
        Permission.SUPERVISE_READ,
    }
)
_STATISTICS = frozenset({Permission.CASE_READ, Permission.STATISTICS_READ, Permission.SUPERVISE_READ})
#: The order in which states are shown, with the tone of each.
TONES = {
    DutyState.MET: "ok",
    DutyState.LATE: "soon",
    DutyState.EXCUSED: "info",
    DutyState.WAITING: "neutral",
    DutyState.MISSING: "late",
}


def enter(by: Actor) -> None:
    """Leave to be in these rooms at all; each page asks for more where it shows more."""
    if not by.permissions & ENTER:
        organisations.require(by, Permission.CASE_READ)


def sections(by: Actor, here: str) -> list[dict[str, Any]]:
    """The tabs a person may open."""
    hidden = set() if Permission.CASE_READ in by.permissions else {"recordings"}
    if not by.permissions & _STATISTICS:
        hidden.add("recording_coverage")
    return [
        {"label": _(label), "url": reverse(f"desk:{name}"), "here": name == here, "count": None}
        for name, label in SECTIONS
        if name not in hidden
    ]


def hours_chip(due_at: datetime, citation: str, at: datetime) -> Chip:
    """剩 5 小时 / 逾期 3 小时, with the rule behind it."""
    left = int((due_at - at).total_seconds())
    title = _("应于 %(when)s 前上传") % {"when": clock.local(due_at).strftime("%Y-%m-%d %H:%M")}
    title = f"{title}（{citation}）" if citation else title
    hours, minutes = divmod(abs(left) // 60, 60)
    span = _("%(n)d 小时") % {"n": hours} if hours else _("%(n)d 分钟") % {"n": minutes}
    if left < 0:
        return Chip(_("逾期 %(span)s") % {"span": span}, "late", title)
    return Chip(_("剩 %(span)s") % {"span": span}, "today" if hours < 4 else "soon", title)


def act_labels(body_id: int, on: date) -> dict[str, str]:
    """Act code → its name on the body's recording list."""
    rules = catalogue.recording_list(body=organisations.body(body_id), on=on)
    return {rule.act: rule.label or rule.act for rule in rules}


def due_lines(own: Mapping[int, str], at: datetime, body_id: int) -> list[dict[str, Any]]:
    """What is due on a person's own dossiers (id → title), for the workbench."""
    due = recording.due_on(dossier_ids=list(own), at=at)
    labels = act_labels(body_id, clock.local_date(at)) if due else {}
    return [
        {
            "act": labels.get(d.act, d.act),
            "title": own[d.dossier_id],
            "chip": hours_chip(d.due_at, d.citation, at),
            "url": case_url(d.dossier_id, "evidence", "upload"),
            "late": d.late,
        }
        for d in due
    ]


@reading
def page(request: HttpRequest) -> HttpResponse:
    """What has still to come and what came late, longest due first; excuses that wait for me."""
    by, at = by_of(request), at_of(request)
    enter(by)
    if Permission.CASE_READ not in by.permissions:
        # Who keeps the devices or reads figures sees no cases: the first page that is theirs.
        return HttpResponseRedirect(sections(by, "")[0]["url"])
    unit = None if _whole_body(by) else by.unit_id
    wanted = given(request, "state", 12)
    states = [wanted] if wanted in DutyState.values else [DutyState.WAITING, DutyState.MISSING]
    since = at - timedelta(days=366)
    rows = recording.duties(
        body_ids=[by.body_id], since=since, until=at + timedelta(days=1), states=states, at=at, unit_id=unit
    )
    labels = act_labels(by.body_id, today(request))
    may_answer = bool(by.permissions & recording.APPROVERS)
    return shown(
        request,
        "desk/recordings/due.html",
        {
            "sections": sections(by, "recordings"),
            "rows": [
                {
                    "duty": d,
                    "act": labels.get(d.act, d.act),
                    "chip": hours_chip(d.due_at, "", at) if d.state in _OPEN else None,
                    "tone": TONES[d.state],
                    "url": case_url(d.dossier_id, "evidence", "due"),
                }
                for d in rows
            ],
            "states": [(s.value, s.label) for s in DutyState],
            "wanted": wanted,
            "whole_body": unit is None,
            "excuses": _waiting(by, labels) if may_answer else [],
            "trail": [(_("音像记录"), "")],
        },
    )


_OPEN = frozenset({DutyState.WAITING, DutyState.MISSING})


def _whole_body(by: Actor) -> bool:
    return bool(
        by.permissions & {Permission.CASE_APPROVE, Permission.STATISTICS_READ, Permission.SUPERVISE_READ}
    )


def _waiting(by: Actor, labels: dict[str, str]) -> list[dict[str, Any]]:
    views = recording.excuses_waiting(by)
    seen = dict(
        dossiers.dossiers_among(by, {v.dossier_id for v in views}).order_by().values_list("pk", "number")
    )
    return [
        {"excuse": v, "act": labels.get(v.act, v.act), "number": seen[v.dossier_id], "by": asker(v)}
        for v in views
        if v.dossier_id in seen
    ]


def asker(view: ExcuseView) -> str:
    """The name of who asked."""
    kind, _sep, ref = view.asked_by.partition(":")
    if kind != "person" or not ref.isdigit():
        return _("系统")
    found = organisations.persons([int(ref)]).get(int(ref))
    return found.name if found is not None else view.asked_by


@forms
def excuse(request: HttpRequest, excuse_id: int) -> HttpResponse:
    """One excuse, and the answer to it."""
    by = by_of(request)
    view = recording.one_excuse(excuse_id)
    dossier = dossiers.access_dossier(by, view.dossier_id)
    if request.method == "POST":
        approved = given(request, "answer", 8) == "approve"
        refused = attempted(
            request,
            lambda: recording.decide_excuse(
                excuse_id=excuse_id,
                approved=approved,
                opinion=given(request, "opinion", 300),
                by=by,
                at=at_of(request),
            ),
            _("已批准") if approved else _("已退回，申请人可以重新说明"),
        )
        return answered(
            request,
            refused,
            case_url(view.dossier_id, "evidence", "coverage"),
            lambda r: _excuse(request, view, dossier, r),
        )
    return _excuse(request, view, dossier)


def _excuse(
    request: HttpRequest, view: ExcuseView, dossier: Any, refused: Refused | None = None
) -> HttpResponse:
    by = by_of(request)
    rule = catalogue.recording_rule(
        body=organisations.body(dossier.body_id), act=view.act, on=clock.local_date(view.at)
    )
    return shown(
        request,
        "desk/recordings/excuse.html",
        {
            "excuse": view,
            "dossier": dossier,
            "rule": rule,
            "asked_by": asker(view),
            "url": case_url(dossier.pk, "evidence", "coverage"),
            "may_answer": view.waiting
            and dossier.body_id == by.body_id
            and bool(by.permissions & recording.APPROVERS),
            "trail": [
                (_("音像记录"), reverse("desk:recordings")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (_("审批说明"), ""),
            ],
        },
        refused,
    )


# --- coverage -------------------------------------------------------------------------------------


@reading
def coverage(request: HttpRequest) -> HttpResponse:
    """Per unit: expected, in time, late, excused, missing; as figures and as a picture."""
    by, at = by_of(request), at_of(request)
    if not by.permissions & _STATISTICS:
        organisations.require(by, Permission.STATISTICS_READ)
    now = today(request)
    first = day_or_none(given(request, "since", 10)) or now.replace(month=1, day=1)
    last = day_or_none(given(request, "until", 10)) or now
    if last < first:
        first, last = last, first
    units = recording.unit_coverage(
        body_ids=_bodies(by),
        since=clock.at_local(first),
        until=clock.at_local(last + timedelta(days=1)),
        at=at,
    )
    counts: dict[DutyState, int] = {}
    for unit in units:
        for state, number in unit.counts.items():
            counts[state] = counts.get(state, 0) + number
    total = UnitCoverage(0, _("合计"), counts)
    return shown(
        request,
        "desk/recordings/coverage.html",
        {
            "sections": sections(by, "recording_coverage"),
            "since": first,
            "until": last,
            "units": [_figures(u) for u in units],
            "total": _figures(total) if units else None,
            "states": [(s.label, TONES[s]) for s in TONES],
            "bars": _bars(units),
            "chart_height": 4 + ROW * len(units),
            "trail": [(_("音像记录"), reverse("desk:recordings")), (_("记录覆盖"), "")],
        },
    )


def _bodies(by: Actor) -> list[int]:
    scope = organisations.in_scope(by, Permission.STATISTICS_READ)
    found = [b.id for b in organisations.bodies() if scope.covers(b.id, b.path)]
    return found or [by.body_id]


def _figures(unit: UnitCoverage) -> dict[str, Any]:
    return {
        "name": unit.name,
        "expected": unit.expected,
        "counts": [unit.count(s) for s in TONES],
        "percent": unit.met_percent,
    }


#: Geometry of the chart: a name above its bar, what is measured across in per cent, down in pixels.
WIDTH, ROW = 88.0, 48


def _bars(units: list[UnitCoverage]) -> list[dict[str, Any]]:
    """One bar per unit, its parts proportional to the counts; the longest bar fills the width."""
    most = max((u.expected for u in units), default=0) or 1
    bars = []
    for index, unit in enumerate(units):
        x, parts = 0.0, []
        for state, tone in TONES.items():
            count = unit.count(state)
            width = round(WIDTH * count / most, 1)
            if count:
                parts.append({"x": x, "width": width, "tone": tone, "count": count, "label": state.label})
            x = round(x + width, 1)
        y = 22 + ROW * index
        bars.append(
            {
                "name": unit.name,
                "y": y,
                "name_y": y - 6,
                "text_y": y + 16,
                "parts": parts,
                "end": x,
                "expected": unit.expected,
            }
        )
    return bars

"""法制审核台: the queue of rounds, one matter's whole review, and how the work stands."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Chip, DeadlineView
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.review import api as review
from mingzhi.review import choices
from mingzhi.web.desk.common import at_of, by_of, case_url, looked, reading
from mingzhi.web.desk.registers_common import Refused, asked_year, given, shown, today
from mingzhi.web.desk.review_advisers import consulting

TERM = "review.term.opinion"
LIMIT = 200

#: Tabs of the queue, each with the states it holds and the steps its rows wait for, the awaited one first.
TABS: tuple[tuple[str, tuple[str, ...], tuple[str, ...]], ...] = (
    ("submitted", (choices.ReviewState.SUBMITTED,), ("review_accept",)),
    ("accepted", (choices.ReviewState.ACCEPTED,), ("review_opine", "review_reassign", "review_extend")),
    ("disputed", (choices.ReviewState.DISPUTED,), ("review_coordinate",)),
    ("returned", (choices.ReviewState.RETURNED,), ()),
    ("opined", (choices.ReviewState.OPINED,), ()),
)


def _labels() -> dict[str, str]:
    return {
        "submitted": _("待收件"),
        "accepted": _("审核中"),
        "disputed": _("分歧"),
        "returned": _("退回补充"),
        "opined": _("已出具"),
    }


def _verbs() -> dict[str, str]:
    return {
        "review_accept": _("收件"),
        "review_opine": _("出具意见"),
        "review_reassign": _("改派"),
        "review_extend": _("延长期限"),
        "review_coordinate": _("协调"),
    }


def _first_tab(by: Actor) -> str:
    """Where this person's own work lies: receiving, opining, or settling what officials differ on."""
    if by.may(Permission.REVIEW_ASSIGN):
        return "submitted"
    return "accepted" if by.may(Permission.REVIEW_OPINE) else "disputed"


@reading
def queue(request: HttpRequest) -> HttpResponse:
    """The rounds of the person's body by state, soonest due first; for reviewers, and for the leaders
    who extend a review's term and settle its disagreements."""
    by, at = by_of(request), at_of(request)
    rows = review.review_queue(by)
    tab = given(request, "tab", 12)
    chosen = next((t for t in TABS if t[0] == tab), None) or next(t for t in TABS if t[0] == _first_tab(by))
    counts = {key: rows.filter(state__in=states).count() for key, states, _steps in TABS if key != "opined"}
    found = rows.filter(state__in=chosen[1])
    reviews = by.may(Permission.REVIEW_OPINE)
    mine = reviews and given(request, "mine", 1) == "1"
    if mine:
        found = found.filter(reviewer_id=by.person_id)
    if chosen[0] == "opined":
        found = found.order_by("-submitted_at")
    shown = list(found[:LIMIT])
    clocks = deadlines.running_for([r.dossier_id for r in shown], at) if shown else {}
    year = asked_year(request) or today(request).year
    labels, verbs = _labels(), _verbs()
    return render(
        request,
        "desk/registers/review_queue.html",
        {
            "may_try": bool(by.permissions & review.TRIAL_PERMISSIONS),
            "lines": [
                {
                    "row": r,
                    "chip": _chip(clocks.get(r.dossier_id, ()), at),
                    "url": reverse("desk:review_matter", args=[r.dossier_id]),
                    "case_url": case_url(r.dossier_id, "review"),
                    "steps": [
                        {
                            "label": verbs[verb],
                            "url": reverse("desk:step", args=[r.dossier_id, verb]),
                            "awaited": verb == chosen[2][0],
                        }
                        for verb in chosen[2]
                        if _mine(by, verb, r)
                    ],
                }
                for r in shown
            ],
            "tabs": [
                {
                    "label": labels[key],
                    "url": f"?tab={key}",
                    "here": key == chosen[0],
                    "count": counts.get(key),
                }
                for key, _states, _steps in TABS
            ],
            "tab": chosen[0],
            "reviews": reviews,
            "mine": mine,
            "figures": figures(by, year),
            "year": year,
            "staffing": review.staffing_sum(organisations.body(by.body_id), today(request)),
            "unit": _unit_name(by.body_id),
            "trail": [(_("法制审核"), "")],
        },
    )


def _unit_name(body_id: int) -> str:
    try:
        return organisations.review_unit(body_id).name
    except NotFound:
        return ""


def _mine(by: Actor, verb: str, row: Any) -> bool:
    if verb in ("review_accept", "review_reassign"):
        return by.may(Permission.REVIEW_ASSIGN)
    if verb in ("review_coordinate", "review_extend"):
        return by.may(Permission.CASE_DEPUTY_APPROVE)
    return by.may(Permission.REVIEW_OPINE) and row.reviewer_id == by.person_id


def _chip(views: Iterable[DeadlineView], at: Any) -> Chip | None:
    found = [v for v in views if v.norm == TERM]
    return deadlines.chip(found[0], at) if found else None


def figures(by: Actor, year: int) -> dict[str, Any]:
    """Of the year's rounds and major decisions of this body: how many, how quickly, how often with problems."""
    since, until = clock.at_local(date(year, 1, 1)), clock.at_local(date(year + 1, 1, 1))
    found = review.total(review.indicators(body_ids=[by.body_id], since=since, until=until))
    days = found.average_days
    return {
        "rounds": found.submitted,
        "opined": found.opined,
        "days": f"{days:.1f}" if days is not None else "",
        "problems": found.problems,
        "problem_rate": f"{found.problems * 100 / found.opined:.1f}%" if found.opined else "",
        "decided": found.major,
        "covered": found.covered,
        "coverage": f"{found.covered * 100 / found.major:.1f}%" if found.major else "",
    }


@reading
def matter(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """Every round of one matter: what was sent, why it had to be, what was said, where opinions differed."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    found = matter_page(request, dossier)
    looked(request, "review:looked", f"dossier:{dossier.pk}")
    return found


def matter_page(
    request: HttpRequest, dossier: dossiers.Dossier, refused: Refused | None = None
) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    rounds = review.review_rounds(dossier.pk)
    if not rounds:
        raise NotFound(
            _("本案没有送交法制审核的记录"), remedy=_("属于重大执法决定的，请在案件页面提交法制审核")
        )
    body = organisations.body(dossier.body_id)
    checks = {
        row["code"]: row["label"]
        for row in catalogue.norm("review.checks", body=body, on=today(request)).value or ()
    }
    verbs = {
        "review_accept",
        "review_return",
        "review_reassign",
        "review_opine",
        "review_extend",
        "review_dissent",
        "review_coordinate",
    }
    options = [o for o in procedures.options(dossier, by=by, at=at) if o.verb in verbs and o.mine]
    results = dict(choices.CheckResult.choices)
    return shown(
        request,
        "desk/registers/review_matter.html",
        {
            **consulting(dossier.pk, rounds, by, today(request)),
            "dossier": dossier,
            "rounds": [
                {
                    "row": r,
                    "materials": r.materials,
                    "opinions": [
                        {
                            "o": o,
                            "checks": [
                                {
                                    "label": c.get("label")
                                    or checks.get(c.get("code", ""), c.get("code", "")),
                                    "result": results.get(c.get("result", ""), c.get("result", "")),
                                    "tone": {"pass": "ok", "problem": "late"}.get(c.get("result", ""), ""),
                                    "note": c.get("note", "") or c.get("opinion", ""),
                                }
                                for c in o.checks
                            ],
                        }
                        for o in r.opinions
                    ],
                }
                for r in reversed(rounds)
            ],
            "seats": review.review_standing(dossier.pk).seats,
            "chip": _chip(deadlines.running(dossier.pk, at), at),
            "terms": [
                {"view": v, "chip": deadlines.chip(v, at)}
                for v in deadlines.of_dossier(dossier.pk, at)
                if v.norm.startswith("review.")
            ],
            "options": [{"o": o, "url": reverse("desk:step", args=[dossier.pk, o.verb])} for o in options],
            "case_url": case_url(dossier.pk, "review"),
            "trail": [(_("法制审核"), reverse("desk:review")), (dossier.number, "")],
        },
        refused,
    )

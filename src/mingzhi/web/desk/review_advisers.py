"""法律顾问、公职律师: the pool, asking one on a round, and the adviser's own page."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review import api as review
from mingzhi.review.choices import AdviserKind, ReviewState
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    submitted,
    today,
)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _enter(by: Actor) -> None:
    if not any(by.may(p) for p in (Permission.REVIEW_ASSIGN, Permission.CASE_DEPUTY_APPROVE)):
        organisations.require(by, Permission.REVIEW_OPINE)


@forms
def advisers(request: HttpRequest) -> HttpResponse:
    """The register of the body's own advisers, and those whom the bodies of the same government share."""
    by = by_of(request)
    _enter(by)
    if request.method != "POST":
        return _pool(request)
    acts = {
        "register": (partial(_register, request), _("已登记")),
        "end": (partial(_end, request), _("已登记解聘")),
    }
    return submitted(request, acts, reverse("desk:review_advisers"), partial(_pool, request))


def _pool(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    return shown(
        request,
        "desk/registers/advisers.html",
        {
            "pool": review.adviser_pool(by, on),
            "people": organisations.people(by.body_id, on=on) if by.may(Permission.REVIEW_ASSIGN) else [],
            "kinds": AdviserKind.choices,
            "may_manage": by.may(Permission.REVIEW_ASSIGN),
            "trail": [(_("法制审核"), reverse("desk:review")), (_("法律顾问、公职律师"), "")],
        },
        refused,
    )


def _register(request: HttpRequest) -> None:
    review.adviser_register(
        person_id=number(given(request, "person_id", 19)) or 0,
        kind=given(request, "kind", 16),
        employer=given(request, "employer", 121),
        licence=given(request, "licence", 61),
        fields=given(request, "fields", 200),
        term_from=day_or_none(given(request, "term_from", 10)),
        term_until=day_or_none(given(request, "term_until", 10)),
        shared="shared" in request.POST,
        **_who(request),
    )


def _end(request: HttpRequest) -> None:
    review.adviser_end(
        adviser_id=number(given(request, "adviser_id", 19)) or 0,
        reason=given(request, "reason", 200),
        **_who(request),
    )


def consulting(dossier_id: int, rounds: list[Any], by: Actor, on: Any) -> dict[str, Any]:
    """What a matter's review page shows of advisers: questions and answers, and whom may be asked now."""
    last = rounds[-1] if rounds else None
    may_ask = (
        last is not None
        and last.state == ReviewState.ACCEPTED
        and (last.reviewer_id == by.person_id or by.may(Permission.REVIEW_ASSIGN))
    )
    asked = review.consultations(dossier_id)
    taken = {a.adviser_name for a in asked if last is not None and a.review_id == last.id}
    return {
        "consultations": asked,
        "may_ask": may_ask,
        "pool": [a for a in review.adviser_pool(by, on) if a.in_office and a.name not in taken]
        if may_ask
        else [],
    }


@require_POST
def ask(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """提请咨询 from the matter's review page; a refusal is shown there."""
    from mingzhi.web.desk.registers_review import matter_page

    by = by_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    refused = attempted(
        request,
        lambda: review.advice_ask(
            dossier_id=dossier.pk,
            adviser_id=number(given(request, "adviser_id", 19)) or 0,
            question=given(request, "question", 2001),
            **_who(request),
        ),
        _("已提请咨询"),
    )
    to = reverse("desk:review_matter", args=[dossier.pk])
    return answered(request, refused, f"{to}#advice", lambda r: matter_page(request, dossier, r))


@reading
def mine(request: HttpRequest) -> HttpResponse:
    """What this adviser was asked."""
    return shown(
        request,
        "desk/registers/advice_mine.html",
        {"asked": review.consultations_mine(by_of(request)), "trail": [(_("法律咨询"), "")]},
    )


@forms
def advice(request: HttpRequest, consultation_id: int) -> HttpResponse:
    """One question with the matter as far as it must be known, and the adviser's answer."""
    by = by_of(request)
    if request.method != "POST":
        looked(request, "review:advice:looked", f"consultation:{consultation_id}")
        return _advice(request, consultation_id)
    refused = attempted(
        request,
        lambda: review.advice_give(
            consultation_id=consultation_id,
            recused=given(request, "stand", 8) == "recused",
            text=given(request, "text", 6001),
            **_who(request),
        ),
        _("法律意见已提交"),
    )
    to = reverse("desk:review_advice", args=[consultation_id])
    review.consultation_mine(by, consultation_id)
    return answered(request, refused, to, lambda r: _advice(request, consultation_id, r))


def _advice(request: HttpRequest, consultation_id: int, refused: Refused | None = None) -> HttpResponse:
    found = review.consultation_mine(by_of(request), consultation_id)
    return shown(
        request,
        "desk/registers/advice.html",
        {
            "asked": found,
            "trail": [(_("法律咨询"), reverse("desk:review_advice_mine")), (found.matter, "")],
        },
        refused,
    )

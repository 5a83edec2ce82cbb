"""Matters for review by their guards: every body asked or none, signing and revising exclude one another."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import transaction

from mingzhi.cases.matters import effects
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.models import Dossier
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.review import api as review
from mingzhi.review.models import Review, Seat
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.review_room import Joint
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def joint(module_bureau: Bureau) -> Joint:
    return Joint(Bureau(module_bureau.body_id, module_bureau.accounts), MONDAY)


def reviewed(joint: Joint) -> tuple[int, int]:
    """Agreed by both bodies; the leading file and the other body's own."""
    own = joint.prepared()
    joint.submit(own)
    (seat,) = review.review_standing(own).seats
    for dossier_id, head, reviewer in (
        (own, "reviewhead", "reviewer"),
        (seat.own_id, "otherreviewhead", "otherreviewer"),
    ):
        joint.accept(dossier_id, head, reviewer)
        joint.agree(dossier_id, reviewer)
    return own, seat.own_id


def test_every_body_is_asked_or_none_when_the_submission_dies_on_its_way(
    joint: Joint, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = joint.prepared()
    before = Dossier.objects.count()
    ask = review.review_request

    def dies(**given: Any) -> int:
        if given["dossier_id"] != own:
            raise OSError("the process died")
        return ask(**given)

    monkeypatch.setattr(review, "review_request", dies)
    with pytest.raises(OSError):
        joint.submit(own)
    assert Dossier.objects.count() == before and not Seat.objects.filter(dossier_id=own).exists()
    assert not Review.objects.filter(dossier_id=own).exists()
    monkeypatch.undo()
    joint.submit(own)
    now = review.review_standing(own)
    assert now.own is not None and [s.review is not None for s in now.seats] == [True]


def judged(joint: Joint, dossier_id: int, verb: str, who: str) -> procedures.Context:
    """A step as it stands between its judging and its writing: open, and everything looked at."""
    by = joint.bureau.actor(who, joint.at)
    ctx = procedures.form_context(dossiers.access_dossier(by, dossier_id), verb, by=by, at=joint.at)
    assert not procedures.standing_reasons(ctx), verb
    return ctx


def test_who_signs_and_who_revises_at_the_same_moment_do_not_both_succeed(joint: Joint) -> None:
    own, other = reviewed(joint)
    revising = judged(joint, own, "revise", "officer1")
    joint.step(other, "countersign", "otherleader", opinion="同意会签。")
    with pytest.raises(GuardsUnmet) as refusal, transaction.atomic():
        effects.outdate(revising)
    assert {r.code for r in refusal.value.reasons} == {"MAT.signed"}
    assert review.review_standing(own).passed, "nothing was superseded"

    own, other = reviewed(joint)
    signing = judged(joint, other, "countersign", "otherleader")
    joint.step(
        own,
        "revise",
        "officer1",
        reason="再作修改",
        proposal="改为责令改正。",
        draft=[joint.paper(own, "修改稿")],
    )
    with pytest.raises(GuardsUnmet) as refusal, transaction.atomic():
        effects.signed(signing)
    assert {r.code for r in refusal.value.reasons} == {"G6.review"}

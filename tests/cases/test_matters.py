"""Matters for review by their guards: every body asked or none, signing and revising exclude one another."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import transaction

from mingzhi.cases.matters import effects
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers import archive, jobs
from mingzhi.dossiers.models import Dossier, Making
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.publication import api as publication
from mingzhi.publication import preparing
from mingzhi.publication.data import DecisionSnapshot
from mingzhi.publication.models import Disclosure
from mingzhi.review import api as review
from mingzhi.review.models import Review, Seat
from mingzhi.tasks.models import Task
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.review_room import Joint
from tests.cases.staging import holding
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


# --- archiving --------------------------------------------------------------------------------------------


def lacks(joint: Joint, dossier_id: int, verb: str, who: str, **facts: Any) -> set[str]:
    """Why the step is refused; nothing is taken."""
    by = joint.bureau.actor(who, joint.at)
    with pytest.raises(GuardsUnmet) as refusal:
        procedures.advance(dossier_id, verb, by=by, at=joint.at, facts=facts)
    return {r.code for r in refusal.value.reasons}


def decided_kinds(joint: Joint, own: int) -> list[str]:
    """The first kind within the matter's act; the last, which is carried out later, where it is coercion."""
    known = joint.options(own, "matter_decide", "leader", "decided_kinds")
    return ["substitute"] if "substitute" in known else known[:1]


def decided(joint: Joint) -> tuple[int, int]:
    own, other = reviewed(joint)
    joint.step(other, "countersign", "otherleader", opinion="同意会签。")
    today = joint.at.date().isoformat()
    joint.step(
        own, "matter_decide", "leader",
        decided_on=today, number="示例决〔2026〕1号", opinion="同意。", kinds=decided_kinds(joint, own),
        content="三日内清除，逾期代履行。",
    )  # fmt: skip
    return own, other


def test_a_decided_matter_is_archived_with_its_papers_and_stays_decided(joint: Joint) -> None:
    own, _ = decided(joint)
    opinion = next(p for p in documents.papers(own) if p.template == "P12OG")
    with transaction.atomic():  # a paper that was voided and not made anew
        documents.void(
            paper_id=opinion.id, reason="印错", by=joint.bureau.actor("reviewer", joint.at), at=joint.at
        )
        assert lacks(joint, own, "archive", "archivist", importance="important") == {"ARC.paper.P12OG"}
        transaction.set_rollback(True)

    waiting = Dossier.objects.filter(procedures.stands_untaken("archive"), pk=own)
    assert waiting.exists()
    joint.step(own, "archive", "archivist", importance="important")
    assert Dossier.objects.get(pk=own).state == "decided" and not waiting.exists()
    assert lacks(joint, own, "archive", "archivist", importance="important") >= {"ARC.done"}

    jobs.making(Making.objects.get(dossier_id=own, kind="seal").pk, at=joint.at)
    titles = [line.item.title for line in archive.sealed_index(own)[1]]
    assert any("审核意见书" in t for t in titles) and "拟作出的决定书文本" in titles, titles
    joint.step(own, "hand_in", "officer1", paper=False)
    assert Task.objects.filter(dossier_id=own, kind="archive.take_in", closed_at=None).exists()


def test_a_joint_decision_is_disclosed_once_by_the_leading_body_and_says_who_decided(joint: Joint) -> None:
    own, other = decided(joint)
    (told,) = publication.disclosure_status(own)
    assert publication.disclosure_status(other) == []
    text = preparing.load(Disclosure.objects.get(pk=told.id).snapshots.get().content)
    assert isinstance(text, DecisionSnapshot)
    lead, theirs = (Dossier.objects.get(pk=pk).body for pk in (own, other))
    assert (text.agency, text.decided_by) == (lead.name, f"{lead.name}、{theirs.name}")


def test_each_body_archives_its_own_review_and_what_was_given_up_needs_no_decision(joint: Joint) -> None:
    own, other = decided(joint)
    archivist = holding(joint.bureau.actor("otherleader", joint.at), Permission.DOSSIER_ARCHIVE)
    taken = procedures.advance(other, "archive", by=archivist, at=joint.at, facts={"importance": "important"})
    assert taken.to_state == "signed", "the leading file still reads that it was signed"
    assert review.review_standing(own).seats[0].own_state == "signed"

    given_up = joint.prepared()
    assert "archive" not in {o.verb for o in options(joint, given_up, "archivist")}, "not before it ended"
    joint.step(given_up, "stop", "head", reason="当事人已自行清除。")
    joint.step(given_up, "archive", "archivist", importance="important")
    assert Dossier.objects.get(pk=given_up).state == "stopped"


def options(joint: Joint, dossier_id: int, who: str) -> list[Any]:
    by = joint.bureau.actor(who, joint.at)
    return procedures.options(dossiers.access_dossier(by, dossier_id), by=by, at=joint.at)


# --- who may, and giving up ---------------------------------------------------------------------------------


def test_a_matter_is_given_up_after_one_body_signed_and_that_body_closes_its_own(joint: Joint) -> None:
    own, other = reviewed(joint)
    joint.step(other, "countersign", "otherleader", opinion="同意会签。")
    assert lacks(joint, own, "revise", "officer1", reason="再作修改", proposal="改为责令改正。") >= {
        "MAT.signed"
    }
    joint.step(own, "stop", "head", reason="当事人已自行清除。")
    assert Dossier.objects.get(pk=own).state == "stopped"
    assert Task.objects.filter(dossier_id=other, kind="review.end", closed_at=None).exists()
    joint.step(other, "withdrawn", "otherreviewhead")
    assert Dossier.objects.get(pk=other).state == "withdrawn"
    told = review.departures(
        by=joint.bureau.actor("leader", joint.at), since=MONDAY, until=joint.at + timedelta(days=1)
    )
    assert not told, "given up is not changed behind the reviewer's back"


def test_who_reviewed_does_not_countersign(joint: Joint) -> None:
    _, other = reviewed(joint)
    both = holding(joint.bureau.actor("otherreviewer", joint.at), Permission.CASE_APPROVE)
    with pytest.raises(GuardsUnmet) as refusal:
        procedures.advance(other, "countersign", by=both, at=joint.at, facts={"opinion": "同意会签。"})
    assert {r.code for r in refusal.value.reasons} == {"sod.capacities"}


def test_nobody_of_another_body_is_named_in_a_step(joint: Joint) -> None:
    own = joint.prepared()
    joint.submit(own)
    stranger = joint.bureau.person("otherreviewer", joint.at)
    assert lacks(joint, own, "review_accept", "reviewhead", reviewer=stranger) == {"people.foreign"}
    assert stranger not in {m.person_id for m in dossiers.members(own, active=False)}

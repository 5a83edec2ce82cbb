"""送达: each mode's deemed date and proofs, both sides (domain §2.5, §10 errors 6, 7, 32)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.documents import api as documents
from mingzhi.documents.data import ServiceFacts
from mingzhi.documents.errors import NotServed, PaperFixed
from mingzhi.documents.models import Service
from mingzhi.kernel.clock import CHINA
from tests.documents.conftest import AT, DECISION

DAY = date(2026, 11, 16)
LATER = AT + timedelta(days=10)
PARTY = "示例一号运输有限公司"

GOOD = {
    "direct": ServiceFacts(on=DAY, recipient=PARTY, signer="王某某", relation="法定代表人", officers=("张某某", "李某某")),
    "leave": ServiceFacts(on=DAY, recipient=PARTY, officers=("张某某",), refused_reason="拒绝签收", witnesses=("赵某某（某某社区）",)),
    "electronic": ServiceFacts(
        on=DAY, recipient=PARTY, consent_on=date(2026, 11, 1), address="shili@example.com",
        arrived_at=datetime(2026, 11, 16, 16, 30, tzinfo=CHINA),
    ),
    "mail": ServiceFacts(on=DAY, recipient=PARTY, tracking="示1000000000", file_ids=(7,)),
    "entrusted": ServiceFacts(on=DAY, recipient=PARTY, agent="某某市城市管理局", signer="王某某"),
    "forwarded": ServiceFacts(on=DAY, recipient="王某某", agent="某某监所", signer="王某某"),
    "public": ServiceFacts(on=DAY, recipient=PARTY, whereabouts_unknown=True, reason="住所无人，电话停机", carrier="示例市人民政府网站"),
}  # fmt: skip


@pytest.mark.parametrize("mode", list(GOOD))
def test_a_service_with_its_proof_stands(mode):
    assert documents.service_problems(mode, GOOD[mode], drawn_on=DAY, today=DAY) == []


@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        ("direct", DAY), ("leave", DAY), ("electronic", DAY), ("mail", DAY), ("entrusted", DAY), ("forwarded", DAY),
        ("public", date(2026, 12, 16)),
    ],
)  # fmt: skip
def test_the_deemed_date_of_each_mode(mode, expected):
    assert documents.deemed_on(mode, GOOD[mode]) == expected


def test_an_electronic_paper_counts_from_arrival_as_clocks_in_china_show_it():
    late = replace(GOOD["electronic"], arrived_at=datetime.fromisoformat("2026-11-16T17:00:00+00:00"))
    assert documents.deemed_on("electronic", late) == date(2026, 11, 17)


@given(st.dates(min_value=date(2024, 1, 1), max_value=date(2030, 1, 1)))
def test_a_public_notice_always_counts_on_the_thirtieth_day(day):
    assert documents.deemed_on("public", replace(GOOD["public"], on=day)) - day == timedelta(days=30)


def test_a_failed_attempt_is_served_on_no_day():
    assert documents.deemed_on("mail", ServiceFacts(on=DAY, failed=True, reason="查无此人")) is None


@pytest.mark.parametrize(
    ("mode", "change", "code"),
    [
        ("direct", {"signer": ""}, "signer"),
        ("direct", {"relation": ""}, "relation"),
        ("direct", {"officers": ()}, "officers"),
        ("direct", {"recipient": ""}, "recipient"),
        ("leave", {"witnesses": ()}, "witness_or_film"),
        ("leave", {"refused_reason": ""}, "refused"),
        ("electronic", {"consent_on": None}, "consent"),
        ("electronic", {"consent_on": date(2026, 11, 17)}, "consent_late"),
        ("electronic", {"address": ""}, "e_address"),
        ("electronic", {"arrived_at": None}, "arrived"),
        ("mail", {"tracking": ""}, "tracking"),
        ("mail", {"file_ids": ()}, "slip"),
        ("entrusted", {"agent": ""}, "agent"),
        ("forwarded", {"signer": ""}, "signer"),
        ("public", {"whereabouts_unknown": False}, "last_resort"),
        ("public", {"reason": ""}, "why_public"),
        ("public", {"carrier": ""}, "carrier"),
        ("direct", {"on": date(2026, 11, 15)}, "before_paper"),
        ("direct", {"on": date(2026, 11, 17)}, "future"),
        ("direct", {"failed": True, "reason": ""}, "why_failed"),
    ],
)
def test_each_missing_proof_is_named_with_its_article(mode, change, code):
    problems = documents.service_problems(mode, replace(GOOD[mode], **change), drawn_on=DAY, today=DAY)
    assert [p.code for p in problems] == [f"documents.service.{code}"]
    assert problems[0].citation and problems[0].remedy


def test_leaving_a_paper_needs_no_witness_when_it_was_filmed_at_the_residence():
    filmed = replace(GOOD["leave"], witnesses=(), left_at_residence=True, file_ids=(3,))
    assert documents.service_problems("leave", filmed) == []
    assert documents.service_problems("leave", replace(filmed, left_at_residence=False))


def test_an_unknown_mode_is_refused():
    assert documents.service_problems("pigeon", GOOD["direct"])[0].code == "documents.service.mode"


@pytest.mark.django_db(databases="__all__")
class TestServed:
    def serve(self, bureau, paper, mode="direct", facts=None, at=LATER):
        return documents.serve(paper_id=paper.id, mode=mode, facts=facts or GOOD[mode], by=bureau.by, at=at)

    def test_served_and_served_again_is_one_service(self, bureau):
        paper = bureau.draw("P18", DECISION)
        first = self.serve(bureau, paper)
        assert first.deemed_on == DAY and self.serve(bureau, paper).id == first.id
        assert Service.objects.count() == 1
        assert documents.paper(paper.id).state == "served"
        assert documents.served_on(bureau.dossier.pk, ["P18"]) == DAY

    def test_electronic_service_without_consent_is_refused_and_nothing_is_kept(self, bureau):
        paper = bureau.draw("P18", DECISION)
        with pytest.raises(NotServed) as caught:
            self.serve(bureau, paper, "electronic", replace(GOOD["electronic"], consent_on=None))
        assert "处罚法第六十一条" in caught.value.reasons[0].citation
        assert not Service.objects.exists()

    def test_a_public_notice_may_follow_attempts_on_record(self, bureau):
        paper = bureau.draw("P18", DECISION)
        notice = replace(GOOD["public"], whereabouts_unknown=False)
        with pytest.raises(NotServed):
            self.serve(bureau, paper, "public", notice)
        failed = self.serve(
            bureau, paper, "mail", ServiceFacts(on=DAY, recipient=PARTY, failed=True, reason="查无此人")
        )
        assert failed.deemed_on is None and failed.outcome == "failed"
        done = self.serve(bureau, paper, "public", notice)
        assert done.deemed_on == date(2026, 12, 16)
        assert done.facts["attempts"]

    def test_a_served_paper_cannot_be_voided(self, bureau):
        paper = bureau.draw("P18", DECISION)
        self.serve(bureau, paper)
        with pytest.raises(PaperFixed) as caught:
            documents.void(paper_id=paper.id, reason="写错了", by=bureau.by, at=LATER)
        assert "补正通知书" in caught.value.remedy

    def test_a_voided_paper_cannot_be_served(self, bureau):
        paper = bureau.draw("P18", DECISION)
        documents.void(paper_id=paper.id, reason="写错了", by=bureau.by, at=AT)
        with pytest.raises(PaperFixed):
            self.serve(bureau, paper)

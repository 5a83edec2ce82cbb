"""What a dossier is asked for before it is archived, however the matter ended (R087, domain §7.3)."""

from __future__ import annotations

from datetime import date

import pytest

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers import jobs, models
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Bureau, Drive
from tests.cases.staging import holding, module_bureau, on_copy, refused, standing, start

__all__ = ["module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")
ANNULLED = {
    "by_whom": "reconsideration",
    "how": "revoked",
    "number": "示例复决〔2026〕1号",
    "reason": "主要事实不清、证据不足，撤销原处罚决定。",
}


@pytest.fixture(scope="module")
def filed_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau, act_on=date(2026, 9, 3))
    case.file(approve=False)
    return case


@pytest.fixture
def pending(filed_once: Drive) -> Drive:
    return on_copy(filed_once)


@pytest.fixture(scope="module")
def investigated_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau, act_on=date(2026, 9, 4))
    case.file()
    case.investigate()
    return case


@pytest.fixture
def investigated(investigated_once: Drive) -> Drive:
    return on_copy(investigated_once)


@pytest.fixture(scope="module")
def decided_once(investigated_once: Drive) -> Drive:
    case = start(investigated_once.bureau, act_on=date(2026, 9, 5))
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    return case


@pytest.fixture
def decided(decided_once: Drive) -> Drive:
    return on_copy(decided_once)


def voided(case: Drive, *templates: str) -> None:
    for paper in documents.papers(case.id):
        if paper.template in templates and paper.voided_at is None:
            documents.void(paper_id=paper.id, reason="填写有误", by=case.by("leader"), at=case.at)


def archived(case: Drive, importance: str = "important") -> None:
    """It is archived as it ended, once."""
    ended = case.state
    assert case.id in waiting(case)
    case.step("archive", "archivist", importance=importance)
    assert case.state == ended, "how it ended stays readable"
    assert case.id not in waiting(case)
    assert "ARC.done" in standing(case, "archive", "archivist")


def waiting(case: Drive) -> set[int]:
    rows = models.Dossier.objects.filter(body_id=case.bureau.body_id)
    return set(rows.filter(procedures.stands_untaken("archive")).values_list("pk", flat=True))


def wanting(case: Drive) -> set[str]:
    return refused(case, "archive", "archivist", importance="important")


def test_a_matter_not_filed_holds_the_paper_by_which_it_was_refused_and_nothing_else(pending: Drive) -> None:
    pending.step("file_refuse", "leader", reason="违法行为轻微并已当场改正，不予立案。")
    assert {p.template for p in documents.papers(pending.id)} == {"P02"}
    archived(pending)


def test_a_matter_not_filed_without_its_paper_is_asked_for_it(pending: Drive) -> None:
    pending.step("file_refuse", "leader", reason="违法行为轻微并已当场改正，不予立案。")
    voided(pending, "P02")
    assert wanting(pending) == {"ARC.paper.P02"}


def test_a_withdrawn_case_is_asked_for_its_records_and_for_no_decision(investigated: Drive) -> None:
    investigated.step("withdraw", "leader", reason="经调查违法事实不成立，撤销立案。")
    archived(investigated)


def test_a_withdrawn_case_without_the_record_of_what_was_done_is_asked_for_it(investigated: Drive) -> None:
    investigated.step("withdraw", "leader", reason="经调查违法事实不成立，撤销立案。")
    voided(investigated, "P05")
    assert wanting(investigated) == {"ARC.paper.P05"}


@pytest.mark.parametrize("crime", [True, False])
def test_a_transferred_case_holds_the_letter_that_took_it_away(investigated: Drive, crime: bool) -> None:
    investigated.step(
        "transfer",
        "leader",
        to="某某市公安局",
        crime=crime,
        reason="不属于本机关管辖。",
        annexes="案卷材料一册",
    )
    letter = "P25" if crime else "P25L"
    assert letter in {p.template for p in documents.papers(investigated.id)}
    archived(investigated)


def test_a_transferred_case_without_the_letter_is_asked_for_it(investigated: Drive) -> None:
    investigated.step(
        "transfer",
        "leader",
        to="某某市公安局",
        crime=False,
        reason="不属于本机关管辖。",
        annexes="案卷材料一册",
    )
    voided(investigated, "P25L")
    assert wanting(investigated) == {"ARC.paper.P25"}


def test_an_annulled_decision_is_asked_neither_for_service_nor_for_the_fine(decided: Drive) -> None:
    """Nobody owes it any more; a case that was closed without them is asked for both."""
    decided.step("annul", "leader", on=decided.day, **ANNULLED)
    archived(decided)


def test_an_annulled_decision_still_stands_in_its_dossier(decided: Drive) -> None:
    decided.step("annul", "leader", on=decided.day, **ANNULLED)
    voided(decided, "P18")
    assert wanting(decided) == {"ARC.paper.P18"}


def test_a_decision_annulled_after_archiving_waits_to_be_archived_again_under_the_same_number(
    decided: Drive,
) -> None:
    decided.serve("P18", "decision_serve")
    decided.pay()
    decided.close()
    decided.step("archive", "archivist", importance="important")
    first = dossiers.archive.archive_of(decided.id)
    assert decided.state == "archived" and decided.id not in waiting(decided)
    decided.wait(days=1)
    decided.step("annul", "leader", on=decided.day, **ANNULLED)
    assert decided.id in waiting(decided)
    decided.step("archive", "archivist", importance="important")
    again = dossiers.archive.archive_of(decided.id)
    assert first is not None and again is not None and again.number == first.number
    assert decided.state == "annulled" and decided.id not in waiting(decided)
    decided.wait(days=1)
    decided.step("reopen", "leader", reason="依据行政复议决定，重新调查处理。")
    assert decided.id not in waiting(decided), (
        "a matter that is being dealt with is no matter for the archive"
    )


def test_a_spared_case_holds_the_decision_that_spared_it_and_not_a_penalty(module_bureau: Bureau) -> None:
    case = start(module_bureau, act_on=date(2026, 9, 6), outcome="spared", spared_because="minor", tier="")
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    case.serve("P19", "decision_serve")
    case.close()
    assert not {p.template for p in documents.papers(case.id)} & {"P13", "P13H", "P18"}
    assert standing(case, "archive", "archivist") == set()
    assert "P19" in {p.template for p in documents.papers(case.id)}
    voided(case, "P17", "P28")
    assert wanting(case) == {"ARC.paper.P17", "ARC.paper.P28"}


def test_what_was_not_decided_on_the_spot_is_archived_without_a_decision(module_bureau: Bureau) -> None:
    case = start(module_bureau, item_code="urban.littering", act_on=date(2026, 9, 7))
    case.open("penalty.summary")
    case.step("to_ordinary", case.lead, reason="当事人对事实有异议，需进一步调查。")
    archived(case, "general")


def test_a_spot_decision_that_was_annulled_is_archived_with_it(module_bureau: Bureau) -> None:
    case = start(module_bureau, item_code="urban.littering", act_on=date(2026, 9, 8))
    case.matter.fine_yuan, case.matter.kinds = "50", ("03",)
    case.open("penalty.summary")
    case.record("summary_penalty", title="当场处罚录像")
    case.spot()
    case.wait(days=1)
    case.step("annul", "leader", on=case.day, **ANNULLED)
    archived(case, "general")  # the fine is owed by nobody


def test_every_paper_that_a_procedure_draws_has_its_place_in_the_order_of_the_file(
    module_bureau: Bureau,
) -> None:
    order = dossiers.archive.order_of(organisations.body(module_bureau.body_id), date(2026, 11, 2))
    placed = [code for group in (*order.main, *order.side) for code in group]
    assert len(placed) == len(set(placed)), "one place each"
    drawn = {rule.template for p in procedures.procedures() for row in p.rows for rule in row.papers}
    assert drawn - set(placed) == set()


# --- 归档 → 档案室 --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def in_order_once(module_bureau: Bureau) -> Drive:
    case = start(module_bureau, item_code="urban.littering", act_on=date(2026, 9, 9))
    case.open("penalty.summary")
    case.record("summary_penalty", title="现场录像")
    case.step("to_ordinary", case.lead, reason="当事人对事实有异议，需进一步调查。")
    case.step("archive", "archivist", importance="general")
    return case


@pytest.fixture
def in_order(in_order_once: Drive) -> Drive:
    return on_copy(in_order_once)


def sealed(case: Drive) -> Drive:
    for row in models.Making.objects.filter(dossier_id=case.id, state="waiting"):
        jobs.making(row.pk, at=case.at)
    return case


def open_tasks(case: Drive) -> set[str]:
    return set(Task.objects.filter(dossier_id=case.id, closed_at=None).values_list("kind", flat=True))


def test_a_dossier_is_handed_in_only_when_its_index_is_sealed(in_order: Drive) -> None:
    assert standing(in_order, "hand_in", in_order.lead) == {"ARC.unsealed"}
    assert standing(sealed(in_order), "hand_in", in_order.lead) == set()


def test_the_archive_room_counts_takes_in_and_the_state_stays(in_order: Drive) -> None:
    assert open_tasks(sealed(in_order)) == {"archive.hand_in"}
    assert standing(in_order, "take_in", "archivist") == {"ARC.not_handed"}
    in_order.step("hand_in", in_order.lead, paper=False)
    assert open_tasks(in_order) == {"archive.take_in"}
    assert standing(in_order, "hand_in", in_order.lead) == {"ARC.handed"}
    assert refused(in_order, "take_in", "archivist", counted=False, condition="缺一件") == {"ARC.counted"}
    in_order.step("take_in", "archivist", counted=True, condition="齐全完好，逐件核对无误")
    assert open_tasks(in_order) == set() and in_order.state == "withdrawn"
    assert standing(in_order, "hand_in", in_order.lead) == {"ARC.handed"}
    assert in_order.id not in waiting(in_order), "where the volume lies does not make it wait for archiving"


def test_what_the_archive_room_sends_back_is_handed_in_again(in_order: Drive) -> None:
    sealed(in_order).step("hand_in", in_order.lead, paper=True, note="纸质一册")
    in_order.step("turn_down", "archivist", reason="纸质案卷缺少第 3 页")
    assert open_tasks(in_order) == {"archive.hand_in"}
    in_order.step("hand_in", in_order.lead, paper=True, note="已补齐")
    assert standing(in_order, "take_in", "archivist") == set()


def test_who_hands_in_does_not_take_in(in_order: Drive) -> None:
    sealed(in_order).step("hand_in", in_order.lead, paper=False)
    same = holding(in_order.by(in_order.lead), Permission.DOSSIER_ARCHIVE)
    assert "ARC.same_person" in refused(in_order, "take_in", same, counted=True, condition="核对无误")

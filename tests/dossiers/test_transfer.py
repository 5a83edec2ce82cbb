"""移交档案馆, this side: proposed, approved, packed and checked, and what keeps a package from leaving."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from mingzhi.cases.core import archive_terms
from mingzhi.dossiers import (
    archive,
    destruction,
    handing,
    lending,
    models,
    transfer,
    transfer_views,
)
from mingzhi.dossiers import transfer_models as rows
from mingzhi.dossiers.errors import (
    NotExpired,
    NotTransferable,
    TransferClosed,
)
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.tasks.models import Task
from tests.cases.staging import module_bureau
from tests.dossiers.transfer_desk import Desk, desk, desk_once, due_ids, grown

__all__ = ["desk", "desk_once", "module_bureau"]
pytestmark = pytest.mark.django_db(databases="__all__")


# --- what is due ------------------------------------------------------------------------------------


def test_a_county_dossier_is_due_ten_years_after_closing_and_not_a_day_sooner(desk: Desk) -> None:
    dossier = desk.old(years=12)
    day = archive.archive_of(dossier.pk)
    assert day is not None and day.transfer_on is not None
    due = transfer.due(desk.archivist.body_id, day.transfer_on)
    assert dossier.pk in {r.dossier_id for r in due}
    due = transfer.due(desk.archivist.body_id, day.transfer_on - timedelta(days=1))
    assert dossier.pk not in {r.dossier_id for r in due}


def test_what_is_held_lent_or_secret_is_told_and_refuses_the_whole_list(desk: Desk) -> None:
    fine, held_up, lent, secret = desk.old(), desk.old(), desk.old(), desk.old(secrecy="state")
    who: dict[str, Any] = {"by": desk.archivist, "at": desk.at}
    archive.hold_set(dossier=held_up, source="accident", reason="事故调查", **who)
    lending.loan_make(
        dossier=lent, volume="main", borrower="某某法官", unit="某某法院", purpose="审理案件",
        due_on=clock.local_date(desk.at) + timedelta(days=5), **who,
    )  # fmt: skip
    for dossier, word in ((held_up, "暂缓"), (lent, "借出"), (secret, "国家秘密")):
        record = models.ArchiveRecord.objects.get(dossier=dossier)
        assert word in transfer.why_not(record)
        with pytest.raises(NotTransferable, match=word):
            desk.listed(fine, dossier)
    assert desk.view(desk.listed(fine)).state == "listed"


def test_nothing_that_is_not_due_or_another_body_s_is_listed(desk: Desk) -> None:
    young, fine = desk.old(years=3), desk.old()
    with pytest.raises(Invalid):
        desk.listed(fine, young)
    stranger = replace(desk.archivist, body_id=desk.archivist.body_id + 1)
    with pytest.raises(Invalid):
        transfer.list_make(
            dossier_ids=[fine.pk],
            receiver="示例区档案馆",
            description="行政处罚案卷",
            by=stranger,
            at=desk.at,
        )
    number = desk.listed(fine)
    with pytest.raises(NotFound):
        transfer_views.list_of(stranger, number)
    with pytest.raises(Invalid):
        desk.listed(fine)  # once


def test_every_waiting_step_is_one_to_do_on_the_right_desk_and_goes_when_it_is_done(desk: Desk) -> None:
    def todos() -> set[tuple[str, str]]:
        archive_terms.transfers(desk.at)
        archive_terms.transfers(desk.at)
        rows_ = Task.objects.filter(closed_at=None, kind__startswith="archive.transfer_")
        return set(rows_.values_list("kind", "permission"))

    approve, keep = Permission.CASE_APPROVE.value, Permission.DOSSIER_ARCHIVE.value
    assert todos() == set()
    dossier = desk.old()
    assert todos() == {("archive.transfer_due", keep)}
    number = desk.listed(dossier)
    assert todos() == {("archive.transfer_decide", approve)}
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    assert todos() == {("archive.transfer_hand", keep)}
    desk.work()
    desk.hand_over(number)
    assert todos() == {("archive.transfer_answer", keep)}
    desk.answered(number, desk.receipt(number, 0))
    assert todos() == {("archive.transfer_due", keep)}, "what came back is due again"


# --- approval and packages ----------------------------------------------------------------------------


def test_who_proposed_the_list_does_not_approve_it(desk: Desk) -> None:
    number = desk.listed(desk.old())
    both = replace(desk.archivist, permissions=desk.archivist.permissions | desk.leader.permissions)
    with pytest.raises(NotAllowed):
        transfer.list_decide(list_id=number, approved=True, by=both, at=desk.at)
    with pytest.raises(NotAllowed):
        transfer.list_decide(list_id=number, approved=True, by=desk.archivist, at=desk.at)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    with pytest.raises(TransferClosed):
        transfer.list_decide(list_id=number, approved=False, note="再想想", by=desk.leader, at=desk.at)


def test_a_refused_or_withdrawn_list_sets_its_dossiers_free(desk: Desk) -> None:
    one, two = desk.old(), desk.old()
    number = desk.listed(one)
    assert one.pk not in due_ids(desk)
    with pytest.raises(Invalid):
        transfer.list_decide(list_id=number, approved=False, by=desk.leader, at=desk.at)
    transfer.list_decide(list_id=number, approved=False, note="待整理", by=desk.leader, at=desk.at)
    assert desk.view(number).state == "refused" and one.pk in due_ids(desk)
    number = desk.ready(two)
    transfer.list_withdraw(list_id=number, reason="档案馆改期", by=desk.archivist, at=desk.at)
    assert desk.view(number).state == "withdrawn" and two.pk in due_ids(desk)


def test_packages_are_made_and_checked_before_anything_leaves_and_once(desk: Desk, tmp_path: Path) -> None:
    number = desk.listed(desk.old(), desk.old())
    with pytest.raises(TransferClosed):
        desk.hand_over(number)
    with pytest.raises(TransferClosed):
        handing.write_out(list_id=number, folder=tmp_path, by=desk.archivist, at=desk.at, say=print)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    assert desk.view(number).state == "packing"
    desk.work()
    desk.work()
    view = desk.view(number)
    assert view.state == "ready"
    assert rows.TransferPackage.objects.filter(line__list_id=number).count() == 2, "killed and run again"
    for line in view.lines:
        assert line.package is not None and line.package.passed
        assert {c[0][0] for c in line.package.checks} == {"A", "C", "U", "S"}, "all four properties"
        assert all(c[2] == "pass" for c in line.package.checks)


def test_a_dossier_that_grew_after_it_was_listed_does_not_leave_under_that_list(desk: Desk) -> None:
    dossier = desk.old()
    number = desk.listed(dossier)
    grown(desk, dossier)
    transfer.list_decide(list_id=number, approved=True, by=desk.leader, at=desk.at)
    desk.work()
    view = desk.view(number)
    assert view.state == "packing" and view.lines[0].package is not None
    assert any("目录有变动" in why for why in view.lines[0].package.failed)
    with pytest.raises(TransferClosed):
        desk.hand_over(number)
    transfer.list_withdraw(list_id=number, reason="目录有补充", by=desk.archivist, at=desk.at)
    assert desk.view(desk.ready(dossier)).state == "ready"


@pytest.mark.parametrize(
    ("since", "why"),
    [
        (grown, "目录有变动"),
        (lambda desk, d: archive.hold_set(
            dossier=d, source="litigation", reason="当事人起诉", by=desk.archivist, at=desk.at), "暂缓处置"),
        (lambda desk, d: archive.secrecy_set(
            dossier=d, secrecy="state", reason="重新定密", by=desk.archivist, at=desk.at), "国家秘密"),
    ],
)  # fmt: skip
def test_what_came_after_packing_keeps_the_packages_here(
    desk: Desk, since: Any, why: str, tmp_path: Path
) -> None:
    dossier = desk.old()
    number = desk.ready(dossier, desk.old())
    since(desk, dossier)
    with pytest.raises(NotTransferable, match=why):
        desk.hand_over(number)
    with pytest.raises(NotTransferable, match=why):
        handing.write_out(list_id=number, folder=tmp_path / "盘", by=desk.archivist, at=desk.at, say=str)
    assert not (tmp_path / "盘").exists() and desk.view(number).state == "ready"


def test_handed_over_once_a_dossier_goes_again_though_it_grew_but_not_once_it_is_a_secret(desk: Desk) -> None:
    dossier = desk.old()
    number = desk.handed(dossier)
    grown(desk, dossier)
    desk.hand_over(number)
    archive.secrecy_set(
        dossier=models.Dossier.objects.get(pk=dossier.pk), secrecy="state", reason="重新定密",
        by=desk.archivist, at=desk.at,
    )  # fmt: skip
    with pytest.raises(NotTransferable, match="国家秘密"):
        desk.hand_over(number)


def test_of_two_overlapping_runs_of_one_order_the_first_package_is_what_leaves(desk: Desk) -> None:
    number = desk.handed(desk.old())
    kept = desk.view(number).lines[0].package
    assert kept is not None
    line = rows.TransferLine.objects.select_related("list").get(list_id=number)
    transfer.package_keep(
        line=line, file_id=files.put_bytes(b"later", name="x.zip", media_type="application/zip", at=desk.at).id,
        checks=[], passed=True, index_digest=line.index_digest, at=desk.at,
    )  # fmt: skip
    assert desk.view(number).lines[0].package == kept
    desk.answered(number, desk.receipt(number))


def test_another_person_of_the_bureau_sees_no_list(desk: Desk) -> None:
    officer: Actor = replace(desk.archivist, permissions=frozenset())
    with pytest.raises(NotAllowed):
        transfer.list_make(
            dossier_ids=[1], receiver="示例区档案馆", description="行政处罚案卷", by=officer, at=desk.at
        )


def test_a_general_dossier_that_expires_first_is_never_due(desk: Desk) -> None:
    dossier = desk.old(years=12, importance="general")
    view = archive.archive_of(dossier.pk)
    assert view is not None and view.transfer_on is not None, "thirty years are longer than ten"
    with pytest.raises(NotExpired):
        destruction.list_make(dossier_ids=[dossier.pk], reason="保管期限届满", by=desk.archivist, at=desk.at)

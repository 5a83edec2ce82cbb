"""借阅: who has which volume for what purpose, until when. A loan is noted before anything is handed out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.dossiers.archive_entries import LENT, RETURNED
from mingzhi.dossiers.errors import NotArchived
from mingzhi.dossiers.models import ArchiveRecord, Destroyed, Dossier, Loan, LoanReturn
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations.data import Actor


@dataclass(frozen=True, slots=True)
class LoanView:
    """``mark`` is what is printed across a copy made for this loan."""

    id: int
    dossier_id: int
    dossier_number: str
    archive_number: str
    volume: str
    volume_label: str
    borrower: str
    unit: str
    purpose: str
    basis: str
    lent_at: datetime
    due_on: date
    returned_at: datetime | None
    condition: str

    def overdue(self, on: date) -> bool:
        return self.returned_at is None and on > self.due_on

    @property
    def mark(self) -> str:
        return f"仅供{self.unit}{self.borrower}{self.purpose}使用 {clock.local_date(self.lent_at):%Y-%m-%d}"


@transaction.atomic
def loan_make(
    *,
    dossier: Dossier,
    volume: str,
    borrower: str,
    unit: str,
    purpose: str,
    due_on: date | None,
    basis: str = "",
    by: Actor,
    at: datetime,
) -> Loan:
    """Lend a volume. What is out is not lent again; 副卷 goes out on a named approval only."""
    record = ArchiveRecord.objects.select_for_update().filter(dossier=dossier).first()
    if record is None:
        raise NotArchived(number=dossier.number)
    problems = Problems()
    today = clock.local_date(at)
    if volume not in ("main", "side", "both"):
        problems.add("volume", "请选择借阅的卷别")
    for name, value, label in (
        ("borrower", borrower, "借阅人"),
        ("unit", unit, "借阅单位"),
        ("purpose", purpose, "用途"),
    ):
        if len(value.strip()) < 2:
            problems.add(name, f"请填写{label}")
    if due_on is None or due_on < today:
        problems.add("due_on", "请填写应还日期，不得早于今日")
    if volume in ("side", "both") and len(basis.strip()) < 2:
        problems.add("basis", "副卷一般不对外借阅，请写明批准依据")
    out = Loan.objects.filter(archive=record, returned=None)
    if volume != "both":
        out = out.filter(volume__in=(volume, "both"))
    if out.exists():
        problems.add("volume", "该卷已借出，尚未归还")
    if Destroyed.objects.filter(line__archive=record).exists():
        problems.add("volume", "该卷已依法销毁，不能借阅")
    problems.raise_if_any()
    assert due_on is not None
    loan = Loan.objects.create(
        archive=record,
        volume=volume,
        borrower=borrower.strip()[:60],
        unit=unit.strip()[:120],
        purpose=purpose.strip()[:200],
        basis=basis.strip()[:200],
        due_on=due_on,
        lent_at=at,
        by=by.label,
        by_name=by.name,
    )
    LENT.kept(loan, at=at)
    return loan


@transaction.atomic
def loan_return(*, dossier: Dossier, loan_id: int, condition: str, by: Actor, at: datetime) -> None:
    """Take a volume back; a second return changes nothing."""
    problems = Problems()
    loan = Loan.objects.select_for_update().filter(archive__dossier=dossier, pk=loan_id).first()
    if loan is None:
        problems.add("loan", "没有这笔借阅")
    if len(condition.strip()) < 2:
        problems.add("condition", "请写明归还时的状况，如“完好，页数相符”")
    problems.raise_if_any()
    back, made = LoanReturn.objects.get_or_create(
        loan=loan,
        defaults={"condition": condition.strip()[:200], "at": at, "by": by.label, "by_name": by.name},
    )
    if made:
        RETURNED.kept(back, at=at)


def _view(row: Loan) -> LoanView:
    back = getattr(row, "returned", None)
    return LoanView(
        id=row.pk,
        dossier_id=row.archive.dossier_id,
        dossier_number=row.archive.dossier.number,
        archive_number=row.archive.number,
        volume=row.volume,
        volume_label=row.get_volume_display(),
        borrower=row.borrower,
        unit=row.unit,
        purpose=row.purpose,
        basis=row.basis,
        lent_at=row.lent_at,
        due_on=row.due_on,
        returned_at=back.at if back else None,
        condition=back.condition if back else "",
    )


def loans(*, dossier_id: int | None = None, body_id: int | None = None, out: bool = False) -> list[LoanView]:
    """Loans of a dossier or of a body; with ``out`` only those not returned, soonest due first."""
    rows = Loan.objects.select_related("archive__dossier", "returned")
    if dossier_id is not None:
        rows = rows.filter(archive__dossier_id=dossier_id)
    if body_id is not None:
        rows = rows.filter(archive__body_id=body_id)
    if out:
        rows = rows.filter(returned=None)
    return [_view(row) for row in rows.order_by("due_on", "pk")]

"""The demonstration's archive room: sealed dossiers, one on hold, one lent, old paper files, a list of each kind."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import SealKind
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.web.demo.cast import Bureau, made_picture

OLD = (
    ("某某公司违法堆放案", "某某商贸有限公司", 31, "general"),
    ("某某擅自摆摊经营案", "赵某某", 33, "general"),
    ("某某公司破坏设施案", "某某建材有限公司", 12, "important"),
)


def furnish(bureau: Bureau, at: datetime) -> None:
    """Once for each bureau; nothing when its archive room has old files already."""
    by = bureau.actor("archivist", at)
    if dossiers.Dossier.objects.filter(body_id=by.body_id, procedure=dossiers.held.PROCEDURE).exists():
        return
    _in_use(bureau, at)
    old = [_old(bureau, *told, at=at) for told in OLD]
    made = dossiers.destruction.list_make(
        dossier_ids=[d.pk for d in old[:2]], reason="保管期限届满，经鉴定拟予销毁", by=by, at=at
    )
    first = dossiers.destruction.list_view(made).lines[0]
    dossiers.destruction.line_opine(
        list_id=made.pk, line_id=first.id, opinion="destroy", reason="一般案件，无继续查考价值", by=by, at=at
    )
    due = dossiers.transfer.due(by.body_id, clock.local_date(at))
    ready = [record.dossier_id for record in due if not dossiers.transfer.why_not(record)]
    if ready:
        dossiers.transfer.list_make(
            dossier_ids=ready, receiver="示例区档案馆", description="历年行政处罚案卷", by=by, at=at
        )


def _in_use(bureau: Bureau, at: datetime) -> None:
    """Of the archived cases one comes under a hold and another is lent out."""
    by = bureau.actor("archivist", at)
    rows = dossiers.Dossier.objects.filter(body_id=by.body_id, state="archived").order_by("pk")
    for number, dossier in enumerate(rows[:2]):
        if number == 0:
            dossiers.archive.hold_set(
                dossier=dossier,
                source="accident",
                reason="配合某某路段事故调查，调查终结前不得销毁",
                by=by,
                at=at,
            )
        else:
            dossiers.lending.loan_make(
                dossier=dossier,
                volume="main",
                borrower="某某法官",
                unit="示例区人民法院",
                purpose="审理行政案件",
                due_on=clock.local_date(at) + timedelta(days=15),
                by=by,
                at=at,
            )


def _old(
    bureau: Bureau, title: str, party: str, years: int, importance: str, *, at: datetime
) -> dossiers.Dossier:
    """A paper file scanned in: two pictures of pages."""
    by = bureau.actor("archivist", at)
    closed_on = date(clock.local_date(at).year - years, 6, 30)
    entries = []
    for n, (name, volume) in enumerate((("行政处罚决定书", "main"), ("案件处理审批表", "side")), 1):
        scan = files.put_bytes(made_picture(years, n), name=f"{name}.png", media_type="image/png", at=at)
        entries.append(
            dossiers.held.HeldEntry(
                title=name, on=closed_on - timedelta(days=20 - n), volume=volume, file=scan
            )
        )
    return dossiers.held.held_open(
        described=dossiers.held.Description(
            title=title,
            party=party,
            closed_on=closed_on,
            archive_number=f"{closed_on.year}-旧{years:04d}",
            importance=importance,
        ),
        entries=entries,
        kind=SealKind.LEGACY,
        by=by,
        at=at,
    )

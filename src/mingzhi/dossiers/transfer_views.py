"""移交档案馆, as pages and papers show it: what state a list and its lines are in follows from their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Exists, OuterRef

from mingzhi.dossiers import archive, handover
from mingzhi.dossiers.choices import Medium, ReceiptKind
from mingzhi.dossiers.transfer_models import (
    TransferHandOver,
    TransferLine,
    TransferList,
    TransferPackage,
    TransferReceipt,
)
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor

STATES = {
    "listed": "待审批",
    "refused": "未获同意",
    "withdrawn": "已撤销",
    "packing": "正在制作、检测档案包",
    "ready": "待移交",
    "handed": "已移交，待登记回执",
    "done": "已办结",
}


@dataclass(frozen=True, slots=True)
class PackageView:
    """``checks``: code, what was looked at, pass / fail / skip, the finding."""

    file_id: int
    sha256: str
    size: int
    passed: bool
    checks: tuple[tuple[str, str, str, str], ...]
    at: datetime

    @property
    def failed(self) -> tuple[str, ...]:
        return tuple(f"{label}：{why or '未检测'}" for _, label, state, why in self.checks if state == "fail")


@dataclass(frozen=True, slots=True)
class LineView:
    id: int
    dossier_id: int
    dossier_number: str
    archive_number: str
    title: str
    closed_on: date
    retention: str
    items: int
    pages: int
    transfer_on: date
    index_digest: str
    package: PackageView | None
    accepted: bool | None
    reason: str
    number: str

    @property
    def state_label(self) -> str:
        if self.accepted is not None:
            return "档案馆已接收" if self.accepted else "退回"
        if self.package is None:
            return "未制作档案包"
        return "检测通过" if self.package.passed else "检测不通过"


@dataclass(frozen=True, slots=True)
class HandOverView:
    id: int
    medium_label: str
    medium_kind: str
    medium_numbers: str
    clerk: str
    reviewer: str
    file_id: int
    sha256: str
    size: int
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class ReceiptView:
    id: int
    kind: str
    kind_label: str
    file_id: int
    sha256: str
    key: str
    receiver: str
    received_by: str
    received_on: date
    at: datetime
    by_name: str


def _state(*, withdrawn: bool, approved: bool | None, handed: bool, answered: bool, packed: bool) -> str:
    """``answered``, ``packed``: every line of the list is."""
    if withdrawn:
        return "withdrawn"
    if approved is None:
        return "listed"
    if not approved:
        return "refused"
    if handed:
        return "done" if answered else "handed"
    return "ready" if packed else "packing"


@dataclass(frozen=True, slots=True)
class ListSummary:
    """A list as one line among others."""

    id: int
    number: str
    receiver: str
    count: int
    at: datetime
    by_name: str
    state: str

    @property
    def state_label(self) -> str:
        return STATES[self.state]


@dataclass(frozen=True, slots=True)
class ListView:
    id: int
    number: str
    body_id: int
    receiver: str
    description: str
    at: datetime
    by: str
    by_name: str
    lines: tuple[LineView, ...]
    approved: bool | None
    decision: str
    withdrawn: str
    hand_overs: tuple[HandOverView, ...]
    receipts: tuple[ReceiptView, ...]

    @property
    def state(self) -> str:
        return _state(
            withdrawn=bool(self.withdrawn),
            approved=self.approved,
            handed=bool(self.hand_overs),
            answered=all(x.accepted is not None for x in self.lines),
            packed=all(x.package is not None and x.package.passed for x in self.lines),
        )

    @property
    def state_label(self) -> str:
        return STATES[self.state]

    @property
    def items(self) -> int:
        return sum(x.items for x in self.lines)

    @property
    def pages(self) -> int:
        return sum(x.pages for x in self.lines)

    @property
    def size(self) -> int:
        return sum(x.package.size for x in self.lines if x.package is not None)


def list_view(found: TransferList) -> ListView:
    decision, withdrawal = getattr(found, "decision", None), getattr(found, "withdrawal", None)
    said = ""
    if decision is not None:
        word = "同意" if decision.approved else "不同意"
        said = f"{decision.by_name} {word} {decision.note}".strip()
    rows = found.lines.select_related("archive__dossier", "result").order_by("pk")
    return ListView(
        id=found.pk,
        number=found.number,
        body_id=found.body_id,
        receiver=found.receiver,
        description=found.description,
        at=found.at,
        by=found.by,
        by_name=found.by_name,
        lines=tuple(_line(row) for row in rows),
        approved=None if decision is None else decision.approved,
        decision=said,
        withdrawn=f"{withdrawal.by_name}：{withdrawal.reason}" if withdrawal is not None else "",
        hand_overs=tuple(_handed(row) for row in found.hand_overs.order_by("pk")),
        receipts=tuple(_receipt(row) for row in found.receipts.order_by("pk")),
    )


def _line(row: TransferLine) -> LineView:
    view = archive.archive_view(row.archive)
    made = row.packages.order_by("-pk").first()
    result = getattr(row, "result", None)
    package = None
    if made is not None:
        checks = tuple((c[0], c[1], c[2], c[3]) for c in made.checks)
        package = PackageView(made.file_id, made.sha256, made.size, made.passed, checks, made.at)
    return LineView(
        id=row.pk,
        dossier_id=row.archive.dossier_id,
        dossier_number=row.archive.dossier.number,
        archive_number=row.archive.number,
        title=row.archive.dossier.title,
        closed_on=view.closed_on,
        retention=view.retention_label,
        items=view.items,
        pages=view.pages_main + view.pages_side,
        transfer_on=row.transfer_on,
        index_digest=row.index_digest,
        package=package,
        accepted=None if result is None else result.accepted,
        reason=result.reason if result is not None else "",
        number=result.number if result is not None else "",
    )


def _handed(row: TransferHandOver) -> HandOverView:
    return HandOverView(
        row.pk, Medium(row.medium).label, row.medium_kind, row.medium_numbers, row.clerk, row.reviewer,
        row.file_id, row.sha256, row.size, row.at, row.by_name,
    )  # fmt: skip


def _receipt(row: TransferReceipt) -> ReceiptView:
    return ReceiptView(
        row.pk, row.kind, ReceiptKind(row.kind).label, row.file_id, row.sha256, row.key, row.receiver,
        row.received_by, row.received_on, row.at, row.by_name,
    )  # fmt: skip


def lists(body_id: int) -> list[ListSummary]:
    """The newest hundred, in one statement however many dossiers are on them."""
    lines = TransferLine.objects.filter(list=OuterRef("pk"))
    passed = TransferPackage.objects.filter(line=OuterRef("pk"), passed=True)
    rows = (
        TransferList.objects.filter(body_id=body_id)
        .annotate(
            count=Count("lines"),
            handed=Exists(TransferHandOver.objects.filter(list=OuterRef("pk"))),
            unanswered=Exists(lines.filter(result=None)),
            unpacked=Exists(lines.exclude(Exists(passed))),
        )
        .select_related("decision", "withdrawal")
        .order_by("-pk")[:100]
    )
    return [_summary(row) for row in rows]


def _summary(row: Any) -> ListSummary:
    decision = getattr(row, "decision", None)
    state = _state(
        withdrawn=getattr(row, "withdrawal", None) is not None,
        approved=None if decision is None else decision.approved,
        handed=row.handed,
        answered=not row.unanswered,
        packed=not row.unpacked,
    )
    return ListSummary(row.pk, row.number, row.receiver, row.count, row.at, row.by_name, state)


def list_of(by: Actor, list_id: int) -> ListView:
    found = TransferList.objects.filter(pk=list_id, body_id=by.body_id).first()
    if found is None:
        raise NotFound()
    return list_view(found)


def lines_digest(found: TransferList) -> str:
    """What the leader decides on: every line with its index."""
    rows = found.lines.order_by("pk").values_list("archive_id", "transfer_on", "index_digest")
    return canonical.digest([list(row) for row in rows])


def file_name(line: LineView, seq: int) -> str:
    """What the package is called on the medium."""
    plain = "".join(c if c.isalnum() or c in "-（）" else "-" for c in line.archive_number)
    return f"{seq:04d}-{plain}.zip"


def manifest(found: TransferList) -> handover.Manifest:
    """The manifest of a list whose packages are all made. The same rows give the same bytes."""
    view = list_view(found)
    body = organisations.body(found.body_id)
    return handover.Manifest(
        list_number=view.number,
        sender=body.name,
        sender_code=body.credit_code,
        receiver=view.receiver,
        description=view.description,
        packages=tuple(_packed(line, seq) for seq, line in enumerate(view.lines, 1)),
    )


def _packed(line: LineView, seq: int) -> handover.Packed:
    assert line.package is not None
    return handover.Packed(
        path=file_name(line, seq),
        sha256=line.package.sha256,
        size=line.package.size,
        number=line.dossier_number,
        archive_number=line.archive_number,
        title=line.title,
        items=line.items,
        pages=line.pages,
        retention=line.retention,
        index_sha256=line.index_digest,
    )


def told(report: Any) -> list[list[str]]:
    """A four-property report as it is kept: code, what was looked at, state, first finding."""
    return [
        [c.code, c.label, c.state, (c.findings or [c.skipped])[0] if c.findings or c.skipped else ""]
        for c in report.checks.values()
    ]

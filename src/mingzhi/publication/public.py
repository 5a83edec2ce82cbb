"""Public reads: published words only. No function here touches ``Disclosure``'s own text or ``Snapshot``."""

from __future__ import annotations

from collections.abc import Mapping

from django.db.models import QuerySet

from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import money
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.publication import preparing
from mingzhi.publication.choices import PUBLIC_EVENTS
from mingzhi.publication.data import (
    PARTY_KINDS,
    EventView,
    PublicDecision,
    PublicRow,
)
from mingzhi.publication.events import event_subject
from mingzhi.publication.models import Attachment, Event, PublicRecord
from mingzhi.publication.queries import event_view

_LARGEST = 2**63 - 1


def row_of(record: PublicRecord) -> PublicRow:
    """A record as a line of a list."""
    return PublicRow(
        id=record.pk,
        title=record.title,
        number=record.number,
        agency=record.agency,
        party=record.party,
        kind=record.kind,
        kind_label=record.get_kind_display(),
        kinds=tuple(PENALTY_KINDS.get(k, k) for k in record.kinds.split(",") if k),
        decided_on=record.decided_on,
        published_on=record.published_on,
        state=record.state,
        state_label=record.get_state_display(),
        amount_fen=record.amount_fen,
    )


def public_of_party(credit_code: str, *, limit: int = 50) -> tuple[PublicRow, ...]:
    """An organisation's published decisions, newest first (R051)."""
    rows = PublicRecord.objects.filter(shown=True, party_code=credit_code.strip().upper()).exclude(
        party_code=""
    )
    return tuple(row_of(r) for r in rows.order_by("-rank")[:limit])


def public_decision(disclosure_id: int) -> PublicDecision:
    """One disclosed decision with its history. Withdrawn and expired ones answer without content:
    number, agency, dates and the public reason. ``NotFound`` for what was never public."""
    # SQLite refuses numbers beyond 64 bits instead of not finding them.
    known = PublicRecord.objects.select_related("version").filter(pk=min(disclosure_id, _LARGEST))
    record = known.first()
    if record is None:
        raise NotFound("没有找到这条公示信息", remedy="请从公示查询页按文号或者名称查找")
    events = list(public_events(disclosure_id))
    content = record.version.content if record.shown else {}
    row = row_of(record)
    if not record.shown:
        row = PublicRow(
            id=row.id, title="", number=row.number, agency=row.agency, party="", kind=row.kind, kind_label=row.kind_label,
            kinds=(), decided_on=row.decided_on, published_on=row.published_on, state=row.state, state_label=row.state_label,
            amount_fen=0,
        )  # fmt: skip
    return PublicDecision(
        id=disclosure_id,
        row=row,
        content=content,
        fields=tuple(public_fields(content)) if content else (),
        version=record.version.no,
        expires_on=record.expires_on,
        history=tuple(_public_event(e) for e in events),
        entry_ids=tuple(entry_id for e in events if (entry_id := _entry_of(e)) is not None),
        plain_summary=str(content.get("summary", "")),
        updated_at=record.updated_at,
    )


def public_file(disclosure_id: int, sha256: str) -> FileRef:
    """A file that is public with the text now on show. ``NotFound`` for any other."""
    found = public_decision(disclosure_id)
    if any(listed["sha256"] == sha256 for listed in found.content.get("attachments", ())):
        row = Attachment.objects.filter(disclosure_id=disclosure_id, sha256=sha256).order_by("-pk").first()
        if row is not None:
            return files.ref(row.file_id)
    raise NotFound("没有找到这个附件", remedy="请从公示信息页面打开附件")


def public_events(disclosure_id: int) -> QuerySet[Event]:
    return (
        Event.objects.filter(disclosure_id=disclosure_id, kind__in=PUBLIC_EVENTS)
        .select_related("version", "disclosure", "snapshot")
        .order_by("pk")
    )


def _public_event(event: Event) -> EventView:
    """The history as the public reads it: what, when and why; not which employee."""
    view = event_view(event)
    return EventView(
        kind=view.kind,
        label=view.label,
        at=view.at,
        by="",
        reason=view.reason,
        basis=view.basis,
        version=view.version,
    )


def _entry_of(event: Event) -> int | None:
    entries = ledger.entries_of(event_subject(event))
    return entries[-1].id if entries else None  # the last: one told anew names nobody (``feed.retell``)


def public_fields(content: Mapping[str, object]) -> list[tuple[str, str]]:
    """The notice's lines, in the order an official notice has them."""
    lines: list[tuple[str, str]] = [
        ("执法机关", str(content["agency"])),
        ("执法机关统一社会信用代码", str(content.get("agency_code", ""))),
        ("作出决定的机关", str(content.get("decided_by", ""))),
        ("行政相对人", str(content["party"])),
        ("相对人类型", PARTY_KINDS.get(str(content.get("party_kind", "")), "")),
        ("统一社会信用代码", str(content.get("party_code", ""))),
        ("决定书文号", str(content["number"])),
    ]
    kinds = content.get("kinds")
    if isinstance(kinds, list):
        lines.append(("处罚种类", "；".join(PENALTY_KINDS.get(str(k), str(k)) for k in kinds)))
    for name, label in preparing.TEXTS.items():
        if name != "title":
            named = "许可证书名称" if name == "licence" and content.get("licence_class") else label
            lines.append((named, str(content.get(name, ""))))
    for name, label in (("fine_fen", "罚款金额"), ("forfeit_fen", "没收金额"), ("amount_fen", "征收金额")):
        amount = content.get(name)
        if isinstance(amount, int) and amount:
            lines.append((label, f"{money.yuan(amount)} 元"))
    lines.append(("决定日期", str(content["decided_on"])))
    begins, ends = str(content.get("valid_from", "")), str(content.get("valid_until", ""))
    lines.append(("有效期自", begins))
    lines.append(("有效期至", ends or ("长期" if begins else "")))
    lines.append(("公示截止日期", str(content.get("expires_on", ""))))
    return [(label, value) for label, value in lines if value]


def _latest_entry(disclosure_id: int) -> int:
    if not PublicRecord.objects.filter(pk=min(disclosure_id, _LARGEST)).exists():
        raise NotFound("没有找到这条公示信息", remedy="请从公示查询页按文号或者名称查找")
    event = public_events(disclosure_id).last()
    entry_id = _entry_of(event) if event is not None else None
    if entry_id is None:
        raise NotFound("没有找到这条公示信息的存证条目")
    return entry_id


def _not_yet() -> NotFound:
    return NotFound("凭证尚未生成", remedy="新发布的信息一般在一分钟内生成凭证，请稍后再取")


def public_receipt(disclosure_id: int) -> str:
    """The receipt of the decision's latest public event, as C2SP tlog-proof text."""
    text = ledger.receipt(_latest_entry(disclosure_id))
    if text is None:
        raise _not_yet()
    return text


def public_bundle(disclosure_id: int) -> str:
    """The disclosing receipt file of the decision's latest public event. Its payload names number, time,
    reason and the digest of the published text; nothing that is not public already."""
    text = ledger.bundle(_latest_entry(disclosure_id))
    if text is None:
        raise _not_yet()
    return text

"""Public reads: published words only. No function here touches ``Disclosure``'s own text or ``Snapshot``."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from django.core.cache import cache
from django.db.models import QuerySet

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import money
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.publication import preparing
from mingzhi.publication.choices import PUBLIC_EVENTS, AmountBand, DecisionKind, PublicState
from mingzhi.publication.data import (
    PARTY_KINDS,
    PENALTY_KINDS,
    EventView,
    Facet,
    Facets,
    HomeCounts,
    PublicDecision,
    PublicPage,
    PublicRow,
)
from mingzhi.publication.events import event_subject
from mingzhi.publication.models import Attachment, Event, PublicRecord
from mingzhi.publication.queries import event_view
from mingzhi.search import api as search

FILTERS = ("body", "kind", "field", "region", "year", "band")
_INTS = {"body", "year"}
_LARGEST = 2**63 - 1
FIELD_LABELS = {"transport": "交通运输", "chengguan": "城市管理", "urban": "城市管理", "water": "水利"}


def row_of(record: PublicRecord) -> PublicRow:
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


def clean_filters(filters: Mapping[str, str]) -> dict[str, object]:
    """Only what may be filtered by, in its type; anything else is dropped, never an error."""
    out: dict[str, object] = {}
    for name in FILTERS:
        value = str(filters.get(name, "")).strip()[:20]
        if not value:
            continue
        if name in _INTS:
            if value.isascii() and value.isdigit() and len(value) <= 9:
                out[name] = int(value)
        else:
            out[name] = value
    return out


def _filtered(filters: Mapping[str, object]) -> QuerySet[PublicRecord]:
    rows = PublicRecord.objects.filter(shown=True)
    return rows.filter(**{"body_id" if k == "body" else k: v for k, v in filters.items()})


def public_search(
    query: str = "", filters: Mapping[str, str] | None = None, *, cursor: str = "", limit: int = 20
) -> PublicPage:
    """Published decisions, newest first. Every word of ``query`` must occur (exact, no dictionary).

    ``cursor`` is the ``next_cursor`` of the page before; a cursor that is none starts anew. Raises the
    search room's errors for a query too short or too long.
    """
    wanted = clean_filters(filters or {})
    before = int(cursor) if cursor.isascii() and cursor.isdigit() and len(cursor) < 19 else None
    if query.strip():
        found = search.matching("public", query, limit=limit, before=before, facets=wanted or None)
        records = PublicRecord.objects.in_bulk(list(found.refs))
        rows = tuple(row_of(records[ref]) for ref in found.refs if ref in records and records[ref].shown)
        return PublicPage(rows, str(found.cursor) if found.more and found.cursor is not None else "")
    listed = _filtered(wanted).order_by("-rank")
    if before is not None:
        listed = listed.filter(rank__lt=before)
    page = list(listed[: limit + 1])
    more = len(page) > limit
    return PublicPage(tuple(row_of(r) for r in page[:limit]), str(page[limit - 1].rank) if more else "")


def public_of_party(credit_code: str, *, limit: int = 50) -> tuple[PublicRow, ...]:
    """An organisation's published decisions, newest first (R051)."""
    rows = PublicRecord.objects.filter(shown=True, party_code=credit_code.strip().upper()).exclude(
        party_code=""
    )
    return tuple(row_of(r) for r in rows.order_by("-rank")[:limit])


def facets(on: date) -> Facets:
    """What the filter bar offers. The lists are short and change slowly: kept for a minute."""
    known: Facets | None = cache.get("publication.facets")
    if known is not None:
        return known
    shown = PublicRecord.objects.filter(shown=True)
    regions = sorted({b.region_code for b in organisations.public_bodies() if b.region_code})
    oldest = shown.order_by("year").values_list("year", flat=True).first()
    fields = [v for v in shown.order_by("field").values_list("field", flat=True).distinct()[:30] if v]
    found = Facets(
        agencies=tuple(Facet(str(b.id), b.name) for b in organisations.public_bodies()),
        kinds=tuple(Facet(v, str(label)) for v, label in DecisionKind.choices),
        fields=tuple(Facet(v, FIELD_LABELS.get(v, v)) for v in fields),
        regions=tuple(Facet(r, r) for r in regions) if len(regions) > 1 else (),
        years=tuple(Facet(str(y), f"{y} 年") for y in range(on.year, (oldest or on.year) - 1, -1)),
        bands=tuple(Facet(v, str(label)) for v, label in AmountBand.choices),
    )
    cache.set("publication.facets", found, 60)
    return found


def home_counts(on: date) -> HomeCounts:
    """Figures of the home page, at most a minute old, and the newest five."""
    known: tuple[int, int, int] | None = cache.get("publication.home")
    if known is None:
        shown = PublicRecord.objects.filter(shown=True)
        known = (
            shown.count(),
            shown.filter(year=on.year).count(),
            PublicRecord.objects.filter(state=PublicState.WITHDRAWN).count(),
        )
        cache.set("publication.home", known, 60)
    latest = tuple(row_of(r) for r in PublicRecord.objects.filter(shown=True).order_by("-rank")[:5])
    return HomeCounts(*known, latest=latest)


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
    return entries[0].id if entries else None


def public_fields(content: Mapping[str, object]) -> list[tuple[str, str]]:
    """The notice's lines, in the order an official notice has them."""
    lines: list[tuple[str, str]] = [
        ("执法机关", str(content["agency"])),
        ("执法机关统一社会信用代码", str(content.get("agency_code", ""))),
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
            lines.append((label, str(content.get(name, ""))))
    for name, label in (("fine_fen", "罚款金额"), ("forfeit_fen", "没收金额")):
        amount = content.get(name)
        if isinstance(amount, int) and amount:
            lines.append((label, f"{money.yuan(amount)} 元"))
    lines.append(("决定日期", str(content["decided_on"])))
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

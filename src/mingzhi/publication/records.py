"""The public's index: shown and hidden in the same transaction as the fact, search index included."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.kernel import clock
from mingzhi.publication import preparing
from mingzhi.publication.choices import PublicState
from mingzhi.publication.events import PUBLIC
from mingzhi.publication.models import Disclosure, PublicRecord, Version
from mingzhi.search import api as search

SPACE = "public"


def search_text(content: dict[str, Any]) -> str:
    """What full-text search may find: only words that are published."""
    parts = [
        content[name]
        for name in ("agency", "decided_by", "party", "party_code", "number", "summary")
        if content.get(name)
    ]
    parts += [str(content[name]) for name in preparing.TEXTS if content.get(name)]
    parts += [PENALTY_KINDS.get(code, code) for code in content.get("kinds", [])]
    return "\n".join(parts)


def rank_of(published_on: date, disclosure_id: int) -> int:
    """Newest first, and a page cursor: the day, then the disclosure."""
    return published_on.toordinal() * 1_000_000_000 + disclosure_id


def facets_of(record: PublicRecord) -> dict[str, object]:
    return {
        "body": record.body_id,
        "kind": record.kind,
        "field": record.field,
        "region": record.region,
        "year": record.year,
        "band": record.band,
    }


def show(row: Disclosure, version: Version, state: PublicState, *, at: datetime) -> None:
    """Make ``version`` what the public sees of ``row``."""
    content = version.content
    decided_on = date.fromisoformat(content["decided_on"])
    published_on = clock.local_date(row.published_at or at)
    amount = int(content.get("fine_fen", 0)) + int(content.get("forfeit_fen", 0))
    record = PublicRecord(
        disclosure=row,
        state=state,
        shown=True,
        agency=content["agency"][:120],
        body_id=row.body_id,
        kind=row.kind,
        kinds=",".join(content.get("kinds", []))[:120],
        number=content["number"][:128],
        title=str(content.get("title", ""))[:200],
        party=content["party"][:200],
        party_code=content.get("party_code", ""),
        field=content.get("field", ""),
        region=content.get("region", ""),
        year=decided_on.year,
        amount_fen=amount,
        band=preparing.band(amount),
        decided_on=decided_on,
        published_on=published_on,
        expires_on=date.fromisoformat(content["expires_on"]) if content.get("expires_on") else None,
        updated_at=at,
        version=version,
        rank=rank_of(published_on, row.pk),
    )
    if PublicRecord.objects.filter(pk=row.pk).exists():
        record.save(force_update=True)
    else:
        record.save(force_insert=True)
    PUBLIC.kept(record, at=at)
    search.index(SPACE, row.pk, search_text(content), sort=published_on, facets=facets_of(record))


def hide(row: Disclosure, state: PublicState, *, at: datetime) -> None:
    """Take ``row`` off lists and search; its page keeps number, agency, dates and reason only."""
    record = PublicRecord.objects.filter(pk=row.pk).first()
    if record is not None:
        record.state, record.shown, record.updated_at = state, False, at
        record.save(update_fields=["state", "shown", "updated_at"])
        PUBLIC.kept(record, at=at)
    search.remove(SPACE, row.pk)

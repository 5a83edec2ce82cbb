"""Writes of the catalogue: publishing list rows. Laws are imported in ``laws.py``."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from mingzhi.catalogue import packs
from mingzhi.catalogue.errors import BadList
from mingzhi.catalogue.events import PUBLISHED
from mingzhi.catalogue.models import Entry, Publication
from mingzhi.catalogue.payloads import content_digest
from mingzhi.catalogue.shelf import Row
from mingzhi.kernel import canonical, clock, numbers
from mingzhi.organisations.data import Actor


@dataclass(frozen=True, slots=True)
class Published:
    """What a publication did; ``publication_id`` is None when there was nothing to do."""

    publication_id: int | None
    added: int
    closed: int
    unchanged: int


def _plan(rows: Iterable[Row], on: date) -> tuple[list[Row], list[tuple[Entry, date]], int]:
    """Rows to add, entries to end and when, and how many rows say what is already in force."""
    standing: dict[tuple[str, str, str], list[Entry]] = {}
    for entry in Entry.objects.order_by("valid_from"):
        standing.setdefault((entry.kind, entry.scope, entry.code), []).append(entry)
    add: list[Row] = []
    end: list[tuple[Entry, date]] = []
    unchanged = 0
    for row in sorted(rows, key=lambda r: r.valid_from):
        entries = standing.get((row.kind, row.scope, row.code), [])
        plain = canonical.plain(dict(row.data))
        if any(
            e.data == plain and e.valid_from >= row.valid_from and e.valid_to == row.valid_to for e in entries
        ):
            unchanged += 1
            continue
        same = next((e for e in entries if e.data == plain), None)
        if same is not None and row.valid_to is not None and same.valid_to is None:
            end.append((same, row.valid_to))
            continue
        if same is not None and same.valid_to is not None:
            unchanged += 1  # superseded since; publishing it again would undo a later revision
            continue
        start = row.valid_from
        if entries and entries[-1].valid_from >= start:
            start = on  # a correction of what is published counts from today, never backwards
        if entries and entries[-1].valid_from >= start:
            raise BadList(why=f"{row.code} 当日已发布过内容，同一生效日期不能改写，请改日发布")
        if entries and entries[-1].valid_to is None:
            end.append((entries[-1], start))
        elif entries and entries[-1].valid_to is not None and entries[-1].valid_to > start:
            raise BadList(why=f"{row.code} 的有效期与已发布内容重叠")
        add.append(replace(row, valid_from=start))
    return add, end, unchanged


def _in_turn() -> None:
    """One publication commits before another begins: each chain continues the one before it, and the latest that
    anybody sees stands for all there are (``queries.shelf``)."""
    numbers.allot("catalogue:publication")


def list_publish(
    *, rows: Iterable[Row], source: str, by: Actor, at: datetime, dry_run: bool = False
) -> Published:
    """Publish list rows: new ones are added, changed ones end the row they replace. Idempotent.

    One ledger entry per publication. ``BadList`` where periods would overlap or history be rewritten.
    """
    with transaction.atomic():
        _in_turn()
        add, end, unchanged = _plan(rows, clock.local_date(at))
        if dry_run or not (add or end):
            return Published(None, len(add), len(end), unchanged)
        publication = entries_commit(add=add, end=end, source=source, by=by, at=at)
        return Published(publication.pk, len(add), len(end), unchanged)


def entries_commit(
    *, add: list[Row], end: list[tuple[Entry, date]], source: str, by: Actor, at: datetime
) -> Publication:
    """One publication: these rows begin, these entries end on their days. In the caller's transaction."""
    _in_turn()
    publication = Publication(
        source=source[:200],
        added=len(add),
        closed=len(end),
        published_by=by.label,
        published_at=at,
    )
    last = Publication.objects.order_by("-pk").values_list("chain", flat=True).first() or ""
    fresh = [
        Entry(
            kind=row.kind,
            scope=row.scope,
            code=row.code,
            name=str(row.data.get("name") or row.data.get("label") or "")[:300],
            field=str(row.data.get("field", "")),
            data=canonical.plain(dict(row.data)),
            valid_from=row.valid_from,
            valid_to=row.valid_to,
        )
        for row in add
    ]
    closing = []
    for entry, day in end:
        entry.valid_to = day
        closing.append(entry)
    publication.digest = content_digest(fresh, closing)
    publication.chain = hashlib.sha256(f"{last}|{publication.digest}".encode()).hexdigest()
    publication.save(force_insert=True)
    for entry in closing:
        entry.closed_by = publication
        entry.save(update_fields=["valid_to", "closed_by"])
    for entry in fresh:
        entry.publication = publication
    Entry.objects.bulk_create(fresh, batch_size=200)
    PUBLISHED.kept(publication, at=at)
    return publication


def load_packs(*, by: Actor, at: datetime, dry_run: bool = False, path: Path | None = None) -> Published:
    """Publish the shipped packs, or the pack file ``path``. A second run does nothing."""
    rows = packs.shelf().rows if path is None else tuple(packs.read(path))
    source = "随系统提供的目录" if path is None else path.name
    return list_publish(rows=rows, source=source, by=by, at=at, dry_run=dry_run)

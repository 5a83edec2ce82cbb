"""Reads: the catalogue in force, from the published rows; where nothing is published yet, the shipped packs."""

from __future__ import annotations

from datetime import date
from typing import Any

from mingzhi.catalogue import discretion, lists, packs
from mingzhi.catalogue.data import (
    AskedFact,
    HearingThreshold,
    ItemView,
    NoPenaltyRule,
    Proposal,
    RecordingRule,
    ReviewRule,
)
from mingzhi.catalogue.frozen import freeze
from mingzhi.catalogue.models import Entry, Publication
from mingzhi.catalogue.norms import HasProfile
from mingzhi.catalogue.shelf import Row, Shelf
from mingzhi.kernel.errors import Reason
from mingzhi.kernel.prepared import Read

_kept: list[Shelf] = []
_LATEST = Read(lambda: Publication.objects.order_by("-pk").values_list("pk", "chain")[:1])


def shelf() -> Shelf:
    """The published catalogue. One small query tells whether the kept copy is still the latest."""
    latest = _LATEST.one()
    if latest is None:
        return packs.shelf()
    if not _kept or _kept[0].mark != latest:
        rows = (
            Row(
                kind=entry.kind,
                scope=entry.scope,
                code=entry.code,
                valid_from=entry.valid_from,
                valid_to=entry.valid_to,
                data=freeze(entry.data),
                row_id=entry.pk,
                version=packs.version_of(entry.data),
            )
            for entry in Entry.objects.order_by("valid_from", "pk").iterator(chunk_size=2000)
        )
        _kept[:] = [Shelf(rows, mark=latest)]
    return _kept[0]


def item(code: str, on: date, *, body: HasProfile | str | None = None) -> ItemView:
    """The power item ``code`` in force on ``on``; raises ``UnknownItem``."""
    return lists.item(shelf(), code, on, body=body)


def items(
    *, on: date, field: str | None = None, query: str = "", body: HasProfile | str | None = None
) -> tuple[ItemView, ...]:
    """Items in force on ``on``, by field (transport, urban, water) and words."""
    return lists.items(shelf(), on=on, field=field, query=query, body=body)


def items_by_basis(text: str, *, on: date, body: HasProfile | str | None = None) -> tuple[ItemView, ...]:
    """Items whose basis ``text`` cites, the closest match first."""
    return lists.items_by_basis(shelf(), text, on=on, body=body)


def item_versions(code: str) -> tuple[ItemView, ...]:
    """Every version of an item, oldest first."""
    return tuple(lists.item_view(row) for row in shelf().versions("item", code))


def propose(
    item_code: str, facts: dict[str, Any], *, on: date, body: HasProfile | str | None = None
) -> Proposal:
    """What law and benchmark lead to for these facts: tier, range, kinds, steps with citations."""
    return discretion.propose(shelf(), item_code, facts, on=on, body=body)


def benchmark_asks(
    item_code: str, *, on: date, body: HasProfile | str | None = None
) -> tuple[AskedFact, ...]:
    """What the item's benchmark must be told to come to a tier; empty without a benchmark."""
    return discretion.asked(shelf(), item_code, on, body)


def tiers(item_code: str, *, on: date, body: HasProfile | str | None = None) -> tuple[tuple[str, str], ...]:
    """(tier, circumstance) of the item's benchmark in force, as it was published; empty without one."""
    return discretion.tiers(discretion.benchmark(shelf(), item_code, on, body))


def range_problems(
    item_code: str,
    tier: str,
    amount_fen: int,
    *,
    on: date,
    facts: dict[str, Any] | None = None,
    party_kind: str = "",
    body: HasProfile | str | None = None,
) -> list[Reason]:
    """Why an amount lies outside the law's range or the benchmark's tier; empty when it does not."""
    return discretion.range_problems(
        shelf(), item_code, tier, amount_fen, on=on, facts=facts, party_kind=party_kind, body=body
    )


def recording_rule(*, body: HasProfile | str | None, act: str, on: date) -> RecordingRule:
    """How an act must be recorded for this body (domain §6.2)."""
    return lists.recording_rule(shelf(), body=body, act=act, on=on)


def recording_list(*, body: HasProfile | str | None, on: date) -> tuple[RecordingRule, ...]:
    return lists.recording_list(shelf(), body=body, on=on)


def review_list(body: HasProfile | str | None, on: date) -> tuple[ReviewRule, ...]:
    """The legal-review catalogue in force for a body (domain §5.1)."""
    return lists.review_list(shelf(), body=body, on=on)


def hearing_threshold(
    *, body: HasProfile | str | None, field: str, party_kind: str, on: date
) -> HearingThreshold:
    """From which amount a hearing must be offered (PEN-17)."""
    return lists.hearing_threshold(shelf(), body=body, field=field, party_kind=party_kind, on=on)


def no_penalty_list(*, body: HasProfile | str | None, on: date) -> tuple[NoPenaltyRule, ...]:
    """Checklist of arts 30–33: no penalty, may be spared, lighter or reduced."""
    return lists.no_penalty_list(shelf(), body=body, on=on)


def publications() -> tuple[Publication, ...]:
    return tuple(Publication.objects.order_by("-pk"))

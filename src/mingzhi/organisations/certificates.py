"""A certificate on a day, folded from its validity and its events (R145–R151, PER-01…07).

Pure: rows in, states out. ``queries`` fetches the rows. docs/algorithms/certificates.md says it in prose.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from mingzhi.organisations.choices import (
    CertificateEventKind,
    CertificateKind,
    CertificateStatus,
    StaffingKind,
)
from mingzhi.organisations.data import CertificateState

#: Words by which a certificate's scope names a field of the catalogue.
FIELD_WORDS: dict[str, tuple[str, ...]] = {
    "transport": ("交通运输", "交通综合", "公路", "道路运输", "水路运输", "港口", "海事", "航道"),
    "urban": ("城市管理", "城管", "综合行政执法", "市容", "市政", "住房城乡建设"),
    "water": ("水利", "水务", "水行政", "水政", "水资源", "水土保持", "河道"),
}
EVERYTHING = "全部"

_RANK = (
    CertificateStatus.VALID,
    CertificateStatus.UNINSPECTED,
    CertificateStatus.UNTRAINED,
    CertificateStatus.SUSPENDED,
    CertificateStatus.SCOPE,
    CertificateStatus.EARLY,
    CertificateStatus.EXPIRED,
    CertificateStatus.REVOKED,
)


@dataclass(frozen=True, slots=True)
class Event:
    kind: str
    on: date
    id: int


@dataclass(frozen=True, slots=True)
class Card:
    """One certificate with its events."""

    id: int
    kind: str
    issuer: str
    number: str
    scope: str
    area: str
    valid_from: date
    valid_until: date
    last_inspected_on: date | None
    last_retrained_on: date | None
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True)
class Holder:
    """A person with all cards."""

    id: int
    name: str
    staffing: str
    active: bool
    cards: tuple[Card, ...] = ()


def scopes(text: str) -> tuple[str, ...]:
    """The fields a scope names: ``"城市管理、市容环境"`` → two."""
    return tuple(part for part in (p.strip() for p in re.split(r"[、，,；;/\s]+", text)) if part)


def in_field(scope: str, field: str) -> bool:
    """Whether ``scope`` covers ``field``: a catalogue field code, or a Chinese word of its own."""
    if not field:
        return True
    parts = scopes(scope)
    if EVERYTHING in parts:
        return True
    words = FIELD_WORDS.get(field, (field,))
    return any(word in part for part in parts for word in words)


def years_after(day: date, years: int) -> date:
    """The same day ``years`` later; 29 February becomes 28 February in a common year."""
    try:
        return day.replace(year=day.year + years)
    except ValueError:
        return day.replace(year=day.year + years, day=28)


def card_status(
    card: Card,
    on: date,
    field: str = "",
    *,
    inspection_years: int | None = None,
    retraining_years: int | None = None,
) -> tuple[CertificateStatus, str]:
    """What ``card`` is worth on ``on``, and why not more.

    Validity counts both end days. An event counts from its own day. Revocation is final. Inspection and
    retraining are asked only where the caller's norms say so; counted from the last one, else from issue.
    """
    suspended_on: date | None = None
    for event in sorted(card.events, key=lambda e: (e.on, e.id)):
        if event.on > on:
            break
        if event.kind == CertificateEventKind.REVOKE:
            return CertificateStatus.REVOKED, f"证件已于 {event.on} 注销"
        suspended_on = event.on if event.kind == CertificateEventKind.SUSPEND else None
    if on < card.valid_from:
        return CertificateStatus.EARLY, f"证件自 {card.valid_from} 起有效"
    if on > card.valid_until:
        return CertificateStatus.EXPIRED, f"证件有效期至 {card.valid_until}，已过期"
    if suspended_on is not None:
        return CertificateStatus.SUSPENDED, f"证件自 {suspended_on} 起暂扣"
    if inspection_years is not None:
        due = years_after(card.last_inspected_on or card.valid_from, inspection_years)
        if on > due:
            return CertificateStatus.UNINSPECTED, f"证件应于 {due} 前审验，尚无审验记录"
    if retraining_years is not None:
        due = years_after(card.last_retrained_on or card.valid_from, retraining_years)
        if on > due:
            return CertificateStatus.UNTRAINED, f"应于 {due} 前完成更新培训考试，尚无记录"
    if not in_field(card.scope, field):
        return CertificateStatus.SCOPE, f"证件执法领域为“{card.scope}”，不含本案领域"
    return CertificateStatus.VALID, ""


def holder_state(
    holder: Holder,
    on: date,
    field: str = "",
    *,
    inspection_years: int | None = None,
    retraining_years: int | None = None,
) -> CertificateState:
    """The best enforcement certificate of ``holder`` on ``on``. Auxiliary staff never count (PER-07)."""
    best: tuple[int, Card, CertificateStatus, str] | None = None
    card: Card | None
    for held in holder.cards:
        if held.kind != CertificateKind.ENFORCEMENT:
            continue
        status, note = card_status(
            held, on, field, inspection_years=inspection_years, retraining_years=retraining_years
        )
        rank = _RANK.index(status)
        if best is None or rank < best[0]:
            best = rank, held, status, note
    if best is None:
        status, note, card = CertificateStatus.NONE, "没有登记行政执法证件", None
    else:
        _, card, status, note = best
    if holder.staffing != StaffingKind.ESTABLISHED:
        status, note = CertificateStatus.AUXILIARY, "不是在编在职执法人员，不计入两名执法人员"
    elif not holder.active:
        status, note = CertificateStatus.LEFT, "该人员已不在岗"
    if card is None:
        return CertificateState(person_id=holder.id, name=holder.name, on=on, status=status.value, note=note)
    return CertificateState(
        person_id=holder.id,
        name=holder.name,
        on=on,
        status=status.value,
        number=card.number,
        issuer=card.issuer,
        scope=scopes(card.scope),
        valid_from=card.valid_from,
        valid_until=card.valid_until,
        note=note,
        area=card.area,
        certificate_id=card.id,
    )


def numbered(states: Iterable[CertificateState]) -> list[str]:
    """``["张某甲：证件已于 … 注销", …]`` for the states that are not valid."""
    return [f"{s.name}：{s.note}" for s in states if not s.valid]

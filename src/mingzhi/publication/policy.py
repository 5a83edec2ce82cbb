"""Which channel shows a decision, and for how long (domain §4.5; docs/algorithms/publication-period.md).

Periods are counted from the decision: a decision of 2026-05-10 shown for three months is shown up to
and including 2026-08-10.
"""

from __future__ import annotations

import calendar
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.publication.choices import Channel, Severity
from mingzhi.publication.data import PolicyOutcome

_FILE = Path(__file__).with_name("policies.yaml")


@dataclass(frozen=True, slots=True)
class Rule:
    """One row of the policy table. ``act`` and ``severity``, ``party_kind`` empty or ``any`` match all;
    ``start`` (included) and ``end`` (not included) are days of decision."""

    channel: str
    act: str
    publish: bool
    min_months: int = 0
    max_months: int | None = None
    severity: str = ""
    party_kind: str = ""
    start: date | None = None
    end: date | None = None
    citation: str = ""
    confirmed: bool = False
    own_name: str = ""
    version: str = ""

    def matches(self, *, channel: str, act: str, severity: str, party_kind: str, on: date) -> bool:
        return (
            self.channel == channel
            and self.act in {act, "any"}
            and self.severity in {"", severity}
            and self.party_kind in {"", party_kind}
            and (self.start is None or self.start <= on)
            and (self.end is None or on < self.end)
        )


@cache
def _file() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(_FILE.read_text("utf-8"))
    return loaded


@cache
def shipped() -> tuple[Rule, ...]:
    """The table that ships, in order: the first row that matches is the rule."""
    data = _file()
    return tuple(
        Rule(
            channel=row["channel"],
            act=row["act"],
            publish=row["publish"],
            min_months=row.get("min_months", 0),
            max_months=row.get("max_months"),
            severity=row.get("severity", ""),
            party_kind=row.get("party_kind", ""),
            start=row.get("from"),
            end=row.get("until"),
            citation=row["citation"],
            confirmed=row["confirmed"],
            own_name=data["own_name"][row["channel"]],
            version=str(data["version"]),
        )
        for row in data["rules"]
    )


def severity_of(kinds: Iterable[str], *, summary_procedure: bool) -> str:
    """失信程度 by the heaviest kind; the on-the-spot procedure is always 轻微."""
    classes: Mapping[str, Any] = _file()["classify"]
    if summary_procedure:
        return str(classes["summary_procedure"])
    found = set(kinds)
    if found & set(classes["serious_kinds"]):
        return Severity.SERIOUS.value
    if found & set(classes["ordinary_kinds"]):
        return Severity.ORDINARY.value
    return Severity.MINOR.value


def add_months(day: date, months: int) -> date:
    """The same day ``months`` later, or the month's last day where it has no such day."""
    index = day.year * 12 + day.month - 1 + months
    year, month = divmod(index, 12)
    return date(year, month + 1, min(day.day, calendar.monthrange(year, month + 1)[1]))


def outcome(
    own: Iterable[Rule],
    *,
    channel: str,
    act: str,
    severity: str,
    party_kind: str,
    decided_on: date,
    valid_until: date | None = None,
) -> PolicyOutcome:
    """What ``channel`` does with a decision of ``decided_on``; the body's ``own`` rules come first.

    A restriction that outlasts the period is shown as long as it lasts (``valid_until``).
    """
    rule = next(
        rule
        for rule in (*own, *shipped())
        if rule.matches(channel=channel, act=act, severity=severity, party_kind=party_kind, on=decided_on)
    )
    longest = add_months(decided_on, rule.max_months) if rule.max_months is not None else valid_until
    if longest is not None and valid_until is not None and valid_until > longest:
        longest = valid_until
    return PolicyOutcome(
        channel=channel,
        channel_label=Channel(channel).label,
        severity=severity,
        severity_label=Severity(severity).label if severity else "",
        publish=rule.publish,
        min_until=add_months(decided_on, rule.min_months) if rule.min_months else None,
        max_until=longest,
        version=rule.version,
        citation=rule.citation,
        confirmed=rule.confirmed,
        own_name=rule.own_name or str(_file()["own_name"][channel]),
    )

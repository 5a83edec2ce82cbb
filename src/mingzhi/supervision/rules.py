"""Which rule a body counts a year by: norms in force at the end of that year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mingzhi.catalogue import api as catalogue
from mingzhi.kernel import canonical
from mingzhi.organisations.data import BodyRef
from mingzhi.supervision.counting import Rule, RuleOf

FIRST = date(2021, 12, 31)
"""Years before the kinds of penalty got their present names are counted by the first rule there is."""


@dataclass(frozen=True, slots=True)
class YearRule:
    """The rule with what a page says of it."""

    rule: Rule
    in_wan: bool
    acts: tuple[str, ...]
    lines: tuple[tuple[str, str, str, bool], ...]
    """(what, value in words, citation, whether unconfirmed)."""


def _end(year: int) -> date:
    return max(FIRST, date(year, 12, 31))


def rule(body: BodyRef, year: int) -> Rule:
    """How ``body`` counts ``year``; the version is the digest of what it says."""
    severity = tuple(catalogue.norm("annual.severity", body=body, on=_end(year)).value)
    stay = bool(catalogue.norm("annual.annulled_stay", body=body, on=_end(year)).value)
    return Rule(severity, stay, canonical.digest([severity, stay])[:16])


def rule_of(body: BodyRef) -> RuleOf:
    """The body's rule by year, each read once."""
    known: dict[int, Rule] = {}

    def of(year: int) -> Rule:
        if year not in known:
            known[year] = rule(body, year)
        return known[year]

    return of


def year_rule(body: BodyRef, year: int) -> YearRule:
    """The rule, the unit of amounts and the body's kinds of acts, with their sources."""
    on = _end(year)
    severity = catalogue.norm("annual.severity", body=body, on=on)
    stay = catalogue.norm("annual.annulled_stay", body=body, on=on)
    unit = catalogue.norm("annual.amount_unit", body=body, on=on)
    acts = catalogue.norm("acts.types", body=body, on=on)
    names = catalogue.PENALTY_KINDS
    lines = (
        (
            severity.description,
            "＜".join(names.get(k, k) for k in severity.value),
            severity.citation_text,
            severity.unconfirmed,
        ),
        (stay.description, "仍计入" if stay.value else "不再计入", stay.citation_text, stay.unconfirmed),
        (
            unit.description,
            "万元" if unit.value == "wan" else "元",
            unit.citation_text,
            unit.unconfirmed,
        ),
        (acts.description, "、".join(acts.value), acts.citation_text, acts.unconfirmed),
    )
    return YearRule(rule(body, year), unit.value == "wan", tuple(acts.value), lines)

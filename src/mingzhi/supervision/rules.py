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


_NOWHERE = "国家没有统一规定（待核实）"
OPEN: tuple[tuple[str, str, str, bool], ...] = (
    ("两个以上机关共同作出的决定", "计一件，计入牵头机关", _NOWHERE, True),
    (
        "一件行政强制决定有几种措施的",
        "各计入相应种类；强制措施按决定日期，强制执行按执行完毕或者终结的日期",
        "杭州市行政执法统计填报说明（2019年）（待核实）",
        True,
    ),
    (
        "行政征收、征用、裁决、确认、奖励、给付和其他执法行为",
        "按作出决定的日期",
        "大同市行政执法统计年报填报说明（2024年）按当年办结（待核实）",
        True,
    ),
    (
        "行政检查",
        "一个检查对象登记检查结果的计一次，按检查日期；已登记后续处罚的不计；"
        "系统只统计双随机抽查，其余检查由承办机构补报",
        "大同市行政执法统计年报填报说明（2024年）（待核实）",
        True,
    ),
)
"""How we count where the law says nothing and nobody's rule is in the norms: told with every report."""


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
    government = bool(catalogue.norm("annual.government_name", body=body, on=_end(year)).value)
    return Rule(severity, stay, canonical.digest([severity, stay, government])[:16], government)


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
    government = catalogue.norm("annual.government_name", body=body, on=on)
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
            government.description,
            "计入本机关" if government.value else "不计入本机关",
            government.citation_text,
            government.unconfirmed,
        ),
        *OPEN,
        (
            unit.description,
            "万元" if unit.value == "wan" else "元",
            unit.citation_text,
            unit.unconfirmed,
        ),
        (acts.description, "、".join(acts.value), acts.citation_text, acts.unconfirmed),
    )
    return YearRule(rule(body, year), unit.value == "wan", tuple(acts.value), lines)

"""制度库: which documents an agency must have, which elements they must hold, and whether the terms that they fix
agree with the norms in force (R003, R026, R063, R077, R094, R096). Pure.

What is demanded is data: ``lists.institutions`` names the documents, ``lists.institution_elements`` per document its
elements, its terms (the norm, and the words beside which a text fixes it) and the norm whose wording it must cite. A
program finds words, it does not understand a text: what it does not find is shown to the keeper, nothing is refused.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mingzhi.catalogue import lawtext, norms
from mingzhi.catalogue.norms import HasProfile

HOURS = {"H": 1, "CD": 24, "WD": 24, "M": 720, "Y": 8760}
"""For comparing a term in one unit with a norm in another; working days and days are never called equal."""
UNITS = {"H": "小时", "CD": "日", "WD": "个工作日", "M": "个月", "Y": "年"}
_UNIT = {"小时": "H", "工作日": "WD", "日": "CD", "天": "CD", "月": "M", "年": "Y"}
_TERM = re.compile(
    r"(?<![\d年月])(\d{1,3}|[一二两三四五六七八九十百]{1,5})\s*(?:个)?(?:自然)?(小时|工作日|日|天|月|年)(?![一二三四五六七八九十\d])"
)
_CLAUSE = re.compile(r"[。；;\n]")
NEAR = 40
"""Characters after the word within which its term stands; before it, half of them."""


@dataclass(frozen=True, slots=True)
class TermSaid:
    """A term as the text fixes it (``said``) against the norm in force. ``verdict``: same, stricter, looser, or
    unlike where the units cannot be compared."""

    label: str
    said: str
    wanted: str
    verdict: str
    citation: str


@dataclass(frozen=True, slots=True)
class Finding:
    """One demanded document: whether the library holds it, what its text lacks, which terms it fixes."""

    code: str
    name: str
    held: bool
    lacks: tuple[str, ...] = ()
    terms: tuple[TermSaid, ...] = ()

    @property
    def sound(self) -> bool:
        return self.held and not self.lacks and all(t.verdict in ("same", "stricter") for t in self.terms)


def findings(texts: Mapping[str, str], body: HasProfile, on: date) -> tuple[Finding, ...]:
    """Every document that the agency's own plan demands, against the library's texts by code."""
    demands = {d["code"]: d for d in norms.norm("lists.institution_elements", body=body, on=on).value or ()}
    found = []
    for line in norms.norm("lists.institutions", body=body, on=on).value or ():
        code, _, name = str(line).partition(" ")
        text, demand = texts.get(code), demands.get(code, {})
        if text is None:
            found.append(Finding(code, name, held=False))
            continue
        found.append(
            Finding(
                code, name, held=True, lacks=tuple(_lacks(text, demand, body, on)),
                terms=tuple(t for d in demand.get("terms", ()) for t in _said(text, d, body, on)),
            )
        )  # fmt: skip
    return tuple(found)


def _lacks(text: str, demand: Mapping[str, Any], body: HasProfile, on: date) -> Iterator[str]:
    yield from (element for element in demand.get("elements", ()) if element not in text)
    if name := demand.get("cites"):
        title = str(norms.norm(name, body=body, on=on).value)
        if title not in text:
            yield f"《{title}》"


def _said(text: str, demand: Mapping[str, Any], body: HasProfile, on: date) -> Iterator[TermSaid]:
    norm = norms.norm(demand["norm"], body=body, on=on)
    if not isinstance(norm.value, int):
        return
    unit = norm.unit if norm.unit in UNITS else "M"  # a count of months
    for number, own in dict.fromkeys(_terms(text, demand["words"])):
        yield TermSaid(
            label=norm.description,
            said=f"{number}{UNITS[own]}",
            wanted=f"{norm.value}{UNITS[unit]}",
            verdict=_verdict((number, own), (norm.value, unit), longer="retention" in demand["norm"]),
            citation=norm.citation_text,
        )


def _verdict(said: tuple[int, str], wanted: tuple[int, str], *, longer: bool) -> str:
    if said == wanted:
        return "same"
    if {said[1], wanted[1]} == {"WD", "CD"}:
        return "unlike"
    a, b = said[0] * HOURS[said[1]], wanted[0] * HOURS[wanted[1]]
    if a == b:
        return "same"
    return "stricter" if (a > b) == longer else "looser"


def _terms(text: str, words: tuple[str, ...]) -> Iterator[tuple[int, str]]:
    """The term that stands nearest to one of the words, clause by clause."""
    for clause in _CLAUSE.split(text):
        for word in words:
            if (place := clause.find(word)) < 0:
                continue
            match = _TERM.search(clause, place, place + len(word) + NEAR)
            before = list(_TERM.finditer(clause, max(0, place - NEAR // 2), place))
            if match or before:
                hit = match or before[-1]
                number = int(hit[1]) if hit[1].isdigit() else lawtext.number_of(hit[1].replace("两", "二"))
                yield number, _UNIT[hit[2]]
                break

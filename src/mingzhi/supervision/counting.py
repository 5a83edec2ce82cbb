"""The counting rules of the annual statistics: pure functions over the steps of one matter.

What a step counts for, in which year, under which kind (domain §4.6): a decision is one 宗 in the year
of its decision, whatever number of kinds it has, under the heaviest; the order of severity and whether
an annulled decision stays counted are the body's rule for that year. Amounts are what was decided, in
分, never what was paid. Imports no Django. docs/algorithms/statistics.md tells the rules in prose.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any, Protocol

from mingzhi.kernel import clock, money


class Taken(Protocol):
    """What of a step is looked at."""

    @property
    def seq(self) -> int: ...
    @property
    def verb(self) -> str: ...
    @property
    def occurred_at(self) -> datetime: ...
    @property
    def facts(self) -> Mapping[str, Any]: ...


@dataclass(frozen=True, slots=True)
class Rule:
    """How a body counts one year. ``severity`` holds kinds of penalty, lightest first; ``government`` says
    whether what the government decided on the body's report counts at the body."""

    severity: tuple[str, ...]
    annulled_stay: bool
    version: str = ""
    government: bool = False


RuleOf = Callable[[int], Rule]
"""The rule of a year."""


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """Where something counts: what, in which year and month."""

    what: str
    year: int
    month: int


@dataclass(frozen=True, slots=True)
class Count:
    """How many matters, and the amount decided in 分."""

    cases: int = 0
    fen: int = 0

    def __add__(self, other: Count) -> Count:
        return Count(self.cases + other.cases, self.fen + other.fen)

    def __sub__(self, other: Count) -> Count:
        return Count(self.cases - other.cases, self.fen - other.fen)


NOTHING = Count()
Counts = dict[Cell, Count]

VERBS = frozenset(
    {
        "file_approve", "conclude", "review_opine", "decide", "spot_decide", "withdraw", "transfer", "remedy",
        "court_apply", "close_approve", "close", "annul", "reopen", "register", "matter_decide", "answered",
        "executed", "apply",
    }
)  # fmt: skip
"""Steps that change what a matter counts for, or the reading of one that does."""


def heaviest(kinds: Iterable[str], severity: tuple[str, ...]) -> str:
    """The kind under which a decision counts: the last of ``severity`` among ``kinds``. 其他 yields to any
    named kind. A kind the order does not know is refused: it would be counted nowhere."""
    ranks = {kind: place for place, kind in enumerate(severity)}
    unknown = [k for k in kinds if k not in ranks]
    if unknown:
        raise ValueError(f"kinds without a rank: {unknown}")
    return max(kinds, key=lambda k: (k != OTHER, ranks[k]))


OTHER = "99"
PENALTY, PERMIT, COERCION, LEVY = "行政处罚", "行政许可", "行政强制", "行政征收"
MEASURES = frozenset({"seal", "seize", "freeze", "other_measure"})
"""强制措施: counted when decided. 强制执行 counts when it was carried out or given up."""

INSPECTED = "inspection.done"
IN_CASE = "in_case"
"""The decision stands in a penalty case, which counts it."""


def inspected(on: date, *, punished: bool = False) -> Counts:
    """What an inspection of one subject with its record counts for: nothing any more once what it found was
    punished, for that counts as a penalty (INS-13)."""
    return {} if punished else {Cell(INSPECTED, on.year, on.month): Count(1)}


def counts(taken: Iterable[Taken], rule_of: RuleOf) -> Counts:
    """What a matter counts for after these steps, in order."""
    return _Matter(rule_of).told(taken)


def difference(before: Counts, after: Counts) -> list[tuple[Cell, Count]]:
    """What must be added to ``before`` to come to ``after``, in a fixed order."""
    changed = {c: after.get(c, NOTHING) - before.get(c, NOTHING) for c in {*before, *after}}
    return sorted(((c, n) for c, n in changed.items() if n != NOTHING), key=lambda pair: pair[0])


def total(parts: Iterable[Counts]) -> Counts:
    """The sum over matters, units, months: any partition gives the same."""
    found: Counts = {}
    for part in parts:
        for cell, count in part.items():
            found[cell] = found.get(cell, NOTHING) + count
    return {c: n for c, n in found.items() if n != NOTHING}


def _day(value: Any, otherwise: date) -> date:
    return date.fromisoformat(str(value)) if value else otherwise


class _Matter:
    """One matter read from its first step to its last."""

    def __init__(self, rule_of: RuleOf) -> None:
        self.rule_of = rule_of
        self.found: Counts = {}
        self.remedies: set[tuple[str, date]] = set()
        self.act = self.in_name = ""
        self._begin()

    def _begin(self) -> None:
        """A new run, at the start or when a matter is reopened: its own report, review and decision."""
        self.lenient = False
        self.reviewed = self.problem = False
        self.decision: list[tuple[Cell, Count]] = []

    def told(self, taken: Iterable[Taken]) -> Counts:
        for step in taken:
            read = getattr(self, f"_{step.verb}", None)
            if read is not None and step.verb in VERBS:
                read(step.facts, clock.local_date(step.occurred_at))
        return {cell: count for cell, count in self.found.items() if count != NOTHING}

    def _add(self, what: str, on: date, fen: int = 0) -> tuple[Cell, Count]:
        cell, count = Cell(what, on.year, on.month), Count(1, fen)
        self.found[cell] = self.found.get(cell, NOTHING) + count
        return cell, count

    # --- one method a verb ----------------------------------------------------------------

    def _file_approve(self, facts: Mapping[str, Any], on: date) -> None:
        self._add("filed", on)

    def _conclude(self, facts: Mapping[str, Any], on: date) -> None:
        self.lenient = bool(facts.get("lenient"))

    def _review_opine(self, facts: Mapping[str, Any], on: date) -> None:
        """A run is reviewed once, however many rounds it took; it had a problem if any round found one."""
        if not self.reviewed:
            self.reviewed = True
            self._add("reviewed", on)
        if facts.get("kind") != "agree" and not self.problem:
            self.problem = True
            self._add("review_problem", on)

    def _decide(self, facts: Mapping[str, Any], on: date) -> None:
        outcome = facts.get("outcome", "penalise")
        if outcome == "penalise":
            self._penalised(facts, on, "ordinary")
            if self.lenient:
                self.decision.append(self._add("lenient", on))
        elif outcome == "transfer":
            self.decision.append(self._add("transferred.crime", on))
        else:
            self.decision.append(self._add("spared", on))

    def _spot_decide(self, facts: Mapping[str, Any], on: date) -> None:
        self._penalised(facts, on, "summary")

    def _penalised(self, facts: Mapping[str, Any], on: date, procedure: str) -> None:
        kind = heaviest(facts["kinds"], self.rule_of(on.year).severity)
        fen = sum(money.fen(facts.get(name) or "0") for name in ("fine_yuan", "forfeit_yuan", "amount_yuan"))
        self.decision.append(self._add(f"decided.{kind}.{procedure}", on, fen))

    def _register(self, facts: Mapping[str, Any], on: date) -> None:
        self.act, self.in_name = str(facts["act_type"]), str(facts["in_name"])

    def _apply(self, facts: Mapping[str, Any], on: date) -> None:
        """An application that was received and accepted was so, whatever becomes of it: each on its own day."""
        for what, day in (
            ("applied", _day(facts.get("applied_on"), on)),
            ("accepted", _day(facts.get("accepted_on"), on)),
        ):
            if self.in_name != "government" or self.rule_of(day.year).government:
                self._add(f"permit.{what}", day)

    def _matter_decide(self, facts: Mapping[str, Any], on: date) -> None:
        """A decision outside the penalty procedure counts on the day it bears. Several bodies' joint decision
        counts once, at the leading body: only its dossier is decided."""
        day = _day(facts.get("decided_on"), on)
        kinds = [str(kind) for kind in facts.get("kinds", ()) if kind != IN_CASE]
        if self.act == PENALTY and kinds:
            self._penalised({**facts, "kinds": kinds}, day, "ordinary")
        elif self.act == COERCION:
            self.decision += [self._add(f"coercion.{k}", day) for k in kinds if k in MEASURES]
        elif self.act == PERMIT:
            self.decision += [self._add(f"permit.{k}", day) for k in kinds]
        elif self.act != PENALTY:
            fen = money.fen(facts.get("amount_yuan") or "0") if self.act == LEVY else 0
            self.decision += [self._add(k, day, fen) for k in kinds]

    def _answered(self, facts: Mapping[str, Any], on: date) -> None:
        """The government decided, in its own name, or did not."""
        day = _day(facts.get("decided_on"), on)
        if facts["made"] == "made" and self.rule_of(day.year).government:
            self._matter_decide(facts, on)

    def _executed(self, facts: Mapping[str, Any], on: date) -> None:
        """What was carried out was carried out, whatever becomes of the decision."""
        day = _day(facts.get("executed_on"), on)
        if self.in_name != "government" or self.rule_of(day.year).government:
            self._add(f"coercion.{facts['kind']}", day)

    def _withdraw(self, facts: Mapping[str, Any], on: date) -> None:
        self._add("withdrawn", on)

    def _transfer(self, facts: Mapping[str, Any], on: date) -> None:
        self._add("transferred.crime" if facts.get("crime") else "transferred.agency", on)

    def _remedy(self, facts: Mapping[str, Any], on: date) -> None:
        """The step is taken again to say how a remedy ended: one forum and day of acceptance are one remedy."""
        forum, began = str(facts.get("forum", "reconsideration")), _day(facts.get("began_on"), on)
        if (forum, began) not in self.remedies:
            self.remedies.add((forum, began))
            self._add(f"remedy.{forum}", began)

    def _court_apply(self, facts: Mapping[str, Any], on: date) -> None:
        self._add("court_applied", _day(facts.get("applied_on"), on))

    def _close_approve(self, facts: Mapping[str, Any], on: date) -> None:
        self._add("closed", on)

    _close = _close_approve

    def _annul(self, facts: Mapping[str, Any], on: date) -> None:
        """The correction counts in its own year; whether the decision stays counted in its year, the rule
        of that year says."""
        self._add(f"annulled.{facts.get('by_whom', 'self')}", _day(facts.get("on"), on))
        for cell, count in self.decision:
            if not self.rule_of(cell.year).annulled_stay:
                self.found[cell] = self.found[cell] - count
        self.decision = []

    def _reopen(self, facts: Mapping[str, Any], on: date) -> None:
        self._begin()

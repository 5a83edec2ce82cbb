"""A list tried on last year's matters before anybody approves it: what it would catch, what no longer (R115).

The facts are those that each matter handed in itself (``facts_weighed``), and those of ``older`` matters as
whoever calls read them from their steps: nothing is asked of the rooms above. A matter counts once, with
its last facts in the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.db.models import Max

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import ReviewRule
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review.data import Older, Trial, TrialLine, Trigger
from mingzhi.review.models import Weighed

TRIAL_PERMISSIONS = frozenset(
    {
        Permission.CATALOGUE_MANAGE,
        Permission.CASE_APPROVE,
        Permission.CASE_DEPUTY_APPROVE,
        Permission.REVIEW_ASSIGN,
    }
)
"""Who may try a list: who keeps it, who approves it, and who receives what it catches."""
SHOWN = 200
"""How many matters of each kind a trial lists by name; the counts are of all."""


def caught_by(rules: Iterable[ReviewRule], facts: dict[str, object]) -> tuple[Trigger, ...]:
    """The rules that these facts meet, each with what matched."""
    found = []
    for rule in rules:
        matched, explanation = catalogue.evaluate(rule.predicate, facts)
        if matched:
            told = "" if _yes_or_no(rule.predicate) else explanation
            found.append(Trigger(rule.code, rule.label, told, rule.citation))
    return tuple(found)


def _yes_or_no(predicate: Mapping[str, Any]) -> bool:
    """Whether a rule asks one fact for a yes: its label says that already, and «…：是» would say it again."""
    asked = predicate.get("op", "==") == "==" and predicate.get("value", True) is True
    return asked and "fact" in predicate


def _told(predicate: Mapping[str, Any], matter: Older) -> bool | None:
    """Whether a matter meets the predicate; ``None`` where that hangs on what nobody recorded then."""
    if "any" in predicate or "all" in predicate:
        decides = "any" in predicate
        parts = [_told(part, matter) for part in predicate["any" if decides else "all"]]
        if decides in parts:
            return decides
        return None if None in parts else not decides
    if "not" in predicate:
        inner = _told(predicate["not"], matter)
        return None if inner is None else not inner
    if predicate.get("fact") in matter.unknown:
        return None
    return catalogue.evaluate(predicate, matter.facts)[0]


def _judged(rules: Iterable[ReviewRule], matter: Older) -> tuple[tuple[Trigger, ...], bool]:
    """The rules an older matter meets, and whether that cannot be said: it meets none, but might one."""
    found, open_ = [], False
    for rule in rules:
        told = _told(rule.predicate, matter)
        if told:
            found.append(Trigger(rule.code, rule.label, "按当时的环节判断", rule.citation))
        open_ = open_ or told is None
    return tuple(found), open_ and not found


def dry_run(
    rules: Sequence[ReviewRule],
    *,
    now: Sequence[ReviewRule],
    by: Actor,
    since: datetime,
    until: datetime,
    older: Iterable[Older] = (),
) -> Trial:
    """Try ``rules`` on the matters weighed in ``[since, until)`` by the body of ``by``, against the list ``now``.

    For who assigns reviews, keeps the lists or approves (``NotAllowed`` for others). One pass over the
    period's rows, in the memory of a batch. A rule that cannot be evaluated raises ``BadPredicate``.
    """
    if not by.permissions & TRIAL_PERMISSIONS:
        organisations.require(by, Permission.REVIEW_ASSIGN)
    period = Weighed.objects.filter(body_id=by.body_id, at__gte=since, at__lt=until)
    last = period.values("dossier_id").annotate(last=Max("pk")).values("last")
    rows = Weighed.objects.filter(pk__in=last).select_related("dossier").order_by("-at", "-pk")
    count: Counter[str] = Counter()
    before: Counter[str] = Counter()
    after: Counter[str] = Counter()
    lines: dict[str, list[TrialLine]] = {"newly": [], "lost": [], "both": [], "unclear": []}

    def put(line: TrialLine, *, unclear: bool = False) -> None:
        count["considered"] += 1
        before.update(t.code for t in line.was)
        after.update(t.code for t in line.will)
        kind = "both" if line.was and line.will else "newly" if line.will else "lost" if line.was else ""
        kind = "unclear" if unclear else kind
        if kind:
            count[kind] += 1
            if len(lines[kind]) < SHOWN:
                lines[kind].append(line)

    for row in rows.iterator(chunk_size=1000):
        if row.facts:
            was, will = caught_by(now, row.facts), caught_by(rules, row.facts)
            put(TrialLine(row.dossier_id, row.dossier.number, row.dossier.title, row.at, was, will))
    weighed = set(Weighed.objects.filter(body_id=by.body_id).values_list("dossier_id", flat=True).distinct())
    for matter in older:
        if matter.dossier_id not in weighed:
            count["older"] += 1
            (was, open_now), (will, open_then) = _judged(now, matter), _judged(rules, matter)
            line = TrialLine(matter.dossier_id, matter.number, matter.title, matter.at, was, will)
            put(line, unclear=open_now or open_then)
    return Trial(
        considered=count["considered"],
        newly=count["newly"],
        lost=count["lost"],
        both=count["both"],
        newly_lines=tuple(lines["newly"]),
        lost_lines=tuple(lines["lost"]),
        both_lines=tuple(lines["both"]),
        before=dict(before),
        after=dict(after),
        older=count["older"],
        unclear=count["unclear"],
        unclear_lines=tuple(lines["unclear"]),
    )

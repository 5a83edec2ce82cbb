"""A list tried on last year's matters before anybody approves it: what it would catch, what no longer (R115).

The facts are those that each matter handed in itself (``facts_weighed``): nothing is asked of the rooms
above. A matter counts once, with its last facts in the period.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Max

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import ReviewRule
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.review.data import Trial, TrialLine, Trigger
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
            found.append(Trigger(rule.code, rule.label, explanation, rule.citation))
    return tuple(found)


def dry_run(
    rules: Sequence[ReviewRule], *, now: Sequence[ReviewRule], by: Actor, since: datetime, until: datetime
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
    lines: dict[str, list[TrialLine]] = {"newly": [], "lost": [], "both": []}
    for row in rows.iterator(chunk_size=1000):
        if not row.facts:
            continue
        count["considered"] += 1
        was, will = caught_by(now, row.facts), caught_by(rules, row.facts)
        before.update(t.code for t in was)
        after.update(t.code for t in will)
        kind = "both" if was and will else "newly" if will else "lost" if was else ""
        if not kind:
            continue
        count[kind] += 1
        if len(lines[kind]) < SHOWN:
            lines[kind].append(
                TrialLine(row.dossier_id, row.dossier.number, row.dossier.title, row.at, was, will)
            )
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
    )

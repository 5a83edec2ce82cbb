"""What reports from before facts were kept for the review list say of themselves, read from their steps (R115)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mingzhi.cases.penalty.proposal import FLAGS, facts_of
from mingzhi.dossiers import api as dossiers
from mingzhi.organisations.data import BodyRef
from mingzhi.procedures import api as procedures
from mingzhi.review.data import Older

AT_ONCE = 500
_VERBS = ("conclude", "hearing_hold", "reopen")


def older_matters(body: BodyRef, since: datetime, until: datetime) -> Iterator[Older]:
    """The body's matters whose last report lies in the period and proposes a penalty. A fact that the report
    of its day did not ask for is named as unknown, so that nobody takes it for a no. Level and party are as they
    stand in the registers now."""
    rows = dossiers.Dossier.objects.filter(
        body_id=body.id, procedure="penalty.ordinary", opened_at__lt=until, last_step_at__gte=since
    ).order_by("pk")
    after = 0
    while batch := list(rows.filter(pk__gt=after)[:AT_ONCE]):
        after = batch[-1].pk
        taken = procedures.taken_of([d.pk for d in batch], _VERBS)
        for dossier in batch:
            run = list(taken.get(dossier.pk, ()))
            begun = max((n for n, step in enumerate(run, 1) if step.verb == "reopen"), default=0)
            reports = [step for step in run[begun:] if step.verb == "conclude"]
            if not reports or not since <= reports[-1].occurred_at < until:
                continue
            now = reports[-1].facts
            if now.get("outcome", "penalise") != "penalise":
                continue
            parties = dossiers.parties(dossier.pk, "party")
            facts = facts_of(
                now,
                level=body.level,
                field=dossier.field,
                party=parties[0] if parties else None,
                hearing_held=any(step.verb == "hearing_hold" for step in run[begun:]),
            )
            unknown = {name for name in FLAGS if name not in now}
            unknown |= {"mitigated"} if "lenient" not in now else set()
            unknown |= {"party_kind"} if not parties else set()
            yield Older(
                dossier_id=dossier.pk,
                number=dossier.number,
                title=dossier.title,
                at=reports[-1].occurred_at,
                facts=facts | {"leader_requested": False},
                unknown=frozenset(unknown),
            )

"""更正 of what is public: the same text looked at again, or words of it put right (PUB-08; 政府信息公开条例第四十一条).

A served decision is never edited: what was wrong in it is put right by a 补正文书 of its own, and what was typed
wrongly beside it is what the paper says. Either is the ``basis`` that the public reads with the reason. The text
then goes the whole way again (masks, scan, second person), and the former one stays public until the new one is out.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import preparing
from mingzhi.publication.choices import Channel, EventKind, State
from mingzhi.publication.data import Amendment, DecisionSnapshot, PenaltySnapshot
from mingzhi.publication.errors import WITHDRAW_IT, NeverPublished
from mingzhi.publication.models import Disclosure, Snapshot
from mingzhi.publication.pushing import plain, policies_of, title_of
from mingzhi.publication.queries import access_disclosure, current_snapshot
from mingzhi.publication.steps import COLLECT, expect, locked, need_public, record, task

AnySnapshot = PenaltySnapshot | DecisionSnapshot
AMENDABLE = {"party_name": "行政相对人", **preparing.TEXTS}
"""Fields in which words may be put right. What a decision comes to (kinds, amounts, days) is another decision."""


@transaction.atomic
def disclosure_correct(
    *,
    disclosure_id: int,
    reason: str,
    amendments: Sequence[Amendment] = (),
    basis: str = "",
    snapshot: AnySnapshot | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Reopen a published one for a further version. ``amendments`` put words right, by ``basis``; ``snapshot``
    replaces the source whole. One by which the decision may not be public at all is not corrected but withdrawn
    (``NeverPublished``). ``Invalid`` names each word that does not stand where it was said to."""
    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    expect(row, (State.PUBLISHED,), "更正")
    need_public(row, reason, basis)
    before = current_snapshot(row)
    if amendments:
        snapshot = amended(snapshot or before, amendments, basis)
    source = None if snapshot is None else _replaced(row, before, snapshot, by=by, at=at)
    said = reason.strip()
    row.state = State.SCHEDULED
    row.correction_reason = f"{said.rstrip('。')}（依据：{basis.strip()}）" if basis.strip() else said
    row.collected_by = row.collected_name = row.checked_by = row.checked_name = row.return_reason = ""
    row.collected_at = row.checked_at = None
    if source is not None:
        row.masks, row.releases = [], []
    row.save(
        update_fields=[
            "state", "correction_reason", "collected_by", "collected_name", "checked_by", "checked_name",
            "return_reason", "collected_at", "checked_at", "masks", "releases",
        ]
    )  # fmt: skip
    record(row, EventKind.REOPENED, by=by, at=at, reason=said, basis=basis.strip(), snapshot=source)
    task(
        row, COLLECT, "更正公示信息", Permission.DISCLOSURE_COLLECT, by=by, at=at, due_on=clock.local_date(at)
    )


def amended(snapshot: AnySnapshot, amendments: Sequence[Amendment], basis: str) -> AnySnapshot:
    """The snapshot with its words put right, one amendment after the other."""
    problems = Problems()
    if len(basis.strip()) < 4:
        problems.add("basis", "请写明补正文书的名称和文号；决定书无误而公示内容有误的，写明与哪份决定书核对")
    now: dict[str, Any] = {name: getattr(snapshot, name, "") for name in AMENDABLE}
    before = dict(now)
    for n, one in enumerate(amendments):
        if one.field and one.field not in AMENDABLE:
            problems.add(f"amend-{n}", "请选择要更正的栏目")
            continue
        where = [name for name in ((one.field,) if one.field else AMENDABLE) if one.wrong in now[name]]
        if not one.wrong.strip() or not where:
            problems.add(
                f"amend-{n}", f"“{one.wrong[:40]}”不在{'该栏目' if one.field else '各栏目'}的原文中，请核对"
            )
        elif one.wrong == one.right:
            problems.add(f"amend-{n}", "更正后的文字与原文相同")
        for name in where:
            now[name] = now[name].replace(one.wrong, one.right)
    problems.raise_if_any()
    return dataclasses.replace(snapshot, **{name: text for name, text in now.items() if text != before[name]})


def _replaced(
    row: Disclosure, before: AnySnapshot, snapshot: AnySnapshot, *, by: Actor, at: datetime
) -> Snapshot:
    """The new source. Where it comes to something else for the rules, how long and where it is public follows."""
    preparing.check_complete(snapshot)
    if (never := preparing.never_because(snapshot)) is not None:
        raise NeverPublished(reason=never.label, remedy=WITHDRAW_IT)
    row.title, row.decided_on = title_of(snapshot)[:200], snapshot.decided_on
    if _judged(snapshot) != _judged(before):
        outcomes, row.severity = policies_of(snapshot, row.kind, body_id=row.body_id)
        portal = next(o for o in outcomes if o.channel == Channel.PORTAL)
        if not portal.publish:
            raise NeverPublished(reason=f"公示规则：{portal.citation}", remedy=WITHDRAW_IT)
        row.policies, row.expires_on = [plain(o) for o in outcomes], portal.max_until
    row.save(update_fields=["title", "decided_on", "severity", "policies", "expires_on"])
    last = row.snapshots.order_by("-no").values_list("no", flat=True)[0]
    return Snapshot.objects.create(
        disclosure=row, no=last + 1, content=preparing.dump(snapshot), made_at=at, made_by=by.label
    )


def _judged(snapshot: AnySnapshot) -> tuple[Any, ...]:
    """What the rules of disclosure look at."""
    found: tuple[Any, ...] = (snapshot.party_kind, snapshot.decided_on, snapshot.valid_until)
    if isinstance(snapshot, PenaltySnapshot):
        found += (preparing.kind_codes(snapshot.kinds), snapshot.summary_procedure, snapshot.severity)
    return found

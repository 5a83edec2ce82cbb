"""A body's own rule beside the default: a table that only grows, a row for each rule with its document; the newest
that holds on the day is the rule. Who keeps the lists sets them.

The default stands beside its table (``intake_terms``, ``intake_rules``, ``policy``), since each falls back otherwise.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, TypeVar

from django.db import models, transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission

M = TypeVar("M", bound=models.Model)


def newest(model: type[M], on: date, **of: Any) -> M | None:
    """The body's own rule on a day for what ``of`` names; None where it set none."""
    return model._default_manager.filter(valid_from__lte=on, **of).order_by("-pk").first()


@transaction.atomic
def rule_set(
    rows: ledger.Rows,
    problems: Problems,
    *,
    valid_from: date,
    citation: str,
    past: str = "",
    by: Actor,
    at: datetime,
    **columns: Any,
) -> int:
    """Keep a rule of ``by``'s body. ``problems`` holds what was found wrong with ``columns``; ``past`` refuses a day
    before today, for what is counted from the day it came in."""
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=by.body_id)
    if len(citation.strip()) < 4:
        problems.add("citation", "请填写依据的文件名称和条款")
    if past and valid_from < clock.local_date(at):
        problems.add("valid_from", past)
    problems.raise_if_any()
    cited: Any = rows.model._meta.get_field("citation")
    row = rows.model._default_manager.create(
        body_id=by.body_id,
        valid_from=valid_from,
        citation=citation.strip()[: cited.max_length],
        set_by=by.label,
        set_at=at,
        **columns,
    )
    rows.kept(row, at=at)
    return int(row.pk)

"""What became of the duty to disclose: every decision of a period is in exactly one place."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.publication.models import Disclosure
from mingzhi.supervision import api as supervision
from tests.publication.conftest import Bureau

pytestmark = pytest.mark.django_db(databases="__all__")


def test_every_decision_due_stands_in_one_place_and_lateness_is_explained(
    bureau: Bureau, snapshot: Any
) -> None:
    in_time, owed = bureau.published(snapshot()), bureau.schedule(snapshot(number="示罚决字〔2026〕第90号"))
    row = Disclosure.objects.get(pk=owed)
    since, until = row.decided_on - timedelta(days=40), row.due_on + timedelta(days=40)
    before = publication.standing.kept([row.body_id], since, until, on=row.due_on)
    assert sum(k.due for k in before) == sum(k.in_time + k.waiting for k in before) == 2
    after = publication.standing.kept([row.body_id], since, until, on=row.due_on + timedelta(days=1))
    assert [sum(getattr(k, n) for k in after) for n in ("due", "in_time", "late", "overdue", "waiting")] == [
        2,
        1,
        0,
        1,
        0,
    ]
    late = publication.standing.late_rows([row.body_id], since, until, on=row.due_on + timedelta(days=3))
    assert [x.id for x in late] == [owed] and in_time not in {x.id for x in late}
    body = organisations.body(row.body_id)
    found = supervision.watch(body, since, until, on=row.due_on + timedelta(days=3))
    assert (found.total.owed, found.total.covered, found.late[0].days) == (2, 1, 3)
    assert [(k.name, k.due, k.in_time, k.overdue) for k in found.kinds] == [("行政处罚", 2, 1, 1)]
    assert found.late_why == (("尚未说明", 1),)

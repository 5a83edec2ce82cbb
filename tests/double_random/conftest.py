"""A bureau that has published its list of items and its register of those who may be inspected."""

from __future__ import annotations

from datetime import datetime

import pytest

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.web.demo import lists_room
from mingzhi.web.demo.cast import Bureau
from tests.stories.conftest import MONDAY, bureau_for
from tests.web.conftest import people
from tests.web.desk_people import freeze

__all__ = ["freeze", "people"]


def publish(bureau: Bureau, kind: ListKind, at: datetime) -> None:
    by, on = bureau.actor("keeper", at), clock.local_date(at)
    version = public_lists.list_start(
        list_id=public_lists.list_of(kind=kind, by=by).pk,
        valid_from=on,
        reason="首次公布",
        rows=lists_room._rows(kind, organisations.body(bureau.body_id), on),
        by=by,
        at=at,
    )
    lists_room._published(bureau, version.pk, at)


@pytest.fixture
def bureau(db: None) -> Bureau:
    made = bureau_for("xiashan-chengzong", MONDAY)
    for kind in (ListKind.RANDOM, ListKind.TARGET):
        publish(made, kind, MONDAY)
    return made

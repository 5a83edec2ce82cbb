"""Reckoning a year from sealed blocks equals reckoning it from the rows, whatever was sealed when, for any moment."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

import pytest
from django.db import connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.supervision import blocks, checking
from mingzhi.supervision.counting import Count
from mingzhi.supervision.models import Block, Counted, Supplement
from tests import migrated

pytestmark = pytest.mark.django_db(databases="__all__")

BEGAN = clock.at_local(date(2026, 1, 2), 9)
BODIES = ("zhenjiang-chengguan", "xian-transport")
ENTRIES = st.lists(
    st.tuples(
        st.integers(0, 1),  # body
        st.integers(2024, 2025),
        st.integers(1, 12),
        st.sampled_from(["filed", "closed", "decided.03.ordinary"]),
        st.sampled_from([1, 1, 1, -1, 300, -40_000, 10**8]),
        st.sampled_from([0, 0, 5, -127, 97_600, 10**14]),
        st.integers(-3, 30),  # minutes since the last: entries do not come quite in the order of time
    ),
    max_size=20,
)


@pytest.fixture
def units() -> Iterator[list[tuple[int, int, int]]]:
    """(body, unit, supplement) of two bodies."""
    found = []
    for profile in BODIES:
        body_id = organisations.load_bureau(profile, at=BEGAN).body_id
        unit = organisations.units(body_id, "enforcement")[0]
        source = Supplement.objects.create(
            body_id=body_id, unit_id=unit.id, year=2025, cell="levy", cases=1, source="台账", by="a", by_name="某",
            at=BEGAN,
        )  # fmt: skip
        found.append((body_id, unit.id, source.pk))
    yield found


def enter(units: list[tuple[int, int, int]], entries: list[tuple[int, ...]], at: datetime) -> datetime:
    for place, year, month, cell, cases, fen, minutes in entries:
        body_id, unit_id, supplement_id = units[place]
        at += timedelta(minutes=minutes)
        Counted.objects.create(
            body_id=body_id, unit_id=unit_id, supplement_id=supplement_id, year=year, month=month, cell=cell,
            cases=cases, amount_fen=fen, at=at,
        )  # fmt: skip
    return at


@settings(max_examples=12, suppress_health_check=list(HealthCheck), deadline=None)
@given(first=ENTRIES, second=ENTRIES, size=st.integers(1, 9), minute=st.integers(-5, 400))
def test_blocks_add_up_to_what_the_rows_do_as_of_any_moment(
    units: list[tuple[int, int, int]], first: list, second: list, size: int, minute: int
) -> None:
    with transaction.atomic():
        at = enter(units, first, BEGAN)
        blocks.seal(size=size)
        at = enter(units, second, at)
        sealed = sum(Block.objects.values_list("entries", flat=True))
        assert sealed == len(first) // size * size, "whole stretches, and every entry of them once"
        every = [body_id for body_id, _unit, _supplement in units]
        for again in range(2):
            for body_ids in (every, every[1:]):
                for moment in (BEGAN + timedelta(minutes=minute), at + timedelta(days=1)):
                    assert blocks.added(body_ids, 2025, moment) == blocks.by_rows(body_ids, 2025, moment)
            if not again:
                blocks.seal(size=size)
        apart = [blocks.added([b], 2025, at) for b in every]
        assert apart[0] | apart[1] == blocks.added(every, 2025, at), "any partition of bodies adds up"
        assert list(blocks.otherwise()) == []
        transaction.set_rollback(True)


def test_a_damaged_block_and_a_stretch_that_is_gone_are_named_and_packed_anew(
    units: list[tuple[int, int, int]],
) -> None:
    entries = [(n % 2, 2025, 6, "filed", 1, 0, 1) for n in range(12)]
    enter(units, entries, BEGAN)
    assert blocks.seal(size=4) == 3
    moment = BEGAN + timedelta(days=1)
    every = [body_id for body_id, _unit, _supplement in units]
    right = blocks.by_rows(every, 2025, moment)
    lasts = sorted(set(Block.objects.values_list("last", flat=True)))
    damaged = Block.objects.filter(last=lasts[1]).first()
    assert damaged is not None
    Block.objects.filter(pk=damaged.pk).update(content=b"\x09" + bytes(damaged.content)[1:])
    Block.objects.filter(last=lasts[0]).delete()
    assert blocks.added(every, 2025, moment) != right
    found = [sentence for subject, sentence in checking.otherwise() if subject.startswith("entries:")]
    assert len(found) == 2
    assert blocks.mend() == 2
    assert blocks.added(every, 2025, moment) == right and list(blocks.otherwise()) == []


def test_entries_of_who_is_still_writing_are_not_sealed_over(
    units: list[tuple[int, int, int]], monkeypatch: pytest.MonkeyPatch
) -> None:
    enter(units, [(0, 2025, 6, "filed", 1, 0, 1)] * 4, BEGAN)
    monkeypatch.setattr(blocks.connection, "vendor", "postgresql", raising=False)
    monkeypatch.setattr(blocks, "_writers", lambda: {"7/1"})
    assert blocks._settled(patience=0.1) == 0, "somebody does not end: nothing is sealed now"
    seen = iter([{"7/1", "7/2"}, {"7/2", "7/9"}, {"7/9"}])
    monkeypatch.setattr(blocks, "_writers", lambda: next(seen))
    assert blocks._settled(patience=5) == Counted.objects.order_by("-pk").values_list("pk", flat=True)[0], (
        "who came later writes behind the last entry seen"
    )


@pytest.mark.postgres
def test_who_writes_in_another_database_of_the_server_is_not_waited_for() -> None:
    """Databases copied from one have tables of the same numbers, and the server tells the locks of all."""
    import psycopg

    connection.ensure_connection()
    own = connection.get_connection_params()
    settings = {k: v for k, v in own.items() if k in ("host", "port", "user", "password")}
    beside = f"{own['dbname']}_beside"
    lock = "LOCK TABLE supervision_counted IN ROW EXCLUSIVE MODE"
    with psycopg.connect(dbname="postgres", autocommit=True, **settings) as admin:
        migrated.create(admin, beside)
        try:
            with psycopg.connect(dbname=beside, **settings) as there:
                there.execute(lock)
                assert blocks._writers() == set()
            with psycopg.connect(dbname=own["dbname"], **settings) as here:
                here.execute(lock)
                assert len(blocks._writers()) == 1
        finally:
            admin.execute(f'DROP DATABASE "{beside}" WITH (FORCE)')


def test_a_number_takes_the_narrowest_width_that_holds_every_one() -> None:
    for values, width in (([1, -128], "b"), ([1, 128], "h"), ([40_000], "i"), ([2**40, 1], "q")):
        assert blocks._packed(values)[0] == width
        runs = [(1, 2, "filed", len(values), width, "b")]
        content = blocks._packed(values)[1] + bytes(len(values))
        assert list(blocks._unpacked(runs, memoryview(content))) == [(1, 2, "filed", Count(sum(values), 0))]
    with pytest.raises(OverflowError):
        blocks._packed([2**63])

"""Every write of the sequencer fails once, kept or not kept; afterwards the log is whole and goes on."""

from __future__ import annotations

import contextlib
import errno
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection

from mingzhi.ledger import api, merkle, store
from mingzhi.ledger.errors import StoreFailed
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.models import Checkpoint, Entry, Log, Place
from tests.ledger.conftest import World

pytestmark = [
    pytest.mark.django_db(databases="__all__", transaction=True),
    pytest.mark.usefixtures("alone"),
]


class Injected(OperationalError):
    pass


def nth_call(plain: Callable[..., Any], nth: int, kept: bool, error: Exception) -> Callable[..., Any]:
    calls = 0

    def failing(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if calls != nth:
            return plain(*args, **kwargs)
        if kept:
            plain(*args, **kwargs)
        raise error

    return failing


def start(world: World) -> str:
    world.add(5)
    world.place()
    world.add(6)
    return api.checkpoint()


def is_whole(world: World, before: str) -> None:
    """As after a restart: files opened anew, the next run places the rest, everything fits."""
    while store._open:
        store._open.popitem()[1].close()
    while world.place():
        pass
    world.add(1)
    assert world.place() == 1
    leaves = {e.pk: bytes(e.leaf) for e in Entry.objects.all()}
    order = list(Place.objects.order_by("index").values_list("entry_id", flat=True))
    assert len(order) == len(leaves) == 12
    assert api.latest().root == merkle.root_of(leaves[e] for e in order).hex()
    report = fsck(processes=1)
    assert report.ok, report.findings
    path, newest = api.consistency(5)
    from mingzhi.ledger import verify

    verify.verify_consistency(before, newest, path, api.verifier_key())
    kept = store.outside(Log.objects.get())
    assert kept is not None
    assert kept[0].size == 12


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("nth", range(1, 12))
def test_each_statement_may_fail(world: World, nth: int, kept: bool) -> None:
    before = start(world)
    calls = 0

    def wrapper(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        nonlocal calls
        if sql.split(maxsplit=1)[0] not in ("SELECT", "INSERT", "DELETE"):  # BEGIN is Django's own
            return execute(sql, params, many, context)
        calls += 1
        if calls == nth:
            if kept:
                execute(sql, params, many, context)
            raise Injected("injected")
        return execute(sql, params, many, context)

    with connection.execute_wrapper(wrapper):
        try:
            world.place()
        except Injected:
            assert api.latest().size in (5, 11)
        else:
            assert calls < nth
    is_whole(world, before)


@pytest.mark.parametrize("kept", [False, True])
def test_the_commit_may_fail(world: World, monkeypatch: pytest.MonkeyPatch, kept: bool) -> None:
    before = start(world)
    with monkeypatch.context() as patch:
        patch.setattr(connection, "_commit", nth_call(connection._commit, 1, kept, Injected("injected")))
        with pytest.raises(Injected):
            world.place()
    assert Checkpoint.objects.latest("size").size == (11 if kept else 5)
    is_whole(world, before)


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("nth", range(1, 6))
@pytest.mark.parametrize(
    ("where", "call"), [(os, "pwrite"), (os, "fdatasync"), (os, "fsync"), (os, "write"), (Path, "replace")]
)
def test_each_write_of_a_file_may_fail(
    world: World, monkeypatch: pytest.MonkeyPatch, where: Any, call: str, nth: int, kept: bool
) -> None:
    before = start(world)
    with monkeypatch.context() as patch:
        patch.setattr(
            where, call, nth_call(getattr(where, call), nth, kept, OSError(errno.ENOSPC, "injected"))
        )
        with contextlib.suppress(StoreFailed):
            world.place()
    assert Checkpoint.objects.latest("size").size == 11  # files come after the commit
    is_whole(world, before)

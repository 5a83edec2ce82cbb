"""The server's clock behind the log's time: it goes on signing, with no earlier time, and says so where people look.
Set ahead and right again: what was entered meanwhile keeps its place among the steps and in the log."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import transaction
from django.test import Client

from config import checks
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.ledger import store
from mingzhi.ledger.models import Place
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__", transaction=True)


@pytest.fixture(autouse=True)
def own_folders(tmp_path: Any, settings: Any) -> Any:
    settings.LEDGER_ROOT, settings.KEYS_ROOT = tmp_path / "ledger", tmp_path / "keys"
    yield
    while store._open:
        store._open.popitem()[1].close()


def test_a_clock_behind_the_log_is_told_on_the_desk_and_by_the_check_and_signing_goes_on(
    drive: Callable[..., Drive],
    desk: Callable[..., Client],
    freeze: Callable[[datetime], None],
) -> None:
    from mingzhi.outbox.worker import Worker

    case = drive()
    case.file()
    freeze(case.at)
    worker = Worker()
    assert worker._sequence() and ledger.pending_count() == 0
    signed = ledger.latest()
    assert signed is not None

    def told() -> tuple[bool, bool]:
        page = desk("officer1").get("/desk/ledger/").content.decode()
        return "系统时钟与账本时间不一致" in page, "mingzhi.E064" in {
            f.id for f in checks.ledger(deploy=False)
        }

    assert told() == (False, False)
    freeze(case.at - timedelta(days=1))
    with transaction.atomic():
        case.step("correct", "officer1", act="堆放货物占用道路", demand="立即改正")
    assert worker._sequence() > 0 and ledger.pending_count() == 0
    later = ledger.latest()
    assert later is not None and later.size > signed.size and later.at == signed.at
    assert told() == (True, True)
    freeze(case.at + timedelta(seconds=1))
    assert told() == (False, False)
    assert clock.now() >= later.at


def test_what_was_entered_under_a_clock_set_ahead_keeps_its_place_and_the_next_entry_comes_after_it(
    drive: Callable[..., Drive], freeze: Callable[[datetime], None]
) -> None:
    """Order is the order of writing, in the dossier and in the log; the times stay as the server saw them."""
    case = drive()
    case.file()
    right = case.at
    freeze(right)
    ledger.sequence(at=right)
    hours = (timedelta(days=2), timedelta(minutes=1), timedelta(days=-1), timedelta(minutes=2))
    for shift in hours:
        taken = {"act": "堆放货物占用道路", "demand": "立即改正"}
        procedures.advance(case.id, "correct", by=case.by("officer1"), at=right + shift, facts=taken)
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    steps = [step for step in procedures.steps(dossier) if step.verb == "correct"]
    assert [step.at - right for step in steps] == list(hours)
    assert [step.seq for step in steps] == sorted(step.seq for step in steps)
    assert procedures.inconsistencies() == []
    signed = [right]
    for later in (timedelta(days=2), timedelta(days=3)):
        freeze(right + later)
        ledger.sequence(at=right + later)
        signed.append(ledger.latest().at)  # type: ignore[union-attr]
    assert ledger.pending_count() == 0 and signed == sorted(signed)
    placed = list(Place.objects.order_by("index").values_list("entry_id", flat=True))
    assert placed == sorted(placed), "the log's order is the order of writing, whatever the clock said"
    assert not [f for f in ledger.fsck(processes=1).findings if f.code != "guard.missing"]

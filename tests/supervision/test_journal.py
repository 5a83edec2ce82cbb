"""What is kept with every step equals what the steps say, whatever was done, and stays so."""

from __future__ import annotations

import contextlib
import copy
import itertools
from datetime import timedelta
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.kernel.errors import MingzhiError
from mingzhi.organisations import api as organisations
from mingzhi.supervision import api as supervision
from mingzhi.supervision import checking, journal
from mingzhi.supervision.commands import report
from mingzhi.supervision.models import Counted, Rollup
from mingzhi.web.demo.drive import Drive
from tests.procedures.test_random_walks import LAWFUL, TRIES

pytestmark = pytest.mark.django_db(databases="__all__")


def as_the_steps_say(case: Drive) -> None:
    body = organisations.body(case.bureau.body_id)
    assert list(checking.counted_otherwise(body)) == []
    assert checking.sums_otherwise(body.id) == []
    year = case.at.year
    assert supervision.current(body, year, case.at) == supervision.as_of(body, year, case.at)


@settings(max_examples=8, suppress_health_check=list(HealthCheck))
@given(verbs=st.lists(st.sampled_from(sorted(TRIES)), max_size=8))
def test_after_any_walk_entries_sums_and_steps_agree_and_the_past_stays(
    investigated: Drive, verbs: list[str]
) -> None:
    with transaction.atomic():
        case = copy.copy(investigated)
        for verb in ("conclude", "unit_check", "notify", "decide", *verbs):
            try:
                with transaction.atomic():
                    TRIES[verb](case)
            except (MingzhiError, StopIteration):
                continue
        body, middle = organisations.body(case.bureau.body_id), case.at
        then = supervision.as_of(body, case.at.year, middle)
        assert then.total["penalty"]["total"] == 1
        case.wait(days=1)
        with transaction.atomic(), contextlib.suppress(MingzhiError):
            TRIES["annul"](case)
        as_the_steps_say(case)
        assert supervision.as_of(body, case.at.year, middle) == then, "later facts do not move the past"
        transaction.set_rollback(True)


def test_the_entries_of_a_refused_step_are_not_there(investigated: Drive) -> None:
    before = Counted.objects.count()
    with pytest.raises(MingzhiError):
        TRIES["decide"](investigated)
    assert Counted.objects.count() == before


def test_entries_only_grow_and_a_damaged_sum_is_named_and_rebuilt(investigated: Drive) -> None:
    body = organisations.body(investigated.bureau.body_id)
    for change in (lambda r: r.update(cases=9), lambda r: r.delete()):
        with pytest.raises(IntegrityError), transaction.atomic():
            change(Counted.objects.all())
    Rollup.objects.filter(body_id=body.id, cell="filed").update(cases=99)
    assert any("filed" in s for s in checking.sums_otherwise(body.id))
    told = CliRunner().invoke(report, ["check"])
    assert told.exit_code == 1 and "汇总" in told.output
    mended = CliRunner().invoke(report, ["recount"])
    assert mended.exit_code == 0 and "补记 0 件案件、检查的差额" in mended.output
    as_the_steps_say(investigated)
    assert CliRunner().invoke(report, ["check"]).exit_code == 0


def test_a_changed_rule_is_made_up_for_by_further_entries(
    investigated: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mingzhi.supervision import rules
    from mingzhi.supervision.counting import Rule

    for verb in LAWFUL[:6]:
        TRIES[verb](investigated)
    case, body = investigated, organisations.body(investigated.bureau.body_id)
    TRIES["annul"](case)
    then, moment = supervision.current(body, case.at.year, case.at), case.at
    assert then.total["penalty"]["total"] == 1, "an annulled decision stays counted by the shipped rule"
    real = rules.rule
    monkeypatch.setattr(rules, "rule", lambda b, y: Rule(real(b, y).severity, annulled_stay=False))
    assert [o.dossier_id for o in checking.counted_otherwise(body)] == [case.id]
    later, ticks = case.at + timedelta(days=1), itertools.count(0, 600)
    with monkeypatch.context() as slow:
        slow.setattr(journal, "monotonic", lambda: next(ticks))
        assert journal.recount(body, at=later) == 1
    written = Counted.objects.order_by("-pk")[:1].get()
    assert written.at == later + timedelta(minutes=10), "a report frozen meanwhile does not hold it"
    later = written.at
    assert journal.recount(body, at=later) == 0
    now = supervision.current(body, case.at.year, later)
    assert now.total["penalty"]["total"] == 0 and now.total["penalty"]["amount"] == 0
    assert supervision.as_of(body, case.at.year, moment) == then


def test_who_recounts_what_another_has_just_set_right_adds_nothing(
    investigated: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mingzhi.supervision import rules
    from mingzhi.supervision.counting import Rule

    for verb in (*LAWFUL[:6], "annul"):
        TRIES[verb](investigated)
    body, real, asked = (
        organisations.body(investigated.bureau.body_id), rules.rule, checking.counted_otherwise,
    )  # fmt: skip
    monkeypatch.setattr(rules, "rule", lambda b, y: Rule(real(b, y).severity, annulled_stay=False))
    seen_before = list(asked(body))
    assert journal.recount(body, at=investigated.at) == len(seen_before) == 1
    monkeypatch.setattr(
        checking, "counted_otherwise", lambda b, among=None: asked(b, among) if among else iter(seen_before)
    )
    assert journal.recount(body, at=investigated.at) == 0
    assert list(asked(body)) == [] and checking.sums_otherwise(body.id) == []


def test_what_is_counted_while_the_check_reads_is_no_difference(
    investigated: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    for verb in ("conclude", "unit_check", "notify"):
        TRIES[verb](investigated)
    body, stored, decided = organisations.body(investigated.bureau.body_id), checking.stored, []

    def meanwhile(ids: list[int], source: str) -> Any:
        if not decided:
            decided.append(TRIES["decide"](investigated))
        return stored(ids, source)

    monkeypatch.setattr(checking, "stored", meanwhile)
    before = Counted.objects.count()
    assert list(checking.counted_otherwise(body)) == []
    assert decided and Counted.objects.count() > before

"""A list tried on last year's matters: what it would catch, what no longer, each matter once (R115)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import ReviewRule
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed
from mingzhi.organisations import api as organisations
from mingzhi.review import api as review
from mingzhi.review.data import Trial
from mingzhi.review.models import Weighed
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def rule(code: str, predicate: dict[str, Any]) -> ReviewRule:
    return ReviewRule(code, code, predicate, "本单位目录", False)


def amount(code: str, yuan: int) -> ReviewRule:
    return rule(code, {"fact": "amount_fen", "op": ">=", "value": yuan * 100})


def weigh(case: Drive, **facts: Any) -> int | None:
    body = organisations.body(case.bureau.body_id)
    return review.facts_weighed(
        dossier=case.dossier, body=body, facts=facts, on=date(2026, 9, 14), by=case.by("officer1"), at=case.at
    )


def tried(
    case: Drive, now: list[ReviewRule], rules: list[ReviewRule], *, who: str = "reviewhead", **period: int
) -> Trial:
    since = case.at - timedelta(days=period.get("since", 1))
    until = case.at + timedelta(days=period.get("until", 1))
    return review.dry_run(rules, now=now, by=case.by(who), since=since, until=until)


def kind_of(found: Trial, case: Drive) -> str:
    """Where the trial puts this very case; the module's other cases are tried along."""
    groups = {"newly": found.newly_lines, "lost": found.lost_lines, "both": found.both_lines}
    (kind,) = [k for k, lines in groups.items() if case.id in {x.dossier_id for x in lines}] or [""]
    return kind


def test_a_report_leaves_the_facts_it_was_weighed_by(concluded: Drive) -> None:
    row = Weighed.objects.filter(dossier_id=concluded.id).latest("pk")
    assert row.facts["act_type"] == "行政处罚" and row.facts["amount_fen"] == 200000
    assert row.facts["field"] == "urban" and row.facts["level"] == "county" and row.caught == []
    for statement in ("UPDATE review_weighed SET facts = '{}'", "DELETE FROM review_weighed"):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


@pytest.mark.parametrize(("threshold", "newly"), [(1999, 1), (2000, 1), (2001, 0)])
def test_a_new_threshold_catches_from_its_amount_on(concluded: Drive, threshold: int, newly: int) -> None:
    found = tried(concluded, [], [amount("A", threshold)])
    assert kind_of(found, concluded) == ("newly" if newly else "")
    assert found.lost == found.both == 0 and found.before == {}
    assert found.after.get("A", 0) == found.newly == len(found.newly_lines)


def test_what_an_old_rule_caught_and_no_new_one_does_is_lost_and_named_with_its_reason(
    concluded: Drive,
) -> None:
    found = tried(concluded, [amount("OLD", 1000)], [amount("NEW", 5000)])
    assert kind_of(found, concluded) == "lost"
    (line,) = [x for x in found.lost_lines if x.dossier_id == concluded.id]
    assert line.dossier_id == concluded.id and "涉案金额" in line.was[0].explanation and line.will == ()
    assert kind_of(tried(concluded, [amount("OLD", 1000)], [amount("NEW", 500)]), concluded) == "both"


@pytest.mark.parametrize(
    ("fact", "value", "other"),
    [("act_type", "行政处罚", "行政许可"), ("level", "county", "city"), ("field", "urban", "water"), ("party_kind", "organisation", "natural")],
)  # fmt: skip
def test_a_rule_may_ask_for_kind_level_field_and_party(
    concluded: Drive, fact: str, value: str, other: str
) -> None:
    for asked, kind in ((value, "newly"), (other, "")):
        found = tried(concluded, [], [rule("R", {"fact": fact, "op": "==", "value": asked})])
        assert kind_of(found, concluded) == kind


def test_a_matter_counts_once_with_its_last_facts_and_not_when_nothing_is_proposed_any_more(
    concluded: Drive,
) -> None:
    before = tried(concluded, [], [amount("A", 5000)])
    assert kind_of(before, concluded) == ""
    assert weigh(concluded, amount_fen=900000) and weigh(concluded, amount_fen=900000) is None, "once"
    found = tried(concluded, [], [amount("A", 5000)])
    assert found.considered == before.considered and kind_of(found, concluded) == "newly"
    assert weigh(concluded)
    gone = tried(concluded, [], [amount("A", 5000)])
    assert gone.considered == before.considered - 1 and kind_of(gone, concluded) == ""


def test_only_the_period_s_matters_of_the_own_body_are_tried(concluded: Drive) -> None:
    early = review.dry_run(
        [amount("A", 1)], now=[], by=concluded.by("reviewhead"),
        since=clock.at_local(date(2025, 1, 1)), until=clock.at_local(date(2025, 12, 31)),
    )  # fmt: skip
    assert early.considered == 0
    assert tried(concluded, [], [amount("A", 1)], who="otherreviewhead").considered == 0
    with pytest.raises(NotAllowed):
        tried(concluded, [], [amount("A", 1)], who="officer1")


def test_the_list_in_force_tried_against_itself_changes_nothing(heavy: Drive) -> None:
    body = organisations.body(heavy.bureau.body_id)
    now = list(catalogue.review_list(body, date(2026, 9, 14)))
    found = tried(heavy, now, now)
    assert kind_of(found, heavy) == "both" and not found.newly and not found.lost
    assert found.before == found.after


def test_matters_from_before_facts_were_kept_are_judged_by_their_steps(concluded: Drive) -> None:
    """As if this case had been decided before the version that keeps facts."""
    from mingzhi.cases import api as cases

    body = organisations.body(concluded.bureau.body_id)
    since, until = concluded.at - timedelta(days=30), concluded.at + timedelta(days=1)
    (own,) = [m for m in cases.older_matters(body, since, until) if m.dossier_id == concluded.id]
    kept = Weighed.objects.filter(dossier_id=concluded.id).latest("pk").facts
    assert (dict(own.facts), own.unknown) == (kept, frozenset()), "steps tell what was weighed"
    assert concluded.id not in {m.dossier_id for m in cases.older_matters(body, until, until)}

    def judged(matter: Any, *rules: ReviewRule) -> Trial:
        return review.dry_run(
            rules, now=[], by=concluded.by("reviewhead"), since=until, until=until, older=[matter]
        )

    assert judged(own, amount("a", 100)).considered == 0, "who handed facts in is not read a second time"
    dim = replace(own, dossier_id=own.dossier_id + 10_000, unknown=frozenset({"social_attention"}))
    attention = {"fact": "social_attention", "op": "==", "value": True}
    big = {"fact": "amount_fen", "op": ">=", "value": 1}
    for predicate, counted in (
        (big, (1, 0)),
        (attention, (0, 1)),
        ({"any": [attention, big]}, (1, 0)),
        ({"all": [attention, {"not": big}]}, (0, 0)),
        ({"not": attention}, (0, 1)),
        ({"fact": "government_name", "op": "==", "value": True}, (0, 0)),
    ):
        found = judged(dim, rule("r", predicate))
        assert (found.newly, found.unclear) == counted, predicate
        assert (found.considered, found.older) == (1, 1)

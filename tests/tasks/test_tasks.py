"""To-dos: opened once, seen by whom they concern, closed with what they were for."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from mingzhi.organisations.permissions import Permission
from mingzhi.tasks import api as tasks
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")


def put(case: Drive, **changes: Any) -> int:
    given: dict[str, Any] = {
        "kind": "test.do",
        "title": "办理",
        "body_id": case.bureau.body_id,
        "dossier_id": case.id,
        "by": case.by("officer1"),
        "at": case.at,
    }
    return tasks.task_open(**{**given, **changes})


def mine(case: Drive, who: str) -> list[int]:
    return [t.pk for t in tasks.tasks_mine(case.by(who)) if t.kind == "test.do"]


def test_a_to_do_by_name_is_that_person_s_and_nobody_else_s(filed: Drive) -> None:
    task = put(filed, assignee_id=filed.people(("officer1",))[0])
    assert mine(filed, "officer1") == [task]
    assert mine(filed, "officer2") == mine(filed, "other") == []


def test_a_to_do_by_permission_is_of_all_in_the_body_who_hold_it(filed: Drive) -> None:
    task = put(filed, permission=Permission.CASE_ACT)
    assert mine(filed, "officer1") == mine(filed, "officer3") == [task]
    assert mine(filed, "leader") == mine(filed, "other") == []


def test_a_to_do_of_a_unit_is_seen_in_that_unit_only(filed: Drive) -> None:
    task = put(filed, permission=Permission.CASE_UNIT_CHECK, unit_id=filed.by("head").unit_id)
    assert mine(filed, "head") == [task]
    assert mine(filed, "head2") == []


def test_the_same_to_do_is_not_opened_twice_until_it_was_closed(filed: Drive) -> None:
    task = put(filed, permission=Permission.CASE_ACT)
    assert put(filed, permission=Permission.CASE_ACT) == task
    assert (
        tasks.tasks_close(kinds=("test.do",), dossier_id=filed.id, by=filed.by("officer1"), at=filed.at) == 1
    )
    assert mine(filed, "officer1") == []
    assert put(filed, permission=Permission.CASE_ACT) != task
    assert Task.objects.get(pk=task).closed_by == filed.by("officer1").label


def test_soonest_due_comes_first_and_what_has_no_day_last(filed: Drive) -> None:
    late = put(filed, subject="a", permission=Permission.CASE_ACT)
    soon = put(filed, subject="b", permission=Permission.CASE_ACT, due_on=date(2026, 9, 9))
    sooner = put(filed, subject="c", permission=Permission.CASE_ACT, due_on=date(2026, 9, 8))
    assert mine(filed, "officer1") == [sooner, soon, late]


def test_closing_one_dossier_leaves_the_others_alone(filed: Drive, opened: Drive) -> None:
    put(filed, permission=Permission.CASE_ACT)
    other = put(opened, permission=Permission.CASE_ACT)
    tasks.tasks_close_all(dossier_id=filed.id, by=filed.by("officer1"), at=filed.at)
    assert mine(filed, "officer1") == [other]

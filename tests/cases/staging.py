"""A bureau and its cases made once for a module; every test undoes what it did on a savepoint."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from datetime import datetime
from typing import Any

import pytest
from django.db import connections, transaction

from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.models import Person
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.errors import GuardsUnmet
from mingzhi.web.demo.drive import Bureau, Drive
from tests.stories.conftest import MONDAY, a_matter, bureau_for

PROFILE = "xiashan-chengzong"


@contextmanager
def undone() -> Iterator[None]:
    """Whatever is written inside is undone at the end; tests inside run on savepoints of it."""
    with ExitStack() as stack:
        for alias in connections:
            stack.enter_context(transaction.atomic(using=alias))
        yield
        for alias in connections:
            transaction.set_rollback(True, using=alias)


@pytest.fixture(scope="module")
def module_bureau(django_db_setup: None, django_db_blocker: Any) -> Iterator[Bureau]:
    with django_db_blocker.unblock(), undone():
        yield bureau_for(PROFILE, MONDAY)


def start(bureau: Bureau, at: datetime = MONDAY, **changes: Any) -> Drive:
    return Drive(bureau, a_matter(**changes), at)


def on_copy(case: Drive) -> Drive:
    """The same dossier, with a clock of its own for one test."""
    own = copy.copy(case)
    own.bureau = Bureau(case.bureau.body_id, case.bureau.accounts)
    return own


def refused(case: Drive, verb: str, who: str | Actor, **facts: Any) -> set[str]:
    """Codes of every reason against this step; nothing is taken. Fails if the step was possible."""
    by = case.by(who) if isinstance(who, str) else who
    with pytest.raises(GuardsUnmet) as refusal:
        procedures.advance(case.id, verb, by=by, at=case.at, facts=facts)
    assert all(r.sentence and r.citation for r in refusal.value.reasons), "each reason names its law"
    return {r.code for r in refusal.value.reasons}


def taken(case: Drive, verb: str, who: str | Actor, **facts: Any) -> str:
    """The state after the step, which must be possible."""
    by = case.by(who) if isinstance(who, str) else who
    return procedures.advance(case.id, verb, by=by, at=case.at, facts=facts).to_state


def standing(case: Drive, verb: str, who: str) -> set[str]:
    """Codes that hold the button of ``verb`` closed for this person now."""
    from mingzhi.dossiers import api as dossiers

    dossier = dossiers.access_dossier(case.by(who), case.id)
    found = next(o for o in procedures.options(dossier, by=case.by(who), at=case.at) if o.verb == verb)
    return {r.code for r in found.reasons}


def holding(actor: Actor, *permissions: Permission, **changes: Any) -> Actor:
    """The same person with more permissions: to meet the guard behind the permission."""
    return replace(actor, permissions=actor.permissions | set(permissions), **changes)


def person_named(case: Drive, name: str) -> int:
    return Person.objects.get(name=name, body_id=case.bureau.body_id).pk


def certificate_ends(case: Drive, person_id: int) -> Any:
    return organisations.certificate(person_id, case.at.date()).valid_until


def recorded(case: Drive, act: str) -> Drive:
    case.record(act, title=act)
    return case

"""Whoever owns the database may write what they like: the check, or a receipt in other hands, tells.

First every column of every table that holds facts, one by one; then trials drawn at random. What is
deliberately outside the ledger stands in ``OUTSIDE`` with its reason, so that a new column is either
covered or named.
"""

from __future__ import annotations

import base64
import os
import secrets
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings
from django.db import DatabaseError, connection, models, transaction
from django.test import override_settings

from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger import kinds
from mingzhi.ledger.fact_pass import Job, fact_pass
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.head import Head, moment
from mingzhi.ledger.merkle import leaf_hash
from mingzhi.ledger.models import Checkpoint, Entry, Place
from mingzhi.ledger.verify import Unproven, verify_consistency
from mingzhi.web.demo import loading
from tests.append_only_flush import take_off
from tests.cases.staging import undone
from tests.conftest import ON_POSTGRES
from tests.stories.conftest import bureau_for

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.slow]

NOW = clock.at_local(date(2026, 11, 20), 16)
TRIALS = int(os.environ.get("MINGZHI_TRIALS", "49" if ON_POSTGRES else "147"))
ROOMS = (
    "organisations", "deadlines", "catalogue", "dossiers", "documents", "recording", "review",
    "deliberations", "publication", "procedures", "cases", "files", "ledger",
)  # fmt: skip

#: Table or column → why an alteration of it is not the ledger's affair.
OUTSIDE = {
    "organisations.Person.pinyin": "derived from the name, for finding people by sound",
    "organisations.Account.password": "a secret of the person's; a log-in fails if it is altered",
    "organisations.Account.last_login": "written at every log-in; log-ins are in the second log",
    "procedures.Step.key": "tells a repeated submission, says nothing of the matter",
    "documents.Paper.data_digest": "derived from the data, which is covered",
    "documents.Template.text_digest": "derived from the text, which is covered",
    "documents.Service.facts_digest": "derived from the facts, which are covered",
    "dossiers.Making": "a working table: how far something in the background is",
    "files.StoredFile.name": "what the bytes are called; the bytes are covered by their hash wherever a fact names them",
    "files.StoredFile.media_type": "found anew from the bytes",
    "files.StoredFile.stated_type": "what the sender said of the bytes",
    "files.StoredFile.remarks": "found anew from the bytes",
    "files.StoredFile.created_at": "the fact that names the file has its own time",
    "publication.FeedItem.placed_at": "when the worker put an event into the feed; the event's entry has its own time",
    "ledger.LogKey.at": "each key's announcement is an entry with its own time",
    "files.Upload": "on its way; becomes a fact when a room takes it",
    "ledger.Pending": "the sequencer's queue",
    "ledger.Attempt": "the second log is not in the tree (docs/security/trust.md)",
    "ledger.Log.at": "when the log was opened; every checkpoint carries its own time",
}


class Undo(Exception):
    """Ends a trial: nothing of it stays."""


@contextmanager
def owner() -> Iterator[None]:
    """What the owner of the database does inside is undone afterwards; triggers are off meanwhile."""
    try:
        with transaction.atomic():
            every_trigger_off()
            yield
            raise Undo
    except Undo:
        pass


def every_trigger_off() -> None:
    """Those of the ledger and those that a room brought itself, where they are not off already."""
    take_off(connection)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
            wishes = [f'DROP TRIGGER "{name}"' for (name,) in cursor.fetchall()]
        else:
            cursor.execute(
                "SELECT DISTINCT tgrelid::regclass::text FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
            )
            wishes = [f"ALTER TABLE {table} DISABLE TRIGGER USER" for (table,) in cursor.fetchall()]
            if wishes:  # a table with foreign keys still to be looked at cannot be changed
                wishes[:0] = ["SET CONSTRAINTS ALL IMMEDIATE", "SET CONSTRAINTS ALL DEFERRED"]
        for wish in wishes:
            cursor.execute(wish)


def found(model: type[models.Model] | None = None) -> bool:
    """Whether the check names anything but the missing triggers, which a careful owner puts back.

    For one altered table the kinds of its own room are asked first; only where they say nothing, all.
    """
    room = model._meta.app_label if model is not None else "ledger"
    if room == "ledger":
        findings = fsck(processes=1, files=True).findings
    else:
        check = kinds.file_check() if room == "files" else None
        own = [(kind.name, {kind.version}) for kind in kinds.everything() if kind.name.startswith(f"{room}:")]
        findings = tuple(fact_pass(check, [Job(own)]).findings) or tuple(fact_pass(check).findings)
    return any(finding.code != "guard.missing" for finding in findings)


@pytest.fixture(scope="module")
def bureau(
    tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any
) -> Iterator[None]:
    """Made once, with the triggers off; what a test does to it is undone."""
    base = tmp_path_factory.mktemp("owner")
    folders = {f"{name.upper()}_ROOT": base / name for name in ("files", "ledger", "keys")}
    with override_settings(**folders), django_db_blocker.unblock(), undone():
        bureau_for("xiashan-chengzong", NOW)
        list(loading.load(profile="xiashan-chengzong", cases=9, seed=3, at=NOW))
        ledger.sequence(at=NOW)
        every_trigger_off()
        assert not found(), "untouched, nothing is found"
        yield


def tables() -> list[type[models.Model]]:
    return [
        model
        for room in ROOMS
        for model in apps.get_app_config(room).get_models()
        if model._meta.label not in OUTSIDE and model._meta.managed and not model._meta.proxy
    ]


def otherwise(field: models.Field, value: Any) -> Any:
    """Another value that the column can hold; the same where there is none."""
    if isinstance(field, models.ForeignKey):
        others = field.related_model._default_manager.exclude(pk=value).values_list("pk", flat=True)
        return others.first()
    if isinstance(field, models.BooleanField):
        return not value
    if isinstance(field, models.DateTimeField):
        return (value or datetime(2026, 1, 1, tzinfo=NOW.tzinfo)) + timedelta(hours=1)
    if isinstance(field, models.DateField):
        return (value or date(2026, 1, 1)) + timedelta(days=1)
    if isinstance(field, models.IntegerField):
        return (value or 0) + 1
    if isinstance(field, models.JSONField):
        return {"某": 1} if value != {"某": 1} else {}
    if isinstance(field, models.BinaryField):
        return bytes(value or b"")[:-1] + secrets.token_bytes(1)
    text = str(value or "")
    return ("甲" if text[:1] != "甲" else "乙") + text[1:]


def alter(row: models.Model, field: models.Field) -> bool:
    """Write another value into one column of one row; False when the database itself refuses it."""
    before = getattr(row, field.attname)
    after = otherwise(field, before)
    if after == before or after is None:
        return False
    try:
        with transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(**{field.attname: after})
    except DatabaseError:
        return False
    return bool(getattr(type(row)._default_manager.get(pk=row.pk), field.attname) != before)


@pytest.mark.skipif(ON_POSTGRES, reason="what covers a column does not depend on the database")
def test_every_column_of_every_table_is_covered_or_named_as_outside(bureau: None) -> None:
    unnoticed, tried = [], 0
    for model in tables():
        row = model._default_manager.order_by("pk").last()
        if row is None:
            continue
        for field in model._meta.concrete_fields:
            label = f"{model._meta.label}.{field.name}"
            if field.primary_key or label in OUTSIDE:
                continue
            with owner():
                if alter(row, field):
                    tried += 1
                    if not found(model):
                        unnoticed.append(label)
    assert tried > 250
    assert not unnoticed, "covered by nothing and not named as outside: " + ", ".join(unnoticed)


# -- trials drawn at random ----------------------------------------------------------------------


def some(count: int) -> int:
    return secrets.randbelow(count)


def any_row(models_: list[type[models.Model]]) -> models.Model:
    while True:
        model = models_[some(len(models_))]
        total = model._default_manager.count()
        if total:
            row: models.Model = model._default_manager.order_by("pk")[some(total)]
            return row


def field(covered: list[type[models.Model]]) -> str:
    """One value in one column."""
    while True:
        row = any_row(covered)
        columns = [
            column
            for column in row._meta.concrete_fields
            if not column.primary_key and f"{row._meta.label}.{column.name}" not in OUTSIDE
        ]
        if columns and alter(row, column := columns[some(len(columns))]):
            return f"{row._meta.label}.{column.name}"


def deletion(covered: list[type[models.Model]]) -> str:
    """One row, past the foreign keys."""
    row = any_row(covered)
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA defer_foreign_keys = ON")
        table, key = row._meta.db_table, row._meta.pk.column
        cursor.execute(f"DELETE FROM {table} WHERE {key} = %s", [row._meta.pk.get_prep_value(row.pk)])
    return row._meta.label


def insertion(covered: list[type[models.Model]]) -> str:
    """A copy of a row under a number of its own, where the table allows one."""
    while True:
        row = any_row(covered)
        # Who owns the database can have an entry placed and signed, as of now; not one of yesterday.
        if not isinstance(row._meta.pk, models.AutoField) or isinstance(row, Entry):
            continue
        row.pk = None
        for column in row._meta.concrete_fields:
            if column.unique and not column.primary_key:
                setattr(row, column.attname, otherwise(column, getattr(row, column.attname)))
        try:
            with transaction.atomic():
                row.save(force_insert=True)
        except DatabaseError:
            continue
        return row._meta.label


def reordering(_: list[type[models.Model]]) -> str:
    """Two entries change places."""
    one, two = Place.objects.order_by("?")[:2]
    Place.objects.filter(pk=one.pk).update(entry_id=-1)
    Place.objects.filter(pk=two.pk).update(entry_id=one.entry_id)
    Place.objects.filter(pk=one.pk).update(entry_id=two.entry_id)
    return "ledger.Place"


def truncation(_: list[type[models.Model]]) -> str:
    """The end of the log is gone, with its checkpoints."""
    size = Place.objects.count() - 1 - some(20)
    gone = list(Place.objects.filter(index__gte=size).values_list("entry_id", flat=True))
    Place.objects.filter(index__gte=size).delete()
    Entry.objects.filter(pk__in=gone).delete()
    Checkpoint.objects.filter(size__gt=size).delete()
    return "ledger"


def forged_checkpoint(_: list[type[models.Model]]) -> str:
    """Another root over the same signature."""
    head = Checkpoint.objects.order_by("?").first()
    assert head is not None
    root = secrets.token_bytes(32)
    lines = head.note.split("\n")
    lines[2] = base64.b64encode(root).decode()
    Checkpoint.objects.filter(pk=head.pk).update(root=root, note="\n".join(lines))
    return "ledger.Checkpoint"


def careful_forgery(_: list[type[models.Model]]) -> str:
    """A fact and its entry rewritten to fit each other: salt, commitment and leaf."""
    entry = Entry.objects.order_by("?").first()
    assert entry is not None
    commitment = secrets.token_bytes(32)
    head = Head(entry.kind, entry.version, entry.subject, moment(entry.at), commitment.hex())
    Entry.objects.filter(pk=entry.pk).update(commitment=commitment, leaf=leaf_hash(head.leaf()))
    return entry.kind


KINDS: tuple[Callable[[list[type[models.Model]]], str], ...] = (
    field, deletion, insertion, reordering, truncation, forged_checkpoint, careful_forgery,
)  # fmt: skip
OF_A_TABLE = {field, deletion, insertion}


def test_random_alterations_are_found_every_one(bureau: None, capsys: pytest.CaptureFixture[str]) -> None:
    """Quick by default; ``MINGZHI_TRIALS=1000`` for the long run."""
    covered = [model for model in tables() if model._default_manager.exists()]
    tried: Counter[str] = Counter()
    seen: Counter[str] = Counter()
    missed: list[str] = []
    for number in range(TRIALS):
        kind = KINDS[number % len(KINDS)]
        tried[kind.__name__] += 1
        with owner():
            what = kind(covered)
            if found(apps.get_model(*what.split(".")[:2]) if kind in OF_A_TABLE else None):
                seen[kind.__name__] += 1
            else:
                missed.append(f"{kind.__name__} {what}")
    with capsys.disabled():
        print()
        for name, count in tried.items():
            print(f"  {name:18} {seen[name]}/{count}")
    assert missed == []


def test_bytes_put_in_the_place_of_others_are_found(bureau: None) -> None:
    """Files swapped on the disk, one cut, one gone: the check that reads files names each."""
    stored = [path for path in Path(settings.FILES_ROOT).glob("??/??/*") if path.is_file()]
    assert len(stored) > 1
    one, two = stored[0], stored[1]
    contents = one.read_bytes(), two.read_bytes()
    for path in (one, two):
        path.chmod(0o600)
    for falsified in (contents[1], contents[0][:-1], b""):
        one.write_bytes(falsified)
        assert found()
    one.unlink()
    assert found()
    one.write_bytes(contents[0])
    assert not found()


def test_a_history_rewritten_from_its_beginning_is_told_by_whoever_kept_a_checkpoint(bureau: None) -> None:
    """Database, folder and key in one hand: nothing inside can tell any more, but a paper outside can."""
    kept = ledger.checkpoint()
    size = int(kept.split("\n")[1])
    with owner():
        truncation([])
        left = Place.objects.count()
        assert left < size
        with pytest.raises((NotFound, Unproven)):
            path, note = ledger.consistency(size)
            verify_consistency(kept, note, path, ledger.verifier_key())

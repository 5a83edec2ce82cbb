"""A malicious administrator: whatever is altered, fsck finds it and says where."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction
from hypothesis import given, settings
from hypothesis import strategies as st

from mingzhi.ledger import api, fact_pass, kinds, notes, store
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.head import Head, commit, moment
from mingzhi.ledger.merkle import leaf_hash
from mingzhi.ledger.models import Checkpoint, Entry, Log, Pending, Place
from tests.append_only_flush import guarded, take_off
from tests.ledger.conftest import KIND, World

pytestmark = pytest.mark.django_db(databases="__all__")

SIZE = 24


@pytest.fixture
def log(world: World) -> World:
    """24 placed entries in four checkpoints, kept outside as well."""
    for _ in range(4):
        world.add(SIZE // 4)
        world.place()
        store.publish(Log.objects.get(), Checkpoint.objects.latest("size"))
    return world


def codes(report: Any) -> set[str]:
    return {f.code for f in report.findings if f.code != "guard.missing"}


def test_an_untouched_log_is_fine(log: World) -> None:
    report = fsck()
    assert report.ok, report.findings
    assert (report.entries, report.rows, report.size, report.checkpoints) == (SIZE, SIZE, SIZE, 4)
    assert report.root == api.latest().root
    log.add(2)
    assert fsck().ok  # entries of the last second wait for their place
    assert "2 条待编号" in fsck().notes[0]


def test_an_empty_log_is_fine(world: World) -> None:
    assert fsck().ok


def honest(row: Entry) -> None:
    """Give an altered entry the leaf that fits it, as a careful forger would."""
    head = Head(row.kind, row.version, row.subject, moment(row.at), bytes(row.commitment).hex())
    Entry.objects.filter(pk=row.pk).update(leaf=leaf_hash(head.leaf()))


def alter_field(data: st.DataObject, careful: bool) -> set[str]:
    row = Entry.objects.get(pk=data.draw(st.sampled_from(ids())))
    name, value = data.draw(
        st.sampled_from(
            [
                ("at", row.at - timedelta(days=3)),
                ("subject", row.subject + "0"),
                ("version", 2),
                ("kind", "ledgertest:other"),
                ("commitment", os.urandom(32)),
                ("salt", os.urandom(32)),
                ("leaf", os.urandom(32)),
            ]
        )
    )
    Entry.objects.filter(pk=row.pk).update(**{name: value})
    if careful and name not in ("leaf", "salt"):
        honest(Entry.objects.get(pk=row.pk))
        return {"entry.replaced", "root.differs"}
    return {"salt": {"fact.altered"}}.get(name, {"entry.altered"})


def delete_entry(data: st.DataObject, careful: bool) -> set[str]:
    victim = data.draw(st.sampled_from(ids()))
    place = Place.objects.get(entry_id=victim)
    Entry.objects.filter(pk=victim).delete()
    if not careful:
        return {"entry.missing"}
    gone = place.index
    place.delete()
    later = list(Place.objects.filter(index__gt=gone).order_by("index"))
    for row in later:  # close the gap, so that the numbers look right
        Place.objects.filter(pk=row.index).update(index=row.index - 1)
    return {"log.truncated", "fact.extra"}


def insert_entry(data: st.DataObject, careful: bool) -> set[str]:
    payload = {"number": 99, "text": "插入"}
    salt = os.urandom(32)
    row = Entry.objects.get(pk=data.draw(st.sampled_from(ids())))
    new = Entry(kind=KIND, version=1, subject="note:99", salt=salt, at=row.at)
    from mingzhi.kernel import canonical

    new.commitment = commit(salt, canonical.encode(payload))
    new.leaf = leaf_hash(Head(KIND, 1, "note:99", moment(row.at), new.commitment.hex()).leaf())
    new.save()
    Pending.objects.all().delete()
    if not careful:
        return {"entry.unplaced"}
    Place.objects.create(index=SIZE, entry_id=new.pk)
    return {"place.unsigned"}


def swap(data: st.DataObject, careful: bool) -> set[str]:
    a, b = data.draw(st.lists(st.integers(0, SIZE - 1), min_size=2, max_size=2, unique=True))
    first, second = Place.objects.get(index=a), Place.objects.get(index=b)
    first.delete(), second.delete()
    Place.objects.create(index=a, entry_id=second.entry_id)
    Place.objects.create(index=b, entry_id=first.entry_id)
    return {"place.swapped", "root.differs"}


def truncate(data: st.DataObject, careful: bool) -> set[str]:
    keep = data.draw(st.integers(1, SIZE - 1))
    gone = list(Place.objects.filter(index__gte=keep).values_list("entry_id", flat=True))
    Place.objects.filter(index__gte=keep).delete()
    Entry.objects.filter(pk__in=gone).delete()
    if careful:
        Checkpoint.objects.filter(size__gt=keep).delete()
    return {"log.truncated"}


def forge_checkpoint(data: st.DataObject, careful: bool) -> set[str]:
    row = Checkpoint.objects.order_by("size")[data.draw(st.integers(0, 3))]
    if careful:
        other = notes.SignerKey(Log.objects.get().origin, os.urandom(32))
        text = notes.parse(row.note).text.replace(str(row.size), str(row.size), 1)
        Checkpoint.objects.filter(pk=row.pk).update(note=notes.sign(text, other))
    else:
        Checkpoint.objects.filter(pk=row.pk).update(root=os.urandom(32))
    return {"checkpoint.forged"}


def drop_place(data: st.DataObject, careful: bool) -> set[str]:
    Place.objects.filter(index=data.draw(st.integers(0, SIZE - 1))).delete()
    return {"entry.unplaced"}


def drop_checkpoint(data: st.DataObject, careful: bool) -> set[str]:
    """Any but the last, whose absence leaves entries unsigned."""
    sizes = list(Checkpoint.objects.order_by("size").values_list("size", flat=True))
    Checkpoint.objects.filter(size=sizes[data.draw(st.integers(0, len(sizes) - 2))]).delete()
    return {"checkpoint.missing"}


ALTERATIONS: list[Callable[[st.DataObject, bool], set[str]]] = [
    alter_field,
    delete_entry,
    insert_entry,
    swap,
    truncate,
    forge_checkpoint,
    drop_place,
    drop_checkpoint,
]


def ids() -> list[int]:
    return sorted(Entry.objects.values_list("pk", flat=True))


@settings(max_examples=60)
@pytest.mark.parametrize("alteration", ALTERATIONS)
@given(data=st.data(), careful=st.booleans())
def test_every_alteration_of_the_log_is_found(
    alone: None,
    log: World,
    alteration: Callable[[st.DataObject, bool], set[str]],
    data: st.DataObject,
    careful: bool,
) -> None:
    before = ids()
    with transaction.atomic():
        take_off(connection, [op.table for op in guarded() if op.table.startswith("ledger_")])
        expected = alteration(data, careful)
        report = fsck()
        found = codes(report)
        assert expected <= found, (expected, report.findings)
        assert any(f.code == "guard.missing" for f in report.findings)
        transaction.set_rollback(True)
    assert ids() == before, "undone before the next alteration"


@settings(max_examples=60)
@given(number=st.integers(1, SIZE), how=st.sampled_from(["change", "remove", "add", "retype"]))
def test_every_alteration_of_a_live_row_is_found(alone: None, log: World, number: int, how: str) -> None:
    subject, before = f"note:{number}", dict(log.rows)
    try:
        if how == "change":
            log.rows[subject] = {**before[subject], "text": "另一内容"}
        elif how == "retype":
            log.rows[subject] = {**before[subject], "number": float(number)}
        elif how == "remove":
            del log.rows[subject]
        else:
            log.rows["note:777"] = {"number": 777, "text": ""}
        (finding,) = fsck().findings
        assert finding.code == {"remove": "fact.missing", "add": "fact.extra"}.get(how, "fact.altered")
        assert finding.subject == ("note:777" if how == "add" else subject)
    finally:
        log.rows.clear()
        log.rows.update(before)


def test_a_lawfully_erased_row_is_no_finding(log: World) -> None:
    log.rows["note:3"] = None
    assert fsck().ok


def test_an_altered_entry_and_an_altered_journal_still_differ_from_what_was_signed(log: World) -> None:
    take_off(connection)
    row = Entry.objects.get(subject="note:9")
    Entry.objects.filter(pk=row.pk).update(at=row.at - timedelta(days=1))
    honest(Entry.objects.get(pk=row.pk))
    forged = bytes(Entry.objects.get(pk=row.pk).leaf)
    journal = store.folder(Log.objects.get()) / "level-00"
    content = bytearray(journal.read_bytes())
    content[8 * 32 : 9 * 32] = forged
    journal.write_bytes(content)
    (finding,) = [f for f in fsck().findings if f.code != "guard.missing"]
    assert finding.code == "root.differs"
    assert finding.index == 6  # the stretch between two checkpoints in which it lies
    assert "第 6 至 11 号" in finding.sentence


def test_a_spoiled_journal_alone_is_named(log: World) -> None:
    journal = store.folder(Log.objects.get()) / "level-00"
    content = bytearray(journal.read_bytes())
    content[70] ^= 1
    journal.write_bytes(content)
    (finding,) = fsck().findings
    assert (finding.code, finding.index) == ("entry.replaced", 2)


def test_another_key_or_a_lost_journal_is_told(log: World, settings: Any) -> None:
    folder = store.folder(Log.objects.get())
    (folder / "level-00").rename(folder / "away")
    assert "逐条比对" in fsck().notes[0]
    (key,) = (settings.KEYS_ROOT / "ledger").glob("*.vkey")
    key.write_text("other", encoding="ascii")
    assert codes(fsck()) == {"log.key"}


def test_a_replaced_log_row_makes_every_checkpoint_a_forgery(log: World) -> None:
    take_off(connection)
    other = notes.SignerKey("other.example/mingzhi/1", os.urandom(32))
    Log.objects.update(vkey=str(other.verifier), origin="other.example/mingzhi/1")
    assert {"checkpoint.forged", "log.key"} <= codes(fsck())


def test_a_changed_row_is_compared_with_its_latest_entry(log: World) -> None:
    log.rows["note:1"] = {"number": 1, "text": "更正后"}
    assert codes(fsck()) == {"fact.altered"}
    with transaction.atomic():
        api.append(KIND, "note:1", log.rows["note:1"], at=log.at)
    assert fsck().ok


def test_files_are_hashed_again_when_asked(log: World, monkeypatch: pytest.MonkeyPatch) -> None:
    log.files["note:2"] = [(7, "aa"), (8, "bb")]
    monkeypatch.setattr(kinds, "_file_check", [lambda file_id, digest: file_id == 7])
    assert fsck().files == 0
    report = fsck(files=True)
    (finding,) = report.findings
    assert (finding.code, finding.subject, report.files) == ("file.altered", "note:2", 2)


def test_an_unregistered_kind_is_named(log: World) -> None:
    kinds.forget(KIND)
    assert codes(fsck()) == {"kind.unknown"}


def test_a_row_of_an_older_version_is_compared_by_that_version(log: World) -> None:
    api.register(
        api.Kind(KIND, 2, "新", rows=lambda: [(s, {"n": p["number"]}) for s, p in log.rows.items() if p])
    )
    assert fsck().ok
    log.rows["note:4"]["text"] = "改"
    assert codes(fsck()) == {"fact.altered"}


def test_facts_recorded_while_the_check_runs_raise_no_alarm_but_a_second_row_does(log: World) -> None:
    plain = kinds.current(KIND)

    def rows() -> Any:
        """Read after the entries: meanwhile one row was recorded anew, and one was added."""
        log.rows["note:3"] = {"number": 3, "text": "变更"}
        with transaction.atomic():
            api.append(KIND, "note:3", log.rows["note:3"], at=log.at)
        log.add()
        return list(log.rows.items())

    api.register(replace(plain, rows=rows))
    assert fsck().ok
    api.register(replace(plain, rows=lambda: [*log.rows.items(), ("note:3", log.rows["note:3"])]))
    log.place()
    (finding,) = fsck().findings
    assert (finding.code, finding.subject) == ("fact.extra", "note:3")
    log.rows["note:3"] = {"number": 3, "text": "某某"}  # as it was recorded first
    api.register(plain)
    (finding,) = fsck().findings
    assert (finding.code, finding.subject) == ("fact.altered", "note:3")


def test_every_kind_is_looked_at_once_however_they_are_shared_out(
    log: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(5):
        name = f"ledgertest:many{number}"
        rows = {f"row:{n}": {"n": n, "of": number} for n in range(7 * number)}
        api.register(api.Kind(name, 1, "测试", rows=lambda rows=rows: rows.items()))
        with transaction.atomic():
            for subject, payload in rows.items():
                api.append(name, subject, payload, at=log.at)
    log.place()
    for fewest, most in ((1, 1), (1, 20), (30, 40), (50_000, 1_000_000)):
        monkeypatch.setattr(fact_pass, "_FEWEST", fewest)
        monkeypatch.setattr(fact_pass, "_MOST", most)
        names = [name for job in fact_pass.jobs() for name, _ in job.kinds]
        assert sorted(names) == sorted({kind.name for kind in kinds.everything()})
        report = fsck()
        assert report.ok and report.rows == SIZE + 70
    for number in range(5):
        kinds.forget(f"ledgertest:many{number}")


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_two_processes_find_the_same(world: World, django_db_blocker: Any) -> None:
    world.add(30)
    world.place()
    if "memory" in str(connection.settings_dict["NAME"]):
        pytest.skip("内存库无法由两个进程共享；PostgreSQL 阶段运行此项")
    report = fsck(processes=2)
    assert report.ok
    assert report == fsck(processes=1)


def test_a_derived_column_that_does_not_follow_from_its_facts_is_named(
    log: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kinds, "_checks", {})
    api.register_check("ledgertest:derived", lambda: iter([("note:3", "第 3 条显示的与登记的不一致")]))
    (finding,) = [f for f in fsck().findings if f.code != "guard.missing"]
    assert (finding.code, finding.subject) == ("derived.differs", "note:3")


def test_rows_that_cannot_be_read_are_named_and_the_rest_is_still_checked(
    log: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = kinds.current(KIND)
    payload_of = plain.payload_of
    assert payload_of is not None

    def broken(subject: str) -> Any:
        if subject == "note:5":
            raise ValueError("not what the system writes")
        return payload_of(subject)

    def rows() -> Any:
        for subject in log.rows:
            yield subject, broken(subject)

    log.rows["note:7"] = {"number": 7, "text": "另一"}
    api.register(replace(plain, payload_of=broken, rows=rows))
    found = {(f.code, f.subject) for f in fsck().findings if f.code != "guard.missing"}
    assert found == {("fact.unreadable", "note:5"), ("fact.altered", "note:7")}
    api.register(plain)

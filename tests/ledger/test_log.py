"""Entries, places, checkpoints, receipts, the second log: in the database, as neighbours use them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.db import IntegrityError, connections, router, transaction
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import canonical
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api, kinds, merkle, store, verify
from mingzhi.ledger.errors import (
    BehindCheckpoint,
    Forked,
    KeyMissing,
    KindUnknown,
    LiveRowDiffers,
    OutsideTransaction,
    PayloadInvalid,
)
from mingzhi.ledger.formats import Proof
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.head import moment
from mingzhi.ledger.models import Attempt, Checkpoint, Entry, Log, Pending, Place
from mingzhi.ledger.opening import Opening
from mingzhi.ledger.sequencer import open_log
from tests.append_only_flush import take_off
from tests.ledger.conftest import KIND, World

pytestmark = pytest.mark.django_db(databases="__all__")


def reference_root() -> bytes:
    """Root over all placed entries, from their rows."""
    leaves = {e.pk: bytes(e.leaf) for e in Entry.objects.all()}
    return merkle.root_of(leaves[p.entry_id] for p in Place.objects.order_by("index"))


class Undone(Exception):
    pass


# -- appending -----------------------------------------------------------------------------------


def test_an_entry_goes_when_its_work_rolls_back(world: World) -> None:
    with pytest.raises(Undone), transaction.atomic():
        world.add()
        raise Undone
    assert Entry.objects.count() == Pending.objects.count() == 0


def test_an_append_is_one_query(world: World, django_assert_num_queries: Any) -> None:
    with django_assert_num_queries(1), transaction.atomic(savepoint=False):
        api.append(KIND, "note:9", {"number": 9, "text": ""}, at=world.at)


@pytest.mark.parametrize(
    ("subject", "payload"),
    [
        ("", {"number": 1, "text": ""}),
        ("a\nb", {"number": 1, "text": ""}),
        ("x" * 161, {"number": 1, "text": ""}),
        ("note:1", {"number": 1}),
        ("note:1", {"number": 1, "text": "", "more": 1}),
    ],
)
def test_wrong_subjects_and_payloads_are_refused(world: World, subject: str, payload: dict[str, Any]) -> None:
    with pytest.raises(PayloadInvalid):
        api.append(KIND, subject, payload, at=world.at)
    with pytest.raises(TypeError):
        api.append(KIND, "note:1", {"number": 1.5, "text": ""}, at=world.at)
    with pytest.raises(PayloadInvalid):
        api.append(KIND, "note:1", {"number": 1, "text": ""}, at=world.at.replace(tzinfo=None))


def test_unknown_kinds_are_refused(at: datetime) -> None:
    with pytest.raises(KindUnknown):
        api.append("nobody:knows", "x:1", {}, at=at)
    for name in ("nocolon", "", "a b:c", "x:" + "y" * 80):
        with pytest.raises(PayloadInvalid):
            api.register(api.Kind(name, 1, ""))
    with pytest.raises(PayloadInvalid):
        api.register(api.Kind("a:b", 0, ""))


@pytest.mark.django_db(databases="__all__", transaction=True)
def test_an_entry_outside_a_transaction_is_refused(world: World) -> None:
    with pytest.raises(OutsideTransaction):
        api.append(KIND, "note:1", {"number": 1, "text": ""}, at=world.at)


def test_equal_payloads_have_different_commitments(world: World) -> None:
    world.add(2)
    assert len({bytes(e.commitment) for e in Entry.objects.all()}) == 2
    assert len({bytes(e.salt) for e in Entry.objects.all()}) == 2


@pytest.mark.parametrize(
    "table", ["ledger_entry", "ledger_place", "ledger_checkpoint", "ledger_log", "ledger_attempt"]
)
def test_no_row_can_be_changed_or_removed(world: World, table: str) -> None:
    world.add(2)
    world.place()
    api.attempt("look", "note:1", by="某某", at=world.at)
    alias = router.db_for_write(Attempt) if table == "ledger_attempt" else "default"
    connection = connections[alias]
    column = {"ledger_entry": "subject", "ledger_place": "entry_id", "ledger_attempt": "act"}.get(table, "at")
    statements = [
        f"UPDATE {table} SET {column} = {column}",
        f"DELETE FROM {table}",
        f"TRUNCATE {table}"
        if connection.vendor == "postgresql"
        else f"REPLACE INTO {table} SELECT * FROM {table}",
    ]
    for statement in statements:
        with pytest.raises(IntegrityError, match="append-only"), transaction.atomic(using=alias):
            connection.cursor().execute(statement)


# -- placing -------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 9), st.booleans()), min_size=1, max_size=8))
def test_any_batching_gives_gapless_places_and_the_reference_root(
    world: World, steps: list[tuple[int, bool]]
) -> None:
    with transaction.atomic():
        world.rows.clear()
        for count, undo in steps:
            try:
                with transaction.atomic():
                    before = dict(world.rows)
                    world.add(count)
                    if undo:
                        raise Undone
            except Undone:
                world.rows.clear()
                world.rows.update(before)
            world.place(limit=4)
        while world.place():
            pass
        assert [p.index for p in Place.objects.order_by("index")] == list(range(Entry.objects.count()))
        assert Pending.objects.count() == 0
        if latest := api.latest():
            assert latest.root == reference_root().hex()
        for head in Checkpoint.objects.all():
            told = verify.verify_checkpoint(head.note, api.verifier_key())
            assert (told.size, told.root) == (head.size, bytes(head.root).hex())
        store._open.clear()
        transaction.set_rollback(True)


def test_every_receipt_verifies_offline_and_says_when(world: World) -> None:
    ids = world.add(21)
    assert api.receipt(ids[0]) is None
    assert api.bundle(ids[0]) is None
    assert world.place() == 21
    assert world.place() == 0
    vkey = api.verifier_key()
    for number, entry_id in enumerate(ids):
        view = api.entries_of(f"note:{number + 1}")[0]
        proven = verify.verify_receipt(api.receipt(entry_id), None, vkey)
        assert (proven.index, proven.size) == (view.index, 21)
        assert proven.head.subject == view.subject
        told = verify.verify_bundle(api.bundle(entry_id), vkey)
        assert told.payload == world.rows[view.subject]
    assert view.sentence == "测试记录"
    assert [v.id for v in api.entries_of_many(["note:2", "note:1"])] == ids[:2]
    with pytest.raises(NotFound):
        api.receipt(0)
    with pytest.raises(NotFound):
        api.bundle(0)
    with pytest.raises(NotFound):
        api.entry(0)


def test_old_checkpoints_are_prefixes_of_new_ones(world: World) -> None:
    notes_ = []
    for count in (1, 2, 5, 8, 1):
        world.add(count)
        world.place()
        notes_.append(api.checkpoint())
    vkey = api.verifier_key()
    for old in notes_:
        size = verify.verify_checkpoint(old, vkey).size
        path, newest = api.consistency(size)
        assert verify.verify_consistency(old, newest, path, vkey).size == 17
    with pytest.raises(verify.Unproven):
        verify.verify_consistency(notes_[0], notes_[-1], [bytes(32)], vkey)
    with pytest.raises(NotFound):
        api.consistency(99)


def test_no_receipt_for_a_row_that_changed(world: World) -> None:
    (entry_id,) = world.add()
    world.place()
    world.rows["note:1"]["text"] = "另一内容"
    with pytest.raises(LiveRowDiffers):
        api.bundle(entry_id)
    assert api.receipt(entry_id)


def test_a_clock_that_had_jumped_ahead_does_not_stop_the_log_and_times_never_fall(world: World) -> None:
    world.add()
    real = world.at
    ahead = real + timedelta(days=1)
    assert api.sequence(at=ahead) == 1
    for at, signed in (
        (real + timedelta(seconds=1), ahead),
        (ahead - timedelta(microseconds=1), ahead),
        (ahead, ahead),
        (ahead + timedelta(microseconds=1), ahead + timedelta(microseconds=1)),
    ):
        (entry,) = world.add()
        assert api.sequence(at=at) == 1
        latest = api.latest()
        assert latest.at == signed and f"time {moment(signed)}" in latest.note
        assert api.entry(entry).at == world.at < signed  # each entry keeps the time of its own
        assert latest.after(real) and latest.after(signed - timedelta(seconds=3))
        assert not latest.after(signed) and not latest.after(signed - timedelta(seconds=2))
    assert fsck().ok


def test_a_restored_backup_is_refused(world: World) -> None:
    world.add(3)
    world.place()
    point = transaction.savepoint()
    world.add(3)
    world.place()
    later = Checkpoint.objects.get(size=6)
    store.publish(Log.objects.get(), later)
    transaction.savepoint_rollback(point)
    world.add(1)
    with pytest.raises(BehindCheckpoint, match="3 条.*6 条"):
        world.place()
    assert api.latest().size == 3
    # What docs/security/trust.md says to do when the lost entries are lost for good.
    (store.folder(Log.objects.get()) / "checkpoint").unlink()
    assert world.place() == 1
    for _ in range(4):
        world.add(1)
        world.place()
    assert api.latest().root == reference_root().hex()
    assert (
        verify.verify_receipt(api.receipt(Entry.objects.latest("id").pk), None, api.verifier_key()).size == 8
    )


def test_a_rewritten_history_is_refused(world: World) -> None:
    world.add(3)
    world.place()
    store.publish(Log.objects.get(), Checkpoint.objects.get(size=3))
    take_off(connections["default"])
    Entry.objects.filter(subject="note:2").update(leaf=bytes(32))
    Checkpoint.objects.update(root=bytes(32))
    world.add(1)
    with pytest.raises(Forked):
        world.place()


def test_an_entry_altered_before_it_was_placed_is_refused(world: World) -> None:
    world.add(2)
    take_off(connections["default"])
    Entry.objects.filter(subject="note:2").update(kind="other:kind")
    with pytest.raises(Forked):
        world.place()


def test_a_foreign_checkpoint_outside_is_refused(world: World) -> None:
    world.add()
    world.place()
    log = Log.objects.get()
    store.folder(log).mkdir(parents=True, exist_ok=True)
    (store.folder(log) / "checkpoint").write_text("x\n1\ny\n\n— a AAAAAAAA\n", encoding="utf-8")
    world.add()
    with pytest.raises(Forked):
        world.place()


def test_a_lost_key_is_never_replaced(world: World, settings: Any) -> None:
    world.add()
    world.place()
    from mingzhi.ledger import keys

    keys._load.cache_clear()
    key = settings.KEYS_ROOT / "ledger" / f"{Log.objects.get().name}.key"
    assert key.stat().st_mode & 0o777 == 0o600
    key.unlink()
    world.add()
    with pytest.raises(KeyMissing):
        world.place()


def test_lost_files_are_made_again_from_the_database(world: World, settings: Any) -> None:
    world.add(40)
    world.place()
    root = api.latest().root
    folder = store.folder(Log.objects.get())
    store._open.pop(folder).close()
    for path in folder.glob("level-*"):
        path.write_bytes(b"\xff" * (path.stat().st_size + 64))
    world.add(3)
    world.place()
    receipt = api.receipt(Entry.objects.latest("id").pk)
    assert verify.verify_receipt(receipt, None, api.verifier_key()).size == 43
    assert store.tree(Log.objects.get(), Checkpoint.objects.latest("size")).root(40).hex() == root


def test_the_origin_names_the_bureau_and_the_log(world: World, settings: Any) -> None:
    settings.PUBLIC_URL = "https://zfgs.example.gov.cn"
    assert api.latest() is None
    assert api.checkpoint() == api.verifier_key() == ""
    log = open_log(at=world.at)
    assert log.origin == f"zfgs.example.gov.cn/mingzhi/{log.name}"
    assert open_log(at=world.at).name == log.name


def test_a_newer_version_is_used_and_the_older_stays(world: World) -> None:
    api.register(api.Kind(KIND, 2, "测试记录二", fields=("number",)))
    with transaction.atomic():
        api.append(KIND, "note:1", {"number": 1}, at=world.at)
    assert api.entries_of("note:1")[0].version == 2
    assert kinds.find(KIND, 1).sentence == "测试记录"


# -- the second log ------------------------------------------------------------------------------


def test_an_attempt_stays_when_the_work_rolls_back(at: datetime) -> None:
    with pytest.raises(Undone), transaction.atomic():
        api.attempt(
            "dossier:view",
            "dossier:1",
            by="某某（一号队）",
            at=at,
            outcome="denied",
            purpose="核对",
            address="127.0.0.1",
        )
        raise Undone
    (row,) = api.attempts(subject="dossier:1", by="某某（一号队）", since=at)
    assert (row.act, row.outcome, row.purpose) == ("dossier:view", "denied", "核对")
    with pytest.raises(PayloadInvalid):
        api.attempt("x", "y", by="z", at=at, outcome="maybe")


def test_a_receipt_discloses_what_was_recorded_and_nothing_else_fits(world: World) -> None:
    (entry_id,) = world.add(text="证")
    world.place()
    text, vkey = api.bundle(entry_id), api.verifier_key()
    proof = Proof.parse(text)
    opening = Opening.parse(proof.extra)
    assert opening.facts() == {"number": 1, "text": "证"}
    for change in (
        {"salt": bytes(32)},
        {"salt": b""},
        {"payload": canonical.encode({"number": 2, "text": "证"})},
        {"payload": b'{"text":"' + "证".encode() + b'","number":1}'},
        {"leaf": opening.leaf.replace(b"note:1", b"note:2")},
    ):
        with pytest.raises(verify.Unproven):
            verify.verify_bundle(replace(proof, extra=replace(opening, **change).data()).text(), vkey)
    with pytest.raises(verify.Unproven):
        verify.verify_bundle(replace(proof, index=1).text(), vkey)
    for broken in (b"", b"x", opening.leaf + b"salt 00\n", opening.leaf + b"key !\n", proof.extra + b"\n"):
        with pytest.raises(verify.Unproven):
            verify.verify_bundle(replace(proof, extra=broken).text(), vkey)
    with pytest.raises(verify.Unproven, match="不含登记内容"):
        verify.verify_bundle(api.receipt(entry_id), vkey)
    with pytest.raises(verify.Unproven):
        verify.verify_bundle(text, "no key")
    with pytest.raises(verify.Unproven):
        verify.verify_bundle(text, vkey, b"another file")


def test_a_receipt_in_the_former_form_still_verifies(world: World) -> None:
    (entry_id,) = world.add(text="证")
    world.place()
    vkey = api.verifier_key()
    opening = Opening.parse(Proof.parse(api.bundle(entry_id)).extra)
    content = {
        "format": "mingzhi-receipt/1",
        "payload": opening.facts(),
        "salt": opening.salt.hex(),
        "proof": api.receipt(entry_id),
        "vkey": vkey,
    }
    assert verify.verify_bundle(json.dumps(content), vkey).payload == {"number": 1, "text": "证"}
    for change in (
        {"salt": "00" * 32},
        {"salt": "zz"},
        {"payload": {"number": 2, "text": "证"}},
        {"payload": {"number": 1.0, "text": "证"}},
        {"payload": []},
        {"proof": content["proof"].replace("index 0", "index 1")},
        {"proof": ""},
        {"format": "other"},
    ):
        with pytest.raises(verify.Unproven):
            verify.verify_bundle(json.dumps({**content, **change}), vkey)
    for text in ("", "[]", "{", '{"salt": 1, "salt": 2}', "[" * 100_000):
        with pytest.raises(verify.Unproven):
            verify.verify_bundle(text, vkey)

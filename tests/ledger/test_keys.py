"""Two signatures on a checkpoint, and keys that follow one another."""

from __future__ import annotations

from typing import Any

import pytest
from click.testing import CliRunner

from mingzhi.kernel import sm2
from mingzhi.ledger import api, keys, notes, rotation, verify
from mingzhi.ledger.errors import NoKeyChange
from mingzhi.ledger.formats import Proof
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.models import Checkpoint, Log, LogKey
from mingzhi.ledger.verify_command import split_keys
from mingzhi.ledger.verify_command import verify as command
from tests.append_only_flush import take_off
from tests.ledger.conftest import World

pytestmark = pytest.mark.django_db(databases="__all__")


def of_kind(kind: int, texts: list[str]) -> list[str]:
    return [text for text in texts if notes.VerifierKey.parse(text).kind == kind]


@pytest.fixture
def two(world: World) -> World:
    """A log with both keys."""
    if why := sm2.missing():
        pytest.skip(f"SM2 未测：{why}")
    world.add(3)
    world.place()
    return world


def test_a_checkpoint_carries_both_signatures_and_each_is_checked(two: World) -> None:
    ed, gm = api.keys_in_force()
    note = api.checkpoint()
    assert verify.verify_checkpoint(note, ed).algorithms == ("Ed25519",)
    assert verify.verify_checkpoint(note, gm).algorithms == ("SM2",)
    assert verify.verify_checkpoint(note, [ed, gm]).algorithms == ("Ed25519", "SM2")
    assert api.verifier_key() == ed
    lines = note.splitlines(keepends=True)
    other = notes.SignerKey.make(Log.objects.get().origin, notes.SM2)
    forged = "".join(lines[:-1]) + other.line(notes.parse(note).text)
    assert verify.verify_checkpoint(forged, [ed, gm]).algorithms == ("Ed25519",)  # a stranger's line
    swapped = forged.replace(forged.splitlines()[-1], lines[-1].rstrip("\n")[:-4] + "AAA=")
    with pytest.raises(verify.Unproven):
        verify.verify_checkpoint(swapped, [ed, gm])


def test_a_machine_without_sm2_signs_on_and_says_so(two: World, monkeypatch: Any, caplog: Any) -> None:
    _, gm = api.keys_in_force()

    def none() -> Any:
        raise sm2.NoSM2("本机没有 SM2")

    keys._load.cache_clear()
    monkeypatch.setattr(sm2, "provider", none)
    two.add()
    two.place()
    assert len(notes.parse(api.checkpoint()).signatures) == 1
    assert "本机没有 SM2" in caplog.text
    assert fsck().ok
    with pytest.raises(verify.Unproven) as refused:
        verify.verify_checkpoint(Checkpoint.objects.get(size=3).note, gm)
    assert refused.value.code == "verify.no_sm2"
    with pytest.raises(NoKeyChange, match="本机没有 SM2"):
        rotation.key_rotate(algorithm="sm2", by="示例管理员", at=two.at)
    keys._load.cache_clear()


@pytest.mark.parametrize("algorithm", ["ed25519", "sm2"])
def test_a_new_key_is_announced_under_the_old_and_readers_follow(two: World, algorithm: str) -> None:
    old = api.keys_in_force()
    early = api.bundle(api.entries_of("note:1")[0].id)
    new = rotation.key_rotate(algorithm=algorithm, by="示例管理员", at=two.at)
    assert api.keys_in_force() == old
    with pytest.raises(NoKeyChange, match="还没有开始使用"):
        rotation.key_rotate(algorithm=algorithm, by="示例管理员", at=two.at)
    two.add()
    two.place()  # holds the announcement, signed by the old
    assert verify.verify_checkpoint(api.checkpoint(), old).algorithms == ("Ed25519", "SM2")
    (entry_id,) = two.add()
    two.place()
    assert new in api.keys_in_force() and len(api.keys_in_force()) == 2
    late = api.bundle(entry_id)
    replaced = next(k for k in old if k not in api.keys_in_force())
    proven = verify.verify_bundle(late, replaced)  # who holds only the replaced key follows
    assert proven.followed == (new,)
    assert verify.verify_bundle(late, new).followed == ()
    assert verify.verify_bundle(early, api.verifier_keys())
    with pytest.raises(verify.Unproven):
        verify.verify_bundle(early, new)
    assert fsck().ok, fsck().findings
    assert set(keys.published(Log.objects.get().name)) == {*old, new}


def test_a_key_that_only_its_own_holder_announces_is_not_followed(two: World) -> None:
    old = api.verifier_key()
    rotation.key_rotate(algorithm="ed25519", by="示例管理员", at=two.at)
    two.place()
    two.add()
    two.place()
    (link,) = api.keys_text().split("\n\n")[1:2]
    stranger = notes.SignerKey.make(Log.objects.get().origin)
    note = Checkpoint.objects.get(size=4).note
    forged = notes.sign(notes.parse(note).text, stranger)
    mine = split_keys(api.keys_text())[1][0].replace(note, forged)
    assert link
    assert verify.follow_keys(old, [mine]) == [old]
    assert len(verify.follow_keys(old, split_keys(api.keys_text())[1])) == 2


def test_keys_follow_one_another_many_times(two: World, tmp_path: Any) -> None:
    first = api.verifier_key()
    for _ in range(3):
        rotation.key_rotate(algorithm="ed25519", by="示例管理员", at=two.at)
        two.place()
        two.add()
        two.place()
    assert len(api.verifier_keys()) == 5
    receipt = tmp_path / "r.tlog-proof"
    receipt.write_text(api.bundle(api.entries_of("note:4")[0].id), encoding="utf-8")
    done = CliRunner().invoke(command, [str(receipt), "--key", first])
    assert done.exit_code == 0, done.output
    assert "逐级核验" in done.output
    bare = tmp_path / "checkpoint"
    bare.write_text(api.checkpoint(), encoding="utf-8")
    assert CliRunner().invoke(command, [str(bare), "--key", first]).exit_code == 1
    kept = tmp_path / "published-keys"
    kept.write_text(api.keys_text(), encoding="utf-8")
    assert CliRunner().invoke(command, [str(bare), "--key", str(kept)]).exit_code == 0
    assert fsck().ok


def test_a_key_slipped_into_the_database_is_found(two: World) -> None:
    take_off(__import__("django.db", fromlist=["connection"]).connection)
    stranger = notes.SignerKey.make(Log.objects.get().origin)
    LogKey.objects.create(vkey=str(stranger.verifier), announced=True, at=two.at)
    found = {f.code for f in fsck().findings}
    assert {"fact.extra", "log.key"} <= found
    LogKey.objects.all().delete()
    LogKey.objects.create(vkey="no key", announced=False, at=two.at)
    assert "log.key" in {f.code for f in fsck().findings}


def test_a_log_older_than_sm2_gets_a_key_later(world: World, monkeypatch: Any) -> None:
    if why := sm2.missing():
        pytest.skip(f"SM2 未测：{why}")
    monkeypatch.setattr(sm2, "missing", lambda: "暂无")
    world.add()
    world.place()
    monkeypatch.undo()
    assert len(api.keys_in_force()) == 1
    gm = rotation.key_rotate(algorithm="sm2", by="示例管理员", at=world.at)
    world.place()
    world.add()
    world.place()
    assert verify.verify_checkpoint(api.checkpoint(), gm).algorithms == ("SM2",)
    assert of_kind(notes.SM2, api.keys_in_force()) == [gm]


def test_no_key_is_changed_before_the_log_started(world: World) -> None:
    with pytest.raises(NoKeyChange, match="没有启用"):
        rotation.key_rotate(algorithm="ed25519", by="示例管理员", at=world.at)
    assert rotation.ALGORITHMS.keys() == {"ed25519", "sm2"}
    assert api.keys_text() == api.checkpoint(cosigned=True) == ""


def test_an_sm2_key_has_its_own_text_and_old_readers_pass_its_line_over(two: World) -> None:
    ed, gm = api.keys_in_force()
    raw = notes.unbase64(gm.split("+", 2)[2])
    assert raw[0] == 255 and raw[1:].startswith(notes.SM2_MARK) and len(raw) == 1 + len(notes.SM2_MARK) + 64
    assert notes.verify(api.checkpoint(), [notes.VerifierKey.parse(ed)])
    proof = Proof.parse(api.receipt(api.entries_of("note:1")[0].id))
    assert len(notes.parse(proof.checkpoint).signatures) == 2

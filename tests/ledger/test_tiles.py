"""The log as tiles: exported, served, read back, checked."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.ledger import api, merkle, store, verify
from mingzhi.ledger.commands import ledger
from mingzhi.ledger.errors import Forked
from mingzhi.ledger.export import export
from mingzhi.ledger.merkle import leaf_hash
from mingzhi.ledger.models import Checkpoint, Log
from mingzhi.ledger.tiles import TileTree, parse_name, tile_name, tiles, unbundle, width_of
from mingzhi.ledger.verify_command import verify as command
from mingzhi.ledger.verify_export import verify_export
from tests.ledger.conftest import World

pytestmark = pytest.mark.django_db(databases="__all__")


def tree() -> Any:
    return store.tree(Log.objects.get(), Checkpoint.objects.latest("size"))


# -- names and shapes ------------------------------------------------------------------------------


def test_tile_names_are_those_of_the_specification() -> None:
    assert tile_name(1234067, 256) == "x001/x234/067"
    assert tile_name(5, 17) == "005.p/17"
    shapes = list(tiles(70_000))  # the specification's own example
    assert [sum(1 for s in shapes if s[0] == level) for level in range(3)] == [274, 2, 1]
    assert [s[2] for s in shapes if s[2] != 256] == [112, 17, 1]
    assert list(tiles(256)) == [(0, 0, 256), (1, 0, 1)]
    assert width_of(1, 1, 70_000) == 17 and width_of(3, 0, 70_000) == 0


@given(st.integers(0, 10**12), st.integers(1, 256))
def test_a_tiles_name_is_read_back(number: int, width: int) -> None:
    assert parse_name(tile_name(number, width)) == (number, width)


@pytest.mark.parametrize(
    "name",
    [
        "",
        "1",
        "0001",
        "x000/001",
        "x001/x000",
        "001.p/0",
        "001.p/256",
        "001.p/01",
        "../001",
        "001/",
        "x1/001",
        "٠٠١",
    ],
)
def test_no_other_name_is_a_tile(name: str) -> None:
    assert parse_name(name) is None


# -- the export ------------------------------------------------------------------------------------


@pytest.fixture
def exported(world: World, tmp_path: Path) -> Path:
    world.add(300)
    world.place()
    export(tmp_path / "out")
    return tmp_path / "out"


def test_an_export_is_a_whole_log_for_others(world: World, exported: Path) -> None:
    assert (exported / "checkpoint").read_text("utf-8") == api.checkpoint()
    names = [tile_name(n, w) for n, w in ((0, 256), (1, 44))]
    hashes = b"".join((exported / "tile" / "0" / name).read_bytes() for name in names)
    entries = [e for name in names for e in unbundle((exported / "tile" / "entries" / name).read_bytes())]
    assert [leaf_hash(entry) for entry in entries] == [
        hashes[at : at + 32] for at in range(0, len(hashes), 32)
    ]
    assert (exported / "tile" / "1" / "000.p" / "1").read_bytes() == tree().node(8, 0)
    proven, faults = verify_export(exported, api.verifier_key())
    assert (proven.size, faults) == (300, [])


def test_an_export_writes_only_what_is_new_and_drops_partial_tiles_that_became_full(
    world: World, exported: Path
) -> None:
    again = json.loads(CliRunner().invoke(ledger, ["export", str(exported), "--json"]).output)
    assert again["written"] == 3  # partial tiles and bundle only
    full = exported / "tile" / "0" / "000"
    before = full.stat().st_mtime_ns
    world.add(212)
    world.place()
    export(exported)
    assert full.stat().st_mtime_ns == before
    assert not (exported / "tile" / "0" / "001.p").exists()
    assert not (exported / "tile" / "entries" / "001.p").exists()
    assert (exported / "tile" / "0" / "001").stat().st_size == 8192
    assert verify_export(exported, api.verifier_key())[1] == []


def test_an_export_that_is_killed_still_shows_the_log_it_showed(
    world: World, exported: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from mingzhi.ledger import export as module

    world.add(400)
    world.place()
    real, left = module._write, [2]

    def killed(path: Path, data: bytes) -> int:
        if not left[0]:
            path.with_name(f".{path.name}.1").write_bytes(data[:100])
            raise OSError("killed")
        left[0] -= 1
        return real(path, data)

    monkeypatch.setattr(module, "_write", killed)
    with pytest.raises(OSError, match="killed"):
        export(exported)
    assert verify_export(exported, api.verifier_key())[0].size == 300
    assert verify_export(exported, api.verifier_key())[1] == []
    monkeypatch.undo()
    export(exported)
    proven, faults = verify_export(exported, api.verifier_key())
    assert (proven.size, faults) == (700, [])


def test_a_folder_of_another_log_or_another_history_is_left_alone(world: World, exported: Path) -> None:
    text = (exported / "checkpoint").read_text("utf-8")
    (exported / "checkpoint").write_text(text.replace("300", "200"), encoding="utf-8")
    with pytest.raises(Forked, match="另一账本"):
        export(exported)


def flip(path: Path) -> None:
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)


@pytest.mark.parametrize(
    ("alter", "named"),
    [
        (lambda out: flip(out / "tile/entries/000"), "tile/0/000"),
        (lambda out: flip(out / "tile/0/001.p/44"), "tile/0/001.p/44"),
        (lambda out: flip(out / "tile/1/000.p/1"), "tile/1/000.p/1"),
        (lambda out: (out / "tile/0/000").unlink(), "tile/0/000 缺失"),
        (lambda out: (out / "tile/entries/001.p/44").unlink(), "tile/entries/001.p/44 缺失"),
        (lambda out: (out / "tile/entries/001.p/44").write_bytes(b"\xff\xff"), "tile/entries/001.p/44"),
    ],
)
def test_whatever_is_altered_in_an_export_is_named(
    exported: Path, alter: Callable[[Path], Any], named: str
) -> None:
    alter(exported)
    _, faults = verify_export(exported, api.verifier_key())
    assert any(named in fault.sentence for fault in faults), faults


def test_an_export_rewritten_whole_does_not_fit_the_signature(exported: Path) -> None:
    """Entries and tiles changed together, as a careful forger would."""
    bundle = exported / "tile/entries/001.p/44"
    bundle.write_bytes(bundle.read_bytes().replace(b"note:299", b"note:999"))
    leaves = [leaf_hash(e) for e in unbundle(bundle.read_bytes())]
    (exported / "tile/0/001.p/44").write_bytes(b"".join(leaves))
    _, faults = verify_export(exported, api.verifier_key())
    assert [f.code for f in faults] == ["export.root"]


def test_verify_takes_a_whole_export_and_says_what_it_is_not(exported: Path, tmp_path: Path) -> None:
    def call(*args: object) -> Any:
        return CliRunner().invoke(command, [str(a) for a in args])

    done = call(exported, "--key", exported / "keys")
    assert done.exit_code == 0, done.output
    assert "完整、未被改动" in done.output
    flip(exported / "tile/0/000")
    told = json.loads(call(exported, "--key", api.verifier_key(), "--json").output)
    assert (told["ok"], told["size"], told["findings"][0]["code"]) == (False, 300, "export.tile")
    (exported / "checkpoint").unlink()
    assert call(exported, "--key", api.verifier_key()).exit_code == 1
    shutil.rmtree(exported / "tile")
    assert "既不是" in call(exported, "--key", api.verifier_key()).output


def test_verify_hands_an_archive_package_to_its_own_checker(exported: Path, tmp_path: Path) -> None:
    import zipfile

    from mingzhi.ledger import verify_command

    package, archive = tmp_path / "包", tmp_path / "包.zip"
    (package / "inner").mkdir(parents=True)
    (package / "inner" / "bagit.txt").write_text("BagIt-Version: 1.0\n")
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("案卷/bagit.txt", "BagIt-Version: 1.0\n")
    for path in (package, archive):
        found = verify_command.outcome(path, None, [api.verifier_key()])
        assert not found.ok
        assert "完整性 C2 必备文件齐全：不通过" in "\n".join(found.lines), "tests/dossiers has whole ones"


# -- served ----------------------------------------------------------------------------------------


def test_tiles_are_served_as_they_are_exported(exported: Path, client: Client) -> None:
    for path in exported.rglob("*"):
        if path.is_file():
            answer = client.get(f"/ledger/{path.relative_to(exported).as_posix()}")
            assert answer.status_code == 200, path
            assert answer.content == path.read_bytes(), path
            if "tile" in path.parts:
                assert answer["Content-Type"] == "application/octet-stream"
                assert "immutable" in answer["Cache-Control"]
            else:
                assert answer["Content-Type"] == "text/plain; charset=utf-8"
    assert "max-age=2" in client.get("/ledger/checkpoint")["Cache-Control"]


def test_tiles_of_earlier_sizes_stay_and_what_was_never_signed_is_not_there(
    world: World, exported: Path, client: Client
) -> None:
    world.add(400)
    assert client.get("/ledger/tile/0/001").status_code == 404  # committed, not yet signed
    world.place()
    assert client.get("/ledger/tile/0/001.p/44").status_code == 200
    assert client.get("/ledger/tile/0/001").status_code == 200
    for path in (
        "0/002.p/255",
        "0/003",
        "1/000",
        "8/000",
        "63/000",
        "0/2",
        "entries/000.p/257",
        "entries/009",
    ):
        assert client.get(f"/ledger/tile/{path}").status_code == 404, path
    assert client.post("/ledger/tile/0/000").status_code == 405


def test_entry_heads_are_kept_back_when_the_bureau_says_so(
    exported: Path, client: Client, settings: Any
) -> None:
    settings.LEDGER_ENTRIES = False
    assert client.get("/ledger/tile/entries/000").status_code == 404
    assert client.get("/ledger/tile/0/000").status_code == 200


# -- read back -------------------------------------------------------------------------------------


@given(st.integers(1, 700), st.integers(0, 700))
def test_any_consistency_proof_comes_out_of_tiles(size: int, old: int) -> None:
    old = min(old, size)
    leaves = [merkle.leaf_hash(b"%d" % n) for n in range(size)]
    levels = [leaves]
    while len(levels[-1]) > 1:
        row = levels[-1]
        levels.append([merkle.node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])

    def node(level: int, index: int) -> bytes:
        return levels[level][index]

    def fetch(path: str) -> bytes:
        _, level, name = path.split("/", 2)
        number, width = parse_name(name)
        return b"".join(node(int(level) * 8, number * 256 + at) for at in range(width))

    there = TileTree(fetch, size)
    assert there.root() == merkle.root_of(leaves)
    path = there.consistency(old)
    assert merkle.check_consistency(old, size, merkle.root_of(leaves[:old]), there.root(), path)


def test_torn_bundles_are_refused() -> None:
    assert unbundle(b"\0\1x\0\0") == [b"x", b""]
    for torn in (b"\0", b"\0\2x", b"\0\1x\0"):
        with pytest.raises(ValueError, match="torn"):
            unbundle(torn)
    assert verify.verify_receipt

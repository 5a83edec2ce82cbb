"""The commands, as a person at a terminal meets them."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mingzhi.ledger import api, notes
from mingzhi.ledger.commands import ledger
from mingzhi.ledger.models import Log
from mingzhi.ledger.verify_command import verify
from tests.ledger.conftest import World
from tests.receipts import reopened

pytestmark = pytest.mark.django_db(databases="__all__")

PAPER = b"%PDF-1.7 \xe5\x86\xb3\xe5\xae\x9a\xe4\xb9\xa6"


@pytest.fixture
def paper(world: World, tmp_path: Path) -> tuple[Path, Path, str]:
    """A paper, its receipt beside it, and the public key."""
    world.add(4)
    (entry_id,) = world.add(text=sha256(PAPER).hexdigest())
    world.place()
    file = tmp_path / "决定书.pdf"
    file.write_bytes(PAPER)
    receipt = tmp_path / "决定书.pdf.tlog-proof"
    receipt.write_text(api.bundle(entry_id), encoding="utf-8")
    return file, receipt, api.verifier_key()


def call(*args: object) -> Any:
    return CliRunner().invoke(verify, [str(a) for a in args])


def test_a_paper_with_its_receipt_verifies(paper: tuple[Path, Path, str]) -> None:
    file, receipt, vkey = paper
    for args in ((file,), (file, "--receipt", receipt)):
        done = call(*args, "--key", vkey)
        assert done.exit_code == 0, done.output
        assert "文件与登记时完全一致" in done.output
    told = json.loads(call(file, "--key", vkey, "--json").output)
    assert (told["ok"], told["file_field"], told["index"], told["size"]) == (True, "text", 4, 5)
    assert call(receipt, "--key", vkey).exit_code == 0


def test_a_changed_paper_or_receipt_does_not(paper: tuple[Path, Path, str]) -> None:
    file, receipt, vkey = paper
    file.write_bytes(PAPER + b" ")
    done = call(file, "--key", vkey)
    assert done.exit_code == 1
    assert "文件与登记的不一致" in done.output
    receipt.write_text(reopened(receipt.read_text("utf-8"), {"number": 6, "text": ""}), encoding="utf-8")
    assert json.loads(call(receipt, "--key", vkey, "--json").output)["code"] == "verify.payload"


def test_the_key_must_come_from_elsewhere(
    paper: tuple[Path, Path, str], tmp_path: Path, monkeypatch: Any
) -> None:
    file, _, vkey = paper
    monkeypatch.setenv("MINGZHI_VAR", str(tmp_path / "nowhere"))
    assert call(file).exit_code == 2
    other = notes.SignerKey(Log.objects.get().origin, bytes(range(32)))
    assert call(file, "--key", other.verifier).exit_code == 1
    assert call(file, "--key", "garbage").exit_code == 1
    key_file = tmp_path / "key"
    key_file.write_text(vkey + "\n", encoding="ascii")
    assert call(file, "--key", key_file).exit_code == 0
    monkeypatch.setenv("MINGZHI_VAR", str(tmp_path))  # the installation's own published key
    assert call(file).exit_code == 0


def test_bare_receipts_checkpoints_and_strangers(paper: tuple[Path, Path, str], tmp_path: Path) -> None:
    file, _, vkey = paper
    bare = tmp_path / "bare.txt"
    bare.write_text(api.receipt(api.entries_of("note:5")[0].id), encoding="utf-8")
    assert "未披露内容" in call(bare, "--key", vkey).output
    assert (
        json.loads(call(file, "--receipt", bare, "--key", vkey, "--json").output)["code"]
        == "verify.no_payload"
    )
    head = tmp_path / "checkpoint"
    head.write_text(api.checkpoint(), encoding="utf-8")
    assert "检查点由该账本签发" in call(head, "--key", vkey).output
    lone = tmp_path / "lone.pdf"
    lone.write_bytes(b"\xff\xfe")
    assert json.loads(call(lone, "--key", vkey, "--json").output)["code"] == "verify.no_receipt"
    assert call(file, "--receipt", lone, "--key", vkey).exit_code == 1


def test_verifying_needs_no_django(paper: tuple[Path, Path, str]) -> None:
    file, _, vkey = paper
    script = (
        "import sys\n"
        "from mingzhi.ledger.verify_command import verify\n"
        "try: verify(sys.argv[1:])\n"
        "finally: print([m for m in sys.modules if m.split('.')[0] == 'django'])\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(file), "--key", vkey],
        capture_output=True,
        text=True,
        check=False,
        cwd=Path(__file__).resolve().parents[2] / "src",
        env={"PATH": "/usr/bin:/bin", "PYTHONIOENCODING": "utf-8"},
    )
    assert "核验通过" in done.stdout, done.stderr
    assert done.stdout.endswith("[]\n")


def test_the_log_is_checked_exported_and_shown(world: World, tmp_path: Path) -> None:
    runner = CliRunner()
    assert runner.invoke(ledger, ["checkpoint"]).exit_code == 1
    assert runner.invoke(ledger, ["key"]).exit_code == 1
    assert runner.invoke(ledger, ["export", str(tmp_path / "out")]).exit_code == 1
    world.add(300)
    shown = runner.invoke(ledger, ["checkpoint", "--json"])
    assert json.loads(shown.output)["placed"] == 300
    assert runner.invoke(ledger, ["key"]).output.split() == list(api.verifier_keys())
    assert runner.invoke(ledger, ["fsck"]).exit_code == 0
    world.rows["note:7"] = {"number": 7, "text": "改"}
    found = runner.invoke(ledger, ["fsck", "--json"])
    assert found.exit_code == 1
    assert json.loads(found.output)["findings"][0]["code"] == "fact.altered"
    assert "note:7" in runner.invoke(ledger, ["fsck"]).output


def test_files_are_checked_when_a_way_is_known(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    from mingzhi.ledger import kinds

    monkeypatch.setattr(kinds, "_file_check", [])
    world.add(1)
    world.place()
    world.files["note:1"] = [(3, "ab")]
    assert CliRunner().invoke(ledger, ["fsck", "--files"]).exit_code == 2
    api.register_file_check(lambda file_id, digest: False)
    assert "文件 3 缺失或内容被改动" in CliRunner().invoke(ledger, ["fsck", "--files"]).output

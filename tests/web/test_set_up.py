"""A start that has nothing to do does nothing, and one that has something to do never skips it."""

from __future__ import annotations

import sqlite3
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from config.settings import databases
from mingzhi.web import set_up


@pytest.fixture
def house(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Two databases that have had two migrations, and a set-up that says it is done."""
    monkeypatch.setenv("MINGZHI_VAR", str(tmp_path))
    monkeypatch.setenv("MINGZHI_PROFILE", "xiashan-chengzong")
    monkeypatch.delenv("MINGZHI_DATABASE_URL", raising=False)
    folder = tmp_path / "xiashan-chengzong"
    folder.mkdir()
    files = [folder / "mingzhi.sqlite3", folder / "mingzhi-attempts.sqlite3"]
    for file in files:
        with sqlite3.connect(file) as db:
            db.execute("CREATE TABLE django_migrations (app, name)")
            db.executemany(
                "INSERT INTO django_migrations VALUES (?, ?)", [("cases", "0001"), ("cases", "0002")]
            )
        db.close()
    monkeypatch.setattr(
        databases,
        "DATABASES",
        {str(n): {"ENGINE": "django.db.backends.sqlite3", "NAME": str(f)} for n, f in enumerate(files)},
    )
    set_up.stamp()
    return files


def test_a_second_start_finds_everything_current(house: list[Path]) -> None:
    assert set_up.is_current()


@pytest.mark.parametrize("which", [0, 1])
def test_a_database_restored_to_an_older_state_is_set_up_again(house: list[Path], which: int) -> None:
    with sqlite3.connect(house[which]) as db:
        db.execute("DELETE FROM django_migrations WHERE name = '0002'")
    db.close()
    assert not set_up.is_current()


@pytest.mark.parametrize("which", [0, 1])
def test_a_database_that_is_gone_or_is_none_is_set_up_again(house: list[Path], which: int) -> None:
    house[which].write_bytes(b"not a database at all")
    assert not set_up.is_current()
    house[which].unlink()
    assert not set_up.is_current() and not house[which].exists()


def test_a_changed_source_is_noticed(house: list[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(set_up, "state_of_sources", lambda: "other sources")
    assert not set_up.is_current()


def test_asking_whether_all_is_current_does_not_load_django() -> None:
    asked = (
        "import sys; from mingzhi.web import set_up; set_up.is_current(); sys.exit('django' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", asked], check=False).returncode == 0


def test_static_files_another_installation_may_be_serving_are_collected_anew_only_when_something_changed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    monkeypatch.setenv("MINGZHI_SHARED_VAR", str(tmp_path))
    settings.STATIC_ROOT = tmp_path / "static"
    settings.STATIC_ROOT.mkdir()
    collected: list[str] = []

    def collect(command: str, **_options: Any) -> None:
        collected.append(command)
        (settings.STATIC_ROOT / "staticfiles.json").write_text("{}")

    monkeypatch.setattr("django.core.management.call_command", collect)
    monkeypatch.setattr("mingzhi.web.messages.compile_catalogues", lambda _folder: None)
    monkeypatch.setattr(set_up, "_state_of_package", lambda: "one")
    for _ in range(2):
        set_up.static_files(lambda _words: None)
    assert collected == ["collectstatic"]
    monkeypatch.setattr(set_up, "_state_of_package", lambda: "two")
    set_up.static_files(lambda _words: None)
    (settings.STATIC_ROOT / "staticfiles.json").unlink()
    set_up.static_files(lambda _words: None)
    assert len(collected) == 3

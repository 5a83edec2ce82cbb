"""``mingzhi calendar``: one date, lines in and out, explanations, plain refusals."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from mingzhi.deadlines.commands import calendar


def ask(*args: str, stdin: str | bytes | None = None) -> Result:
    return CliRunner().invoke(calendar, ["due", *args], input=stdin)


def test_it_prints_just_the_date() -> None:
    assert ask("--from", "2026-09-18", "--add", "7WD").output == "2026-09-29\n"
    assert ask("--from", "2026-04-16", "--add", "15CD").output == "2026-05-06\n"
    assert ask("--from", "2026-04-16", "--add", "15CD", "--no-roll").output == "2026-05-01\n"
    assert ask("--from", "2026-08-31", "--add", "6M", "--no-roll").output == "2027-02-28\n"


@pytest.mark.parametrize(
    ("start", "end"),
    [
        ("2026-09-18T10:30", "2026-09-19T10:30"),
        ("2026-09-18 10:30:15", "2026-09-19T10:30:15"),
        ("2026-09-18T10:30+08:00", "2026-09-19T10:30+08:00"),
        ("2026-09-18T20:30Z", "2026-09-20T04:30+08:00"),
        ("2026-09-18", "2026-09-19T00:00"),
    ],
)
def test_hours_print_the_moment_in_china(start: str, end: str) -> None:
    assert ask("--from", start, "--add", "24H").output == f"{end}\n"


def test_lines_are_answered_one_by_one_and_a_bad_one_does_not_stop_it() -> None:
    found = ask(
        "--stdin",
        stdin=b"2026-09-18 7WD\nwhat\n\n2026-02-30 7WD\n2026-09-18 7XX\n\xff\xfe 7WD\n2026-02-13\t7wd\r\n",
    )
    lines = found.stdout.splitlines()
    assert lines[0] == "2026-09-29"
    assert all(line.startswith("错误：") for line in lines[1:6])
    assert lines[6] == "2026-03-02"
    assert len(lines) == 7
    assert found.exit_code == 1


def test_good_lines_end_with_zero() -> None:
    found = ask("--stdin", stdin="2026-09-18 7WD\n2026-09-18 20WD\n")
    assert (found.stdout, found.exit_code) == ("2026-09-29\n2026-10-22\n", 0)
    assert ask("--stdin", stdin="").exit_code == 0


def test_json_explains() -> None:
    said = json.loads(ask("--from", "2026-08-31", "--add", "6M", "--json").output)
    assert (said["due"], said["unrolled"], said["rolled"]) == ("2027-03-01", "2027-02-28", True)
    assert said["provisional"] is True
    assert said["skipped"] == [{"date": "2027-02-28", "why": "周末"}]
    assert "2027年" in said["note"]
    plain = json.loads(ask("--from", "2026-09-18", "--add", "7WD", "--json").output)
    assert plain["provisional"] is False
    assert plain["worked"] == [{"date": "2026-09-20", "why": "调休上班（国庆节）"}]
    first, second = ask("--stdin", "--json", stdin="2026-09-18 7WD\nx\n").stdout.splitlines()
    assert json.loads(first)["due"] == "2026-09-29"
    assert json.loads(second)["code"] == "deadlines.date"


def test_refusals_are_plain() -> None:
    found = ask("--from", "2026-13-01", "--add", "7WD")
    assert found.exit_code == 1
    assert "无法识别" in found.output
    assert "Traceback" not in found.output
    assert ask("--from", "2026-09-18").exit_code == 2


def test_it_needs_no_database_and_no_settings() -> None:
    root = Path(__file__).resolve().parents[2]
    env = {k: v for k, v in os.environ.items() if not k.startswith(("DJANGO", "MINGZHI"))}
    env["PYTHONPATH"] = str(root / "src")
    code = (
        "import sys; from mingzhi.deadlines.commands import calendar;"
        "calendar.main(['due', '--from', '2026-09-18', '--add', '7WD'], standalone_mode=False);"
        "assert 'django' not in sys.modules, 'Django was loaded'"
    )
    found = subprocess.run(
        [sys.executable, "-c", code], env=env, capture_output=True, text=True, check=False, cwd=root
    )
    assert (found.stdout, found.returncode) == ("2026-09-29\n", 0), found.stderr

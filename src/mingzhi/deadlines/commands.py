"""``mingzhi calendar``: reckon terms from the shipped calendar (no database), load years into it."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path
from typing import Any

import click

from mingzhi.deadlines import reckoning
from mingzhi.deadlines.data import Due, Term
from mingzhi.deadlines.errors import BadDate
from mingzhi.kernel import clock, shell
from mingzhi.kernel.errors import MingzhiError


@click.group()
def calendar() -> None:
    """工作日历：due 推算期限，load 装入年度放假安排。"""


@calendar.command()
@click.option("--from", "start", metavar="日期", help="起算事实的日期或时刻，如 2026-09-18、2026-09-18T10:30")
@click.option("--add", "term", metavar="期限", help="7WD 工作日、15CD 日、24H 小时、6M 月、2Y 年")
@click.option("--no-roll", is_flag=True, help="末日遇休息日不顺延")
@click.option("--stdin", "many", is_flag=True, help="逐行读入“日期 期限”，逐行答复")
@click.option("--json", "as_json", is_flag=True, help="说明未计入的日子、顺延前日期、是否暂定")
@shell.plain_errors
def due(start: str | None, term: str | None, no_roll: bool, many: bool, as_json: bool) -> None:
    """推算期限届满日（当日不计入，末日遇休息日顺延）；按随软件提供的日历计算，不需要数据库。"""
    if many:
        sys.exit(_answer_lines(sys.stdin.buffer, roll=not no_roll, as_json=as_json))
    if start is None or term is None:
        raise click.UsageError("请用 --from 给出起算日期、用 --add 给出期限，或者用 --stdin 逐行读入")
    shell.say(_answer(start, term, roll=not no_roll, as_json=as_json))


@calendar.command()
@click.argument("file", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="覆盖曾经手工修改的年份")
@click.option("--json", "as_json", is_flag=True, help="结果以 JSON 输出")
@shell.plain_errors
def load(file: Path | None, force: bool, as_json: bool) -> None:
    """装入年度放假安排：随软件提供的各年，或者 FILE（与自带 days.toml 同一格式）。可重复执行。"""
    tables = reckoning.read_tables(file) if file is not None else ()
    shell.setup()
    from mingzhi.deadlines import api

    at = clock.now()
    said = api.load_calendar(tables=tables, force=force, by=_Terminal(), at=at)
    moves = api.moves(on=clock.local_date(at))
    told = list(said) or ["日历已是最新，没有变化"]
    if moves:
        told.append(f"另有 {len(moves)} 项进行中的期限按新日历会变动，须由人员在日历页确认重算")
    shell.answer({"changed": said, "moves": len(moves)}, as_json=as_json, text="\n".join(told))


@dataclass(frozen=True)
class _Terminal:
    """Whoever has a shell on the server."""

    label: str = "system"


@dataclass(frozen=True)
class _Question:
    start: date | datetime
    zoned: bool
    term: Term


def _question(start: str, term: str, *, roll: bool) -> _Question:
    text = start.strip()
    try:
        if len(text) <= len("2026-09-18"):
            moment: date | datetime = date.fromisoformat(text)
        else:
            moment = datetime.fromisoformat(text)
    except ValueError:
        raise BadDate(
            f"日期“{text[:40]}”无法识别", remedy="请写成 2026-09-18，时刻写成 2026-09-18T10:30"
        ) from None
    zoned = isinstance(moment, datetime) and moment.tzinfo is not None
    if isinstance(moment, datetime) and not zoned:
        moment = moment.replace(tzinfo=clock.CHINA)  # a bare clock time is China's
    return _Question(moment, zoned, Term.parse(term, roll=roll))


def _answer(start: str, term: str, *, roll: bool, as_json: bool) -> str:
    question = _question(start, term, roll=roll)
    found = reckoning.shipped().due(question.start, question.term)
    if as_json:
        return json.dumps(_explained(question, found), ensure_ascii=False)
    return _end(question, found)


def _end(question: _Question, found: Due) -> str:
    """The day; for hours the moment, as precise and as zoned as the question was."""
    if found.at is None:
        return found.on.isoformat()
    precise = "seconds" if found.at.second or found.at.microsecond else "minutes"
    return (found.at if question.zoned else found.at.replace(tzinfo=None)).isoformat(timespec=precise)


def _explained(question: _Question, found: Due) -> dict[str, Any]:
    touched = set(range(found.started.year, found.on.year + 1))
    shaky = sorted(touched - reckoning.shipped().official)
    said: dict[str, Any] = {
        "from": question.start.isoformat(),
        "add": question.term.code,
        "due": _end(question, found),
        "unrolled": found.unrolled.isoformat(),
        "rolled": found.on != found.unrolled,
        "skipped": [{"date": day.isoformat(), "why": why} for day, why in found.skipped],
        "worked": [{"date": day.isoformat(), "why": why} for day, why in found.worked],
        "provisional": found.provisional,
        "calendar_version": found.calendar_version,
    }
    if found.provisional:
        years = "、".join(f"{year}年" for year in shaky)
        said["note"] = f"{years}的放假安排尚未公布或者未装入，结果为暂定"
    return said


def _answer_lines(stream: Any, *, roll: bool, as_json: bool) -> int:
    """One answer per line, whatever the line; exit code 1 when any line was bad."""
    bad = 0
    for line in _lines(stream):
        try:
            parts = line.split()
            if len(parts) != 2:
                raise BadDate("每行应为“日期 期限”，如 2026-09-18 7WD")
            text = _answer(*parts, roll=roll, as_json=as_json)
        except MingzhiError as error:
            bad = 1
            text = f"错误：{error.sentence}"
            if as_json:
                text = json.dumps({"error": error.sentence, "code": error.code}, ensure_ascii=False)
        sys.stdout.write(text + "\n")
        sys.stdout.flush()  # whoever asks line by line waits for the answer
    return bad


def _lines(stream: Any) -> Iterator[str]:
    """Lines of text; bytes that are not UTF-8 become a bad line, not the end."""
    for raw in stream:
        yield raw.decode("utf-8-sig", "replace").rstrip("\r\n")

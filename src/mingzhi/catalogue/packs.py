"""The shipped lists: YAML beside the code, read and checked without a database.

A pack file has ``source``, ``laws`` (short name → date in force) and rows by kind. What a row may
say is checked here; a wrong row is refused with file, code and reason. docs/algorithms/discretion.md
describes items and benchmarks.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.catalogue import predicates
from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.catalogue.errors import BadList, BadPredicate
from mingzhi.catalogue.frozen import freeze
from mingzhi.catalogue.shelf import Row, Shelf
from mingzhi.kernel import canonical

PACKS = Path(__file__).parent / "packs"
_YAML: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
FIELDS = frozenset({"transport", "urban", "water", "common"})
FINE_KINDS = frozenset({"range", "multiple", "percent", "per_unit", "fixed"})
PARTIES = frozenset({"any", "natural", "organisation"})
RECORDING_MODES = ("optional", "situational", "required", "full")
KINDS = ("item", "benchmark", "recording", "review", "hearing", "no_penalty", "summary")


def _bad(where: str, why: str) -> BadList:
    return BadList(why=f"{where}：{why}")


def check_row(kind: str, code: str, data: Mapping[str, Any], where: str) -> None:
    """Refuse a row that the rest of the room could not use (``BadList``)."""
    {
        "item": _check_item,
        "benchmark": _check_benchmark,
        "recording": _check_recording,
        "review": _check_review,
        "hearing": _check_hearing,
        "no_penalty": _check_plain,
        "summary": _check_plain,
    }[kind](data, f"{where} {code}")


def _check_citations(value: Any, where: str) -> None:
    if not isinstance(value, list | tuple) or not value:
        raise _bad(where, "缺少依据（basis）")
    for cite in value:
        if not isinstance(cite, Mapping) or not cite.get("title") or not cite.get("article"):
            raise _bad(where, "每条依据须有法律名称（title）和条文（article）")


def _check_item(data: Mapping[str, Any], where: str) -> None:
    for need in ("name", "field", "act_type"):
        if not data.get(need):
            raise _bad(where, f"缺少 {need}")
    if data["field"] not in FIELDS:
        raise _bad(where, f"领域“{data['field']}”不在 {'、'.join(sorted(FIELDS))} 之中")
    _check_citations(data.get("basis"), where)
    for code in data.get("kinds", ()):
        if code not in PENALTY_KINDS:
            raise _bad(where, f"处罚种类代码“{code}”不存在")
    for fine in data.get("fines", ()):
        if fine.get("kind") not in FINE_KINDS or fine.get("party", "any") not in PARTIES:
            raise _bad(where, "罚款的 kind 或者 party 不正确")
        low, high = fine.get("low"), fine.get("high")
        if not isinstance(low, int) or not isinstance(high, int) or low < 0 or high < low:
            raise _bad(where, "罚款幅度的上下限应为不小于零的整数，且下限不高于上限")
        if fine["kind"] in {"multiple", "percent", "per_unit"} and not fine.get("base"):
            raise _bad(where, "倍数、比例、按单位计罚的，须写明计算基数（base）")
    if data.get("source_status", "verified") not in {"verified", "unverified"}:
        raise _bad(where, "source_status 只能是 verified 或 unverified")


def _check_benchmark(data: Mapping[str, Any], where: str) -> None:
    if not data.get("item") or not data.get("version") or not data.get("source"):
        raise _bad(where, "缺少 item、version 或 source")
    method = data.get("method", "tiers")
    if method not in {"tiers", "steps"}:
        raise _bad(where, "method 只能是 tiers 或 steps")
    if method == "steps":
        for need in ("measure", "limit", "step", "fen_per_step", "cap_fen", "warn_up_to"):
            if need not in data:
                raise _bad(where, f"阶梯式基准缺少 {need}")
        return
    tiers = data.get("tiers")
    if not isinstance(tiers, list | tuple) or not tiers:
        raise _bad(where, "缺少裁量阶次（tiers）")
    for tier in tiers:
        if not tier.get("tier") or not tier.get("when"):
            raise _bad(where, "每一阶次须有名称（tier）和适用条件（when）")
        try:
            predicates.check(tier["when"])
        except BadPredicate as error:
            raise _bad(where, error.sentence) from None


def _check_recording(data: Mapping[str, Any], where: str) -> None:
    if data.get("mode") not in RECORDING_MODES and not data.get("mode_norm"):
        raise _bad(where, "mode 只能是 full、required、situational 或 optional")
    if not data.get("citation") or not data.get("label"):
        raise _bad(where, "缺少 label 或 citation")


def _check_review(data: Mapping[str, Any], where: str) -> None:
    if data.get("off"):
        return
    if not data.get("label") or not data.get("citation"):
        raise _bad(where, "缺少 label 或 citation")
    try:
        predicates.check(data.get("predicate"))
    except BadPredicate as error:
        raise _bad(where, error.sentence) from None


def _check_hearing(data: Mapping[str, Any], where: str) -> None:
    amount = data.get("amount_fen")
    if data.get("party_kind") not in {"natural", "organisation"} or not data.get("citation"):
        raise _bad(where, "缺少 party_kind（natural、organisation）或 citation")
    if amount is not None and (not isinstance(amount, int) or amount < 0):
        raise _bad(where, "amount_fen 应为不小于零的整数（分）")


def _check_plain(data: Mapping[str, Any], where: str) -> None:
    if not data.get("label") or not data.get("citation"):
        raise _bad(where, "缺少 label 或 citation")


def read(path: Path) -> Iterator[Row]:
    """Rows of one pack file, checked."""
    try:
        doc = yaml.load(path.read_text(encoding="utf-8"), Loader=_YAML)  # noqa: S506 — the safe loader
    except (yaml.YAMLError, UnicodeDecodeError, ValueError):
        raise _bad(path.name, "不是正确的 YAML 文件（UTF-8）") from None
    if not isinstance(doc, dict):
        raise _bad(path.name, "应为键值形式")
    yield from rows_of(doc, path.name)


def rows_of(doc: Mapping[str, Any], where: str) -> Iterator[Row]:
    """Rows of a pack document (the YAML's content, or an export read back)."""
    seen: dict[tuple[str, str, str], list[Row]] = {}
    for kind, rows in doc.items():
        if kind not in KINDS:
            continue
        if not isinstance(rows, list):
            raise _bad(where, f"{kind} 应为列表")
        for raw in rows:
            if not isinstance(raw, dict) or not raw.get("code"):
                raise _bad(where, f"{kind} 中有一行缺少 code")
            data = dict(raw)
            code, scope = str(data.pop("code")), str(data.pop("scope", "national"))
            start, end = data.pop("valid_from", None), data.pop("valid_to", None)
            if isinstance(start, str):
                start = _day(start, where, code)
            if isinstance(end, str):
                end = _day(end, where, code)
            if not isinstance(start, date) or (
                end is not None and (not isinstance(end, date) or end <= start)
            ):
                raise _bad(f"{where} {code}", "生效日期（valid_from）缺失，或者失效日期不晚于生效日期")
            check_row(kind, code, data, where)
            row = Row(kind, scope, code, start, end, freeze(data), version=version_of(data))
            others = seen.setdefault((kind, scope, code), [])
            for other in others:
                if _overlap(row, other):
                    raise _bad(f"{where} {code}", "同一编码的有效期相互重叠")
            others.append(row)
            yield row


def _day(text: str, where: str, code: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise _bad(f"{where} {code}", f"日期“{text}”应写成 2021-07-15") from None


def _overlap(a: Row, b: Row) -> bool:
    return (a.valid_to is None or b.valid_from < a.valid_to) and (
        b.valid_to is None or a.valid_from < b.valid_to
    )


def version_of(data: Mapping[str, Any]) -> str:
    """Sixteen hex digits that change with any part of a row."""
    return canonical.digest(data)[:16]


@cache
def shelf() -> Shelf:
    """All shipped packs as one shelf."""
    return Shelf(row for path in sorted(PACKS.glob("*.yaml")) for row in read(path))

"""The field table: which Chinese name in a template stands for which key of the data, and how it prints.

A template may also use names of its own (本机关自定义字段): the name is then the key, and prints as text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.kernel import clock, money

#: Filled by the system from the body's own record, never by the caller.
AUTOMATIC = frozenset(
    {
        "body_name", "body_address", "body_phone", "body_code", "review_organ", "court",
        "payee_bank", "payee_address", "number", "drawn_on", "verify_url",
    }
)  # fmt: skip

_DIGITS = "〇一二三四五六七八九"
#: The 案 that ends the name of a matter, and not 档案, 方案, 预案, 图案, 备案, 提案, 议案, 答案.
_MATTER = re.compile(r"(?<![档方预图备提议答])案$")


@dataclass(frozen=True, slots=True)
class FieldKind:
    key: str
    label: str
    type: str


@cache
def table() -> dict[str, FieldKind]:
    """Key → field."""
    raw: dict[str, str] = yaml.safe_load(Path(__file__).with_name("fields.yaml").read_text("utf-8"))
    found = {}
    for key, line in raw.items():
        label, kind = (part.strip() for part in str(line).split("|"))
        found[str(key)] = FieldKind(str(key), label, kind)
    return found


@cache
def by_label() -> dict[str, FieldKind]:
    return {f.label: f for f in table().values()}


def field_of(label: str) -> FieldKind:
    """The field a template's name stands for; an unknown name is a free text field of its own."""
    return by_label().get(label) or FieldKind(label, label, "text")


def blank(value: Any) -> bool:
    """Nothing to print: None, white space, no rows. Zero and «no» are values."""
    if value is None:
        return True
    if isinstance(value, str):
        return not value.strip()
    if isinstance(value, list | tuple | dict):
        return not value
    return False


def given(data: Mapping[str, Any], label: str) -> bool:
    """Whether ``data`` has something to print for the field; a box that is not ticked has not."""
    value = data.get(field_of(label).key)
    return not blank(value) and value is not False


def chinese_date(day: date) -> str:
    """``2026年11月2日`` (GB/T 9704: Arabic digits, no leading zero)."""
    return f"{day.year}年{day.month}月{day.day}日"


def capital_date(day: date) -> str:
    """``二〇二六年十一月二日``."""

    def small(n: int) -> str:
        tens, ones = divmod(n, 10)
        head = "" if tens == 0 else ("十" if tens == 1 else _DIGITS[tens] + "十")
        return head + (_DIGITS[ones] if ones else "")

    return f"{''.join(_DIGITS[int(c)] for c in str(day.year))}年{small(day.month)}月{small(day.day)}日"


def chinese_moment(moment: datetime) -> str:
    """``2026年11月2日9时05分`` as a clock in China shows it."""
    there = clock.local(moment)
    return f"{chinese_date(there.date())}{there.hour}时{there.minute:02d}分"


def act_in(cause: str) -> str:
    """What was done, out of the name of the matter: ``擅自占道`` of ``涉嫌擅自占道案``.

    A decision finds what the filing suspected, so neither it nor its disclosure says 涉嫌.
    """
    return _MATTER.sub("", cause.strip()).removesuffix("一").removeprefix("涉嫌") or cause


def joined(before: str, value: str, after: str) -> str:
    """``value`` as it stands between its neighbours: what both say is said once (``…案`` before ``一案``)."""
    if after.startswith("一案"):
        value = _MATTER.sub("", value)
    if after.startswith("。"):
        value = value.rstrip("。")
    word = next((w for w in ("涉嫌", "证明") if before.endswith(w)), "")
    return value.removeprefix(word)


def printed(value: Any, kind: str, form: str = "") -> str:
    """``value`` as the paper says it. ``form`` is what the template wrote after ``|`` (大写, 数字, 行为).

    What does not fit its kind prints as it came, so that nothing typed is ever lost.
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return "是" if value else "否"
    if isinstance(value, int):
        if kind == "money":
            if form == "大写":
                return money.capitals(value)
            return money.yuan(value).removesuffix(".00").replace(",", "") + "元"
        return str(value)
    if isinstance(value, list | tuple):
        return "、".join(
            printed(v, "text") if not isinstance(v, dict) else str(v.get("name", "")) for v in value
        )
    if isinstance(value, dict):
        return str(value.get("name", ""))
    text = str(value)
    if kind in {"date", "time"}:
        moment = _moment(text)
        if isinstance(moment, datetime):
            return chinese_moment(moment) if kind == "time" else chinese_date(clock.local_date(moment))
        if isinstance(moment, date):
            return capital_date(moment) if form == "大写" else chinese_date(moment)
    return act_in(text) if form == "行为" else text


def _moment(text: str) -> date | datetime | None:
    try:
        if len(text) == 10:
            return date.fromisoformat(text)
        moment = datetime.fromisoformat(text)
        return moment if moment.tzinfo else None
    except ValueError:
        return None

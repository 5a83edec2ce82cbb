"""From what was entered to typed facts, with Chinese sentences for what cannot be right."""

from __future__ import annotations

from functools import cache
from typing import Any

from pydantic import ValidationError

from mingzhi.kernel.errors import Invalid
from mingzhi.procedures.data import Facts

_SENTENCES = {
    "missing": "请填写此项",
    "extra_forbidden": "本环节没有此项内容",
    "string_too_short": "至少填写 {min_length} 个字",
    "string_too_long": "最多填写 {max_length} 个字，请精简",
    "string_type": "请填写文字",
    "string_pattern_mismatch": "格式不符，请按说明填写",
    "int_parsing": "请填写整数",
    "int_type": "请填写整数",
    "int_from_float": "请填写整数",
    "greater_than": "应大于 {gt}",
    "greater_than_equal": "应不小于 {ge}",
    "less_than": "应小于 {lt}",
    "less_than_equal": "应不大于 {le}",
    "bool_parsing": "请选择是或者否",
    "bool_type": "请选择是或者否",
    "date_parsing": "日期应为 2026-09-29 这样的格式，且日期真实存在",
    "date_from_datetime_parsing": "日期应为 2026-09-29 这样的格式，且日期真实存在",
    "date_from_datetime_inexact": "此处只填日期，不填时间",
    "date_type": "日期应为 2026-09-29 这样的格式",
    "datetime_parsing": "时间应为 2026-09-29 15:30 这样的格式，且时间真实存在",
    "datetime_from_date_parsing": "时间应为 2026-09-29 15:30 这样的格式，且时间真实存在",
    "datetime_type": "时间应为 2026-09-29 15:30 这样的格式",
    "timezone_aware": "时间缺少时区",
    "literal_error": "请从给出的选项中选择",
    "enum": "请从给出的选项中选择",
    "too_short": "至少选择 {min_length} 项",
    "too_long": "最多选择 {max_length} 项",
    "list_type": "请逐项填写",
    "tuple_type": "请逐项填写",
    "dict_type": "请逐项填写",
    "decimal_parsing": "请填写数字",
}


@cache
def people_fields(schema: type[Facts]) -> tuple[str, ...]:
    """The fields of a schema that name people of the register."""

    def widget(extra: Any) -> str:
        return str(extra.get("widget", "")) if isinstance(extra, dict) else ""

    fields = schema.model_fields.items()
    return tuple(name for name, info in fields if widget(info.json_schema_extra) in ("person", "people"))


def _has_nul(value: Any) -> bool:
    """Whether a NUL character stands anywhere in it: no database keeps one."""
    if isinstance(value, str):
        return "\x00" in value
    if isinstance(value, dict):
        return any(_has_nul(v) for v in value.values())
    return isinstance(value, list | tuple) and any(_has_nul(v) for v in value)


def parse(schema: type[Facts], entered: dict[str, Any]) -> Facts:
    """Typed facts, or ``Invalid`` with every field's problem in a sentence.

    Empty strings count as not entered, so that a blank optional field is absent and a blank
    required one is asked for.
    """
    given = {k: v for k, v in entered.items() if v not in ("", None, [])}
    unkeepable = {k: ["含有无法保存的控制字符，请删除后重新填写"] for k, v in given.items() if _has_nul(v)}
    if unkeepable:
        raise Invalid(fields=unkeepable)
    try:
        return schema.model_validate(given)
    except ValidationError as error:
        fields: dict[str, list[str]] = {}
        for problem in error.errors(include_url=False):
            name = ".".join(str(p) for p in problem["loc"]) or "__all__"
            context = {k: v for k, v in (problem.get("ctx") or {}).items() if k != "error"}
            if problem["type"] == "value_error":
                sentence = str((problem.get("ctx") or {}).get("error", "")) or "填写内容有误"
            else:
                sentence = _SENTENCES.get(problem["type"], "填写内容有误，请核对").format(**context)
            fields.setdefault(name, []).append(sentence)
        raise Invalid(fields=fields) from None

"""The small language in which list rows say when they apply: plain data, evaluated here and nowhere else.

``{"fact": "fine_fen", "op": ">=", "value": 2000000}``, ``{"any": […]}``, ``{"all": […]}``,
``{"not": …}``, ``{"always": true}``. A fact that is not there makes its comparison false, and the
explanation says so. docs/algorithms/norms.md has the grammar.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.catalogue.errors import BadPredicate
from mingzhi.kernel import money

_ORDER: dict[str, Callable[[Any, Any], bool]] = {
    ">=": lambda a, b: a >= b,
    ">": lambda a, b: a > b,
    "<=": lambda a, b: a <= b,
    "<": lambda a, b: a < b,
}
_WORDS = {">=": "达到", ">": "超过", "<=": "不超过", "<": "低于", "==": "为", "!=": "不为"}
_LABELS = {
    "fine_fen": "罚款数额",
    "confiscation_fen": "没收数额",
    "party_kind": "当事人类别",
    "kinds": "处罚种类",
    "act_type": "执法类别",
    "public_interest": "涉及重大公共利益",
    "social_risk": "可能造成重大社会影响或者引发社会风险",
    "major_rights": "直接关系当事人或者第三人重大权益",
    "hearing_held": "经过听证程序",
    "complex": "疑难复杂、涉及多个法律关系",
    "social_attention": "社会关注度高",
    "by_law": "法律、法规规定应当审核",
    "government_name": "以本级政府名义作出",
    "joint": "两个以上机关共同作出",
    "mitigated": "减轻处罚",
    "leader_requested": "承办机构负责人认为应当审核",
    "act": "强制行为",
    "amount_fen": "涉案金额",
    "field": "所属领域",
    "level": "执法层级",
}
_VALUES = {
    "natural": "自然人",
    "organisation": "单位",
    "sole_trader": "个体工商户",
    "none": "没有特定相对人",
    "province": "省级",
    "city": "市级",
    "county": "县级",
    "township": "乡镇街道",
    "transport": "交通运输",
    "urban": "城市管理",
    "water": "水利",
    "demolition": "强制拆除",
}
MAX_DEPTH = 12


def _shown(fact: str, value: Any) -> str:
    if fact.endswith("_fen") and isinstance(value, int):
        return f"{money.yuan(value)}元"
    names = PENALTY_KINDS if fact == "kinds" else _VALUES
    if isinstance(value, list | tuple | set | frozenset):
        return "、".join(names.get(str(v), str(v)) for v in value) or "无"
    return names.get(str(value), str(value))


def _compare(rule: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[bool, str]:
    fact, op = str(rule["fact"]), rule.get("op", "==")
    wanted, label = rule.get("value", True), str(rule.get("label") or _LABELS.get(rule["fact"], rule["fact"]))
    actual = facts.get(fact)
    if actual is None:
        return False, f"{label}：未填"
    if op in _ORDER:
        number = isinstance(actual, int) and not isinstance(actual, bool)
        if not isinstance(wanted, int) or not number:
            raise BadPredicate(why=f"“{label}”须为整数才能比较大小")
        return _ORDER[op](actual, wanted), (
            f"{label} {_shown(fact, actual)}，标准：{_WORDS[op]} {_shown(fact, wanted)}"
        )
    if op in {"==", "!="}:
        met = (actual == wanted) if op == "==" else (actual != wanted)
        if isinstance(wanted, bool):
            return met, f"{label}：{'是' if actual else '否'}"
        return met, f"{label}：{_shown(fact, actual)}"
    if op == "in":
        return actual in _many(wanted), f"{label}：{_shown(fact, actual)}"
    if op == "has_any":
        common = [v for v in _many(actual) if v in _many(wanted)]
        return bool(common), f"{label}：{_shown(fact, common) if common else _shown(fact, actual)}"
    raise BadPredicate(why=f"不认识的比较“{op}”")


def _many(value: Any) -> tuple[Any, ...]:
    if not isinstance(value, list | tuple | set | frozenset):
        raise BadPredicate(why="in 和 has_any 须与列表比较")
    return tuple(value)


def check(predicate: Any, _depth: int = 0) -> None:
    """Refuse a predicate that could not be evaluated (``BadPredicate``)."""
    if _depth > MAX_DEPTH or not isinstance(predicate, Mapping):
        raise BadPredicate(
            why="应为 {“any”: […]}、{“all”: […]}、{“not”: …}、{“always”: true} 或者 {“fact”: …}"
        )
    keys = set(predicate)
    if keys & {"any", "all"}:
        name = "any" if "any" in keys else "all"
        if keys != {name} or not isinstance(predicate[name], list | tuple) or not predicate[name]:
            raise BadPredicate(why=f"“{name}”须单独使用，且不能为空")
        for part in predicate[name]:
            check(part, _depth + 1)
    elif "not" in keys:
        check(predicate["not"], _depth + 1)
    elif "always" in keys:
        if predicate["always"] is not True:
            raise BadPredicate(why="always 只能为 true")
    else:
        if "fact" not in keys or keys - {"fact", "op", "value", "label"}:
            raise BadPredicate(why=f"不认识的写法：{sorted(keys)}")
        op = predicate.get("op", "==")
        if op not in {*_ORDER, "==", "!=", "in", "has_any"}:
            raise BadPredicate(why=f"不认识的比较“{op}”")
        value = predicate.get("value", True)
        if op in _ORDER and (not isinstance(value, int) or isinstance(value, bool)):
            raise BadPredicate(why=f"“{op}”须与整数比较（金额以分为单位）")
        if op in {"in", "has_any"} and not isinstance(value, list | tuple):
            raise BadPredicate(why=f"“{op}”须与列表比较")


def evaluate(predicate: Mapping[str, Any], facts: Mapping[str, Any]) -> tuple[bool, str]:
    """Whether ``facts`` meet ``predicate``, and a Chinese explanation of what decided it."""
    if "any" in predicate:
        parts = [evaluate(p, facts) for p in predicate["any"]]
        met = [text for yes, text in parts if yes]
        return bool(met), "；".join(met or [text for _, text in parts])
    if "all" in predicate:
        parts = [evaluate(p, facts) for p in predicate["all"]]
        missing = [text for yes, text in parts if not yes]
        return not missing, "；".join(missing or [text for _, text in parts])
    if "not" in predicate:
        yes, text = evaluate(predicate["not"], facts)
        return not yes, text
    if predicate.get("always") is True:
        return True, "一律适用"
    if "fact" not in predicate:
        check(predicate)
    return _compare(predicate, facts)

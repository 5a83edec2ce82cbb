"""What every paper that goes to somebody outside tells them: why, by what law, their rights and duties (R032).

The rules are data (``rules/outward.yaml``): for each outward paper its four parts 执法事由, 执法依据, 权利义务
and 救济途径, each with its citation. The template must carry them and so must the text that is printed: a part
that stands in a branch which this paper's data does not take has not been told to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.documents import vocabulary
from mingzhi.documents.markup import Parsed, printed_text
from mingzhi.kernel.errors import Reason

PARTS: dict[str, str] = {
    "reason": "执法事由",
    "basis": "执法依据",
    "rights": "权利义务",
    "remedies": "救济途径",
}
OWN = "其他"
"""The rule for an outward paper that a bureau invented."""

Rule = Mapping[str, Any]


@cache
def rules() -> dict[str, dict[str, Rule]]:
    """Paper code → part → rule."""
    path = Path(__file__).parent / "rules" / "outward.yaml"
    loaded: dict[str, dict[str, Rule]] = yaml.safe_load(path.read_text("utf-8"))
    return loaded


def notice_of(code: str) -> dict[str, Rule]:
    """The four parts of one outward paper, each with its citation, or with why the law asks none."""
    return rules().get(code) or rules()[OWN]


def template_gaps(parsed: Parsed) -> list[Reason]:
    """Parts that the template of an outward paper does not carry."""
    found = []
    for part, rule in _asked(parsed):
        lack = _lacking(rule, parsed.uses, parsed.body_text)
        if lack:
            found.append(
                Reason(
                    f"documents.template.notice.{part}",
                    f"模板“{parsed.title}”是对外文书，缺少{PARTS[part]}：{lack}",
                    rule["citation"],
                    "请在正文中写明该项内容",
                    "template",
                )
            )
    return found


def data_gaps(parsed: Parsed, data: Mapping[str, Any]) -> list[Reason]:
    """Parts that the paper made of ``data`` would not say."""
    asked = list(_asked(parsed))
    if not asked:
        return []
    text = printed_text(parsed, data)
    found = []
    for part, rule in asked:
        lack = _lacking(rule, lambda label: vocabulary.given(data, label), text)
        if lack:
            found.append(
                Reason(
                    f"documents.notice.{part}",
                    f"《{parsed.title}》没有告知{PARTS[part]}：{lack}",
                    rule["citation"],
                    "请补充该项内容后重新制作",
                    "facts",
                )
            )
    return found


def _asked(parsed: Parsed) -> Iterator[tuple[str, Rule]]:
    if parsed.flag("对外"):
        yield from ((part, rule) for part, rule in notice_of(parsed.code).items() if "none" not in rule)


def _lacking(rule: Rule, has: Callable[[str], bool], text: str) -> str:
    """What is missing of one part, or nothing."""
    missing = [label for label in rule.get("all", ()) if not has(label)]
    if missing:
        return f"“{'”“'.join(missing)}”"
    fields: list[str] = rule.get("any", [])
    if fields and not any(has(label) for label in fields) and not _says(rule.get("or"), text):
        return f"“{'”或者“'.join(fields)}”"
    return "" if "must" not in rule or _says(rule["must"], text) else "法定的告知文字"


def _says(pattern: str | None, text: str) -> bool:
    return pattern is not None and re.search(pattern, text, re.DOTALL) is not None

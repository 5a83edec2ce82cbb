"""What the law wants on each paper, checked on the template and on the data, everything at once.

The rules are data (``rules/papers.yaml``), each with its citation. A template that does not carry a
mandatory field cannot be published; data that leaves one empty cannot become a paper.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from mingzhi.documents import notices, vocabulary
from mingzhi.documents.markup import MarkupError, Parsed, parse
from mingzhi.kernel.errors import Reason

#: A run-on of these between words is how copied numbers go wrong (GB/T 9704: 六角括号).
_WRONG_BRACKETS = re.compile(r"[【\[]\d{4}[】\]]第?\d*号|字[【\[（(]\d{4}[】\]）)]")


@cache
def _rules() -> dict[str, Any]:
    loaded: dict[str, Any] = yaml.safe_load(
        (Path(__file__).parent / "rules" / "papers.yaml").read_text("utf-8")
    )
    return loaded


def rules_of(code: str) -> list[dict[str, Any]]:
    """The mandatory items of one paper, each with its citation (domain §3.2)."""
    return list(_rules().get(code, []))


def _keys(labels: list[str]) -> list[str]:
    return [vocabulary.field_of(label).key for label in labels]


def _applies(rule: Mapping[str, Any], data: Mapping[str, Any]) -> bool:
    if "when" in rule and not vocabulary.given(data, rule["when"]):
        return False
    return not ("unless" in rule and vocabulary.given(data, rule["unless"]))


def lint_data(parsed: Parsed, data: Mapping[str, Any]) -> list[Reason]:
    """Mandatory items that ``data`` leaves empty. ``data`` includes the automatic fields."""
    found: list[Reason] = []
    for rule in rules_of(parsed.code):
        if not _applies(rule, data):
            continue
        labels: list[str] = rule.get("any", []) or rule.get("data", [])
        if labels and not any(vocabulary.given(data, label) for label in labels):
            found.append(_missing(parsed, labels, rule["citation"]))
            continue
        if labels and rule.get("rows"):
            found.extend(_row_gaps(parsed, labels[0], rule, data))
    wrong = _amounts(parsed, data)
    if not wrong:  # what cannot be printed cannot be read over
        found.extend(notices.data_gaps(parsed, data))
    return [*found, *wrong]


def _missing(parsed: Parsed, labels: list[str], citation: str) -> Reason:
    name = "”或者“".join(labels)
    automatic = [label for label in labels if vocabulary.field_of(label).key in vocabulary.AUTOMATIC]
    remedy = f"请在机构资料中补充本机关的“{automatic[0]}”" if automatic else f"请填写“{labels[0]}”后重新制作"
    return Reason(
        code=f"documents.missing.{_keys(labels)[0]}",
        sentence=f"《{parsed.title}》缺少“{name}”",
        citation=citation,
        remedy=remedy,
        link="organisations" if automatic else "facts",
    )


def _row_gaps(parsed: Parsed, label: str, rule: Mapping[str, Any], data: Mapping[str, Any]) -> list[Reason]:
    columns = {"姓名或名称": "name", "执法证号": "certificate"}
    gaps = []
    for n, row in enumerate(data.get(vocabulary.field_of(label).key) or (), 1):
        for column in rule["rows"]:
            key = columns[column]
            if isinstance(row, Mapping) and vocabulary.blank(row.get(key)):
                gaps.append(
                    Reason(
                        code=f"documents.missing.{vocabulary.field_of(label).key}.{key}",
                        sentence=f"《{parsed.title}》第 {n} 名{label}缺少“{column}”",
                        citation=rule["citation"],
                        remedy=f"请补充该{label}的{column}",
                        link="facts",
                    )
                )
    return gaps


def _amounts(parsed: Parsed, data: Mapping[str, Any]) -> list[Reason]:
    found = []
    for key, value in data.items():
        known = vocabulary.table().get(key)
        if (
            known
            and known.type == "money"
            and value is not None
            and (not isinstance(value, int) or isinstance(value, bool) or value < 0)
        ):
            found.append(
                Reason(
                    code=f"documents.amount.{key}",
                    sentence=f"《{parsed.title}》的“{known.label}”不是有效金额",
                    citation="",
                    remedy="请按“元”填写，最多两位小数",
                    link="facts",
                )
            )
    return found


def lint_template(text: str) -> tuple[Parsed | None, list[Reason]]:
    """Everything wrong with a template's text; the parsed template when it can be read at all."""
    try:
        parsed = parse(text)
    except MarkupError as error:
        return None, [
            Reason(
                "documents.template.unreadable", str(error), "", "请按提示修改模板，写法见《模板编写说明》"
            )
        ]
    found: list[Reason] = []
    body = parsed.body_text
    signatures = len(re.findall(r"【签名[^】]*】", body))
    for rule in rules_of(parsed.code):
        labels: list[str] = rule.get("any", [])
        if labels and not any(parsed.uses(label) for label in labels):
            found.append(
                _template_gap(
                    parsed,
                    f"字段“{'”或者“'.join(labels)}”",
                    rule["citation"],
                    f"请在正文中写入 {{{{{labels[0]}}}}}",
                )
            )
        if "sign" in rule and signatures < rule["sign"]:
            found.append(
                _template_gap(
                    parsed,
                    f"签名栏（至少 {rule['sign']} 处）",
                    rule["citation"],
                    "请在正文中写入【签名 某某（签名）】",
                )
            )
        if "must" in rule and not re.search(rule["must"], body, re.DOTALL):
            found.append(
                _template_gap(parsed, f"“{rule['label']}”", rule["citation"], "请在正文中写明该项内容")
            )
        if "never" in rule and re.search(rule["never"], body, re.DOTALL):
            found.append(_template_wrong(parsed, rule["label"], rule["citation"]))
        if rule.get("seal") and not parsed.flag("印章"):
            found.append(_template_gap(parsed, "印章", rule["citation"], "请在头部写明“印章：是”"))
        if rule.get("number") and not parsed.number_word:
            found.append(_template_gap(parsed, "文号", rule["citation"], "请在头部写明“文号字”"))
    found.extend(notices.template_gaps(parsed))
    remedy = _rules()["remedy"]
    if parsed.code in remedy["codes"] and re.search(remedy["never"]["text"], body):
        found.append(_template_wrong(parsed, remedy["never"]["label"], remedy["never"]["citation"]))
    if _WRONG_BRACKETS.search(body):
        found.append(
            _template_wrong(parsed, "文号括号（应为六角括号〔〕）", "党政机关公文格式（GB/T 9704—2012）")
        )
    return parsed, found


def _template_gap(parsed: Parsed, what: str, citation: str, remedy: str) -> Reason:
    return Reason(
        "documents.template.missing", f"模板“{parsed.title}”缺少{what}", citation, remedy, "template"
    )


def _template_wrong(parsed: Parsed, what: str, citation: str) -> Reason:
    return Reason(
        "documents.template.wrong",
        f"模板“{parsed.title}”有误：{what}",
        citation,
        "请改正后重新发布",
        "template",
    )

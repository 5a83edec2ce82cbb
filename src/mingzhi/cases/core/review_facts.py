"""What the steps of a legal review record, whatever is reviewed."""

from __future__ import annotations

from typing import Literal

from mingzhi.procedures.data import Facts, fact


class ReviewSubmit(Facts):
    """送审 (P12S)."""

    statement: str = fact(
        "情况说明",
        widget="textarea",
        min_length=10,
        max_length=6000,
        help="基本事实、适用依据、裁量基准执行情况、执法人员资格情况",
    )
    materials: tuple[str, ...] = fact("送审材料", widget="checks", options="review_materials", min_length=1)
    truthful: bool = fact("对材料的真实性、准确性、完整性负责", cite="国办发〔2018〕118号")


class ReviewAccept(Facts):
    reviewer: int = fact("审核人员", widget="person", options="reviewers")
    exception_reason: str = fact(
        "审核机构与承办机构为同一机构的例外理由",
        default="",
        max_length=300,
        help="原则上不得由承担执法工作的机构审核；确需例外的写明理由和批准人",
    )


class ReviewReassign(ReviewAccept):
    """改派: who reviewed until now is ill, away, or must withdraw (行政处罚法第四十三条)."""

    reason: str = fact("改派理由", widget="textarea", min_length=4, max_length=1000)
    recused: bool = fact(
        "原审核人员应当回避",
        default=False,
        help="勾选后，原审核人员不再查看本案材料",
        cite="行政处罚法第四十三条",
    )


class ReviewReturn(Facts):
    missing: str = fact("需补充的材料", widget="textarea", min_length=2, max_length=2000)


class ReviewExtend(Facts):
    reason: str = fact("案情复杂的情况", widget="textarea", min_length=4, max_length=1000)


class Check(Facts):
    code: str = fact("审核项")
    result: Literal["pass", "problem", "na"] = fact("结论")
    note: str = fact("说明", default="", max_length=1000)


class ReviewOpine(Facts):
    """法制审核意见 (P12O)."""

    kind: Literal["agree", "revise", "investigate", "procedure", "no_authority", "transfer"] = fact(
        "审核意见", widget="choice", options="opinion_kinds"
    )
    checks: tuple[Check, ...] = fact("逐项审核", widget="rows", options="review_checks")
    text: str = fact("具体意见", widget="textarea", min_length=4, max_length=6000)
    advisers: str = fact("法律顾问、公职律师意见", default="", widget="textarea", max_length=4000)


class ReviewDissent(Facts):
    text: str = fact("不同意审核意见的理由", widget="textarea", min_length=10, max_length=4000)


class ReviewCoordinate(Facts):
    participants: str = fact("参加人员", max_length=300)
    text: str = fact("协调情况", widget="textarea", min_length=4, max_length=4000)
    outcome: Literal["reconsider", "revise", "stop"] = fact(
        "协调结论", widget="choice", options="coordination"
    )

"""Choices of the review room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class ReviewState(models.TextChoices):
    SUBMITTED = "submitted", "待收件"
    RETURNED = "returned", "退回补充材料"
    ACCEPTED = "accepted", "审核中"
    OPINED = "opined", "已出具意见"
    DISPUTED = "disputed", "意见不一致，待协调"
    SUPERSEDED = "superseded", "已被新一轮送审取代"


class OpinionKind(models.TextChoices):
    """Domain §5.4. Only 同意 opens the gate."""

    AGREE = "agree", "同意"
    REVISE = "revise", "建议修改或者纠正"
    INVESTIGATE = "investigate", "建议补充调查"
    PROCEDURE = "procedure", "程序违法，建议纠正"
    NO_AUTHORITY = "no_authority", "超越权限或者主体不合法，不予通过"
    TRANSFER = "transfer", "涉嫌犯罪，建议移送"


class CheckResult(models.TextChoices):
    PASS = "pass", "合格"
    PROBLEM = "problem", "有问题"
    NOT_APPLICABLE = "na", "不涉及"


CHECKS: tuple[tuple[str, str, str], ...] = (
    ("subject", "行政执法主体是否合法", "行政处罚法第十七条至第二十一条"),
    ("officers", "行政执法人员是否具备执法资格", "行政处罚法第四十二条"),
    ("procedure", "行政执法程序是否合法", "行政处罚法第三十八条、第四章第五章"),
    ("facts", "案件事实是否清楚，证据是否合法充分", "行政处罚法第四十条、第四十六条"),
    ("law", "适用法律、法规、规章是否准确", "行政处罚法第三十七条"),
    ("discretion", "裁量基准运用是否适当", "行政处罚法第三十四条"),
    ("authority", "是否超越执法机关法定权限", "行政处罚法第二十二条至第二十五条"),
    ("papers", "行政执法文书是否完备、规范", "行政处罚法第五十九条"),
    ("crime", "违法行为是否涉嫌犯罪、需要移送司法机关", "行政处罚法第二十七条"),
)
"""The eight checks and the ninth in the same sentence (seeds S0 四(三)3, S2 T37; domain §5.2)."""


class Coordination(models.TextChoices):
    """What a coordination meeting may lead to: never past the reviewer (domain §5.5)."""

    RECONSIDER = "reconsider", "由审核人员重新出具意见"
    REVISE = "revise", "承办机构按审核意见修改后再次送审"
    STOP = "stop", "终止拟作出的决定"

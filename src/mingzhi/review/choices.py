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


class Coordination(models.TextChoices):
    """What a coordination meeting may lead to: never past the reviewer (domain §5.5)."""

    RECONSIDER = "reconsider", "由审核人员重新出具意见"
    REVISE = "revise", "承办机构按审核意见修改后再次送审"
    STOP = "stop", "终止拟作出的决定"


class AdviserKind(models.TextChoices):
    COUNSEL = "counsel", "法律顾问"
    PUBLIC_LAWYER = "public_lawyer", "公职律师"

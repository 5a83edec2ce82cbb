"""Choices of the catalogue. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class PenaltyKind(models.TextChoices):
    """处罚种类 (行政处罚法第九条; codes domain §9.5). 责令改正 is not one of them (error-prone 39)."""

    WARNING = "01", "警告"
    CRITICISM = "02", "通报批评"
    FINE = "03", "罚款"
    FORFEIT_GAINS = "04", "没收违法所得"
    FORFEIT_GOODS = "05", "没收非法财物"
    SUSPEND_LICENCE = "06", "暂扣许可证件"
    LOWER_GRADE = "07", "降低资质等级"
    REVOKE_LICENCE = "08", "吊销许可证件"
    RESTRICT_BUSINESS = "09", "限制开展生产经营活动"
    SUSPEND_BUSINESS = "10", "责令停产停业"
    CLOSE = "11", "责令关闭"
    BAR = "12", "限制从业"
    DETENTION = "13", "行政拘留"
    OTHER = "99", "其他行政处罚"


PENALTY_KINDS: dict[str, str] = dict(PenaltyKind.choices)


class EntryKind(models.TextChoices):
    ITEM = "item", "权责事项"
    BENCHMARK = "benchmark", "裁量基准"
    RECORDING = "recording", "音像记录清单"
    REVIEW = "review", "重大执法决定法制审核目录"
    HEARING = "hearing", "听证数额标准"
    NO_PENALTY = "no_penalty", "不予、从轻、减轻处罚情形"
    SUMMARY = "summary", "简易程序适用条件"


class LawStatus(models.TextChoices):
    IN_FORCE = "in_force", "现行有效"
    NOT_YET = "not_yet", "尚未施行"
    REPLACED = "replaced", "已被新版本替代"


class ListKind(models.TextChoices):
    """What a public list is a list of. The first five rule the engine: their rows become ``Entry`` rows."""

    ITEM = "item", "权责事项清单"
    BENCHMARK = "benchmark", "行政裁量权基准"
    RECORDING = "recording", "音像记录事项清单"
    REVIEW = "review", "重大执法决定法制审核目录清单"
    NO_PENALTY = "no_penalty", "不予处罚事项清单"
    LIGHTER = "lighter", "从轻、减轻、从重处罚情形清单"
    SUBJECT = "subject", "行政执法主体清单"
    PERSONNEL = "personnel", "行政执法人员清单"
    RANDOM = "random", "随机抽查事项清单"
    GUIDE = "guide", "服务指南"
    DUTY = "duty", "执法岗位职责清单"
    INSTITUTION = "institution", "制度库"
    CHART = "chart", "执法流程图"
    TARGET = "target", "检查对象名录库"
    PLAN = "plan", "年度随机抽查计划"
    PHRASE = "phrase", "执法规范用语"


class VersionState(models.TextChoices):
    DRAFT = "draft", "起草"
    CHECKED = "checked", "已审核"
    APPROVED = "approved", "已批准"
    PUBLISHED = "published", "已公布"
    WITHDRAWN = "withdrawn", "已撤下"
    DROPPED = "dropped", "已作废"


class ListAct(models.TextChoices):
    START = "start", "起草"
    EDIT = "edit", "参与起草"
    HAND_IN = "hand_in", "送审"
    CHECK = "check", "审核通过"
    RETURN = "return", "退回修改"
    APPROVE = "approve", "批准"
    PUBLISH = "publish", "公布"
    WITHDRAW = "withdraw", "撤下"
    KEEP = "keep", "复核后维持"
    DROP = "drop", "作废草稿"

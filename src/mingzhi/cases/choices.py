"""Choices of the cases room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class ClueSource(models.TextChoices):
    """案件来源 (domain §9.6)."""

    INSPECTION = "inspection", "检查发现"
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    SUPERIOR = "superior", "上级机关交办"
    TRANSFER = "transfer", "其他机关移送"
    MEDIA = "media", "媒体曝光"
    OTHER = "other", "其他"


class ClueState(models.TextChoices):
    OPEN = "open", "待核查"
    FILED = "filed", "已立案"
    DISMISSED = "dismissed", "不予立案"


class Outcome(models.TextChoices):
    """行政处罚法第五十七条第一款: the four ends of an investigation."""

    PENALISE = "penalise", "给予行政处罚"
    SPARED = "spared", "不予行政处罚"
    UNFOUNDED = "unfounded", "违法事实不能成立，不予行政处罚"
    TRANSFER = "transfer", "移送司法机关"


class SparedBecause(models.TextChoices):
    """不予处罚 (行政处罚法第三十、三十一、三十三条)."""

    MINOR = "minor", "违法行为轻微并及时改正，没有造成危害后果（第三十三条第一款）"
    FIRST = "first", "初次违法且危害后果轻微并及时改正（第三十三条第一款）"
    FAULTLESS = "faultless", "有证据足以证明没有主观过错（第三十三条第二款）"
    UNDER_14 = "under_14", "不满十四周岁（第三十条）"
    INCAPABLE = "incapable", "精神病人、智力残疾人不能辨认或者控制自己行为（第三十一条）"
    EXPIRED = "expired", "超过追责时效（第三十六条）"


class Leniency(models.TextChoices):
    """从轻或者减轻 (行政处罚法第三十条、第三十二条)."""

    REMEDIED = "remedied", "主动消除或者减轻违法行为危害后果"
    COERCED = "coerced", "受他人胁迫或者诱骗实施违法行为"
    CONFESSED = "confessed", "主动供述行政机关尚未掌握的违法行为"
    MERIT = "merit", "配合行政机关查处违法行为有立功表现"
    MINOR_AGE = "minor_age", "已满十四周岁不满十八周岁"
    OTHER = "other", "法律、法规、规章规定的其他情形"


class Signature(models.TextChoices):
    SIGNED = "signed", "签名或者盖章"
    REFUSED = "refused", "拒绝签名"
    ABSENT = "absent", "未到场"


class ServiceMode(models.TextChoices):
    """送达方式 (domain §2.5, §9.6); the same codes as ``documents``."""

    DIRECT = "direct", "直接送达"
    LEAVE = "leave", "留置送达"
    ENTRUSTED = "entrusted", "委托送达"
    MAIL = "mail", "邮寄送达"
    PUBLIC_NOTICE = "public_notice", "公告送达"
    ELECTRONIC = "electronic", "电子送达"
    FORWARDED = "forwarded", "转交送达"


class AnnulledBy(models.TextChoices):
    RECONSIDERATION = "reconsideration", "行政复议决定"
    COURT = "court", "人民法院裁判"
    SUPERIOR = "superior", "上级机关或者监督机关决定"
    SELF = "self", "本机关自行纠正"


class AnnulledAs(models.TextChoices):
    REVOKED = "revoked", "撤销"
    CHANGED = "changed", "变更"
    UNLAWFUL = "unlawful", "确认违法"
    INVALID = "invalid", "确认无效"

"""Choices of the dossiers room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class PartyKind(models.TextChoices):
    """Domain §9.4; the three-value category of 双公示 is derived from these."""

    NATURAL = "natural", "自然人"
    LEGAL = "legal", "法人"
    ORGANISATION = "organisation", "非法人组织"
    HOUSEHOLD = "household", "个体工商户"


class Standard(models.TextChoices):
    """适用标准: which threshold counts for this party. Explicit for 个体工商户 because practice varies."""

    CITIZEN = "citizen", "按公民"
    ORGANISATION = "organisation", "按法人或者其他组织"


class IdKind(models.TextChoices):
    RESIDENT = "resident", "居民身份证"
    PASSPORT = "passport", "护照"
    HK_MACAU = "hk_macau", "港澳居民来往内地通行证"
    TAIWAN = "taiwan", "台湾居民来往大陆通行证"
    FOREIGNER = "foreigner", "外国人永久居留身份证"
    OTHER = "other", "其他"


class PartyRole(models.TextChoices):
    PARTY = "party", "当事人"
    THIRD = "third", "利害关系人"
    AGENT = "agent", "代理人"
    WITNESS = "witness", "证人"


class MemberRole(models.TextChoices):
    LEAD = "lead", "主办人"
    ASSIST = "assist", "协办人"
    APPROVER = "approver", "审批人"
    REVIEWER = "reviewer", "法制审核人员"
    HOST = "host", "听证主持人"
    RECORDER = "recorder", "记录人"


class Secrecy(models.TextChoices):
    OPEN = "open", "一般"
    PRIVATE = "private", "涉及个人隐私"
    TRADE = "trade", "涉及商业秘密"
    STATE = "state", "涉及国家秘密"

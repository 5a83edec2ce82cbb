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


class Volume(models.TextChoices):
    """正卷 may be read by the party and the court; 副卷 stays inside the body (domain §7.3)."""

    MAIN = "main", "正卷"
    SIDE = "side", "副卷"


class Importance(models.TextChoices):
    IMPORTANT = "important", "重要"
    GENERAL = "general", "一般"


class SealKind(models.TextChoices):
    """Why an index was sealed."""

    ARCHIVE = "archive", "归档"
    SUPPLEMENT = "supplement", "补充归档"
    LEGACY = "legacy", "存量著录"
    IMPORT = "import", "档案包接收"


class HoldSource(models.TextChoices):
    """Why nothing of a dossier may be destroyed for now (domain §6.5)."""

    MANUAL = "manual", "人工设定"
    REVIEW = "review", "行政复议"
    LITIGATION = "litigation", "行政诉讼"
    COMPLAINT = "complaint", "投诉举报"
    ACCIDENT = "accident", "事故调查"


class Opinion(models.TextChoices):
    """鉴定意见 on an expired dossier."""

    DESTROY = "destroy", "同意销毁"
    EXTEND = "extend", "继续保存"


class Approver(models.TextChoices):
    """Two people, neither of whom made the list nor gave the opinion."""

    LEADER = "leader", "机关负责人"
    SECOND = "second", "复核人"


class Medium(models.TextChoices):
    """How packages leave for the state archive."""

    DISK = "disk", "移动硬盘"
    DISC = "disc", "光盘"
    ONLINE = "online", "在线"


class ReceiptKind(models.TextChoices):
    SIGNED = "signed", "电子回执"
    SCAN = "scan", "盖章登记表扫描件"


class MakeKind(models.TextChoices):
    """What is made of a dossier in the background."""

    SEAL = "seal", "编目"
    MAIN = "main", "正卷 PDF"
    SIDE = "side", "副卷 PDF"
    BOTH = "both", "全卷 PDF"
    PACKAGE = "package", "档案包"
    OUTSIDE = "outside", "对外档案包（仅正卷）"


class MakeState(models.TextChoices):
    WAITING = "waiting", "等待制作"
    RUNNING = "running", "制作中"
    DONE = "done", "已完成"
    FAILED = "failed", "未完成"

"""Choices of the documents room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class TemplateState(models.TextChoices):
    DRAFT = "draft", "草稿"
    PUBLISHED = "published", "已发布"
    SUPERSEDED = "superseded", "已被取代"


class PaperState(models.TextChoices):
    """What a desk shows of a paper; follows from its append-only rows, stored nowhere."""

    DRAWN = "drawn", "已制作"
    RENDERED = "rendered", "已签章"
    SERVED = "served", "已送达"
    VOIDED = "voided", "已作废"


class ServiceMode(models.TextChoices):
    """送达方式（民事诉讼法第八十七条至第九十五条，行政处罚法第六十一条）."""

    DIRECT = "direct", "直接送达"
    LEAVE = "leave", "留置送达"
    ELECTRONIC = "electronic", "电子送达"
    MAIL = "mail", "邮寄送达"
    ENTRUSTED = "entrusted", "委托送达"
    FORWARDED = "forwarded", "转交送达"
    PUBLIC = "public", "公告送达"


class ServiceOutcome(models.TextChoices):
    DONE = "done", "已送达"
    FAILED = "failed", "未能送达"


class SignerKind(models.TextChoices):
    PARTY = "party", "当事人"
    OFFICER = "officer", "执法人员"
    WITNESS = "witness", "见证人"
    OTHER = "other", "其他人员"


class SignatureOutcome(models.TextChoices):
    SIGNED = "signed", "已签名或者盖章"
    REFUSED = "refused", "拒绝签名"
    ABSENT = "absent", "不在场"

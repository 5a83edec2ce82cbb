"""Rows that officials keep: lists with validity, their publications, and the texts of the law."""

from __future__ import annotations

from typing import ClassVar

from django.core.serializers.json import DjangoJSONEncoder
from django.db import models
from django.db.models import F, Q

from mingzhi.catalogue.choices import EntryKind, LawStatus
from mingzhi.catalogue.list_models import (
    GuideNote,
    ListBlock,
    ListChange,
    ListEvent,
    ListGuide,
    ListVersion,
    PublicList,
)

__all__ = [
    "Article",
    "Entry",
    "GuideNote",
    "Law",
    "ListBlock",
    "ListChange",
    "ListEvent",
    "ListGuide",
    "ListVersion",
    "PublicList",
    "Publication",
]


class Publication(models.Model):
    """One act of publishing list rows; append-only. ``chain`` fixes the whole catalogue up to here."""

    source = models.CharField("来源", max_length=200)
    added = models.PositiveIntegerField("新增行数")
    closed = models.PositiveIntegerField("失效行数")
    digest = models.CharField("内容摘要", max_length=64)
    chain = models.CharField("累计摘要", max_length=64)
    published_by = models.CharField("发布人", max_length=100)
    published_at = models.DateTimeField("发布时间")

    class Meta:
        verbose_name = "目录发布"
        verbose_name_plural = "目录发布"

    def __str__(self) -> str:
        return f"{self.source}（{self.published_at:%Y-%m-%d}）"


class Entry(models.Model):
    """One row of one list, in force from ``valid_from`` (included) to ``valid_to`` (not included).

    ``scope`` says for whom: ``national``, ``field:water``, ``profile:…`` or ``body:12``; the nearest
    wins. ``data`` holds the row by the schema of its kind (``catalogue.packs``). Periods of the same
    kind, scope and code never overlap: an exclusion constraint on PostgreSQL, triggers on SQLite.
    """

    kind = models.CharField("清单", max_length=20, choices=EntryKind)
    scope = models.CharField("适用范围", max_length=80)
    code = models.CharField("编码", max_length=80)
    name = models.CharField("名称", max_length=300, blank=True)
    field = models.CharField("领域", max_length=20, blank=True)
    data = models.JSONField("内容", encoder=DjangoJSONEncoder)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)
    publication = models.ForeignKey(
        Publication, verbose_name="发布", on_delete=models.PROTECT, related_name="entries"
    )
    closed_by = models.ForeignKey(
        Publication,
        verbose_name="失效发布",
        on_delete=models.PROTECT,
        related_name="closures",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "清单条目"
        verbose_name_plural = "清单条目"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="catalogue_entry_period",
            ),
            models.UniqueConstraint(
                fields=["kind", "scope", "code", "valid_from"], name="catalogue_entry_unique_start"
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["kind", "field", "code"], name="catalogue_entry_kind_field")
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Law(models.Model):
    """One version of one law. ``source_digest`` makes a second import of the same text do nothing."""

    title = models.CharField("名称", max_length=200)
    short_title = models.CharField("简称", max_length=200, db_index=True)
    version = models.CharField("版本", max_length=40, blank=True)
    version_date = models.DateField("通过或者修改日期", null=True, blank=True)
    in_force_from = models.DateField("施行日期", null=True, blank=True)
    in_force_to = models.DateField("失效日期", null=True, blank=True)
    status = models.CharField("效力", max_length=20, choices=LawStatus, default=LawStatus.IN_FORCE)
    history = models.JSONField("沿革", default=list)
    source_name = models.CharField("来源文件", max_length=200)
    source_digest = models.CharField("文本摘要", max_length=64)

    class Meta:
        verbose_name = "法律法规"
        verbose_name_plural = "法律法规"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["short_title", "version"], name="catalogue_law_unique_version")
        ]

    def __str__(self) -> str:
        return f"{self.title}（{self.version}）" if self.version else self.title


class Article(models.Model):
    """One article of one version, in order. ``sub`` is the n of 第X条之n; paragraphs are lines of ``text``."""

    law = models.ForeignKey(Law, verbose_name="法律", on_delete=models.CASCADE, related_name="articles")
    number = models.PositiveIntegerField("条")
    sub = models.PositiveIntegerField("之", default=0)
    chapter = models.CharField("章节", max_length=200, blank=True)
    text = models.TextField("条文")
    order = models.PositiveIntegerField("顺序")

    class Meta:
        verbose_name = "条文"
        verbose_name_plural = "条文"
        ordering: ClassVar = ["law", "order"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["law", "number", "sub"], name="catalogue_article_unique_number")
        ]

    def __str__(self) -> str:
        return f"{self.law.short_title}第{self.number}条"

"""The full-text index: a text per thing, folded for comparison, and its pairs of characters."""

from __future__ import annotations

from django.db import models


class SearchDoc(models.Model):
    """What is searchable of one thing. Derived data: rebuilt from its owner at any time.

    ``id`` is chosen, not counted: space, day and a slot within the day (``text.key``), so that
    descending id within a space is «newest first» and no further index is needed. The pairs live in
    the column ``grams`` on PostgreSQL and in the FTS5 table ``search_gram`` on SQLite; both are made
    by migration 0002 and written by ``engine`` only.
    """

    id = models.BigIntegerField(primary_key=True)
    space = models.CharField("范围", max_length=16)
    ref = models.BigIntegerField("对象编号")
    facets = models.TextField("分面", default="")
    text = models.TextField("正文（折叠后）")

    class Meta:
        verbose_name = "检索条目"
        verbose_name_plural = "检索条目"
        constraints = (models.UniqueConstraint(fields=["space", "ref"], name="search_space_ref"),)

    def __str__(self) -> str:
        return f"{self.space}:{self.ref}"


class Shelf(models.Model):
    """One row per wide space. Whoever changes what stands in segments holds it; ``stamp`` is drawn anew with every
    change and tells readers that what they hold in memory, and what they read in several statements, is one state."""

    space = models.CharField("范围", max_length=16, primary_key=True)
    stamp = models.BigIntegerField("戳", default=0)

    class Meta:
        verbose_name = "检索分区"
        verbose_name_plural = "检索分区"

    def __str__(self) -> str:
        return self.space


class Segment(models.Model):
    """Up to 65,536 texts of a wide space, numbered by ascending id, and their facets as sets of numbers.

    ``ids`` and ``facets`` are sets in the Roaring format; ``stamp`` is drawn anew with every change. ``id`` is the
    lowest free number, since it is part of its sets' numbers.
    """

    id = models.PositiveIntegerField("编号", primary_key=True)
    space = models.CharField("范围", max_length=16)
    stamp = models.BigIntegerField("戳")
    size = models.PositiveIntegerField("条数")
    first = models.BigIntegerField("最小编号")
    last = models.BigIntegerField("最大编号")
    ids = models.BinaryField("编号")
    facets = models.BinaryField("分面")

    class Meta:
        verbose_name = "检索分段"
        verbose_name_plural = "检索分段"
        indexes = (models.Index(fields=["space", "first"], name="search_segment_space"),)


class Posting(models.Model):
    """In which texts of a segment a run of two or three characters stands. ``id`` is segment and run in one number."""

    id = models.BigIntegerField(primary_key=True)
    bits = models.BinaryField("所在")

    class Meta:
        verbose_name = "检索倒排"
        verbose_name_plural = "检索倒排"


class Loose(models.Model):
    """A text of a wide space that stands in no segment yet; it is found by reading it."""

    doc_id = models.BigIntegerField("条目", primary_key=True)
    space = models.CharField("范围", max_length=16)

    class Meta:
        verbose_name = "待归段条目"
        verbose_name_plural = "待归段条目"

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

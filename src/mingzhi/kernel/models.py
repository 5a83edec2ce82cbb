"""Number series: the one table of the kernel."""

from __future__ import annotations

from django.db import models


class Series(models.Model):
    """A named counter; the last number given out. Written by ``kernel.numbers`` only."""

    name = models.CharField(primary_key=True, max_length=160)
    last = models.PositiveBigIntegerField(default=0)

    class Meta:
        verbose_name = "编号序列"
        verbose_name_plural = "编号序列"

"""Choices of the catalogue. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


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

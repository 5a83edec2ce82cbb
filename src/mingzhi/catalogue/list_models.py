"""Public lists as living things: lists, their versions with rows in blocks, their steps, change requests."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mingzhi.catalogue.choices import ListAct, ListKind, VersionState


class PublicList(models.Model):
    """One list of one agency. ``part`` tells lists of one kind apart: the procedure of a flow chart, else empty."""

    body = models.ForeignKey(
        "organisations.Body", verbose_name="机关", on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("清单", max_length=20, choices=ListKind)
    part = models.CharField("分项", max_length=80, blank=True)
    title = models.CharField("名称", max_length=200)

    class Meta:
        verbose_name = "清单"
        verbose_name_plural = "清单"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["body", "kind", "part"], name="catalogue_list_unique")
        ]

    def __str__(self) -> str:
        return self.title


class ListVersion(models.Model):
    """One version of a list, in force from ``valid_from`` (included) to ``valid_to`` (not included) once published.

    Periods of published versions of one list never overlap: an exclusion constraint on PostgreSQL,
    triggers on SQLite. ``digest`` is over columns and blocks; from publication on the blocks are frozen.
    ``source_digest`` is what computed rows were computed from (a procedure table's, a register's).
    """

    list = models.ForeignKey(
        PublicList, verbose_name="清单", on_delete=models.PROTECT, related_name="versions"
    )
    number = models.PositiveIntegerField("版次")
    state = models.CharField("状态", max_length=12, choices=VersionState, default=VersionState.DRAFT)
    valid_from = models.DateField("生效日期")
    valid_to = models.DateField("失效日期", null=True, blank=True)
    review_on = models.DateField("复核日期", null=True, blank=True)
    reason = models.CharField("制定、修订理由", max_length=1000)
    basis = models.CharField("依据", max_length=500, blank=True)
    columns = models.JSONField("栏目")
    count = models.PositiveIntegerField("行数", default=0)
    digest = models.CharField("内容摘要", max_length=64)
    source_digest = models.CharField("来源摘要", max_length=64, blank=True)
    drafted_by = models.CharField("起草人", max_length=100)
    checked_by = models.CharField("审核人", max_length=100, blank=True)
    approver = models.CharField("批准（审核、备案）机关", max_length=200, blank=True)
    approval_number = models.CharField("批准文号", max_length=100, blank=True)
    approved_on = models.DateField("批准日期", null=True, blank=True)
    published_at = models.DateTimeField("公布时间", null=True, blank=True)
    publication = models.OneToOneField(
        "catalogue.Publication",
        verbose_name="目录发布",
        on_delete=models.PROTECT,
        related_name="list_version",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "清单版本"
        verbose_name_plural = "清单版本"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["list", "number"], name="catalogue_version_unique_number"),
            models.UniqueConstraint(
                fields=["list"],
                condition=Q(state__in=["draft", "checked", "approved"]),
                name="catalogue_version_one_open",
            ),
            models.CheckConstraint(
                condition=Q(valid_to__isnull=True) | Q(valid_to__gt=F("valid_from")),
                name="catalogue_version_period",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["published", "withdrawn"], published_at__isnull=False)
                | Q(state__in=["draft", "checked", "approved", "dropped"], published_at__isnull=True),
                name="catalogue_version_published_at",
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["checked", "approved", "published", "withdrawn"])
                | (~Q(checked_by="") & ~Q(checked_by=F("drafted_by"))),
                name="catalogue_version_second_person",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["list", "valid_from"], name="catalogue_version_from"),
            models.Index(fields=["review_on"], name="catalogue_version_review"),
        ]

    def __str__(self) -> str:
        return f"{self.list.title}第{self.number}版"


class ListBlock(models.Model):
    """Up to a thousand rows of a version, as compact JSON; ``digest`` is over these bytes."""

    version = models.ForeignKey(
        ListVersion, verbose_name="版本", on_delete=models.CASCADE, related_name="blocks"
    )
    place = models.PositiveIntegerField("次序")
    count = models.PositiveIntegerField("行数")
    rows = models.TextField("内容")
    digest = models.CharField("摘要", max_length=64)

    class Meta:
        verbose_name = "清单内容"
        verbose_name_plural = "清单内容"
        ordering: ClassVar = ["version", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "place"], name="catalogue_block_unique_place")
        ]

    def __str__(self) -> str:
        return f"{self.version_id}-{self.place}"


class ListChange(models.Model):
    """A request to change a list, and what the legality check said; the opinion is given once (R171)."""

    list = models.ForeignKey(
        PublicList, verbose_name="清单", on_delete=models.PROTECT, related_name="changes"
    )
    what = models.CharField("调整内容", max_length=1000)
    reason = models.CharField("调整理由", max_length=1000)
    basis = models.CharField("调整依据", max_length=500)
    asked_by = models.CharField("申请人", max_length=100)
    asked_at = models.DateTimeField("申请时间")
    lawful = models.BooleanField("合法性审查是否通过", null=True, blank=True)
    opinion = models.CharField("合法性审查意见", max_length=1000, null=True, blank=True)
    judged_by = models.CharField("审查人", max_length=100, null=True, blank=True)
    judged_at = models.DateTimeField("审查时间", null=True, blank=True)
    version = models.ForeignKey(
        ListVersion,
        verbose_name="据以修订的版本",
        on_delete=models.PROTECT,
        related_name="changes",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "清单调整申请"
        verbose_name_plural = "清单调整申请"
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=Q(judged_by__isnull=True) | ~Q(judged_by=F("asked_by")),
                name="catalogue_change_second_person",
            )
        ]

    def __str__(self) -> str:
        return self.what


class ListEvent(models.Model):
    """One step of a version, append-only: who, when, why, over which content."""

    version = models.ForeignKey(
        ListVersion, verbose_name="版本", on_delete=models.PROTECT, related_name="events"
    )
    act = models.CharField("环节", max_length=12, choices=ListAct)
    by = models.CharField("经办人", max_length=100)
    by_name = models.CharField("经办人姓名", max_length=60)
    at = models.DateTimeField("时间")
    reason = models.CharField("理由、意见", max_length=1000, blank=True)
    facts = models.JSONField("事实", default=dict)
    digest = models.CharField("内容摘要", max_length=64)

    class Meta:
        verbose_name = "清单环节"
        verbose_name_plural = "清单环节"
        ordering: ClassVar = ["pk"]

    def __str__(self) -> str:
        return f"{self.version_id} {self.get_act_display()}"


class ListGuide(models.Model):
    """A published version handed to a lower body as the pattern for its own list, and its answer, given once:
    what it takes over and, for every other row, why not (R118)."""

    version = models.ForeignKey(
        ListVersion, verbose_name="下发的版本", on_delete=models.PROTECT, related_name="guides"
    )
    body = models.ForeignKey(
        "organisations.Body", verbose_name="接收机关", on_delete=models.PROTECT, related_name="+"
    )
    note = models.CharField("指导意见", max_length=1000)
    due_on = models.DateField("反馈期限")
    sent_by = models.CharField("下发人", max_length=100)
    sent_at = models.DateTimeField("下发时间")
    taken = models.JSONField("采用的编码", null=True, blank=True)
    kept = models.JSONField("不采用的编码及理由", null=True, blank=True)
    answered_by = models.CharField("反馈人", max_length=100, null=True, blank=True)
    answered_at = models.DateTimeField("反馈时间", null=True, blank=True)
    draft = models.ForeignKey(
        ListVersion,
        verbose_name="据以起草的版本",
        on_delete=models.PROTECT,
        related_name="guided_by",
        null=True,
        blank=True,
    )

    class Meta:
        verbose_name = "清单指导"
        verbose_name_plural = "清单指导"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["version", "body"], name="catalogue_guide_once"),
            models.CheckConstraint(
                condition=Q(answered_at__isnull=True, answered_by__isnull=True, taken__isnull=True)
                | Q(answered_at__isnull=False, answered_by__isnull=False, taken__isnull=False),
                name="catalogue_guide_answer_whole",
            ),
        ]
        indexes: ClassVar = [
            models.Index(fields=["body"], name="catalogue_guide_open", condition=Q(answered_at=None))
        ]

    def __str__(self) -> str:
        return f"{self.version} → {self.body_id}"


class GuideNote(models.Model):
    """A row of a pattern that the body means not to take over, with its reason, while its answer is being prepared.

    No fact yet: it may be changed until the answer is given, which then holds all of them.
    """

    guide = models.ForeignKey(
        ListGuide, verbose_name="清单指导", on_delete=models.PROTECT, related_name="notes"
    )
    code = models.CharField("编码", max_length=80)
    reason = models.CharField("不采用的理由", max_length=300)

    class Meta:
        verbose_name = "拟不采用的行"
        verbose_name_plural = "拟不采用的行"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["guide", "code"], name="catalogue_guide_note_once")
        ]

    def __str__(self) -> str:
        return f"{self.guide_id} {self.code}"

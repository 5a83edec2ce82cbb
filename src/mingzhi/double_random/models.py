"""随机抽查: what was committed to, what was drawn, who went, what was found. Every table only grows."""

from __future__ import annotations

from typing import ClassVar

from django.db import models
from django.db.models import F, Q

from mingzhi.double_random.choices import Outcome
from mingzhi.kernel.secrets import SealedTextField


class Avoidance(models.Model):
    """回避: this officer may not be sent to this target. Ended by filling in the day, once."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    person = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="检查人员"
    )
    target_code = models.CharField("检查对象编码", max_length=80)
    reason = models.CharField("回避事由", max_length=300)
    declared_by = models.CharField("登记人", max_length=100)
    declared_at = models.DateTimeField("登记时间")
    ended_at = models.DateTimeField("解除时间", null=True, blank=True)
    ended_by = models.CharField("解除人", max_length=100, null=True, blank=True)

    class Meta:
        verbose_name = "抽查回避登记"
        verbose_name_plural = "抽查回避登记"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["body", "person", "target_code"],
                condition=Q(ended_at__isnull=True),
                name="double_random_avoidance_once",
            )
        ]

    def __str__(self) -> str:
        return f"{self.person_id}—{self.target_code}"


class Draw(models.Model):
    """A draw as it was committed to: the rule, the pool and the promise, all fixed before any lot was known.

    ``secret`` opens ``commitment`` and is published with the drawing. ``share`` is in hundredths of a
    per cent of the pool, 0 where the number itself was set.
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    year = models.PositiveSmallIntegerField("年度")
    serial = models.PositiveIntegerField("序号")
    number = models.CharField("抽查编号", max_length=80)
    title = models.CharField("名称", max_length=200)
    item_code = models.CharField("抽查事项编码", max_length=80)
    item_name = models.CharField("抽查事项", max_length=300)
    basis = models.TextField("抽查依据")
    content = models.TextField("抽查内容")
    field = models.CharField("领域", max_length=40, blank=True)
    category = models.CharField("对象类别", max_length=120, blank=True)
    share = models.PositiveIntegerField("抽查比例（万分之）", default=0)
    count = models.PositiveIntegerField("抽取数量")
    size = models.PositiveIntegerField("名录对象数")
    officers = models.PositiveIntegerField("名录人员数")
    excused = models.JSONField("未列入名录的人员及事由", default=list)
    list_version = models.ForeignKey(
        "catalogue.ListVersion", models.PROTECT, related_name="+", verbose_name="检查对象名录库版本"
    )
    item_version = models.ForeignKey(
        "catalogue.ListVersion", models.PROTECT, related_name="+", verbose_name="随机抽查事项清单版本"
    )
    pool_id = models.BigIntegerField("名录文件")
    pool_digest = models.CharField("名录摘要", max_length=64)
    commitment = models.CharField("承诺值", max_length=64)
    secret = SealedTextField("随机数")
    committed_by = models.CharField("公布人", max_length=100)
    committed_name = models.CharField("公布人姓名", max_length=60)
    committed_at = models.DateTimeField("公布时间")

    class Meta:
        verbose_name = "随机抽查"
        verbose_name_plural = "随机抽查"
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["body", "year", "serial"], name="double_random_draw_once"),
            models.CheckConstraint(
                condition=Q(count__gt=0) & Q(count__lte=F("size")), name="double_random_draw_count"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Drawing(models.Model):
    """The drawing itself, once: by another person, with the number called out and a later checkpoint."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="drawing", verbose_name="随机抽查")
    words = models.CharField("现场报数", max_length=200)
    witnesses = models.CharField("现场监督", max_length=300)
    checkpoint = models.TextField("检查点")
    root = models.CharField("检查点根", max_length=64)
    seed = models.CharField("种子", max_length=64)
    outcome = models.CharField("结果摘要", max_length=64)
    assigned = models.CharField("任务摘要", max_length=64)
    drawn_by = models.CharField("主持人", max_length=100)
    drawn_name = models.CharField("主持人姓名", max_length=60)
    drawn_at = models.DateTimeField("抽取时间")

    class Meta:
        verbose_name = "抽取记录"
        verbose_name_plural = "抽取记录"

    def __str__(self) -> str:
        return str(self.draw_id)


class Voiding(models.Model):
    """A draw that does not count, with the reason; it stays on show, and nothing is drawn in its stead under
    the same number."""

    draw = models.OneToOneField(Draw, models.PROTECT, related_name="voiding", verbose_name="随机抽查")
    reason = models.CharField("作废理由", max_length=500)
    voided_by = models.CharField("批准人", max_length=100)
    voided_name = models.CharField("批准人姓名", max_length=60)
    voided_at = models.DateTimeField("作废时间")

    class Meta:
        verbose_name = "抽查作废"
        verbose_name_plural = "抽查作废"

    def __str__(self) -> str:
        return str(self.draw_id)


class Assignment(models.Model):
    """A drawn target and the two officers drawn for it, in the order of the draw."""

    draw = models.ForeignKey(Draw, models.PROTECT, related_name="assignments", verbose_name="随机抽查")
    place = models.PositiveIntegerField("抽取次序")
    target_code = models.CharField("检查对象编码", max_length=80)
    target_name = models.CharField("检查对象", max_length=300)
    first = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="检查人员甲"
    )
    second = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="检查人员乙"
    )
    first_number = models.CharField("检查人员甲执法证号", max_length=60)
    second_number = models.CharField("检查人员乙执法证号", max_length=60)

    class Meta:
        verbose_name = "抽查任务"
        verbose_name_plural = "抽查任务"
        ordering: ClassVar = ["draw", "place"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["draw", "place"], name="double_random_place_once"),
            models.CheckConstraint(condition=~Q(first=F("second")), name="double_random_two_officers"),
        ]

    def __str__(self) -> str:
        return f"{self.draw_id}-{self.place}"


class Replacement(models.Model):
    """An officer who could not go, and the one whom the draw's own order put in the place."""

    assignment = models.ForeignKey(
        Assignment, models.PROTECT, related_name="replacements", verbose_name="抽查任务"
    )
    out = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="替换的人员"
    )
    into = models.ForeignKey(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="接替的人员"
    )
    passed = models.JSONField("因当日无有效执法证件而越过的证号", default=list)
    reason = models.CharField("理由", max_length=300)
    replaced_by = models.CharField("经办人", max_length=100)
    replaced_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "抽查人员替换"
        verbose_name_plural = "抽查人员替换"
        ordering: ClassVar = ["pk"]
        constraints: ClassVar = [
            models.CheckConstraint(condition=~Q(out=F("into")), name="double_random_other_officer")
        ]

    def __str__(self) -> str:
        return f"{self.assignment_id}: {self.out_id}→{self.into_id}"


class Finding(models.Model):
    """What the inspection of one target found; given once, made public through the disclosure room."""

    assignment = models.OneToOneField(
        Assignment, models.PROTECT, related_name="finding", verbose_name="抽查任务"
    )
    outcome = models.CharField("检查结果", max_length=12, choices=Outcome.choices)
    facts = models.TextField("检查情况")
    measures = models.TextField("处理措施", blank=True)
    inspected_on = models.DateField("检查日期")
    officers = models.JSONField("检查人员")
    disclosure_id = models.BigIntegerField("公示")
    entered_by = models.CharField("登记人", max_length=100)
    entered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "抽查结果"
        verbose_name_plural = "抽查结果"

    def __str__(self) -> str:
        return f"{self.assignment_id} {self.get_outcome_display()}"


class FollowUp(models.Model):
    """查处结果: the case in which what an inspection found was punished; told once. Such an inspection is no
    longer counted beside the penalty (INS-13). ``reason`` says why the party punished is not the target."""

    finding = models.OneToOneField(Finding, models.PROTECT, related_name="follow_up", verbose_name="抽查结果")
    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="处罚案卷")
    number = models.CharField("案卷编号", max_length=80)
    reason = models.CharField("当事人与检查对象不一致的理由", max_length=300, blank=True, default="")
    by = models.CharField("登记人", max_length=100)
    by_name = models.CharField("登记人姓名", max_length=60)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "抽查后续处罚"
        verbose_name_plural = "抽查后续处罚"

    def __str__(self) -> str:
        return f"{self.finding_id} → {self.number}"

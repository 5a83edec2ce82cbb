"""法制审核: rounds of submission, opinions, disagreements."""

from __future__ import annotations

from django.db import models

from mingzhi.review import choices


class Review(models.Model):
    """One round of legal review. A new submission is a new round; the former stays (error-prone 12)."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    round = models.PositiveSmallIntegerField("轮次")
    unit = models.ForeignKey("organisations.Unit", models.PROTECT, related_name="+", verbose_name="送审机构")
    matter = models.CharField("送审事项", max_length=200)
    proposal = models.TextField("拟作出的决定")
    statement = models.TextField("情况说明")
    materials = models.JSONField("送审材料")
    triggers = models.JSONField("应审理由")
    submitted_by = models.CharField("送审人", max_length=40)
    submitted_at = models.DateTimeField("送审时间")
    state = models.CharField("状态", max_length=16, choices=choices.ReviewState.choices)
    accepted_at = models.DateTimeField("收件时间", null=True, blank=True)
    reviewer = models.ForeignKey(
        "organisations.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="审核人员",
    )
    missing = models.TextField("需补充的材料", blank=True)
    due_on = models.DateField("应完成日期", null=True, blank=True)
    extended = models.BooleanField("已延长", default=False)

    class Meta:
        verbose_name = "法制审核"
        verbose_name_plural = "法制审核"
        constraints = [models.UniqueConstraint(fields=("dossier", "round"), name="review_round_once")]
        indexes = [models.Index(fields=["body", "state", "due_on"], name="review_body_queue")]


class Opinion(models.Model):
    """审核意见: append-only. One round may hold several: after a coordination the reviewer speaks again."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="opinions", verbose_name="审核")
    kind = models.CharField("意见", max_length=16, choices=choices.OpinionKind.choices)
    checks = models.JSONField("逐项审核")
    text = models.TextField("具体意见")
    advisers = models.TextField("法律顾问、公职律师意见", blank=True)
    by = models.CharField("审核人", max_length=40)
    by_name = models.CharField("审核人姓名", max_length=60)
    at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = "审核意见"
        verbose_name_plural = "审核意见"


class Disagreement(models.Model):
    """意见不一致的书面回复和协调结果: append-only. Who departed from which opinion and why (R126, R130)."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="disagreements", verbose_name="审核")
    opinion = models.ForeignKey(Opinion, models.PROTECT, related_name="+", verbose_name="所针对的意见")
    kind = models.CharField(
        "种类", max_length=16, choices=[("reply", "承办机构书面回复"), ("coordination", "协调结果")]
    )
    text = models.TextField("内容")
    participants = models.TextField("参加人员", blank=True)
    outcome = models.CharField("协调结论", max_length=16, choices=choices.Coordination.choices, blank=True)
    by = models.CharField("记录人", max_length=40)
    by_name = models.CharField("记录人姓名", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "意见分歧"
        verbose_name_plural = "意见分歧"


class Seat(models.Model):
    """共同名义作出决定的其他机关 (R105): append-only. Its own review unit reviews in a dossier of its own,
    ``own``, so that its people see that dossier and nothing else of the leading body's file."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="牵头案卷")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    unit = models.ForeignKey("organisations.Unit", models.PROTECT, related_name="+", verbose_name="协办机构")
    own = models.OneToOneField(
        "dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="该机关的审核案卷"
    )
    by = models.CharField("登记人", max_length=40)
    by_name = models.CharField("登记人姓名", max_length=60)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "共同审核机关"
        verbose_name_plural = "共同审核机关"
        constraints = [models.UniqueConstraint(fields=("dossier", "body"), name="review_seat_once")]


class Weighed(models.Model):
    """应审事实 handed in by a matter when it was proposed, sent or decided: append-only. What the review
    list was asked about, kept so that another list can be tried on it (R115)."""

    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    facts = models.JSONField("事实", help_text="空表示不再拟作出须审核的决定")
    caught = models.JSONField("当时目录列明的情形")
    decided = models.BooleanField("作出决定时", default=False)
    unit = models.ForeignKey("organisations.Unit", models.PROTECT, related_name="+", verbose_name="承办机构")
    by = models.CharField("提出人", max_length=40)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "应审事实"
        verbose_name_plural = "应审事实"
        indexes = [
            models.Index(fields=["body", "at"], name="review_weighed_body"),
            models.Index(fields=["dossier", "-id"], name="review_weighed_last"),
        ]


class Adviser(models.Model):
    """法律顾问、公职律师库 (R109, R110): who may be asked, until when, and whether other bodies may ask too."""

    person = models.OneToOneField(
        "organisations.Person", models.PROTECT, related_name="+", verbose_name="人员"
    )
    kind = models.CharField("种类", max_length=16, choices=choices.AdviserKind.choices)
    employer = models.CharField("所在单位", max_length=120)
    licence = models.CharField("执业证号", max_length=60)
    fields = models.CharField("擅长领域", max_length=200, blank=True)
    term_from = models.DateField("聘期自")
    term_until = models.DateField("聘期至", help_text="含当日")
    shared = models.BooleanField("纳入统筹调用", default=False)
    registered_by = models.CharField("登记人", max_length=40)
    registered_at = models.DateTimeField("登记时间")
    ended_on = models.DateField("解聘日期", null=True, blank=True)
    end_reason = models.CharField("解聘原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "法律顾问、公职律师"
        verbose_name_plural = "法律顾问、公职律师"
        constraints = [
            models.CheckConstraint(
                condition=models.Q(term_until__gte=models.F("term_from")), name="adviser_ends_after_start"
            )
        ]


class Consultation(models.Model):
    """提请咨询: append-only. An adviser is asked on one round, and once."""

    review = models.ForeignKey(Review, models.PROTECT, related_name="consultations", verbose_name="审核")
    adviser = models.ForeignKey(Adviser, models.PROTECT, related_name="+", verbose_name="法律顾问、公职律师")
    question = models.TextField("咨询问题")
    by = models.CharField("提请人", max_length=40)
    by_name = models.CharField("提请人姓名", max_length=60)
    at = models.DateTimeField("提请时间")

    class Meta:
        verbose_name = "法律咨询"
        verbose_name_plural = "法律咨询"
        constraints = [models.UniqueConstraint(fields=("review", "adviser"), name="consultation_once")]


class Advice(models.Model):
    """法律意见 beside the reviewer's own, never instead of it: append-only. Or a recusal with its reason."""

    consultation = models.OneToOneField(
        Consultation, models.PROTECT, related_name="advice", verbose_name="咨询"
    )
    recused = models.BooleanField("回避")
    text = models.TextField("法律意见")
    by = models.CharField("出具人", max_length=40)
    by_name = models.CharField("出具人姓名", max_length=60)
    at = models.DateTimeField("出具时间")

    class Meta:
        verbose_name = "法律意见"
        verbose_name_plural = "法律意见"

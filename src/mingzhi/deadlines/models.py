"""Clocks, what lengthened or paused them, and the calendar they are reckoned on."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from mingzhi.deadlines.choices import DayKind, RevisionAct, State, YearStatus


class CalendarYear(models.Model):
    """One year of the calendar: the notice behind it and a hash over its days."""

    year = models.PositiveSmallIntegerField("年份", primary_key=True)
    status = models.CharField("状态", max_length=12, choices=YearStatus.choices)
    notice = models.CharField("通知名称", max_length=200, blank=True)
    numbers = models.CharField("文号", max_length=200, blank=True)
    version = models.CharField("版本", max_length=12)
    edited = models.BooleanField("曾经手工修改", default=False)

    class Meta:
        verbose_name = "年度日历"

    def __str__(self) -> str:
        return f"{self.year}（{self.get_status_display()}）"


class CalendarDay(models.Model):
    """A day that does not follow the week. ``table`` is the year whose notice names it."""

    date = models.DateField("日期", primary_key=True)
    kind = models.CharField("安排", max_length=8, choices=DayKind.choices)
    name = models.CharField("名称", max_length=40, blank=True)
    notice = models.CharField("依据", max_length=200, blank=True)
    table = models.PositiveSmallIntegerField("年度")

    class Meta:
        verbose_name = "日历日"
        ordering = ("date",)

    def __str__(self) -> str:
        return f"{self.date} {self.get_kind_display()} {self.name}"


class CalendarRevision(models.Model):
    """One change of the calendar, as it was made. Append-only; each has a ledger entry."""

    act = models.CharField("变动", max_length=8, choices=RevisionAct.choices)
    year = models.PositiveSmallIntegerField("年份")
    day = models.DateField("日期", null=True)
    kind = models.CharField("安排", max_length=8, choices=DayKind.choices, blank=True)
    name = models.CharField("名称", max_length=40, blank=True)
    notice = models.CharField("依据", max_length=200, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    version = models.CharField("变动后版本", max_length=12)
    by = models.CharField("变动人", max_length=40)
    at = models.DateTimeField("变动时间")

    class Meta:
        verbose_name = "日历变动"

    def __str__(self) -> str:
        return f"{self.year} {self.get_act_display()}"


class Deadline(models.Model):
    """One clock: started by a fact, under a norm as it stood, ending on a computed, indexed day.

    Everything the result leaned on is kept (TIME-15): norm and version, event, calendar version and
    the days left out. ``due_on`` is empty while the clock is suspended, because nobody can know it
    then; ``alarm_on`` is the un-rolled end (TIME-14).
    """

    subject = models.CharField("对象", max_length=80)
    dossier_id = models.BigIntegerField("案卷", null=True)
    body_id = models.BigIntegerField("机关")
    unit_id = models.BigIntegerField("承办机构", null=True)
    norm = models.CharField("规则", max_length=120)
    norm_version = models.CharField("规则版本", max_length=80, blank=True)
    label = models.CharField("期限名称", max_length=80)
    citation = models.CharField("依据", max_length=300, blank=True)
    started_at = models.DateTimeField("起算事实时间")
    n = models.PositiveIntegerField("数")
    unit = models.CharField("单位", max_length=2)
    roll = models.BooleanField("末日遇休息日顺延", default=True)
    warn_at = models.JSONField("提前提醒（日）", default=list)
    extended = models.CharField("已延长", max_length=120, blank=True)
    state = models.CharField("状态", max_length=10, choices=State.choices, default=State.RUNNING)
    suspended_on = models.DateField("中止日", null=True)
    due_on = models.DateField("届满日", null=True)
    due_at = models.DateTimeField("届满时刻", null=True)
    alarm_on = models.DateField("提醒日", null=True)
    provisional = models.BooleanField("暂定", default=False)
    calendar_version = models.CharField("日历版本", max_length=12)
    skipped = models.JSONField("未计入的日子", default=list)
    ended_at = models.DateTimeField("终止时间", null=True)
    started_by = models.CharField("起算登记人", max_length=40)
    recorded_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "期限"
        constraints = (
            models.UniqueConstraint(
                fields=["subject", "norm"],
                condition=Q(ended_at__isnull=True),
                name="deadline_once_open",
                violation_error_message="同一对象的同一期限不能同时计算两次",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["met", "dropped"], ended_at__isnull=False)
                | Q(state__in=["running", "suspended"], ended_at__isnull=True),
                name="deadline_ended_iff_closed",
                violation_error_message="已办结或终止的期限应有终止时间，计算中的不应有",
            ),
            models.CheckConstraint(
                condition=Q(state="suspended", suspended_on__isnull=False, due_on__isnull=True)
                | Q(state="running", suspended_on__isnull=True, due_on__isnull=False)
                | Q(state__in=["met", "dropped"]),
                name="deadline_due_iff_running",
                violation_error_message="计算中的期限应有届满日，中止的期限没有",
            ),
            models.CheckConstraint(
                condition=Q(due_on__isnull=True) | Q(alarm_on__lte=F("due_on")),
                name="deadline_alarm_not_after_due",
                violation_error_message="提醒日不应晚于届满日",
            ),
        )
        indexes = (
            # «What is late?»: one range of this index, whatever the number of closed clocks.
            models.Index(
                fields=["body_id", "due_on"], condition=Q(ended_at__isnull=True), name="deadline_open_due"
            ),
            models.Index(fields=["dossier_id", "due_on"], name="deadline_dossier"),
        )

    def __str__(self) -> str:
        return f"{self.label}（{self.subject}）"


class Suspension(models.Model):
    """A stretch of days that does not count. Begins here; ends with a ``Resumption``. Append-only."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="suspensions")
    since = models.DateField("中止日")
    reason = models.CharField("原因", max_length=300)
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "期限中止"

    def __str__(self) -> str:
        return f"自 {self.since} 中止"


class Resumption(models.Model):
    """The day on which a suspended clock counts again. Append-only."""

    suspension = models.OneToOneField(Suspension, on_delete=models.PROTECT, related_name="resumption")
    on = models.DateField("恢复日")
    reason = models.CharField("说明", max_length=300, blank=True)
    due_on = models.DateField("恢复后届满日")
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "期限恢复"

    def __str__(self) -> str:
        return f"{self.on} 恢复"


class Extension(models.Model):
    """An approved extension: by a term, or (deferral) until a day. Append-only."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="extensions")
    n = models.PositiveIntegerField("数", null=True)
    unit = models.CharField("单位", max_length=2, blank=True)
    until = models.DateField("延至", null=True)
    reason = models.CharField("原因", max_length=300)
    approved_by = models.CharField("批准人", max_length=80)
    old_due_on = models.DateField("原届满日", null=True)
    due_on = models.DateField("延长后届满日", null=True)
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "期限延长"
        constraints = (
            models.CheckConstraint(
                condition=Q(n__isnull=False, until__isnull=True) | Q(n__isnull=True, until__isnull=False),
                name="extension_term_or_day",
                violation_error_message="延长应写明时长或者截止日，二者择一",
            ),
        )

    def __str__(self) -> str:
        return f"延长 {self.n}{self.unit}" if self.n else f"延至 {self.until}"


class Recalculation(models.Model):
    """A due day moved because the calendar changed, by somebody's explicit act. Append-only."""

    deadline = models.ForeignKey(Deadline, on_delete=models.PROTECT, related_name="recalculations")
    old_due_on = models.DateField("原届满日")
    due_on = models.DateField("新届满日")
    old_version = models.CharField("原日历版本", max_length=12)
    version = models.CharField("新日历版本", max_length=12)
    reason = models.CharField("原因", max_length=300)
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "期限重算"

    def __str__(self) -> str:
        return f"{self.old_due_on} → {self.due_on}"

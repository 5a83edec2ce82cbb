"""What recordings are made with and where: devices, rooms, bookings, guides and demonstration videos."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q

from mingzhi.recording import choices


class Device(models.Model):
    """A recording device of a body. ``state`` and ``holder`` are folded from its events, which are
    append-only; every event holds this row, so two people cannot take one device."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="配备机构"
    )
    kind = models.CharField("类别", max_length=16, choices=choices.DeviceKind.choices)
    asset_number = models.CharField("设备编号", max_length=40)
    model_name = models.CharField("品牌型号", max_length=80, blank=True)
    serial = models.CharField("出厂编号", max_length=80, blank=True)
    acquired_on = models.DateField("购置日期", null=True, blank=True)
    state = models.CharField(
        "状态", max_length=10, choices=choices.DeviceState.choices, default=choices.DeviceState.STORED
    )
    holder = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="领用人"
    )

    class Meta:
        verbose_name = "执法设备"
        verbose_name_plural = "执法设备"
        ordering = ("asset_number",)
        constraints = (
            models.UniqueConstraint(fields=["body", "asset_number"], name="recording_device_number_once"),
            models.CheckConstraint(
                condition=Q(state="issued", holder__isnull=False) | (~Q(state="issued") & Q(holder=None)),
                name="recording_device_holder_when_issued",
            ),
        )

    def __str__(self) -> str:
        return self.asset_number


class DeviceEvent(models.Model):
    """One thing that happened to a device. ``battery`` and ``storage`` are per cent left; ``offset_s`` is
    the device's clock minus true time; ``passed`` says whether a check found it fit for use."""

    device = models.ForeignKey(Device, models.PROTECT, related_name="events", verbose_name="设备")
    act = models.CharField("事项", max_length=12, choices=choices.DeviceAct.choices)
    person = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="人员"
    )
    battery = models.PositiveSmallIntegerField("电量（%）", null=True, blank=True)
    storage = models.PositiveSmallIntegerField("剩余存储（%）", null=True, blank=True)
    offset_s = models.IntegerField("时钟误差（秒）", null=True, blank=True)
    passed = models.BooleanField("可用", null=True, blank=True)
    note = models.CharField("说明", max_length=300, blank=True)
    by = models.CharField("经办", max_length=40)
    by_name = models.CharField("经办人姓名", max_length=60)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "设备记事"
        verbose_name_plural = "设备记事"
        ordering = ("pk",)
        indexes = (models.Index(fields=["device", "act", "at"], name="recording_device_act"),)


class TerminalPass(models.Model):
    """A code with which one phone may enter the register: shown to the keeper once, good for a while, spent
    once. What came of it is an event of the device; this row is only the lock."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    mark = models.CharField("登记码摘要", max_length=64)
    allowed_by = models.CharField("允许人", max_length=40)
    allowed_name = models.CharField("允许人姓名", max_length=60)
    valid_until = models.DateTimeField("有效期至")
    spent_at = models.DateTimeField("使用时间", null=True, blank=True)

    class Meta:
        verbose_name = "移动执法终端登记码"
        verbose_name_plural = "移动执法终端登记码"
        indexes = (models.Index(fields=["body", "mark"], name="recording_pass_mark"),)


class Room(models.Model):
    """执法办案场所: what is done in it is recorded whole (R075)."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    kind = models.CharField("类别", max_length=10, choices=choices.RoomKind.choices)
    name = models.CharField("名称", max_length=60)
    place = models.CharField("位置", max_length=120)
    capacity = models.PositiveSmallIntegerField("容纳人数", null=True, blank=True)
    equipment = models.CharField("固定设备", max_length=200, blank=True)
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "执法办案场所"
        verbose_name_plural = "执法办案场所"
        ordering = ("name",)
        constraints = (models.UniqueConstraint(fields=["body", "name"], name="recording_room_name_once"),)

    def __str__(self) -> str:
        return self.name


class Booking(models.Model):
    """A room for a dossier from ``starts_at`` (included) to ``ends_at`` (not included).

    Bookings of a room that are not cancelled never overlap: an exclusion constraint on PostgreSQL, a
    trigger on SQLite. ``cancelled_at`` is filled once; how it ended stands in ``BookingEnd``.
    """

    room = models.ForeignKey(Room, models.PROTECT, related_name="bookings", verbose_name="场所")
    dossier = models.ForeignKey("dossiers.Dossier", models.PROTECT, related_name="+", verbose_name="案卷")
    purpose = models.CharField("用途", max_length=120)
    starts_at = models.DateTimeField("开始时间")
    ends_at = models.DateTimeField("结束时间")
    by = models.CharField("预约人", max_length=40)
    by_name = models.CharField("预约人姓名", max_length=60)
    at = models.DateTimeField("预约时间")
    cancelled_at = models.DateTimeField("取消时间", null=True, blank=True)

    class Meta:
        verbose_name = "场所预约"
        verbose_name_plural = "场所预约"
        indexes = (models.Index(fields=["room", "starts_at"], name="recording_booking_room"),)
        constraints = (
            models.CheckConstraint(condition=Q(ends_at__gt=F("starts_at")), name="recording_booking_period"),
        )


class BookingEnd(models.Model):
    """How a booking ended: used from … to …, or cancelled and why."""

    booking = models.OneToOneField(Booking, models.PROTECT, related_name="end", verbose_name="预约")
    kind = models.CharField("结果", max_length=10, choices=choices.Closing.choices)
    entered_at = models.DateTimeField("进入时间", null=True, blank=True)
    left_at = models.DateTimeField("离开时间", null=True, blank=True)
    reason = models.CharField("原因", max_length=200, blank=True)
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "场所使用情况"
        verbose_name_plural = "场所使用情况"


class BookingRecord(models.Model):
    """A recording was made in a booked room."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="records", verbose_name="预约")
    record = models.OneToOneField("recording.Record", models.PROTECT, related_name="room_use")
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "场所记录"
        verbose_name_plural = "场所记录"


class Guide(models.Model):
    """A demonstration video (R085) or words to say while recording (R078), for an act of the list.

    Never changed: a new wording is a new row and the old one is withdrawn (``withdrawn_at``, once).
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    kind = models.CharField("类别", max_length=8, choices=choices.GuideKind.choices)
    act = models.CharField("执法环节", max_length=60, blank=True)
    title = models.CharField("名称", max_length=120)
    text = models.TextField("内容", blank=True)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="视频"
    )
    publisher = models.CharField("发布单位", max_length=80)
    published_on = models.DateField("发布日期")
    by = models.CharField("登记人", max_length=40)
    at = models.DateTimeField("登记时间")
    withdrawn_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "记录指引"
        verbose_name_plural = "记录指引"
        constraints = (
            models.CheckConstraint(
                condition=Q(kind="video", file__isnull=False) | (Q(kind="phrase") & ~Q(text="")),
                name="recording_guide_has_content",
            ),
        )

    def __str__(self) -> str:
        return self.title

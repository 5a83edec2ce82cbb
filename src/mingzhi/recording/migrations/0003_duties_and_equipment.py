"""Expected recordings with their window, answers to excuses, probes, notes, devices, rooms, guides."""

import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0001_initial"),
        ("files", "0002_append_only"),
        ("organisations", "0002_append_only"),
        ("recording", "0002_append_only"),
    ]

    operations = [
        # Nothing ever wrote into this table before it got its window, its mode and its step.
        migrations.DeleteModel("Expected"),
        migrations.AddField(
            model_name="excuse",
            name="record",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="excuses",
                to="recording.record",
                verbose_name="中断的记录",
            ),
        ),
        migrations.CreateModel(
            name="Booking",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("purpose", models.CharField(max_length=120, verbose_name="用途")),
                ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                ("ends_at", models.DateTimeField(verbose_name="结束时间")),
                ("by", models.CharField(max_length=40, verbose_name="预约人")),
                ("by_name", models.CharField(max_length=60, verbose_name="预约人姓名")),
                ("at", models.DateTimeField(verbose_name="预约时间")),
                ("cancelled_at", models.DateTimeField(blank=True, null=True, verbose_name="取消时间")),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dossiers.dossier",
                        verbose_name="案卷",
                    ),
                ),
            ],
            options={
                "verbose_name": "场所预约",
                "verbose_name_plural": "场所预约",
            },
        ),
        migrations.CreateModel(
            name="BookingEnd",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("used", "已使用"), ("cancelled", "已取消")],
                        max_length=10,
                        verbose_name="结果",
                    ),
                ),
                ("entered_at", models.DateTimeField(blank=True, null=True, verbose_name="进入时间")),
                ("left_at", models.DateTimeField(blank=True, null=True, verbose_name="离开时间")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="原因")),
                ("by", models.CharField(max_length=40, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "booking",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="end",
                        to="recording.booking",
                        verbose_name="预约",
                    ),
                ),
            ],
            options={
                "verbose_name": "场所使用情况",
                "verbose_name_plural": "场所使用情况",
            },
        ),
        migrations.CreateModel(
            name="BookingRecord",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "booking",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="records",
                        to="recording.booking",
                        verbose_name="预约",
                    ),
                ),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="room_use",
                        to="recording.record",
                    ),
                ),
            ],
            options={
                "verbose_name": "场所记录",
                "verbose_name_plural": "场所记录",
            },
        ),
        migrations.CreateModel(
            name="Device",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("body_camera", "执法记录仪"),
                            ("camcorder", "摄像机"),
                            ("camera", "照相机"),
                            ("recorder", "录音笔"),
                            ("phone", "手机"),
                            ("drone", "无人机"),
                            ("fixed", "固定摄像头"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("asset_number", models.CharField(max_length=40, verbose_name="设备编号")),
                ("model_name", models.CharField(blank=True, max_length=80, verbose_name="品牌型号")),
                ("serial", models.CharField(blank=True, max_length=80, verbose_name="出厂编号")),
                ("acquired_on", models.DateField(blank=True, null=True, verbose_name="购置日期")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("stored", "在库"),
                            ("issued", "领用中"),
                            ("faulty", "故障待修"),
                            ("retired", "已报废"),
                        ],
                        default="stored",
                        max_length=10,
                        verbose_name="状态",
                    ),
                ),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
                (
                    "holder",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.person",
                        verbose_name="领用人",
                    ),
                ),
                (
                    "unit",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="配备机构",
                    ),
                ),
            ],
            options={
                "verbose_name": "执法设备",
                "verbose_name_plural": "执法设备",
                "ordering": ("asset_number",),
            },
        ),
        migrations.CreateModel(
            name="DeviceEvent",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "act",
                    models.CharField(
                        choices=[
                            ("registered", "登记入库"),
                            ("issued", "领用"),
                            ("returned", "归还"),
                            ("checked", "使用前检查"),
                            ("faulted", "报告故障"),
                            ("repaired", "修复入库"),
                            ("retired", "报废"),
                        ],
                        max_length=12,
                        verbose_name="事项",
                    ),
                ),
                (
                    "battery",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="电量（%）"),
                ),
                (
                    "storage",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="剩余存储（%）"),
                ),
                ("offset_s", models.IntegerField(blank=True, null=True, verbose_name="时钟误差（秒）")),
                ("passed", models.BooleanField(blank=True, null=True, verbose_name="可用")),
                ("note", models.CharField(blank=True, max_length=300, verbose_name="说明")),
                ("by", models.CharField(max_length=40, verbose_name="经办")),
                ("by_name", models.CharField(max_length=60, verbose_name="经办人姓名")),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "device",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="events",
                        to="recording.device",
                        verbose_name="设备",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.person",
                        verbose_name="人员",
                    ),
                ),
            ],
            options={
                "verbose_name": "设备记事",
                "verbose_name_plural": "设备记事",
                "ordering": ("pk",),
            },
        ),
        migrations.CreateModel(
            name="ExcuseDecision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("approved", models.BooleanField(verbose_name="批准")),
                ("opinion", models.CharField(blank=True, max_length=300, verbose_name="意见")),
                ("at", models.DateTimeField(verbose_name="审批时间")),
                (
                    "decided_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.person",
                        verbose_name="审批人",
                    ),
                ),
                (
                    "excuse",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="decision",
                        to="recording.excuse",
                        verbose_name="说明",
                    ),
                ),
            ],
            options={
                "verbose_name": "未作音像记录审批",
                "verbose_name_plural": "未作音像记录审批",
            },
        ),
        migrations.CreateModel(
            name="Expected",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("act", models.CharField(max_length=60, verbose_name="执法环节")),
                (
                    "mode",
                    models.CharField(
                        choices=[
                            ("full", "全程音像记录"),
                            ("required", "应当音像记录"),
                            ("situational", "根据实际情况音像记录"),
                            ("optional", "文字记录为主"),
                        ],
                        max_length=16,
                        verbose_name="记录要求",
                    ),
                ),
                ("step", models.PositiveBigIntegerField(blank=True, null=True, verbose_name="环节")),
                ("began_at", models.DateTimeField(verbose_name="环节开始时间")),
                ("ended_at", models.DateTimeField(verbose_name="环节结束时间")),
                ("window_from", models.DateTimeField(verbose_name="记录起算")),
                ("window_until", models.DateTimeField(verbose_name="记录截止")),
                ("due_at", models.DateTimeField(verbose_name="应上传时间")),
                ("citation", models.CharField(blank=True, max_length=200, verbose_name="时限依据")),
                ("noted_by", models.CharField(max_length=40, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dossiers.dossier",
                        verbose_name="案卷",
                    ),
                ),
            ],
            options={
                "verbose_name": "待上传音像记录",
                "verbose_name_plural": "待上传音像记录",
            },
        ),
        migrations.CreateModel(
            name="Guide",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("video", "示范视频"), ("phrase", "用语指引")],
                        max_length=8,
                        verbose_name="类别",
                    ),
                ),
                ("act", models.CharField(blank=True, max_length=60, verbose_name="执法环节")),
                ("title", models.CharField(max_length=120, verbose_name="名称")),
                ("text", models.TextField(blank=True, verbose_name="内容")),
                ("publisher", models.CharField(max_length=80, verbose_name="发布单位")),
                ("published_on", models.DateField(verbose_name="发布日期")),
                ("by", models.CharField(max_length=40, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                ("withdrawn_at", models.DateTimeField(blank=True, null=True, verbose_name="停用时间")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
                (
                    "file",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="视频",
                    ),
                ),
            ],
            options={
                "verbose_name": "记录指引",
                "verbose_name_plural": "记录指引",
            },
        ),
        migrations.CreateModel(
            name="Note",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("position_ms", models.PositiveBigIntegerField(verbose_name="位置（毫秒）")),
                ("text", models.CharField(max_length=500, verbose_name="内容")),
                ("by", models.CharField(max_length=40, verbose_name="标注人")),
                ("by_name", models.CharField(max_length=60, verbose_name="标注人姓名")),
                ("at", models.DateTimeField(verbose_name="标注时间")),
                (
                    "record",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notes",
                        to="recording.record",
                        verbose_name="记录",
                    ),
                ),
            ],
            options={
                "verbose_name": "时点标注",
                "verbose_name_plural": "时点标注",
            },
        ),
        migrations.CreateModel(
            name="Probe",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "outcome",
                    models.CharField(
                        choices=[("read", "已识别"), ("partial", "部分识别"), ("failed", "无法识别")],
                        max_length=8,
                        verbose_name="结果",
                    ),
                ),
                ("container", models.CharField(blank=True, max_length=60, verbose_name="封装格式")),
                (
                    "duration_ms",
                    models.PositiveBigIntegerField(blank=True, null=True, verbose_name="时长（毫秒）"),
                ),
                ("video_codec", models.CharField(blank=True, max_length=40, verbose_name="视频编码")),
                ("audio_codec", models.CharField(blank=True, max_length=40, verbose_name="音频编码")),
                ("width", models.PositiveIntegerField(blank=True, null=True, verbose_name="宽")),
                ("height", models.PositiveIntegerField(blank=True, null=True, verbose_name="高")),
                ("found_at", models.DateTimeField(blank=True, null=True, verbose_name="文件内记载的时间")),
                ("remarks", models.JSONField(blank=True, default=list, verbose_name="系统提示")),
                ("at", models.DateTimeField(verbose_name="识别时间")),
                (
                    "record",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="probe",
                        to="recording.record",
                        verbose_name="记录",
                    ),
                ),
                (
                    "thumb",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="缩略图",
                    ),
                ),
                (
                    "wave",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="files.storedfile",
                        verbose_name="波形图",
                    ),
                ),
            ],
            options={
                "verbose_name": "文件识别结果",
                "verbose_name_plural": "文件识别结果",
            },
        ),
        migrations.CreateModel(
            name="Room",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("inquiry", "询问室"), ("hearing", "听证室"), ("other", "其他执法办案场所")],
                        max_length=10,
                        verbose_name="类别",
                    ),
                ),
                ("name", models.CharField(max_length=60, verbose_name="名称")),
                ("place", models.CharField(max_length=120, verbose_name="位置")),
                (
                    "capacity",
                    models.PositiveSmallIntegerField(blank=True, null=True, verbose_name="容纳人数"),
                ),
                ("equipment", models.CharField(blank=True, max_length=200, verbose_name="固定设备")),
                ("by", models.CharField(max_length=40, verbose_name="登记人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
            ],
            options={
                "verbose_name": "执法办案场所",
                "verbose_name_plural": "执法办案场所",
                "ordering": ("name",),
            },
        ),
        migrations.AddField(
            model_name="booking",
            name="room",
            field=models.ForeignKey(
                on_delete=django.db.models.deletion.PROTECT,
                related_name="bookings",
                to="recording.room",
                verbose_name="场所",
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.UniqueConstraint(
                fields=("body", "asset_number"), name="recording_device_number_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="device",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("holder__isnull", False), ("state", "issued")),
                    models.Q(models.Q(("state", "issued"), _negated=True), ("holder", None)),
                    _connector="OR",
                ),
                name="recording_device_holder_when_issued",
            ),
        ),
        migrations.AddIndex(
            model_name="deviceevent",
            index=models.Index(fields=["device", "act", "at"], name="recording_device_act"),
        ),
        migrations.AddConstraint(
            model_name="excusedecision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("approved", True), models.Q(("opinion", ""), _negated=True), _connector="OR"
                ),
                name="recording_refusal_has_opinion",
            ),
        ),
        migrations.AddIndex(
            model_name="expected",
            index=models.Index(fields=["body", "due_at"], name="recording_due"),
        ),
        migrations.AddIndex(
            model_name="expected",
            index=models.Index(fields=["dossier", "act"], name="recording_expected_act"),
        ),
        migrations.AddConstraint(
            model_name="expected",
            constraint=models.UniqueConstraint(
                fields=("dossier", "act", "ended_at"), name="recording_expected_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="expected",
            constraint=models.CheckConstraint(
                condition=models.Q(("ended_at__gte", models.F("began_at"))),
                name="recording_expected_ends_after_start",
            ),
        ),
        migrations.AddConstraint(
            model_name="guide",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("file__isnull", False), ("kind", "video")),
                    models.Q(("kind", "phrase"), models.Q(("text", ""), _negated=True)),
                    _connector="OR",
                ),
                name="recording_guide_has_content",
            ),
        ),
        migrations.AddIndex(
            model_name="note",
            index=models.Index(fields=["record", "position_ms"], name="recording_note_position"),
        ),
        migrations.AddConstraint(
            model_name="room",
            constraint=models.UniqueConstraint(fields=("body", "name"), name="recording_room_name_once"),
        ),
        migrations.AddIndex(
            model_name="booking",
            index=models.Index(fields=["room", "starts_at"], name="recording_booking_room"),
        ),
        migrations.AddConstraint(
            model_name="booking",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="recording_booking_period"
            ),
        ),
    ]

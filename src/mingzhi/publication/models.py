"""公示: disclosures, their append-only versions and history, and what the public sends in.

Two sides kept apart: ``Disclosure`` and ``Snapshot`` are the desk's and hold what must not leave
(encrypted); ``Version`` and ``PublicRecord`` hold only what was published. Public pages read the
second side and never the first.
"""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.kernel.secrets import SealedTextField
from mingzhi.publication import choices


class Disclosure(models.Model):
    """The duty to disclose one decision, and where the work on it stands."""

    dossier = models.ForeignKey(
        "dossiers.Dossier", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="案卷"
    )
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="公示机关")
    unit_id = models.BigIntegerField("承办机构编号", null=True, blank=True)
    kind = models.CharField("决定种类", max_length=16, choices=choices.DecisionKind.choices)
    number = models.CharField("决定书文号", max_length=128)
    title = models.CharField("案由", max_length=200)
    state = models.CharField(
        "状态", max_length=16, choices=choices.State.choices, default=choices.State.SCHEDULED
    )
    decided_on = models.DateField("决定日期")
    due_on = models.DateField("应公示日期")
    norm = models.CharField("期限依据项", max_length=60)
    citation = models.CharField("期限依据", max_length=200, blank=True)
    expires_on = models.DateField("公示截止日期", null=True, blank=True)
    severity = models.CharField("失信程度", max_length=16, choices=choices.Severity.choices, blank=True)
    policies = models.JSONField("各渠道公示规则", default=list)
    scheduled_at = models.DateTimeField("列入时间")
    scheduled_by = models.CharField("列入人", max_length=40)
    # The open draft: masks and releases are offsets into the current snapshot, never text.
    summary = models.TextField("通俗说明", blank=True)
    masks = models.JSONField("人工遮盖", default=list)
    releases = models.JSONField("放行", default=list)
    draft = models.JSONField("公示稿", default=dict)
    collected_by = models.CharField("采集人", max_length=40, blank=True)
    collected_name = models.CharField("采集人姓名", max_length=60, blank=True)
    collected_at = models.DateTimeField("采集时间", null=True, blank=True)
    checked_by = models.CharField("审核人", max_length=40, blank=True)
    checked_name = models.CharField("审核人姓名", max_length=60, blank=True)
    checked_at = models.DateTimeField("审核时间", null=True, blank=True)
    return_reason = models.TextField("退回理由", blank=True)
    correction_reason = models.TextField("更正理由", blank=True)
    withhold_reason = models.CharField(
        "不予公开情形", max_length=16, choices=choices.WithholdReason.choices, blank=True
    )
    withhold_note = models.TextField("不予公开说明", blank=True)
    withhold_basis = models.CharField("不予公开依据", max_length=300, blank=True)
    withhold_proposed_by = models.CharField("提出人", max_length=40, blank=True)
    withhold_approved_by = models.CharField("批准人", max_length=40, blank=True)
    withdraw_by = models.DateField("应撤下日期", null=True, blank=True)
    withdraw_reason = models.TextField("应撤下理由", blank=True)
    withdraw_basis = models.CharField("应撤下依据", max_length=300, blank=True)
    version_no = models.PositiveIntegerField("已发布版次", default=0)
    published_at = models.DateTimeField("首次公示时间", null=True, blank=True)

    class Meta:
        verbose_name = "公示"
        verbose_name_plural = "公示"
        indexes = [
            models.Index(fields=["body", "state", "due_on"], name="disclosure_body_state"),
            models.Index(fields=["state", "due_on"], name="disclosure_due"),
            models.Index(fields=["dossier"], name="disclosure_dossier"),
            models.Index(fields=["expires_on"], name="disclosure_expiry", condition=Q(state="published")),
            models.Index(
                fields=["withdraw_by"], name="disclosure_withdraw", condition=Q(withdraw_by__isnull=False)
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(collected_by="") | Q(checked_by="") | ~Q(collected_by=models.F("checked_by")),
                name="disclosure_collector_not_checker",
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(version_no__gt=0), name="disclosure_published_has_version"
            ),
            models.CheckConstraint(
                condition=~Q(state="withheld") | ~Q(withhold_reason=""), name="disclosure_withheld_has_reason"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Snapshot(models.Model):
    """What a room pushed, as pushed. Ciphertext at rest; append-only; a correction pushes another."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="snapshots", verbose_name="公示")
    no = models.PositiveIntegerField("序号")
    content = SealedTextField("内容")
    made_at = models.DateTimeField("时间")
    made_by = models.CharField("经办", max_length=40)

    class Meta:
        verbose_name = "公示来源"
        verbose_name_plural = "公示来源"
        constraints = [models.UniqueConstraint(fields=("disclosure", "no"), name="snapshot_no_once")]


class Version(models.Model):
    """A published text. Append-only: a correction is a further version, a withdrawal a further event."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="versions", verbose_name="公示")
    no = models.PositiveIntegerField("版次")
    content = models.JSONField("公示内容")
    reason = models.TextField("更正理由", blank=True)
    published_at = models.DateTimeField("发布时间")
    published_by = models.CharField("发布人", max_length=40)
    collected_by = models.CharField("采集人", max_length=40)
    checked_by = models.CharField("审核人", max_length=40)

    class Meta:
        verbose_name = "公示版本"
        verbose_name_plural = "公示版本"
        constraints = [models.UniqueConstraint(fields=("disclosure", "no"), name="version_no_once")]


class Event(models.Model):
    """One thing that happened to a disclosure. Append-only; each has its ledger entry."""

    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="events", verbose_name="公示")
    kind = models.CharField("事项", max_length=24, choices=choices.EventKind.choices)
    at = models.DateTimeField("时间")
    by = models.CharField("经办", max_length=40)
    by_name = models.CharField("经办人", max_length=60)
    reason = models.TextField("理由", blank=True)
    basis = models.CharField("依据", max_length=300, blank=True)
    snapshot = models.ForeignKey(
        Snapshot, models.PROTECT, null=True, blank=True, related_name="+", verbose_name="来源"
    )
    version = models.ForeignKey(
        Version, models.PROTECT, null=True, blank=True, related_name="events", verbose_name="版本"
    )

    class Meta:
        verbose_name = "公示记录"
        verbose_name_plural = "公示记录"
        ordering = ("pk",)
        indexes = [models.Index(fields=["disclosure", "id"], name="event_disclosure")]


class Attachment(models.Model):
    """A file to be public with a disclosure, and what the leak check found in it.

    Findings quote what must not leave, so they are ciphertext. A file with findings does not go out
    until somebody other than who added it cleared them with a reason; a removed one stays as a row.
    """

    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, related_name="attachments", verbose_name="公示"
    )
    file_id = models.BigIntegerField("文件编号")
    sha256 = models.CharField("SHA-256", max_length=64)
    name = models.CharField("文件名", max_length=160)
    media_type = models.CharField("类型", max_length=100)
    size = models.PositiveBigIntegerField("字节数")
    added_at = models.DateTimeField("添加时间")
    added_by = models.CharField("添加人", max_length=40)
    findings = SealedTextField("检查结果", blank=True, default="")
    cleared_by = models.CharField("放行人", max_length=40, blank=True)
    cleared_name = models.CharField("放行人姓名", max_length=60, blank=True)
    cleared_at = models.DateTimeField("放行时间", null=True, blank=True)
    clear_reason = models.CharField("放行理由", max_length=500, blank=True)
    removed_at = models.DateTimeField("移除时间", null=True, blank=True)

    class Meta:
        verbose_name = "公示附件"
        verbose_name_plural = "公示附件"
        indexes = [models.Index(fields=["disclosure", "sha256"], name="attachment_disclosure")]
        constraints = [
            models.UniqueConstraint(
                fields=("disclosure", "sha256"),
                condition=Q(removed_at__isnull=True),
                name="attachment_content_once",
                violation_error_message="同一文件已经添加",
            ),
            models.CheckConstraint(
                condition=Q(cleared_by="") | ~Q(cleared_by=models.F("added_by")),
                name="attachment_adder_not_clearer",
            ),
        ]


class Target(models.Model):
    """An outside platform that a body's disclosures of one kind go to (R048). Ended, never deleted.

    ``options`` are the adapter's own settings (address, field names); ``secret`` signs what is sent.
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    name = models.CharField("名称", max_length=80)
    act = models.CharField("数据种类", max_length=16, choices=choices.DecisionKind.choices)
    adapter = models.CharField("报送方式", max_length=40)
    channel = models.CharField("适用的公示规则", max_length=16, choices=choices.Channel.choices)
    options = models.JSONField("参数", default=dict)
    secret = SealedTextField("签名密钥", blank=True, default="")
    citation = models.CharField("依据", max_length=300)
    set_by = models.CharField("设定人", max_length=40)
    set_at = models.DateTimeField("设定时间")
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)

    class Meta:
        verbose_name = "公示渠道"
        verbose_name_plural = "公示渠道"
        indexes = [models.Index(fields=["body", "act"], name="target_body_act")]


class Delivery(models.Model):
    """One event of a disclosure on its way to a target, and what the target said of it."""

    target = models.ForeignKey(Target, models.PROTECT, related_name="deliveries", verbose_name="渠道")
    event = models.ForeignKey(Event, models.PROTECT, related_name="+", verbose_name="公示记录")
    disclosure = models.ForeignKey(Disclosure, models.PROTECT, related_name="+", verbose_name="公示")
    operation = models.CharField("操作", max_length=8, choices=choices.Operation.choices)
    state = models.CharField(
        "状态", max_length=8, choices=choices.DeliveryState.choices, default=choices.DeliveryState.WAITING
    )
    made_at = models.DateTimeField("列入时间")
    tried_at = models.DateTimeField("最近报送", null=True, blank=True)
    answered_at = models.DateTimeField("答复时间", null=True, blank=True)
    sha256 = models.CharField("报送内容摘要", max_length=64, blank=True)
    receipt = models.CharField("回执", max_length=200, blank=True)
    told = models.CharField("说明", max_length=500, blank=True)
    batch = models.CharField("批次", max_length=40, blank=True)

    class Meta:
        verbose_name = "公示报送"
        verbose_name_plural = "公示报送"
        constraints = [models.UniqueConstraint(fields=("target", "event"), name="delivery_once")]
        indexes = [
            models.Index(fields=["target", "state", "id"], name="delivery_target_state"),
            models.Index(fields=["target", "disclosure", "id"], name="delivery_disclosure"),
        ]


class Handover(models.Model):
    """送交登记: what of the published lists was handed to a platform by hand, and its receipt (R048). Append-only."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    data = models.CharField("数据种类", max_length=16)
    platform = models.CharField("公示载体", max_length=80)
    what = models.CharField("送交内容", max_length=200)
    handed_on = models.DateField("送交日期")
    receipt = models.CharField("回执", max_length=200, blank=True)
    by = models.CharField("经办", max_length=40)
    by_name = models.CharField("经办人", max_length=60)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "公示信息送交"
        verbose_name_plural = "公示信息送交"
        indexes = [models.Index(fields=["body", "-id"], name="handover_body")]


class FeedItem(models.Model):
    """The place of a public event in the open feed: the index of its ledger entry, once it has one.

    Made with the event, placed by the worker. The index is gapless and ordered by commit, so a reader
    who has read up to a place has missed nothing before it.
    """

    event = models.OneToOneField(
        Event, models.PROTECT, primary_key=True, related_name="feed", verbose_name="公示记录"
    )
    position = models.BigIntegerField("次序", null=True, unique=True)
    placed_at = models.DateTimeField("列入时间", null=True)

    class Meta:
        verbose_name = "数据源条目"
        verbose_name_plural = "数据源条目"
        indexes = [models.Index(fields=["event"], name="feed_unplaced", condition=Q(position__isnull=True))]


class PublicRecord(models.Model):
    """The public's index: one row per decision that is or was public. Holds published words only.

    Rewritten from versions and events; ``rank`` orders newest first. What narrows a search (body, kind,
    field, region, year, band) is counted and looked up in the search room's sets, not here.
    """

    disclosure = models.OneToOneField(
        Disclosure, models.PROTECT, primary_key=True, related_name="public", verbose_name="公示"
    )
    state = models.CharField("状态", max_length=16, choices=choices.PublicState.choices)
    shown = models.BooleanField("展示中", default=True)
    agency = models.CharField("机关", max_length=120)
    body_id = models.BigIntegerField("机关编号")
    kind = models.CharField("决定种类", max_length=16, choices=choices.DecisionKind.choices)
    kinds = models.CharField("处罚种类", max_length=120, blank=True)
    number = models.CharField("文号", max_length=128)
    title = models.CharField("案由", max_length=200)
    party = models.CharField("相对人", max_length=200)
    party_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    field = models.CharField("领域", max_length=16, blank=True)
    region = models.CharField("区划", max_length=12, blank=True)
    year = models.PositiveSmallIntegerField("年度")
    amount_fen = models.BigIntegerField("罚没金额（分）", default=0)
    band = models.CharField("金额区间", max_length=16, choices=choices.AmountBand.choices)
    decided_on = models.DateField("决定日期")
    published_on = models.DateField("公示日期")
    expires_on = models.DateField("公示截止", null=True, blank=True)
    updated_at = models.DateTimeField("更新时间")
    version = models.ForeignKey(Version, models.PROTECT, related_name="+", verbose_name="现行版本")
    rank = models.BigIntegerField("次序", unique=True)

    class Meta:
        verbose_name = "公示索引"
        verbose_name_plural = "公示索引"
        indexes = [
            models.Index(fields=["-rank"], name="public_shown", condition=Q(shown=True)),
            models.Index(fields=["party_code", "-rank"], name="public_party", condition=Q(shown=True)),
            models.Index(fields=["state"], name="public_gone", condition=Q(shown=False)),
        ]


class PublicReport(models.Model):
    """执法统计年报 as it was made public: finished figures and words, pushed from above. Append-only; a
    corrected report is a further version, and the former stays readable with the reason."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    year = models.PositiveSmallIntegerField("年度")
    no = models.PositiveSmallIntegerField("版次")
    content = models.JSONField("公开内容")
    pdf_id = models.BigIntegerField("年报文件")
    xlsx_id = models.BigIntegerField("数据表文件")
    reason = models.TextField("更正理由", blank=True)
    published_at = models.DateTimeField("公布时间")
    published_by = models.CharField("公布人", max_length=40)

    class Meta:
        verbose_name = "公开的统计年报"
        verbose_name_plural = "公开的统计年报"
        constraints = [models.UniqueConstraint(fields=("body", "year", "no"), name="public_report_once")]


class PublicDraw(models.Model):
    """随机抽查 as it was made public at each step: the pool and the promise, the draw, who replaced whom, or
    that it does not count and why. Append-only; the last version of a number is how it stands."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    number = models.CharField("抽查编号", max_length=80)
    no = models.PositiveIntegerField("版次")
    title = models.CharField("名称", max_length=200)
    stage = models.CharField("阶段", max_length=12)
    content = models.JSONField("公开内容")
    pool_id = models.BigIntegerField("名录文件")
    pool_sha256 = models.CharField("名录文件摘要", max_length=64)
    record_id = models.BigIntegerField("抽取记录文件", null=True, blank=True)
    record_sha256 = models.CharField("抽取记录文件摘要", max_length=64, blank=True)
    published_at = models.DateTimeField("公布时间")
    published_by = models.CharField("公布人", max_length=100)

    class Meta:
        verbose_name = "公开的随机抽查"
        verbose_name_plural = "公开的随机抽查"
        constraints = [models.UniqueConstraint(fields=("body", "number", "no"), name="public_draw_once")]


class BoardPrint(models.Model):
    """A board as it was printed: the data it showed, what was known to be missing, who printed it (R041).
    Append-only. The latest print of a board on a size of paper is the one that hangs, until it is taken down."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    place = models.ForeignKey("organisations.Place", models.PROTECT, related_name="+", verbose_name="场所")
    window = models.ForeignKey(
        "organisations.Window", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="窗口"
    )
    paper = models.CharField("纸张", max_length=2, choices=choices.Paper.choices)
    shown = models.JSONField("所示内容")
    digest = models.CharField("内容摘要", max_length=64)
    gaps = models.JSONField("打印时的缺项", default=list)
    at = models.DateTimeField("打印时间")
    by = models.CharField("打印人", max_length=40)
    by_name = models.CharField("打印人姓名", max_length=60)

    class Meta:
        verbose_name = "公示牌打印"
        verbose_name_plural = "公示牌打印"
        indexes = [models.Index(fields=["body", "place", "window", "paper"], name="board_print_of")]


class BoardDown(models.Model):
    """A printed board that was taken down without another in its place. Append-only."""

    board = models.OneToOneField(BoardPrint, models.PROTECT, related_name="down", verbose_name="公示牌")
    reason = models.CharField("原因", max_length=200)
    at = models.DateTimeField("撤下时间")
    by = models.CharField("撤下人", max_length=40)

    class Meta:
        verbose_name = "公示牌撤下"
        verbose_name_plural = "公示牌撤下"


class Policy(models.Model):
    """A body's own publication rule for a channel, where it departs from the shipped table (R003).

    Newer rows win; a row is ended by a further row, never changed.
    """

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    channel = models.CharField("渠道", max_length=16, choices=choices.Channel.choices)
    act = models.CharField("决定种类", max_length=16, choices=choices.DecisionKind.choices)
    party_kind = models.CharField("相对人类型", max_length=16, blank=True)
    severity = models.CharField("失信程度", max_length=16, choices=choices.Severity.choices, blank=True)
    publish = models.BooleanField("公示")
    min_months = models.PositiveSmallIntegerField("最短公示期（月）", default=0)
    max_months = models.PositiveSmallIntegerField("最长公示期（月）", null=True, blank=True)
    own_name = models.CharField("自然人姓名", max_length=8, default="surname")
    valid_from = models.DateField("适用于此日起作出的决定")
    citation = models.CharField("依据", max_length=300)
    set_by = models.CharField("设定人", max_length=40)
    set_at = models.DateTimeField("设定时间")

    class Meta:
        verbose_name = "公示规则"
        verbose_name_plural = "公示规则"
        indexes = [models.Index(fields=["body", "channel", "act"], name="policy_body_channel")]


class Intake(models.Model):
    """What a citizen sends in by the one intake door. Text and contact are ciphertext at rest."""

    number = models.CharField("受理编号", max_length=32, unique=True)
    code_hash = models.CharField("查询码摘要", max_length=64, editable=False)
    kind = models.CharField("种类", max_length=16, choices=choices.IntakeKind.choices)
    state = models.CharField(
        "状态", max_length=16, choices=choices.IntakeState.choices, default=choices.IntakeState.RECEIVED
    )
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="收件机关")
    disclosure = models.ForeignKey(
        Disclosure, models.PROTECT, null=True, blank=True, related_name="intakes", verbose_name="所涉公示"
    )
    title = SealedTextField("主题")
    text = SealedTextField("内容")
    place = SealedTextField("发生地点", blank=True, default="")
    contact_name = SealedTextField("称呼", blank=True, default="")
    contact = SealedTextField("联系方式", blank=True, default="")
    anonymous = models.BooleanField("匿名", default=False)
    against = SealedTextField("所反映的对象", blank=True, default="")
    about_unit = models.ForeignKey(
        "organisations.Unit",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="被投诉机构",
    )
    about_person = models.ForeignKey(
        "organisations.Person",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name="被投诉人",
    )
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办机构"
    )
    handler = models.ForeignKey(
        "organisations.Person", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="承办人"
    )
    satisfaction = models.CharField("评价", max_length=8, choices=choices.Satisfaction.choices, blank=True)
    form_key = models.CharField("表单摘要", max_length=64, blank=True, editable=False)
    source = models.CharField("来源摘要", max_length=64, blank=True, editable=False)
    received_at = models.DateTimeField("收到时间")
    due_on = models.DateField("应答复日期", null=True, blank=True)
    reply = models.TextField("答复", blank=True)
    handled_by = models.CharField("经办", max_length=40, blank=True)
    handled_at = models.DateTimeField("办理时间", null=True, blank=True)

    class Meta:
        verbose_name = "公众来件"
        verbose_name_plural = "公众来件"
        indexes = [
            models.Index(fields=["body", "state", "-id"], name="intake_body_state"),
            models.Index(fields=["source", "received_at"], name="intake_source"),
            models.Index(fields=["body", "due_on"], name="intake_body_due"),
        ]
        constraints = [
            models.UniqueConstraint(fields=("form_key",), condition=~Q(form_key=""), name="intake_form_once"),
            models.CheckConstraint(
                condition=Q(about_unit__isnull=True) | Q(unit__isnull=True) | ~Q(about_unit=models.F("unit")),
                name="intake_unit_not_about",
                violation_error_message="来件不得交由被投诉的机构办理",
            ),
            models.CheckConstraint(
                condition=Q(about_person__isnull=True)
                | Q(handler__isnull=True)
                | ~Q(about_person=models.F("handler")),
                name="intake_handler_not_about",
                violation_error_message="来件不得交由被投诉的人员办理",
            ),
        ]


class Progress(models.Model):
    """What the citizen is told of an intake's progress under number and code (R037)."""

    number = models.CharField("受理编号", max_length=64)
    code_hash = models.CharField("查询码摘要", max_length=64)
    title = models.CharField("事项", max_length=120)
    stage = models.CharField("进度", max_length=120)
    reply = models.TextField("答复", blank=True)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "办理进度"
        verbose_name_plural = "办理进度"
        indexes = [models.Index(fields=["number", "id"], name="progress_number")]

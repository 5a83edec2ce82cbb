"""案卷: the neutral file on which papers, recordings, reviews, steps and disclosures hang."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.dossiers import choices, transfer_models  # noqa: F401 — Django looks for models here
from mingzhi.kernel.secrets import SealedTextField


class Dossier(models.Model):
    """One matter. ``state`` is written by the procedure engine and by nothing else; it equals the
    fold of the dossier's steps (``procedures.api.fold``). ``steps_taken`` counts them and is the
    version that two officers acting at once are told apart by."""

    number = models.CharField("案卷编号", max_length=60, unique=True)
    procedure = models.CharField("程序", max_length=40)
    procedure_version = models.CharField("程序版本", max_length=20)
    title = models.CharField("案由", max_length=200)
    # Both are the first column of indexes below: no other is needed for the keys themselves.
    body = models.ForeignKey(
        "organisations.Body", models.PROTECT, related_name="+", verbose_name="执法主体", db_index=False
    )
    unit = models.ForeignKey(
        "organisations.Unit", models.PROTECT, related_name="+", verbose_name="承办机构", db_index=False
    )
    field = models.CharField("执法领域", max_length=16)
    item_code = models.CharField("权责事项", max_length=60, blank=True)
    state = models.CharField("状态", max_length=32)
    stage = models.CharField("阶段", max_length=16)
    secrecy = models.CharField(
        "密级", max_length=16, choices=choices.Secrecy.choices, default=choices.Secrecy.OPEN
    )
    opened_at = models.DateTimeField("建卷时间")
    opened_by = models.CharField("建卷人", max_length=40)
    last_step_at = models.DateTimeField("最近环节时间")
    steps_taken = models.PositiveIntegerField("环节数", default=0)
    closed_at = models.DateTimeField("办结时间", null=True, blank=True)
    linked_from = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="linked", verbose_name="关联案卷"
    )
    party_name = models.CharField("当事人", max_length=200, blank=True)
    lead_name = models.CharField("主办人", max_length=60, blank=True)
    lead_id = models.BigIntegerField("主办人编号", null=True, blank=True)

    class Meta:
        verbose_name = "案卷"
        verbose_name_plural = "案卷"
        indexes = [
            # One per ordering the case list offers, so that a page costs the same at 10⁴ and at 10⁷ rows.
            models.Index(fields=["body", "-last_step_at", "-id"], name="dossier_body_recent"),
            models.Index(fields=["body", "state", "-last_step_at", "-id"], name="dossier_body_state"),
            models.Index(fields=["body", "-opened_at", "-id"], name="dossier_body_opened"),
            models.Index(fields=["body", "state", "-opened_at", "-id"], name="dossier_body_state_opened"),
            models.Index(fields=["unit", "-last_step_at", "-id"], name="dossier_unit_recent"),
            models.Index(fields=["unit", "-opened_at", "-id"], name="dossier_unit_opened"),
        ]

    def __str__(self) -> str:
        return self.number


class Party(models.Model):
    """行政相对人. Numbers, address and phone are ciphertext at rest; look-up goes by fingerprint."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="登记机关")
    kind = models.CharField("类型", max_length=16, choices=choices.PartyKind.choices)
    standard = models.CharField("适用标准", max_length=16, choices=choices.Standard.choices)
    name = models.CharField("姓名或名称", max_length=200)
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True)
    code_note = models.CharField("未登记统一社会信用代码的原因", max_length=100, blank=True)
    representative = models.CharField("法定代表人（负责人、经营者）", max_length=60, blank=True)
    id_kind = models.CharField("证件类型", max_length=16, choices=choices.IdKind.choices, blank=True)
    id_number = SealedTextField("证件号码", blank=True, default="")
    id_fingerprint = models.CharField(max_length=64, blank=True, editable=False, db_index=True)
    born_on = models.DateField("出生日期", null=True, blank=True)
    gender = models.CharField("性别", max_length=4, blank=True)
    address = SealedTextField("住址或住所", blank=True, default="")
    phone = SealedTextField("联系电话", blank=True, default="")
    e_service_agreed_on = models.DateField("电子送达确认书签订日期", null=True, blank=True)
    e_service_address = SealedTextField("电子送达地址", blank=True, default="")
    created_at = models.DateTimeField("登记时间")
    created_by = models.CharField("登记人", max_length=40)

    class Meta:
        verbose_name = "当事人"
        verbose_name_plural = "当事人"
        indexes = [
            models.Index(fields=["body", "name"], name="party_body_name"),
            models.Index(fields=["body", "credit_code"], name="party_body_code"),
        ]

    def __str__(self) -> str:
        return self.name


class PartyMatch(models.Model):
    """Somebody's word that two rows of the register are, or are not, one party (R092). The latest counts."""

    first = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="当事人")
    second = models.ForeignKey(Party, models.PROTECT, related_name="+", verbose_name="另一登记")
    same = models.BooleanField("为同一当事人")
    reason = models.CharField("核对依据", max_length=300)
    by = models.CharField("核对人", max_length=40)
    by_name = models.CharField("核对人姓名", max_length=60)
    at = models.DateTimeField("核对时间")

    class Meta:
        verbose_name = "当事人核对"
        verbose_name_plural = "当事人核对"
        constraints = [
            models.CheckConstraint(
                condition=Q(first_id__lt=models.F("second_id")), name="party_match_in_order"
            )
        ]


class DossierParty(models.Model):
    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="party_links", verbose_name="案卷")
    party = models.ForeignKey(Party, models.PROTECT, related_name="dossier_links", verbose_name="当事人")
    role = models.CharField("身份", max_length=16, choices=choices.PartyRole.choices)

    class Meta:
        verbose_name = "案卷当事人"
        verbose_name_plural = "案卷当事人"
        constraints = [
            models.UniqueConstraint(fields=("dossier", "party", "role"), name="dossier_party_once")
        ]


class Member(models.Model):
    """Who has had a hand in a dossier, with from and until: separation of duties looks at history too (SoD-1).

    ``opened_at`` and ``done_at`` repeat the dossier's own, so that a person's open cases, and the closed
    ones in either order, are each one stretch of an index however many there are. They are written when
    the hand is given and when the dossier closes, not at every step.
    """

    # The first column of an index below: no other is needed for the key itself.
    dossier = models.ForeignKey(
        Dossier, models.PROTECT, related_name="members", verbose_name="案卷", db_index=False
    )
    person = models.ForeignKey("organisations.Person", models.PROTECT, related_name="+", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=choices.MemberRole.choices)
    opened_at = models.DateTimeField("建卷时间", help_text="同案卷，供“我的案件”排序")
    done_at = models.DateTimeField(
        "办结案卷的最近环节时间", null=True, blank=True, help_text="案卷在办时为空，供“我的案件”排序"
    )
    since = models.DateTimeField("自")
    until = models.DateTimeField("至", null=True, blank=True)
    ended_because = models.CharField("结束原因", max_length=200, blank=True)
    recused = models.BooleanField("已回避", default=False)

    class Meta:
        verbose_name = "案卷成员"
        verbose_name_plural = "案卷成员"
        indexes = [
            models.Index(fields=["dossier", "person"], name="member_dossier_person"),
            models.Index(
                fields=["person", "-done_at", "-dossier"], name="member_hand_done", condition=Q(until=None)
            ),
            models.Index(
                fields=["person", "-opened_at", "-dossier"],
                name="member_hand_opened",
                condition=Q(until=None),
            ),
            models.Index(fields=["person"], name="member_recused", condition=Q(recused=True)),
        ]


class ArchiveRecord(models.Model):
    """归档: a dossier's place in the archive, given once and for good. Append-only.

    A matter reopened and archived again keeps the number; what changes then (index, dates) is a new
    ``Sealing``.
    """

    dossier = models.OneToOneField(Dossier, models.PROTECT, related_name="archive", verbose_name="案卷")
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    year = models.PositiveSmallIntegerField("归档年度")
    number = models.CharField("归档号", max_length=60)
    fonds = models.CharField("全宗号", max_length=30, blank=True)
    catalogue = models.CharField("目录号", max_length=30, blank=True)
    at = models.DateTimeField("归档时间")
    by = models.CharField("归档人", max_length=40)
    by_name = models.CharField("归档人姓名", max_length=60)

    class Meta:
        verbose_name = "归档"
        verbose_name_plural = "归档"
        constraints = [models.UniqueConstraint(fields=("body", "number"), name="archive_number_once")]
        indexes = [models.Index(fields=["body", "-at", "-id"], name="archive_body_recent")]


class Retention(models.Model):
    """保管期限 as fixed at one archiving, with the norms applied (``retention.plan``). Append-only."""

    archive = models.ForeignKey(ArchiveRecord, models.PROTECT, related_name="retentions", verbose_name="归档")
    importance = models.CharField("重要程度", max_length=12, choices=choices.Importance.choices)
    years = models.PositiveSmallIntegerField("保管年数", null=True, blank=True)
    closed_on = models.DateField("结案日期")
    starts_on = models.DateField("起算日期")
    expires_on = models.DateField("期满日期", null=True, blank=True)
    transfer_on = models.DateField("移交日期", null=True, blank=True)
    norms = models.JSONField("所用规则")
    reason = models.CharField("说明", max_length=200, blank=True)
    at = models.DateTimeField("确定时间")
    by = models.CharField("确定人", max_length=40)

    class Meta:
        verbose_name = "保管期限"
        verbose_name_plural = "保管期限"
        indexes = [
            models.Index(fields=["expires_on"], name="retention_expiry"),
            models.Index(fields=["transfer_on"], name="retention_transfer"),
        ]


class Sealing(models.Model):
    """The index as sealed: every item with its hash and pages. Append-only; a supplement is a new one."""

    archive = models.ForeignKey(ArchiveRecord, models.PROTECT, related_name="sealings", verbose_name="归档")
    seq = models.PositiveSmallIntegerField("次序")
    kind = models.CharField("事由", max_length=12, choices=choices.SealKind.choices)
    index = SealedTextField("卷内目录（规范形式）")
    index_digest = models.CharField("目录摘要", max_length=64)
    items = models.PositiveIntegerField("件数")
    pages_main = models.PositiveIntegerField("正卷页数")
    pages_side = models.PositiveIntegerField("副卷页数")
    at = models.DateTimeField("编目时间")
    by = models.CharField("编目人", max_length=40)

    class Meta:
        verbose_name = "编目"
        verbose_name_plural = "编目"
        constraints = [models.UniqueConstraint(fields=("archive", "seq"), name="sealing_once")]


class HeldItem(models.Model):
    """A scanned or received item of a dossier whose material was not made here (R095). Append-only."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="held_items", verbose_name="案卷")
    seq = models.PositiveIntegerField("序号")
    volume = models.CharField("卷别", max_length=8, choices=choices.Volume.choices)
    code = models.CharField("类别", max_length=20)
    title = SealedTextField("题名")
    number = models.CharField("文号", max_length=80, blank=True)
    on = models.DateField("日期")
    pages = models.PositiveIntegerField("页数", null=True, blank=True)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    sha256 = models.CharField("SHA-256", max_length=64, blank=True)
    supplement = models.BooleanField("归档后补充", default=False)
    details = SealedTextField("说明（规范形式）", blank=True, default="")

    class Meta:
        verbose_name = "卷内件"
        verbose_name_plural = "卷内件"
        constraints = [models.UniqueConstraint(fields=("dossier", "seq"), name="held_item_once")]


class Hold(models.Model):
    """暂缓处置: while one is in force nothing is destroyed and the term does not run. Append-only."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="holds", verbose_name="案卷")
    source = models.CharField("来源", max_length=12, choices=choices.HoldSource.choices)
    key = models.CharField("标识", max_length=60)
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("设定时间")
    by = models.CharField("设定人", max_length=40)
    by_name = models.CharField("设定人姓名", max_length=60)

    class Meta:
        verbose_name = "暂缓处置"
        verbose_name_plural = "暂缓处置"
        constraints = [models.UniqueConstraint(fields=("dossier", "key"), name="hold_once")]


class HoldLift(models.Model):
    hold = models.OneToOneField(Hold, models.PROTECT, related_name="lift", verbose_name="暂缓处置")
    reason = models.CharField("解除理由", max_length=300)
    at = models.DateTimeField("解除时间")
    by = models.CharField("解除人", max_length=40)
    by_name = models.CharField("解除人姓名", max_length=60)

    class Meta:
        verbose_name = "解除暂缓处置"
        verbose_name_plural = "解除暂缓处置"


class SecrecyMark(models.Model):
    """标定密级, each with its reason. Append-only; the dossier bears the latest."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="secrecy_marks", verbose_name="案卷")
    secrecy = models.CharField("密级", max_length=16, choices=choices.Secrecy.choices)
    former = models.CharField("原密级", max_length=16, choices=choices.Secrecy.choices)
    reason = models.CharField("理由", max_length=200)
    at = models.DateTimeField("时间")
    by = models.CharField("标定人", max_length=40)
    by_name = models.CharField("标定人姓名", max_length=60)

    class Meta:
        verbose_name = "密级标定"
        verbose_name_plural = "密级标定"


class Loan(models.Model):
    """借阅. Append-only; the return is a row of its own."""

    archive = models.ForeignKey(ArchiveRecord, models.PROTECT, related_name="loans", verbose_name="归档")
    volume = models.CharField("卷别", max_length=8, choices=[*choices.Volume.choices, ("both", "全卷")])
    borrower = SealedTextField("借阅人")
    unit = models.CharField("借阅单位", max_length=120)
    purpose = models.CharField("用途", max_length=200)
    basis = models.CharField("批准依据", max_length=200, blank=True)
    lent_at = models.DateTimeField("借出时间")
    due_on = models.DateField("应还日期")
    by = models.CharField("经办人", max_length=40)
    by_name = models.CharField("经办人姓名", max_length=60)

    class Meta:
        verbose_name = "借阅"
        verbose_name_plural = "借阅"
        indexes = [models.Index(fields=["due_on"], name="loan_due")]


class LoanReturn(models.Model):
    loan = models.OneToOneField(Loan, models.PROTECT, related_name="returned", verbose_name="借阅")
    condition = models.CharField("归还时状况", max_length=200)
    at = models.DateTimeField("归还时间")
    by = models.CharField("经办人", max_length=40)
    by_name = models.CharField("经办人姓名", max_length=60)

    class Meta:
        verbose_name = "归还"
        verbose_name_plural = "归还"


class DestructionList(models.Model):
    """销毁清册: expired dossiers put together for appraisal. Append-only; its state follows from its rows."""

    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="机关")
    number = models.CharField("清册编号", max_length=60, unique=True)
    reason = models.CharField("鉴定说明", max_length=300)
    at = models.DateTimeField("提出时间")
    by = models.CharField("提出人", max_length=40)
    by_name = models.CharField("提出人姓名", max_length=60)

    class Meta:
        verbose_name = "销毁清册"
        verbose_name_plural = "销毁清册"


class DestructionLine(models.Model):
    """One dossier on a list, as it stood when listed."""

    list = models.ForeignKey(DestructionList, models.PROTECT, related_name="lines", verbose_name="清册")
    archive = models.ForeignKey(
        ArchiveRecord, models.PROTECT, related_name="destruction_lines", verbose_name="归档"
    )
    expires_on = models.DateField("期满日期")

    class Meta:
        verbose_name = "清册条目"
        verbose_name_plural = "清册条目"
        constraints = [models.UniqueConstraint(fields=("list", "archive"), name="destruction_line_once")]


class DestructionOpinion(models.Model):
    """鉴定意见 of the archive staff on one line. The latest counts until the list is decided."""

    line = models.ForeignKey(
        DestructionLine, models.PROTECT, related_name="opinions", verbose_name="清册条目"
    )
    opinion = models.CharField("意见", max_length=8, choices=choices.Opinion.choices)
    reason = models.CharField("理由", max_length=300)
    extend_years = models.PositiveSmallIntegerField("延长年数", null=True, blank=True)
    at = models.DateTimeField("时间")
    by = models.CharField("鉴定人", max_length=40)
    by_name = models.CharField("鉴定人姓名", max_length=60)

    class Meta:
        verbose_name = "鉴定意见"
        verbose_name_plural = "鉴定意见"
        constraints = [
            models.CheckConstraint(
                condition=Q(opinion="destroy", extend_years=None) | Q(opinion="extend", extend_years__gt=0),
                name="opinion_extends_by_years",
            )
        ]


class DestructionDecision(models.Model):
    """One of the two approvals. ``lines_digest`` is what was approved: lines and opinions as they stood."""

    list = models.ForeignKey(DestructionList, models.PROTECT, related_name="decisions", verbose_name="清册")
    role = models.CharField("身份", max_length=8, choices=choices.Approver.choices)
    approved = models.BooleanField("同意")
    note = models.CharField("意见", max_length=300, blank=True)
    lines_digest = models.CharField("清册摘要", max_length=64)
    at = models.DateTimeField("时间")
    by = models.CharField("审批人", max_length=40)
    by_name = models.CharField("审批人姓名", max_length=60)

    class Meta:
        verbose_name = "销毁审批"
        verbose_name_plural = "销毁审批"
        constraints = [models.UniqueConstraint(fields=("list", "role"), name="destruction_decided_once")]


class Destroyed(models.Model):
    """What was destroyed: the tombstone. Hashes and metadata stay, the bytes are gone."""

    line = models.OneToOneField(
        DestructionLine, models.PROTECT, related_name="destroyed", verbose_name="清册条目"
    )
    hashes = models.JSONField("所毁文件的 SHA-256")
    kept = models.JSONField("因他卷使用而保留的文件", default=list)
    at = models.DateTimeField("销毁时间")
    by = models.CharField("监销人", max_length=40)
    by_name = models.CharField("监销人姓名", max_length=60)

    class Meta:
        verbose_name = "已销毁案卷"
        verbose_name_plural = "已销毁案卷"


class Making(models.Model):
    """Something being made of a dossier in the background, and how far it is. Working table, no fact."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="makings", verbose_name="案卷")
    kind = models.CharField("种类", max_length=12, choices=choices.MakeKind.choices)
    state = models.CharField("状态", max_length=12, choices=choices.MakeState.choices)
    done = models.PositiveIntegerField("已完成", default=0)
    total = models.PositiveIntegerField("总数", default=0)
    file = models.ForeignKey(
        "files.StoredFile", models.PROTECT, null=True, blank=True, related_name="+", verbose_name="文件"
    )
    basis = models.CharField("所据目录", max_length=64, blank=True)
    mark = models.CharField("水印", max_length=200, blank=True)
    error = models.CharField("未完成原因", max_length=300, blank=True)
    asked_at = models.DateTimeField("提出时间")
    asked_by = models.CharField("提出人", max_length=40)
    finished_at = models.DateTimeField("完成时间", null=True, blank=True)

    class Meta:
        verbose_name = "制作任务"
        verbose_name_plural = "制作任务"
        indexes = [models.Index(fields=["dossier", "kind", "-id"], name="making_dossier_kind")]

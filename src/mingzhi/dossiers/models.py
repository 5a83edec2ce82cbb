"""案卷: the neutral file on which papers, recordings, reviews, steps and disclosures hang."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from mingzhi.dossiers import choices
from mingzhi.kernel.secrets import SealedTextField


class Dossier(models.Model):
    """One matter. ``state`` is written by the procedure engine and by nothing else; it equals the
    fold of the dossier's steps (``procedures.api.fold``). ``steps_taken`` counts them and is the
    version that two officers acting at once are told apart by."""

    number = models.CharField("案卷编号", max_length=60, unique=True)
    procedure = models.CharField("程序", max_length=40)
    procedure_version = models.CharField("程序版本", max_length=20)
    title = models.CharField("案由", max_length=200)
    body = models.ForeignKey("organisations.Body", models.PROTECT, related_name="+", verbose_name="执法主体")
    unit = models.ForeignKey("organisations.Unit", models.PROTECT, related_name="+", verbose_name="承办机构")
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
            models.Index(
                fields=["lead_id", "-last_step_at"], name="dossier_lead", condition=Q(closed_at=None)
            ),
            models.Index(fields=["unit", "-last_step_at", "-id"], name="dossier_unit_recent"),
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
    """Who has had a hand in a dossier, with from and until: separation of duties looks at history too (SoD-1)."""

    dossier = models.ForeignKey(Dossier, models.PROTECT, related_name="members", verbose_name="案卷")
    person = models.ForeignKey("organisations.Person", models.PROTECT, related_name="+", verbose_name="人员")
    role = models.CharField("角色", max_length=16, choices=choices.MemberRole.choices)
    since = models.DateTimeField("自")
    until = models.DateTimeField("至", null=True, blank=True)
    ended_because = models.CharField("结束原因", max_length=200, blank=True)
    recused = models.BooleanField("已回避", default=False)

    class Meta:
        verbose_name = "案卷成员"
        verbose_name_plural = "案卷成员"
        indexes = [models.Index(fields=["dossier", "role"], name="member_dossier_role")]

"""Bodies, units, people, certificates, roles, accounts."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import AbstractBaseUser, BaseUserManager
from django.db import models

from mingzhi.kernel.secrets import SealedTextField
from mingzhi.organisations import choices


class Body(models.Model):
    """执法主体：法定机关、授权组织、受委托组织. ``path`` is the prefix by which a supervisor finds
    the bodies below (``/1/4/``)."""

    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级"
    )
    path = models.CharField(max_length=200, unique=True, editable=False)
    name = models.CharField("全称", max_length=120)
    short_name = models.CharField("简称", max_length=40)
    kind = models.CharField("主体类型", max_length=16, choices=choices.BodyKind.choices)
    level = models.CharField("层级", max_length=16, choices=choices.BodyLevel.choices)
    credit_code = models.CharField("统一社会信用代码", max_length=18)
    region_code = models.CharField("行政区划代码", max_length=12)
    code_word = models.CharField("机关代字", max_length=20)
    profile = models.CharField("配置档", max_length=40)
    government = models.CharField(
        "本级人民政府", max_length=60, help_text="行政复议机关（行政复议法第二十四条）"
    )
    court = models.CharField("管辖法院", max_length=60)
    address = models.CharField("地址", max_length=200, blank=True)
    phone = models.CharField("办公电话", max_length=40, blank=True)
    duties = models.TextField("主要职责", blank=True)
    basis = models.TextField("执法依据", blank=True)
    supervision_phone = models.CharField("监督电话", max_length=40, blank=True)
    payee_bank = models.CharField("罚款代收机构", max_length=80, blank=True)
    payee_address = models.CharField("代收机构地址", max_length=200, blank=True)
    entrusted_by = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="entrusts", verbose_name="委托机关"
    )
    active = models.BooleanField("在册", default=True)

    class Meta:
        verbose_name = "执法主体"
        verbose_name_plural = "执法主体"
        ordering = ("path",)
        constraints = (models.UniqueConstraint(fields=("code_word",), name="body_code_word_once"),)

    def __str__(self) -> str:
        return self.short_name


class Unit(models.Model):
    """内设机构、执法队伍."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="units", verbose_name="所属机关")
    parent = models.ForeignKey(
        "self", models.PROTECT, null=True, blank=True, related_name="children", verbose_name="上级机构"
    )
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("职能", max_length=16, choices=choices.UnitKind.choices)
    duties = models.TextField("职责", blank=True)
    active = models.BooleanField("在册", default=True)

    class Meta:
        verbose_name = "内设机构"
        verbose_name_plural = "内设机构"
        ordering = ("body", "pk")
        constraints = (models.UniqueConstraint(fields=("body", "name"), name="unit_name_once_per_body"),)

    def __str__(self) -> str:
        return self.name


class Place(models.Model):
    """执法场所. What it is called, where it is and who sits there is told by its versions."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="places", verbose_name="所属机关")
    made_by = models.CharField("登记人", max_length=40)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "执法场所"
        verbose_name_plural = "执法场所"


class PlaceVersion(models.Model):
    """What a place is from a day on: append-only; on any day the latest version begun by then counts."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="versions", verbose_name="执法场所")
    valid_from = models.DateField("自")
    name = models.CharField("名称", max_length=80)
    kind = models.CharField("类别", max_length=16, choices=choices.PlaceKind.choices)
    address = models.CharField("地址", max_length=200)
    hours = models.CharField("办公时间", max_length=200)
    phone = models.CharField("咨询电话", max_length=40)
    route = models.CharField("乘车路线", max_length=300, blank=True)
    unit_ids = models.JSONField("在此办公的内设机构", default=list)
    active = models.BooleanField("在用")
    reason = models.CharField("变更原因", max_length=200, blank=True)
    made_by = models.CharField("登记人", max_length=40)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "执法场所版本"
        verbose_name_plural = "执法场所版本"
        ordering = ("valid_from", "pk")


class Window(models.Model):
    """窗口岗位 of a place; what it does and who stands there is told by its versions."""

    place = models.ForeignKey(Place, models.PROTECT, related_name="windows", verbose_name="执法场所")
    made_by = models.CharField("登记人", max_length=40)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "窗口岗位"
        verbose_name_plural = "窗口岗位"


class WindowVersion(models.Model):
    """What a window is from a day on: append-only, as ``PlaceVersion``. ``post`` is a code of the published
    list of duties, ``handles`` are codes of published items and guides, ``shifts`` who stands there when."""

    window = models.ForeignKey(Window, models.PROTECT, related_name="versions", verbose_name="窗口")
    valid_from = models.DateField("自")
    name = models.CharField("窗口名称", max_length=60)
    unit = models.ForeignKey(Unit, models.PROTECT, related_name="+", verbose_name="内设机构")
    post = models.CharField("岗位编码", max_length=80, blank=True)
    enforces = models.BooleanField("从事执法", default=True)
    shifts = models.JSONField("值守人员", default=list)
    handles = models.JSONField("办理事项", default=list)
    active = models.BooleanField("在用")
    reason = models.CharField("变更原因", max_length=200, blank=True)
    made_by = models.CharField("登记人", max_length=40)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "窗口岗位版本"
        verbose_name_plural = "窗口岗位版本"
        ordering = ("valid_from", "pk")


class Person(models.Model):
    """工作人员：执法人员、审核人员、领导、管理员. 辅助人员 never count toward two officers (PER-07)."""

    body = models.ForeignKey(Body, models.PROTECT, related_name="people", verbose_name="所属机关")
    unit = models.ForeignKey(
        Unit, models.PROTECT, null=True, blank=True, related_name="people", verbose_name="内设机构"
    )
    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField("拼音", max_length=120, blank=True, editable=False)
    title = models.CharField("职务", max_length=60, blank=True)
    work_number = models.CharField("工号", max_length=20, blank=True)
    staffing = models.CharField("编制", max_length=16, choices=choices.StaffingKind.choices)
    phone = SealedTextField("手机号码", blank=True, default="")
    first_reviewed_on = models.DateField("首次从事处罚决定审核日期", null=True, blank=True)
    active = models.BooleanField("在岗", default=True)

    class Meta:
        verbose_name = "人员"
        verbose_name_plural = "人员"
        ordering = ("body", "pinyin", "pk")
        constraints = (
            models.UniqueConstraint(
                fields=("body", "work_number"),
                condition=~models.Q(work_number=""),
                name="work_number_once_per_body",
            ),
        )

    def __str__(self) -> str:
        return self.name


class Certificate(models.Model):
    """行政执法证件. Status on a day follows from validity and the latest event on or before it."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="certificates", verbose_name="持证人")
    kind = models.CharField(
        "证件种类", max_length=16, choices=choices.CertificateKind.choices, default="enforcement"
    )
    issuer = models.CharField("发证机关", max_length=80)
    number = models.CharField("证件编号", max_length=60, unique=True)
    filing_number = models.CharField(
        "备案编号", max_length=60, blank=True, help_text="非省级人民政府统一印制的，填备案编号"
    )
    scope = models.CharField("执法领域", max_length=200, help_text="多个领域以顿号分隔；“全部”为不限")
    area = models.CharField("执法区域", max_length=80, blank=True)
    valid_from = models.DateField("有效期自")
    valid_until = models.DateField("有效期至", help_text="含当日")
    last_inspected_on = models.DateField("最近审验日期", null=True, blank=True)
    last_retrained_on = models.DateField("最近更新培训日期", null=True, blank=True)

    class Meta:
        verbose_name = "执法证件"
        verbose_name_plural = "执法证件"
        ordering = ("person", "-valid_until", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(valid_until__gte=models.F("valid_from")),
                name="certificate_ends_after_start",
            ),
        )

    def __str__(self) -> str:
        return self.number


class CertificateEvent(models.Model):
    """暂扣、恢复、注销: append-only; the certificate's status is folded from these."""

    certificate = models.ForeignKey(Certificate, models.PROTECT, related_name="events", verbose_name="证件")
    kind = models.CharField("事项", max_length=16, choices=choices.CertificateEventKind.choices)
    on = models.DateField("生效日期")
    reason = models.TextField("原因")
    made_by = models.CharField("经办", max_length=40)
    made_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "证件变动"
        verbose_name_plural = "证件变动"
        ordering = ("on", "pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.on}"


class CardKey(models.Model):
    """亮证密钥: what one phone of one officer makes its changing codes with (``card_keys``)."""

    key_id = models.CharField("密钥编号", max_length=16, unique=True)
    person = models.ForeignKey(Person, models.PROTECT, related_name="card_keys", verbose_name="持证人")
    device = models.CharField("设备", max_length=40)
    secret = SealedTextField("密钥")
    given_at = models.DateTimeField("领用时间")
    valid_until = models.DateTimeField("有效期至")
    ended_at = models.DateTimeField("停用时间", null=True, blank=True)
    ended_by = models.CharField("停用人", max_length=40, blank=True)
    end_reason = models.CharField("停用原因", max_length=100, blank=True)

    class Meta:
        verbose_name = "亮证密钥"
        verbose_name_plural = "亮证密钥"
        indexes = (
            models.Index(
                fields=("person", "device"), name="card_key_in_use", condition=models.Q(ended_at=None)
            ),
        )

    def __str__(self) -> str:
        return self.key_id


class Qualification(models.Model):
    """资格：国家统一法律职业资格、听证主持人资格、公职律师等."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="qualifications", verbose_name="人员")
    kind = models.CharField("资格种类", max_length=24, choices=choices.QualificationKind.choices)
    number = models.CharField("证书编号", max_length=60)
    obtained_on = models.DateField("取得日期")

    class Meta:
        verbose_name = "资格"
        verbose_name_plural = "资格"
        ordering = ("person", "kind", "pk")
        constraints = (
            models.UniqueConstraint(fields=("kind", "number"), name="qualification_number_once_per_kind"),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number}"


class Training(models.Model):
    """培训与考试：岗前、更新、审核人员 (R112, R146, R148)."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="trainings", verbose_name="人员")
    kind = models.CharField("培训种类", max_length=16, choices=choices.TrainingKind.choices)
    title = models.CharField("培训名称", max_length=120)
    held_on = models.DateField("结业日期")
    hours = models.PositiveSmallIntegerField("学时", default=0)
    passed = models.BooleanField("考试合格")

    class Meta:
        verbose_name = "培训记录"
        verbose_name_plural = "培训记录"
        ordering = ("-held_on", "-pk")

    def __str__(self) -> str:
        return self.title


class RoleGrant(models.Model):
    """A role held by an account's person over days; ``mandate`` names the delegation it rests on (SoD-9)."""

    account = models.ForeignKey("Account", models.PROTECT, related_name="grants", verbose_name="账号")
    role = models.CharField("角色", max_length=32, choices=choices.Role.choices)
    valid_from = models.DateField("自")
    valid_until = models.DateField("至", null=True, blank=True, help_text="含当日；空为长期")
    mandate = models.CharField("授权依据", max_length=200, blank=True)
    granted_by = models.CharField("授予人", max_length=40)
    granted_at = models.DateTimeField("授予时间")
    ended_by = models.CharField("收回人", max_length=40, blank=True)
    ended_at = models.DateTimeField("收回时间", null=True, blank=True)
    end_reason = models.CharField("收回原因", max_length=200, blank=True)

    class Meta:
        verbose_name = "角色授予"
        verbose_name_plural = "角色授予"
        ordering = ("account", "valid_from", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(ended_at__isnull=True, ended_by="")
                | models.Q(ended_at__isnull=False) & ~models.Q(ended_by=""),
                name="role_grant_end_names_who",
            ),
        )

    def __str__(self) -> str:
        return str(self.get_role_display())


class AccountManager(BaseUserManager["Account"]):
    def get_by_natural_key(self, username: str | None) -> Account:
        return self.get(username=username)


class Account(AbstractBaseUser):
    """登录账号. Nobody is a superuser; rights come from roles in force on the day."""

    username = models.CharField("登录名", max_length=60, unique=True)
    person = models.OneToOneField(
        Person, models.PROTECT, null=True, blank=True, related_name="account", verbose_name="人员"
    )
    body = models.ForeignKey(Body, models.PROTECT, related_name="accounts", verbose_name="机关")
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField("建立时间")
    password_changed_at = models.DateTimeField("口令修改时间", null=True, blank=True)
    totp_required = models.BooleanField("须动态口令", default=False)

    USERNAME_FIELD = "username"
    REQUIRED_FIELDS: ClassVar[list[str]] = []
    objects = AccountManager()

    class Meta:
        verbose_name = "账号"
        verbose_name_plural = "账号"
        ordering = ("username",)

    def __str__(self) -> str:
        return self.username

    # Django's own machinery asks these two; rights here come from ``Actor.permissions`` only.
    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return False

    def has_module_perms(self, app_label: str) -> bool:
        return False

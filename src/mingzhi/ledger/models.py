"""Tables of the ledger. All but ``Pending`` are append-only: triggers refuse UPDATE and DELETE.

No foreign keys: the ledger points at nothing, so nothing can take it along when it goes.
"""

from __future__ import annotations

from typing import ClassVar

from django.db import models


class Entry(models.Model):
    """One fact's entry, committed with the fact. Holds no payload, only the salted commitment to it."""

    kind = models.CharField("事项", max_length=80)
    version = models.PositiveSmallIntegerField("版本")
    subject = models.CharField("对象", max_length=160)
    salt = models.BinaryField("盐", max_length=32)
    commitment = models.BinaryField("承诺值", max_length=32)
    leaf = models.BinaryField("叶散列", max_length=32)
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "账本条目"
        verbose_name_plural = "账本条目"
        indexes: ClassVar = [models.Index(fields=["subject", "id"], name="ledger_entry_subject")]

    def __str__(self) -> str:
        return f"{self.pk} {self.kind} {self.subject}"


class Pending(models.Model):
    """Entries that committed and have no place yet. Filled by a trigger on ``Entry``, emptied by the sequencer."""

    entry_id = models.BigIntegerField(primary_key=True)

    class Meta:
        verbose_name = "待编号条目"
        verbose_name_plural = "待编号条目"

    def __str__(self) -> str:
        return str(self.entry_id)


class Place(models.Model):
    """The gapless place of an entry in the tree, counted from 0. Written by the sequencer only."""

    index = models.BigIntegerField("序号", primary_key=True, db_column="position")
    entry_id = models.BigIntegerField("条目", unique=True)

    class Meta:
        verbose_name = "账本序号"
        verbose_name_plural = "账本序号"

    def __str__(self) -> str:
        return f"{self.index} → {self.entry_id}"


class Checkpoint(models.Model):
    """A signed tree head. One per run of the sequencer that placed anything."""

    size = models.BigIntegerField("条目数", primary_key=True)
    root = models.BinaryField("根散列", max_length=32)
    at = models.DateTimeField("签发时间")
    note = models.TextField("签名文本")

    class Meta:
        verbose_name = "检查点"
        verbose_name_plural = "检查点"

    def __str__(self) -> str:
        return str(self.size)


class Log(models.Model):
    """This database's log: its random name, its origin line and its public key. One row, made once.

    The name also names the folder and the key outside the database, so that a restored copy of
    this database meets its own later checkpoint, and a new database meets nobody's.
    """

    name = models.CharField(primary_key=True, max_length=32)
    origin = models.CharField("名称", max_length=200)
    vkey = models.CharField("公钥", max_length=300)
    at = models.DateTimeField("启用时间")

    class Meta:
        verbose_name = "账本"
        verbose_name_plural = "账本"

    def __str__(self) -> str:
        return self.origin


class LogKey(models.Model):
    """A public key of the log beside ``Log.vkey``. ``announced``: it came later, and an entry of kind
    ``ledger:key`` in the log says so; else it was made together with the log."""

    vkey = models.CharField("公钥", primary_key=True, max_length=300)
    announced = models.BooleanField("经账本公告")
    at = models.DateTimeField("生成时间")

    class Meta:
        verbose_name = "账本密钥"
        verbose_name_plural = "账本密钥"

    def __str__(self) -> str:
        return self.vkey


class Attempt(models.Model):
    """The second log: who tried or looked at what. Kept even when the work rolls back."""

    act = models.CharField("行为", max_length=80)
    subject = models.CharField("对象", max_length=160)
    by = models.CharField("人员", max_length=160)
    at = models.DateTimeField("时间")
    outcome = models.CharField("结果", max_length=8)
    purpose = models.CharField("用途", max_length=200, blank=True, default="")
    detail = models.JSONField("详情", default=dict)
    address = models.CharField("来源地址", max_length=64, blank=True, default="")

    class Meta:
        verbose_name = "访问与尝试记录"
        verbose_name_plural = "访问与尝试记录"
        indexes: ClassVar = [
            models.Index(fields=["subject", "at"], name="ledger_attempt_subject"),
            models.Index(fields=["by", "at"], name="ledger_attempt_by"),
            models.Index(fields=["at"], name="ledger_attempt_at"),
        ]

    def __str__(self) -> str:
        return f"{self.pk} {self.act} {self.subject}"


class PublicProof(models.Model):
    """What the verification code on an outward paper opens, for who holds the paper: no party, no content.

    Put by the room that issues papers; read by the public face, which knows the ledger and not that
    room. Only the two columns of withdrawal may be filled later, once.
    """

    code = models.CharField("核验码", primary_key=True, max_length=20)
    title = models.CharField("文书名称", max_length=80)
    number = models.CharField("文号", max_length=80, blank=True)
    body_name = models.CharField("制作机关", max_length=120)
    made_on = models.DateField("制作日期")
    sha256 = models.CharField("文件摘要", max_length=64)
    sm3 = models.CharField("文件摘要（SM3）", max_length=64)
    entry_id = models.BigIntegerField("账本条目")
    voided_at = models.DateTimeField("作废时间", null=True, blank=True)
    void_reason = models.CharField("作废原因", max_length=200, null=True, blank=True)

    class Meta:
        verbose_name = "文书核验信息"
        verbose_name_plural = "文书核验信息"


class Cosigner(models.Model):
    """A witness of ours: an installation that we ask to cosign our checkpoints."""

    vkey = models.CharField("公钥", primary_key=True, max_length=300)
    url = models.URLField("提交地址", max_length=200)
    at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "见证方"
        verbose_name_plural = "见证方"


class Cosignature(models.Model):
    """A witness's signature line on our checkpoint of ``size``."""

    size = models.BigIntegerField("条目数")
    vkey = models.CharField("公钥", max_length=300)
    line = models.CharField("签名行", max_length=400)
    at = models.DateTimeField("收到时间")

    class Meta:
        verbose_name = "见证签名"
        verbose_name_plural = "见证签名"
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["vkey", "size"],
                name="ledger_cosigned_once",
                violation_error_message="该见证方已签署此检查点",
            )
        ]


class CheckpointStamp(models.Model):
    """A time stamp (RFC 3161 token) over the text of our checkpoint of ``size``. Append-only."""

    size = models.BigIntegerField("条目数", primary_key=True)
    token = models.BinaryField("时间戳")
    moment = models.DateTimeField("时间戳时间")
    policy = models.CharField("策略", max_length=120)
    at = models.DateTimeField("取得时间")

    class Meta:
        verbose_name = "检查点时间戳"
        verbose_name_plural = "检查点时间戳"


class WitnessChange(models.Model):
    """A proposal to ask a witness, or to ask one no longer. Append-only."""

    act = models.CharField("变更事项", max_length=8)
    vkey = models.CharField("公钥", max_length=300)
    url = models.CharField("提交地址", max_length=200, blank=True)
    reason = models.CharField("理由", max_length=300)
    at = models.DateTimeField("提出时间")
    by = models.CharField("提出人", max_length=40)
    by_name = models.CharField("提出人姓名", max_length=60)

    class Meta:
        verbose_name = "见证方变更"
        verbose_name_plural = "见证方变更"


class WitnessDecision(models.Model):
    """Another administrator's word on a proposal. Append-only."""

    change = models.OneToOneField(WitnessChange, models.PROTECT, related_name="decision", verbose_name="变更")
    approved = models.BooleanField("同意")
    note = models.CharField("意见", max_length=300, blank=True)
    at = models.DateTimeField("审批时间")
    by = models.CharField("审批人", max_length=40)
    by_name = models.CharField("审批人姓名", max_length=60)

    class Meta:
        verbose_name = "见证方变更审批"
        verbose_name_plural = "见证方变更审批"


class WatchedLog(models.Model):
    """Another installation's log that we witness: the last head we cosigned. It only grows."""

    origin = models.CharField("名称", primary_key=True, max_length=200)
    vkeys = models.TextField("公钥")
    url = models.URLField("读取地址", max_length=200, blank=True)
    size = models.BigIntegerField("已见条目数", default=0)
    root = models.BinaryField("根散列", max_length=32, default=bytes)
    note = models.TextField("检查点", default="", blank=True)
    at = models.DateTimeField("登记时间")
    seen_at = models.DateTimeField("最近所见", null=True)

    class Meta:
        verbose_name = "所见证的账本"
        verbose_name_plural = "所见证的账本"


class SplitView(models.Model):
    """Two signed heads of one log that do not fit together: somebody was shown another history.

    Evidence, so append-only; only how it was settled may be filled in, once.
    """

    fingerprint = models.CharField("标识", max_length=64, unique=True)
    origin = models.CharField("账本", max_length=200)
    source = models.CharField("另一视图来源", max_length=300)
    sentence = models.CharField("说明", max_length=300)
    ours = models.TextField("我方所见")
    theirs = models.TextField("另一方所见")
    at = models.DateTimeField("发现时间")
    settled_at = models.DateTimeField("处理时间", null=True)
    settled_by = models.CharField("处理人", max_length=160, null=True)
    settled_how = models.CharField("处理情况", max_length=400, null=True)

    class Meta:
        verbose_name = "账本视图不一致"
        verbose_name_plural = "账本视图不一致"


class CheckRun(models.Model):
    """How one whole check (fsck) went. ``findings`` holds the first thousand, ``found`` counts all."""

    at = models.DateTimeField("完成时间")
    seconds = models.FloatField("用时")
    size = models.BigIntegerField("条目数")
    rows = models.BigIntegerField("业务记录")
    files = models.BigIntegerField("文件")
    found = models.PositiveIntegerField("发现")
    findings = models.JSONField("明细", default=list)
    notes = models.JSONField("提示", default=list)

    class Meta:
        verbose_name = "账本核查"
        verbose_name_plural = "账本核查"
        indexes: ClassVar = [models.Index(fields=["at"], name="ledger_check_at")]

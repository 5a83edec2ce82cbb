"""Choices of the recording room. They only grow."""

from __future__ import annotations

from django.db import models


class RecordKind(models.TextChoices):
    RECORDING = "recording", "音像记录"
    EVIDENCE = "evidence", "证据材料"


class EvidenceKind(models.TextChoices):
    """证据种类 (行政处罚法第四十六条第一款)."""

    DOCUMENT = "document", "书证"
    OBJECT = "object", "物证"
    AUDIOVISUAL = "audiovisual", "视听资料"
    ELECTRONIC = "electronic", "电子数据"
    WITNESS = "witness", "证人证言"
    PARTY = "party", "当事人的陈述"
    OPINION = "opinion", "鉴定意见"
    SITE = "site", "勘验笔录、现场笔录"


class Source(models.TextChoices):
    """Where the material came from (R071, R143)."""

    BODY_CAMERA = "body_camera", "执法记录仪"
    PHONE = "phone", "手机"
    CAMERA = "camera", "照相机、摄像机"
    DRONE = "drone", "无人机"
    SURVEILLANCE = "surveillance", "视频监控"
    REMOTE_SENSING = "remote_sensing", "遥感影像"
    WEIGHING = "weighing", "检测、称重设备"
    ROOM = "room", "执法办案场所设备"
    PLATFORM = "platform", "执法平台"
    DOCUMENT = "document", "执法文书、纸质材料"
    PARTY = "party", "当事人或者其他人提供"


class Element(models.TextChoices):
    """What the officer says aloud at the beginning: five elements and the notice (R079, R080)."""

    TIME = "time", "时间"
    PLACE = "place", "地点"
    OFFICERS = "officers", "执法人员"
    ACT = "act", "执法行为"
    FOCUS = "focus", "摄录重点"
    NOTICE = "notice", "已告知当事人及现场有关人员正在进行音像记录"


class Ground(models.TextChoices):
    """Why an act was not recorded (domain §6.2; R073). ``TEXT`` never excuses a full-process act."""

    SECRET = "secret", "涉及国家秘密等不宜记录"
    EMERGENCY = "emergency", "情况紧急，来不及记录"
    OBJECTIVE = "objective", "设备故障等客观原因"
    TEXT = "text", "文字记录已能全面有效记录"


class Mode(models.TextChoices):
    """What the recording list asks of an act (catalogue)."""

    FULL = "full", "全程音像记录"
    REQUIRED = "required", "应当音像记录"
    SITUATIONAL = "situational", "根据实际情况音像记录"
    OPTIONAL = "optional", "文字记录为主"


class DutyState(models.TextChoices):
    """How a recording that was expected stands (R081)."""

    WAITING = "waiting", "待上传"
    MET = "met", "按时上传"
    LATE = "late", "逾期上传"
    EXCUSED = "excused", "已批准说明"
    MISSING = "missing", "逾期未上传"


class DeviceKind(models.TextChoices):
    """执法音像记录设备 (R083)."""

    BODY_CAMERA = "body_camera", "执法记录仪"
    CAMCORDER = "camcorder", "摄像机"
    CAMERA = "camera", "照相机"
    RECORDER = "recorder", "录音笔"
    PHONE = "phone", "手机"
    TERMINAL = "terminal", "移动执法终端"
    DRONE = "drone", "无人机"
    FIXED = "fixed", "固定摄像头"


class DeviceState(models.TextChoices):
    STORED = "stored", "在库"
    ISSUED = "issued", "领用中"
    FAULTY = "faulty", "故障待修"
    SUSPENDED = "suspended", "已停用"
    RETIRED = "retired", "已报废"


class DeviceAct(models.TextChoices):
    """What happens to a device; its state is folded from these."""

    REGISTERED = "registered", "登记入库"
    ISSUED = "issued", "领用"
    RETURNED = "returned", "归还"
    CHECKED = "checked", "使用前检查"
    FAULTED = "faulted", "报告故障"
    REPAIRED = "repaired", "修复入库"
    SUSPENDED = "suspended", "停用"
    RESUMED = "resumed", "恢复使用"
    RETIRED = "retired", "报废"


class RoomKind(models.TextChoices):
    """执法办案场所 (R075, R084)."""

    INQUIRY = "inquiry", "询问室"
    HEARING = "hearing", "听证室"
    OTHER = "other", "其他执法办案场所"


class Closing(models.TextChoices):
    """How a booking came to its end."""

    USED = "used", "已使用"
    CANCELLED = "cancelled", "已取消"


class GuideKind(models.TextChoices):
    VIDEO = "video", "示范视频"
    PHRASE = "phrase", "用语指引"


class ProbeOutcome(models.TextChoices):
    """What a look into a file's own container gave."""

    READ = "read", "已识别"
    PARTIAL = "partial", "部分识别"
    FAILED = "failed", "无法识别"


class Use(models.TextChoices):
    """What a record is looked at for. All but ``CASE`` are the uses of R097; ``OTHER`` needs its words."""

    CASE = "case", "案件办理"
    EVALUATION = "evaluation", "案卷评查"
    SUPERVISION = "supervision", "执法监督"
    ASSESSMENT = "assessment", "评议考核"
    OPINION = "opinion", "舆情应对"
    DECISION = "decision", "行政决策"
    CREDIT = "credit", "信用体系建设"
    OTHER = "other", "其他"


class Need(models.TextChoices):
    """Why somebody may look without asking, or that an approval stands behind it (R099)."""

    CASE = "case", "承办本案"
    UNIT = "unit", "承办机构负责人"
    LEADER = "leader", "机关负责人"
    SUPERVISOR = "supervisor", "执法监督"
    GRANT = "grant", "经批准调阅"
    BODY = "body", "本机关人员"


class AccessKind(models.TextChoices):
    VIEW = "view", "调阅"
    ORIGINAL = "original", "导出原件"


class AccessState(models.TextChoices):
    """Derived from the request's decision and revocation, never stored."""

    PENDING = "pending", "待审批"
    APPROVED = "approved", "调阅中"
    REFUSED = "refused", "未批准"
    EXPIRED = "expired", "已到期"
    REVOKED = "revoked", "已收回"


class WorkState(models.TextChoices):
    """How far a derivative's making has come."""

    WAITING = "waiting", "等待制作"
    RUNNING = "running", "制作中"
    DONE = "done", "已完成"
    FAILED = "failed", "未能制作"


class Made(models.TextChoices):
    """What was done to the parent; one derivative may carry several."""

    CLIP = "clip", "截取"
    MASK = "mask", "遮挡"
    MUTE = "mute", "消音"
    WATERMARK = "watermark", "加注水印"

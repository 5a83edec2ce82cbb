"""Choices of the publication room. Values only grow (style rule 12)."""

from __future__ import annotations

from django.db import models


class DecisionKind(models.TextChoices):
    """What kind of decision is disclosed; penalties and permits have the short clock (R043, R044)."""

    PENALTY = "penalty", "行政处罚"
    PERMIT = "permit", "行政许可"
    COERCION = "coercion", "行政强制"
    INSPECTION = "inspection", "行政检查"
    LEVY = "levy", "行政征收"
    REQUISITION = "requisition", "行政征用"
    PAYMENT = "payment", "行政给付"
    CONFIRMATION = "confirmation", "行政确认"
    RULING = "ruling", "行政裁决"
    REWARD = "reward", "行政奖励"
    OTHER = "other", "其他执法决定"


class State(models.TextChoices):
    """Where the work on a disclosure stands (采集 → 审核 → 发布)."""

    SCHEDULED = "scheduled", "待采集"
    COLLECTED = "collected", "待审核"
    RETURNED = "returned", "已退回"
    CHECKED = "checked", "待发布"
    PUBLISHED = "published", "公示中"
    WITHDRAWN = "withdrawn", "已撤下"
    EXPIRED = "expired", "期满停止公示"
    WITHHELD = "withheld", "不予公开"
    CANCELLED = "cancelled", "未公示即终止"


class PublicState(models.TextChoices):
    """What the public sees; a small list of its own, mapped from the work (style rule 12)."""

    PUBLISHED = "published", "公示中"
    CORRECTED = "corrected", "已更正"
    WITHDRAWN = "withdrawn", "已撤下"
    EXPIRED = "expired", "公示期满"


class EventKind(models.TextChoices):
    SCHEDULED = "scheduled", "列入公示"
    COLLECTED = "collected", "采集脱敏"
    RETURNED = "returned", "审核退回"
    CHECKED = "checked", "审核通过"
    PUBLISHED = "published", "发布公示"
    REOPENED = "reopened", "启动更正"
    CORRECTED = "corrected", "更正公示"
    ANNULLED = "annulled", "决定被撤销或者变更"
    WITHDRAWN = "withdrawn", "撤下公示"
    EXPIRED = "expired", "期满停止公示"
    WITHHELD = "withheld", "提出不予公开"
    WITHHOLDING_APPROVED = "withholding_approved", "批准不予公开"
    WITHHOLDING_REFUSED = "withholding_refused", "不同意不予公开"
    CANCELLED = "cancelled", "终止公示"
    ATTACHED = "attached", "添加公示附件"
    DETACHED = "detached", "移除公示附件"
    LEAK_CLEARED = "leak_cleared", "附件泄露检查放行"


#: The part of a disclosure's history that the public page tells.
PUBLIC_EVENTS = (EventKind.PUBLISHED, EventKind.CORRECTED, EventKind.WITHDRAWN, EventKind.EXPIRED)


class WithholdReason(models.TextChoices):
    """Why a decision is not published (政府信息公开条例 arts. 14, 15; domain §4.4)."""

    MINOR = "minor", "被处罚人是未成年人"
    STATE_SECRET = "state_secret", "涉及国家秘密"
    TRADE_SECRET = "trade_secret", "涉及商业秘密"
    PRIVACY = "privacy", "涉及个人隐私"
    SECURITY = "security", "公开后可能危及国家安全、公共安全、经济安全、社会稳定"
    PROHIBITED = "prohibited", "法律、行政法规禁止公开或者另有规定"
    SUPERIOR = "superior", "省级以上机关认为不宜公开"


class Severity(models.TextChoices):
    """失信程度 (信用修复管理办法, from 2026-04-01)."""

    MINOR = "minor", "轻微"
    ORDINARY = "ordinary", "一般"
    SERIOUS = "serious", "严重"


class Channel(models.TextChoices):
    PORTAL = "portal", "行政执法信息公示平台"
    CREDIT = "credit", "信用网站"


class Operation(models.TextChoices):
    """What a channel is told of a disclosure."""

    ADD = "add", "新增"
    CORRECT = "correct", "更正"
    WITHDRAW = "withdraw", "撤下"


class DeliveryState(models.TextChoices):
    WAITING = "waiting", "待报送"
    FILED = "filed", "已制成文件"
    ACCEPTED = "accepted", "已接收"
    REFUSED = "refused", "被退回"
    DROPPED = "dropped", "无需报送"


class IntakeKind(models.TextChoices):
    COMPLAINT = "complaint", "投诉"
    REPORT = "report", "举报"
    DISCIPLINE = "discipline", "对执法行为的监督意见"
    CORRECTION = "correction", "公示信息更正申请"
    QUESTION = "question", "咨询"
    REPAIR = "repair", "信用修复申请"


#: Against a unit or a person of the body: neither that unit nor that person gets it.
AGAINST = frozenset({IntakeKind.COMPLAINT, IntakeKind.DISCIPLINE})
#: Whoever sent it stays hidden from everybody but who may unseal, with a purpose.
SHELTERED = AGAINST | {IntakeKind.REPORT}
#: About one disclosure, sent from its page.
DISCLOSED = frozenset({IntakeKind.CORRECTION, IntakeKind.REPAIR})


class IntakeState(models.TextChoices):
    RECEIVED = "received", "已收到"
    ACCEPTED = "accepted", "已受理"
    TRANSFERRED = "transferred", "已转送其他机关"
    REOPENED = "reopened", "重新办理"
    ANSWERED = "answered", "已答复"
    DECLINED = "declined", "不予受理"


#: Somebody still owes the citizen something.
INTAKE_OPEN = (IntakeState.RECEIVED, IntakeState.ACCEPTED, IntakeState.REOPENED)


class IntakeStepKind(models.TextChoices):
    RECEIVED = "received", "收到来件"
    NAMED = "named", "认定被投诉对象"
    ACCEPTED = "accepted", "受理"
    DECLINE_DRAFTED = "decline_drafted", "拟不予受理"
    DECLINED = "declined", "不予受理"
    TRANSFERRED = "transferred", "转送"
    SENT = "sent", "寄送转送函"
    TAKEN_OVER = "taken_over", "接收机关签收"
    SENT_BACK = "sent_back", "接收机关退回"
    ASSIGNED = "assigned", "交办"
    ASKED = "asked", "要求说明情况"
    ACCOUNTED = "accounted", "被投诉机构说明情况"
    EXTENSION_ASKED = "extension_asked", "申请延期"
    EXTENDED = "extended", "批准延期"
    EXTENSION_REFUSED = "extension_refused", "不同意延期"
    CLUE = "clue", "转为案件线索"
    CHECKED = "checked", "核查修复条件"
    DRAFTED = "drafted", "拟定答复"
    DRAFT_RETURNED = "draft_returned", "退回拟稿"
    ANSWERED = "answered", "答复"
    REPAIRED = "repaired", "准予信用修复"
    REPAIR_REFUSED = "repair_refused", "不予信用修复"
    REOPENED = "reopened", "来件人要求重新办理"
    RATED = "rated", "来件人评价"


class Satisfaction(models.TextChoices):
    """How the citizen marks the answer (R056)."""

    GOOD = "good", "满意"
    FAIR = "fair", "基本满意"
    BAD = "bad", "不满意"


class IntakeStage(models.TextChoices):
    """What a body's own term is for."""

    ACCEPTANCE = "acceptance", "决定是否受理"
    REPLY = "reply", "办结答复"
    EXTENSION = "extension", "延期最长"
    REOPEN = "reopen", "来件人可以要求重新办理"
    RECEIPT = "receipt", "取得转送回执"


class TransferState(models.TextChoices):
    """Where a letter that was passed to an agency elsewhere stands; all but the first are its events."""

    MADE = "made", "待寄送"
    SENT = "sent", "待回执"
    RECEIVED = "received", "已签收"
    REFUSED = "refused", "已退回"


class TransferWay(models.TextChoices):
    """How a 转送函 goes out."""

    POST = "post", "邮寄"
    HAND = "hand", "直接送交"
    EXCHANGE = "exchange", "机要或者公文交换"


class QuestionState(models.TextChoices):
    PROPOSED = "proposed", "待审核"
    RETURNED = "returned", "已退回"
    PUBLISHED = "published", "已公开"
    WITHDRAWN = "withdrawn", "已撤下"


class AmountBand(models.TextChoices):
    NONE = "none", "无罚没款"
    TO_1K = "to_1k", "不满 1,000 元"
    TO_10K = "to_10k", "1,000 元以上不满 1 万元"
    TO_100K = "to_100k", "1 万元以上不满 10 万元"
    OVER_100K = "over_100k", "10 万元以上"


class Paper(models.TextChoices):
    """Paper that a board is printed on; the layout is the same, to scale."""

    A3 = "a3", "A3"
    A4 = "a4", "A4"

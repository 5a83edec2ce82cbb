"""What the room refuses, in words."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, Invalid, NotFound


class PayloadInvalid(Invalid):
    """The payload is not plain JSON, or the kind has no name. A programming error, told early."""

    code = "outbox.payload"
    sentence = "外发事项“{kind}”的内容无法保存：{why}"


class OutsideTransaction(Invalid):
    """Enqueued without a transaction: the message could leave although the work is undone."""

    code = "outbox.outside_transaction"
    sentence = "外发事项须与业务同一事务登记"
    status = 500


class NoMessage(NotFound):
    """No such message."""

    code = "outbox.none"
    sentence = "未找到该外发事项"


class NotFailed(Conflict):
    """Only what failed for good is retried by hand."""

    code = "outbox.not_failed"
    sentence = "该外发事项当前为“{state}”，不需要重试"
    remedy = "请刷新后查看最新状态"

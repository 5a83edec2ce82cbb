"""Refusals of the cases room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class ClueSettled(MingzhiError):
    code = "clue.settled"
    sentence = "线索 {number} 已处理（{state}），不能重复处理"
    remedy = "请在线索列表中查看处理结果"
    status = 409

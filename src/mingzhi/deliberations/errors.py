"""Refusals of the deliberations room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class HearingOutOfTurn(MingzhiError):
    code = "hearing.out_of_turn"
    sentence = "听证当前为“{state}”，不能{act}"
    remedy = "请刷新页面查看听证进展"
    status = 409

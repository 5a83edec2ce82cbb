"""Refusals of the review room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class ReviewOutOfTurn(MingzhiError):
    """The round is not in a state in which this can be done."""

    code = "review.out_of_turn"
    sentence = "本轮法制审核当前为“{state}”，不能{act}"
    remedy = "请刷新页面查看审核进展"
    status = 409

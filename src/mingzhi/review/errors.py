"""Refusals of the review room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class ReviewOutOfTurn(MingzhiError):
    """The round is not in a state in which this can be done."""

    code = "review.out_of_turn"
    sentence = "本轮法制审核当前为“{state}”，不能{act}"
    remedy = "请刷新页面查看审核进展"
    status = 409


class AdviserBarred(MingzhiError):
    """This adviser may not be asked on this matter; every reason is named."""

    code = "review.adviser_barred"
    sentence = "不能向{name}咨询本事项"
    remedy = "请另选法律顾问、公职律师"
    status = 409


class AdviceGiven(MingzhiError):
    """The consultation was answered before."""

    code = "review.advice_given"
    sentence = "本次咨询已经答复"
    remedy = "需要补充意见的，请由审核人员另行提请"
    status = 409

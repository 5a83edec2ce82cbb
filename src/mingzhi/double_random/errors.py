"""Refusals of the double-random room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError


class NoPublishedItem(MingzhiError):
    code = "double_random.item_not_published"
    sentence = "该抽查事项不在本机关已公布、现行有效的随机抽查事项清单中，不得组织抽查"
    remedy = "请先在清单管理中公布随机抽查事项清单"
    status = 422


class NoTargets(MingzhiError):
    code = "double_random.no_targets"
    sentence = "本机关没有现行有效的检查对象名录库"
    remedy = "请先在清单管理中导入并公布检查对象名录库"
    status = 422


class NotDrawable(MingzhiError):
    code = "double_random.not_drawable"
    sentence = "名录不具备抽取条件"
    status = 422


class DrawOutOfTurn(MingzhiError):
    code = "double_random.out_of_turn"
    sentence = "本次抽查当前为“{stage}”，不能{act}"
    remedy = "请刷新页面查看最新情况"
    status = 409


class SamePerson(MingzhiError):
    code = "double_random.same_person"
    sentence = "公布名录和承诺值的人不能同时主持抽取"
    remedy = "请由另一名负责双随机抽查的人员主持抽取"
    status = 403


class NotYetSealed(MingzhiError):
    code = "double_random.not_yet_sealed"
    sentence = "公布名录后的存证检查点尚未签发，暂不能抽取"
    remedy = "检查点通常几秒内签发，请稍候再试；长时间未签发的，请联系系统管理员检查后台任务"
    status = 409

"""Refusals of the engine."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, MingzhiError


class GuardsUnmet(MingzhiError):
    """Every condition that is not met, at once; ``reasons`` carries them with citation and remedy."""

    code = "procedure.guards_unmet"
    sentence = "“{label}”暂不能办理，有 {count} 项条件未满足"
    status = 409


class NoSuchStep(MingzhiError):
    code = "procedure.no_such_step"
    sentence = "当前状态“{state}”下不能办理“{label}”"
    remedy = "请刷新案件页面，在“下一步”中选择可办理的环节"
    status = 409


class SomebodyActed(Conflict):
    """Between opening the form and submitting it, another step was taken."""

    code = "procedure.somebody_acted"
    sentence = "您填写期间，{who}已办理“{label}”，本次提交未生效，填写内容已保留"
    remedy = "请核对最新情况，确认无误后再次提交"

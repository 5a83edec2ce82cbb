"""Refusals of the engine."""

from __future__ import annotations

from mingzhi.kernel.errors import Conflict, MingzhiError, Reason


class GuardsUnmet(MingzhiError):
    """Every condition that is not met, at once; ``reasons`` carries them with citation and remedy.

    ``fields`` carries what is wrong with the entries as well, if anything is, so that nobody mends the
    one to be told of the other.
    """

    code = "procedure.guards_unmet"
    sentence = "“{label}”暂不能办理，有 {count} 项条件未满足{also}"
    status = 409

    def __init__(self, *, label: str, reasons: list[Reason], fields: dict[str, list[str]]) -> None:
        also = f"，另有 {len(fields)} 处填写内容有误" if fields else ""
        super().__init__(label=label, count=len(reasons), also=also, reasons=reasons, fields=fields)


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

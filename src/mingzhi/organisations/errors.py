"""Errors of the organisations room."""

from __future__ import annotations

from mingzhi.kernel.errors import MingzhiError, NotAllowed


class RolesExclude(NotAllowed):
    """Two roles that one account may not hold together (SoD-6 and its kin)."""

    code = "organisations.roles_exclude"
    sentence = "“{first}”与“{second}”不得由同一账号兼任"
    remedy = "请先收回其中一个角色，或者授予其他人员"


class OwnRights(NotAllowed):
    """Somebody tried to change his or her own rights or account."""

    code = "organisations.own_rights"
    sentence = "不得变更本人账号的角色或状态"
    remedy = "请由另一名安全管理员办理"


class CertificateGone(MingzhiError):
    """The certificate has been revoked; nothing can be registered on it any more."""

    code = "organisations.certificate_revoked"
    sentence = "该证件已于 {on} 注销，不能再登记变动"
    remedy = "如需继续执法，请登记新发证件"
    status = 409


class ChangedMeanwhile(MingzhiError):
    """Somebody else registered a newer version than the one this change was written over."""

    code = "organisations.changed_meanwhile"
    sentence = "“{name}”的资料已由他人更新，本次修改没有保存"
    remedy = "请核对最新资料后重新填写"
    status = 409

"""Writes on accounts and roles. One verb, one function, one transaction, one ledger entry."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.contrib.auth import password_validation
from django.core.exceptions import ValidationError
from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import choices
from mingzhi.organisations.access import require
from mingzhi.organisations.actions import change, choice, text
from mingzhi.organisations.data import Actor
from mingzhi.organisations.errors import OwnRights, RolesExclude
from mingzhi.organisations.events import record
from mingzhi.organisations.models import Account, Person, RoleGrant
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.roles import ESTABLISHED_ONLY, exclude


def _account_for(account_id: int, permission: Permission, by: Actor) -> Account:
    row = Account.objects.select_for_update().filter(pk=account_id).first()
    if row is None:
        raise NotFound("未找到该账号")
    require(by, permission, body_id=row.body_id)
    return row


_WEAK = {
    "password_too_short": "口令至少 10 个字符",
    "password_too_common": "这是常见口令，容易被猜中，请换一个",
    "password_entirely_numeric": "口令不能全是数字",
    "password_too_similar": "口令与登录名过于相近，请换一个",
}


def _check_password(password: str, account: Account) -> None:
    try:
        password_validation.validate_password(password, account)
    except ValidationError as error:
        told = [_WEAK.get(str(e.code), "口令不符合要求，请换一个") for e in error.error_list]
        raise Invalid(fields={"password": told}) from None


@transaction.atomic
def account_create(
    *,
    username: str,
    password: str | None,
    body_id: int,
    person_id: int | None,
    totp_required: bool = False,
    must_change: bool = True,
    by: Actor,
    at: datetime,
) -> int:
    """Open an account. With ``password=None`` it can be entered by single sign-on only.

    The first password is known to whoever set it, so its owner has to replace it at the first log-in;
    only the demonstration's documented password is left as it is (``must_change=False``).
    """
    require(by, Permission.ACCOUNT_MANAGE, body_id=body_id)
    problems = Problems()
    username = text(problems, "username", username, "登录名", limit=60).lower()
    if username and not all(c.isalnum() or c in "._-@" for c in username):
        problems.add("username", "登录名只能使用文字、数字和 . _ - @")
    if Account.objects.filter(username__iexact=username).exists():
        problems.add("username", f"登录名“{username}”已被使用")
    if person_id is not None:
        if not Person.objects.filter(pk=person_id, body_id=body_id).exists():
            problems.add("person", "请选择本机关人员")
        elif Account.objects.filter(person_id=person_id).exists():
            problems.add("person", "该人员已有账号")
    problems.raise_if_any()
    row = Account(
        username=username,
        body_id=body_id,
        person_id=person_id,
        created_at=at,
        password_changed_at=None if must_change else at,
        totp_required=totp_required,
    )
    if password is None:
        row.set_unusable_password()
    else:
        _check_password(password, row)
        row.set_password(password)
    row.save(force_insert=True)
    record(row, at=at)
    return row.pk


@transaction.atomic
def account_enable(*, account_id: int, active: bool, by: Actor, at: datetime) -> bool:
    """Enable or disable an account; a disabled one is refused at once, open sessions included."""
    row = _account_for(account_id, Permission.ACCOUNT_MANAGE, by)
    if row.pk == by.account_id:
        raise OwnRights
    return change(row, {"is_active": active}, at=at)


@transaction.atomic
def account_require_totp(*, account_id: int, required: bool, by: Actor, at: datetime) -> bool:
    """Ask a dynamic code of this account from its next request on, or no longer."""
    row = _account_for(account_id, Permission.ACCOUNT_MANAGE, by)
    return change(row, {"totp_required": required}, at=at)


@transaction.atomic
def password_reset(*, account_id: int, password: str, by: Actor, at: datetime) -> None:
    """The security administrator sets a new first password; its owner replaces it at the next log-in.
    Every open session of the account ends."""
    row = _account_for(account_id, Permission.ACCOUNT_MANAGE, by)
    _check_password(password, row)
    row.set_password(password)
    row.password_changed_at = None
    row.save(update_fields=["password", "password_changed_at"])
    record(row, at=at)


@transaction.atomic
def password_change(*, account_id: int, old: str, new: str, by: Actor, at: datetime) -> None:
    """The owner replaces the own password. Every other open session of the account ends."""
    if account_id != by.account_id:
        raise NotAllowed("只能修改本人口令")
    row = Account.objects.select_for_update().get(pk=account_id)
    if not row.check_password(old):
        raise Invalid(fields={"old": ["原口令不正确"]})
    if old == new:
        raise Invalid(fields={"password": ["新口令不得与原口令相同"]})
    _check_password(new, row)
    row.set_password(new)
    row.password_changed_at = at
    row.save(update_fields=["password", "password_changed_at"])
    record(row, at=at)


@transaction.atomic
def role_grant(
    *,
    account_id: int,
    role: str,
    valid_from: date,
    valid_until: date | None = None,
    mandate: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Grant a role over days (both included). Refused: to oneself, beside an excluded role on any common
    day (SoD-6), an acting leader without mandate (SoD-9), deciding roles to auxiliary staff (PER-03)."""
    account = _account_for(account_id, Permission.ROLE_MANAGE, by)
    if account.pk == by.account_id:
        raise OwnRights
    problems = Problems()
    choice(problems, "role", role, choices.Role, "角色")
    if valid_until is not None and valid_until < valid_from:
        problems.add("valid_until", "截止日不得早于起始日")
    problems.raise_if_any()
    wanted = choices.Role(role)
    acting = valid_until is not None and wanted in {choices.Role.LEADER, choices.Role.DEPUTY_LEADER}
    if acting and not mandate.strip():
        problems.add("mandate", "限期代行领导职责的，应当填写授权依据")
    if wanted in ESTABLISHED_ONLY:
        if account.person is None:
            problems.add("role", f"“{wanted.label}”只能授予名录中的人员")
        elif account.person.staffing != choices.StaffingKind.ESTABLISHED:
            problems.add("role", f"“{wanted.label}”只能授予在编在职人员")
    problems.raise_if_any()
    for other in RoleGrant.objects.filter(account=account):
        if other.valid_until is not None and other.valid_until < valid_from:
            continue
        if valid_until is not None and other.valid_from > valid_until:
            continue
        held = choices.Role(other.role)
        if held == wanted:
            raise Conflict(f"该账号在此期间已有“{wanted.label}”角色", remedy="如需延长，请先收回再重新授予")
        if exclude(held, wanted):
            raise RolesExclude(first=held.label, second=wanted.label)
    row = RoleGrant.objects.create(
        account=account,
        role=role,
        valid_from=valid_from,
        valid_until=valid_until,
        mandate=mandate.strip(),
        granted_by=by.label,
        granted_at=at,
    )
    record(row, at=at)
    return row.pk


@transaction.atomic
def role_end(*, grant_id: int, on: date, reason: str, by: Actor, at: datetime) -> bool:
    """End a grant: ``on`` is the first day without the role. The row stays. ``False`` when already over."""
    row = RoleGrant.objects.select_for_update().filter(pk=grant_id).first()
    if row is None:
        raise NotFound("未找到该角色授予")
    account = _account_for(row.account_id, Permission.ROLE_MANAGE, by)
    if account.pk == by.account_id:
        raise OwnRights
    if not reason.strip():
        raise Invalid(fields={"reason": ["请填写收回原因"]})
    if on < clock.local_date(at):
        raise Invalid(fields={"on": ["收回日期不得早于今日"]})
    last_day = on - timedelta(days=1)
    if row.valid_until is not None and row.valid_until <= last_day:
        return False
    return change(
        row,
        {"valid_until": last_day, "ended_by": by.label, "ended_at": at, "end_reason": reason.strip()[:200]},
        at=at,
    )

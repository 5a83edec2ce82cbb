"""The inner door for log-in and account pages: accounts, roles, passwords, second factor, lock.

Kept apart from ``api`` because only the identity pages and set-up need it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db.models import Q

from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.access import in_scope, require
from mingzhi.organisations.account_actions import (
    account_create,
    account_enable,
    account_require_totp,
    password_change,
    password_reset,
    role_end,
    role_grant,
)
from mingzhi.organisations.authentication import (
    REFUSED,
    account_unlock,
    client_address,
    identity_problems,
    locked_usernames,
    totp_begin,
    totp_check,
    totp_confirm,
    totp_device,
    totp_remove,
    totp_secret,
    with_totp,
)
from mingzhi.organisations.choices import Role
from mingzhi.organisations.data import Actor, PersonRef
from mingzhi.organisations.models import Account, Person, RoleGrant
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.roles import ADMINISTRATORS, permissions_of

__all__ = [
    "REFUSED",
    "AccountView",
    "GrantView",
    "account",
    "account_by_username",
    "account_create",
    "account_enable",
    "account_require_totp",
    "account_unlock",
    "account_view",
    "accounts",
    "client_address",
    "conflicting_accounts",
    "first_page",
    "identity_problems",
    "locked_usernames",
    "password_change",
    "password_reset",
    "people_without_account",
    "role_end",
    "role_grant",
    "totp_begin",
    "totp_check",
    "totp_confirm",
    "totp_device",
    "totp_remove",
    "totp_secret",
]


@dataclass(frozen=True, slots=True)
class GrantView:
    """One grant of a role; ``state`` is 有效, 未到期, 已到期 or 已收回."""

    id: int
    role: str
    label: str
    valid_from: date
    valid_until: date | None
    mandate: str
    granted_by: str
    granted_at: datetime
    ended_by: str
    ended_at: datetime | None
    end_reason: str
    in_force: bool
    state: str


@dataclass(frozen=True, slots=True)
class AccountView:
    """An account as the security administrator sees it."""

    id: int
    username: str
    person_id: int | None
    name: str
    body_id: int
    body: str
    unit: str
    active: bool
    totp_required: bool
    has_totp: bool
    locked: bool
    created_at: datetime
    password_changed_at: datetime | None
    last_login: datetime | None
    grants: tuple[GrantView, ...]

    @property
    def roles(self) -> tuple[str, ...]:
        return tuple(g.label for g in self.grants if g.in_force)


def _grant_view(row: RoleGrant, on: date) -> GrantView:
    in_force = row.valid_from <= on and (row.valid_until is None or row.valid_until >= on)
    if in_force:
        state = "有效"
    elif row.ended_at is not None:
        state = "已收回"
    else:
        state = "未生效" if row.valid_from > on else "已到期"
    return GrantView(
        id=row.pk,
        role=row.role,
        label=str(Role(row.role).label),
        valid_from=row.valid_from,
        valid_until=row.valid_until,
        mandate=row.mandate,
        granted_by=row.granted_by,
        granted_at=row.granted_at,
        ended_by=row.ended_by,
        ended_at=row.ended_at,
        end_reason=row.end_reason,
        in_force=in_force,
        state=state,
    )


def _views(where: Q, on: date, at: datetime) -> list[AccountView]:
    rows = list(
        Account.objects.filter(where)
        .select_related("person__unit", "body")
        .prefetch_related("grants")
        .order_by("username")
    )
    locked = locked_usernames([r.username for r in rows], at)
    bound = with_totp([r.pk for r in rows])
    return [
        AccountView(
            id=row.pk,
            username=row.username,
            person_id=row.person_id,
            name=row.person.name if row.person else "",
            body_id=row.body_id,
            body=row.body.short_name,
            unit=row.person.unit.name if row.person and row.person.unit else "",
            active=row.is_active,
            totp_required=row.totp_required,
            has_totp=row.pk in bound,
            locked=row.username in locked,
            created_at=row.created_at,
            password_changed_at=row.password_changed_at,
            last_login=row.last_login,
            grants=tuple(_grant_view(g, on) for g in row.grants.all()),
        )
        for row in rows
    ]


def account(account_id: int) -> Account:
    """The account itself, for resolving its holder's rights on a day."""
    return Account.objects.get(pk=account_id)


def account_by_username(username: str) -> Account | None:
    """The account in use with this log-in whose person is in office; for sign-on, which proved the name."""
    if not username:
        return None
    row = Account.objects.select_related("person").filter(username=username.lower(), is_active=True).first()
    return row if row is not None and (row.person is None or row.person.active) else None


def accounts(*, by: Actor, on: date, at: datetime, query: str = "") -> list[AccountView]:
    """Accounts of the security administrator's own body and of those it founds; ``query`` is part of a log-in or a name."""
    require(by, Permission.ACCOUNT_MANAGE)
    where = in_scope(by, Permission.ACCOUNT_MANAGE).filter("body")
    if query.strip():
        where &= Q(username__icontains=query.strip()) | Q(person__name__icontains=query.strip())
    return _views(where, on, at)


def account_view(*, account_id: int, by: Actor, on: date, at: datetime) -> AccountView:
    """One account, or ``NotFound`` when it is not of the own body."""
    require(by, Permission.ACCOUNT_MANAGE)
    found = _views(in_scope(by, Permission.ACCOUNT_MANAGE).filter("body") & Q(pk=account_id), on, at)
    if not found:
        raise NotFound("未找到该账号")
    return found[0]


def people_without_account(*, by: Actor) -> list[PersonRef]:
    """People in office, of the own body or of one it founds, who have no account yet; the own ones first."""
    require(by, Permission.ACCOUNT_MANAGE)
    rows = Person.objects.filter(
        in_scope(by, Permission.ACCOUNT_MANAGE).filter("body"), active=True, account__isnull=True
    ).select_related("unit")
    return [
        PersonRef(r.pk, r.name, r.body_id, r.unit_id, r.unit.name if r.unit else "", r.title)
        for r in sorted(rows, key=lambda r: r.body_id != by.body_id)
    ]


def conflicting_accounts(on: date) -> list[str]:
    """Log-ins whose roles in force exclude one another (SoD-6). Always empty unless rows were written past
    us; ``mingzhi check`` and the audit page tell them. Such an account has no rights meanwhile."""
    held: dict[str, set[str]] = {}
    rows = RoleGrant.objects.filter(Q(valid_until__isnull=True) | Q(valid_until__gte=on), valid_from__lte=on)
    for username, role in rows.values_list("account__username", "role"):
        held.setdefault(username, set()).add(role)
    single = {role: bool(permissions_of([role])) for role in Role.values}
    return sorted(
        name for name, roles in held.items() if any(single[r] for r in roles) and not permissions_of(roles)
    )


def first_page(by: Actor) -> str:
    """Where somebody begins after log-in, as a URL name: administrators at their own page."""
    if by.roles and by.roles <= {r.value for r in ADMINISTRATORS}:
        if by.may(Permission.ACCOUNT_MANAGE):
            return "identity:accounts"
        if by.may(Permission.ATTEMPTS_READ):
            return "identity:attempts"
    return "desk:home"

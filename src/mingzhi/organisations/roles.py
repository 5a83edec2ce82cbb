"""Roles as sets of permissions, and which roles exclude one another (domain §8.1, SoD-6).

A role's set is what the post *may* do; what it may *not* do within one file (handler as reviewer,
collector as checker) is not a matter of sets but of ``separation``.
"""

from __future__ import annotations

from collections.abc import Iterable

from mingzhi.organisations.choices import Role
from mingzhi.organisations.permissions import Permission

PERMISSIONS: dict[Role, frozenset[Permission]] = {
    Role.OFFICER: frozenset(
        {Permission.CASE_ACT, Permission.CASE_READ, Permission.CLUE_REGISTER, Permission.INTAKE_HANDLE}
    ),
    Role.UNIT_HEAD: frozenset(
        {
            Permission.CASE_READ,
            Permission.CASE_UNIT_CHECK,
            Permission.CLUE_REGISTER,
            Permission.DRAW_MAKE,
            Permission.INTAKE_HANDLE,
            Permission.STATISTICS_READ,
        }
    ),
    Role.REVIEWER: frozenset({Permission.CASE_READ, Permission.LIST_CHECK, Permission.REVIEW_OPINE}),
    Role.REVIEW_HEAD: frozenset(
        {
            Permission.CASE_READ,
            Permission.DRAW_MAKE,
            Permission.LIST_CHECK,
            Permission.REVIEW_ASSIGN,
            Permission.REVIEW_OPINE,
        }
    ),
    Role.HEARING_HOST: frozenset({Permission.CASE_READ, Permission.HEARING_HOST}),
    Role.DEPUTY_LEADER: frozenset(
        {
            Permission.CASE_DEPUTY_APPROVE,
            Permission.CASE_READ,
            Permission.DISCUSSION_RECORD,
            Permission.LIST_APPROVE,
        }
    ),
    Role.LEADER: frozenset(
        {
            Permission.CASE_APPROVE,
            Permission.CASE_DEPUTY_APPROVE,
            Permission.CASE_READ,
            Permission.DISCUSSION_RECORD,
            Permission.LIST_APPROVE,
            Permission.STATISTICS_APPROVE,
            Permission.STATISTICS_READ,
        }
    ),
    Role.DISCUSSANT: frozenset({Permission.CASE_READ, Permission.DISCUSSION_RECORD}),
    Role.DISCLOSURE_COLLECTOR: frozenset({Permission.CASE_READ, Permission.DISCLOSURE_COLLECT}),
    Role.DISCLOSURE_CHECKER: frozenset({Permission.CASE_READ, Permission.DISCLOSURE_CHECK}),
    Role.DISCLOSURE_PUBLISHER: frozenset({Permission.CASE_READ, Permission.DISCLOSURE_PUBLISH}),
    Role.STATISTICIAN: frozenset({Permission.STATISTICS_MAKE, Permission.STATISTICS_READ}),
    Role.LIST_KEEPER: frozenset(
        {
            Permission.BODY_MANAGE,
            Permission.CATALOGUE_MANAGE,
            Permission.CERTIFICATE_MANAGE,
            Permission.DEVICE_MANAGE,
            Permission.TEMPLATE_MANAGE,
        }
    ),
    Role.ARCHIVIST: frozenset({Permission.CASE_READ, Permission.DOSSIER_ARCHIVE}),
    Role.EVALUATOR: frozenset({Permission.CASE_READ}),
    Role.SUPERVISOR: frozenset({Permission.STATISTICS_READ, Permission.SUPERVISE_READ}),
    Role.WINDOW_CLERK: frozenset({Permission.CLUE_REGISTER, Permission.INTAKE_MANAGE}),
    Role.COMPLAINTS_KEEPER: frozenset(
        {
            Permission.CLUE_REGISTER,
            Permission.INTAKE_HANDLE,
            Permission.INTAKE_MANAGE,
            Permission.INTAKE_UNSEAL,
        }
    ),
    # An adviser sees the reviews assigned to him or her, object by object, and browses nothing.
    Role.ADVISER: frozenset(),
    Role.CASHIER: frozenset({Permission.CASE_READ, Permission.PAYMENT_RECORD}),
    Role.SYSTEM_ADMIN: frozenset({Permission.CONFIG_MANAGE}),
    Role.SECURITY_ADMIN: frozenset({Permission.ACCOUNT_MANAGE, Permission.ROLE_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({Permission.ATTEMPTS_READ}),
}

ADMINISTRATORS = frozenset({Role.SYSTEM_ADMIN, Role.SECURITY_ADMIN, Role.AUDIT_ADMIN})

#: Roles that need 在编在职 staff (PER-03, PER-07): auxiliary staff help, they do not enforce or decide.
ESTABLISHED_ONLY = frozenset(
    {
        Role.OFFICER,
        Role.UNIT_HEAD,
        Role.REVIEWER,
        Role.REVIEW_HEAD,
        Role.HEARING_HOST,
        Role.DEPUTY_LEADER,
        Role.LEADER,
        Role.CASHIER,
        Role.COMPLAINTS_KEEPER,
    }
)


def exclude(first: Role, second: Role) -> bool:
    """Whether one account may not hold both roles on the same day.

    The three administrators exclude one another and every business role. Who handles a case may not
    be the one who registers its payment (罚缴分离: 行政处罚法第六十七条).
    """
    if first == second:
        return False
    if first in ADMINISTRATORS or second in ADMINISTRATORS:
        return True
    pair = {first, second}
    return Role.CASHIER in pair and bool(pair & {Role.OFFICER, Role.UNIT_HEAD})


def permissions_of(roles: Iterable[str]) -> frozenset[Permission]:
    """Everything these roles allow together.

    Nothing at all when two of them exclude one another: grants refuse that, so rows that say so
    were not written by us, and the safe reading is «no rights until the security administrator looks».
    """
    held = [Role(r) for r in set(roles)]
    if any(exclude(a, b) for i, a in enumerate(held) for b in held[i + 1 :]):
        return frozenset()
    allowed: set[Permission] = set()
    for role in held:
        allowed |= PERMISSIONS[role]
    return frozenset(allowed)


def roles_with(permission: Permission) -> list[str]:
    """Names of the roles that hold ``permission``, for «who may do this» on a page."""
    return [str(role.label) for role, held in PERMISSIONS.items() if permission in held]

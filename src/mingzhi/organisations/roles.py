"""Roles as sets of permissions, and which roles exclude one another (domain §8.1, SoD-6).

A role's set is what the post *may* do; what it may *not* do within one file (handler as reviewer,
collector as checker) is not a matter of sets but of ``separation``.
"""

from __future__ import annotations

from collections.abc import Iterable

from mingzhi.organisations.choices import Role
from mingzhi.organisations.permissions import Permission as P

PERMISSIONS: dict[Role, frozenset[P]] = {
    Role.OFFICER: frozenset({P.CASE_ACT, P.CASE_READ, P.CLUE_REGISTER}),
    Role.UNIT_HEAD: frozenset({P.CASE_READ, P.CASE_UNIT_CHECK, P.CLUE_REGISTER}),
    Role.REVIEWER: frozenset({P.CASE_READ, P.REVIEW_OPINE}),
    Role.REVIEW_HEAD: frozenset({P.CASE_READ, P.REVIEW_ASSIGN, P.REVIEW_OPINE}),
    Role.HEARING_HOST: frozenset({P.CASE_READ, P.HEARING_HOST}),
    Role.DEPUTY_LEADER: frozenset({P.CASE_DEPUTY_APPROVE, P.CASE_READ, P.DISCUSSION_RECORD}),
    Role.LEADER: frozenset(
        {P.CASE_APPROVE, P.CASE_DEPUTY_APPROVE, P.CASE_READ, P.DISCUSSION_RECORD, P.STATISTICS_READ}
    ),
    Role.DISCUSSANT: frozenset({P.CASE_READ, P.DISCUSSION_RECORD}),
    Role.DISCLOSURE_COLLECTOR: frozenset({P.CASE_READ, P.DISCLOSURE_COLLECT}),
    Role.DISCLOSURE_CHECKER: frozenset({P.CASE_READ, P.DISCLOSURE_CHECK}),
    Role.DISCLOSURE_PUBLISHER: frozenset({P.CASE_READ, P.DISCLOSURE_PUBLISH}),
    Role.STATISTICIAN: frozenset({P.STATISTICS_READ}),
    Role.LIST_KEEPER: frozenset({P.BODY_MANAGE, P.CATALOGUE_MANAGE, P.CERTIFICATE_MANAGE, P.TEMPLATE_MANAGE}),
    Role.ARCHIVIST: frozenset({P.CASE_READ, P.DOSSIER_ARCHIVE}),
    Role.EVALUATOR: frozenset({P.CASE_READ}),
    Role.SUPERVISOR: frozenset({P.STATISTICS_READ, P.SUPERVISE_READ}),
    Role.WINDOW_CLERK: frozenset({P.CLUE_REGISTER}),
    # An adviser sees the reviews assigned to him or her, object by object, and browses nothing.
    Role.ADVISER: frozenset(),
    Role.CASHIER: frozenset({P.CASE_READ, P.PAYMENT_RECORD}),
    Role.SYSTEM_ADMIN: frozenset({P.CONFIG_MANAGE}),
    Role.SECURITY_ADMIN: frozenset({P.ACCOUNT_MANAGE, P.ROLE_MANAGE}),
    Role.AUDIT_ADMIN: frozenset({P.ATTEMPTS_READ}),
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


def permissions_of(roles: Iterable[str]) -> frozenset[P]:
    """Everything these roles allow together.

    Nothing at all when two of them exclude one another: grants refuse that, so rows that say so
    were not written by us, and the safe reading is «no rights until the security administrator looks».
    """
    held = [Role(r) for r in set(roles)]
    if any(exclude(a, b) for i, a in enumerate(held) for b in held[i + 1 :]):
        return frozenset()
    allowed: set[P] = set()
    for role in held:
        allowed |= PERMISSIONS[role]
    return frozenset(allowed)

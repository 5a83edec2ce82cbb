"""Who may what, and who may not hold what beside what (domain §8.1, SoD-6)."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import combinations

import pytest

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from mingzhi.organisations import api
from mingzhi.organisations.access import PERMISSION_LABELS
from mingzhi.organisations.choices import Role
from mingzhi.organisations.errors import OwnRights, RolesExclude
from mingzhi.organisations.permissions import Permission as P
from mingzhi.organisations.roles import ADMINISTRATORS, PERMISSIONS, exclude, permissions_of, roles_with

BUSINESS = [r for r in Role if r not in ADMINISTRATORS]
db = pytest.mark.django_db(databases="__all__")


def test_every_role_is_defined_and_every_permission_has_a_holder_and_a_name():
    assert set(PERMISSIONS) == set(Role)
    assert frozenset().union(*PERMISSIONS.values()) == set(P) == set(PERMISSION_LABELS)


def test_nobody_may_everything():
    assert all(held != set(P) for held in PERMISSIONS.values())
    largest = max((permissions_of([a, b]) for a, b in combinations(Role, 2)), key=len)
    assert len(largest) < len(P) / 2


@pytest.mark.parametrize("admin", sorted(ADMINISTRATORS))
def test_each_administrator_excludes_every_other_role(admin: Role):
    for other in Role:
        assert exclude(admin, other) is (other != admin)
        assert exclude(other, admin) is (other != admin)


@pytest.mark.parametrize(("a", "b"), list(combinations(BUSINESS, 2)))
def test_business_roles_exclude_one_another_only_where_money_is_apart(a: Role, b: Role):
    money_apart = {a, b} in ({Role.CASHIER, Role.OFFICER}, {Role.CASHIER, Role.UNIT_HEAD})
    assert exclude(a, b) is money_apart is exclude(b, a)


#: domain §8.1: what a role may not.
MAY_NOT = {
    Role.OFFICER: {P.REVIEW_OPINE, P.CASE_APPROVE, P.DISCLOSURE_PUBLISH, P.HEARING_HOST, P.PAYMENT_RECORD},
    Role.UNIT_HEAD: {P.REVIEW_OPINE, P.CASE_APPROVE, P.PAYMENT_RECORD},
    Role.REVIEWER: {P.CASE_ACT, P.CASE_UNIT_CHECK, P.CASE_APPROVE},
    Role.REVIEW_HEAD: {P.CASE_ACT, P.CASE_UNIT_CHECK, P.CASE_APPROVE},
    Role.HEARING_HOST: {P.CASE_ACT, P.REVIEW_OPINE},
    Role.LEADER: {P.REVIEW_OPINE, P.CASE_ACT, P.DISCLOSURE_CHECK},
    Role.DISCLOSURE_COLLECTOR: {P.DISCLOSURE_CHECK, P.DISCLOSURE_PUBLISH},
    Role.DISCLOSURE_CHECKER: {P.DISCLOSURE_COLLECT, P.DISCLOSURE_PUBLISH},
    Role.DISCLOSURE_PUBLISHER: {P.DISCLOSURE_COLLECT, P.DISCLOSURE_CHECK},
    Role.STATISTICIAN: {P.CASE_ACT, P.CASE_APPROVE},
    Role.ARCHIVIST: {P.CASE_ACT},
    Role.SUPERVISOR: {P.CASE_ACT, P.CASE_APPROVE, P.CASE_UNIT_CHECK},
    Role.WINDOW_CLERK: {P.CASE_APPROVE, P.CASE_READ},
    Role.ADVISER: set(P),
    Role.SYSTEM_ADMIN: set(P) - {P.CONFIG_MANAGE},
    Role.SECURITY_ADMIN: set(P) - {P.ACCOUNT_MANAGE, P.ROLE_MANAGE},
    Role.AUDIT_ADMIN: set(P) - {P.ATTEMPTS_READ},
}


@pytest.mark.parametrize("role", sorted(MAY_NOT))
def test_a_role_may_not_what_its_post_may_not(role: Role):
    assert not PERMISSIONS[role] & MAY_NOT[role]


def test_who_may_can_be_named_on_a_page():
    assert roles_with(P.CASE_APPROVE) == ["机关负责人"]
    assert "承办人" in roles_with(P.CASE_ACT)


def test_excluded_roles_that_reached_the_table_anyway_give_no_rights_at_all():
    assert permissions_of([Role.SYSTEM_ADMIN, Role.AUDIT_ADMIN]) == frozenset()
    assert permissions_of([Role.OFFICER, Role.CASHIER]) == frozenset()
    assert (
        permissions_of([Role.OFFICER, Role.UNIT_HEAD])
        == PERMISSIONS[Role.OFFICER] | PERMISSIONS[Role.UNIT_HEAD]
    )


# --- grants ---------------------------------------------------------------------------------------


@pytest.fixture
def grant(bureau, actor, at):
    def give(username: str, role: Role, **more):
        more.setdefault("valid_from", clock.local_date(at))
        return api.accounts.role_grant(
            account_id=bureau.accounts[username], role=role.value, by=actor("secadmin"), at=at, **more
        )

    return give


@db
@pytest.mark.parametrize("first", sorted(ADMINISTRATORS))
def test_no_account_is_granted_two_of_the_three_or_one_beside_business(grant, actor, first: Role):
    username = {Role.SYSTEM_ADMIN: "sysadmin", Role.AUDIT_ADMIN: "auditor"}.get(first)
    if username:
        for second in Role:
            if second != first:
                with pytest.raises(RolesExclude):
                    grant(username, second)
    for holder in ("officer1", "leader", "reviewer", "publisher", "keeper"):
        with pytest.raises(RolesExclude):
            grant(holder, first)


@db
def test_excluded_roles_may_follow_one_another_but_not_share_a_day(grant, bureau, actor, at, day):
    view = api.accounts.account_view(
        account_id=bureau.accounts["sysadmin"], by=actor("secadmin"), on=day, at=at
    )
    [held] = view.grants
    api.accounts.role_end(
        grant_id=held.id, on=day + timedelta(days=10), reason="轮岗", by=actor("secadmin"), at=at
    )
    with pytest.raises(RolesExclude):
        grant("sysadmin", Role.AUDIT_ADMIN, valid_from=day + timedelta(days=9))
    grant("sysadmin", Role.AUDIT_ADMIN, valid_from=day + timedelta(days=10))


@db
def test_an_ended_role_is_kept_and_no_longer_counts(bureau, account, actor, at, day):
    from mingzhi.organisations.models import RoleGrant

    before = RoleGrant.objects.count()
    grant_id = account("officer1").grants.get().pk
    assert api.accounts.role_end(
        grant_id=grant_id, on=day, reason="调离执法岗位", by=actor("secadmin"), at=at
    )
    assert not actor("officer1").may(P.CASE_ACT)
    assert api.actor_of(account("officer1"), day - timedelta(days=1)).may(P.CASE_ACT)
    assert RoleGrant.objects.count() == before
    assert not api.accounts.role_end(grant_id=grant_id, on=day, reason="再次", by=actor("secadmin"), at=at)


@db
def test_roles_hold_on_their_first_and_last_day_only(grant, account, day):
    grant("officer1", Role.WINDOW_CLERK, valid_from=day, valid_until=day + timedelta(days=2))
    held = [
        Role.WINDOW_CLERK in api.actor_of(account("officer1"), day + timedelta(days=n)).roles
        for n in range(-1, 4)
    ]
    assert held == [False, True, True, True, False]


@db
def test_nobody_changes_the_own_rights(grant, bureau, account, actor, at, day):
    with pytest.raises(OwnRights):
        grant("secadmin", Role.OFFICER)
    with pytest.raises(OwnRights):
        api.accounts.role_end(
            grant_id=account("secadmin").grants.get().pk, on=day, reason="x", by=actor("secadmin"), at=at
        )
    with pytest.raises(OwnRights):
        api.accounts.account_enable(
            account_id=bureau.accounts["secadmin"], active=False, by=actor("secadmin"), at=at
        )


@db
@pytest.mark.parametrize("username", ["leader", "sysadmin", "auditor", "officer1", "keeper"])
def test_only_the_security_administrator_grants(bureau, actor, at, day, username: str):
    with pytest.raises(NotAllowed):
        api.accounts.role_grant(
            account_id=bureau.accounts["archivist"],
            role=Role.OFFICER.value,
            valid_from=day,
            by=actor(username),
            at=at,
        )


@db
def test_another_bureaus_account_does_not_exist_for_the_security_administrator(grant):
    with pytest.raises(NotFound):
        grant("other", Role.LEADER)


@db
def test_an_acting_leader_needs_a_mandate(grant, day):
    until = day + timedelta(days=30)
    with pytest.raises(Invalid) as refused:
        grant("deputy2", Role.LEADER, valid_until=until)
    assert "授权依据" in refused.value.fields["mandate"][0]
    grant("deputy2", Role.LEADER, valid_until=until, mandate="示例局党组会议纪要〔2026〕1号")


@db
def test_a_role_already_held_is_not_granted_twice(grant):
    with pytest.raises(Conflict):
        grant("officer1", Role.OFFICER)


@db
def test_auxiliary_staff_get_no_deciding_role(bureau, actor, at, day):
    from mingzhi.organisations.models import Person

    helper = Person.objects.get(body_id=bureau.body_id, staffing="auxiliary")
    account_id = api.accounts.account_create(
        username="helper",
        password="a-first-pass-phrase",
        body_id=bureau.body_id,
        person_id=helper.pk,
        by=actor("secadmin"),
        at=at,
    )
    for role in (Role.OFFICER, Role.REVIEWER, Role.LEADER, Role.CASHIER):
        with pytest.raises(Invalid):
            api.accounts.role_grant(
                account_id=account_id, role=role.value, valid_from=day, by=actor("secadmin"), at=at
            )
    api.accounts.role_grant(
        account_id=account_id, role=Role.WINDOW_CLERK.value, valid_from=day, by=actor("secadmin"), at=at
    )


@db
def test_rows_written_past_us_are_told_to_the_auditor(bureau, account, at, day):
    from mingzhi.organisations.models import RoleGrant

    assert api.accounts.conflicting_accounts(day) == []
    RoleGrant.objects.create(
        account=account("officer1"),
        role="audit_admin",
        valid_from=date(2020, 1, 1),
        granted_by="?",
        granted_at=at,
    )
    assert api.accounts.conflicting_accounts(day) == ["officer1"]
    assert api.actor_of(account("officer1"), day).permissions == frozenset()


@db
def test_an_account_needs_a_free_name_a_person_without_one_and_a_good_password(bureau, actor, person, at):
    def make(**more):
        given = {
            "username": "fresh",
            "password": "a-first-pass-phrase",
            "body_id": bureau.body_id,
            "person_id": None,
        }
        return api.accounts.account_create(**{**given, **more}, by=actor("secadmin"), at=at)

    for field, bad in (
        ("username", {"username": "OFFICER1"}),
        ("username", {"username": "a b"}),
        ("username", {"username": ""}),
        ("person", {"person_id": person("officer1")}),
        ("person", {"person_id": person("other")}),
        ("password", {"password": "short"}),
        ("password", {"password": "1234567890123"}),
    ):
        with pytest.raises(Invalid) as refused:
            make(**bad)
        assert field in refused.value.fields
    assert make()

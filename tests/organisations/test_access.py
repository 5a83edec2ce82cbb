"""Other agencies' objects do not exist for you; registers; public queries; the ledger agrees with the rows."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger.kinds import current
from mingzhi.organisations import api, demo, queries
from mingzhi.organisations.choices import Role
from mingzhi.organisations.demo import DEMO_PASSWORD
from mingzhi.organisations.models import Body, Person
from mingzhi.organisations.permissions import Permission as P

pytestmark = pytest.mark.django_db(databases="__all__")


def test_an_actor_costs_two_queries(account, day, django_assert_num_queries):
    who = account("officer1")
    with django_assert_num_queries(2):
        found = api.actor_of(who, day)
    assert found.label.startswith("person:") and found.may(P.CASE_ACT) and not found.may(P.CASE_APPROVE)


def test_a_list_shows_the_own_body_only(bureau, actor):
    scope = api.in_scope(actor("officer1"), P.CASE_READ)
    seen = set(Person.objects.filter(scope.filter("body")).values_list("body_id", flat=True))
    assert seen == {bureau.body_id}
    assert not Person.objects.filter(api.in_scope(actor("officer1"), P.CASE_APPROVE).filter("body")).exists()


def test_a_supervisor_reads_every_body_of_its_government_and_writes_in_none(bureau, actor):
    who = actor("supervisor")
    scope = api.in_scope(who, P.CASE_READ)
    seen = set(Person.objects.filter(scope.filter("body_id")).values_list("body_id", flat=True))
    assert {bureau.body_id, bureau.other_body_id} <= seen
    api.require(who, P.CASE_READ, body_id=bureau.body_id)
    for permission in (P.CASE_ACT, P.CASE_APPROVE, P.REVIEW_OPINE, P.DISCLOSURE_PUBLISH):
        with pytest.raises(NotAllowed):
            api.require(who, permission, body_id=bureau.body_id)


def test_a_supervisor_of_another_city_sees_nothing_here(bureau, actor, account, at, day):
    other = api.load_bureau("yongcheng-transport", at=at)
    from mingzhi.organisations.models import Account

    stranger = api.actor_of(Account.objects.get(pk=other.accounts["supervisor"]), day)
    with pytest.raises(NotFound):
        api.require(stranger, P.CASE_READ, body_id=bureau.body_id)
    api.require(stranger, P.CASE_READ, body_id=other.body_id)


def test_a_path_prefix_is_a_branch_and_not_a_number_that_begins_alike(bureau):
    scope = api.Scope(path_prefixes=("/1/",))
    assert scope.covers(0, "/1/2/") and not scope.covers(0, "/11/2/")


def test_elsewhere_is_not_found_and_without_permission_is_not_allowed(bureau, actor):
    api.require(actor("officer1"), P.CASE_READ, body_id=bureau.body_id)
    with pytest.raises(NotFound):
        api.require(actor("officer1"), P.CASE_READ, body_id=bureau.other_body_id)
    with pytest.raises(NotAllowed) as refused:
        api.require(actor("officer1"), P.CASE_APPROVE, body_id=bureau.body_id)
    assert "机关负责人审批" in refused.value.sentence and refused.value.remedy


def test_the_system_holds_only_what_its_job_hands_it(bureau):
    with pytest.raises(NotAllowed):
        api.require(api.system_actor(bureau.body_id), P.CASE_READ)
    job = api.system_actor(bureau.body_id, frozenset({P.DISCLOSURE_PUBLISH}))
    api.require(job, P.DISCLOSURE_PUBLISH, body_id=bureau.body_id)
    with pytest.raises(NotFound):
        api.require(job, P.DISCLOSURE_PUBLISH, body_id=bureau.other_body_id)


def test_a_disabled_account_and_a_leaver_get_no_actor(bureau, account, actor, at, day, person):
    who = account("officer1")
    api.person_change(person_id=person("officer1"), active=False, by=actor("keeper"), at=at)
    with pytest.raises(NotAllowed):
        api.actor_of(who, day)
    who = account("officer2")
    who.is_active = False
    with pytest.raises(NotAllowed):
        api.actor_of(who, day)


# --- registers ------------------------------------------------------------------------------------


def test_the_tree_of_bodies_has_paths(bureau):
    own, government = api.body(bureau.body_id), api.body(bureau.government_id)
    assert own.path == f"{government.path}{own.id}/" and own.parent_id == government.id


def test_a_body_tells_all_that_is_wrong_at_once(bureau, at):
    by = api.system_actor(0, frozenset({P.BODY_MANAGE}))
    with pytest.raises(Invalid) as refused:
        api.body_create(parent_id=bureau.government_id, name="", short_name="x", kind="?", level="city",
                        credit_code="123", code_word="x", by=by, at=at)  # fmt: skip
    assert set(refused.value.fields) == {"name", "kind", "credit_code"}


def test_an_entrusted_body_names_who_entrusts_it(bureau, at):
    by = api.system_actor(0, frozenset({P.BODY_MANAGE}))
    facts = {
        "name": "示例执法大队", "short_name": "示例大队", "kind": "entrusted", "level": "county", "code_word": "示",
        "credit_code": demo.invented_credit_code("440803", 7),
    }  # fmt: skip
    with pytest.raises(Invalid):
        api.body_create(parent_id=bureau.body_id, **facts, by=by, at=at)
    made = api.body_create(parent_id=bureau.body_id, entrusted_by_id=bureau.body_id, **facts, by=by, at=at)
    shown = next(b for b in api.public_bodies() if b.id == made)
    assert shown.entrusted_by == api.body(bureau.body_id).name


FACTS = {
    "name": "示例镇人民政府", "short_name": "示例镇", "kind": "statutory", "level": "township", "code_word": "示镇",
    "credit_code": demo.invented_credit_code("440803", 8),
}  # fmt: skip


def test_no_two_bodies_share_a_code_word_when_registered_or_changed(bureau, actor, at):
    by, own = actor("keeper"), api.body(bureau.body_id)
    with pytest.raises(Invalid) as refused:
        api.body_create(parent_id=own.id, **{**FACTS, "code_word": f" {own.code_word} "}, by=by, at=at)
    assert own.name in refused.value.fields["code_word"][0]
    made = api.body_create(parent_id=own.id, **FACTS, by=by, at=at)
    with pytest.raises(Invalid) as refused:
        api.body_change(body_id=made, code_word=own.code_word, by=by, at=at)
    assert set(refused.value.fields) == {"code_word"}
    assert api.body_change(body_id=made, code_word="示镇府", by=by, at=at)
    assert not api.body_change(body_id=made, code_word="示镇府", by=by, at=at), "its own word is no clash"


def test_the_database_refuses_a_shared_code_word_too(bureau):
    with pytest.raises(IntegrityError), transaction.atomic():
        Body.objects.filter(pk=bureau.other_body_id).update(code_word=api.body(bureau.body_id).code_word)


def test_a_new_body_is_founded_from_above_until_it_has_keepers_of_its_own(bureau, actor, account, at, day):
    keeper, security = actor("keeper"), actor("secadmin")
    made = api.body_create(parent_id=bureau.body_id, **FACTS, by=keeper, at=at)
    unit = api.unit_create(body_id=made, name="综合办", kind="enforcement", by=keeper, at=at)
    people = [
        api.person_create(body_id=made, unit_id=unit, name=name, by=keeper, at=at)
        for name in ("安某某", "目某某")
    ]
    accounts = [
        api.accounts.account_create(
            username=f"town{n}", password="Mingzhi-Demo-2026", body_id=made, person_id=p, by=security, at=at
        )
        for n, p in enumerate(people)
    ]
    for which, role in zip(accounts, (Role.SECURITY_ADMIN, Role.LIST_KEEPER), strict=True):
        with pytest.raises(NotAllowed):
            api.accounts.role_grant(account_id=which, role=role, valid_from=day, by=keeper, at=at)
    # The keeper of the new body is granted first: from then on the register there is its own.
    api.accounts.role_grant(account_id=accounts[1], role=Role.LIST_KEEPER, valid_from=day, by=security, at=at)
    with pytest.raises(NotFound):
        api.unit_create(body_id=made, name="执法办", kind="enforcement", by=keeper, at=at)
    api.accounts.role_grant(
        account_id=accounts[0], role=Role.SECURITY_ADMIN, valid_from=day, by=security, at=at
    )
    with pytest.raises(NotFound):
        api.accounts.password_reset(account_id=accounts[0], password="Another-Word-2026", by=security, at=at)


def test_bodies_elsewhere_are_not_founded_from_here(bureau, actor, at):
    for elsewhere in (bureau.other_body_id, bureau.government_id, bureau.supervisor_id):
        with pytest.raises(NotFound):
            api.unit_create(body_id=elsewhere, name="执法办", kind="enforcement", by=actor("keeper"), at=at)


def test_a_person_is_registered_with_a_checked_phone_that_the_database_cannot_read(bureau, actor, at):
    by = actor("keeper")
    unit = api.units(bureau.body_id)[0].id
    with pytest.raises(Invalid):
        api.person_create(body_id=bureau.body_id, unit_id=unit, name="金某戌", phone="123", by=by, at=at)
    made = api.person_create(
        body_id=bureau.body_id, unit_id=unit, name="金某戌", phone="１３８ 0013 8000", by=by, at=at
    )
    assert Person.objects.get(pk=made).phone == "13800138000"
    with connection.cursor() as cursor:
        cursor.execute("SELECT phone FROM organisations_person WHERE id = %s", [made])
        assert "138" not in cursor.fetchone()[0]
    with pytest.raises(NotFound):
        api.person_create(body_id=bureau.other_body_id, unit_id=None, name="金某戌", by=by, at=at)
    theirs = api.units(bureau.other_body_id)[0].id
    with pytest.raises(Invalid):
        api.person_create(body_id=bureau.body_id, unit_id=theirs, name="金某戌", by=by, at=at)


def test_saving_what_is_already_so_writes_nothing(bureau, actor, person, at):
    assert api.person_change(person_id=person("officer1"), title="中队骨干", by=actor("keeper"), at=at)
    assert not api.person_change(person_id=person("officer1"), title="中队骨干", by=actor("keeper"), at=at)


def test_the_public_register_shows_no_phone_and_no_internal_number(bureau, day):
    rows = api.public_people(bureau.body_id, day)
    assert {r.name for r in rows} >= {"张某甲", "冯某己", "褚某庚"}
    assert "卫某辛" not in {r.name for r in rows}, "auxiliary staff are no officers"
    assert {"phone", "id", "person_id"}.isdisjoint(asdict(rows[0]))
    state = {r.name: r.status_label for r in rows}
    assert (state["张某甲"], state["冯某己"], state["褚某庚"]) == ("有效", "过期", "暂扣")


def test_an_officer_is_checked_by_the_whole_number_only(bureau, day):
    number = next(r for r in api.public_people(bureau.body_id, day) if r.name == "张某甲").certificate_number
    found = api.person_by_certificate(f" {number[:6]} {number[6:]} ", day)
    assert found and found.name == "张某甲" and found.body_name.startswith("湛江市霞山区")
    assert api.person_by_certificate(number[:-1], day) is None
    assert api.person_by_certificate("", day) is None
    assert api.person_by_certificate("%", day) is None


def test_governments_and_supervisors_are_no_enforcement_bodies(bureau):
    assert {b.id for b in api.public_bodies()} == {bureau.body_id, bureau.other_body_id}


# --- the ledger -----------------------------------------------------------------------------------


@pytest.mark.parametrize("thing", [
    "body", "unit", "person", "certificate", "certificate_event", "qualification", "training", "account", "role_grant",
])  # fmt: skip
def test_every_row_has_an_entry_and_gives_its_payload_again(bureau, thing: str):
    from mingzhi.ledger import api as ledger

    kind = current(f"organisations:{thing}")
    rows = list(kind.live())
    assert rows
    for subject, payload in rows:
        assert kind.payload_of(subject) == payload
        assert [e.kind for e in ledger.entries_of(subject)][-1] == f"organisations:{thing}"


def test_passwords_and_phones_never_enter_an_entry(bureau):
    account = next(iter(current("organisations:account").live()))[1]
    assert not {"password", "last_login"} & set(account)


# --- the five bureaus -----------------------------------------------------------------------------


@pytest.mark.parametrize("key", list(demo.PLANS))
def test_every_profile_loads_a_working_bureau_once(key: str, at, day):
    made = api.load_bureau(key, at=at)
    bodies = Body.objects.count()
    again = api.load_bureau(key, at=at)
    assert made.fresh and not again.fresh and Body.objects.count() == bodies
    assert made.body_id == again.body_id and dict(made.accounts) == dict(again.accounts)
    assert {"officer1", "officer2", "head", "reviewer", "reviewhead", "deputy", "leader", "collector", "checker",
            "publisher", "host", "cashier", "keeper", "archivist", "supervisor", "sysadmin", "secadmin",
            "auditor"} <= set(made.accounts)  # fmt: skip
    assert len(api.units(made.body_id, "enforcement")) >= 2
    assert api.reviewers.staffing(made.body_id, day).officers >= 4
    assert len(DEMO_PASSWORD) >= 10


def test_all_five_bureaus_live_side_by_side(at):
    made = [api.load_bureau(key, at=at) for key in demo.PLANS]
    assert len({b.body_id for b in made}) == 5
    assert len({x.username for b in made for x in b.logins}) == sum(len(b.logins) for b in made)


def test_an_unknown_profile_says_which_there_are(at):
    with pytest.raises(Invalid) as refused:
        api.load_bureau("nowhere", at=at)
    assert "xiashan-chengzong" in refused.value.remedy


def test_a_long_past_day_has_officers_too(bureau, person):
    assert api.certified_problems([person("officer1"), person("officer2")], date(2018, 5, 1)) == []


# --- pages ----------------------------------------------------------------------------------------


@pytest.fixture
def enter(bureau):
    def come(username: str) -> Client:
        client = Client()
        assert client.post("/login/", {"username": username, "password": DEMO_PASSWORD}).status_code == 302
        return client

    return come


def test_administrators_begin_at_their_own_page(bureau):
    for username, page in (
        ("secadmin", "/desk/accounts/"),
        ("auditor", "/desk/attempts/"),
        ("officer1", "/desk/"),
    ):
        answer = Client().post("/login/", {"username": username, "password": DEMO_PASSWORD})
        assert answer["Location"] == page


@pytest.mark.parametrize("username", ["officer1", "leader", "sysadmin", "auditor", "keeper", "supervisor"])
def test_account_pages_are_for_the_security_administrator(enter, bureau, username: str):
    client = enter(username)
    for page in ("/desk/accounts/", "/desk/accounts/new/", f"/desk/accounts/{bureau.accounts['officer2']}/"):
        assert client.get(page).status_code == 403
    assert client.post(f"/desk/accounts/{bureau.accounts['officer2']}/disable/").status_code == 403


@pytest.mark.parametrize("username", ["officer1", "leader", "sysadmin", "secadmin"])
def test_the_audit_log_is_for_the_audit_administrator(enter, username: str):
    assert enter(username).get("/desk/attempts/").status_code == 403


def test_the_accounts_page_lists_the_own_body_only(enter, bureau):
    client = enter("secadmin")
    page = client.get("/desk/accounts/").content.decode()
    assert "officer1" in page and "施某未" not in page
    assert client.get(f"/desk/accounts/{bureau.accounts['other']}/").status_code == 404
    assert client.post(f"/desk/accounts/{bureau.accounts['other']}/disable/").status_code == 404
    assert "没有符合条件" in client.get("/desk/accounts/?q=zzz").content.decode()


def test_roles_are_granted_and_ended_on_the_page_and_refusals_keep_what_was_typed(enter, bureau):
    client = enter("secadmin")
    page = f"/desk/accounts/{bureau.accounts['officer1']}/"
    refused = client.post(f"{page}grant/", {"role": "audit_admin", "mandate": "写到一半的依据"})
    assert refused.status_code == 403
    assert "不得由同一账号兼任" in refused.content.decode() and "写到一半的依据" in refused.content.decode()
    assert client.post(f"{page}grant/", {"role": "evaluator", "valid_from": "2026-02-30"}).status_code == 422
    assert client.post(f"{page}grant/", {"role": "evaluator"}).status_code == 302
    assert client.post(f"{page}end/", {"grant": "999999", "reason": "x"}).status_code == 404
    from mingzhi.organisations.models import RoleGrant

    grant = RoleGrant.objects.get(account_id=bureau.accounts["officer1"], role="evaluator")
    assert client.post(f"{page}end/", {"grant": str(grant.pk), "reason": ""}).status_code == 422
    assert client.post(f"{page}end/", {"grant": str(grant.pk), "reason": "岗位调整"}).status_code == 302
    assert "岗位调整" in client.get(page).content.decode()
    assert client.post(f"{page}nonsense/").status_code == 404


def test_an_account_is_opened_on_the_page(enter, bureau):
    client = enter("secadmin")
    unlucky = Person.objects.get(body_id=bureau.body_id, name="冯某己")
    refused = client.post(
        "/desk/accounts/new/", {"person": unlucky.pk, "username": "feng", "password": "short"}
    )
    assert refused.status_code == 422 and 'value="feng"' in refused.content.decode()
    assert "short" not in refused.content.decode(), "a password is never sent back"
    made = client.post(
        "/desk/accounts/new/", {"person": unlucky.pk, "username": "feng", "password": "first-pass-2026"}
    )
    assert made.status_code == 302
    assert (
        Client().post("/login/", {"username": "feng", "password": "first-pass-2026"})["Location"]
        == "/account/password/"
    )


def test_the_audit_log_filters_pages_and_records_its_own_reading(enter, bureau):
    enter("officer1")
    client = enter("auditor")
    page = client.get("/desk/attempts/?act=login&outcome=ok").content.decode()
    assert f"account:{bureau.accounts['officer1']}" in page
    assert "查看审计日志" in client.get("/desk/attempts/").content.decode()
    assert "日期应形如" in client.get("/desk/attempts/?since=gestern").content.decode()
    assert (
        client.get("/desk/attempts/?before=99999999999999999999&outcome=x&since=2030-01-01").status_code
        == 200
    )


def test_every_page_reads_in_one_go(enter, bureau, django_assert_max_num_queries):
    client = enter("secadmin")
    client.get("/desk/accounts/")
    with django_assert_max_num_queries(16):
        client.get("/desk/accounts/")


def test_the_tenth_body_stands_after_the_ninth_and_a_body_below_after_its_own() -> None:
    paths = ["/10/", "/9/12/", "/9/", "/9/2/"]
    assert [b.path for b in sorted((Body(path=p) for p in paths), key=queries._in_tree)] == [
        "/9/",
        "/9/2/",
        "/9/12/",
        "/10/",
    ]

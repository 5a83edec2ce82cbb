"""A list from draft to the public and to its end, by the people whose step it is; the engine reads what is public."""

import io
from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.catalogue import api, list_reading, list_rows
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.errors import ListNotSound, ListStale, ListStepClosed, SamePerson, UnknownItem
from mingzhi.catalogue.list_bridge import in_force
from mingzhi.catalogue.list_schemas import SCHEMAS
from mingzhi.catalogue.models import Entry, Law, ListBlock, ListEvent, ListVersion
from mingzhi.catalogue.payloads import step_payload
from mingzhi.catalogue.shelf import Row
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.kernel.prepared import pour
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.web import listing
from mingzhi.web.demo.cast import Bureau

pytestmark = pytest.mark.django_db(databases="__all__")
AT = clock.at_local(date(2026, 9, 7), 9)
DAY = date(2026, 9, 7)
Who = Callable[..., Actor]


def _who(profile: str) -> Who:
    loaded = organisations.load_bureau(profile, at=AT)
    api.load_packs(by=organisations.system_actor(loaded.body_id), at=AT)
    bureau = Bureau(body_id=loaded.body_id, accounts=dict(loaded.accounts))
    return lambda name, at=AT: bureau.actor(name, at)


@pytest.fixture
def who() -> Who:
    return _who("xiashan-chengzong")


def later(days: int) -> datetime:
    return AT + timedelta(days=days)


def drafted(who: Who, kind: str, *, at: datetime = AT, **given_: object) -> ListVersion:
    by = who("keeper", at)
    found = public_lists.list_of(kind=kind, by=by)
    return public_lists.list_start(
        list_id=found.pk, valid_from=clock.local_date(at), reason="按方案制定", by=by, at=at, **given_
    )


def published(who: Who, version: ListVersion, *, at: datetime = AT, **outside: object) -> ListVersion:
    public_lists.list_check(version_id=version.pk, opinion="内容合法、完整", by=who("reviewer", at), at=at)
    public_lists.list_approve(version_id=version.pk, by=who("leader", at), at=at, **outside)
    return public_lists.list_publish_version(version_id=version.pk, by=who("publisher", at), at=at)


def put(who: Who, version: ListVersion, row: str, at: datetime = AT, **texts: str) -> ListVersion:
    version.refresh_from_db()
    public_lists.row_put(
        version_id=version.pk, seen=version.digest, texts=texts, code=row, by=who("keeper", at), at=at
    )
    version.refresh_from_db()
    return version


def test_what_is_published_is_what_the_engine_reads_and_nothing_before(who: Who) -> None:
    body = organisations.body(who("keeper").body_id)
    version = put(who, drafted(who, "recording"), "sampling", mode="应当录音录像")
    assert api.recording_rule(body=body, act="sampling", on=DAY).mode == "situational"
    published(who, version)
    assert api.recording_rule(body=body, act="sampling", on=DAY).mode == "required"
    assert api.recording_rule(body=body, act="sampling", on=DAY - timedelta(days=1)).mode == "situational"
    # Only where the agency says other than the lists above does it have rows of its own.
    assert list(Entry.objects.filter(scope=f"body:{body.id}").values_list("code", flat=True)) == ["sampling"]
    assert public_lists.drift(ListVersion.objects.get(pk=version.pk), DAY) == []


def test_a_revision_ends_the_version_before_on_the_day_it_starts(who: Who) -> None:
    body = organisations.body(who("keeper").body_id)
    first = published(who, put(who, drafted(who, "recording"), "sampling", mode="应当录音录像"))
    at = later(30)
    second = drafted(who, "recording", at=at)
    put(who, second, "sampling", at, mode="全过程不间断录音录像", content="全程")
    published(who, second, at=at)
    first.refresh_from_db()
    start = clock.local_date(at)
    assert first.valid_to == start and first.state == "published"
    assert api.recording_rule(body=body, act="sampling", on=start - timedelta(days=1)).mode == "required"
    assert api.recording_rule(body=body, act="sampling", on=start).mode == "full"
    told = public_lists.difference(first, second)
    assert (told.added, told.removed, told.changed) == (0, 0, 1)
    assert ("mode", "应当录音录像", "全过程不间断录音录像") in told.shown[0].cells
    assert [v.number for v in public_lists.public_history(first.list_id)] == [2, 1]


def test_a_withdrawn_list_leaves_the_engine_the_lists_above_from_the_next_day(who: Who) -> None:
    body = organisations.body(who("keeper").body_id)
    version = published(who, put(who, drafted(who, "recording"), "sampling", mode="应当录音录像"))
    with pytest.raises(Invalid):
        public_lists.list_withdraw(version_id=version.pk, reason=" ", by=who("publisher"), at=AT)
    public_lists.list_withdraw(version_id=version.pk, reason="上位规定已作调整", by=who("publisher"), at=AT)
    tomorrow = DAY + timedelta(days=1)
    assert api.recording_rule(body=body, act="sampling", on=DAY).mode == "required"
    assert api.recording_rule(body=body, act="sampling", on=tomorrow).mode == "situational"
    assert not public_lists.in_force_of(body.id, tomorrow) and public_lists.in_force_of(body.id, DAY)
    assert public_lists.withdrawn_reason(version) == "上位规定已作调整"
    # A new version may follow, from the day the old one ended.
    again = drafted(who, "recording")
    published(who, again)
    again.refresh_from_db()
    assert again.valid_from == tomorrow


def test_drafting_checking_approving_and_publishing_are_four_hands(who: Who) -> None:
    keeper = who("keeper")
    everything = frozenset(Permission)
    alone = Actor(
        keeper.account_id, keeper.person_id, keeper.name, keeper.body_id, None, frozenset(), everything
    )
    version = drafted(who, "recording")
    steps = {"version_id": version.pk, "by": alone, "at": AT}
    with pytest.raises(SamePerson):
        public_lists.list_check(opinion="自己看过", **steps)
    with pytest.raises(NotAllowed):
        public_lists.list_check(version_id=version.pk, opinion="看过", by=who("officer1"), at=AT)
    with pytest.raises(ListStepClosed):
        public_lists.list_approve(version_id=version.pk, by=who("leader"), at=AT)
    public_lists.list_check(version_id=version.pk, opinion="看过", by=who("reviewer"), at=AT)
    with pytest.raises(SamePerson):
        public_lists.list_approve(**steps)
    with pytest.raises(ListStepClosed):
        public_lists.list_publish_version(version_id=version.pk, by=who("publisher"), at=AT)
    public_lists.list_approve(version_id=version.pk, by=who("leader"), at=AT)
    with pytest.raises(SamePerson):
        public_lists.list_publish_version(**steps)
    with pytest.raises(ListStepClosed):
        public_lists.row_remove(version_id=version.pk, seen=version.digest, code="sampling", by=keeper, at=AT)
    public_lists.list_publish_version(version_id=version.pk, by=who("publisher"), at=AT)
    assert [e.act for e in public_lists.events_of(version)] == ["start", "check", "approve", "publish"]


def test_whoever_wrote_in_a_draft_is_one_of_its_drafters_and_who_checked_it_does_not_approve(
    who: Who,
) -> None:
    reviewer = replace(who("reviewer"), permissions=frozenset(Permission))
    leader = replace(who("leader"), permissions=frozenset(Permission))
    version = drafted(who, "recording")
    public_lists.row_put(
        version_id=version.pk, seen=version.digest, texts={"mode": "应当录音录像"}, code="sampling",
        by=reviewer, at=AT,
    )  # fmt: skip
    for _ in range(2):  # once on record, however often one writes
        public_lists.draft_change(
            version_id=version.pk, valid_from=DAY, review_on=None, reason="改写", by=reviewer, at=AT
        )
    steps = {"version_id": version.pk, "at": AT}
    with pytest.raises(SamePerson):
        public_lists.list_check(opinion="自己写的", by=reviewer, **steps)
    public_lists.list_check(opinion="看过", by=leader, **steps)
    for by in (reviewer, leader):
        with pytest.raises(SamePerson):
            public_lists.list_approve(by=by, **steps)
    assert [(e.act, e.by) for e in public_lists.events_of(version)] == [
        ("start", version.drafted_by), ("edit", reviewer.label), ("check", leader.label),
    ]  # fmt: skip


def test_a_returned_draft_is_changed_and_checked_again(who: Who) -> None:
    version = drafted(who, "recording")
    public_lists.list_check(version_id=version.pk, opinion="看过", by=who("reviewer"), at=AT)
    public_lists.list_return(version_id=version.pk, reason="抽样取证应当录像", by=who("leader"), at=AT)
    version.refresh_from_db()
    assert (version.state, version.checked_by) == ("draft", "")
    put(who, version, "sampling", mode="应当录音录像")
    published(who, version)


def test_the_agency_may_demand_more_than_the_lists_above_never_less(who: Who) -> None:
    version = put(who, drafted(who, "recording"), "seizure", mode="视情录音录像")
    with pytest.raises(ListNotSound) as refused:
        public_lists.list_check(version_id=version.pk, opinion="看过", by=who("reviewer"), at=AT)
    assert "低于上级清单" in refused.value.reasons[0].sentence
    put(who, version, "seizure", mode="全过程不间断录音录像")
    public_lists.row_remove(
        version_id=version.pk, seen=version.digest, code="hearing", by=who("keeper"), at=AT
    )
    with pytest.raises(ListNotSound) as refused:
        public_lists.list_check(version_id=version.pk, opinion="看过", by=who("reviewer"), at=AT)
    assert "举行听证" in refused.value.reasons[0].sentence


def test_what_a_higher_list_demands_by_the_day_of_publication_is_asked_for(who: Who) -> None:
    version = drafted(who, "recording")
    public_lists.list_check(version_id=version.pk, opinion="内容合法", by=who("reviewer"), at=AT)
    public_lists.list_approve(version_id=version.pk, by=who("leader"), at=AT)
    above = in_force(SCHEMAS["recording"], "xiashan-chengzong", DAY)["sampling"]
    stricter = {**above, "mode": "full"}
    row = Row("recording", "profile:xiashan-chengzong", "sampling", DAY + timedelta(days=2), None, stricter)
    system = organisations.system_actor(who("keeper").body_id)
    api.list_publish(rows=[row], source="上级清单修订", by=system, at=later(2))
    with pytest.raises(ListNotSound) as refused:
        public_lists.list_publish_version(version_id=version.pk, by=who("publisher", later(3)), at=later(3))
    assert "低于上级清单" in refused.value.reasons[0].sentence


def test_an_item_taken_off_the_list_is_no_item_of_the_agency_and_still_one_elsewhere(who: Who) -> None:
    body = organisations.body(who("keeper").body_id)
    version = drafted(who, "item")
    for key, text in (("agency", body.name), ("unit", "执法大队"), ("term", "立案之日起九十日内")):
        version.refresh_from_db()
        assert public_lists.rows_fill(
            version_id=version.pk, seen=version.digest, key=key, text=text, by=who("keeper"), at=AT
        )
    version.refresh_from_db()
    public_lists.row_remove(
        version_id=version.pk, seen=version.digest, code="urban.road-occupy", by=who("keeper"), at=AT
    )
    published(who, version)
    with pytest.raises(UnknownItem):
        api.item("urban.road-occupy", DAY, body=body)
    assert api.item("urban.road-occupy", DAY).code == "urban.road-occupy"
    assert "urban.road-occupy" not in {i.code for i in api.items(on=DAY, body=body)}
    assert public_lists.drift(ListVersion.objects.get(pk=version.pk), DAY) == []


def test_the_power_list_changes_only_after_a_lawful_request(who: Who) -> None:
    body = organisations.body(who("keeper").body_id)
    version = drafted(who, "item")
    for key, text in (("agency", body.name), ("unit", "执法大队"), ("term", "九十日")):
        version.refresh_from_db()
        public_lists.rows_fill(
            version_id=version.pk, seen=version.digest, key=key, text=text, by=who("keeper"), at=AT
        )
    published(who, version)
    at = later(1)
    with pytest.raises(Invalid, match="合法性审查"):
        drafted(who, "item", at=at)
    asked = {
        "what": "取消一项",
        "reason": "上位法修改",
        "basis": "《城市道路管理条例》",
        "by": who("keeper"),
        "at": at,
    }
    refused, granted = (public_lists.change_ask(list_id=version.list_id, **asked) for _ in range(2))
    with pytest.raises(NotAllowed):
        public_lists.change_judge(change_id=granted.pk, lawful=True, opinion="可以", by=who("keeper"), at=at)
    public_lists.change_judge(
        change_id=refused.pk, lawful=False, opinion="依据不足", by=who("reviewer"), at=at
    )
    public_lists.change_judge(change_id=granted.pk, lawful=True, opinion="合法", by=who("reviewer"), at=at)
    with pytest.raises(Invalid, match="已作合法性审查"):
        public_lists.change_judge(
            change_id=granted.pk, lawful=False, opinion="改判", by=who("reviewer"), at=at
        )
    with pytest.raises(Invalid):
        drafted(who, "item", at=at, changes=[refused.pk])
    second = drafted(who, "item", at=at, changes=[granted.pk])
    granted.refresh_from_db()
    assert granted.version_id == second.pk and second.count == version.count


@pytest.mark.parametrize(
    ("profile", "kind", "word"),
    [
        ("zhenjiang-chengguan", "random", "市场监督管理局"),
        ("changzhi-water", "guide", "filing"),
        ("changzhi-water", "institution", "司法局"),
    ],
)
def test_who_else_must_agree_is_what_the_profile_says(profile: str, kind: str, word: str) -> None:
    who = _who(profile)
    found = public_lists.list_of(kind=kind, by=who("keeper"))
    assert word in public_lists.outside_approval(found, DAY)
    texts = {
        c.key: "《示例条例》第一条" if c.kind == "cites" else (c.options and next(iter(c.options))) or "示例"
        for c in SCHEMAS[found.kind].shown
    }
    version = put(who, drafted(who, kind), "", **texts)
    with pytest.raises(Invalid) as refused:
        published(who, version)
    assert set(refused.value.fields) == {"approver", "number", "approved_on"}
    with pytest.raises(Invalid):
        public_lists.list_approve(
            version_id=version.pk,
            by=who("leader"),
            at=AT,
            approver="示例局",
            number="1号",
            approved_on=DAY + timedelta(days=1),
        )
    public_lists.list_approve(
        version_id=version.pk,
        by=who("leader"),
        at=AT,
        approver="示例局",
        number="示备〔2026〕1号",
        approved_on=DAY,
    )
    version.refresh_from_db()
    assert version.approver == "示例局"


def test_where_the_profile_says_nothing_the_leader_alone_approves(who: Who) -> None:
    assert public_lists.outside_approval(public_lists.list_of(kind="random", by=who("keeper")), DAY) == ""


def test_officers_and_bodies_come_from_the_register_and_are_not_typed(who: Who) -> None:
    version = drafted(who, "personnel")
    people = organisations.public_people(who("keeper").body_id, DAY)
    fit = {p.certificate_number for p in people if p.status == "valid"}
    listed = [row[0] for row in public_lists.rows_page(version, 0, version.count)]
    assert set(listed) == fit and len(listed) == version.count and len(people) > len(fit) > 0
    with pytest.raises(Invalid, match="不能逐行修改"):
        public_lists.row_put(
            version_id=version.pk, seen=version.digest, texts={"name": "某某"}, by=who("keeper"), at=AT
        )
    published(who, version)
    version.refresh_from_db()
    assert public_lists.drift(version, DAY) == []


def test_other_agencies_lists_do_not_exist(who: Who) -> None:
    version = drafted(who, "recording")
    other = _who("changzhi-water")
    with pytest.raises(NotFound):
        public_lists.version_seen(other("keeper"), version.pk)
    for act in (
        lambda: public_lists.row_remove(
            version_id=version.pk, seen=version.digest, code="hearing", by=other("keeper"), at=AT
        ),
        lambda: public_lists.list_check(version_id=version.pk, opinion="看过", by=other("reviewer"), at=AT),
        lambda: public_lists.change_ask(
            list_id=version.list_id, what="x", reason="x", basis="x", by=other("keeper"), at=AT
        ),
    ):
        with pytest.raises(NotFound):
            act()


def test_two_people_at_one_draft_lose_nothing(who: Who) -> None:
    version = drafted(who, "recording")
    seen = version.digest
    public_lists.row_put(
        version_id=version.pk, seen=seen, texts={"content": "改过"}, code="hearing", by=who("keeper"), at=AT
    )
    with pytest.raises(ListStale):
        public_lists.row_put(
            version_id=version.pk,
            seen=seen,
            texts={"content": "再改"},
            code="hearing",
            by=who("keeper"),
            at=AT,
        )
    with pytest.raises(Invalid, match="已有正在办理的版本"):
        drafted(who, "recording")


def test_every_bad_cell_of_a_row_is_named(who: Who) -> None:
    version = drafted(who, "random")
    with pytest.raises(Invalid) as refused:
        put(who, version, "", code="R1", name="示例", basis="没有书名号", ratio="长" * 101)
    assert set(refused.value.fields) == {
        *("agency", "basis", "target", "content", "ratio", "method", "frequency"),
    }
    with pytest.raises(ListNotSound):
        public_lists.list_check(version_id=version.pk, opinion="看过", by=who("reviewer"), at=AT)


def test_a_law_that_changed_names_the_rows_that_cite_it(who: Who) -> None:
    version = published(
        who, put(who, drafted(who, "recording"), "sampling", citation="《民事诉讼法》第八十九条")
    )
    Law.objects.create(
        title="中华人民共和国民事诉讼法",
        short_title="民事诉讼法",
        in_force_from=date(2026, 10, 1),
        source_digest="x",
    )
    assert public_lists.touched(version, date(2026, 9, 30)) == []
    assert [t.code for t in public_lists.touched(version, date(2026, 10, 1))] == ["sampling"]


def test_what_is_due_for_review_is_late_from_the_day_after_until_it_is_looked_at(who: Who) -> None:
    version = published(who, drafted(who, "recording", review_on=date(2027, 9, 7)))
    body_id = who("keeper").body_id

    def standing(on: date) -> tuple[date | None, bool]:
        line = next(x for x in public_lists.lists_of(body_id, on) if x.schema.kind == "recording")
        return line.review_on, line.late

    assert standing(date(2027, 9, 7)) == (date(2027, 9, 7), False)
    assert standing(date(2027, 9, 8)) == (date(2027, 9, 7), True)
    at = later(366)
    look = {"version_id": version.pk, "by": who("keeper", at), "at": at}
    for reason, day in (("", date(2028, 9, 1)), ("已核对", clock.local_date(at))):
        with pytest.raises(Invalid):
            public_lists.list_keep(reason=reason, review_on=day, **look)
    with pytest.raises(NotAllowed):
        public_lists.list_keep(
            version_id=version.pk, reason="已核对", review_on=date(2028, 9, 1), by=who("officer1", at), at=at
        )
    public_lists.list_keep(reason="已核对行政处罚法，未修改", review_on=date(2028, 9, 1), **look)
    assert standing(date(2027, 9, 8)) == (date(2028, 9, 1), False)
    assert ledger.entries_of(f"catalogue:list_event:{version.events.last().pk}")
    second = published(who, drafted(who, "recording", at=at, review_on=date(2029, 1, 1)), at=at)
    assert second.valid_from == clock.local_date(at)
    with pytest.raises(Invalid):
        public_lists.list_keep(reason="再看", review_on=date(2030, 1, 1), **look)


def test_published_rows_steps_and_periods_cannot_be_changed_by_anyone(who: Who) -> None:
    first = published(who, put(who, drafted(who, "recording"), "sampling", mode="应当录音录像"))
    second = published(who, drafted(who, "recording", at=later(1)), at=later(1))
    for change in (
        lambda: ListBlock.objects.filter(version=first).update(rows="[]"),
        lambda: ListBlock.objects.filter(version=first).delete(),
        lambda: ListBlock(version=first, place=9, rows="[]", count=0, digest="x").save(),
        lambda: list_rows.put(first, [list_rows.packed(0, "[]")]),
        lambda: pour(
            ListBlock,
            ("version_id", "place", "count", "rows", "digest"),
            [(first.pk, 9, 0, b"[]", "x")],
        ),
        lambda: ListVersion.objects.filter(pk=first.pk).update(reason="改"),
        lambda: ListVersion.objects.filter(pk=first.pk).update(valid_to=None),
        lambda: ListVersion.objects.filter(pk=second.pk).update(valid_to=first.valid_from),
        lambda: ListVersion.objects.filter(pk=second.pk).update(state="draft", published_at=None),
        lambda: ListEvent.objects.filter(version=first).update(reason="改"),
    ):
        with pytest.raises(IntegrityError), transaction.atomic():
            change()
    # Overlap is refused whatever writes it; the day after is not overlap.
    with pytest.raises(IntegrityError), transaction.atomic():
        ListVersion.objects.create(**_copy(second, number=9, valid_from=first.valid_from, valid_to=None))
    ended = ListVersion.objects.filter(pk=second.pk).update(valid_to=date(2026, 10, 1))
    assert ended == 1
    ListVersion.objects.create(**_copy(second, number=9, valid_from=date(2026, 10, 1), valid_to=None))


def _copy(version: ListVersion, **over: object) -> dict[str, object]:
    names = [
        f.attname for f in ListVersion._meta.concrete_fields if f.attname not in ("id", "publication_id")
    ]
    return {n: getattr(version, n) for n in names} | over


def test_the_ledger_finds_a_published_row_altered_behind_the_database(who: Who) -> None:
    version = published(who, drafted(who, "recording"))
    event = version.events.get(act="publish")
    entry = public_lists.published_entry(version)
    assert entry == ledger.entries_of(f"catalogue:list_event:{event.pk}")[0].id
    payload = step_payload(event)
    assert payload["content"] == version.digest == payload["digest"]


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.lists(st.tuples(st.integers(0, 5), st.sampled_from(["publish", "withdraw"])), min_size=1, max_size=7)
)
def test_list_versions_never_overlap_whatever_the_order_of_publishing_and_withdrawing(
    who: Who, moves: list[tuple[int, str]]
) -> None:
    with transaction.atomic():
        day = 0
        for wait, move in moves:
            day += wait
            at = later(day)
            last = ListVersion.objects.filter(published_at__isnull=False).order_by("number").last()
            try:
                with transaction.atomic():
                    if move == "publish":
                        published(who, drafted(who, "random", at=at, rows=[_random_row()]), at=at)
                    elif last is not None:
                        public_lists.list_withdraw(
                            version_id=last.pk, reason="示例", by=who("publisher", at), at=at
                        )
            except (Invalid, ListStepClosed):
                pass
        spans = list(
            ListVersion.objects.filter(published_at__isnull=False)
            .order_by("valid_from")
            .values_list("valid_from", "valid_to")
        )
        for (_, end), (start, _) in pairwise(spans):
            assert end is not None and end <= start
        transaction.set_rollback(True)


def _random_row() -> list[object]:
    return [
        "R1",
        "示例",
        "示例局",
        [{"title": "示例条例", "article": "第一条"}],
        "企业",
        "内容",
        "5%",
        "抽查",
        "每年一次",
    ]


def test_the_columns_are_the_elements_that_the_documents_name() -> None:
    """R019 (fifteen fields), R057 (seven), R017 (six), R003 (seven): all there, and required where the text requires."""
    guide = {c.label for c in SCHEMAS["guide"].columns if c.required} - {"编码"}
    assert len(guide) == 15 and {"优惠政策", "责任追究", "救济渠道", "办公电话"} <= guide
    random_ = {c.label for c in SCHEMAS["random"].columns if c.required and c.source}
    assert random_ == {f"抽查{x}" for x in ("主体", "依据", "对象", "内容", "比例", "方式", "频次")}
    item = {c.label for c in SCHEMAS["item"].columns if c.source and c.required}
    assert item == {"项目编码", "执法事项名称", "执法主体", "承办机构或处室", "执法依据", "办理时限"}
    rules = {c.label for c in SCHEMAS["institution"].columns if c.source}
    assert rules == {"内容范围", "内容", "载体", "程序", "时限要求", "监督方式", "保障措施"}


def test_the_library_names_what_the_agencys_own_document_asks_for_and_it_lacks() -> None:
    """Changzhi's plan counts twelve documents and nine systems (S2 四（二）)."""
    who = _who("changzhi-water")
    row = ["T01", "行政执法公示具体办法", "document", "", "内容范围等", "示例", "", "", "", "", "", ""]
    version = drafted(who, "institution", rows=[row])
    found = public_lists.institution_findings(version, DAY)
    missing = [f"{f.code} {f.name}" for f in found if not f.held]
    assert len(missing) == 20 and "T27 记录信息调阅监督制度" in missing
    assert found[0].code == "T01" and found[0].held and "载体" in found[0].lacks
    assert public_lists.institution_findings(drafted(who, "recording"), DAY) == ()


def test_a_benchmark_is_shown_by_the_name_of_its_item_and_read_back_by_it(who: Who) -> None:
    version = drafted(who, "benchmark")
    own = public_lists.schema_of(version)
    code = public_lists.rows_page(version, 0, 1)[0][own.place("item")]
    name = api.item(code, DAY).name
    shown = f"{name}（{code}）"
    head, first = b"".join(public_lists.csv_of(version)).decode("utf-8-sig").splitlines()[:2]
    assert "执法事项" in head and shown in first
    page = listing.rows_shown(version, "", 0)["rows"][0]
    assert page["name"] == shown and shown in [text for _, text in page["cells"]]
    assert code in str(listing.rows_shown(version, name[1:6], 0)["rows"]), "found by what is read"
    before = version.digest
    for parts, ending in ((public_lists.csv_of, "csv"), (public_lists.xlsx_of, "xlsx")):
        sheet = io.BytesIO(b"".join(parts(version)))
        public_lists.sheet_import(
            version_id=version.pk, seen=version.digest, file=sheet, name=f"x.{ending}",
            by=who("keeper"), at=AT,
        )  # fmt: skip
        version.refresh_from_db()
        assert version.digest == before, "what was exported is what is kept"
    row = public_lists.rows_page(version, 0, 1)[0][0]
    for typed in (name, code, shown):
        put(who, version, row, item=typed, note="改")
        assert public_lists.rows_page(version, 0, 1)[0][own.place("item")] == code
    put(who, version, row, item="别的事项（试行）")
    assert public_lists.rows_page(version, 0, 1)[0][own.place("item")] == "别的事项（试行）"


def test_a_sheet_without_an_optional_column_leaves_what_the_draft_says_of_it(
    who: Who, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = public_lists.list_schema("guide")
    optional = next(c for c in own.shown if not c.required and c.kind == "text")
    row = ["ZN-1", *("《某法》第一条" if c.kind == "cites" else "内容" for c in own.shown[1:])]
    version = drafted(who, "guide", rows=[])

    def given(columns: list[Any]) -> bytes:
        places = [own.shown.index(c) for c in columns]
        lines = [[c.label for c in columns], [row[n] for n in places]]
        return "\n".join(",".join(line) for line in lines).encode()

    def brought(columns: list[Any]) -> ListVersion:
        version.refresh_from_db()
        public_lists.sheet_import(
            version_id=version.pk, seen=version.digest, file=io.BytesIO(given(columns)), name="x.csv",
            by=who("keeper"), at=AT,
        )  # fmt: skip
        version.refresh_from_db()
        return version

    brought(list(own.shown))
    before = public_lists.rows_page(version, 0, 9)
    assert before[0][own.place(optional.key)] == "内容"
    without = [c for c in own.shown if c is not optional]
    assert public_lists.rows_page(brought(without), 0, 9) == before
    monkeypatch.setattr(list_reading, "COMPARED", 0)  # a draft too large to be compared
    with pytest.raises(ListNotSound) as refused:
        brought(without)
    assert [r.sentence for r in refused.value.reasons] == [f"CSV A1：缺少“{optional.label}”一栏"]

"""Boards show what registers and published lists say, nothing else, and say so when they no longer do."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

import pypdfium2
import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Shift
from mingzhi.organisations.errors import ChangedMeanwhile
from mingzhi.organisations.models import PlaceVersion, WindowVersion
from mingzhi.publication import api as publication
from mingzhi.publication.errors import BoardGaps, WrongState
from mingzhi.publication.models import BoardPrint
from mingzhi.tasks import api as tasks
from mingzhi.web.demo import lists_room
from mingzhi.web.demo.cast import Bureau
from tests.made_once import made_once
from tests.stories.conftest import MONDAY, bureau_for

boards, places = publication.boards, organisations.places
DAY = clock.local_date(MONDAY)
HALL: dict[str, Any] = {
    "name": "执法服务大厅",
    "kind": "hall",
    "address": "示例路 3 号",
    "hours": "工作日 9:00—17:00",
    "phone": "000-00000003",
}


@dataclass
class Hall:
    """A hall with one window at which two officers stand, and whoever keeps the register."""

    bureau: Bureau
    place: int
    window: int
    facts: dict[str, Any]

    def keeper(self, at: datetime = MONDAY) -> dict[str, Any]:
        return {"by": self.bureau.actor("keeper", at), "at": at}

    def change(self, at: datetime = MONDAY, **facts: Any) -> bool:
        return places.window_change(
            window_id=self.window,
            seen=places.window_history(self.window)[0].version,
            valid_from=clock.local_date(at),
            reason="调整",
            **{**self.facts, **facts},
            **self.keeper(at),
        )

    def gaps(self, on: date = DAY) -> set[str]:
        return {g.code for g in boards.window_board(self.window, on).gaps}

    def print(self, at: datetime = MONDAY, **more: Any) -> int:
        return boards.board_print(
            place_id=self.place, **{"window_id": self.window, "paper": "a3", **more}, **self.keeper(at)
        )

    def todo(self, at: datetime) -> list[str]:
        boards.watch(at=at)
        return [t.title for t in tasks.tasks_mine(self.bureau.actor("keeper", at)) if t.kind == "board.stale"]


def hall_of(profile: str, *, listed: bool) -> Hall:
    bureau = bureau_for(profile, MONDAY)
    who = {"by": bureau.actor("keeper", MONDAY), "at": MONDAY}
    if listed:
        made_once(("lists", profile), lambda: lists_room.furnish(bureau, MONDAY))
    team = organisations.units(bureau.body_id, kind="enforcement")[0]
    staff = organisations.people(bureau.body_id, on=DAY, certified=True, unit_id=team.id)
    posts = {label: code for code, label in boards.posts(bureau.body_id, DAY)}
    items, _count = boards.items(bureau.body_id, DAY, size=2)
    place = places.place_register(body_id=bureau.body_id, valid_from=DAY, unit_ids=[team.id], **HALL, **who)
    facts = {
        "name": "1 号窗口",
        "unit_id": team.id,
        "post": posts.get(f"{team.name} · 窗口岗", ""),
        "shifts": [Shift(staff[0].id, "星期一"), Shift(staff[1].id)],
        "handles": [*(g["code"] for g in boards.guides(bureau.body_id, DAY)), *(i["code"] for i in items)],
    }
    window = places.window_register(place_id=place, valid_from=DAY, **facts, **who)
    return Hall(bureau, place, window, facts)


pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def hall(db: None) -> Hall:
    """Changzhi's table asks for most: unit, name, post, kinds of enforcement and the five."""
    return hall_of("changzhi-water", listed=True)


@pytest.fixture
def bare(db: None) -> Hall:
    return hall_of("changzhi-water", listed=False)


# --- what stands on a board ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("profile", "named", "kinds", "guide"),
    [
        ("xian-transport", False, False, False),
        ("zhenjiang-chengguan", True, False, True),
        ("changzhi-water", True, True, False),
        ("yongcheng-transport", True, True, True),
        ("xiashan-chengzong", False, False, False),
    ],
)
def test_a_window_shows_what_the_bureaus_own_document_asks_for(
    profile: str, named: bool, kinds: bool, guide: bool
) -> None:
    own = hall_of(profile, listed=False)
    board = boards.window_board(own.window, DAY)
    asked = catalogue.norm("window.fields", body=organisations.body(own.bureau.body_id), on=DAY).value
    assert all(word in boards.FIELDS for word in asked)
    assert [w["key"] for w in board.shown["ways"]] == [w for w in boards.WAYS if w in asked]
    assert bool(board.shown["people"]) == named == ("姓名" in asked)
    assert all(bool(p["title"]) == ("职务" in asked) for p in board.shown["people"])
    assert ("board.no_kind" in own.gaps()) == kinds == ("执法种类" in asked)
    assert any("服务指南" in g.sentence for g in board.gaps) and guide == ("服务指南" in asked)


def test_a_whole_board_comes_from_the_registers_and_the_lists_in_force(hall: Hall) -> None:
    board = boards.window_board(hall.window, DAY)
    assert board.gaps == ()
    register = {p.name: p for p in organisations.public_people(hall.bureau.body_id, DAY)}
    for person, when in zip(board.shown["people"], ("星期一", ""), strict=True):
        public = register[person["name"]]
        assert (person["title"], person["certificate"], person["when"]) == (
            public.title,
            public.certificate_number,
            when,
        )
    sections = {s["key"]: s["lines"] for s in board.shown["sections"]}
    assert list(sections) == ["单位", "执法种类", "岗位职责", "申请材料示范文本"]
    assert ["岗位", "窗口岗"] in sections["岗位职责"]
    assert sections["执法种类"][0][0] == "行政处罚"
    assert "申请书" in sections["申请材料示范文本"][0][1]
    poster = boards.place_board(hall.place, DAY)
    assert poster.gaps == ()
    assert [p["name"] for p in poster.shown["people"]] == [
        p.name
        for p in organisations.public_people(hall.bureau.body_id, DAY)
        if p.status == "valid" and p.unit_name in {name for name, _duties in poster.shown["units"]}
    ]
    assert poster.shown["powers"] == [list(line) for line in boards.powers(hall.bureau.body_id, DAY).lines]


def test_each_thing_that_is_missing_is_named_with_the_way_to_mend_it(bare: Hall) -> None:
    assert bare.gaps() == {"board.no_kind", "board.no_post", "board.no_guide"}
    assert bare.change(handles=["没有这一项"], shifts=[])
    assert bare.gaps() == {
        "board.no_kind",
        "board.no_post",
        "board.no_guide",
        "board.item_gone",
        "board.nobody",
    }
    organisations.body_change(
        body_id=bare.bureau.body_id, supervision_phone="", duties="", basis="", **bare.keeper()
    )
    poster = boards.place_board(bare.place, DAY)
    assert {g.code for g in poster.gaps} == {
        "board.no_powers",
        "board.no_chart",
        "board.no_supervision",
        "board.body_bare",
    }
    assert all(g.remedy and g.link for g in (*poster.gaps, *boards.window_board(bare.window, DAY).gaps))


def test_only_public_data_stands_on_a_board_and_only_people_of_the_public_register(hall: Hall) -> None:
    staff = organisations.people(hall.bureau.body_id, on=DAY)
    for person in staff:
        organisations.person_change(person_id=person.id, phone="13800001234", **hall.keeper())
    text = str((boards.window_board(hall.window, DAY).shown, boards.place_board(hall.place, DAY).shown))
    assert "13800001234" not in text
    states = organisations.certificate_states([p.id for p in staff], DAY)
    for status in ("auxiliary", "suspended", "expired", "none"):
        wrong = next(p for p in staff if states[p.id].status == status)
        with pytest.raises(Invalid) as refused:
            hall.change(shifts=[Shift(wrong.id)])
        assert wrong.name in refused.value.fields["shifts"][0]
        assert wrong.name not in text
    other = next(b for b in organisations.bodies() if b.id != hall.bureau.body_id and b.kind == "statutory")
    stranger = next(iter(organisations.people(other.id, on=DAY, certified=True)))
    with pytest.raises(Invalid) as refused:
        hall.change(shifts=[Shift(stranger.id)])
    assert stranger.name not in str(refused.value.fields)


def test_a_window_that_only_serves_may_be_kept_without_a_certificate_and_its_board_says_so(
    hall: Hall,
) -> None:
    staff = organisations.people(hall.bureau.body_id, on=DAY)
    states = organisations.certificate_states([p.id for p in staff], DAY)
    helper = next(p for p in staff if states[p.id].status == "auxiliary")
    officer = hall.facts["shifts"][0].person_id
    organisations.person_change(person_id=helper.id, work_number="C 017", **hall.keeper())
    with pytest.raises(Invalid) as twice:
        organisations.person_change(person_id=officer, work_number="C017", **hall.keeper())
    assert "work_number" in twice.value.fields
    guides = [g["code"] for g in boards.guides(hall.bureau.body_id, DAY)]
    permits = [i["code"] for i in boards.items(hall.bureau.body_id, DAY)[0] if i["act_type"] == "行政许可"]
    both = [Shift(helper.id, "星期二"), Shift(officer)]
    with pytest.raises(Invalid):
        hall.change(shifts=both, handles=guides)
    assert hall.change(shifts=both, handles=[*guides, *permits], enforces=False)

    board = boards.window_board(hall.window, DAY)
    assert {g.code for g in board.gaps} <= {"board.no_kind"}
    own, certified = board.shown["people"]
    assert (own["name"], own["title"], own["work_number"], own["when"]) == (
        helper.name,
        helper.title,
        "C017",
        "星期二",
    )
    assert own["certificate"] == "" and certified["certificate"] and "不从事行政执法" in board.shown["note"]
    assert helper.name not in str(boards.place_board(hall.place, DAY).shown)
    with pypdfium2.PdfDocument(boards.pdf(board.shown, paper="a3", at=MONDAY)) as sheet:
        words = sheet[0].get_textpage().get_text_range().replace("\r\n", "")
    assert all(said in words for said in (helper.name, "C017", "窗口服务人员", "不从事行政执法"))
    old = board.shown | {"people": [{k: v for k, v in certified.items() if k != "work_number"}]}
    assert boards.pdf({k: v for k, v in old.items() if k != "note"}, paper="a4", at=MONDAY)

    penalty = next(
        i["code"] for i in boards.items(hall.bureau.body_id, DAY)[0] if i["act_type"] == "行政处罚"
    )
    assert hall.change(shifts=both, handles=[penalty], enforces=False)
    board = boards.window_board(hall.window, DAY)
    assert {"board.enforces", "board.person"} <= {g.code for g in board.gaps}
    assert [p["name"] for p in board.shown["people"]] == [certified["name"]] and not board.shown["note"]

    adviser = next(
        p.person_id
        for p in places.standing(hall.bureau.body_id, [Shift(p.id) for p in staff], DAY, enforces=False)
        if p.problem
    )
    assert adviser not in {c.person_id for c in places.candidates(hall.bureau.body_id, DAY)}
    with pytest.raises(Invalid):
        hall.change(shifts=[Shift(adviser)], handles=guides, enforces=False)
    organisations.person_change(person_id=helper.id, active=False, **hall.keeper())
    assert hall.change(shifts=[Shift(officer)], handles=guides, enforces=False)
    with pytest.raises(Invalid):
        hall.change(shifts=both, handles=guides, enforces=False)


# --- the register -------------------------------------------------------------------------------------


def test_a_change_counts_from_its_day_and_what_stood_before_can_be_told_again(hall: Hall) -> None:
    later = MONDAY + timedelta(days=10)
    assert hall.change(later, name="综合窗口")
    assert not hall.change(later, name="综合窗口")
    assert places.window(hall.window, DAY + timedelta(days=9)).name == "1 号窗口"
    assert places.window(hall.window, DAY + timedelta(days=10)).name == "综合窗口"
    with pytest.raises(Invalid) as early:
        hall.change(MONDAY + timedelta(days=5), name="咨询窗口")
    assert "valid_from" in early.value.fields
    with pytest.raises(NotFound):
        places.window(hall.window, DAY - timedelta(days=1))
    assert len(ledger.entries_of(f"window_version:{places.window_history(hall.window)[0].version}")) == 1
    for row in (PlaceVersion.objects.first(), WindowVersion.objects.first()):
        assert row is not None
        with pytest.raises(IntegrityError), transaction.atomic():
            type(row)._default_manager.filter(pk=row.pk).update(name="改写")


def test_who_writes_over_an_older_version_is_told_and_nothing_is_lost(hall: Hall) -> None:
    seen = places.place(hall.place, DAY).version

    def change(phone: str) -> bool:
        return places.place_change(
            place_id=hall.place,
            seen=seen,
            valid_from=DAY,
            reason="换号",
            unit_ids=[hall.facts["unit_id"]],
            **{**HALL, "phone": phone},
            **hall.keeper(),
        )

    assert change("000-1")
    with pytest.raises(ChangedMeanwhile):
        change("000-2")
    assert places.place(hall.place, DAY).phone == "000-1"


def test_a_place_closes_after_its_windows_and_what_is_closed_is_public_no_more(hall: Hall) -> None:
    def close(at: datetime) -> bool:
        return places.place_change(
            place_id=hall.place,
            seen=places.place(hall.place, clock.local_date(at)).version,
            valid_from=clock.local_date(at),
            reason="搬迁",
            active=False,
            **HALL,
            **hall.keeper(at),
        )

    hall.print()
    hall.print(window_id=None)
    with pytest.raises(Invalid) as open_still:
        close(MONDAY)
    assert "1 号窗口" in open_still.value.fields["active"][0]
    later = MONDAY + timedelta(days=1)
    assert hall.change(later, active=False, shifts=[]) and close(later)
    for gone in (
        lambda: boards.window_board(hall.window, clock.local_date(later)),
        lambda: boards.place_board(hall.place, clock.local_date(later)),
    ):
        with pytest.raises(NotFound):
            gone()
    assert boards.places_of(hall.bureau.body_id, clock.local_date(later)) == []
    assert len(hall.todo(later)) == 2 and all(t.startswith("撤下公示牌") for t in hall.todo(later))
    for one in boards.hanging(hall.bureau.body_id, clock.local_date(later)):
        boards.board_take_down(print_id=one.print_id, reason="窗口停用", **hall.keeper(later))
        with pytest.raises(WrongState):
            boards.board_take_down(print_id=one.print_id, reason="再次", **hall.keeper(later))
    assert hall.todo(later) == [] and boards.hanging(hall.bureau.body_id, clock.local_date(later)) == []
    with pytest.raises(Invalid):
        places.window_register(
            place_id=hall.place, valid_from=clock.local_date(later), **hall.facts, **hall.keeper(later)
        )


def test_only_who_keeps_the_body_s_register_may_write(hall: Hall) -> None:
    officer = hall.bureau.actor("officer1", MONDAY)
    stranger = replace(hall.keeper()["by"], body_id=hall.keeper()["by"].body_id + 1)
    for by, error in ((officer, NotAllowed), (stranger, NotFound)):
        with pytest.raises(error):
            places.place_register(
                body_id=hall.bureau.body_id, valid_from=DAY, **{**HALL, "name": "另一处"}, by=by, at=MONDAY
            )
        with pytest.raises(error):
            boards.board_print(place_id=hall.place, paper="a4", by=by, at=MONDAY)


# --- printed boards -----------------------------------------------------------------------------------


def test_a_board_with_gaps_is_printed_only_knowingly(bare: Hall) -> None:
    with pytest.raises(BoardGaps) as refused:
        bare.print()
    assert {r.code for r in refused.value.reasons} == bare.gaps()
    assert not BoardPrint.objects.exists()
    row = BoardPrint.objects.get(pk=bare.print(despite=True))
    assert len(row.gaps) == 3
    assert ledger.entries_of(f"board-print:{row.pk}")[-1].kind == "publication:board:printed"
    with pytest.raises(IntegrityError), transaction.atomic():
        BoardPrint.objects.filter(pk=row.pk).update(shown={})


def test_whatever_changes_behind_a_printed_board_opens_one_to_do_until_it_is_replaced_or_right_again(
    hall: Hall,
) -> None:
    hall.print()
    hall.print(window_id=None, paper="a4")
    assert hall.todo(MONDAY) == []
    first = hall.facts["shifts"][0].person_id
    card = organisations.certificate(first, DAY)
    later = MONDAY + timedelta(days=1)

    def event(kind: str, at: datetime) -> None:
        organisations.certificate_event(
            certificate_id=card.certificate_id,
            kind=kind,
            on=clock.local_date(at),
            reason="未参加审验",
            **hall.keeper(at),
        )

    event("suspend", later)
    changed = {h.window_id: h.changed for h in boards.hanging(hall.bureau.body_id, clock.local_date(later))}
    assert [what for what, _old, _new in changed[hall.window]] == [f"人员 {card.name}"]
    assert any(what == f"人员 {card.name}" for what, _old, _new in changed[None])
    assert len(hall.todo(later)) == 2 and len(hall.todo(later)) == 2
    assert "board.person" in hall.gaps(clock.local_date(later))
    event("restore", later + timedelta(days=1))
    assert hall.todo(later + timedelta(days=1)) == []

    left = MONDAY + timedelta(days=3)
    organisations.person_change(person_id=first, active=False, **hall.keeper(left))
    assert len(hall.todo(left)) == 2
    hall.change(left, shifts=hall.facts["shifts"][1:])
    hall.print(left)
    assert len(hall.todo(left)) == 1
    hall.print(left, window_id=None, paper="a4")
    assert hall.todo(left) == []


def test_a_revised_list_makes_the_boards_that_show_it_out_of_date(hall: Hall) -> None:
    hall.print()
    at = MONDAY + timedelta(days=2)
    version = next(v for v in public_lists.in_force_of(hall.bureau.body_id, DAY) if v.list.kind == "duty")
    own = public_lists.list_schema("duty")
    rows = [list(r) for r in public_lists.rows_of(version)]
    for row in rows:
        if row[0] == hall.facts["post"]:
            row[own.place("duties")] = "新的岗位职责"
    made = public_lists.list_start(
        list_id=version.list_id,
        valid_from=clock.local_date(at),
        reason="职责调整",
        basis="三定规定",
        rows=rows,
        **hall.keeper(at),
    )
    lists_room._published(hall.bureau, made.pk, at)
    (one,) = boards.hanging(hall.bureau.body_id, clock.local_date(at))
    told = {what: (old, new) for what, old, new in one.changed}
    assert "新的岗位职责" in told["岗位职责"][1] and "新的岗位职责" not in told["岗位职责"][0]
    assert any(what.startswith("来源") for what in told)
    assert "岗位职责" in hall.todo(at)[0]


_words = st.text("甲乙丙丁", min_size=1, max_size=3)
_shown = st.fixed_dictionaries(
    {
        "hours": _words,
        "people": st.lists(st.fixed_dictionaries({"name": _words, "title": _words}), max_size=4),
        "sections": st.lists(
            st.fixed_dictionaries(
                {"key": _words, "lines": st.lists(st.lists(_words, min_size=2, max_size=2), max_size=2)}
            ),
            max_size=3,
        ),
        "sources": st.lists(st.lists(_words, min_size=2, max_size=2), max_size=3),
    }
)


@given(_shown, _shown)
def test_a_difference_is_told_exactly_where_two_boards_differ(
    old: dict[str, Any], new: dict[str, Any]
) -> None:
    told = boards.differences(old, new)
    was, now = boards.parts(old), boards.parts(new)
    assert boards.differences(old, old) == []
    assert {what for what, _a, _b in told} == {k for k in {*was, *now} if was.get(k) != now.get(k)}
    assert [(w, b, a) for w, a, b in told] == sorted(
        boards.differences(new, old), key=lambda t: [w for w, _a, _b in told].index(t[0])
    )
    # Nobody is lost among people of one name: as many parts as there are things shown.
    assert len(was) == 1 + len(old["people"]) + len(old["sections"]) + len(old["sources"])

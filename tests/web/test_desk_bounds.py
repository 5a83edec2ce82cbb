"""What a page may cost, however large the case or the list."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures.models import Step
from mingzhi.web.demo.drive import Drive
from mingzhi.web.desk import case_list
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

#: Queries of the case page on its first tab; a number that grows needs a reason.
CASE_PAGE = 60
HOME = 25
LIST = 14


@pytest.fixture
def large(drive: Callable[..., Drive]) -> Drive:
    """A concluded case with 150 steps and 60 papers."""
    case = drive(fine_yuan="9000", flags={"social_risk": True})
    case.file()
    case.investigate()
    case.conclude()
    dossier = dossiers.access_dossier(case.by("officer1"), case.id)
    taken = dossier.steps_taken
    officer = case.by("officer1")
    rows = [
        Step(
            dossier_id=case.id,
            seq=taken + n + 1,
            verb="correct",
            stage="调查取证",
            from_state=dossier.state,
            to_state=dossier.state,
            by=officer.label,
            by_name=officer.name,
            at=case.at + timedelta(minutes=n),
            occurred_at=case.at + timedelta(minutes=n),
            facts={"act": f"第 {n} 项违法行为", "demand": "立即改正"},
        )
        for n in range(150 - taken)
    ]
    Step.objects.bulk_create(rows)
    dossiers.Dossier.objects.filter(pk=case.id).update(steps_taken=150)
    from mingzhi.documents.models import Paper

    like = Paper.objects.filter(dossier_id=case.id, number=None).first()
    assert like is not None
    for n in range(60 - Paper.objects.filter(dossier_id=case.id).count()):
        like.pk, like.code, like._state.adding = None, f"{n:016d}", True
        like.save(force_insert=True)
    return case


def queries(client: Client, path: str) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert client.get(path).status_code == 200
    return len(seen)


def test_the_case_page_asks_a_bounded_number_of_questions(
    large: Drive, people: Callable[[str], Client]
) -> None:
    client = people("officer1")
    for tab in ("", "evidence", "papers", "review", "hearing", "disclosure", "index", "party"):
        client.get(f"/desk/cases/{large.id}/?tab={tab}")  # lists kept in the process are read once
        found = queries(client, f"/desk/cases/{large.id}/?tab={tab}")
        assert found <= CASE_PAGE, f"{tab}: {found}"


def test_the_case_page_costs_the_same_for_few_and_many_steps(
    large: Drive, drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    client = people("officer1")
    small = drive(fine_yuan="9000", flags={"social_risk": True}, cause="涉嫌另一起占用城市道路案")
    small.at = large.at
    small.file()
    small.investigate()
    small.conclude()
    assert queries(client, f"/desk/cases/{large.id}/") <= queries(client, f"/desk/cases/{small.id}/") + 4


def test_the_workbench_and_the_list_ask_a_bounded_number(
    large: Drive, people: Callable[[str], Client]
) -> None:
    client = people("officer1")
    assert queries(client, "/desk/") <= HOME
    assert queries(client, "/desk/cases/") <= LIST
    assert queries(client, "/desk/search/?q=示例") <= LIST


def test_paging_by_key_gives_every_case_once(
    drive: Callable[..., Drive], people: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(case_list, "PAGE", 2)
    made = []
    for n in range(5):
        case = drive(cause=f"涉嫌擅自占用城市道路案之{n}")
        case.open()
        made.append(case.id)
    client = people("officer1")
    import re

    for sort in ("", "last", "-opened", "opened"):
        seen: list[int] = []
        path = f"/desk/cases/?sort={sort}"
        while path:
            text = client.get(path).content.decode()
            seen += [int(n) for n in re.findall(r'href="/desk/cases/(\d+)/"', text)]
            link = re.search(r'rel="next" href="([^"]+)"', text)
            path = f"/desk/cases/{link[1].replace('&amp;', '&')}" if link else ""
        assert sorted(seen) == sorted(made), sort
        assert len(seen) == len(set(seen))


def test_my_cases_come_once_each_in_order_open_or_closed_and_whatever_roles_i_hold(
    drive: Callable[..., Drive], people: Callable[[str], Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    import re

    monkeypatch.setattr(case_list, "PAGE", 2)
    mine, person = [], drive().bureau.person("officer1", MONDAY)
    for n in range(6):
        case = drive(cause=f"涉嫌擅自占用城市道路案之{n}")
        case.wait(hours=n)
        case.open()
        mine.append(case)
        dossier = dossiers.dossier_lock(dossier_id=case.id)
        for role in ("lead", "assist", "recorder")[: 1 + n % 3]:
            dossiers.member_join(
                dossier=dossier, person_id=person, role=role, by=case.by("officer1"), at=case.at
            )
        if n in (1, 4):
            at = case.at + timedelta(days=n)
            dossiers.dossier_move(dossier=dossier, state="closed", stage="归档", closed=True, at=at)
    not_mine = drive(cause="别人的案件")
    not_mine.open()
    client = people("officer1")
    rows = {c.id: dossiers.access_dossier(c.by("officer1"), c.id) for c in mine}
    for sort, column in (
        ("-last", "last_step_at"),
        ("last", "last_step_at"),
        ("-opened", "opened_at"),
        ("opened", "opened_at"),
    ):
        seen: list[int] = []
        path = f"/desk/cases/?mine=1&sort={sort}"
        while path:
            text = client.get(path).content.decode()
            seen += [int(n) for n in re.findall(r'href="/desk/cases/(\d+)/"', text)]
            link = re.search(r'rel="next" href="([^"]+)"', text)
            path = f"/desk/cases/{link[1].replace('&amp;', '&')}" if link else ""
        down = sort.startswith("-")
        assert seen == sorted(rows, key=lambda i: (getattr(rows[i], column), i), reverse=down), sort
    finished = client.get("/desk/cases/?mine=1&state=closed").content.decode()
    assert f"/desk/cases/{mine[4].id}/" in finished and f"/desk/cases/{mine[0].id}/" not in finished
    going = client.get("/desk/cases/?mine=1&stage=启动").content.decode()
    assert f"/desk/cases/{mine[5].id}/" in going and f"/desk/cases/{mine[4].id}/" not in going


def test_a_case_opened_again_is_mine_and_open_again(drive: Callable[..., Drive]) -> None:
    case = drive()
    case.open()
    person = case.bureau.person("officer1", MONDAY)
    dossier = dossiers.dossier_lock(dossier_id=case.id)
    by = case.by("officer1")
    dossiers.member_join(dossier=dossier, person_id=person, role="lead", by=by, at=case.at)

    def held(*, going_on: bool) -> list[int]:
        rows = dossiers.in_hand(dossiers.dossiers_for(by), by, going_on=going_on)
        return list(rows.values_list("pk", flat=True))

    assert (held(going_on=True), held(going_on=False)) == ([case.id], [])
    later = case.at + timedelta(days=1)
    dossiers.dossier_move(dossier=dossier, state="closed", stage="归档", closed=True, at=later)
    assert (held(going_on=True), held(going_on=False)) == ([], [case.id])
    dossiers.dossier_move(dossier=dossier, state="investigating", stage="调查取证", closed=False, at=later)
    assert (held(going_on=True), held(going_on=False)) == ([case.id], [])
    dossiers.member_leave(dossier=dossier, person_id=person, reason="回避", recused=True, by=by, at=later)
    assert (held(going_on=True), held(going_on=False)) == ([], [])


def test_the_list_is_narrowed_and_the_filter_saved(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    one, two = drive(cause="涉嫌擅自占用城市道路案甲"), drive(cause="涉嫌露天烧烤案乙")
    one.file()
    two.open()
    client = people("officer1")
    assert "露天烧烤案乙" not in client.get("/desk/cases/?q=占用城市道路").content.decode()
    assert "露天烧烤案乙" in client.get("/desk/cases/?state=new").content.decode()
    assert "道路案甲" not in client.get("/desk/cases/?stage=启动").content.decode()
    assert "道路案甲" in client.get("/desk/cases/?mine=1").content.decode()
    assert "露天烧烤案乙" not in client.get("/desk/cases/?mine=1").content.decode()
    client.post("/desk/cases/views/", {"name": "我的在办", "query": "mine=1&stage=调查取证"})
    assert "我的在办" in client.get("/desk/cases/").content.decode()
    assert "我的在办" not in people("officer2").get("/desk/cases/").content.decode()
    assert "占用城市道路案甲" in client.get("/desk/search/?q=91440803MA0000001R").content.decode()
    other = people("other")
    assert "道路案甲" not in other.get("/desk/cases/?q=占用城市道路").content.decode()
    assert "道路案甲" not in other.get("/desk/search/?q=91440803MA0000001R").content.decode()

"""One party, one picture: across matters, only what the reader may see, never merged in silence."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import PartyInput
from mingzhi.dossiers.models import Dossier, Party, PartyMatch
from mingzhi.ledger import api as ledger
from mingzhi.ledger.models import Attempt
from mingzhi.organisations import api as organisations
from mingzhi.web.demo.drive import Bureau, Drive

pytestmark = pytest.mark.django_db(databases="__all__")
COMPANY = PartyInput(
    kind="legal", name="示例一号商贸有限公司", credit_code="91440803MA0000001R", representative="林某某", phone="13800000000"
)  # fmt: skip
NAMELESS = replace(COMPANY, credit_code="", code_note="筹建中，尚未登记", representative="陈某某")
QUERIES = 60


@pytest.fixture
def two(drive: Callable[..., Drive]) -> tuple[Drive, Drive]:
    """Two cases of one company: one decided, one just opened."""
    first, second = drive(), drive(cause="涉嫌擅自挖掘城市道路案")
    first.file()
    first.investigate()
    first.conclude()
    second.at = first.at
    second.open()
    return first, second


def row(case: Drive) -> Party:
    return Party.objects.get(dossier_links__dossier_id=case.id, dossier_links__role="party")


def url(party: Party, rest: str = "") -> str:
    return f"/desk/parties/{party.pk}/{rest}"


def another(case: Drive, entered: PartyInput, body_id: int | None = None) -> Party:
    return dossiers.party_save(
        body_id=body_id or case.bureau.body_id, entered=entered, by=case.by("officer1"), at=case.at
    )


def test_all_matters_of_one_code_stand_on_one_page_with_what_hangs_on_them(
    two: tuple[Drive, Drive], desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    first, _second = two
    freeze(first.at)
    page = desk("officer3").get(url(row(first))).content.decode()
    for words in (
        "擅自占用城市道路案",
        "擅自挖掘城市道路案",
        documents.papers(first.id)[0].title,
        "正在计算的期限",
        "现场检查",
    ):
        assert words in page, words
    assert "13800000000" not in page
    assert (
        f'href="{url(row(first))}"'
        in desk("officer1").get(f"/desk/cases/{first.id}/?tab=party").content.decode()
    )
    assert (
        f'href="{url(row(first))}"'
        in desk("officer1").get("/desk/search/?q=91440803MA0000001R").content.decode()
    )
    for query in ("示例一号商贸有限公司", "91440803MA0000001R", "一号商贸"):
        assert url(row(first)) in desk("officer1").get(f"/desk/parties/?q={query}").content.decode(), query
    assert "没有找到" in desk("officer1").get("/desk/parties/?q=无此公司").content.decode()


def test_decided_penalties_are_told_with_their_sum_and_an_annulled_one_as_annulled(
    drive: Callable[..., Drive], desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    case = drive()
    case.file()
    case.investigate()
    case.conclude()
    case.to_decision()
    freeze(case.at)
    page = desk("leader").get(url(row(case))).content.decode()
    assert "罚款人民币" in page and "2,000.00" in page and "有效罚款合计" in page


def test_only_matters_the_reader_may_see_are_there(
    two: tuple[Drive, Drive], bureau: Bureau, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    first, _second = two
    freeze(first.at)
    neighbour = organisations.accounts.account(bureau.accounts["other"]).body_id
    there = another(first, COMPANY, neighbour)
    foreign = dossiers.dossier_open(
        procedure="penalty.ordinary", procedure_version="1", state="filed", stage="启动", title="邻局的案件",
        body_id=neighbour, unit_id=organisations.units(neighbour)[0].id, field="urban", by=first.by("other"), at=first.at,
    )  # fmt: skip
    dossiers.party_join(dossier=foreign, party=there, role="party", by=first.by("other"), at=first.at)
    own = desk("officer1").get(url(row(first))).content.decode()
    assert "邻局的案件" not in own and "同一当事人的其他登记" not in own
    assert desk("officer1").get(url(there)).status_code == 404
    theirs = desk("other").get(url(there)).content.decode()
    assert "邻局的案件" in theirs and "擅自占用" not in theirs
    both = desk("supervisor").get(url(there)).content.decode()
    assert "邻局的案件" in both and "擅自占用城市道路案" in both and "同一当事人的其他登记" in both
    dossiers.member_join(
        dossier=Dossier.objects.get(pk=first.id), person_id=bureau.person("officer2", first.at), role="assist",
        by=first.by("officer1"), at=first.at,
    )  # fmt: skip
    dossiers.member_leave(
        dossier=Dossier.objects.get(pk=first.id), person_id=bureau.person("officer2", first.at), reason="利害关系",
        recused=True, by=first.by("leader"), at=first.at,
    )  # fmt: skip
    assert "擅自占用城市道路案" not in desk("officer2").get(url(row(first))).content.decode()


def test_the_same_name_is_a_candidate_until_a_person_says_so_and_may_be_taken_back(
    two: tuple[Drive, Drive], desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    first, _second = two
    freeze(first.at)
    maybe = another(first, NAMELESS)
    assert maybe.pk != row(first).pk
    officer = desk("officer1")
    page = officer.get(url(row(first))).content.decode()
    assert "同名待核对" in page and "陈某某" in page and "同一当事人的其他登记" not in page
    say = {"other": maybe.pk, "same": "yes"}
    assert officer.post(url(row(first), "match/"), {**say, "reason": ""}).status_code == 422
    assert officer.post(url(row(first), "match/"), {**say, "reason": "营业执照核对一致"}).status_code == 302
    assert officer.post(url(row(first), "match/"), {**say, "reason": "再说一次"}).status_code == 302
    assert PartyMatch.objects.count() == 1
    page = officer.get(url(maybe)).content.decode()
    assert "擅自占用城市道路案" in page and "营业执照核对一致" in page and "同名待核对" not in page
    officer.post(url(maybe, "match/"), {"other": row(first).pk, "same": "no", "reason": "系同名企业"})
    page = officer.get(url(maybe)).content.decode()
    assert "擅自占用城市道路案" not in page and "同名待核对" not in page and "系同名企业" in page
    assert Party.objects.filter(name=COMPANY.name).count() == 2, "rows are never merged"
    with pytest.raises(IntegrityError), transaction.atomic():
        PartyMatch.objects.all().delete()
    assert ledger.fsck().ok


def test_two_numbers_that_differ_are_no_candidates(two: tuple[Drive, Drive]) -> None:
    first, _second = two
    other = another(first, replace(COMPANY, credit_code="91440803MA0000002W"))
    by = first.by("officer1")
    assert other.pk not in {p.pk for p in dossiers.register.candidates(by, [row(first)])}


@pytest.mark.parametrize("who", ["supervisor", "collector", "reviewer", "archivist"])
def test_who_handles_no_cases_judges_no_rows(
    two: tuple[Drive, Drive], desk: Callable[..., Client], freeze: Callable[..., None], who: str
) -> None:
    first, _second = two
    freeze(first.at)
    maybe = another(first, NAMELESS)
    answer = desk(who).post(
        url(row(first), "match/"), {"other": maybe.pk, "same": "yes", "reason": "核对一致"}
    )
    assert answer.status_code == 403 and not PartyMatch.objects.exists()


def test_numbers_in_full_need_a_hand_in_a_matter_and_a_purpose_and_are_noted(
    two: tuple[Drive, Drive], desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    first, _second = two
    freeze(first.at)
    full = url(row(first), "full/")
    assert desk("officer1").post(full, {}).status_code == 422
    shown = desk("officer1").post(full, {"use": "case"})
    assert shown.status_code == 200 and "13800000000" in shown.content.decode()
    assert desk("supervisor").post(full, {"use": "supervision"}).status_code == 200
    assert desk("officer3").post(full, {"use": "evaluation"}).status_code == 403
    noted = Attempt.objects.filter(act="party:revealed", subject=f"party:{row(first).pk}")
    assert noted.filter(detail__need="case").count() == 1 and noted.count() == 3


MATRIX = {
    "officer1": (200, 200, 200), "officer3": (200, 200, 403), "head2": (200, 200, 403), "leader": (200, 200, 200),
    "supervisor": (200, 200, 200), "other": (200, 404, 404),
    "sysadmin": (403, 404, 404), "secadmin": (403, 404, 404), "auditor": (403, 404, 404),
}  # fmt: skip


@pytest.mark.parametrize("who", MATRIX)
def test_every_role_gets_of_a_foreign_party_what_the_table_says(
    two: tuple[Drive, Drive], desk: Callable[..., Client], freeze: Callable[..., None], who: str
) -> None:
    first, _second = two
    freeze(first.at)
    client, party = desk(who), row(first)
    found = (
        client.get("/desk/parties/").status_code,
        client.get(url(party)).status_code,
        client.post(url(party, "full/"), {"use": "supervision"}).status_code,
    )
    assert found == MATRIX[who]
    if found[1] == 404:
        assert (
            client.post(
                url(party, "match/"), {"other": party.pk + 1, "same": "yes", "reason": "核对"}
            ).status_code
            == 404
        )
    assert Client().get(url(party)).status_code == 302


def test_the_page_asks_a_bounded_number_of_questions_however_many_matters(
    two: tuple[Drive, Drive],
    drive: Callable[..., Drive],
    desk: Callable[..., Client],
    freeze: Callable[..., None],
) -> None:
    first, _second = two

    def asked() -> int:
        freeze(first.at)
        client = desk("officer1")
        with CaptureQueriesContext(connection) as seen:
            assert client.get(url(row(first))).status_code == 200
        return len(seen)

    few = asked()
    for n in range(35):
        like = Dossier.objects.get(pk=first.id)
        like.pk, like.number, like._state.adding = None, f"示例〔2026〕{n}号", True
        like.save(force_insert=True)
        dossiers.party_join(
            dossier=like, party=row_of(first.id), role="third", by=first.by("officer1"), at=first.at
        )
    assert asked() <= few + 2 <= QUERIES
    page = desk("officer1").get(url(row_of(first.id))).content.decode()
    assert "下一页" in page and page.count("利害关系人") == 30


def row_of(dossier_id: int) -> Party:
    return Party.objects.get(dossier_links__dossier_id=dossier_id, dossier_links__role="party")


@pytest.mark.skipif(connection.vendor != "sqlite", reason="the plan is read in SQLite's words")
def test_finding_a_party_and_its_matters_walks_no_table(two: tuple[Drive, Drive], bureau: Bureau) -> None:
    first, _second = two
    by = first.by("officer1")
    with CaptureQueriesContext(connection) as seen:
        dossiers.register.parties_exact(by, "91440803MA0000001R")
        rows = dossiers.register.same_party(by, row(first))
        dossiers.register.candidates(by, rows)
        dossiers.register.matters_of(by, [p.pk for p in rows])
    for query in seen.captured_queries:
        if not query["sql"].startswith("SELECT"):
            continue
        with connection.cursor() as cursor:
            cursor.execute(f"EXPLAIN QUERY PLAN {query['sql']}")
            plan = [line[3] for line in cursor.fetchall()]
        walked = [p for p in plan if p.startswith(("SCAN dossiers_dossier", "SCAN dossiers_party "))]
        assert not walked, (query["sql"][:300], plan)

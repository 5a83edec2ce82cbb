"""Search over all disclosures: the address carries everything, counts are those of the list, machines can read it."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.etree import ElementTree

import pytest
from django.test import Client

from mingzhi.publication import api, finding, records
from mingzhi.publication.choices import PublicState
from mingzhi.publication.models import Disclosure, Snapshot, Version
from mingzhi.search.errors import QueryTooWide
from tests.publication.conftest import AT, Bureau

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.web_public.urls")]
MAP = "{http://www.sitemaps.org/schemas/sitemap/0.9}"
FINES = (0, 50_000, 500_000, 5_000_000, 50_000_000)


@pytest.fixture
def many(bureau: Bureau, snapshot: Any) -> list[int]:
    """Twenty-five decisions over two years and two fields, fines in every band: one published by the
    desk, the others written as it was."""
    first = Disclosure.objects.get(pk=bureau.published(snapshot()))
    version, source = Version.objects.get(disclosure=first), Snapshot.objects.get(disclosure=first)
    made = []
    for n in range(25):
        row = Disclosure.objects.get(pk=first.pk)
        row.pk, row.published_at = None, AT + timedelta(days=n)
        row.number, row.decided_on = f"湛霞综执罚决字〔2026〕第{n}号", date(2025 + n // 20, 9, 1)
        row.save(force_insert=True)
        source.pk, source.disclosure = None, row
        source.save(force_insert=True)
        content = version.content | {
            "number": row.number,
            "violation": "占道经营" if n % 2 else "随意倾倒建筑垃圾",
            "fine_fen": FINES[n % 5],
            "field": "urban" if n % 3 else "water",
            "decided_on": row.decided_on.isoformat(),
        }
        text = Version.objects.create(
            disclosure=row, no=1, content=content, published_at=row.published_at, published_by="t", collected_by="c", checked_by="k"
        )  # fmt: skip
        records.show(row, text, PublicState.PUBLISHED, at=row.published_at)
        made.append(row.pk)
    api.disclosure_withdraw(
        disclosure_id=first.pk,
        reason="重复公示",
        basis="公示规定",
        by=bureau.publisher,
        at=AT + timedelta(days=30),
    )
    return made


def links(response: Any) -> list[int]:
    """Decisions of a result page, in order."""
    found = re.findall(r'class="result-title" href="/decisions/(\d+)/"', response.content.decode())
    return [int(pk) for pk in found]


def href(response: Any, rel: str) -> str | None:
    found = re.search(rf'<a class="button small" rel="{rel}" href="([^"]+)"', response.content.decode())
    return "/decisions/" + found[1].replace("&amp;", "&") if found else None


def walk(client: Client, address: str | None) -> list[list[int]]:
    pages = []
    while address:
        response = client.get(address)
        pages.append(links(response))
        address = href(response, "next")
    return pages


def test_pages_counts_and_orders_agree_and_every_address_works_again(client: Client, many: list[int]) -> None:
    assert [pk for page in walk(client, "/decisions/") for pk in page] == many[::-1]
    assert [pk for page in walk(client, "/decisions/?order=oldest") for pk in page] == many
    by_amount = [pk for page in walk(client, "/decisions/?order=amount") for pk in page]
    assert by_amount == sorted(many, key=lambda pk: (FINES[many.index(pk) % 5], pk), reverse=True)

    first = client.get("/decisions/?q=占道经营&field=urban&order=oldest")
    wanted = [pk for n, pk in enumerate(many) if n % 2 and n % 3]
    assert links(first) == wanted
    assert f"共 {len(wanted)} 条" in first.content.decode()
    told = client.get("/decisions.json?q=占道经营&field=urban&order=oldest").json()
    assert told["total"] == len(wanted) and told["total_is_exact"]
    assert [row["id"] for row in told["rows"]] == wanted
    for name, facet in told["facets"].items():
        assert facet["exact"]
        for value in facet["values"]:
            chosen = {"q": "占道经营", "field": "urban", name: value["value"]}
            assert client.get("/decisions.json", chosen).json()["total"] == value["count"], (name, value)
        if name != "field":
            assert sum(value["count"] for value in facet["values"]) == len(wanted)


def test_going_on_and_back_loses_and_repeats_nothing_while_others_publish_and_withdraw(
    client: Client, many: list[int], bureau: Bureau, snapshot: Any
) -> None:
    seconds = {}
    for order in ("newest", "oldest", "amount"):
        first = client.get(f"/decisions/?order={order}")
        address = href(first, "next")
        second = client.get(address)
        assert len(links(first)) == 20 and len(links(second)) == 5
        assert links(client.get(href(second, "prev"))) == links(first)
        seconds[address] = links(second)
    bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第99号"), at=AT + timedelta(days=12))
    gone = many[2]
    api.disclosure_withdraw(
        disclosure_id=gone,
        reason="复议撤销",
        basis="复议决定",
        by=bureau.publisher,
        at=AT + timedelta(days=40),
    )
    for address, before in seconds.items():
        again = links(client.get(address))
        assert [pk for pk in again if pk in many] == [pk for pk in before if pk != gone]


def test_chosen_facets_stand_above_the_list_and_can_each_be_taken_away(
    client: Client, many: list[int]
) -> None:
    page = client.get("/decisions/?q=占道&field=urban&year=2025").content.decode()
    taken = re.findall(r'<li><a href="([^"]+)" rel="nofollow"><span class="muted">', page)
    left = [parse_qs(urlsplit(one.replace("&amp;", "&")).query) for one in taken]
    assert left == [{"q": ["占道"], "field": ["urban"]}, {"q": ["占道"], "year": ["2025"]}]
    assert page.count('aria-current="true"') == 3  # two values, one order
    assert '<input type="hidden" name="field" value="urban">' in page


def test_an_empty_result_names_the_ways_on(client: Client, many: list[int]) -> None:
    page = client.get("/decisions/?q=占道&field=water&year=1999").content.decode()
    assert "没有符合条件的公示信息" in page
    assert "不限决定年度（1999）" in page and "不限执法领域（水利）" in page
    assert 'href="?year=1999&amp;field=water"' in page


def test_a_result_shows_where_the_words_stand_and_nothing_that_is_not_published(
    client: Client, bureau: Bureau, snapshot: Any
) -> None:
    bureau.published(snapshot(facts="经查，当事人在示例路南侧便道倾倒渣土二车，现场联系人电话13800138000。"))
    page = client.get("/decisions/", {"q": "便道倾倒"}).content.decode()
    assert "<mark>便道倾倒</mark>" in page and "主要事实" in page, (
        "found by its facts, which the list does not show"
    )
    assert "13800138000" not in client.get("/decisions/", {"q": "现场联系人"}).content.decode()
    plain = client.get("/decisions/", {"q": "随意倾倒"}).content.decode()
    assert "共 1 条" in plain and "<mark>" not in plain, "the title says it already"


def test_a_mistyped_question_is_answered_with_the_nearest_that_finds_something(
    client: Client, many: list[int]
) -> None:
    page = client.get("/decisions/", {"q": "湛霞综执罚决字2026第7号", "year": "2025"}).content.decode()
    href = re.search(r'要找的是不是：.*?href="([^"]+)"', page, re.S)
    assert "共 0 条" in page and href is not None
    there = client.get("/decisions/" + href[1].replace("&amp;", "&")).content.decode()
    assert "共 1 条" in there and "〔2026〕第7号" in there and "决定年度" in there, (
        "the chosen year stays chosen"
    )
    assert "要找的是不是" not in client.get("/decisions/", {"q": "查无此事项"}).content.decode()


def test_a_nearer_question_is_looked_for_no_longer_than_it_is_worth_and_never_in_the_way_of_the_answer(
    client: Client, many: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = {"q": "湛霞综执罚决字2026第7号"}
    monkeypatch.setattr(finding, "PATIENCE", -1.0)
    page = client.get("/decisions/", asked).content.decode()
    assert "共 0 条" in page and "要找的是不是" not in page
    monkeypatch.undo()

    plain = finding.public_search

    def wide(query: str, *args: Any, **options: Any) -> Any:
        if query != asked["q"]:
            raise QueryTooWide
        return plain(query, *args, **options)

    monkeypatch.setattr(finding, "public_search", wide)
    page = client.get("/decisions/", asked).content.decode()
    assert "共 0 条" in page and QueryTooWide.sentence not in page


def test_a_credit_code_leads_to_the_organisations_own_page(client: Client, many: list[int]) -> None:
    page = client.get("/decisions/?q=91110000600037341L").content.decode()
    assert "共 25 条" in page and 'href="/parties/91110000600037341L/"' in page


def test_what_is_withdrawn_is_at_once_in_no_list_map_count_or_markup(
    client: Client, many: list[int], bureau: Bureau, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(finding, "PART", 10)
    index = ElementTree.fromstring(client.get("/sitemap.xml").content)
    parts = [urlsplit(loc.text or "").path for loc in index.iter(f"{MAP}loc")]

    def mapped() -> set[int]:
        found = set()
        for path in parts[1:]:
            tree = ElementTree.fromstring(client.get(path).content)
            assert all(len(url.find(f"{MAP}lastmod").text) == 25 for url in tree.iter(f"{MAP}url"))  # type: ignore[union-attr,arg-type]
            found |= {int(loc.text.rstrip("/").rsplit("/", 1)[1]) for loc in tree.iter(f"{MAP}loc")}  # type: ignore[union-attr]
        return found

    assert mapped() == set(many)
    markup = re.compile(r'<script type="application/ld\+json">(.*?)</script>')
    notice = client.get(f"/decisions/{many[3]}/").content.decode()
    told = json.loads(markup.findall(notice)[0])
    assert (
        told["identifier"] == "湛霞综执罚决字〔2026〕第3号" and told["publisher"]["name"] == bureau.body.name
    )
    assert f'type="application/json" href="/decisions/{many[3]}/text"' in notice
    listed = json.loads(markup.findall(client.get("/decisions/").content.decode())[0])
    assert listed["numberOfItems"] == 25 and len(listed["itemListElement"]) == 20

    api.disclosure_withdraw(
        disclosure_id=many[3],
        reason="复议撤销",
        basis="复议决定",
        by=bureau.publisher,
        at=AT + timedelta(days=40),
    )
    assert mapped() == set(many) - {many[3]}
    assert client.get("/decisions.json").json()["total"] == 24
    gone = client.get(f"/decisions/{many[3]}/").content.decode()
    assert not markup.search(gone) and 'name="robots" content="noindex"' in gone
    assert client.get("/sitemap/decisions-999999.xml").status_code == 404


def test_robots_and_browsers_are_told_where_to_look(client: Client, bureau: Bureau) -> None:
    robots = client.get("/robots.txt").content.decode()
    assert "Disallow: /desk/" in robots and robots.rstrip().endswith("/sitemap.xml")
    description = client.get("/opensearch.xml")
    assert description["Content-Type"].startswith("application/opensearchdescription+xml")
    assert "/decisions/?q={searchTerms}" in description.content.decode()
    assert ElementTree.fromstring(client.get("/sitemap/pages.xml").content).findall(f"{MAP}url")
    assert 'rel="search"' in client.get("/").content.decode()


def test_markup_cannot_end_its_element(client: Client, bureau: Bureau, snapshot: Any) -> None:
    bureau.published(snapshot(title="</script><b>占道"))
    page = client.get("/decisions/?q=占道").content.decode()
    assert "</script><b>" not in page and "\\u003C/script\\u003E" in page


def test_an_address_that_means_nothing_is_answered_all_the_same(client: Client, bureau: Bureau) -> None:
    for address in (
        "after=x",
        "after=9999999999999999999",
        "before=-1",
        "order=amount&after=1.x",
        "year=abc",
        "order=zz",
        "body=1%00",
    ):
        assert client.get(f"/decisions/?{address}").status_code == 200, address

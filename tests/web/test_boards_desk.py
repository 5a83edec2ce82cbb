"""From the register of places to the board on the wall, the public page and the touch-screen in the hall."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from typing import Any

import pypdfium2
import pytest
from django.test import Client

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.web import flowchart, listing
from mingzhi.web.demo import lists_room, places_room
from mingzhi.web.demo.drive import Bureau
from tests.made_once import made_once
from tests.stories.conftest import MONDAY
from tests.web.languages import catalogue, chinese_labels, stray_latin  # noqa: F401 — a fixture

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = clock.local_date(MONDAY)
A3, A4 = (842, 1191), (595, 842)


@pytest.fixture(autouse=True)
def monday(freeze: Any) -> None:
    freeze(MONDAY)


@pytest.fixture
def furnished(bureau: Bureau) -> Bureau:
    """The demonstration bureau with its lists published, its hall with two windows, and boards printed."""

    def furnish() -> None:
        lists_room.furnish(bureau, MONDAY)
        places_room.furnish(bureau, MONDAY)

    made_once("places-room", furnish)
    return bureau


def text(answer: Any) -> str:
    assert answer.status_code == 200, answer.content.decode()[-2000:]
    found: str = answer.content.decode()
    return found


def hall(bureau: Bureau) -> Any:
    return publication.boards.places_of(bureau.body_id, DAY)[1]


def sheet(answer: Any) -> tuple[tuple[int, int], str, int]:
    """(size of the first sheet in points, all text, how many sheets)."""
    assert answer["Content-Type"] == "application/pdf"
    with pypdfium2.PdfDocument(answer.content) as pdf:
        wide, high = pdf[0].get_size()
        words = "\n".join(pdf[n].get_textpage().get_text_range() for n in range(len(pdf)))
        return (round(wide), round(high)), words, len(pdf)


def test_a_keeper_registers_a_hall_mends_the_gaps_and_prints_what_the_public_then_reads(
    desk: Any, bureau: Bureau, client: Client
) -> None:
    keeper = desk("keeper")
    assert "尚未登记执法场所" in text(keeper.get("/desk/places/"))
    assert "尚未登记执法场所" in text(client.get("/places/"))
    team = organisations.units(bureau.body_id, kind="enforcement")[0]
    staff = organisations.people(bureau.body_id, on=DAY, certified=True, unit_id=team.id)
    form = {
        "name": "执法服务大厅",
        "kind": "hall",
        "address": "示例路 3 号",
        "hours": "",
        "phone": "000-00000003",
        "unit_ids": [team.id],
        "valid_from": DAY.isoformat(),
    }
    refused = keeper.post("/desk/places/new/", form)
    assert refused.status_code == 422 and "请填写办公时间" in refused.content.decode()
    assert 'value="示例路 3 号"' in refused.content.decode()
    made = keeper.post("/desk/places/new/", form | {"hours": "工作日 9:00—17:00"})
    place_id = publication.boards.places_of(bureau.body_id, DAY)[0].id
    assert made.url == f"/desk/places/{place_id}/"
    window = {
        "name": "1 号窗口",
        "unit_id": team.id,
        "person_0": staff[0].id,
        "when_0": "星期一",
        "valid_from": DAY.isoformat(),
    }
    made = keeper.post(f"/desk/places/{place_id}/windows/new/", window)
    board_url = made.url
    page = text(keeper.get(board_url))
    assert "本机关没有公布岗位职责清单" in page and "本机关没有公布服务指南" in page
    refused = keeper.post(board_url, {"paper": "a3"})
    assert refused.status_code == 409 and "公示牌还有 2 处缺项" in refused.content.decode()

    lists_room.furnish(bureau, MONDAY)
    window_url = board_url.removesuffix("board/")
    page = text(keeper.get(window_url))
    code = next(c for c, label in publication.boards.posts(bureau.body_id, DAY) if "窗口岗" in label)
    assert f'value="{code}"' in page and 'value="ZN-001"' in page
    (seen,) = re.findall(r'name="seen" value="(\d+)"', page)
    changed = window | {
        "seen": seen,
        "reason": "补齐岗位和事项",
        "active": "1",
        "post": code,
        "handles": ["ZN-001"],
    }
    assert keeper.post(window_url, changed).status_code == 302
    assert keeper.post(window_url, changed | {"name": "改名"}).status_code == 409
    assert "补齐岗位和事项" in text(keeper.get(window_url))
    assert "以下内容应当公示而" not in text(keeper.get(board_url))

    trial, words, _n = sheet(keeper.get(board_url.removesuffix("board/") + "board.pdf?paper=a4"))
    assert trial == (A4[1], A4[0]) and "预 览" in words
    assert keeper.post(board_url, {"paper": "a3"}).status_code == 302
    page = text(keeper.get("/desk/places/"))
    assert "一致" in page and "应更换" not in page
    (print_url,) = re.findall(r'href="(/desk/boards/\d+\.pdf)"', page)
    size, words, sheets = sheet(keeper.get(print_url))
    assert size == (A3[1], A3[0]) and sheets == 1 and "预 览" not in words
    for said in ("1 号窗口", "岗位职责", "申请材料示范文本", "监督电话"):
        assert said in words
    assert keeper.get(print_url).content == keeper.get(print_url).content

    public = f"/places/{place_id}/windows/{window_url.split('/')[-2]}/"
    page = text(client.get(public))
    assert "一次性告知需要补正的内容" in page
    for way in publication.boards.WAYS.values():
        assert f'href="{way}"' in page and client.get(way).status_code == 200
    assert client.get(f"{public}qr.svg")["Content-Type"] == "image/svg+xml"


def test_what_changed_behind_a_printed_board_is_told_on_the_desk_and_is_a_to_do(
    desk: Any, furnished: Bureau
) -> None:
    publication.boards.watch(at=MONDAY)
    keeper = desk("keeper")
    home = text(keeper.get("/desk/"))
    assert home.count("更换公示牌：执法服务大厅") == 3 and 'href="/desk/places/"' in home
    page = text(keeper.get("/desk/places/"))
    assert "有 3 块张贴中的公示牌与现行信息不一致" in page
    assert "<del>工作日 9:00—12:00，14:30—17:30</del>" in page and "星期六" in page
    place = hall(furnished)
    for window in publication.boards.windows_of(place.id, DAY):
        assert (
            keeper.post(f"/desk/places/{place.id}/windows/{window.id}/board/", {"paper": "a3"}).status_code
            == 302
        )
    poster = next(
        h
        for h in publication.boards.hanging(furnished.body_id, DAY)
        if h.place_id == place.id and h.window_id is None
    )
    down = {"act": "take_down", "print": poster.print_id, "reason": ""}
    assert keeper.post("/desk/places/", down).status_code == 422
    assert keeper.post("/desk/places/", down | {"reason": "墙面维修"}).status_code == 302
    page = text(keeper.get("/desk/places/"))
    assert "应更换" not in page and "更换公示牌" not in text(keeper.get("/desk/"))


def test_the_wall_poster_holds_the_bureau_its_powers_its_officers_and_its_flow_charts(
    desk: Any, furnished: Bureau
) -> None:
    place = hall(furnished)
    size, words, sheets = sheet(desk("keeper").get(f"/desk/places/{place.id}/board.pdf?paper=a3"))
    assert size == A3 and sheets >= 3
    shown = publication.boards.place_board(place.id, DAY).shown
    for said in (
        place.name,
        "行政处罚",
        "监督电话",
        *(p["certificate"] for p in shown["people"]),
        *(w for w, _post in shown["windows"]),
    ):
        assert said in words, said
    for chart in shown["charts"]:
        assert chart["title"].removeprefix(shown["body"]) in words.replace("\r\n", "")


def test_the_drawing_of_a_flow_chart_is_cut_between_its_boxes_and_nothing_is_lost(furnished: Bureau) -> None:
    long = max(
        (
            listing.chart_svg(v)
            for v in public_lists.in_force_of(furnished.body_id, DAY)
            if v.list.kind == "chart"
        ),
        key=len,
    )
    boxes = [
        (int(y), int(y) + int(h))
        for y, h in re.findall(r'<rect x="\d+" y="(\d+)" width="\d+" height="(\d+)"', long)
    ]
    for most in (0.9, 1.7, publication.boards.STRIP, 100):
        views = [
            tuple(map(int, re.findall(r'viewBox="0 (\d+) (\d+) (\d+)"', strip)[0]))
            for strip in flowchart.strips(long, most)
        ]
        assert views[0][0] == 0 and len({wide for _top, wide, _high in views}) == 1
        assert all(a[0] + a[2] == b[0] for a, b in pairwise(views))
        assert sum(high for _top, _wide, high in views) == views[-1][0] + views[-1][2]
        assert all(high <= wide * most for _top, wide, high in views)
        for top, foot in boxes:
            assert sum(t < foot and top < t + h for t, _w, h in views) == 1, (most, top)


def test_the_public_reads_places_powers_and_windows_in_both_languages_and_as_data(
    client: Client,
    furnished: Bureau,
    catalogue: None,  # noqa: F811 — the fixture
) -> None:
    place = hall(furnished)
    windows = publication.boards.windows_of(place.id, DAY)
    body = organisations.body(furnished.body_id)
    pages = [
        "/places/",
        f"/places/{place.id}/",
        f"/places/{place.id}/windows/{windows[0].id}/",
        "/lists/bodies/",
    ]
    names = [b.name for b in organisations.public_bodies()]
    shown = publication.boards.place_board(place.id, DAY).shown
    data = (*names, body.short_name, place.name, "局机关", *(w.name for w in windows), "行政处罚",
            "行政处罚当事人申请延期、分期缴纳罚款")  # fmt: skip
    for path in pages:
        page = text(client.get(path))
        assert not stray_latin(page), path
        client.cookies["django_language"] = "en"
        assert not chinese_labels(text(client.get(path)), data), path
        del client.cookies["django_language"]
    bodies = text(client.get("/lists/bodies/"))
    (kind, count, _fields) = shown["powers"][0]
    assert kind in bodies and f">{count}<" in bodies and "受理申请、陈述申辩和咨询" in bodies
    told = json.loads(client.get(f"/places/{place.id}/place.json").content)
    assert told["place"] == shown | {
        "windows": [publication.boards.window_board(w.id, DAY).shown for w in windows]
    }
    for gone in ("/places/99999/", f"/places/{2**63}/", f"/kiosk/{2**63}/", f"/places/{place.id}/windows/99999/",
                 f"/places/{place.id - 1}/windows/{windows[0].id}/", f"/places/{place.id - 1}/windows/{windows[0].id}/qr.svg"):  # fmt: skip
        assert client.get(gone).status_code == 404, gone


def test_no_screen_of_the_kiosk_leads_away_or_asks_for_anything(
    client: Client,
    furnished: Bureau,
    catalogue: None,  # noqa: F811 — the fixture
) -> None:
    place = hall(furnished)
    start = f"/kiosk/{place.id}/"
    seen, waiting = set(), [start]
    while waiting:
        path = waiting.pop()
        if path in seen:
            continue
        seen.add(path)
        page = text(client.get(path))
        for link in re.findall(r'<a [^>]*href="([^"]+)"', page):
            to = f"{path.partition('?')[0]}{link}" if link.startswith("?") else link
            assert to.startswith(start), (path, link)
            waiting.append(to)
        assert re.findall(r"<form[^>]* action=\"([^\"]+)\"", page) == ["/language/set/"], path
        assert not re.findall(r"<(?:textarea|select|input(?! type=\"hidden\"))", page), path
        for picture in re.findall(r'<img src="([^"]+)"', page):
            assert client.get(picture)["Content-Type"] == "image/svg+xml"
    assert len(seen) > 12
    lost = client.get(f"{start}guides/no-such/")
    assert lost.status_code == 404
    assert all(
        link.startswith(start) for link in re.findall(r'<a [^>]*href="([^"]+)"', lost.content.decode())
    )
    client.cookies["django_language"] = "en"
    assert "Touch" in text(client.get(start))
    fresh = client.get(f"{start}?fresh=1")
    assert fresh.url == start and fresh.cookies["django_language"].value == ""


def test_places_of_another_body_are_not_there_and_who_keeps_no_register_changes_nothing(
    desk: Any, furnished: Bureau
) -> None:
    place = hall(furnished)
    window = publication.boards.windows_of(place.id, DAY)[0]
    paths = [
        f"/desk/places/{place.id}/",
        f"/desk/places/{place.id}/board/",
        f"/desk/places/{place.id}/board.pdf?paper=a3",
        f"/desk/places/{place.id}/windows/{window.id}/",
        f"/desk/places/{place.id}/windows/{window.id}/board/",
    ]
    for path in ("/desk/places/", *paths):
        assert desk("officer1").get(path).status_code == 403, path
        assert desk("publisher").get(path).status_code == 200, path
    for path in paths:
        assert desk("other").get(path).status_code in (403, 404), path
    publisher = desk("publisher")
    assert publisher.post(paths[1], {"paper": "a3"}).status_code == 403
    assert "登记打印" not in text(publisher.get(paths[1]))
    assert publisher.post(paths[0], {"name": "改名"}).status_code in (403, 422)
    assert publisher.get(f"/desk/places/{place.id}/windows/new/").status_code == 403
    keeper = desk("keeper")
    for gone in (f"/desk/places/{2**63}/", "/desk/boards/999.pdf", f"/desk/places/{place.id - 1}/windows/{window.id}/",
                 f"/desk/places/{place.id}/board.pdf?paper=a0"):  # fmt: skip
        assert keeper.get(gone).status_code == 404, gone

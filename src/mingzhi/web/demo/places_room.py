"""The demonstration bureau's headquarters and hall with two windows, and the boards that hang there."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Shift
from mingzhi.publication import api as publication
from mingzhi.web.demo.cast import Bureau

_HOURS = "工作日 9:00—12:00，14:30—17:30"


def furnish(bureau: Bureau, at: datetime) -> None:
    """Register the places and windows and print their boards; those there are left alone. The hall's boards
    are out of date at once, because its hours changed after they were printed."""
    on = clock.local_date(at)
    body = organisations.body(bureau.body_id)
    if organisations.places.places(body.id, on):
        return
    who: dict[str, Any] = {"by": bureau.actor("keeper", at), "at": at}
    units = organisations.units(body.id)
    teams = [u for u in units if u.kind == "enforcement"]
    house: dict[str, Any] = {"address": body.address, "hours": _HOURS, "phone": body.phone}
    headquarters = organisations.places.place_register(
        body_id=body.id,
        valid_from=on,
        name="局机关",
        kind="headquarters",
        route="示例 1 路、2 路公交车，示例路站下车",
        unit_ids=[u.id for u in units],
        **house,
        **who,
    )
    hall = organisations.places.place_register(
        body_id=body.id,
        valid_from=on,
        name="执法服务大厅",
        kind="hall",
        route="示例 1 路、2 路公交车，示例路站下车；大厅在一层",
        unit_ids=[u.id for u in teams],
        **house,
        **who,
    )
    posts = publication.boards.posts(body.id, on)
    guides = [g["code"] for g in publication.boards.guides(body.id, on)]
    items = [i for i in publication.boards.items(body.id, on)[0] if i["field"] != "通用"]
    windows = []
    for place, team in enumerate(teams):
        post = next((code for code, label in posts if label == f"{team.name} · 窗口岗"), "")
        staff = organisations.people(body.id, on=on, certified=True, unit_id=team.id)
        facts: dict[str, Any] = {
            "name": f"{place + 1} 号窗口",
            "unit_id": team.id,
            "post": post,
            "shifts": [
                Shift(staff[0].id, "星期一、三、五"),
                Shift(staff[1].id, "星期二、四"),
            ],
            "handles": [*guides, *(i["code"] for i in items[place * 3 : place * 3 + 3])],
        }
        windows.append(organisations.places.window_register(place_id=hall, valid_from=on, **facts, **who))
    for window in windows:
        publication.boards.board_print(place_id=hall, window_id=window, paper="a3", **who)
    for place_id in (headquarters, hall):
        publication.boards.board_print(place_id=place_id, paper="a3", **who)
    organisations.places.place_change(
        place_id=hall,
        seen=organisations.places.place(hall, on).version,
        valid_from=on,
        reason="增加周末值班",
        name="执法服务大厅",
        kind="hall",
        route="示例 1 路、2 路公交车，示例路站下车；大厅在一层",
        unit_ids=[u.id for u in teams],
        **{**house, "hours": f"{_HOURS}；星期六 9:00—12:00 值班"},
        **who,
    )

"""公示牌: what a citizen reads at a window and on the wall (R012, R025, R034–R036, R041).

Nothing here is typed for a board. People, posts and places come from the registers, duties, guides, powers
and flow charts from the lists in force, and what shall stand on a window's board from the bureau's own document
(norm ``window.fields``). What those lack is a named gap with the way to mend it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.conf import settings

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import NotFound, Reason
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import PlaceView, PublicBody, Standing, WindowView
from mingzhi.publication.board_lists import Lists, powers_in

Shown = dict[str, Any]

FIELDS = (
    "单位",
    "姓名",
    "职务",
    "执法种类",
    "服务指南",
    "岗位职责",
    "申请材料示范文本",
    "办理进度查询",
    "咨询服务",
    "投诉举报",
)
"""What a window's board can show, in the order in which it stands there (norm ``window.fields``)."""

WAYS = {"办理进度查询": "/progress/", "咨询服务": "/questions/", "投诉举报": "/complaints/"}
"""The three doors of every board and the public page behind each."""

ENFORCING = frozenset({"行政处罚", "行政强制", "行政检查"})
"""Kinds of act in whose course the certificate must be shown (国办发〔2018〕118号): at a window that handles one,
nobody stands without it, whatever the register calls the window."""

UNCERTIFIED = "标明“窗口服务人员”的不持有行政执法证件，只从事受理、咨询等服务，不从事行政执法"

_RULE = "国办发〔2018〕118号"


@dataclass(frozen=True, slots=True)
class Board:
    """A board of one day. ``shown`` is all that stands on it, as plain data; ``gaps`` what is missing."""

    body_id: int
    place_id: int
    window_id: int | None
    shown: Shown
    gaps: tuple[Reason, ...]

    @property
    def subject(self) -> str:
        return f"place:{self.place_id}" if self.window_id is None else f"window:{self.window_id}"

    @property
    def digest(self) -> str:
        return canonical.digest(self.shown)


def public_body(body_id: int) -> PublicBody:
    found = next((b for b in organisations.public_bodies() if b.id == body_id), None)
    if found is None:
        raise NotFound("未找到该执法机关")
    return found


def places_of(body_id: int, on: date) -> list[PlaceView]:
    """The places in use on a day."""
    return [p for p in organisations.places.places(body_id, on) if p.active]


def windows_of(place_id: int, on: date) -> list[WindowView]:
    """The windows in use on a day."""
    return [w for w in organisations.places.windows(place_id, on) if w.active]


def place_open(place_id: int, on: date) -> PlaceView:
    found = organisations.places.place(place_id, on)
    if not found.active:
        raise NotFound(f"该场所自 {found.valid_from} 起停用", remedy="请在执法场所页面查看其他场所")
    return found


# --- the window's board -----------------------------------------------------------------------------


def window_board(window_id: int, on: date) -> Board:
    """The board of a window on a day (R034, R035). ``NotFound`` when the window or its place is closed."""
    window = organisations.places.window(window_id, on)
    place = place_open(window.place_id, on)
    if not window.active:
        raise NotFound(f"该窗口自 {window.valid_from} 起停用", remedy="请查看该场所的其他窗口")
    body, ref = public_body(place.body_id), organisations.body(place.body_id)
    rule = catalogue.norm("window.fields", body=ref, on=on)
    fields = [str(word) for word in rule.value or ()]
    lists, gaps = Lists(body.id, on), []
    unknown = [word for word in fields if word not in FIELDS]
    if unknown:
        gaps.append(
            Reason(
                "board.field_unknown",
                f"本机关规定窗口应当公示“{'、'.join(unknown)}”，系统没有对应的登记项",
                rule.citation_text,
                "请系统管理员核对窗口公示内容的规则",
            )
        )
    people = _standing(window, lists, on, gaps)
    sections = [
        {"key": key, "lines": lines}
        for key, lines in (
            ("单位", [["", f"{body.name} {organisations.unit(window.unit_id).name}"]]),
            ("执法种类", _kinds(window, lists, gaps, wanted="执法种类" in fields)),
            ("岗位职责", _duties(window, lists, gaps, wanted="岗位职责" in fields)),
            *_guides(window, lists, gaps, fields),
        )
        if key in fields and lines
    ]
    named = "姓名" in fields
    shown: Shown = {
        "kind": "window",
        "body": body.name,
        "place": place.name,
        "name": window.name,
        "address": place.address,
        "hours": place.hours,
        "phone": place.phone,
        "supervision_phone": body.supervision_phone,
        "people": [
            {
                "name": p.name if named else "",
                "title": p.title if "职务" in fields else "",
                "work_number": p.work_number if named else "",
                "certificate": p.certificate if named else "",
                "when": p.when if named else "",
            }
            for p in people
        ]
        if named or "职务" in fields
        else [],
        "note": UNCERTIFIED if named and not all(p.certificate for p in people) else "",
        "sections": sections,
        "ways": _ways(place, body, gaps, fields),
        "sources": lists.sources(),
        "rule": rule.citation_text,
        "url": f"{settings.PUBLIC_URL}/places/{place.id}/windows/{window.id}/",
    }
    return Board(body.id, place.id, window.id, shown, tuple(gaps))


def _standing(window: WindowView, lists: Lists, on: date, gaps: list[Reason]) -> list[Standing]:
    """Who stands there, each with when; who may not is a gap and not on the board."""
    acts = sorted(lists.acts(window.handles) & ENFORCING)
    if acts and not window.enforces:
        gaps.append(
            Reason(
                "board.enforces",
                f"窗口登记为不从事执法，办理的事项中却有{'、'.join(acts)}",
                _RULE,
                "请调整窗口办理的事项，或者改登记为从事执法并由持证人员值守",
                "window",
            )
        )
    everybody = organisations.places.standing(
        window.body_id, window.shifts, on, enforces=window.enforces or bool(acts)
    )
    gaps.extend(
        Reason(
            "board.person",
            f"{one.name}不能列为窗口值守人员：{one.problem}",
            _RULE,
            "请更换值守人员，或者核对其岗位和执法证件登记",
            f"person:{one.person_id}",
        )
        for one in everybody
        if one.problem
    )
    found = [one for one in everybody if not one.problem]
    if not found:
        gaps.append(
            Reason(
                "board.nobody",
                "窗口没有持有效执法证件的值守人员" if window.enforces else "窗口没有登记值守人员",
                _RULE,
                "请登记窗口值守人员",
                "window",
            )
        )
    return found


def _kinds(window: WindowView, lists: Lists, gaps: list[Reason], *, wanted: bool) -> list[list[str]]:
    kinds: dict[str, list[str]] = {}
    for code in window.handles:
        row = lists.row(ListKind.ITEM, code) if wanted else None
        if row is not None:
            kinds.setdefault(row["act_type"], []).append(row["name"])
    if wanted and not kinds:
        gaps.append(
            Reason(
                "board.no_kind",
                "窗口登记的事项都不在现行权责事项清单中，无法列明执法种类",
                _RULE,
                "请为窗口选择清单中的事项，或者先公布权责事项清单",
                "window" if ListKind.ITEM in lists.versions else "item",
            )
        )
    return [[kind, "、".join(names)] for kind, names in kinds.items()]


def _duties(window: WindowView, lists: Lists, gaps: list[Reason], *, wanted: bool) -> list[list[str]]:
    row = lists.row(ListKind.DUTY, window.post) if wanted else None
    if wanted and row is None:
        published = ListKind.DUTY in lists.versions
        gaps.append(
            Reason(
                "board.no_post",
                "窗口没有对应现行岗位职责清单中的岗位" if published else "本机关没有公布岗位职责清单",
                _RULE,
                "请为窗口选择清单中的岗位" if published else "请起草并公布岗位职责清单",
                "window" if published else "duty",
            )
        )
    return [] if row is None else [["岗位", row["post"]], ["职责", row["duties"]], ["责任", row["liability"]]]


def _guides(
    window: WindowView, lists: Lists, gaps: list[Reason], fields: list[str]
) -> list[tuple[str, list[list[str]]]]:
    """The guides handled there, and their model applications; codes that no list in force has are gaps."""
    found = {code: row for code in window.handles if (row := lists.row(ListKind.GUIDE, code)) is not None}
    for code in window.handles:
        if code not in found and not lists.has(ListKind.ITEM, code):
            gaps.append(
                Reason(
                    "board.item_gone",
                    f"窗口登记的事项“{code}”不在现行的服务指南和权责事项清单中",
                    _RULE,
                    "请修改窗口办理的事项，或者公布相应的清单",
                    "window",
                )
            )
    wanted = [word for word in ("服务指南", "申请材料示范文本") if word in fields]
    if wanted and not found:
        published = ListKind.GUIDE in lists.versions
        gaps.append(
            Reason(
                "board.no_guide",
                f"窗口没有登记办理的服务指南，无法列明{'和'.join(wanted)}"
                if published
                else "本机关没有公布服务指南",
                _RULE,
                "请为窗口选择服务指南" if published else "请起草并公布服务指南",
                "window" if published else "guide",
            )
        )
    for row in found.values():
        if "申请材料示范文本" in fields and not row["sample"]:
            gaps.append(
                Reason(
                    "board.no_sample",
                    f"服务指南“{row['name']}”没有申请材料示范文本",
                    _RULE,
                    "请在服务指南中补充“申请材料示范文本”后重新公布",
                    "guide",
                )
            )
    guides = [[row["name"], f"办理时限：{row['term']}"] for row in found.values()]
    samples = [
        [row["name"], f"申请材料：{row['materials']}\n{row['sample']}"]
        for row in found.values()
        if row["sample"]
    ]
    return [("服务指南", guides), ("申请材料示范文本", samples)]


def _ways(
    place: PlaceView, body: PublicBody, gaps: list[Reason], fields: Iterable[str] = tuple(WAYS)
) -> list[dict[str, str]]:
    """How to follow a matter, to ask and to complain: fixed doors with the numbers of the registers."""
    if not body.supervision_phone and "投诉举报" in fields:
        gaps.append(
            Reason(
                "board.no_supervision", "本机关没有登记监督电话", _RULE, "请在机关资料中填写监督电话", "body"
            )
        )
    words = {
        "办理进度查询": "凭受理编号和查询码，在网上查询或者向窗口工作人员询问",
        "咨询服务": f"咨询电话 {place.phone}，办公时间 {place.hours}；也可以在网上提交",
        "投诉举报": (f"监督电话 {body.supervision_phone}；" if body.supervision_phone else "")
        + "也可以在网上提交，可以匿名",
    }
    return [
        {"key": key, "text": words[key], "url": f"{settings.PUBLIC_URL}{path}"}
        for key, path in WAYS.items()
        if key in fields
    ]


# --- the wall poster of a place ----------------------------------------------------------------------


def place_board(place_id: int, on: date) -> Board:
    """The wall poster of a place on a day (R025): the body, its powers, who works here, the flow of
    enforcement, and where to complain. ``NotFound`` when the place is closed."""
    place = place_open(place_id, on)
    body = public_body(place.body_id)
    lists, gaps = Lists(body.id, on), _register_gaps(place, body)
    units = [u for u in organisations.units(body.id) if u.id in place.unit_ids]
    names = {u.name for u in units}
    officers = [
        p for p in organisations.public_people(body.id, on) if p.status == "valid" and p.unit_name in names
    ]
    if units and not officers:
        gaps.append(
            Reason(
                "board.no_officers",
                "在此办公的内设机构没有持有效执法证件的人员",
                _RULE,
                "请核对在此办公的机构和执法证件登记",
                "place",
            )
        )
    scope = powers_in(lists)
    if not scope.lines:
        gaps.append(
            Reason(
                "board.no_powers",
                "本机关没有公布权责事项清单，无法列明执法权限",
                _RULE,
                "请起草并公布权责事项清单",
                "item",
            )
        )
    if not lists.charts:
        gaps.append(
            Reason("board.no_chart", "本机关没有公布执法流程图", _RULE, "请制作并公布执法流程图", "chart")
        )
    charts = [_chart(lists, version) for version in lists.charts]
    shown: Shown = {
        "kind": "place",
        "body": body.name,
        "place": place.name,
        "place_kind": place.kind_label,
        "body_kind": body.kind,
        "credit_code": body.credit_code,
        "duties": body.duties,
        "basis": body.basis,
        "address": place.address,
        "hours": place.hours,
        "phone": place.phone,
        "supervision_phone": body.supervision_phone,
        "route": place.route,
        "units": [[u.name, u.duties] for u in units],
        "powers": [list(line) for line in scope.lines],
        "people": [
            {
                "name": p.name,
                "title": p.title,
                "unit": p.unit_name,
                "certificate": p.certificate_number,
                "scope": "、".join(p.scope),
            }
            for p in officers
        ],
        "windows": [[w.name, _post(lists, w)] for w in windows_of(place.id, on)],
        "charts": charts,
        "remedy": _remedy(body),
        "ways": _ways(place, body, gaps),
        "sources": lists.sources(),
        "url": f"{settings.PUBLIC_URL}/places/{place.id}/",
    }
    return Board(body.id, place.id, None, shown, tuple(gaps))


def _register_gaps(place: PlaceView, body: PublicBody) -> list[Reason]:
    gaps = []
    if not place.unit_ids:
        gaps.append(
            Reason(
                "board.no_units", "没有登记在此办公的内设机构", _RULE, "请在场所资料中选择内设机构", "place"
            )
        )
    missing = [
        label for label, value in (("主要职责", body.duties), ("执法依据", body.basis)) if not value.strip()
    ]
    if missing:
        gaps.append(
            Reason(
                "board.body_bare", f"机关资料没有填写{'、'.join(missing)}", _RULE, "请补充机关资料", "body"
            )
        )
    return gaps


def _post(lists: Lists, window: WindowView) -> str:
    row = lists.row(ListKind.DUTY, window.post)
    return "" if row is None else row["post"]


def _chart(lists: Lists, version: Any) -> dict[str, Any]:
    """A flow chart by its version, with its stages in order: short enough for a wall, exact enough to compare."""
    lists.read[version.pk] = version
    own = public_lists.list_schema(ListKind.CHART)
    stage = own.place("stage")
    rows = public_lists.rows_page(version, 0, version.count)
    return {
        "title": version.list.title,
        "part": version.list.part,
        "list": version.list_id,
        "number": version.number,
        "stages": list(dict.fromkeys(str(row[stage]) for row in rows if row[stage])),
        "digest": version.digest,
    }


def _remedy(body: PublicBody) -> str:
    return (
        f"对执法决定不服的，可以依法向{body.government}申请行政复议，或者向{body.court}提起行政诉讼。"
        if body.government and body.court
        else ""
    )


# --- what differs between two boards --------------------------------------------------------------------

_LABELS = {
    "body": "机关名称",
    "place": "场所名称",
    "place_kind": "场所类别",
    "body_kind": "主体类别",
    "credit_code": "统一社会信用代码",
    "name": "窗口名称",
    "duties": "机关职责",
    "basis": "执法依据",
    "address": "地址",
    "hours": "办公时间",
    "phone": "咨询电话",
    "supervision_phone": "监督电话",
    "note": "说明",
    "route": "乘车路线",
    "remedy": "救济途径",
    "rule": "公示内容的依据",
    "url": "网址和二维码",
}


def parts(shown: Mapping[str, Any]) -> dict[str, str]:
    """What stands on a board as label → text, each part a person would name by itself."""
    found: dict[str, str] = {}

    def put(label: str, value: str) -> None:
        same = 1
        while (key := label if same == 1 else f"{label}（{same}）") in found:
            same += 1
        found[key] = value

    for key, label in _LABELS.items():
        if shown.get(key):
            put(label, str(shown[key]))
    for person in shown.get("people", ()):
        rest = "，".join(str(v) for k, v in person.items() if k != "name" and v)
        put(f"人员 {person['name'] or person['title']}", rest)
    for section in shown.get("sections", ()):
        put(section["key"], "\n".join(f"{a}：{b}" if a else b for a, b in section["lines"]))
    for name, duties in shown.get("units", ()):
        put(f"内设机构 {name}", duties)
    for kind, count, fields in shown.get("powers", ()):
        put(f"执法权限 {kind}", f"{count} 项，{fields}")
    for name, post in shown.get("windows", ()):
        put(f"窗口 {name}", post)
    for chart in shown.get("charts", ()):
        put(chart["title"], f"第 {chart['number']} 版，{'—'.join(chart['stages'])}")
    for way in shown.get("ways", ()):
        put(way["key"], way["text"])
    for title, version in shown.get("sources", ()):
        put(f"来源 {title}", version)
    return found


def differences(old: Mapping[str, Any], new: Mapping[str, Any]) -> list[tuple[str, str, str]]:
    """(what, as printed, as it is now) for every part that differs; empty for a part that is not there. Pure."""
    was, now = parts(old), parts(new)
    return [
        (label, was.get(label, ""), now.get(label, ""))
        for label in dict.fromkeys([*was, *now])
        if was.get(label) != now.get(label)
    ]

"""The demonstration bureau's public lists, taken through every step by the people whose step it is.

What a list says that no register and no shipped pack knows is written here, and says that it is an example.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime, timedelta
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.web import charts
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.matters import credit_code

_TERM = "自立案之日起九十日内（《行政处罚法》第六十条；法律、法规、规章另有规定的从其规定）"
_EXAMPLE = "（示范文本）"
_SCOPES = {
    "公示": "内容范围、内容、载体、程序、时限、监督方式、保障措施",
    "全过程记录": "形式、内容、载体、储存",
    "法制审核": "主体、范围、内容、程序、责任",
    "制度": "适用范围、职责分工、工作程序、监督",
}
_AS_THEY_ARE = (
    ListKind.RECORDING,
    ListKind.REVIEW,
    ListKind.NO_PENALTY,
    ListKind.LIGHTER,
    ListKind.BENCHMARK,
    ListKind.SUBJECT,
    ListKind.PERSONNEL,
    ListKind.PHRASE,
)
"""Kinds whose first version is what the shipped packs and the registers say already."""


def furnish(bureau: Bureau, at: datetime, only: Collection[ListKind] = tuple(ListKind)) -> None:
    """Publish every list the bureau owes the public, in force from today; those there are left alone."""
    on = clock.local_date(at)
    by = bureau.actor("keeper", at)
    body = organisations.body(bureau.body_id)
    there = {line.schema.kind for line in public_lists.lists_of(body.id, on) if line.list is not None}
    for kind in only:
        if kind in there or kind == ListKind.CHART:
            continue
        rows = None if kind in _AS_THEY_ARE or kind == ListKind.ITEM else _rows(kind, body, on)
        version = public_lists.list_start(
            list_id=public_lists.list_of(kind=kind, by=by).pk,
            valid_from=on,
            review_on=on + timedelta(days=365),
            reason="按照三项制度实施方案制定",
            basis=f"《{catalogue.profile(body.profile).document_title}》",
            rows=rows,
            by=by,
            at=at,
        )
        if kind == ListKind.ITEM:
            unit = organisations.units(body.id, kind="enforcement")[:1] or organisations.units(body.id)[:1]
            for key, text in (("agency", body.name), ("unit", unit[0].name), ("term", _TERM)):
                version.refresh_from_db()
                public_lists.rows_fill(
                    version_id=version.pk, seen=version.digest, key=key, text=text, by=by, at=at
                )
        _published(bureau, version.pk, at)
    for table in charts.drawn() if ListKind.CHART in only else ():
        if public_lists.chart_of(body.id, table.code, on) is None:
            made = charts.draft(by=by, at=at, code=table.code, on=on)
            if made is not None:
                _published(bureau, made, at)


def _published(bureau: Bureau, version_id: int, at: datetime) -> None:
    public_lists.list_check(
        version_id=version_id, opinion="内容合法、要素齐全", by=bureau.actor("reviewer", at), at=at
    )
    version = public_lists.version_seen(bureau.actor("leader", at), version_id)
    outside = public_lists.outside_approval(version.list, clock.local_date(at))
    reply: dict[str, Any] = {}
    if outside:
        reply = {
            "approver": "示例市司法局" if outside == "filing" else outside.removesuffix("审核"),
            "number": "示备〔0000〕1号",
            "approved_on": clock.local_date(at),
        }
    public_lists.list_approve(
        version_id=version_id, opinion="同意", by=bureau.actor("leader", at), at=at, **reply
    )
    public_lists.list_publish_version(version_id=version_id, by=bureau.actor("publisher", at), at=at)


def _rows(kind: ListKind, body: BodyRef, on: date) -> list[list[Any]]:
    made = {
        ListKind.RANDOM: _random,
        ListKind.TARGET: _targets,
        ListKind.PLAN: _plan,
        ListKind.GUIDE: _guide,
        ListKind.DUTY: _duties,
        ListKind.INSTITUTION: _institutions,
    }[kind](body, on)
    own = public_lists.list_schema(kind)
    return [[row.get(c.key, [] if c.kind in ("many", "cites") else "") for c in own.columns] for row in made]


def _random(body: BodyRef, on: date) -> list[dict[str, Any]]:
    field = catalogue.profile(body.profile).field
    target = {
        "transport": ("道路运输企业安全生产条件检查", "道路运输经营者", "资质条件、车辆技术状况、动态监控"),
        "urban": ("城市道路占用、挖掘情况检查", "占用、挖掘城市道路的单位", "审批手续、占用范围、恢复情况"),
        "water": ("取用水情况检查", "取水单位和个人", "取水许可、计量设施、取水量"),
    }[field]
    about = {"transport": "道路运输经营许可", "urban": "挖掘城市道路", "water": "取水许可"}[field]
    item = next(i for i in catalogue.items(on=on, field=field, body=body) if i.basis and about in i.name)
    return [
        {
            "code": "SJ-001",
            "name": target[0],
            "agency": body.name,
            "basis": [{"title": c.title, "article": c.article} for c in item.basis],
            "target": target[1],
            "content": target[2],
            "ratio": "不低于5%" + _EXAMPLE,
            "method": "随机抽取检查对象、随机选派执法检查人员，实地检查",
            "frequency": "每年1次" + _EXAMPLE,
        }
    ]


def _targets(body: BodyRef, on: date) -> list[dict[str, Any]]:
    category = _random(body, on)[0]["target"]
    areas = ("城东片区", "城西片区", "城南片区", "城北片区")
    return [
        {
            "code": credit_code(body.region_code, 700 + n),
            "name": f"示例{n:02d}号有限公司",
            "party": "legal",
            "category": category,
            "area": areas[n % len(areas)],
            "address": f"示范路{n}号",
            "weight": "2" if n % 10 == 0 else "1",
            "why": "上年度有投诉举报" + _EXAMPLE if n % 10 == 0 else "",
        }
        for n in range(1, 41)
    ]


def _plan(body: BodyRef, on: date) -> list[dict[str, Any]]:
    item = _random(body, on)[0]
    return [
        {
            "code": "JH-001",
            "name": f"{on.year}年度{item['name']}",
            "item": item["name"],
            "category": item["target"],
            "share": item["ratio"],
            "period": "第四季度" + _EXAMPLE,
            "units": _squad(body),
        }
    ]


def _squad(body: BodyRef) -> str:
    """The unit that goes out and takes requests in: no leader's room does."""
    units = organisations.units(body.id)
    return next((u.name for u in units if u.kind == "enforcement"), units[0].name)


def _guide(body: BodyRef, on: date) -> list[dict[str, Any]]:
    watched = next((b.supervision_phone for b in organisations.public_bodies() if b.id == body.id), "")
    return [
        {
            "code": "ZN-001",
            "name": "行政处罚当事人申请延期、分期缴纳罚款",
            "basis": [{"title": "行政处罚法", "article": "第六十六条第二款"}],
            "accepts": _squad(body),
            "approves": body.name,
            "conditions": "当事人确有经济困难，需要延期或者分期缴纳罚款",
            "favours": "无",
            "materials": "书面申请；经济困难的证明材料",
            "flow": "提出申请—承办机构审查—机关负责人批准—书面告知",
            "term": "收到申请后及时办理" + _EXAMPLE,
            "supervision": f"监督电话 {watched or '见机关资料'}",
            "liability": "工作人员滥用职权、玩忽职守的，依法追究责任",
            "remedy": "对处罚决定不服的，可以依法申请行政复议或者提起行政诉讼",
            "hours": "工作日 9:00—12:00，14:30—17:30" + _EXAMPLE,
            "address": body.address or "见机关资料",
            "phone": body.phone or "见机关资料",
            "sample": "申请书\n申请人：示例公司\n申请事项：延期（分期）缴纳罚款\n事实与理由：……\n此致\n"
            + body.name,
        }
    ]


def _duties(body: BodyRef, on: date) -> list[dict[str, Any]]:
    people = organisations.public_people(body.id, on)
    made = []
    for n, unit in enumerate(organisations.units(body.id), 1):
        made.append(
            {
                "code": f"GW-{n:03d}",
                "unit": unit.name,
                "post": "执法岗" if unit.kind == "enforcement" else "综合岗",
                "people": [p.name for p in people if p.unit_name == unit.name],
                "powers": unit.duties or f"承担{unit.name}职责范围内的执法工作{_EXAMPLE}",
                "duties": f"依照法定权限、程序履行{unit.name}职责",
                "liability": "不履行、违法履行职责的，依照《行政处罚法》第七章等规定追究责任",
                "basis": "",
            }
        )
        if unit.kind == "enforcement":
            made.append(
                {
                    **made[-1],
                    "code": f"CK-{n:03d}",
                    "post": "窗口岗",
                    "powers": "受理申请、陈述申辩和咨询，不作出执法决定",
                    "duties": "核对申请材料，一次性告知需要补正的内容；登记受理并告知查询办法；解答咨询，转办投诉举报",
                }
            )
    return made


def _institutions(body: BodyRef, on: date) -> list[dict[str, Any]]:
    made = []
    demands = catalogue.norm("lists.institution_elements", body=body, on=on).value or ()
    wanted = {d["code"]: d.get("elements", ()) for d in demands}
    for line in catalogue.norm("lists.institutions", body=body, on=on).value or ():
        code, _, name = str(line).partition(" ")
        scope = next((s for word, s in _SCOPES.items() if word in name), _SCOPES["制度"])
        elements = "、".join(dict.fromkeys([*scope.split("、"), *wanted.get(code, ())]))
        made.append(
            {
                "code": code,
                "name": name,
                "group": "system" if name.endswith("制度") else "document",
                "scope": scope,
                "content": f"{_EXAMPLE}本机关《{name}》全文由起草机构录入。要素：{elements}。",
                "carrier": "政府网站依法行政专栏、办公场所公示栏",
                "process": "起草—审核—批准—公布—修订",
            }
        )
    return made

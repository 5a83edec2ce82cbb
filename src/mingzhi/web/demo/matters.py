"""What the demonstration cases are about: a few everyday matters for each field, as an officer writes them.

Parties are evidently invented. Items, provisions and ranges are real: the item must be in the catalogue
on the day, and the fine lies within its range.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import identifiers
from mingzhi.web.demo.drive import Matter

_SIGNS = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高"
_TRADES = ("商贸", "建筑工程", "餐饮管理", "物业服务", "运输", "装饰工程", "机械租赁", "建材")


@dataclass(frozen=True, slots=True)
class Kind:
    """One everyday matter. ``{place}`` and ``{name}`` are filled in; fines in yuan, ``spot`` for the summary procedure."""

    item: str
    act: str
    seen: str
    found: str
    violated: str
    place: str
    fines: tuple[int, ...]
    trade: str = ""
    natural: bool = False
    heavy: str = ""
    heavy_kind: str = ""


KINDS: dict[str, tuple[Kind, ...]] = {
    "urban": (
        Kind(
            "urban.road-occupy", "擅自占用城市道路",
            "巡查发现{name}未经批准在{place}堆放货物、摆设货架，占用面积约十二平方米，影响行人通行。",
            "{name}未经市政工程行政主管部门和公安交通管理部门批准，在{place}堆放货物、摆设货架，经现场测量占用城市道路面积十二平方米。",
            "《城市道路管理条例》第二十七条第一项、第三十条", "示例路 {n} 号门前人行道", (500, 800, 1500, 2000, 3000),
            natural=True,
        ),
        Kind(
            "urban.site-dust", "施工工地未采取有效防尘降尘措施",
            "接群众投诉反映工地扬尘，现场检查发现{place}土方作业未采取洒水抑尘措施，出入车辆未冲洗。",
            "{name}在{place}进行土方开挖，现场未采取覆盖、洒水抑尘措施，出入口车辆冲洗设备未启用，有明显扬尘。",
            "《大气污染防治法》第六十九条第三款", "示例大道 {n} 号项目工地", (10000, 20000, 30000), trade="建筑工程",
            heavy="责令停工整治", heavy_kind="10",
        ),
        Kind(
            "urban.cooking-fumes", "餐饮服务经营者未安装油烟净化设施",
            "居民投诉楼下餐饮店油烟扰民，现场检查{place}厨房正在烹饪，未安装油烟净化设施。",
            "{name}在{place}从事餐饮服务，营业期间油烟未经净化设施处理直接向外排放，经责令改正逾期未改正。",
            "《大气污染防治法》第八十一条第一款", "示例街 {n} 号商铺", (5000, 6000, 10000), trade="餐饮管理",
            heavy="责令停业整治", heavy_kind="10",
        ),
        Kind(
            "urban.truck-scattering", "运输渣土车辆未采取密闭措施",
            "夜间巡查发现一辆自卸货车沿途撒落渣土，撒落路段长约三十米。",
            "{name}所属自卸货车运输渣土途经{place}，未采取密闭措施，造成沿途撒落约三十平方米，当日已组织清扫。",
            "《大气污染防治法》第七十条第一款", "示例路与示例大道交叉口", (2000, 3000, 5000), trade="运输",
        ),
        Kind(
            "urban.manhole", "未及时补缺检查井盖",
            "巡查发现{place}检查井盖缺失，周边未设警示标志，经查该井盖由{name}产权管理。",
            "{name}产权管理的位于{place}的检查井盖缺失，接到通知后二十四小时内未补缺，影响通行安全。",
            "《城市道路管理条例》第二十三条", "示例路 {n} 号前机动车道", (1000, 2000, 3000), trade="物业服务",
        ),
        Kind(
            "urban.occupy-cleanup", "挖掘城市道路竣工后不及时清理现场",
            "道路挖掘批准期满后复查，{place}仍堆放余土和护栏。",
            "{name}经批准挖掘{place}，竣工后未及时清理现场，余土约三立方米堆放在慢车道内。",
            "《城市道路管理条例》第三十五条", "示例路 {n} 号前慢车道", (1000, 2000, 4000), trade="建筑工程",
        ),
    ),
    "transport": (
        Kind(
            "transport.load-dropping", "车辆装载物遗洒污染公路",
            "公路巡查发现一辆货车沿途遗洒砂石，污染路面约四十平方米。",
            "{name}的货车装载砂石行驶至{place}，未采取厢式密闭等有效防护措施，遗洒砂石污染公路路面约四十平方米。",
            "《公路安全保护条例》第四十三条", "示例公路 K{n}+200 处", (500, 1000, 2000, 3000), natural=True, trade="运输",
        ),
        Kind(
            "transport.facility-damage", "擅自移动公路附属设施",
            "巡查发现{place}道口标柱被移动，经调取监控系{name}施工所为。",
            "{name}在{place}施工时擅自移动公路道口标柱四根，可能危及公路安全。",
            "《公路安全保护条例》第二十五条", "示例公路 K{n}+500 处", (2000, 3000, 5000), trade="建筑工程",
        ),
        Kind(
            "transport.vehicle-maintenance", "不按规定维护和检测运输车辆",
            "检查道路运输企业台账，发现一辆营运货车逾期四个月未进行维护和检测。",
            "{name}未按规定对所属营运货车进行维护和检测，逾期四个月，车辆仍在从事道路运输经营。",
            "《道路运输条例》第三十条", "示例物流园 {n} 号", (1000, 2000, 3000), trade="运输",
        ),
        Kind(
            "transport.road-control-zone", "在公路建筑控制区内修建建筑物",
            "巡查发现{place}公路建筑控制区内正在修建简易棚房，面积约二十平方米。",
            "{name}未经许可在{place}公路建筑控制区内修建简易棚房二十平方米，经责令限期拆除后自行拆除完毕。",
            "《公路法》第五十六条第一款", "示例公路 K{n}+800 处右侧", (2000, 5000, 8000), natural=True,
        ),
        Kind(
            "transport.coach-route", "客运经营者不按批准的客运站点停靠",
            "稽查发现一辆班线客车在{place}站外上客，未进站配载。",
            "{name}所属班线客车在{place}不按批准的客运站点停靠，站外上客三人。",
            "《道路运输条例》第六十八条第一款第一项", "示例客运站外 {n} 米处", (1000, 1500, 2000), trade="运输",
            heavy="吊销道路运输经营许可证（示例许可字{n}号）", heavy_kind="08",
        ),
        Kind(
            "transport.road-pollution", "造成公路路面污染",
            "接路政巡查通报，{place}路面被泥浆污染约五十米。",
            "{name}的施工车辆带泥上路，造成{place}路面污染约五十米，影响公路畅通。",
            "《公路法》第四十六条", "示例公路 K{n}+100 处", (500, 1000, 2000), natural=True, trade="建筑工程",
        ),
    ),
    "water": (
        Kind(
            "water.river-dumping", "在河道内弃置阻碍行洪的物体",
            "河道巡查发现{place}被倾倒弃土，占用河道断面。",
            "{name}在{place}弃置施工弃土约六十立方米，阻碍行洪，经责令后已清除。",
            "《水法》第三十七条第一款", "示例河 {n} 号断面左岸", (10000, 15000, 20000), trade="建筑工程",
        ),
        Kind(
            "water.flood-dumping", "在河道管理范围内倾倒垃圾、渣土",
            "群众举报有人向河滩倾倒渣土，现场查见渣土约八立方米。",
            "{name}在{place}河道管理范围内倾倒渣土约八立方米，当日已自行清运。",
            "《防洪法》第二十二条第二款", "示例河 {n} 号断面右岸滩地", (500, 1000, 2000, 5000), natural=True, trade="运输",
        ),
        Kind(
            "water.abstraction-unlicensed", "未经批准擅自取水",
            "取用水管理专项检查发现{place}机井未取得取水许可。",
            "{name}在{place}利用机井取用地下水，未申请领取取水许可证，水泵正在运行，出水管径五十毫米。",
            "《水法》第四十八条第一款", "示例镇示例村 {n} 号机井", (20000, 25000, 30000), trade="建材",
            heavy="吊销取水许可证（示例取水字{n}号）", heavy_kind="08",
        ),
        Kind(
            "water.intake-meter", "未安装取水计量设施",
            "检查取水户发现{place}取水口未安装计量设施。",
            "{name}在{place}取水口未安装计量设施，责令限期安装后逾期未安装。",
            "《取水许可和水资源费征收管理条例》第四十三条", "示例镇 {n} 号取水口", (5000, 8000, 10000), trade="建材",
        ),
        Kind(
            "water.water-works-damage", "侵占堤防等水工程",
            "巡查发现{place}堤顶被开挖埋设管道，长约十米。",
            "{name}擅自在{place}堤顶开挖埋设管道，毁坏堤防约十米，已按要求回填夯实。",
            "《水法》第四十一条", "示例河堤防桩号 {n}+300", (10000, 15000, 20000), trade="建筑工程",
        ),
        Kind(
            "water.hydrology-zone", "在水文监测环境保护范围内从事禁止活动",
            "巡查发现{place}水文监测断面附近有人停靠船只、倾倒杂物。",
            "{name}在{place}水文监测环境保护范围内倾倒杂物，影响水文监测。",
            "《水文条例》第三十二条", "示例水文站下游 {n} 米", (500, 1000, 2000), natural=True,
        ),
    ),
}  # fmt: skip
"""By field of the profile."""


def credit_code(region: str, serial: int) -> str:
    """A well-formed code of an evidently invented organisation: zeros before its running number."""
    head = f"91{region}0000{serial % 100_000:05d}"
    for sign in _SIGNS:
        try:
            return identifiers.credit_code(head + sign)
        except ValueError:
            continue
    raise LookupError(head)  # pragma: no cover — every head has a check sign


def person_name(serial: int) -> str:
    return f"{_SURNAMES[serial % len(_SURNAMES)]}某某"


def a_party(kind: Kind, serial: int, region: str, *, natural: bool) -> PartyInput:
    """An invented party: a company with its number in its name, or somebody 某某."""
    if natural:
        return PartyInput(
            kind="natural",
            name=person_name(serial),
            address=f"示例小区 {serial} 号",
            phone=f"1380000{serial % 10_000:04d}",
        )
    trade = kind.trade or _TRADES[serial % len(_TRADES)]
    return PartyInput(
        kind="legal",
        name=f"示例{serial}号{trade}有限公司",
        credit_code=credit_code(region, serial),
        representative=person_name(serial + 7),
        address=f"示例路 {serial} 号",
        phone=f"1390000{serial % 10_000:04d}",
    )


def a_matter(
    *, field: str, region: str, serial: int, seed: int, act_on: date, wanted: str = "", **changes: Any
) -> Matter:
    """The ``serial``-th matter of a bureau. ``wanted``: ``heavy`` (a hearing may be asked for), ``spot``
    (a fine within the summary limits), ``minor`` (the party is sixteen)."""
    turn = serial * 5 + seed
    choice = [k for k in KINDS[field] if _fits(k, wanted)]
    kind = choice[turn % len(choice)]
    item = catalogue.item(kind.item, act_on)
    natural = wanted == "minor" or (kind.natural and turn % 3 == 0 and wanted in ("", "spot"))
    party = a_party(kind, serial, region, natural=natural)
    if wanted == "minor":
        party = PartyInput(
            kind="natural",
            name=person_name(serial),
            address=party.address,
            born_on=act_on.replace(year=act_on.year - 16, day=1),
        )
    fine = kind.fines[turn % len(kind.fines)]
    if wanted == "minor":
        fine = kind.fines[0]
    if wanted == "spot":
        fine = (100, 150, 200)[turn % 3] if natural else min(fine, 3000)
    words = {"name": party.name, "place": kind.place.format(n=serial), "n": serial}
    given: dict[str, Any] = {
        "cause": f"涉嫌{kind.act}案" if wanted != "spot" else f"{kind.act}案",
        "item_code": kind.item,
        "summary": kind.seen.format(**words),
        "place": words["place"],
        "act_on": act_on,
        "party": party,
        "facts_found": kind.found.format(**words),
        "evidence_summary": "1.现场检查笔录、现场照片；2.询问笔录；3.当事人主体资格材料；4.责令改正通知书及复查情况。",
        "law_violated": kind.violated,
        "law_basis": item.basis_text,
        "reasons": f"当事人{kind.act}的行为事实清楚、证据确凿。案发后当事人能够配合调查、主动改正，"
        "综合考虑违法行为的事实、性质、情节以及社会危害程度，给予相应处罚，符合过罚相当原则。",
        "fine_yuan": str(fine),
        "source": ("inspection", "complaint", "report", "superior")[turn % 4],
        "officers": (("officer1", "officer2"), ("officer3", "officer4"))[turn % 2],
    }
    if wanted == "heavy":
        given |= {
            "kinds": ("03", kind.heavy_kind),
            "other_penalty": kind.heavy.format(**words),
            "fine_yuan": str(kind.fines[-1]),
        }
    if wanted == "minor":
        given["report"] = {"lenient": ["minor_age"]}
    return Matter(**{**given, **changes})


def _fits(kind: Kind, wanted: str) -> bool:
    if wanted == "heavy":
        return bool(kind.heavy)
    if wanted == "minor":
        return kind.natural
    if wanted == "spot":
        return kind.natural
    return True

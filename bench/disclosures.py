"""Made disclosures in any number, for the benches: short texts as 双公示 records have them, no real person or company.

A row is the same whenever it is made: chunk ``c`` of ``CHUNK`` rows comes from a generator seeded by ``c``.
Texts are about 200 characters (the 28 real records at hand have 30–150 without party code and content of
the penalty), with the words of such records in the frequencies that a few hundred causes bring with them.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from random import Random
from typing import Any

CHUNK = 65_536
DAYS = 3_285  # nine years up to ``LAST``
LAST = date(2026, 10, 31)
BODIES = 120

_PLACES = [
    "东湖",
    "西山",
    "南桥",
    "北塘",
    "清溪",
    "白云",
    "龙泉",
    "凤岗",
    "石门",
    "沙洲",
    "柳林",
    "桃源",
    "金水",
    "银滩",
    "长堤",
    "新港",
    "古镇",
    "高坪",
    "中和",
    "永安",
]
_ROADS = [
    "人民大道",
    "解放路",
    "建设街",
    "民主路",
    "海滨二路",
    "工农路",
    "椹川大道",
    "文明中路",
    "友谊路",
    "新村巷",
    "绿塘路",
    "东堤路",
    "学府街",
    "站前路",
    "创业大道",
]
_NAMES = "安邦昌诚达德鼎东方丰福冠广海航和恒宏华汇吉佳建江金锦京久凯康乐利联隆茂美明铭南鹏启荣润森盛顺泰腾天通旺伟祥新鑫兴旭洋业怡益永裕源远云泽振正志中众卓"
_SURNAMES = "王李张刘陈杨黄赵吴周徐孙马朱胡郭何林罗高梁郑谢宋唐"
_TRADES = (
    "运输",
    "物流",
    "建设工程",
    "餐饮管理",
    "物业服务",
    "环保科技",
    "渣土清运",
    "商贸",
    "房地产开发",
    "汽车维修",
)
#: Field, cause, facts, law broken, law applied, amounts in yuan that are usual, and how often.
_CAUSES = (
    ("urban", "擅自占用城市道路堆放物料", "在{road}{n}号门前人行道上堆放砂石、水泥等建筑材料，占地{m}平方米，未办理占道审批手续", "《城市道路管理条例》第二十七条第（一）项", "《城市道路管理条例》第四十二条", (500, 1000, 2000, 5000), 12),
    ("urban", "占道经营", "在{road}{n}号门前摆设烧烤摊点占道经营，占用人行道{m}平方米，经责令改正后拒不改正", "《城市市容和环境卫生管理条例》第十四条", "《城市市容和环境卫生管理条例》第三十六条第（二）项", (50, 100, 200, 500), 20),
    ("urban", "随意倾倒建筑垃圾", "将装修产生的建筑垃圾{m}立方米倾倒于{road}东侧空地，有现场照片和行车记录为证", "《城市建筑垃圾管理规定》第十五条", "《城市建筑垃圾管理规定》第二十六条", (200, 2000, 5000, 20000), 9),
    ("urban", "运输车辆未密闭运输造成遗撒", "驾驶重型自卸货车途经{road}时车厢未密闭，沿途遗撒渣土约{m}平方米", "《大气污染防治法》第七十条第一款", "《大气污染防治法》第一百一十六条", (2000, 5000, 20000), 8),
    ("urban", "未取得建设工程规划许可证进行建设", "在{road}{n}号院内搭建砖混结构房屋一处，建筑面积{m}平方米，未取得建设工程规划许可证", "《城乡规划法》第四十条第一款", "《城乡规划法》第六十四条", (3000, 12000, 80000, 260000), 5),
    ("urban", "餐饮服务业未安装油烟净化设施", "经营的餐馆位于{road}{n}号，产生油烟但未安装油烟净化设施，油烟直接排放", "《大气污染防治法》第八十一条第一款", "《大气污染防治法》第一百一十八条第一款", (5000, 10000, 20000), 6),
    ("urban", "擅自砍伐城市树木", "未经批准砍伐{road}绿化带内香樟树{k}株，胸径{m}厘米", "《城市绿化条例》第二十条", "《城市绿化条例》第二十六条第（二）项", (1000, 6000, 15000), 2),
    ("urban", "夜间施工产生噪声污染", "承建的项目位于{road}，夜间{k}时仍进行混凝土浇筑作业，未取得夜间施工证明", "《噪声污染防治法》第四十三条第一款", "《噪声污染防治法》第七十七条第（二）项", (10000, 30000), 4),
    ("transport", "车辆超过公路限载标准行驶公路", "驾驶重型半挂牵引车行驶至省道{n}线{road}路段，经检测车货总质量{m}吨，超限{k}吨", "《公路安全保护条例》第三十三条第一款", "《公路安全保护条例》第六十四条", (500, 1500, 4000, 11000, 30000), 16),
    ("transport", "未取得道路运输经营许可擅自从事道路货物运输经营", "驾驶货车从{road}运载货物{m}件收取运费{k}百元，不能出示道路运输经营许可证", "《道路运输条例》第二十四条第一款", "《道路运输条例》第六十三条", (3000, 10000, 30000), 8),
    ("transport", "未取得网络预约出租汽车运输证擅自从事网约车经营", "通过网约平台接单，在客运站至{road}间搭载乘客{k}名，收取车费{m}元，车辆未取得网络预约出租汽车运输证", "《网络预约出租汽车经营服务管理暂行办法》第十三条", "《网络预约出租汽车经营服务管理暂行办法》第三十四条第（一）项", (3000, 5000, 10000), 9),
    ("transport", "机动车维修经营者未按规定备案", "在{road}{n}号从事机动车维修经营活动，未向所在地交通运输主管部门备案，责令改正后仍不改正", "《机动车维修管理规定》第七条", "《机动车维修管理规定》第四十九条", (5000, 20000), 4),
    ("transport", "巡游出租汽车驾驶员不按规定使用计程计价设备", "驾驶巡游出租汽车由{road}前往火车站，未使用计价器，一口价收取{m}元", "《巡游出租汽车经营服务管理规定》第二十三条第（十一）项", "《巡游出租汽车经营服务管理规定》第四十八条第（三）项", (200, 500, 1000), 6),
    ("water", "未取得取水许可证擅自取水", "厂区内有地下水井{k}眼，取水用于生产，现场水表读数{m}立方米，未取得取水许可证", "《水法》第四十八条第一款", "《水法》第六十九条第（一）项", (20000, 40000, 60000), 4),
    ("water", "未编制水土保持方案开工建设", "位于{road}的项目占地{m}亩，未编制水土保持方案即开工建设，逾期未补办手续", "《水土保持法》第二十六条", "《水土保持法》第五十三条第（一）项", (50000, 120000, 300000), 2),
    ("water", "在河道管理范围内弃置阻碍行洪的物体", "在{road}段河道管理范围内倾倒砂石{m}立方米，影响河势稳定", "《防洪法》第二十二条第二款", "《防洪法》第五十五条", (2000, 10000, 50000), 2),
)  # fmt: skip
_WEIGHTS = [cause[6] for cause in _CAUSES]
_DEGREES = (
    ("经查明情节轻微并及时改正", "轻微"), ("初次违法且危害后果轻微", "轻微"), ("配合调查如实陈述", "一般"), ("经责令停止违法行为后仍不改正", "较重"),
    ("造成较大社会影响", "严重"), ("一年内再次实施同类违法行为", "较重"),
)  # fmt: skip
_KINDS = (("penalty", 0.86), ("permit", 0.10), ("coercion", 0.03), ("inspection", 0.01))
FACETS = ("body", "kind", "field", "region", "year", "band")
_BANDS = ((1_000_00, "to_1k"), (10_000_00, "to_10k"), (100_000_00, "to_100k"))


def agencies() -> list[tuple[int, str, str, str]]:
    """Number, name, field and region of the bodies that disclose; made names."""
    offices = (("urban", "城市管理和综合执法局"), ("transport", "交通运输局"), ("water", "水务局"))
    return [
        (
            9_000 + n,
            f"示例市{_PLACES[n // 3 % len(_PLACES)]}{'区县'[n // 60]}{offices[n % 3][1]}",
            offices[n % 3][0],
            f"4499{n // 3 + 1:02d}",
        )
        for n in range(BODIES)
    ]


def chunk(number: int, total: int) -> Iterator[tuple[int, str, dict[str, Any]]]:
    """Rows of one chunk of ``total`` rows in all: reference, text as it is published, and the columns of its
    public record. Ascending by day and reference."""
    draw = Random(number)
    bodies = agencies()
    by_field = {field: [b for b in bodies if b[2] == field] for field in ("urban", "transport", "water")}
    shares = [b / (b + 3) for b in range(1, 41)]  # a few bodies disclose most
    pick, rand = draw.choices, draw.random
    first = number * CHUNK
    rows = min(CHUNK, total - first)
    causes = pick(_CAUSES, _WEIGHTS, k=rows)
    kinds = pick([k for k, _ in _KINDS], [w for _, w in _KINDS], k=rows)
    places = pick(range(40), shares, k=rows)
    for n in range(rows):
        field, cause, facts, broken, applied, amounts, _ = causes[n]
        body, agency, _, region = by_field[field][places[n]]
        ref = 1_000_000 + first + n
        day = LAST - timedelta(days=DAYS - 1 - (first + n) * DAYS // total)
        decided = day - timedelta(days=int(rand() * 7) + 1)
        letters = [_NAMES[int(rand() * len(_NAMES))] for _ in range(4)]
        if rand() < 0.55:
            party = f"示例{''.join(letters[: 2 + int(rand() * 2.5)])}{_TRADES[int(rand() * 10)]}有限公司"
            code = f"91449900MA{int(rand() * 36**4):07d}{'0123456789ABCDEFGHJKLMNPQRTUWXY'[int(rand() * 31)]}"
        else:
            party, code = f"{_SURNAMES[int(rand() * 25)]}某{'某' if rand() < 0.6 else ''}", ""
        fine = amounts[int(rand() * len(amounts))] if kinds[n] == "penalty" else 0
        degree, tier = _DEGREES[int(rand() * 6)]
        paper = f"示{letters[0]}综罚决字〔{decided.year}〕第{int(rand() * 9_000) + 1}号"
        told = facts.format(
            road=_ROADS[int(rand() * 15)],
            n=int(rand() * 400) + 1,
            m=int(rand() * 120) + 3,
            k=int(rand() * 9) + 2,
        )
        content = f"处以罚款{fine}元" if fine else "责令改正，予以登记"
        text = (
            f"{agency}\n{party}\n{code}\n{paper}\n{cause}\n{decided.month}月{decided.day}日{told}，{degree}\n"
            f"{broken}\n{applied}\n属于裁量基准中的{tier}情形\n{content}\n{'罚款' if fine else ''}"
        )
        fen = fine * 100
        band = next((name for limit, name in _BANDS if fen < limit), "over_100k") if fen else "none"
        yield ref, text, {
            "disclosure_id": ref, "state": "published", "shown": True, "agency": agency, "body_id": body, "kind": kinds[n],
            "kinds": "罚款" if fine else "", "number": paper, "title": cause, "party": party, "party_code": code, "field": field,
            "region": region, "year": decided.year, "amount_fen": fen, "band": band, "decided_on": decided, "published_on": day,
        }  # fmt: skip

"""Public search over 200,000 made decisions: through the publication room's door and through the page.

    python -m bench.public [--decisions 200000] [--queries 200] [--postgres URL]

The decisions are made up by formula (``made``) and written straight into the publication
room's tables and the public search space; no real person or company. Queries are substrings of two to
six characters of the texts, every tenth turned round. Every answer is compared with a plain substring
scan over all texts in memory; the peer is plain ``LIKE`` on the same table in the same run.
"""

from __future__ import annotations

import argparse
import time
from datetime import UTC, date, datetime, timedelta
from typing import Any

from bench import bureau as house

ACTS = [
    "擅自占道经营",
    "超限运输",
    "未按规定排放污水",
    "擅自改变绿地用途",
    "未取得道路运输经营许可",
    "违法搭建建筑物",
    "渣土车未密闭运输",
    "夜间施工噪声",
    "擅自取水",
    "未按批准的水土保持方案",
    "随意倾倒建筑垃圾",
    "机动车维修未备案",
]
PLACES = [
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
]
LAWS = [
    "城市市容和环境卫生管理条例",
    "公路安全保护条例",
    "道路运输条例",
    "城镇排水与污水处理条例",
    "水法",
    "水土保持法",
    "城市绿化条例",
    "噪声污染防治法",
]
REASONS = [
    "情节轻微并及时改正",
    "初次违法且危害后果轻微",
    "主动消除违法行为危害后果",
    "拒不改正",
    "造成较大社会影响",
    "配合调查如实陈述",
    "受他人胁迫",
    "已责令停止违法行为",
]
WORDS = [
    "经查",
    "当事人",
    "现场检查笔录",
    "询问笔录",
    "照片",
    "视听资料",
    "证据先行登记保存",
    "陈述申辩",
    "听证",
    "集体讨论",
    "法制审核",
    "送达回证",
    "银行代收",
    "加处罚款",
    "行政复议",
    "行政诉讼",
    "执法证件",
    "裁量基准",
    "从轻",
    "减轻",
    "从重",
    "罚款",
    "没收违法所得",
    "警告",
    "责令改正",
]
SYLLABLES = "安邦昌诚达德鼎东方丰福冠广海航和恒宏华汇吉佳建江金锦京久凯康乐利联隆茂美明铭南鹏启荣润森盛顺泰腾天通旺伟祥新鑫兴旭洋业怡益永裕源远云泽振正志中众卓"


def made(number: int) -> tuple[int, str, date]:
    """Decision ``number``: the same text every time (a small linear congruential walk picks its parts)."""
    state = (number * 2862933555777941757 + 3037000493) & (2**64 - 1)

    def pick(options):
        nonlocal state
        state = (state * 6364136223846793005 + 1442695040888963407) & (2**64 - 1)
        return options[(state >> 33) % len(options)]

    day = date(2018, 1, 1) + timedelta(days=number * 3200 // 200_000)
    company = f"示例{pick(SYLLABLES)}{pick(SYLLABLES)}{pick(SYLLABLES)}{pick(('运输', '建设', '餐饮', '物业', '环保'))}有限公司"
    text = (
        f"示城罚决字〔{day.year}〕{number % 20_000 + 1}号 行政处罚决定书 当事人：{company}。"
        f"{day.year}年{day.month}月{day.day}日，执法人员在{pick(PLACES)}{number % 400 + 1}号检查发现当事人{pick(ACTS)}。"
        f"以上事实有{'、'.join(pick(WORDS) for _ in range(8))}等为证。"
        f"该行为违反了《{pick(LAWS)}》第{number % 90 + 1}条的规定，{pick(REASONS)}，{pick(REASONS)}。"
        f"{''.join(pick(SYLLABLES) for _ in range(60))}。"
        f"依据《{pick(LAWS)}》第{number % 70 + 1}条第{number % 4 + 1}款，决定给予当事人罚款人民币{(state >> 40) % 50_000 + 100}元的行政处罚。"
        f"{'，'.join(pick(WORDS) for _ in range(12))}。"
        "当事人应当自收到本决定书之日起十五日内缴纳罚款，逾期不缴纳的每日按罚款数额的百分之三加处罚款。"
    )
    return number, text, day


def contents(count: int, agency: str) -> list[dict[str, Any]]:
    """What each made decision publishes, in the publication room's own form."""
    found = []
    for number in range(count):
        _, text, day = made(number)
        # «文号 行政处罚决定书 当事人：名称。事实…。依据…» in the parts that a notice has.
        paper, rest = text.split(" ", 1)
        party, facts = rest.removeprefix("行政处罚决定书 当事人：").split("。", 1)
        cause, basis = facts.split("该行为违反了", 1)
        found.append(
            {
                "agency": agency, "party": party, "party_kind": "legal", "party_code": "", "number": paper, "title": cause[-40:],
                "facts": cause, "basis": f"该行为违反了{basis}", "kinds": ["03"], "fine_fen": number % 3_000_000,
                "decided_on": day.isoformat(), "field": ("urban", "transport", "water")[number % 3], "region": "440803",
            }
        )  # fmt: skip
    return found


def seed(bureau: Any, count: int) -> tuple[dict[str, Any], list[tuple[int, str]]]:
    """Publish ``count`` decisions; also (disclosure, folded text) newest first, for the check."""
    import json

    from mingzhi.organisations.models import Body
    from mingzhi.publication.models import Disclosure, PublicRecord, Version
    from mingzhi.publication.preparing import band
    from mingzhi.publication.records import facets_of, rank_of, search_text
    from mingzhi.search import api as search
    from mingzhi.search.models import SearchDoc

    began = time.perf_counter()
    body = Body.objects.get(pk=bureau.body_id)
    made = contents(count, body.name)
    days = [date.fromisoformat(content["decided_on"]) for content in made]
    moments = [datetime(day.year, day.month, day.day, 2, tzinfo=UTC) for day in days]
    first = 1_000_000
    with house.unindexed(Disclosure, Version, PublicRecord):
        house.fill(
            Disclosure,
            (
                "id", "body_id", "kind", "number", "title", "state", "decided_on", "due_on", "norm", "citation", "severity", "policies",
                "scheduled_at", "scheduled_by", "summary", "masks", "releases", "draft", "collected_by", "collected_name", "checked_by",
                "checked_name", "return_reason", "correction_reason", "withhold_reason", "withhold_note", "withhold_basis",
                "withhold_proposed_by", "withhold_approved_by", "withdraw_reason", "withdraw_basis", "version_no", "published_at",
            ),
            (
                (
                    first + n, body.pk, "penalty", content["number"], content["title"], "published", days[n], days[n], "bench", "", "", "[]",
                    moments[n], "bench", "", "[]", "[]", "{}", "", "", "", "", "", "", "", "", "", "", "", "", "", 1, moments[n],
                )
                for n, content in enumerate(made)
            ),
        )  # fmt: skip
        house.fill(
            Version,
            ("id", "disclosure_id", "no", "content", "reason", "published_at", "published_by", "collected_by", "checked_by"),
            (
                (first + n, first + n, 1, json.dumps(content, ensure_ascii=False), "", moments[n], "bench", "bench", "bench")
                for n, content in enumerate(made)
            ),
        )  # fmt: skip
        records = [
            PublicRecord(
                disclosure_id=first + n, state="published", shown=True, agency=body.name[:120], body_id=body.pk, kind="penalty", kinds="03",
                number=content["number"], title=content["title"], party=content["party"], field=content["field"], region="440803",
                year=days[n].year, amount_fen=content["fine_fen"], band=band(content["fine_fen"]), decided_on=days[n], published_on=days[n],
                updated_at=moments[n], version_id=first + n, rank=rank_of(days[n], first + n),
            )
            for n, content in enumerate(made)
        ]  # fmt: skip
        columns = tuple(f.attname for f in PublicRecord._meta.fields)
        house.fill(PublicRecord, columns, (tuple(getattr(r, c) for c in columns) for r in records))
    house.note(f"{count} decisions published: {time.perf_counter() - began:.0f} s")
    texts = [search_text(content) for content in made]
    for start in range(0, count, 5_000):
        search.index_many(
            "public",
            [
                search.Entry(records[n].pk, texts[n], sort=days[n], facets=facets_of(records[n]))
                for n in range(start, min(start + 5_000, count))
            ],
        )
    spent = round(time.perf_counter() - began, 1)
    house.note(f"and indexed: {spent} s")
    order = sorted(range(count), key=lambda n: (days[n], n), reverse=True)
    folded = dict(SearchDoc.objects.filter(space="public").values_list("ref", "text"))
    assert len(folded) == count, "a decision is missing from the search space"
    return {"decisions": count, "seconds": spent}, [(records[n].pk, folded[records[n].pk]) for n in order]


def wanted(texts: list[tuple[int, str]], count: int) -> list[str]:
    """Substrings of texts spread over all of them; every tenth turned round, so that most of those miss."""
    found = []
    for n in range(count):
        text = texts[(n * 7919 * 131) % len(texts)][1].replace(" ", "")
        length = 2 + n % 5
        at = (n * 104_729) % (len(text) - length)
        query = text[at : at + length]
        found.append(query[::-1] if n % 10 == 9 else query)
    return found


def measure(count: int, queries: int) -> dict[str, Any]:
    from urllib.parse import quote

    from django.db import connection

    from mingzhi.publication import api as publication
    from mingzhi.search.api import parse
    from mingzhi.search.errors import QueryTooShort

    bureau = house.people()
    seeded, texts = seed(bureau, count)
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
    asked = []
    for query in wanted(texts, queries):
        try:
            asked.append((query, parse(query).terms))
        except QueryTooShort:  # a stretch of nothing but signs: the page tells the reader so
            continue
    client = house.browser(bureau)
    client.get("/decisions/")
    names = ("public_search", "page", "page_without_words", "plain_like")
    spent: dict[str, list[float]] = {name: [] for name in names}
    worked: dict[str, list[float]] = {name: [] for name in names}
    exact = 0

    def timed(name: str, call: Any) -> Any:
        began, busy = time.perf_counter(), time.process_time()
        answer = call()
        worked[name].append((time.process_time() - busy) * 1000)
        spent[name].append((time.perf_counter() - began) * 1000)
        return answer

    def like(terms: tuple[str, ...]) -> list[Any]:
        tests = " AND ".join(["text LIKE %s ESCAPE '!'"] * len(terms))
        values = [f"%{t.replace('!', '!!').replace('%', '!%').replace('_', '!_')}%" for t in terms]
        with connection.cursor() as cursor:
            cursor.execute(
                f"SELECT ref FROM search_searchdoc WHERE space = 'public' AND {tests} ORDER BY id DESC LIMIT 20",
                values,
            )
            return cursor.fetchall()

    for turn, (query, terms) in enumerate(asked):
        page = timed("public_search", lambda q=query: publication.finding.public_search(q))
        response = timed("page", lambda q=query: client.get(f"/decisions/?q={quote(q)}"))
        assert response.status_code == 200, (query, response.status_code)
        timed("page_without_words", lambda: client.get("/decisions/"))
        if turn % 4 == 0:
            timed("plain_like", lambda t=terms: like(t))
        truth = []
        for ref, text in texts:
            if all(term in text for term in terms):
                truth.append(ref)
                if len(truth) == 20:
                    break
        exact += [row.id for row in page.rows] == truth
    return {
        "database": connection.vendor,
        "seeded": seeded,
        "queries": len(asked),
        "exact": exact,
        "sql_of_a_search": house.queries_of(lambda: publication.finding.public_search(asked[0][0])),
        "sql_of_a_page": house.queries_of(lambda: client.get(f"/decisions/?q={quote(asked[0][0])}")),
        "ms": {
            name: {**house.summary(values), "cpu_p95_ms": house.summary(worked[name])["p95_ms"]}
            for name, values in spent.items()
        },
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; takes a database of its own"
    )
    options = parser.parse_args()
    results = [house.apart(measure, options.decisions, options.queries)]
    if options.postgres:
        with house.fresh_database(options.postgres) as url:
            results.append(house.apart(measure, options.decisions, options.queries, url=url))
    house.answer(results)


if __name__ == "__main__":
    main()

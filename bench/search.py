"""Public search over 200,000 made decisions: exactness, p50/p95, against plain LIKE and PostgreSQL's own FTS.

    python bench/search.py [--docs 200000] [--queries 200] [--postgres postgres://user@host/db] [--json]

The decisions are made up by formula (no real person or company); every answer is checked against a plain
substring scan in memory. SQLite is a fresh file; PostgreSQL (also from MINGZHI_TEST_DATABASE_URL) gets a
schema of its own, dropped at the end. Peers run in the same process on the same rows.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import sys
import tempfile
import time
from concurrent.futures import ProcessPoolExecutor
from datetime import date, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "src")]

from config import env  # noqa: E402

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


def prepared(numbers: range) -> list[tuple[int, str, str, date, list[int]]]:
    from mingzhi.search.choices import Space
    from mingzhi.search.text import fold, grams

    rows = []
    for number in numbers:
        ref, text, day = made(number)
        folded = fold(text)
        rows.append((ref, text, folded, day, grams(Space.PUBLIC, folded)))
    return rows


class Chosen:
    """Sends everything to the database under measurement."""

    alias = "default"

    def db_for_read(self, model, **hints):
        return self.alias

    db_for_write = db_for_read


def django_ready(folder: Path, postgres: str) -> None:
    import django
    from django.conf import settings

    os.environ["MINGZHI_VAR"] = str(folder)
    from config.settings.databases import SQLITE_OPTIONS

    databases = {
        "default": {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(folder / "bench.sqlite3"),
            "OPTIONS": SQLITE_OPTIONS,
        }
    }
    if postgres:
        databases["pg"] = env.database(postgres)
        databases["pg"]["OPTIONS"] = {**databases["pg"]["OPTIONS"], "options": "-c search_path=mingzhi_bench"}
    settings.configure(
        INSTALLED_APPS=["mingzhi.search"],
        DATABASES=databases,
        DATABASE_ROUTERS=[Chosen()],
        USE_TZ=True,
        DEFAULT_AUTO_FIELD="django.db.models.BigAutoField",
    )
    django.setup()


def timed(run, queries):
    spent, answers = [], []
    for query in queries:
        started = time.perf_counter()
        answers.append(run(query))
        spent.append((time.perf_counter() - started) * 1000)
    spent_sorted = sorted(spent)
    return {
        "p50_ms": round(statistics.median(spent), 2),
        "p95_ms": round(spent_sorted[int(len(spent) * 0.95) - 1], 2),
        "max_ms": round(spent_sorted[-1], 2),
    }, answers


def note(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--docs", type=int, default=200_000)
    parser.add_argument("--queries", type=int, default=200)
    parser.add_argument("--postgres", default=os.environ.get("MINGZHI_TEST_DATABASE_URL", ""))
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        result = measure(Path(folder), options)
    if options.json:
        print(json.dumps(result, ensure_ascii=False))
        return
    print(
        f"{result['docs']} made decisions, {result['mean_characters']} characters on average, {result['queries']} queries of 2-6 characters, first 20 newest"
    )
    print(f"{'engine':<44}{'p50 ms':>9}{'p95 ms':>9}{'max ms':>9}  exact   build s   index MB")
    for name, row in result["engines"].items():
        exact = f"{row['exact']}/{result['queries']}"
        print(
            f"{name:<44}{row['p50_ms']:>9}{row['p95_ms']:>9}{row['max_ms']:>9}  {exact:<9}{row.get('build_s', ''):>6}{row.get('index_mb', ''):>11}"
        )


def measure(folder: Path, options: argparse.Namespace) -> dict:
    django_ready(folder, options.postgres)
    from django.core.management import call_command
    from django.db import connections, transaction

    from mingzhi.search import engine
    from mingzhi.search import queries as search
    from mingzhi.search.choices import Space
    from mingzhi.search.text import fold, key

    started = time.perf_counter()
    step = 5_000
    with ProcessPoolExecutor(2) as pool:
        rows = [
            row
            for part in pool.map(
                prepared, [range(n, min(n + step, options.docs)) for n in range(0, options.docs, step)]
            )
            for row in part
        ]
    prepare = time.perf_counter() - started
    note(f"texts and pairs of {len(rows)} decisions: {prepare:.0f} s")
    docs = [
        (key(Space.PUBLIC, day, ref), "public", ref, "", folded, pairs) for ref, _, folded, day, pairs in rows
    ]
    newest_first = sorted(((doc[0], doc[2], doc[4]) for doc in docs), reverse=True)

    # Substrings of the texts themselves (so that most hit), from places spread over all documents,
    # and every tenth one turned round (so that most of those do not).
    queries = []
    for n in range(options.queries):
        folded = rows[(n * 7919 * 131) % len(rows)][2]
        length = 2 + n % 5
        at = (n * 104_729) % (len(folded) - length)
        query = folded[at : at + length]
        queries.append(query[::-1] if n % 10 == 9 else query)
    truth = []
    for query in queries:
        found = []
        for _, ref, folded in newest_first:
            if query in folded:
                found.append(ref)
                if len(found) == 20:
                    break
        truth.append(found)
    engines: dict[str, dict] = {}

    def record(name, run, **extra):
        run(queries[0])
        figures, answers = timed(run, queries)
        engines[name] = {
            **figures,
            "exact": sum(list(a) == t for a, t in zip(answers, truth, strict=True)),
            **extra,
        }
        note(f"{name}: {engines[name]}")

    def ours(query):
        return search.matching("public", query, limit=20).refs

    def ours_counted(query):
        return search.matching("public", query, limit=20, count=True).refs

    def plain(alias, sql):
        def run(query):
            with connections[alias].cursor() as cursor:
                cursor.execute(
                    sql,
                    [
                        f"%{query.replace(chr(92), chr(92) * 2).replace('%', chr(92) + '%').replace('_', chr(92) + '_')}%"
                    ],
                )
                return [ref for (ref,) in cursor.fetchall()]

        return run

    like = "SELECT ref FROM search_searchdoc WHERE text LIKE %s ESCAPE '\\' ORDER BY id DESC LIMIT 20"

    # SQLite
    call_command("migrate", verbosity=0)
    started = time.perf_counter()
    with transaction.atomic():
        for n in range(0, len(docs), step):
            engine.insert_many("default", docs[n : n + step])
    build = round(time.perf_counter() - started, 1)
    with connections["default"].cursor() as cursor:
        cursor.execute("SELECT coalesce(sum(length(block)), 0) FROM search_gram_data")
        size = round(cursor.fetchone()[0] / 1e6)
    note(f"SQLite loaded: {build} s")
    record("SQLite: pairs (FTS5) + substring", ours, build_s=build, index_mb=size)
    record("SQLite: the same, counted up to 1000", ours_counted)
    record("SQLite: plain LIKE", plain("default", like))

    if options.postgres:
        pg = connections["pg"]
        Chosen.alias = "pg"
        try:
            with pg.cursor() as cursor:
                cursor.execute("DROP SCHEMA IF EXISTS mingzhi_bench CASCADE")
                cursor.execute("CREATE SCHEMA mingzhi_bench")
            call_command("migrate", database="pg", verbosity=0)
            started = time.perf_counter()
            with pg.cursor() as cursor:
                cursor.execute("DROP INDEX search_grams")
            engine.insert_many("pg", docs)
            with pg.cursor() as cursor:
                cursor.execute(engine.POSTGRES_INDEX)
                build = round(time.perf_counter() - started, 1)
                cursor.execute("VACUUM ANALYZE search_searchdoc")
                cursor.execute("SELECT pg_relation_size('search_grams')")
                size = round(cursor.fetchone()[0] / 1e6)
            note(f"PostgreSQL loaded: {build} s")
            record("PostgreSQL: pairs (int[] GIN) + substring", ours, build_s=build, index_mb=size)
            record("PostgreSQL: the same, counted up to 1000", ours_counted)
            record("PostgreSQL: plain LIKE", plain("pg", like))
            started = time.perf_counter()
            with pg.cursor() as cursor:
                # Its parser takes a run of Chinese for one word, so the peer is handed single characters.
                cursor.execute(
                    "CREATE TABLE peer AS SELECT id, ref, to_tsvector('simple', regexp_replace(text, '(.)', '\\1 ', 'g')) AS words FROM search_searchdoc"
                )
                cursor.execute("CREATE INDEX peer_words ON peer USING gin (words)")
                cursor.execute("CREATE INDEX peer_newest ON peer (id)")
                build = round(time.perf_counter() - started, 1)
                cursor.execute("VACUUM ANALYZE peer")
                cursor.execute("SELECT pg_relation_size('peer_words')")
                size = round(cursor.fetchone()[0] / 1e6)

            def tsvector(query):
                with pg.cursor() as cursor:
                    cursor.execute(
                        "SELECT ref FROM peer WHERE words @@ phraseto_tsquery('simple', %s) ORDER BY id DESC LIMIT 20",
                        [" ".join(fold(query))],
                    )
                    return [ref for (ref,) in cursor.fetchall()]

            record("PostgreSQL: tsvector of characters, phrase", tsvector, build_s=build, index_mb=size)
        finally:
            with pg.cursor() as cursor:
                cursor.execute("DROP SCHEMA IF EXISTS mingzhi_bench CASCADE")
    return {
        "docs": len(docs),
        "mean_characters": round(statistics.mean(len(doc[4]) for doc in docs)),
        "queries": len(queries),
        "prepare_s": round(prepare, 1),
        "engines": engines,
    }


if __name__ == "__main__":
    main()

"""Masking: seeded identifiers that survive, public text that is touched, and speed.

    python -m bench masking [--each 6000] [--articles PATH.jsonl.gz] [--planted 10000] [--json]

Identifiers and names are made up by a seeded generator and written as people write them: plainly,
full-width, grouped, digit by digit, with blanks, hyphens and invisible characters, broken by line ends.
``--articles`` (lines with a ``text``) measures what is touched in texts that hold no personal data.
``--planted`` publishes decisions with so many identifiers in them and reads every public byte (``planted``).
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import sys
import time
import unicodedata
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src")]

from mingzhi.publication import redact  # noqa: E402
from mingzhi.publication.redact_numbers import luhn  # noqa: E402

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REGIONS = ["440803", "610102", "321102", "140402", "411481", "110105", "500112"]
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段雷钱汤尹黎易常武乔贺赖龚文"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚桂芝建国志华春梅海燕丹玉文辉小红晓东立新永福"
PLAIN = [
    "当事人提供身份证号码：{}，经核实无误。",
    "经查，{}，并于当日到场。",
    "联系电话{}。",
    "其号码为{}，住址不详",
    "执法人员记录（{}）后离开。",
    "{}",
    "2026年9月1日10时，罚款5000元，{}；依据第12条。",
]
LINES = ["联系电话：{}。", "电话{}，", "其座机{}", "住户{}"]
NAMED = [
    "当事人：{}，男，汉族。",
    "驾驶员{}驾驶货车。",
    "法定代表人：{}",
    "委托代理人：{}，律师。",
    "对{}的询问笔录一份",
    "证人{}在场。",
    "{}（身份证号：略）",
    "经{}签字确认。",
    "被询问人：{}　性别：男",
    "现场负责人{}称不知情",
    "当事人{}于2026年违法",
    "车主：{}。",
    "举报人{}反映",
    "见证人：{}、王某某",
]


def resident_id(r: random.Random) -> str:
    s = f"{r.choice(REGIONS)}{r.randint(1940, 2015)}{r.randint(1, 12):02d}{r.randint(1, 28):02d}{r.randint(0, 999):03d}"
    return s + "10X98765432"[sum(w * int(c) for w, c in zip(WEIGHTS, s, strict=True)) % 11]


def mobile(r: random.Random) -> str:
    return f"1{r.choice('3456789')}{r.randrange(10**9):09d}"


def card(r: random.Random) -> str:
    s = "62" + "".join(r.choice("0123456789") for _ in range(r.choice((13, 14, 16))))
    return s + next(d for d in "0123456789" if luhn(s + d))


def landline(r: random.Random) -> str:
    return (
        r.choice(("0759", "029", "0511", "0355", "010"))
        + r.choice(("-", "", "－"))
        + str(r.randint(2_000_000, 88_888_888))
    )


def spelled(r: random.Random, s: str) -> str:
    full = "".join(chr(ord(c) + 0xFEE0) for c in s)
    cut = r.randint(1, len(s) - 1)
    broken = [full[:cut] + "\n  " + full[cut:], s[:cut] + r.choice(("\n", "\r\n", "\n  ")) + s[cut:]]
    groups = (6, 14) if len(s) == 18 else (3, 7)
    loose = list(r.choice((s, full)))
    for _ in range(r.randint(1, 4)):
        loose.insert(r.randint(1, len(loose) - 1), r.choice((" ", "　", "-", "\u200b", "  ")))
    grouped = f"{s[: groups[0]]} {s[groups[0] : groups[1]]} {s[groups[1] :]}"
    return r.choice((s, full, grouped, " ".join(s), "".join(loose), *broken))


def digits(text: str) -> str:
    return "".join(
        "X" if c in "XxＸ" else str(unicodedata.digit(c))
        for c in text
        if c in "XxＸ" or unicodedata.digit(c, None) is not None
    )


def survivors(
    r: random.Random,
    count: int,
    make: Callable[[random.Random], str],
    write: Callable[[random.Random, str], str],
    frames: list[str],
) -> int:
    left = 0
    for _ in range(count):
        secret = make(r)
        shown = digits(redact.redact(r.choice(frames).format(write(r, secret))).masked)
        plain = digits(secret)
        left += any(plain[i : i + 8] in shown for i in range(len(plain) - 7))
    return left


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--each", type=int, default=6000)
    parser.add_argument("--articles", type=Path)
    parser.add_argument("--planted", type=int, default=0)
    parser.add_argument("--json", action="store_true")
    asked = parser.parse_args()
    r = random.Random(7)
    found: dict[str, object] = {"seeded_each": asked.each}
    for name, make, write, frames in (
        ("resident_id", resident_id, spelled, PLAIN),
        ("mobile", mobile, spelled, PLAIN),
        ("bank_card", card, spelled, PLAIN),
        ("landline", landline, lambda _, s: s, LINES),
    ):
        found[f"{name}_left"] = survivors(r, asked.each, make, write, frames)  # type: ignore[arg-type]
    known = guessed = 0
    for _ in range(asked.each):
        name = r.choice(SURNAMES) + "".join(r.choice(GIVEN) for _ in range(r.choice((1, 2, 2))))
        text = r.choice(NAMED).format(name)
        known += name in redact.redact(text, names=[name]).masked
        guessed += name in redact.redact(text).masked
    found |= {
        "names_known_left": known,
        "names_by_cue_left": guessed,
        "names_by_cue_share": round(1 - guessed / asked.each, 4),
    }
    if asked.articles:
        touched = total = chars = masked = 0
        started = time.perf_counter()
        with gzip.open(asked.articles, "rt", encoding="utf-8") as file:
            for k, line in enumerate(file):
                if k % 6 == 0:
                    text = json.loads(line)["text"]
                    spans = redact.find(text)
                    total, chars = total + 1, chars + len(text)
                    touched, masked = touched + bool(spans), masked + sum(s.end - s.start for s in spans)
        spent = time.perf_counter() - started
        found |= {
            "articles": total,
            "articles_touched": touched,
            "characters_touched_share": round(masked / chars, 6),
            "characters_per_second": round(chars / spent),
        }
    if asked.planted:
        from bench import bureau as house
        from bench import planted

        found |= house.apart(planted.measured, -(-asked.planted // planted.KINDS))
    print(
        json.dumps(found, ensure_ascii=False)
        if asked.json
        else "\n".join(f"{k:28} {v}" for k, v in found.items())
    )


if __name__ == "__main__":
    main()

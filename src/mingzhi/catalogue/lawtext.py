"""Reading the law: Chinese numerals, citations, and Markdown texts cut into articles. Pure.

The Markdown form: ``# title``, dated history lines up to ``<!-- INFO END -->`` (absent in some),
``## 第…章`` or ``## 一、…`` headings, ``第…条`` or ``第…条之…`` at a line's start, further lines as
paragraphs of the article before them.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date

from mingzhi.catalogue.data import LawReference
from mingzhi.catalogue.errors import BadCitation

_DIGITS = {"零": 0, "〇": 0, "一": 1, "二": 2, "两": 2, "三": 3, "四": 4, "五": 5}
_DIGITS |= {"六": 6, "七": 7, "八": 8, "九": 9}
_UNITS = {"十": 10, "百": 100, "千": 1000}
_N = r"[零〇一二两三四五六七八九十百千\d０-９]{1,9}"
_ARTICLE = re.compile(rf"第({_N})条(?:之({_N}))?(.?)")
_CITATION = re.compile(
    rf"(?:《(?P<title>(?:[^《》]|《[^《》]*》){{1,120}})》(?:（[^（）《》]{{1,40}}）)?|(?P<bare>[一-龥（）]{{2,40}}?))?\s*"
    rf"第\s*(?P<number>{_N})\s*条(?:之(?P<sub>{_N}))?"
    rf"(?:\s*第\s*(?P<paragraph>{_N})\s*款)?(?:\s*第\s*[（(]?(?P<item>{_N})[)）]?\s*项)?"
)
_DATE = re.compile(
    r"([\d〇零一二三四五六七八九]{4})年(\d{1,2}|[一二三四五六七八九十]{1,3})月(\d{1,2}|[一二三四五六七八九十]{1,3})日"
)
_IN_FORCE = re.compile(r"自(.{4,5}年.{1,3}月.{1,3}日)起(?:施行|实施|执行)")
_NAME_DATE = re.compile(r"(\d{4})-(\d\d)-(\d\d)施行")
_NAME_VERSION = re.compile(r"[（(]([^（()）]*)[)）]$")
INFO_END = "<!-- INFO END -->"


def number_of(text: str) -> int:
    """``"二百零九"``, ``"12"`` or ``"１２"`` as a number; ``ValueError`` otherwise."""
    plain = unicodedata.normalize("NFKC", text)
    if plain.isdigit():
        return int(plain)
    total = current = 0
    for ch in plain:
        if ch in _DIGITS:
            current = _DIGITS[ch]
        elif ch in _UNITS:
            total += (current or 1) * _UNITS[ch]
            current = 0
        else:
            raise ValueError(f"不是数字：{text}")
    return total + current


def numeral(value: int) -> str:
    """``209`` → ``"二百零九"``; 1 to 9999."""
    if not 1 <= value <= 9999:
        raise ValueError("条文序号应在 1 至 9999 之间")
    marks, out, zero = "零一二三四五六七八九", "", False
    for unit, name in ((1000, "千"), (100, "百"), (10, "十"), (1, "")):
        digit = value // unit % 10
        if digit == 0:
            zero = bool(out)
            continue
        out += ("零" if zero else "") + ("" if digit == 1 and unit == 10 and not out else marks[digit]) + name
        zero = False
    return out


def article_heading(number: int, sub: int = 0) -> str:
    """``第四十三条``, ``第八条之二``."""
    return f"第{numeral(number)}条" + (f"之{numeral(sub)}" if sub else "")


def short_title(title: str) -> str:
    """A title without the country's name, marks and spaces, one kind of bracket: the key of a law."""
    plain = unicodedata.normalize("NFKC", title).strip()
    plain = re.sub(r"[\s《》<>〈〉]", "", plain)
    return plain.replace("中华人民共和国", "")


def citations_in(text: str) -> Iterator[LawReference]:
    """Every ``《…》第…条第…款第…项`` in ``text``, in order; a bare 第…条 belongs to the title before it."""
    title = ""
    for match in _CITATION.finditer(text):
        if match["title"]:
            title = match["title"]
        elif match["bare"] and not title:
            title = match["bare"]
        yield LawReference(
            title=title,
            number=number_of(match["number"]),
            sub=number_of(match["sub"]) if match["sub"] else 0,
            paragraph=number_of(match["paragraph"]) if match["paragraph"] else 0,
            item=number_of(match["item"]) if match["item"] else 0,
            text=match[0].strip(),
        )


def parse_citation(text: str) -> LawReference:
    """The one citation that ``text`` is; ``BadCitation`` otherwise."""
    found = list(citations_in(text.strip()))
    if not found or not found[0].title:
        raise BadCitation(text=text.strip()[:80])
    return found[0]


@dataclass(frozen=True, slots=True)
class Passage:
    """One article as read: ``line`` is where it starts in the file (1-based)."""

    number: int
    sub: int
    chapter: str
    text: str
    line: int


@dataclass(slots=True)
class LawText:
    """One law file as read, with what was odd about it."""

    title: str
    version: str
    version_date: date | None
    in_force_from: date | None
    history: list[str]
    passages: list[Passage]
    source_name: str
    digest: str
    warnings: list[str] = field(default_factory=list)


def _day(text: str) -> date | None:
    match = _DATE.search(unicodedata.normalize("NFKC", text))
    if match is None:
        return None
    year = match[1]
    if not year.isdigit():
        year = "".join(str(_DIGITS[c]) for c in year)
    try:
        return date(int(year), number_of(match[2]), number_of(match[3]))
    except ValueError:
        return None


def _days(text: str) -> list[date]:
    found = (_day(m[0]) for m in _DATE.finditer(unicodedata.normalize("NFKC", text)))
    return [day for day in found if day is not None]


def read(text: str, name: str) -> LawText:
    """Cut a Markdown law into articles. Broken numbering is told by line and the rest is kept."""
    lines = text.replace("\r\n", "\n").split("\n")
    title, body_at, history = _head(lines)
    warnings: list[str] = []
    if not title:
        title = re.sub(r"[（(].*", "", name)
        warnings.append("第1行：没有“# 法律名称”，以文件名为名称")
    passages = _passages(lines, body_at, warnings)
    if not passages:
        warnings.append("全文没有识别到“第…条”，未导入条文")
    dates = [day for line in history for day in _days(line)]
    latest = max(dates, default=None)
    own = _NAME_VERSION.search(name)
    version = own[1] if own else ""
    year = re.match(r"\d{4}", version)
    if year and (latest is None or latest.year < int(year[0])):
        latest = date(int(year[0]), 1, 1)
    stated = _stated(passages, name)
    in_force = stated if stated and (latest is None or stated >= latest) else latest
    return LawText(
        title=title,
        version=version or (latest.isoformat() if latest else ""),
        version_date=max(dates, default=None),
        in_force_from=in_force,
        history=history,
        passages=passages,
        source_name=name,
        digest=hashlib.sha256(text.encode()).hexdigest(),
        warnings=warnings,
    )


def _stated(passages: list[Passage], name: str) -> date | None:
    """The day of entry into force that the file's name or its last articles state."""
    if match := _NAME_DATE.search(name):
        return date(int(match[1]), int(match[2]), int(match[3]))
    for passage in reversed(passages[-3:]):
        if found := _IN_FORCE.search(passage.text):
            return _day(found[1])
    return None


def _head(lines: list[str]) -> tuple[str, int, list[str]]:
    """Title, index of the first body line, and the history lines between them."""
    title, start = "", 0
    for index, line in enumerate(lines):
        if line.startswith("# "):
            title, start = line[2:].strip(), index + 1
            break
        if line.strip():
            break
    history: list[str] = []
    for index in range(start, len(lines)):
        line = lines[index].strip()
        if line == INFO_END:
            return title, index + 1, history
        if line.startswith("## ") or _ARTICLE.match(line):
            return title, index, history
        if line:
            history.append(line.lstrip("> ").strip("（）　 "))
    return title, start, history


def _passages(lines: list[str], start: int, warnings: list[str]) -> list[Passage]:
    out: list[Passage] = []
    seen: set[tuple[int, int]] = set()
    chapter, section = "", ""
    texts: list[str] = []
    key, begun, skip = (0, 0), 0, True
    spaced = _spaced(lines, start)

    def close() -> None:
        if not skip and key != (0, 0):
            heading = f"{chapter} {section}".strip()
            out.append(Passage(key[0], key[1], heading, "\n".join(texts).strip(), begun))

    for index in range(start, len(lines)):
        line = lines[index].strip().strip("　")
        if line.startswith("#"):
            heading = re.sub(r"[\s　]+", " ", line.lstrip("#")).strip()
            if line.startswith("###"):
                section = heading
            else:
                chapter, section = heading, ""
            continue
        match = _ARTICLE.match(line)
        if match and _is_article(match, key, spaced):
            close()
            found = (number_of(match[1]), number_of(match[2]) if match[2] else 0)
            expected = {(key[0] + 1, 0), (key[0], key[1] + 1)}
            skip = found in seen
            if skip:
                warnings.append(f"第{index + 1}行：{article_heading(*found)}重复，已跳过，请核对原文")
            elif found not in expected:
                after = article_heading(*key) if key != (0, 0) else "开头"
                warnings.append(
                    f"第{index + 1}行：{after}之后是{article_heading(*found)}，序号不连续，请核对原文"
                )
            seen.add(found)
            if not skip:
                key = found
            begun = index + 1
            head = match.end() - len(match[3])
            texts = [line[head:].strip().strip("　")]
            if skip:
                # what follows a repeated number belongs to it, not to the article before
                texts = []
        elif line and key != (0, 0):
            texts.append(line)
    close()
    return [p for p in out if p.text]


_GOES_ON = frozenset("规第、，,至到和及或所的之款项")


def _spaced(lines: list[str], start: int) -> bool:
    """Whether this file sets its article numbers off by a space, as its first article shows."""
    for line in lines[start:]:
        match = _ARTICLE.match(line.strip().strip("　"))
        if match:
            return not match[3] or match[3].isspace()
    return True


def _is_article(match: re.Match[str], key: tuple[int, int], spaced: bool) -> bool:
    """Whether a line that begins 第…条 opens an article, or goes on with a sentence (第三条规定的……)."""
    if not match[3] or match[3].isspace():
        return True
    if spaced or match[3] in _GOES_ON:
        return False
    found = (number_of(match[1]), number_of(match[2]) if match[2] else 0)
    return found in {(key[0] + 1, 0), (key[0], key[1] + 1)}

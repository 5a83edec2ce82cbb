"""Masking of what must not leave with a disclosed text. Pure: no Django, no database, no clock.

``find`` answers the stretches to hide, ``apply`` hides them. Offsets are code points of the text as
given; the folded view used for matching has exactly one character per character of the text, so no
offset ever needs translating. The order of rules, what each keeps on purpose, and the measured
recall are in docs/algorithms/redaction.md (basis: domain §4.4; 政府信息公开条例 art. 15; 个人信息保护法 art. 25).
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from mingzhi.publication import redact_names as names_
from mingzhi.publication.redact_numbers import (
    PROVINCES,
    accounts,
    born,
    cards,
    credit_ok,
    fold,
    id_ok,
    ids,
    papers,
    phones,
    wires,
)

MASK = "*"
#: What a span is, in the words the desk shows.
LABELS = {
    "resident_id": "居民身份证号码",
    "mobile": "手机号码",
    "landline": "固定电话",
    "bank_account": "银行账号",
    "email": "电子邮箱",
    "plate": "机动车号牌",
    "passport": "护照或通行证号码",
    "address": "住址",
    "name": "自然人姓名",
    "health": "健康信息",
    "secret": "本案登记的个人信息",
    "contact": "社交账号",
    "manual": "人工遮盖",
}


@dataclass(frozen=True, slots=True)
class Span:
    """One stretch to hide: ``action`` is ``mask`` (nothing stays) or ``shorten`` (a harmless head stays)."""

    kind: str
    start: int
    end: int
    action: str
    replacement: str


@dataclass(frozen=True, slots=True)
class Redacted:
    masked: str
    spans: tuple[Span, ...]


# --- addresses, health --------------------------------------------------------------------------

_ADDRESS_WORD = r"[㐀-鿿A-Za-z0-9#\-－—～~（）()·　 ]"
_HOME_CUE = re.compile(
    rf"(?:家庭住址|家庭地址|现住址|居住地址|居住地|经常居住地|户籍所在地|户籍地址?|户口所在地|户籍|暂住地址?|暂住|住址|现住|家住|居住于|居住在|租住于?)"
    rf"\s*[:：为是在于]?\s*(?P<place>{_ADDRESS_WORD}{{3,60}})"
)
_SEAT_CUE = re.compile(
    rf"(?:住所地?|通讯地址|通信地址|联系地址|送达地址|邮寄地址|收件地址|地址|(?<=[，,；;、（(])住(?!房|建|院|宿|户|改|宅|持|行|地|址))\s*[:：为是在于]?\s*(?P<place>{_ADDRESS_WORD}{{3,60}})"
)
_DWELLING = re.compile(
    r"(?P<place>[㐀-鿿]{2,24}(?:路|街|道|巷|弄|村|镇|乡|里|小区|花园|花苑|家园|公寓|新村|社区|苑|城|园|府|庭|湾|组|号)[㐀-鿿A-Za-z0-9#\-]{0,24}?"
    r"\d+\s?(?:栋|幢|座|号楼|单元|楼|梯|层)[㐀-鿿A-Za-z0-9#\-]{0,12}?\d{2,4}\s?(?:室|房|户|号房|号))"
)
_ORG = re.compile(
    r"公司|企业|厂|店|行|社|局|院|中心|部|所|馆|场|统一社会信用代码|法定代表人|机关|政府|委员会|酒楼|餐厅|超市"
)
_COUNTY = re.compile(
    r"^(?:中国)?(?:[㐀-鿿]{2,8}?(?:省|自治区))?(?:[㐀-鿿]{2,8}?(?:市|自治州|地区|盟))?(?:[㐀-鿿]{1,8}?(?:自治县|区|县|市|旗))?"
)
_NOT_PLACE = re.compile(
    r"^(?:的|不|无|有|变更|变动|发生|以|等|应|及|和|与|或|之|所|确认|信息|情况|登记|资料|材料|证明|房屋|宿舍|人员|人|条件|用地|区|小区|环境|安全|建筑|用房|楼)"
)
_HEALTH = re.compile(
    r"(?:患有|身患|罹患|患(?!者|病)|确诊为?|被?诊断为|感染了?|病史[:：为]?)(?P<what>[㐀-鿿A-Za-z0-9、（）()\-]{1,20}?(?:病|症|癌|炎|瘤|感染|障碍|残疾|中毒|骨折|阳性|艾滋|肿瘤|尿毒症|抑郁|结核))"
    r"|(?P<state>怀孕\d+(?:个)?(?:周|月)|(?:[一二三四]级|[一二三四]等)(?:肢体|视力|听力|言语|智力|精神)残疾|(?:肢体|视力|听力|言语|智力|精神)残疾[一二三四]级|HIV(?:阳性|感染)?)"
)


def _addresses(text: str, folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _HOME_CUE.finditer(folded):
        yield from _place(folded, match)
    for match in _SEAT_CUE.finditer(folded):
        before = re.split(r"[。；;\n]", folded[max(0, match.start() - 60) : match.start()])[-1]
        after = folded[match.end() : match.end() + 12]
        # «，住…» is said of people only; a seat or address of an organisation is public.
        of_organisation = _ORG.search(before) or "统一社会信用代码" in after or _ORG.search(match["place"])
        if match[0].startswith("住") and not match[0].startswith("住所"):
            of_organisation = None
        if not of_organisation:
            yield from _place(folded, match)
    for match in _DWELLING.finditer(folded):
        yield from _place(folded, match, dwelling=True)


def _place(folded: str, match: re.Match[str], *, dwelling: bool = False) -> Iterator[tuple[str, int, int]]:
    place = match["place"]
    if not dwelling and _NOT_PLACE.match(place):
        return
    place = re.split(
        r"[（(](?=身份|电话|联系|男|女)|\s{2,}|(?:联系)?电话|身份证|邮编|统一社会", place, maxsplit=1
    )[0].rstrip(" 　-（(")
    if len(place) < 3 or not re.search(r"[省市区县旗镇乡村路街巷道里弄号栋室组社湾苑园城屯庄]", place):
        return
    start = match.start("place")
    if dwelling:  # the words before the place belong to the sentence; cut at the last preposition
        cut = max(
            (
                place.rfind(w)
                for w in ("位于", "住于", "居住", "前往", "地处", "在", "于", "对", "至", "住", "的")
            ),
            default=-1,
        )
        if cut >= 0:
            word = next(
                w
                for w in ("位于", "住于", "居住", "前往", "地处", "在", "于", "对", "至", "住", "的")
                if place.startswith(w, cut)
            )
            start, place = start + cut + len(word), place[cut + len(word) :]
    head = _COUNTY.match(place)
    kept = head.end() if head else 0
    if kept >= len(place):
        return
    yield "address", start + kept, start + len(place)


def _healths(folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _HEALTH.finditer(folded):
        group = "what" if match["what"] else "state"
        if group == "what" and re.search(
            r"职业病|传染病|疾病|精神病人|有关|其他|妨碍|可能|^[者的或和]|或者|复制|查阅", match["what"]
        ):
            continue
        yield "health", match.start(group), match.end(group)


# --- names --------------------------------------------------------------------------------------

_SPLIT = re.compile(r"[、，,；;]|和|及|与")


def _is_name(word: str) -> bool:
    """Whether ``word`` can be a person's name rather than the beginning of a sentence."""
    bare = re.sub(r"\s", "", word)
    if "某" in bare or "×" in bare or "*" in bare or "X" in bare:
        return False
    if "·" in bare or "•" in bare or "・" in bare or bare.isascii():
        return True
    if bare[:2] in names_.COMPOUND_SURNAMES:
        return 3 <= len(bare) <= 4
    return (
        bare[:1] in names_.SURNAMES
        and 2 <= len(bare) <= 3
        and bare[:2] not in names_.WORDS
        and bare not in names_.WORDS
    )


def _trim(word: str) -> str:
    """A two-character name with the first character of its predicate still on: cut that off."""
    if len(word) == 3 and word[:2] not in names_.COMPOUND_SURNAMES and word[2] in names_.TAIL:
        return word[:2]
    return word


def guess_names(text: str) -> set[str]:
    """Names of natural persons that cue words give away; names of officers are left out."""
    found: set[str] = set()
    for match in names_.AFTER_CUE.finditer(text):
        for part in _SPLIT.split(match["names"]):
            if _is_name(part.strip()):
                found.add(part.strip())
    for pattern, trim in ((names_.TIGHT, True), (names_.BEFORE_CUE, False), (names_.MID, True)):
        for match in pattern.finditer(text):
            word = _trim(match["name"].strip()) if trim else match["name"].strip()
            if _is_name(word) and not (pattern is names_.TIGHT and word[0] in names_.RARELY_NAMES):
                found.add(word)
    official: set[str] = set()
    for match in names_.OFFICIAL.finditer(text):
        official.update(part.strip() for part in _SPLIT.split(match["names"]))
    return {re.sub(r"\s", "", n) if not n.isascii() else n for n in found} - official


def self_named(text: str) -> set[str]:
    """The names by which a writer introduces himself or herself."""
    return {m["name"] for m in names_.SELF.finditer(text) if _is_name(m["name"])}


def short_name(name: str) -> str:
    """姓+某某; a name that is not of the Han form becomes 某某."""
    bare = re.sub(r"\s", "", name)
    if bare[:2] in names_.COMPOUND_SURNAMES and len(bare) >= 3:
        return bare[:2] + "某某"
    if "·" in bare or "•" in bare or "・" in bare or not bare or bare[0].isascii():
        return "某某"
    return bare[0] + "某某"


def _spelled(secret: str) -> re.Pattern[str]:
    """``secret`` with blanks, line breaks or invisible characters anywhere between its characters."""
    return re.compile(r"[\s\u200b·•・]{0,3}".join(re.escape(c) for c in fold(secret) if not c.isspace()))


def _named(folded: str, names: Iterable[str]) -> Iterator[tuple[str, int, int]]:
    for name in sorted(set(names), key=len, reverse=True):
        if len(name.strip()) >= 2 and "某" not in name and MASK not in name:
            for match in _spelled(name.strip()).finditer(folded):
                yield "name", match.start(), match.end()


# --- together -------------------------------------------------------------------------------------

_LAW = re.compile(r"《[^《》]{2,60}》")
_DOC_NUMBER = re.compile(
    r"[㐀-鿿（）()]{0,20}[〔\[【﹝（(]\s?(?:19|20)\d{2}\s?[〕\]】﹞）)]\s?第?[\s\dA-Za-z（）()非\-]{1,24}号"
)
_CREDIT = re.compile(r"(?<![0-9A-Za-z])[0-9A-HJ-NPQRTUWXY]{18}(?![0-9A-Za-z])")
_STRONG = frozenset({"resident_id", "secret", "email", "manual"})
#: When two findings overlap the one further up wins.
_RANK = (
    "manual",
    "secret",
    "resident_id",
    "mobile",
    "landline",
    "bank_account",
    "passport",
    "email",
    "contact",
    "plate",
    "address",
    "name",
    "health",
)

Finder = Callable[[str], Iterator[tuple[str, int, int]]]
_FINDERS: tuple[Finder, ...] = (ids, phones, accounts, papers, wires, _healths)


def _protected(text: str, folded: str, keep: Sequence[str]) -> list[tuple[int, int]]:
    """Stretches that only a check-digit number or a known secret may break: titles of laws, document
    numbers, credit codes of organisations, and the words the caller keeps (the agency, its officers)."""
    spans = [m.span() for pattern in (_LAW, _DOC_NUMBER) for m in pattern.finditer(text)]
    codes = [
        m.span()
        for m in _CREDIT.finditer(folded)
        if credit_ok(m[0]) and not (m[0][:17].isdigit() and _born_in(m[0]))
    ]
    # One digit before a blank and the eighteen after it may be a card: one in thirty of those reads as a code.
    wider = list(cards(folded)) if codes else []
    spans += [(a, b) for a, b in codes if not any(x <= a and b <= y and y - x > b - a for x, y in wider)]
    for word in keep:
        at = text.find(word) if word else -1
        while at >= 0:
            spans.append((at, at + len(word)))
            at = text.find(word, at + len(word))
    return spans


def _born_in(code: str) -> bool:
    return code[:2] in PROVINCES and born(code[6:14]) and id_ok(code)


def find(
    text: str,
    *,
    names: Iterable[str] = (),
    own: Iterable[str] = (),
    keep: Iterable[str] = (),
    secrets: Iterable[str] = (),
    guess: bool = True,
) -> list[Span]:
    """What must be hidden in ``text``, by position.

    ``names``: natural persons known to be in the file; ``own``: names of the punished person;
    ``keep``: words that are public (agency, organisation, officers); ``secrets``: strings that must
    not survive in any spelling. ``guess`` also looks for names behind cue words.
    """
    known = {
        "names": tuple(names),
        "own": tuple(own),
        "keep": tuple(keep),
        "secrets": tuple(secrets),
        "guess": guess,
    }
    spans = _find(text, **known)  # type: ignore[arg-type]
    # Hiding one thing can lay another open (two numbers written as one): look again until nothing is found.
    for _ in range(8):
        more = _find(apply(text, spans), **known)  # type: ignore[arg-type]
        if not more:
            break
        spans = _merged(text, spans, more)
    return spans


def _merged(text: str, spans: list[Span], more: list[Span]) -> list[Span]:
    """``spans`` of ``text`` and what was found in the masked text after them, in offsets of ``text``."""
    shifts: list[tuple[int, int, Span]] = []
    moved = 0
    for span in spans:
        start = span.start + moved
        shifts.append((start, start + len(span.replacement), span))
        moved += len(span.replacement) - (span.end - span.start)

    def back(offset: int, *, end: bool) -> int:
        delta = 0
        for a, b, span in shifts:
            if offset >= b and (offset > a or not end):
                delta = span.end - b
            elif offset > a:
                return span.end if end else span.start
        return offset + delta

    added = [(back(m.start, end=False), back(m.end, end=True), m) for m in more]
    kept = [s for s in spans if not any(a < s.end and s.start < b for a, b, _ in added)]
    kept += [Span(m.kind, a, b, *_treat(m.kind, text[a:b])) for a, b, m in added if a < b]
    apart: list[Span] = []
    for span in sorted(kept, key=lambda s: (s.start, -s.end)):
        if not apart or apart[-1].end <= span.start:
            apart.append(span)
        elif span.end > apart[-1].end:
            last = apart.pop()
            apart.append(
                Span(last.kind, last.start, span.end, *_treat(last.kind, text[last.start : span.end]))
            )
    return apart


def _find(
    text: str,
    *,
    names: tuple[str, ...],
    own: tuple[str, ...],
    keep: tuple[str, ...],
    secrets: tuple[str, ...],
    guess: bool,
) -> list[Span]:
    folded = fold(text)
    kept = [k for k in keep if k]
    candidates: list[tuple[str, int, int]] = []
    for finder in _FINDERS:
        candidates.extend(finder(folded))
    candidates.extend(_addresses(text, folded))
    people = {n for n in (*names, *own) if n}
    if guess:
        people |= guess_names(text)
    people -= set(kept)
    candidates.extend(_named(folded, people))
    for secret in secrets:
        if len(re.sub(r"\s", "", secret)) >= 2:
            candidates.extend(("secret", m.start(), m.end()) for m in _spelled(secret).finditer(folded))
    protected = _Stretches()
    for start, end in sorted(_protected(text, folded, kept)):
        protected.cover(start, end)
    chosen: list[tuple[str, int, int]] = []
    taken = _Stretches()
    for kind, start, end in sorted(candidates, key=lambda c: (_RANK.index(c[0]), c[1], c[1] - c[2])):
        if kind not in _STRONG and protected.within(start, end):
            continue
        # What a stronger finding leaves uncovered of this one is hidden too.
        for a, b in taken.rest(start, end):
            if (a, b) == (start, end) or any(c.isalnum() for c in text[a:b]):
                chosen.append((kind, a, b))
                taken.cover(a, b)
    return [Span(k, a, b, *_treat(k, text[a:b])) for k, a, b in sorted(chosen, key=lambda c: c[1])]


class _Stretches:
    """Stretches of a text in order, none over another: looked up and added to without going through all."""

    def __init__(self) -> None:
        self.starts: list[int] = []
        self.ends: list[int] = []

    def within(self, start: int, end: int) -> list[tuple[int, int]]:
        """Those that overlap ``[start, end)``."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        return list(zip(self.starts[first:last], self.ends[first:last], strict=True))

    def rest(self, start: int, end: int) -> list[tuple[int, int]]:
        """What of ``[start, end)`` none of them covers."""
        parts = []
        for a, b in self.within(start, end):
            if start < a:
                parts.append((start, a))
            start = max(start, b)
        return [*parts, (start, end)] if start < end else parts

    def cover(self, start: int, end: int) -> None:
        """Add ``[start, end)``, joined with what it overlaps."""
        first, last = bisect_right(self.ends, start), bisect_left(self.starts, end)
        if first < last:
            start, end = min(start, self.starts[first]), max(end, self.ends[last - 1])
        self.starts[first:last], self.ends[first:last] = [start], [end]


def _treat(kind: str, original: str) -> tuple[str, str]:
    """How a stretch is shown: action and what stands in its place. Never more than was there."""
    if kind == "name":
        return "shorten", short_name(original)
    if kind == "address":
        return "shorten", MASK * 3
    return "mask", MASK * {"resident_id": 18, "mobile": 11, "plate": 7, "landline": 8, "passport": 9}.get(
        kind, 6
    )


def apply(text: str, spans: Iterable[Span]) -> str:
    """``text`` with ``spans`` hidden."""
    out, at = [], 0
    for span in sorted(spans, key=lambda s: s.start):
        if span.start < at:
            continue
        out += [text[at : span.start], span.replacement]
        at = span.end
    return "".join([*out, text[at:]])


def redact(text: str, **known: Iterable[str]) -> Redacted:
    """``find`` and ``apply`` together. Redacting the answer again changes nothing."""
    spans = find(text, **known)  # type: ignore[arg-type]
    return Redacted(apply(text, spans), tuple(spans))

"""Numbers and addresses of a fixed form in a text, in whatever spelling. Pure; used by ``redact``.

Every finder takes the folded text and yields ``(kind, start, end)``; every start position is tried, so
that a rejected reading never hides a good one that begins later.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import cache

_ZERO_WIDTH = frozenset("\u00ad\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u180e")
_HAN_DIGITS = {c: str(i) for i, c in enumerate("〇一二三四五六七八九")} | {
    "零": "0",
    "○": "0",
    "Ｏ": "0",
    "幺": "1",
}
_HAN_RUN = re.compile(r"[〇零○一二三四五六七八九幺]{7,}")


@cache
def _fold_char(char: str) -> str:
    """One character for one: digits of any script and full-width letters and signs become ASCII."""
    if char < "\u0080":
        return char
    if char in _ZERO_WIDTH:
        return "\u200b"
    digit = unicodedata.decimal(char, None)
    if digit is not None:
        return str(digit)
    if char in "－‐‑‒–—―−﹣":
        return "-"
    plain = unicodedata.normalize("NFKC", char)
    return plain if len(plain) == 1 and plain < "\u0080" else char


def fold(text: str) -> str:
    """``text`` with every digit, letter and sign in its plain form; same length, same offsets."""
    folded = "".join(map(_fold_char, text)) if not text.isascii() else text
    if not _HAN_RUN.search(folded):
        return folded
    return _HAN_RUN.sub(lambda m: "".join(_HAN_DIGITS[c] for c in m[0]), folded)


# --- numbers ------------------------------------------------------------------------------------

# Between two digits of one number: blanks, line breaks, hyphens, dots, invisible characters.
_SEP = r"[\s\u200b\-.·•,_/|、]{0,12}"
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
PROVINCES = frozenset(
    [
        "11",
        "12",
        "13",
        "14",
        "15",
        "21",
        "22",
        "23",
        "31",
        "32",
        "33",
        "34",
        "35",
        "36",
        "37",
        "41",
        "42",
        "43",
        "44",
        "45",
        "46",
        "50",
        "51",
        "52",
        "53",
        "54",
        "61",
        "62",
        "63",
        "64",
        "65",
        "71",
        "81",
        "82",
        "83",
    ]
)
_ID18 = re.compile(rf"(?<!\d)(?=(\d(?:{_SEP}\d){{16}}{_SEP}(?:[Xx]|\d(?!\d))))")
_ID15 = re.compile(rf"(?<!\d)(?=(\d(?:{_SEP}\d){{14}})(?!\d))")
# Cut by somebody before us, not enough: digits and stars together, as long as a number is.
_ID_CUT = re.compile(r"(?<![\d*Xx])(?=([\d*＊×]{14,17}[\dXx*＊×])(?![\d*]))")
_MOBILE = re.compile(rf"(?<!\d)(?=((?:\+?(?:00)?86{_SEP})?1{_SEP}[3-9](?:{_SEP}\d){{9}})(?!\d))")
_MOBILE_CUT = re.compile(r"(?<![\d*])(1[3-9]\d[\d*]{8})(?![\d*])")
_LANDLINE = re.compile(
    r"(?<![\d.\-])(?=([(（]?0(?:10|2\d|[3-9]\d{2})[)）]?[\s\u200b\-—]{0,12}[1-9](?:[\s\u200b\-]{0,12}\d){6,7}(?:(?:\s?(?:转|-|ext\.?)\s?)\d{1,5})?)(?!\d))"
)
_SHORT_LINE = re.compile(
    r"(?:电\s*话|座机|固话|传真|联系方式|联系电话|tel|phone|fax)[^\d\n]{0,8}([2-9]\d{2,3}[\s\-]?\d{4})(?!\d)",
    re.IGNORECASE,
)
_CARD = re.compile(r"(?<!\d)(?=(\d(?:[\s\u200b\-]{0,12}\d){15,18})(?!\d))")
_ACCOUNT = re.compile(
    r"(?:账\s*号|帐\s*号|账户号码?|帐户号码?|账户|帐户|卡\s*号|银行卡|储蓄卡|对公账户|收款账户|开户账号|支付宝)[^\d\n]{0,16}"
    r"((?:\d[\s\u200b\-]{0,12}){7,29}\d)(?!\d)"
)
# What stands before «@» has at most 64 characters (RFC 5321); without an end, a long run is read again from
# each of its letters.
_EMAIL = re.compile(
    r"[A-Za-z0-9](?:[\w.+\-]{0,64}[A-Za-z0-9_])?\s?@\s?[A-Za-z0-9\-]+(?:\s?\.\s?[A-Za-z0-9\-]+){1,4}",
    re.ASCII,
)
_SOCIAL = re.compile(
    r"(?:微信号?|微信账号|QQ号?码?|qq号?码?|抖音号|快手号)\s*[:：为是]?\s*([A-Za-z0-9_\-]{5,20})", re.ASCII
)
_PLATE = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼使领]\s?[A-HJ-NP-Z][\s·•.\-\u200b]{0,2}"
    r"((?:[A-HJ-NP-Z0-9][\s\u200b]?){4,5}[A-HJ-NP-Z0-9挂学警港澳])(?![A-Za-z0-9])",
    re.IGNORECASE,
)
_PASSPORT = re.compile(
    r"(?<![A-Za-z0-9])((?:E[A-HJ-NP-Z]\d{7})|(?:[EGDSPHMKegdsphmk]\s?\d{8}))(?![A-Za-z0-9])"
)
_PASSPORT_CUE = re.compile(
    r"(?:护照|通行证|台胞证|回乡证|军官证|士兵证|居留证|居留身份证|居住证)(?:号码?|编号)?[^A-Za-z0-9\n]{0,8}([A-Za-z]{0,3}(?:[\s\-]?\d){6,18}[A-Za-z]?)"
)
_OWN_LINE = re.compile(
    r"(?:监督|举报|投诉|咨询|服务|值班|办公|机关|单位|热线|本局|我局|窗口|受理)[^，。；;\n]{0,8}(?:电话|热线|专线|传真)?[^\d\n]{0,6}$"
)
_ID_CUE = re.compile(r"身份证|公民身份|身份号码|证件号|证件号码|公民号码|ID", re.IGNORECASE)
_NOT_ID_CUE = re.compile(r"(?:注册号|营业执照|登记号|流水号|订单号|文号|编号|许可证号|条码|单号)[^\d]{0,6}$")


def _digits(text: str) -> str:
    return "".join(c for c in text if c.isdigit() or c in "Xx").upper()


def born(text: str, two: bool = False) -> bool:
    """Whether the digits are a possible date of birth (``YYYYMMDD`` or ``YYMMDD``)."""
    if two:
        text = "19" + text
    year, month, day = int(text[:4]), int(text[4:6]), int(text[6:8])
    return (
        1900 <= year <= 2099
        and 1 <= month <= 12
        and 1 <= day <= (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)[month - 1]
    )


def id_ok(number: str) -> bool:
    return "10X98765432"[sum(w * int(c) for w, c in zip(_WEIGHTS, number, strict=False)) % 11] == number[17]


_USCC = "0123456789ABCDEFGHJKLMNPQRTUWXY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)


def credit_ok(code: str) -> bool:
    if len(code) != 18 or any(c not in _USCC for c in code):
        return False
    total = sum(w * _USCC.index(c) for w, c in zip(_USCC_WEIGHTS, code, strict=False))
    return _USCC[(31 - total) % 31] == code[17]


def luhn(number: str) -> bool:
    total = 0
    for i, c in enumerate(reversed(number)):
        d = int(c)
        if i % 2:
            d = d * 2 - 9 * (d > 4)
        total += d
    return total % 10 == 0


def _solid(match: str) -> bool:
    return not re.search(r"[^\dXx]", match)


def ids(folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _ID18.finditer(folded):
        raw, number = match[1], _digits(match[1])
        if number[:2] not in PROVINCES or "X" in number[:17] or not born(number[6:14]):
            continue
        start, end = match.span(1)
        before = folded[max(0, start - 24) : start]
        checked = id_ok(number)
        if not checked and credit_ok(number):
            continue
        # A typing error leaves the person known all the same; separated digits need the check digit or a cue.
        if checked or _ID_CUE.search(before) or (_solid(raw) and not _NOT_ID_CUE.search(before)):
            yield "resident_id", start, end
    for match in _ID15.finditer(folded):
        raw, number = match[1], _digits(match[1])
        if number[:2] not in PROVINCES or not born(number[6:12], two=True):
            continue
        start, end = match.span(1)
        before = folded[max(0, start - 24) : start]
        if _NOT_ID_CUE.search(before) and not _ID_CUE.search(before):
            continue
        if _ID_CUE.search(before) or _solid(raw) or re.fullmatch(r"\d{6}\D{1,3}\d{6}\D{1,3}\d{3}", raw):
            yield "resident_id", start, end
    for match in _ID_CUT.finditer(folded):
        raw = match[1]
        stars = sum(c in "*＊×" for c in raw)
        cued = _ID_CUE.search(folded[max(0, match.start(1) - 24) : match.start(1)])
        if 2 <= stars < len(raw) and (cued or (raw[:2] in PROVINCES and stars >= 4 and len(raw) in {15, 18})):
            yield "resident_id", match.start(1), match.end(1)


def phones(folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _MOBILE.finditer(folded):
        start, end = match.span(1)
        if _phone_like(folded, match[1], start, end):
            yield "mobile", start, end
    for match in _MOBILE_CUT.finditer(folded):
        if 2 <= match[1].count("*") < 8:
            yield "mobile", match.start(1), match.end(1)
    for match in _LANDLINE.finditer(folded):
        start, end = match.span(1)
        if not _OWN_LINE.search(folded[max(0, start - 24) : start]):
            yield "landline", start, end
    for match in _SHORT_LINE.finditer(folded):
        if not _OWN_LINE.search(folded[max(0, match.start() - 8) : match.start(1)]):
            yield "landline", match.start(1), match.end(1)


_GROUPS = re.compile(r"\d+")
_PHONE_CUE = re.compile(r"电\s*话|手\s*机|联系|tel|phone|mobile|号码|微信", re.IGNORECASE)


def _phone_like(folded: str, raw: str, start: int, end: int) -> bool:
    """Separated digits are a phone when grouped as people group phones, or where a cue stands before;
    ``1.5 300 2000 1000`` in a table of amounts is none."""
    groups = [len(g) for g in _GROUPS.findall(raw.removeprefix("+"))]
    if len(groups) == 1:
        return True
    if groups[0] in {2, 4} and raw.lstrip("+").startswith(("86", "0086")):
        groups = groups[1:]
    inner = re.sub(r"\d", "", raw)
    if len(groups) == 1 or groups in (
        [3, 4, 4],
        [3, 8],
        [7, 4],
        [3, 3, 5],
        [4, 4, 3],
        [3, 5, 3],
        [4, 3, 4],
        [5, 6],
        [6, 5],
    ):
        return not set(inner) & set(".,、/|") or groups == [3, 4, 4]
    before = folded[max(0, start - 16) : start]
    if _PHONE_CUE.search(before):
        return True
    if set(inner) <= set("\u200b"):
        return True
    # Every digit apart, or one number broken by a line end: nothing else is written so.
    if len(groups) >= 10 and not set(inner) & set(",、/|"):
        return True
    if len(groups) == 2 and "\n" in inner:
        return True
    # What is left: blanks and hyphens anywhere. Not when the digits run on, nor when they begin as a date does.
    if set(inner) - set(" \u3000\t\u200b\r\n\xa0-") or re.match(r"1[3-9]\d\d\s?-\s?\d{1,2}\s?-", raw):
        return False
    return not re.match(r"[\s\-]?\d", folded[end : end + 2]) and not re.search(
        r"\d[\s\-]$", folded[max(0, start - 2) : start]
    )


def cards(folded: str) -> Iterator[tuple[int, int]]:
    """Stretches that are a bank card's number by its length, first and check digits."""
    for match in _CARD.finditer(folded):
        number = _digits(match[1])
        if (
            len(number) in range(16, 20)
            and number.startswith(("62", "60", "4", "5", "35", "36", "37", "9"))
            and luhn(number)
        ):
            yield match.span(1)


def accounts(folded: str) -> Iterator[tuple[str, int, int]]:
    for start, end in cards(folded):
        yield "bank_account", start, end
    for match in _ACCOUNT.finditer(folded):
        yield "bank_account", match.start(1), match.end(1)


def papers(folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _PASSPORT.finditer(folded):
        digits = _digits(match[1])[-8:]
        cued = re.search(r"护照|通行证|证件", folded[max(0, match.start() - 20) : match.start()])
        if cued or (match[1][0] in "EGeg" and not (len(digits) == 8 and born(digits))):
            yield "passport", match.start(1), match.end(1)
    for match in _PASSPORT_CUE.finditer(folded):
        yield "passport", match.start(1), match.end(1)


def wires(folded: str) -> Iterator[tuple[str, int, int]]:
    for match in _EMAIL.finditer(folded):
        yield "email", match.start(), match.end()
    for match in _SOCIAL.finditer(folded):
        yield "contact", match.start(1), match.end(1)
    for match in _PLATE.finditer(folded):
        if sum(c.isdigit() for c in match[1]) >= 2:
            yield "plate", match.start(), match.end()

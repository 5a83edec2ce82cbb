"""Check digits of the identifiers that officials type: resident ID, credit code, phone."""

from __future__ import annotations

import re
from datetime import date

_RIC_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
_RIC_CHECK = "10X98765432"
_USCC_ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"
# Registering departments a party to a case can carry: 1–9 as in GB 32100-2015, N 农业农村, Y 其他.
_USCC_DEPARTMENTS = "123456789NY"
_USCC_WEIGHTS = (1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28)
_FULL_WIDTH = {ord(f): h for f, h in zip("０１２３４５６７８９Ｘｘ", "0123456789XX", strict=True)}


def half_width(text: str) -> str:
    """Full-width digits and letters as half-width, white space removed, upper case."""
    return re.sub(r"\s+", "", text.translate(_FULL_WIDTH)).upper()


def resident_id(text: str) -> str:
    """The 18-character resident ID number, normalised (GB 11643); ``ValueError`` says what is wrong.

    The region part is not checked against today's table: old codes stay valid on old cards.
    """
    number = half_width(text)
    if not re.fullmatch(r"\d{17}[\dX]", number):
        raise ValueError("居民身份证号码应为 18 位数字，末位可为 X")
    try:
        born = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise ValueError("居民身份证号码中的出生日期不存在，请核对") from None
    if born.year < 1850:
        raise ValueError("居民身份证号码中的出生日期不合理，请核对")
    total = sum(w * int(c) for w, c in zip(_RIC_WEIGHTS, number[:17], strict=True))
    if _RIC_CHECK[total % 11] != number[17]:
        raise ValueError("居民身份证号码校验位不符，请逐位核对")
    return number


def birth_date(resident: str) -> date:
    """Date of birth carried by a valid resident ID number."""
    number = resident_id(resident)
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def age_on(born: date, day: date) -> int:
    """Full years of age on ``day`` (周岁: complete on the day after the birthday's eve, i.e. the birthday)."""
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def credit_code(text: str) -> str:
    """The 18-character unified social credit code, normalised (GB 32100); ``ValueError`` says what is wrong."""
    code = half_width(text)
    if len(code) != 18:
        raise ValueError("统一社会信用代码应为 18 位")
    if any(c not in _USCC_ALPHABET for c in code):
        raise ValueError("统一社会信用代码不含 I、O、S、V、Z，请核对是否误写")
    if code[0] not in _USCC_DEPARTMENTS or not code[2:8].isdigit():
        raise ValueError("统一社会信用代码首位登记管理部门代码或第 3—8 位行政区划代码有误，请核对")
    total = sum(w * _USCC_ALPHABET.index(c) for w, c in zip(_USCC_WEIGHTS, code[:17], strict=True))
    if _USCC_ALPHABET[(31 - total) % 31] != code[17]:
        raise ValueError("统一社会信用代码校验位不符，请逐位核对")
    return code


def mobile(text: str) -> str:
    """A mainland mobile number, normalised."""
    number = half_width(text).removeprefix("+86").replace("-", "")
    if not re.fullmatch(r"1[3-9]\d{9}", number):
        raise ValueError("手机号码应为 11 位，以 1 开头")
    return number

"""Amounts: integer 分 inside, yuan to people, 万元 with six decimals to the credit platforms."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal, InvalidOperation

_DIGITS = "零壹贰叁肆伍陆柒捌玖"
_SMALL = ("", "拾", "佰", "仟")
_LARGE = ("", "万", "亿", "万亿")
MAX_FEN = 10**15


def fen(yuan: str | int | Decimal) -> int:
    """分 of an amount in yuan such as ``"5,000.00"``. More than two decimals or a sign is refused."""
    text = str(yuan).strip().replace(",", "").replace("，", "").removesuffix("元").strip()
    try:
        value = Decimal(text)
    except InvalidOperation:
        raise ValueError("金额应为数字，如 5000 或 5000.50") from None
    if not value.is_finite() or value < 0:
        raise ValueError("金额不能为负数")
    if value != value.quantize(Decimal("0.01")):
        raise ValueError("金额最多两位小数")
    result = int(value * 100)
    if result > MAX_FEN:
        raise ValueError("金额超出可登记的上限")
    return result


def yuan(amount: int) -> str:
    """``500000`` → ``"5,000.00"``."""
    sign, amount = ("-", -amount) if amount < 0 else ("", amount)
    return f"{sign}{amount // 100:,}.{amount % 100:02d}"


def wan(amount: int) -> str:
    """万元 with six decimals, as the double-publicity files want it: ``200000`` 分 → ``"0.200000"``."""
    return str((Decimal(amount) / Decimal(1_000_000)).quantize(Decimal("0.000001"), ROUND_HALF_UP))


def _group(value: int) -> str:
    """Four digits in capitals, without leading zero sign."""
    out, zero = "", False
    for place in (3, 2, 1, 0):
        digit = value // 10**place % 10
        if digit == 0:
            zero = bool(out)
            continue
        out += ("零" if zero else "") + _DIGITS[digit] + _SMALL[place]
        zero = False
    return out


def capitals(amount: int) -> str:
    """Chinese capital amount for papers: ``1234500`` 分 → ``"壹万贰仟叁佰肆拾伍元整"``."""
    if amount < 0:
        raise ValueError("金额不能为负数")
    whole, jiao, rest = amount // 100, amount // 10 % 10, amount % 10
    text, zero, place, groups = "", False, 0, []
    value = whole
    while value:
        groups.append(value % 10000)
        value //= 10000
    for place in reversed(range(len(groups))):
        group = groups[place]
        if group == 0:
            zero = bool(text)
            continue
        if text and (zero or group < 1000):
            text += "零"
        text += _group(group) + _LARGE[place]
        zero = False
    text = (text or ("零" if not (jiao or rest) else "")) + ("元" if text or not (jiao or rest) else "")
    if not jiao and not rest:
        return text + "整"
    if jiao:
        text += _DIGITS[jiao] + "角"
    elif text:
        text += "零"
    return text + (_DIGITS[rest] + "分" if rest else "整")

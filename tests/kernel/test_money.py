"""Amounts: yuan in, 分 inside, capitals on paper, 万元 to the platforms."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import money

AMOUNTS = st.integers(min_value=0, max_value=money.MAX_FEN)


@given(AMOUNTS)
def test_what_is_shown_reads_back_as_the_same_amount(amount: int) -> None:
    assert money.fen(money.yuan(amount)) == amount


@given(AMOUNTS)
def test_wan_keeps_every_fen(amount: int) -> None:
    from decimal import Decimal

    assert Decimal(money.wan(amount)) * 1_000_000 == amount


@pytest.mark.parametrize("text", ["-1", "1.234", "abc", "", "NaN", "Infinity", "1e20"])
def test_what_cannot_be_an_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="金额"):
        money.fen(text)


@pytest.mark.parametrize(
    ("fen", "capitals"),
    [
        (0, "零元整"),
        (1, "壹分"),
        (10, "壹角整"),
        (11, "壹角壹分"),
        (100, "壹元整"),
        (101, "壹元零壹分"),
        (110, "壹元壹角整"),
        (1_000, "壹拾元整"),
        (20_000, "贰佰元整"),
        (500_000, "伍仟元整"),
        (1_000_500, "壹万零伍元整"),
        (1_234_500, "壹万贰仟叁佰肆拾伍元整"),
        (10_000_000, "壹拾万元整"),
        (10_010_000, "壹拾万零壹佰元整"),
        (100_000_000_00, "壹亿元整"),
        (100_010_001_00, "壹亿零壹万零壹元整"),
        (100_000_001_00, "壹亿零壹元整"),
    ],
)
def test_capitals_as_written_on_receipts(fen: int, capitals: str) -> None:
    assert money.capitals(fen) == capitals


_DIGIT = {c: i for i, c in enumerate("零壹贰叁肆伍陆柒捌玖")}
_UNIT = {"拾": 10, "佰": 100, "仟": 1000}


def read_capitals(text: str) -> int:
    """An independent reader of capital amounts (the other direction of the algorithm)."""
    total = section = digit = fen = 0
    for char in text:
        if char in _DIGIT:
            digit = _DIGIT[char]
        elif char in _UNIT:
            section += digit * _UNIT[char]
            digit = 0
        elif char == "万":
            total = total + (section + digit) * 10_000 if total % 100_000_000 == 0 else total
            section = digit = 0
        elif char == "亿":
            total = (total + section + digit) * 100_000_000
            section = digit = 0
        elif char == "元":
            total += section + digit
            section = digit = 0
        elif char == "角":
            fen += digit * 10
            digit = 0
        elif char == "分":
            fen += digit
            digit = 0
    return total * 100 + fen


@given(st.integers(min_value=0, max_value=10**13))
def test_capitals_read_back_as_the_same_amount(amount: int) -> None:
    assert read_capitals(money.capitals(amount)) == amount


@given(st.integers(min_value=0, max_value=money.MAX_FEN))
def test_capitals_never_double_or_end_on_zero(amount: int) -> None:
    text = money.capitals(amount)
    assert "零零" not in text
    assert not text.startswith("零") or text == "零元整"
    assert "零元" not in text or text == "零元整"

"""The quick way and the plain way give the same bytes."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum, IntEnum, StrEnum
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import canonical
from mingzhi.ledger.payloads import payload_bytes

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
zones = st.integers(-1_439, 1_439).map(lambda minutes: timezone(timedelta(minutes=minutes)))


class Word(StrEnum):
    ONE = "一"


class Number(IntEnum):
    TWO = 2


class Thing(Enum):
    THREE = "三"


flat = (
    st.none()
    | st.booleans()
    | st.integers()
    | texts
    | st.dates()
    | st.datetimes(timezones=zones, min_value=datetime(2, 1, 1), max_value=datetime(9998, 1, 1))
    | st.binary(max_size=4)
    | st.sampled_from([Word.ONE, Number.TWO, Thing.THREE])
)
anything = st.recursive(
    flat, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@given(st.dictionaries(texts, anything, max_size=5))
def test_the_same_bytes(payload: dict[str, Any]) -> None:
    assert payload_bytes(payload) == canonical.encode(payload)


@given(st.lists(flat, min_size=3, max_size=3))
def test_the_same_bytes_where_only_values_differ(values: list[Any]) -> None:
    payload = dict(zip(("b%", 'a"%s', "日期"), values, strict=True))
    assert payload_bytes(payload) == canonical.encode(payload)


@pytest.mark.parametrize("keys", [(1, "1a"), (None, "a"), (True, "b"), (Word.ONE, "b")])
def test_keys_that_are_no_texts_are_spelled_alike(keys: tuple[Any, ...]) -> None:
    payload = dict.fromkeys(keys, "x")
    assert payload_bytes(payload) == canonical.encode(payload)


@pytest.mark.parametrize("value", [1.5, float("nan"), object(), datetime(2026, 9, 14)])
def test_what_has_no_form_is_refused(value: Any) -> None:
    for payload in ({"a": value}, {"a": value, "b": 1}, {"a": [value], "b": date(2026, 9, 14)}):
        with pytest.raises(TypeError):
            payload_bytes(payload)


@pytest.mark.parametrize("year", [1, 999, 1000, 9998, 9999])
def test_moments_at_the_edges_of_four_digits(year: int) -> None:
    payload = {"a": datetime(year, 6, 1, tzinfo=UTC), "b": 1}
    assert payload_bytes(payload) == canonical.encode(payload)

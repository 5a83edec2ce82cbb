"""The same facts give the same bytes, always."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta, timezone
from enum import Enum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import canonical

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(), inner, max_size=4),
    max_leaves=20,
)


class Colour(Enum):
    RED = "red"


@dataclass(frozen=True)
class Point:
    x: int
    on: date


@given(st.dictionaries(st.text(), JSON, max_size=5))
def test_order_of_keys_does_not_matter(facts: dict[str, object]) -> None:
    backwards = dict(reversed(list(facts.items())))
    assert canonical.encode(facts) == canonical.encode(backwards)


@given(JSON)
def test_encoding_what_was_encoded_changes_nothing(value: object) -> None:
    import json

    assert canonical.encode(json.loads(canonical.encode(value))) == canonical.encode(value)


def test_the_spelling_of_each_type() -> None:
    east = datetime(2026, 9, 14, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    assert canonical.encode({"b": east, "a": "中"}) == '{"a":"中","b":"2026-09-14T01:30:00.000000Z"}'.encode()
    assert canonical.plain(date(2026, 9, 14)) == "2026-09-14"
    assert canonical.plain(b"\x00\xff") == "00ff"
    assert canonical.plain(Colour.RED) == "red"
    assert canonical.plain({3, 1, 2}) == [1, 2, 3]
    assert canonical.plain(Point(1, date(2026, 1, 2))) == {"x": 1, "on": "2026-01-02"}
    assert canonical.encode(True) == b"true"


def test_the_same_moment_in_two_zones_is_one() -> None:
    one = datetime(2026, 9, 14, 9, 30, tzinfo=timezone(timedelta(hours=8)))
    assert canonical.digest(one) == canonical.digest(one.astimezone(UTC))


@pytest.mark.parametrize("value", [1.5, datetime(2026, 1, 1), object(), float("nan"), {"a": 0.1}])
def test_what_has_no_single_spelling_is_refused(value: object) -> None:
    with pytest.raises(TypeError, match="canonical"):
        canonical.encode(value)

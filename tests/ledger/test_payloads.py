"""The quick way and the plain way give the same bytes."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel import canonical
from mingzhi.ledger.payloads import payload_bytes

texts = st.text(alphabet=st.characters(exclude_categories=["Cs"]), max_size=12)
flat = st.none() | st.booleans() | st.integers() | texts
anything = st.recursive(
    flat, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3)
)


@given(st.dictionaries(texts, anything, max_size=5))
def test_the_same_bytes(payload: dict[str, Any]) -> None:
    assert payload_bytes(payload) == canonical.encode(payload)


@pytest.mark.parametrize("value", [1.5, float("nan"), object()])
def test_what_has_no_form_is_refused(value: Any) -> None:
    with pytest.raises(TypeError):
        payload_bytes({"a": value})

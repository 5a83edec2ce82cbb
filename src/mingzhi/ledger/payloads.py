"""Canonical bytes of a payload, quickly: the same bytes as ``kernel.canonical.encode``, always.

fsck encodes every live row, and rows of one table have the same keys. What depends on the keys alone
(their order, their escapes) is worked out once for each set of keys; left for each row are the values.
"""

from __future__ import annotations

import json.encoder
from collections.abc import Callable
from datetime import UTC, date, datetime
from operator import itemgetter
from typing import Any

from mingzhi.kernel import canonical

_text: Callable[[str], str] = json.encoder.encode_basestring
_forms: dict[tuple[str, ...], tuple[str, Callable[[Any], tuple[Any, ...]]]] = {}
_FORMS = 4_096  # sets of keys that are remembered: a table has one, a careless room may have many


def _moment(value: datetime) -> str:
    if value.tzinfo is None or not 1000 <= value.year < 9999:  # four digits whatever the zone
        return _other(value)
    return f'"{value.astimezone(UTC).isoformat(timespec="microseconds")[:-6]}Z"'


def _other(value: Any) -> str:
    return canonical.encode(value).decode()


_SPELLED: dict[type, Callable[[Any], str]] = {
    str: _text,
    int: int.__repr__,
    bool: {True: "true", False: "false"}.__getitem__,
    type(None): {None: "null"}.__getitem__,
    list: _other,
    dict: _other,
    date: lambda value: f'"{value.isoformat()}"',
    datetime: _moment,
}


def payload_bytes(payload: Any) -> bytes:
    """Canonical bytes of ``payload``; TypeError for what has no canonical form."""
    if type(payload) is not dict:
        return canonical.encode(payload)
    form = _forms.get(keys := tuple(payload)) or _form(keys)
    if form is None:
        return canonical.encode(payload)
    template, values = form
    spelled = _SPELLED
    try:
        return (template % tuple([spelled[type(value)](value) for value in values(payload)])).encode()
    except KeyError:  # a value of a rarer type
        return canonical.encode(payload)


def _form(keys: tuple[Any, ...]) -> tuple[str, Callable[[Any], tuple[Any, ...]]] | None:
    """A template for the values in the keys' order, and what puts them in it. None: no short way."""
    if len(keys) < 2 or any(type(key) is not str for key in keys):
        return None
    ordered = sorted(keys)
    template = ",".join(f"{_text(key)}:".replace("%", "%%") + "%s" for key in ordered)
    form = "{" + template + "}", itemgetter(*ordered)
    if len(_forms) < _FORMS:
        _forms[keys] = form
    return form

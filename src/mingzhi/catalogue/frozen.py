"""Plain data that nobody can change by accident, and that still serialises."""

from __future__ import annotations

from typing import Any, NoReturn


class FrozenDict(dict[str, Any]):
    """A dict that refuses every change; JSON and canonical encoders take it as a dict."""

    def _refuse(self, *_args: Any, **_kw: Any) -> NoReturn:
        raise TypeError("catalogue: rules are read-only")

    __setitem__ = __delitem__ = _refuse
    update = setdefault = pop = popitem = clear = _refuse
    __ior__ = _refuse


def freeze(value: Any) -> Any:
    """``value`` with lists as tuples and dicts as ``FrozenDict``, all the way down."""
    if isinstance(value, dict):
        return FrozenDict({k: freeze(v) for k, v in value.items()})
    if isinstance(value, list | tuple):
        return tuple(freeze(v) for v in value)
    return value

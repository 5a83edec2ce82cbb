"""Canonical bytes of a payload, quickly: the same bytes as ``kernel.canonical.encode``, always.

fsck encodes every live row. Most payloads are one level of texts, whole numbers and truth values;
those need no conversion and go straight to the C encoder, made once. All others take the usual way.
"""

from __future__ import annotations

import json.encoder
from collections.abc import Callable
from typing import Any

from mingzhi.kernel import canonical

_FLAT = {str, int, bool, type(None)}
_make: Callable[..., Any] | None = getattr(json.encoder, "c_make_encoder", None)


def _refuse(value: Any) -> Any:
    raise TypeError(f"canonical: {type(value).__name__}")


# Arguments: no cycle markers, no default, text escaper, no indent, separators, sorted, no skipping, no NaN.
_encode: Callable[[Any, int], tuple[str, ...]] | None = (
    _make(None, _refuse, json.encoder.encode_basestring, None, ":", ",", True, False, False)
    if _make
    else None
)


def payload_bytes(payload: Any) -> bytes:
    """Canonical bytes of ``payload``; TypeError for what has no canonical form."""
    if _encode is not None and type(payload) is dict:
        for name, value in payload.items():
            if type(value) not in _FLAT or type(name) is not str:
                break
        else:
            return "".join(_encode(payload, 0)).encode()
    return canonical.encode(payload)

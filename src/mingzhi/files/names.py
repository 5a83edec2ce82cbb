"""Display names that cannot deceive: a name is shown and offered for download, never used as a path."""

from __future__ import annotations

import re
import unicodedata

MAX_CHARACTERS = 120
UNNAMED = "未命名文件"

# Bidirectional controls and invisible characters let «fdp.exe» be shown as «exe.pdf».
_INVISIBLE = re.compile(
    "[\u061c\u00ad\u180e\u200b-\u200f\u2028-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff\ufff9-\ufffb]"
)
_FORBIDDEN = re.compile(r'[<>:"|?*]')
_DEVICES = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


def display_name(name: str) -> str:
    """``name`` as it may be shown and saved on any system: the last path component without control,
    invisible or bidirectional characters, at most 120 characters, its extension kept.

    Never empty; never starts with a dot; never a device name of Windows.
    """
    # Surrogates (undecodable bytes of a form) and unassigned controls go before anything else looks.
    safe = "".join(
        c
        for c in unicodedata.normalize("NFC", name[:20_000])
        if unicodedata.category(c) not in {"Cc", "Cs", "Co", "Cn"}
    )
    safe = _INVISIBLE.sub("", safe).replace("\\", "/").rstrip("/ .").rsplit("/", 1)[-1]
    safe = _FORBIDDEN.sub("_", safe)
    safe = re.sub(r"\s+", " ", safe).strip(" .")
    if not safe:
        return UNNAMED
    if _DEVICES.match(safe):
        safe = f"_{safe}"
    if len(safe) > MAX_CHARACTERS:
        stem, dot, extension = safe.rpartition(".")
        if dot and 0 < len(extension) <= 10:
            safe = f"{stem[: MAX_CHARACTERS - len(extension) - 2].rstrip(' .')}…{dot}{extension}"
        else:
            safe = f"{safe[: MAX_CHARACTERS - 1]}…"
    return safe

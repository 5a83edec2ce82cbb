"""Compile gettext catalogues without the gettext tools: ``.po`` → ``.mo`` in plain Python."""

from __future__ import annotations

import ast
import struct
from pathlib import Path


def parse(text: str) -> dict[str, str]:
    """The translated entries of a ``.po`` file: msgid (with context and plural forms joined) → msgstr."""
    entries: dict[str, str] = {}
    parts: dict[str, str] = {}
    fuzzy, field = False, ""

    def close() -> None:
        if "msgid" in parts and not fuzzy:
            key = parts["msgid"]
            if "msgctxt" in parts:
                key = parts["msgctxt"] + "\x04" + key
            if "msgid_plural" in parts:
                key += "\x00" + parts["msgid_plural"]
                value = "\x00".join(parts[f] for f in sorted(parts) if f.startswith("msgstr["))
            else:
                value = parts.get("msgstr", "")
            if value.strip("\x00"):
                entries[key] = value
        parts.clear()

    for line in [*text.splitlines(), ""]:
        if not line.strip():
            close()
            fuzzy = False
        elif line.startswith("#,"):
            fuzzy = "fuzzy" in line
        elif line.startswith("#"):
            continue
        elif line.startswith('"'):
            parts[field] += ast.literal_eval(line)
        else:
            field, _, value = line.partition(" ")
            parts[field] = ast.literal_eval(value)
    return entries


def compiled(entries: dict[str, str]) -> bytes:
    """The ``.mo`` bytes (GNU format, no hash table), identical for identical entries."""
    keys = sorted(entries)
    ids = [key.encode() for key in keys]
    texts = [entries[key].encode() for key in keys]
    first = 28 + 16 * len(keys)
    tables, position = [b"", b""], first
    for which, values in enumerate((ids, texts)):
        for value in values:
            tables[which] += struct.pack("<II", len(value), position)
            position += len(value) + 1
    head = struct.pack("<7I", 0x950412DE, 0, len(keys), 28, 28 + 8 * len(keys), 0, first)
    return head + tables[0] + tables[1] + b"".join(v + b"\0" for v in (*ids, *texts))


def compile_catalogues(folder: Path) -> None:
    """Write ``django.mo`` beside each ``django.po`` whose content changed."""
    for source in folder.glob("*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        made = compiled(parse(source.read_text("utf-8")))
        if not target.exists() or target.read_bytes() != made:
            target.write_bytes(made)

"""What an xlsx file would take to be read, told before anything reads it.

The reader makes every cell of the rectangle that a sheet spans, and finds sheets wherever the workbook's
relationships point: two words far apart, or a small file that unpacks to a large one, would take all memory
there is.
"""

from __future__ import annotations

import re
import zipfile
import zlib
from enum import StrEnum
from typing import BinaryIO

_TAG = re.compile(rb"""<(?:[\w.-]+:)?(row|c)((?:\s(?:"[^"]*"|'[^']*'|[^>"'])*)?)>""")
"""A row or a cell with its attributes; a quoted value may hold what would end the tag."""
_PLACE = re.compile(rb"""\sr\s*=\s*["']\s*([A-Za-z]{0,3})([0-9]{1,7})""")
_OTHERS = ("content.xml", "xl/workbook.bin")
"""What makes the reader take a file for another kind of workbook."""


class Unfit(StrEnum):
    BROKEN = "broken"
    """No workbook that can be read."""
    LARGE = "large"
    """Unpacks to more than it may."""
    FAR = "far"
    """Content far from the rest."""


def unfit(file: BinaryIO, *, unpacked: int, cells: int, looked: int | None = None) -> Unfit | None:
    """Why the xlsx file is not to be read; ``None`` when it may. ``unpacked`` bytes and ``cells`` of one sheet's
    rectangle are allowed; ``looked`` bytes of each part are looked through, all when not said."""
    try:
        with zipfile.ZipFile(file) as packed:
            parts = packed.infolist()
            names = {part.filename.lstrip("/").lower() for part in parts}
            if "xl/workbook.xml" not in names or names.intersection(_OTHERS):
                return Unfit.BROKEN
            if sum(part.file_size for part in parts) > unpacked:
                return Unfit.LARGE
            for part in parts:
                with packed.open(part) as content:
                    if _spanned(content.read(min(looked or unpacked, unpacked))) > cells:
                        return Unfit.FAR
    except (zipfile.BadZipFile, zlib.error, NotImplementedError, RuntimeError, EOFError, OSError):
        return Unfit.BROKEN
    finally:
        file.seek(0)
    return None


def _spanned(part: bytes) -> int:
    """Cells of the rectangle from A1 to the last row and column with content, as the reader counts them: what says
    no place follows what stands before it."""
    row = column = last = widest = 0
    for tag in _TAG.finditer(part):
        place = _PLACE.search(tag[2])
        if tag[1] == b"row":
            row, column = int(place[2]) if place else row + 1, 0
            continue
        if place and place[1]:
            row, column = int(place[2]), _number(place[1])
        else:
            column += 1
        if not tag[2].endswith(b"/"):
            last, widest = max(last, row), max(widest, column)
    return last * widest


def _number(letters: bytes) -> int:
    """A → 1, AA → 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number

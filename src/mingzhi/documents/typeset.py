"""From a document tree to PDF. The typesetter's source is ours; what people wrote is only data to it.

Nothing outside is reachable: the compiler's root is an empty folder and it loads no packages. The
same input gives the same bytes (fonts being the same), so a page can be made again and compared.
"""

from __future__ import annotations

import json
import tempfile
import threading
from collections.abc import Mapping
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any

import segno
import typst
from django.conf import settings

from mingzhi.documents import glass, vocabulary
from mingzhi.documents.errors import RenderFailed
from mingzhi.documents.markup import Parsed, tree

#: Rises when the layout changes, so that an old page can be told from a new one.
LAYOUT = "2"

_HERE = Path(__file__).parent
_SONG = ("Noto Serif SC", "Noto Serif CJK SC", "Source Han Serif SC", "SimSun", "Songti SC", "FandolSong")
_HEI = (
    "SimHei",
    "FZHei-B01",
    "Noto Sans SC",
    "Noto Sans CJK SC",
    "Source Han Sans SC",
    "FandolHei",
    "Heiti SC",
)
_FANG = ("FangSong_GB2312", "FangSong", "STFangsong", "FZFangSong-Z02", "FandolFang R")
_TITLE = ("FZXiaoBiaoSong-B05", "FZXiaoBiaoSong-B05S")
_local = threading.local()


@cache
def _fonts() -> typst.Fonts:
    folders: list[str] = [str(settings.FONTS_ROOT)] if Path(settings.FONTS_ROOT).is_dir() else []
    return typst.Fonts(include_system_fonts=True, include_embedded_fonts=True, font_paths=folders)


@cache
def _families() -> dict[str, list[str]]:
    """The fonts of the official layout that this machine has, each list ending in a complete one,
    because a party's name must print whatever its signs (FandolFang lacks 喆)."""
    have = set(_fonts().families())
    song = [f for f in _SONG if f in have]
    if not song:
        raise RenderFailed(
            "未找到中文字体，文书无法排版",
            code="documents.no_font",
            remedy=f"请把 Noto Serif SC 字体放入 {settings.FONTS_ROOT} 后重试",
        )
    hei = [f for f in _HEI if f in have]
    return {
        "song": song,
        "fang": [f for f in _FANG if f in have] + song,
        "hei": hei + song,
        "title": [f for f in _TITLE if f in have] + song,
    }


@cache
def _root() -> str:
    return tempfile.mkdtemp(prefix="mingzhi-typeset-")


@cache
def _source(name: str) -> bytes:
    return (_HERE / name).read_bytes()


def _compiler() -> typst.Compiler:
    """One compiler per thread: it keeps the fonts and the parsed source from paper to paper."""
    found: typst.Compiler | None = getattr(_local, "compiler", None)
    if found is None:
        found = _local.compiler = typst.Compiler(
            root=_root(), font_paths=_fonts(), package_path=_root(), package_cache_path=_root()
        )
    return found


@lru_cache(maxsize=256)
def seal_svg(name: str) -> str:
    """The body's round seal as outlines."""
    doc = json.dumps({"name": name, "font": _families()["title"]}, ensure_ascii=False)
    made = _compiler().compile(_source("seal.typ"), format="svg", sys_inputs={"doc": doc})
    found = made[0] if isinstance(made, list) else made
    if not found:
        raise RenderFailed
    return found.decode("utf-8")


def qr_svg(url: str) -> str:
    """The address as a QR code (level M, as outlines). The mask is fixed: trying all eight costs more than
    setting the page, and any reader takes any mask."""
    rows = list(
        segno.make(url, error="m", micro=False, boost_error=False, mask=4).matrix_iter(scale=1, border=1)
    )
    path = []
    for y, row in enumerate(rows):
        x = 0
        cells = list(row)
        while x < len(cells):
            run = 1
            if cells[x]:
                while x + run < len(cells) and cells[x + run]:
                    run += 1
                path.append(f"M{x} {y}h{run}v1h-{run}z")
            x += run
    size = len(rows)
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {size} {size}"><path d="{"".join(path)}" fill="#000"/></svg>'


def spelled(code: str) -> str:
    """A verification code in groups of four, as a person types it."""
    return "-".join(code[i : i + 4] for i in range(0, len(code), 4))


def verify_url(code: str) -> str:
    return f"{settings.PUBLIC_URL}/verify/{code}"


def document(
    parsed: Parsed,
    data: Mapping[str, Any],
    *,
    code: str,
    preview: bool = False,
    pictures: Mapping[str, list[int]] | None = None,
) -> dict[str, Any]:
    """The whole paper as plain data for the typesetter; ``pictures`` are the strokes of its signatures."""
    made = date.fromisoformat(str(data["drawn_on"])[:10])
    with_code = parsed.flag("二维码") and bool(code)
    organ = str(data.get("body_name", ""))
    letter = parsed.layout == "公文"
    return {
        "layout": parsed.layout,
        "fonts": _families(),
        "title": parsed.head.get("标题") or parsed.title,
        "organ": parsed.head.get("抬头") or organ,
        "number": str(data.get("number", "")) or (_no_number(parsed) if preview else ""),
        "made": [made.year, made.month, made.day],
        "date": vocabulary.chinese_date(made),
        "blocks": glass.placed(tree(parsed, {**data, "verify_url": verify_url(code) if code else ""}), data),
        "pictures": pictures or {},
        "seal": seal_svg(organ) if parsed.flag("印章") and not preview and organ else "",
        "signoff": letter or parsed.flag("印章"),
        "qr": qr_svg(verify_url(code)) if with_code else "",
        "code": spelled(code),
        "preview": preview,
    }


def _no_number(parsed: Parsed) -> str:
    return "（文号待编）" if parsed.number_word else ""


def to_pdf(doc: Mapping[str, Any]) -> bytes:
    """PDF/A-2b with its fonts embedded. ``RenderFailed`` when the typesetter refuses."""
    made = date(*doc["made"])
    try:
        pdf = _compiler().compile(
            _source("layout.typ"),
            format="pdf",
            sys_inputs={"doc": json.dumps(doc, ensure_ascii=False, sort_keys=True)},
            pdf_standards=["a-2b"],
            timestamp=int((made - date(1970, 1, 1)).total_seconds()),
        )
    except typst.TypstError as error:
        raise RenderFailed(f"文书排版未成功：{error.message}") from error
    if not isinstance(pdf, bytes):
        raise RenderFailed
    return pdf


def set_pages(source: bytes, doc: Mapping[str, Any]) -> bytes:
    """PDF/A-2b of another room's own layout: ``source`` is ours, ``doc`` (with ``made``) only data to it."""
    made = date(*doc["made"])
    try:
        pdf = _compiler().compile(
            source,
            format="pdf",
            sys_inputs={"doc": json.dumps({**doc, "fonts": _families()}, ensure_ascii=False, sort_keys=True)},
            pdf_standards=["a-2b"],
            timestamp=int((made - date(1970, 1, 1)).total_seconds()),
        )
    except typst.TypstError as error:
        raise RenderFailed(f"排版未成功：{error.message}") from error
    if not isinstance(pdf, bytes):
        raise RenderFailed
    return pdf

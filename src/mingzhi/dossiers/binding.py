"""One PDF of a volume or of the whole dossier: cover, 目录, every item, 备考表; page numbers and bookmarks.

The bound PDF is PDF/A-2b (``pdfa``), for reading and printing. It is not the original: a signed paper's signature covers the
file it was made in, and that file lies in the archive package beside the bound one.

Pages are imported and numbered by PDFium, bookmarks are added by an incremental update; both libraries
are permissively licensed.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
import segno
from PIL import Image, ImageOps
from pyhanko.pdf_utils import generic as pdf_objects
from pypdfium2 import raw

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import archive, pdfa, sources
from mingzhi.dossiers.choices import Secrecy, Volume
from mingzhi.dossiers.models import Dossier
from mingzhi.dossiers.order import MEDIA, Line
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger.verify_package import PackageReport
from mingzhi.organisations import api as organisations

Progress = Callable[[int, int], None]
FRAME = (71.0, 200.0, 533.0, 771.0)
"""Where a picture stands on its page, in points from the lower left: above the caption."""
generic: Any = pdf_objects  # without annotations of its own
LONGEST = 2200
"""Pixels of a picture's longer side as bound; the original lies in the package."""
DOTS, LONGEST_SHEET = 200, 3300
"""Dots to the inch, and pixels of the longer side at most, of a sheet that is bound as a picture."""
_SOURCE = Path(__file__).with_name("bind.typ").read_bytes()


@dataclass(slots=True)
class Bookmark:
    title: str
    page: int
    children: list[Bookmark] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Bound:
    data: bytes
    pages: int


def bind(
    dossier: Dossier,
    lines: Sequence[Line],
    volumes: Sequence[str],
    *,
    mark: str = "",
    progress: Progress = lambda done, total: None,
    at: datetime,
) -> Bound:
    """Bind ``volumes`` (``main``, ``side``) of the sealed index ``lines``. ``mark`` is printed across every page."""
    out = pypdfium2.PdfDocument.new()
    try:
        binder = _Binder(out, dossier, at, progress, len([x for x in lines if x.volume in volumes]))
        for volume in volumes:
            binder.volume(volume, [line for line in lines if line.volume == volume])
        if mark:
            binder.watermark(mark)
        buffer = io.BytesIO()
        out.save(buffer)
        data = finished(
            buffer.getvalue(),
            binder.bookmarks,
            binder.numbers,
            palette=binder.palette(),
            title=dossier.title,
            author=binder.body.name,
            at=at,
        )
        return Bound(data, len(out))
    finally:
        out.close()


class _Binder:
    """A PDF that grows by one volume after another."""

    def __init__(self, out: Any, dossier: Dossier, at: datetime, progress: Progress, total: int) -> None:
        self.out, self.dossier, self.at = out, dossier, at
        self.progress, self.total, self.done = progress, total, 0
        self.bookmarks: list[Bookmark] = []
        self.numbers: dict[int, str] = {}
        self.body = organisations.body(dossier.body_id)
        found = archive.archive_of(dossier.pk)
        assert found is not None
        self.record = found

    def volume(self, volume: str, lines: Sequence[Line]) -> None:
        label = Volume(volume).label
        root = Bookmark(label, len(self.out))
        self.bookmarks.append(root)
        root.children.append(Bookmark("封面", len(self.out)))
        front = self._set(self._front(label, lines))
        pages = len(front)
        self._take(front)
        root.children.append(Bookmark("卷内目录", len(self.out) - pages + 1))
        noted = [line for line in lines if _noted(line.item)]
        notes = self._set({"kind": "notes", "notes": [_note(line) for line in noted]}) if noted else None
        where = {line.item.subject: index for index, line in enumerate(noted)}
        for line in lines:
            root.children.append(Bookmark(f"{line.seq} {line.item.title}{line.item.number}", len(self.out)))
            first = len(self.out)
            self._item(line, notes, where.get(line.item.subject))
            for number in range(first, len(self.out)):
                self.numbers[number] = str((line.first or 1) + number - first)
            self.done += 1
            self.progress(self.done, self.total)
        if notes is not None:
            notes.close()
        root.children.append(Bookmark("备考表", len(self.out)))
        self._take(self._set(self._back(label, lines)))

    def _item(self, line: Line, notes: Any, place: int | None) -> None:
        """The item's sheets. Whatever cannot be shown as sheets is described on one."""
        item = line.item
        if place is None:
            with _opened(item) as pdf:
                first = len(self.out)
                if item.link.startswith("paper:"):
                    self.out.import_pages(pdf)
                elif pdfa.bindable(files.path(item.file_id or 0)):
                    self.out.import_pages(pdf)
                    for number in range(first, len(self.out)):
                        page = self.out[number]
                        raw.FPDFPage_Flatten(page, raw.FLAT_PRINT)
                        page.close()
                else:
                    _sheets_as_pictures(self.out, pdf)
            return
        self.out.import_pages(notes, [place])
        if item.medium == "picture":
            _picture(self.out, len(self.out) - 1, item)

    def watermark(self, mark: str) -> None:
        over = self._set({"kind": "mark", "mark": mark})
        shape = over.page_as_xobject(0, self.out)
        for number in range(len(self.out)):
            page = self.out[number]
            page.insert_obj(shape.as_pageobject())
            page.gen_content()
            page.close()
        over.close()

    def palette(self) -> pdfa.Palette:
        return pdfa.Palette(self._typeset({"kind": "palette"}))

    def _set(self, doc: dict[str, Any]) -> Any:
        return pypdfium2.PdfDocument(self._typeset(doc))

    def _typeset(self, doc: dict[str, Any]) -> bytes:
        day = clock.local_date(self.at)
        return sources.typeset(
            _SOURCE,
            {
                "title": self.dossier.title,
                "organ": self.body.name,
                "made": [day.year, day.month, day.day],
                **doc,
            },
        )

    def _take(self, pdf: Any) -> None:
        self.out.import_pages(pdf)
        pdf.close()

    def _front(self, label: str, lines: Sequence[Line]) -> dict[str, Any]:
        dossier, record = self.dossier, self.record
        sheets = max((x.last or 0 for x in lines), default=0)
        facts = [
            ("案件名称", dossier.title),
            ("当事人", dossier.party_name),
            ("决定书文号", "、".join(self._decisions(lines))),
            ("案卷编号", dossier.number),
            ("办案机构", dossier.unit.name),
            ("承办人", dossier.lead_name),
            ("立案日期", f"{clock.local_date(dossier.opened_at):%Y-%m-%d}"),
            ("结案日期", f"{record.closed_on:%Y-%m-%d}"),
            ("保管期限", record.retention_label),
            ("件数、页数", f"本卷共 {len(lines)} 件，{sheets} 页"),
            ("归档号", record.number),
        ]
        return {
            "kind": "front",
            "name": "执法案卷",
            "volume": label,
            "secrecy": secrecy_mark(dossier.secrecy),
            "facts": [[a, b] for a, b in facts if b],
            "fonds": record.fonds,
            "catalogue": record.catalogue,
            "number": record.number,
            "lines": [
                [
                    str(x.seq),
                    x.item.number,
                    x.item.title,
                    f"{x.item.on:%Y-%m-%d}",
                    x.page_range,
                    "归档后补充"
                    if x.supplement
                    else ""
                    if x.item.medium == "paper"
                    else MEDIA[x.item.medium],
                ]
                for x in lines
            ],
        }

    def _decisions(self, lines: Sequence[Line]) -> list[str]:
        on = clock.local_date(self.record.at)
        codes = set(catalogue.norm("archive.cover.decisions", body=self.body, on=on).value)
        return [x.item.number for x in lines if x.item.code in codes and x.item.number]

    def _back(self, label: str, lines: Sequence[Line]) -> dict[str, Any]:
        sheets = max((x.last or 0 for x in lines), default=0)
        remarks = []
        late = [x for x in lines if x.supplement]
        if late:
            named = "、".join(f"第 {x.seq} 件《{x.item.title}》" for x in late)
            remarks.append(f"归档后补充材料 {len(late)} 件：{named}。")
        kept = [x for x in lines if x.item.medium in ("recording", "file")]
        if kept:
            remarks.append(f"音像及其他电子文件 {len(kept)} 件以原始格式保存，卷内为说明页。")
        return {
            "kind": "back",
            "statement": f"本{label}共 {len(lines)} 件，{sheets} 页，页码连续，封面、目录、备考表不编页码。"
            f"卷内目录校验值（SHA-256）：{self.record.index_digest}。",
            "remarks": remarks,
            "bound_by": self.record.by_name,
            "bound_on": f"{clock.local_date(self.record.sealed_at or self.record.at):%Y-%m-%d}",
        }


def secrecy_mark(secrecy: str) -> str:
    """What stands on the cover; nothing on an ordinary dossier."""
    return "" if secrecy == Secrecy.OPEN else Secrecy(secrecy).label


def report_pdf(report: PackageReport, *, dossier: Dossier, file_name: str, at: datetime) -> bytes:
    """四性检测报告 as a paper to keep with the package."""
    day = clock.local_date(at)
    states = {"pass": "通过", "fail": "不通过", "skip": "未检测"}
    return sources.typeset(
        _SOURCE,
        {
            "kind": "report",
            "title": "电子档案四性检测报告",
            "organ": organisations.body(dossier.body_id).name,
            "made": [day.year, day.month, day.day],
            "facts": [
                ["档案包", file_name],
                ["案卷", f"{report.title}（{report.number}）"],
                ["移交机关", report.body],
                ["卷内件", f"{report.items} 件"],
                ["账本检查点", f"{report.origin}，{report.signed_at}" if report.origin else "未核验"],
                ["检测时间", f"{clock.local(at):%Y-%m-%d %H:%M:%S}"],
                ["检测结论", "通过" if report.ok else "不通过"],
            ],
            "rows": [
                [c.trait, c.code, c.label, states[c.state], "；".join(c.findings) or c.skipped]
                for c in report.checks.values()
            ],
        },
    )


def _noted(item: sources.Item) -> bool:
    """Whether the item is one description page (a picture's carries the picture)."""
    if item.medium != "paper":
        return True
    try:
        with _opened(item) as pdf:
            return len(pdf) != (item.pages or 0)
    except (pypdfium2.PdfiumError, MingzhiError):
        return True


class _opened:  # noqa: N801 — a context manager, used like a function
    def __init__(self, item: sources.Item) -> None:
        self.item = item

    def __enter__(self) -> Any:
        self.pdf = pypdfium2.PdfDocument(files.path(self.item.file_id or 0))
        return self.pdf

    def __exit__(self, *_: object) -> None:
        self.pdf.close()


def _note(line: Line) -> dict[str, Any]:
    item = line.item
    facts = list(item.details) or [
        ("日期", f"{item.on:%Y-%m-%d}"),
        ("文件类型", files.type_label(item.media_type) if item.media_type else ""),
        ("文件大小", f"{item.size:,} 字节" if item.size else ""),
        ("SHA-256", item.sha256),
    ]
    kinds = {"recording": "音像记录说明", "statement": "情况说明"}
    return {
        "title": item.title,
        "kind": kinds.get(item.medium, "电子文件说明"),
        "picture": item.medium == "picture",
        "facts": [[a, b] for a, b in facts if b],
        "qr": _qr(f"sha256:{item.sha256}") if item.sha256 and item.medium != "picture" else "",
    }


def _qr(text: str) -> str:
    buffer = io.BytesIO()
    segno.make(text, error="m", micro=False).save(buffer, kind="svg", xmldecl=False, border=1, scale=4)
    return buffer.getvalue().decode()


def _picture(out: Any, number: int, item: sources.Item) -> None:
    """The picture in its frame, upright as it was taken; one that cannot be read leaves the frame empty."""
    try:
        with Image.open(files.path(item.file_id or 0)) as opened:
            opened.draft("RGB", (LONGEST, LONGEST))
            upright = ImageOps.exif_transpose(opened).convert("RGB")
            upright.thumbnail((LONGEST, LONGEST))
    except (OSError, ValueError, Image.DecompressionBombError, MingzhiError):
        return
    _placed(out, out[number], upright, FRAME)


def _sheets_as_pictures(out: Any, pdf: Any) -> None:
    """Every sheet of an uploaded file as a picture of it, turned as it is read, its annotations shown."""
    for number in range(len(pdf)):
        page = pdf[number]
        width, height = page.get_size()
        scale = min(DOTS / 72, LONGEST_SHEET / max(width, height, 1))
        bitmap = page.render(scale=scale, may_draw_forms=True)
        _placed(out, out.new_page(width, height), bitmap.to_pil().convert("RGB"), (0.0, 0.0, width, height))
        bitmap.close()
        page.close()


def _placed(out: Any, page: Any, picture: Image.Image, frame: tuple[float, float, float, float]) -> None:
    """The picture in the middle of ``frame``, as large as it fits."""
    buffer = io.BytesIO()
    picture.save(buffer, "JPEG", quality=88)
    shape = pypdfium2.PdfImage.new(out)
    buffer.seek(0)
    shape.load_jpeg(buffer, inline=True)
    left, bottom, right, top = frame
    scale = min((right - left) / picture.width, (top - bottom) / picture.height)
    width, height = picture.width * scale, picture.height * scale
    x, y = left + (right - left - width) / 2, bottom + (top - bottom - height) / 2
    shape.set_matrix(pypdfium2.PdfMatrix().scale(width, height).translate(x, y))
    page.insert_obj(shape)
    page.gen_content()
    page.close()


def finished(
    data: bytes,
    bookmarks: Sequence[Bookmark],
    numbers: Mapping[int, str],
    *,
    palette: pdfa.Palette,
    title: str,
    author: str,
    at: datetime,
) -> bytes:
    """``data`` with page numbers, an outline, a colour profile and metadata, added as one incremental update.

    A number is a small content stream behind the sheet's own, between which the graphics state is put
    back; nothing of the sheet's content is rewritten, which is what makes 500 papers a matter of seconds.
    Annotations go: what they showed is flattened into the sheet, what they did has no place in a file.
    """
    writer: Any = pdfa.Writer(io.BytesIO(data))
    pages = list(_page_refs(writer.root["/Pages"], writer))
    name = generic.pdf_name
    font = palette.into(writer)
    pdfa.described(writer, title=title, author=author, at=at)
    before = writer.add_object(generic.StreamObject(stream_data=b"q\n"))
    for index, text in numbers.items():
        page = pages[index].get_object()
        after = writer.add_object(generic.StreamObject(stream_data=_number(page, text)))
        page[name("/Contents")] = generic.ArrayObject([before, *_streams(page), after])
        resources = _copied(page, "/Resources")
        fonts = _copied(resources, "/Font")
        fonts[name("/MingzhiPage")] = font
        resources[name("/Font")] = fonts
        page[name("/Resources")] = resources
        writer.mark_update(pages[index])
    for ref in pages:
        page = ref.get_object()
        for key in ("/Annots", "/AA"):
            if key in page:
                del page[key]
                writer.mark_update(ref)
    if bookmarks:
        root = generic.DictionaryObject({name("/Type"): name("/Outlines")})
        root_ref = writer.add_object(root)
        root[name("/Count")] = generic.NumberObject(_branch(writer, root, root_ref, bookmarks, pages))
        writer.root[name("/Outlines")] = root_ref
        writer.root[name("/PageMode")] = name("/UseOutlines")
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    return out.getvalue()


def _copied(holder: Any, key: str) -> Any:
    """The dictionary under ``key``, followed if it is a reference, as one of the holder's own."""
    return generic.DictionaryObject(holder[key]) if key in holder else generic.DictionaryObject()


def _streams(page: Any) -> list[Any]:
    """References to the sheet's own content, one stream or several."""
    if "/Contents" not in page:
        return []
    own = page["/Contents"]
    if isinstance(own, generic.ArrayObject):
        return [own.raw_get(index) for index in range(len(own))]
    return [page.raw_get("/Contents")]


def _number(page: Any, text: str) -> bytes:
    """The page's number at its lower right corner as a reader sees it, whatever way it is turned."""
    box = page["/CropBox"] if "/CropBox" in page else page["/MediaBox"]
    left, bottom, right, top = (float(x) for x in box)
    turn = int(page["/Rotate"]) % 360 if "/Rotate" in page else 0
    across, up = 34.0 + 6.0 * len(text), 24.0
    x, y = {
        0: (right - across, bottom + up),
        90: (right - up, top - across),
        180: (left + across, top - up),
        270: (left + up, bottom + across),
    }[turn]
    cos, sin = round(math.cos(math.radians(turn))), round(math.sin(math.radians(turn)))
    matrix = f"{cos} {sin} {-sin} {cos} {x:.2f} {y:.2f}"
    return f"\nQ\nq 0 g BT /MingzhiPage 11 Tf {matrix} Tm {pdfa.digits(text)} Tj ET Q\n".encode("ascii")


def _page_refs(node: Any, writer: Any) -> Iterator[Any]:
    for index in range(len(node["/Kids"])):
        ref = node["/Kids"].raw_get(index)
        kid = ref.get_object()
        if kid["/Type"] == "/Pages":
            yield from _page_refs(kid, writer)
        else:
            yield ref


def _branch(
    writer: Any, parent: Any, parent_ref: Any, bookmarks: Sequence[Bookmark], pages: list[Any]
) -> int:
    """Hang ``bookmarks`` under ``parent``; how many lines are visible."""
    name = generic.pdf_name
    made = []
    for bookmark in bookmarks:
        entry = generic.DictionaryObject(
            {
                name("/Title"): generic.TextStringObject(bookmark.title),
                name("/Parent"): parent_ref,
                name("/Dest"): generic.ArrayObject([pages[bookmark.page], name("/Fit")]),
            }
        )
        made.append((entry, writer.add_object(entry), bookmark))
    visible = len(made)
    for index, (entry, ref, bookmark) in enumerate(made):
        if index:
            entry[name("/Prev")] = made[index - 1][1]
        if index + 1 < len(made):
            entry[name("/Next")] = made[index + 1][1]
        if bookmark.children:
            inside = _branch(writer, entry, ref, bookmark.children, pages)
            entry[name("/Count")] = generic.NumberObject(inside)
            visible += inside
    if made:
        parent[name("/First")], parent[name("/Last")] = made[0][1], made[-1][1]
    return visible

"""PDF/A-2b (ISO 19005-2) for the bound volume: what is put in, and our own reading of what is asked.

A file that somebody uploaded is bound sheet by sheet as it is only if it says that it is PDF/A and nothing
found in it contradicts; any other is bound as pictures of its sheets, and the original lies in the package.
``flaws`` reads what a machine without fonts and colour science can: structure, metadata, embedding, colour
spaces, filters, actions. It does not compare glyph widths with the font programs.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from xml.sax.saxutils import escape

from pyhanko.pdf_utils import generic as pdf_objects
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

from mingzhi.kernel.errors import MingzhiError

generic: Any = pdf_objects  # without annotations of its own
name = generic.pdf_name
PRODUCER = "Mingzhi"
LARGEST = 50_000_000
"""Bytes of an uploaded file that are read over; a larger one is bound as pictures."""

_HEADER = re.compile(rb"%PDF-1\.[0-7]\s*[\r\n]%[\x80-\xff]{4}")
_STRINGS = re.compile(rb"\((?:\\.|[^\\()])*\)|<[0-9A-Fa-f\s]*>", re.DOTALL)
_INLINE = re.compile(rb"\bBI\b.*?\bEI\b", re.DOTALL)
_CMYK = re.compile(rb"(?:[-+.\d]+\s+){4}[kK]\b|/DeviceCMYK\b")
_CLAIM = re.compile(r"pdfaid:part(?:>|=[\"'])\s*([123])")
_FILTERS = frozenset(
    {"/FlateDecode", "/DCTDecode", "/CCITTFaxDecode", "/RunLengthDecode", "/ASCIIHexDecode", "/ASCII85Decode", "/JBIG2Decode"}
)  # fmt: skip
_BLENDS = frozenset(
    {
        "/Normal", "/Compatible", "/Multiply", "/Screen", "/Overlay", "/Darken", "/Lighten", "/ColorDodge",
        "/ColorBurn", "/HardLight", "/SoftLight", "/Difference", "/Exclusion", "/Hue", "/Saturation", "/Color",
        "/Luminosity",
    }
)  # fmt: skip
_FONTS = frozenset({"/Type1", "/MMType1", "/TrueType", "/CIDFontType0", "/CIDFontType2"})
_ACTIVE = ("/AA", "/OpenAction", "/JavaScript", "/JS", "/EmbeddedFiles", "/XFA", "/OCProperties", "/Encrypt")


class Writer(IncrementalPdfFileWriter):
    """Adds to a file and leaves the metadata to ``described``: the library's own claim nothing of PDF/A."""

    def _update_meta(self) -> None:
        return


# --- put in -----------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Palette:
    """What a small sheet of our own typesetter lends to the volume: its colour profile and its digits."""

    sheet: bytes

    def into(self, writer: Any) -> Any:
        """Give the volume the output intent; the font whose code n + 1 is the digit n."""
        reader = PdfFileReader(io.BytesIO(self.sheet))
        writer.root[name("/OutputIntents")] = writer.import_object(reader.root["/OutputIntents"])
        page = reader.root["/Pages"]["/Kids"][0]
        (font,) = page["/Resources"]["/Font"].values()
        return writer.add_object(writer.import_object(font.get_object()))


def digits(text: str) -> str:
    """``text``, digits only, as a string operand in the palette's font."""
    return "<" + "".join(f"{int(c) + 1:04X}" for c in text) + ">"


def described(writer: Any, *, title: str, author: str, at: datetime) -> None:
    """The volume's metadata: an XMP packet that claims PDF/A-2b, and the same in the old dictionary."""
    moment = at.astimezone(UTC)
    stamp = f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    packet = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?>'
        '<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        '<rdf:Description rdf:about="" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        ' xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmlns:pdf="http://ns.adobe.com/pdf/1.3/"'
        ' xmlns:pdfaid="http://www.aiim.org/pdfa/ns/id/">'
        "<pdfaid:part>2</pdfaid:part><pdfaid:conformance>B</pdfaid:conformance>"
        f'<dc:title><rdf:Alt><rdf:li xml:lang="x-default">{escape(title)}</rdf:li></rdf:Alt></dc:title>'
        f"<dc:creator><rdf:Seq><rdf:li>{escape(author)}</rdf:li></rdf:Seq></dc:creator>"
        f"<xmp:CreatorTool>{PRODUCER}</xmp:CreatorTool><pdf:Producer>{PRODUCER}</pdf:Producer>"
        f"<xmp:CreateDate>{stamp}</xmp:CreateDate><xmp:ModifyDate>{stamp}</xmp:ModifyDate>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    writer.root[name("/Metadata")] = writer.add_object(
        generic.StreamObject(
            {name("/Type"): name("/Metadata"), name("/Subtype"): name("/XML")}, stream_data=packet.encode()
        )
    )
    text = generic.TextStringObject
    day = text(f"D:{moment:%Y%m%d%H%M%S}Z")
    writer.set_info(
        generic.DictionaryObject(
            {
                name("/Title"): text(title),
                name("/Author"): text(author),
                name("/Creator"): text(PRODUCER),
                name("/Producer"): text(PRODUCER),
                name("/CreationDate"): day,
                name("/ModDate"): day,
            }
        )
    )


# --- read over ---------------------------------------------------------------------------------------------


def bindable(path: Path) -> bool:
    """Whether the sheets of an uploaded file may be taken as they are."""
    try:
        if path.stat().st_size > LARGEST:
            return False
        return not flaws(path.read_bytes())
    except (OSError, MingzhiError):
        return False


def flaws(data: bytes) -> list[str]:
    """Everything found in the file that PDF/A-2b forbids or misses; a file that cannot be read is one."""
    try:
        return list(dict.fromkeys(_flaws(data)))
    except (
        PdfError,
        ValueError,
        KeyError,
        TypeError,
        AttributeError,
        IndexError,
        RecursionError,
        OSError,
    ) as bad:
        return [f"unreadable: {type(bad).__name__}"]


def _flaws(data: bytes) -> Iterator[str]:
    if not _HEADER.match(data[:64]):
        yield "header: no version 1.0–1.7 or no binary comment"
    if data.rstrip()[-5:] != b"%%EOF":
        yield "trailer: bytes after the end"
    reader = PdfFileReader(io.BytesIO(data))
    trailer = reader.trailer.flatten()
    if "/ID" not in trailer:
        yield "trailer: no ID"
    yield from (f"forbidden: {key}" for key in _ACTIVE if key in reader.root or key in trailer)
    yield from _metadata(reader, trailer)
    yield from _intent(reader.root)
    names = _of(reader.root, "/Names", {})
    yield from (f"forbidden: {key}" for key in _ACTIVE if key in names)
    for value in _reached(reader.root):
        if isinstance(value, generic.StreamObject):
            yield from _stream(value)
        yield from _dictionary(value)
    for page in _pages(reader.root["/Pages"]):
        yield from _painted(page)


def _metadata(reader: Any, trailer: Any) -> Iterator[str]:
    if "/Metadata" not in reader.root:
        yield "metadata: none"
        return
    stream = reader.root["/Metadata"]
    if "/Filter" in stream:
        yield "metadata: filtered"
    packet = stream.data.decode("utf-8", "replace")
    if not _CLAIM.search(packet):
        yield "metadata: does not claim PDF/A"
    info = _of(trailer, "/Info", {})
    for key, tag in (("/Title", "dc:title"), ("/Author", "dc:creator"), ("/Producer", "pdf:Producer")):
        if key in info and (tag not in packet or escape(str(info[key])) not in packet):
            yield f"metadata: {key} differs"


def _intent(root: Any) -> Iterator[str]:
    intents = _of(root, "/OutputIntents", [])
    found = [i for i in (x.get_object() for x in intents) if i["/S"] == "/GTS_PDFA1"]
    if not found or "/DestOutputProfile" not in found[0]:
        yield "colour: no output intent"
        return
    profile = found[0]["/DestOutputProfile"]
    if profile["/N"] != 3 or profile.data[16:20] != b"RGB " or profile.data[36:40] != b"acsp":
        yield "colour: the output intent is not RGB"


def _reached(root: Any) -> Iterator[Any]:
    """Every dictionary and stream that hangs on the catalogue, each once."""
    seen: set[tuple[int, int]] = set()
    waiting = [root]
    while waiting:
        value = waiting.pop()
        if isinstance(value, generic.IndirectObject):
            mark = (value.idnum, value.generation)
            if mark in seen:
                continue
            seen.add(mark)
            value = value.get_object()
        if isinstance(value, generic.DictionaryObject):
            yield value
            waiting += [value.raw_get(key) for key in value if key != "/Parent"]
        elif isinstance(value, generic.ArrayObject):
            waiting += [value.raw_get(index) for index in range(len(value))]


def _of(holder: Any, key: str, default: Any = None) -> Any:
    """What stands under ``key``, followed if it is a reference."""
    try:
        return holder[key]
    except KeyError:
        return default


def _filters(stream: Any) -> list[str]:
    if "/Filter" not in stream:
        return []
    value = stream["/Filter"]
    return [str(v) for v in value] if isinstance(value, generic.ArrayObject) else [str(value)]


def _stream(stream: Any) -> Iterator[str]:
    if "/F" in stream or "/FFilter" in stream:
        yield "stream: outside the file"
    yield from (f"stream: filter {f}" for f in _filters(stream) if f not in _FILTERS)
    kind = _of(stream, "/Subtype")
    if kind == "/PS" or "/PS" in stream or "/Ref" in stream or "/OPI" in stream:
        yield "object: PostScript, reference or OPI"
    if kind == "/Image":
        if "/Alternates" in stream or _of(stream, "/Interpolate", False) == True:  # noqa: E712 — a PDF boolean
            yield "image: alternates or interpolation"
        space = _of(stream, "/ColorSpace")
        if space == "/DeviceCMYK" or (
            isinstance(space, generic.ArrayObject) and "/DeviceCMYK" in map(str, space)
        ):
            yield "colour: DeviceCMYK"


def _dictionary(value: Any) -> Iterator[str]:
    kind = str(_of(value, "/Type", ""))
    if kind == "/Font" and str(_of(value, "/Subtype")) in _FONTS:
        descriptor = _of(value, "/FontDescriptor", {})
        if not {"/FontFile", "/FontFile2", "/FontFile3"} & set(descriptor):
            yield f"font: {_of(value, '/BaseFont', '')} is not embedded"
        if str(_of(value, "/Subtype")) == "/CIDFontType2" and "/CIDToGIDMap" not in value:
            yield "font: no CIDToGIDMap"
    elif kind == "/Annot":
        if str(_of(value, "/Subtype")) not in ("/Link", "/Widget"):
            yield f"annotation: {_of(value, '/Subtype')}"
    elif kind in ("/Action", "/Filespec") or str(_of(value, "/S", "")) in (
        "/JavaScript",
        "/Launch",
        "/SubmitForm",
    ):
        yield f"action: {_of(value, '/S', kind)}"
    if "/TR" in value or str(_of(value, "/TR2", "/Default")) != "/Default" or "/HTP" in value:
        yield "state: transfer function"
    if "/BM" in value and kind in ("", "/ExtGState") and str(value["/BM"]) not in _BLENDS:
        yield f"state: blend mode {value['/BM']}"


def _pages(node: Any) -> Iterator[Any]:
    for kid in node["/Kids"]:
        page = kid.get_object()
        if page["/Type"] == "/Pages":
            yield from _pages(page)
        else:
            yield page


def _painted(page: Any) -> Iterator[str]:
    """Colours that the sheet's own streams set without a profile to read them by."""
    if "/Contents" not in page:
        return
    own = page["/Contents"]
    streams = [x.get_object() for x in own] if isinstance(own, generic.ArrayObject) else [own]
    plain = _INLINE.sub(b" ", _STRINGS.sub(b" ", b"\n".join(s.data for s in streams)))
    if _CMYK.search(plain):
        yield "colour: DeviceCMYK"

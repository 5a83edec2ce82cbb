"""What the norms and the recording list ask, read for one body on one day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.errors import NormNotInForce, UnknownNorm
from mingzhi.organisations.data import BodyRef
from mingzhi.recording.choices import Element

#: What may be deposited, by content. Programs, web pages and scripts are no evidence in this form:
#: an archive or a screen recording of them is.
ACCEPTED = frozenset(
    {
        "application/gzip",
        "application/msword",
        "application/ofd",
        "application/pdf",
        "application/rtf",
        "application/vnd.openxmlformats-officedocument.presentationml.presentation",
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
        "application/x-7z-compressed",
        "application/x-rar",
        "application/zip",
        "audio/*",
        "image/bmp",
        "image/gif",
        "image/heic",
        "image/jpeg",
        "image/png",
        "image/tiff",
        "image/webp",
        "text/plain",
        "text/xml",
        "video/*",
    }
)
AUDIOVISUAL = ("audio/", "video/", "image/")


@dataclass(frozen=True, slots=True)
class UploadTerm:
    """Within how many hours after its end a recording must be deposited, and who says so (R081)."""

    hours: int
    citation: str


def upload_term(body: BodyRef, on: date) -> UploadTerm | None:
    """The term for this body on this day; ``None`` where none is in force or none is confirmed."""
    try:
        norm = catalogue.norm("recording.term.upload", body=body, on=on)
    except (UnknownNorm, NormNotInForce):
        return None
    if norm.value is None or norm.unit != "H":
        return None
    return UploadTerm(int(norm.value), norm.citation_text)


@dataclass(frozen=True, slots=True)
class StatementDuty:
    """What must be said aloud at the beginning of a recording (R079, R080)."""

    elements: tuple[str, ...]
    citation: str


def voice_statement(body: BodyRef, on: date) -> StatementDuty | None:
    """The elements to tick for this body on this day; ``None`` where no statement is asked."""
    asked: list[str] = []
    citation = ""
    for name, elements in (
        ("recording.voice_statement_required", [e for e in Element if e != Element.NOTICE]),
        ("recording.notice_required", [Element.NOTICE]),
    ):
        try:
            norm = catalogue.norm(name, body=body, on=on)
        except (UnknownNorm, NormNotInForce):
            continue
        if norm.value:
            asked += [e.value for e in elements]
            citation = citation or norm.citation_text
    return StatementDuty(tuple(asked), citation) if asked else None

"""Stored files as other rooms may hold them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class FileRef:
    """A stored file. ``media_type`` is what the bytes are, not what the sender said they are.

    ``remarks`` are codes of what a person should look at (``media.REMARKS`` gives the sentences).
    """

    id: int
    sha256: str
    sm3: str
    size: int
    name: str
    media_type: str
    stated_type: str = ""
    remarks: tuple[str, ...] = ()

    @property
    def inline(self) -> bool:
        """Whether a browser may show it in place; everything else is served as an attachment."""
        return self.media_type in INLINE and not {"polyglot", "active"} & set(self.remarks)


@dataclass(frozen=True, slots=True)
class UploadView:
    """A resumable upload as its owner may see it. ``offset`` bytes are on the disk for good.

    ``whole`` says that every byte arrived and the content was accepted; ``concat`` is the tus header
    as it was sent (``partial`` or ``final;…``), ``metadata`` likewise.
    """

    token: str
    name: str
    length: int
    offset: int
    whole: bool
    concat: str
    metadata: str
    expires_at: datetime


#: Types that cannot carry script when served with ``nosniff``.
INLINE = frozenset(
    {
        "application/pdf",
        "audio/aac",
        "audio/flac",
        "audio/mpeg",
        "audio/ogg",
        "audio/wav",
        "image/bmp",
        "image/gif",
        "image/jpeg",
        "image/png",
        "image/webp",
        "video/mp4",
        "video/quicktime",
        "video/webm",
    }
)

"""When a picture says it was taken."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from PIL import ExifTags, Image

from mingzhi.kernel import clock

_MOMENT = re.compile(r"(\d{4}):(\d\d):(\d\d) (\d\d):(\d\d):(\d\d)")
_OFFSET = re.compile(r"([+-])(\d\d):(\d\d)$")
_DATE_TIME_ORIGINAL, _OFFSET_TIME_ORIGINAL = 0x9003, 0x9011


def captured_at(path: Path, media_type: str) -> datetime | None:
    """The EXIF capture time (China's clock where the camera gives no zone); ``None`` if there is none.

    Only the header is read; the pixels are never decoded, so a picture bomb costs nothing here.
    """
    if media_type not in {"image/jpeg", "image/png", "image/tiff", "image/webp"}:
        return None
    try:
        with Image.open(path) as image:
            exif = image.getexif()
            details = exif.get_ifd(ExifTags.IFD.Exif)
    except Exception:  # noqa: BLE001 — a picture whose metadata cannot be read has none for us
        return None
    text = str(details.get(_DATE_TIME_ORIGINAL) or exif.get(ExifTags.Base.DateTime) or "")
    match = _MOMENT.match(text)
    if match is None:
        return None
    zone = _OFFSET.match(str(details.get(_OFFSET_TIME_ORIGINAL, "")))
    minutes = (int(zone[2]) * 60 + int(zone[3])) * (-1 if zone[1] == "-" else 1) if zone else None
    tz = timezone(timedelta(minutes=minutes)) if minutes is not None else clock.CHINA
    try:
        year, month, day, hour, minute, second = (int(part) for part in match.groups())
        return datetime(year, month, day, hour, minute, second, tzinfo=tz).astimezone(UTC)
    except (ValueError, OverflowError):
        return None

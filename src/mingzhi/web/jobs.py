"""Periodic work of rooms that do not know the outbox: unfinished uploads go when their time is up."""

from __future__ import annotations

from datetime import datetime

from mingzhi.files import api as files
from mingzhi.outbox import api as outbox


@outbox.periodic("files.uploads", 3600)
def uploads(at: datetime) -> None:
    files.uploads_expire(at=at)

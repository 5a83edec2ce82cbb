"""Notes pinned to a moment of a recording. They are facts like the recording: only added, never changed."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.kernel.errors import Problems
from mingzhi.organisations.data import Actor
from mingzhi.recording.access import access_record
from mingzhi.recording.data import NoteView
from mingzhi.recording.events import NOTED
from mingzhi.recording.models import Note

#: A recording is at most this long (``actions``: 48 hours), so a position beyond it is a slip.
LONGEST_MS = 48 * 3600 * 1000


@transaction.atomic
def note_add(*, record_id: int, position_ms: int, text: str, by: Actor, at: datetime) -> int:
    """Pin ``text`` to a moment. Whoever may look at the record may note; the same note again is the same note.

    Raises ``RecordNotFound`` (also for dossiers out of reach), ``AccessNeeded``, ``Invalid``.
    """
    record, _dossier, _standing = access_record(by=by, record_id=record_id, at=at, act="recording:note")
    length = record.probe.duration_ms if hasattr(record, "probe") else None
    problems = Problems()
    if not text.strip():
        problems.add("text", "请填写标注内容")
    if not 0 <= position_ms <= LONGEST_MS:
        problems.add("position", "标注的时点不在记录的时长之内")
    elif length is not None and position_ms > length + 1000:
        problems.add("position", "标注的时点超过了记录的时长")
    problems.raise_if_any()
    values = {
        "record_id": record_id,
        "position_ms": position_ms,
        "text": text.strip()[:500],
        "by": by.label,
    }
    same = Note.objects.filter(**values).first()
    if same is not None:
        return same.pk
    row = Note.objects.create(**values, by_name=by.name[:60], at=at)
    NOTED.kept(row, at=at)
    return row.pk


def notes(record_id: int) -> list[NoteView]:
    """Notes of a recording in the order of its time."""
    return [_view(row) for row in Note.objects.filter(record_id=record_id).order_by("position_ms", "pk")]


def notes_on(dossier_id: int) -> dict[int, list[NoteView]]:
    """Notes of every recording of a dossier, by record, in one query."""
    found: dict[int, list[NoteView]] = {}
    for row in Note.objects.filter(record__dossier_id=dossier_id).order_by("position_ms", "pk"):
        found.setdefault(row.record_id, []).append(_view(row))
    return found


def _view(row: Note) -> NoteView:
    return NoteView(row.pk, row.position_ms, row.text, row.by, row.by_name, row.at)

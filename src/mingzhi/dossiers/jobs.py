"""What the worker does for this room: seal indexes, bind PDFs, make packages; each with progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mingzhi.dossiers import archive, sources
from mingzhi.dossiers.choices import MakeKind, MakeState, SealKind
from mingzhi.dossiers.models import Dossier, Making
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError
from mingzhi.outbox import api as outbox

Progress = Callable[[int, int], None]


@outbox.handler(archive.MAKE, slow=True)
def make_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    """Idempotent: a making that is done is left alone. A failure is shown on the page and tried again."""
    making(int(payload["making"]), at=at)


def making(making_id: int, *, at: datetime) -> Making:
    """Make it now, in the caller's process; returns the row as it ended."""
    row = Making.objects.select_related("dossier").get(pk=making_id)
    if row.state == MakeState.DONE:
        return row
    Making.objects.filter(pk=row.pk).update(state=MakeState.RUNNING, error="")
    try:
        stored, basis = _made(row, _progress(row.pk), at)
    except MingzhiError as error:
        Making.objects.filter(pk=row.pk).update(state=MakeState.FAILED, error=error.sentence[:300])
        raise
    Making.objects.filter(pk=row.pk).update(
        state=MakeState.DONE, file_id=stored.id if stored else None, basis=basis, finished_at=clock.now()
    )
    row.refresh_from_db()
    return row


def _progress(making_id: int) -> Progress:
    shown = [-1]

    def report(done: int, total: int) -> None:
        """Written once per percent, so that 500 papers cost at most a hundred small writes."""
        percent = done * 100 // max(total, 1)
        if percent != shown[0]:
            shown[0] = percent
            Making.objects.filter(pk=making_id).update(done=done, total=total)

    return report


def _made(row: Making, progress: Progress, at: datetime) -> tuple[FileRef | None, str]:
    dossier: Dossier = row.dossier
    if row.kind == MakeKind.SEAL:
        sources.make_ready(dossier.pk, at)
        archive.index_seal(dossier=dossier, kind=SealKind.ARCHIVE, by=row.asked_by, at=at)
        digest, lines = archive.sealed_index(dossier.pk)
        progress(len(lines), len(lines))
        return None, digest
    raise NotImplementedError(row.kind)

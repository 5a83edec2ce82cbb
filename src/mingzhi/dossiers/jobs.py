"""What the worker does for this room: seal indexes, bind PDFs, make packages; each with progress."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from mingzhi.dossiers import archive, binding, package, sources, transfer, transfer_views
from mingzhi.dossiers.choices import MakeKind, MakeState, SealKind
from mingzhi.dossiers.models import Dossier, Making
from mingzhi.dossiers.order import Line
from mingzhi.dossiers.transfer_models import TransferLine
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import api as ledger
from mingzhi.ledger.verify_package import verify_package
from mingzhi.outbox import api as outbox

Progress = Callable[[int, int], None]
VOLUMES = {
    MakeKind.MAIN.value: ("main",),
    MakeKind.SIDE.value: ("side",),
    MakeKind.BOTH.value: ("main", "side"),
}


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
        digest, lines = sealed(dossier, by=row.asked_by, at=at)
        progress(len(lines), len(lines))
        return None, digest
    basis, lines = archive.sealed_index(dossier.pk)
    if row.kind in VOLUMES:
        bound = binding.bind(dossier, lines, VOLUMES[row.kind], mark=row.mark, progress=progress, at=at)
        name = f"{dossier.number}{MakeKind(row.kind).label.removesuffix(' PDF')}.pdf"
        return files.put_bytes(bound.data, name=name, media_type="application/pdf", at=at), basis
    outside = row.kind == MakeKind.OUTSIDE
    return package.build(dossier, outside=outside, progress=progress, at=at), basis


def sealed(dossier: Dossier, *, by: str, at: datetime) -> tuple[str, list[Line]]:
    """The index sealed as it stands, with what was still to be made for it made now."""
    sources.make_ready(dossier.pk, at)
    archive.index_seal(dossier=dossier, kind=SealKind.ARCHIVE, by=by, at=at)
    return archive.sealed_index(dossier.pk)


@outbox.handler(transfer.PACK, slow=True)
def transfer_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    """Idempotent: a line whose package passed its check is left alone."""
    line = TransferLine.objects.select_related("archive__dossier__unit", "list").get(pk=int(payload["line"]))
    last = line.packages.order_by("-pk").first()
    if hasattr(line.list, "withdrawal") or (last is not None and last.passed):
        return
    made = package.build(line.archive.dossier, at=at)
    report = verify_package(files.path(made.id), vkeys=ledger.verifier_keys())
    checks = transfer_views.told(report)
    digest = archive.sealed_index(line.archive.dossier_id)[0]
    if digest != line.index_digest:
        checks.append(["目录", "目录与清单所列一致", "fail", "列入清单后目录有变动，请撤销清单重新提出"])
    passed = report.ok and all(state == "pass" for _, _, state, _ in checks)
    transfer.package_keep(
        line=line, file_id=made.id, checks=checks, passed=passed, index_digest=digest, at=at
    )

"""How the log stands: witnesses, contradictions, the last whole check. For the desk and for alarms."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, replace
from datetime import datetime
from pathlib import Path
from time import perf_counter

from django.conf import settings
from django.db.models import Max

from mingzhi.ledger import kinds, notes
from mingzhi.ledger.data import (
    CheckRunView,
    CosignerView,
    Finding,
    Report,
    SplitViewView,
    WatchedLogView,
    WitnessView,
)
from mingzhi.ledger.fsck import SIGNATURES, fsck
from mingzhi.ledger.models import CheckRun, Cosignature, Cosigner, SplitView, WatchedLog

KEPT_FINDINGS = 1_000


def witnesses() -> WitnessView:
    """Both sides of witnessing, and every contradiction, the newest first."""
    sizes = {
        row["vkey"]: (row["size"], row["at"])
        for row in Cosignature.objects.order_by().values("vkey").annotate(size=Max("size"), at=Max("at"))
    }
    cosigners = []
    for row in Cosigner.objects.order_by("at"):
        size, at = sizes.get(row.vkey, (0, None))
        cosigners.append(CosignerView(notes.VerifierKey.parse(row.vkey).name, row.vkey, row.url, size, at))
    watched = [
        WatchedLogView(row.origin, row.url, row.size, row.seen_at)
        for row in WatchedLog.objects.order_by("origin")
    ]
    splits = [
        SplitViewView(
            row.pk, row.origin, row.source, row.sentence, row.ours, row.theirs, row.at,
            row.settled_at, row.settled_by or "", row.settled_how or "",
        )
        for row in SplitView.objects.order_by("-at", "-pk")
    ]  # fmt: skip
    return WitnessView(tuple(cosigners), tuple(watched), tuple(splits))


def check_runs(limit: int = 1) -> list[CheckRunView]:
    """The last kept whole checks, the newest first."""
    return [
        CheckRunView(
            row.at, row.seconds, row.size, row.rows, row.files, row.found,
            tuple(Finding(**finding) for finding in row.findings), tuple(row.notes),
        )
        for row in CheckRun.objects.order_by("-at", "-pk")[:limit]
    ]  # fmt: skip


def check_and_keep(*, at: datetime, signatures: int = SIGNATURES) -> Report | None:
    """The whole check, files too where a way to check them is known, and its result kept.

    None when another process is at it. Stopped half-way it leaves nothing, and is begun again.
    """
    with _alone() as alone:
        if not alone:
            return None
        start = perf_counter()
        report = fsck(files=True, signatures=signatures)
        extra = kinds.strays(at)
        if extra:  # most are uploads that were cut off: worth knowing, no alteration
            names = "、".join(name for name, _ in extra[:100])
            note = f"文件库中有 {len(extra)} 个没有记录引用的文件：{names}"
            report = replace(report, notes=(*report.notes, note))
        CheckRun.objects.create(
            at=at,
            seconds=round(perf_counter() - start, 1),
            size=report.size,
            rows=report.rows,
            files=report.files,
            found=len(report.findings),
            findings=[asdict(finding) for finding in report.findings[:KEPT_FINDINGS]],
            notes=list(report.notes),
        )
    return report


@contextmanager
def _alone() -> Iterator[bool]:
    folder = Path(settings.LEDGER_ROOT)
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    file = os.open(folder / "check.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(file)

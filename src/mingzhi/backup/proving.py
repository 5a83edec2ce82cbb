"""What a restored installation proves, computed inside it: fsck of rows and files, and the roots it had."""

from __future__ import annotations

from typing import Any

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.verify import Unproven, verify_checkpoint, verify_consistency


def prove(outside: str = "") -> dict[str, Any]:
    """Everything that is wrong with this installation's facts, and how it stands to an ``outside`` checkpoint."""
    report = ledger.fsck(files=True)
    findings = [finding.sentence for finding in report.findings]
    latest = ledger.latest()
    outside_size = 0
    if outside.strip():
        outside_size, wrong = _against(outside)
        findings += wrong
    return {
        "ok": not findings,
        "findings": findings,
        "entries": report.entries,
        "size": report.size,
        "root": report.root,
        "root_at": {str(latest.size): latest.root} if latest else {},
        "outside_size": outside_size,
    }


def _against(outside: str) -> tuple[int, list[str]]:
    """(entries the outside checkpoint proves, what contradicts it)."""
    key = ledger.verifier_key()
    try:
        kept = verify_checkpoint(outside, key)
    except Unproven as error:
        return 0, [f"馆外检查点不是本账本签发的：{error.sentence}"]
    latest = ledger.latest()
    size = latest.size if latest else 0
    if kept.size > size:
        return kept.size, []
    try:
        path, note = ledger.consistency(kept.size)
        verify_consistency(outside, note, path, key)
    except (NotFound, Unproven):
        return kept.size, [f"恢复出的账本与馆外检查点（第 {kept.size} 条）不是同一本账"]
    return kept.size, []

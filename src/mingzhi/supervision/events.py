"""Ledger kinds of the supervision room, and the sums that fsck reckons anew."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from mingzhi.ledger import api as ledger
from mingzhi.supervision.models import (
    Inbound,
    InboundAnswer,
    LateExplanation,
    ReportEvent,
    ReportVersion,
    Station,
    Supplement,
)

_MOVED = ledger.columns(ReportEvent, without=("scan_id", "scan_sha256"))


def _moved(row: ReportEvent) -> Mapping[str, Any]:
    """Entries from before there were scans say nothing of one."""
    scan = {"scan_id": row.scan_id, "scan_sha256": row.scan_sha256} if row.scan_id else {}
    return {**_MOVED(row), **scan}


REPORT = ledger.Rows(
    "supervision:report:frozen",
    "统计年报定版",
    "report-version",
    ReportVersion,
    ledger.columns(ReportVersion),
)
EVENT = ledger.Rows(
    "supervision:report:moved",
    "统计年报报送、签收、公布",
    "report-event",
    ReportEvent,
    _moved,
)
SUPPLEMENT = ledger.Rows(
    "supervision:supplement:reported", "登记补报数", "supplement", Supplement, ledger.columns(Supplement)
)
STATION = ledger.Rows(
    "supervision:station:set", "设置、停用年报报送渠道", "report-station", Station, ledger.columns(Station)
)
INBOUND = ledger.Rows(
    "supervision:report:taken", "收到下级年报", "inbound-report", Inbound, ledger.columns(Inbound)
)
ANSWER = ledger.Rows(
    "supervision:report:answered", "签收、退回下级年报", "inbound-answer", InboundAnswer,
    ledger.columns(InboundAnswer),
)  # fmt: skip
LATE = ledger.Rows(
    "supervision:late:explained", "说明公示逾期原因", "late-explanation", LateExplanation,
    ledger.columns(LateExplanation),
)  # fmt: skip


def register() -> None:
    from mingzhi.supervision import checking

    for rows in (REPORT, EVENT, SUPPLEMENT, LATE, STATION, INBOUND, ANSWER):
        rows.register()
    ledger.register_check("supervision:counted", checking.otherwise)

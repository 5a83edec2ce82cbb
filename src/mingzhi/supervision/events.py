"""Ledger kinds of the supervision room, and the sums that fsck reckons anew."""

from __future__ import annotations

from mingzhi.ledger import api as ledger
from mingzhi.supervision.models import LateExplanation, ReportEvent, ReportVersion, Supplement

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
    ledger.columns(ReportEvent),
)
SUPPLEMENT = ledger.Rows(
    "supervision:supplement:reported", "登记补报数", "supplement", Supplement, ledger.columns(Supplement)
)
LATE = ledger.Rows(
    "supervision:late:explained", "说明公示逾期原因", "late-explanation", LateExplanation,
    ledger.columns(LateExplanation),
)  # fmt: skip


def register() -> None:
    from mingzhi.supervision import checking

    for rows in (REPORT, EVENT, SUPPLEMENT, LATE):
        rows.register()
    ledger.register_check("supervision:counted", checking.otherwise)

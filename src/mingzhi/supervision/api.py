"""The supervision room's door: the annual statistics and the watch over disclosure."""

from mingzhi.supervision import charts, handing, inbound, lists
from mingzhi.supervision.chain import standing as chain_standing
from mingzhi.supervision.disclosure import late_explain, watch, year_counts
from mingzhi.supervision.figures import (
    access_body,
    answers_marked,
    as_of,
    behind,
    bodies_for,
    current,
    reviewed,
    supplements,
    years,
)
from mingzhi.supervision.layout import REPORTED, TABLES
from mingzhi.supervision.layout import find as find_column
from mingzhi.supervision.narrative import draft as narrative_draft
from mingzhi.supervision.reports import (
    report_approve,
    report_freeze,
    report_open,
    report_receive,
    report_send,
    supplement_report,
)
from mingzhi.supervision.rules import year_rule
from mingzhi.supervision.versions import (
    difference,
    drawn,
    recomputed,
    spoken_for,
    table_lines,
    version,
    versions,
)
from mingzhi.supervision.words import amount, figure, share, unit_of

__all__ = [
    "REPORTED",
    "TABLES",
    "access_body",
    "amount",
    "answers_marked",
    "as_of",
    "behind",
    "bodies_for",
    "chain_standing",
    "charts",
    "current",
    "difference",
    "drawn",
    "figure",
    "find_column",
    "handing",
    "inbound",
    "late_explain",
    "lists",
    "narrative_draft",
    "recomputed",
    "report_approve",
    "report_freeze",
    "report_open",
    "report_receive",
    "report_send",
    "reviewed",
    "share",
    "spoken_for",
    "supplement_report",
    "supplements",
    "table_lines",
    "unit_of",
    "version",
    "versions",
    "watch",
    "year_counts",
    "year_rule",
    "years",
]

"""The report as a PDF, set as the other papers are."""

from __future__ import annotations

from pathlib import Path

from mingzhi.documents import api as documents
from mingzhi.kernel import clock
from mingzhi.supervision.versions import Made, drawn, rule_lines, table_lines

_SOURCE = Path(__file__).parent / "report.typ"


def pdf(made: Made) -> bytes:
    """The same report gives the same bytes (fonts being the same)."""
    day, found = clock.local(made.as_of), made.figures
    return documents.set_pages(
        _SOURCE.read_bytes(),
        {
            "made": [day.year, day.month, day.day],
            "organ": made.body.name,
            "title": "行政执法统计年报",
            "year": found.year,
            "as_of": f"{day:%Y-%m-%d %H:%M}",
            "no": made.no,
            "reason": made.reason,
            "narrative": made.narrative.split("\n"),
            "charts": [{"title": title, "svg": svg} for title, svg in drawn(found)],
            "tables": [
                {
                    "title": t["title"],
                    "note": t["note"],
                    "duty": t["duty"],
                    "split": t["split"],
                    "rows": [[*r[:3], *(r[4:] if t["split"] else ())] for r in t["rows"]],
                }
                for t in table_lines(found, in_wan=made.in_wan)
            ],
            "rule": rule_lines(made.rule),
        },
    )

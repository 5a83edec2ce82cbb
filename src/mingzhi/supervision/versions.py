"""Frozen versions: reads, differences between two, what of one is made public, and reckoning it again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef
from mingzhi.supervision import charts, figures, layout, words
from mingzhi.supervision.choices import Act
from mingzhi.supervision.data import Figures, Values, VersionView
from mingzhi.supervision.errors import NoVersion
from mingzhi.supervision.models import ReportEvent, ReportVersion
from mingzhi.supervision.rules import YearRule


@dataclass(frozen=True, slots=True)
class Made:
    """Everything the report's paper and sheets are set from."""

    body: BodyRef
    figures: Figures
    narrative: str
    no: int
    as_of: datetime
    rule: Mapping[str, Any]
    reason: str = ""

    @property
    def in_wan(self) -> bool:
        return bool(self.rule["in_wan"])

    @property
    def title(self) -> str:
        return f"{self.body.name}{self.figures.year}年度行政执法统计年报"


def rule_plain(rule: YearRule) -> dict[str, Any]:
    """The rule as it is frozen with the figures."""
    return {
        "version": rule.rule.version,
        "severity": list(rule.rule.severity),
        "annulled_stay": rule.rule.annulled_stay,
        "government": rule.rule.government,
        "in_wan": rule.in_wan,
        "acts": list(rule.acts),
        "lines": [list(line) for line in rule.lines],
    }


def rule_lines(stored: Mapping[str, Any]) -> list[list[str]]:
    """(what, how, source) of a frozen rule as it is printed and made public; a source that nobody has
    verified says so itself, here as on the desk."""
    return [[what, how, source] for what, how, source, _unconfirmed in stored["lines"]]


def latest(body_id: int, year: int) -> ReportVersion | None:
    return ReportVersion.objects.filter(body_id=body_id, year=year).order_by("-no").first()


def by_no(body_id: int, year: int, no: int | None) -> ReportVersion | None:
    return ReportVersion.objects.filter(body_id=body_id, year=year, no=no).first() if no else None


def view(row: ReportVersion, published: date | None = None) -> VersionView:
    return VersionView(
        id=row.pk,
        body_id=row.body_id,
        year=row.year,
        no=row.no,
        as_of=row.as_of,
        figures=Figures.of(row.figures),
        rule=row.rule,
        cases=row.cases,
        cases_sha256=row.cases_sha256,
        narrative=row.narrative,
        reason=row.reason,
        difference=tuple(row.difference),
        pdf_id=row.pdf_id,
        xlsx_id=row.xlsx_id,
        by=row.by,
        by_name=row.by_name,
        at=row.at,
        published_on=published,
    )


def versions(body_id: int, year: int) -> list[VersionView]:
    """Every version of a year's report, newest first."""
    rows = list(ReportVersion.objects.filter(body_id=body_id, year=year).order_by("-no"))
    approved = dict(
        ReportEvent.objects.filter(version__in=rows, act=Act.APPROVED).values_list("version_id", "on")
    )
    return [view(row, approved.get(row.pk)) for row in rows]


def version(body_id: int, year: int, no: int) -> VersionView:
    found = next((v for v in versions(body_id, year) if v.no == no), None)
    if found is None:
        raise NoVersion
    return found


def years(body_id: int) -> list[int]:
    rows = ReportVersion.objects.filter(body_id=body_id).order_by("-year").values_list("year", flat=True)
    return list(rows.distinct())


WHOLE = "合计"

# --- differences -------------------------------------------------------------------------------------


Sheet = tuple[str, int]
"""The whole, a unit or a body below, whatever it is called by then."""


def _walk(found: Figures) -> Iterator[tuple[Sheet, str, Values]]:
    yield ("", 0), WHOLE, found.total
    for kind, parts in (("unit", found.units), ("body", found.bodies)):
        for part in parts:
            yield (kind, part.id), part.name, part.values


def difference(before: Figures, after: Figures) -> list[dict[str, Any]]:
    """Every figure that is another one now, with where it stands: sheet, table, column, from, to."""
    was = {sheet: values for sheet, _name, values in _walk(before)}
    now = {sheet: values for sheet, _name, values in _walk(after)}
    names = {sheet: name for found in (before, after) for sheet, name, _values in _walk(found)}
    changed: list[dict[str, Any]] = []
    for sheet in dict.fromkeys([*was, *now]):
        for table in layout.TABLES:
            for column in table.columns:
                old = was.get(sheet, {}).get(table.code, {}).get(column.code)
                new = now.get(sheet, {}).get(table.code, {}).get(column.code)
                if (old or 0) != (new or 0):
                    changed.append(
                        {
                            "sheet": names[sheet],
                            "table": table.code,
                            "column": column.code,
                            "title": f"{table.title}·{column.title}",
                            "from": old or 0,
                            "to": new or 0,
                            "money": column.money,
                        }
                    )
    for name, old, new in (
        ("执法人员", before.officers, after.officers),
        ("持有效执法证件", before.certified, after.certified),
    ):
        if old != new:
            changed.append(
                {
                    "sheet": WHOLE,
                    "table": "certificates",
                    "column": "",
                    "title": name,
                    "from": old,
                    "to": new,
                    "money": False,
                }
            )
    return changed


def spoken_for(found: VersionView) -> list[BodyRef]:
    """The bodies whose figures a version holds, whoever stands under which today."""
    return [organisations.body(p.id) for p in found.figures.bodies] or [organisations.body(found.body_id)]


def recomputed(found: VersionView) -> tuple[list[dict[str, Any]], bool]:
    """The version reckoned again as of its moment, over the bodies it spoke for: the figures that differ, and
    whether the matters behind them are the same. Empty and true is what must come out, next year as well,
    whoever was renamed, founded or put under another since."""
    body, known = organisations.body(found.body_id), spoken_for(found)
    again = figures.as_of(body, found.year, found.as_of, known=known)
    people = Figures(
        **{**_fields(again), "officers": found.figures.officers, "certified": found.figures.certified}
    )
    matters, sha = figures.digest(body, found.year, found.as_of, known=known)
    return difference(found.figures, people), (matters, sha) == (found.cases, found.cases_sha256)


def _fields(found: Figures) -> dict[str, Any]:
    return {name: getattr(found, name) for name in Figures.__slots__}


# --- what the public reads ---------------------------------------------------------------------------


def table_lines(found: Figures, *, in_wan: bool) -> list[dict[str, Any]]:
    """The tables of the whole body as text, for pages and papers: title, note, (column, unit, figure, code,
    counted here, reported by units). ``split`` tells whether the last two are to be shown."""
    return [
        {
            "code": table.code,
            "title": table.title,
            "note": table.note,
            "split": split(found, table),
            "rows": [
                (
                    column.title,
                    words.unit_of(column, in_wan=in_wan),
                    words.figure(column, found.total[table.code][column.code], in_wan=in_wan),
                    column.code,
                    *(words.figure(column, part, in_wan=in_wan) for part in parts(found, table, column)),
                )
                for column in table.columns
            ],
            "duty": any(found.total[table.code][c.code] is not None for c in table.columns),
        }
        for table in layout.TABLES
    ]


def split(found: Figures, table: layout.Table) -> bool:
    """Whether the figures of a table tell what was counted here and what units reported."""
    return found.typed is not None and (table.supplemented or table.code in found.typed)


def parts(found: Figures, table: layout.Table, column: layout.Column) -> tuple[int | None, int | None]:
    """(counted by this system, reported by units) of a figure; ``None`` where there can be none."""
    whole = found.total[table.code][column.code]
    if whole is None or found.typed is None:
        return None, None
    reported = found.typed.get(table.code, {}).get(column.code, 0)
    return (whole - reported if column.here else None), reported


def drawn(found: Figures) -> list[tuple[str, str]]:
    """(title, SVG) of the report's charts; the tables have the same figures."""
    kinds = [
        (c.title, found.total["penalty"][c.code] or 0)
        for c in layout.TABLES[0].columns
        if not c.sum_of_others and not c.money
    ]
    months = [(f"{n} 月", count) for n, (count, _fen) in enumerate(found.months, 1)]
    return [
        ("行政处罚种类（宗）", charts.lying(kinds, "行政处罚种类")),
        ("各月行政处罚决定（宗）", charts.standing(months, "各月行政处罚决定")),
    ]


def public_content(row: ReportVersion) -> dict[str, Any]:
    """Figures and words only: no file numbers, no names of people."""
    found = Figures.of(row.figures)
    in_wan = bool(row.rule["in_wan"])
    return {
        "year": row.year,
        "no": row.no,
        "as_of": clock.local_date(row.as_of).isoformat(),
        "narrative": row.narrative,
        "tables": [
            {
                "title": t["title"],
                "note": t["note"],
                "duty": t["duty"],
                "split": t["split"],
                "rows": [[*r[:3], *(r[4:] if t["split"] else ())] for r in t["rows"]],
            }
            for t in table_lines(found, in_wan=in_wan)
        ],
        "charts": [list(chart) for chart in drawn(found)],
        "officers": found.officers,
        "certified": found.certified,
        "rule": rule_lines(row.rule),
        "rule_version": row.rule["version"],
        "cases": row.cases,
        "cases_sha256": row.cases_sha256,
        "difference": [
            {
                "title": d["title"],
                "from": words.amount(d["from"], in_wan=in_wan) if d["money"] else str(d["from"]),
                "to": words.amount(d["to"], in_wan=in_wan) if d["money"] else str(d["to"]),
            }
            for d in row.difference
            if d["sheet"] == WHOLE
        ],
    }

"""A list of a million rows: imported from xlsx and CSV, checked and committed; exported as both.

    python -m bench.lists [--rows 1000000] [--postgres URL]

The rows are made by formula (no real body or place) for the list of random-inspection items, nine columns, one of
them laws with articles. An import is what the desk does: the whole file is read and checked cell by cell
and the draft's rows are replaced in one transaction. An export is the stream that a download gets, in a
process of its own, so that its peak of memory is its own: what the process holds itself (RssAnon, looked at
with every part), without the pages of the database file that SQLite maps and the system takes back. Peer for writing: xlsxwriter, constant memory.
"""

from __future__ import annotations

import argparse
import csv
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import bureau as house

KIND = "random"


def made(count: int) -> Iterator[list[str]]:
    for n in range(count):
        yield [
            f"SJ-{n:07d}",
            f"对第{n}类示例活动的检查",
            "示例市示例局",
            f"《示例管理条例》第{n % 90 + 1}条；《示例管理办法》第{n % 40 + 1}条第一款",
            "辖区内从事示例活动的企业和个体工商户",
            "资质条件、设施设备、台账记录、人员培训情况",
            f"{n % 20 + 1}%",
            "随机抽取检查对象、随机选派检查人员，实地检查",
            "每年一次",
        ]


def files(folder: Path, count: int) -> None:
    """The same rows as CSV and as an xlsx written by xlsxwriter, as a bureau's own tools would."""
    import xlsxwriter

    from mingzhi.catalogue.api import public_lists

    heads = [c.label for c in public_lists.list_schema(KIND).shown]
    with (folder / "list.csv").open("w", encoding="utf-8-sig", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(heads)
        writer.writerows(made(count))
    book = xlsxwriter.Workbook(str(folder / "list.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("清单")
    sheet.write_row(0, 0, heads)
    for line, row in enumerate(made(count), 1):
        for column, text in enumerate(row):
            sheet.write_string(line, column, text)
    book.close()


def imports(folder: str, count: int) -> dict[str, Any]:
    from mingzhi.catalogue.api import public_lists
    from mingzhi.kernel import clock

    at = clock.now()
    by = house.people().actor("keeper", at)
    began = time.perf_counter()
    files(Path(folder), count)
    found: dict[str, Any] = {"rows": count, "files_made_s": round(time.perf_counter() - began, 2)}
    version = public_lists.list_start(
        list_id=public_lists.list_of(kind=KIND, by=by).pk,
        valid_from=clock.local_date(at),
        reason="bench",
        rows=[],
        by=by,
        at=at,
    )
    for name in ("list.csv", "list.xlsx"):
        version.refresh_from_db()
        began = time.perf_counter()
        with (Path(folder) / name).open("rb") as file:
            checked = public_lists.sheet_import(
                version_id=version.pk, seen=version.digest, file=file, name=name, by=by, at=at
            )
        found[f"import_{name[5:]}_s"] = round(time.perf_counter() - began, 2)
        if checked.rows != count:
            raise SystemExit(f"{name}: {checked.rows} rows of {count}")
    return found | {"version": version.pk}


def held() -> int:
    """MiB that this process holds for itself. Linux only."""
    lines = Path("/proc/self/status").read_text("ascii", errors="replace").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("RssAnon:")) // 1024


def exports(version_id: int, folder: str, count: int) -> dict[str, Any]:
    import xlsxwriter

    from mingzhi.catalogue.api import public_lists
    from mingzhi.catalogue.models import ListVersion

    version = ListVersion.objects.select_related("list").get(pk=version_id)
    found: dict[str, Any] = {"mib_before": held()}
    for name, parts in (("csv", public_lists.csv_of), ("xlsx", public_lists.xlsx_of)):
        began, peak = time.perf_counter(), 0
        with (Path(folder) / f"out.{name}").open("wb") as out:
            for part in parts(version):
                out.write(part)
                peak = max(peak, held())
        seconds = time.perf_counter() - began
        found |= {
            f"export_{name}_rows_per_s": round(count / seconds),
            f"export_{name}_peak_mib": peak,
        }
    tenth = max(1, count // 10)
    began = time.perf_counter()
    book = xlsxwriter.Workbook(str(Path(folder) / "peer.xlsx"), {"constant_memory": True})
    sheet = book.add_worksheet("清单")
    for line, row in enumerate(made(tenth)):
        for column, text in enumerate(row):
            sheet.write_string(line, column, text)
    book.close()
    return found | {"xlsxwriter_rows_per_s": round(tenth / (time.perf_counter() - began))}


def measure(count: int, url: str = "") -> dict[str, Any]:
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-lists-") as folder, house.installation(url):
        found = house.set_up(imports, folder, count)
        return (
            {"database": "postgresql" if url else "sqlite"}
            | found
            | house.set_up(exports, found.pop("version"), folder, count)
        )


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=1_000_000)
    parser.add_argument(
        "--postgres", default="", help="postgres://… of a server; takes a database of its own"
    )
    options = parser.parse_args()
    results = [measure(options.rows)]
    if options.postgres:
        with house.fresh_database(options.postgres) as url:
            results.append(measure(options.rows, url))
    house.answer(results)


if __name__ == "__main__":
    main()

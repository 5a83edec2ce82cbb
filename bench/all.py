"""Every bench one after the other, and what each goal came to.

    python -m bench all [--quick | --full] [--only engine,desk] [--postgres URL] [--minutes 20] [--json FILE]

Each bench is a process of its own with a time limit, beyond which it and what it started are ended;
``--minutes`` bounds the whole (20, or 6 with ``--quick``). A bench that failed, was too slow or could
not be begun stands in the table as such. The table (Markdown) goes to stdout, all answers with the load
before and after to the JSON file. Sizes are those of the goals with ``--full``, smaller with ``--quick``:
then the goal is only approached, and the options stand beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import bureau as house

Found = Any
"""A bench's answer: its JSON, or its text where it prints lines."""


@dataclass(frozen=True)
class Goal:
    """``read`` takes the figure from the answer; it is met when at least (or at most) ``line``."""

    what: str
    line: float
    read: Callable[[Found], float]
    at_least: bool = False

    def met(self, figure: float) -> bool:
        return figure >= self.line if self.at_least else figure <= self.line

    def __str__(self) -> str:
        return f"{self.what}: {'≥' if self.at_least else '≤'} {self.line:,g}"


@dataclass(frozen=True)
class Bench:
    """``full`` and ``quick`` are its options, the numbers after them the seconds it may take."""

    name: str
    full: tuple[str, int]
    quick: tuple[str, int]
    goals: Callable[[Found], list[Goal]]
    databases: bool = False
    """Knows ``--postgres``."""
    needs: tuple[str, ...] = ()


def engine(found: Found) -> list[Goal]:
    return [
        goal
        for n, one in enumerate(found)
        for goal in (
            Goal(
                f"steps a second, {one['clients']} clients, {one['database']}",
                200,
                lambda f, n=n: f[n]["steps_per_second"],
                at_least=True,
            ),
            Goal(
                f"refused step, p95 ms, one client, {one['database']}",
                30,
                lambda f, n=n: f[n]["refused_alone"]["p95_ms"],
            ),
            Goal(
                f"refused step, p95 ms, all clients at once, {one['database']}",
                30,
                lambda f, n=n: f[n]["refused"]["p95_ms"],
            ),
        )
    ]


def desk(found: Found) -> list[Goal]:
    goals = []
    for n, one in enumerate(found):
        for m, size in enumerate(one["sizes"]):
            where = f"{size['cases']:,} cases, {size['database']}"

            def worst(found: Found, start: str, n: int = n, m: int = m) -> float:
                shown = found[n]["sizes"][m]["pages"]
                return max(row["p95_ms"] for name, row in shown.items() if name.startswith(start))

            for what, start, line in (
                ("worst list of 100", "list_of_100", 60),
                ("worst list of my 100", "list_of_100_mine", 60),
                ("worst workbench", "workbench", 100),
                ("case page", "case_page", 150),
                ("papers of a case", "case_papers", 150),
            ):
                goals.append(
                    Goal(
                        f"{what}, p95 ms, {where}",
                        line,
                        lambda f, worst=worst, start=start: worst(f, start),
                    )
                )
    return goals


TEN = "proofs_at_ten_million"


def ledger(found: Found) -> list[Goal]:
    size = f"{found['proofs']['size']:,} entries"
    return [
        Goal(
            "durable entries a second, batch 256",
            100_000,
            lambda f: f["durable_append"]["entries_per_second"]["batch_256"],
            at_least=True,
        ),
        Goal(f"inclusion, p95 µs, {size}", 30, lambda f: f["proofs"]["microseconds"]["inclusion_p95"]),
        Goal(f"consistency, p95 µs, {size}", 30, lambda f: f["proofs"]["microseconds"]["consistency_p95"]),
        Goal(
            "root equals pymerkle's (1: yes)",
            1,
            lambda f: float(f["proofs"]["root_equals_pymerkle"]),
            at_least=True,
        ),
        Goal(
            f"fsck, seconds a million rows, of {found['database']['rows']:,}",
            5,
            lambda f: f["database"]["fsck_seconds_per_million_rows"],
        ),
        Goal("receipt verified, ms", 50, lambda f: f["receipt"]["verified_both_ms"]),
    ] + [
        Goal(
            f"{name}, p95 µs, 10,000,000 entries",
            50,
            lambda f, name=name: f[TEN]["microseconds"][f"{name}_p95"],
        )
        for name in ("inclusion", "consistency")
        if TEN in found
    ]


def tiles(found: Found) -> list[Goal]:
    return [
        Goal("tiles a second from nginx", 30_000, lambda f: f["nginx_tiles_per_second"], at_least=True),
    ]


def pages(found: Found) -> list[Goal]:
    return [
        Goal(f"{name} a second, two processes", 1000, lambda f, name=name: f[0][f"{name}_per_second"], at_least=True)
        for name in ("decision", "decision_en", "decision_304", "home", "decisions", "lists", "procedures")
    ] + [
        Goal(f"former words read, {name}", 0, lambda f, name=name: f[0]["taken_back"][name]["stale"])
        for name in ("1_processes", "2_processes")
    ]  # fmt: skip


def pack(found: Found) -> list[Goal]:
    return [
        Goal("static pages a second from nginx", 30_000, lambda f: f[0]["nginx_pages_per_second"], at_least=True),
        Goal("seconds until a withdrawal is in step", 60, lambda f: f[0]["one_withdrawn_seconds"]),
    ]  # fmt: skip


def attempts(found: Found) -> list[Goal]:
    return [
        Goal(f"a page view's line, p50 ms, {name}", 2, lambda f, name=name: f[name]["cost_p50_ms"])
        for name in found
    ]


def _first(pattern: str) -> Callable[[str], float]:
    def read(text: str) -> float:
        found = re.search(pattern, text, re.DOTALL)
        if found is None:
            raise LookupError(pattern)
        return float(found[1])

    return read


def papers(_: Found) -> list[Goal]:
    return [
        Goal(f"{kind} papers a second on two cores", 35, _first(pattern), at_least=True)
        for kind, pattern in (
            ("unsigned", r"unsigned: .*?([\d.]+) papers/s on \d+ threads"),
            ("signed", r"signed \(PAdES.*?([\d.]+) papers/s on \d+ threads"),
        )
    ]


def dossier(_: Found) -> list[Goal]:
    return [
        Goal(f"dossier: {what}, s", line, _first(rf"{word}: +([\d.]+) s"))
        for what, word, line in (
            ("opens", "opens", 1),
            ("its PDF", "PDF", 10),
            ("its package", "package", 20),
        )
    ]


def search(found: Found) -> list[Goal]:
    where = f"{found['seeded']['rows']:,} made decisions"
    goals = [
        Goal(f"search with all facets, p95 ms, {where}", 50, lambda f: f["engines"]["ours, the page and all facets"]["p95_ms"]),
        Goal(f"search without facets, p95 ms, {where}", 20, lambda f: f["engines"]["ours, the page without facets"]["p95_ms"]),
        Goal("a new text is found after, ms", 1000, lambda f: f["new_seen_ms"]),
        Goal("a withdrawn text is gone after, ms", 1000, lambda f: f["gathered_gone_ms"]),
    ]  # fmt: skip
    return goals + [
        Goal(
            f"the same result sets as {name.split(',')[0]}, of a hundred",
            100,
            lambda f, name=name: 100 * f["engines"][name]["compared"]["pages"] / f["queries"],
            at_least=True,
        )
        for name, row in found["engines"].items()
        if "compared" in row
    ]


def public(found: Found) -> list[Goal]:
    goals = []
    for n, one in enumerate(found):
        where = f"{one['seeded']['decisions']:,} decisions, {one['database']}"
        goals += [
            Goal(f"public search, p95 ms, {where}", 20, lambda f, n=n: f[n]["ms"]["public_search"]["p95_ms"]),
            Goal(f"its page, p95 ms, {where}", 20, lambda f, n=n: f[n]["ms"]["page"]["p95_ms"]),
            Goal(
                f"answers exact, of a hundred, {where}",
                100,
                lambda f, n=n: 100 * f[n]["exact"] / f[n]["queries"],
                at_least=True,
            ),
        ]
    return goals


def memory(_: Found) -> list[Goal]:
    return [Goal("server and worker at rest, MB resident", 500, lambda f: f["resident_mb_together"])]


def upload(found: Found) -> list[Goal]:
    where = f"{found['megabytes']} MiB"
    goals = [
        Goal(f"upload beside @tus/server, equal guarantees, {where}", 1.5, lambda f: f["ratio"], True),
        Goal(f"upload, MB/s hashed and flushed, {where}", 500, lambda f: f["ours"], True),
    ]
    if "resident_mb" in found:
        goals.append(Goal("server's memory while uploading, MB", 250, lambda f: f["resident_mb"]))
    return [*goals, Goal("first byte of a seek, p95 ms", 10, lambda f: f["first_byte"]["p95_ms"])]


def kills(found: Found) -> list[Goal]:
    return [Goal(f"uploads lost in {found['kills']} kills", 0, lambda f: f["lost"] + f["different"])]


def masking(found: Found) -> list[Goal]:
    return [
        Goal(f"{name}, of {found['seeded_each']:,}", 0, lambda f, name=name: f[name])
        for name in ("resident_id_left", "mobile_left", "bank_card_left", "landline_left", "names_known_left")
    ] + [
        Goal(f"planted identifiers in public bytes, of {found['planted']:,}", 0, lambda f: f["planted_left"]),
        Goal("names found by what stands around them, share", 0.98, lambda f: f["names_by_cue_share"], at_least=True),
    ]  # fmt: skip


BENCHES = (
    Bench("engine", ("--seconds 8 --cases 15", 150), ("--seconds 3 --cases 4", 90), engine, databases=True),
    Bench("papers", ("--papers 100", 120), ("--papers 20", 40), papers),
    Bench("memory", ("--seconds 10", 60), ("--seconds 3", 40), memory),
    Bench("attempts", ("--rounds 200", 90), ("--rounds 40", 60), attempts, databases=True),
    Bench("ledger", ("--full", 360), ("--quick", 60), ledger),
    Bench("tiles", ("--entries 400000 --seconds 5", 120), ("--entries 30000 --seconds 1", 45), tiles),
    Bench(
        "pages",
        ("--seconds 5 --rounds 2 --changes 30", 240),
        ("--seconds 1 --rounds 1 --changes 6", 90),
        pages,
    ),
    Bench("pack", ("--decisions 300 --seconds 5", 150), ("--decisions 40 --seconds 1 --rounds 1", 60), pack),
    Bench(
        "desk",
        ("--sizes 10000,1000000 --rounds 20", 420),
        ("--sizes 3000,30000 --rounds 5", 75),
        desk,
        databases=True,
    ),
    Bench(
        "public",
        ("--decisions 200000 --queries 100", 300),
        ("--decisions 5000 --queries 20", 45),
        public,
        databases=True,
    ),
    Bench(
        "upload",
        ("--megabytes 1024 --rounds 3", 120),
        ("--megabytes 128 --rounds 2 --memory 256 --seeks 60", 50),
        upload,
        needs=("node", "npm"),
    ),
    Bench("dossier", ("--papers 500 --rounds 1", 180), ("--papers 40 --rounds 1", 45), dossier),
    Bench(
        "search",
        ("--rows 200000 --queries 100 --json", 300),
        ("--rows 5000 --queries 30 --json", 60),
        search,
        databases=True,
    ),
    Bench("kills", ("--count 60", 180), ("--count 5", 40), kills, needs=("node",)),
    Bench(
        "masking",
        ("--each 6000 --planted 10000 --json", 600),
        ("--each 500 --planted 240 --json", 90),
        masking,
    ),
)


def run(bench: Bench, options: str, seconds: float, postgres: str) -> dict[str, Any]:
    """One bench in a process of its own; what it answered, or why it did not."""
    given = shlex.split(options) + (["--postgres", postgres] if postgres and bench.databases else [])
    told: dict[str, Any] = {"command": shlex.join(["bench", bench.name, *given])}
    absent = [name for name in bench.needs if shutil.which(name) is None]
    if absent:
        return {**told, "problem": f"not run: {', '.join(absent)} not on this machine"}
    if seconds < 1:
        return {**told, "problem": "not run: no time left"}
    told["load_before"] = round(os.getloadavg()[0], 2)
    began = time.monotonic()
    with tempfile.TemporaryFile("w+") as out, tempfile.TemporaryFile("w+") as errors:
        process = subprocess.Popen(
            [sys.executable, "-m", "bench", bench.name, *given],
            cwd=house.ROOT, stdout=out, stderr=errors, start_new_session=True,
        )  # fmt: skip
        try:
            process.wait(seconds)
        except subprocess.TimeoutExpired:
            told["problem"] = f"not finished in its {seconds:.0f} s"
        finally:
            _end(process)
        told["seconds"] = round(time.monotonic() - began, 1)
        told["load_after"] = round(os.getloadavg()[0], 2)
        out.seek(0)
        errors.seek(0)
        text, said = out.read(), errors.read().splitlines()
    if "problem" not in told and process.returncode:
        told["problem"] = f"failed ({process.returncode}): {said[-1] if said else 'without a word'}"
    if "problem" in told:
        return {**told, "printed": text, "said": said[-20:]}
    try:
        told["answer"] = json.loads(text)
    except ValueError:
        told["answer"] = text
    return told


def _end(process: subprocess.Popen[bytes]) -> None:
    """The bench and the processes it began that are still there."""
    try:
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(5)
        os.killpg(process.pid, signal.SIGKILL)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    process.wait()


def rows(bench: Bench, told: dict[str, Any]) -> list[dict[str, Any]]:
    """Lines of the table: goal, figure, verdict; one without a figure when there is no answer."""
    if "problem" in told:
        return [{"goal": bench.name, "measured": None, "verdict": told["problem"]}]
    try:
        goals = bench.goals(told["answer"])
    except (LookupError, TypeError, ValueError) as error:
        return [{"goal": bench.name, "measured": None, "verdict": f"answer not understood: {error!r}"}]
    found = []
    for goal in goals:
        try:
            figure = goal.read(told["answer"])
        except (LookupError, TypeError, ValueError) as error:
            found.append({"goal": str(goal), "measured": None, "verdict": f"no figure: {error!r}"})
            continue
        if figure is None:
            found.append({"goal": str(goal), "measured": None, "verdict": "not measured"})
            continue
        verdict = "met" if goal.met(figure) else "**missed**"
        found.append({"goal": str(goal), "measured": round(figure, 2), "verdict": verdict})
    return found


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    size = parser.add_mutually_exclusive_group()
    size.add_argument("--quick", action="store_true", help="small sizes, at most 6 minutes")
    size.add_argument(
        "--full", action="store_true", help="the goals' sizes, at most 20 minutes (the default)"
    )
    parser.add_argument("--only", default="", help="names, with commas between")
    parser.add_argument(
        "--postgres", default="", metavar="URL", help="a server, for the benches that know it"
    )
    parser.add_argument("--minutes", type=float, default=0, help="bound of the whole")
    parser.add_argument("--json", type=Path, default=Path("bench.json"), metavar="FILE")
    asked = parser.parse_args()
    names = set(filter(None, asked.only.split(",")))
    unknown = names - {bench.name for bench in BENCHES}
    if unknown:
        parser.error(f"no such bench: {', '.join(sorted(unknown))}")
    until = time.monotonic() + 60 * (asked.minutes or (6 if asked.quick else 20))
    found: dict[str, Any] = {
        "size": "quick" if asked.quick else "full",
        "cores": os.cpu_count(),
        "benches": {},
    }
    print("| Goal | Measured | | Command | Load before, after |\n|---|---|---|---|---|", flush=True)
    for bench in BENCHES:
        if names and bench.name not in names:
            continue
        options, limit = bench.quick if asked.quick else bench.full
        house.note(f"{bench.name} {options} (at most {limit} s)")
        told = run(bench, options, min(limit, until - time.monotonic()), asked.postgres)
        told["goals"] = rows(bench, told)
        found["benches"][bench.name] = told
        asked.json.write_text(json.dumps(found, ensure_ascii=False, indent=1), encoding="utf-8")
        load = f"{told.get('load_before', '—')}, {told.get('load_after', '—')}"
        for row in told["goals"]:
            figure = "—" if row["measured"] is None else f"{row['measured']:,g}"
            print(
                f"| {row['goal']} | {figure} | {row['verdict']} | `{told['command']}` | {load} |", flush=True
            )
    house.note(f"answers: {asked.json}")


if __name__ == "__main__":
    main()

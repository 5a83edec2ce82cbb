"""Ledger figures: ``python -m bench ledger [--quick] [--full] [--only PARTS]`` prints one JSON object.

Rounds of ours and of pymerkle's are interleaved; each figure is the median of the rounds. The
durable path is the tree store's own: hashes, levels and one fdatasync for each batch. ``--full``
adds proofs at 10⁷ leaves (ours alone: pymerkle's tree of that size does not fit in memory);
``--full --only proofs`` takes proofs at both sizes and nothing else. Tiles have a bench of their own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from hashlib import sha256
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

ENTRY = b"x" * 300


@contextmanager
def own_database() -> Iterator[None]:
    """Django on an empty database of this run's own, never a bureau's."""
    var = tempfile.mkdtemp(prefix="mingzhi-bench-var-", dir=os.environ.get("MINGZHI_BENCH_DIR"))
    os.environ["MINGZHI_VAR"] = var
    os.environ.pop("MINGZHI_DATABASE_URL", None)
    os.environ["DJANGO_SETTINGS_MODULE"] = os.environ.get("MINGZHI_BENCH_SETTINGS", "config.settings.dev")
    import django

    django.setup()
    try:
        yield
    finally:
        shutil.rmtree(var, ignore_errors=True)


def _rate(count: int, run: Callable[[], None]) -> float:
    start = perf_counter()
    run()
    return count / (perf_counter() - start)


def _cpu() -> float:
    """Processor seconds of this process and of its children that have ended."""
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)


def _entries(count: int, start: int = 0) -> list[bytes]:
    return [b"%012d" % index + ENTRY[12:] for index in range(start, start + count)]


def _ours_durable(folder: Path, entries: list[bytes], batch: int) -> bytes:
    from mingzhi.ledger.tree import Tree

    shutil.rmtree(folder, ignore_errors=True)
    tree = Tree(folder)
    for start in range(0, len(entries), batch):
        tree.append([sha256(b"\x00" + entry).digest() for entry in entries[start : start + batch]])
    root = tree.root(len(entries))
    tree.close()
    return root


def _pymerkle(entries: list[bytes]) -> bytes:
    from pymerkle import InmemoryTree

    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    return tree.get_root()


def _pymerkle_sqlite(folder: Path, entries: list[bytes]) -> None:
    from pymerkle import SqliteTree

    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "pymerkle.sqlite3"
    path.unlink(missing_ok=True)
    tree = SqliteTree(str(path), algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    tree.con.close()


def _fdatasync(scratch: Path) -> None:
    """What the disk allows: 8 KiB (256 hashes) appended and synced, 1 000 times."""
    file = os.open(scratch / "limit", os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
    for _ in range(1_000):
        os.write(file, bytes(8_192))
        os.fdatasync(file)
    os.close(file)


def durable(scratch: Path, rounds: int) -> dict[str, Any]:
    counts = {1: 1_500, 16: 16_000, 256: 102_400, 4096: 204_800}
    rates: dict[str, list[float]] = {}
    equal = True
    for _ in range(rounds):
        rates.setdefault("limit_fdatasync_of_8_kib", []).append(_rate(1_000, lambda: _fdatasync(scratch)))
        for batch, count in counts.items():
            entries = _entries(count)
            root: list[bytes] = []

            def ours(entries: list[bytes] = entries, batch: int = batch, root: list[bytes] = root) -> None:
                root.append(_ours_durable(scratch / "tree", entries, batch))

            rates.setdefault(f"batch_{batch}", []).append(_rate(count, ours))
            if batch in (1, 16):
                equal &= root[0] == _pymerkle(entries)
        few = _entries(20_000)
        rates.setdefault("pymerkle_memory_not_durable", []).append(
            _rate(len(few), lambda e=few: _pymerkle(e))
        )
        one = _entries(500)
        rates.setdefault("pymerkle_sqlite_commit_each", []).append(
            _rate(len(one), lambda e=one: _pymerkle_sqlite(scratch, e))
        )
    return {
        "entries_per_second": {k: round(median(v)) for k, v in rates.items()},
        "roots_equal_pymerkle": equal,
    }


def proofs(scratch: Path, size: int, rounds: int, *, peer: bool = True) -> dict[str, Any]:
    from pymerkle import InmemoryTree

    from mingzhi.ledger import merkle
    from mingzhi.ledger.tree import Tree

    folder = scratch / "proofs"
    tree = Tree(folder)
    theirs = InmemoryTree(algorithm="sha256")
    for start in range(0, size, 50_000):
        block = _entries(min(50_000, size - start), start)
        tree.append([sha256(b"\x00" + entry).digest() for entry in block])
        for entry in block if peer else ():
            theirs.append_entry(entry)
    root = tree.root(size)
    equal = root == theirs.get_root() if peer else None
    step = 7_919
    indexes = [(i * step * 31) % size for i in range(2_000)]
    times: dict[str, list[float]] = {}

    def timed(name: str, run: Callable[[int], Any], which: list[int]) -> None:
        spent = []
        for index in which:
            start = perf_counter()
            run(index)
            spent.append(perf_counter() - start)
        spent.sort()
        times.setdefault(name + "_p50", []).append(spent[len(spent) // 2] * 1e6)
        times.setdefault(name + "_p95", []).append(spent[len(spent) * 95 // 100] * 1e6)

    for _ in range(rounds):
        timed("inclusion", lambda i: tree.inclusion(i, size), indexes)
        timed("consistency", lambda i: tree.consistency(i + 1, size), indexes)
        if peer:
            timed("pymerkle_memory_inclusion", lambda i: theirs.prove_inclusion(i + 1, size), indexes[:300])
        leaves = [tree.node(0, i) for i in indexes]
        paths = [tree.inclusion(i, size) for i in indexes]
        shown = {i: (leaf, path) for i, leaf, path in zip(indexes, leaves, paths, strict=True)}
        timed(
            "check_inclusion",
            lambda i, shown=shown: merkle.check_inclusion(shown[i][0], i, size, shown[i][1], root),
            indexes,
        )
    tree.close()
    shutil.rmtree(folder)
    return {
        "size": size,
        "microseconds": {k: round(median(v), 1) for k, v in times.items()},
        "root_equals_pymerkle": equal,
    }


KINDS = 8
"""As in a bureau, the facts are of several kinds; fsck's two processes share them out."""


def _kind(number: int) -> str:
    return f"bench:fact{number % KINDS}"


def bulk(facts: list[tuple[str, dict[str, Any], Any]]) -> None:
    """The same rows as ``api.append`` writes, many at a time: fills the table for fsck."""
    from django.db import connection

    from mingzhi.kernel import canonical
    from mingzhi.ledger.head import Head, commit, moment
    from mingzhi.ledger.merkle import leaf_hash

    rows = []
    for subject, content, at in facts:
        salt = os.urandom(32)
        commitment = commit(salt, canonical.encode(content))
        kind = _kind(content["number"])
        leaf = leaf_hash(Head(kind, 1, subject, moment(at), commitment.hex()).leaf())
        when = connection.ops.adapt_datetimefield_value(at)
        rows.append((kind, 1, subject, salt, commitment, leaf, when))
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT INTO ledger_entry (kind, version, subject, salt, commitment, leaf, at) "
            "VALUES (%s, %s, %s, %s, %s, %s, %s)",
            rows,
        )


def database(rows: int, rounds: int) -> dict[str, Any]:
    """Through the database of this run's settings: append, sequence, attempt, fsck."""
    from datetime import UTC, datetime, timedelta

    from django.core.management import call_command
    from django.db import connection, transaction

    from mingzhi.ledger import api, kinds
    from mingzhi.ledger.fsck import fsck

    call_command("migrate", "ledger", verbosity=0)
    call_command("migrate", "ledger", database="attempts", verbosity=0)
    table = "bench_fact"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE TABLE {table} (id integer PRIMARY KEY, amount integer, name text)")

    def payload(number: int, amount: int, name: str) -> dict[str, Any]:
        return {"number": number, "amount_fen": amount, "name": name}

    def live(kind: int) -> Any:
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT id, amount, name FROM {table} WHERE id % {KINDS} = {kind}")
            while block := cursor.fetchmany(5_000):
                for number, amount, name in block:
                    yield f"fact:{number}", {"number": number, "amount_fen": amount, "name": name}

    for kind in kinds.everything():  # the other rooms' tables are not made here
        kinds.forget(kind.name)
    for number in range(KINDS):
        api.register(api.Kind(_kind(number), 1, "测速记录", rows=partial(live, number)))
    at = datetime(2026, 9, 14, 1, 30, tzinfo=UTC)
    appends, places, attempts_, steps = [], [], [], []
    done = 0
    while done < rows:
        count = min(20_000 if done < 60_000 else 50_000, rows - done)
        facts = [(n, n * 3, f"示例{n}号") for n in range(done, done + count)]
        moments = [at + timedelta(microseconds=31 * n) for n in range(done, done + count)]
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.executemany(f"INSERT INTO {table} VALUES (%s, %s, %s)", facts)
            if done < 60_000:
                start = perf_counter()
                for (number, amount, name), moment in zip(facts, moments, strict=True):
                    api.append(_kind(number), f"fact:{number}", payload(number, amount, name), at=moment)
                appends.append(count / (perf_counter() - start))
            else:
                bulk(
                    [(f"fact:{n}", payload(n, a, t), m) for (n, a, t), m in zip(facts, moments, strict=True)]
                )
        done += count
        start = perf_counter()
        api.sequence(at=at + timedelta(seconds=done))
        places.append(count / (perf_counter() - start))
    for number in range(100):
        start = perf_counter()
        api.attempt("bench:look", f"fact:{number}", by="示例人员", at=at)
        attempts_.append((perf_counter() - start) * 1000)
    times, cpu = [], []
    for _ in range(rounds):
        start, spent = perf_counter(), _cpu()
        report = fsck()
        times.append((perf_counter() - start) * 1e6 / rows)
        cpu.append((_cpu() - spent) * 1e6 / rows)
        assert report.rows == rows, report.findings[:3]
        assert report.size == rows, report.findings[:3]
        assert not [f for f in report.findings if f.code not in {"kind.unknown", "derived.unreadable"}], (
            report.findings[:3]
        )
    # One fact, one commit: what a step of the engine pays for its entry.
    for number in range(rows, rows + 200):
        start = perf_counter()
        with transaction.atomic():
            with connection.cursor() as cursor:
                cursor.execute(f"INSERT INTO {table} VALUES (%s, %s, %s)", [number, number * 3, "示例"])
            api.append(_kind(number), f"fact:{number}", payload(number, number * 3, "示例"), at=at)
        steps.append(1 / (perf_counter() - start))
    tick = perf_counter()
    api.sequence(at=at + timedelta(days=400))
    tick = (perf_counter() - tick) * 1000
    return {
        "vendor": connection.vendor,
        "rows": rows,
        "append_in_one_transaction_per_second": round(median(appends)),
        "append_committed_each_per_second": round(median(steps)),
        "sequenced_per_second": round(median(places)),
        "sequencer_tick_of_200_ms": round(tick, 1),
        "attempt_ms": round(median(attempts_), 2),
        "fsck_seconds_per_million_rows": round(median(times), 2),
        "fsck_cpu_seconds_per_million_rows": round(median(cpu), 2),
    }


def receipts(scratch: Path, rounds: int) -> dict[str, Any]:
    """A disclosing receipt with both signatures: made, and verified with nothing but the keys."""
    from mingzhi.ledger import api
    from mingzhi.ledger.verify import verify_bundle

    found = api.entries_of("fact:7")[0]
    times: dict[str, list[float]] = {}
    content = {"number": 7, "amount_fen": 21, "name": "示例7号"}
    keys = api.keys_in_force()
    for _ in range(rounds * 20):
        start = perf_counter()
        text = api.bundle(found.id, content)
        times.setdefault("made_ms", []).append((perf_counter() - start) * 1000)
        assert text is not None
        for name, given in (("verified_ed25519_ms", keys[:1]), ("verified_both_ms", keys)):
            start = perf_counter()
            verify_bundle(text, given)
            times.setdefault(name, []).append((perf_counter() - start) * 1000)
    start = perf_counter()
    code = "import mingzhi.ledger.verify_command"
    subprocess.run([sys.executable, "-c", code], check=True, env={**os.environ, "PYTHONPATH": "src"})
    whole = (perf_counter() - start) * 1000
    start = perf_counter()
    subprocess.run([sys.executable, "-c", ""], check=True)
    bare = (perf_counter() - start) * 1000
    return {
        **{name: round(median(spent), 2) for name, spent in times.items()},
        "keys": len(keys),
        "import_ms": round(whole - bare),
    }


PARTS = ("durable_append", "proofs", "proofs_at_ten_million", "database", "receipt")


def run(*, quick: bool = False, full: bool = False, only: tuple[str, ...] = ()) -> dict[str, Any]:
    """All figures, or those of the parts in ``only``. ``quick`` shrinks the sizes; ``full`` adds 10⁷."""
    scratch = Path(tempfile.mkdtemp(prefix="mingzhi-bench-", dir=os.environ.get("MINGZHI_BENCH_DIR")))
    size = 20_000 if quick else 1_000_000
    parts: dict[str, Callable[[], dict[str, Any]]] = {
        "durable_append": lambda: durable(scratch, 3),
        "proofs": lambda: proofs(scratch, size, 3),
        "proofs_at_ten_million": lambda: proofs(scratch, 10_000_000, 3, peer=False),
        "database": lambda: database(size, 3),
        "receipt": lambda: receipts(scratch, 3),  # of an entry that the database's part makes
    }
    wanted = [name for name in PARTS if not only or name.startswith(only)]
    if not full:
        wanted = [name for name in wanted if name != "proofs_at_ten_million"]
    if "receipt" in wanted and "database" not in wanted:
        wanted.insert(wanted.index("receipt"), "database")
    try:
        figures: dict[str, Any] = {"load_average_before": round(os.getloadavg()[0], 2)}
        for name in wanted:
            figures[name] = parts[name]()
        figures["load_average_after"] = round(os.getloadavg()[0], 2)
        return figures
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench ledger")
    parser.add_argument("--quick", action="store_true", help="20,000 entries instead of 1,000,000")
    parser.add_argument("--full", action="store_true", help="also proofs at 10,000,000 entries")
    parser.add_argument("--only", default="", help=f"parts, by how they begin: {', '.join(PARTS)}")
    asked = parser.parse_args()
    with own_database():
        only = tuple(part for part in asked.only.split(",") if part)
        figures = run(quick=asked.quick, full=asked.full, only=only)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

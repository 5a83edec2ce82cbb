"""Public pages by the real server, asked by wrk: ``python -m bench pages [--seconds 10] [--rounds 3]``.

A bureau of its own publishes decisions by the ordinary actions; ``mingzhi serve`` answers with two processes
while wrk asks on the same cores: a decision in both languages, one that the reader already holds (304), the
home page, the list, the lists' door, the procedures; behind nginx by ``config/nginx/mingzhi.conf``; and, as
the server's ceiling, a WSGI answer of the same length that does nothing. The kinds take turns.

Then the pages are read as fast as four readers can while decisions are corrected and withdrawn: a request
that began after the commit must not contain the former words, with one server process and with two.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import re
import subprocess
import sys
import tempfile
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path
from statistics import median
from typing import Any

from bench import bureau as house
from bench.serving import Server
from bench.tiles import nginx, program

CONFIG = house.ROOT / "config" / "nginx" / "mingzhi.conf"
ENGLISH = "Cookie: django_language=en"
DECISIONS = 6
ANSWER = b"x" * 12_000


def trivial(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
    """What the server itself can do."""
    start_response("200 OK", [("Content-Type", "text/html"), ("Content-Length", str(len(ANSWER)))])
    return [ANSWER]


# --- a bureau that publishes ------------------------------------------------------------------------------


class Desk:
    """The three people of a disclosure, by the ordinary actions; runs in the installation's process."""

    def __init__(self) -> None:
        from mingzhi.kernel import clock
        from mingzhi.organisations import api as organisations
        from mingzhi.organisations.data import Actor
        from mingzhi.organisations.permissions import Permission as P

        self.body = organisations.body(house.people().body_id)
        self.now = clock.now

        def person(n: int, *may: P) -> Actor:
            return Actor(
                account_id=n, person_id=n, name=f"测速{n}", body_id=self.body.id, unit_id=None, permissions=frozenset(may)
            )  # fmt: skip

        self.collector = person(101, P.DISCLOSURE_COLLECT)
        self.checker = person(102, P.DISCLOSURE_CHECK)
        self.publisher = person(103, P.DISCLOSURE_PUBLISH)

    def snapshot(self, number: int, word: str) -> Any:
        from mingzhi.kernel import clock
        from mingzhi.publication.data import PenaltySnapshot

        return PenaltySnapshot(
            agency=self.body.name, agency_code=self.body.credit_code, party_name=f"示例{number}号渣土运输有限公司",
            party_kind="legal", credit_code="91110000600037341L", number=f"示例罚决字〔2026〕第{number}号",
            violation=f"随意倾倒建筑垃圾（{word}）", facts=f"执法人员检查发现当事人倾倒建筑垃圾（{word}）。" * 8,
            basis="《城市建筑垃圾管理规定》第二十六条", kinds=("03",), content="罚款人民币五千元", fine_fen=500_000,
            decided_on=clock.local_date(self.now()), field="chengguan", region="440803", item_code="chengguan.waste",
        )  # fmt: skip

    def _on(self, pk: int, word: str) -> None:
        from mingzhi.publication import api

        api.disclosure_collect(
            disclosure_id=pk, summary=f"示例（{word}）。", by=self.collector, at=self.now()
        )
        api.disclosure_check(disclosure_id=pk, by=self.checker, at=self.now())
        api.disclosure_publish(disclosure_id=pk, by=self.publisher, at=self.now())

    def publish(self, number: int, word: str) -> int:
        from mingzhi.publication import api

        made = self.snapshot(number, word)
        pk = api.schedule(
            dossier_id=None, kind="penalty", decided_on=made.decided_on, snapshot=made, body=self.body,
            by=self.publisher, at=self.now(),
        )  # fmt: skip
        self._on(pk, word)
        return pk

    def correct(self, pk: int, number: int, word: str) -> None:
        from mingzhi.publication import api

        api.disclosure_correct(
            disclosure_id=pk, reason="录入有误", snapshot=self.snapshot(number, word), by=self.collector, at=self.now()
        )  # fmt: skip
        self._on(pk, word)

    def withdraw(self, pk: int) -> None:
        from mingzhi.publication import api

        api.disclosure_withdraw(
            disclosure_id=pk, reason="决定已撤销", basis="行政处罚法第四十八条", by=self.publisher, at=self.now()
        )  # fmt: skip


def published(count: int) -> dict[str, Any]:
    """``count`` decisions on show, with their proofs; in the installation's process."""
    from mingzhi.kernel import clock
    from mingzhi.ledger import api as ledger

    desk = Desk()
    made = [desk.publish(n, f"首{n}") for n in range(1, count + 1)]
    ledger.sequence(at=clock.now())
    return {"decisions": made}


# --- how fast ---------------------------------------------------------------------------------------------


def hammered(address: str, seconds: float, *headers: str, expect: int = 200) -> tuple[float, float]:
    """Requests a second and the 99th percentile in milliseconds; every answer has the status expected."""
    given = [part for header in headers for part in ("-H", header)]
    command = [program("wrk"), "-t2", "-c16", f"-d{seconds:g}s", "--latency", *given, address]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    # wrk counts 304 among those that are neither 2xx nor 3xx errors: only 4xx and 5xx are told.
    # Who waits longer than wrk's two seconds stands in the 99th percentile; any other socket error is a fault.
    broken = re.search(r"Socket errors: connect (\d+), read (\d+), write (\d+)", told)
    assert "Non-2xx" not in told and (broken is None or not any(map(int, broken.groups()))), (
        address,
        expect,
        told,
    )
    rate, late = re.search(r"Requests/sec:\s*([\d.]+)", told), re.search(r"99%\s+([\d.]+)(us|ms|s)\b", told)
    assert rate and late, told
    return float(rate[1]), float(late[1]) * {"us": 1e-3, "ms": 1, "s": 1e3}[late[2]]


@contextlib.contextmanager
def ceiling() -> Iterator[int]:
    """The same server with ``trivial`` behind it."""
    server = Server(Path(tempfile.gettempdir()))
    command = [
        str(Path(sys.executable).parent / "granian"), "--interface", "wsgi", "--port", str(server.port), "--workers", "2",
        "--blocking-threads", "4", "--no-ws", "--log-level", "warning", "bench.pages:trivial",
    ]  # fmt: skip
    server.start(command)
    try:
        yield server.port
    finally:
        server.kill()


def speeds(folder: Path, decision: int, seconds: float, rounds: int) -> dict[str, Any]:
    server = Server(folder, options=("--workers", "2"))
    server.start()
    missing = [name for name in ("nginx", "wrk") if not program(name)]
    if missing:
        raise SystemExit(f"{'、'.join(missing)} 未安装（Debian：apt-get install {' '.join(missing)}）")
    page = f"/decisions/{decision}/"
    tag = server.ask("GET", page)[1]["etag"]
    found: dict[str, list[tuple[float, float]]] = {}
    try:
        with ceiling() as bare, front(server.port) as before:
            here = f"http://127.0.0.1:{server.port}"
            asked: dict[str, tuple[str, tuple[str, ...]]] = {
                "trivial": (f"http://127.0.0.1:{bare}/", ()),
                "decision": (here + page, ()),
                "decision_en": (here + page, (ENGLISH,)),
                "decision_304": (here + page, (f"If-None-Match: {tag}",)),
                "home": (here + "/", ()),
                "decisions": (here + "/decisions/", ()),
                "lists": (here + "/lists/", ()),
                "procedures": (here + "/procedures/", ()),
                "decision_behind_nginx": (f"http://127.0.0.1:{before}{page}", ()),
            }
            for _ in range(rounds):
                for name, (address, headers) in asked.items():
                    found.setdefault(name, []).append(hammered(address, seconds, *headers))
    finally:
        server.kill()
    return {
        f"{name}_{what}": round(median(one[place] for one in taken), 1)
        for name, taken in found.items()
        for place, what in ((0, "per_second"), (1, "p99_ms"))
    }


@contextlib.contextmanager
def front(port: int) -> Iterator[int]:
    """nginx before the server by our own example."""
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-nginx-") as scratch:
        text = CONFIG.read_text("utf-8").replace("127.0.0.1:8000", f"127.0.0.1:{port}")
        text = text.replace("/var/cache/nginx/mingzhi", f"{scratch}/cache")
        with nginx(program("nginx"), Path(scratch), text, "127.0.0.1:8080") as given:
            yield given


# --- never the former words -------------------------------------------------------------------------------


class Readers:
    """Threads that read pages without pause and tell every answer in which a word stands that had been
    taken back before the request began."""

    def __init__(self, server: Server, paths: list[str]) -> None:
        self.server, self.paths = server, paths
        self.taken_back: frozenset[str] = frozenset()
        self.stale: list[str] = []
        self.read = 0
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._go, args=(n,)) for n in range(4)]

    def _go(self, turn: int) -> None:
        while not self._over.is_set():
            turn += 1
            path = self.paths[turn % len(self.paths)]
            gone = self.taken_back
            cookie = {"Cookie": "django_language=en"} if turn % 3 == 0 else {}
            status, _, body = self.server.ask("GET", path, headers=cookie)
            text = body.decode()
            self.stale += [f"{path}: {word}" for word in gone if word in text]
            if status != 200:
                self.stale.append(f"{path}: {status}")
            self.read += 1

    def __enter__(self) -> Readers:
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        for thread in self._threads:
            thread.join()


def changing(folder: str, workers: int, changes: int) -> dict[str, Any]:
    """Correct and withdraw under reading; in the installation's process, beside a real server."""
    desk = Desk()
    server = Server(
        Path(folder), options=("--workers", str(workers)),
        MINGZHI_DATABASE_URL=os.environ.get("MINGZHI_DATABASE_URL", ""),
    )  # fmt: skip
    number = 1000 * workers
    standing = [
        (desk.publish(number + n, f"甲{number + n}"), number + n, f"甲{number + n}") for n in range(3)
    ]
    server.start()
    paths = ["/", "/decisions/", *(f"/decisions/{pk}/" for pk, _, _ in standing)]
    try:
        with Readers(server, paths) as readers:
            for turn in range(changes):
                pk, no, old = standing[turn % len(standing)]
                if turn >= changes - len(standing):
                    desk.withdraw(pk)
                else:
                    new = f"改{workers}次{turn}号"
                    desk.correct(pk, no, new)
                    standing[turn % len(standing)] = pk, no, new
                readers.taken_back |= {f"（{old}）"}
            reached = readers.read
            while readers.read < reached + 60:
                threading.Event().wait(0.01)
        return {"read": readers.read, "stale": len(readers.stale), "examples": readers.stale[:5]}
    finally:
        server.kill()


def stale(changes: int, url: str = "") -> dict[str, Any]:
    """For one and for two server processes: answers read, and how many of them held words taken back."""
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder, house.installation(url, folder):
        return {
            f"{workers}_processes": house.set_up(changing, folder, workers, changes) for workers in (1, 2)
        }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--changes", type=int, default=60)
    parser.add_argument("--only", choices=("speed", "stale"))
    options = parser.parse_args()
    found: dict[str, Any] = {}
    if options.only != "stale":
        with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder, house.installation("", folder):
            made = house.set_up(published, DECISIONS)
            found |= speeds(Path(folder), made["decisions"][0], options.seconds, options.rounds)
            found["load_average"] = round(os.getloadavg()[0], 2)
    if options.only != "speed":
        found["taken_back"] = stale(options.changes)
    house.answer([found])


if __name__ == "__main__":
    main()

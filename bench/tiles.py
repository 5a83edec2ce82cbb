"""Tiles by a plain file server: ``python -m bench tiles [--entries N] [--seconds S] [--rounds N]``.

A log of N entries is exported, nginx serves the folder by the configuration that the ledger's README
recommends (read from there), and wrk asks for tiles at random on the same cores: hash tiles, which is the
figure, and entry bundles. Without nginx or wrk that part is left out, and says so.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench.ledger import KINDS, bulk, own_database

README = Path(__file__).resolve().parent.parent / "src" / "mingzhi" / "ledger" / "README.md"
CONFIG = """
{user}worker_processes 2; daemon off; pid {scratch}/nginx.pid; error_log stderr;
events {{ worker_connections 512; }}
http {{
  access_log off; keepalive_requests 1000000;
  client_body_temp_path {scratch}/b; proxy_temp_path {scratch}/p; fastcgi_temp_path {scratch}/f;
  uwsgi_temp_path {scratch}/u; scgi_temp_path {scratch}/s;
{recommended}
}}
"""
SCRIPT = """
local asked = {{}}
init = function()
  for path in io.lines("{paths}") do asked[#asked + 1] = wrk.format("GET", path) end
  math.randomseed(os.time())
end
request = function() return asked[math.random(#asked)] end
"""


def fill(entries: int) -> None:
    """A log of so many entries, placed and signed."""
    from django.core.management import call_command
    from django.db import transaction

    from mingzhi.ledger import api

    call_command("migrate", "ledger", verbosity=0)
    call_command("migrate", "ledger", database="attempts", verbosity=0)
    for number in range(KINDS):
        api.register(api.Kind(f"bench:fact{number}", 1, "测速记录"))
    at, done = datetime(2026, 9, 14, 1, 30, tzinfo=UTC), 0
    while done < entries:
        numbers = range(done, min(done + 50_000, entries))
        with transaction.atomic():
            bulk([(f"fact:{n}", {"number": n}, at + timedelta(microseconds=31 * n)) for n in numbers])
        done = numbers[-1] + 1
        api.sequence(at=at + timedelta(seconds=done))


def exported(folder: Path) -> dict[str, Any]:
    """The export, brought up again, checked, and beside it our own view in this process."""
    from django.test import Client

    from mingzhi.ledger import api
    from mingzhi.ledger.export import export
    from mingzhi.ledger.verify_export import verify_export

    start = perf_counter()
    done = export(folder)
    first = perf_counter() - start
    start = perf_counter()
    export(folder)
    again = perf_counter() - start
    start = perf_counter()
    faults = verify_export(folder, api.verifier_keys())[1]
    checked = perf_counter() - start
    assert faults == [], faults
    client, spent = Client(SERVER_NAME="127.0.0.1"), []
    for path in addresses(folder, "0")[:100]:
        start = perf_counter()
        assert client.get(path).status_code == 200
        spent.append((perf_counter() - start) * 1e6)
    return {
        "entries": done["size"],
        "export_seconds": round(first, 2),
        "export_again_seconds": round(again, 3),
        "verify_export_seconds": round(checked, 2),
        "view_in_process_microseconds": round(median(spent)),
    }


def addresses(folder: Path, kind: str) -> list[str]:
    """What to ask for: every full tile of level 0, or every entry bundle."""
    names = sorted(p for p in (folder / "tile" / kind).rglob("*") if p.is_file() and ".p" not in p.parts[-2])
    return [f"/ledger/{p.relative_to(folder)}" for p in names]


def recommended(folder: Path) -> str:
    """What the ledger's README has, over ``folder``."""
    found = re.search(r"```nginx\n(.*?)```", README.read_text("utf-8"), re.S)
    assert found, "the README recommends no nginx configuration"
    return found[1].replace("/srv/ledger", str(folder))


@contextmanager
def nginx(server: str, scratch: Path, recommended: str, listens: str) -> Iterator[int]:
    """nginx by a configuration that we recommend, on a free port in place of ``listens``; ended with the block."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    recommended = recommended.replace(listens, f"127.0.0.1:{port}")
    user = "user root; " if os.geteuid() == 0 else ""  # else its workers could not read the folder
    config = scratch / "nginx.conf"
    config.write_text(CONFIG.format(user=user, scratch=scratch, recommended=recommended), encoding="utf-8")
    process = subprocess.Popen([server, "-c", str(config), "-p", str(scratch)])
    try:
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port), 1).close()
                break
            except OSError:
                assert process.poll() is None, "nginx did not start"
                time.sleep(0.05)
        yield port
    finally:
        process.terminate()
        process.wait(timeout=10)


def asked(wrk: str, scratch: Path, port: int, paths: list[str], seconds: int) -> tuple[float, float]:
    """Requests a second, and the 99th percentile in milliseconds; every answer must be 200."""
    listing, script = scratch / "paths", scratch / "tiles.lua"
    listing.write_text("\n".join(paths) + "\n", encoding="ascii")
    script.write_text(SCRIPT.format(paths=listing), encoding="ascii")
    command = [
        wrk,
        "-t2",
        "-c32",
        f"-d{seconds}s",
        "--latency",
        "-s",
        str(script),
        f"http://127.0.0.1:{port}",
    ]
    told = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    assert "Non-2xx" not in told and "Socket errors" not in told, told
    rate, late = re.search(r"Requests/sec:\s*([\d.]+)", told), re.search(r"99%\s+([\d.]+)(us|ms|s)\b", told)
    assert rate and late, told
    return float(rate[1]), float(late[1]) * {"us": 1e-3, "ms": 1, "s": 1e3}[late[2]]


def program(name: str) -> str:
    """Where Debian puts it though it may stand in no ``PATH``; empty where it is not installed."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin") or ""


def run(entries: int, seconds: int, rounds: int) -> dict[str, Any]:
    scratch = Path(tempfile.mkdtemp(prefix="mingzhi-bench-", dir=os.environ.get("MINGZHI_BENCH_DIR")))
    try:
        fill(entries)
        folder = scratch / "export"
        told: dict[str, Any] = {"load_average_before": round(os.getloadavg()[0], 2), **exported(folder)}
        server, wrk = program("nginx"), program("wrk")
        missing = [name for name, path in (("nginx", server), ("wrk", wrk)) if not path]
        if missing:
            print(
                f"{'、'.join(missing)} 未安装：账本分片的静态服务速度未测（Debian：apt-get install {' '.join(missing)}）",
                file=sys.stderr,
            )
            return {**told, "nginx_tiles_per_second": None}
        with nginx(server, scratch, recommended(folder), "127.0.0.1:8080") as port:
            for name, kind in (("tiles", "0"), ("entry_bundles", "entries")):
                paths = addresses(folder, kind)
                taken = [asked(wrk, scratch, port, paths, seconds) for _ in range(rounds)]
                told[f"nginx_{name}_per_second"] = round(median(rate for rate, _ in taken))
                told[f"nginx_{name}_p99_ms"] = round(median(late for _, late in taken), 2)
        return {**told, "load_average_after": round(os.getloadavg()[0], 2)}
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench tiles")
    parser.add_argument("--entries", type=int, default=100_000)
    parser.add_argument("--seconds", type=int, default=3)
    parser.add_argument("--rounds", type=int, default=3)
    given = parser.parse_args()
    with own_database():
        figures = run(given.entries, given.seconds, given.rounds)
    print(json.dumps(figures, ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

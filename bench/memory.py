"""Memory of the server and the worker at rest, as `./run` starts them.

    python -m bench.memory [--seconds 20]

Sets a bureau up in a temporary folder, starts ``mingzhi serve`` and ``mingzhi worker`` on a free loopback
port, asks for a few pages so that everything is loaded, waits, and adds up what /proc says of them and of
every process they started: resident memory (VmRSS, pages shared between them counted twice) and the
proportional share (Pss), where shared pages count once. Linux only.
"""

from __future__ import annotations

import argparse
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from pathlib import Path

from bench import bureau as house


def family(pid: int) -> list[int]:
    """``pid`` and every process under it."""
    found = [pid]
    for task in Path(f"/proc/{pid}/task").iterdir():
        for child in (task / "children").read_text("ascii").split():
            found += family(int(child))
    return found


def megabytes(pid: int) -> tuple[float, float]:
    """Resident and proportional memory of one process."""
    lines = dict(
        line.split(":", 1)
        for name in ("status", "smaps_rollup")
        for line in Path(f"/proc/{pid}/{name}").read_text("ascii", errors="replace").splitlines()
        if ":" in line
    )
    return int(lines["VmRSS"].split()[0]) / 1024, int(lines["Pss"].split()[0]) / 1024


def measure(seconds: float) -> dict[str, object]:
    mingzhi = str(Path(sys.executable).parent / "mingzhi")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        around = {**os.environ, **house.environment(folder)}
        quiet = {"env": around, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": house.ROOT}
        subprocess.run([mingzhi, "init", "--profile", house.PROFILE], check=True, **quiet)
        running = {
            name: subprocess.Popen([mingzhi, *words], start_new_session=True, **quiet)
            for name, words in {"serve": ("serve", "--port", str(port)), "worker": ("worker",)}.items()
        }
        try:
            for turn in range(200):
                try:
                    for address in ("/", "/decisions/", "/lists/", "/login/", "/healthz") * (
                        1 if turn else 4
                    ):
                        urllib.request.urlopen(f"http://127.0.0.1:{port}{address}", timeout=20).read()
                    if turn > 3:
                        break
                except urllib.error.HTTPError:
                    raise
                except OSError:  # not listening yet
                    time.sleep(0.1)
            time.sleep(seconds)
            parts = {
                name: [megabytes(pid) for pid in family(process.pid)] for name, process in running.items()
            }
        finally:
            for process in running.values():
                process.send_signal(signal.SIGTERM)
            for process in running.values():
                try:
                    process.wait(15)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
    every = [values for found in parts.values() for values in found]
    return {
        "processes": {name: len(found) for name, found in parts.items()},
        "resident_mb": {name: round(sum(v[0] for v in found)) for name, found in parts.items()},
        "resident_mb_together": round(sum(v[0] for v in every)),
        "proportional_mb_together": round(sum(v[1] for v in every)),
        "load": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--seconds", type=float, default=20, help="how long to rest before looking")
    house.answer(measure(parser.parse_args().seconds))


if __name__ == "__main__":
    main()

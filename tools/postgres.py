"""A PostgreSQL server for `./test` and for tests that need one to themselves. Standard library only."""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any


def binaries() -> Path | None:
    """The folder of the newest PostgreSQL from 15 on, with ``initdb``."""
    places = sorted(
        Path("/usr/lib/postgresql").glob("*/bin"), key=lambda p: float(p.parent.name), reverse=True
    )
    for place in places:
        if (place / "initdb").exists() and float(place.parent.name) >= 15:
            return place
    found = shutil.which("initdb")
    return Path(found).resolve().parent if found and shutil.which("postgres") else None


@dataclass(frozen=True)
class Server:
    """A running server: its address and its first process."""

    url: str
    process: subprocess.Popen[bytes]

    def signal(self, number: int) -> None:
        """To the first process and to all it has started; the first of all, so that it starts no more."""
        self.process.send_signal(number)
        for task in Path("/proc", str(self.process.pid), "task").glob("*/children"):
            for child in task.read_text().split():
                with contextlib.suppress(ProcessLookupError):
                    os.kill(int(child), number)


@contextlib.contextmanager
def server(place: Path, *, under: Path | None = None) -> Iterator[Server]:
    """A server of our own in a temporary folder (``under`` this one), on a free loopback port; gone afterwards."""
    folder = Path(tempfile.mkdtemp(prefix="mingzhi-pg-", dir=under))
    who: dict[str, Any] = {}
    if os.geteuid() == 0:
        import pwd

        owner = pwd.getpwnam("postgres")
        who = {"user": owner.pw_uid, "group": owner.pw_gid, "extra_groups": []}
        os.chown(folder, owner.pw_uid, owner.pw_gid)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    data = folder / "data"
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL, "cwd": folder, **who}
    made = ("-U", "mingzhi", "--auth=trust", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync")
    subprocess.run([place / "initdb", "-D", data, *made], check=True, **quiet)
    settings = {
        "port": port,
        "listen_addresses": "127.0.0.1",
        "unix_socket_directories": folder,
        "fsync": "off",
        "full_page_writes": "off",
        "synchronous_commit": "off",
        "max_connections": 60,
        "shared_buffers": "128MB",
        # Looked at in the middle of a test, a table whose rows are not committed counts as empty, and is then
        # read as if it were. Tests sweep their tables themselves, between files (tests/conftest.py).
        "autovacuum": "off",
    }
    process = subprocess.Popen(
        [place / "postgres", "-D", data, *(f"--{key}={value}" for key, value in settings.items())],
        start_new_session=True,
        **quiet,
    )
    try:
        for _ in range(150):
            ready = subprocess.run(
                [place / "pg_isready", "-q", "-h", "127.0.0.1", "-p", str(port)], check=False
            )
            if ready.returncode == 0:
                break
            if process.poll() is not None:
                raise RuntimeError("PostgreSQL 未能启动")
            time.sleep(0.1)
        else:
            raise RuntimeError("PostgreSQL 15 秒内没有应答")
        yield Server(f"postgres://mingzhi@127.0.0.1:{port}/postgres", process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)  # fast shutdown
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)

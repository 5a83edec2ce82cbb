"""Uploads over the loopback, beside npm's @tus/server with @tus/file-store at equal guarantees.

    python -m bench.upload [--megabytes 1024] [--rounds 5] [--chunk 8] [--memory 2048] [--seeks 300]

The same client (one connection, PATCH requests of ``--chunk`` MiB) sends the same bytes to both, by turns.
Ours is through when the last 204 came: SHA-256 taken, fdatasync done before every answer, type looked at.
The peer neither hashes nor flushes, so its time is upload + ``sha256sum`` + fsync of its file. Both digests
must be right before a round counts. Disk and hash rates of each round are told beside it; a round that
starts with a load above 3 is told as such. ``--memory`` (MiB) uploads once more and tells the highest
resident memory; ``--seeks`` asks for random ranges of the stored file and tells the time to first byte.
SM3 follows after the answer; ``sm3_lag_s`` is what then still passes until the stored file can be taken.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import http.client
import json
import os
import random
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench.serving import Server, prepare

MB = 1 << 20
PEERS = ("@tus/server@2.4.5", "@tus/file-store@2.1.1")
_PEER = """
import { Server } from "@tus/server"; import { FileStore } from "@tus/file-store"; import http from "node:http";
const tus = new Server({ path: "/files", datastore: new FileStore({ directory: process.argv[3] }) });
http.createServer((q, a) => tus.handle(q, a)).listen(Number(process.argv[2]), "127.0.0.1");
"""
_TAKE = """
import django, sys; django.setup()
from mingzhi.files import api as files
from mingzhi.files.models import Upload
u = Upload.objects.get(token=sys.argv[1]); r = files.upload_take(u.token, by=u.owner); print(r.id, r.sha256)
"""


class Line:
    """One kept connection that speaks tus."""

    def __init__(self, port: int, headers: dict[str, str]) -> None:
        self.connection = http.client.HTTPConnection("127.0.0.1", port, timeout=120)
        self.headers = {"Tus-Resumable": "1.0.0", **headers}

    def ask(self, method: str, path: str, body: Any = None, **headers: str) -> http.client.HTTPResponse:
        self.connection.request(
            method, path, body, {**self.headers, **{k.replace("_", "-"): v for k, v in headers.items()}}
        )
        answer = self.connection.getresponse()
        answer.read()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status}")
        return answer

    def upload(self, endpoint: str, data: bytes, times: int) -> str:
        """``data`` sent ``times`` times as one file; its address."""
        made = self.ask(
            "POST", endpoint, Upload_Length=str(len(data) * times), Upload_Metadata="filename YS5iaW4="
        )
        address = "/" + str(made.getheader("Location")).split("//")[-1].partition("/")[2].lstrip("/")
        offset = 0
        for _ in range(times):
            sent = self.ask("PATCH", address, data, Upload_Offset=str(offset), Content_Type="application/offset+octet-stream")  # fmt: skip
            offset = int(sent.getheader("Upload-Offset") or -1)
        assert offset == len(data) * times
        return address


@contextlib.contextmanager
def peer(folder: Path) -> Iterator[tuple[int, Path]]:
    """npm's server in ``folder``: its port, and where it keeps files."""
    npm, node = shutil.which("npm"), shutil.which("node")
    assert npm and node, "node and npm are needed for the peer"
    folder.mkdir()
    (folder / "package.json").write_text('{"type": "module"}')
    (folder / "server.mjs").write_text(_PEER)
    subprocess.run([npm, "install", "--silent", "--no-audit", "--no-fund", *PEERS], cwd=folder, check=True)
    kept = folder / "kept"
    kept.mkdir()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    process = subprocess.Popen([node, "server.mjs", str(port), str(kept)], cwd=folder, start_new_session=True)
    try:
        for _ in range(200):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                break
            time.sleep(0.05)
        yield port, kept
    finally:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()


def machine(folder: Path, data: bytes) -> dict[str, float]:
    """What disk and processor give at this moment, in MB/s: 64 MiB written and flushed, and hashed."""
    probe = folder / "probe"
    began = time.perf_counter()
    with probe.open("wb", buffering=0) as file:
        for _ in range(64 * MB // len(data)):
            file.write(data)
            os.fdatasync(file.fileno())
    disk = time.perf_counter() - began
    probe.unlink()
    began = time.perf_counter()
    for _ in range(64 * MB // len(data)):
        hashlib.sha256(data).digest()
    return {"disk": round(67.1 / disk), "sha256": round(67.1 / (time.perf_counter() - began))}


def first_bytes(
    server: Server, headers: dict[str, str], file_id: int, size: int, seeks: int
) -> dict[str, float]:
    line, spent, chance = (
        http.client.HTTPConnection("127.0.0.1", server.port, timeout=60),
        [],
        random.Random(1),
    )
    for _ in range(seeks):
        start = chance.randrange(size - 70_000)
        began = time.perf_counter()
        line.request(
            "GET", f"/play/{file_id}", headers={**headers, "Range": f"bytes={start}-{start + 65_535}"}
        )
        answer = line.getresponse()
        answer.read(1)
        spent.append((time.perf_counter() - began) * 1000)
        assert answer.status == 206 and len(answer.read()) == 65_535
    return house.summary(spent)


def measure(folder: Path, given: argparse.Namespace) -> dict[str, Any]:
    headers = prepare(folder / "ours")
    server = Server(folder / "ours", DJANGO_SETTINGS_MODULE="config.settings.dev")
    data = os.urandom(given.chunk * MB)
    times = max(1, given.megabytes // given.chunk)
    size = len(data) * times
    whole = hashlib.sha256()
    for _ in range(times):
        whole.update(data)
    rounds: list[dict[str, Any]] = []
    with peer(folder / "peer") as (port, kept):
        server.start()
        try:
            for _ in range(given.rounds):
                told: dict[str, Any] = {"load": round(os.getloadavg()[0], 2), **machine(folder, data)}
                began = time.perf_counter()
                address = Line(server.port, headers).upload("/uploads/", data, times)
                told["ours"] = round(size / 1e6 / (time.perf_counter() - began), 1)
                file_id, digest = taken(server, address)
                assert digest == whole.hexdigest()
                told["sm3_lag_s"] = round(time.perf_counter() - began - size / 1e6 / told["ours"], 2)
                began = time.perf_counter()
                theirs = Line(port, {}).upload("/files", data, times)
                told["peer_raw"] = round(size / 1e6 / (time.perf_counter() - began), 1)
                path = kept / theirs.rsplit("/", 1)[-1]
                summed = subprocess.run(["sha256sum", str(path)], capture_output=True, text=True, check=True)
                with path.open("rb") as file:
                    os.fsync(file.fileno())
                told["peer_equal"] = round(size / 1e6 / (time.perf_counter() - began), 1)
                assert summed.stdout.split()[0] == whole.hexdigest()
                path.unlink()
                told["ratio"] = round(told["ours"] / told["peer_equal"], 2)
                rounds.append(told)
                print(json.dumps(told), file=sys.stderr, flush=True)
        finally:
            server.kill()
    found: dict[str, Any] = {"megabytes": size // MB, "rounds": rounds}
    for name in ("ours", "peer_equal", "peer_raw", "ratio"):
        found[name] = statistics.median(r[name] for r in rounds)
    if given.memory:
        server.start()
        Line(server.port, headers).upload("/uploads/", data, given.memory // given.chunk)
        found["resident_mb"] = round(server.resident() / 1e6)
        server.kill()
    if given.seeks:
        player = Server(folder / "ours", DJANGO_SETTINGS_MODULE="bench.playback")
        player.start()
        found["first_byte"] = first_bytes(player, headers, file_id, size, given.seeks)
        player.kill()
    return found


def taken(server: Server, address: str) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, "-c", _TAKE, address.rsplit("/", 1)[-1]],
        cwd=house.ROOT, env=server.environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    number, digest = done.stdout.split()[-2:]
    return int(number), digest


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--megabytes", type=int, default=1024)
    asked.add_argument("--rounds", type=int, default=5)
    asked.add_argument("--chunk", type=int, default=8, help="MiB a PATCH request")
    asked.add_argument(
        "--memory", type=int, default=2048, help="MiB uploaded for the resident memory; 0: not"
    )
    asked.add_argument("--seeks", type=int, default=300, help="ranges asked for; 0: none")
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        (Path(folder) / "ours").mkdir()
        print(json.dumps(measure(Path(folder), asked.parse_args()), ensure_ascii=False, indent=1))


if __name__ == "__main__":
    main()

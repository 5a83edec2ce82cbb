"""The disk fails under uploads: ``strace`` lets system calls of a real server fail, again and again.

    python -m bench faults [--rounds 12] [--uploads 3] [--megabytes 6] [--chunk 700000] [--seed 1]

Each round lets one kind of call fail in one way, first after a random number of calls and then every so many,
in the server's own files and in SQLite's alike, while a client uploads: it asks how far, goes on from there,
begins again after any refusal. Then the server is killed and started on a sound disk, and what was begun is
finished. Counted (all must be none):

``lost``       an offset told to the client that the server did not have afterwards
``different``  a stored file that is not what was sent, by SHA-256 and SM3
``unclear``    an answer 500: a refusal says in words what is wrong (503, 507) or that one must ask anew (404, 409, 410, 423)
``left``       bytes in the store after a clean-up that no row names
"""

from __future__ import annotations

import argparse
import hashlib
import http.client
import json
import os
import random
import shutil
import sys
import tempfile
from collections import Counter
from pathlib import Path
from typing import Any

from bench import kills
from bench.serving import Server, prepare

FAULTS = (("fdatasync", "EIO"), ("fsync", "EIO"), ("pwrite64", "ENOSPC"), ("pwrite64", "EIO"))
MUST_BE_NONE = ("lost", "different", "unclear", "left")
_TUS = {"Tus-Resumable": "1.0.0"}
_TRIES = 80


class Upload:
    """One file on its way, as a client knows it: ``told`` is what the server vouched for."""

    def __init__(self, data: bytes, headers: dict[str, str]) -> None:
        self.data, self.headers = data, {**headers, **_TUS}
        self.address, self.told, self.shrank = "", 0, 0
        self.answers: Counter[str] = Counter()

    @property
    def token(self) -> str:
        return self.address.rsplit("/", 1)[-1]

    def _ask(self, server: Server, method: str, path: str, body: bytes | None = None, **more: str) -> Any:
        try:
            status, headers, _ = server.ask(method, path, body, {**self.headers, **more})
        except (OSError, http.client.HTTPException):
            self.answers["silence"] += 1
            return 0, {}
        self.answers[f"{method} {status}"] += 1
        return status, headers

    def send(self, server: Server, chunk: int) -> bool:
        """Whether it arrived."""
        for _ in range(_TRIES):
            if not self.address:
                about = {"Upload-Length": str(len(self.data)), "Upload-Metadata": "filename 546w5Zy6Lm1wNA=="}
                status, headers = self._ask(server, "POST", "/uploads/", **about)
                self.address = headers.get("location", "") if status == 201 else ""
                continue
            status, headers = self._ask(server, "HEAD", self.address)
            if status != 200:
                continue
            offset = int(headers["upload-offset"])
            self.shrank += offset < self.told
            self.told = offset
            if offset == len(self.data):
                return True
            part = self.data[offset : offset + chunk]
            kind = {"Content-Type": "application/offset+octet-stream", "Upload-Offset": str(offset)}
            status, headers = self._ask(server, "PATCH", self.address, part, **kind)
            if status == 204:
                self.told = int(headers["upload-offset"])
        return False


def run(folder: Path, *, rounds: int, uploads: int, size: int, chunk: int, seed: int) -> dict[str, Any]:
    assert shutil.which("strace"), "strace is not on this machine"
    headers, chance = prepare(folder), random.Random(seed)
    score: Counter[str] = Counter(dict.fromkeys(MUST_BE_NONE, 0))
    met: dict[str, Counter[str]] = {}
    sent: dict[str, list[Any]] = {}
    trace = folder / "trace.txt"
    server = Server(folder, MINGZHI_LOG_LEVEL="CRITICAL")
    for number in range(rounds):
        calls, error = FAULTS[number % len(FAULTS)]
        seen = met.setdefault(f"{calls} {error}", Counter())
        begun = [Upload(os.urandom(size + chance.randrange(9999)), headers) for _ in range(uploads)]
        try:
            # By thread; a page writes often, so that with a smaller number nothing would ever get through.
            most = 60 if "write" in calls else 4
            first, then = chance.randint(2, most), chance.randint(most // 2, 2 * most)
            server.under = (
                "strace", "-f", "--seccomp-bpf", "-qq", "-o", str(trace), "-e", f"trace={calls}",
                "-e", f"inject={calls}:error={error}:when={first}+{then}",
            )  # fmt: skip
            server.start()
            for upload in begun:
                seen["arrived under faults"] += upload.send(server, chunk)
        except TimeoutError:
            seen["server did not start"] += 1
        finally:
            server.kill()
            server.under = ()
        seen["calls that failed"] += trace.read_text(errors="replace").count("(INJECTED)")
        server.start()
        try:
            for upload in begun:
                assert upload.send(server, chunk), f"not finished on a sound disk: {upload.answers}"
        finally:
            server.kill()
        for upload in begun:
            score["lost"] += upload.shrank
            score["unclear"] += sum(n for what, n in upload.answers.items() if what.endswith(" 500"))
            seen.update(
                {what: n for what, n in upload.answers.items() if not what.endswith(("200", "201", "204"))}
            )
            digests = [hashlib.new(name, upload.data).hexdigest() for name in ("sha256", "sm3")]
            sent[upload.token] = [*digests, True]
    found = kills.taken(server.environment)
    score["different"] = sum(found["files"].get(token) != told for token, told in sent.items())
    score["left"] = found["left"]
    return {
        "rounds": rounds,
        "uploads": len(sent),
        "bytes_each": size,
        **score,
        "tidied": found["tidied"],
        "met": met,
    }


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--rounds", type=int, default=12)
    asked.add_argument("--uploads", type=int, default=3, help="in each round")
    asked.add_argument("--megabytes", type=int, default=6)
    asked.add_argument("--chunk", type=int, default=700_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    how = {"rounds": given.rounds, "uploads": given.uploads, "chunk": given.chunk, "seed": given.seed}
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        told = run(Path(folder), size=given.megabytes << 20, **how)
    print(json.dumps({**told, "load": round(os.getloadavg()[0], 2)}, ensure_ascii=False))
    sys.exit(1 if any(told[kind] for kind in MUST_BE_NONE) else 0)


if __name__ == "__main__":
    main()

"""The server killed (SIGKILL) at random moments while the real tus-js-client uploads.

    python -m bench.kills [--count 1000] [--megabytes 24] [--chunk 1000000] [--seed 1]

An installation of its own in a temporary folder, `mingzhi serve` on the loopback, node with npm's
tus-js-client as the client. After each kill the server starts again and the client goes on by itself. No
offset may ever be lower than one vouched for before; at the end every stored file must give the digest
of what was sent, by SHA-256 and SM3, and after a clean-up nothing may lie in the store that no row names.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench.serving import Server, prepare

CLIENT = house.ROOT / "tests" / "files" / "tus_client.cjs"

#: What is asked of the installation at the end, in a process of its own.
_COUNT = """
import django, json; django.setup()
from datetime import timedelta
from mingzhi.files import actions, api as files
from mingzhi.files.models import Upload
from mingzhi.kernel import clock
taken = {u.token: files.upload_take(u.token, by=u.owner) for u in Upload.objects.filter(state="whole")}
later = clock.now() + timedelta(days=30)
files.uploads_expire(at=later)
before = actions.strays_remove(at=later)
print(json.dumps({"files": {t: [r.sha256, r.sm3, files.check(r.id)] for t, r in taken.items()},
                  "tidied": len(before), "left": len(actions.strays(at=later))}))
"""


def library() -> Path:
    shared = os.environ.get("MINGZHI_SHARED_VAR", str(house.ROOT / "var"))
    return Path(shared) / "vendor" / "tus" / "tus.min.js"


def run(folder: Path, *, count: int, size: int, chunk: int, seed: int) -> dict[str, Any]:
    """Kill until ``count`` kills hit an upload on its way; what was found. Raises on any loss."""
    node = shutil.which("node")
    assert node, "node is not on this machine"
    headers = prepare(folder)
    server = Server(folder)
    chance, sent, downs = random.Random(seed), {}, []
    server.start()
    kills = 0
    try:
        while kills < count:
            path = folder / "sent.bin"
            path.write_bytes(data := os.urandom(size))
            told = folder / "told.txt"
            with told.open("w") as heard:
                client = subprocess.Popen(
                [node, str(CLIENT), str(library()), f"http://127.0.0.1:{server.port}/uploads/", str(path), json.dumps(headers), str(chunk)],
                stdout=heard,
            )  # fmt: skip
            try:
                while client.poll() is None:
                    time.sleep(chance.uniform(0.02, 0.6))
                    if client.poll() is None and kills < count:
                        server.kill()
                        kills += 1
                        downs.append(server.start())
            finally:
                client.kill()
                client.wait()
            lines = told.read_text().splitlines()
            if client.returncode or not lines[-1].startswith("done "):
                raise AssertionError(f"the upload did not arrive: {lines[-3:]}")
            sent[lines[-1].rsplit("/", 1)[-1]] = [hashlib.sha256(data).hexdigest(), hashlib.new("sm3", data).hexdigest(), True]  # fmt: skip
    finally:
        server.kill()
    asked = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=house.ROOT, env=server.environment, capture_output=True, text=True, check=True
    )  # fmt: skip
    found = json.loads(asked.stdout.splitlines()[-1])
    assert {t: found["files"].get(t) for t in sent} == sent, "a stored file differs from what was sent"
    assert found["left"] == 0
    return {
        "kills": kills, "uploads": len(sent), "bytes_each": size, "lost": 0, "different": 0,
        "tidied": found["tidied"], "left_after_tidy": 0, "restart_s": round(sorted(downs)[len(downs) // 2], 2),
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--count", type=int, default=1000)
    asked.add_argument("--megabytes", type=int, default=24)
    asked.add_argument("--chunk", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        found = run(
            Path(folder), count=given.count, size=given.megabytes << 20, chunk=given.chunk, seed=given.seed
        )
    print(json.dumps({**found, "load": round(os.getloadavg()[0], 2)}, ensure_ascii=False))


if __name__ == "__main__":
    main()

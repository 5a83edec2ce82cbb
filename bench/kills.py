"""The server, and the worker, killed (SIGKILL) at random moments while people work.

    python -m bench kills [--what uploads|steps|all] [--count 1000] [--seed 1]
                          [--megabytes 24] [--chunk 1000000]
                          [--clerks 3] [--dossiers 60] [--postgres postgres://user@host/any]

``steps``: ``bench.kills_steps``. ``uploads``: the real tus-js-client sends. An installation of its own in a temporary folder, `mingzhi serve` on the loopback, node with npm's
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
from contextlib import nullcontext
from pathlib import Path
from typing import Any

from bench import bureau as house
from bench import kills_steps
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


def taken(environment: dict[str, str]) -> dict[str, Any]:
    """Every whole upload taken and read back, by token: SHA-256, SM3, whether the bytes agree; then what a
    clean-up found, and what it left (must be 0)."""
    asked = subprocess.run(
        [sys.executable, "-c", _COUNT], cwd=house.ROOT, env=environment, capture_output=True, text=True, check=True
    )  # fmt: skip
    found: dict[str, Any] = json.loads(asked.stdout.splitlines()[-1])
    return found


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
    found = taken(server.environment)
    assert {t: found["files"].get(t) for t in sent} == sent, "a stored file differs from what was sent"
    assert found["left"] == 0
    return {
        "kills": kills, "uploads": len(sent), "bytes_each": size, "lost": 0, "different": 0,
        "tidied": found["tidied"], "left_after_tidy": 0, "restart_s": round(sorted(downs)[len(downs) // 2], 2),
    }  # fmt: skip


def main() -> None:
    asked = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    asked.add_argument("--what", choices=("uploads", "steps", "all"), default="all")
    asked.add_argument("--count", type=int, default=1000, help="kills of each kind")
    asked.add_argument("--clerks", type=int, default=3)
    asked.add_argument("--dossiers", type=int, default=60, help="per clerk")
    asked.add_argument(
        "--postgres", default="", help="a server; the database for the steps is made and dropped"
    )
    asked.add_argument("--megabytes", type=int, default=24)
    asked.add_argument("--chunk", type=int, default=1_000_000)
    asked.add_argument("--seed", type=int, default=1)
    given = asked.parse_args()
    told: dict[str, Any] = {}
    if given.what != "steps":
        with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
            told["uploads"] = run(
                Path(folder),
                count=given.count,
                size=given.megabytes << 20,
                chunk=given.chunk,
                seed=given.seed,
            )
    if given.what != "uploads":
        how = {"count": given.count, "clerks": given.clerks, "dossiers": given.dossiers, "seed": given.seed}
        with house.fresh_database(given.postgres) if given.postgres else nullcontext("") as url:
            told["steps"] = house.apart(kills_steps.run, how, url=url)
    print(json.dumps({**told, "load": round(os.getloadavg()[0], 2)}, ensure_ascii=False))
    sys.exit(1 if any(told.get("steps", {}).get(k) for k in kills_steps.MUST_BE_NONE) else 0)


if __name__ == "__main__":
    main()

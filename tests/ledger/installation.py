"""Run as a program: one whole installation — database, log, keys, web server on 127.0.0.1 — that does
what lines of JSON on its standard input say and answers each with a line.

``{"do": "add", "count": 3}``, ``place``, ``watch_log``, ``ask``, ``submit``, ``watch``, ``witnesses``,
``tell`` (keys and checkpoint), ``sequence_and_job`` (a round of the worker).
"""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import asdict
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server


class Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 — the base class's name
        """Nothing: standard error is for tracebacks."""


class Server(WSGIServer):
    daemon_threads = True


def main() -> None:
    import django

    django.setup()
    from django.core.management import call_command
    from django.core.wsgi import get_wsgi_application
    from django.db import connections, transaction

    from mingzhi.kernel import clock
    from mingzhi.ledger import api, kinds, rotation
    from mingzhi.ledger.cosigning import cosigner_add
    from mingzhi.ledger.witness import log_watch, split_settle
    from mingzhi.outbox.registry import periodics
    from mingzhi.outbox.worker import Worker

    for room in ("ledger", "outbox", "web"):
        call_command("migrate", room, verbosity=0)
    call_command("migrate", "ledger", database="attempts", verbosity=0)
    for kind in kinds.everything():  # the other rooms' tables are not made here
        if kind.name != "ledger:key":
            kinds.forget(kind.name)
    for name in [name for name in periodics if not name.startswith("ledger.")]:
        del periodics[name]
    api.register(api.Kind("witnesstest:row", 1, "见证"))
    server = make_server("127.0.0.1", 0, get_wsgi_application(), Server, Quiet)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    worker = Worker()

    def add(count: int, text: str = "") -> dict[str, Any]:
        with transaction.atomic():
            for number in range(count):
                api.append("witnesstest:row", f"row:{text}{number}", {"n": number}, at=clock.now())
        api.sequence(at=clock.now())
        return tell()

    def tell() -> dict[str, Any]:
        latest = api.latest()
        return {
            "keys": api.keys_in_force(),
            "witness": api.witness.key(),
            "size": latest.size if latest else 0,
            "checkpoint": api.checkpoint(),
            "cosigned": api.checkpoint(cosigned=True),
        }

    doing = {
        "add": add,
        "tell": tell,
        "close": connections.close_all,
        "watch_log": lambda **a: log_watch(**a, by="示例", at=clock.now()),
        "ask": lambda **a: cosigner_add(**a, by="示例", at=clock.now()),
        "submit": lambda vkey: api.cosigning.submit(vkey, at=clock.now()),
        "watch": lambda: asdict(api.watch(at=clock.now())),
        "witnesses": lambda: {**asdict(api.standing.witnesses()), "ok": api.standing.witnesses().ok},
        "settle": lambda number: split_settle(split_id=number, how="已查明", by="示例", at=clock.now()),
        "round": worker.round,
        "rotate": lambda: rotation.key_rotate(algorithm="ed25519", by="示例", at=clock.now()),
    }
    print(json.dumps({"url": f"http://127.0.0.1:{server.server_port}"}), flush=True)
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer: Any = {"ok": doing[asked.pop("do")](**asked)}
        except Exception as error:  # noqa: BLE001 — told to the test
            answer = {"error": f"{type(error).__name__}: {error}"}
        print(json.dumps(answer, default=str), flush=True)


if __name__ == "__main__":
    main()

"""Run as a program: writers in parallel on a database of their own, a sequencer beside them.

Prints one JSON line. Some work rolls back, some transactions stay open long, so that ids commit
out of order where the database allows it.
"""

from __future__ import annotations

import json
import os
import sys
import threading
import time
from datetime import UTC, datetime

import django

WRITERS, EACH = 6, 40


class Undone(Exception):
    pass


def main() -> None:
    django.setup()
    from django.core.management import call_command
    from django.db import connection, connections, transaction

    from mingzhi.ledger import api, kinds, merkle, store
    from mingzhi.ledger.fsck import fsck
    from mingzhi.ledger.models import Checkpoint, Entry, Pending, Place

    call_command("migrate", "ledger", verbosity=0)
    call_command("migrate", "ledger", database="attempts", verbosity=0)
    for kind in kinds.everything():  # the other rooms' tables are not made here
        kinds.forget(kind.name)
    kinds.checks_forget()
    committed: dict[str, dict[str, int]] = {}
    api.register(api.Kind("paralleltest:row", 1, "并发", rows=lambda: list(committed.items())))
    failures: list[str] = []
    running = threading.Event()
    running.set()

    def write(writer: int) -> None:
        try:
            for number in range(EACH):
                subject, payload = f"row:{writer}-{number}", {"writer": writer, "number": number}
                try:
                    with transaction.atomic():
                        api.append("paralleltest:row", subject, payload, at=datetime.now(UTC))
                        if connection.vendor == "postgresql" and number % 7 == writer % 7:
                            time.sleep(0.02)
                        if number % 5 == 4:
                            raise Undone
                    committed[subject] = payload
                except Undone:
                    api.attempt(
                        "paralleltest:undone", subject, by="示例", at=datetime.now(UTC), outcome="failed"
                    )
        except Exception as error:  # noqa: BLE001 — reported to the test
            failures.append(repr(error))
        finally:
            connections.close_all()

    def place() -> None:
        try:
            while running.is_set():
                # Two sequencers may ask the clock in one order and get the lock in the other.
                api.sequence(at=datetime.now(UTC))
                time.sleep(0.005)
        except Exception as error:  # noqa: BLE001 — reported to the test
            failures.append(repr(error))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=write, args=(n,)) for n in range(WRITERS)]
    sequencers = [threading.Thread(target=place) for _ in range(2)]
    for thread in [*sequencers, *threads]:
        thread.start()
    for thread in threads:
        thread.join()
    running.clear()
    for thread in sequencers:
        thread.join()
    while api.sequence(at=datetime.now(UTC)):
        pass
    leaves = {e.pk: bytes(e.leaf) for e in Entry.objects.all()}
    order = list(Place.objects.order_by("index").values_list("index", "entry_id"))
    report = fsck(processes=int(os.environ.get("FSCK_PROCESSES", "2")))
    store._open.clear()
    print(
        json.dumps(
            {
                "vendor": connection.vendor,
                "failures": failures,
                "committed": len(committed),
                "entries": len(leaves),
                "gapless": [i for i, _ in order] == list(range(len(leaves))),
                "each_once": sorted(e for _, e in order) == sorted(leaves),
                "in_id_order": [e for _, e in order] == sorted(e for _, e in order),
                "pending": Pending.objects.count(),
                "checkpoints": Checkpoint.objects.count(),
                "root_is_reference": api.latest().root == merkle.root_of(leaves[e] for _, e in order).hex(),
                "findings": [f.sentence for f in report.findings if f.code != "kind.unknown"],
                "attempts": len(api.attempts(limit=10_000)),
            },
            ensure_ascii=False,
        )
    )
    connections.close_all()


if __name__ == "__main__":
    sys.exit(main())

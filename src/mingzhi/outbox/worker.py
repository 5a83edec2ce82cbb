"""The worker's loop: place ledger entries, send what is due, run periodic jobs, stop when told.

Everything it does is safe to do twice and safe to be killed in, so it keeps no state of its own.
"""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable
from types import FrameType

from django.db import DatabaseError, InterfaceError, close_old_connections, connections

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.outbox import actions

log = logging.getLogger("mingzhi.worker")

BEAT = 0.5
"""Seconds between rounds at rest: a ledger entry gets its place within about this time."""
BATCH = 50
TURN = 5.0
"""Seconds after which sending makes room for the rest of the round; the message in hand is finished first."""
LONGEST_PAUSE = 30.0


class Worker:
    """One worker process. ``stop`` may be called from a signal handler or another thread."""

    def __init__(self, *, beat: float = BEAT) -> None:
        self.beat = beat
        self._stopped = threading.Event()

    def stop(self, signum: int = 0, frame: FrameType | None = None) -> None:
        self._stopped.set()

    @property
    def stopping(self) -> bool:
        return self._stopped.is_set()

    def listen_to_signals(self) -> None:
        """SIGTERM and SIGINT end the loop after the message in hand."""
        signal.signal(signal.SIGTERM, self.stop)
        signal.signal(signal.SIGINT, self.stop)

    def round(self) -> int:
        """One round: sequence, send, periodic jobs. How much was done.

        Each part is tried even when another failed, so that a sick outbox never stops the ledger and
        the other way round; then the database's error, if there was one, is raised.
        """
        done = 0
        lost: DatabaseError | InterfaceError | None = None
        for part in (self._sequence, self._send, self._periodics):
            if self.stopping:
                break
            try:
                done += part()
            except (DatabaseError, InterfaceError) as error:
                lost = lost or error
        if lost is not None:
            raise lost
        return done

    def once(self) -> int:
        """Rounds until nothing is left that is due now."""
        total = 0
        while not self.stopping:
            done = self.round()
            if not done:
                break
            total += done
        return total

    def run(self) -> None:
        """Rounds until stopped. A locked or lost database is waited for, longer each time."""
        pause = self.beat
        log.info("后台任务已启动")
        while not self.stopping:
            try:
                done = self.round()
            except (DatabaseError, InterfaceError) as error:
                pause = min(max(pause * 2, 1.0), LONGEST_PAUSE)
                log.warning("数据库暂时不可用，%.0f 秒后继续：%s", pause, error)
                let_go(all_of_them=True)
            else:
                # A full batch means more is waiting: go on at once.
                pause = 0.0 if done >= BATCH else self.beat
            let_go()
            self._stopped.wait(pause)
            pause = max(pause, self.beat)
        log.info("后台任务已停止")

    def _sequence(self) -> int:
        return _guarded("定序", lambda: ledger.sequence(at=clock.now()))

    def _send(self) -> int:
        # Messages to slow places take their time in turns, so that entries get their place meanwhile.
        until = time.monotonic() + TURN
        return actions.run_due(clock.now(), BATCH, stopping=lambda: self.stopping or time.monotonic() > until)

    def _periodics(self) -> int:
        return actions.run_periodics(clock.now(), stopping=lambda: self.stopping)


def _guarded(name: str, work: Callable[[], int]) -> int:
    try:
        return work()
    except (DatabaseError, InterfaceError):
        raise
    except Exception as error:  # noqa: BLE001 — told plainly; the other parts go on
        log.error("%s失败：%s: %s", name, type(error).__name__, error)
        return 0


def let_go(*, all_of_them: bool = False) -> None:
    """Close connections that are stale or broken; after an error all, so that the next round makes new ones."""
    if not all_of_them:
        close_old_connections()
        return
    for connection in connections.all(initialized_only=True):
        connection.close()

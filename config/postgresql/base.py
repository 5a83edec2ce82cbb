"""PostgreSQL as Django speaks it, asked by a web page that does not wait for ever.

A server that is frozen (its disk hangs, its machine is paused) goes on acknowledging what is sent, so no
time-out of the network strikes, and ``statement_timeout`` is kept by that very server. Only the asker can
stop waiting. The line is then closed: what had begun on it ends unkept once the server is back, and of a
commit that was on its way nobody knows; the answer says so (``mingzhi.web.away``).

Pages wait; commands and the worker have time, and simply go on when the server does.
"""

from __future__ import annotations

from typing import Any, TypeVar

import psycopg
from django.db.backends.postgresql import base
from psycopg import IsolationLevel
from psycopg.abc import PQGen
from psycopg.pq import TransactionStatus

CONNECT_SECONDS = 5
"""To connect, and to be told that an idle connection still lives."""

OPTIONS = "-c jit=off"
"""Statements here take milliseconds; compiling them first took up to sixteen times as long as running them. An
address that brings ``?options=…`` of its own is left alone."""

_T = TypeVar("_T")


class Connection(psycopg.Connection[Any]):
    """Waits ``patience`` seconds for an answer; ``None``: as long as it takes."""

    patience: float | None = None

    def wait(self, gen: PQGen[_T], interval: float = 0.1, timeout: float | None = None) -> _T:
        try:
            return super().wait(gen, interval, self.patience if timeout is None else timeout)
        except psycopg.OperationalError:
            if self.pgconn.transaction_status == TransactionStatus.ACTIVE:  # asked, and not answered
                self.pgconn.finish()
            raise


def _briefly() -> float:
    return min(Connection.patience or CONNECT_SECONDS, CONNECT_SECONDS)


class DatabaseWrapper(base.DatabaseWrapper):
    """As Django's; the address names no pool and no isolation level of its own (``config.env.database``)."""

    def get_new_connection(self, conn_params: dict[str, Any]) -> Connection:
        self.isolation_level = IsolationLevel.READ_COMMITTED
        return Connection.connect(**{"connect_timeout": _briefly(), "options": OPTIONS, **conn_params})

    def is_usable(self) -> bool:
        connection = self.connection
        if connection is None:
            return False
        patience, connection.patience = connection.patience, _briefly()
        try:
            return bool(super().is_usable())
        finally:
            connection.patience = patience

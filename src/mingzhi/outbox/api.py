"""The outbox's door."""

from mingzhi.outbox.actions import enqueue, forget_done, retry, run_due, run_periodics
from mingzhi.outbox.data import MessageView, PeriodicView
from mingzhi.outbox.queries import counts, failures, message, oldest_waiting, periodic_runs, struggling
from mingzhi.outbox.registry import handler, periodic

__all__ = [
    "MessageView",
    "PeriodicView",
    "counts",
    "enqueue",
    "failures",
    "forget_done",
    "handler",
    "message",
    "oldest_waiting",
    "periodic",
    "periodic_runs",
    "retry",
    "run_due",
    "run_periodics",
    "struggling",
]

"""Handlers and periodic jobs, registered by the rooms that own them from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar


class Handler(Protocol):
    """Does what a message asks. Runs in a transaction of its own; may run again with the same payload."""

    def __call__(self, payload: dict[str, Any], *, at: datetime) -> object: ...


Job = Callable[[datetime], object]
H = TypeVar("H", bound=Handler)
J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class Periodic:
    name: str
    seconds: float
    job: Job


handlers: dict[str, Handler] = {}
periodics: dict[str, Periodic] = {}


def handler(kind: str) -> Callable[[H], H]:
    """Decorator: ``fn(payload, *, at)`` handles messages of ``kind``. Registering again replaces it.

    ``payload`` is the enqueued dictionary, and under ``"_key"`` the message's idempotency key (its
    own, or ``outbox:<id>``): the same on every attempt, for whatever is called outside.
    """

    def register(fn: H) -> H:
        handlers[kind] = fn
        return fn

    return register


def periodic(name: str, seconds: float) -> Callable[[J], J]:
    """Decorator: the worker calls ``fn(at)`` about every ``seconds``, in no transaction of the worker's.

    After a stop longer than ``seconds`` it runs once, not once per missed turn. One worker runs it
    at a time.
    """

    def register(fn: J) -> J:
        periodics[name] = Periodic(name, seconds, fn)
        return fn

    return register

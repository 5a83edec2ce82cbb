"""Handlers and periodic jobs, registered by the rooms that own them from ``AppConfig.ready()``."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol, TypeVar


class Handler(Protocol):
    """Does what a message asks. May run again with the same payload."""

    def __call__(self, payload: dict[str, Any], *, at: datetime) -> object: ...


Job = Callable[[datetime], object]
H = TypeVar("H", bound=Handler)
J = TypeVar("J", bound=Job)


@dataclass(frozen=True, slots=True)
class Periodic:
    name: str
    seconds: float
    job: Job


@dataclass(frozen=True, slots=True)
class Registered:
    run: Handler
    slow: bool


handlers: dict[str, Registered] = {}
periodics: dict[str, Periodic] = {}


def handler(kind: str, *, slow: bool = False) -> Callable[[H], H]:
    """Decorator: ``fn(payload, *, at)`` handles messages of ``kind``. Registering again replaces it.

    ``payload`` is the enqueued dictionary, and under ``"_key"`` the message's idempotency key (its
    own, or ``outbox:<id>``): the same on every attempt, for whatever is called outside.

    A handler runs in one transaction with the mark «done». ``slow=True`` is for handlers that
    render or talk to a network, which must not hold a transaction (SQLite has one writer): they run
    in none, under a lease of ``actions.LEASE``, and open short ones of their own.
    """

    def register(fn: H) -> H:
        handlers[kind] = Registered(fn, slow)
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

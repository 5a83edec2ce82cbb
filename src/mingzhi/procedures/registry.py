"""Procedures in force, and the providers that fill choices on forms.

Kinds of matter register here at start; the engine knows no particular one.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from datetime import date
from typing import TYPE_CHECKING

from mingzhi.procedures.data import Procedure, StepView

if TYPE_CHECKING:
    from mingzhi.procedures.context import Context

_tables: dict[str, list[Procedure]] = {}
_options: dict[str, Callable[[Context], list[tuple[str, str]]]] = {}

AfterStep = Callable[["Context", StepView], None]
_after: dict[str, tuple[frozenset[str], AfterStep]] = {}


def register(procedure: Procedure) -> None:
    """Add a version of a procedure; versions are told apart by the day from which they are in force."""
    versions = _tables.setdefault(procedure.code, [])
    if all(p.version != procedure.version for p in versions):
        versions.append(procedure)
        versions.sort(key=lambda p: p.since)


def procedure(code: str, version: str | None = None, on: date | None = None) -> Procedure:
    """The procedure a dossier was opened under, or the one in force on a day."""
    versions = _tables[code]
    if version is not None:
        return next(p for p in versions if p.version == version)
    if on is None:
        return versions[-1]
    in_force = [p for p in versions if p.since <= on]
    if not in_force:
        raise KeyError(f"{code}: no version in force on {on}")
    return in_force[-1]


def procedures() -> list[Procedure]:
    """The latest version of every procedure."""
    return [versions[-1] for versions in _tables.values()]


def provide_options(
    name: str,
) -> Callable[[Callable[[Context], list[tuple[str, str]]]], Callable[[Context], list[tuple[str, str]]]]:
    """Register the provider of a choice's options."""

    def keep(
        provider: Callable[[Context], list[tuple[str, str]]],
    ) -> Callable[[Context], list[tuple[str, str]]]:
        _options[name] = provider
        return provider

    return keep


def options_for(name: str, ctx: Context) -> list[tuple[str, str]]:
    """The (value, label) pairs of a named choice as they stand on this dossier."""
    return _options[name](ctx)


def after_step(name: str, verbs: Collection[str], run: AfterStep) -> None:
    """Rooms above learn of steps here: ``run(ctx, step)`` after a step of ``verbs`` was written, in its
    transaction. It may write tables of its own room and nothing else; if it raises, the step is undone,
    so it has no business judging one. Registering a name again replaces it (docs/decisions/0018)."""
    _after[name] = (frozenset(verbs), run)


def listening(verb: str) -> list[AfterStep]:
    """Who wants to know of a step of this verb."""
    return [run for verbs, run in _after.values() if verb in verbs]

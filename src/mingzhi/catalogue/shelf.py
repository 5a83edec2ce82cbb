"""Rows of the lists, wherever they were read from, and how the nearest one on a day is found. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from mingzhi.catalogue import norms
from mingzhi.catalogue.norms import HasProfile


@dataclass(frozen=True, slots=True)
class Row:
    """One list row: kind, scope, code, the days it is in force, and its data."""

    kind: str
    scope: str
    code: str
    valid_from: date
    valid_to: date | None
    data: Mapping[str, Any]
    row_id: int | None = None
    version: str = ""

    def in_force(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day < self.valid_to)


class Shelf:
    """An immutable set of rows with look-up by kind, scope, code and day."""

    def __init__(self, rows: Iterable[Row], *, mark: tuple[int, str] | None = None) -> None:
        self.mark = mark
        self.rows = tuple(rows)
        self._by_kind: dict[str, dict[str, dict[str, list[Row]]]] = {}
        for row in self.rows:
            scopes = self._by_kind.setdefault(row.kind, {})
            scopes.setdefault(row.scope, {}).setdefault(row.code, []).append(row)

    def find(self, kind: str, code: str, scopes: Iterable[str], day: date) -> Row | None:
        """The row of the nearest scope that is in force on ``day``."""
        by_scope = self._by_kind.get(kind, {})
        for scope in scopes:
            for row in by_scope.get(scope, {}).get(code, ()):
                if row.in_force(day):
                    return row
        return None

    def all(self, kind: str, scopes: Iterable[str], day: date) -> list[Row]:
        """Per code the nearest row in force on ``day``, in code order; rows marked ``off`` are left out."""
        by_scope, chosen = self._by_kind.get(kind, {}), {}
        for scope in scopes:
            for code, versions in by_scope.get(scope, {}).items():
                if code in chosen:
                    continue
                for row in versions:
                    if row.in_force(day):
                        chosen[code] = row
        return [row for _, row in sorted(chosen.items()) if not row.data.get("off")]

    def versions(self, kind: str, code: str) -> list[Row]:
        """Every version of a code in any scope, oldest first."""
        found = [r for by_code in self._by_kind.get(kind, {}).values() for r in by_code.get(code, ())]
        return sorted(found, key=lambda r: r.valid_from)


def scopes_of(body: HasProfile | str | None) -> tuple[str, ...]:
    """Scopes that speak for a body, nearest first: itself, its profile, its field, the nation."""
    if body is None:
        return ("national",)
    key = body if isinstance(body, str) else body.profile
    number = None if isinstance(body, str) else getattr(body, "id", None)
    own = (f"body:{number}",) if number is not None else ()
    if not key:
        return (*own, "national")
    profile = norms.profile(key)
    return (*own, f"profile:{key}", f"field:{profile.field}", "national")

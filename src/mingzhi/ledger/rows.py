"""Tables whose rows are facts: what an entry says of a row, one spelling for writing and for fsck."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db import models

from mingzhi.ledger.actions import append
from mingzhi.ledger.kinds import Kind, register

Payload = Mapping[str, Any]


@dataclass(frozen=True)
class Rows:
    """The rows of a table as a kind of entry: subject ``thing:<key>``, payload computed from the live row.

    ``key`` is the column that the subject names, ``only`` narrows the rows, ``related`` is read along.
    A room makes one per table, registers it when it is ready, and calls ``kept`` beside every INSERT
    and, for a row that may change, beside every UPDATE.
    """

    name: str
    sentence: str
    thing: str
    model: type[models.Model]
    payload: Callable[[Any], Payload]
    version: int = 1
    key: str = "pk"
    only: Mapping[str, Any] = field(default_factory=dict)
    related: tuple[str, ...] = ()
    personal: tuple[str, ...] = ()
    files: Callable[[str], Iterable[tuple[int, str]]] | None = None

    def subject(self, row: models.Model) -> str:
        return f"{self.thing}:{getattr(row, self.key)}"

    def kept(self, row: models.Model, *, at: datetime) -> int:
        """One entry for the row as it now stands, in the caller's transaction. Returns the entry's id."""
        return append(self.name, self.subject(row), self.payload(row), at=at)

    def register(self) -> None:
        register(
            Kind(
                name=self.name,
                version=self.version,
                sentence=self.sentence,
                personal=self.personal,
                payload_of=self._payload_of,
                rows=self._rows,
                files=self.files,
            )
        )

    def _found(self) -> models.QuerySet[Any]:
        rows = self.model._default_manager.filter(**self.only).order_by("pk")
        return rows.select_related(*self.related) if self.related else rows

    def _payload_of(self, subject: str) -> Payload | None:
        row = self._found().filter(**{self.key: int(subject.rpartition(":")[2])}).first()
        return None if row is None else self.payload(row)

    def _rows(self) -> Iterator[tuple[str, Payload]]:
        found = self._found()
        if isinstance(self.payload, Columns):  # straight from the columns: no object for each row
            names = self.payload.names
            for key, *values in found.values_list(self.key, *names).iterator(chunk_size=2000):
                yield f"{self.thing}:{key}", dict(zip(names, values, strict=True))
            return
        for row in found.iterator(chunk_size=2000):
            yield self.subject(row), self.payload(row)


@dataclass(frozen=True, slots=True)
class Columns:
    """The payload of a row that is so many of its columns."""

    names: tuple[str, ...]

    def __call__(self, row: Any) -> dict[str, Any]:
        # A choice just set is an enum member, a choice read back is its text: the same value either way.
        return {
            name: str(value) if isinstance(value := getattr(row, name), str) else value for name in self.names
        }


def columns(model: type[models.Model], *, without: Collection[str] = ()) -> Columns:
    """A payload of every column but the key and ``without`` (derived, volatile or secret ones).

    A column added to the table enters by itself: what nobody thought of is covered, not forgotten.
    """
    fields = [column for column in model._meta.concrete_fields if not column.primary_key]
    unknown = set(without) - {column.name for column in fields}
    if unknown:
        raise ValueError(f"{model.__name__} has no column {sorted(unknown)}")
    return Columns(tuple(column.attname for column in fields if column.name not in without))

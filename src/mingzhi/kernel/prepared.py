"""Statements built once and run many times, for the few tables that every step of every matter touches.

Django builds a statement anew each time it runs it, and that costs several times what the database
takes to run it. Here the same querysets and models are compiled once per process and kept; only the
values change. Nothing else differs: columns, converters, sealed fields and errors are Django's.
docs/decisions/0005 says where this is worth it and what was measured.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date, datetime
from functools import cache
from typing import Any, TypeVar

from django.core.exceptions import EmptyResultSet
from django.db import DEFAULT_DB_ALIAS, connections, models, transaction
from django.db.models import sql
from django.db.models.constants import OnConflict
from django.db.models.expressions import Expression

Row = tuple[Any, ...]
Rows = models.QuerySet[Any, Any]
_Model = TypeVar("_Model", bound=models.Model)


class Given(Expression):
    """A place in a statement, filled by name each time it runs. ``None`` is refused unless ``null`` is
    set: a comparison with NULL is another statement; a column may be set to it."""

    def __init__(self, name: str, *, null: bool = False) -> None:
        super().__init__()
        self.name = name
        self.null = null

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        return "%s", (self,)


def is_id(number: int) -> bool:
    """Whether a row may have this number at all: what people send can be larger than any column holds."""
    return 0 < number < 1 << 63


def _filled(connection: Any, places: tuple[Any, ...], given: dict[str, Any]) -> list[Any]:
    values = []
    for place in places:
        value = place
        if type(place) is Given:
            value = given[place.name]
            if value is None and not place.null:
                raise TypeError(f"prepared statement: {place.name} is None")
        if isinstance(value, datetime):
            value = connection.ops.adapt_datetimefield_value(value)
        elif isinstance(value, date):
            value = connection.ops.adapt_datefield_value(value)
        values.append(value)
    return values


class Read:
    """A ``values_list`` queryset with ``Given`` in its filters; called with the values, it gives the rows."""

    def __init__(self, build: Callable[[], Rows]) -> None:
        self._build = build
        self._made: tuple[str, tuple[Any, ...], list[tuple[int, Any]]] | None = None

    def _compiled(self) -> tuple[str, tuple[Any, ...], list[tuple[int, Any]]]:
        if self._made is None:
            compiler = self._build().query.get_compiler(DEFAULT_DB_ALIAS)
            try:
                text, places = compiler.as_sql()
            except EmptyResultSet:
                text, places = "", ()
                converters = {}
            else:
                columns = [column for column, *_ in compiler.select[: compiler.col_count]]
                converters = compiler.get_converters(columns)
            self._made = text, tuple(places), list(converters.items())
        return self._made

    def __call__(self, **given: Any) -> list[Row]:
        text, places, converters = self._compiled()
        if not text:
            return []
        connection = connections[DEFAULT_DB_ALIAS]
        with connection.cursor() as cursor:
            cursor.execute(text, _filled(connection, places, given))
            found: list[Row] = cursor.fetchall()
        if not converters:
            return found
        rows = []
        for row in map(list, found):
            for place, (convert, column) in converters:
                for step in convert:
                    row[place] = step(row[place], column, connection)
            rows.append(tuple(row))
        return rows

    def one(self, **given: Any) -> Row | None:
        """The first row, or ``None``."""
        rows = self(**given)
        return rows[0] if rows else None


class Change:
    """An UPDATE of a queryset, with ``Given`` in its filters and values; called, it tells how many rows."""

    def __init__(self, build: Callable[[], Rows], **values: Any) -> None:
        self._build = build
        self._values = values
        self._made: tuple[str, tuple[Any, ...]] | None = None

    def __call__(self, **given: Any) -> int:
        if self._made is None:
            query: Any = self._build().query.chain(sql.UpdateQuery)
            query.add_update_values(self._values)
            text, places = query.get_compiler(DEFAULT_DB_ALIAS).as_sql()
            self._made = text, tuple(places)
        text, places = self._made
        connection = connections[DEFAULT_DB_ALIAS]
        with (
            transaction.mark_for_rollback_on_error(using=DEFAULT_DB_ALIAS),
            connection.cursor() as cursor,
        ):
            cursor.execute(text, _filled(connection, places, given))
            changed: int = cursor.rowcount
        return changed


@cache
def _insertion(model: type[models.Model], using: str, once: bool) -> tuple[str, list[Any]]:
    meta = model._meta
    fields = [f for f in meta.concrete_fields if not isinstance(f, models.AutoField)]
    query = sql.InsertQuery(model, on_conflict=OnConflict.IGNORE if once else None)
    query.insert_values(fields, [model()], raw=True)
    compiler = query.get_compiler(using)
    compiler.returning_fields = [meta.pk]
    [(text, _)] = compiler.as_sql()
    return text, fields


def insert(row: _Model, *, using: str = DEFAULT_DB_ALIAS) -> _Model:
    """``row.save(force_insert=True)`` of a row that has a number of its own: one statement, no signals."""
    if _insert(row, using, once=False) is None:
        raise RuntimeError(f"{type(row).__name__}: no row came back")
    return row


def insert_once(row: _Model, *, using: str = DEFAULT_DB_ALIAS) -> bool:
    """As ``insert``; ``False`` and nothing written when a unique key says the row is there already."""
    return _insert(row, using, once=True) is not None


def _insert(row: models.Model, using: str, *, once: bool) -> Any:
    text, fields = _insertion(type(row), using, once)
    connection = connections[using]
    values = [f.get_db_prep_save(getattr(row, f.attname), connection) for f in fields]
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        cursor.execute(text, values)
        back = cursor.fetchone()
    if back is None:
        return None
    row.pk = back[0]
    row._state.adding = False
    row._state.db = using
    return row.pk


def pour(
    model: type[models.Model], names: Sequence[str], rows: Iterable[Row], *, using: str = DEFAULT_DB_ALIAS
) -> None:
    """Many rows with large values straight into a table; ``names`` are the attributes that a row gives. A text may
    be given as its UTF-8 bytes. Triggers and constraints judge each row; none comes back. Whoever makes the rows
    asks this database nothing meanwhile: the line to it is taken.

    COPY on PostgreSQL: in a statement every value is quoted here and parsed there. One by one on SQLite, which
    takes several times as long for many large values in one statement.
    """
    connection = connections[using]
    fields: dict[str, Any] = {f.attname: f for f in model._meta.concrete_fields}
    given = [fields[name] for name in names]
    quote = connection.ops.quote_name
    into = f"{quote(model._meta.db_table)} ({', '.join(quote(f.column) for f in given)})"
    with transaction.mark_for_rollback_on_error(using=using), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            with (
                connection.wrap_database_errors,
                cursor.copy(f"COPY {into} FROM STDIN (FORMAT binary)") as copy,
            ):
                copy.set_types([str(f.db_type(connection)).partition("(")[0] for f in given])
                for row in rows:
                    copy.write_row([v.decode() if isinstance(v, bytes) else v for v in row])
            return
        texts = (models.CharField, models.TextField)
        marks = ", ".join("CAST(%s AS TEXT)" if isinstance(f, texts) else "%s" for f in given)
        statement = f"INSERT INTO {into} VALUES ({marks})"  # noqa: S608 — names of our own tables
        for row in rows:
            cursor.execute(statement, row)

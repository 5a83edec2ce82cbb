"""The lists in force of a body as boards read them: rows in words, powers summed up, what was read (R012). Published
lists only: a draft is nobody's business here."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import Any

from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind


@dataclass(frozen=True, slots=True)
class Powers:
    """权限 of a body: from its published list of powers, by kind of act, and from its duties by post."""

    list_id: int | None
    version: str
    lines: tuple[tuple[str, int, str], ...]
    """(kind of act, how many items, fields of enforcement)"""
    posts: tuple[tuple[str, str, str], ...]
    """(unit, post, its powers)"""


@dataclass(slots=True)
class Lists:
    """The lists in force of a body on a day, and which of them a board has read."""

    body_id: int
    on: date
    versions: dict[str, Any] = field(default_factory=dict)
    charts: list[Any] = field(default_factory=list)
    read: dict[int, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for version in public_lists.in_force_of(self.body_id, self.on):
            if version.list.kind == ListKind.CHART:
                self.charts.append(version)
            else:
                self.versions[version.list.kind] = version

    def row(self, kind: ListKind, code: str) -> dict[str, str] | None:
        """The row of a code in words, by column; ``None`` where the list in force has none."""
        version = self.versions.get(kind)
        if version is None or not code or (found := public_lists.row_find(version, code)) is None:
            return None
        self.read[version.pk] = version
        _block, rows, at = found
        return _words(version, rows[at])

    def has(self, kind: ListKind, code: str) -> bool:
        """Whether the list in force has the code; nothing of it stands on the board for that."""
        version = self.versions.get(kind)
        return version is not None and public_lists.row_find(version, code) is not None

    def acts(self, codes: Iterable[str]) -> set[str]:
        """The kinds of act of these powers; nothing of the list stands on the board for that."""
        version = self.versions.get(ListKind.ITEM)
        found = (public_lists.row_find(version, code) for code in codes) if version is not None else ()
        place = public_lists.list_schema(ListKind.ITEM).place("act_type")
        return {str(rows[at][place]) for _block, rows, at in filter(None, found)}

    def rows(self, kind: ListKind) -> list[dict[str, str]]:
        """All rows in words, of the lists that are short by nature (duties by post, guides)."""
        version = self.versions.get(kind)
        if version is None:
            return []
        self.read[version.pk] = version
        return [_words(version, row) for row in public_lists.rows_page(version, 0, version.count)]

    def sources(self) -> list[list[str]]:
        """The lists that were read: title and version, in words."""
        return [[v.list.title, edition(v)] for _pk, v in sorted(self.read.items())]


def _words(version: Any, row: list[Any]) -> dict[str, str]:
    own = public_lists.list_schema(version.list.kind)
    return {c.key: public_lists.text_of(c, row[own.place(c.key)]) for c in own.shown}


def edition(version: Any) -> str:
    return f"第 {version.number} 版，自 {version.valid_from} 起施行"


def posts(body_id: int, on: date) -> list[tuple[str, str]]:
    """(code, unit · post) of the list of duties in force."""
    return [(row["code"], f"{row['unit']} · {row['post']}") for row in Lists(body_id, on).rows(ListKind.DUTY)]


def guides(body_id: int, on: date) -> list[dict[str, str]]:
    """The service guides in force, each as column → words."""
    return Lists(body_id, on).rows(ListKind.GUIDE)


def items(body_id: int, on: date, *, start: int = 0, size: int = 400) -> tuple[list[dict[str, str]], int]:
    """``size`` powers of the list in force from row ``start`` on, and how many there are."""
    version = Lists(body_id, on).versions.get(ListKind.ITEM)
    if version is None:
        return [], 0
    rows = public_lists.rows_page(version, start, size)
    return [_words(version, row) for row in rows], version.count


def powers(body_id: int, on: date) -> Powers:
    """权限 of a body on a day, from its lists in force."""
    return powers_in(Lists(body_id, on))


def powers_in(lists: Lists) -> Powers:
    version = lists.versions.get(ListKind.ITEM)
    lines: tuple[tuple[str, int, str], ...] = ()
    if version is not None:
        lists.read[version.pk] = version
        lines = _counted(version, version.digest)
    return Powers(
        list_id=None if version is None else version.list_id,
        version="" if version is None else edition(version),
        lines=lines,
        posts=tuple((row["unit"], row["post"], row["powers"]) for row in lists.rows(ListKind.DUTY)),
    )


@lru_cache(maxsize=64)
def _counted(version: Any, _digest: str) -> tuple[tuple[str, int, str], ...]:
    """Items of a published version by kind of act. A published version is frozen: counted once per process."""
    own = public_lists.list_schema(ListKind.ITEM)
    act, area = own.place("act_type"), own.place("field")
    counts: Counter[str] = Counter()
    fields: dict[str, dict[str, None]] = {}
    for row in public_lists.rows_of(version):
        counts[row[act]] += 1
        fields.setdefault(row[act], {})[public_lists.text_of(own.columns[area], row[area])] = None
    order = {kind: place for place, kind in enumerate(own.columns[act].options)}
    return tuple(
        (kind, counts[kind], "、".join(fields[kind]))
        for kind in sorted(counts, key=lambda k: order.get(k, len(order)))
    )

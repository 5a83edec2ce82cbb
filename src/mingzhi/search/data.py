"""Search results as other rooms hold them."""

from __future__ import annotations

from dataclasses import dataclass

from mingzhi.search.text import Piece, Query

__all__ = ["Found", "Piece", "Query"]


@dataclass(frozen=True, slots=True)
class Found:
    """One page of results: ids of the owner's things, newest first.

    ``cursor`` is handed back as ``before=`` for the next page; ``total`` is counted up to the cap only
    (``None`` when not asked for), ``capped`` says that there are more than that.
    """

    refs: tuple[int, ...]
    more: bool
    cursor: int | None
    total: int | None = None
    capped: bool = False

    @property
    def total_text(self) -> str:
        """«1000+» rather than a number nobody reads."""
        return "" if self.total is None else f"{self.total}+" if self.capped else str(self.total)

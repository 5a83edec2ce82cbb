"""Validity over days: closed at the start, open at the end, as the law counts versions."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True, slots=True)
class DateRange:
    """Days from ``start`` (included) to ``end`` (not included); ``None`` end = still in force."""

    start: date
    end: date | None = None

    def __post_init__(self) -> None:
        if self.end is not None and self.end <= self.start:
            raise ValueError("失效日期须晚于生效日期")

    def contains(self, day: date) -> bool:
        return self.start <= day and (self.end is None or day < self.end)

    def overlaps(self, other: DateRange) -> bool:
        return (self.end is None or other.start < self.end) and (other.end is None or self.start < other.end)

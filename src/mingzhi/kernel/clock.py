"""The only place that asks what time it is.

Faces and jobs ask once per request or run and hand the answer down; no action asks (style rule 5).
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

CHINA = ZoneInfo("Asia/Shanghai")


def now() -> datetime:
    """The present moment, aware, in UTC, whole microseconds."""
    return datetime.now(UTC)


def today() -> date:
    """The present day in China."""
    return local_date(now())


def local(moment: datetime) -> datetime:
    """``moment`` as a clock in China shows it. Naive input is refused."""
    if moment.tzinfo is None:
        raise ValueError("时刻缺少时区")
    return moment.astimezone(CHINA)


def local_date(moment: datetime) -> date:
    """The day in China on which ``moment`` falls."""
    return local(moment).date()


def at_local(day: date, hour: int = 0, minute: int = 0) -> datetime:
    """The moment at which clocks in China show ``hour:minute`` on ``day``."""
    return datetime(day.year, day.month, day.day, hour, minute, tzinfo=CHINA)

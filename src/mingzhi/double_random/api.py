"""The double-random room's door."""

from mingzhi.double_random.actions import (
    avoidance_declare,
    avoidance_end,
    draw_commit,
    draw_make,
    draw_void,
    finding_enter,
    finding_follow,
    officer_replace,
)
from mingzhi.double_random.queries import (
    assignment,
    assignments,
    avoidances,
    draw_view,
    draws,
    inspections,
    ready,
)
from mingzhi.double_random.telling import after_finding

__all__ = [
    "after_finding",
    "assignment",
    "assignments",
    "avoidance_declare",
    "avoidance_end",
    "avoidances",
    "draw_commit",
    "draw_make",
    "draw_view",
    "draw_void",
    "draws",
    "finding_enter",
    "finding_follow",
    "inspections",
    "officer_replace",
    "ready",
]

"""The double-random room's door."""

from mingzhi.double_random.actions import (
    avoidance_declare,
    avoidance_end,
    draw_commit,
    draw_make,
    draw_void,
    finding_enter,
    officer_replace,
)
from mingzhi.double_random.queries import assignment, assignments, avoidances, draw_view, draws, ready

__all__ = [
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
    "officer_replace",
    "ready",
]

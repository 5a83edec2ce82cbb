"""Bar charts as SVG, made on the server. Every chart stands beside a table with the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

BLUE, AMBER, GREY, INK = "#1f4e8c", "#b7791f", "#c9d2de", "#1c2733"
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"

Bars = Sequence[tuple[str, int]]


def _svg(width: int, height: int, label: str, body: str, kind: str = "chart-plain") -> str:
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="{kind}" viewBox="0 0 {width} {height}" role="img" '
        f'aria-label="{escape(label)}" font-family="{_FONT}" font-size="13">{body}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", size: int = 13) -> str:
    return f'<text x="{x:.1f}" y="{y:.1f}" text-anchor="{anchor}" fill="{INK}" font-size="{size}">{escape(text)}</text>'


def lying(bars: Bars, label: str) -> str:
    """Horizontal bars, for names of any length: kinds of penalty, units."""
    row, left, width = 30, 190, 640
    most = max((n for _name, n in bars), default=0) or 1
    parts = []
    for place, (name, n) in enumerate(bars):
        y = place * row + 8
        shown = name if len(name) <= 14 else name[:13] + "…"
        long = (width - left - 60) * n / most
        parts.append(_text(left - 10, y + 15, shown, "end"))
        parts.append(
            f'<rect x="{left}" y="{y}" width="{max(long, 1):.1f}" height="20" fill="{BLUE if n else GREY}"/>'
        )
        parts.append(_text(left + max(long, 1) + 8, y + 15, f"{n:,}"))
    return _svg(width, max(len(bars), 1) * row + 12, label, "".join(parts))


def standing(bars: Bars, label: str) -> str:
    """Upright bars, for months; each with its figure above and its name below, in this order."""
    width, height, low = 640, 224, 190
    most = max((n for _name, n in bars), default=0) or 1
    step = width / max(len(bars), 1)
    parts = [f'<line x1="0" y1="{low}" x2="{width}" y2="{low}" stroke="{GREY}"/>']
    for place, (name, n) in enumerate(bars):
        x, tall = place * step, (low - 30) * n / most
        parts.append(
            f'<rect x="{x + step * 0.2:.1f}" y="{low - tall:.1f}" width="{step * 0.6:.1f}" height="{tall:.1f}" fill="{BLUE}"/>'
        )
        parts.append(_text(x + step / 2, low - tall - 6, f"{n:,}" if n else "", "middle", 12))
        parts.append(_text(x + step / 2, low + 24, name, "middle", 12))
    return _svg(width, height, label, "".join(parts), "by-month")


def stacked(rows: Sequence[tuple[str, int, int, int]], label: str) -> str:
    """In time, late and still owed of each unit, as one bar to a hundred percent."""
    row, left, width = 34, 190, 640
    parts = []
    for place, (name, good, late, owed) in enumerate(rows):
        y, x, whole = place * row + 6, float(left), good + late + owed
        parts.append(_text(left - 10, y + 16, name if len(name) <= 14 else name[:13] + "…", "end"))
        for n, colour in ((good, BLUE), (late, AMBER), (owed, "#b42318")):
            if n and whole:
                long = (width - left - 10) * n / whole
                parts.append(f'<rect x="{x:.1f}" y="{y}" width="{long:.1f}" height="22" fill="{colour}"/>')
                if long > 22:
                    parts.append(
                        f'<text x="{x + long / 2:.1f}" y="{y + 16}" text-anchor="middle" fill="#ffffff" font-size="12">{n}</text>'
                    )
                x += long
        if not whole:
            parts.append(_text(left, y + 16, "—"))
    return _svg(width, max(len(rows), 1) * row + 10, label, "".join(parts))

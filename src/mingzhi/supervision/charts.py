"""Bar charts as SVG, made on the server. Every chart stands beside a table with the same figures."""

from __future__ import annotations

from collections.abc import Sequence
from html import escape

BLUE, AMBER, GREY, INK = "#1f4e8c", "#b7791f", "#c9d2de", "#1c2733"
_FONT = "PingFang SC, Microsoft YaHei, Noto Sans SC, Noto Sans CJK SC, sans-serif"

Bars = Sequence[tuple[str, int]]


_WIDTH = 640  # on paper; on a page a chart is as wide as where it stands


def _svg(height: int, label: str, body: str) -> str:
    """What is measured across is in per cent, what is measured down in pixels: letters keep their size, and a chart
    fits a phone as it fits a page."""
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_WIDTH}" height="{height}" role="img" '
        f'aria-label="{escape(label)}" font-family="{_FONT}" font-size="13">{body}</svg>'
    )


def _text(x: float, y: float, text: str, anchor: str = "start", *, size: int = 13, after: int = 0) -> str:
    """``x`` in per cent, ``after`` pixels further on."""
    return (
        f'<text x="{x:.2f}%" y="{y}" dx="{after}" text-anchor="{anchor}" fill="{INK}" font-size="{size}">'
        f"{escape(text)}</text>"
    )


def _bar(x: float, y: float, long: float, tall: float, colour: str) -> str:
    return f'<rect x="{x:.2f}%" y="{y:.1f}" width="{long:.2f}%" height="{tall:.1f}" fill="{colour}"/>'


def _name(place: int, name: str) -> str:
    """Above its bar, as long as a phone is wide."""
    return _text(0, place * _ROW + 16, name if len(name) <= 22 else name[:21] + "…")


_ROW, _LONGEST = 46, 84.0


def lying(bars: Bars, label: str) -> str:
    """Horizontal bars, for names of any length: kinds of penalty, units."""
    most = max((n for _of, n in bars), default=0) or 1
    parts = []
    for place, (name, n) in enumerate(bars):
        long, y = max(_LONGEST * n / most, 0.2), place * _ROW + 22
        parts.append(_name(place, name) + _bar(0, y, long, 16, BLUE if n else GREY))
        parts.append(_text(long, y + 13, f"{n:,}", after=8))
    return _svg(max(len(bars), 1) * _ROW + 4, label, "".join(parts))


def standing(bars: Bars, label: str) -> str:
    """Upright bars, for months; each with its figure above and its name below, in this order."""
    height, low = 220, 190
    most = max((n for _of, n in bars), default=0) or 1
    step = 100 / max(len(bars), 1)
    parts = [f'<line x1="0" y1="{low}" x2="100%" y2="{low}" stroke="{GREY}"/>']
    for place, (name, n) in enumerate(bars):
        x, tall = place * step, (low - 30) * n / most
        parts.append(_bar(x + step * 0.2, low - tall, step * 0.6, tall, BLUE))
        parts.append(_text(x + step / 2, round(low - tall - 6, 1), f"{n:,}" if n else "", "middle", size=12))
        parts.append(_text(x + step / 2, low + 18, name, "middle", size=12))
    return _svg(height, label, "".join(parts))


def stacked(rows: Sequence[tuple[str, int, int, int]], label: str) -> str:
    """In time, late and still owed of each unit, as one bar to a hundred percent."""
    parts = []
    for place, (name, good, late, owed) in enumerate(rows):
        x, y, whole = 0.0, place * _ROW + 22, good + late + owed
        parts.append(_name(place, name))
        for n, colour in ((good, BLUE), (late, AMBER), (owed, "#b42318")):
            if n and whole:
                long = 100 * n / whole
                parts.append(_bar(x, y, long, 18, colour))
                if long > 7:
                    parts.append(
                        f'<text x="{x + long / 2:.2f}%" y="{y + 14}" text-anchor="middle" fill="#ffffff" font-size="12">{n}</text>'
                    )
                x += long
        if not whole:
            parts.append(_text(0, y + 14, "—"))
    return _svg(max(len(rows), 1) * _ROW + 4, label, "".join(parts))

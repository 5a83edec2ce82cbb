"""A flow chart as SVG, drawn from its published rows alone: every state and every step once. Pure.

States stand on the left in the table's order, each with the steps that begin there under it; a line on
the right leads from a step to the state it results in, a line on the left to a step that may
also begin elsewhere. Presentation attributes only: no style sheet, no script.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from html import escape

PAD = 8
LEFT, STATE_WIDE, STEP_AT, STEP_WIDE = 24, 210, 130, 470
BLUE, GREY, LINE, PALE, DONE = "#1d4f8c", "#5b6672", "#7d8894", "#eef3f9", "#e8f3ec"


@dataclass(frozen=True, slots=True)
class Type:
    """How large the chart is written, in the drawing's own units; ``track`` is the gap between two lines."""

    title: int
    font: int
    small: int
    leading: int
    track: int


SCREEN = Type(19, 14, 12, 18, 9)
WALL = Type(22, 21, 19, 27, 5)
"""For two columns on a sheet of A3, to be read by who stands before it: its type is half as large again."""


@dataclass(frozen=True, slots=True)
class Node:
    """A state or a step of the chart, in the words to be shown."""

    label: str
    stage: str
    shown: str = ""
    """The label in the reader's language, where it is another one."""
    sources: tuple[str, ...] = ()
    targets: tuple[str, ...] = ()
    who: str = ""
    terms: tuple[str, ...] = ()
    papers: tuple[str, ...] = ()
    citation: str = ""
    final: bool = False


@dataclass(slots=True)
class _Box:
    x: int
    y: int
    wide: int
    high: int
    size: Type
    lines: list[tuple[str, int, str]] = field(default_factory=list)


def width_of(text: str, size: int) -> float:
    """How wide a text is, as near as the layout needs: full-width signs are square."""
    return sum(size if unicodedata.east_asian_width(c) in "WF" else size * 0.56 for c in text)


def wrapped(text: str, size: int, room: int) -> list[str]:
    lines, line = [], ""
    for c in text:
        if width_of(line + c, size) > room:
            lines.append(line)
            line = ""
        line += c
    return [*lines, line] if line else lines


class _Tracks:
    """Vertical tracks beside the boxes: two lines share one only where they do not meet."""

    def __init__(self) -> None:
        self.taken: list[list[tuple[int, int]]] = []

    def place(self, top: int, bottom: int) -> int:
        for n, spans in enumerate(self.taken):
            if all(bottom < a - 4 or top > b + 4 for a, b in spans):
                spans.append((top, bottom))
                return n
        self.taken.append([(top, bottom)])
        return len(self.taken) - 1


def svg(
    title: str,
    states: Iterable[Node],
    steps: Iterable[Node],
    say: Callable[[str], str] = str,
    *,
    size: Type = SCREEN,
) -> str:
    """The chart. ``say`` puts a fixed word (期限、文书、依据、由) into the reader's language."""
    states, steps = list(states), list(steps)
    lane: dict[str, list[Node]] = {s.label: [] for s in states}
    loose = [s for s in steps if not s.sources or s.sources[0] not in lane]
    for step in steps:
        if step not in loose:
            lane[step.sources[0]].append(step)
    boxes: dict[str, _Box] = {}
    placed: list[tuple[Node, _Box]] = []
    right = LEFT + STEP_AT + STEP_WIDE
    heading = wrapped(title, size.title, right)
    y = 26 + (size.title + 11) * len(heading)
    bands: list[tuple[str, int]] = []
    for state in states:
        if not bands or bands[-1][0] != state.stage:
            bands.append((state.stage, y))
            y += size.small + 16
        boxes[state.label] = _Box(LEFT, y, STATE_WIDE, 0, size, _state_lines(state, size))
        y = _stack(boxes[state.label], y)
        for step in lane[state.label]:
            box = _Box(LEFT + STEP_AT, y, STEP_WIDE, 0, size, _step_lines(step, say, size))
            placed.append((step, box))
            y = _stack(box, y)
        y += 10
    for step in loose:
        box = _Box(LEFT + STEP_AT, y, STEP_WIDE, 0, size, _step_lines(step, say, size))
        placed.append((step, box))
        y = _stack(box, y)
    lines, wide, shift = _edges(boxes, placed, right, size.track)
    out = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide + shift} {y + 16}" role="img"'
        f' font-family="PingFang SC, Microsoft YaHei, Noto Sans CJK SC, sans-serif">',
        f"<title>{escape(title)}</title>",
        '<defs><marker id="tip" viewBox="0 0 8 8" refX="8" refY="4" markerWidth="7" markerHeight="7"'
        f' orient="auto"><path d="M0 0 8 4 0 8z" fill="{LINE}"/></marker></defs>',
        *(
            f'<text x="{(wide + shift) // 2}" y="{(size.title + 11) * (n + 1)}" font-size="{size.title}"'
            f' font-weight="600" text-anchor="middle">{escape(line)}</text>'
            for n, line in enumerate(heading)
        ),
        f'<g transform="translate({shift} 0)">',
    ]
    out += [
        f'<line x1="0" x2="{right}" y1="{top}" y2="{top}" stroke="#c9d2dc"/>'
        f'<text x="{LEFT}" y="{top + size.small + 6}" font-size="{size.small}" fill="{GREY}">{escape(say(stage))}</text>'
        for stage, top in bands
    ]
    out += lines
    final = {s.label for s in states if s.final}
    for label, box in boxes.items():
        fill = DONE if label in final else PALE
        out += _drawn(
            "state",
            box,
            f'rx="4" fill="{fill}" stroke="{BLUE}" stroke-width="{2 if label in final else 1.4}"',
        )
    for _step, box in placed:
        out += _drawn("step", box, f'rx="12" fill="#ffffff" stroke="{LINE}"')
    return "".join([*out, "</g></svg>"])


def _state_lines(state: Node, size: Type) -> list[tuple[str, int, str]]:
    words = wrapped(state.shown or state.label, size.font, STATE_WIDE - 2 * PAD)
    return [(t, size.font, "600") for t in words]


def _step_lines(step: Node, say: Callable[[str], str], size: Type) -> list[tuple[str, int, str]]:
    room = STEP_WIDE - 2 * PAD
    lines = [(t, size.font, "600") for t in wrapped(step.shown or step.label, size.font, room)]
    for head, text in (
        ("由", step.who),
        ("期限", "；".join(step.terms)),
        ("文书", "、".join(step.papers)),
        ("依据", step.citation),
    ):
        if text:
            lines += [(t, size.small, "400") for t in wrapped(f"{say(head)}：{text}", size.small, room)]
    return lines


def _stack(box: _Box, y: int) -> int:
    box.high = len(box.lines) * box.size.leading + 2 * PAD
    return y + box.high + 10


def _edges(
    boxes: dict[str, _Box], placed: list[tuple[Node, _Box]], right: int, gap: int
) -> tuple[list[str], int, int]:
    """Lines from states to steps and from steps to states; the whole width; the room on the left."""
    out: list[str] = []
    ahead, back = _Tracks(), _Tracks()
    for step, box in placed:
        middle = box.y + box.high // 2
        for n, source in enumerate(step.sources):
            state = boxes.get(source)
            if state is None:
                continue
            if n == 0:
                x = LEFT + 40
                out.append(_path(f"M{x} {state.y + state.high}V{middle}H{box.x}"))
                continue
            start = state.y + state.high // 2
            place = back.place(min(start, middle), max(start, middle))
            x = LEFT - 12 - gap * place
            out.append(_path(f"M{LEFT} {start}H{x}V{middle}H{box.x}", dashed=True))
        for target in step.targets:
            state = boxes.get(target)
            if state is None:
                continue
            end = state.y + state.high // 2
            place = ahead.place(min(end, middle), max(end, middle))
            x = right + 12 + gap * place
            out.append(_path(f"M{box.x + box.wide} {middle}H{x}V{end}H{state.x + state.wide}"))
    return out, right + 24 + gap * len(ahead.taken), gap * len(back.taken)


def _path(d: str, *, dashed: bool = False) -> str:
    dash = ' stroke-dasharray="5 3"' if dashed else ""
    return f'<path d="{d}" fill="none" stroke="{LINE}" marker-end="url(#tip)"{dash}/>'


def _drawn(kind: str, box: _Box, look: str) -> list[str]:
    out = [
        f'<g class="{kind}"><title>{escape(box.lines[0][0])}</title>'
        f'<rect x="{box.x}" y="{box.y}" width="{box.wide}" height="{box.high}" {look}/>'
    ]
    for n, (text, size, weight) in enumerate(box.lines):
        out.append(
            f'<text x="{box.x + PAD}" y="{box.y + PAD + box.size.leading * n + box.size.font - 1}" font-size="{size}"'
            f' font-weight="{weight}" fill="{"#16202b" if size == box.size.font else GREY}">{escape(text)}</text>'
        )
    return [*out, "</g>"]


_VIEW = re.compile(r'viewBox="0 0 (\d+) (\d+)"')
_BOX = re.compile(r'<rect x="\d+" y="(\d+)" width="\d+" height="(\d+)"')


def strips(drawing: str, most: float) -> list[str]:
    """The chart in strips of at most ``most`` times its width, cut between boxes, for sheets of paper."""
    found = _VIEW.search(drawing)
    if found is None:
        raise ValueError("no drawing of this module")
    wide, high = int(found[1]), int(found[2])
    boxes = sorted((int(y), int(y) + int(h)) for y, h in _BOX.findall(drawing))
    made, top = [], 0
    while top < high:
        end = min(high, top + int(wide * most))
        if end < high:
            crossed = [y for y, foot in boxes if y < end < foot and y > top]
            end = min(crossed) - 4 if crossed else end
        made.append(_VIEW.sub(f'viewBox="0 {top} {wide} {end - top}"', drawing, count=1))
        top = end
    return made

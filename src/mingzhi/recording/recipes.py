"""What is done to a parent to make a derivative: plain data with whole milliseconds and pixels.

``{"clip": [from, to] | None, "boxes": [{"x","y","w","h","from","to","mode"}], "mutes": [[from, to]],
"watermark": ""}``; times in milliseconds of the parent, boxes in pixels of the upright picture. It is
kept in the ledger, so it must be enough to make the same thing again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from mingzhi.kernel.errors import Problems
from mingzhi.recording.choices import Made

MOST_BOXES = 40
MOST_MUTES = 40
MODES = {"fill": "涂黑", "mosaic": "马赛克"}
LONGEST_MS = 48 * 3_600_000


@dataclass(frozen=True, slots=True)
class Shape:
    """What the parent is: ``picture``, ``video`` or ``audio``; size in pixels, length in milliseconds."""

    kind: str
    width: int = 0
    height: int = 0
    length_ms: int = 0
    sound: bool = False


def recipe(
    *,
    clip: tuple[int, int] | None = None,
    boxes: Sequence[Mapping[str, Any]] = (),
    mutes: Sequence[tuple[int, int]] = (),
    watermark: str = "",
) -> dict[str, Any]:
    """The recipe in its one form."""
    return {
        "clip": list(clip) if clip else None,
        "boxes": [
            {k: b.get(k) for k in ("x", "y", "w", "h", "from", "to")} | {"mode": b.get("mode") or "fill"}
            for b in boxes
        ],
        "mutes": [list(m) for m in mutes],
        "watermark": watermark,
    }


def made_of(given: Mapping[str, Any]) -> list[Made]:
    """What the recipe does, in the order a person would say it."""
    found = []
    if given.get("clip"):
        found.append(Made.CLIP)
    if given.get("boxes"):
        found.append(Made.MASK)
    if given.get("mutes"):
        found.append(Made.MUTE)
    if given.get("watermark"):
        found.append(Made.WATERMARK)
    return found


def told(given: Mapping[str, Any]) -> str:
    """One sentence on how it was made."""
    parts = []
    if given.get("clip"):
        parts.append(f"截取 {clock_text(given['clip'][0])} 至 {clock_text(given['clip'][1])}")
    boxes = given.get("boxes") or []
    if boxes:
        modes = "、".join(MODES[m] for m in dict.fromkeys(b["mode"] for b in boxes))
        parts.append(f"遮挡 {len(boxes)} 处（{modes}）")
    if given.get("mutes"):
        parts.append(f"消音 {len(given['mutes'])} 段")
    if given.get("watermark"):
        parts.append("加注水印")
    return "，".join(parts) or "未作处理"


def clock_text(ms: int) -> str:
    """``83450`` → ``00:01:23.450``."""
    seconds, rest = divmod(int(ms), 1000)
    return f"{seconds // 3600:02d}:{seconds // 60 % 60:02d}:{seconds % 60:02d}.{rest:03d}"


def clock_ms(text: str) -> int | None:
    """``1:23.45``, ``00:01:23`` or ``83.45`` → milliseconds; ``None`` when it is no time."""
    parts = text.strip().replace("：", ":").split(":")
    if not 1 <= len(parts) <= 3 or not parts[-1]:
        return None
    whole, _dot, rest = parts[-1].partition(".")
    if not all(p.isascii() and p.isdecimal() and len(p) <= 6 for p in (*parts[:-1], whole)):
        return None
    if rest and not (rest.isascii() and rest.isdecimal()):
        return None
    minutes = [int(p) for p in parts[:-1]]
    if len(parts) > 1 and (int(whole) > 59 or (len(parts) == 3 and minutes[1] > 59)):
        return None
    total = int(whole)
    for n, unit in zip(reversed(minutes), (60, 3600), strict=False):
        total += n * unit
    found = total * 1000 + int(rest[:3].ljust(3, "0") or 0)
    return found if found <= LONGEST_MS else None


def check(given: Mapping[str, Any], shape: Shape, problems: Problems) -> None:
    """Everything wrong with a recipe for this parent, told at once."""
    if not made_of(given):
        problems.add("boxes", "请至少截取一段、遮挡一处或者消音一段")
    _check_clip(given.get("clip"), shape, problems)
    _check_boxes(given.get("boxes") or [], shape, problems)
    _check_mutes(given.get("mutes") or [], shape, problems)


def _check_clip(clip: Sequence[int] | None, shape: Shape, problems: Problems) -> None:
    if not clip:
        return
    if shape.kind == "picture":
        problems.add("clip", "图片没有时间，不能截取时段")
    elif not 0 <= clip[0] < clip[1]:
        problems.add("clip", "截取的结束时间应晚于开始时间")
    elif clip[0] >= shape.length_ms:
        problems.add("clip", f"截取的开始时间已超过原件长度（{clock_text(shape.length_ms)}）")


def _check_boxes(boxes: Sequence[Mapping[str, Any]], shape: Shape, problems: Problems) -> None:
    if len(boxes) > MOST_BOXES:
        problems.add("boxes", f"一次最多遮挡 {MOST_BOXES} 处，请分次制作")
    if boxes and shape.kind == "audio":
        problems.add("boxes", "音频没有画面，不能遮挡")
        return
    for n, box in enumerate(boxes, 1):
        sides = [box[k] for k in ("x", "y", "w", "h")]
        if any(not isinstance(v, int) for v in sides):
            problems.add("boxes", f"第 {n} 处遮挡：左、上、宽、高应为整数（像素）")
            continue
        x, y, w, h = sides
        if w < 1 or h < 1 or x < 0 or y < 0 or x + w > shape.width or y + h > shape.height:
            problems.add("boxes", f"第 {n} 处遮挡超出画面（画面宽 {shape.width}、高 {shape.height} 像素）")
        if box["mode"] not in MODES:
            problems.add("boxes", f"第 {n} 处遮挡：请选择涂黑或者马赛克")
        if shape.kind == "video" and not _span(box["from"], box["to"], shape):
            problems.add("boxes", f"第 {n} 处遮挡：结束时间应晚于开始时间，且在原件长度之内")


def _check_mutes(mutes: Sequence[Sequence[int]], shape: Shape, problems: Problems) -> None:
    if len(mutes) > MOST_MUTES:
        problems.add("mutes", f"一次最多消音 {MOST_MUTES} 段，请分次制作")
    if mutes and not shape.sound:
        problems.add("mutes", "原件没有声音，不能消音")
        return
    for n, (start, end) in enumerate(mutes, 1):
        if not _span(start, end, shape):
            problems.add("mutes", f"第 {n} 段消音：结束时间应晚于开始时间，且在原件长度之内")


def _span(start: Any, end: Any, shape: Shape) -> bool:
    return isinstance(start, int) and isinstance(end, int) and 0 <= start < end and start < shape.length_ms

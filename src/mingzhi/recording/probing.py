"""Looks into one media file and says what is in it. Runs as a program of its own, never inside the worker.

``python probing.py FILE FORMAT OUT``: prints one JSON object; writes ``OUT/thumb.jpg`` and ``OUT/wave.png``
where it could make them. Imports nothing of Mingzhi. The file is hostile until proven otherwise: memory and
processor time are limited before it is opened, the format is told and never guessed (so no playlist can
name other files), it is read through an open file (so no protocol is reachable), and frames, pixels and
seconds are counted. Whoever starts this also limits the time on the wall.
"""

from __future__ import annotations

import json
import math
import resource
import sys
import time
from pathlib import Path
from typing import Any

MEMORY = 1 << 30
CPU_SECONDS = 25
#: No file this makes may be larger.
OUTPUT = 2 << 20
#: Seconds of decoding after which a waveform shows only the part heard so far.
LISTEN = 8.0
THUMB = (480, 320)
MOST_PIXELS = 64_000_000
BARS, BAR_HEIGHT = 800, 96
#: Frames looked at for a picture that is not black.
TRIES = 24


def limit() -> None:
    """Bound this process before it touches the file."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CPU, (CPU_SECONDS, CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_FSIZE, (OUTPUT, OUTPUT))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))


def picture(path: Path, out: Path) -> dict[str, Any]:
    """A still picture: its size, and a small copy without its metadata."""
    from PIL import Image, ImageOps

    Image.MAX_IMAGE_PIXELS = MOST_PIXELS
    with Image.open(path) as image:
        found: dict[str, Any] = {
            "outcome": "read",
            "container": image.format or "",
            "width": image.width,
            "height": image.height,
        }
        if image.width * image.height > MOST_PIXELS:
            return {**found, "outcome": "partial", "problems": ["pixels"]}
        try:
            image.draft("RGB", THUMB)
            small = ImageOps.exif_transpose(image).convert("RGB")
            small.thumbnail(THUMB)
            small.save(out / "thumb.jpg", "JPEG", quality=80)
        except Exception:  # noqa: BLE001 — the file's fault; what was read of it stays
            return {**found, "outcome": "partial", "problems": ["picture"]}
    return found


def media(path: Path, container: str, out: Path) -> dict[str, Any]:
    """Sound or moving picture: what the container says, one frame, the loudness over time."""
    import av

    found: dict[str, Any] = {"outcome": "read", "problems": []}
    with path.open("rb") as file, av.open(file, mode="r", format=container, metadata_errors="replace") as box:
        found["container"] = box.format.long_name or box.format.name
        if box.duration is not None and box.duration > 0:
            found["duration_ms"] = box.duration // 1000
        found["created"] = str(box.metadata.get("creation_time", ""))[:40]
        video = next(iter(box.streams.video), None)
        audio = next(iter(box.streams.audio), None)
        if video is None and audio is None:
            return {**found, "outcome": "failed"}
        if video is not None:
            context = video.codec_context
            found |= {"video_codec": context.name, "width": context.width, "height": context.height}
            found["created"] = found["created"] or str(video.metadata.get("creation_time", ""))[:40]
        if audio is not None:
            found["audio_codec"] = audio.codec_context.name
        if video is not None:
            _guarded(found, "frame", lambda: _frame(box, video, out))
        if audio is not None:
            _guarded(found, "sound", lambda: _wave(box, audio, found, out))
    if found["problems"]:
        found["outcome"] = "partial"
    return found


def _guarded(found: dict[str, Any], name: str, work: Any) -> None:
    """Damage in one stream must not hide what the rest says."""
    try:
        said = work()
    except Exception:  # noqa: BLE001 — the file's fault; said in words by whoever started this
        found["problems"].append(name)
    else:
        if said:
            found["problems"].append(said)


def _frame(box: Any, video: Any, out: Path) -> str:
    if video.codec_context.width * video.codec_context.height > MOST_PIXELS:
        return "pixels"
    video.thread_type = "NONE"
    if box.duration:
        box.seek(min(box.duration // 10, 60_000_000), backward=True)
    best = None
    for tried, frame in enumerate(box.decode(video)):
        if frame.width * frame.height > MOST_PIXELS:
            return "pixels"
        scale = min(1.0, THUMB[0] / frame.width, THUMB[1] / frame.height)
        small = frame.to_image(
            width=max(2, round(frame.width * scale)), height=max(2, round(frame.height * scale))
        )
        light = sum(i * n for i, n in enumerate(small.convert("L").histogram()))
        if best is None or light > best[0]:
            best = (light, small)
        if light > 12 * small.width * small.height or tried >= TRIES:
            break
    if best is None:
        return "frame"
    best[1].convert("RGB").save(out / "thumb.jpg", "JPEG", quality=80)
    return ""


def _wave(box: Any, audio: Any, found: dict[str, Any], out: Path) -> str:
    """Peaks of one channel at 4 kHz, drawn as bars. Where it takes too long, of the part heard so far."""
    import av

    box.seek(0)
    resampler = av.AudioResampler(format="s16p", layout="mono", rate=4000)
    begun, cut = time.monotonic(), False
    peaks: list[int] = []
    heard = 0
    for frame in box.decode(audio):
        for piece in resampler.resample(frame):
            samples = memoryview(bytes(piece.planes[0]))[: piece.samples * 2].cast("h")
            heard += len(samples)
            for first in range(0, len(samples), 400):
                part = samples[first : first + 400]
                peaks.append(max(*part, -min(part)))
        if time.monotonic() - begun > LISTEN:
            cut = True
            break
    if not peaks:
        return "sound"
    found.setdefault("duration_ms", heard * 1000 // 4000)
    found["heard_ms"] = heard * 1000 // 4000
    _draw(peaks, out / "wave.png")
    return "wave" if cut else ""


def _draw(peaks: list[int], path: Path) -> None:
    from PIL import Image, ImageDraw

    image = Image.new("L", (BARS, BAR_HEIGHT), 255)
    draw = ImageDraw.Draw(image)
    loudest = max(*peaks, 1)
    for x in range(BARS):
        first = x * len(peaks) // BARS
        last = max(first + 1, (x + 1) * len(peaks) // BARS)
        half = math.ceil(max(peaks[first:last], default=0) / loudest * (BAR_HEIGHT / 2 - 2))
        draw.line((x, BAR_HEIGHT // 2 - half, x, BAR_HEIGHT // 2 + half), fill=90)
    image.save(path, "PNG", optimize=True)


def main() -> None:
    path, container, out = Path(sys.argv[1]), sys.argv[2], Path(sys.argv[3])
    limit()
    try:
        found = picture(path, out) if container == "picture" else media(path, container, out)
    except Exception as error:  # noqa: BLE001 — one answer for whatever is wrong with the file
        found = {"outcome": "failed", "problems": [type(error).__name__[:40]]}
    sys.stdout.write(json.dumps(found))


if __name__ == "__main__":
    main()

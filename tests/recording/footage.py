"""Small real recordings made on the spot: pictures that say where every pixel came from."""

from __future__ import annotations

import io
import math
import struct
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
from PIL import Image

RED, GREEN = (200, 30, 30), (30, 200, 30)
SECRET = (40, 40, 40, 40)
"""Where the green square lies: left, top, width, height."""


def still(size: tuple[int, int] = (160, 120)) -> Image.Image:
    """Red, with a green square that must not be seen."""
    picture = Image.new("RGB", size, RED)
    x, y, w, h = SECRET
    picture.paste(GREEN, (x, y, x + w, y + h))
    return picture


def photo(kind: str = "JPEG", *, orientation: int = 1) -> bytes:
    """A photograph with GPS-like and camera tags in it."""
    exif = Image.Exif()
    exif[0x010F] = "SECRETCAMERA"
    exif[0x0112] = orientation
    out = io.BytesIO()
    still().save(out, kind, exif=exif, quality=95, comment=b"SECRETCOMMENT")
    return out.getvalue()


def clip(path: Path, *, seconds: int = 3, rate: int = 10, sound: bool = True, picture: bool = True) -> Path:
    """``seconds`` of the still with a 440 Hz tone and a secret title in the container."""
    suffix = "mp4" if picture else "wav"
    with av.open(str(path), "w", format=suffix) as target:
        target.metadata["title"] = "SECRETTITLE"
        video: Any = target.add_stream("libx264", rate=rate) if picture else None
        if video is not None:
            video.width, video.height, video.pix_fmt = 160, 120, "yuv420p"
        audio: Any = None
        if sound:
            audio = target.add_stream("aac" if picture else "pcm_s16le", rate=48000, layout="mono")
        if video is not None:
            for n in range(seconds * rate):
                frame = av.VideoFrame.from_image(still())
                frame.pts, frame.time_base = n, Fraction(1, rate)
                target.mux(video.encode(frame))
            target.mux(video.encode(None))
        if audio is not None:
            for block in range(seconds * 48000 // 1000):
                tone = [
                    int(12000 * math.sin(2 * math.pi * 440 * (block * 1000 + n) / 48000)) for n in range(1000)
                ]
                data = struct.pack("<1000h", *tone)
                one = av.AudioFrame(format="s16", layout="mono", samples=1000)
                one.planes[0].update(data + bytes(one.planes[0].buffer_size - len(data)))
                one.rate, one.pts, one.time_base = 48000, block * 1000, Fraction(1, 48000)
                target.mux(audio.encode(one))
            target.mux(audio.encode(None))
    return path


def frames(path: Path) -> list[tuple[float, Image.Image]]:
    with av.open(str(path)) as opened:
        return [(float(f.time or 0), f.to_image()) for f in opened.decode(video=0)]


def samples(path: Path) -> tuple[int, list[int]]:
    """Rate and samples of the first sound track, one channel."""
    with av.open(str(path)) as opened:
        stream = opened.streams.audio[0]
        turn = av.AudioResampler(format="s16", layout="mono", rate=stream.rate)
        found: list[int] = []
        for frame in opened.decode(stream):
            for one in turn.resample(frame):
                found += struct.unpack(f"<{one.samples}h", bytes(one.planes[0])[: one.samples * 2])
        return stream.rate, found

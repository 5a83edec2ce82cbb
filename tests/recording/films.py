"""Small real films and sounds, made while the test runs; none is kept in the repository."""

from __future__ import annotations

import io
import math
from datetime import UTC, datetime
from functools import cache

import av
from PIL import Image


@cache
def film(
    *, seconds: int = 2, created: datetime | None = None, container: str = "mp4", colour: int = 200
) -> bytes:
    """A film of 64×48 pixels, four frames a second, that tells its time of creation if it is given one."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as box:
        if created is not None:
            box.metadata["creation_time"] = created.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        stream = box.add_stream("libx264" if container == "mp4" else "libvpx", rate=4)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "yuv420p"
        for number in range(seconds * 4):
            picture = Image.new("RGB", (64, 48), (colour, 40 + number % 200, 90))
            for packet in stream.encode(av.VideoFrame.from_image(picture)):
                box.mux(packet)
        for packet in stream.encode():
            box.mux(packet)
    return out.getvalue()


@cache
def sound(*, seconds: int = 2) -> bytes:
    """A tone that swells, as WAV."""
    import wave

    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        total = 8000 * seconds
        file.writeframes(
            b"".join(
                int(20000 * i / total * math.sin(i / 3)).to_bytes(2, "little", signed=True)
                for i in range(total)
            )
        )
    return out.getvalue()

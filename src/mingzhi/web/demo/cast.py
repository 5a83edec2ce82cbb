"""Who takes part in a demonstration case, what it is about, and the made files it holds."""

from __future__ import annotations

import io
import math
import wave
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import cache
from typing import Any

from PIL import Image, ImageDraw

from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor


def made_sound(case: int, serial: int) -> bytes:
    """A tenth of a second of a tone whose pitch tells the file apart; evidently not a real recording."""
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        pitch = 200 + (case * 31 + serial * 7) % 1800
        file.writeframes(
            b"".join(
                int(9000 * math.sin(i * pitch / 1273)).to_bytes(2, "little", signed=True) for i in range(800)
            )
        )
        file.writeframes(f"{case}-{serial}".encode().ljust(16))
    return out.getvalue()


FILM_SECONDS = 6
FILMS = 6


@cache
def made_film(number: int) -> bytes | None:
    """A few seconds of a moving bar with a tone, one of ``FILMS``; evidently no real recording. ``None``
    where this installation has no encoder (extra ``av``)."""
    try:
        import av
    except ImportError:
        return None
    out = io.BytesIO()
    with av.open(out, "w", format="mp4") as box:
        video = box.add_stream("libx264", rate=5, options={"preset": "ultrafast"})
        video.width, video.height, video.pix_fmt = 320, 180, "yuv420p"
        sound = box.add_stream("aac", rate=16000, layout="mono")
        for step in range(FILM_SECONDS * 5):
            picture = Image.new("RGB", (320, 180), (214, 220, 228))
            draw = ImageDraw.Draw(picture)
            draw.rectangle((8, 8, 311, 171), outline=(120, 130, 150))
            draw.rectangle((20 + step * 9, 120, 44 + step * 9, 144), fill=(31, 78, 140))
            draw.text((20, 40), f"DEMO {number + 1}   {step // 5:02d}s", fill=(60, 70, 90))
            frame = av.VideoFrame.from_image(picture)  # type: ignore[no-untyped-call]
            box.mux(video.encode(frame))
        box.mux(video.encode(None))
        for first in range(0, FILM_SECONDS * 16000, 1024):
            heard = av.AudioFrame(format="s16", layout="mono", samples=1024)
            heard.sample_rate, heard.pts = 16000, first
            loud = 7000 * abs(math.sin(first / 16000 * (1 + number / 3)))
            heard.planes[0].update(
                b"".join(
                    int(loud * math.sin((first + i) / (6 + number))).to_bytes(2, "little", signed=True)
                    for i in range(1024)
                )
            )
            box.mux(sound.encode(heard))
        box.mux(sound.encode(None))
    return out.getvalue()


def made_picture(case: int, serial: int) -> bytes:
    """A plain picture that says it is a demonstration."""
    out = io.BytesIO()
    picture = Image.new("RGB", (320, 200), (228, 232, 238))
    draw = ImageDraw.Draw(picture)
    draw.rectangle((8, 8, 311, 191), outline=(120, 130, 150))
    draw.text((20, 90), f"DEMO {case}-{serial}", fill=(60, 70, 90))
    picture.save(out, "PNG")
    return out.getvalue()


@dataclass
class Bureau:
    """A bureau's people by log-in name, as actors on a day."""

    body_id: int
    accounts: dict[str, int]
    _known: dict[tuple[str, date], Actor] = field(default_factory=dict)

    def actor(self, username: str, at: datetime) -> Actor:
        key = (username, clock.local_date(at))
        if key not in self._known:
            account = organisations.accounts.account(self.accounts[username])
            self._known[key] = organisations.actor_of(account, key[1])
        return self._known[key]

    def person(self, username: str, at: datetime) -> int:
        person_id = self.actor(username, at).person_id
        if person_id is None:
            raise LookupError(username)
        return person_id


@dataclass
class Matter:
    """What a case is about, as the driver needs it; every text is what an officer would type."""

    cause: str
    item_code: str
    summary: str
    place: str
    act_on: date
    party: PartyInput
    facts_found: str
    evidence_summary: str
    law_violated: str
    law_basis: str
    reasons: str
    kinds: tuple[str, ...] = ("03",)
    fine_yuan: str = "1000"
    forfeit_yuan: str = "0"
    other_penalty: str = ""
    tier: str = ""
    outside_reason: str = ""
    outcome: str = "penalise"
    spared_because: str = ""
    source: str = "inspection"
    third_persons: str = ""
    flags: dict[str, bool] = field(default_factory=dict)
    report: dict[str, Any] = field(default_factory=dict)
    """Further facts of the report: base of the fine, grounds of leniency …"""
    officers: tuple[str, ...] = ("officer1", "officer2")
    correction: str = "立即停止违法行为，恢复原状"


LEFT = {
    "refusal": "受送达人拒绝签收",
    "witness": "社区居民委员会工作人员",
    "witness_unit": "社区居民委员会",
}
"""留置送达 with a witness."""


def facing(officer: int, at: datetime) -> dict[str, Any]:
    """Dressed as prescribed, and the party told what the law asks of it."""
    return {
        "dress": "worn",
        "explained": "本次执法的事由、依据，当事人依法享有的权利和应当履行的义务",
        "explained_by": officer,
        "explained_at": (at - timedelta(minutes=10)).isoformat(),
        "explained_answer": "表示清楚，没有疑问",
    }

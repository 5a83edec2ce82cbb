"""亮证: the code that an officer's phone shows, made without the net and checked on the public page. Pure.

``<key id>-<step>-<mac>``: the step is the number of half minutes since 1970 by the phone's corrected
clock, the mac is HMAC-SHA256 under the secret that the phone was given while it had the net.
docs/decisions/0011-field-without-a-net.md says what a code proves and what it does not.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
from dataclasses import dataclass
from datetime import datetime

STEP_SECONDS = 30
#: A code is good for its own half minute and the two after it: time to hold out a phone and read it.
STEPS_BACK = 2
#: A phone's clock may run ahead by this many half minutes.
STEPS_AHEAD = 1
_MAC_BYTES = 10
_CODE = re.compile(r"([a-z2-7]{16})-([0-9]{7,10})-([a-z2-7]{16})")


@dataclass(frozen=True, slots=True)
class Code:
    key_id: str
    step: int
    mac: str


def step_of(moment: datetime) -> int:
    return int(moment.timestamp()) // STEP_SECONDS


def mac(secret: bytes, key_id: str, step: int) -> str:
    """80 bits of the keyed digest, in base32 as the key's id."""
    said = f"mingzhi-card/1\n{key_id}\n{step}".encode()
    return _base32(hmac.new(secret, said, hashlib.sha256).digest()[:_MAC_BYTES])


def written(secret: bytes, key_id: str, moment: datetime) -> str:
    """The code of ``moment``, as a phone writes it."""
    step = step_of(moment)
    return f"{key_id}-{step}-{mac(secret, key_id, step)}"


def read(text: str) -> Code | None:
    found = _CODE.fullmatch(text.strip().lower())
    return Code(found[1], int(found[2]), found[3]) if found else None


def genuine(code: Code, secret: bytes) -> bool:
    return hmac.compare_digest(code.mac, mac(secret, code.key_id, code.step))


def age(code: Code, moment: datetime) -> int:
    """How many steps ago the code was made; negative when it lies ahead."""
    return step_of(moment) - code.step


def _base32(raw: bytes) -> str:
    return base64.b32encode(raw).decode("ascii").lower().rstrip("=")

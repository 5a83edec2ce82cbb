"""The repository key, its recovery code, and how one object is encrypted. Pure: no Django, no disk.

An object is ``MZB1``, 16 random bytes, then frames of at most 1 MiB of plaintext, each AES-256-GCM under
a key of the object's own. The nonce counts frames and says which is the last, so that frames cannot
be swapped, dropped or appended; the object's name is bound to every frame, so that objects cannot
be renamed (the STREAM construction of Hoang, Reyhanitabar, Rogaway and Vizár, 2015).
"""

from __future__ import annotations

import base64
import hmac
import secrets
from collections.abc import Iterable, Iterator
from hashlib import sha256
from typing import Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from mingzhi.backup.errors import CodeMalformed, ObjectDamaged

MAGIC = b"MZB1"
FRAME = 1 << 20
TAG = 16
_SALT = 16
_LAST = b"\x01"
_MORE = b"\x00"


class Readable(Protocol):
    def read(self, size: int, /) -> bytes: ...


def new_key() -> bytes:
    return secrets.token_bytes(32)


def code_of(key: bytes) -> str:
    """The recovery code: the key and three check bytes in fours of A–Z and 2–7, to be copied by hand."""
    text = base64.b32encode(key + sha256(b"mingzhi-backup" + key).digest()[:3]).decode()
    return "-".join(text[start : start + 4] for start in range(0, 56, 4))


def key_of(code: str) -> bytes:
    """The key that a recovery code spells; case, spaces and dashes do not matter. ``CodeMalformed``."""
    text = "".join(c for c in code.upper() if c not in " -　—–\t\r\n")
    try:
        raw = base64.b32decode(text)
    except ValueError:
        raise CodeMalformed from None
    if len(raw) != 35 or sha256(b"mingzhi-backup" + raw[:32]).digest()[:3] != raw[32:]:
        raise CodeMalformed
    return raw[:32]


class Keys:
    """What is derived from the repository key: one key for names, one for each object."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._names = self._derive(b"names", b"")
        self.mark = self._derive(b"mark", b"").hex()
        """Tells a wrong key from a right one without opening anything."""

    def _derive(self, purpose: bytes, salt: bytes) -> bytes:
        return HKDF(hashes.SHA256(), 32, salt or None, b"mingzhi-backup/1 " + purpose).derive(self._key)

    def name(self, purpose: str, digest: bytes) -> str:
        """An object's name: the keyed digest of its content, so that a name tells nobody what it holds."""
        return hmac.new(self._names, purpose.encode() + b"\x00" + digest, sha256).hexdigest()

    def seal(self, name: str, plain: Iterable[bytes]) -> Iterator[bytes]:
        """``plain`` encrypted as the object ``name``; its pieces may be of any size."""
        salt = secrets.token_bytes(_SALT)
        cipher = AESGCM(self._derive(b"object", salt))
        yield MAGIC + salt
        waiting = bytearray()
        count = 0
        for piece in plain:
            waiting += piece
            while len(waiting) > FRAME:
                yield cipher.encrypt(_nonce(count, _MORE), bytes(waiting[:FRAME]), name.encode())
                del waiting[:FRAME]
                count += 1
        yield cipher.encrypt(_nonce(count, _LAST), bytes(waiting), name.encode())

    def open(self, name: str, sealed: Readable) -> Iterator[bytes]:
        """The plaintext of the object ``name``, frame by frame. ``ObjectDamaged`` at the first wrong bit.

        Nothing is yielded that is not authentic, but what came before a damaged frame was yielded:
        the caller keeps it aside until the end.
        """
        head = sealed.read(len(MAGIC) + _SALT)
        if len(head) != len(MAGIC) + _SALT or not head.startswith(MAGIC):
            raise ObjectDamaged(name=name[:16])
        cipher = AESGCM(self._derive(b"object", head[len(MAGIC) :]))
        count = 0
        frame = _whole(sealed)
        while True:
            following = _whole(sealed)
            try:
                yield cipher.decrypt(_nonce(count, _MORE if following else _LAST), frame, name.encode())
            except InvalidTag:
                raise ObjectDamaged(name=name[:16]) from None
            if not following:
                return
            frame, count = following, count + 1


def _nonce(count: int, last: bytes) -> bytes:
    return count.to_bytes(11, "big") + last


def _whole(stream: Readable) -> bytes:
    """One frame; a short read of the stream is not the end of it."""
    parts: list[bytes] = []
    wanted = FRAME + TAG
    while wanted and (part := stream.read(wanted)):
        parts.append(part)
        wanted -= len(part)
    return b"".join(parts)

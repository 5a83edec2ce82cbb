"""C2SP signed notes with Ed25519: keys, signatures, their checks. Pure: hashlib and cryptography.

A note is text, a blank line, and signature lines ``— name base64(key id || signature)``. Key type 1
signs the text; key type 4 (witness cosignature/v1) signs a moment and the text.
"""

from __future__ import annotations

import base64
import binascii
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 1
COSIGNATURE = 4
MAX_NOTE = 1_000_000
MAX_SIGNATURES = 100

_P = 2**255 - 19
# The y coordinates of the points of small order, canonical and not: under such a "public key" one
# signature can fit many messages, so it is no one's key.
_SMALL_Y = {
    0,
    1,
    _P - 1,
    _P,
    _P + 1,
    int.from_bytes(
        bytes.fromhex("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a"), "little"
    ),
    int.from_bytes(
        bytes.fromhex("26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05"), "little"
    ),
}


class BadNote(ValueError):
    """Text that is not a note, or a key that is not a key; or a signature that does not fit."""


def unbase64(text: str) -> bytes:
    """Strict standard base64: exactly one spelling per value."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raise BadNote("not base64") from None
    if base64.b64encode(raw).decode() != text:
        raise BadNote("base64 with another spelling")
    return raw


def key_id(name: str, kind: int, public: bytes) -> bytes:
    return sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def _name_ok(name: str) -> bool:
    return bool(name) and "+" not in name and not any(c.isspace() or not c.isprintable() for c in name)


@dataclass(frozen=True, slots=True)
class VerifierKey:
    """A public key with its name, as ``name+id+base64(type || key)``."""

    name: str
    kind: int
    public: bytes

    @property
    def id(self) -> bytes:
        return key_id(self.name, self.kind, self.public)

    def __str__(self) -> str:
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(bytes([self.kind]) + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("a key has three parts")
        name, given, encoded = parts
        raw = unbase64(encoded)
        if not _name_ok(name) or len(given) != 8 or len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise BadNote("not an Ed25519 verifier key")
        key = cls(name, raw[0], raw[1:])
        if key.id.hex() != given:
            raise BadNote("the key's id does not fit the key")
        if int.from_bytes(key.public, "little") & (2**255 - 1) in _SMALL_Y:
            raise BadNote("a key of small order")
        return key

    def check(self, text: str, signature: bytes) -> int | None:
        """None for a plain signature, the signed Unix time for a cosignature. BadNote if it does not fit."""
        message = text.encode()
        moment = None
        if self.kind == COSIGNATURE:
            if len(signature) != 72:
                raise BadNote("signature of wrong length")
            (moment,) = struct.unpack(">Q", signature[:8])
            signature = signature[8:]
            message = f"cosignature/v1\ntime {moment}\n".encode() + message
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, ValueError):
            raise BadNote(f"signature of {self.name} does not fit") from None
        return moment


class SignerKey:
    """A private Ed25519 key with its name; its text form is Go's ``PRIVATE+KEY+name+id+base64``."""

    def __init__(self, name: str, seed: bytes, kind: int = ED25519) -> None:
        if not _name_ok(name):
            raise BadNote("bad key name")
        self._seed = seed
        self._key = Ed25519PrivateKey.from_private_bytes(seed)
        self.verifier = VerifierKey(name, kind, self._key.public_key().public_bytes_raw())

    def __str__(self) -> str:
        v = self.verifier
        return f"PRIVATE+KEY+{v.name}+{v.id.hex()}+{base64.b64encode(bytes([v.kind]) + self._seed).decode()}"

    def __repr__(self) -> str:
        return f"SignerKey({self.verifier.name})"

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise BadNote("not a private key")
        raw = unbase64(parts[4])
        if len(raw) != 33 or raw[0] not in (ED25519, COSIGNATURE):
            raise BadNote("not an Ed25519 private key")
        key = cls(parts[2], raw[1:], raw[0])
        if key.verifier.id.hex() != parts[3]:
            raise BadNote("the key's id does not fit the key")
        return key

    def line(self, text: str, moment: int | None = None) -> str:
        """The signature line over ``text``; cosignature keys need the Unix time."""
        message, prefix = text.encode(), b""
        if self.verifier.kind == COSIGNATURE:
            if moment is None:
                raise BadNote("a cosignature needs its time")
            message = f"cosignature/v1\ntime {moment}\n".encode() + message
            prefix = struct.pack(">Q", moment)
        raw = self.verifier.id + prefix + self._key.sign(message)
        return f"— {self.verifier.name} {base64.b64encode(raw).decode()}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note taken apart: its text (ends with a newline) and (name, key id, signature) of each line."""

    text: str
    signatures: tuple[tuple[str, bytes, bytes], ...]


def parse(note: str) -> Note:
    """Take a note apart, strictly. BadNote says what is wrong."""
    if len(note) > MAX_NOTE or any(ord(c) < 0x20 and c != "\n" for c in note):
        raise BadNote("too long, or control characters")
    cut = note.rfind("\n\n")
    if cut < 0 or not note.endswith("\n"):
        raise BadNote("no signatures")
    text, lines = note[: cut + 1], note[cut + 2 : -1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise BadNote("too many signatures")
    found = []
    for line in lines:
        parts = line.split(" ")
        if len(parts) != 3 or parts[0] != "—" or not _name_ok(parts[1]):
            raise BadNote("malformed signature line")
        raw = unbase64(parts[2])
        if len(raw) < 5:
            raise BadNote("malformed signature line")
        found.append((parts[1], raw[:4], raw[4:]))
    return Note(text, tuple(found))


def sign(text: str, *signers: SignerKey) -> str:
    """The signed note over ``text``, which must end with a newline."""
    if not text.endswith("\n"):
        raise BadNote("a note's text ends with a newline")
    return text + "\n" + "".join(signer.line(text) for signer in signers)


def verify(note: str, keys: Iterable[VerifierKey]) -> tuple[str, list[tuple[VerifierKey, int | None]]]:
    """The text and the keys (with signed time, for cosignatures) whose signatures fit.

    Lines of unknown keys are passed over. BadNote when a known key's signature does not fit, or
    when no known key signed.
    """
    parts = parse(note)
    known = {(key.name, key.id): key for key in keys}
    fitting: list[tuple[VerifierKey, int | None]] = []
    for name, given, signature in parts.signatures:
        key = known.get((name, given))
        if key is not None and all(key != k for k, _ in fitting):
            fitting.append((key, key.check(parts.text, signature)))
    if not fitting:
        raise BadNote("no signature by a known key")
    return parts.text, fitting

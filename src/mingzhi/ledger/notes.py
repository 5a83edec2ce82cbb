"""C2SP signed notes: keys, signatures, their checks. Pure: hashlib, cryptography, and libcrypto for SM2.

A note is text, a blank line, and signature lines ``— name base64(key id || signature)``. Key type 1
(Ed25519) signs the text; key type 4 (witness cosignature/v1) signs a moment and the text; type 255
with the identifier ``SM2_MARK`` is ours: SM2 with SM3 over the text. Whoever does not know a key
passes its line over, so old readers read on.
"""

from __future__ import annotations

import base64
import binascii
import secrets
import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from mingzhi.kernel import sm2

ED25519 = 1
COSIGNATURE = 4
SM2 = 255
SM2_MARK = b"GB/T 32918.2 SM2-SM3 1234567812345678\n"
"""The longer identifier behind byte 255 (signed-note reserves it for unassigned types)."""
_MARKS = {ED25519: bytes([ED25519]), COSIGNATURE: bytes([COSIGNATURE]), SM2: bytes([SM2]) + SM2_MARK}
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
    return sha256(name.encode() + b"\n" + _MARKS[kind] + public).digest()[:4]


def _kind_and_key(raw: bytes) -> tuple[int, bytes]:
    """What stands behind a key's type byte: its kind and its bare bytes."""
    for kind, mark in _MARKS.items():
        if raw.startswith(mark):
            return kind, raw[len(mark) :]
    raise BadNote("a key of an unknown type")


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
        return f"{self.name}+{self.id.hex()}+{base64.b64encode(_MARKS[self.kind] + self.public).decode()}"

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        parts = text.strip().split("+", 2)
        if len(parts) != 3:
            raise BadNote("a key has three parts")
        name, given, encoded = parts
        kind, public = _kind_and_key(unbase64(encoded))
        if not _name_ok(name) or len(given) != 8 or len(public) != (64 if kind == SM2 else 32):
            raise BadNote("not a verifier key")
        key = cls(name, kind, public)
        if key.id.hex() != given:
            raise BadNote("the key's id does not fit the key")
        if kind != SM2 and int.from_bytes(public, "little") & (2**255 - 1) in _SMALL_Y:
            raise BadNote("a key of small order")
        return key

    def check(self, text: str, signature: bytes) -> int | None:
        """None for a plain signature, the signed Unix time for a cosignature. BadNote if it does not fit.

        ``sm2.NoSM2`` when this is an SM2 key and the machine cannot check one.
        """
        message = text.encode()
        moment = None
        if self.kind == SM2:
            if not sm2.provider().verify(self.public, message, signature):
                raise BadNote(f"SM2 signature of {self.name} does not fit")
            return None
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
    """A private key with its name; its text form is Go's ``PRIVATE+KEY+name+id+base64``.

    ``secret`` is the 32-byte seed of an Ed25519 key, or an SM2 provider's reference.
    """

    def __init__(self, name: str, secret: bytes, kind: int = ED25519) -> None:
        if not _name_ok(name):
            raise BadNote("bad key name")
        self._secret = secret
        self._key: Ed25519PrivateKey | None = None
        if kind == SM2:
            public = sm2.provider().public(secret)
        else:
            self._key = Ed25519PrivateKey.from_private_bytes(secret)
            public = self._key.public_key().public_bytes_raw()
        self.verifier = VerifierKey(name, kind, public)

    def __str__(self) -> str:
        v = self.verifier
        encoded = base64.b64encode(_MARKS[v.kind] + self._secret).decode()
        return f"PRIVATE+KEY+{v.name}+{v.id.hex()}+{encoded}"

    def __repr__(self) -> str:
        return f"SignerKey({self.verifier.name})"

    @classmethod
    def make(cls, name: str, kind: int = ED25519) -> SignerKey:
        """A new key of that kind. ``sm2.NoSM2`` where there is no SM2."""
        return cls(name, sm2.provider().create() if kind == SM2 else secrets.token_bytes(32), kind)

    @classmethod
    def parse(cls, text: str) -> SignerKey:
        parts = text.strip().split("+", 4)
        if len(parts) != 5 or parts[:2] != ["PRIVATE", "KEY"]:
            raise BadNote("not a private key")
        kind, secret = _kind_and_key(unbase64(parts[4]))
        if kind != SM2 and len(secret) != 32:
            raise BadNote("not a private key")
        try:
            key = cls(parts[2], secret, kind)
        except ValueError as error:
            raise BadNote(str(error)) from None
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
        if self._key is None:
            signature = sm2.provider().sign(self._secret, message)
        else:
            signature = self._key.sign(message)
        raw = self.verifier.id + prefix + signature
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

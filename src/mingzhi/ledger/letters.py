"""Letters between installations: a short signed note (C2SP signed-note) over what is handed on, and its answer."""

from __future__ import annotations

from collections.abc import Iterable

from mingzhi.ledger import keys, notes, remote
from mingzhi.ledger.errors import WitnessInvalid
from mingzhi.ledger.remote import Answer
from mingzhi.ledger.verify import Unproven
from mingzhi.ledger.verify_note import verify_note

__all__ = ["Answer", "address", "ask", "key", "key_checked", "read", "sign"]

ask, address = remote.ask, remote.address


def key() -> str:
    """Our public key for letters, to be registered by whom we write to."""
    return str(keys.letters().verifier)


def key_checked(vkey: str) -> str:
    """``vkey`` if it is a public key. ``WitnessInvalid`` otherwise."""
    try:
        return str(notes.VerifierKey.parse(vkey))
    except notes.BadNote as error:
        raise WitnessInvalid(why=f"公钥不能识别（{error}）") from None


def sign(lines: Iterable[str]) -> str:
    """A signed note of these lines; a line break inside one becomes a space."""
    text = "".join(f"{' '.join(line.split())}\n" for line in lines)
    return notes.sign(text, keys.letters())


def read(note: str, vkey: str) -> list[str] | None:
    """The lines of a note signed with this key; ``None`` if it is not."""
    try:
        text, _key = verify_note(note, [vkey])
    except Unproven:
        return None
    return text.removesuffix("\n").split("\n")

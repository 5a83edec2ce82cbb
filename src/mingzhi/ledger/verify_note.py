"""Any signed note that is no checkpoint, such as a receipt of another installation. No Django, no network."""

from __future__ import annotations

from collections.abc import Iterable

from mingzhi.ledger import notes
from mingzhi.ledger.verify import Unproven


def verify_note(note: str, vkeys: Iterable[str]) -> tuple[str, str]:
    """The text, and the Ed25519 key among ``vkeys`` that signed it. ``Unproven`` when none did."""
    try:
        keys = [notes.VerifierKey.parse(text) for text in vkeys]
        text, signed = notes.verify(note, [k for k in keys if k.kind == notes.ED25519])
    except notes.BadNote:
        raise Unproven("没有可信公钥的签名，或者签名与内容不符") from None
    return text, str(signed[0][0])

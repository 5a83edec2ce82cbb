"""Personal data at rest: AES-256-GCM columns, and a keyed fingerprint to look them up by.

A raw dump of the database holds no readable ID number, phone or address; who steals the dump
without ``data.key`` gains nothing. Who steals both gains all: docs/security/trust.md says so.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
from functools import cache
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import models

_PREFIX = "g1:"


@cache
def _keys(master_hex: str) -> tuple[AESGCM, bytes]:
    master = bytes.fromhex(master_hex)
    seal = hashlib.blake2b(b"column", key=master, digest_size=32).digest()
    index = hashlib.blake2b(b"fingerprint", key=master, digest_size=32).digest()
    return AESGCM(seal), index


def seal(text: str) -> str:
    """``text`` encrypted under the installation's data key; empty stays empty."""
    if not text:
        return text
    nonce = os.urandom(12)
    return (
        _PREFIX
        + base64.b64encode(nonce + _keys(settings.DATA_KEY)[0].encrypt(nonce, text.encode(), None)).decode()
    )


def unseal(stored: str) -> str:
    """What ``seal`` hid. ``ValueError`` when the key is not the one it was sealed with."""
    if not stored.startswith(_PREFIX):
        return stored
    raw = base64.b64decode(stored[len(_PREFIX) :])
    try:
        return _keys(settings.DATA_KEY)[0].decrypt(raw[:12], raw[12:], None).decode()
    except InvalidTag:
        raise ValueError("个人信息无法解密：数据密钥与加密时不一致") from None


def fingerprint(text: str) -> str:
    """Keyed digest for equality look-up of a sealed value; empty stays empty."""
    if not text:
        return ""
    return hmac.new(_keys(settings.DATA_KEY)[1], text.encode(), hashlib.sha256).hexdigest()


class SealedTextField(models.TextField):  # type: ignore[type-arg]
    """A text column that is ciphertext in the database and plain text in Python."""

    def get_prep_value(self, value: Any) -> Any:
        return seal(value) if isinstance(value, str) else value

    def from_db_value(self, value: Any, *_: Any) -> Any:
        return unseal(value) if isinstance(value, str) else value

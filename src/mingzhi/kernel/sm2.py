"""SM2 signatures with SM3 (GB/T 32918.2), behind one small interface. Pure: ctypes, no Django.

The default provider is the system's libcrypto (OpenSSL 3 or later). A certified device or module
takes its place through ``MINGZHI_SM2_PROVIDER=package.module:factory``: the factory returns a
``Provider`` whose ``reference`` is whatever names a key inside the device.

Signatures are the 64 bytes r || s, public keys the 64 bytes X || Y; the user id is the standard's
default ``1234567812345678``.
"""

from __future__ import annotations

import ctypes
import ctypes.util
import importlib
import os
import secrets
from functools import lru_cache
from typing import Any, Protocol

USER_ID = b"1234567812345678"
ORDER = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFF7203DF6B21C6052B53BBF40939D54123

# DER around the bare numbers: curve sm2p256v1 (OID 1.2.156.10197.1.301) as an id-ecPublicKey.
_SPKI = bytes.fromhex("3059301306072a8648ce3d020106082a811ccf5501822d034200")
_PKCS8 = bytes.fromhex("3041020100301306072a8648ce3d020106082a811ccf5501822d042730250201010420")


class NoSM2(Exception):
    """There is no SM2 on this machine. The text says why and what to do."""


class Provider(Protocol):
    """What signs and checks. ``reference`` is the private key's bytes, or its name in a device."""

    name: str

    def create(self) -> bytes:
        """A new private key's reference."""
        ...

    def public(self, reference: bytes) -> bytes:
        """X || Y of that key."""
        ...

    def sign(self, reference: bytes, message: bytes) -> bytes:
        """r || s over ``message``."""
        ...

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        """Whether r || s fits; False for whatever is malformed."""
        ...


class Libcrypto:
    """SM2 by the system's libcrypto. Raises ``NoSM2`` where that has none."""

    def __init__(self, path: str = "") -> None:
        found = path or ctypes.util.find_library("crypto")
        if not found:
            raise NoSM2("本机没有安装 libcrypto（OpenSSL 3），不能使用 SM2")
        try:
            lib = ctypes.CDLL(found)
            for function, arguments, result in _SIGNATURES:
                one = getattr(lib, function)
                one.argtypes, one.restype = arguments, result
            self._sm3 = lib.EVP_sm3()
        except (OSError, AttributeError):
            raise NoSM2(f"{found} 不支持 SM2（需要启用国密算法的 OpenSSL 3 以上版本）") from None
        self._lib = lib
        self.name = f"libcrypto（{found}）"
        if not self._sm3 or not self._works():
            raise NoSM2(f"{found} 编译时未启用 SM2 或 SM3")

    def _works(self) -> bool:
        """The standard's own example (GB/T 32918.5) verifies, one changed bit does not."""
        public = bytes.fromhex(
            "09f9df311e5421a150dd7d161e4bc5c672179fad1833fc076bb08ff356f35020"
            "ccea490ce26775a52dc6ea718cc1aa600aed05fbf35e084a6632f6072da9ad13"
        )
        signature = bytes.fromhex(
            "f5a03b0648d2c4630eeac513e1bb81a15944da3827d5b74143ac7eaceee720b3"
            "b1b6aa29df212fd8763182bc0d421ca1bb9038fd1f7f42d4840b69c485bbc1aa"
        )
        return self.verify(public, b"message digest", signature) and not self.verify(
            public, b"message digesu", signature
        )

    def create(self) -> bytes:
        return (1 + secrets.randbelow(ORDER - 2)).to_bytes(32, "big")

    def public(self, reference: bytes) -> bytes:
        with _Held(self._lib, self._private(reference)) as key:
            room = ctypes.create_string_buffer(65)
            length = ctypes.c_size_t()
            got = self._lib.EVP_PKEY_get_octet_string_param(key, b"pub", room, 65, ctypes.byref(length))
            if got != 1 or length.value not in (33, 65):
                raise NoSM2("libcrypto 未能算出 SM2 公钥")
            point = room.raw[: length.value]
        return _uncompressed(point)

    def sign(self, reference: bytes, message: bytes) -> bytes:
        lib = self._lib
        with _Held(lib, self._private(reference)) as key, _Context(lib, key) as context:
            if lib.EVP_DigestSignInit(context, None, self._sm3, None, key) != 1:
                raise NoSM2("libcrypto 拒绝 SM2 签名")
            room = ctypes.create_string_buffer(80)
            length = ctypes.c_size_t(80)
            if lib.EVP_DigestSign(context, room, ctypes.byref(length), message, len(message)) != 1:
                raise NoSM2("libcrypto 未能完成 SM2 签名")
        return _bare(room.raw[: length.value])

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        if len(public) != 64 or len(signature) != 64:
            return False
        lib = self._lib
        der = _SPKI + b"\x04" + public
        start = ctypes.c_char_p(der)
        key = lib.d2i_PUBKEY(None, ctypes.byref(start), len(der))
        if not key:
            lib.ERR_clear_error()
            return False
        wrapped = _wrapped(signature)
        with _Held(lib, key), _Context(lib, key) as context:
            good = (
                lib.EVP_DigestVerifyInit(context, None, self._sm3, None, key) == 1
                and lib.EVP_DigestVerify(context, wrapped, len(wrapped), message, len(message)) == 1
            )
        if not good:
            lib.ERR_clear_error()
        return bool(good)

    def _private(self, reference: bytes) -> int:
        if len(reference) != 32 or not 0 < int.from_bytes(reference, "big") < ORDER - 1:
            raise ValueError("not an SM2 private key")
        der = _PKCS8 + reference
        start = ctypes.c_char_p(der)
        key: int | None = self._lib.d2i_AutoPrivateKey(None, ctypes.byref(start), len(der))
        if not key:
            self._lib.ERR_clear_error()
            raise NoSM2("libcrypto 不能读取 SM2 私钥")
        return key


class _Held:
    """An EVP_PKEY that is let go of in the end."""

    def __init__(self, lib: Any, key: int) -> None:
        self._lib, self._key = lib, key

    def __enter__(self) -> int:
        return self._key

    def __exit__(self, *exc: object) -> None:
        self._lib.EVP_PKEY_free(self._key)


class _Context:
    """A digest context with the user id set, as GB/T 32918.2 §5.5 hashes it in."""

    def __init__(self, lib: Any, key: int) -> None:
        self._lib = lib
        self._digest = lib.EVP_MD_CTX_new()
        self._key = lib.EVP_PKEY_CTX_new(key, None)
        if not self._digest or not self._key:
            raise NoSM2("libcrypto 内存不足")
        lib.EVP_PKEY_CTX_set1_id(self._key, USER_ID, len(USER_ID))
        lib.EVP_MD_CTX_set_pkey_ctx(self._digest, self._key)

    def __enter__(self) -> int:
        return int(self._digest)

    def __exit__(self, *exc: object) -> None:
        self._lib.EVP_MD_CTX_free(self._digest)
        self._lib.EVP_PKEY_CTX_free(self._key)


_P, _N = ctypes.c_void_p, ctypes.c_size_t
_AT = ctypes.POINTER(ctypes.c_char_p)
_LENGTH = ctypes.POINTER(ctypes.c_size_t)
_SIGNATURES: tuple[tuple[str, list[Any], Any], ...] = (
    ("EVP_sm3", [], _P),
    ("d2i_PUBKEY", [_P, _AT, ctypes.c_long], _P),
    ("d2i_AutoPrivateKey", [_P, _AT, ctypes.c_long], _P),
    ("EVP_PKEY_free", [_P], None),
    ("EVP_PKEY_CTX_new", [_P, _P], _P),
    ("EVP_PKEY_CTX_free", [_P], None),
    ("EVP_PKEY_CTX_set1_id", [_P, ctypes.c_char_p, ctypes.c_int], ctypes.c_int),
    (
        "EVP_PKEY_get_octet_string_param",
        [_P, ctypes.c_char_p, ctypes.c_char_p, _N, _LENGTH],
        ctypes.c_int,
    ),
    ("EVP_MD_CTX_new", [], _P),
    ("EVP_MD_CTX_free", [_P], None),
    ("EVP_MD_CTX_set_pkey_ctx", [_P, _P], None),
    ("EVP_DigestSignInit", [_P, _P, _P, _P, _P], ctypes.c_int),
    ("EVP_DigestSign", [_P, ctypes.c_char_p, _LENGTH, ctypes.c_char_p, _N], ctypes.c_int),
    ("EVP_DigestVerifyInit", [_P, _P, _P, _P, _P], ctypes.c_int),
    ("EVP_DigestVerify", [_P, ctypes.c_char_p, _N, ctypes.c_char_p, _N], ctypes.c_int),
    ("ERR_clear_error", [], None),
)

_FIELD = 0xFFFFFFFEFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF00000000FFFFFFFFFFFFFFFF
_B = 0x28E9FA9E9D9F5E344D5A9E4BCF6509A7F39789F515AB8F92DDBCBD414D940E93


def _uncompressed(point: bytes) -> bytes:
    """X || Y of a point as libcrypto spells it."""
    if point[0] == 4:
        return point[1:]
    x = int.from_bytes(point[1:], "big")
    y = pow((x * x * x - 3 * x + _B) % _FIELD, (_FIELD + 1) // 4, _FIELD)
    if y & 1 != point[0] & 1:
        y = _FIELD - y
    return point[1:] + y.to_bytes(32, "big")


def _wrapped(signature: bytes) -> bytes:
    """r || s as libcrypto wants it: a DER sequence of two integers."""
    parts = b""
    for half in (signature[:32], signature[32:]):
        number = half.lstrip(b"\0") or b"\0"
        if number[0] & 0x80:
            number = b"\0" + number
        parts += bytes([2, len(number)]) + number
    return bytes([0x30, len(parts)]) + parts


def _bare(der: bytes) -> bytes:
    """r || s out of the DER sequence that libcrypto made."""
    at, halves = 2, b""
    for _ in range(2):
        length = der[at + 1]
        halves += int.from_bytes(der[at + 2 : at + 2 + length], "big").to_bytes(32, "big")
        at += 2 + length
    return halves


@lru_cache(maxsize=1)
def provider() -> Provider:
    """The provider of this process. Raises ``NoSM2`` with the reason when there is none."""
    named = os.environ.get("MINGZHI_SM2_PROVIDER", "")
    if not named:
        return Libcrypto()
    module, _, factory = named.partition(":")
    try:
        made: Provider = getattr(importlib.import_module(module), factory)()
    except (ImportError, AttributeError, ValueError, TypeError) as error:
        raise NoSM2(f"MINGZHI_SM2_PROVIDER 指定的 {named} 不能使用：{error}") from error
    return made


def missing() -> str:
    """Why there is no SM2 here; empty when there is."""
    try:
        provider()
    except NoSM2 as error:
        return str(error)
    return ""

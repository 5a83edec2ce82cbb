"""SM2 by libcrypto: the standard's example, another implementation, and what is refused."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from mingzhi.kernel import sm2
from tests.shared_data import shared


@pytest.fixture
def provider() -> sm2.Provider:
    if why := sm2.missing():
        pytest.skip(f"SM2 未测：{why}")
    return sm2.provider()


def test_agrees_with_the_standards_example(provider: sm2.Provider) -> None:
    told = json.loads(shared("oracles/sm2_sm3_sm4.json").read_text())["sm2_gbt32918_5"]
    public = bytes.fromhex(told["Px"] + told["Py"])
    assert provider.public(bytes.fromhex(told["d"])) == public
    signature = bytes.fromhex(told["r"] + told["s"])
    assert provider.verify(public, told["M"].encode(), signature)
    assert told["id"].encode() == sm2.USER_ID
    for at in range(0, 64, 7):
        spoiled = bytearray(signature)
        spoiled[at] ^= 1
        assert not provider.verify(public, told["M"].encode(), bytes(spoiled))


def test_agrees_with_another_implementation_both_ways(provider: sm2.Provider) -> None:
    gmalg = pytest.importorskip("gmalg")
    secret = provider.create()
    theirs = gmalg.SM2(secret, sm2.USER_ID, b"\x04" + provider.public(secret))
    r, s = theirs.sign(b"checkpoint")
    assert provider.verify(provider.public(secret), b"checkpoint", r + s)
    ours = provider.sign(secret, b"checkpoint")
    assert theirs.verify(b"checkpoint", ours[:32], ours[32:])
    assert not theirs.verify(b"checkpoinu", ours[:32], ours[32:])


@settings(max_examples=25)
@given(message=st.binary(max_size=300), flip=st.integers(0, 511))
def test_what_was_signed_verifies_and_any_changed_bit_does_not(message: bytes, flip: int) -> None:
    if why := sm2.missing():
        pytest.skip(f"SM2 未测：{why}")
    provider = sm2.provider()
    secret = provider.create()
    public, signature = provider.public(secret), provider.sign(secret, message)
    assert len(signature) == 64
    assert provider.verify(public, message, signature)
    assert not provider.verify(public, message + b"\0", signature)
    spoiled = bytearray(signature)
    spoiled[flip // 8] ^= 1 << flip % 8
    assert not provider.verify(public, message, bytes(spoiled))


@pytest.mark.parametrize(
    ("public", "signature"),
    [(bytes(64), bytes(64)), (b"", bytes(64)), (b"\xff" * 64, b"\xff" * 64), (bytes(64), b"")],
)
def test_no_key_and_no_signature_are_refused_and_never_a_crash(
    provider: sm2.Provider, public: bytes, signature: bytes
) -> None:
    assert not provider.verify(public, b"x", signature)


@pytest.mark.parametrize("secret", [b"", bytes(32), b"\xff" * 32])
def test_what_is_no_private_key_is_refused(provider: sm2.Provider, secret: bytes) -> None:
    with pytest.raises(ValueError):
        provider.sign(secret, b"x")


class Device:
    """A stand-in for certified hardware: keys stay inside, references are names."""

    name = "设备"

    def __init__(self) -> None:
        self._inside = sm2.Libcrypto()
        self._keys: dict[bytes, bytes] = {}

    def create(self) -> bytes:
        name = f"slot-{len(self._keys) + 1}".encode()
        self._keys[name] = self._inside.create()
        return name

    def public(self, reference: bytes) -> bytes:
        return self._inside.public(self._keys[reference])

    def sign(self, reference: bytes, message: bytes) -> bytes:
        return self._inside.sign(self._keys[reference], message)

    def verify(self, public: bytes, message: bytes, signature: bytes) -> bool:
        return self._inside.verify(public, message, signature)


@pytest.fixture
def named(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    def name(value: str) -> None:
        sm2.provider.cache_clear()
        monkeypatch.setenv("MINGZHI_SM2_PROVIDER", value)

    yield name
    sm2.provider.cache_clear()


def test_a_device_takes_the_place_of_libcrypto(provider: sm2.Provider, named: Any) -> None:
    from mingzhi.ledger import notes

    named("tests.kernel.test_sm2:Device")
    signer = notes.SignerKey.make("example.cn/mingzhi/1", notes.SM2)
    assert b"slot-1" in notes.unbase64(str(signer).rsplit("+", 1)[1])  # the file names the key, no more
    note = notes.sign("text\n", signer)
    named("")
    assert notes.verify(note, [signer.verifier])[0] == "text\n"


def test_a_device_that_is_not_there_is_told(named: Any) -> None:
    named("no_such_module:factory")
    assert "no_such_module" in sm2.missing()
    with pytest.raises(sm2.NoSM2):
        sm2.Libcrypto("/nowhere/libcrypto.so")

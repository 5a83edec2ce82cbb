"""One sealed object: what goes in comes out, and nothing else ever does."""

from __future__ import annotations

import io
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.backup import sealing
from mingzhi.backup.errors import CodeMalformed, ObjectDamaged
from mingzhi.backup.sealing import FRAME, TAG, Keys

KEYS = Keys(b"k" * 32)
NAME = KEYS.name("file", b"d" * 32)
HEAD = 20


def sealed(plain: bytes, name: str = NAME) -> bytes:
    return b"".join(KEYS.seal(name, [plain]))


def opened(data: bytes, name: str = NAME, keys: Keys = KEYS) -> bytes:
    return b"".join(keys.open(name, io.BytesIO(data)))


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=4))
def test_what_is_sealed_in_any_pieces_opens_to_the_same_bytes(plain: bytes, cuts: list[int]) -> None:
    ends = sorted({min(cut, len(plain)) for cut in cuts} | {0, len(plain)})
    pieces = [plain[a:b] for a, b in itertools.pairwise(ends)]
    assert opened(b"".join(KEYS.seal(NAME, pieces))) == plain


@pytest.mark.parametrize("size", [0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 2 * FRAME + 5])
def test_frames_end_exactly_where_they_should(size: int) -> None:
    plain = b"a" * size
    data = sealed(plain)
    frames = max(1, -(-size // FRAME))
    assert len(data) == HEAD + size + frames * TAG
    assert opened(data) == plain


@given(st.data())
def test_one_changed_bit_anywhere_is_noticed(data: st.DataObject) -> None:
    good = bytearray(sealed(b"some bytes of a case"))
    at = data.draw(st.integers(0, len(good) - 1))
    good[at] ^= 1 << data.draw(st.integers(0, 7))
    with pytest.raises(ObjectDamaged):
        opened(bytes(good))


def test_cut_swapped_and_appended_frames_are_noticed() -> None:
    good = sealed(b"a" * FRAME + b"b" * FRAME + b"c")
    frame = FRAME + TAG
    head, one, two, last = good[:HEAD], good[HEAD : HEAD + frame], good[HEAD + frame : -17], good[-17:]
    for wrong in (
        head + one + two,
        head + two + one + last,
        head + one + last,
        good + last,
        head + one + one + two + last,
        good[:-1],
        good[:HEAD],
        b"",
    ):
        with pytest.raises(ObjectDamaged):
            opened(wrong)


def test_another_name_or_another_key_opens_nothing() -> None:
    data = sealed(b"x")
    with pytest.raises(ObjectDamaged):
        opened(data, name=KEYS.name("file", b"e" * 32))
    with pytest.raises(ObjectDamaged):
        opened(data, keys=Keys(b"j" * 32))


def test_the_same_content_never_gives_the_same_bytes_twice_but_the_same_name() -> None:
    assert sealed(b"x") != sealed(b"x")
    assert KEYS.name("file", b"d" * 32) == NAME != KEYS.name("block", b"d" * 32)
    assert Keys(b"j" * 32).name("file", b"d" * 32) != NAME


@given(st.binary(min_size=32, max_size=32))
def test_a_recovery_code_copied_by_hand_spells_the_key(key: bytes) -> None:
    code = sealing.code_of(key)
    assert len(code.split("-")) == 14
    assert sealing.key_of(code.lower().replace("-", "  ")) == key


@given(st.binary(min_size=32, max_size=32), st.integers(0, 55), st.sampled_from("ABCDEFGH234567"))
def test_one_wrong_letter_in_a_recovery_code_is_noticed(key: bytes, at: int, letter: str) -> None:
    plain = sealing.code_of(key).replace("-", "")
    if plain[at] == letter:
        return
    with pytest.raises(CodeMalformed):
        sealing.key_of(plain[:at] + letter + plain[at + 1 :])

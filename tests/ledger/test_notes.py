"""Signed notes, checkpoints, proofs: other people's examples, and our own both ways."""

from __future__ import annotations

import json
from hashlib import sha256

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.ledger import notes
from mingzhi.ledger.formats import Proof, TreeHead
from tests.shared_data import shared

KEY = notes.SignerKey("example.cn/mingzhi/1", bytes(range(32)))


def test_agrees_with_published_notes() -> None:
    data = json.loads(shared("oracles/signed_notes.json").read_text())
    checked = 0
    for case in data["notes"]:
        try:
            key = notes.VerifierKey.parse(case["vkey"])
        except notes.BadNote:
            assert "ECDSA" in case["desc"]  # a kind of key that we do not use
            continue
        checked += 1
        if case["expect"] == "valid":
            text, signers = notes.verify(case["note"], [key])
            assert case["note"].startswith(text)
            if case["checked_here"].isdigit():
                assert signers == [(key, int(case["checked_here"]))]
        else:
            with pytest.raises(notes.BadNote):
                notes.verify(case["note"], [key])
    assert checked >= 8
    for bad in data["bad_vkeys"]:
        with pytest.raises(notes.BadNote):
            notes.VerifierKey.parse(bad.split(" (")[0])


def test_agrees_with_published_formats() -> None:
    data = json.loads(shared("oracles/tlog_formats.json").read_text())
    for case in data["checkpoint_body"]:
        if case["valid"]:
            assert TreeHead.parse(case["text"]).text() == case["text"]
        else:
            with pytest.raises(notes.BadNote):
                TreeHead.parse(case["text"])
    for case in data["tlog_proof_v1"]:
        proof = Proof.parse(case["text"])
        hashes = [sha256(p.encode()).digest() for p in case.get("hash_preimages", [])]
        assert (proof.index, list(proof.path), proof.checkpoint) == (
            case["index"],
            hashes,
            case["checkpoint"],
        )
        assert proof.extra == (case["extra"].encode() if "extra" in case else None)
        assert proof.text() == case["text"]


def test_no_edge_case_key_of_small_order_is_a_key() -> None:
    refused = 0
    for case in json.loads(shared("oracles/cctv_ed25519vectors.json").read_text()):
        if "low_order_A" in (case["flags"] or []):
            public = bytes.fromhex(case["key"])
            text = str(notes.VerifierKey("x", notes.ED25519, public))
            with pytest.raises(notes.BadNote):
                notes.VerifierKey.parse(text)
            refused += 1
    assert refused > 50


@given(st.text(alphabet=st.characters(min_codepoint=32, exclude_categories=["Cs"]), max_size=60))
def test_what_was_signed_verifies_and_one_letter_more_does_not(line: str) -> None:
    note = notes.sign(line + "\n", KEY)
    assert notes.verify(note, [KEY.verifier])[0] == line + "\n"
    with pytest.raises(notes.BadNote):
        notes.verify("x" + note, [KEY.verifier])


def test_keys_keep_their_text_form_and_hide_the_secret() -> None:
    assert notes.SignerKey.parse(str(KEY)).verifier == KEY.verifier
    assert notes.VerifierKey.parse(str(KEY.verifier)) == KEY.verifier
    assert "PRIVATE" not in repr(KEY)
    with pytest.raises(notes.BadNote):
        notes.SignerKey("a name", bytes(32))
    with pytest.raises(notes.BadNote):
        notes.SignerKey.parse(str(KEY)[:-4] + "AAA=")


def test_an_unknown_signer_proves_nothing() -> None:
    other = notes.SignerKey("example.cn/mingzhi/1", bytes(32))
    note = notes.sign("text\n", other)
    with pytest.raises(notes.BadNote):
        notes.verify(note, [KEY.verifier])
    both = notes.sign("text\n", other, KEY)
    assert notes.verify(both, [KEY.verifier])[1] == [(KEY.verifier, None)]


def test_a_cosignature_carries_its_time() -> None:
    witness = notes.SignerKey("witness.example/w", bytes(range(1, 33)), notes.COSIGNATURE)
    note = notes.sign("o\n1\nx\n", KEY) + witness.line("o\n1\nx\n", 1_700_000_000)
    assert notes.verify(note, [witness.verifier])[1] == [(witness.verifier, 1_700_000_000)]
    with pytest.raises(notes.BadNote):
        witness.line("o\n")


@pytest.mark.parametrize(
    "text", ["", "x", "x\n", "x\n\n", "x\n\ny\n", "x\n\n— a b\n", "a\tb\n\n— a AAAAAAAA\n"]
)
def test_what_is_no_note_is_refused(text: str) -> None:
    with pytest.raises(notes.BadNote):
        notes.parse(text)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "c2sp.org/tlog-proof@v1\n",
        "c2sp.org/tlog-proof@v1\nindex 01\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex x\n\nc\n",
        "c2sp.org/tlog-proof@v1\n\nc\n",
        "c2sp.org/tlog-proof@v1\nindex 1\nAAAA\n\nc\n",
        "c2sp.org/tlog-proof@v2\nindex 1\n\nc\n",
    ],
)
def test_what_is_no_proof_is_refused(text: str) -> None:
    with pytest.raises(notes.BadNote):
        Proof.parse(text)

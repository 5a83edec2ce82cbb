"""The two texts that pass between a bureau and the state archive: manifest and receipt (pure)."""

from __future__ import annotations

import json
from typing import Any

import pytest

from mingzhi.dossiers import (
    handover,
)
from tests.stories.conftest import MONDAY


@pytest.mark.parametrize(
    "spoil",
    [
        lambda m: {**m, "format": "other"},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": "../x.zip"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": "a\\b.zip"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": ".hidden"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "sha256": "zz"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "size": "9"}]},
        lambda m: {**m, "packages": [{**m["packages"][0], "path": "0001\x1b[2J.zip"}]},
        lambda m: {**m, "packages": m["packages"] * 2},
        lambda m: {**m, "packages": [*m["packages"], {**m["packages"][0], "path": "0002-a.zip"}]},
        lambda m: {**m, "packages": [7]},
        lambda m: [m],
    ],
)
def test_a_manifest_that_reaches_out_of_its_folder_or_is_no_manifest_is_refused(spoil: Any) -> None:
    packed = handover.Packed(
        "0001-a.zip", "ab" * 32, 9, "案〔1〕", "2010-0001", "题名", 1, 2, "永久", "cd" * 32
    )
    whole = handover.Manifest("移〔2026〕1号", "某局", "", "某馆", "案卷", (packed,))
    assert handover.Manifest.parse(whole.encode()) == whole
    bad = json.dumps(spoil(json.loads(whole.encode()))).encode()
    with pytest.raises(handover.BadHandover):
        handover.Manifest.parse(bad)


def test_a_receipt_reads_back_as_it_was_written_and_in_no_other_spelling() -> None:
    told = handover.Receipt(
        "移〔2026〕1号", "ab" * 32, "某馆", "李某某", MONDAY,
        (handover.Answer("cd" * 32, True, "馆-1"), handover.Answer("ef" * 32, False, "缺页\n接收 x")),
    )  # fmt: skip
    text = told.text()
    again = handover.Receipt.parse(text)
    assert again.answers[1].text == "缺页 接收 x", "no line of its own"
    assert again.text() == text
    for spoiled in (
        text + "\n",
        text.replace("清单 ", "清单  "),
        text.replace("v1", "v2"),
        text + text.splitlines()[-1],
    ):
        with pytest.raises(handover.BadHandover):
            handover.Receipt.parse(spoiled)

"""The static pack: whole, relative, swapped at once, and nothing of a withdrawn decision in it."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mingzhi.publication import api
from mingzhi.web.public import pack
from mingzhi.web.public.commands import publish
from tests.publication.conftest import AT, Bureau
from tests.receipts import disclosed

pytestmark = pytest.mark.django_db(databases="__all__")


def words(folder: Path) -> str:
    return "".join(p.read_text("utf-8") for p in folder.rglob("*") if p.is_file())


def test_a_pack_is_whole_verifiable_and_swapped_at_once(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "PER_PAGE", 1)
    one = bureau.published(snapshot())
    two = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号", violation="擅自占用道路"))
    sequenced(AT)
    place = tmp_path / "site" / "公示"
    run = CliRunner().invoke(publish, ["export", str(place), "--json"], catch_exceptions=False)
    assert json.loads(run.stdout) == {"shown": 2, "gone": 0}
    for page in place.rglob("*.html"):
        for link in re.findall(r'href="([^"]+)"', page.read_text("utf-8")):
            assert link.startswith("http") or (page.parent / link).exists(), (page, link)
    proof = (place / "decisions" / f"{one}.tlog-proof").read_text("utf-8")
    text = (place / "decisions" / f"{one}.json").read_bytes()
    assert disclosed(proof)["public_sha256"] == hashlib.sha256(text).hexdigest()
    assert (place / "page-2.html").exists() and "擅自占用道路" in words(place)
    assert not any(s in words(place) for s in ("13800138000", "李示例王", "王示例", "11010519491231002X"))
    old = place.resolve()
    api.disclosure_withdraw(
        disclosure_id=two, reason="决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
    )
    assert pack.export(place, at=AT) == {"shown": 1, "gone": 1}
    assert place.is_symlink() and place.resolve() != old and not old.exists()
    assert "擅自占用道路" not in words(place.parent) and "决定已撤销" in words(place)
    assert not (place / "decisions" / f"{two}.json").exists()


def test_a_torn_pack_never_takes_the_place_and_other_content_is_not_overwritten(
    bureau: Bureau, snapshot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.published(snapshot())
    place = tmp_path / "site" / "公示"
    pack.export(place, at=AT)
    standing = words(place)
    with monkeypatch.context() as broken:
        broken.setattr(pack, "_page", lambda *a: (_ for _ in ()).throw(OSError("disk full")))
        with pytest.raises(OSError, match="disk full"):
            pack.export(place, at=AT)
    assert words(place) == standing
    pack.export(place, at=AT)
    assert len(list(place.parent.iterdir())) == 2  # the link and the one pack behind it
    other = tmp_path / "other"
    other.mkdir()
    (other / "x").write_text("mine")
    with pytest.raises(pack.NotAPack):
        pack.export(other, at=AT)
    assert (other / "x").read_text() == "mine"


def test_a_party_s_record_holds_what_is_on_show_and_nothing_that_was_withdrawn_or_has_ended(
    bureau: Bureau, snapshot: Any, client: Any
) -> None:
    page = "/parties/91110000600037341L/"
    kept = bureau.published(snapshot())
    gone = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    text = client.get(page).content.decode()
    assert f"/decisions/{kept}/" in text and f"/decisions/{gone}/" in text
    api.disclosure_withdraw(
        disclosure_id=gone, reason="决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
    )
    text = client.get(page).content.decode()
    assert f"/decisions/{kept}/" in text and f"/decisions/{gone}/" not in text
    api.expire_due(at=AT.replace(year=2030))
    assert f"/decisions/{kept}/" not in client.get(page).content.decode()

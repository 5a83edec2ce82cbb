"""The static pack: whole, relative, in step, swapped at once; nothing of a withdrawn decision stays in it."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger.errors import LiveRowDiffers
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.publication import actions, api
from mingzhi.publication.errors import PlatformAway
from mingzhi.publication.models import Delivery
from mingzhi.web.public import pack
from mingzhi.web.public.commands import publish
from tests.publication.conftest import AT, Bureau, actor
from tests.publication.leaky import line, pdf
from tests.receipts import disclosed

pytestmark = pytest.mark.django_db(databases="__all__")
SITE = "https://www.example.gov.cn/gongshi/"


def words(folder: Path) -> str:
    return "".join(p.read_text("utf-8") for p in folder.rglob("*") if p.is_file())


def withdraw(bureau: Bureau, pk: int, at: Any = AT) -> None:
    api.disclosure_withdraw(
        disclosure_id=pk, reason="决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=at
    )


def dangling(folder: Path) -> list[tuple[Path, str]]:
    return [
        (page, link)
        for page in folder.rglob("*.html")
        for link in re.findall(r'href="([^"]+)"', page.read_text("utf-8"))
        if not link.startswith("http") and not (page.parent / link).exists()
    ]


def test_a_pack_is_whole_in_both_languages_verifiable_and_swapped_at_once(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "PER_PAGE", 1)
    one = bureau.published(snapshot())
    two = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号", violation="擅自占用道路"))
    sequenced(AT)
    place = tmp_path / "site" / "公示"
    run = CliRunner().invoke(
        publish, ["export", str(place), "--site", SITE, "--json"], catch_exceptions=False
    )
    assert json.loads(run.stdout) == {"shown": 2, "gone": 0, "generation": 1, "written": 2}
    assert not dangling(place) and "<script" not in words(place) and " style=" not in words(place)
    pages = {p: p.read_text("utf-8") for p in place.rglob("*.html")}
    assert all(f'href="{"../" * (p.parent != place)}style.css"' in text for p, text in pages.items())
    assert ".public-head" in (place / "style.css").read_text("utf-8")
    proof = (place / "decisions" / f"{one}.tlog-proof").read_text("utf-8")
    text = (place / "decisions" / f"{one}.json").read_bytes()
    assert disclosed(proof)["public_sha256"] == hashlib.sha256(text).hexdigest()
    assert (place / "decisions" / f"{one}.receipt.tlog-proof").exists() and (place / "keys.txt").exists()
    assert (place / "2026-09-2.html").exists() and "擅自占用道路" in words(place)
    english = (place / "decisions" / f"{one}.en.html").read_text("utf-8")
    assert 'lang="en"' in english and "Download receipt" in english and f'href="{one}.html"' in english
    assert f"{SITE}decisions/{two}.html" in (place / "sitemap-1.xml").read_text("utf-8")
    assert not any(s in words(place) for s in ("13800138000", "李示例王", "王示例", "11010519491231002X"))
    old = place.resolve()
    withdraw(bureau, two)
    sequenced(AT)
    assert pack.export(place, at=AT, site=SITE) == {"shown": 1, "gone": 1, "generation": 2, "written": 1}
    assert place.is_symlink() and place.resolve() != old and not old.exists()
    assert "擅自占用道路" not in words(place.parent) and "决定已撤销" in words(place)
    assert not (place / "decisions" / f"{two}.json").exists() and not dangling(place)
    assert f"decisions/{two}.html" not in (place / "sitemap-1.xml").read_text("utf-8")


def test_only_what_changed_is_written_anew_and_nothing_at_all_when_nothing_did(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path
) -> None:
    one = bureau.published(snapshot())
    place = tmp_path / "公示"
    assert pack.export(place, at=AT)["written"] == 1
    assert not (place / "decisions" / f"{one}.tlog-proof").exists() and not dangling(place)
    sequenced(AT)  # its proof came: written once more
    assert pack.export(place, at=AT)["written"] == 1
    inode = (place / "decisions" / f"{one}.html").stat().st_ino
    assert pack.export(place, at=AT) == {"shown": 1, "gone": 0, "generation": 2, "written": 0}
    bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    sequenced(AT)
    assert pack.export(place, at=AT)["written"] == 1
    assert (place / "decisions" / f"{one}.html").stat().st_ino == inode
    with pytest.MonkeyPatch.context() as dressed:
        dressed.setattr(pack, "_style", lambda: "body { color: black }")
        pack.export(place, at=AT)
        assert (place / "style.css").read_text("utf-8") == "body { color: black }"
    pack.export(place, at=AT)
    altered = place / "decisions" / f"{one}.html"
    altered.write_text(altered.read_text("utf-8") + "<p>改</p>", "utf-8")
    assert pack.holds(place)[one] == "altered"
    assert pack.export(place, at=AT)["written"] == 1 and "<p>改</p>" not in words(place)


def test_a_row_that_was_altered_has_no_proof_and_holds_up_nobody(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.published(snapshot())
    sequenced(AT)

    def differs(_: int) -> str:
        raise LiveRowDiffers(subject="disclosure-event:1", entry_id=1)

    monkeypatch.setattr(pack.publication, "public_bundle", differs)
    place = tmp_path / "公示"
    assert pack.export(place, at=AT)["written"] == 1
    assert not dangling(place) and pack.export(place, at=AT)["written"] == 0


def test_what_must_go_is_gone_before_much_that_is_new_is_written(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pack, "MANY_NEW", 0)
    one = bureau.published(snapshot(violation="擅自占用道路"))
    sequenced(AT)
    place = tmp_path / "公示"
    pack.export(place, at=AT)
    withdraw(bureau, one)
    new = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    sequenced(AT)
    write, seen = pack._decision, []

    def slow(made: Path, mark: Any, month: str) -> Any:
        if mark.disclosure == new:
            seen.append("擅自占用道路" in words(place))
        return write(made, mark, month)

    monkeypatch.setattr(pack, "_decision", slow)
    assert pack.export(place, at=AT)["generation"] == 3
    assert seen == [False]


def test_a_run_that_dies_at_any_step_leaves_the_whole_old_or_the_whole_new_pack(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = tmp_path / "site" / "公示"
    one = bureau.published(snapshot())
    sequenced(AT)
    pack.export(place, at=AT)
    before = {p.relative_to(place): p.read_bytes() for p in place.rglob("*") if p.is_file()}
    withdraw(bureau, one)
    sequenced(AT)
    # Everything by which the disk is changed, one call more survived each time.
    acts: list[tuple[Any, str]] = [
        (Path, "mkdir"), (Path, "write_text"), (Path, "write_bytes"), (Path, "symlink_to"), (Path, "replace"),
        (Path, "unlink"), (os, "sync"), (os, "fsync"), (pack.shutil, "rmtree"),
    ]  # fmt: skip
    dead = 0
    for survived in range(200):
        left = [survived]

        def dying(real: Callable[..., Any], left: list[int] = left) -> Callable[..., Any]:
            def act(*args: Any, **kw: Any) -> Any:
                left[0] -= 1
                if left[0] < 0:
                    raise KeyboardInterrupt
                return real(*args, **kw)

            return act

        with monkeypatch.context() as broken:
            for where, name in acts:
                broken.setattr(where, name, dying(getattr(where, name)))
            try:
                pack.export(place, at=AT)
            except KeyboardInterrupt:
                dead += 1
            else:
                break
        here = {p.relative_to(place): p.read_bytes() for p in place.rglob("*") if p.is_file()}
        text = words(place)
        assert here == before or ("决定已撤销" in text and "倾倒" not in text and not dangling(place)), (
            survived
        )
    assert dead > 8
    pack.export(place, at=AT)
    assert sorted(p.name[:4] for p in place.parent.iterdir()) == sorted([".公示-", ".公示.", "公示"])


def test_other_content_is_not_overwritten_and_one_run_at_a_time(tmp_path: Path, bureau: Bureau) -> None:
    other = tmp_path / "other"
    other.mkdir()
    (other / "x").write_text("mine")
    with pytest.raises(pack.NotAPack):
        pack.export(other, at=AT)
    assert (other / "x").read_text() == "mine"
    with pack._alone(tmp_path / "p"), pytest.raises(pack.AtWork):
        pack.export(tmp_path / "p", at=AT)


def test_packs_whose_names_begin_alike_or_whose_link_was_bent_leave_each_other_s_place_alone(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path
) -> None:
    bureau.published(snapshot())
    sequenced(AT)
    places = [tmp_path / name for name in ("site", "site-2", "site-00000001", "site-link")]
    for _ in range(2):
        for place in places:
            pack.export(place, at=AT)
    assert all((place / "pack.json").exists() for place in places)
    bent = tmp_path / "bent"
    bent.symlink_to(places[1].resolve().name)
    pack.export(bent, at=AT)
    assert bent.resolve() != places[1].resolve() and (places[1] / "pack.json").exists()
    pack.remove(places[0])
    assert not places[0].exists() and all((place / "pack.json").exists() for place in places[1:])


def test_a_decision_that_moves_to_another_month_leaves_the_list_it_stood_in(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path
) -> None:
    stays = bureau.published(snapshot(violation="擅自占用道路"))
    moves = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    sequenced(AT)
    place = tmp_path / "site"
    pack.export(place, at=AT)
    [one, two] = api.feed.marks()
    later = replace(two, mark="another", published_on=two.published_on + timedelta(days=40))
    assert (one.disclosure, two.disclosure) == (stays, moves)
    pack.export(place, at=AT, marks=[one, later])
    month = (place / f"{one.published_on:%Y-%m}.html").read_text("utf-8")
    assert "擅自占用道路" in month and "第13号" not in month


def test_a_pack_whose_removal_died_after_the_link_went_is_removed_by_the_next_run(
    bureau: Bureau, snapshot: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bureau.published(snapshot())
    place = tmp_path / "site"
    pack.export(place, at=AT)

    def die(*_: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as broken, pytest.raises(KeyboardInterrupt):
        broken.setattr(pack.shutil, "rmtree", die)
        pack.remove(place)
    assert "倾倒" in words(tmp_path)
    pack.remove(place)
    assert [p.name for p in tmp_path.iterdir()] == [".site.lock"]


# --- as a channel -----------------------------------------------------------------------------------------


@pytest.fixture
def root(tmp_path: Path, settings: Any) -> Path:
    settings.PACKS_ROOT = tmp_path / "packs"
    settings.PACKS_ROOT.mkdir()
    return tmp_path / "packs"


def opened(bureau: Bureau, act: str = "penalty", **options: Any) -> int:
    return api.channels.target_set(
        name="区政府网站", act=act, adapter="directory", options={"folder": "gongshi", "url": SITE} | options,
        citation="示例文件", by=actor(108, bureau.body.id, Permission.CONFIG_MANAGE), at=AT,
    )  # fmt: skip


def work(at: Any = AT) -> None:
    outbox.run_due(at, limit=100)


def test_the_directory_follows_every_event_with_receipts_and_is_taken_away_at_the_end(
    bureau: Bureau, snapshot: Any, sequenced: Any, root: Path
) -> None:
    early = bureau.published(snapshot(violation="擅自占用道路"))
    older = bureau.published(snapshot(violation="擅自挖掘道路", number="湛霞综执罚决字〔2026〕第14号"))
    sequenced(AT)
    target = opened(bureau)
    work()
    place = root / bureau.body.credit_code / "gongshi"
    assert "擅自占用道路" in words(place), "what was public before the channel is in it"
    later = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    sequenced(AT)
    work()
    [view] = api.channels.targets(bureau.publisher)
    assert (view.counts["accepted"], view.last_receipt, view.reconciles) == (1, "目录第 2 份", True)
    assert api.channels.reconcile(target_id=target, by=bureau.publisher, at=AT) == []
    withdraw(bureau, older)
    work()
    assert "擅自挖掘道路" not in words(root), "what was public before the channel goes as quickly"
    withdraw(bureau, early)
    withdraw(bureau, later)
    told = api.channels.reconcile(target_id=target, by=bureau.publisher, at=AT)
    assert len(told) == 2 and all("目录中仍有" in line for line in told)
    sequenced(AT)
    work()
    assert "擅自占用道路" not in words(root) and "倾倒" not in words(root) and "决定已撤销" in words(place)
    assert api.channels.reconcile(target_id=target, by=bureau.publisher, at=AT) == []
    assert not Delivery.objects.filter(state="waiting").exists()
    api.channels.target_end(target_id=target, by=actor(108, bureau.body.id, Permission.CONFIG_MANAGE), at=AT)
    work()
    assert not place.exists() and [p.name for p in place.parent.iterdir()] == [".gongshi.lock"]


def test_what_fell_behind_is_made_good_within_the_minute_and_a_missing_disk_is_waited_for(
    bureau: Bureau, snapshot: Any, sequenced: Any, root: Path, settings: Any
) -> None:
    from mingzhi.publication import filling

    opened(bureau)
    settings.PACKS_ROOT = root / "not-mounted"
    pk = bureau.published(snapshot())
    sequenced(AT)
    work()
    [view] = api.channels.targets(bureau.publisher)
    assert view.counts["waiting"] == 1 and "本机没有目录" in view.trouble[0].told
    with pytest.raises(PlatformAway):
        filling.round_all(at=AT)
    settings.PACKS_ROOT = root
    filling.round_all(at=AT + timedelta(minutes=1))
    [view] = api.channels.targets(bureau.publisher)
    assert (view.counts["waiting"], view.counts["accepted"]) == (0, 1)
    assert (root / bureau.body.credit_code / "gongshi" / "decisions" / f"{pk}.html").exists()


def test_two_kinds_share_a_directory_and_a_name_that_leaves_it_is_refused(
    bureau: Bureau, snapshot: Any, sequenced: Any, root: Path
) -> None:
    for bad in ({"folder": "../x"}, {"folder": ""}, {"url": "javascript:x"}, {"url": SITE + "?a=1"}):
        with pytest.raises(Invalid):
            opened(bureau, **bad)
    penalties, other = opened(bureau), opened(bureau, act="permit")
    bureau.published(snapshot())
    sequenced(AT)
    work()
    place = root / bureau.body.credit_code / "gongshi"
    assert len(list(place.glob("decisions/*.json"))) == 1
    admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
    api.channels.target_end(target_id=penalties, by=admin, at=AT)
    work()
    assert place.exists() and not list(place.glob("decisions/*"))
    api.channels.target_end(target_id=other, by=admin, at=AT)
    work()
    assert not place.exists()


def test_a_public_file_lies_beside_its_page_under_its_digest(
    bureau: Bureau, snapshot: Any, sequenced: Any, tmp_path: Path, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    pk = bureau.schedule(snapshot())
    stored = files.put_bytes(pdf(line("public words")), name="说明.pdf", at=AT)
    api.attachments.attachment_add(disclosure_id=pk, file=stored, by=bureau.all_three, at=AT)
    active = files.put_bytes("罚款五千元".encode(), name="说明.PHP", at=AT)
    api.attachments.attachment_add(disclosure_id=pk, file=active, by=bureau.all_three, at=AT)
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    sequenced(AT)
    place = tmp_path / "site" / "公示"
    pack.export(place, at=AT)
    [beside] = place.glob("decisions/*.pdf")
    assert hashlib.sha256(beside.read_bytes()).hexdigest() == stored.sha256
    assert (place / "decisions" / f"{pk}-{active.sha256}").read_text() == "罚款五千元", (
        "nothing a server would run"
    )
    assert not dangling(place)
    withdraw(bureau, pk)
    pack.export(place, at=AT)
    assert not list(place.parent.rglob("*.pdf"))


def test_a_file_that_cannot_be_read_holds_up_nothing_least_of_all_a_withdrawal(
    bureau: Bureau, snapshot: Any, sequenced: Any, root: Path, tmp_path: Path, settings: Any
) -> None:
    settings.FILES_ROOT = tmp_path / "files"
    target = opened(bureau)
    gone = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号", violation="擅自占用道路"))
    pk = bureau.schedule(snapshot())
    stored = files.put_bytes(pdf(line("public words")), name="说明.pdf", at=AT)
    api.attachments.attachment_add(disclosure_id=pk, file=stored, by=bureau.all_three, at=AT)
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    sequenced(AT)
    kept = files.path(stored.id)
    away = kept.rename(tmp_path / "away.pdf")
    work()
    place = root / bureau.body.credit_code / "gongshi"
    assert "擅自占用道路" in words(place) and (place / "decisions" / f"{pk}.html").exists()
    withdraw(bureau, gone)
    work(AT + timedelta(minutes=1))
    assert "擅自占用道路" not in words(root) and not dangling(place) and not list(place.rglob("*.pdf"))
    [view] = api.channels.targets(bureau.publisher)
    assert view.counts["waiting"] == 3 and "附件无法读取" in view.trouble[0].told
    away.rename(kept)
    sequenced(AT)
    work(AT + timedelta(hours=1))
    assert [p.read_bytes() for p in place.rglob("*.pdf")] == [kept.read_bytes()]
    assert api.channels.reconcile(target_id=target, by=bureau.publisher, at=AT) == []
    [view] = api.channels.targets(bureau.publisher)
    assert (view.counts["waiting"], view.counts["accepted"], view.counts["dropped"]) == (0, 2, 1)


def test_a_party_s_record_holds_what_is_on_show_and_nothing_that_was_withdrawn_or_has_ended(
    bureau: Bureau, snapshot: Any, client: Any
) -> None:
    page = "/parties/91110000600037341L/"
    kept = bureau.published(snapshot())
    gone = bureau.published(snapshot(number="湛霞综执罚决字〔2026〕第13号"))
    text = client.get(page).content.decode()
    assert f"/decisions/{kept}/" in text and f"/decisions/{gone}/" in text
    withdraw(bureau, gone)
    text = client.get(page).content.decode()
    assert f"/decisions/{kept}/" in text and f"/decisions/{gone}/" not in text
    actions.expire_due(at=AT.replace(year=2030))
    assert f"/decisions/{kept}/" not in client.get(page).content.decode()

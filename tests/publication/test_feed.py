"""The open feed and the copy that follows it: whatever happens on the way, the copy equals the source."""

from __future__ import annotations

import json
import random
import threading
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.test import Client
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.publication import actions, api, follow
from mingzhi.publication.follow_command import feed as command
from mingzhi.publication.models import FeedItem, PublicRecord, Version

from .conftest import AT, DECIDED, Bureau

pytestmark = pytest.mark.django_db(databases="__all__")


class Site:
    """The source as a reader on the network meets it, with a bureau that goes on working."""

    def __init__(self, bureau: Bureau, snapshot: Callable[..., Any]) -> None:
        self.bureau, self.snapshot, self.client = bureau, snapshot, Client()
        self.at: datetime = AT
        self.made: list[int] = []

    def tick(self) -> datetime:
        self.at += timedelta(seconds=1)
        return self.at

    def settle(self) -> None:
        """What the worker does within a second."""
        ledger.sequence(at=self.tick())
        api.feed.place(at=self.tick())

    def publish(self) -> int:
        number = f"湛霞综执罚决字〔2026〕第{len(Version.objects.all()) + 100}号"
        pk = self.bureau.published(self.snapshot(number=number), at=self.tick())
        self.made.append(pk)
        return pk

    def correct(self, pk: int) -> None:
        b = self.bureau
        api.disclosure_correct(disclosure_id=pk, reason="文书笔误", by=b.collector, at=self.tick())
        api.disclosure_collect(
            disclosure_id=pk, summary=f"更正说明第{self.at.second}次", by=b.collector, at=self.tick()
        )
        api.disclosure_check(disclosure_id=pk, by=b.checker, at=self.tick())
        api.disclosure_publish(disclosure_id=pk, by=b.publisher, at=self.tick())

    def withdraw(self, pk: int) -> None:
        api.disclosure_withdraw(
            disclosure_id=pk, reason="决定已被撤销", basis="行政处罚法第四十八条第二款",
            by=self.bureau.publisher, at=self.tick(),
        )  # fmt: skip

    def shown(self) -> list[int]:
        wanted = PublicRecord.objects.filter(pk__in=self.made, shown=True, disclosure__state="published")
        return list(wanted.values_list("pk", flat=True))

    def get(self, path: str) -> bytes:
        answer = self.client.get(f"/{path}")
        if answer.status_code != 200:
            raise follow.Unreachable(why=f"{path} {answer.status_code}")
        body: bytes = answer.content
        return body

    def copy(self, folder: Path, **kw: Any) -> tuple[follow.Copy, follow.State]:
        copy = follow.Copy(folder, **kw)
        return copy, copy.open("https://zf.example", ledger.verifier_keys())

    def truth(self) -> dict[int, tuple[str, bytes | None]]:
        """The source's own tables, read past the feed."""
        return {
            r.pk: ("shown", json.dumps(r.version.content, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode())
            if r.shown
            else (r.state, None)
            for r in PublicRecord.objects.select_related("version")
        }  # fmt: skip


def held(folder: Path) -> dict[int, tuple[str, bytes | None]]:
    found: dict[int, tuple[str, bytes | None]] = {
        int(p.stem): ("shown", p.read_bytes()) for p in (folder / "decisions").glob("*.json")
    }
    for path in (folder / "withdrawn").glob("*.json"):
        assert int(path.stem) not in found
        found[int(path.stem)] = (json.loads(path.read_text())["event"], None)
    return found


@pytest.fixture
def site(bureau: Bureau, snapshot: Callable[..., Any]) -> Site:
    return Site(bureau, snapshot)


class Killed(Exception):
    """The follower's process ends here."""


class Line:
    """A network that cuts, answers 500, tears answers and delivers old ones again."""

    def __init__(self, site: Site, rng: random.Random) -> None:
        self.site, self.rng, self.old = site, rng, [b"{}"]

    def get(self, path: str) -> bytes:
        chance = self.rng.random()
        if chance < 0.15:
            raise follow.Unreachable(why="连接中断")
        if chance < 0.3 and path.startswith("feed/"):
            return self.rng.choice(self.old)
        body = self.site.get(path)
        self.old.append(body)
        if chance < 0.45:
            return body[: self.rng.randrange(len(body))]
        return body


STEPS = st.lists(st.sampled_from(["publish", "correct", "withdraw", "settle", "follow"]), max_size=8)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(steps=STEPS, seed=st.integers(0, 2**32))
def test_after_any_sequence_and_any_faults_the_copy_equals_the_source(
    site: Site, tmp_path: Path, steps: list[str], seed: int
) -> None:
    rng = random.Random(seed)
    folder = tmp_path / f"copy-{seed}-{rng.random()}"
    line = Line(site, rng)

    def hook(_what: str) -> None:
        if rng.random() < 0.05:
            raise Killed

    for step in ["publish", *steps, "settle", *["follow"] * 4]:
        shown = site.shown()
        if step == "publish":
            site.publish()
        elif step == "settle":
            site.settle()
        elif step == "follow":
            try:
                copy, state = site.copy(folder, hook=hook)
                follow.once(copy, state, line.get, limit=rng.choice([1, 3, 50]))
            except (Killed, follow.Unreachable):
                pass
        elif shown:
            getattr(site, step)(rng.choice(shown))
    # The line heals, the follower is started once more.
    copy, state = site.copy(folder)
    follow.once(copy, state, site.get, limit=7)
    assert held(folder) == site.truth()
    assert follow.differences(copy, site.get) == []
    assert not list(folder.rglob("*.part"))
    gone = {pk for pk, (state_, _) in site.truth().items() if state_ != "shown"}
    for pk in gone:
        assert not list((folder / "decisions").glob(f"{pk}.*"))
        for path in folder.rglob("*"):
            assert not path.is_file() or path.parent.name != "withdrawn" or "渣土" not in path.read_text()


def test_the_order_is_the_ledgers_and_a_late_commit_is_not_skipped(site: Site) -> None:
    first, second = site.publish(), site.publish()
    site.settle()
    places = list(FeedItem.objects.order_by("position").values_list("event__disclosure_id", flat=True))
    assert places == [first, second]
    # An event whose entry the checkpoint does not cover waits, though the row is there.
    site.publish()
    assert api.feed.place(at=site.tick()) == 0
    assert api.feed.head() == max(i.position for i in FeedItem.objects.exclude(position=None))
    site.settle()
    assert not FeedItem.objects.filter(position=None).exists()


def test_an_unchanged_page_is_304_and_a_withdrawal_changes_it_at_once(site: Site) -> None:
    pk = site.publish()
    site.settle()
    first = site.client.get("/feed/events.json?after=-1")
    body = json.loads(first.content)
    assert (body["more"], body["next"], len(body["events"])) == (False, body["head"], 1)
    assert body["events"][0]["content"]["title"]
    held_tag = {"HTTP_IF_NONE_MATCH": first["ETag"]}
    again = site.client.get("/feed/events.json?after=-1", **held_tag)
    assert (again.status_code, again.content, again["ETag"]) == (304, b"", first["ETag"])
    since = site.client.get("/feed/events.json?after=-1", HTTP_IF_MODIFIED_SINCE=first["Last-Modified"])
    assert since.status_code == 304
    site.withdraw(pk)
    # Before the worker placed the withdrawal the text is gone already.
    changed = site.client.get("/feed/events.json?after=-1", **held_tag)
    assert changed.status_code == 200
    assert json.loads(changed.content)["events"][0]["content"] is None
    assert "渣土" not in changed.content.decode()
    site.settle()
    after = json.loads(site.client.get(f"/feed/events.json?after={body['next']}").content)
    assert [e["event"] for e in after["events"]] == ["withdrawn"]
    assert after["events"][0]["reason"] == "决定已被撤销"


@pytest.mark.parametrize("after", ["-5", "x", "9" * 18, "9" * 40, "１２", "%00", "1e9", "-1' OR 1=1"])
def test_cursors_that_are_none_answer_and_break_nothing(site: Site, after: str) -> None:
    for path in (f"events.json?after={after}&limit={after}", f"atom.xml?before={after}", f"inventory.json?after={after}"):  # fmt: skip
        assert site.client.get(f"/feed/{path}").status_code == 200


def test_atom_is_well_formed_and_marks_what_was_withdrawn(site: Site) -> None:
    kept, gone = site.publish(), site.publish()
    site.withdraw(gone)
    site.settle()
    text = site.get("feed/atom.xml")
    root = ET.fromstring(text)
    atom, tomb = "{http://www.w3.org/2005/Atom}", "{http://purl.org/atompub/tombstones/1.0}"
    assert [e.get("ref", "").split("/")[-2] for e in root.iter(f"{tomb}deleted-entry")] == [str(gone)]
    titles = [e.findtext(f"{atom}title") or "" for e in root.iter(f"{atom}entry")]
    assert len(titles) == 3 and sum("随意倾倒" in t for t in titles) == 1
    ids = [e.findtext(f"{atom}id") for e in root.iter(f"{atom}entry")]
    assert len(set(ids)) == 3 and any((i or "").endswith(f"/decisions/{kept}/") for i in ids)


def _spoil(site: Site, change: Callable[[dict[str, Any]], None]) -> Callable[[str], bytes]:
    def get(path: str) -> bytes:
        body = site.get(path)
        if not path.startswith("feed/events"):
            return body
        page = json.loads(body)
        change(page)
        return json.dumps(page).encode()

    return get


CHANGES: dict[str, Callable[[dict[str, Any]], None]] = {
    "text": lambda p: p["events"][0]["content"].update(party="另一公司"),
    "reason": lambda p: p["events"][-1].update(reason="另一理由"),
    "other decision": lambda p: p["events"][0].update(disclosure=p["events"][0]["disclosure"] + 7),
    "place": lambda p: p["events"][0].update(position=p["events"][0]["position"] - 1),
    "event": lambda p: p["events"][0].update(event="corrected"),
    "no proof": lambda p: p["events"][0].update(proof=""),
    "another's proof": lambda p: p["events"][0].update(proof=p["events"][1]["proof"]),
    "left out": lambda p: p["events"].pop(),
    "order": lambda p: p["events"].reverse(),
    "rewound": lambda p: p.update(head=-1, events=[]),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_log_does_not_prove_is_not_taken(site: Site, tmp_path: Path, change: str) -> None:
    site.publish()
    site.publish()
    site.settle()
    copy, state = site.copy(tmp_path / "c")
    if change == "rewound":
        follow.once(copy, state, site.get)
    before = held(tmp_path / "c")
    with pytest.raises(follow.NotTrue):
        follow.once(copy, state, _spoil(site, CHANGES[change]))
    assert held(tmp_path / "c") == before


def test_a_source_that_would_go_on_for_ever_or_speaks_nonsense_is_left(site: Site, tmp_path: Path) -> None:
    site.publish()
    site.settle()
    copy, state = site.copy(tmp_path / "c")
    for change in (
        lambda p: p.update(more=True, events=[], next=p["after"]),
        lambda p: p["events"][0]["content"].update(title="\ud800"),
        lambda p: p["events"][0]["content"].update(title=1.5),
    ):
        with pytest.raises(follow.Unreachable):
            follow.once(copy, state, _spoil(site, change))
    follow.once(copy, state, site.get)
    before = held(tmp_path / "c")

    def again(path: str) -> bytes:
        return site.get("feed/inventory.json?after=0" if path.startswith("feed/inventory") else path)

    with pytest.raises(follow.NotTrue):
        follow.differences(copy, again)
    for answer in (
        b"{}",
        b'{"decisions":7}',
        b'{"decisions":[{"disclosure":"1","state":"x","sha256":null}]}',
    ):
        with pytest.raises((follow.NotTrue, follow.Unreachable)):
            follow.differences(copy, lambda _path, answer=answer: answer)
    assert held(tmp_path / "c") == before


def test_a_log_that_did_not_grow_out_of_the_one_seen_before_is_refused(site: Site, tmp_path: Path) -> None:
    site.publish()
    site.settle()
    copy, state = site.copy(tmp_path / "c")
    follow.once(copy, state, site.get)
    site.publish()
    site.settle()

    def forked(path: str) -> bytes:
        body = site.get(path)
        return bytes(len(body)) if path.startswith("ledger/tile/") else body

    with pytest.raises(follow.NotTrue):
        follow.once(copy, state, forked)
    copy, state = site.copy(tmp_path / "c")
    assert follow.once(copy, state, site.get).shown == 1


def test_a_copy_belongs_to_one_source(site: Site, tmp_path: Path) -> None:
    site.publish()
    site.settle()
    copy, state = site.copy(tmp_path)
    follow.once(copy, state, site.get)
    with pytest.raises(follow.NotTrue):
        copy.open("https://other.example", [])


def test_a_difference_between_copy_and_source_is_named(site: Site, tmp_path: Path) -> None:
    one, two = site.publish(), site.publish()
    site.settle()
    copy, state = site.copy(tmp_path)
    follow.once(copy, state, site.get)
    (tmp_path / "decisions" / f"{one}.json").write_text('{"party":"改动"}')
    (tmp_path / "decisions" / f"{two}.json").unlink()
    (tmp_path / "decisions" / "987654.json").write_text("{}")
    assert [str(pk) in line for pk, line in zip((one, two, 987654), follow.differences(copy, site.get), strict=True)] == [True] * 3  # fmt: skip


@pytest.fixture
def served(site: Site) -> Iterator[tuple[str, dict[str, bytes], list[str]]]:
    """The site's answers over a real socket; ``faults`` are used up one per request."""
    site.publish()
    gone = site.publish()
    site.withdraw(gone)
    site.settle()
    paths = ["feed/events.json?after=-1&limit=50", "feed/inventory.json?after=0", "ledger/keys"]
    last = json.loads(site.get(paths[0]))["next"]
    paths += [f"feed/events.json?after={last}&limit=50"]
    answers = {f"/{path}": site.get(path) for path in paths}
    newest = max(PublicRecord.objects.values_list("pk", flat=True))
    answers[f"/feed/inventory.json?after={newest}"] = b'{"decisions":[]}'
    faults: list[str] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            fault = faults.pop(0) if faults else ""
            body = answers[self.path]
            if fault == "cut":
                self.connection.close()
                return
            self.send_response(500 if fault == "500" else 200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body[: len(body) // 2] if fault == "short" else body)

        def log_message(self, *args: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}", answers, faults
    server.shutdown()
    server.server_close()


def test_the_command_follows_over_a_real_line_with_cuts_500s_and_torn_answers(
    served: Any, site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    url, _answers, faults = served
    monkeypatch.setattr("time.sleep", lambda _seconds: None)
    faults += ["", "cut", "500", "short"]
    run = CliRunner().invoke(command, ["follow", url, str(tmp_path / "c"), "--json"], catch_exceptions=False)
    assert run.exit_code == 0, run.output
    assert json.loads(run.stdout.splitlines()[-1])["shown"] == 1
    assert held(tmp_path / "c") == site.truth()
    same = CliRunner().invoke(command, ["check", url, str(tmp_path / "c"), "--json"])
    assert (same.exit_code, json.loads(same.stdout)) == (0, {"differences": []})
    next((tmp_path / "c" / "decisions").glob("*.json")).write_text("{}")
    assert CliRunner().invoke(command, ["check", url, str(tmp_path / "c")]).exit_code == 3


def test_what_expires_leaves_the_copy_too(site: Site, tmp_path: Path) -> None:
    pk = site.publish()
    site.settle()
    copy, state = site.copy(tmp_path)
    follow.once(copy, state, site.get)
    assert held(tmp_path)[pk][0] == "shown"
    site.at = clock.at_local(DECIDED.replace(year=2028), 9)
    assert actions.expire_due(at=site.tick()) == 1
    site.settle()
    follow.once(copy, state, site.get)
    assert held(tmp_path) == {pk: ("expired", None)}

"""A verified copy of a bureau's disclosures, kept by following its open feed. No Django, no database.

Layout of the copy: ``decisions/<id>.json`` (the text, in the bytes the proof names) and
``decisions/<id>.tlog-proof``; ``withdrawn/<id>.json`` and its proof for what is gone; ``state.json``
with the cursor, the pinned keys and the newest checkpoint. An event is taken only when the log signed
it, at that place, about that text; the log must have grown out of the one seen before.

Crash story: files are replaced whole and each event's outcome depends on nothing but the event, so a
follower killed anywhere goes on from the cursor written last and comes to the same copy. A text is
removed before the cursor moves on: nothing of a withdrawn one outlives the page that told of it.
"""

from __future__ import annotations

import itertools
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from http.client import HTTPException
from pathlib import Path
from typing import Any

from mingzhi.kernel import asking, canonical
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger.verify import Unproven, verify_bundle, verify_checkpoint, verify_growth

FORMAT = "mingzhi-feed/1"
SHOWING, ENDING = ("published", "corrected"), ("withdrawn", "expired")
MOST = 64_000_000
Get = Callable[[str], bytes]
"""Brings an address relative to the source. Raises ``Unreachable`` for anything but the whole answer."""


class Unreachable(MingzhiError):
    """The source did not answer, or not wholly: to be tried again."""

    code = "feed.unreachable"
    sentence = "没有取到公示数据：{why}"
    remedy = "请检查网络和地址，稍后重试；已取得的部分不受影响"
    status = 503


class NotTrue(MingzhiError):
    """The source says what its ledger does not prove. Nothing of it is taken."""

    code = "feed.unproven"
    sentence = "公示数据核验不通过，已停止同步：{why}"
    remedy = "副本停在上一次核验通过的状态；请向公示机关查询，不要自行改动副本"
    status = 422


@dataclass(slots=True)
class State:
    """Where the copy stands: written last."""

    source: str
    keys: list[str]
    cursor: int = -1
    checkpoint: str = ""

    def data(self) -> dict[str, Any]:
        return {
            "format": FORMAT,
            "source": self.source,
            "keys": self.keys,
            "cursor": self.cursor,
            "checkpoint": self.checkpoint,
        }


@dataclass(slots=True)
class Told:
    """What one round did."""

    shown: int = 0
    gone: int = 0
    pages: int = 0
    cursor: int = -1


@dataclass(slots=True)
class Copy:
    """A copy in ``folder``. ``hook`` is called at every step of writing, for tests that stop there."""

    folder: Path
    hook: Callable[[str], None] = field(default=lambda _what: None)

    def open(self, source: str, keys: Iterable[str]) -> State:
        """The copy's state, begun when there is none. A copy belongs to one source and its keys."""
        for part in ("decisions", "withdrawn"):
            (self.folder / part).mkdir(parents=True, exist_ok=True)
        for torn in self.folder.rglob("*.part"):
            torn.unlink()
        kept = self.folder / "state.json"
        if not kept.exists():
            return State(source, list(keys))
        data = json.loads(kept.read_text("utf-8"))
        if data["source"] != source:
            raise NotTrue(why=f"该文件夹是 {data['source']} 的副本")
        return State(source, data["keys"], data["cursor"], data["checkpoint"])

    def save(self, state: State) -> None:
        for part in ("decisions", "withdrawn"):
            _sync(self.folder / part)
        self._write("state.json", json.dumps(state.data(), ensure_ascii=False, indent=1).encode())

    def show(self, disclosure: int, text: bytes, proof: str) -> None:
        self._drop("withdrawn", disclosure)
        self._write(f"decisions/{disclosure}.tlog-proof", proof.encode())
        self._write(f"decisions/{disclosure}.json", text)

    def end(self, disclosure: int, told: Mapping[str, Any], proof: str) -> None:
        self.drop(disclosure)
        self._write(f"withdrawn/{disclosure}.tlog-proof", proof.encode())
        self._write(
            f"withdrawn/{disclosure}.json", json.dumps(told, ensure_ascii=False, sort_keys=True).encode()
        )

    def drop(self, disclosure: int) -> None:
        """Remove the text of a disclosure, and its proof."""
        self._drop("decisions", disclosure)

    def standing(self) -> Iterator[tuple[int, str, str | None]]:
        """(disclosure, ``shown`` or how it ended, SHA-256 of the text) for everything in the copy."""
        for path in (self.folder / "decisions").glob("*.json"):
            yield int(path.stem), "shown", canonical.digest(json.loads(path.read_text("utf-8")))
        for path in (self.folder / "withdrawn").glob("*.json"):
            yield int(path.stem), json.loads(path.read_text("utf-8"))["event"], None

    def _drop(self, part: str, disclosure: int) -> None:
        for suffix in ("json", "tlog-proof"):
            self.hook(f"unlink {part}/{disclosure}.{suffix}")
            (self.folder / part / f"{disclosure}.{suffix}").unlink(missing_ok=True)

    def _write(self, name: str, data: bytes) -> None:
        path = self.folder / name
        part = path.with_name(path.name + ".part")
        self.hook(f"write {name}")
        with part.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        self.hook(f"replace {name}")
        part.replace(path)


def _sync(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def http(source: str, seconds: float = 120.0) -> Get:
    """Asks ``source`` over HTTP, ``seconds`` for each answer. Errors, cut lines and answers of other length are
    ``Unreachable``."""
    opener = asking.opener(redirects=True)

    def get(path: str) -> bytes:
        request = urllib.request.Request(  # noqa: S310 — http or https, checked by the command
            f"{source}/{path}", headers={"User-Agent": "mingzhi-feed", "Accept-Encoding": "identity"}
        )
        try:
            with opener.open(request, timeout=seconds) as answer:
                body: bytes = answer.read(MOST + 1)
        except urllib.error.HTTPError as error:
            with error:
                raise Unreachable(why=f"{path} 答复 {error.code}") from None
        except (OSError, HTTPException) as error:
            raise Unreachable(why=f"{path}（{type(error).__name__}）") from None
        if len(body) > MOST:
            raise Unreachable(why=f"{path} 答复过长")
        return body

    return get


def once(copy: Copy, state: State, get: Get, *, limit: int = 50) -> Told:
    """Take everything the feed has by now. ``Unreachable`` leaves the copy at its last cursor."""
    told = Told(cursor=state.cursor)
    while True:
        page = _page(get(f"feed/events.json?after={state.cursor}&limit={limit}"))
        # A page asked for another place (a cache, a repeated answer) says nothing about this one.
        if page["after"] != state.cursor:
            raise Unreachable(why=f"答复的是第 {page['after']} 条之后的内容")
        if page["head"] < state.cursor:
            raise NotTrue(
                why=f"数据源最新次序 {page['head']} 小于已同步的 {state.cursor}，数据源被倒退或者更换"
            )
        events = []
        for event in page["events"]:
            taken, followed = _checked(event, state.keys)
            state.keys += [key for key in followed if key not in state.keys]
            events.append(taken)
        _in_order(events, state.cursor, page["next"])
        state.checkpoint = _grown(state, (event.checkpoint for event in events), get)
        for event in events:
            _take(copy, event, told)
        if events:
            state.cursor = page["next"]
            copy.save(state)
        told.pages += 1
        told.cursor = state.cursor
        if page["more"] is not True:
            return told
        if not events:
            raise Unreachable(why="称还有内容而没有给出")


def again(copy: Copy, state: State, get: Get, *, tries: int, pause: float) -> Told:
    """``once``, tried again after ``pause`` seconds, twice as long each time, while unreachable."""
    for left in range(tries - 1, -1, -1):
        try:
            return once(copy, state, get)
        except Unreachable:
            if not left:
                raise
            time.sleep(pause)
            pause = min(pause * 2, 60)
    raise AssertionError("unreachable")


def differences(copy: Copy, get: Get) -> list[str]:
    """Where the copy and the source's inventory differ, in sentences; empty when they are equal."""
    ours = {disclosure: (state, digest) for disclosure, state, digest in copy.standing()}
    found, after = [], 0
    while True:
        rows = _rows(get(f"feed/inventory.json?after={after}"), after)
        for pk, state, sha256 in rows:
            mine = ours.pop(pk, None)
            if mine is None:
                found.append(f"公示 {pk}：副本中没有（{state}）")
            elif mine != (state, sha256):
                found.append(f"公示 {pk}：副本为 {mine[0]}，数据源为 {state}，或者内容不同")
            after = pk
        if not rows:
            break
    return found + [f"公示 {disclosure}：数据源中没有" for disclosure in sorted(ours)]


# --- reading and checking ---------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Event:
    position: int
    event: str
    disclosure: int
    text: bytes | None
    told: Mapping[str, Any]
    proof: str
    checkpoint: str


def _json(data: bytes) -> dict[str, Any]:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        raise Unreachable(why="答复不完整") from None
    if not isinstance(value, dict):
        raise Unreachable(why="答复不是公示数据")
    return value


def _page(data: bytes) -> dict[str, Any]:
    page = _json(data)
    numbers = all(type(page.get(name)) is int for name in ("after", "next", "head"))
    if page.get("format") != FORMAT or not numbers or not isinstance(page.get("events"), list):
        raise Unreachable(why="答复不是公示数据")
    return page


def _rows(data: bytes, after: int) -> list[tuple[int, str, str | None]]:
    """A page of the inventory: id, state and digest of decisions behind ``after``, in order, so that there is
    an end to it."""
    try:
        rows = _json(data)["decisions"]
        found = [(row["disclosure"], str(row["state"]), row["sha256"]) for row in rows]
    except (KeyError, TypeError):
        raise Unreachable(why="答复不是公示数据") from None
    places = [after, *(pk for pk, _, _ in found)]
    if any(type(pk) is not int for pk in places) or any(a >= b for a, b in itertools.pairwise(places)):
        raise NotTrue(why="全部公示的次序不正确")
    return found


def _checked(event: Any, keys: list[str]) -> tuple[_Event, tuple[str, ...]]:
    """``event`` when the log proves it: kind, place, disclosure, reason, and the digest of the text; and
    keys of the log that its announcements gave."""
    try:
        proven = verify_bundle(event["proof"], keys)
        facts = proven.payload or {}
        kind = proven.head.kind if proven.head else ""
        same = (
            proven.index == event["position"]
            and kind == f"publication:disclosure:{event['event']}"
            and event["event"] in (*SHOWING, *ENDING)
            and all(
                facts.get(name) == event[name]
                for name in ("disclosure", "version", "number", "at", "reason", "basis")
            )
            and type(event["disclosure"]) is int
        )
        content = event["content"]
        text = None if content is None else canonical.encode(content)
        if text is not None and facts.get("public_sha256") != canonical.digest(content):
            raise NotTrue(why=f"第 {event['position']} 条的公示内容与登记的摘要不符")
    except Unproven as error:
        raise NotTrue(why=f"第 {event.get('position')} 条：{error.sentence}") from None
    except (KeyError, TypeError, AttributeError, ValueError):
        raise Unreachable(why="答复不是公示数据") from None
    if not same:
        raise NotTrue(why=f"第 {event['position']} 条与凭证载明的不一致")
    told = {name: event[name] for name in ("disclosure", "event", "number", "at", "reason", "basis")}
    checkpoint = event["proof"][event["proof"].index("\n\n") + 2 :]
    taken = _Event(
        event["position"], event["event"], event["disclosure"], text, told, event["proof"], checkpoint
    )
    return taken, proven.followed


def _in_order(events: list[_Event], cursor: int, following: int) -> None:
    places = [cursor, *(event.position for event in events)]
    if any(a >= b for a, b in itertools.pairwise(places)) or (events and places[-1] != following):
        raise NotTrue(why="条目次序不正确")


def _grown(state: State, checkpoints: Iterable[str], get: Get) -> str:
    """The newest of the checkpoints seen, once it is proven to grow out of the one before."""
    newest = state.checkpoint
    for text in dict.fromkeys(checkpoints):
        if not newest:
            newest = text
            continue
        old, new = (verify_checkpoint(note, state.keys) for note in (newest, text))
        if (old.size, old.root) == (new.size, new.root):
            continue
        small, large = (newest, text) if old.size <= new.size else (text, newest)
        try:
            verify_growth(small, large, lambda path: get(f"ledger/{path}"), state.keys)
        except Unproven as error:
            if error.code == "verify.incomplete":
                raise Unreachable(why=error.sentence) from None
            raise NotTrue(why=error.sentence) from None
        newest = large
    return newest


def _take(copy: Copy, event: _Event, told: Told) -> None:
    if event.event in ENDING:
        copy.end(event.disclosure, event.told, event.proof)
        told.gone += 1
    elif event.text is None:
        # Superseded or withdrawn by now: a later event says which. Until then nothing is shown.
        copy.drop(event.disclosure)
    else:
        copy.show(event.disclosure, event.text, event.proof)
        told.shown += 1

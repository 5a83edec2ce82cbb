"""Looking at logs from several sides: their own site, and what other witnesses were shown.

Two heads signed by one log that are not prefixes of one another prove that it showed different
histories. A head that merely cannot be compared (tiles not there, not those of the head) is told,
and is no proof.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mingzhi.ledger import merkle, notes, remote, witness
from mingzhi.ledger.cosigning import compare
from mingzhi.ledger.errors import WitnessUnclear
from mingzhi.ledger.formats import TreeHead
from mingzhi.ledger.models import Cosigner, WatchedLog
from mingzhi.ledger.tiles import TileTree


@dataclass(frozen=True, slots=True)
class Seen:
    """A head, the note it came in, and where from."""

    head: TreeHead
    note: str
    source: str


@dataclass(frozen=True, slots=True)
class Watched:
    """``wrong``: contradictions found now; ``unclear``: what could not be compared, and why."""

    wrong: tuple[str, ...]
    unclear: tuple[str, ...]


def watch(*, at: datetime) -> Watched:
    """Look at every log we witness and at our own through our witnesses' eyes. Contradictions are kept
    as split views; those known already are told again."""
    wrong: list[str] = []
    unclear: list[str] = []
    peers = list(Cosigner.objects.order_by("at"))
    for peer in peers:
        try:
            wrong += filter(None, [compare(peer, at=at)])
        except WitnessUnclear as error:
            unclear.append(error.sentence)
    for row in WatchedLog.objects.order_by("origin"):
        _one(row, [peer.url for peer in peers], at, wrong, unclear)
    return Watched(tuple(wrong), tuple(unclear))


def _one(row: WatchedLog, peers: list[str], at: datetime, wrong: list[str], unclear: list[str]) -> None:
    views = []
    places = [f"{row.url}/checkpoint"] if row.url else []
    places += [f"{peer}/seen/{witness.digest(row.origin)}" for peer in peers]
    for place in places:
        try:
            view = _fetch(row, place)
        except WitnessUnclear as error:
            unclear.append(error.sentence)
            continue
        if view is not None:
            views.append(view)
    row.refresh_from_db()  # what we cosigned meanwhile counts
    if row.note:
        ours = Seen(TreeHead(row.origin, row.size, bytes(row.root)), row.note, "本机见证记录")
    elif views:
        ours = views.pop(0)
    else:
        return
    for view in views:
        try:
            sentence = _contradiction(row, ours, view)
        except WitnessUnclear as error:
            unclear.append(error.sentence)
            continue
        if sentence:
            wrong.append(sentence)
            witness.split_found(
                row.origin, ours.note, view.note, source=view.source, sentence=sentence, at=at
            )


def _fetch(row: WatchedLog, place: str) -> Seen | None:
    answer = remote.ask(place)
    if answer.status == 404:
        return None
    try:
        if answer.status != 200:
            raise notes.BadNote(f"status {answer.status}")
        text, _ = notes.verify(answer.text(), witness.keys_of(row))
        head = TreeHead.parse(text)
    except notes.BadNote as error:
        raise WitnessUnclear(name=place, why=f"不是该账本签发的检查点（{error}）") from None
    if head.origin != row.origin:
        raise WitnessUnclear(name=place, why="是另一账本的检查点")
    return Seen(head, answer.text(), place)


def _contradiction(row: WatchedLog, a: Seen, b: Seen) -> str:
    """What is wrong between two signed heads; empty when the smaller is a prefix of the larger."""
    small, large = sorted((a, b), key=lambda seen: seen.head.size)
    size = small.head.size
    if size == large.head.size:
        same = small.head.root == large.head.root
        return "" if same else f"账本 {row.origin} 在第 {size} 条处签发了两个不同的根"
    if size == 0:
        return ""
    if not row.url:
        raise WitnessUnclear(name=row.origin, why="没有登记读取地址，无法比对不同大小的检查点")
    tree = TileTree(lambda path: _tile(row.url, path), large.head.size)
    try:
        fits = tree.root() == large.head.root
        path = tree.consistency(size)
    except IndexError as error:
        raise WitnessUnclear(name=row.url, why=f"账本分片不完整（{error}）") from None
    if not fits:
        raise WitnessUnclear(name=row.url, why=f"账本分片与第 {large.head.size} 条处的检查点不符")
    # These tiles are those that the log signed; what follows from them about its past is its own word.
    if merkle.check_consistency(size, large.head.size, small.head.root, large.head.root, path):
        return ""
    return (
        f"账本 {row.origin} 签发的第 {size} 条与第 {large.head.size} 条处的检查点不是同一本账"
        f"（{small.source}；{large.source}）"
    )


def _tile(url: str, path: str) -> bytes:
    answer = remote.ask(f"{url}/{path}")
    if answer.status != 200:
        raise WitnessUnclear(name=f"{url}/{path}", why=f"没有取到账本分片（{answer.status}）")
    return answer.body

"""The second pass of fsck: live rows of every kind against the entries that claim them; and files.

The entries are read as they lie, once for several kinds together: a bureau has some sixty kinds, and
no index of the entries by kind, which every entry would pay for. One piece of work (``Job``) holds the
claims of its kinds in memory and nothing else.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from operator import itemgetter
from typing import Any

from django.db import connection
from django.db.models import Max

from mingzhi.ledger import kinds
from mingzhi.ledger.data import Finding, Part
from mingzhi.ledger.head import commit
from mingzhi.ledger.kinds import FileCheck, Payload
from mingzhi.ledger.models import Entry, Place
from mingzhi.ledger.payloads import payload_bytes
from mingzhi.ledger.sqltext import stream_blocks

Claim = tuple[Any, ...]
"""subject, salt, commitment: what an entry says of a row; then kind and version where they must be known."""
Kinds = list[tuple[str, set[int]]]
"""Names of kinds, each with the versions that the log has of it."""

_SAMPLE = 61  # one entry in so many is counted, to weigh the kinds; a prime, as acts come in rounds
_SHARE = 8  # a piece holds at most this part of all entries …
_FEWEST, _MOST = 50_000, 1_000_000  # … but not fewer than these, and more only where one kind has more


@dataclass(frozen=True, slots=True)
class Job:
    """A piece of the pass: kinds whose entries are read together, or the name of a derived column's check."""

    kinds: Kinds
    check: str = ""


def jobs() -> list[Job]:
    """All the work, the heaviest first. Every kind in the log or in the register is in exactly one piece."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT DISTINCT kind, version FROM ledger_entry")
        seen = cursor.fetchall()
        cursor.execute("SELECT kind, count(*) FROM ledger_entry WHERE id %% %s = 0 GROUP BY kind", [_SAMPLE])
        weights = {kind: count * _SAMPLE for kind, count in cursor.fetchall()}
    versions: dict[str, set[int]] = {kind.name: set() for kind in kinds.everything()}
    for name, version in seen:
        versions.setdefault(name, set()).add(version)
    limit = min(max(sum(weights.values()) // _SHARE, _FEWEST), _MOST)
    found: list[Job] = []
    room = -1
    for name in sorted(versions, key=lambda name: (-weights.get(name, 0), name)):
        weight = weights.get(name, 0)
        if weight > room:
            found.append(Job([]))
            room = limit
        found[-1].kinds.append((name, versions[name]))
        room -= weight
    return found + [Job([], check) for check in kinds.checks()]


def fact_pass(file_check: FileCheck | None = None, work: Iterable[Job] | None = None) -> Part:
    """Live rows against the entries that claim them; columns that rooms derive; the files rows stand on."""
    part = Part()
    for job in jobs() if work is None else work:
        if job.check:
            _derived(job.check, part)
        else:
            _together(job.kinds, part, file_check)
    part.findings.sort(key=lambda finding: finding.kind)
    return part


def _derived(name: str, part: Part) -> None:
    """Columns that a room derives from its facts, against those facts."""
    try:
        for subject, sentence in kinds.checks()[name]():
            part.findings.append(Finding("derived.differs", sentence, kind=name, subject=subject))
    except Exception as error:  # noqa: BLE001 — altered rows may break any reader; that is a finding too
        sentence = f"推算核对 {name} 无法完成：数据中有系统不会写入的内容（{type(error).__name__}）"
        part.findings.append(Finding("derived.unreadable", sentence, kind=name))


def _together(group: Kinds, part: Part, file_check: FileCheck | None) -> None:
    """One reading of the entries for all kinds of ``group``, then the live rows of each."""
    # Kind → subject → its latest entry: later entries replace earlier ones.
    claims: dict[str, dict[str, Claim]] = {}
    for name, versions in group:
        unknown = sorted(v for v in versions if kinds.find(name, v) is None)
        if unknown:
            what = "、".join(str(v) for v in unknown)
            part.findings.append(
                Finding("kind.unknown", f"账本事项 {name} 的版本 {what} 未登记，无法核对", kind=name)
            )
        elif kinds.current(name).has_rows:
            claims[name] = {}
    if not claims:
        return
    last = Place.objects.aggregate(last=Max("index"))["last"]
    placed = 0 if last is None else last + 1
    names = sorted(claims)
    alone = len(names) == 1 and dict(group)[names[0]] <= {kinds.current(names[0]).version}
    for block in stream_blocks(
        f"SELECT subject, salt, commitment {'' if alone else ', kind, version'} FROM ledger_entry "  # noqa: S608
        f"WHERE kind IN ({', '.join(['%s'] * len(names))}) ORDER BY id",
        names,
    ):
        if alone:  # most entries are of a few large kinds: no step per row for them
            claims[names[0]].update(zip(map(itemgetter(0), block), block, strict=True))
            continue
        for row in block:
            claims[row[3]][row[0]] = row
    for name in names:
        _one_kind(kinds.current(name), claims.pop(name), placed, part, file_check)


def _one_kind(
    known: kinds.Kind, claims: dict[str, Claim], placed: int, part: Part, file_check: FileCheck | None
) -> None:
    name, newest, said = known.name, known.version, known.sentence
    pop = claims.pop
    count = 0
    for subject, payload in _reading(known, claims, part):
        count += 1
        claim = pop(subject, None)
        if claim is None:
            if not _came_since(name, subject, payload, placed):
                sentence = f"记录 {subject} 没有账本条目，或出现两次（{said}）：绕过系统写入"
                part.findings.append(Finding("fact.extra", sentence, None, None, name, subject))
            continue
        if len(claim) > 3 and claim[4] != newest and payload is not None:
            former = kinds.find(name, claim[4])
            payload = former.payload_of(subject) if former and former.payload_of else payload  # noqa: PLW2901
        if payload is None:
            continue  # lawfully erased: the entry stays, the payload is gone
        try:
            same = sha256(claim[1] + payload_bytes(payload)).digest() == claim[2]
        except TypeError:  # what has no canonical form was never recorded
            same = False
        if not same and not _came_since(name, subject, payload, placed):
            entry_id = _latest_id(name, subject)
            sentence = f"记录 {subject} 的内容与登记时不一致（{said}，条目 {entry_id}）"
            part.findings.append(Finding("fact.altered", sentence, None, entry_id, name, subject))
        if file_check is not None and known.files is not None:
            _check_files(known, subject, part, file_check)
    part.rows += count
    for subject in claims:
        entry_id = _latest_id(name, subject)
        sentence = f"记录 {subject} 已不存在（{said}，条目 {entry_id}）"
        part.findings.append(Finding("fact.missing", sentence, None, entry_id, name, subject))


def _came_since(name: str, subject: str, payload: Payload | None, placed: int) -> bool:
    """Whether the row is as an entry says that came after the entries were read: people go on working
    while fsck runs. Such an entry has no place below ``placed``."""
    rows = Entry.objects.filter(kind=name, subject=subject).order_by("-id")
    latest = rows.values_list("pk", "salt", "commitment").first()
    if latest is None or Place.objects.filter(entry_id=latest[0], index__lt=placed).exists():
        return False
    try:
        return payload is None or commit(bytes(latest[1]), payload_bytes(payload)) == bytes(latest[2])
    except TypeError:
        return False


def _reading(known: kinds.Kind, unseen: dict[str, Claim], part: Part) -> Iterator[tuple[str, Payload | None]]:
    """The live rows; where one cannot be read, the rest one by one, and each unreadable one by name."""
    try:
        yield from known.live() or ()
    except Exception:  # noqa: BLE001 — altered rows may break any reader
        for subject in list(unseen):
            try:
                payload = known.payload_of(subject) if known.payload_of else None
            except Exception as error:  # noqa: BLE001 — as above
                unseen.pop(subject)
                sentence = f"记录 {subject} 的内容无法读出（{known.sentence}，{type(error).__name__}）"
                part.findings.append(Finding("fact.unreadable", sentence, None, None, known.name, subject))
                continue
            if payload is not None:
                yield subject, payload


def _latest_id(name: str, subject: str) -> int | None:
    rows = Entry.objects.filter(subject=subject, kind=name).order_by("-id")
    return rows.values_list("pk", flat=True).first()


def _check_files(kind: kinds.Kind, subject: str, part: Part, file_check: FileCheck) -> None:
    for file_id, digest in kind.files(subject) if kind.files else ():
        part.files += 1
        if not file_check(file_id, digest):
            sentence = f"记录 {subject} 的文件 {file_id} 缺失或内容被改动"
            part.findings.append(Finding("file.altered", sentence, None, None, kind.name, subject))

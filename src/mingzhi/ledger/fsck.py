"""The whole check: every leaf computed anew from the live rows, compared with what was signed.

Two passes that know nothing of one another, so two processes can share them:

* ``tree_pass``: entry rows and places → leaves → tree → every signed checkpoint, the journal
  outside the database, the checkpoint outside the database, the guards (triggers);
* ``fact_pass`` (a file of its own): live rows → payload → commitment → the entry that claims it; files.

A place is trusted no more than an entry: what is compared with the signatures is computed here.
"""

from __future__ import annotations

import gc
import multiprocessing
import os
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from typing import Any

from django.db import connection, connections
from django.db.migrations.loader import MigrationLoader

from mingzhi.kernel import sm2
from mingzhi.ledger import keys, kinds, notes, store
from mingzhi.ledger.append_only import AppendOnly, trigger_names
from mingzhi.ledger.data import Finding, Part, Report
from mingzhi.ledger.errors import LedgerError
from mingzhi.ledger.fact_pass import Job, fact_pass, jobs
from mingzhi.ledger.formats import TreeHead
from mingzhi.ledger.head import moment, stored_leaf
from mingzhi.ledger.kinds import FileCheck
from mingzhi.ledger.merkle import Edge
from mingzhi.ledger.models import Checkpoint, Log, LogKey
from mingzhi.ledger.rotation import Ladder, all_keys
from mingzhi.ledger.sqltext import head_columns, stream_blocks

SM2_SIGNATURES = 100  # newest checkpoints whose SM2 signature is checked too: it costs ten times as much
SIGNATURES = 5_000  # newest checkpoints whose signatures are checked; all roots always are
_MANY = 200_000  # rows from which a second process is worth its start


def fsck(*, files: bool = False, processes: int | None = None, signatures: int = SIGNATURES) -> Report:
    """Check everything; with ``files`` also the bytes of every file a fact names, where the store of
    files told how (``kinds.register_file_check``).

    ``processes``: 1 or 2; by default 2 for a large log outside a transaction. Of the newest
    ``signatures`` checkpoints the signature is checked, of all of them the root. Reads only.
    """
    file_check = kinds.file_check() if files else None
    if processes is None:
        processes = 2 if (os.cpu_count() or 1) > 1 and _large() and not connection.in_atomic_block else 1
    collecting = gc.isenabled()
    gc.disable()  # millions of live rows, no cycles: walking them again and again finds nothing
    try:
        if processes == 2:
            tree, facts = _both(file_check, signatures)
        else:
            tree, facts = tree_pass(signatures), fact_pass(file_check)
    finally:
        if collecting:
            gc.enable()
    return Report(
        entries=tree.entries,
        rows=facts.rows,
        files=facts.files,
        checkpoints=tree.checkpoints,
        size=tree.size,
        root=tree.root,
        findings=tuple(tree.findings + facts.findings),
        notes=tuple(tree.notes + facts.notes),
    )


def _large() -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT max(id) FROM ledger_entry")
        return (cursor.fetchone()[0] or 0) >= _MANY


def _both(file_check: FileCheck | None, signatures: int) -> tuple[Part, Part]:
    """The tree in a child, the facts here; whoever is done first takes the next piece of the facts."""
    connections.close_all()  # a forked child must not share a connection
    context = multiprocessing.get_context("fork")
    ours, theirs = context.Pipe(duplex=False)
    share = _Share()

    def child() -> None:
        theirs.send((tree_pass(signatures), fact_pass(file_check, share)))
        theirs.close()

    process = context.Process(target=child)
    process.start()
    theirs.close()
    try:
        share.give(jobs())
        facts = fact_pass(file_check, share)
        tree, more = ours.recv()
    except EOFError:
        raise LedgerError("核查的子进程意外终止，请以单进程方式重试", code="ledger.fsck_process") from None
    finally:
        process.kill()  # it has told all it knows; after a failure here nobody will ask it
        process.join()
    facts.rows += more.rows
    facts.files += more.files
    facts.findings += more.findings
    facts.findings.sort(key=lambda finding: finding.kind)
    return tree, facts


class _Share:
    """The facts in pieces, each taken once, by whichever process asks. Which pieces there are takes a
    pass over the entries to know: the parent gives them while the child is at the tree."""

    def __init__(self) -> None:
        context = multiprocessing.get_context("fork")
        self._next = context.Value("i", 0)
        self._given, self._giver = context.Pipe(duplex=False)
        self._jobs: list[Job] | None = None

    def give(self, jobs: list[Job]) -> None:
        self._jobs = jobs
        self._giver.send(jobs)

    def __iter__(self) -> Iterator[Job]:
        pieces = self._given.recv() if self._jobs is None else self._jobs
        while True:
            with self._next.get_lock():
                at = self._next.value
                self._next.value += 1
            if at >= len(pieces):
                return
            yield pieces[at]


# -- the tree ------------------------------------------------------------------------------------


def tree_pass(signatures: int = SIGNATURES) -> Part:
    """Entries, places, checkpoints, journal, guards."""
    part = Part()
    part.findings += _missing_guards()
    log = Log.objects.order_by("at").first()
    signed = _checkpoints(log, part, signatures)
    journal = _Journal(log, part)
    odd: list[_Odd] = []
    edge = Edge()
    ladder: dict[int, bytes] = {}  # computed roots at the sizes that were signed
    wanted = iter(sorted(signed))
    next_size = next(wanted, None)
    expected = 0
    query = (
        f"SELECT p.position, p.entry_id, e.leaf, {head_columns('e')} FROM ledger_place p "  # noqa: S608 — no input
        "LEFT JOIN ledger_entry e ON e.id = p.entry_id ORDER BY p.position"
    )
    for rows in stream_blocks(query):
        leaves = [
            sha256(b"\x00" + stored_leaf(named, at, commitment)).digest() if named is not None else b""
            for _, _, _, named, at, commitment in rows
        ]
        start, expected = expected, rows[-1][0] + 1
        kept = journal.take(len(rows))
        if expected - start != len(rows) or kept != b"".join(leaves) or leaves != [row[2] for row in rows]:
            _name_rows(rows, leaves, kept, start, odd, part)
        done = 0
        while next_size is not None and next_size <= start + len(rows):
            edge.extend(leaves[done : next_size - start])
            done = next_size - start
            ladder[next_size] = edge.root()
            next_size = next(wanted, None)
        edge.extend(leaves[done:])
    part.size = expected
    part.root = edge.root().hex()
    _name_odd(odd, part)
    _compare(signed, ladder, expected, part)
    journal.finish(expected)
    _outside(log, expected, signed, part)
    _unplaced(part)
    return part


@dataclass(frozen=True, slots=True)
class _Odd:
    """A leaf that differs from the journal's."""

    index: int
    entry_id: int | None
    kept: bytes
    leaf: bytes


def _name_rows(  # noqa: PLR0917 — one block, seen from all sides
    rows: list[tuple[Any, ...]], leaves: list[bytes], kept: bytes, start: int, odd: list[_Odd], part: Part
) -> None:
    """Say what is wrong in a block that is not as it should be."""
    expected = start
    for at, (index, claimed, stored, named, _, _) in enumerate(rows):
        if index != expected:
            sentence = f"账本序号不连续：缺第 {expected} 至 {index - 1} 号"
            part.findings.append(Finding("place.gap", sentence, expected))
        expected = index + 1
        leaf = leaves[at]
        if named is None:
            sentence = f"第 {index} 号条目（{claimed}）已被删除"
            part.findings.append(Finding("entry.missing", sentence, index, claimed))
        elif leaf != bytes(stored):
            kind, _, subject, *_ = named.split("\n")
            sentence = f"第 {index} 号条目（{claimed}）被改动过"
            part.findings.append(Finding("entry.altered", sentence, index, claimed, kind, subject))
        there = kept[at * 32 : at * 32 + 32]
        if there and there != leaf:
            odd.append(_Odd(index, claimed, there, leaf))


class _Journal:
    """Leaf hashes outside the database, read along."""

    def __init__(self, log: Log | None, part: Part) -> None:
        self._part = part
        self._path = store.folder(log) / "level-00" if log else None
        self._file = None
        if self._path is not None and self._path.exists():
            self._file = self._path.open("rb", buffering=1 << 20)
        elif log is not None and Checkpoint.objects.exists():
            part.notes.append(
                "库外没有账本文件（本机未运行过后台进程，或目录已更换）：只能按检查点核查，不能逐条比对"
            )

    def take(self, count: int) -> bytes:
        """The next ``count`` leaf hashes, as many as there are."""
        return self._file.read(count * 32) if self._file is not None else b""

    def finish(self, size: int) -> None:
        if self._file is None:
            return
        extra = 0
        while data := self._file.read(1 << 20):
            extra += len(data) // 32
        self._file.close()
        if extra:
            self._part.findings.append(
                Finding(
                    "log.truncated",
                    f"数据库只有 {size} 个序号，库外账本文件有 {size + extra} 条：第 {size} 号起的条目被删除，或数据库被恢复到旧备份",
                    index=size,
                )
            )


def _name_odd(odd: list[_Odd], part: Part) -> None:
    """Leaves that differ from the journal: swapped with one another, or replaced."""
    already = {f.index for f in part.findings if f.code in ("entry.altered", "entry.missing")}
    rightful = {row.kept: row.index for row in odd}
    for row in odd:
        if row.index in already:
            continue
        home = rightful.get(row.leaf)
        if home is not None:
            sentence = f"第 {row.index} 号位置上是原第 {home} 号的条目：序号被调换"
            part.findings.append(Finding("place.swapped", sentence, row.index, row.entry_id))
        else:
            sentence = f"第 {row.index} 号条目与库外账本文件不一致：条目被替换，或账本文件被改动"
            part.findings.append(Finding("entry.replaced", sentence, row.index, row.entry_id))


def _checkpoints(log: Log | None, part: Part, signatures: int) -> dict[int, bytes]:
    """Signed roots by size; forged ones become findings and are not used."""
    signed: dict[int, bytes] = {}
    keyring = _Keyring(log)
    if log is not None and not _key_fits(log):
        part.findings.append(
            Finding("log.key", "账本公钥与密钥目录中保存的公钥不一致：账本登记被改动，或密钥目录被更换")
        )
    total = Checkpoint.objects.count()
    unread = max(0, total - signatures)
    if unread:
        part.notes.append(
            f"较早的 {unread} 个检查点只核对了根散列，未逐个验签（--all-signatures 可全部验签）"
        )
    before, covered = None, 0
    head: TreeHead | None
    for size, root, at, note in (
        Checkpoint.objects.order_by("size").values_list("size", "root", "at", "note").iterator()
    ):
        part.checkpoints += 1
        try:
            if part.checkpoints <= unread:
                text = notes.parse(note).text
            else:
                text = keyring.check(note, covered, every=total - part.checkpoints < SM2_SIGNATURES)
            found = TreeHead.parse(text)
            head, after = found, found.after
        except notes.BadNote:
            head, after = None, None
        if head is None or log is None or head.origin != log.origin:
            part.findings.append(
                Finding("checkpoint.forged", f"第 {size} 条处的检查点签名不成立：检查点被伪造或改动", size)
            )
            continue
        if head.size != size or head.root != bytes(root) or f"time {moment(at)}" not in head.extensions:
            part.findings.append(
                Finding("checkpoint.forged", f"第 {size} 条处的检查点与其签名文本不一致", size)
            )
        if after is not None and after != covered:
            part.findings.append(Finding("checkpoint.missing", f"第 {after} 条处的检查点已被删除", after))
        signed[head.size] = head.root
        covered = head.size
        if before is not None and at < before:
            part.findings.append(Finding("checkpoint.time", f"第 {size} 条处的检查点早于前一检查点", size))
        before = at
    if log is not None:
        part.findings += _unregistered_keys(log)
    return signed


def _unregistered_keys(log: Log) -> list[Finding]:
    """Keys under the log's own name that signed the newest checkpoint and are in no register any more."""
    newest = Checkpoint.objects.order_by("-size").values_list("note", flat=True).first()
    try:
        signed = notes.parse(newest).signatures if newest else ()
        known = {
            notes.VerifierKey.parse(key).id
            for key in (log.vkey, *LogKey.objects.values_list("vkey", flat=True))
        }
    except notes.BadNote:
        return []  # told as a forged checkpoint, or as a key that does not fit
    lost = sorted(given.hex() for name, given, _ in signed if name == log.origin and given not in known)
    return [
        Finding("log.key_missing", f"签发最新检查点的公钥 {given} 已不在登记中：密钥登记被删除或改动")
        for given in lost
    ]


class _Keyring:
    """The keys that must have signed a checkpoint, by what the one before it covers."""

    def __init__(self, log: Log | None) -> None:
        self._ladder = Ladder(log) if log else None
        self._parsed: dict[str, notes.VerifierKey] = {}

    def check(self, note: str, covered: int, *, every: bool) -> str:
        """The note's text. BadNote unless the Ed25519 key in force signed it and, with ``every``, the
        SM2 key where it is there; a machine without SM2 leaves that out."""
        keys = []
        for text in self._ladder.at(covered) if self._ladder else ():
            key = self._parsed.get(text) or self._parsed.setdefault(text, notes.VerifierKey.parse(text))
            if key.kind == notes.ED25519 or (every and not sm2.missing()):
                keys.append(key)
        text, signers = notes.verify(note, keys)
        if not any(key.kind == notes.ED25519 for key, _ in signers):
            raise notes.BadNote("not signed by the log's key")
        return text


def _key_fits(log: Log) -> bool:
    """The database's keys are those in the folder (where one never announced may lie besides)."""
    kept = keys.published(log.name)
    if not kept:
        return not Checkpoint.objects.exists()
    return set(all_keys(log)) <= set(kept)


def _compare(signed: dict[int, bytes], ladder: dict[int, bytes], size: int, part: Part) -> None:
    """Signed roots against computed ones: names the first stretch that does not fit."""
    good = 0
    for at in sorted(signed):
        if at > size:
            sentence = f"检查点已签到第 {at} 条，数据库只有 {size} 个序号：账本被截断"
            part.findings.append(Finding("log.truncated", sentence, size))
            return
        if ladder.get(at) != signed[at]:
            sentence = f"第 {good} 至 {at - 1} 号条目中有改动：算出的根与已签发的检查点不一致"
            part.findings.append(Finding("root.differs", sentence, good))
            return
        good = at
    if size > good:
        part.findings.append(Finding("place.unsigned", f"第 {good} 至 {size - 1} 号没有检查点签名", good))


def _outside(log: Log | None, size: int, signed: dict[int, bytes], part: Part) -> None:
    if log is None:
        return
    try:
        kept = store.outside(log)
    except LedgerError as error:
        part.findings.append(Finding("checkpoint.outside", error.sentence))
        return
    if kept is None:
        if signed:
            part.notes.append("库外没有保存检查点")
        return
    head = kept[0]
    if head.size > size:
        sentence = (
            f"库外检查点已签到第 {head.size} 条，数据库只有 {size} 个序号：账本被截断，或数据库被恢复到旧备份"
        )
        part.findings.append(Finding("log.truncated", sentence, size))
    elif signed.get(head.size) != head.root:
        part.findings.append(Finding("checkpoint.outside", "库外检查点与数据库中的检查点不一致", head.size))
    others = [p.name for p in store.folder(log).parent.iterdir() if p.is_dir() and p.name != log.name]
    if others:
        part.notes.append(f"账本目录中另有 {len(others)} 个账本的文件：{'、'.join(sorted(others)[:5])}")


def _unplaced(part: Part) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM ledger_entry")
        part.entries = int(cursor.fetchone()[0])
        cursor.execute(
            "SELECT e.id, e.kind, e.subject, q.entry_id FROM ledger_entry e "
            "LEFT JOIN ledger_place p ON p.entry_id = e.id LEFT JOIN ledger_pending q ON q.entry_id = e.id "
            "WHERE p.entry_id IS NULL ORDER BY e.id LIMIT 1000"
        )
        waiting = 0
        for entry_id, kind, subject, queued in cursor.fetchall():
            if queued is None:
                sentence = f"条目 {entry_id} 没有序号，也不在待编号队列中：序号被删除，或条目绕过系统写入"
                part.findings.append(Finding("entry.unplaced", sentence, None, entry_id, kind, subject))
            else:
                waiting += 1
        if waiting:
            part.notes.append(f"{waiting} 条待编号（后台进程未运行时会积压）")


@cache
def guarded_tables() -> tuple[str, ...]:
    """Tables that the migrations on disk made append-only."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    tables = {
        operation.table
        for migration in loader.disk_migrations.values()
        for operation in migration.operations
        if isinstance(operation, AppendOnly)
    }
    return tuple(sorted(tables))


def _missing_guards() -> list[Finding]:
    """Append-only tables whose triggers are not there (taken off by hand, or lost in a migration)."""
    here = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'")
        else:
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        present = {row[0] for row in cursor.fetchall()}
    found = []
    for table in guarded_tables():
        lost = [name for name in trigger_names(connection.vendor, table) if name not in present]
        if table in here and lost:
            found.append(
                Finding("guard.missing", f"数据表 {table} 的防改触发器缺失：{'、'.join(lost)}", subject=table)
            )
    if "ledger_entry" in here and "ledger_entry_queue" not in present:
        found.append(Finding("guard.missing", "账本条目的编号触发器缺失", subject="ledger_entry"))
    return found

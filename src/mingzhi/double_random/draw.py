"""The draw itself: a pure function of the pool and a seed, so that anybody can make it again.

Standard library only. The algorithm has a name; a change of one step is a new name. In words for other
implementers: docs/algorithms/draw.md.
"""

from __future__ import annotations

import hashlib
import heapq
import json
import sys
from array import array
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

ALGORITHM = "mingzhi-draw-v1"
OFFICERS_EACH = 2
"""执法人员不得少于两人 (行政处罚法第四十二条; 双随机 INS-03)."""
MOST_WEIGHT = 10


@dataclass(frozen=True, slots=True)
class Target:
    """检查对象: its code (统一社会信用代码 or the register's own), its name, and how many lots it holds."""

    code: str
    name: str
    weight: int = 1


@dataclass(frozen=True, slots=True)
class Officer:
    """检查人员, by the number of the enforcement certificate."""

    number: str
    name: str


@dataclass(frozen=True)
class Pool:
    """Who may be drawn. Targets stand in the order of their codes, officers in that of their numbers.

    ``apart`` are pairs of officer number and target code that may not meet (回避). ``ValueError`` for a
    code or number that stands twice, a weight outside 1 to ``MOST_WEIGHT``, or a pair of nobody.
    """

    targets: tuple[Target, ...]
    officers: tuple[Officer, ...]
    apart: frozenset[tuple[str, str]] = frozenset()
    avoiders: Mapping[str, frozenset[str]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        codes, numbers = [t.code for t in self.targets], [o.number for o in self.officers]
        for what in (codes, numbers):
            if any(a >= b for a, b in pairwise(what)):
                raise ValueError("名录应按编码排序且不得重复")
        if any(not 1 <= t.weight <= MOST_WEIGHT for t in self.targets):
            raise ValueError(f"权重应为 1 至 {MOST_WEIGHT}")
        known, there = set(numbers), set(codes)
        avoiders: dict[str, set[str]] = {}
        for number, code in self.apart:
            if number not in known or code not in there:
                raise ValueError("回避登记中有名录以外的人员或者对象")
            avoiders.setdefault(code, set()).add(number)
        object.__setattr__(self, "avoiders", {code: frozenset(who) for code, who in avoiders.items()})

    @classmethod
    def of(
        cls, targets: Iterable[Target], officers: Iterable[Officer], apart: Iterable[tuple[str, str]] = ()
    ) -> Pool:
        return cls(
            tuple(sorted(targets, key=lambda t: t.code)),
            tuple(sorted(officers, key=lambda o: o.number)),
            frozenset(apart),
        )

    def text(self) -> str:
        """The pool as it is kept and published: one line of JSON for each, always the same bytes."""
        lines = [["algorithm", ALGORITHM]]
        lines += [["target", t.code, t.name, t.weight] for t in self.targets]  # type: ignore[list-item]
        lines += [["officer", o.number, o.name] for o in self.officers]
        lines += [["apart", number, code] for number, code in sorted(self.apart)]
        encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
        return "\n".join(map(encode, lines)) + "\n"

    def digest(self) -> str:
        """SHA-256 of ``text``, hex."""
        return hashlib.sha256(self.text().encode()).hexdigest()

    @classmethod
    def parse(cls, text: str) -> Pool:
        """The inverse of ``text``; ``ValueError`` for anything that ``text`` would not have written."""
        targets, officers, apart, head = [], [], [], ""
        for line in text.splitlines():
            match json.loads(line):
                case ["algorithm", str(name)]:
                    head = name
                case ["target", str(code), str(name), int(weight)]:
                    targets.append(Target(code, name, weight))
                case ["officer", str(number), str(name)]:
                    officers.append(Officer(number, name))
                case ["apart", str(number), str(code)]:
                    apart.append((number, code))
                case _:
                    raise ValueError("名录文件中有无法识别的行")
        if head != ALGORITHM:
            raise ValueError(f"名录文件的抽取方法不是 {ALGORITHM}")
        return cls(tuple(targets), tuple(officers), frozenset(apart))

    def unattended(self) -> list[Target]:
        """Targets for which fewer than two officers are left after avoidance."""
        if len(self.officers) < OFFICERS_EACH:
            return list(self.targets)
        short = {c for c, away in self.avoiders.items() if len(self.officers) - len(away) < OFFICERS_EACH}
        return [t for t in self.targets if t.code in short] if short else []


@dataclass(frozen=True, slots=True)
class Drawn:
    """One drawn target, in the order of the draw, and the officers sent there."""

    target: Target
    officers: tuple[Officer, Officer]


def commitment(secret: bytes) -> str:
    """What is published before the draw; the secret itself is published after it."""
    return hashlib.sha256(b"mingzhi-draw-v1 commitment\n" + secret).hexdigest()


def seed_of(secret: bytes, words: str, root: bytes) -> bytes:
    """The seed: from the secret that was committed to, the number called out by those present, and the
    root of a ledger checkpoint that did not exist when the commitment was made."""
    parts = (secret, words.encode(), root)
    return hashlib.sha256(
        b"mingzhi-draw-v1 seed\n" + b"".join(len(p).to_bytes(4, "big") + p for p in parts)
    ).digest()


def lots(seed: bytes, label: str, count: int) -> array[int]:
    """``count`` numbers of 64 bits: SHAKE-256 over the seed and what they are for, big-endian."""
    found = array("Q", hashlib.shake_256(seed + label.encode()).digest(8 * count))
    if sys.byteorder == "little":
        found.byteswap()
    return found


def _lowest(pool: Pool, seed: bytes) -> Sequence[int]:
    """Each target's lowest lot: a target of weight n holds n lots."""
    total = sum(t.weight for t in pool.targets)
    drawn = lots(seed, "targets", total)
    if total == len(pool.targets):
        return drawn
    lowest, place = array("Q"), 0
    for target in pool.targets:
        lowest.append(min(drawn[place : place + target.weight]))
        place += target.weight
    return lowest


def chosen(pool: Pool, seed: bytes, count: int) -> list[int]:
    """Places of the ``count`` targets with the lowest lots, the lowest first; equal lots by place."""
    lowest = _lowest(pool, seed)
    size = len(lowest)
    if count > size or count < 0:
        raise ValueError("抽取数量超过名录中的对象")
    # A cut that some more than ``count`` lots are expected to lie below spares sorting the rest.
    cut = (1 << 64) * (count + 8 * (count**0.5) + 32) / max(size, 1)
    below = [(lot, place) for place, lot in enumerate(lowest) if lot < cut]
    if len(below) < count:
        below = [(lot, place) for place, lot in enumerate(lowest)]
    return (
        [place for _, place in heapq.nsmallest(count, below)]
        if count * 4 < len(below)
        else [place for _, place in sorted(below)[:count]]
    )


def _turns(pool: Pool, seed: bytes) -> Iterator[list[Officer]]:
    """The officers in a new random order for each round."""
    size, number = len(pool.officers), 0
    while True:
        drawn = lots(seed, f"officers {number}", size)
        yield [pool.officers[i] for i in sorted(range(size), key=lambda i: (drawn[i], i))]
        number += 1


def run(pool: Pool, seed: bytes, count: int) -> list[Drawn]:
    """The draw: ``count`` targets, and for each the next two officers in turn who need not avoid it.

    Every officer has a turn before anybody has another, so that loads differ by one where nobody avoids
    anything. ``ValueError`` when a target is left with fewer than two officers.
    """
    if pool.unattended():
        raise ValueError("有检查对象在回避后不足两名检查人员")
    rounds = _turns(pool, seed)
    turn: deque[Officer] = deque()
    found = []
    for place in chosen(pool, seed, count):
        target = pool.targets[place]
        away = pool.avoiders.get(target.code, frozenset())
        pair: list[Officer] = []
        passed: list[Officer] = []
        while len(pair) < OFFICERS_EACH:
            if not turn:
                turn.extend(next(rounds))
            officer = turn.popleft()
            if officer.number in away or officer in pair:
                passed.append(officer)
            else:
                pair.append(officer)
        turn.extendleft(reversed(passed))
        found.append(Drawn(target, (pair[0], pair[1])))
    return found


def substitutes(pool: Pool, seed: bytes, code: str, nth: int) -> list[Officer]:
    """In which order officers replace one who cannot go to a target: the ``nth`` replacement there."""
    drawn = lots(seed, f"replacement {code} {nth}", len(pool.officers))
    away = pool.avoiders.get(code, frozenset())
    order = sorted(range(len(pool.officers)), key=lambda i: (drawn[i], i))
    return [pool.officers[i] for i in order if pool.officers[i].number not in away]


def replaced(pool: Pool, seed: bytes, drawn: Sequence[Drawn], changes: Iterable[Mapping[str, Any]]) -> bool:
    """Whether every replacement is the next of the draw's own order: ``place``, ``out``, ``into``, and
    ``passed``, those passed over because they held no valid certificate that day."""
    going = [[o.number for o in d.officers] for d in drawn]
    been = [set(pair) for pair in going]
    times = [0] * len(drawn)
    for change in changes:
        at = int(change["place"]) - 1
        if not 0 <= at < len(drawn) or change["out"] not in going[at]:
            return False
        times[at] += 1
        order = substitutes(pool, seed, drawn[at].target.code, times[at])
        waiting = [o.number for o in order if o.number not in been[at]]
        passed = list(change["passed"])
        if waiting[: len(passed) + 1] != [*passed, change["into"]]:
            return False
        going[at][going[at].index(change["out"])] = change["into"]
        been[at].add(change["into"])
    return True


def outcome_digest(drawn: Sequence[Drawn]) -> str:
    """SHA-256 over who was drawn and who goes there, in order."""
    total = hashlib.sha256()
    for place, one in enumerate(drawn, start=1):
        total.update(
            json.dumps(
                [place, one.target.code, *(o.number for o in one.officers)], ensure_ascii=False
            ).encode()
            + b"\n"
        )
    return total.hexdigest()


@dataclass(frozen=True, slots=True)
class Checked:
    """What making the draw again found: sentences, and whether all of it agrees."""

    ok: bool
    lines: tuple[str, ...]
    drawn: tuple[Drawn, ...] = ()


def verify(record: Mapping[str, Any]) -> Checked:
    """Make a published draw (``draw.json``) again from what it says of itself.

    Whether its checkpoint was signed by the bureau's ledger and came after the commitment is the
    verifier's to say (``mingzhi draw verify`` with the public key).
    """
    try:
        pool = Pool.parse(record["pool"])
        secret, words = bytes.fromhex(record["secret"]), str(record["words"])
        seed = seed_of(secret, words, bytes.fromhex(record["root"]))
        wanted = [(str(d["code"]), tuple(str(n) for n in d["officers"])) for d in record["drawn"]]
        if record["algorithm"] != ALGORITHM:
            return Checked(False, (f"不能识别抽取方法“{record['algorithm']}”",))
        checks = (
            (
                pool.digest() == record["pool_digest"],
                "名录与抽取前公布的摘要一致",
                "名录与抽取前公布的摘要不一致",
            ),
            (
                commitment(secret) == record["commitment"],
                "随机数与抽取前公布的承诺值一致",
                "随机数与抽取前公布的承诺值不一致",
            ),
            (
                seed.hex() == record["seed"],
                "种子由随机数、现场报数和检查点推得",
                "种子与随机数、现场报数和检查点不符",
            ),
        )
        lines = [("✓ " + good if ok else "✗ " + bad) for ok, good, bad in checks]
        drawn = run(pool, seed, len(wanted))
        same = [(d.target.code, tuple(o.number for o in d.officers)) for d in drawn] == wanted
        next_ones = same and replaced(pool, seed, drawn, record.get("replaced", ()))
    except (KeyError, TypeError, ValueError) as error:
        return Checked(False, (f"文件内容不完整或者格式不正确：{error}",))
    lines.append(
        f"✓ 重新抽取的 {len(wanted)} 个对象及检查人员与公布的一致"
        if same
        else "✗ 重新抽取的结果与公布的不一致"
    )
    if record.get("replaced"):
        lines.append(
            "✓ 替换的检查人员符合抽取时确定的次序" if next_ones else "✗ 替换的检查人员不符合抽取时确定的次序"
        )
    return Checked(next_ones and all(ok for ok, *_ in checks), tuple(lines), tuple(drawn))

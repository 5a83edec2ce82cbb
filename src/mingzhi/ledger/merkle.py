"""RFC 6962 Merkle trees over SHA-256: roots, proofs and their checks. Pure: hashlib only.

A tree is read through ``node(level, index)``: level 0 holds leaf hashes, level k the roots of
complete subtrees of 2**k leaves. Whoever stores those (``ledger.tree``) gets every root and proof
of every earlier size in O(log n). docs/algorithms/ledger.md gives the definitions in words.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from hashlib import sha256

Node = Callable[[int, int], bytes]

HASH_BYTES = 32
_STRETCH = 8  # subtrees of 256 leaves
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(data: bytes) -> bytes:
    """Hash of one entry's bytes (RFC 6962 §2.1: ``SHA-256(0x00 || data)``)."""
    return sha256(b"\x00" + data).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node (RFC 6962 §2.1: ``SHA-256(0x01 || left || right)``)."""
    return sha256(b"\x01" + left + right).digest()


def peaks(size: int) -> list[tuple[int, int]]:
    """The complete subtrees that make up a tree of ``size`` leaves, left to right, as (level, index)."""
    found = []
    start = 0
    for level in range(size.bit_length() - 1, -1, -1):
        if size >> level & 1:
            found.append((level, start >> level))
            start += 1 << level
    return found


def fold(hashes: Sequence[bytes]) -> bytes:
    """The root over peak hashes given left to right."""
    if not hashes:
        return EMPTY_ROOT
    root = hashes[-1]
    for left in reversed(hashes[:-1]):
        root = sha256(b"\x01" + left + root).digest()
    return root


def root(node: Node, size: int) -> bytes:
    """Root of the first ``size`` leaves."""
    return fold([node(level, index) for level, index in peaks(size)])


def root_of(leaves: Iterable[bytes]) -> bytes:
    """Root over leaf hashes, in one pass and O(log n) memory."""
    edge = Edge()
    edge.extend(leaves)
    return edge.root()


class Edge:
    """The right edge of a growing tree: its peaks. Enough to append and to know the root."""

    def __init__(self, size: int = 0, hashes: Sequence[bytes] = ()) -> None:
        self.size = size
        self.hashes = list(hashes)

    @classmethod
    def of(cls, node: Node, size: int) -> Edge:
        return cls(size, [node(level, index) for level, index in peaks(size)])

    def extend(self, leaves: Iterable[bytes]) -> None:
        """Append leaf hashes. A stretch that fills whole subtrees is hashed level by level."""
        items = list(leaves)
        done = 0
        while done < len(items):
            level = min((self.size & -self.size).bit_length() - 1 if self.size else 63, _STRETCH)
            if level == _STRETCH and len(items) - done >= 1 << level:
                row = items[done : done + (1 << level)]
                while len(row) > 1:
                    row = [sha256(b"\x01" + a + b).digest() for a, b in zip(row[::2], row[1::2], strict=True)]
                self._push(row[0], level)
                done += 1 << level
            else:
                self._push(items[done], 0)
                done += 1

    def _push(self, carry: bytes, level: int) -> None:
        bits = self.size >> level
        while bits & 1:
            carry = sha256(b"\x01" + self.hashes.pop() + carry).digest()
            bits >>= 1
        self.hashes.append(carry)
        self.size += 1 << level

    def root(self) -> bytes:
        return fold(self.hashes)


def _range_root(node: Node, start: int, end: int) -> bytes:
    """Root over leaves ``start``…``end``-1, where ``start`` is a multiple of the subtree's width."""
    return fold([node(level, index + (start >> level)) for level, index in peaks(end - start)])


def inclusion(node: Node, index: int, size: int) -> list[bytes]:
    """Audit path of leaf ``index`` in the tree of ``size`` leaves (RFC 6962 §2.1.1), leaf upwards."""
    if not 0 <= index < size:
        raise ValueError(f"no leaf {index} in a tree of {size}")
    path = []
    level, at, last = 0, index, size - 1
    while last > 0:
        if at & 1:
            path.append(node(level, at - 1))
        elif at < last:
            first = (at + 1) << level
            if at + 1 < last or (at + 2) << level <= size:
                path.append(node(level, at + 1))
            else:
                path.append(_range_root(node, first, size))
        at >>= 1
        last >>= 1
        level += 1
    return path


def consistency(node: Node, old: int, new: int) -> list[bytes]:
    """Proof that the tree of ``old`` leaves is a prefix of that of ``new`` (RFC 6962 §2.1.2)."""
    if not 0 <= old <= new:
        raise ValueError(f"no consistency between {old} and {new}")
    if old in (0, new):
        return []
    low = (old & -old).bit_length() - 1  # the smallest complete subtree at the old right edge
    at, last = (old - 1) >> low, (new - 1) >> low
    path = []
    if old & (old - 1):
        path.append(node(low, at))
    level = low
    while last > 0:
        if at & 1:
            path.append(node(level, at - 1))
        elif at < last:
            if at + 1 < last or (at + 2) << level <= new:
                path.append(node(level, at + 1))
            else:
                path.append(_range_root(node, (at + 1) << level, new))
        at >>= 1
        last >>= 1
        level += 1
    return path


def check_inclusion(leaf: bytes, index: int, size: int, path: Sequence[bytes], expected: bytes) -> bool:
    """Whether ``path`` proves that ``leaf`` sits at ``index`` of the tree of ``size`` with that root.

    The procedure of RFC 9162 §2.1.3.2.
    """
    if not 0 <= index < size or any(len(h) != HASH_BYTES for h in (leaf, expected, *path)):
        return False
    at, last, reached = index, size - 1, leaf
    for step in path:
        if last == 0:
            return False
        if at & 1 or at == last:
            reached = node_hash(step, reached)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            reached = node_hash(reached, step)
        at >>= 1
        last >>= 1
    return last == 0 and reached == expected


def check_consistency(old: int, new: int, old_root: bytes, new_root: bytes, path: Sequence[bytes]) -> bool:
    """Whether ``path`` proves that the old tree is a prefix of the new one (RFC 9162 §2.1.4.2).

    A tree of size 0 is a prefix of every tree; its proof is empty and its root is the empty root.
    """
    if not 0 <= old <= new or any(len(h) != HASH_BYTES for h in (old_root, new_root, *path)):
        return False
    if old == 0 and old_root != EMPTY_ROOT:
        return False
    if old in (0, new):
        return not path and (old_root == new_root or old < new)
    if not path:
        return False
    steps = list(path)
    if old & (old - 1) == 0:
        steps.insert(0, old_root)
    at, last = old - 1, new - 1
    while at & 1:
        at >>= 1
        last >>= 1
    first = second = steps[0]
    for step in steps[1:]:
        if last == 0:
            return False
        if at & 1 or at == last:
            first = node_hash(step, first)
            second = node_hash(step, second)
            while not at & 1 and at:
                at >>= 1
                last >>= 1
        else:
            second = node_hash(second, step)
        at >>= 1
        last >>= 1
    return last == 0 and first == old_root and second == new_root


def is_subtree(start: int, end: int, size: int) -> bool:
    """Whether leaves ``start``…``end``-1 form a subtree (draft-ietf-plants-merkle-tree-certs §4.1)."""
    return 0 <= start < end <= size and start & ((1 << (end - start - 1).bit_length()) - 1) == 0


def check_subtree_inclusion(  # noqa: PLR0917 — the order of the specification
    leaf: bytes, index: int, start: int, end: int, path: Sequence[bytes], expected: bytes
) -> bool:
    """Whether leaf ``index`` is in the subtree ``start``…``end``-1 with that root (§4.3.2 there).

    Witnesses sign subtrees; a mirror that holds only a range proves its entries this way.
    """
    return is_subtree(start, end, end) and check_inclusion(leaf, index - start, end - start, path, expected)


def check_subtree_consistency(  # noqa: PLR0917 — the order of the specification
    start: int, end: int, size: int, subtree_root: bytes, tree_root: bytes, path: Sequence[bytes]
) -> bool:
    """Whether that subtree belongs to the tree of ``size`` with that root (§4.4.3 there).

    The empty subtree belongs to every tree.
    """
    if 0 <= start == end <= size:
        return not path and subtree_root == EMPTY_ROOT
    if not is_subtree(start, end, size) or any(len(h) != HASH_BYTES for h in path):
        return False
    first, last, end_of_all = start, end - 1, size - 1
    at_edge = last == end_of_all
    while first != last and (at_edge or last & 1):
        first, last, end_of_all = first >> 1, last >> 1, end_of_all >> 1
    steps = list(path)
    if first == last:
        part = whole = subtree_root
    elif steps:
        part = whole = steps.pop(0)
    else:
        return False
    for step in steps:
        if end_of_all == 0:
            return False
        if last & 1 or last == end_of_all:
            if first < last:
                part = node_hash(step, part)
            whole = node_hash(step, whole)
            while not last & 1:
                first, last, end_of_all = first >> 1, last >> 1, end_of_all >> 1
        else:
            whole = node_hash(whole, step)
        first, last, end_of_all = first >> 1, last >> 1, end_of_all >> 1
    return end_of_all == 0 and part == subtree_root and whole == tree_root

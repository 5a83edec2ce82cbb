"""Trees, proofs: as RFC 6962 says, as others compute them, and nothing else passes."""

from __future__ import annotations

import base64
import json
from hashlib import sha256

import pymerkle
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.ledger import merkle
from tests.shared_data import shared


def reference_root(leaves: list[bytes]) -> bytes:
    """The recursive definition of RFC 6962 §2.1, word by word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    return merkle.node_hash(reference_root(leaves[:split]), reference_root(leaves[split:]))


def reference_path(index: int, leaves: list[bytes]) -> list[bytes]:
    if len(leaves) == 1:
        return []
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if index < split:
        return [*reference_path(index, leaves[:split]), reference_root(leaves[split:])]
    return [*reference_path(index - split, leaves[split:]), reference_root(leaves[:split])]


def reference_consistency(old: int, leaves: list[bytes], whole: bool = True) -> list[bytes]:
    if old == len(leaves):
        return [] if whole else [reference_root(leaves)]
    split = 1 << ((len(leaves) - 1).bit_length() - 1)
    if old <= split:
        return [*reference_consistency(old, leaves[:split], whole), reference_root(leaves[split:])]
    return [*reference_consistency(old - split, leaves[split:], False), reference_root(leaves[:split])]


class Levels:
    def __init__(self, leaves: list[bytes]) -> None:
        self.rows = [leaves]
        while len(self.rows[-1]) > 1:
            row = self.rows[-1]
            self.rows.append([merkle.node_hash(a, b) for a, b in zip(row[::2], row[1::2], strict=False)])

    def node(self, level: int, index: int) -> bytes:
        return self.rows[level][index]


def leaves_of(count: int) -> list[bytes]:
    return [merkle.leaf_hash(str(i).encode()) for i in range(count)]


def test_agrees_with_the_reference_tree() -> None:
    data = json.loads(shared("oracles/rfc6962_reference_tree.json").read_text())
    leaves = [merkle.leaf_hash(bytes.fromhex(text)) for text in data["leaf_inputs_hex"]]
    levels = Levels(leaves)
    assert [[h.hex() for h in row] for row in levels.rows[:4]] == data["node_hashes_by_level"]
    for size, root in data["root_hash_by_size"].items():
        assert merkle.root(levels.node, int(size)).hex() == root
        assert merkle.root_of(leaves[: int(size)]).hex() == root


def test_agrees_with_518_good_and_bad_proofs() -> None:
    lines = shared("oracles/rfc6962_merkle_testdata.jsonl").read_text().splitlines()
    assert len(lines) >= 518
    differing = []

    def raw(text: str | None) -> bytes:
        return base64.b64decode(text or "")

    for line in lines:
        case = json.loads(line)
        path = [raw(step) for step in case["proof"] or []]
        one, two, leaf = raw(case.get("root1")), raw(case.get("root2")), raw(case.get("leafHash"))
        match case["kind"]:
            case "consistency":
                ok = merkle.check_consistency(case["size1"], case["size2"], one, two, path)
            case "subtreeconsistency":
                ok = merkle.check_subtree_consistency(
                    case["start"], case["end"], case["size"], one, two, path
                )
            case "inclusion":
                ok = merkle.check_inclusion(leaf, case["leafIdx"], case["treeSize"], path, raw(case["root"]))
            case kind:
                assert kind == "subtreeinclusion"
                ok = merkle.check_subtree_inclusion(
                    raw(case["leafHash"]),
                    case["leafIdx"],
                    case["start"],
                    case["end"],
                    path,
                    raw(case["root"]),
                )
        if ok == case["wantErr"]:
            differing.append(case)
    # One differs by convention: it calls two equal placeholders of 12 bytes equal roots; ours have 32.
    assert [case["file"].rsplit("/")[-1] for case in differing] == [
        "sizes-are-equal-one-and-proof-is-empty.json"
    ]


@given(st.integers(0, 130))
def test_every_root_and_proof_is_the_definition(size: int) -> None:
    leaves = leaves_of(size)
    levels = Levels(leaves)
    root = reference_root(leaves)
    assert merkle.root(levels.node, size) == merkle.root_of(leaves) == root
    for index in range(0, size, max(1, size // 9)):
        assert merkle.inclusion(levels.node, index, size) == reference_path(index, leaves)
    for old in range(1, size + 1, max(1, size // 9)):
        path = merkle.consistency(levels.node, old, size)
        assert path == reference_consistency(old, leaves)
        assert merkle.check_consistency(old, size, reference_root(leaves[:old]), root, path)


@given(st.lists(st.binary(max_size=40), max_size=80), st.data())
def test_any_batching_gives_the_same_root(items: list[bytes], data: st.DataObject) -> None:
    leaves = [merkle.leaf_hash(item) for item in items]
    edge, done = merkle.Edge(), 0
    while done < len(leaves):
        step = data.draw(st.integers(1, len(leaves) - done))
        edge.extend(leaves[done : done + step])
        done += step
    assert edge.root() == reference_root(leaves)
    tree = pymerkle.InmemoryTree(algorithm="sha256")
    for item in items:
        tree.append_entry(item)
    if items:
        assert edge.root() == tree.get_root()


@given(st.integers(1, 200), st.data())
def test_an_inclusion_proof_with_anything_changed_fails(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    levels = Levels(leaves)
    index = data.draw(st.integers(0, size - 1))
    path, root = merkle.inclusion(levels.node, index, size), merkle.root_of(leaves)
    assert merkle.check_inclusion(leaves[index], index, size, path, root)
    for other in (index - 1, index + 1, data.draw(st.integers(-5, 400))):
        if other != index:
            assert not merkle.check_inclusion(leaves[index], other, size, path, root)
    flip = data.draw(st.integers(0, 255))
    assert not merkle.check_inclusion(_flip(leaves[index], flip), index, size, path, root)
    assert not merkle.check_inclusion(leaves[index], index, size, path, _flip(root, flip))
    for step in range(len(path)):
        changed = [*path[:step], _flip(path[step], flip), *path[step + 1 :]]
        assert not merkle.check_inclusion(leaves[index], index, size, changed, root)
        assert not merkle.check_inclusion(leaves[index], index, size, path[:step] + path[step + 1 :], root)
    assert not merkle.check_inclusion(leaves[index], index, size, [*path, root], root)
    if (size - 1).bit_length() != size.bit_length() or size == 1:
        assert not merkle.check_inclusion(leaves[index], index, size * 4, path, root)


@given(st.integers(2, 200), st.data())
def test_a_consistency_proof_with_anything_changed_fails(size: int, data: st.DataObject) -> None:
    leaves = leaves_of(size)
    levels = Levels(leaves)
    old = data.draw(st.integers(1, size - 1))
    path = merkle.consistency(levels.node, old, size)
    first, second = merkle.root_of(leaves[:old]), merkle.root_of(leaves)
    flip = data.draw(st.integers(0, 255))
    assert not merkle.check_consistency(old, size, _flip(first, flip), second, path)
    assert not merkle.check_consistency(old, size, first, _flip(second, flip), path)
    assert not merkle.check_consistency(size, old, second, first, path)
    for step in range(len(path)):
        changed = [*path[:step], _flip(path[step], flip), *path[step + 1 :]]
        assert not merkle.check_consistency(old, size, first, second, changed)
    assert not merkle.check_consistency(old, size, first, second, [*path, second])
    assert not merkle.check_consistency(old, size, first, second, path[:-1])


def _flip(value: bytes, bit: int) -> bytes:
    changed = bytearray(value)
    changed[bit // 8] ^= 1 << bit % 8
    return bytes(changed)

"""The files: the same tree after any batching, any stop, any reopening."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.ledger import merkle, tree
from mingzhi.ledger.tree import Tree, TreeBroken
from tests.ledger.test_merkle import Levels, leaves_of


def same(files: Tree, leaves: list[bytes]) -> None:
    levels = Levels(leaves)
    assert files.size == len(leaves)
    assert list(files.leaves(0, files.size)) == leaves
    for level, row in enumerate(levels.rows):
        assert [files.node(level, index) for index in range(len(row))] == row
    with pytest.raises(IndexError):
        files.node(0, len(leaves))


@given(st.lists(st.integers(1, 40), max_size=8), st.booleans())
def test_any_batching_and_reopening_gives_the_same_levels(
    tmp_path_factory: pytest.TempPathFactory, steps: list[int], reopen: bool
) -> None:
    folder = tmp_path_factory.mktemp("tree")
    leaves = leaves_of(sum(steps))
    files, done = Tree(folder, durable=False), 0
    for step in steps:
        files.append(leaves[done : done + step])
        done += step
        if reopen:
            files.close()
            files = Tree(folder, durable=False)
    same(files, leaves)
    files.close()


@given(st.integers(0, 90), st.integers(0, 90))
def test_cutting_leaves_the_smaller_tree(
    tmp_path_factory: pytest.TempPathFactory, size: int, cut: int
) -> None:
    files = Tree(tmp_path_factory.mktemp("tree"), durable=False)
    leaves = leaves_of(size)
    files.append(leaves)
    cut = min(cut, size)
    files.truncate(cut)
    same(files, leaves[:cut])
    files.append(leaves[cut:])
    same(files, leaves)
    files.close()


def test_a_reader_in_another_process_sees_what_was_appended(tmp_path: Path) -> None:
    writer, reader = Tree(tmp_path), Tree(tmp_path)
    leaves = leaves_of(100)
    writer.append(leaves[:60])
    assert reader.root(60) == merkle.root_of(leaves[:60])
    writer.append(leaves[60:])
    assert reader.root(100) == merkle.root_of(leaves)
    same(reader, leaves)


def test_spoiled_upper_levels_are_made_again(tmp_path: Path) -> None:
    files = Tree(tmp_path)
    files.append(leaves_of(77))
    files.close()
    for path in tmp_path.glob("level-0[1-9]"):
        path.write_bytes(os.urandom(path.stat().st_size + 5))
    journal = tmp_path / "level-00"
    journal.write_bytes(journal.read_bytes() + b"half a hash")
    same(Tree(tmp_path), leaves_of(77))


def test_the_mark_moves_and_only_the_rest_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tree, "SYNC_EVERY", 32)
    files = Tree(tmp_path)
    files.append(leaves_of(50))
    assert files.unsynced == 50
    files.close()
    again = Tree(tmp_path)
    assert again.unsynced == 50
    same(again, leaves_of(50))


@pytest.mark.parametrize("kept", [False, True])
@pytest.mark.parametrize("call", ["pwrite", "fdatasync"])
@pytest.mark.parametrize("nth", range(1, 9))
def test_each_write_may_fail_kept_or_not(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str, nth: int, kept: bool
) -> None:
    leaves = leaves_of(100)
    files = Tree(tmp_path)
    files.append(leaves[:37])
    plain, count = getattr(os, call), 0

    def failing(*args: object) -> object:
        nonlocal count
        count += 1
        if count == nth:
            if kept:
                plain(*args)
            raise OSError(errno.EIO, "injected")
        return plain(*args)

    with monkeypatch.context() as patch:
        patch.setattr(os, call, failing)
        try:
            files.append(leaves[37:])
        except TreeBroken:
            with pytest.raises(TreeBroken):
                files.append(leaves[:1])
        else:
            assert count < nth
    again = Tree(tmp_path)
    assert again.size in (37, 100)
    same(again, leaves[: again.size])
    again.append(leaves[again.size :])
    same(again, leaves)

"""A real server over a real socket, killed at random moments, with npm's tus-js-client as the client.

A few kills here; ``python -m bench kills --count 1000`` does as many as one has patience for."""

import shutil

import pytest

from bench import bureau, kills
from tests import migrated

pytestmark = pytest.mark.slow


def test_a_killed_server_loses_no_byte_it_vouched_for(tmp_path):
    if shutil.which("node") is None or not kills.library().is_file():
        pytest.skip("NOT RUN: node or tus-js-client is not on this machine (./test fetches the library)")
    migrated.lay_under(tmp_path / bureau.PROFILE)
    found = kills.run(tmp_path, count=4, size=6 << 20, chunk=500_000, seed=7)
    assert found["kills"] == 4 and found["lost"] == found["different"] == found["left_after_tidy"] == 0

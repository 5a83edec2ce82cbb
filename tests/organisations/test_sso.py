"""OIDC sign-on against a real provider on a real socket, in a process of its own (settings are read once)."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
WALK = Path(__file__).with_name("sso_walk.py")


def test_sign_on_is_absent_without_an_issuer(client, db):
    assert client.get("/oidc/start/").status_code == 404
    assert "统一身份认证" not in client.get("/login/").content.decode()


def test_sign_on_opens_known_accounts_only():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    inherited = {k: v for k, v in os.environ.items() if k != "MINGZHI_TEST_DATABASE_URL"}
    run = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "-p", "no:cacheprovider", str(WALK)],
        cwd=ROOT,
        env={
            **inherited,
            "PYTHONPATH": os.pathsep.join([str(ROOT / "src"), str(ROOT), os.environ.get("PYTHONPATH", "")]),
            "MINGZHI_OIDC_ISSUER": f"http://127.0.0.1:{port}",
            "MINGZHI_OIDC_CLIENT_ID": "mingzhi",
            "MINGZHI_OIDC_CLIENT_SECRET": "a-shared-secret",
        },
        capture_output=True,
        text=True,
        timeout=240,
        check=False,
    )
    assert run.returncode == 0, run.stdout[-4000:] + run.stderr[-2000:]

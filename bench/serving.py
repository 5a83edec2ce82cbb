"""A real server over an installation of its own, with one person logged in: for uploads and kills.

python -m bench.serving FOLDER      makes the installation; prints the log-in as JSON
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

from bench import bureau as house

WAIT = 60.0
START = 300.0
"""Seconds that a server may take to come up, on a machine as busy as it is."""


def prepare(folder: Path) -> dict[str, str]:
    """Database and people of one bureau in ``folder``, in a process of its own; headers of a log-in."""
    environment = {**os.environ, **house.environment(str(folder)), "PYTHONPATH": os.pathsep.join(sys.path)}
    done = subprocess.run(
        [sys.executable, "-m", "bench.serving", str(folder)],
        cwd=house.ROOT, env=environment, capture_output=True, text=True, check=True,
    )  # fmt: skip
    headers: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
    return headers


def _made() -> dict[str, str]:
    import django

    django.setup()
    from importlib import import_module

    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.core.management import call_command

    from mingzhi.kernel import clock
    from mingzhi.organisations import api as organisations

    for alias in ("default", "attempts"):
        call_command("migrate", database=alias, verbosity=0)
    Path(settings.FILES_ROOT).mkdir(parents=True, exist_ok=True)
    loaded = organisations.load_bureau(house.PROFILE, at=clock.now())
    account = organisations.accounts.account(loaded.accounts["officer1"])
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(account.pk)
    session[BACKEND_SESSION_KEY] = settings.AUTHENTICATION_BACKENDS[-1]
    session[HASH_SESSION_KEY] = account.get_session_auth_hash()
    session.create()
    token = "a" * 32
    return {
        "Cookie": f"{settings.SESSION_COOKIE_NAME}={session.session_key}; {settings.CSRF_COOKIE_NAME}={token}",
        "X-CSRFToken": token,
    }


class Server:
    """``mingzhi serve`` on a free port of the loopback; can be killed and started again."""

    def __init__(
        self, folder: Path, under: tuple[str, ...] = (), options: tuple[str, ...] = (), **variables: str
    ) -> None:
        self.folder = folder
        self.options = options
        """Of ``mingzhi serve``."""
        self.under = under
        """A program to run the server under, with its options."""
        self.environment = {
            **os.environ, **house.environment(str(folder)), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p),
            "DJANGO_SETTINGS_MODULE": "config.settings.dev", **variables,
        }  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port: int = free.getsockname()[1]
        self.process: subprocess.Popen[bytes] | None = None

    def start(self, command: list[str] | None = None) -> float:
        """Seconds until it answers. ``command``: another server than ours, on our port."""
        began = time.monotonic()
        ours = [
            sys.executable,
            "-c",
            "from mingzhi.cli import main; main()",
            "serve",
            "--port",
            str(self.port),
        ]
        self.process = subprocess.Popen(
            command or [*self.under, *ours, *self.options],
            cwd=house.ROOT, env=self.environment, start_new_session=True, stdout=subprocess.DEVNULL,
        )  # fmt: skip
        while time.monotonic() - began < START:
            with contextlib.suppress(OSError):
                if self.ask("GET", "/healthz")[0] == 200:
                    return time.monotonic() - began
            time.sleep(0.02)
        self.kill()
        raise TimeoutError("the server does not answer")

    def ask(
        self, method: str, path: str, body: bytes | None = None, headers: dict[str, str] | None = None
    ) -> tuple[int, dict[str, str], bytes]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=WAIT)
        try:
            connection.request(method, path, body, headers or {})
            answer = connection.getresponse()
            return answer.status, {k.lower(): v for k, v in answer.getheaders()}, answer.read()
        finally:
            connection.close()

    def kill(self) -> None:
        """SIGKILL to the whole process group: nobody gets to clean up."""
        if self.process is not None:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            self.process = None

    def resident(self) -> int:
        """Highest resident bytes of the server's processes so far."""
        assert self.process is not None
        total = 0
        for entry in Path("/proc").glob("[0-9]*/status"):
            try:
                told: dict[str, Any] = dict(
                    line.split(":", 1) for line in entry.read_text().splitlines() if ":" in line
                )
                if os.getpgid(int(entry.parent.name)) == self.process.pid:
                    total = max(total, int(told.get("VmHWM", "0 kB").split()[0]) * 1024)
            except (OSError, ValueError):
                continue
        return total


if __name__ == "__main__":
    print(json.dumps(_made()))

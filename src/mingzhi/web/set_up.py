"""Setting the house up: database, rooms' own preparations, static files. Every part can be repeated.

Each room that has something to prepare (keys, calendar, packs, bureau, templates) brings a
``setup.py`` with ``prepare(*, profile, at, say)``; they run in floor order.
"""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import sqlite3
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from config import env
from config.settings.apps import ROOMS

PACKAGE = Path(__file__).resolve().parent.parent
STAMP = "init.stamp"
STATIC_STAMP = "static.stamp"
LOGINS = "logins.json"

Say = Callable[[str], None]


def state_of_sources() -> str:
    """One digest over what every set-up depends on, and which database is meant."""
    total = hashlib.sha256(_state_of_package().encode())
    total.update(env.text("MINGZHI_DATABASE_URL").encode())
    return total.hexdigest()


def _state_of_package() -> str:
    """Name, size and time of every file of ours, and the locked packages."""
    total = hashlib.sha256()
    for folder, _folders, names in sorted(os.walk(PACKAGE)):
        if "__pycache__" in folder:
            continue
        for name in sorted(names):
            if name.endswith((".pyc", ".md")):
                continue
            status = (Path(folder) / name).stat()
            total.update(f"{folder}/{name}:{status.st_size}:{status.st_mtime_ns};".encode())
    total.update((env.ROOT / "requirements.lock").read_bytes())
    return total.hexdigest()


def applied_migrations() -> str | None:
    """One digest over the migrations that both databases say they have had; ``None`` where one does not
    answer. Asked without Django, since a start that has nothing to do should not load it."""
    from config.settings.databases import DATABASES

    total = hashlib.sha256()
    asked = "SELECT app, name FROM django_migrations ORDER BY app, name"
    try:
        for settings in DATABASES.values():
            if str(settings["ENGINE"]).endswith("postgresql"):
                import psycopg

                with psycopg.connect(env.text("MINGZHI_DATABASE_URL"), connect_timeout=5) as there:
                    found = there.execute(asked).fetchall()
            else:
                with contextlib.closing(sqlite3.connect(f"{_uri(settings)}?mode=ro", uri=True)) as file:
                    found = file.execute(asked).fetchall()
            total.update(repr(found).encode())
    except Exception:  # noqa: BLE001 — whatever is wrong with it, set-up itself meets it and says so
        return None
    return total.hexdigest()


def _uri(settings: dict[str, object]) -> str:
    return Path(str(settings["NAME"])).resolve().as_uri()


def is_current() -> bool:
    """Whether the last set-up of this profile was made from exactly these sources, and the databases still
    have the migrations it left them with: one restored from an older copy does not."""
    stamp = env.data() / STAMP
    if not stamp.is_file():
        return False
    applied = applied_migrations()
    return applied is not None and stamp.read_text("ascii") == f"{state_of_sources()} {applied}"


def stamp() -> None:
    (env.data() / STAMP).write_text(f"{state_of_sources()} {applied_migrations()}", "ascii")


def database(say: Say) -> None:
    """Tables in both databases. Django must be ready."""
    from django.conf import settings
    from django.core.management import call_command

    say("建立、更新数据库表 …")
    call_command("migrate", verbosity=0, interactive=False)
    if settings.DATABASES["attempts"]["NAME"] != settings.DATABASES["default"]["NAME"]:
        call_command("migrate", "ledger", database="attempts", verbosity=0, interactive=False)


def rooms(profile: str, at: datetime, say: Say) -> None:
    """The calendar, the lists, the bureau; then each room's own ``setup.prepare``, in floor order."""
    from mingzhi.catalogue import api as catalogue
    from mingzhi.deadlines import api as deadlines
    from mingzhi.organisations import api as organisations
    from mingzhi.organisations.permissions import Permission

    say("装入工作日历 …")
    may = frozenset({Permission.CONFIG_MANAGE, Permission.CATALOGUE_MANAGE})
    system = organisations.system_actor(0, may)
    deadlines.load_calendar(by=system, at=at)
    say("装入单位、人员与权限 …")
    bureau = organisations.load_bureau(profile, at=at)
    keep_logins(
        [
            {"username": x.username, "password": x.password, "name": x.name, "roles": "、".join(x.roles)}
            for x in bureau.logins
        ]
    )
    say("装入事项、依据、裁量基准与清单 …")
    catalogue.load_packs(by=system, at=at)
    for room in ROOMS:
        name = f"mingzhi.{room}.setup"
        if importlib.util.find_spec(name) is not None:
            importlib.import_module(name).prepare(profile=profile, at=at, say=say)


def static_files(say: Say) -> None:
    """Collected once for all installations of this checkout: another one may be serving them."""
    from django.conf import settings
    from django.core.management import call_command

    from mingzhi.web.messages import compile_catalogues

    kept = env.shared() / STATIC_STAMP
    collected = Path(settings.STATIC_ROOT) / "staticfiles.json"
    if collected.is_file() and kept.is_file() and kept.read_text("ascii") == _state_of_static():
        return
    say("整理网页静态文件与语言包 …")
    compile_catalogues(PACKAGE / "web" / "locale")
    call_command("collectstatic", verbosity=0, interactive=False)
    kept.write_text(_state_of_static(), "ascii")


def _state_of_static() -> str:
    """Our own files, the locked packages, and which browser libraries were fetched."""
    fetched = sorted(path.name for path in (env.shared() / "vendor" / ".stamps").glob("*"))
    return hashlib.sha256(f"{_state_of_package()} {fetched}".encode()).hexdigest()


def keep_logins(logins: list[dict[str, Any]]) -> None:
    """The demonstration log-ins, readable by the owner of the installation only."""
    path = env.data() / LOGINS
    path.touch(mode=0o600)
    path.write_text(json.dumps(logins, ensure_ascii=False, indent=1), "utf-8")


def logins() -> list[dict[str, Any]]:
    path = env.data() / LOGINS
    return json.loads(path.read_text("utf-8")) if path.is_file() else []

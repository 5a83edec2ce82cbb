"""Runs ``making`` in a child process: memory, time and size are limited, and its end is always heard."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from importlib import metadata
from pathlib import Path
from typing import Any

from django.conf import settings

from mingzhi.recording.errors import CannotMake
from mingzhi.recording.making import TOOL

MEMORY = 3 * 1024**3
"""Address space of a child; what it really holds is far less, but encoders reserve much."""
FRAMES = 60_000
"""About forty minutes at 25 frames a second; longer recordings are made in parts."""
PAGES = 200
QUICK_SECONDS = 25
"""For what a person waits for: a picture, a preview, a PDF."""
JOB_SECONDS = 540
"""For the worker; below the outbox's lease, so that no second worker begins the same."""
OUTPUT_BYTES = 8 * 1024**3


def tool() -> str:
    """What made it, so that it can be made again: our own step and the libraries behind it."""
    parts = [f"mingzhi-making {TOOL}"]
    for name in ("av", "pillow", "pypdfium2"):
        try:
            parts.append(f"{name} {metadata.version(name)}")
        except metadata.PackageNotFoundError:
            continue
    return "; ".join(parts)


def font() -> str:
    return str(Path(settings.FONTS_ROOT) / "NotoSansSC_400Regular.ttf")


def make(
    task: Mapping[str, Any],
    *,
    seconds: int = QUICK_SECONDS,
    progress: Callable[[int], None] = lambda _n: None,
) -> dict[str, Any]:
    """Have a task done; what the child found out. Raises ``CannotMake`` with its sentence.

    The child is killed when its time is over and when we are left by an exception.
    """
    given = {
        "boxes": [],
        "mutes": [],
        "clip": None,
        "watermark": "",
        "font": font(),
        "memory": MEMORY,
        "cpu": seconds * 2,
        "size": OUTPUT_BYTES,
        "frames": FRAMES,
        "pages": PAGES,
        **task,
    }
    child = subprocess.Popen(
        [sys.executable, "-m", "mingzhi.recording.making"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env={**_environment(), "PYTHONPATH": os.pathsep.join(p for p in sys.path if p)},
    )
    late = threading.Event()

    def stop() -> None:
        late.set()
        child.kill()

    timer = threading.Timer(seconds, stop)
    timer.start()
    try:
        return _heard(child, json.dumps(given), progress, late, seconds)
    finally:
        timer.cancel()
        child.kill()
        child.wait()
        for pipe in (child.stdin, child.stdout):
            if pipe is not None:
                pipe.close()


def _environment() -> dict[str, str]:
    """Nothing of ours: no keys, no addresses; only where programs and libraries lie."""
    return {k: v for k, v in os.environ.items() if k in {"PATH", "LD_LIBRARY_PATH", "LANG", "TMPDIR"}} | {
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONUTF8": "1",
    }


def _heard(
    child: subprocess.Popen[str],
    task: str,
    progress: Callable[[int], None],
    late: threading.Event,
    seconds: int,
) -> dict[str, Any]:
    if child.stdin is None or child.stdout is None:  # pragma: no cover — both were asked for
        raise CannotMake(why="制作程序没有启动")
    try:
        child.stdin.write(task)
        child.stdin.close()
        for line in child.stdout:
            said = json.loads(line)
            if "progress" in said:
                progress(int(said["progress"]))
            elif "refused" in said:
                raise CannotMake(why=said["refused"])
            else:
                found: dict[str, Any] = said["done"]
                return found
    except (BrokenPipeError, json.JSONDecodeError):
        pass
    if late.is_set():
        raise CannotMake(why=f"用时超过 {seconds} 秒的上限，请缩短时段或者减少内容")
    raise CannotMake(why="原件无法处理，可能已损坏或者过大")


__all__ = ["CannotMake", "font", "make", "tool"]

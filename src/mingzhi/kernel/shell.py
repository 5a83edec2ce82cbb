"""What every command shares: Django set up once, progress on the terminal, errors in plain words.

A command room imports this instead of arranging its own; nothing here knows any room.
"""

from __future__ import annotations

import functools
import json
import os
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import click

from mingzhi.kernel.errors import MingzhiError

T = TypeVar("T")


def setup() -> None:
    """Make Django ready (settings by ``DJANGO_SETTINGS_MODULE``, else the production ones). Idempotent.

    Commands call this inside the function, so that ``--help`` and pure commands stay quick.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    import django
    from django.apps import apps

    if not apps.ready:
        django.setup()


def say(text: str, *, err: bool = False) -> None:
    """One line for a person."""
    click.echo(text, err=err)


def answer(value: Any, *, as_json: bool, text: str | Callable[[], str]) -> None:
    """The command's result: JSON on one line with ``--json``, else the sentence."""
    if as_json:
        click.echo(json.dumps(value, ensure_ascii=False, default=str))
    else:
        click.echo(text() if callable(text) else text)


def progress(items: Iterable[T], label: str, total: int | None = None, every: float = 0.5) -> Iterator[T]:
    """Yield ``items``, telling how far we are on standard error about twice a second."""
    done, started, told = 0, time.monotonic(), time.monotonic()
    terminal = sys.stderr.isatty()
    for item in items:
        yield item
        done += 1
        now = time.monotonic()
        if now - told >= (every if terminal else 5):
            told = now
            rate = done / max(now - started, 1e-6)
            of = f"/{total}" if total is not None else ""
            left = f"，约剩 {max(0, round((total - done) / rate))} 秒" if total is not None and rate else ""
            line = f"{label} {done}{of}，每秒 {rate:.0f} 条{left}"
            sys.stderr.write(f"\r{line}    " if terminal else f"{line}\n")
            sys.stderr.flush()
    if terminal and done:
        sys.stderr.write(f"\r{label} 完成，共 {done} 条，用时 {time.monotonic() - started:.1f} 秒        \n")
        sys.stderr.flush()


def plain_errors(command: Callable[..., T]) -> Callable[..., T]:
    """Decorator: a ``MingzhiError`` becomes its sentences on standard error and exit code 1."""

    @functools.wraps(command)
    def wrapper(*args: Any, **kwargs: Any) -> T:
        try:
            return command(*args, **kwargs)
        except MingzhiError as error:
            tell(error)
            raise SystemExit(1) from None

    return wrapper


def tell(error: MingzhiError) -> None:
    """``error`` on standard error: sentence, all reasons, field problems, remedy, code."""
    lines = [f"未完成：{error.sentence}（{error.code}）"]
    for reason in error.reasons:
        lines.append(f"  · {reason.sentence}" + (f"（{reason.citation}）" if reason.citation else ""))
        if reason.remedy:
            lines.append(f"    处理：{reason.remedy}")
    for name, sentences in error.fields.items():
        lines.extend(f"  · {name}：{sentence}" for sentence in sentences)
    if error.remedy:
        lines.append(f"处理：{error.remedy}")
    click.echo("\n".join(lines), err=True)

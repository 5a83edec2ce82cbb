"""``mingzhi feed``: no Django, no database."""

from __future__ import annotations

import contextlib
import fcntl
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import click

from mingzhi.kernel.shell import answer, say
from mingzhi.ledger.verify import follow_keys
from mingzhi.ledger.verify_command import split_keys
from mingzhi.publication import follow as engine


@click.group("feed")
def feed() -> None:
    """公示数据：在别处保存一份经核验的副本。"""


_KEY = click.option(
    "--key", "keys", multiple=True, help="账本公钥（文本或者文件，可多次）；应从公示机关另行取得"
)
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON")


@feed.command()
@click.argument("source")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@_KEY
@click.option("--every", type=float, default=0.0, help="每隔多少秒再取一次；不填则取完即止")
@click.option("--tries", type=int, default=8, show_default=True, help="连不上时最多尝试几次")
@_JSON
def follow(  # noqa: PLR0917 — click hands them in by name
    source: str, folder: Path, keys: tuple[str, ...], every: float, tries: int, as_json: bool
) -> None:
    """从 SOURCE（公示网址）取公示数据，逐条核验后存入 FOLDER；撤下的随即删除，只留撤下理由。

    中断后重新运行即可从断点继续。退出码：0 已同步；1 连不上或者核验不通过。
    """
    place, get = _source(source)
    with _alone(folder):
        copy = engine.Copy(folder)
        state = copy.open(place, [])
        if not state.keys:
            state.keys = _keys(keys, get)
        while True:
            told = engine.again(copy, state, get, tries=tries, pause=1.0)
            result: dict[str, Any] = {"cursor": told.cursor, "shown": told.shown, "gone": told.gone}
            text = f"已同步至第 {told.cursor} 条：新取得 {told.shown} 件，撤下或者期满 {told.gone} 件"
            if not every or told.shown or told.gone:
                answer(result, as_json=as_json, text=text)
            if not every:
                return
            time.sleep(every)


@feed.command()
@click.argument("source")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@_JSON
@click.pass_context
def check(context: click.Context, source: str, folder: Path, as_json: bool) -> None:
    """把 FOLDER 中的副本与 SOURCE 的全部公示逐件比对。退出码：0 一致；3 有差异。"""
    _, get = _source(source)
    with _alone(folder):
        found = engine.differences(engine.Copy(folder), get)
    answer({"differences": found}, as_json=as_json, text="\n".join(found) or "副本与数据源一致")
    if found:
        context.exit(3)


def _source(source: str) -> tuple[str, engine.Get]:
    parts = urlsplit(source.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise click.BadParameter("应为 http:// 或 https:// 开头的网址", param_hint="SOURCE")
    place = source.strip().rstrip("/")
    return place, engine.http(place)


def _keys(given: tuple[str, ...], get: engine.Get) -> list[str]:
    """Keys to pin. Those the source itself shows are taken with a word of warning."""
    texts = [Path(v).read_text("utf-8") if len(v) < 1000 and Path(v).is_file() else v for v in given]
    if not texts:
        say("未给出账本公钥，首次采用数据源自己公布的公钥；请与公示机关另行公布的公钥核对", err=True)
        texts = [get("ledger/keys").decode("utf-8", "replace")]
    keys: list[str] = []
    links: list[str] = []
    for text in texts:
        here, more = split_keys(text)
        keys, links = keys + here, links + more
    return follow_keys(list(dict.fromkeys(keys)), links)


@contextlib.contextmanager
def _alone(folder: Path) -> Iterator[None]:
    """One at a time per copy."""
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / ".lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise click.ClickException(f"另一个程序正在使用 {folder}") from None
        yield

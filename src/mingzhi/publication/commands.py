"""``mingzhi redact``: masking on the command line. No Django, no database; starts at once."""

from __future__ import annotations

import json
import sys
from typing import Any

import click

from mingzhi.publication import redact as engine


@click.command("redact")
@click.option(
    "--stdin-jsonl", "lines", is_flag=True, help="逐行读取 {“id”, “text”}，逐行输出 {“id”, “masked”, “spans”}"
)
@click.option("--name", "names", multiple=True, help="已知的自然人姓名（可多次），一律遮盖")
@click.option("--keep", "keep", multiple=True, help="应当保留的名称（可多次），如执法机关、执法人员")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON：遮盖后文本与各处位置")
def redact(lines: bool, names: tuple[str, ...], keep: tuple[str, ...], as_json: bool) -> None:
    """遮盖文本中的个人信息：从标准输入读取文本，输出遮盖后的文本。

    遮盖居民身份证号、电话、银行账号、电子邮箱、车牌、证照号、自然人姓名、家庭住址、健康信息；
    保留单位名称、统一社会信用代码、文号、日期、金额和法律条文。
    """
    # Bytes in and out: the terminal's own encoding must not decide what an offset is.
    if lines:
        for raw in sys.stdin.buffer:
            if raw.strip():
                _put(_line(raw, names, keep))
        return
    data = sys.stdin.buffer.read()
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise click.ClickException(
            f"输入不是 UTF-8 文本（第 {error.start + 1} 个字节处），请转换编码后重试"
        ) from None
    done = engine.redact(text, names=names, keep=keep)
    if as_json:
        _put({"masked": done.masked, "spans": _spans(done)})
    else:
        sys.stdout.buffer.write(done.masked.encode("utf-8", "replace"))
        sys.stdout.buffer.flush()


def _line(raw: bytes, names: tuple[str, ...], keep: tuple[str, ...]) -> dict[str, Any]:
    """One line's answer; a line that cannot be read answers with what is wrong, and the next goes on."""
    try:
        item = json.loads(raw.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return {"error": '该行不是有效的 JSON，应为 {"id": …, "text": "…"}'}
    if not isinstance(item, dict):
        return {"error": '该行应为 JSON 对象 {"id": …, "text": "…"}'}
    answer: dict[str, Any] = {"id": item.get("id")}
    text = item.get("text")
    if not isinstance(text, str):
        return answer | {"error": "缺少 text，或者 text 不是文本"}
    more = {key: item.get(key, []) for key in ("names", "keep")}
    if not all(isinstance(v, list) and all(isinstance(x, str) for x in v) for v in more.values()):
        return answer | {"error": "names 和 keep 应为文本列表"}
    done = engine.redact(text, names=(*names, *more["names"]), keep=(*keep, *more["keep"]))
    return answer | {"masked": done.masked, "spans": _spans(done)}


def _spans(done: engine.Redacted) -> list[dict[str, Any]]:
    return [{"kind": s.kind, "start": s.start, "end": s.end, "action": s.action} for s in done.spans]


def _put(answer: dict[str, Any]) -> None:
    text = json.dumps(answer, ensure_ascii=False)
    sys.stdout.buffer.write(text.encode("utf-8", "backslashreplace") + b"\n")
    sys.stdout.buffer.flush()

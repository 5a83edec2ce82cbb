"""``mingzhi ledger witness``: witnessing others' logs and having ours witnessed.

Exit codes: 0 fine, 1 a contradiction is unsettled, or refused, 2 usage.
"""

from __future__ import annotations

from dataclasses import asdict

import click

from mingzhi.kernel import clock, shell

_BY = click.option("--by", required=True, help="操作人（写入访问与尝试记录）")
_JSON = click.option("--json", "as_json", is_flag=True, help="输出 JSON")


@click.group()
def witness() -> None:
    """账本互相见证：为他机关的账本签署见证，请他机关见证本账本，发现不一致即告警。"""


@witness.command("key")
@shell.plain_errors
def key() -> None:
    """打印本机的见证公钥（交给请求见证的机关登记）。"""
    shell.setup()
    from mingzhi.ledger import api

    shell.say(api.witness.key())


@witness.command("watch")
@click.option("--key", "vkeys", multiple=True, required=True, help="对方账本公钥（Ed25519，可再加 SM2）")
@click.option("--url", default="", help="对方账本的读取地址，如 https://对方网址/ledger")
@_BY
@shell.plain_errors
def watch(vkeys: tuple[str, ...], url: str, by: str) -> None:
    """见证另一账本：登记其公钥，此后接受其检查点并签署。"""
    shell.setup()
    from mingzhi.ledger.witness import log_watch

    origin = log_watch(
        vkeys=[line for text in vkeys for line in text.split()], url=url, by=by, at=clock.now()
    )
    shell.say(f"已登记账本 {origin}。请把本机见证公钥（mingzhi ledger witness key）交给对方")


@witness.command("unwatch")
@click.argument("origin")
@_BY
@shell.plain_errors
def unwatch(origin: str, by: str) -> None:
    """不再见证某一账本。"""
    shell.setup()
    from mingzhi.ledger.witness import log_unwatch

    log_unwatch(origin=origin, by=by, at=clock.now())
    shell.say(f"已停止见证 {origin}")


@witness.command("ask")
@click.option("--key", "vkey", required=True, help="见证方的见证公钥")
@click.option("--url", required=True, help="见证方的提交地址，如 https://对方网址/witness")
@_BY
@shell.plain_errors
def ask(vkey: str, url: str, by: str) -> None:
    """请另一机关见证本账本：此后新检查点自动送签。"""
    shell.setup()
    from mingzhi.ledger.cosigning import cosigner_add

    cosigner_add(vkey=vkey.strip(), url=url, by=by, at=clock.now())
    shell.say("已登记见证方。对方登记本账本公钥（mingzhi ledger key）后，后台任务自动送签")


@witness.command("drop")
@click.argument("vkey")
@_BY
@shell.plain_errors
def drop(vkey: str, by: str) -> None:
    """不再向某一见证方送签。"""
    shell.setup()
    from mingzhi.ledger.cosigning import cosigner_drop

    cosigner_drop(vkey=vkey.strip(), by=by, at=clock.now())
    shell.say("已停止送签")


@witness.command("run")
@_JSON
@shell.plain_errors
def run(as_json: bool) -> None:
    """立即送签，并从各方取回视图比对（后台任务平时自动进行）。"""
    shell.setup()
    from mingzhi.ledger import api
    from mingzhi.ledger.errors import WitnessUnclear

    at = clock.now()
    signed, unclear = 0, []
    for vkey, _ in api.cosigning.behind():
        try:
            signed += api.cosigning.submit(vkey, at=at)
        except WitnessUnclear as error:
            unclear.append(error.sentence)
    seen = api.watch(at=at)
    unclear += seen.unclear
    lines = [f"新取得见证签名 {signed} 个"]
    lines += [f"✗ {sentence}" for sentence in seen.wrong]
    lines += [f"提示：{sentence}" for sentence in unclear]
    told = {"signed": signed, "wrong": list(seen.wrong), "unclear": unclear}
    shell.answer(told, as_json=as_json, text="\n".join(lines))
    raise SystemExit(0 if api.standing.witnesses().ok else 1)


@witness.command("status")
@_JSON
@shell.plain_errors
def status(as_json: bool) -> None:
    """列出见证方、所见证的账本与未处理的视图不一致；有不一致时退出码为 1。"""
    shell.setup()
    from mingzhi.ledger import api

    found = api.standing.witnesses()
    lines = [f"见证方 {c.name}：已签到第 {c.size} 条（{c.url}）" for c in found.cosigners]
    lines += [f"所见证的账本 {w.origin}：已见到第 {w.size} 条" for w in found.watched]
    for split in found.splits:
        mark = f"已处理：{split.settled_how}" if split.settled_at else "未处理"
        lines.append(f"✗ 第 {split.id} 号不一致（{mark}）：{split.sentence}；来源 {split.source}")
    shell.answer(asdict(found), as_json=as_json, text="\n".join(lines) or "没有登记见证")
    raise SystemExit(0 if found.ok else 1)


@witness.command("settle")
@click.argument("number", type=int)
@click.option("--how", required=True, help="如何查明、如何处理")
@_BY
@shell.plain_errors
def settle(number: int, how: str, by: str) -> None:
    """登记一项视图不一致的处理情况（证据保留，告警解除）。"""
    shell.setup()
    from mingzhi.ledger.witness import split_settle

    split_settle(split_id=number, how=how, by=by, at=clock.now())
    shell.say(f"第 {number} 号不一致已登记处理情况")

"""`mingzhi archive`: packages out and in, their check, scanned paper files."""

from __future__ import annotations

from pathlib import Path

import click

from mingzhi.kernel import clock, shell
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.data import Actor

_JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
_KEYS = click.option("--key", "keys", multiple=True, help="可信的账本公钥（可多次给出）")
_FILE = click.Path(exists=True, dir_okay=False, path_type=Path)


@click.group(name="archive")
def archive() -> None:
    """档案：导出档案包、接收档案包、四性检测、移交与接收、存量案卷著录。"""


def _actor(account: str) -> Actor:
    from mingzhi.organisations import api as organisations

    found = organisations.accounts.account_by_username(account)
    if found is None:
        raise NotFound(f"没有名为 {account} 的账号")
    return organisations.actor_of(found, clock.today())


@archive.command()
@click.argument("number")
@click.argument("target", type=click.Path(path_type=Path))
@click.option("--outside", is_flag=True, help="对外档案包：只含正卷")
@_JSON
@shell.plain_errors
def export(number: str, target: Path, outside: bool, as_json: bool) -> None:
    """把已归档案卷（案卷编号 NUMBER）导出为档案包 TARGET。"""
    shell.setup()
    from mingzhi.dossiers import jobs, package
    from mingzhi.dossiers.models import Dossier
    from mingzhi.files import api as files
    from mingzhi.ledger import api as ledger

    dossier = Dossier.objects.select_related("unit", "linked_from").filter(number=number).first()
    if dossier is None:
        raise NotFound(f"没有编号为 {number} 的案卷")
    at = clock.now()
    jobs.sealed(dossier, by="system", at=at)
    ledger.attempt("dossier:exported", f"dossier:{dossier.pk}", by="system", at=at, purpose="命令行导出")
    stored = package.build(dossier, outside=outside, at=at)
    with files.open_file(stored.id) as source, target.open("wb") as out:
        while block := source.read(1 << 20):
            out.write(block)
    shell.answer(
        {"file": str(target), "sha256": stored.sha256, "size": stored.size},
        as_json=as_json,
        text=f"已导出 {target}（{stored.size} 字节，SHA-256 {stored.sha256}）",
    )


@archive.command("import")
@click.argument("package", type=_FILE)
@click.option("--as", "account", required=True, help="以哪个账号接收（须为档案管理员）")
@click.option("--unsigned", is_flag=True, help="没有移交机关公钥时仍予接收")
@_KEYS
@_JSON
@shell.plain_errors
def receive(package: Path, account: str, unsigned: bool, keys: tuple[str, ...], as_json: bool) -> None:
    """检测并接收档案包；有一项不通过即不予接收。"""
    shell.setup()
    from mingzhi.dossiers.archive import sealed_index
    from mingzhi.dossiers.package_import import package_import

    dossier, _ = package_import(package, vkeys=keys, unsigned=unsigned, by=_actor(account), at=clock.now())
    digest, lines = sealed_index(dossier.pk)
    shell.answer(
        {"number": dossier.number, "index_sha256": digest, "items": len(lines)},
        as_json=as_json,
        text=f"已接收为案卷 {dossier.number}，{len(lines)} 件，目录校验值 {digest}",
    )


@archive.command()
@click.argument("package", type=click.Path(exists=True, path_type=Path))
@_KEYS
@_JSON
def check(package: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """四性检测（不需要数据库）。退出码：0 通过，1 不通过。"""
    from mingzhi.ledger.verify_package import verify_package

    report = verify_package(package, vkeys=keys)
    lines = [f"{report.title} {report.number}（{report.body}），{report.items} 件"]
    for found in report.checks.values():
        mark = {"pass": "通过", "fail": "不通过", "skip": "未检测"}[found.state]
        lines.append(f"{found.trait} {found.code} {found.label}：{mark}")
        lines += [
            f"    {sentence}" for sentence in (found.findings or ([found.skipped] if found.skipped else []))
        ]
    lines.append("结论：通过" if report.ok else "结论：不通过")
    shell.answer(report.told(), as_json=as_json, text="\n".join(lines))
    if not report.ok:
        raise SystemExit(1)


@archive.command("hand-over")
@click.argument("number")
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--as", "account", required=True, help="以哪个账号写出（须为档案管理员）")
@_JSON
@shell.plain_errors
def hand_over(number: str, folder: Path, account: str, as_json: bool) -> None:
    """把移交清单 NUMBER 的档案包和移交目录写到载体目录 FOLDER；中断后可再次执行。写出后到网页登记移交。"""
    shell.setup()
    from mingzhi.dossiers import handing
    from mingzhi.dossiers.transfer_models import TransferList

    by = _actor(account)
    found = TransferList.objects.filter(number=number, body_id=by.body_id).first()
    if found is None:
        raise NotFound(f"没有编号为 {number} 的移交清单")
    content = handing.write_out(
        list_id=found.pk, folder=folder, by=by, at=clock.now(), say=lambda text: shell.say(text, err=True)
    )
    size = sum(p.size for p in content.packages)
    shell.answer(
        {"list": number, "packages": len(content.packages), "size": size},
        as_json=as_json,
        text=f"已写出 {len(content.packages)} 个档案包（{size} 字节）和移交目录。请到“移交档案馆”登记移交",
    )


@archive.command("take-in")
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--as", "account", required=True, help="以哪个账号接收（须为档案管理员）")
@click.option(
    "--receipt", required=True, type=click.Path(dir_okay=False, path_type=Path), help="回执写到哪个文件"
)
@_KEYS
@_JSON
@shell.plain_errors
def take_in(folder: Path, account: str, receipt: Path, keys: tuple[str, ...], as_json: bool) -> None:
    """接收移交载体：逐包检测，通过的接收，不通过的退回，并出具签名的接收回执。有退回的退出码为 1。"""
    shell.setup()
    from mingzhi.dossiers import handing
    from mingzhi.ledger import api as ledger

    told, note = handing.take_in(
        folder, vkeys=keys, by=_actor(account), at=clock.now(), say=lambda text: shell.say(text, err=True)
    )
    receipt.write_text(note, "utf-8")
    back = [a for a in told.answers if not a.accepted]
    shell.answer(
        {"list": told.list_number, "accepted": len(told.answers) - len(back), "rejected": len(back),
         "receipt": str(receipt), "key": ledger.letters.key()},
        as_json=as_json,
        text=f"接收 {len(told.answers) - len(back)} 个，退回 {len(back)} 个；回执已写到 {receipt}，"
        f"请连同回执公钥交移交机关：\n{ledger.letters.key()}",
    )  # fmt: skip
    if back:
        raise SystemExit(1)


@archive.command("receipt-key")
@shell.plain_errors
def receipt_key() -> None:
    """打印本机的回执公钥，供移交机关核验接收回执。"""
    shell.setup()
    from mingzhi.ledger import api as ledger

    shell.say(ledger.letters.key())


@archive.command("scan-in")
@click.argument("index", type=_FILE)
@click.argument("folder", type=click.Path(exists=True, file_okay=False, path_type=Path))
@click.option("--as", "account", required=True, help="以哪个账号著录（须为档案管理员）")
@click.option("--dry-run", is_flag=True, help="只检查，不著录")
@_JSON
@shell.plain_errors
def scan_in(index: Path, folder: Path, account: str, dry_run: bool, as_json: bool) -> None:
    """按目录表（xlsx 或 csv）著录扫描件，一行一件；先逐格检查，有误则全部不著录。"""
    shell.setup()
    from mingzhi.dossiers import scans

    sheet = scans.read(index.read_bytes(), index.name)
    plan = scans.examine(sheet, lambda name: _scan(folder, name))
    if plan.problems:
        shell.answer(
            {"problems": [[p.cell, p.sentence] for p in plan.problems]},
            as_json=as_json,
            text="\n".join(f"{p.cell}：{p.sentence}" for p in plan.problems),
        )
        raise SystemExit(1)
    if dry_run:
        shell.answer(
            {"dossiers": len(plan.dossiers), "items": plan.items},
            as_json=as_json,
            text=f"检查通过：{len(plan.dossiers)} 卷 {plan.items} 件",
        )
        return
    done = [
        scans.take_in(one, lambda name: _scan(folder, name), by=_actor(account), at=clock.now()).number
        for one in plan.dossiers
    ]
    shell.answer({"numbers": done}, as_json=as_json, text=f"已著录 {len(done)} 卷：{'、'.join(done)}")


def _scan(folder: Path, name: str) -> bytes | None:
    """A file of the folder by its bare name; nothing outside it."""
    found = folder / name
    if Path(name).name != name or not found.is_file() or found.is_symlink():
        return None
    return found.read_bytes()

"""``mingzhi procedures``: check and show. Exit codes: 0 fine, 1 finding or refusal, 2 usage."""

from __future__ import annotations

import click

from mingzhi.kernel import shell


@click.group()
def procedures() -> None:
    """程序：核对案卷状态，打印程序表。"""


@procedures.command("check")
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def check(as_json: bool) -> None:
    """逐卷核对：按环节推算的状态和环节数，应与案卷记录一致。"""
    shell.setup()
    from mingzhi.dossiers import api as dossiers
    from mingzhi.procedures import queries

    found = queries.inconsistencies()
    count = dossiers.Dossier.objects.count()
    lines = [
        *(f"✗ {sentence}" for sentence in found),
        f"核对 {count} 个案卷，{len(found)} 处不一致" if found else f"核对 {count} 个案卷，状态均与环节一致",
    ]
    value = {"ok": not found, "dossiers": count, "findings": found}
    shell.answer(value, as_json=as_json, text="\n".join(lines))
    raise SystemExit(1 if found else 0)


@procedures.command("show")
@click.argument("code", required=False)
@click.option("--json", "as_json", is_flag=True, help="输出 JSON")
@shell.plain_errors
def show(code: str | None, as_json: bool) -> None:
    """打印程序 CODE 的全部环节、条件、文书、期限和依据；不填 CODE 则列出各程序。"""
    shell.setup()
    from mingzhi.procedures import queries, registry

    known = {procedure.code: procedure for procedure in registry.procedures()}
    if code is None:
        listed = [
            {"code": p.code, "name": p.name, "version": p.version, "since": p.since} for p in known.values()
        ]
        shell.answer(
            listed,
            as_json=as_json,
            text="\n".join(f"{p['code']}  {p['name']}（{p['version']}，{p['since']} 起）" for p in listed),
        )
        return
    if code not in known:
        raise click.UsageError(f"没有程序“{code}”。已有：{'、'.join(known)}")
    rows = queries.printed(known[code])
    blocks = ["\n".join(f"{name}：{_told(value)}" for name, value in row.items() if value) for row in rows]
    shell.answer(rows, as_json=as_json, text="\n\n".join(blocks))


def _told(value: object) -> str:
    return "；".join(value) if isinstance(value, list) else str(value)

"""Commands: rules, laws, catalogue, discretion. ``rules`` and ``discretion`` need no database."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import IO, Any

import click

from mingzhi.kernel import clock, shell
from mingzhi.kernel.errors import Invalid, MingzhiError

_JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
_DAY = click.option("--on", "on", type=click.DateTime(["%Y-%m-%d"]), help="适用日期，默认今天")


def _on(given: Any) -> date:
    return given.date() if given is not None else clock.today()


# ---- rules -------------------------------------------------------------------


@click.group()
def rules() -> None:
    """规则：法律法规中的期限、数额和清单，按单位方案逐级适用。"""


@rules.command("check")
@click.option(
    "--dir", "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), help="规则文件夹"
)
@_JSON
def rules_check(folder: Path | None, as_json: bool) -> None:
    """校验全部规则文件：格式、依据、有效期、从严、单位方案；有问题时退出码为 1。"""
    from mingzhi.catalogue import norms, packs

    book, problems = norms.examine(folder or norms.RULES)
    told = [{"code": p.code, "sentence": p.sentence, **p.facts} for p in problems]
    if folder is None:
        try:
            packs.shelf()
        except Invalid as error:
            told.append({"code": error.code, "sentence": error.sentence})
    unset = sorted(
        {s.name for s in book.sources.values() if s.norms[-1].value is None or s.norms[-1].unconfirmed}
    )
    result = {
        "rules": len(book.sources),
        "profiles": sorted(book.profiles),
        "problems": told,
        "unconfirmed": unset,
    }
    lines = [f"规则 {len(book.sources)} 条，单位方案 {len(book.profiles)} 个，问题 {len(told)} 个"]
    lines += [f"  · {t['sentence']}" for t in told]
    lines.append(f"待核实 {len(unset)} 条：{'、'.join(unset)}")
    shell.answer(result, as_json=as_json, text="\n".join(lines))
    if told:
        sys.exit(1)


@rules.command("show")
@click.argument("name", required=False)
@click.option("--profile", default="", help="单位方案，如 xiashan-chengzong")
@_DAY
@_JSON
@shell.plain_errors
def rules_show(name: str | None, profile: str, on: Any, as_json: bool) -> None:
    """显示规则：不写名称时列出全部；名称也可以写编号，如 PEN-03。"""
    from mingzhi.catalogue import norms

    day = _on(on)
    if profile:
        norms.profile(profile)
    if name is None:
        if profile:
            found = list(norms.norms_in_profile(profile, on=day))
        else:
            every = sorted(norms.book().sources.items())
            in_force = [source.on(day) for (level, _), source in every if level == "national"]
            found = [n for n in in_force if n is not None]
    elif name in norms.book().ids:
        found = [norms.norm_by_id(name, body=profile, on=day)]
    else:
        found = [norms.norm(name, body=profile, on=day)]
    shown = [_norm_json(n) for n in found]
    shell.answer(shown, as_json=as_json, text=lambda: "\n".join(_norm_line(n) for n in shown))


def _norm_json(found: Any) -> dict[str, Any]:
    return {
        "name": found.name,
        "id": found.id,
        "description": found.description,
        "value": found.value,
        "unit": found.unit,
        "since": found.since,
        "level": found.level,
        "citation": found.citation_text,
        "unconfirmed": found.unconfirmed,
        "version": found.version,
    }


def _norm_line(found: Mapping[str, Any]) -> str:
    value = "待核实" if found["value"] is None else json.dumps(found["value"], ensure_ascii=False)
    return f"{found['name']}  {found['description']}：{value} {found['unit']}  [{found['level']}] {found['citation']}"


@rules.command("diff")
@click.argument("first")
@click.argument("second")
@_DAY
@_JSON
@shell.plain_errors
def rules_diff(first: str, second: str, on: Any, as_json: bool) -> None:
    """比较两个单位方案在同一日的规则。"""
    from mingzhi.catalogue import norms

    day = _on(on)
    a = {n.name: n for n in norms.norms_in_profile(first, on=day)}
    b = {n.name: n for n in norms.norms_in_profile(second, on=day)}
    rows = []
    for name in sorted(a.keys() | b.keys()):
        left, right = a.get(name), b.get(name)
        if (left and (left.value, left.unit)) != (right and (right.value, right.unit)):
            known = left or right
            assert known is not None
            rows.append(
                {
                    "name": name,
                    "description": known.description,
                    first: left.value if left else None,
                    second: right.value if right else None,
                    "citations": [n.citation_text for n in (left, right) if n],
                }
            )

    def text() -> str:
        out = [f"{first} 与 {second} 不同的规则 {len(rows)} 条"]
        for row in rows:
            left_shown, right_shown = (json.dumps(row[k], ensure_ascii=False) for k in (first, second))
            out.append(
                f"{row['name']}  {row['description']}\n    {first}：{left_shown}\n    {second}：{right_shown}"
            )
        return "\n".join(out)

    shell.answer(rows, as_json=as_json, text=text)


# ---- laws --------------------------------------------------------------------


@click.group()
def laws() -> None:
    """法律法规：按条导入文本。"""


@laws.command("import")
@click.argument("path", type=click.Path(path_type=Path))
@_JSON
@shell.plain_errors
def laws_import(path: Path, as_json: bool) -> None:
    """导入 Markdown 文件或者文件夹；重复导入不重复；条文序号有问题时逐行提示，退出码为 1。"""
    shell.setup()
    from mingzhi.catalogue import laws as store
    from mingzhi.catalogue.errors import BadList

    if not path.exists():
        raise BadList(why=f"找不到“{path}”", remedy="请核对文件或者文件夹的位置")
    files = store.files_of(path)
    today, done, failed = clock.today(), [], []
    for file in shell.progress(files, "导入法律", len(files)):
        try:
            done.append(store.law_import(path=file, on=today))
        except BadList as error:
            failed.append({"file": file.name, "sentence": error.sentence})
    warned = [{"file": d.file, "warning": w} for d in done for w in d.warnings]
    count = {k: sum(1 for d in done if d.outcome == k) for k in ("new", "changed", "unchanged")}
    result = {
        "laws": len(done),
        **count,
        "articles": sum(d.articles for d in done),
        "warnings": warned,
        "failed": failed,
    }
    lines = [
        f"法律 {len(done)} 部（新增 {count['new']}，更新 {count['changed']}，未变 {count['unchanged']}），"
        f"条文 {result['articles']} 条"
    ]
    lines += [f"  · {w['file']} {w['warning']}" for w in warned]
    lines += [f"  · 未导入：{f['sentence']}" for f in failed]
    shell.answer(result, as_json=as_json, text="\n".join(lines))
    if warned or failed:
        sys.exit(1)


# ---- catalogue ---------------------------------------------------------------


@click.group()
def catalogue() -> None:
    """目录清单：权责事项、裁量基准、音像记录清单、法制审核目录等。"""


@catalogue.command("load")
@click.argument("path", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--dry-run", is_flag=True, help="只试装，不写入")
@_JSON
@shell.plain_errors
def catalogue_load(path: Path | None, dry_run: bool, as_json: bool) -> None:
    """发布随系统提供的目录，或者指定的 YAML 文件；重复执行不重复发布。"""
    shell.setup()
    from mingzhi.catalogue import actions
    from mingzhi.organisations.data import Actor

    by = Actor(account_id=None, person_id=None, name="系统", body_id=0, unit_id=None)
    done = actions.load_packs(by=by, at=clock.now(), dry_run=dry_run, path=path)
    result = {
        "publication": done.publication_id,
        "added": done.added,
        "closed": done.closed,
        "unchanged": done.unchanged,
        "dry_run": dry_run,
    }
    word = "试装（未写入）" if dry_run else "已装入"
    shell.answer(
        result,
        as_json=as_json,
        text=f"{word}：新增 {done.added} 条，失效 {done.closed} 条，未变 {done.unchanged} 条",
    )


@catalogue.command("export")
@click.option("--kind", default="", help="只导出一种清单，如 item、benchmark、review")
def catalogue_export(kind: str) -> None:
    """以 YAML 导出已发布的清单；导出的文件可以修改后再装入。"""
    shell.setup()
    import yaml

    from mingzhi.catalogue import queries
    from mingzhi.kernel import canonical

    out: dict[str, Any] = {}
    for row in queries.shelf().rows:
        if kind and row.kind != kind:
            continue
        line = {
            "code": row.code,
            "scope": row.scope,
            **canonical.plain(dict(row.data)),
            "valid_from": row.valid_from,
        }
        if row.valid_to is not None:
            line["valid_to"] = row.valid_to
        out.setdefault(row.kind, []).append(line)
    click.echo(yaml.safe_dump(out, allow_unicode=True, sort_keys=False, width=110), nl=False)


# ---- discretion --------------------------------------------------------------


@click.command()
@click.option("--item", "code", help="事项编码，如 transport.overload")
@click.option("--facts", "facts_text", help="事实，JSON 对象")
@click.option("--stdin", "from_stdin", is_flag=True, help="从标准输入逐行读取 {item, facts, on}，逐行回答")
@_DAY
@_JSON
def discretion(code: str | None, facts_text: str | None, from_stdin: bool, on: Any, as_json: bool) -> None:
    """裁量：由事项和事实推算处罚建议，逐步列出依据。不需要数据库。"""
    day = _on(on)
    if from_stdin:
        _answer_lines(sys.stdin.buffer, day)
        return
    if not code:
        raise click.UsageError("请用 --item 写明事项编码，或者用 --stdin 逐行提供")
    answer = _answer({"item": code, "facts": _facts(facts_text)}, day)
    if as_json:
        click.echo(json.dumps(answer, ensure_ascii=False))
    elif "error" in answer:
        click.echo(f"未完成：{answer['error']['message']}（{answer['error']['code']}）", err=True)
    else:
        fine = f"{answer['fine_yuan']} 元" if answer["fine_yuan"] is not None else _span(answer)
        click.echo(f"{answer['result']}  {fine}".rstrip())
        click.echo("\n".join(f"  {n}. {step}" for n, step in enumerate(answer["steps"], start=1)))
    if "error" in answer:
        sys.exit(1)


def _span(answer: Mapping[str, Any]) -> str:
    if answer.get("min_yuan") is None:
        return ""
    return f"{answer['min_yuan']} 元至 {answer['max_yuan']} 元"


def _facts(text: str | None) -> Any:
    if not text:
        return {}
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return text  # refused with its own sentence where facts are read


def _answer_lines(stream: IO[bytes], day: date) -> None:
    """One JSON answer per JSON line; a bad line is answered with an error and the next is read."""
    out = sys.stdout
    for raw in stream:
        if not raw.strip():
            continue
        try:
            question = json.loads(raw.decode("utf-8-sig"))
        except (ValueError, RecursionError):
            answer = _error("discretion.bad_line", "该行不是 JSON，应为 {“item”: “事项编码”, “facts”: {…}}")
        else:
            answer = _answer(question, day)
        out.write(json.dumps(answer, ensure_ascii=False) + "\n")
        out.flush()


def _error(code: str, message: str) -> dict[str, Any]:
    return {"error": {"code": code, "message": message}}


def _answer(question: Any, day: date) -> dict[str, Any]:
    """The answer to ``{"item", "facts", "on"}``: the proposal, or ``{"error": {"code", "message"}}``."""
    from mingzhi.catalogue import discretion as rule
    from mingzhi.catalogue import packs

    if not isinstance(question, dict) or not isinstance(question.get("item"), str):
        return _error("discretion.bad_line", "缺少事项编码 item，应为 {“item”: “事项编码”, “facts”: {…}}")
    if not isinstance(question.get("facts"), dict):
        return _error(
            "discretion.bad_facts", "facts 应为 JSON 对象，如 {“limit_kg”: 18000, “gross_kg”: 19500}"
        )
    if "on" in question:
        try:
            day = date.fromisoformat(question["on"])
        except (TypeError, ValueError):
            return _error("discretion.bad_day", "on 应为日期，如 2026-01-31")
    try:
        made = rule.propose(packs.shelf(), question["item"], question["facts"], on=day)
    except MingzhiError as error:
        return _error(error.code, error.sentence)
    answer: dict[str, Any] = {
        "result": made.result,
        "fine_yuan": _yuan(made.fine_fen),
        "steps": [f"{s.text}（{s.citation}）" if s.citation else s.text for s in made.steps],
    }
    if made.fine_fen is None:
        answer |= {"tier": made.tier, "min_yuan": _yuan(made.min_fen), "max_yuan": _yuan(made.max_fen)}
    if made.unverified:
        answer["unverified"] = True
    return answer


def _yuan(fen: int | None) -> int | float | None:
    if fen is None:
        return None
    return fen // 100 if fen % 100 == 0 else fen / 100

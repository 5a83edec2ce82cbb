"""`mingzhi papers`: check templates, make pages that are still waiting, install a signing certificate."""

from __future__ import annotations

from pathlib import Path

import click

from mingzhi.kernel import clock, shell

_JSON = click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")


@click.group(name="papers")
def papers() -> None:
    """文书：校验模板、补制待生成文书、导入签章证书。"""


@papers.command()
@click.argument("files", nargs=-1, type=click.Path(exists=True, dir_okay=False, path_type=Path))
@_JSON
@shell.plain_errors
def check(files: tuple[Path, ...], as_json: bool) -> None:
    """校验模板文件（不给文件名时校验随附模板）。有问题时退出码为 1。"""
    from mingzhi.documents.lint import lint_template

    chosen = files or tuple(sorted((Path(__file__).parent / "templates_shipped").glob("*.txt")))
    found = {}
    for path in chosen:
        try:
            text = path.read_text("utf-8")
        except UnicodeDecodeError:
            found[path.name] = ["文件不是 UTF-8 编码，请另存为 UTF-8 后重试"]
            continue
        _, problems = lint_template(text)
        if problems:
            found[path.name] = [p.sentence + (f"（{p.citation}）" if p.citation else "") for p in problems]
    shell.answer(
        {"checked": len(chosen), "problems": found},
        as_json=as_json,
        text=lambda: "\n".join(
            [f"已校验 {len(chosen)} 个模板，{len(found)} 个有问题"]
            + [f"  {name}：{sentence}" for name, sentences in found.items() for sentence in sentences]
        ),
    )
    if found:
        raise SystemExit(1)


@papers.command()
@click.option("--limit", default=1000, show_default=True, help="最多补制多少份")
@_JSON
@shell.plain_errors
def render(limit: int, as_json: bool) -> None:
    """补制尚未排版签章的文书。"""
    shell.setup()
    from mingzhi.documents.models import Paper
    from mingzhi.documents.pages import render as render_page

    waiting = list(Paper.objects.filter(page=None).order_by("pk").values_list("pk", flat=True)[:limit])
    for paper_id in shell.progress(waiting, "补制文书", len(waiting)):
        render_page(paper_id, at=clock.now())
    shell.answer({"rendered": len(waiting)}, as_json=as_json, text=f"补制文书 {len(waiting)} 份")


@papers.command("install-certificate")
@click.option("--body", "body_id", type=int, required=True, help="机关编号")
@click.option(
    "--key",
    "key_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="私钥（PEM）",
)
@click.option(
    "--chain",
    "chain_file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    required=True,
    help="证书链（PEM），本机关证书在前",
)
@click.option("--password", default=None, help="私钥口令")
@_JSON
@shell.plain_errors
def install(body_id: int, key_file: Path, chain_file: Path, password: str | None, as_json: bool) -> None:
    """以本机关自有证书替换安装时生成的签章证书；此前签章的文书不受影响。"""
    shell.setup()
    from mingzhi.documents.signing import install_certificate
    from mingzhi.organisations import api as organisations

    body = organisations.body(body_id)
    mark = install_certificate(
        body_id=body.id,
        key_pem=key_file.read_bytes(),
        chain_pem=chain_file.read_bytes(),
        at=clock.now(),
        password=password.encode() if password else None,
    )
    shell.answer(
        {"body": body.name, "certificate": mark},
        as_json=as_json,
        text=f"{body.name}的签章证书已更换，指纹 {mark}",
    )

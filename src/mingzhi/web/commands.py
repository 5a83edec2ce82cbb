"""``mingzhi init``, ``serve`` and ``check``."""

from __future__ import annotations

import os
import sys
import time
from pathlib import Path

import click

from config import env
from mingzhi.kernel import clock, shell

PROFILES = (
    "xian-transport",
    "zhenjiang-chengguan",
    "changzhi-water",
    "yongcheng-transport",
    "xiashan-chengzong",
)


def _say(started: float, text: str) -> None:
    shell.say(
        f"[{time.strftime('%H:%M:%S', time.gmtime(time.time() + 8 * 3600))} +{time.monotonic() - started:5.1f}s] {text}"
    )


@click.command()
@click.option("--profile", help="配置档，见 --help 末尾；不填用当前配置档")
@click.option("--cases", type=click.IntRange(min=0), default=0, help="首次初始化装入的示范案件数")
@click.option("--force", is_flag=True, help="即使没有变化也全部重做一遍")
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出结果")
@shell.plain_errors
def init(profile: str | None, cases: int, force: bool, as_json: bool) -> None:
    """初始化或更新本单位：数据库、密钥、日历、目录清单、示范单位、静态文件。可重复执行。

    配置档：xian-transport、zhenjiang-chengguan、changzhi-water、yongcheng-transport、xiashan-chengzong。
    """
    if profile is not None and profile not in PROFILES:
        raise click.UsageError(f"没有名为“{profile}”的配置档。可选：{'、'.join(PROFILES)}")
    chosen = profile or env.profile()
    os.environ["MINGZHI_PROFILE"] = chosen
    started = time.monotonic()

    def say(text: str) -> None:
        if not as_json:
            _say(started, text)

    from mingzhi.web import set_up

    fresh = not (env.data() / set_up.STAMP).exists()
    if not force and set_up.is_current():
        say("数据库与目录已是最新")
        if as_json:
            shell.answer({"profile": chosen, "fresh": False, "changed": False}, as_json=True, text="")
        return
    shell.setup()
    env.data().mkdir(parents=True, exist_ok=True)
    set_up.database(say)
    set_up.rooms(chosen, clock.now(), say)
    set_up.static_files(say)
    if fresh and cases:
        _demo(cases, say)
    set_up.stamp()
    say("初始化完成")
    if as_json:
        shell.answer({"profile": chosen, "fresh": fresh, "changed": True}, as_json=True, text="")


def _demo(cases: int, say: object) -> None:
    from mingzhi.cli import commands

    demo = commands.get_command(click.Context(commands), "demo")
    if demo is None:
        return
    say(f"装入 {cases} 件示范案件 …")  # type: ignore[operator]
    demo.main(["--cases", str(cases)], prog_name="mingzhi demo", standalone_mode=False)


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="监听地址；对外服务请在前面放置 nginx")
@click.option("--port", type=click.IntRange(1, 65535), default=8000, show_default=True, help="端口")
@click.option("--workers", type=click.IntRange(1, 64), default=1, show_default=True, help="进程数")
@click.option("--threads", type=click.IntRange(1, 64), default=4, show_default=True, help="每个进程的线程数")
def serve(host: str, port: int, workers: int, threads: int) -> None:
    """启动网页服务（前台运行，Ctrl-C 停止）。"""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    server = Path(sys.executable).parent / "granian"
    arguments = [
        *(str(server), "--interface", "wsgi", "--host", host, "--port", str(port)),
        *("--workers", str(workers), "--blocking-threads", str(threads), "--no-ws"),
        *("--respawn-failed-workers", "--workers-kill-timeout", "10", "--backlog", "512"),
        *("--log-level", "warning", "--working-dir", str(env.ROOT), "config.wsgi:application"),
    ]
    os.execv(server, arguments)  # noqa: S606 — the same process becomes the server, no shell


@click.command()
@click.option("--json", "as_json", is_flag=True, help="以 JSON 输出")
@click.option("--variables", is_flag=True, help="列出全部环境变量及用途")
@click.option("--deploy", is_flag=True, help="按对外服务的要求检查（HTTPS、域名、PostgreSQL）")
@shell.plain_errors
def check(as_json: bool, variables: bool, deploy: bool) -> None:
    """部署自检：逐项说明问题与处理办法。有错误时退出码为 1。"""
    if variables:
        rows = [{"name": v.name, "default": v.default, "purpose": v.purpose} for v in env.VARIABLES.values()]
        shell.answer(
            rows, as_json=as_json, text=lambda: "\n".join(f"{r['name']}\n    {r['purpose']}" for r in rows)
        )
        return
    shell.setup()
    from config import checks

    found = checks.run(deploy=deploy)
    if as_json:
        shell.answer(
            [{"id": f.id, "level": f.level, "sentence": f.sentence, "hint": f.hint} for f in found],
            as_json=True,
            text="",
        )
    else:
        for finding in found:
            shell.say(f"{finding.label} {finding.id}  {finding.sentence}\n      处理：{finding.hint}")
        errors = sum(f.level == "error" for f in found)
        shell.say(
            f"自检完成：{errors} 个错误，{len(found) - errors} 个提醒" if found else "自检完成：没有发现问题"
        )
    if any(f.level == "error" for f in found):
        raise SystemExit(1)

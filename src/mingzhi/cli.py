"""The ``mingzhi`` command: a static map from verb to room, so that a verb loads only its own room.

``init``, ``serve`` and ``check`` live in ``mingzhi.web.commands`` because they set up the whole
house; every other verb lives in its room's ``commands.py`` as a click command (or group) of the
name below. A room that is not there makes its verb absent, not broken.
"""

from __future__ import annotations

import importlib
import importlib.util
import os
import sys

import click

# verb → (module, attribute, one-line help shown without importing the room)
VERBS: dict[str, tuple[str, str, str]] = {
    "init": ("mingzhi.web.commands", "init", "初始化：建库、密钥、日历、目录、示范单位（可重复执行）"),
    "serve": ("mingzhi.web.commands", "serve", "启动网页服务"),
    "check": ("mingzhi.web.commands", "check", "部署自检：逐项列出问题与处理办法"),
    "worker": ("mingzhi.outbox.commands", "worker", "启动后台任务（定序、签名、公示到期、外发）"),
    "demo": ("mingzhi.web.demo.commands", "demo", "装入示范案件（--cases N 指定数量）"),
    "rules": ("mingzhi.catalogue.commands", "rules", "规则：check 校验、show 查看、diff 比较"),
    "calendar": ("mingzhi.deadlines.commands", "calendar", "日历：due 推算期限、load 装入年度安排"),
    "catalogue": ("mingzhi.catalogue.commands", "catalogue", "目录清单：load 装入、export 导出"),
    "laws": ("mingzhi.catalogue.commands", "laws", "法律法规：import 导入条文"),
    "discretion": ("mingzhi.catalogue.commands", "discretion", "裁量：由事项与事实推算处罚建议"),
    "ledger": (
        "mingzhi.ledger.commands",
        "ledger",
        "存证账本：checkpoint、key、rotate、export、fsck、witness",
    ),
    "verify": ("mingzhi.ledger.verify_command", "verify", "离线核验凭证、文书、记录（不需要数据库）"),
    "archive": ("mingzhi.dossiers.commands", "archive", "档案：导出、接收、四性检测档案包，著录扫描件"),
    "redact": ("mingzhi.publication.commands", "redact", "脱敏：遮盖文本中的个人信息"),
    "publish": ("mingzhi.web.public.commands", "publish", "公示：export 导出静态网页"),
    "feed": ("mingzhi.publication.follow_command", "feed", "公示数据：follow 跟随并核验副本，check 核对差异"),
    "files": ("mingzhi.files.commands", "files", "文件库：check 核对校验值、tidy 清理残余"),
    "backup": (
        "mingzhi.backup.commands",
        "backup",
        "备份：new 建库、make 备份、list 列出、check 核对、prune 清理",
    ),
    "restore": ("mingzhi.backup.commands", "restore", "恢复：从备份库恢复到空的数据目录，并用账本核对"),
    "search": ("mingzhi.search.commands", "search", "全文检索：rebuild 重建索引"),
    "procedures": (
        "mingzhi.procedures.commands",
        "procedures",
        "程序：check 核对案卷状态与环节、show 打印程序表",
    ),
    "report": (
        "mingzhi.supervision.commands",
        "report",
        "统计年报：annual 查看、check 核对、recount 补记差额",
    ),
    "draw": (
        "mingzhi.double_random.commands",
        "draw",
        "双随机：run 由名录和种子抽取、verify 复核公布的抽取记录",
    ),
    "papers": ("mingzhi.documents.commands", "papers", "文书：校验模板、补制待生成文书"),
}


class Verbs(click.Group):
    """A click group that imports a verb's room when, and only when, the verb is used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return [name for name, (module, _, _) in VERBS.items() if _there(module)]

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        entry = VERBS.get(name)
        if entry is None or not _there(entry[0]):
            return None
        command = getattr(importlib.import_module(entry[0]), entry[1], None)
        return command if isinstance(command, click.Command) else None

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        rows = [(name, VERBS[name][2]) for name in self.list_commands(ctx)]
        if rows:
            with formatter.section("命令"):
                formatter.write_dl(rows)

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        try:
            return super().resolve_command(ctx, args)
        except click.UsageError:
            known = "、".join(self.list_commands(ctx))
            raise click.UsageError(f"没有名为“{args[0]}”的命令。可用命令：{known}", ctx) from None


def _there(module: str) -> bool:
    try:
        return importlib.util.find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@click.command(cls=Verbs, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="mingzhi", prog_name="mingzhi")
def commands() -> None:
    """明执：行政执法三项制度平台的管理命令。各命令均支持 --help。"""


def main() -> None:
    """Entry point; turns the product's own errors into sentences and exit code 1."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings.production")
    try:
        commands.main(prog_name="mingzhi", standalone_mode=True)
    except Exception as error:
        # Imported late: pure verbs must not pay for it.
        from mingzhi.kernel.errors import MingzhiError
        from mingzhi.kernel.shell import tell

        if not isinstance(error, MingzhiError):
            raise
        tell(error)
        sys.exit(1)


if __name__ == "__main__":
    main()

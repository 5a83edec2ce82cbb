"""Start-up and deployment checks: id, sentence, hint. `mingzhi check` prints them."""

from __future__ import annotations

import os
import shutil
import sqlite3
import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from config import env


@dataclass(frozen=True)
class Finding:
    """One thing to mend. ``level``: error (do not serve) or warning."""

    id: str
    level: str
    sentence: str
    hint: str

    @property
    def label(self) -> str:
        return "错误" if self.level == "error" else "提醒"


def _error(number: int, sentence: str, hint: str) -> Finding:
    return Finding(f"mingzhi.E{number:03d}", "error", sentence, hint)


def _warning(number: int, sentence: str, hint: str) -> Finding:
    return Finding(f"mingzhi.W{number:03d}", "warning", sentence, hint)


def keys(deploy: bool) -> Iterator[Finding]:
    """Secrets are long and nobody else on the machine can read them."""
    from django.conf import settings

    if len(settings.SECRET_KEY) < 40:
        yield _error(1, "会话密钥过短", "删除 MINGZHI_SECRET_KEY 让系统自动生成，或设为 40 个以上随机字符")
    try:
        good = len(bytes.fromhex(settings.DATA_KEY)) == 32
    except ValueError:
        good = False
    if not good:
        yield _error(
            2, "个人信息加密密钥不是 64 位十六进制", "设置 MINGZHI_DATA_KEY，或恢复备份中的 data.key"
        )
    for path in [env.data() / "secret.key", env.data() / "data.key", *_files(env.data() / "keys")]:
        if path.is_file() and path.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            yield _error(3, f"密钥文件 {path.name} 可被其他用户读取", f"执行 chmod 600 {path}")


def _files(folder: Path) -> list[Path]:
    return (
        [p for p in folder.rglob("*") if p.is_file() and p.suffix in {".key", ".pem", ".p12"}]
        if folder.is_dir()
        else []
    )


def addresses(deploy: bool) -> Iterator[Finding]:
    from django.conf import settings

    if settings.DEBUG:
        yield _error(10, "调试模式处于打开状态，出错时会泄露内部信息", "使用 config.settings.production")
    if "*" in settings.ALLOWED_HOSTS:
        yield _error(11, "允许任意域名访问", "将 MINGZHI_ALLOWED_HOSTS 设为本单位的域名")
    if deploy:
        if not env.flag("MINGZHI_HTTPS"):
            yield _error(12, "未启用 HTTPS", "在前面放置 nginx 终止 HTTPS，并设 MINGZHI_HTTPS=1")
        if settings.PUBLIC_URL.startswith(("http://127.", "http://localhost")):
            yield _error(
                13,
                "对外地址仍为本机地址，文书上的二维码将无法打开",
                "设置 MINGZHI_PUBLIC_URL，如 https://zf.example.gov.cn",
            )


def database(deploy: bool) -> Iterator[Finding]:
    from django.db import connections
    from django.db.migrations.executor import MigrationExecutor
    from django.db.utils import Error

    connection = connections["default"]
    try:
        connection.ensure_connection()
    except Error:
        yield _error(20, "无法连接业务库", "检查 MINGZHI_DATABASE_URL 与数据库服务是否运行")
        return
    if connection.vendor == "sqlite":
        if sqlite3.sqlite_version_info < (3, 35):
            yield _error(21, f"SQLite {sqlite3.sqlite_version} 过旧", "升级到 3.35 以上，或改用 PostgreSQL")
        if deploy:
            yield _warning(
                22, "正在使用内嵌数据库", "多人正式使用建议改用 PostgreSQL 15 以上（MINGZHI_DATABASE_URL）"
            )
    elif connection.vendor == "postgresql" and getattr(connection, "pg_version", 0) < 150000:
        yield _error(23, "PostgreSQL 版本低于 15", "升级数据库服务")
    executor = MigrationExecutor(connection)
    if executor.migration_plan(executor.loader.graph.leaf_nodes()):
        yield _error(24, "数据库表不是最新", "执行 mingzhi init")


def storage(deploy: bool) -> Iterator[Finding]:
    from django.conf import settings

    fonts = list(Path(settings.FONTS_ROOT).glob("*.ttf")) if Path(settings.FONTS_ROOT).is_dir() else []
    if not fonts:
        yield _warning(
            30,
            "没有中文字体，文书无法按规定版式生成",
            "联网后执行 ./run --setup-only，或将宋体、黑体 TTF 放入数据目录的 fonts/",
        )
    if not env.data().is_dir() or not os.access(env.data(), os.W_OK):
        yield _error(31, f"数据目录 {env.data()} 不可写", "检查目录属主与权限")
    elif shutil.disk_usage(env.data()).free < 2 * 1024**3:
        yield _warning(
            32, "数据目录所在磁盘剩余不足 2 GB", "清理磁盘或扩容；磁盘写满时系统会拒绝新的办案操作"
        )
    if not Path(settings.STATIC_ROOT).is_dir():
        yield _error(33, "网页静态文件尚未整理", "执行 mingzhi init")


def worker(deploy: bool) -> Iterator[Finding]:
    """The worker touches a file at every round; an old file means that nothing is being signed or sent."""
    from mingzhi.kernel import clock

    beat = env.data() / "worker.beat"
    if not beat.exists() or clock.now().timestamp() - beat.stat().st_mtime > 60:
        yield _warning(
            40, "后台任务没有在运行，存证、公示到期和外发都会停滞", "执行 mingzhi worker（./run 会自动启动）"
        )


def backup(deploy: bool) -> Iterator[Finding]:
    """A backup that nobody made is the one that will be needed."""
    from datetime import datetime, timedelta

    from mingzhi.backup import api
    from mingzhi.kernel import clock

    last = api.last_success()
    if last is None:
        if deploy:
            yield _warning(
                50, "还没有备份", "执行 mingzhi backup new 建库，并设置 MINGZHI_BACKUP_TO 每夜自动备份"
            )
    elif clock.now() - datetime.fromisoformat(last["at"]) > timedelta(hours=26):
        yield _warning(
            51, "最近一次备份已超过一天", "查看后台任务中“每夜备份”失败的原因，或执行 mingzhi backup make"
        )
    elif last["missing"]:
        yield _warning(
            52, f"最近一次备份缺少 {last['missing']} 个文件", "执行 mingzhi files check，从其他副本找回"
        )


def ledger(deploy: bool) -> Iterator[Finding]:
    """Contradictions that nobody has looked into, the last whole check of the log, a clock that is behind it."""
    from datetime import timedelta

    from mingzhi.kernel import clock, sm2
    from mingzhi.ledger import api

    latest, now = api.latest(), clock.now()
    if latest is not None and latest.after(now):
        shown, signed = (clock.local(t).strftime("%Y-%m-%d %H:%M:%S") for t in (now, latest.at))
        yield _error(
            64,
            f"系统时钟 {shown} 早于最新检查点的签发时间 {signed}，现在或签发时的时钟有误；新检查点沿用该时间",
            "校准服务器时钟（NTP），并核对此间登记事项的时间；时钟走过该签发时间后自动消失",
        )
    for split in api.standing.witnesses().alarms:
        yield _error(
            60,
            f"账本视图不一致（第 {split.id} 号）：{split.sentence}",
            "保全双方检查点，查明后由安全审计员到“存证—见证”登记处理情况（或者执行 mingzhi ledger witness settle）",
        )
    last = next(iter(api.standing.check_runs()), None)
    if last is not None and not last.ok:
        yield _error(
            61,
            f"最近一次账本核查发现 {last.found} 处问题",
            "执行 mingzhi ledger fsck --files 逐条查看并保全现场",
        )
    since = last.at if last else api.started_at()
    if since is not None and clock.now() - since > timedelta(hours=48):
        yield _warning(
            62, "账本已两天没有完整核查", "确认后台任务正在运行，或执行 mingzhi ledger fsck --files --keep"
        )
    if deploy and (why := sm2.missing()):
        yield _warning(
            63, f"检查点没有国密签名：{why}", "安装启用国密算法的 OpenSSL 3，或配置 MINGZHI_SM2_PROVIDER"
        )


def charts(deploy: bool) -> Iterator[Finding]:
    """A public flow chart that is missing, or is not the procedure the house enforces."""
    from django.conf import settings
    from django.db.utils import Error

    from mingzhi.kernel import clock
    from mingzhi.web import charts as made

    try:
        told = made.stale(settings.PROFILE, clock.local_date(clock.now()))
    except Error:
        return  # the database group says what is wrong with it
    for sentence in told:
        yield _warning(70, sentence, "在“程序表”页面制作流程图，经审核、批准后公布")


GROUPS: tuple[Callable[[bool], Iterator[Finding]], ...] = (
    keys,
    addresses,
    database,
    storage,
    worker,
    backup,
    ledger,
    charts,
)


def run(*, deploy: bool = False) -> list[Finding]:
    """Every finding, errors first."""
    found = [finding for group in GROUPS for finding in group(deploy)]
    return sorted(found, key=lambda f: (f.level != "error", f.id))

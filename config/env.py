"""Every environment variable the product reads, with its type and its default, in one place.

Nothing else in the code touches ``os.environ``. ``mingzhi check`` prints this table.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

ROOT = Path(__file__).resolve().parent.parent
DEFAULT_PROFILE = "xiashan-chengzong"


@dataclass(frozen=True)
class Variable:
    """One environment variable: name, default (as text) and what it is for."""

    name: str
    default: str
    purpose: str


VARIABLES: dict[str, Variable] = {
    v.name: v
    for v in (
        Variable(
            "MINGZHI_VAR", str(ROOT / "var"), "运行数据目录；每个配置档在其下有自己的数据库、文件、密钥"
        ),
        Variable("MINGZHI_SHARED_VAR", "", "字体与浏览器组件所在目录，留空同 MINGZHI_VAR"),
        Variable("MINGZHI_PROFILE", "", "本单位配置档（profile），留空用上次 ./run 所选"),
        Variable(
            "MINGZHI_DATABASE_URL", "", "业务库地址，留空用 SQLite；postgres://用户:口令@主机:端口/库名"
        ),
        Variable(
            "MINGZHI_DATABASE_SECONDS", "20", "网页等待 PostgreSQL 应答的最长秒数，超过即请用户稍后再试"
        ),
        Variable("MINGZHI_SECRET_KEY", "", "会话与签名密钥；留空时读取（首次生成）数据目录中的 secret.key"),
        Variable(
            "MINGZHI_DATA_KEY", "", "个人信息加密密钥（64 位十六进制）；留空时读取数据目录中的 data.key"
        ),
        Variable("MINGZHI_ALLOWED_HOSTS", "127.0.0.1,localhost,[::1]", "允许的访问域名，逗号分隔"),
        Variable("MINGZHI_PUBLIC_URL", "http://127.0.0.1:8000", "对外地址，印在文书二维码中"),
        Variable("MINGZHI_HTTPS", "0", "前置 HTTPS 时设为 1：启用安全 Cookie 与 HSTS"),
        Variable(
            "MINGZHI_TRUSTED_PROXIES",
            "127.0.0.1,::1",
            "前置代理（nginx）的地址或网段，逗号分隔：只有来自这些地址的请求才采信 X-Forwarded-For",
        ),
        Variable("MINGZHI_IDLE_MINUTES", "30", "登录空闲超时（分钟）"),
        Variable("MINGZHI_LOGIN_FAILURES", "5", "连续登录失败多少次后锁定"),
        Variable("MINGZHI_LOCK_MINUTES", "30", "登录锁定时长（分钟）"),
        Variable("MINGZHI_OIDC_ISSUER", "", "统一身份认证（OIDC）发行方地址，留空不启用"),
        Variable("MINGZHI_OIDC_CLIENT_ID", "", "OIDC 客户端编号"),
        Variable("MINGZHI_OIDC_CLIENT_SECRET", "", "OIDC 客户端密钥"),
        Variable("MINGZHI_UPLOAD_MAX_MB", "4096", "单个上传文件上限（MB）"),
        Variable("MINGZHI_UPLOAD_DAYS", "7", "未传完或者未提交的上传保留天数，逾期清理"),
        Variable("MINGZHI_UPLOAD_PERSON_GB", "64", "每人上传中和待提交文件的总量上限（GB）"),
        Variable("MINGZHI_UPLOAD_BODY_GB", "0", "每个机关已存文件的总量上限（GB），0 为不限"),
        Variable("MINGZHI_UPLOAD_SPARE_MB", "512", "存储磁盘须保留的空余（MB），不足时拒绝新的上传"),
        Variable(
            "MINGZHI_BACKUP_TO", "", "每夜自动备份到哪个备份库（mingzhi backup new 建立），留空不自动备份"
        ),
        Variable(
            "MINGZHI_LEDGER_ENTRIES",
            "1",
            "公开账本条目头（事项、编号、时间、承诺值，不含内容）；0 为只公开散列",
        ),
        Variable(
            "MINGZHI_SM2_PROVIDER", "", "国密签名由认证设备提供时填写 包.模块:函数；留空用系统 libcrypto"
        ),
        Variable("MINGZHI_TSA_URL", "", "时间戳服务（RFC 3161）地址，留空则不为检查点申请时间戳"),
        Variable("MINGZHI_TSA_POLICY", "", "时间戳策略标识（如 1.2.3），留空由时间戳机构决定"),
        Variable("MINGZHI_TSA_ROOTS", "", "时间戳机构根证书文件（PEM）"),
        Variable("MINGZHI_TSA_MINUTES", "60", "两次申请时间戳至少相隔的分钟数"),
        Variable("MINGZHI_S3_BUCKET", "", "对象存储（S3）的桶名，留空则文件存于数据目录"),
        Variable("MINGZHI_S3_ENDPOINT", "", "对象存储服务地址，如 https://s3.example.gov.cn"),
        Variable("MINGZHI_S3_REGION", "us-east-1", "对象存储区域名"),
        Variable("MINGZHI_S3_ACCESS_KEY", "", "对象存储访问编号，留空按服务器身份"),
        Variable("MINGZHI_S3_SECRET_KEY", "", "对象存储访问密钥"),
        Variable("MINGZHI_S3_PREFIX", "", "对象名前缀，如 mingzhi/"),
        Variable("MINGZHI_S3_LOCK_DAYS", "0", "对象锁定天数（桶须启用对象锁定），0 为不设"),
        Variable("MINGZHI_ACCEL_LOCATION", "", "由 nginx 发送文件时的内部地址，如 /_files/，留空由程序发送"),
        Variable(
            "MINGZHI_PACKS",
            "",
            "静态公示目录放在哪里（公示渠道“静态网页目录”），留空为数据目录下的 packs；只在有此目录的服务器上运行后台任务",
        ),
        Variable("MINGZHI_LOG_LEVEL", "INFO", "日志级别"),
    )
}


def text(name: str) -> str:
    """The variable's value, or its declared default. An undeclared name is a programming error."""
    return os.environ.get(name, VARIABLES[name].default)


def flag(name: str) -> bool:
    return text(name).strip().lower() in {"1", "true", "yes", "on"}


def integer(name: str) -> int:
    return int(text(name))


def words(name: str) -> list[str]:
    return [w.strip() for w in text(name).split(",") if w.strip()]


def networks(name: str) -> list[IPv4Network | IPv6Network]:
    """Addresses and networks; a single address is a network of one."""
    try:
        return [ip_network(word, strict=False) for word in words(name)]
    except ValueError as wrong:
        raise ValueError(f"{name} 中有无法识别的地址或网段：{wrong}") from None


def folder(name: str) -> Path:
    return Path(text(name)).expanduser()


def profile() -> str:
    """The profile asked for, else the one `./run` chose last, else the default."""
    chosen = folder("MINGZHI_VAR") / "profile"
    return text("MINGZHI_PROFILE") or (
        chosen.read_text("utf-8").strip() if chosen.is_file() else DEFAULT_PROFILE
    )


def data() -> Path:
    """The running profile's own folder: database, files, keys, logs."""
    return folder("MINGZHI_VAR") / profile()


def shared() -> Path:
    """Fonts, browser libraries and collected static files, the same for every profile."""
    return folder("MINGZHI_SHARED_VAR") if text("MINGZHI_SHARED_VAR") else folder("MINGZHI_VAR")


def database(url: str) -> dict[str, Any]:
    """Django's settings for one database address (``sqlite:///path`` or ``postgres://…``)."""
    parts = urlsplit(url)
    if parts.scheme == "sqlite":
        return {"ENGINE": "django.db.backends.sqlite3", "NAME": unquote(parts.path)}
    if parts.scheme in {"postgres", "postgresql"}:
        return {
            "ENGINE": "config.postgresql",
            "NAME": unquote(parts.path.lstrip("/")),
            "USER": unquote(parts.username or ""),
            "PASSWORD": unquote(parts.password or ""),
            "HOST": parts.hostname or "",
            "PORT": str(parts.port or ""),
            "OPTIONS": dict(parse_qsl(parts.query)),
        }
    raise ValueError(f"数据库地址无法识别：{parts.scheme}://…，应为 sqlite:/// 或 postgres://")

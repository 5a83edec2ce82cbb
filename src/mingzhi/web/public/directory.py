"""The channel «static pages in a directory»: a government site's file server serves what ``pack`` keeps there.

It lies on this floor because it writes pages. What goes there, when, and how it is answered is publication's.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from mingzhi.kernel.errors import Problems
from mingzhi.publication import api as publication
from mingzhi.publication.choices import Channel, DecisionKind
from mingzhi.publication.data import PublicMark
from mingzhi.publication.errors import PlatformAway
from mingzhi.web.public import pack


def _folder(options: Mapping[str, Any]) -> Path:
    root: Path = settings.PACKS_ROOT
    if root == settings.VAR / "packs":
        root.mkdir(parents=True, exist_ok=True)
    if not root.is_dir():  # mounted on another server, or not mounted just now
        raise PlatformAway(why=f"本机没有目录 {root}")
    return root / str(options["place"])


def fill(options: Mapping[str, Any], marks: Sequence[PublicMark] | None, at: datetime) -> str:
    """Bring the directory into step; the generation's number as its receipt."""
    folder = _folder(options)
    try:
        if marks is None:
            pack.remove(folder)
            return ""
        found = pack.export(folder, at=at, marks=marks, site=str(options["url"]))
    except (OSError, pack.NotAPack, pack.AtWork, pack.Lacking) as error:
        raise PlatformAway(why=str(error)) from error
    return f"目录第 {found['generation']} 份"


def standing(options: Mapping[str, Any], _secret: str) -> dict[int, str]:
    return pack.holds(_folder(options))


def check(options: Mapping[str, Any], _secret: str, problems: Problems) -> None:
    if not re.fullmatch(r"[a-z0-9][a-z0-9-]{0,39}", str(options.get("folder", ""))):
        problems.add("folder", "请填写目录名，只用小写英文字母、数字和连字符，最多 40 个字符")
    parts = urlsplit(str(options.get("url", "")))
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        problems.add(
            "url", "请填写目录对外的网址，应为 http:// 或 https:// 开头，公示网页中的站点地图以此为准"
        )


def register() -> None:
    publication.channels.register(
        publication.channels.Adapter(
            code="directory",
            label="静态网页目录（政府网站）",
            channel=Channel.PORTAL,
            acts=tuple(DecisionKind.values),
            check=check,
            fill=fill,
            standing=standing,
            note="把正在公示的全部信息做成静态网页，放在本系统约定位置的目录中，由政府网站的文件服务器提供；"
            "发布、更正、撤下、期满后随即更新，整体切换。同一机关的几种数据可以写同一个目录名，合为一个目录。停用后目录移除。",
        )
    )

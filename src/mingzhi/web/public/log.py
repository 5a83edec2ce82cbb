"""The log for machines: checkpoint, keys and tiles (C2SP tlog-tiles). Static in meaning: what a tile
holds never changes, so caches may keep it for good; nginx can serve an export in its place."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.web.public.common import plain

_FOR_GOOD = "public, max-age=31536000, immutable"
_NOT_YET = "首条记录定序后即生成"


@cache_control(max_age=2)
@require_safe
def checkpoint(request: HttpRequest) -> HttpResponse:
    """The latest signed checkpoint with the cosignatures that came for it."""
    text = ledger.checkpoint()
    if not text:
        raise NotFound("账本尚无检查点", remedy=_NOT_YET)
    return plain(text)


@cache_control(max_age=2)
@require_safe
def cosigned(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint that a witness cosigned."""
    text = ledger.checkpoint(cosigned=True)
    if not text:
        raise NotFound("还没有经见证的检查点", remedy="登记见证方后，新检查点会自动送签")
    return plain(text)


@cache_control(max_age=2)
@require_safe
def stamped(request: HttpRequest) -> HttpResponse:
    """The newest checkpoint that a time-stamp authority stamped, with its token."""
    text = ledger.stamping.stamped()
    if not text:
        raise NotFound("还没有附时间戳的检查点", remedy="登记时间戳服务后，检查点会定期申请时间戳")
    return plain(text)


@require_safe
def key(request: HttpRequest) -> HttpResponse:
    """The log's public keys in force (C2SP verifier keys), one a line: Ed25519, then SM2."""
    found = ledger.keys_in_force()
    if not found:
        raise NotFound("账本公钥尚未生成", remedy="系统初始化后即生成")
    return plain("\n".join(found) + "\n")


@require_safe
def keys(request: HttpRequest) -> HttpResponse:
    """Every key the log ever had, and the announcements of later ones."""
    text = ledger.keys_text()
    if not text:
        raise NotFound("账本公钥尚未生成", remedy="系统初始化后即生成")
    return plain(text)


@require_safe
def tile(request: HttpRequest, level: int, name: str) -> HttpResponse:
    """Hashes of one level. Only tiles below a signed checkpoint exist."""
    return _tile(ledger.tile(level, name))


@require_safe
def entries(request: HttpRequest, name: str) -> HttpResponse:
    """Entry heads: kind, subject, time and commitment, never content."""
    return _tile(ledger.tile(None, name) if settings.LEDGER_ENTRIES else None)


def _tile(data: bytes | None) -> HttpResponse:
    if data is None:
        raise NotFound("没有这一账本分片", remedy="请先读取检查点，再按其条目数读取分片")
    answer = HttpResponse(data, content_type="application/octet-stream")
    answer["Cache-Control"] = _FOR_GOOD
    return answer

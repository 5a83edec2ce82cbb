"""Asking another installation over HTTP: short answers, short waits, no redirects."""

from __future__ import annotations

import urllib.error
import urllib.request
from dataclasses import dataclass
from email.message import Message
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from mingzhi.kernel import asking
from mingzhi.ledger.errors import WitnessInvalid, WitnessUnclear

SECONDS = 3.0
"""The worker waits here, and places entries only afterwards: so it does not wait long."""
MOST = 1_000_000


@dataclass(frozen=True, slots=True)
class Answer:
    status: int
    kind: str
    body: bytes

    def text(self) -> str:
        return self.body.decode("utf-8", "replace")


_opener = asking.opener()


def address(url: str) -> str:
    """``url`` as an address to ask, without a slash at its end. ``WitnessInvalid`` when it is none."""
    parts = urlsplit(url.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise WitnessInvalid(why=f"地址 {url} 应为 http:// 或 https:// 开头的网址")
    return url.strip().rstrip("/")


def ask(url: str, body: bytes | None = None, *, kind: str = "text/plain") -> Answer:
    """GET, or POST with a body. Any status is an answer; ``WitnessUnclear`` when there is none."""
    request = urllib.request.Request(  # noqa: S310 — http or https, checked when registered
        address(url), data=body, headers={"Content-Type": kind, "User-Agent": "mingzhi"}
    )
    try:
        with _opener.open(request, timeout=SECONDS) as found:
            return _answer(found.status, found.headers, found)
    except urllib.error.HTTPError as error:
        with error:
            return _answer(error.code, error.headers, error)
    except (OSError, HTTPException) as error:
        raise WitnessUnclear(name=url, why=f"连接失败（{error}）") from None


def _answer(status: int, headers: Message, stream: Any) -> Answer:
    body = stream.read(MOST + 1)
    if len(body) > MOST:
        raise WitnessUnclear(name=stream.url, why="答复过长")
    return Answer(status, headers.get_content_type(), body)

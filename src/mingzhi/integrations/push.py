"""Pushing to a platform over HTTP: one signed POST per event, answered with an echo and a receipt.

The protocol is docs/algorithms/push.md. What is not a whole, fitting answer is no answer: the same is
sent again with the same key, and the platform knows it by that key.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import urllib.error
import urllib.request
from collections.abc import Mapping
from datetime import datetime
from http.client import HTTPException
from typing import Any
from urllib.parse import urlsplit

from mingzhi.kernel import asking, canonical, clock, sm2
from mingzhi.kernel.errors import Problems
from mingzhi.publication import api as publication
from mingzhi.publication.choices import Channel, DecisionKind
from mingzhi.publication.data import Outcome, Parcel
from mingzhi.publication.errors import PlatformAway

SECONDS = 10.0
"""For one exchange, from the connection to the last byte: the worker waits here."""
MOST, MOST_HELD = 1_000_000, 64_000_000
"""Bytes of an answer; of the list of all that a platform holds, some eight hundred thousand decisions."""
HMAC, SM2 = "hmac-sha256", "sm2"


def body_of(options: Mapping[str, Any], parcel: Parcel) -> bytes:
    """The canonical bytes of a parcel; facts under the platform's names where it has its own."""
    names: Mapping[str, str] = options.get("names", {})
    return canonical.encode(
        {
            "format": "mingzhi-push/1",
            "key": parcel.key,
            "operation": parcel.operation,
            "kind": parcel.kind,
            "disclosure": parcel.disclosure,
            "number": parcel.number,
            "version": parcel.version,
            "reason": parcel.reason,
            "record": {names.get(name, name): value for name, value in parcel.facts.items()},
        }
    )


def digest(options: Mapping[str, Any], parcel: Parcel) -> str:
    return hashlib.sha256(body_of(options, parcel)).hexdigest()


def signed_text(method: str, path: str, moment: str, body: bytes) -> bytes:
    """What the signature is over: method, path, time, digest of the body, each on a line."""
    return f"{method}\n{path}\n{moment}\n{hashlib.sha256(body).hexdigest()}".encode()


def signature(algorithm: str, secret: str, text: bytes) -> str:
    """``secret`` is the shared key for HMAC, the private key's bytes in hex for SM2."""
    if algorithm == SM2:
        return sm2.provider().sign(bytes.fromhex(secret), text).hex()
    return hmac.new(secret.encode(), text, hashlib.sha256).hexdigest()


def send(options: Mapping[str, Any], secret: str, parcel: Parcel) -> Outcome:
    """Give the parcel over. 2xx and 409 with the echo: taken; other 4xx but 401, 408, 425, 429: refused for good."""
    body = body_of(options, parcel)
    sha256 = hashlib.sha256(body).hexdigest()
    status, said = _ask(options, secret, "POST", options["url"], body, key=parcel.key)
    if 200 <= status < 300 or status == 409:
        receipt = _words(said.get("receipt") or "")
        if said.get("key") != parcel.key or said.get("sha256") != sha256 or not receipt:
            raise PlatformAway(why="回执与报送的内容对不上")
        return Outcome(True, receipt=receipt, sha256=sha256)
    if 400 <= status < 500 and status not in {401, 403, 404, 408, 425, 429}:
        why = _words(said.get("message") or "") or "未说明原因"
        return Outcome(False, told=f"对方退回（{status}）：{why}"[:500], sha256=sha256)
    raise PlatformAway(why=f"答复 {status}")


def _words(said: Any) -> str:
    """What a platform says, as a database and a page can hold it."""
    return "".join(c for c in str(said)[:500] if c.isprintable()).strip()


def standing(options: Mapping[str, Any], secret: str) -> dict[int, str]:
    """What the platform holds: disclosure → SHA-256 of the body it took."""
    status, said = _ask(options, secret, "GET", options["url"], b"", most=MOST_HELD)
    rows = said.get("held")
    if status != 200 or not isinstance(rows, dict):
        raise PlatformAway(why=f"对账答复 {status}")
    try:
        return {int(k): str(v) for k, v in rows.items()}
    except ValueError:
        raise PlatformAway(why="对账清单格式不正确") from None


_opener = asking.opener()


def _ask(  # noqa: PLR0917 — an exchange is these things
    options: Mapping[str, Any],
    secret: str,
    method: str,
    url: str,
    body: bytes,
    key: str = "",
    most: int = MOST,
) -> tuple[int, dict[str, Any]]:
    moment = _moment(clock.now())
    algorithm = str(options.get("algorithm", HMAC))
    text = signed_text(method, urlsplit(url).path or "/", moment, body)
    headers = {
        "Content-Type": "application/json; charset=utf-8",
        "User-Agent": "mingzhi",
        "X-Mingzhi-Key": key,
        "X-Mingzhi-Time": moment,
        "X-Mingzhi-Algorithm": algorithm,
        "X-Mingzhi-Signature": signature(algorithm, secret, text),
    }
    request = urllib.request.Request(url, data=body or None, headers=headers, method=method)  # noqa: S310 — checked when set
    try:
        try:
            with _opener.open(request, timeout=SECONDS) as answer:
                status, raw = answer.status, answer.read(most + 1)
        except urllib.error.HTTPError as error:
            with error:
                status, raw = error.code, error.read(most + 1)
    except (OSError, HTTPException, ValueError, OverflowError) as error:  # the last two: no such address
        raise PlatformAway(why=f"连接失败（{type(error).__name__}）") from None
    if len(raw) > most:
        raise PlatformAway(why="答复过长")
    try:
        said = json.loads(raw) if raw else {}
    except (ValueError, RecursionError):
        said = None
    if not isinstance(said, dict):
        if status < 500:
            raise PlatformAway(why=f"答复 {status}，内容不完整")
        said = {}
    return status, said


def _moment(at: datetime) -> str:
    return str(canonical.plain(at))


def _address(url: str) -> bool:
    """Whether ``url`` can be asked: plain characters, a host, a port that there is, nothing to sign in with."""
    try:
        parts = urlsplit(url)
        found = parts.hostname and (parts.port or 1)
    except ValueError:
        return False
    plain = url.isascii() and url.isprintable() and " " not in url
    wrong = parts.query or parts.fragment or parts.username or parts.scheme not in {"http", "https"}
    return bool(found) and plain and not wrong


def check(options: Mapping[str, Any], secret: str, problems: Problems) -> None:
    if not _address(str(options.get("url", ""))):
        problems.add("url", "请填写对方平台的接口地址，应为 http:// 或 https:// 开头的网址")
    if options.get("algorithm", HMAC) not in {HMAC, SM2}:
        problems.add("algorithm", "签名算法应为 HMAC-SHA256 或者 SM2")
    if options.get("algorithm") == SM2:
        try:
            signature(SM2, secret, b"")
        except (ValueError, sm2.NoSM2) as error:
            problems.add("secret", f"SM2 私钥不能使用：{error}")
    elif len(secret) < 16:
        problems.add("secret", "签名密钥至少 16 个字符，由对方平台提供")


def register() -> None:
    publication.channels.register(
        publication.channels.Adapter(
            code="push",
            label="接口推送（签名、回执、对账）",
            channel=Channel.CREDIT,
            acts=tuple(DecisionKind.values),
            check=check,
            send=send,
            standing=standing,
            digest=digest,
            note="按本系统公开的推送协议报送，协议说明随软件提供；对方平台采用其他协议的，需要另行开发。",
        )
    )

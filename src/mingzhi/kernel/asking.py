"""Asking another machine over HTTP: one patience for the whole answer.

A socket's own time-out begins anew with every byte: whoever answers a byte at a time would hold the asker as
long as he likes. Here the time-out given to ``open`` is for connecting, for sending, and for everything from
the answer's first byte to its last.
"""

from __future__ import annotations

import io
import socket
import time
import urllib.request
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from typing import Any


class _Words(io.RawIOBase):
    """What comes in, waited for until the patience ends."""

    def __init__(self, line: socket.socket, words: Any) -> None:
        self.line, self.words = line, words
        self.until = time.monotonic() + float(line.gettimeout() or 0)

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int | None:
        left = self.until - time.monotonic()
        if left <= 0:
            raise TimeoutError("timed out")
        self.line.settimeout(left)
        found: int | None = self.words.readinto(buffer)
        return found

    def close(self) -> None:
        self.words.close()
        super().close()


class _Answer(HTTPResponse):
    def __init__(self, sock: socket.socket, *args: Any, **named: Any) -> None:
        super().__init__(sock, *args, **named)
        self.fp: Any = io.BufferedReader(_Words(sock, self.fp.detach()))


class _Patient(HTTPConnection):
    response_class = _Answer


class _Secure(HTTPSConnection):
    response_class = _Answer


class _Http(urllib.request.HTTPHandler):
    def http_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Patient, req)


class _Https(urllib.request.HTTPSHandler):
    def https_open(self, req: urllib.request.Request) -> HTTPResponse:
        return self.do_open(_Secure, req, context=self._context)  # type: ignore[attr-defined]


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    def redirect_request(self, *_args: Any, **_kw: Any) -> None:
        return None


def opener(*, redirects: bool = False) -> urllib.request.OpenerDirector:
    """Opens http and https. ``open`` must be given its ``timeout``, which each of ``redirects`` has anew; without
    them a redirect is an answer like any other."""
    away = urllib.request.HTTPRedirectHandler if redirects else _NoRedirect
    return urllib.request.build_opener(_Http, _Https, away, urllib.request.ProxyHandler())

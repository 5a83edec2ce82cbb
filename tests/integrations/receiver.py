"""A platform as docs/algorithms/push.md describes it, on a real socket, with faults on order.

It checks the signature of every request, knows a key it has had, keeps events of a disclosure in order,
and lists what it holds. ``faults`` are used up one per POST.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
import time
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from mingzhi.kernel import sm2


class Platform:
    def __init__(self, secret: str, public: bytes = b"") -> None:
        self.secret, self.public = secret, public
        self.faults: list[str] = []
        self.seen: dict[str, tuple[str, str]] = {}
        self.held: dict[int, tuple[int, str, dict[str, Any]]] = {}
        self.wrong: list[str] = []
        self.posts = 0
        platform = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                platform.posts += 1
                fault = platform.faults.pop(0) if platform.faults else ""
                if fault == "500":
                    return self.say(500, {"message": "坏了"})
                if fault == "cut before":
                    return self.connection.close()
                if not platform.signed(self, body):
                    return self.say(401, {"message": "签名不正确"})
                if fault == "refuse":
                    return self.say(422, {"message": "统一社会信用代码\x00不存在"})
                status, said = platform.take(body)
                if fault == "late":
                    time.sleep(0.9)
                if fault == "cut after":
                    return self.connection.close()
                if fault == "odd words":
                    said = said | {"receipt": f"{said['receipt']}\x00\ud800\n"}
                if fault == "no words":
                    said = said | {"receipt": "\x00\n"}
                if fault == "other echo":
                    said = said | {"sha256": "0" * 64}
                return self.say(status, said, short=fault == "short")

            def do_GET(self) -> None:
                if not platform.signed(self, b""):
                    return self.say(401, {})
                return self.say(200, {"held": {str(k): v[1] for k, v in platform.held.items()}})

            def say(self, status: int, said: dict[str, Any], short: bool = False) -> None:
                data = json.dumps(said).encode()
                self.send_response(status)
                self.send_header("Content-Length", str(len(data)))
                self.end_headers()
                self.wfile.write(data[:5] if short else data)

            def log_message(self, *args: Any) -> None:
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/push"
        threading.Thread(
            target=self.server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
        ).start()

    def close(self) -> None:
        self.server.shutdown()
        self.server.server_close()

    def signed(self, request: BaseHTTPRequestHandler, body: bytes) -> bool:
        moment = request.headers["X-Mingzhi-Time"]
        text = f"{request.command}\n{request.path}\n{moment}\n{hashlib.sha256(body).hexdigest()}".encode()
        given = request.headers["X-Mingzhi-Signature"]
        old = abs((datetime.now(UTC) - datetime.fromisoformat(moment)).total_seconds()) > 300
        if request.headers["X-Mingzhi-Algorithm"] == "sm2":
            fits = sm2.provider().verify(self.public, text, bytes.fromhex(given))
        else:
            fits = hmac.compare_digest(
                hmac.new(self.secret.encode(), text, hashlib.sha256).hexdigest(), given
            )
        return fits and not old

    def take(self, body: bytes) -> tuple[int, dict[str, Any]]:
        said, digest = json.loads(body), hashlib.sha256(body).hexdigest()
        key = said["key"]
        if key in self.seen:
            known, receipt = self.seen[key]
            if known != digest:
                self.wrong.append(f"{key} with another content")
            return 409, {"key": key, "sha256": known, "receipt": receipt}
        pk, version = said["disclosure"], said["version"]
        if said["operation"] == "withdraw":
            self.held.pop(pk, None)
        else:
            if pk in self.held and self.held[pk][0] >= version:
                self.wrong.append(f"version {version} of {pk} after {self.held[pk][0]}")
            self.held[pk] = (version, digest, said["record"])
        receipt = f"R{len(self.seen) + 1:06d}"
        self.seen[key] = (digest, receipt)
        return 200, {"key": key, "sha256": digest, "receipt": receipt}

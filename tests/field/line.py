"""A line between a browser and the server that can be cut: at once, or after so many bytes."""

from __future__ import annotations

import contextlib
import socket
import threading
from urllib.parse import urlsplit


class Line:
    """Forwards connections of its own port to ``target`` while it is up."""

    def __init__(self, target: str) -> None:
        parts = urlsplit(target)
        self.target = (parts.hostname or "127.0.0.1", parts.port or 80)
        self.door = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self.door.getsockname()[1]}"
        self.up = True
        self.sent = 0
        self.cut_at: int | None = None
        self.open: set[socket.socket] = set()
        threading.Thread(target=self._listen, daemon=True).start()

    def cut(self) -> None:
        """The server is gone: nothing answers and what was open breaks."""
        self.up = False
        for end in list(self.open):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def mend(self) -> None:
        self.up, self.cut_at = True, None

    def cut_after(self, count: int) -> None:
        """Break once the browser has sent ``count`` more bytes."""
        self.cut_at = self.sent + count

    def close(self) -> None:
        self.cut()
        self.door.close()

    def _listen(self) -> None:
        while True:
            try:
                near, _ = self.door.accept()
            except OSError:
                return
            if not self.up:
                near.close()
                continue
            far = socket.create_connection(self.target)
            self.open |= {near, far}
            for source, sink, counted in ((near, far, True), (far, near, False)):
                threading.Thread(target=self._pump, args=(source, sink, counted), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket, counted: bool) -> None:
        with contextlib.suppress(OSError):
            while piece := source.recv(65536):
                if counted:
                    self.sent += len(piece)
                    if self.cut_at is not None and self.sent >= self.cut_at:
                        self.cut()
                sink.sendall(piece)
        for end in (source, sink):
            self.open.discard(end)
            with contextlib.suppress(OSError):
                end.close()

"""Whoever answers slowly holds nobody longer than he was given; nobody is sent on to another address."""

from __future__ import annotations

import socket
import threading
import time
import urllib.error
from collections.abc import Callable, Iterator

import pytest

from mingzhi.kernel import asking

HEAD = b"HTTP/1.1 200 OK\r\n"


@pytest.fixture
def serve() -> Iterator[Callable[[list[bytes], float], str]]:
    """Answers the first who asks with these pieces, a pause before each, and hangs up."""
    lines: list[socket.socket] = []

    def start(pieces: list[bytes], pause: float = 0.0) -> str:
        door = socket.create_server(("127.0.0.1", 0))
        lines.append(door)

        def answer() -> None:
            line, _ = door.accept()
            with line:
                line.recv(65_536)
                for piece in pieces:
                    time.sleep(pause)
                    try:
                        line.sendall(piece)
                    except OSError:
                        return

        threading.Thread(target=answer, daemon=True).start()
        return f"http://127.0.0.1:{door.getsockname()[1]}/"

    yield start
    for line in lines:
        line.close()


def drops(text: bytes) -> list[bytes]:
    return [bytes([byte]) for byte in text]


@pytest.mark.parametrize(
    "pieces",
    [
        drops(HEAD + b"X: " + b"y" * 400),
        [HEAD + b"Content-Length: 400\r\n\r\n", *drops(b"x" * 400)],
        [HEAD + b"Connection: close\r\n\r\n", *drops(b"x" * 400)],
    ],
    ids=["head", "body", "body without a length"],
)
def test_an_answer_that_drips_is_given_up_when_the_time_is_over(
    serve: Callable[[list[bytes], float], str], pieces: list[bytes]
) -> None:
    """Each byte comes well within the time-out; all of them would take eight seconds."""
    url, began = serve(pieces, 0.02), time.monotonic()
    with pytest.raises(TimeoutError):
        asking.opener().open(url, timeout=0.4).read()
    assert time.monotonic() - began < 4


@pytest.mark.parametrize("head", [b"Content-Length: 5\r\n\r\n", b"Connection: close\r\n\r\n"])
def test_a_whole_answer_is_read_whole(serve: Callable[..., str], head: bytes) -> None:
    with asking.opener().open(serve([HEAD + head, b"hel", b"lo"]), timeout=20) as answer:
        assert (answer.status, answer.read()) == (200, b"hello")


def test_a_redirect_is_an_answer_and_not_followed(serve: Callable[..., str]) -> None:
    url = serve([b"HTTP/1.1 302 Found\r\nLocation: file:///etc/passwd\r\nContent-Length: 0\r\n\r\n"])
    with pytest.raises(urllib.error.HTTPError) as answer:
        asking.opener().open(url, timeout=20)
    assert answer.value.code == 302
    answer.value.close()

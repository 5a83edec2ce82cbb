"""What a page says in the one language and in the other, read from its HTML."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest
from django.utils.translation import trans_real

import mingzhi.web
from mingzhi.web.messages import compile_catalogues

HAN = re.compile(r"[\u4e00-\u9fff]")
LATIN = re.compile(r"[A-Za-z]{2,}")
#: Signs and names that Chinese officials write in Latin letters.
ALLOWED = re.compile(
    r"English|SHA-256|SM3|PDF|OFD|MB|QR|TOTP|Excel|Markdown|UTF-8|Word|xlsx|csv|CSV|JSON|zip|\.md\b|\.tlog-proof|\.mingzhi-receipt"
    r"|mingzhi verify|Ctrl|https?://\S+|\b[\w.-]+:\d+\b"
)
LABELS = frozenset({"title", "h1", "h2", "label", "button", "legend", "dt", "th", "option", "summary"})
SILENT = frozenset({"script", "style", "svg", "code", "template", "pre"})


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []
        self.said: list[tuple[str, str]] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag not in ("meta", "link", "input", "img", "br", "hr", "source", "wbr", "col"):
            given = dict(attrs)
            mono = "mono" in (given.get("class") or "")
            row = tag == "th" and given.get("scope") != "col"
            self.open.append("code" if mono else "td" if row else tag)
        for name, value in attrs:
            if name in ("aria-label", "placeholder", "title", "alt") and value:
                self.said.append((name, value))

    def handle_endtag(self, tag: str) -> None:
        if self.open:
            self.open.pop()

    def handle_data(self, data: str) -> None:
        if data.strip() and not SILENT & set(self.open):
            self.said.append((next((t for t in reversed(self.open) if t in LABELS), ""), data.strip()))


def said(page: str) -> list[tuple[str, str]]:
    reader = _Reader()
    reader.feed(page)
    return reader.said


def stray_latin(page: str) -> list[str]:
    """Latin words a Chinese page shows and an official would not write."""
    return [words for _where, words in said(page) if LATIN.search(ALLOWED.sub("", words))]


def chinese_labels(page: str, data: tuple[str, ...] = ()) -> list[str]:
    """Titles, headings, labels, buttons and column heads still Chinese; ``data`` names what is data."""
    found = []
    for where, words in said(page):
        if where in ("title", "h1", "h2", "label", "button", "legend", "dt", "th"):
            rest = words.replace("中文", "")
            for name in data:
                rest = rest.replace(name, "")
            if HAN.search(rest):
                found.append(f"{where}: {words}")
    return found


@pytest.fixture
def catalogue() -> None:
    """The English catalogue compiled, as set-up compiles it."""
    compile_catalogues(Path(mingzhi.web.__file__).parent / "locale")
    trans_real._translations.clear()

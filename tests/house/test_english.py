"""The English switch stays whole: what is marked has English, and what is not marked is not interface."""

from __future__ import annotations

import importlib.util
import re
from types import ModuleType

import pytest

from tests.house.test_repository import ROOT

HAN = re.compile(r"[\u4e00-\u9fff]")
PLACE = re.compile(r"%\(\w+\)|{\w+}")
NOT_INTERFACE = {
    "_language.html",  # names the language in itself
    "cotton/seal.html",  # the character in a seal
    "desk/components.html",  # specimens of data
    "errors/bare.html",  # shown when even the language is unknown
    "desk/base.html",  # the character of the mark
    "identity/login.html",
    "public/base.html",
}


@pytest.fixture(scope="module")
def tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("messages_tool", ROOT / "tools" / "messages.py")
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_every_marked_text_has_english(tool: ModuleType) -> None:
    have = tool.known()
    missing = sorted(key for key, _plural in tool.wanted() if not have.get(key, [""])[0])
    assert not missing, "run python tools/messages.py and translate: " + "\n".join(missing)


def test_the_english_keeps_every_placeholder_and_no_chinese(tool: ModuleType) -> None:
    for key, said in tool.known().items():
        for english in filter(None, said):
            assert set(PLACE.findall(english)) == set(PLACE.findall(key)), key
            assert not HAN.search(re.sub(r"“.*?”|{{.*?}}", "", english)), key


def test_every_interface_word_in_a_template_is_marked(tool: ModuleType) -> None:
    """Chinese may stand in a template only inside a translation tag, a comment or ``_("…")``."""
    for path in sorted((tool.WEB / "templates").rglob("*.html")):
        name = path.relative_to(tool.WEB / "templates").as_posix()
        if name in NOT_INTERFACE:
            continue
        bare = re.sub(r"{#.*?#}|{%\s*comment.*?endcomment\s*%}", "", path.read_text("utf-8"), flags=re.S)
        bare = tool.BLOCK.sub("", bare)
        bare = re.sub(r"""{%\s*trans(?:late)?\s+(?:"[^"]*"|'[^']*')[^}]*%}""", "", bare)
        bare = re.sub(r"{{.*?}}|{%.*?%}", "", bare, flags=re.S)
        found = HAN.search(bare)
        assert not found, f"{name}: {bare[max(found.start() - 20, 0) : found.end() + 20]}"

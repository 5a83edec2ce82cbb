"""What the repository must never carry, and what it must always have."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest
from django.core.management import call_command
from django.template import engines
from django.urls import URLPattern, URLResolver, get_resolver

from mingzhi.web.middleware import OPEN_PACKAGES, OPEN_PATHS

ROOT = Path(__file__).resolve().parent.parent.parent
TEMPLATES = ROOT / "src" / "mingzhi" / "web" / "templates"
TEXT = {
    ".py",
    ".md",
    ".toml",
    ".txt",
    ".lock",
    ".json",
    ".yaml",
    ".yml",
    ".html",
    ".css",
    ".js",
    ".svg",
    ".cfg",
    ".po",
    ".csv",
    "",
}

# Put together here so that this file does not contain what it looks for.
REGISTRIES = [
    "py" + "pi.org",
    "python" + "hosted.org",
    "registry." + "npmjs",
    "registry." + "yarnpkg",
    "npm" + "mirror.com",
]
MACHINE = [r"(?<![\w.])/wo" + r"rk/", r"(?<![\w.])/home/\w", r"(?<![\w.])/tm" + r"p/\w"]


def tracked() -> list[Path]:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, check=False)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [
        p for n in listed.stdout.decode().split("\0") if n and (p := ROOT / n).is_file() and p.suffix in TEXT
    ]


def test_no_package_registry_is_named() -> None:
    found = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in tracked()
        for name in REGISTRIES
        if name in path.read_text("utf-8", "replace")
    ]
    assert found == [], "packages come from wherever the machine's own configuration takes them"


def test_no_path_of_a_machine() -> None:
    found = []
    for path in tracked():
        if path.suffix in {".lock", ".csv"}:
            continue
        for number, line in enumerate(path.read_text("utf-8", "replace").splitlines(), 1):
            if any(re.search(pattern, line) for pattern in MACHINE):
                found.append(f"{path.relative_to(ROOT)}:{number}: {line.strip()[:100]}")
    assert found == []


def test_nothing_is_left_for_later() -> None:
    words = ["TO" + "DO", "FIX" + "ME", "XX" + "X:"]
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in tracked()
        if path.suffix in {".py", ".html", ".js", ".css"}
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        if any(re.search(rf"\b{word}", line) for word in words)
    ]
    assert found == []


@pytest.mark.django_db(databases="__all__")
def test_migrations_are_up_to_date() -> None:
    """`mingzhi`-wide: a model changed without its migration stops every installation."""
    call_command("makemigrations", check=True, dry_run=True, verbosity=0)


def test_every_template_compiles() -> None:
    engine = engines["django"]
    names = [str(p.relative_to(TEMPLATES)) for p in TEMPLATES.rglob("*.html")]
    assert names
    for name in names:
        engine.get_template(name)


def test_every_template_is_used() -> None:
    """A template nobody names is dead paper."""
    everything = "\n".join(
        p.read_text("utf-8") for p in [*(ROOT / "src").rglob("*.py"), *(ROOT / "src").rglob("*.html")]
    )
    unused = []
    for path in TEMPLATES.rglob("*.html"):
        name = str(path.relative_to(TEMPLATES))
        if name.startswith("cotton/"):
            tag = name.removeprefix("cotton/").removesuffix(".html").replace("_", "-").replace("/", ".")
            used = re.search(rf"<c-{re.escape(tag)}[\s/>]", everything)
        else:
            used = name in everything or re.search(rf"{{face}}/{re.escape(path.name)}", everything)
        if not used:
            unused.append(name)
    assert unused == []


def test_no_inline_script_or_style() -> None:
    """The content policy allows none; a page that needs one would be broken in silence."""
    wrong = []
    for path in TEMPLATES.rglob("*.html"):
        text = re.sub(r"{#.*?#}", "", path.read_text("utf-8"))
        if re.search(r"<script(?![^>]*\bsrc=)(?![^>]*application/(ld\+)?json)[^>]*>", text):
            wrong.append(f"{path.name}: inline script")
        if re.search(r"<style[\s>]|\sstyle=|\son(click|load|change|submit|input)=", text):
            wrong.append(f"{path.name}: inline style or handler")
        if re.search(r"""(src|href)=["']https?://""", text):
            wrong.append(f"{path.name}: another origin")
    assert wrong == []


def views(patterns: list[URLPattern | URLResolver], prefix: str = "") -> list[tuple[str, object]]:
    found: list[tuple[str, object]] = []
    for entry in patterns:
        if isinstance(entry, URLResolver):
            found += views(entry.url_patterns, prefix + str(entry.pattern))
        else:
            found.append((prefix + str(entry.pattern), entry.callback))
    return found


def test_every_address_has_a_rule() -> None:
    """Closed by default. What is open is open by its package, or on this short list."""
    known = {"healthz"}
    for address, view in views(get_resolver().url_patterns):
        module = getattr(view, "__module__", "")
        is_open = not getattr(view, "login_required", True)
        by_package = any(module == n or module.startswith(f"{n}.") for n in OPEN_PACKAGES)
        if address.startswith(("desk/", "field/", "account/")):
            assert not is_open and not by_package, f"{address} must need a log-in"
        elif is_open and not by_package:
            assert address in known or f"/{address}".startswith(OPEN_PATHS), f"{address} is open: why?"


def test_the_two_commands_come_first_in_both_readmes() -> None:
    for name in ("README.md", "README.zh-CN.md"):
        head = (ROOT / name).read_text("utf-8")[:900]
        assert "./run" in head and "./test" in head, name


def test_locks_carry_hashes_for_everything() -> None:
    for lock in ("requirements.lock", "requirements-dev.lock", "tools/uv.lock", "tools/node.lock"):
        text = (ROOT / lock).read_text("utf-8").replace("\\\n", " ")
        pins = [line for line in text.splitlines() if re.match(r"[a-z0-9]", line, re.I)]
        assert pins and all("--hash=sha256:" in line for line in pins), lock

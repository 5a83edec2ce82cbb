"""Collect what the English switch must translate: `python tools/messages.py` updates the catalogue.

Reads templates ({% trans %}, {% blocktrans %}, _("…") in a filter) and Python (gettext and its short names) under
src/mingzhi/web; keeps what is translated, adds what is new with an empty translation, drops what is
gone. `--missing` prints what has no English yet and ends with exit code 1 if there is any.
"""

from __future__ import annotations

import ast
import json
import re
import sys
from pathlib import Path

WEB = Path(__file__).resolve().parent.parent / "src" / "mingzhi" / "web"
CATALOGUE = WEB / "locale" / "en" / "LC_MESSAGES" / "django.po"
HEAD = 'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset=UTF-8\\n"\n"Plural-Forms: nplurals=2; plural=(n != 1);\\n"\n'
CALLS = {"_", "gettext", "gettext_lazy", "gettext_noop", "_lazy", "noop"}
ARGUMENT = re.compile(r"""[:=]_\("([^"\\]+)"\)""")
TRANS = re.compile(r"""{%-?\s*(?:trans|translate)\s+(?:"((?:[^"\\]|\\.)*)"|'((?:[^'\\]|\\.)*)')""")
BLOCK = re.compile(r"{%\s*blocktrans(?:late)?\b([^%]*)%}(.*?){%\s*endblocktrans(?:late)?\s*%}", re.S)


def from_template(text: str) -> set[tuple[str, str]]:
    found = {(a or b, "") for a, b in TRANS.findall(text)}
    found |= {(said, "") for said in ARGUMENT.findall(text)}
    for options, body in BLOCK.findall(text):
        parts = re.split(r"{%\s*plural\s*%}", body)
        parts = [re.sub(r"{{\s*(\w+)\s*}}", r"%(\1)s", p) for p in parts]
        if "trimmed" in options:
            parts = [" ".join(line.strip() for line in p.strip().splitlines()) for p in parts]
        found.add((parts[0], parts[1] if len(parts) > 1 else ""))
    return found


def from_python(text: str) -> set[tuple[str, str]]:
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Call) and node.args and isinstance(node.args[0], ast.Constant):
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            if name in CALLS and isinstance(node.args[0].value, str):
                found.add((node.args[0].value, ""))
    return found


def known() -> dict[str, list[str]]:
    if not CATALOGUE.exists():
        return {}
    found: dict[str, list[str]] = {}
    for block in CATALOGUE.read_text("utf-8").split("\n\n"):
        key = re.search(r'^msgid (".*")$', block, re.M)
        if key and json.loads(key[1]):
            found[json.loads(key[1])] = [
                json.loads(v) for v in re.findall(r'^msgstr(?:\[\d\])? (".*")$', block, re.M)
            ]
    return found


def wanted() -> set[tuple[str, str]]:
    """Every text the pages mark, with its plural if it has one."""
    found: set[tuple[str, str]] = set()
    for path in sorted(WEB.rglob("*.html")):
        found |= from_template(path.read_text("utf-8"))
    for path in sorted(WEB.rglob("*.py")):
        found |= from_python(path.read_text("utf-8"))
    return found


def main() -> int:
    texts, have = wanted(), known()
    blocks, missing = [HEAD], []
    for key, plural in sorted(texts):
        said = have.get(key) or [""]
        if not said[0]:
            missing.append(key)
        lines = [f"msgid {json.dumps(key, ensure_ascii=False)}"]
        if plural:
            lines.append(f"msgid_plural {json.dumps(plural, ensure_ascii=False)}")
            pair = (said + said)[:2]
            lines += [f"msgstr[{n}] {json.dumps(pair[n], ensure_ascii=False)}" for n in (0, 1)]
        else:
            lines.append(f"msgstr {json.dumps(said[0], ensure_ascii=False)}")
        blocks.append("\n".join(lines) + "\n")
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    CATALOGUE.write_text("\n".join(blocks), "utf-8")
    print(f"{len(texts)} messages, {len(missing)} without English")
    if "--missing" in sys.argv:
        print("\n".join(missing))
        return int(bool(missing))
    return 0


if __name__ == "__main__":
    sys.exit(main())

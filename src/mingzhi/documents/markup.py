"""The templates' own little language: read, checked and turned into a document tree. No code in it.

A template is lines of Chinese. Its head (``键：值`` lines, then ``---``) says what it is; its body is
paragraphs with ``{{字段}}``. Lines may begin with

    ``# ``  小标题      ``> ``  顶格      ``^ ``  居中      ``>> ``  居右
    ``|…|…|``  表格行（``|: 2 5 |`` 定列宽，``<`` 与左格合并）
    ``【签名 谁】``  签名栏      ``【空 n】``  留白 n 行

and parts may stand between ``【如有 字段】 … 【否则】 … 【完】``, ``【如无 字段】``, ``【如 字段=值】``
and ``【逐项 字段】 … 【完】``. Data is put in after the text has been taken apart, so that nothing in
it can ever act as markup. docs/algorithms/paper-numbers.md and the room's README have the manual.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from typing import Any

from mingzhi.documents import vocabulary

_TOKEN = re.compile(
    r"【(?P<word>如有|如无|如|逐项)\s*(?P<arg>[^】]+?)\s*】"
    r"|【(?P<bare>否则|完)】"
    r"|\{\{(?P<name>[^{}|]+)(?:\|(?P<form>[^{}]+))?\}\}"
)
_OWN_LINE = re.compile(r"^[ \t]*((?:【(?:如有|如无|如|逐项)[^】]*】|【否则】|【完】)[ \t]*)+\n", re.MULTILINE)
_SPACE = re.compile(r"【空\s*(\d+)】\s*$")
_BLANK = re.compile(r"^【空\s*(\d+)】$")
_HEAD = re.compile(r"^([^：:]+)[：:]\s*(.*)$")
_WIDTHS = re.compile(r"^\|:\s*([\d. ]+)\|?\s*$")

HEAD_KEYS = ("代码", "名称", "文号字", "对外", "印章", "版式", "二维码", "抬头", "标题", "适用", "说明")
MAX_TEXT = 60_000


class MarkupError(ValueError):
    """The template cannot be read; the sentence says where and what to do."""


@dataclass(frozen=True, slots=True)
class Text:
    text: str


@dataclass(frozen=True, slots=True)
class Slot:
    label: str
    form: str = ""


@dataclass(frozen=True, slots=True)
class If:
    label: str
    want: str | None  # None: any value; else this printed value
    negate: bool
    then: tuple[Node, ...]
    otherwise: tuple[Node, ...]


@dataclass(frozen=True, slots=True)
class Each:
    label: str
    inner: tuple[Node, ...]


Node = Text | Slot | If | Each


@dataclass(frozen=True, slots=True)
class Parsed:
    """A template taken apart. ``slots`` are the names it uses outside loops, ``loops`` the repeated ones."""

    head: Mapping[str, str]
    nodes: tuple[Node, ...]
    slots: frozenset[str]
    loops: frozenset[str]
    body_text: str

    @property
    def code(self) -> str:
        return self.head.get("代码", "")

    @property
    def title(self) -> str:
        return self.head.get("名称", "")

    @property
    def number_word(self) -> str:
        word = self.head.get("文号字", "")
        return "" if word == "无" else word

    def flag(self, key: str) -> bool:
        return self.head.get(key, "否") == "是"

    @property
    def layout(self) -> str:
        return self.head.get("版式", "公文")

    def uses(self, label: str) -> bool:
        return label in self.slots or label in self.loops


def parse(text: str) -> Parsed:
    """Take a template apart; ``MarkupError`` tells the office what to mend."""
    if len(text) > MAX_TEXT:
        raise MarkupError(f"模板过长，最多 {MAX_TEXT} 字")
    head_text, rule, body = text.replace("\r\n", "\n").partition("\n---\n")
    if not rule:
        raise MarkupError("模板应以“键：值”各行开头，并以单独一行 --- 与正文分开")
    head: dict[str, str] = {}
    for line in head_text.splitlines():
        if not line.strip() or line.startswith("#"):
            continue
        match = _HEAD.match(line)
        if not match or match[1].strip() not in HEAD_KEYS:
            raise MarkupError(f"头部这一行无法识别：{line[:40]}；可用的键为{'、'.join(HEAD_KEYS)}")
        head[match[1].strip()] = match[2].strip()
    for key in ("代码", "名称"):
        if not head.get(key):
            raise MarkupError(f"模板头部缺少“{key}”")
    if head.get("版式", "公文") not in {"公文", "表格", "笔录"}:
        raise MarkupError("“版式”应为 公文、表格 或 笔录")
    # A line that holds nothing but directives leaves no empty line behind.
    body = _OWN_LINE.sub(lambda m: m[0].strip(), body.rstrip() + "\n")
    nodes = _nodes(body)
    slots: set[str] = set()
    loops: set[str] = set()
    _names(nodes, slots, loops, inside=False)
    return Parsed(head=head, nodes=nodes, slots=frozenset(slots), loops=frozenset(loops), body_text=body)


@dataclass(slots=True)
class _Frame:
    word: str
    arg: str
    then: list[Node] = field(default_factory=list)
    otherwise: list[Node] | None = None

    def add(self, node: Node) -> None:
        (self.then if self.otherwise is None else self.otherwise).append(node)


def _nodes(body: str) -> tuple[Node, ...]:
    stack = [_Frame("", "")]
    at = 0
    for match in _TOKEN.finditer(body):
        if match.start() > at:
            stack[-1].add(Text(body[at : match.start()]))
        at = match.end()
        if match["name"]:
            stack[-1].add(Slot(match["name"].strip(), (match["form"] or "").strip()))
        elif match["word"]:
            if len(stack) > 12:
                raise MarkupError("条件嵌套过深，最多十二层")
            stack.append(_Frame(match["word"], match["arg"]))
        elif len(stack) == 1:
            raise MarkupError(f"【{match['bare']}】没有对应的【如有】【如无】【如】或者【逐项】")
        elif match["bare"] == "否则":
            if stack[-1].word == "逐项" or stack[-1].otherwise is not None:
                raise MarkupError("【否则】只能在【如有】【如无】【如】之后出现一次")
            stack[-1].otherwise = []
        else:
            done = stack.pop()
            stack[-1].add(_closed(done))
    if len(stack) > 1:
        raise MarkupError(f"【{stack[-1].word} {stack[-1].arg}】缺少对应的【完】")
    if at < len(body):
        stack[0].add(Text(body[at:]))
    left = re.search(r"\{\{|\}\}", "".join(n.text for n in _texts(stack[0].then)))
    if left:
        raise MarkupError("有未成对的 {{ 或 }}，字段应写作 {{字段}}")
    return tuple(stack[0].then)


def _closed(frame: _Frame) -> Node:
    if frame.word == "逐项":
        return Each(frame.arg, tuple(frame.then))
    label, _, want = frame.arg.partition("=")
    if frame.word == "如" and not want:
        raise MarkupError(f"【如 {frame.arg}】应写作【如 字段=值】")
    return If(
        label=label.strip(),
        want=want.strip() or None if frame.word == "如" else None,
        negate=frame.word == "如无",
        then=tuple(frame.then),
        otherwise=tuple(frame.otherwise or ()),
    )


def _texts(nodes: Sequence[Node]) -> list[Text]:
    found: list[Text] = []
    for node in nodes:
        if isinstance(node, Text):
            found.append(node)
        elif isinstance(node, If):
            found += _texts(node.then) + _texts(node.otherwise)
        elif isinstance(node, Each):
            found += _texts(node.inner)
    return found


def _names(nodes: Sequence[Node], slots: set[str], loops: set[str], *, inside: bool) -> None:
    for node in nodes:
        if isinstance(node, Slot):
            if not inside:
                slots.add(node.label)
        elif isinstance(node, If):
            if not inside:
                slots.add(node.label)
            _names(node.then, slots, loops, inside=inside)
            _names(node.otherwise, slots, loops, inside=inside)
        elif isinstance(node, Each):
            loops.add(node.label)
            _names(node.inner, slots, loops, inside=True)


# --- data in ---------------------------------------------------------------------------------------

Piece = tuple[bool, str]  # (comes from data, text)


def _lookup(label: str, scopes: Sequence[Mapping[str, Any]]) -> tuple[Any, str]:
    known = vocabulary.field_of(label)
    for scope in reversed(scopes):
        if known.key in scope:
            return scope[known.key], known.type
    return None, known.type


def _run(nodes: Sequence[Node], scopes: list[Mapping[str, Any]], out: list[Piece]) -> None:
    for node, follower in zip_longest(nodes, nodes[1:]):
        if isinstance(node, Text):
            out.append((False, node.text))
        elif isinstance(node, Slot):
            value, kind = _lookup(node.label, scopes)
            before, after = out[-1][1] if out else "", follower.text if isinstance(follower, Text) else ""
            out.append((True, vocabulary.joined(before, vocabulary.printed(value, kind, node.form), after)))
        elif isinstance(node, If):
            value, kind = _lookup(node.label, scopes)
            if node.want is None:
                holds = not (vocabulary.blank(value) or value is False)
            else:
                holds = vocabulary.printed(value, kind) == node.want
            _run(node.then if holds != node.negate else node.otherwise, scopes, out)
        else:
            rows, _ = _lookup(node.label, scopes)
            rows = rows if isinstance(rows, list | tuple) else ()
            for n, row in enumerate(rows, 1):
                inner = dict(row) if isinstance(row, Mapping) else {"name": row}
                inner |= {"序号": n, "末项": n == len(rows)}
                _run(node.inner, [*scopes, inner], out)


def tree(parsed: Parsed, data: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The document: a list of plain blocks, safe to hand to the typesetter as data."""
    out: list[Piece] = []
    _run(parsed.nodes, [data], out)
    blocks: list[dict[str, Any]] = []
    for line in _lines(out):
        _block(line, blocks)
    return blocks


def printed_text(parsed: Parsed, data: Mapping[str, Any]) -> str:
    """What the paper says with ``data`` in it: the branches taken, the fields filled in."""
    out: list[Piece] = []
    _run(parsed.nodes, [data], out)
    return _flat(out)


def _lines(pieces: Sequence[Piece]) -> list[list[Piece]]:
    """Split at the template's own line ends; a line end inside data stays inside its piece."""
    lines: list[list[Piece]] = [[]]
    for from_data, text in pieces:
        if from_data:
            lines[-1].append((True, text))
            continue
        first, *rest = text.split("\n")
        lines[-1].append((False, first))
        lines.extend([(False, part)] for part in rest)
    return lines


def _flat(line: Sequence[Piece]) -> str:
    return "".join(text for _, text in line)


def _block(line: list[Piece], blocks: list[dict[str, Any]]) -> None:
    line = [piece for piece in line if piece[1]]
    if not line or not _flat(line).strip():
        return
    first = line[0][1] if not line[0][0] else ""
    if first.startswith("|"):
        _table_row(line, blocks)
        return
    if not any(from_data for from_data, _ in line):
        whole = _flat(line).strip()
        if blank := _BLANK.match(whole):
            blocks.append({"k": "blank", "n": min(int(blank[1]), 40)})
            return
    room = 0
    if not line[-1][0] and (tail := _SPACE.search(line[-1][1])):
        room = min(int(tail[1]), 40)
        line = [*line[:-1], (False, line[-1][1][: tail.start()])]
    whole = _flat(line).strip()
    if first.startswith("【签名") and whole.endswith("】"):
        blocks.append({"k": "sign", "t": whole[3:-1].strip()})
        return
    kind = "p"
    for mark, name in (("# ", "h"), (">> ", "right"), ("> ", "flush"), ("^ ", "center")):
        if first.startswith(mark):
            kind, line = name, [(False, first[len(mark) :]), *line[1:]]
            break
    parts = [p.strip() for p in _flat(line).split("\n")]
    blocks.extend({"k": kind, "t": part} for part in parts if part)
    if room:
        blocks.append({"k": "blank", "n": room})


def _table_row(line: Sequence[Piece], blocks: list[dict[str, Any]]) -> None:
    if not any(from_data for from_data, _ in line) and (widths := _WIDTHS.match(_flat(line))):
        blocks.append({"k": "table", "w": [float(w) for w in widths[1].split()], "r": []})
        return
    cells: list[list[Piece]] = [[]]
    for from_data, text in line:
        if from_data:
            cells[-1].append((True, text))
            continue
        first, *rest = text.split("|")
        cells[-1].append((False, first))
        cells.extend([(False, part)] for part in rest)
    row = cells[1:]
    if row and not _flat(row[-1]).strip() and not line[-1][0]:
        row.pop()
    if not blocks or blocks[-1]["k"] != "table":
        blocks.append({"k": "table", "w": [1.0] * len(row), "r": []})
    columns = len(blocks[-1]["w"])
    empty: list[Piece] = []
    merged: list[dict[str, Any]] = []
    for cell in (row + [empty] * columns)[:columns]:
        text, space = _cell(cell)
        if text == "<" and merged and not any(from_data for from_data, _ in cell):
            merged[-1]["s"] += 1
        else:
            label = len(text) <= 14 and (not merged or not any(from_data for from_data, _ in cell))
            own = not any(from_data for from_data, _ in cell)
            merged.append({"t": text, "s": 1, "e": space, "h": label, "o": own})
    blocks[-1]["r"].append(merged)


def _cell(pieces: list[Piece]) -> tuple[str, int]:
    """A cell's text, and the lines of room to write that its template asks for."""
    space = 0
    pieces = [piece for piece in pieces if piece[1].strip()] if len(pieces) == 1 else pieces
    if pieces and not pieces[-1][0] and (tail := _SPACE.search(pieces[-1][1])):
        space = min(int(tail[1]), 40)
        pieces = [*pieces[:-1], (False, pieces[-1][1][: tail.start()])]
    return _flat(pieces).strip(), space

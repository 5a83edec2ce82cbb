"""Signatures given on the glass: facts of the paper that is drawn with them, and their place on its page.

A picture is bound by its SHA-256, which stands in the paper's data (so in ``documents:paper:drawn``) and
in the signature's own entry. The page shows the strokes of exactly that file, or is not made.
"""

from __future__ import annotations

import hashlib
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise
from typing import Any

from PIL import Image, UnidentifiedImageError

from mingzhi.documents.choices import SignatureOutcome, SignerKind
from mingzhi.documents.data import Signed
from mingzhi.documents.errors import RenderFailed
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError

MAX_BYTES = 4_000_000
MAX_PIXELS = 12_000_000
_PAPER_WHITE = 200
"""Grey from which on a point is background and no stroke."""
_WIDTH, _HEIGHT = 720, 240
"""Largest picture on a page, in points: more is not seen in print."""

Block = dict[str, Any]


def facts(given: Iterable[Signed]) -> list[dict[str, Any]]:
    """What a paper's data keeps of its signatures; a picture that shows nothing is refused here, once."""
    return [
        {
            "kind": one.kind,
            "name": one.name.strip(),
            "outcome": one.outcome,
            "note": one.note.strip(),
            "at": one.at.isoformat(),
            "content_sha256": one.content_sha256,
            "file_id": one.file_id,
            "picture_sha256": _checked(one),
        }
        for one in given
    ]


def _checked(one: Signed) -> str:
    if one.outcome != SignatureOutcome.SIGNED:
        return ""
    if one.file_id is None:
        raise Invalid(
            f"{one.name}的签名缺少笔迹", code="documents.signature_picture", remedy="请在手机上重新签名"
        )
    content = _bytes(one.file_id)
    strokes(content, of=one.name)
    return hashlib.sha256(content).hexdigest()


def _bytes(file_id: int) -> bytes:
    if files.ref(file_id).size > MAX_BYTES:
        raise Invalid("签名图片过大", code="documents.signature_picture", remedy="请在手机上重新签名")
    with files.open_file(file_id) as stream:
        return stream.read()


def strokes(content: bytes, *, of: str) -> bytes:
    """The strokes alone: cropped, grey, no larger than print shows. ``Invalid`` where there are none."""
    try:
        with Image.open(io.BytesIO(content), formats=["PNG"]) as picture:
            if picture.width * picture.height > MAX_PIXELS:
                raise Invalid("签名图片过大", code="documents.signature_picture")
            grey = _on_white(picture)
    except (UnidentifiedImageError, OSError, SyntaxError, ValueError, Image.DecompressionBombError):
        raise Invalid(
            f"{of}的签名不是图片", code="documents.signature_picture", remedy="请在手机上重新签名"
        ) from None
    box = grey.point(lambda level: 255 if level < _PAPER_WHITE else 0).getbbox()
    if box is None:
        raise Invalid(
            f"{of}的签名上没有笔迹", code="documents.signature_picture", remedy="请在手机上重新签名"
        )
    made = grey.crop(box)
    made.thumbnail((_WIDTH, _HEIGHT))
    out = io.BytesIO()
    made.save(out, "PNG", optimize=True)
    return out.getvalue()


def _on_white(picture: Image.Image) -> Image.Image:
    if "A" not in picture.getbands() and "transparency" not in picture.info:
        return picture.convert("L")
    ground = Image.new("RGBA", picture.size, "white")
    ground.alpha_composite(picture.convert("RGBA"))
    return ground.convert("L")


# --- on the page -------------------------------------------------------------------------------------

_BY_WORD = (
    (SignerKind.WITNESS, ("见证人",)),
    (SignerKind.OTHER, ("代收人", "现场负责人", "代理人")),
    (SignerKind.PARTY, ("当事人", "被询问人", "被检查人", "被复查人", "陈述申辩人", "声明人", "申请人", "受送达人")),
    (SignerKind.OFFICER, ("执法人员", "检查人员", "复查人员", "承办人员", "调查人员", "询问人", "送达人")),
)  # fmt: skip
_BRACKETS = re.compile(r"[（(].*")


def kinds_of(label: str) -> tuple[str, ...]:
    """Whose signature belongs where ``label`` stands: 「被检查人或者现场负责人（签名或者盖章）」 → party, other."""
    who = _BRACKETS.sub("", label)
    found = [str(kind) for kind, words in _BY_WORD if any(word in who for word in words)]
    if str(SignerKind.PARTY) in found:  # 被询问人 is none of the 询问人, and the party goes first
        found = [SignerKind.PARTY.value, *(k for k in found if k not in {"party", "officer"})]
    return tuple(found)


def placed(blocks: Sequence[Block], data: Mapping[str, Any]) -> list[Block]:
    """The page's blocks with each signature in its place; what has none of its own follows the last."""
    left = [dict(one) for one in data.get("signatures", ())]
    if not left:
        return list(blocks)
    noted_below = bool(data.get("refusal"))
    found = [dict(block) for block in blocks]
    last = -1
    for at, block in enumerate(found):
        if block["k"] == "sign":
            last = at
            if one := _take(left, kinds_of(block["t"])):
                block["by"] = _mark(one, _BRACKETS.sub("", block["t"]), noted_below)
        elif block["k"] == "table":
            block["r"] = [_row(row, left, noted_below) for row in block["r"]]
    label = {kind.value: kind.label for kind in SignerKind}
    rest = [
        {"k": "sign", "t": f"{label[one['kind']]}（签名）", "by": _mark(one, label[one["kind"]], noted_below)}
        for one in left
    ]
    cut = last + 1 or len(found)
    return [*found[:cut], *rest, *found[cut:]]


def _take(left: list[dict[str, Any]], kinds: Sequence[str]) -> dict[str, Any] | None:
    for kind in kinds:
        for one in left:
            if one["kind"] == kind:
                left.remove(one)
                return one
    return None


def _row(row: Sequence[Block], left: list[dict[str, Any]], noted_below: bool) -> list[Block]:
    """A table's row 「某某签名或者盖章 | …| 收件日期 | …」: pictures beside the template's own words only."""
    cells = [dict(cell) for cell in row]
    for head, cell in pairwise(cells):
        if not head["o"]:
            continue
        if head["t"].endswith(("签名或者盖章", "（签名）")):
            who = head["t"].removesuffix("签名或者盖章")
            if one := _take(left, kinds_of(who)):
                cell["by"], cell["e"] = [_mark(one, who, noted_below)], 0
        elif head["t"] == "送达人":
            officers = [one for one in left if one["kind"] == SignerKind.OFFICER]
            for one in officers:
                left.remove(one)
            cell["by"] = [_mark(one, head["t"], noted_below) for one in officers]
    return cells


def _mark(one: Mapping[str, Any], who: str, noted_below: bool) -> dict[str, Any]:
    """What stands in the place: the picture by its hash, or the refusal in an official's words."""
    moment = clock.local(datetime.fromisoformat(one["at"]))
    words = ""
    if one["outcome"] != SignatureOutcome.SIGNED:
        said = "拒绝签名" if one["outcome"] == SignatureOutcome.REFUSED else "不在场，未能签名"
        note = "情况另行注明于后" if noted_below or not one["note"] else f"注明情况：{one['note']}"
        words = f"{who}{said}，{note}"
    return {
        "picture": one["picture_sha256"],
        "name": one["name"],
        "words": words,
        "when": f"{moment.year}年{moment.month}月{moment.day}日 {moment:%H}时{moment:%M}分",
    }


def pictures(data: Mapping[str, Any]) -> dict[str, list[int]]:
    """The strokes of every signature by the hash of its file. ``RenderFailed`` when a file is not the one
    that was signed: a page never shows another."""
    found: dict[str, list[int]] = {}
    for one in data.get("signatures", ()):
        if not one["picture_sha256"]:
            continue
        try:
            content = _bytes(one["file_id"])
        except (MingzhiError, OSError):
            content = b""
        if hashlib.sha256(content).hexdigest() != one["picture_sha256"]:
            raise RenderFailed(
                "签名图片缺失或者与登记的摘要不一致，文书未生成",
                code="documents.signature_altered",
                remedy="请由系统管理员核查账本和文件存储",
            )
        found[one["picture_sha256"]] = list(strokes(content, of=one["name"]))
    return found

"""文号: how a number is written, and how it is given out. docs/algorithms/paper-numbers.md"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from mingzhi.documents.models import DocumentNumber, NumberBlock
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.kernel.prepared import insert

if TYPE_CHECKING:
    from mingzhi.organisations.data import Actor, BodyRef


@dataclass(frozen=True, slots=True)
class Style:
    """How a body writes its numbers. ``word`` overrides the template's 类别字."""

    use_di: bool = True
    pad: int = 0
    suffix: str = "字"
    word: str = ""


def head_word(body: BodyRef, word: str, style: Style) -> str:
    """机关代字 + 类别字 + 字, e.g. ``霞综执罚决字``."""
    return f"{body.code_word}{style.word or word}{style.suffix}"


def written(head: str, year: int, seq: int, style: Style) -> str:
    """``霞综执罚决字〔2026〕第12号``. The brackets are six-angled, U+3014 and U+3015 (GB/T 9704)."""
    serial = str(seq).zfill(style.pad) if style.pad else str(seq)
    return f"{head}〔{year}〕{'第' if style.use_di else ''}{serial}号"


def series(body_id: int, head: str, year: int) -> str:
    """One series per organ, word and calendar year: it starts again at 1 on 1 January in China."""
    return f"paper:{body_id}:{head}:{year}"


def allot(*, body: BodyRef, word: str, style: Style, by: Actor, at: datetime) -> DocumentNumber:
    """The next number, entered in the register. Inside the work's own transaction: if that rolls
    back, the number was never given out, so a committed series has no gap."""
    year = clock.local_date(at).year
    head = head_word(body, word, style)
    seq = numbers.allot(series(body.id, head, year))
    return _enter(body.id, head, year, seq, style, None, by, at)


def from_block(
    *, block_id: int, body: BodyRef, seq: int, style: Style, by: Actor, at: datetime
) -> DocumentNumber:
    """A number used offline out of a block reserved beforehand. Each may be used once."""
    # Held until the work ends: a number that is used and handed back at the same moment is settled once.
    block = NumberBlock.objects.select_for_update().filter(pk=block_id, body_id=body.id).first()
    if block is None:
        raise NotFound("未找到该预留号段")
    if not block.first <= seq <= block.last:
        raise Invalid(
            f"序号 {seq} 不在预留号段 {block.first}—{block.last} 内",
            code="documents.number_outside_block",
            remedy="请核对设备领用的号段",
        )
    if DocumentNumber.objects.filter(body_id=body.id, word=block.word, year=block.year, seq=seq).exists():
        raise Invalid(
            f"{written(block.word, block.year, seq, style)}已经使用，文号不得重复使用",
            code="documents.number_used",
            remedy="请改用号段内下一个未使用的序号",
        )
    return _enter(body.id, block.word, block.year, seq, style, block_id, by, at)


def free(block: NumberBlock) -> list[int]:
    """The serials of a block that were neither used nor voided."""
    entered = set(
        DocumentNumber.objects.filter(
            body_id=block.body_id,
            word=block.word,
            year=block.year,
            seq__gte=block.first,
            seq__lte=block.last,
        ).values_list("seq", flat=True)
    )
    return [seq for seq in range(block.first, block.last + 1) if seq not in entered]


def _enter(  # noqa: PLR0917
    body_id: int, head: str, year: int, seq: int, style: Style, block_id: int | None, by: Actor, at: datetime
) -> DocumentNumber:
    return insert(
        DocumentNumber(
            body_id=body_id,
            word=head,
            year=year,
            seq=seq,
            text=written(head, year, seq, style),
            block_id=block_id,
            allotted_at=at,
            allotted_by=by.label,
        )
    )

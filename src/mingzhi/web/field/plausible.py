"""Whether the time that a phone claims for an item can be: what the server itself knows of that phone.

Rights are judged as of the claimed day, so the claim is measured by facts of ours that bound it: when the
item came in, in whose hands the register had the phone, how far its clock was off when it was last here,
and when the number on its paper was given out. What contradicts one of them goes to a person.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Reason
from mingzhi.recording import api as recording
from mingzhi.web.field import items, numbers
from mingzhi.web.models import FieldItem

SKEW = timedelta(minutes=5)
"""How far two clocks may differ before anyone must look; the tolerance of other devices too."""


class ClaimDoubtful(Conflict):
    code = "field.claim_doubtful"
    sentence = "该件所称的发生时间与本机情况不符，须由人核实"
    remedy = "请核对发生时间和手机时钟；属实的写明情况后重新提交，不实的撤回"


def require_plausible(row: FieldItem, item: items.Item, at: datetime) -> None:
    """``ClaimDoubtful`` with every reason against the claimed time."""
    reasons = [*_against_the_clock(row, at), *_against_the_register(row), *_against_the_number(row, item)]
    if reasons:
        raise ClaimDoubtful("；".join(r.sentence for r in reasons), reasons=reasons)


def _said(moment: datetime) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")


def _against_the_clock(row: FieldItem, at: datetime) -> list[Reason]:
    found = []
    if row.occurred_at > row.received_at + SKEW:
        found.append(Reason("field.claim_future", f"发生时间晚于系统收到的时间 {_said(row.received_at)}"))
    known = recording.terminals.offset_known(row.body_id, row.device, at)
    if known is not None and abs(row.clock_offset_ms / 1000 - known) > SKEW.total_seconds():
        found.append(
            Reason("field.claim_clock", f"手机时钟在联网前后被调动过（现误差 {known} 秒），所称时间不可靠")
        )
    return found


def _against_the_register(row: FieldItem) -> list[Reason]:
    if recording.terminals.holder_at(row.body_id, row.device, row.occurred_at + SKEW) == row.person_id:
        return []
    return [Reason("field.claim_holder", f"{_said(row.occurred_at)} 本机不由提交人领用")]


def _against_the_number(row: FieldItem, item: items.Item) -> list[Reason]:
    number = items.content_of(item).number if item.kind == "spot" else None
    if number is None:
        return []
    block = numbers.own_block(number.block, row)
    if block is None or row.occurred_at + SKEW >= block.allotted_at:
        return []
    return [
        Reason("field.claim_number", f"文书所用号段 {_said(block.allotted_at)} 才领用，不能用于此前的文书")
    ]

"""Numbers reserved for an officer's phone (行政处罚法第五十二条：编有号码): taken online, used without the net."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.documents import api as documents
from mingzhi.documents.data import BlockView
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.web.models import FieldItem

SIZE = 10
"""How many numbers a phone holds: a day's work on the spot."""
PAPER = "P20"


def holder(person_id: int, device: str) -> str:
    return f"person:{person_id} {recording.terminals.number_of(device)}"


def mine(by: Actor, device: str) -> list[BlockView]:
    """This person's blocks on this phone that still have numbers, oldest first."""
    if by.person_id is None:
        return []
    found = documents.blocks(by.body_id, holder=holder(by.person_id, device))
    return [b for b in reversed(found) if b.free]


@transaction.atomic
def reserve(*, device: str, by: Actor, at: datetime) -> list[BlockView]:
    """Fill up to ``SIZE`` numbers of this year; blocks of past years are handed back by themselves."""
    organisations.require(by, Permission.CASE_ACT)
    if by.person_id is None:
        raise NotAllowed("只有登记在册的执法人员可以领用文号")
    year = clock.local_date(at).year
    body = organisations.body(by.body_id)
    for block in mine(by, device):
        if block.year != year:
            documents.block_return(
                block_id=block.id, body=body, reason=f"{block.year} 年号段未使用，年终交回", by=by, at=at
            )
    left = sum(len(b.free) for b in mine(by, device))
    if left < SIZE // 2:
        documents.allot_block(
            body=body,
            template=PAPER,
            size=SIZE - left,
            holder=holder(by.person_id, device),
            by=by,
            at=at,
        )
    return mine(by, device)


@transaction.atomic
def hand_back(*, device: str, reason: str, by: Actor, at: datetime) -> int:
    """交回: every unused number of this phone is voided with the reason; returns how many."""
    organisations.require(by, Permission.CASE_ACT)
    if len(reason.strip()) < 2:
        raise Invalid(fields={"reason": ["请写明交回的原因"]})
    body = organisations.body(by.body_id)
    return sum(
        documents.block_return(block_id=b.id, body=body, reason=reason.strip()[:200], by=by, at=at)
        for b in mine(by, device)
    )


def own_block(block_id: int, row: FieldItem) -> BlockView | None:
    """The block, if it was reserved for the phone and the person that sent this item."""
    found = documents.blocks(row.body_id, holder=holder(row.person_id, row.device))
    return next((b for b in found if b.id == block_id), None)


def require_own(block_id: int, row: FieldItem) -> None:
    if own_block(block_id, row) is None:
        raise NotFound("文号不属于本人本机领用的号段", remedy="请核对号段领用情况")

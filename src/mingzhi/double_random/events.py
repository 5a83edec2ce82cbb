"""Ledger kinds of the double-random room, and the check that what was drawn stands as it was drawn."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Iterator
from typing import Any

from mingzhi.double_random.draw import commitment
from mingzhi.double_random.models import (
    Assignment,
    Avoidance,
    Draw,
    Drawing,
    Finding,
    FollowUp,
    Replacement,
    Voiding,
)
from mingzhi.kernel import canonical
from mingzhi.kernel.secrets import fingerprint
from mingzhi.ledger import api as ledger

ASSIGNED = ("place", "target_code", "target_name", "first_id", "second_id", "first_number", "second_number")

AVOIDANCE = ledger.Rows(
    "double_random:avoidance:kept", "登记、解除抽查回避", "avoidance", Avoidance, ledger.columns(Avoidance)
)


def committed_payload(row: Draw) -> dict[str, Any]:
    """The commitment, whose receipt is published with its payload: who made it and why somebody was left out of
    the pool stand in it as a keyed digest only. The secret is checked against the commitment."""
    kept = canonical.encode([row.excused, row.committed_by, row.committed_name]).decode()
    return _COMMITTED(row) | {"kept": fingerprint(f"draw|{row.number}|{kept}")}


_COMMITTED = ledger.columns(Draw, without=("secret", "excused", "committed_by", "committed_name"))
DRAW = ledger.Rows(
    "double_random:draw:committed",
    "公布抽查名录和承诺值",
    "draw",
    Draw,
    committed_payload,
)
DRAWING = ledger.Rows(
    "double_random:draw:drawn", "随机抽取对象和人员", "drawing", Drawing, ledger.columns(Drawing)
)
VOIDING = ledger.Rows(
    "double_random:draw:voided", "作废随机抽查", "voiding", Voiding, ledger.columns(Voiding)
)
REPLACEMENT = ledger.Rows(
    "double_random:officer:replaced",
    "替换抽查人员",
    "replacement",
    Replacement,
    ledger.columns(Replacement),
)
FINDING = ledger.Rows(
    "double_random:finding:entered", "登记抽查结果", "finding", Finding, ledger.columns(Finding)
)

_FOLLOWED = ledger.columns(FollowUp, without=("reason",))


def followed_payload(row: FollowUp) -> dict[str, Any]:
    """A reason only where there is one: what was entered before reasons were asked stays as it was entered."""
    return _FOLLOWED(row) | ({"reason": row.reason} if row.reason else {})


FOLLOW_UP = ledger.Rows(
    "double_random:finding:followed", "登记抽查后续处罚", "follow-up", FollowUp, followed_payload
)


def assigned_digest(rows: Iterable[tuple[Any, ...]]) -> str:
    """SHA-256 over the assignments of a draw, ``ASSIGNED`` columns in the order of the draw."""
    total = hashlib.sha256()
    for row in rows:
        total.update(canonical.encode(row) + b"\n")
    return total.hexdigest()


def assigned_of(draw_id: int) -> str:
    rows = Assignment.objects.filter(draw_id=draw_id).order_by("place").values_list(*ASSIGNED)
    return assigned_digest(rows.iterator(chunk_size=2000))


def otherwise() -> Iterator[tuple[str, str]]:
    """Draws whose assignments are not those that were drawn, for the whole check."""
    for draw_id, assigned in Drawing.objects.order_by("pk").values_list("draw_id", "assigned"):
        if assigned_of(draw_id) != assigned:
            yield f"draw:{draw_id}", "抽查任务与抽取时的结果不一致"
    for draw in Draw.objects.order_by("pk").only("secret", "commitment").iterator():
        if not opens(draw.secret, draw.commitment):
            yield f"draw:{draw.pk}", "保存的随机数与公布的承诺值不一致"
    undrawn = Assignment.objects.filter(draw__drawing__isnull=True).values_list("draw_id", flat=True)
    for draw_id in undrawn.distinct():
        yield f"draw:{draw_id}", "存在未经抽取的抽查任务"


def opens(secret: str, promise: str) -> bool:
    """Whether a kept secret opens the published commitment."""
    try:
        return commitment(bytes.fromhex(secret)) == promise
    except ValueError:
        return False


def register() -> None:
    for rows in (AVOIDANCE, DRAW, DRAWING, VOIDING, REPLACEMENT, FINDING, FOLLOW_UP):
        rows.register()
    ledger.register_check("double_random:assignments", otherwise)

"""The archive's answer, entered: its signed receipt, or the scan of the register it stamped.

One transaction each: the receipt, one result for each line it speaks of, and the ledger entry. A line
gets one answer and keeps it; the archive may answer in several receipts.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.dossiers import handover
from mingzhi.dossiers.choices import ReceiptKind
from mingzhi.dossiers.errors import ReceiptRefused
from mingzhi.dossiers.transfer import locked_list, require_state
from mingzhi.dossiers.transfer_entries import RECEIVED
from mingzhi.dossiers.transfer_models import TransferList, TransferReceipt, TransferResult
from mingzhi.dossiers.transfer_views import ListView
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


@dataclass(frozen=True, slots=True)
class Said:
    """What the archive said of one line."""

    accepted: bool
    reason: str = ""
    number: str = ""


@transaction.atomic
def receipt_signed(*, list_id: int, note: str, vkey: str, by: Actor, at: datetime) -> TransferReceipt:
    """Enter a signed receipt, checked against the key that the archive made known.

    ``ReceiptRefused`` when the signature does not fit, when it speaks of another list or manifest, or of
    a package that this list did not hand over or that was answered already.
    """
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found, view = locked_list(by, list_id)
    require_state(view, "handed")
    try:
        receipt, key = handover.opened(note, [line for line in vkey.split() if line])
    except handover.BadHandover as error:
        raise ReceiptRefused(why=str(error)) from None
    if receipt.list_number != view.number:
        raise ReceiptRefused(why=f"回执所列清单为 {receipt.list_number[:60]}，不是本清单")
    if receipt.manifest_sha256 not in {h.sha256 for h in view.hand_overs}:
        raise ReceiptRefused(why="回执所据的移交目录与本机关登记的不同")
    if receipt.at > at:
        raise ReceiptRefused(why="回执时间晚于现在")
    waiting = {x.package.sha256: x.id for x in view.lines if x.package is not None and x.accepted is None}
    strange = [a.sha256[:16] for a in receipt.answers if a.sha256 not in waiting]
    if strange or not receipt.answers:
        raise ReceiptRefused(
            why=f"回执中的档案包 {strange[0]}… 不在待接收之列" if strange else "回执没有结果"
        )
    answers = {
        waiting[a.sha256]: Said(a.accepted, "" if a.accepted else a.text, a.text if a.accepted else "")
        for a in receipt.answers
    }
    name = f"{view.number}接收回执.txt"
    stored = files.put_bytes(note.encode(), name=name, media_type="text/plain", at=at)
    return _kept(
        found, ReceiptKind.SIGNED, stored, answers, key=key, receiver=receipt.receiver,
        received_by=receipt.received_by, received_on=clock.local_date(receipt.at), by=by, at=at,
    )  # fmt: skip


@transaction.atomic
def receipt_scanned(
    *,
    list_id: int,
    scan: FileRef | None,
    answers: Mapping[int, Said],
    received_by: str,
    received_on: date | None,
    by: Actor,
    at: datetime,
) -> TransferReceipt:
    """Enter a stamped register: its scan, and what it says of each line still waiting (all of them)."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found, view = locked_list(by, list_id)
    require_state(view, "handed")
    problems = Problems()
    if scan is None:
        problems.add("scan", "请选择盖章登记表的扫描件")
    if len(received_by.strip()) < 2:
        problems.add("received_by", "请填写接收人")
    if received_on is None or received_on > clock.local_date(at) or received_on < _handed_on(view):
        problems.add("received_on", "请填写接收日期，不得早于移交日期或者晚于今日")
    waiting = {x.id for x in view.lines if x.accepted is None}
    if set(answers) != waiting:
        problems.add("answers", "请逐卷登记接收或者退回")
    for line_id, said in answers.items():
        if not said.accepted and len(said.reason.strip()) < 2:
            problems.add(f"reason-{line_id}", "退回的，请写明原因")
    problems.raise_if_any()
    assert scan is not None and received_on is not None
    return _kept(
        found, ReceiptKind.SCAN, scan, answers, key="", receiver=view.receiver,
        received_by=received_by.strip(), received_on=received_on, by=by, at=at,
    )  # fmt: skip


def _handed_on(view: ListView) -> date:
    return clock.local_date(view.hand_overs[0].at)


def _kept(
    found: TransferList,
    kind: str,
    stored: FileRef,
    answers: Mapping[int, Said],
    *,
    key: str,
    receiver: str,
    received_by: str,
    received_on: date,
    by: Actor,
    at: datetime,
) -> TransferReceipt:
    row = TransferReceipt.objects.create(
        list=found,
        kind=kind,
        file_id=stored.id,
        sha256=stored.sha256,
        key=key[:300],
        receiver=receiver[:120],
        received_by=received_by[:60],
        received_on=received_on,
        at=at,
        by=by.label,
        by_name=by.name,
    )
    for line_id, said in sorted(answers.items()):
        TransferResult.objects.create(
            receipt=row,
            line_id=line_id,
            accepted=said.accepted,
            reason="" if said.accepted else said.reason.strip()[:300],
            number=said.number.strip()[:80] if said.accepted else "",
        )
    RECEIVED.kept(row, at=at)
    return row

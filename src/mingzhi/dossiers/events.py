"""Ledger kinds of the dossiers room."""

from __future__ import annotations

from mingzhi.dossiers import archive, destruction, entries, held, lending, models, parties, transfer_entries
from mingzhi.ledger import api as ledger


def _held_files(subject: str) -> list[tuple[int, str]]:
    row = models.HeldItem.objects.filter(pk=int(subject.removeprefix("held:"))).first()
    return [(row.file_id, row.sha256)] if row is not None and row.file_id else []


def register() -> None:
    for kept in (*entries.ALL, *transfer_entries.ALL):
        kept.register()
    ledger.register_check("dossiers:hands", entries.hands_otherwise)
    m = models
    for name, sentence, thing, model, payload in (
        ("dossiers:parties:matched", "当事人同一性核对", "party-match", m.PartyMatch, parties.match_payload),
        ("dossiers:retention:fixed", "确定保管期限", "retention", m.Retention, archive.retention_payload),
        ("dossiers:index:sealed", "卷内目录编定", "sealing", m.Sealing, archive.sealing_payload),
        ("dossiers:hold:set", "暂缓处置", "hold", m.Hold, archive.hold_payload),
        ("dossiers:hold:lifted", "解除暂缓处置", "hold_lift", m.HoldLift, archive.lift_payload),
        ("dossiers:secrecy:marked", "标定密级", "secrecy", m.SecrecyMark, archive.secrecy_payload),
        ("dossiers:loan:made", "借阅案卷", "loan", m.Loan, lending.loan_payload),
        ("dossiers:loan:returned", "归还案卷", "loan_return", m.LoanReturn, lending.return_payload),
        ("dossiers:destruction:listed", "提出销毁清册", "destruction",
         m.DestructionList, destruction.list_payload),
        ("dossiers:destruction:opined", "出具鉴定意见", "destruction_opinion",
         m.DestructionOpinion, destruction.opinion_payload),
        ("dossiers:destruction:decided", "审批销毁清册", "destruction_decision",
         m.DestructionDecision, destruction.decision_payload),
        ("dossiers:destruction:done", "销毁案卷", "destroyed", m.Destroyed, destruction.done_payload),
    ):  # fmt: skip
        ledger.Rows(name, sentence, thing, model, payload).register()
    ledger.Rows(
        "dossiers:archive:made", "案卷归档", "archive", m.ArchiveRecord, archive.record_payload,
        key="dossier_id",
    ).register()  # fmt: skip
    ledger.Rows(
        "dossiers:item:held", "著录卷内件", "held", m.HeldItem, held.item_payload,
        personal=("title",), files=_held_files,
    ).register()  # fmt: skip

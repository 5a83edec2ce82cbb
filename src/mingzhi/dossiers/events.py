"""Ledger kinds of the dossiers room."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet

from mingzhi.dossiers import archive, destruction, entries, held, lending, models, parties
from mingzhi.ledger import api as ledger

Payload = dict[str, Any]


def _register(
    name: str,
    sentence: str,
    prefix: str,
    queryset: Callable[[], QuerySet[Any]],
    payload: Callable[[Any], Payload],
    *,
    key: str = "pk",
    personal: tuple[str, ...] = (),
    files: Callable[[str], list[tuple[int, str]]] | None = None,
) -> None:
    def of(subject: str) -> Payload | None:
        row = queryset().filter(**{key: int(subject.removeprefix(f"{prefix}:"))}).first()
        return payload(row) if row is not None else None

    def rows() -> Iterator[tuple[str, Payload]]:
        for row in queryset().order_by("pk").iterator(chunk_size=2000):
            yield f"{prefix}:{getattr(row, key)}", payload(row)

    def subjects() -> Iterator[str]:
        for pk in queryset().order_by("pk").values_list(key, flat=True).iterator(chunk_size=5000):
            yield f"{prefix}:{pk}"

    ledger.register(
        ledger.Kind(
            name=name,
            version=1,
            sentence=sentence,
            personal=personal,
            payload_of=of,
            subjects=subjects,
            rows=rows,
            files=files,
        )
    )


def _held_files(subject: str) -> list[tuple[int, str]]:
    row = models.HeldItem.objects.filter(pk=int(subject.removeprefix("held:"))).first()
    return [(row.file_id, row.sha256)] if row is not None and row.file_id else []


def register() -> None:
    for kept in (entries.OPENED, entries.DESCRIBED, entries.PARTY, entries.JOINED, entries.MEMBER):
        kept.register()
    ledger.register_check("dossiers:hands", entries.hands_otherwise)
    m = models
    for name, sentence, prefix, queryset, payload in (
        ("dossiers:parties:matched", "当事人同一性核对", "party-match", m.PartyMatch.objects.all, parties.match_payload),
        ("dossiers:retention:fixed", "确定保管期限", "retention", m.Retention.objects.all, archive.retention_payload),
        ("dossiers:index:sealed", "卷内目录编定", "sealing", m.Sealing.objects.all, archive.sealing_payload),
        ("dossiers:hold:set", "暂缓处置", "hold", m.Hold.objects.all, archive.hold_payload),
        ("dossiers:hold:lifted", "解除暂缓处置", "hold_lift", m.HoldLift.objects.all, archive.lift_payload),
        ("dossiers:secrecy:marked", "标定密级", "secrecy", m.SecrecyMark.objects.all, archive.secrecy_payload),
        ("dossiers:loan:made", "借阅案卷", "loan", m.Loan.objects.all, lending.loan_payload),
        ("dossiers:loan:returned", "归还案卷", "loan_return", m.LoanReturn.objects.all, lending.return_payload),
        ("dossiers:destruction:listed", "提出销毁清册", "destruction",
         lambda: m.DestructionList.objects.prefetch_related("lines"), destruction.list_payload),
        ("dossiers:destruction:opined", "出具鉴定意见", "destruction_opinion",
         m.DestructionOpinion.objects.all, destruction.opinion_payload),
        ("dossiers:destruction:decided", "审批销毁清册", "destruction_decision",
         m.DestructionDecision.objects.all, destruction.decision_payload),
        ("dossiers:destruction:done", "销毁案卷", "destroyed", m.Destroyed.objects.all, destruction.done_payload),
    ):  # fmt: skip
        _register(name, sentence, prefix, queryset, payload)
    _register(
        "dossiers:archive:made", "案卷归档", "archive", m.ArchiveRecord.objects.all, archive.record_payload,
        key="dossier_id",
    )  # fmt: skip
    _register(
        "dossiers:item:held", "著录卷内件", "held", m.HeldItem.objects.all, held.item_payload,
        personal=("title",), files=_held_files,
    )  # fmt: skip

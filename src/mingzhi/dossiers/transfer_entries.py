"""What the ledger says of a hand-over to the state archive."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from mingzhi.dossiers import transfer_models as m
from mingzhi.ledger import api as ledger


def _lines(row: m.TransferList) -> dict[str, Any]:
    lines = sorted(row.lines.all(), key=lambda x: x.pk)
    own = ledger.columns(m.TransferList)(row)
    return {**own, "lines": [[x.pk, x.archive_id, x.transfer_on, x.index_digest] for x in lines]}


def _results(row: m.TransferReceipt) -> dict[str, Any]:
    results = sorted(row.results.all(), key=lambda x: x.pk)
    own = ledger.columns(m.TransferReceipt)(row)
    return {**own, "results": [[x.line_id, x.accepted, x.reason, x.number] for x in results]}


def _files(model: type[Any]) -> Callable[[str], Iterable[tuple[int, str]]]:
    def files(subject: str) -> list[tuple[int, str]]:
        row = model.objects.filter(pk=int(subject.rpartition(":")[2])).first()
        return [(row.file_id, row.sha256)] if row is not None else []

    return files


LISTED = ledger.Rows("dossiers:transfer:listed", "提出移交清单", "transfer", m.TransferList, _lines)
DECIDED = ledger.Rows(
    "dossiers:transfer:decided", "审批移交清单", "transfer_decision",
    m.TransferDecision, ledger.columns(m.TransferDecision),
)  # fmt: skip
WITHDRAWN = ledger.Rows(
    "dossiers:transfer:withdrawn", "撤销移交清单", "transfer_withdrawal",
    m.TransferWithdrawal, ledger.columns(m.TransferWithdrawal),
)  # fmt: skip
PACKED = ledger.Rows(
    "dossiers:transfer:packed", "制作并检测移交档案包", "transfer_package",
    m.TransferPackage, ledger.columns(m.TransferPackage), files=_files(m.TransferPackage),
)  # fmt: skip
HANDED = ledger.Rows(
    "dossiers:transfer:handed", "移交登记", "transfer_hand_over",
    m.TransferHandOver, ledger.columns(m.TransferHandOver), files=_files(m.TransferHandOver),
)  # fmt: skip
RECEIVED = ledger.Rows(
    "dossiers:transfer:received", "登记移交回执", "transfer_receipt",
    m.TransferReceipt, _results, files=_files(m.TransferReceipt),
)  # fmt: skip
ALL = (LISTED, DECIDED, WITHDRAWN, PACKED, HANDED, RECEIVED)

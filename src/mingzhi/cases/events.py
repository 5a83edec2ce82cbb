"""Ledger kinds of the cases room."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.cases.intake.actions import REGISTERED, clue_payload
from mingzhi.cases.models import Clue
from mingzhi.ledger import api as ledger


def _payload(subject: str) -> dict[str, object] | None:
    clue = Clue.objects.filter(pk=int(subject.removeprefix("clue:"))).first()
    return clue_payload(clue) if clue else None


def _rows() -> Iterator[tuple[str, dict[str, object]]]:
    for clue in Clue.objects.order_by("pk").iterator(chunk_size=2000):
        yield f"clue:{clue.pk}", clue_payload(clue)


def _subjects() -> Iterator[str]:
    for pk in Clue.objects.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=5000):
        yield f"clue:{pk}"


def register() -> None:
    ledger.register(
        ledger.Kind(
            name=REGISTERED,
            version=1,
            sentence="登记案源线索",
            personal=("detail", "suspect"),
            payload_of=_payload,
            subjects=_subjects,
            rows=_rows,
        )
    )

"""Ledger kinds of the cases room."""

from __future__ import annotations

from mingzhi.cases.models import Clue
from mingzhi.ledger import api as ledger

CLUE = ledger.Rows(
    "cases:clue:kept",
    "登记或处理案源线索",
    "clue",
    Clue,
    ledger.columns(Clue),
    personal=("detail", "suspect", "informant", "informant_phone"),
)


def register() -> None:
    CLUE.register()

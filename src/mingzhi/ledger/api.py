"""The ledger's door."""

from mingzhi.ledger.actions import append, attempt
from mingzhi.ledger.kinds import Kind, register

__all__ = ["Kind", "append", "attempt", "register"]

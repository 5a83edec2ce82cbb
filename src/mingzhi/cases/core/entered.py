"""Kinds of entered values that several procedures use."""

from __future__ import annotations

from typing import Annotated

from pydantic import AfterValidator

from mingzhi.kernel import money


def _plain_yuan(text: str) -> str:
    """Normalised without passing through floats: ``"5,000"`` → ``"5000.00"``."""
    amount = money.fen(text)
    return f"{amount // 100}.{amount % 100:02d}"


Yuan = Annotated[str, AfterValidator(_plain_yuan)]
"""Yuan with up to two decimals, kept as text; ``money.fen`` turns it into 分."""

"""Figures as people read them."""

from __future__ import annotations

from decimal import Decimal

from mingzhi.kernel import money
from mingzhi.supervision.layout import Column


def amount(fen: int, *, in_wan: bool) -> str:
    """``1234500`` 分 → ``1.2345`` (万元, at most six decimals) or ``12,345.00`` (元)."""
    if not in_wan:
        return money.yuan(fen)
    text = f"{Decimal(fen) / 1_000_000:,.6f}".rstrip("0")
    return text + "00"[: 2 - len(text.partition(".")[2])] if len(text.partition(".")[2]) < 2 else text


def unit_of(column: Column, *, in_wan: bool) -> str:
    return ("万元" if in_wan else "元") if column.money else column.unit


def figure(column: Column, value: int | None, *, in_wan: bool) -> str:
    """A cell of a table: ``—`` where the body has no such duty."""
    if value is None:
        return "—"
    return amount(value, in_wan=in_wan) if column.money else str(value)


def share(part: int, whole: int) -> str:
    """``12.5%``; empty where there is nothing to share."""
    if not whole:
        return ""
    permille = (part * 2000 + whole) // (2 * whole)
    return f"{permille // 10}.{permille % 10}%"

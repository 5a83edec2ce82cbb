"""Sizes in bytes, in words."""

from __future__ import annotations


def in_words(count: int) -> str:
    """``3.4 MB``, ``4 GB``; steps of 1,024; below that in 字节."""
    value = float(count)
    for unit in ("字节", "KB", "MB", "GB"):
        if value < 1024:
            return f"{f'{value:.1f}'.removesuffix('.0')} {unit}"
        value /= 1024
    return f"{value:.1f} TB"

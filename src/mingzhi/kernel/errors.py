"""One error root, and the reason a guard gives.

The machine reads ``code``; a person reads ``sentence`` and ``remedy``. Rooms subclass in their own
``errors.py``; the faces translate in one place (``web.middleware``) and nowhere else.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Reason:
    """Why something may not happen: stable code, sentence, the law behind it, and the way out.

    ``link`` is a desk-relative hint (``"recording"``, ``"review"`` …) that the face turns into an
    address; rooms below the faces know no addresses.
    """

    code: str
    sentence: str
    citation: str = ""
    remedy: str = ""
    link: str = ""


class MingzhiError(Exception):
    """Root of every error that a person may be shown.

    ``code`` is stable and English (``"dossier.closed"``); ``sentence`` is Chinese and complete;
    ``remedy`` says what to do; ``status`` is the HTTP status; ``reasons`` are told one by one; ``fields``
    maps the name of a field to what is wrong with what was entered there; ``facts`` are the values behind.
    """

    code: str = "error"
    sentence: str = "操作未完成"
    remedy: str = ""
    status: int = 400

    def __init__(
        self,
        sentence: str | None = None,
        *,
        code: str | None = None,
        remedy: str | None = None,
        status: int | None = None,
        reasons: tuple[Reason, ...] | list[Reason] = (),
        fields: dict[str, list[str]] | None = None,
        **facts: Any,
    ) -> None:
        self.code = code or self.code
        self.sentence = sentence if sentence is not None else self.sentence.format(**facts)
        self.remedy = remedy if remedy is not None else self.remedy.format(**facts)
        self.status = status or self.status
        self.reasons = tuple(reasons)
        self.fields = fields or {}
        self.facts = facts
        super().__init__(f"{self.code}: {self.sentence}")


class NotAllowed(MingzhiError):
    """The person may not do this (no permission, wrong unit, separation of duties)."""

    code = "not_allowed"
    sentence = "您没有此项权限"
    status = 403


class NotFound(MingzhiError):
    """The thing does not exist for this person; whether it exists for others is not said."""

    code = "not_found"
    sentence = "未找到该记录，或您无权查看"
    status = 404


class Invalid(MingzhiError):
    """Input that cannot be right."""

    code = "invalid"
    sentence = "填写内容有误，请按提示修改"
    status = 422


class Conflict(MingzhiError):
    """Somebody else was first; nothing was written."""

    code = "conflict"
    sentence = "该记录刚刚被他人更新，本次操作未生效"
    remedy = "请刷新后核对最新情况，再决定是否继续"
    status = 409


@dataclass(slots=True)
class Problems:
    """Collects field problems so that all are told at once."""

    fields: dict[str, list[str]] = field(default_factory=dict)

    def add(self, name: str, sentence: str) -> None:
        self.fields.setdefault(name, []).append(sentence)

    def raise_if_any(self) -> None:
        if self.fields:
            raise Invalid(fields=self.fields)


def require_text(name: str, text: str, sentence: str, *, least: int = 2) -> None:
    """The one field ``name`` says enough; ``Invalid`` with ``sentence`` at it otherwise."""
    if len(text.strip()) < least:
        raise Invalid(fields={name: [sentence]})

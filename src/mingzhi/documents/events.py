"""Ledger kinds of the documents room, each recomputed from its live row."""

from __future__ import annotations

import hashlib
from typing import Any

from mingzhi.documents import models, payloads
from mingzhi.ledger import api as ledger

Payload = dict[str, Any]


def _drawn(paper: models.Paper) -> Payload:
    """As written, but with the digest of the data as it stands now."""
    return {**payloads.drawn(paper), "data_sha256": hashlib.sha256(paper.data.encode()).hexdigest()}


def _service(row: models.Service) -> Payload:
    return {**payloads.service(row), "facts_sha256": hashlib.sha256(row.facts.encode()).hexdigest()}


def _template(row: models.Template) -> Payload:
    return {**payloads.template(row), "text_sha256": hashlib.sha256(row.text.encode()).hexdigest()}


def _page_files(subject: str) -> list[tuple[int, str]]:
    rows = models.PaperFile.objects.filter(paper_id=int(subject.removeprefix("paper:")))
    return [(row.file_id, row.sha256) for row in rows]


def _pictures(subject: str) -> list[tuple[int, str]]:
    rows = models.PaperSignature.objects.filter(pk=int(subject.removeprefix("signature:")))
    return [(row.file_id, row.sha256) for row in rows if row.file_id and row.sha256]


_NUMBERED = ("number",)

TEMPLATE = ledger.Rows(
    "documents:template:published", "发布文书模板", "template", models.Template, _template,
    only={"state__in": ("published", "superseded")},
)  # fmt: skip
DRAWN = ledger.Rows("documents:paper:drawn", "制作文书", "paper", models.Paper, _drawn, related=_NUMBERED)
RENDERED = ledger.Rows(
    "documents:paper:rendered", "文书签章", "paper", models.PaperFile, payloads.rendered, key="paper_id",
    related=("paper__body", "paper__dossier", "paper__number"), files=_page_files,
)  # fmt: skip
VOIDED = ledger.Rows(
    "documents:paper:voided", "作废文书", "paper", models.PaperVoid, payloads.voided, key="paper_id"
)
SIGNED_V1 = ledger.Rows(
    "documents:paper:signed", "文书签名情况", "signature", models.PaperSignature, payloads.signature,
    personal=("name",),
)  # fmt: skip
SIGNED = ledger.Rows(
    "documents:paper:signed", "文书签名情况", "signature", models.PaperSignature, payloads.signature_v2,
    version=2, personal=("name",), files=_pictures,
)  # fmt: skip
HANDED = ledger.Rows(
    "documents:handed:withdrawn",
    "撤回现场交付的文书",
    "handed",
    models.HandedWithdrawal,
    ledger.columns(models.HandedWithdrawal),
)
NUMBER_VOIDED = ledger.Rows(
    "documents:number:voided", "作废文号", "number", models.NumberVoid, payloads.number_void, key="number_id",
    related=_NUMBERED,
)  # fmt: skip
STYLED = ledger.Rows(
    "documents:number:styled", "设定文号格式", "number_style", models.NumberStyle, payloads.style
)
ALLOTTED = ledger.Rows(
    "documents:block:allotted", "预留文号", "number_block", models.NumberBlock, payloads.block
)
SERVED = ledger.Rows("documents:service:made", "登记送达", "service", models.Service, _service)


def register() -> None:
    for rows in (
        TEMPLATE,
        DRAWN,
        RENDERED,
        VOIDED,
        SIGNED_V1,
        SIGNED,
        HANDED,
        NUMBER_VOIDED,
        STYLED,
        ALLOTTED,
        SERVED,
    ):
        rows.register()

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


HANDED = ledger.Rows(
    "documents:handed:withdrawn",
    "撤回现场交付的文书",
    "handed",
    models.HandedWithdrawal,
    ledger.columns(models.HandedWithdrawal),
)


def register() -> None:
    m, numbered = models, ("number",)
    for rows in (
        ledger.Rows(
            "documents:template:published", "发布文书模板", "template", m.Template, _template,
            only={"state__in": ("published", "superseded")},
        ),
        ledger.Rows("documents:paper:drawn", "制作文书", "paper", m.Paper, _drawn, related=numbered),
        ledger.Rows(
            "documents:paper:rendered", "文书签章", "paper", m.PaperFile, payloads.rendered, key="paper_id",
            related=("paper__body", "paper__dossier", "paper__number"), files=_page_files,
        ),
        ledger.Rows(
            "documents:paper:voided", "作废文书", "paper", m.PaperVoid, payloads.voided, key="paper_id"
        ),
        ledger.Rows(
            "documents:paper:signed", "文书签名情况", "signature", m.PaperSignature, payloads.signature,
            personal=("name",),
        ),
        ledger.Rows(
            "documents:paper:signed", "文书签名情况", "signature", m.PaperSignature, payloads.signature_v2,
            version=2, personal=("name",), files=_pictures,
        ),
        HANDED,
        ledger.Rows(
            "documents:number:voided", "作废文号", "number", m.NumberVoid, payloads.number_void,
            key="number_id", related=numbered,
        ),
        ledger.Rows("documents:number:styled", "设定文号格式", "number_style", m.NumberStyle, payloads.style),
        ledger.Rows("documents:block:allotted", "预留文号", "number_block", m.NumberBlock, payloads.block),
        ledger.Rows("documents:service:made", "登记送达", "service", m.Service, _service),
    ):  # fmt: skip
        rows.register()

"""Ledger kinds of the documents room, each recomputed from its live row."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import Model, QuerySet

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


def _register(
    name: str,
    sentence: str,
    prefix: str,
    queryset: Callable[[], QuerySet[Any]],
    payload: Callable[[Any], Payload],
    *,
    key: str = "pk",
    personal: tuple[str, ...] = (),
    files: Callable[[str], list[tuple[int, str]]] | None = None,
    version: int = 1,
) -> None:
    def of(subject: str) -> Payload | None:
        row: Model | None = queryset().filter(**{key: int(subject.removeprefix(f"{prefix}:"))}).first()
        return payload(row) if row is not None else None

    def rows() -> Iterator[tuple[str, Payload]]:
        for row in queryset().order_by("pk").iterator(chunk_size=1000):
            yield f"{prefix}:{getattr(row, key)}", payload(row)

    def subjects() -> Iterator[str]:
        for pk in queryset().order_by("pk").values_list(key, flat=True).iterator(chunk_size=5000):
            yield f"{prefix}:{pk}"

    ledger.register(
        ledger.Kind(
            name=name,
            version=version,
            sentence=sentence,
            personal=personal,
            payload_of=of,
            rows=rows,
            subjects=subjects,
            files=files,
        )
    )


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
    m = models
    HANDED.register()
    _register(
        "documents:template:published", "发布文书模板", "template",
        lambda: m.Template.objects.exclude(state="draft"), _template,
    )  # fmt: skip
    _register(
        "documents:paper:drawn", "制作文书", "paper", lambda: m.Paper.objects.select_related("number"), _drawn
    )
    _register(
        "documents:paper:rendered", "文书签章", "paper",
        lambda: m.PaperFile.objects.select_related("paper__body", "paper__dossier", "paper__number"),
        payloads.rendered, key="paper_id", files=_page_files,
    )  # fmt: skip
    _register(
        "documents:paper:voided",
        "作废文书",
        "paper",
        m.PaperVoid.objects.all,
        payloads.voided,
        key="paper_id",
    )
    _register(
        "documents:paper:signed", "文书签名情况", "signature",
        m.PaperSignature.objects.all, payloads.signature, personal=("name",),
    )  # fmt: skip
    _register(
        "documents:paper:signed", "文书签名情况", "signature",
        m.PaperSignature.objects.all, payloads.signature_v2, personal=("name",), files=_pictures, version=2,
    )  # fmt: skip
    _register(
        "documents:number:voided", "作废文号", "number",
        lambda: m.NumberVoid.objects.select_related("number"), payloads.number_void, key="number_id",
    )  # fmt: skip
    _register(
        "documents:number:styled",
        "设定文号格式",
        "number_style",
        m.NumberStyle.objects.all,
        payloads.style,
    )
    _register(
        "documents:block:allotted",
        "预留文号",
        "number_block",
        m.NumberBlock.objects.all,
        payloads.block,
    )
    _register("documents:service:made", "登记送达", "service", m.Service.objects.all, _service)

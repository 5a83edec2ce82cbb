"""What each ledger entry of this room commits to. One spelling, used when writing and by fsck."""

from __future__ import annotations

from typing import Any

from mingzhi.documents import models
from mingzhi.kernel import canonical

Payload = dict[str, Any]


def number(row: models.DocumentNumber | None) -> Payload | None:
    """A number as it stands in the register: it has no entry of its own but that of its paper or its void."""
    if row is None:
        return None
    return {
        "text": row.text,
        "body_id": row.body_id,
        "word": row.word,
        "year": row.year,
        "seq": row.seq,
        "block": row.block_id,
        "at": row.allotted_at,
        "by": row.allotted_by,
    }


def template(row: models.Template) -> Payload:
    return {
        "code": row.code,
        "version": row.version,
        "title": row.title,
        "state": str(row.state),
        "number_word": row.number_word,
        "outward": row.outward,
        "seal": row.seal,
        "created_at": row.created_at,
        "created_by": row.created_by,
        "body_id": row.body_id,
        "text_sha256": row.text_digest,
        "published_at": row.published_at,
        "published_by": row.published_by,
    }


def drawn(row: models.Paper) -> Payload:
    return {
        "dossier_id": row.dossier_id,
        "body_id": row.body_id,
        "template_id": row.template_id,
        "template": row.template_code,
        "title": row.title,
        "number": number(row.number),
        "data_sha256": row.data_digest,
        "code": row.code,
        "outward": row.outward,
        "step_id": row.step_id,
        "corrects": row.corrects_id,
        "drawn_at": row.drawn_at,
        "drawn_by": row.drawn_by,
    }


def rendered(row: models.PaperFile) -> Payload:
    """What a party verifies offline: that this file is the paper of this number, title, body and dossier."""
    paper = row.paper
    return {
        "body": paper.body.name,
        "dossier": paper.dossier.number,
        "number": paper.number.text if paper.number is not None else "",
        "title": paper.title,
        "made_on": canonical.plain(paper.drawn_at),
        "file_sha256": row.sha256,
        "file_sm3": row.sm3,
        "size": row.size,
        "pages": row.pages,
    }


def voided(row: models.PaperVoid) -> Payload:
    return {"paper_id": row.paper_id, "reason": row.reason, "at": row.at, "by": row.by}


def number_void(row: models.NumberVoid) -> Payload:
    return {
        "number": number(row.number),
        "reason": row.reason,
        "at": row.at,
        "by": row.by,
    }


def signature(row: models.PaperSignature) -> Payload:
    return {
        "paper_id": row.paper_id,
        "kind": row.kind,
        "name": row.name,
        "outcome": row.outcome,
        "note": row.note,
        "file_id": row.file_id,
        "at": row.at,
        "by": row.by,
    }


def signature_v2(row: models.PaperSignature) -> Payload:
    return {**signature(row), "sha256": row.sha256}


def service(row: models.Service) -> Payload:
    return {
        "paper_id": row.paper_id,
        "dossier_id": row.dossier_id,
        "mode": row.mode,
        "outcome": row.outcome,
        "recipient": row.recipient_fingerprint,
        "deemed_on": row.deemed_on,
        "facts_sha256": row.facts_digest,
        "at": row.recorded_at,
        "by": row.recorded_by,
    }


def block(row: models.NumberBlock) -> Payload:
    return {
        "body_id": row.body_id,
        "word": row.word,
        "year": row.year,
        "first": row.first,
        "last": row.last,
        "holder": row.holder,
        "at": row.allotted_at,
        "by": row.allotted_by,
    }


def style(row: models.NumberStyle) -> Payload:
    return {
        "body_id": row.body_id,
        "use_di": row.use_di,
        "pad": row.pad,
        "word_suffix": row.word_suffix,
        "words": dict(row.words),
    }

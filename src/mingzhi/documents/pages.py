"""The page of a paper: set, sealed, signed and kept, once; and the preview that is none of it.

Crash story, step by step: typesetting and signing touch nothing; ``files.put_bytes`` leaves at most a
file nobody points at; the ``PaperFile`` row, its ledger entry and the public proof commit together.
Two workers on one paper: the second meets the first's row and discards its own page.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pypdfium2  # type: ignore[import-untyped]
from django.db import IntegrityError, transaction

from mingzhi.documents import events, glass, typeset, vocabulary
from mingzhi.documents.actions import data_of, full_data, parsed_text, template_in_force
from mingzhi.documents.markup import parse
from mingzhi.documents.models import Paper, PaperFile, PaperVoid
from mingzhi.documents.signing import sign_pdf
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations.data import BodyRef


def render(paper_id: int, *, at: datetime) -> int:
    """Make the page if there is none yet; returns its file id. Call outside the step's transaction."""
    kept = PaperFile.objects.filter(paper_id=paper_id).values_list("file_id", flat=True).first()
    if kept is not None:
        return kept
    paper = Paper.objects.select_related("template", "body", "dossier", "number").filter(pk=paper_id).first()
    if paper is None:
        raise NotFound
    plain = unsigned(paper)
    signed, mark = sign_pdf(
        plain, body_id=paper.body_id, body_name=paper.body.name, reason=f"《{paper.title}》签章", at=at
    )
    name = f"{paper.title}{paper.number.text if paper.number else ''}.pdf"
    kept_file = files.put_bytes(signed, name=name, media_type="application/pdf", at=at)
    pdf = pypdfium2.PdfDocument(plain)
    pages = len(pdf)
    pdf.close()
    try:
        with transaction.atomic():
            row = PaperFile(
                paper=paper,
                file_id=kept_file.id,
                sha256=kept_file.sha256,
                sm3=kept_file.sm3,
                plain_sha256=hashlib.sha256(plain).hexdigest(),
                size=kept_file.size,
                pages=pages,
                layout=typeset.LAYOUT,
                certificate=mark,
                rendered_at=at,
            )
            row.save(force_insert=True)
            entry = events.RENDERED.kept(row, at=at)
            ledger.public_proof_put(
                code=paper.code,
                title=paper.title,
                number=paper.number.text if paper.number else "",
                body_name=paper.body.name,
                made_on=clock.local_date(paper.drawn_at),
                sha256=row.sha256,
                sm3=row.sm3,
                entry_id=entry,
            )
            void = PaperVoid.objects.filter(paper_id=paper_id).first()
            if void is not None:
                ledger.public_proof_void(code=paper.code, reason=void.reason, at=void.at)
    except IntegrityError:
        first = PaperFile.objects.filter(paper_id=paper_id).values_list("file_id", flat=True).first()
        if first is None:
            raise
        return first
    return kept_file.id


def unsigned(paper: Paper) -> bytes:
    """The paper's page before signing: the same data and template give the same bytes."""
    parsed = parsed_text(paper.template.text_digest, paper.template.text)
    data = data_of(paper)
    return typeset.to_pdf(typeset.document(parsed, data, code=paper.code, pictures=glass.pictures(data)))


def page(paper_id: int, *, at: datetime) -> bytes:
    """The signed PDF, made now if the worker has not come to it yet (first look)."""
    with files.open_file(render(paper_id, at=at)) as stream:
        return stream.read()


def preview(*, template: str, data: Mapping[str, Any], body: BodyRef, at: datetime, text: str = "") -> bytes:
    """What the paper would look like: marked 预览, without number, seal, code or signature. Stores nothing.

    ``text`` is a template not yet in force; it must be readable (``markup.MarkupError`` otherwise).
    """
    if text:
        parsed = parse(text)
    else:
        row = template_in_force(template, body.id)
        parsed = parsed_text(row.text_digest, row.text)
    return typeset.to_pdf(typeset.document(parsed, full_data(body, data, at), code="", preview=True))


_SAMPLES = {
    "money": 100_000,
    "int": 1,
    "date": "2026-01-05",
    "time": "2026-01-05T01:00:00.000000Z",
    "bool": True,
}


def sample_data(text: str) -> dict[str, Any]:
    """Every field that a template names, filled with its own name in brackets, for looking at the layout."""
    parsed = parse(text)

    def value(field: vocabulary.FieldKind) -> Any:
        return _SAMPLES.get(field.type, f"〔{field.label}〕")

    row = {f.key: value(f) for f in vocabulary.table().values() if f.type != "rows"}
    data: dict[str, Any] = {}
    for label in sorted(parsed.slots | parsed.loops):
        field = vocabulary.field_of(label)
        if field.key not in vocabulary.AUTOMATIC:
            data[field.key] = [row] if field.type == "rows" or label in parsed.loops else value(field)
    return data

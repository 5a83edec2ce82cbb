"""Reads of the documents room."""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import date
from typing import Any

from django.db.models import Prefetch, Q, QuerySet

from mingzhi.documents import choices, numbering, payloads
from mingzhi.documents.actions import number_style, template_in_force, view_of_template
from mingzhi.documents.data import (
    BlockView,
    NumberedPaper,
    NumberStyleView,
    NumberView,
    PaperView,
    ServiceView,
    TemplateView,
)
from mingzhi.documents.models import DocumentNumber, NumberBlock, Paper, PaperSignature, Service, Template
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.data import BodyRef


def _papers() -> QuerySet[Paper]:
    done = Service.objects.filter(outcome=choices.ServiceOutcome.DONE).only(
        "paper_id", "deemed_on", "outcome"
    )
    return (
        Paper.objects.defer("data")
        .select_related("number", "page", "void")
        .prefetch_related(Prefetch("services", queryset=done, to_attr="done_services"))
    )


def _view(paper: Paper) -> PaperView:
    page = getattr(paper, "page", None)
    void = getattr(paper, "void", None)
    served = min((s.deemed_on for s in paper.done_services if s.deemed_on), default=None)  # type: ignore[attr-defined]
    if void is not None:
        state = choices.PaperState.VOIDED
    elif served is not None:
        state = choices.PaperState.SERVED
    else:
        state = choices.PaperState.RENDERED if page is not None else choices.PaperState.DRAWN
    return PaperView(
        id=paper.pk,
        template=paper.template_code,
        title=paper.title,
        number=paper.number.text if paper.number is not None else None,
        state=state.value,
        dossier_id=paper.dossier_id,
        body_id=paper.body_id,
        step_id=paper.step_id,
        drawn_at=paper.drawn_at,
        drawn_by=paper.drawn_by,
        outward=paper.outward,
        code=paper.code,
        file_id=page.file_id if page else None,
        sha256=page.sha256 if page else "",
        pages=page.pages if page else None,
        rendered_at=page.rendered_at if page else None,
        served_on=served,
        voided_at=void.at if void else None,
        void_reason=void.reason if void else "",
        corrects_id=paper.corrects_id,
    )


def papers(dossier_id: int, *, template: str | None = None, step_id: int | None = None) -> list[PaperView]:
    """The papers of a dossier in the order they were made (two queries)."""
    rows = _papers().filter(dossier_id=dossier_id)
    if template is not None:
        rows = rows.filter(template_code=template)
    if step_id is not None:
        rows = rows.filter(step_id=step_id)
    return [_view(p) for p in rows.order_by("pk")]


def papers_of(dossier_ids: Iterable[int], *, limit: int = 200) -> list[PaperView]:
    """Papers of several dossiers, newest first (two queries)."""
    return [_view(p) for p in _papers().filter(dossier_id__in=list(dossier_ids)).order_by("-pk")[:limit]]


def paper(paper_id: int) -> PaperView:
    row = _papers().filter(pk=paper_id).first()
    if row is None:
        raise NotFound
    return _view(row)


def paper_data(paper_id: int) -> dict[str, Any]:
    """What the paper was made from, decrypted: for who may see the dossier only."""
    row = Paper.objects.filter(pk=paper_id).only("data").first()
    if row is None:
        raise NotFound
    loaded: dict[str, Any] = json.loads(row.data)
    return loaded


def paper_by_number(body_id: int, text: str) -> PaperView | None:
    row = _papers().filter(body_id=body_id, number__text=text.strip()).first()
    return _view(row) if row else None


def signatures(paper_id: int) -> list[dict[str, Any]]:
    rows = PaperSignature.objects.filter(paper_id=paper_id).order_by("pk")
    return [payloads.signature(r) for r in rows]


def signatures_of(dossier_id: int) -> dict[int, list[dict[str, Any]]]:
    """Every signature on a dossier's papers, by paper, in one query."""
    found: dict[int, list[dict[str, Any]]] = {}
    for row in PaperSignature.objects.filter(paper__dossier_id=dossier_id).order_by("pk"):
        found.setdefault(row.paper_id, []).append(
            {
                **payloads.signature(row),
                "id": row.pk,
                "who": f"{row.get_kind_display()} {row.name}",
                "said": row.get_outcome_display(),
            }
        )
    return found


def services(dossier_id: int, *, paper_id: int | None = None) -> list[ServiceView]:
    rows = Service.objects.filter(dossier_id=dossier_id)
    if paper_id is not None:
        rows = rows.filter(paper_id=paper_id)
    return [service_view(r) for r in rows.order_by("pk")]


def service_view(row: Service) -> ServiceView:
    return ServiceView(
        id=row.pk,
        paper_id=row.paper_id,
        dossier_id=row.dossier_id,
        mode=row.mode,
        mode_label=choices.ServiceMode(row.mode).label,
        outcome=row.outcome,
        deemed_on=row.deemed_on,
        recorded_at=row.recorded_at,
        recorded_by=row.recorded_by,
        facts=json.loads(row.facts),
    )


def numbers(
    body_id: int, *, year: int | None = None, word: str = "", limit: int = 500, after: int = 0
) -> list[NumberView]:
    """文书编号登记簿, by word and serial; voided numbers stay in it with their reason."""
    rows = (
        DocumentNumber.objects.filter(body_id=body_id, pk__gt=after)
        .select_related("void", "paper__dossier")
        .order_by("word", "year", "seq")
    )
    if year is not None:
        rows = rows.filter(year=year)
    if word:
        rows = rows.filter(word=word)
    found = []
    for row in rows[:limit]:
        void = getattr(row, "void", None)
        paper = getattr(row, "paper", None)
        found.append(
            NumberView(
                text=row.text,
                word=row.word,
                year=row.year,
                seq=row.seq,
                paper_id=paper.pk if paper else None,
                title=paper.title if paper else "",
                dossier_number=paper.dossier.number if paper else "",
                allotted_at=row.allotted_at,
                voided=void is not None,
                void_reason=void.reason if void else "",
            )
        )
    return found


def blocks(body_id: int, *, holder: str = "", year: int | None = None) -> list[BlockView]:
    """Reserved blocks of a body, newest first; ``holder`` as given when they were reserved."""
    rows = NumberBlock.objects.filter(body_id=body_id).order_by("-pk")
    if holder:
        rows = rows.filter(holder=holder)
    if year is not None:
        rows = rows.filter(year=year)
    style = number_style(body_id, "")
    found = []
    for row in rows:
        left = numbering.free(row)
        found.append(
            BlockView(
                id=row.pk,
                word=row.word,
                year=row.year,
                first=row.first,
                last=row.last,
                holder=row.holder,
                allotted_at=row.allotted_at,
                free=tuple(left),
                texts=tuple(numbering.written(row.word, row.year, seq, style) for seq in left),
            )
        )
    return found


def number_styles(body: BodyRef, year: int) -> NumberStyleView:
    """How ``body`` writes its numbers, with the twelfth of ``year`` of each paper as an example."""
    papers = []
    for found in templates(body.id):
        if not found.number_word:
            continue
        style = number_style(body.id, found.code)
        head = numbering.head_word(body, found.number_word, style)
        example = numbering.written(head, year, 12, style)
        papers.append(NumberedPaper(found.code, found.title, found.number_word, style.word, example))
    whole = number_style(body.id, "")
    return NumberStyleView(whole.use_di, whole.pad, whole.suffix, tuple(papers))


def template(code: str, body_id: int | None = None) -> TemplateView:
    """The version in force for a body: its own, else the shipped one."""
    return view_of_template(template_in_force(code, body_id))


def templates(body_id: int | None = None) -> list[TemplateView]:
    """One version in force per paper, by code, for the template desk."""
    rows = Template.objects.filter(Q(body_id=body_id) | Q(body=None), state="published").order_by("code")
    best: dict[str, Template] = {}
    for row in rows:
        if row.code not in best or row.body_id is not None:
            best[row.code] = row
    return [view_of_template(r) for r in best.values()]


def template_versions(code: str, body_id: int | None) -> list[TemplateView]:
    rows = Template.objects.filter(Q(body_id=body_id) | Q(body=None), code=code).order_by(
        "-body_id", "-version"
    )
    return [view_of_template(r) for r in rows]


def served_on(dossier_id: int, templates_: Iterable[str]) -> date | None:
    """The day the latest paper of these kinds counts as served; None while it does not."""
    return (
        Service.objects.filter(
            dossier_id=dossier_id,
            outcome=choices.ServiceOutcome.DONE,
            paper__template_code__in=list(templates_),
            paper__void=None,
        )
        .order_by("-paper_id", "deemed_on")
        .values_list("deemed_on", flat=True)
        .first()
    )

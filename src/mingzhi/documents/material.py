"""What this room gives to a dossier's index: papers, scans of signatures, proofs of service."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from mingzhi.documents import pages, queries, typeset
from mingzhi.documents.choices import ServiceMode, SignatureOutcome, SignerKind
from mingzhi.documents.models import Paper, PaperFile, PaperSignature, PaperVoid, Service
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event, Item, Source
from mingzhi.files import api as files
from mingzhi.kernel import clock


def _items(dossier_id: int) -> Iterator[Item]:
    papers = {p.id: p for p in queries.papers(dossier_id) if p.voided_at is None}
    scans = [
        s
        for s in PaperSignature.objects.filter(paper__dossier_id=dossier_id, file_id__isnull=False)
        if s.paper_id in papers
    ]
    services = [s for s in queries.services(dossier_id) if s.paper_id in papers]
    proofs = [(s, f) for s in services for f in s.facts.get("file_ids", ())]
    stored = files.refs(
        [p.file_id for p in papers.values() if p.file_id]
        + [s.file_id for s in scans if s.file_id]
        + [f for _, f in proofs]
    )
    for paper in papers.values():
        page = stored.get(paper.file_id or 0)
        yield Item(
            code=paper.template,
            subject=f"paper:{paper.id}",
            title=paper.title,
            number=paper.number or "",
            on=clock.local_date(paper.drawn_at),
            moment=paper.drawn_at,
            volume="main" if paper.outward else "side",
            file_id=paper.file_id,
            sha256=paper.sha256,
            size=page.size if page else 0,
            media_type="application/pdf",
            pages=paper.pages,
            link=f"paper:{paper.id}",
        )
    for scan in scans:
        kept, paper = stored[scan.file_id or 0], papers[scan.paper_id]
        who, how = SignerKind(scan.kind).label, SignatureOutcome(scan.outcome).label
        yield Item(
            code=paper.template,
            subject=f"signature:{scan.pk}",
            title=f"{paper.title}签名扫描件（{who}{how}）",
            on=clock.local_date(scan.at),
            moment=scan.at,
            volume="main" if paper.outward else "side",
            file_id=kept.id,
            sha256=kept.sha256,
            size=kept.size,
            media_type=kept.media_type,
        )
    for service, file_id in proofs:
        kept, paper = stored[file_id], papers[service.paper_id]
        yield Item(
            code="SERVED",
            subject=f"service:{service.id}#{file_id}",
            title=f"{paper.title}送达凭证（{ServiceMode(service.mode).label}）",
            number=paper.number or "",
            on=service.deemed_on or clock.local_date(service.recorded_at),
            moment=service.recorded_at,
            volume="main",
            file_id=kept.id,
            sha256=kept.sha256,
            size=kept.size,
            media_type=kept.media_type,
        )


def _events(dossier_id: int) -> Iterator[Event]:
    for paper in queries.papers(dossier_id):
        name = f"{paper.title}{paper.number or ''}"
        yield Event(paper.drawn_at, f"制作《{name}》", paper.drawn_by, "", f"paper:{paper.id}")
        if paper.voided_at is not None:
            note = paper.void_reason
            yield Event(paper.voided_at, f"作废《{name}》", paper.drawn_by, "", f"paper:{paper.id}", note)
        elif paper.rendered_at is not None:
            yield Event(paper.rendered_at, f"《{name}》签章", "system", "", f"paper:{paper.id}")
    for service in queries.services(dossier_id):
        act = f"{service.mode_label}：{'已送达' if service.deemed_on else '未能送达'}"
        yield Event(service.recorded_at, act, service.recorded_by, "", f"service:{service.id}")


def _subjects(dossier_id: int) -> Iterator[str]:
    for model, prefix, path in (
        (Paper, "paper", "dossier_id"),
        (PaperSignature, "signature", "paper__dossier_id"),
        (Service, "service", "dossier_id"),
    ):
        for pk in model.objects.filter(**{path: dossier_id}).order_by("pk").values_list("pk", flat=True):
            yield f"{prefix}:{pk}"


def _holders(file_ids: list[int]) -> dict[int, set[int]]:
    """Served proofs lie in sealed facts and are not looked up by file: they are made for one service."""
    found: dict[int, set[int]] = {}
    for model in (PaperFile, PaperSignature):
        rows = model.objects.filter(file_id__in=file_ids).values_list("file_id", "paper__dossier_id")
        for file_id, dossier_id in rows:
            found.setdefault(int(file_id or 0), set()).add(dossier_id)
    return found


def _copies(dossier_id: int) -> Iterator[int]:
    """Pages, scans and proofs of every paper, also of those voided, which the index leaves out."""
    for model in (PaperFile, PaperSignature):
        rows = model.objects.filter(paper__dossier_id=dossier_id, file_id__isnull=False)
        yield from (int(file_id or 0) for file_id in rows.values_list("file_id", flat=True))
    for service in queries.services(dossier_id):
        yield from service.facts.get("file_ids", ())


def _ready(dossier_id: int, at: datetime) -> None:
    voided = PaperVoid.objects.values("paper_id")
    waiting = Paper.objects.filter(dossier_id=dossier_id, page=None).exclude(pk__in=voided)
    for paper_id in waiting.order_by("pk").values_list("pk", flat=True):
        pages.render(paper_id, at=at)


def register() -> None:
    dossiers.register_source(Source("documents", _items, _events, _subjects, _holders, _ready, _copies))
    dossiers.register_typesetter(typeset.set_pages)

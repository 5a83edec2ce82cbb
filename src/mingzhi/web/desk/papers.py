"""A paper's page: made on the first look if the worker has not come to it, then always the same bytes."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import Secrecy
from mingzhi.files import api as files
from mingzhi.kernel.errors import NotFound
from mingzhi.recording import api as recording
from mingzhi.recording.choices import AccessKind, Need, Use
from mingzhi.recording.data import Standing
from mingzhi.web.desk.common import at_of, by_of

_COLLEAGUE = Standing(Need.BODY, Use.OTHER)


@require_safe
def pdf(request: HttpRequest, dossier_id: int, paper_id: int) -> HttpResponse:
    """The signed page of a paper of this dossier (the first look may render it, once).

    The papers of a dossier that holds secrets are for who works on it or was approved (R090). Who is
    outside the case takes a copy along with the watermark in it, and of secrets sees no other.
    """
    by, at, address = by_of(request), at_of(request), request.META.get("REMOTE_ADDR", "")
    dossier = dossiers.access_dossier(by, dossier_id)
    paper = documents.paper(paper_id)
    if paper.dossier_id != dossier.pk:
        raise NotFound()
    download = "download" in request.GET
    act, subject = "paper:downloaded" if download else "paper:viewed", f"paper:{paper_id}"
    secret = dossier.secrecy != Secrecy.OPEN
    found = recording.access.standing(by, dossier, at)
    if found is None and secret:
        found = recording.access.access_dossier_content(
            by=by, dossier=dossier, subject=subject, at=at, act=act, address=address
        )
    found = found or _COLLEAGUE
    purpose = str(found.use.label if found.need != Need.BODY else found.need.label)
    page, name = documents.page(paper_id, at=at), f"{paper.title}{paper.number or ''}.pdf"
    detail: dict[str, Any] = {}
    if not found.inside and (download or secret) and not _original(by, dossier.pk, at):
        copy = recording.derivatives.marked_paper(
            by=by, dossier=dossier, subject=subject, data=page, name=name, sha256=documents.paper(paper_id).sha256,
            found=found, purpose=purpose, at=at,
        )  # fmt: skip
        page, detail = copy.data, {"sha256": copy.sha256}
    recording.access.noted(
        act,
        subject,
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=purpose,
        address=address,
        **detail,
    )
    response = HttpResponse(page, content_type="application/pdf")
    kind = "attachment" if download else "inline"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    return response


@require_safe
def signature(request: HttpRequest, dossier_id: int, signature_id: int) -> HttpResponse:
    """The picture of a signature given on the glass, strokes and times inside it: for who works on the case."""
    by, at, address = by_of(request), at_of(request), request.META.get("REMOTE_ADDR", "")
    dossier = dossiers.access_dossier(by, dossier_id)
    signed = [s for many in documents.signatures_of(dossier.pk).values() for s in many]
    one = next((s for s in signed if s["id"] == signature_id and s["file_id"]), None)
    found = recording.access.standing(by, dossier, at)
    if one is None or found is None or not found.inside:
        raise NotFound()
    subject = f"signature:{signature_id}"
    recording.access.noted(
        "paper:signature",
        subject,
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=str(found.need.label),
        address=address,
    )
    with files.open_file(one["file_id"]) as stream:
        return HttpResponse(stream.read(), content_type="image/png")


def _original(by: Any, dossier_id: int, at: Any) -> bool:
    return None in recording.access.records_granted(by, dossier_id, at, AccessKind.ORIGINAL)

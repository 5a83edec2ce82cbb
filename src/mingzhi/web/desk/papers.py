"""A paper's page: made on the first look if the worker has not come to it, then always the same bytes."""

from __future__ import annotations

from urllib.parse import quote

from django.http import HttpRequest, HttpResponse
from django.views.decorators.http import require_safe

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import NotFound
from mingzhi.web.desk.common import at_of, by_of, looked


@require_safe
def pdf(request: HttpRequest, dossier_id: int, paper_id: int) -> HttpResponse:
    """The signed page of a paper of this dossier (the first look may render it, once)."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    paper = documents.paper(paper_id)
    if paper.dossier_id != dossier.pk:
        raise NotFound()
    page = documents.page(paper_id, at=at_of(request))
    looked(request, "paper:viewed", f"paper:{paper_id}", dossier=dossier.pk)
    name = f"{paper.title}{paper.number or ''}.pdf"
    response = HttpResponse(page, content_type="application/pdf")
    kind = "attachment" if "download" in request.GET else "inline"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(name)}"
    return response

"""What anybody may read by machine: disclosed decisions, papers by their code, the ledger's checkpoint."""

from __future__ import annotations

from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router

from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.publication.data import PublicRow
from mingzhi.web.api import schemas
from mingzhi.web.desk.common import reading
from mingzhi.web.public.common import throttle

router = Router(tags=["公示"])
REFUSALS = {400: schemas.ErrorOut, 404: schemas.ErrorOut, 422: schemas.ErrorOut, 429: schemas.ErrorOut}


def _row(row: PublicRow) -> dict[str, Any]:
    names = (
        "id",
        "title",
        "number",
        "agency",
        "party",
        "kind",
        "decided_on",
        "published_on",
        "state",
        "amount_fen",
    )
    return {**{n: getattr(row, n) for n in names}, "kinds": list(row.kinds), "url": f"/decisions/{row.id}/"}


@router.get(
    "/public/decisions", response={200: schemas.DecisionPage, **REFUSALS}, summary="检索已公示的执法决定"
)
def decisions(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=100)] = "",
    cursor: Annotated[str, Query(max_length=20)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 20,
) -> Any:
    def read(_request: HttpRequest) -> Any:
        words = "".join(c for c in q if c.isprintable())
        page = publication.finding.public_search(words, cursor=cursor, limit=limit)
        return {"rows": [_row(r) for r in page.rows], "next_cursor": page.next_cursor}

    return reading(read)(request)


@router.get(
    "/public/decisions/{decision_id}",
    response={200: schemas.DecisionOut, **REFUSALS},
    summary="一条公示信息及其历史",
)
def decision(request: HttpRequest, decision_id: Annotated[int, Path(ge=1, le=2**62)]) -> Any:
    def read(_request: HttpRequest) -> Any:
        found = publication.public_decision(decision_id)
        names = ("kind", "label", "at", "reason", "basis", "version")
        return {
            **_row(found.row),
            "version": found.version,
            "expires_on": found.expires_on,
            "summary": found.plain_summary,
            "fields": [{"label": label, "value": value} for label, value in found.fields],
            "history": [{n: getattr(e, n) for n in names} for e in found.history],
        }

    return reading(read)(request)


@router.get("/public/verify/{code}", response={200: schemas.ProofOut, **REFUSALS}, summary="按文书核验码核验")
def verify(request: HttpRequest, code: Annotated[str, Path(max_length=60)]) -> Any:
    throttle(request, "verify", limit=60, minutes=10)

    def read(_request: HttpRequest) -> Any:
        found = ledger.public_proof("".join(c for c in code if c.isprintable()))
        if found is None:
            raise NotFound("没有与该核验码对应的文书", remedy="请核对文书上的核验码")
        names = ("code", "title", "number", "made_on", "sha256", "sm3", "voided_at", "void_reason", "receipt")
        return {**{n: getattr(found, n) for n in names}, "agency": found.body_name}

    return reading(read)(request)


@router.get("/ledger/checkpoint", response={200: schemas.CheckpointOut}, summary="存证账本的最新签名检查点")
def checkpoint(request: HttpRequest) -> Any:
    def read(_request: HttpRequest) -> Any:
        latest = ledger.latest()
        return {
            "note": ledger.checkpoint(),
            "size": latest.size if latest else 0,
            "root": latest.root if latest else "",
            "at": latest.at if latest else None,
            "key": ledger.verifier_key(),
        }

    return reading(read)(request)

"""Cases and clues for systems that act for a person who is logged in."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from typing import Annotated, Any

from django.http import HttpRequest
from ninja import Path, Query, Router, Status

from mingzhi.cases import api as cases
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel.errors import Invalid, Reason
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.data import StepView
from mingzhi.web.api import schemas
from mingzhi.web.api.service import Person
from mingzhi.web.desk import case_list
from mingzhi.web.desk.common import at_of, by_of, looked, masked, reading, state_labels

router = Router(tags=["案件"], auth=Person())
REFUSALS = {
    400: schemas.ErrorOut,
    401: schemas.ErrorOut,
    403: schemas.ErrorOut,
    404: schemas.ErrorOut,
    409: schemas.ErrorOut,
    422: schemas.ErrorOut,
}
Id = Annotated[int, Path(ge=1, le=2**62)]
_DEEPEST = 8
_LARGEST = 2**62


def _row(row: Dossier, labels: dict[str, str]) -> dict[str, Any]:
    return {
        "id": row.pk,
        "number": row.number,
        "title": row.title,
        "procedure": row.procedure,
        "party": row.party_name,
        "unit": row.unit.name,
        "lead": row.lead_name,
        "stage": row.stage,
        "state": row.state,
        "state_label": labels.get(row.state, ""),
        "opened_at": row.opened_at,
        "last_step_at": row.last_step_at,
        "closed_at": row.closed_at,
    }


def _told(reasons: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{n: getattr(r, n) for n in ("code", "sentence", "citation", "remedy", "link")} for r in reasons]


@router.get(
    "/cases", response={200: schemas.CasePage, **REFUSALS}, summary="案件列表（按最近办理时间，游标翻页）"
)
def case_page(
    request: HttpRequest,
    q: Annotated[str, Query(max_length=100)] = "",
    state: Annotated[str, Query(max_length=32)] = "",
    cursor: Annotated[str, Query(max_length=300)] = "",
    limit: Annotated[int, Query(ge=1, le=100)] = 50,
) -> Any:
    def read(_request: HttpRequest) -> Any:
        by = by_of(request)
        organisations.require(by, Permission.CASE_READ)
        given = request.GET.copy()
        given["after"] = cursor
        request.GET = given  # type: ignore[assignment]
        ask = replace(case_list.asked(request.GET), sort="last", down=True)
        bodies = case_list.bodies_of(by)
        if ask.body is not None:
            bodies = [b for b in bodies if b == ask.body]
        elif len(bodies) > case_list.BODIES_AT_ONCE:
            raise Invalid(fields={"body": ["辖区机关较多，请用 body 指定一个机关"]})
        rows = case_list.found(by, ask, bodies, limit + 1) if bodies else []
        more, rows = len(rows) > limit, rows[:limit]
        labels = state_labels()
        return {
            "rows": [_row(r, labels) for r in rows],
            "next_cursor": case_list.cursor(rows[-1], ask) if more else "",
        }

    return reading(read)(request)


@router.get("/cases/{dossier_id}", response={200: schemas.CaseOut, **REFUSALS}, summary="一个案件")
def case_one(request: HttpRequest, dossier_id: Id) -> Any:
    def read(_request: HttpRequest) -> Any:
        row = dossiers.access_dossier(by_of(request), dossier_id)
        return {
            **_row(row, state_labels()),
            "item_code": row.item_code,
            "field": row.field,
            "steps_taken": row.steps_taken,
            "parties": [
                {
                    "role": p.role,
                    "kind": p.kind,
                    "name": p.name,
                    "credit_code": p.credit_code,
                    "id_number": masked(p.id_number, 4, 4) if p.id_number else "",
                }
                for p in dossiers.parties(row.pk)
            ],
            "steps": [_step(s) for s in procedures.steps(row)],
            "deadlines": [
                {n: getattr(d, n) for n in ("norm", "label", "citation", "due_on", "state", "provisional")}
                for d in deadlines.of_dossier(row.pk, at_of(request))
            ],
        }

    found = reading(read)(request)
    looked(request, "cases:looked", f"dossier:{dossier_id}", by="api")
    return found


def _step(taken: StepView) -> dict[str, Any]:
    names = ("seq", "verb", "label", "stage", "from_state", "to_state", "at", "occurred_at")
    return {**{n: getattr(taken, n) for n in names}, "by": taken.by_name}


@router.get(
    "/cases/{dossier_id}/options",
    response={200: list[schemas.OptionOut], **REFUSALS},
    summary="此时可办的环节，不可办的附全部理由",
)
def case_options(request: HttpRequest, dossier_id: Id) -> Any:
    def read(_request: HttpRequest) -> Any:
        by = by_of(request)
        row = dossiers.access_dossier(by, dossier_id)
        names = ("verb", "label", "stage", "citation", "open", "mine", "confirm")
        return [
            {**{n: getattr(o, n) for n in names}, "reasons": _told(o.reasons)}
            for o in procedures.options(row, by=by, at=at_of(request))
        ]

    return reading(read)(request)


@router.post(
    "/cases/{dossier_id}/steps/{verb}", response={201: schemas.StepOut, **REFUSALS}, summary="办理一个环节"
)
def case_step(
    request: HttpRequest, dossier_id: Id, verb: Annotated[str, Path(max_length=40)], entered: schemas.StepIn
) -> Any:
    by, at = by_of(request), at_of(request)
    dossiers.access_dossier(by, dossier_id)
    taken = procedures.advance(
        dossier_id,
        verb,
        by=by,
        at=at,
        facts=plain(entered.facts),
        occurred_at=_sane(entered.occurred_at),
        key=plain(entered.key),
        expected=entered.expected,
    )
    return Status(201, _step(taken))


def _sane(moment: datetime | None) -> datetime | None:
    if moment is not None and not 1990 <= moment.year <= 2100:
        raise Invalid(fields={"occurred_at": ["请核对发生时间"]})
    return moment


def plain(value: Any, depth: int = 0) -> Any:
    """JSON as a database can hold it; ``Invalid`` for what none can (control signs, endless numbers)."""
    wrong = Invalid(fields={"facts": ["内容含有系统无法保存的字符或者数值"]})
    if depth > _DEEPEST:
        raise wrong
    if isinstance(value, str):
        if "\x00" in value or any("\ud800" <= c <= "\udfff" for c in value):
            raise wrong
        return value
    if isinstance(value, float) and not math.isfinite(value):
        raise wrong
    if isinstance(value, int) and abs(value) > _LARGEST:
        raise wrong
    if isinstance(value, dict):
        return {plain(k, depth + 1): plain(v, depth + 1) for k, v in value.items()}
    if isinstance(value, list):
        return [plain(v, depth + 1) for v in value]
    return value


@router.post("/clues", response={201: schemas.ClueOut, **REFUSALS}, summary="登记线索")
def clue_new(request: HttpRequest, entered: schemas.ClueIn) -> Any:
    values = plain(entered.dict())
    _sane(entered.received_at)
    if entered.occurred_on is not None and not 1990 <= entered.occurred_on.year <= 2100:
        raise Invalid(fields={"occurred_on": ["请核对发生日期"]})
    clue = cases.clue_register(entered=cases.ClueInput(**values), by=by_of(request), at=at_of(request))
    return Status(201, {"id": clue.pk, "number": clue.number})

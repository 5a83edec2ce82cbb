"""Opening a matter that is to be reviewed and does not come from the penalty procedure."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.cases.matters.matter import MATTER
from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures


@transaction.atomic
def matter_open(*, title: str, by: Actor, at: datetime) -> Dossier:
    """Open the dossier of a decision that must be reviewed (R104, R105, R131); its first step registers it."""
    organisations.require(by, Permission.CASE_ACT)
    if by.unit_id is None:
        raise NotAllowed("您的账号未关联承办机构，不能送审", remedy="请联系安全管理员完善人员信息")
    problems = Problems()
    if not 4 <= len(title.strip()) <= 120:
        problems.add("title", "请写明送审事项的名称，四个字以上，不超过 120 个字")
    problems.raise_if_any()
    body = organisations.body(by.body_id)
    table = procedures.procedure(MATTER, on=clock.local_date(at))
    return dossiers.dossier_open(
        procedure=table.code,
        procedure_version=table.version,
        state=table.initial,
        stage=table.by_state[table.initial].stage,
        title=title,
        body_id=body.id,
        unit_id=by.unit_id,
        field=catalogue.profile(body.profile).field if body.profile else "",
        by=by,
        at=at,
    )

"""Clues: registered, then filed as a case or dismissed with reason (行政处罚法第五十四条)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.cases import choices
from mingzhi.cases.errors import ClueSettled
from mingzhi.cases.events import CLUE
from mingzhi.cases.models import Clue
from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import PartyRole
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.tasks import api as tasks


@dataclass(frozen=True, slots=True)
class ClueInput:
    """What is entered of a clue (P01)."""

    source: str
    title: str
    detail: str
    received_at: datetime
    place: str = ""
    occurred_on: date | None = None
    suspect: str = ""
    informant: str = ""
    informant_phone: str = ""
    anonymous: bool = False


@transaction.atomic
def clue_register(*, entered: ClueInput, by: Actor, at: datetime) -> Clue:
    """案源登记. The term for checking it runs where the body has one; a to-do lies with its unit."""
    organisations.require(by, Permission.CLUE_REGISTER)
    problems = Problems()
    if entered.source not in choices.ClueSource.values:
        problems.add("source", "请选择线索来源")
    if len(entered.title.strip()) < 4:
        problems.add("title", "请用一句话写明线索内容，至少四个字")
    if len(entered.title.strip()) > 200:
        problems.add("title", "线索摘要最多 200 个字，请精简，详情写在“具体情况”中")
    if len(entered.detail.strip()) < 10:
        problems.add("detail", "请写明时间、地点、人物和经过，至少十个字")
    if entered.received_at > at:
        problems.add("received_at", "收到时间晚于当前时间，请核对")
    if entered.occurred_on and entered.occurred_on > clock.local_date(entered.received_at):
        problems.add("occurred_on", "发生日期晚于收到日期，请核对")
    problems.raise_if_any()
    body = organisations.body(by.body_id)
    today = clock.local_date(at)
    term = catalogue.norm("penalty.term.filing", body=body, on=today)
    due = (
        deadlines.due(entered.received_at, catalogue.term("penalty.term.filing", body=body, on=today)).on
        if term.value
        else None
    )
    clue = Clue.objects.create(
        body_id=by.body_id,
        unit_id=by.unit_id,
        number=f"{body.code_word}线〔{today.year}〕{numbers.allot(f'clue:{body.id}:{today.year}')}号",
        source=entered.source,
        received_at=entered.received_at,
        title=entered.title.strip(),
        detail=entered.detail.strip(),
        place=entered.place.strip(),
        occurred_on=entered.occurred_on,
        suspect=entered.suspect.strip(),
        informant=entered.informant.strip(),
        informant_phone=entered.informant_phone.strip(),
        anonymous=entered.anonymous,
        state=choices.ClueState.OPEN,
        check_due_on=due,
        registered_by=by.label,
        registered_by_name=by.name,
        registered_at=at,
    )
    tasks.task_open(
        kind="clue.check",
        title=f"核查线索：{clue.title}",
        body_id=by.body_id,
        subject=f"clue:{clue.pk}",
        unit_id=by.unit_id,
        permission=Permission.CASE_ACT,
        due_on=due,
        by=by,
        at=at,
    )
    CLUE.kept(clue, at=at)
    return clue


def access_clue(by: Actor, clue_id: int) -> Clue:
    """The only way to a clue: of one's own body."""
    clue = Clue.objects.filter(
        organisations.in_scope(by, Permission.CASE_READ).filter("body"), pk=clue_id
    ).first()
    if clue is None:
        raise NotFound()
    return clue


@transaction.atomic
def clue_dismiss(*, clue_id: int, reason: str, by: Actor, at: datetime) -> None:
    """不予立案: with the reason, which the informant may be told."""
    organisations.require(by, Permission.CASE_UNIT_CHECK)
    clue = _open_clue(by, clue_id)
    problems = Problems()
    if len(reason.strip()) < 4:
        problems.add("reason", "请写明不予立案的理由")
    problems.raise_if_any()
    clue.state, clue.dismissed_reason, clue.decided_at = choices.ClueState.DISMISSED, reason.strip(), at
    clue.save(update_fields=["state", "dismissed_reason", "decided_at"])
    CLUE.kept(clue, at=at)
    tasks.tasks_close(kinds=("clue.check",), subject=f"clue:{clue.pk}", by=by, at=at)


def _open_clue(by: Actor, clue_id: int) -> Clue:
    access_clue(by, clue_id)
    clue = Clue.objects.select_for_update().get(pk=clue_id)
    if clue.state != choices.ClueState.OPEN:
        raise ClueSettled(number=clue.number, state=clue.get_state_display())
    return clue


@transaction.atomic
def case_open(
    *,
    procedure: str,
    title: str,
    party: PartyInput,
    item_code: str = "",
    clue_id: int | None = None,
    by: Actor,
    at: datetime,
) -> Dossier:
    """Open a penalty dossier, from a clue or without one, with its party; the first step files it.

    ``procedure`` is ``penalty.ordinary`` or ``penalty.summary``.
    """
    organisations.require(by, Permission.CASE_ACT)
    if by.unit_id is None:
        raise NotAllowed("您的账号未关联承办机构，不能办理案件", remedy="请联系安全管理员完善人员信息")
    table = procedures.procedure(procedure, on=clock.local_date(at))
    clue = _open_clue(by, clue_id) if clue_id is not None else None
    body = organisations.body(by.body_id)
    saved = dossiers.party_save(body_id=body.id, entered=party, by=by, at=at)
    dossier = dossiers.dossier_open(
        procedure=table.code,
        procedure_version=table.version,
        state=table.initial,
        stage=table.by_state[table.initial].stage,
        title=title.strip() or (clue.title if clue else "待定案由"),
        body_id=body.id,
        unit_id=by.unit_id,
        field=catalogue.profile(body.profile).field,
        item_code=item_code,
        by=by,
        at=at,
    )
    dossiers.party_join(dossier=dossier, party=saved, role=PartyRole.PARTY, by=by, at=at)
    if clue is not None:
        clue.state, clue.dossier, clue.decided_at = choices.ClueState.FILED, dossier, at
        clue.save(update_fields=["state", "dossier", "decided_at"])
        CLUE.kept(clue, at=at)
        tasks.tasks_close(kinds=("clue.check",), subject=f"clue:{clue.pk}", by=by, at=at)
    return dossier

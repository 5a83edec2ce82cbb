"""The desk's verbs on an intake: take up, decline, charge, ask, extend, decide a repair.

Each is one transaction: the row is locked, the gate is asked, the verb must be among those open to this
person now (``verbs``, which the page shows as buttons), the step and its entry are written, to-dos and
clocks follow, and the citizen is told where there is something to tell. If the process dies between
any two of these, nothing of the verb happened.
"""

from __future__ import annotations

from datetime import date, datetime

from django.db import transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, PersonRef
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import intake_terms, redact
from mingzhi.publication.choices import (
    AGAINST,
    Channel,
    DecisionKind,
    IntakeStage,
    IntakeState,
    IntakeStepKind,
    Severity,
    State,
)
from mingzhi.publication.data_intake import RepairStanding
from mingzhi.publication.errors import NotClean, NotYetRepairable, WrongState
from mingzhi.publication.intake_access import Sight, known_of, masked, sight
from mingzhi.publication.intake_answers import draft_dropped
from mingzhi.publication.intake_steps import (
    ACCOUNT,
    EXTEND,
    REPAIR,
    TRIAGE,
    WORK,
    done,
    ended,
    handled,
    keep,
    step,
    tell,
    to_do,
)
from mingzhi.publication.intake_verbs import (
    account_wanted,
    extension_pending,
    need,
    needed,
    reply_clock,
    taken,
)
from mingzhi.publication.models import Disclosure, Intake
from mingzhi.publication.steps import take_down

_K = IntakeStepKind


# --- taking up ---------------------------------------------------------------------------------------


@transaction.atomic
def intake_name(
    *, intake_id: int, unit_id: int | None, person_id: int | None = None, by: Actor, at: datetime
) -> None:
    """认定被投诉对象: which unit and person of the body it is about. From now on it exists for neither; who
    names the own unit or oneself loses sight of it at once."""
    row = taken(intake_id, "name", "认定被投诉对象", by=by, at=at)
    unit, person = _of_body(row, unit_id, person_id)
    if person is not None and unit is None:
        unit = person.unit_id
    if unit is None and person is None:
        raise Invalid(fields={"unit": ["请选择被投诉的机构或者人员"]})
    if (row.about_unit_id, row.about_person_id) == (unit, person.id if person else None):
        return
    row.about_unit_id, row.about_person_id = unit, person.id if person else None
    if row.unit_id == unit:
        row.unit_id = None
    if row.handler_id is not None and (
        row.handler_id == row.about_person_id or organisations.person(row.handler_id).unit_id == unit
    ):
        row.handler_id = None
    name = "、".join(
        filter(None, (organisations.unit(unit).name if unit else "", person.name if person else ""))
    )
    step(row, _K.NAMED, said=name, unit_id=unit, by=by, at=at)
    draft_dropped(row, "被投诉对象已经重新认定，应当重新拟定", by=by, at=at)
    _laid_anew(row, by=by, at=at)
    keep(row, at=at)


def _laid_anew(row: Intake, *, by: Actor, at: datetime) -> None:
    """Who is complained of now keeps no to-do of it, not even its number; what is to be done lies with the
    others, and an account that another unit was asked for is no longer wanted."""
    extending, asked = extension_pending(row), account_wanted(row, row.about_unit_id)
    done(row, by=by, at=at)
    if asked:
        _ask_account(row, by=by, at=at)
    if row.handler_id is not None:
        to_do(row, WORK, "办理公众来件", assignee_id=row.handler_id, by=by, at=at)
    elif row.unit_id is not None:
        to_do(
            row, WORK, "办理公众来件", permission=Permission.INTAKE_HANDLE, unit_id=row.unit_id, by=by, at=at
        )
    else:
        to_do(row, TRIAGE, "受理公众来件", permission=Permission.INTAKE_MANAGE, by=by, at=at)
    if extending:
        to_do(row, EXTEND, "审批公众来件延期", permission=Permission.CASE_DEPUTY_APPROVE, by=by, at=at)


def _of_body(row: Intake, unit_id: int | None, person_id: int | None) -> tuple[int | None, PersonRef | None]:
    problems = Problems()
    if unit_id is not None and unit_id not in {u.id for u in organisations.units(row.body_id)}:
        problems.add("unit", "请从本机关的内设机构中选择")
    people = organisations.persons([person_id]) if person_id is not None else {}
    person = people.get(person_id) if person_id is not None else None
    if person_id is not None and (person is None or person.body_id != row.body_id):
        problems.add("person", "请从本机关的人员中选择")
    problems.raise_if_any()
    return unit_id, person


@transaction.atomic
def intake_accept(*, intake_id: int, by: Actor, at: datetime) -> None:
    """受理. A complaint needs to know first whom it is about: else it could be charged to that very unit."""
    row = taken(intake_id, "accept", "受理", by=by, at=at)
    if row.kind in AGAINST and row.about_unit_id is None and row.about_person_id is None:
        raise Invalid(
            fields={"about_unit": ["请先认定被投诉的机构或者人员；不属于本机关的，请转送有权处理的机关"]}
        )
    row.state = IntakeState.ACCEPTED
    handled(row, by=by, at=at)
    intake_terms.stop(row, IntakeStage.ACCEPTANCE, by=by, at=at)
    done(row, TRIAGE, by=by, at=at)
    step(row, _K.ACCEPTED, by=by, at=at)
    tell(row, IntakeState.ACCEPTED.label, at=at)
    keep(row, at=at)


# --- at work -----------------------------------------------------------------------------------------


@transaction.atomic
def intake_assign(
    *, intake_id: int, unit_id: int | None, person_id: int | None = None, by: Actor, at: datetime
) -> None:
    """交办 to a unit or a person, never to the one complained of. A unit's head charges within the unit."""
    row = taken(intake_id, "assign", "交办", by=by, at=at)
    unit, person = _of_body(row, unit_id, person_id)
    problems = Problems()
    if person is not None and unit is not None and person.unit_id != unit:
        problems.add("person", "承办人不属于所选的承办机构")
    if person is not None and unit is None:
        unit = person.unit_id
    if unit is None and person is None:
        problems.add("unit", "请选择承办机构或者承办人")
    if row.kind in AGAINST:
        if unit is not None and unit == row.about_unit_id:
            problems.add("unit", "来件反映的就是该机构，不得交由其办理")
        if person is not None and person.id == row.about_person_id:
            problems.add("person", "来件反映的就是该人员，不得交由其办理")
    manages = sight(by, row) == Sight.WHOLE
    if not manages and unit != by.unit_id:
        problems.add("unit", "您只能在本机构内交办")
    problems.raise_if_any()
    row.unit_id, row.handler_id = unit, person.id if person else None
    done(row, TRIAGE, WORK, by=by, at=at)
    name = "、".join(
        filter(None, (organisations.unit(unit).name if unit else "", person.name if person else ""))
    )
    step(row, _K.ASSIGNED, said=name, unit_id=unit, by=by, at=at)
    if person is not None:
        to_do(row, WORK, "办理公众来件", assignee_id=person.id, by=by, at=at)
    else:
        to_do(row, WORK, "办理公众来件", permission=Permission.INTAKE_HANDLE, unit_id=unit, by=by, at=at)
    keep(row, at=at)


def extract_for(row: Intake) -> str:
    """The masked extract that a person then reads and shortens before it goes to the unit complained of."""
    return masked(row, f"{row.title}\n{row.text}")


@transaction.atomic
def intake_ask(*, intake_id: int, extract: str, checked: bool, by: Actor, at: datetime) -> None:
    """Ask the unit complained of for its account. It gets ``extract`` only: masked by the machine, read by a
    person (``checked``), and refused while the scan still finds the sender or anybody's personal data."""
    row = taken(intake_id, "ask", "要求说明情况", by=by, at=at)
    text = needed(extract, "extract", "请填写发给被投诉机构的内容", most=5000)
    if not checked:
        raise Invalid(fields={"checked": ["请逐字核对并确认其中看不出是谁来件"]})
    left = redact.redact(text, **known_of(row)).spans
    if left:
        raise NotClean(count=len(left), hits=[])
    step(row, _K.ASKED, said=text, unit_id=row.about_unit_id, by=by, at=at)
    _ask_account(row, by=by, at=at)
    keep(row, at=at)


def _ask_account(row: Intake, *, by: Actor, at: datetime) -> None:
    to_do(
        row,
        ACCOUNT,
        "就公众来件说明情况",
        permission=Permission.INTAKE_HANDLE,
        unit_id=row.about_unit_id,
        by=by,
        at=at,
    )


@transaction.atomic
def intake_account(*, intake_id: int, account: str, by: Actor, at: datetime) -> None:
    """The unit complained of tells its side, knowing only the extract."""
    row = taken(intake_id, "account", "说明情况", by=by, at=at)
    text = needed(account, "account", "请说明有关情况", most=5000)
    step(row, _K.ACCOUNTED, said=text, unit_id=by.unit_id, by=by, at=at)
    done(row, ACCOUNT, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_extend(*, intake_id: int, reason: str, until: date | None, by: Actor, at: datetime) -> None:
    """Ask a leader for more time: why, and until which day, within the body's longest extension if it has one."""
    row = taken(intake_id, "extend", "申请延期", by=by, at=at)
    problems = Problems()
    why = need(problems, reason, "reason", "请填写延期的理由", most=500)
    running = reply_clock(row, at)
    if until is None or running is None or running.due_on is None or until <= running.due_on:
        problems.add("until", "延至的日期应当晚于现在的期限")
    else:
        longest = intake_terms.found(row, IntakeStage.EXTENSION).term
        if longest is not None and until > deadlines.due(running.due_on, longest).on:
            problems.add("until", f"最长可以延期 {longest.text}")
    problems.raise_if_any()
    step(row, _K.EXTENSION_ASKED, said=why, until=until, by=by, at=at)
    to_do(row, EXTEND, "审批公众来件延期", permission=Permission.CASE_DEPUTY_APPROVE, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_extend_decide(*, intake_id: int, approve: bool, reason: str = "", by: Actor, at: datetime) -> None:
    """The leader's word on an extension, never one's own. The citizen is told the new day and the reason."""
    row = taken(intake_id, "extend_decide", "审批延期", by=by, at=at)
    asked = row.steps.filter(kind=_K.EXTENSION_ASKED).order_by("-pk")[0]
    if asked.by == by.label:
        raise NotAllowed("不得审批本人提出的延期", remedy="请由其他负责人审批", code="intake.own_extension")
    done(row, EXTEND, by=by, at=at)
    if not approve:
        said = needed(reason, "reason", "请填写不同意的理由", most=500)
        step(row, _K.EXTENSION_REFUSED, said=said, by=by, at=at)
        keep(row, at=at)
        return
    deadlines.extend(
        subject=f"intake:{row.pk}",
        norm=intake_terms.found(row, IntakeStage.REPLY).norm,
        until=asked.until,
        reason=asked.said[:200],
        approved_by=by.name,
        by=by,
        at=at,
    )
    step(row, _K.EXTENDED, said=asked.said, until=asked.until, by=by, at=at)
    tell(row, f"经批准，办理期限延至 {asked.until}", at=at)
    keep(row, at=at)


@transaction.atomic
def intake_clue(*, intake_id: int, clue_number: str, by: Actor, at: datetime) -> None:
    """转为案件线索: the face registers the clue in the cases room and tells its number here, in one transaction.
    The sender's name and contact stay sealed in the intake."""
    row = taken(intake_id, "clue", "转为案件线索", by=by, at=at)
    step(row, _K.CLUE, said=clue_number, by=by, at=at)
    tell(row, "已转为案件线索核查", at=at)
    keep(row, at=at)


# --- credit repair (§4.5) ------------------------------------------------------------------------------


def repair_standing(row: Disclosure, on: date) -> RepairStanding:
    """The earliest day on which the showing may end early: the longest of the least periods of the channels
    that show it, counted from the decision as each was stored when it was taken up. 轻微 has none."""
    told = [p for p in row.policies if p["publish"]]
    days = [date.fromisoformat(p["min_until"]) for p in told if p["min_until"]]
    earliest = max(days, default=None)
    rule = next(
        (p for p in told if p["min_until"] and date.fromisoformat(p["min_until"]) == earliest),
        told[0] if told else None,
    )
    return RepairStanding(
        severity_label=Severity(row.severity).label if row.severity else "",
        earliest=earliest,
        reached=earliest is None or on >= earliest,
        shown=row.version_no > 0 and row.state not in {State.WITHDRAWN, State.EXPIRED, State.CANCELLED},
        citation=rule["citation"] if rule else "",
        confirmed=bool(rule and rule["confirmed"]),
        until=row.expires_on,
        channels=tuple(Channel(p["channel"]).label for p in told),
    )


def repair_of(disclosure_id: int, on: date) -> RepairStanding:
    """The same for the public form, by the disclosure's number."""
    row = Disclosure.objects.filter(pk=disclosure_id, version_no__gt=0, kind=DecisionKind.PENALTY).first()
    if row is None:
        raise NotFound("这一决定没有信用修复", remedy="信用修复针对行政处罚信息，请从处罚决定的公示页面提出")
    return repair_standing(row, on)


@transaction.atomic
def intake_check(*, intake_id: int, finding: str, performed: bool, by: Actor, at: datetime) -> None:
    """核查修复条件: whether the wrong was put right and the duties performed, and what was looked at."""
    row = taken(intake_id, "check", "核查修复条件", by=by, at=at)
    text = needed(finding, "finding", "请写明核查了什么、结果如何", most=2000)
    word = "已纠正违法行为并履行完毕" if performed else "尚未纠正或者未履行完毕"
    step(row, _K.CHECKED, said=f"{word}：{text}", by=by, at=at)
    to_do(row, REPAIR, "决定信用修复", permission=Permission.CASE_DEPUTY_APPROVE, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_repair_decide(*, intake_id: int, approve: bool, reason: str, by: Actor, at: datetime) -> None:
    """The leader's decision (谁认定谁修复), not by who checked. Approved: the disclosure leaves every channel now
    through the room's own way down, its tombstone saying why; nothing is deleted. Not before the least
    period is over (``NotYetRepairable``), nor while the check found something undone."""
    row = taken(intake_id, "repair_decide", "决定信用修复", by=by, at=at)
    checked = row.steps.filter(kind=_K.CHECKED).order_by("-pk")[0]
    if checked.by == by.label:
        raise NotAllowed("核查人不得自行决定信用修复", remedy="请由其他负责人决定", code="intake.own_check")
    said = needed(reason, "reason", "请填写决定的理由，申请人可以看到")
    if approve:
        disclosure = Disclosure.objects.select_for_update().get(pk=row.disclosure_id or 0)
        standing = repair_standing(disclosure, clock.local_date(at))
        if not standing.shown:
            raise WrongState(state=disclosure.get_state_display(), act="修复")
        if not standing.reached:
            raise NotYetRepairable(earliest=standing.earliest, citation=standing.citation)
        if not checked.said.startswith("已"):
            raise Invalid(fields={"reason": ["核查认为尚未纠正或者未履行完毕，不能准予修复；请重新核查"]})
        take_down(
            disclosure,
            f"信用修复（申请受理编号 {row.number}）：最短公示期已满，当事人已纠正违法行为、履行完毕并作出信用承诺",
            standing.citation,
            by=by,
            at=at,
        )
    row.state, row.reply = IntakeState.ANSWERED, said
    ended(row, _K.REPAIRED if approve else _K.REPAIR_REFUSED, said, by=by, at=at)

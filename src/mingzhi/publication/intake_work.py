"""The desk's verbs on an intake: take up, decline, pass on, charge, ask, extend, answer, decide a repair.

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
    DISCLOSED,
    INTAKE_OPEN,
    Channel,
    IntakeKind,
    IntakeStage,
    IntakeState,
    IntakeStepKind,
    Severity,
    State,
)
from mingzhi.publication.data_intake import RepairStanding
from mingzhi.publication.errors import NotClean, NotYetRepairable, WrongState
from mingzhi.publication.intake_access import LEADERS, Sight, known_of, masked, sight
from mingzhi.publication.intake_steps import (
    ACCOUNT,
    EXTEND,
    REPAIR,
    TRIAGE,
    WORK,
    done,
    keep,
    release,
    step,
    tell,
    to_do,
)
from mingzhi.publication.models import Disclosure, Intake
from mingzhi.publication.steps import take_down

_K = IntakeStepKind
AT_WORK = (IntakeState.ACCEPTED, IntakeState.REOPENED)


def _last(row: Intake, *kinds: IntakeStepKind) -> str:
    """The last of these steps, empty when there was none since the matter was last reopened."""
    for kind in row.steps.order_by("-pk").values_list("kind", flat=True):
        if kind in kinds:
            return str(kind)
        if kind == _K.REOPENED:
            return ""
    return ""


def extension_pending(row: Intake) -> bool:
    return _last(row, _K.EXTENSION_ASKED, _K.EXTENDED, _K.EXTENSION_REFUSED) == _K.EXTENSION_ASKED


def answered_by(row: Intake) -> frozenset[str]:
    """Who answered or declined before the citizen asked for it again."""
    steps = row.steps.filter(kind__in=(_K.ANSWERED, _K.DECLINED, _K.REPAIRED, _K.REPAIR_REFUSED))
    return frozenset(steps.values_list("by", flat=True)) if row.state == IntakeState.REOPENED else frozenset()


def verbs(by: Actor, row: Intake, seen: Sight, at: datetime) -> tuple[str, ...]:
    """What ``by`` may do with ``row`` now, in the order of the work."""
    if by.body_id != row.body_id:
        return ()
    if seen == Sight.ASKED:
        return ("account",) if row.state in INTAKE_OPEN and _account_wanted(row, by.unit_id) else ()
    found: list[str] = []
    if seen == Sight.WHOLE and row.state in INTAKE_OPEN:
        found += _managing(row)
    if row.state in AT_WORK and seen in (Sight.WHOLE, Sight.HANDLING):
        found += _working(by, row, seen, at)
    if row.state in AT_WORK and by.permissions & LEADERS:
        found += _leading(by, row)
    if (
        seen in (Sight.WHOLE, Sight.HANDLING)
        and row.kind == IntakeKind.QUESTION
        and row.state == IntakeState.ANSWERED
    ):
        found.append("propose")
    return tuple(found)


def _managing(row: Intake) -> list[str]:
    found = ["accept", "decline"] if row.state == IntakeState.RECEIVED else []
    if row.kind in AGAINST:
        found.append("name")
    if row.kind not in DISCLOSED:
        found.append("transfer")
    return found


def _working(by: Actor, row: Intake, seen: Sight, at: datetime) -> list[str]:
    found: list[str] = []
    heads = by.may(Permission.CASE_UNIT_CHECK) and row.unit_id is not None and row.unit_id == by.unit_id
    if seen == Sight.WHOLE or heads:
        found.append("assign")
    if row.kind in AGAINST and row.about_unit is not None and row.about_unit.body_id == row.body_id:
        found.append("ask")
    if row.kind == IntakeKind.REPORT and by.may(Permission.CLUE_REGISTER):
        found.append("clue")
    if _reply_clock(row, at) is not None and not extension_pending(row):
        found.append("extend")
    if row.kind == IntakeKind.REPAIR:
        found.append("check")
    elif by.label not in answered_by(row):
        found.append("answer")
    return found


def _leading(by: Actor, row: Intake) -> list[str]:
    found = ["extend_decide"] if extension_pending(row) else []
    checked = row.kind == IntakeKind.REPAIR and _last(row, _K.CHECKED, _K.REPAIR_REFUSED) == _K.CHECKED
    if checked and by.label not in answered_by(row):
        found.append("repair_decide")
    return found


def _account_wanted(row: Intake, unit_id: int | None) -> bool:
    """Whether the unit was asked for its account and has not told it."""
    last = (
        row.steps.filter(kind__in=(_K.ASKED, _K.ACCOUNTED), unit_id=unit_id or 0)
        .order_by("-pk")
        .values_list("kind", flat=True)
        .first()
    )
    return last == _K.ASKED


def _reply_clock(row: Intake, at: datetime) -> deadlines.DeadlineView | None:
    norm = intake_terms.found(row, IntakeStage.REPLY).norm
    return next((c for c in intake_terms.clocks(row, at) if c.norm == norm), None)


def _taken(intake_id: int, verb: str, act: str, *, by: Actor, at: datetime) -> Intake:
    row = Intake.objects.select_for_update().filter(pk=intake_id).first()
    seen = sight(by, row) if row is not None else None
    if row is None or seen is None:
        raise NotFound
    if verb in verbs(by, row, seen, at):
        return row
    if verb in ("answer", "repair_decide") and by.label in answered_by(row):
        raise NotAllowed(
            "来件人对原答复不满意，应当由原答复人以外的人员重新办理",
            remedy="请交办给其他人员",
            code="intake.same_answerer",
        )
    if row.state not in INTAKE_OPEN or seen in (Sight.WHOLE, Sight.HANDLING):
        raise WrongState(f"该来件当前为“{row.get_state_display()}”，不能{act}")
    raise NotAllowed(f"该来件不由您{act}", remedy="请由承办机构、承办人或者有批准权的负责人办理")


def need(problems: Problems, value: str, name: str, sentence: str, *, most: int = 3000) -> str:
    text = value.strip()
    if len(text) < 2:
        problems.add(name, sentence)
    elif len(text) > most:
        problems.add(name, f"最多 {most} 个字，现有 {len(text)} 个字")
    return text


def _needed(value: str, name: str, sentence: str, *, most: int = 3000) -> str:
    problems = Problems()
    text = need(problems, value, name, sentence, most=most)
    problems.raise_if_any()
    return text


def _handled(row: Intake, *, by: Actor, at: datetime) -> None:
    row.handled_by, row.handled_at = by.label, at


# --- taking up ---------------------------------------------------------------------------------------


@transaction.atomic
def intake_name(
    *, intake_id: int, unit_id: int | None, person_id: int | None = None, by: Actor, at: datetime
) -> None:
    """认定被投诉对象: which unit and person of the body it is about. From now on it exists for neither; who
    names the own unit or oneself loses sight of it at once."""
    row = _taken(intake_id, "name", "认定被投诉对象", by=by, at=at)
    unit, person = _of_body(row, unit_id, person_id)
    if person is not None and unit is None:
        unit = person.unit_id
    if unit is None and person is None:
        raise Invalid(fields={"about_unit": ["请选择被投诉的机构或者人员"]})
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
    _laid_anew(row, by=by, at=at)
    keep(row, at=at)


def _laid_anew(row: Intake, *, by: Actor, at: datetime) -> None:
    """Who is complained of now keeps no to-do of it, not even its number; what is to be done lies with the
    others, and an account that another unit was asked for is no longer wanted."""
    extending, asked = extension_pending(row), _account_wanted(row, row.about_unit_id)
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
    row = _taken(intake_id, "accept", "受理", by=by, at=at)
    if row.kind in AGAINST and row.about_unit_id is None and row.about_person_id is None:
        raise Invalid(
            fields={"about_unit": ["请先认定被投诉的机构或者人员；不属于本机关的，请转送有权处理的机关"]}
        )
    row.state = IntakeState.ACCEPTED
    _handled(row, by=by, at=at)
    intake_terms.stop(row, IntakeStage.ACCEPTANCE, by=by, at=at)
    done(row, TRIAGE, by=by, at=at)
    step(row, _K.ACCEPTED, by=by, at=at)
    tell(row, IntakeState.ACCEPTED.label, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_decline(*, intake_id: int, reason: str, by: Actor, at: datetime) -> None:
    """不予受理, with the reason that the citizen reads."""
    row = _taken(intake_id, "decline", "作不予受理处理", by=by, at=at)
    said = _needed(reason, "reason", "请填写不予受理的理由，来件人可以看到")
    row.state, row.reply = IntakeState.DECLINED, said
    _ended(row, _K.DECLINED, said, by=by, at=at)


@transaction.atomic
def intake_transfer(
    *, intake_id: int, to_body_id: int | None, to_name: str = "", reason: str, by: Actor, at: datetime
) -> None:
    """转送: to another body of this installation, where it is received anew, or to one elsewhere, where the
    citizen is told to ask. The old body sees it no more in the first case."""
    row = _taken(intake_id, "transfer", "转送", by=by, at=at)
    problems = Problems()
    why = need(problems, reason, "reason", "请填写转送的理由，来件人可以看到", most=500)
    known = {b.id: b.name for b in organisations.bodies() if b.id != row.body_id}
    name = known.get(to_body_id or 0, "") or to_name.strip()[:80]
    if to_body_id is not None and to_body_id not in known:
        problems.add("to_body", "请从所列机关中选择")
    elif not name:
        problems.add("to_name", "请选择或者填写接收机关")
    problems.raise_if_any()
    intake_terms.drop(row, by=by, at=at)
    done(row, by=by, at=at)
    step(row, _K.TRANSFERRED, said=f"{name}：{why}", by=by, at=at)
    tell(row, f"已转送{name}办理", reply=why, at=at)
    row.unit_id = row.handler_id = None
    _handled(row, by=by, at=at)
    if to_body_id is None:
        row.state = IntakeState.TRANSFERRED
        release(row, by=by, at=at)
    else:
        row.state, row.body_id = IntakeState.RECEIVED, to_body_id
        for stage in (IntakeStage.ACCEPTANCE, IntakeStage.REPLY):
            intake_terms.start(row, stage, started=at, by=by, at=at)
        to_do(row, TRIAGE, "受理其他机关转来的公众来件", permission=Permission.INTAKE_MANAGE, by=by, at=at)
    keep(row, at=at)


# --- at work -----------------------------------------------------------------------------------------


@transaction.atomic
def intake_assign(
    *, intake_id: int, unit_id: int | None, person_id: int | None = None, by: Actor, at: datetime
) -> None:
    """交办 to a unit or a person, never to the one complained of. A unit's head charges within the unit."""
    row = _taken(intake_id, "assign", "交办", by=by, at=at)
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
    row = _taken(intake_id, "ask", "要求说明情况", by=by, at=at)
    text = _needed(extract, "extract", "请填写发给被投诉机构的内容", most=5000)
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
    row = _taken(intake_id, "account", "说明情况", by=by, at=at)
    text = _needed(account, "account", "请说明有关情况", most=5000)
    step(row, _K.ACCOUNTED, said=text, unit_id=by.unit_id, by=by, at=at)
    done(row, ACCOUNT, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_extend(*, intake_id: int, reason: str, until: date | None, by: Actor, at: datetime) -> None:
    """Ask a leader for more time: why, and until which day, within the body's longest extension if it has one."""
    row = _taken(intake_id, "extend", "申请延期", by=by, at=at)
    problems = Problems()
    why = need(problems, reason, "reason", "请填写延期的理由", most=500)
    running = _reply_clock(row, at)
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
    row = _taken(intake_id, "extend_decide", "审批延期", by=by, at=at)
    asked = row.steps.filter(kind=_K.EXTENSION_ASKED).order_by("-pk")[0]
    if asked.by == by.label:
        raise NotAllowed("不得审批本人提出的延期", remedy="请由其他负责人审批", code="intake.own_extension")
    done(row, EXTEND, by=by, at=at)
    if not approve:
        said = _needed(reason, "reason", "请填写不同意的理由", most=500)
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
    row = _taken(intake_id, "clue", "转为案件线索", by=by, at=at)
    step(row, _K.CLUE, said=clue_number, by=by, at=at)
    tell(row, "已转为案件线索核查", at=at)
    keep(row, at=at)


def _ended(row: Intake, kind: IntakeStepKind, said: str, *, by: Actor, at: datetime) -> None:
    _handled(row, by=by, at=at)
    row.satisfaction = ""
    for stage in (IntakeStage.ACCEPTANCE, IntakeStage.REPLY):
        intake_terms.stop(row, stage, by=by, at=at)
    done(row, by=by, at=at)
    step(row, kind, said=said, by=by, at=at)
    tell(row, row.get_state_display(), reply=said, at=at)
    release(row, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_answer(*, intake_id: int, reply: str, by: Actor, at: datetime) -> None:
    """答复: what the citizen reads under number and code. After a reopening, by somebody else than before."""
    row = _taken(intake_id, "answer", "答复", by=by, at=at)
    said = _needed(reply, "reply", "请填写给来件人的答复")
    row.state, row.reply = IntakeState.ANSWERED, said
    _ended(row, _K.ANSWERED, said, by=by, at=at)


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
    return repair_standing(Disclosure.objects.get(pk=disclosure_id, version_no__gt=0), on)


@transaction.atomic
def intake_check(*, intake_id: int, finding: str, performed: bool, by: Actor, at: datetime) -> None:
    """核查修复条件: whether the wrong was put right and the duties performed, and what was looked at."""
    row = _taken(intake_id, "check", "核查修复条件", by=by, at=at)
    text = _needed(finding, "finding", "请写明核查了什么、结果如何", most=2000)
    word = "已纠正违法行为并履行完毕" if performed else "尚未纠正或者未履行完毕"
    step(row, _K.CHECKED, said=f"{word}：{text}", by=by, at=at)
    to_do(row, REPAIR, "决定信用修复", permission=Permission.CASE_DEPUTY_APPROVE, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_repair_decide(*, intake_id: int, approve: bool, reason: str, by: Actor, at: datetime) -> None:
    """The leader's decision (谁认定谁修复), not by who checked. Approved: the disclosure leaves every channel now
    through the room's own way down, its tombstone saying why; nothing is deleted. Not before the least
    period is over (``NotYetRepairable``), nor while the check found something undone."""
    row = _taken(intake_id, "repair_decide", "决定信用修复", by=by, at=at)
    checked = row.steps.filter(kind=_K.CHECKED).order_by("-pk")[0]
    if checked.by == by.label:
        raise NotAllowed("核查人不得自行决定信用修复", remedy="请由其他负责人决定", code="intake.own_check")
    said = _needed(reason, "reason", "请填写决定的理由，申请人可以看到")
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
    _ended(row, _K.REPAIRED if approve else _K.REPAIR_REFUSED, said, by=by, at=at)

"""Writes of the double-random room: a promise, a draw, who goes, what was found.

Crash story: each write is one transaction. A commitment without a drawing waits; nothing can be drawn twice
for it (one row), and a drawing, its tasks and its publication are there together or not at all.
"""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from datetime import date, datetime

from django.db import IntegrityError, transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import PartyRole
from mingzhi.double_random import draw as lots
from mingzhi.double_random import publishing
from mingzhi.double_random.choices import Outcome, Stage
from mingzhi.double_random.draw import Pool
from mingzhi.double_random.errors import DrawOutOfTurn, NotDrawable, NotYetSealed, SamePerson
from mingzhi.double_random.events import (
    ASSIGNED,
    AVOIDANCE,
    DRAW,
    DRAWING,
    FINDING,
    FOLLOW_UP,
    REPLACEMENT,
    VOIDING,
    assigned_digest,
    opens,
)
from mingzhi.double_random.models import (
    Assignment,
    Avoidance,
    Draw,
    Drawing,
    Finding,
    FollowUp,
    Replacement,
    Voiding,
)
from mingzhi.double_random.pool import gather, party_of
from mingzhi.double_random.queries import (
    able_on,
    covering,
    going,
    inspections,
    people_of,
    pool_of,
    stage_of,
    task_subject,
)
from mingzhi.double_random.telling import tell
from mingzhi.files import api as files
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.publication.choices import DecisionKind
from mingzhi.publication.data import DecisionSnapshot
from mingzhi.search.api import fold
from mingzhi.tasks import api as tasks

WHOLE = 10_000
"""``share`` is in hundredths of a per cent."""
TASK = "double_random:inspect"


@transaction.atomic
def avoidance_declare(*, person_id: int, target_code: str, reason: str, by: Actor, at: datetime) -> int:
    """回避: this officer is not sent to this target, from the next draw on (INS-03)."""
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    problems = Problems()
    person = organisations.persons([person_id]).get(person_id)
    if person is None or person.body_id != by.body_id:
        problems.add("person", "请选择本机关的检查人员")
    if not target_code.strip():
        problems.add("target", "请填写检查对象的统一社会信用代码或者编号")
    if not reason.strip():
        problems.add("reason", "请填写回避事由")
    problems.raise_if_any()
    try:
        with transaction.atomic():
            row = Avoidance.objects.create(
                body_id=by.body_id,
                person_id=person_id,
                target_code=target_code.strip()[:80],
                reason=reason.strip()[:300],
                declared_by=by.label,
                declared_at=at,
            )
    except IntegrityError:
        raise Conflict("该人员对该对象的回避已经登记", remedy="请刷新页面查看") from None
    AVOIDANCE.kept(row, at=at)
    return row.pk


@transaction.atomic
def avoidance_end(*, avoidance_id: int, by: Actor, at: datetime) -> None:
    """The reason to avoid is over."""
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    row = Avoidance.objects.select_for_update().filter(pk=avoidance_id, body_id=by.body_id).first()
    if row is None:
        raise NotFound
    if row.ended_at is None:
        row.ended_at, row.ended_by = at, by.label
        row.save(update_fields=["ended_at", "ended_by"])
        AVOIDANCE.kept(row, at=at)


@transaction.atomic
def draw_commit(
    *,
    title: str,
    item_code: str,
    category: str = "",
    share: int = 0,
    count: int = 0,
    excused: Mapping[int, str] | None = None,
    by: Actor,
    at: datetime,
) -> int:
    """Publish who may be drawn, by which rule, and a promise, before any lot is known (INS-04).

    ``share`` in hundredths of a per cent of the pool (rounded up) or ``count`` itself. ``excused`` are
    officers left out of the pool, each with the reason. Returns the draw's id.
    """
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    excused = {person: why.strip() for person, why in (excused or {}).items()}
    _sound(title, share, count, excused)
    body, on = organisations.body(by.body_id), clock.local_date(at)
    field = catalogue.profile(body.profile).field
    found = gather(
        body_id=body.id,
        on=on,
        field=field,
        item_code=item_code,
        category=category,
        excused=frozenset(excused),
    )
    size = len(found.pool.targets)
    wanted = -(-size * share // WHOLE) if share else count
    if wanted > size:
        raise NotDrawable(f"名录中只有 {size} 个检查对象，不能抽取 {wanted} 个", remedy="请减少抽取数量")
    names = organisations.persons(excused)
    kept = files.put_bytes(
        found.pool.text().encode(), name="抽查名录.jsonl", media_type="application/jsonl", at=at
    )  # whose SHA-256 is the pool's digest
    secret = secrets.token_bytes(32)
    serial = numbers.allot(f"double_random:{body.id}:{on.year}")
    row = Draw.objects.create(
        body_id=body.id,
        year=on.year,
        serial=serial,
        number=f"{body.code_word}双随机〔{on.year}〕{serial}号",
        title=title.strip()[:200],
        item_code=item_code,
        item_name=found.item["name"],
        basis=found.item["basis"],
        content=found.item["content"],
        field=field,
        category=category,
        share=share,
        count=wanted,
        size=size,
        officers=len(found.pool.officers),
        excused=[[names[p].name, why] for p, why in sorted(excused.items()) if p in names],
        list_version_id=found.list_version_id,
        item_version_id=found.item_version_id,
        pool_id=kept.id,
        pool_digest=kept.sha256,
        commitment=lots.commitment(secret),
        secret=secret.hex(),
        committed_by=by.label,
        committed_name=by.name,
        committed_at=at,
    )
    DRAW.kept(row, at=at)
    publishing.publish(row, by=by, at=at)
    return row.pk


def _sound(title: str, share: int, count: int, excused: Mapping[int, str]) -> None:
    problems = Problems()
    if not title.strip():
        problems.add("title", "请填写本次抽查的名称")
    if bool(share) == bool(count):
        problems.add("count", "请填写抽查比例或者抽取数量，二者填一项")
    elif not (0 <= share <= WHOLE and count >= 0):
        problems.add("count", "抽查比例应在 0.01% 至 100% 之间，抽取数量应为正整数")
    if any(not why for why in excused.values()):
        problems.add("excused", "未列入名录的人员，应逐人写明事由")
    problems.raise_if_any()


def _held(draw_id: int, by: Actor) -> Draw:
    row = Draw.objects.select_for_update().filter(pk=draw_id, body_id=by.body_id).first()
    if row is None:
        raise NotFound
    return row


def _turn(row: Draw, act: str, *stages: Stage) -> None:
    stage = stage_of(row)
    if stage not in stages:
        raise DrawOutOfTurn(stage=stage.label, act=act)


@transaction.atomic
def draw_make(*, draw_id: int, words: str, witnesses: str, by: Actor, at: datetime) -> None:
    """Draw, once: by another person than who committed, with the number that those present called out and
    the first checkpoint that holds the commitment. Everything is published in the same transaction."""
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    row = _held(draw_id, by)
    _turn(row, "抽取", Stage.COMMITTED)
    if row.committed_by == by.label:
        raise SamePerson
    problems = Problems()
    if not words.strip():
        problems.add("words", "请填写现场监督人员报出的数字或者文字")
    if not witnesses.strip():
        problems.add("witnesses", "请填写现场监督人员的单位和身份")
    problems.raise_if_any()
    checkpoint = covering(row)
    if checkpoint is None:
        raise NotYetSealed
    if not opens(row.secret, row.commitment):
        raise NotDrawable("保存的随机数与已公布的承诺值不一致", remedy="请立即联系系统管理员，不得抽取")
    pool, secret = pool_of(row), bytes.fromhex(row.secret)
    words = words.strip()[:200]
    seed = lots.seed_of(secret, words, bytes.fromhex(checkpoint.root))
    drawn = lots.run(pool, seed, row.count)
    people = _present(row, pool)
    made = [
        Assignment(
            draw=row,
            place=place,
            target_code=one.target.code,
            target_name=one.target.name,
            first_id=people[one.officers[0].number],
            second_id=people[one.officers[1].number],
            first_number=one.officers[0].number,
            second_number=one.officers[1].number,
        )
        for place, one in enumerate(drawn, start=1)
    ]
    Assignment.objects.bulk_create(made, batch_size=500)
    drawing = Drawing.objects.create(
        draw=row,
        words=words,
        witnesses=witnesses.strip()[:300],
        checkpoint=checkpoint.note,
        root=checkpoint.root,
        seed=seed.hex(),
        outcome=lots.outcome_digest(drawn),
        assigned=assigned_digest(tuple(getattr(a, name) for name in ASSIGNED) for a in made),
        drawn_by=by.label,
        drawn_name=by.name,
        drawn_at=at,
    )
    DRAWING.kept(drawing, at=at)
    for person_id in {p for a in made for p in (a.first_id, a.second_id)}:
        _task(row, person_id, by=by, at=at)
    publishing.publish(row, by=by, at=at)


def _present(row: Draw, pool: Pool) -> dict[str, int]:
    """The officers of a pool that is to be drawn from, by certificate number; every one must still be there."""
    found = people_of(row, pool)
    here = {p.id for p in organisations.people(row.body_id, on=clock.local_date(row.committed_at))}
    gone = [o for o in pool.officers if found.get(o.number) not in here]
    if gone:
        raise NotDrawable(
            f"名录中的{'、'.join(o.name for o in gone[:5])}已不在本机关执法人员名录中",
            remedy="请作废本次抽查并写明理由，重新公布名录后抽取",
        )
    return found


def _task(row: Draw, person_id: int, *, by: Actor, at: datetime) -> None:
    tasks.task_open(
        kind=TASK,
        title=f"双随机抽查：{row.title}",
        body_id=row.body_id,
        subject=task_subject(row.pk),
        assignee_id=person_id,
        by=by,
        at=at,
    )


@transaction.atomic
def draw_void(*, draw_id: int, reason: str, by: Actor, at: datetime) -> None:
    """A leader declares that a draw does not count, with the reason; it stays on show. Not once anything was found."""
    organisations.require(by, Permission.CASE_DEPUTY_APPROVE, body_id=by.body_id)
    row = _held(draw_id, by)
    _turn(row, "作废", Stage.COMMITTED, Stage.DRAWN)
    if not reason.strip():
        raise Invalid(fields={"reason": ["请填写作废理由，作废理由向社会公开"]})
    if Finding.objects.filter(assignment__draw=row).exists():
        raise DrawOutOfTurn(
            "已登记检查结果的抽查不能作废", remedy="请继续完成其余对象的检查，或者在结果中写明情况"
        )
    voiding = Voiding.objects.create(
        draw=row, reason=reason.strip()[:500], voided_by=by.label, voided_name=by.name, voided_at=at
    )
    VOIDING.kept(voiding, at=at)
    tasks.tasks_close(kinds=(TASK,), subject=task_subject(row.pk), by=by, at=at)
    publishing.publish(row, by=by, at=at)


@transaction.atomic
def officer_replace(*, assignment_id: int, out_id: int, reason: str, by: Actor, at: datetime) -> int:
    """Put the next officer of the draw's own order in the place of one who cannot go. Returns who goes now.

    Nobody chooses: the order follows from the seed, the target and how many were replaced there before.
    """
    organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    task = Assignment.objects.filter(pk=assignment_id, draw__body_id=by.body_id).first()
    if task is None:
        raise NotFound
    row = _held(task.draw_id, by)
    _turn(row, "替换检查人员", Stage.DRAWN)
    before = list(task.replacements.order_by("pk"))
    now = going(task, before)
    if out_id not in now:
        raise Conflict("该人员已不是本任务的检查人员", remedy="请刷新页面查看现在的检查人员")
    if not reason.strip():
        raise Invalid(fields={"reason": ["请填写替换理由"]})
    if Finding.objects.filter(assignment=task).exists():
        raise DrawOutOfTurn(stage="已登记结果", act="替换检查人员")
    seed = bytes.fromhex(row.drawing.seed)
    able = able_on(row, clock.local_date(at))
    pool = pool_of(row)
    people = people_of(row, pool)
    been = {*now, *(r.out_id for r in before)}
    order = lots.substitutes(pool, seed, task.target_code, len(before) + 1)
    waiting = [o.number for o in order if people[o.number] not in been]
    into = next((number for number in waiting if people[number] in able), None)
    if into is None:
        raise NotDrawable("名录中没有可以接替的检查人员", remedy="请作废本次抽查，或者由现有人员完成检查")
    made = Replacement.objects.create(
        assignment=task,
        out_id=out_id,
        into_id=people[into],
        passed=waiting[: waiting.index(into)],
        reason=reason.strip()[:300],
        replaced_by=by.label,
        replaced_at=at,
    )
    REPLACEMENT.kept(made, at=at)
    _task(row, people[into], by=by, at=at)
    publishing.publish(row, by=by, at=at)
    return people[into]


@transaction.atomic
def finding_enter(
    *,
    assignment_id: int,
    outcome: str,
    facts: str,
    inspected_on: date,
    measures: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """What one inspection found, entered by one of the two who went; it goes on to disclosure (R059, R060).

    Both must have held a valid certificate on the day (行政处罚法第四十二条, SoD-3).
    """
    organisations.require(by, Permission.CASE_READ, body_id=by.body_id)
    task = Assignment.objects.filter(pk=assignment_id, draw__body_id=by.body_id).first()
    if task is None:
        raise NotFound
    row = _held(task.draw_id, by)
    _turn(row, "登记检查结果", Stage.DRAWN)
    officers = going(task, list(task.replacements.order_by("pk")))
    if by.person_id not in officers:
        raise NotAllowed("只有抽取的检查人员可以登记本对象的检查结果", remedy="请由抽取的检查人员登记")
    problems = Problems()
    if outcome not in Outcome.values:
        problems.add("outcome", "请选择检查结果")
    if not facts.strip():
        problems.add("facts", "请填写检查情况")
    if outcome in (Outcome.MENDED, Outcome.PENDING) and not measures.strip():
        problems.add("measures", "发现问题的，请填写处理措施")
    if not clock.local_date(row.drawing.drawn_at) <= inspected_on <= clock.local_date(at):
        problems.add("inspected_on", "检查日期应在抽取之后、今天或者以前")
    problems.raise_if_any()
    reasons = organisations.certified_problems(officers, inspected_on, field=row.field)
    if reasons:
        raise NotAllowed("检查人员当日不具备行政执法资格", reasons=reasons)
    if Finding.objects.filter(assignment=task).exists():
        raise Conflict("本对象的检查结果已经登记", remedy="请刷新页面查看；登记有误的，在公示环节更正")
    found = Finding(
        assignment=task,
        outcome=outcome,
        facts=facts.strip(),
        measures=measures.strip(),
        inspected_on=inspected_on,
        officers=list(officers),
        entered_by=by.label,
        entered_at=at,
    )
    found.disclosure_id = publication.schedule(
        dossier_id=None,
        kind=DecisionKind.INSPECTION,
        decided_on=inspected_on,
        snapshot=_snapshot(row, task, found),
        body=organisations.body(row.body_id),
        unit_id=by.unit_id,
        by=by,
        at=at,
    )
    found.save(force_insert=True)
    FINDING.kept(found, at=at)
    tell(inspections(ids=[found.pk])[0], at)
    if stage_of(row) == Stage.DONE:
        tasks.tasks_close(kinds=(TASK,), subject=task_subject(row.pk), by=by, at=at)
    return found.pk


@transaction.atomic
def finding_follow(*, assignment_id: int, number: str, reason: str = "", by: Actor, at: datetime) -> None:
    """What the inspection found was punished in the case of this number: told once, by whoever inspected or
    organises the inspections, when the penalty was decided (R060, INS-13).

    A case filed before the inspection was not made by it. Where the party punished is not the target, as with
    the legal person behind a shop, ``reason`` says why it is the same matter."""
    task = Assignment.objects.filter(pk=assignment_id, draw__body_id=by.body_id).first()
    if task is None:
        raise NotFound
    row = _held(task.draw_id, by)
    went = by.may(Permission.CASE_READ) and by.person_id in going(
        task, list(task.replacements.order_by("pk"))
    )
    if not went:
        organisations.require(by, Permission.DRAW_MAKE, body_id=by.body_id)
    found = Finding.objects.filter(assignment=task).first()
    if found is None:
        raise DrawOutOfTurn(stage="尚未登记结果", act="登记后续处罚")
    if FollowUp.objects.filter(finding=found).exists():
        raise Conflict("后续处罚已经登记", remedy="请刷新页面查看")
    case = dossiers.Dossier.objects.filter(body_id=row.body_id, number=number.strip()).first()
    if case is None or not _punished(case.pk):
        raise Invalid(
            fields={"number": ["请填写本机关已经作出处罚决定的案卷编号；尚未作出决定的，作出后再登记"]}
        )
    filed = _filed_on(case)
    if filed < found.inspected_on:
        told = f"该案于 {filed} 立案，早于检查日期 {found.inspected_on}，不是由本次检查查处的案件；请核对案卷编号"
        raise Invalid(fields={"number": [told]})
    same = _against(case.pk, row, task)
    reason = "" if same else reason.strip()[:300]
    if not same and not reason:
        told = f"该案当事人不是检查对象“{task.target_name}”；请核对案卷编号，确系对同一违法行为的处罚的，请写明理由"
        raise Invalid(fields={"reason": [told]})
    made = FollowUp.objects.create(
        finding=found, dossier=case, number=case.number, reason=reason, by=by.label, by_name=by.name, at=at
    )
    FOLLOW_UP.kept(made, at=at)
    tell(inspections(ids=[found.pk])[0], at)


def _punished(dossier_id: int) -> bool:
    """Whether a penalty was decided in the case and stands."""
    taken = procedures.taken_of([dossier_id], ("decide", "spot_decide", "annul", "reopen"))
    last = next(iter(reversed(taken.get(dossier_id, []))), None)
    return last is not None and (
        last.verb == "spot_decide" or (last.verb == "decide" and last.facts.get("outcome") == "penalise")
    )


def _filed_on(case: dossiers.Dossier) -> date:
    """The day the case was filed, or punished on the spot."""
    taken = procedures.taken_of([case.pk], ("file_approve", "spot_decide")).get(case.pk, [])
    return clock.local_date(taken[0].occurred_at if taken else case.opened_at)


def _against(dossier_id: int, row: Draw, task: Assignment) -> bool:
    """Whether the target is a party punished in the case: by its credit code, or by its name where one of the two
    has none."""
    _kind, code = party_of(row)(task.target_code)
    parties = dossiers.parties(dossier_id, PartyRole.PARTY)
    return any(
        p.credit_code == code if p.credit_code and code else fold(p.name) == fold(task.target_name)
        for p in parties
    )


def _snapshot(row: Draw, task: Assignment, found: Finding) -> DecisionSnapshot:
    body = organisations.body(row.body_id)
    kind, credit = party_of(row)(task.target_code)
    label = str(Outcome(found.outcome).label)
    names = organisations.persons(found.officers)
    return DecisionSnapshot(
        agency=body.name,
        agency_code=body.credit_code,
        party_name=task.target_name,
        party_kind=kind,
        credit_code=credit,
        number=f"{row.number}-{task.place}",
        category=f"双随机抽查：{row.item_name}",
        conclusion=f"{label}。{found.measures}" if found.measures else label,
        basis=row.basis,
        decided_on=found.inspected_on,
        facts=found.facts,
        title=row.title,
        officers=tuple(names[p].name for p in found.officers),
        item_code=row.item_code,
        field=row.field,
        region=body.region_code,
    )

"""The one door through which citizens write in, and what they may be told of their matter's progress.

The public face writes nothing else. Words and contacts are sealed; the query code is kept as a keyed
digest only, so that nobody in the bureau can look a citizen's progress up as that citizen.
"""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta

from django.db import transaction

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.choices import IntakeKind, IntakeState
from mingzhi.publication.data import IntakeReceipt, IntakeView, ProgressView
from mingzhi.publication.errors import TooMany, WrongState
from mingzhi.publication.events import INTAKE, PROGRESS
from mingzhi.publication.models import Disclosure, Intake, Progress
from mingzhi.tasks import api as tasks

#: No 0, 1, I, O: a code is read aloud and typed on phones.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PER_HOUR = 5
#: 公开条例 sets no term for corrections («及时»); its term for open information is used, and said so.
CORRECTION_TERM = "publication.term.open_information"


def new_code() -> str:
    """A query code of 50 bits, in two groups: ``7KQ2M-X9PLR``."""
    raw = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{raw[:5]}-{raw[5:]}"


def _bare(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())


def code_hash(number: str, code: str) -> str:
    return fingerprint(f"progress|{number.strip()}|{_bare(code)}")


@transaction.atomic
def intake_receive(
    *,
    kind: str,
    body_id: int,
    title: str,
    text: str,
    place: str = "",
    contact_name: str = "",
    contact: str = "",
    anonymous: bool = False,
    disclosure_id: int | None = None,
    address: str = "",
    by: Actor,
    at: datetime,
) -> IntakeReceipt:
    """Take in what a citizen sends: complaint, supervision, correction request (PUB-08), question.

    ``by`` is the system for the public face. ``address`` is the network address, kept as a keyed
    digest only, at most ``PER_HOUR`` an hour (``TooMany``). Returns number and query code; the code
    is shown once.
    """
    words = {"title": title, "text": text, "place": place, "contact_name": contact_name, "contact": contact}
    correcting = kind == IntakeKind.CORRECTION
    _refuse_incomplete(kind, body_id, words, disclosure_id)
    disclosure = None
    if disclosure_id is not None:
        disclosure = Disclosure.objects.filter(pk=disclosure_id, version_no__gt=0).first()
        if disclosure is None:
            raise NotFound("没有找到这条公示信息", remedy="请从公示信息页面提出")
        body_id = disclosure.body_id
    source = fingerprint(f"intake|{address}") if address else ""
    if (
        source
        and Intake.objects.filter(source=source, received_at__gt=at - timedelta(hours=1)).count() >= PER_HOUR
    ):
        raise TooMany(minutes=60)
    day = clock.local_date(at)
    number = f"收{day.year}{numbers.allot(f'publication.intake.{day.year}'):06d}"
    code = new_code()
    due_on = None
    body = organisations.body(body_id)
    if correcting:
        term = catalogue.term(CORRECTION_TERM, body=body, on=day)
        due_on = deadlines.due(day, term).on
    row = Intake.objects.create(
        number=number,
        code_hash=code_hash(number, code),
        kind=kind,
        body_id=body_id,
        disclosure=disclosure,
        title=title.strip(),
        text=text.strip(),
        place=place.strip(),
        contact_name="" if anonymous else contact_name.strip(),
        contact="" if anonymous and not correcting else contact.strip(),
        anonymous=anonymous and not correcting,
        source=source,
        received_at=at,
        due_on=due_on,
    )
    if correcting:
        deadlines.start(
            subject=f"intake:{row.pk}",
            dossier_id=None,
            norm=CORRECTION_TERM,
            label="答复公示信息更正申请",
            citation=catalogue.norm(CORRECTION_TERM, body=body, on=day).citation_text[:200],
            started=at,
            term=term,
            unit_id=None,
            body_id=body_id,
            by=by,
            at=at,
        )
    told = Progress.objects.create(
        number=number,
        code_hash=row.code_hash,
        title=row.get_kind_display(),
        stage=IntakeState.RECEIVED.label,
        at=at,
    )
    PROGRESS.kept(told, at=at)
    permission = Permission.DISCLOSURE_COLLECT if correcting else Permission.CLUE_REGISTER
    tasks.task_open(
        kind="publication.intake",
        title=f"{row.get_kind_display()}：{number}",
        body_id=body_id,
        subject=f"intake:{row.pk}",
        permission=permission.value,
        due_on=due_on,
        by=by,
        at=at,
    )
    INTAKE.kept(row, at=at)
    if disclosure is not None and disclosure.dossier is not None:
        # What a citizen complains about is kept whole until somebody has answered (domain §6.5).
        dossiers.archive.hold_set(
            dossier=disclosure.dossier,
            source="complaint",
            reason=f"{row.get_kind_display()}（{number}）",
            key=f"intake:{row.pk}",
            by=by,
            at=at,
        )
    return IntakeReceipt(
        number=number, code=code, kind_label=row.get_kind_display(), received_at=at, due_on=due_on
    )


def _refuse_incomplete(kind: str, body_id: int, words: dict[str, str], disclosure_id: int | None) -> None:
    """``Invalid`` with everything that is missing or too long, at once."""
    problems = Problems()
    if kind not in IntakeKind.values:
        problems.add("kind", "请选择来件种类")
    if not any(b.id == body_id for b in organisations.public_bodies()):
        problems.add("body", "请选择收件的执法机关")
    for name, label, least, most in (
        ("title", "主题", 2, 100),
        ("text", "内容", 10, 5000),
        ("place", "地点", 0, 200),
        ("contact_name", "称呼", 0, 60),
        ("contact", "联系方式", 0, 100),
    ):
        value = words[name]
        length = len(value.strip())
        if length < least:
            problems.add(
                name, f"请填写{label}" if not length else f"{label}至少 {least} 个字，请把情况写清楚"
            )
        elif length > most:
            problems.add(name, f"{label}最多 {most} 个字，现有 {length} 个字")
        if "\x00" in value:
            problems.add(name, f"{label}中含有无法识别的字符，请删除后重新填写")
    correcting = kind == IntakeKind.CORRECTION
    if correcting and disclosure_id is None:
        problems.add("disclosure", "请从要更正的公示信息页面提出更正申请")
    if correcting and not words["contact"].strip():
        problems.add("contact", "更正申请需要核实身份，请留下联系方式")
    problems.raise_if_any()


@transaction.atomic
def intake_handle(*, intake_id: int, state: str, reply: str = "", by: Actor, at: datetime) -> None:
    """Move an intake on: accepted, transferred, answered, declined; the last two need a reply in words.
    The citizen sees the stage and the reply under number and code."""
    row = Intake.objects.select_for_update().filter(pk=intake_id).first()
    if row is None or not intake_scope(by, row.body_id, row.kind):
        raise NotFound
    to = IntakeState(state)
    if row.state in {IntakeState.ANSWERED, IntakeState.DECLINED}:
        raise WrongState(state=row.get_state_display(), act="再次办理")
    if to in {IntakeState.ANSWERED, IntakeState.DECLINED} and len(reply.strip()) < 2:
        raise Invalid(fields={"reply": ["请填写给来件人的答复"]})
    row.state, row.reply = to, reply.strip() or row.reply
    row.handled_by, row.handled_at = by.label, at
    row.save(update_fields=["state", "reply", "handled_by", "handled_at"])
    INTAKE.kept(row, at=at)
    told = Progress.objects.create(
        number=row.number,
        code_hash=row.code_hash,
        title=row.get_kind_display(),
        stage=to.label,
        reply=row.reply,
        at=at,
    )
    PROGRESS.kept(told, at=at)
    if to in {IntakeState.ANSWERED, IntakeState.DECLINED}:
        deadlines.stop(subject=f"intake:{row.pk}", norm=CORRECTION_TERM, on=at, by=by, at=at)
        tasks.tasks_close(kinds=("publication.intake",), subject=f"intake:{row.pk}", by=by, at=at)


def intake_scope(by: Actor, body_id: int, kind: str) -> bool:
    permission = Permission.DISCLOSURE_COLLECT if kind == IntakeKind.CORRECTION else Permission.CLUE_REGISTER
    return by.may(permission) and organisations.in_scope(by, permission).covers(body_id)


def intakes(
    by: Actor, *, state: str = "", kind: str = "", before: int | None = None, limit: int = 50
) -> list[IntakeView]:
    """What came in for this person's body, newest first."""
    rows = Intake.objects.filter(body_id=by.body_id)
    rows = rows.filter(state=state) if state else rows
    rows = rows.filter(kind=kind) if kind else rows
    rows = rows.filter(pk__lt=before) if before is not None else rows
    return [_view(r) for r in rows.order_by("-pk")[:limit] if intake_scope(by, r.body_id, r.kind)]


def intake(by: Actor, intake_id: int) -> IntakeView:
    row = Intake.objects.filter(pk=intake_id).first()
    if row is None or not intake_scope(by, row.body_id, row.kind):
        raise NotFound
    return _view(row)


def _view(row: Intake) -> IntakeView:
    return IntakeView(
        id=row.pk,
        number=row.number,
        kind=row.kind,
        kind_label=row.get_kind_display(),
        state=row.state,
        state_label=row.get_state_display(),
        body_id=row.body_id,
        title=row.title,
        text=row.text,
        place=row.place,
        contact_name=row.contact_name,
        contact=row.contact,
        anonymous=row.anonymous,
        disclosure_id=row.disclosure_id,
        received_at=row.received_at,
        due_on=row.due_on,
        reply=row.reply,
    )


@transaction.atomic
def progress_put(*, number: str, code: str, title: str, stage: str, reply: str = "", at: datetime) -> None:
    """A room tells the public how far its matter is: ``number`` and ``code`` are what the citizen holds."""
    told = Progress.objects.create(
        number=number.strip(),
        code_hash=code_hash(number, code),
        title=title[:120],
        stage=stage[:120],
        reply=reply,
        at=at,
    )
    PROGRESS.kept(told, at=at)


def progress(number: str, code: str) -> ProgressView:
    """Where a matter stands, for who holds number and code. One answer for a wrong number and a wrong code."""
    rows = list(
        Progress.objects.filter(number=number.strip()[:64], code_hash=code_hash(number, code)).order_by("pk")
    )
    if not rows:
        raise NotFound("受理编号或者查询码不正确", remedy="请核对回执上的受理编号和查询码；字母不分大小写")
    last = rows[-1]
    return ProgressView(
        number=last.number,
        title=last.title,
        stage=last.stage,
        updated_at=last.at,
        steps=tuple((r.at, r.stage) for r in rows),
        reply=last.reply,
    )

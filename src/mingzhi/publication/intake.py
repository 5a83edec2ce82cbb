"""The one door through which citizens write in, and what they may be told of their matter's progress.

The public face writes nothing else. Words and contacts are sealed; the query code is kept as a keyed
digest only, so that nobody in the bureau can look a citizen's progress up as that citizen.

What it takes to be one: the row, its first step, its files, clocks, to-do, hold on the dossier and ledger
entries are one transaction. A form that was sent twice (a lost answer, an impatient finger) is one
intake: the page's own token and the words make its key, and the same key gets the same receipt again.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db import IntegrityError, transaction
from django.db.models import QuerySet

from mingzhi.dossiers import api as dossiers
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.kernel.secrets import fingerprint
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import intake_terms
from mingzhi.publication.choices import (
    AGAINST,
    DISCLOSED,
    DecisionKind,
    IntakeKind,
    IntakeStage,
    IntakeState,
    IntakeStepKind,
    Satisfaction,
    State,
)
from mingzhi.publication.data import IntakeReceipt, ProgressView
from mingzhi.publication.errors import OnceOnly, TooMany, WrongState
from mingzhi.publication.events import INTAKE_FILE
from mingzhi.publication.intake_steps import TRIAGE, keep, step, tell, to_do
from mingzhi.publication.models import Disclosure, Intake, Progress
from mingzhi.publication.models_intake import IntakeFile

#: No 0, 1, I, O: a code is read aloud and typed on phones.
_LETTERS = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
PER_HOUR = 5
MOST_FILES = 5
FORM_TOKEN = 16
"""The least length of a page's token; a form without one is always a new intake."""


def new_code(seed: str = "") -> str:
    """A query code of 50 bits, in two groups: ``7KQ2M-X9PLR``. The same ``seed`` gives the same code, which
    only who holds the installation's key and the seed can reckon."""
    if seed:
        value = int(fingerprint(f"code|{seed}"), 16)
        raw = "".join(_LETTERS[(value >> 5 * place) % 32] for place in range(10))
    else:
        raw = "".join(secrets.choice(_LETTERS) for _ in range(10))
    return f"{raw[:5]}-{raw[5:]}"


def _bare(code: str) -> str:
    return "".join(c for c in code.upper() if c.isalnum())


def code_hash(number: str, code: str) -> str:
    return fingerprint(f"progress|{number.strip()}|{_bare(code)}")


def intake_receive(
    *,
    kind: str,
    body_id: int,
    title: str,
    text: str,
    place: str = "",
    against: str = "",
    contact_name: str = "",
    contact: str = "",
    anonymous: bool = False,
    promised: bool = False,
    disclosure_id: int | None = None,
    files: Sequence[FileRef] = (),
    form: str = "",
    address: str = "",
    by: Actor,
    at: datetime,
) -> IntakeReceipt:
    """Take in what a citizen sends: complaint, report of an offence, question, correction (PUB-08), credit
    repair (§4.5).

    ``by`` is the system for the public face. ``against`` is whom it is about, in the citizen's words;
    ``promised`` the public credit commitment that a repair needs. ``form`` is the page's token: the
    same form with the same words is the same intake. ``address`` is the network address, kept as a
    keyed digest only, at most ``PER_HOUR`` an hour (``TooMany``). Returns number and query code; the
    code is shown once.
    """
    words = {
        "title": title,
        "text": text,
        "place": place,
        "against": against,
        "contact_name": contact_name,
        "contact": contact,
    }
    _refuse_incomplete(kind, body_id, words, disclosure_id, promised=promised)
    if len(files) > MOST_FILES:
        raise Invalid(fields={"files": [f"附件最多 {MOST_FILES} 个"]})
    seed = ""
    if len(form) >= FORM_TOKEN:
        said = "\x00".join(words[name].strip() for name in sorted(words))
        seed = f"{form}|{kind}|{body_id}|{disclosure_id}|{anonymous}|{said}"
    key = fingerprint(f"form|{seed}") if seed else ""
    code = new_code(seed)
    if key and (again := _again(key, code)):
        return again
    try:
        return _received(
            kind=kind,
            body_id=body_id,
            words=words,
            anonymous=anonymous,
            disclosure_id=disclosure_id,
            files=files,
            key=key,
            code=code,
            address=address,
            by=by,
            at=at,
        )
    except IntegrityError:
        # Two requests with one form at once: the other one was first.
        if key and (again := _again(key, code)):
            return again
        raise


def _again(key: str, code: str) -> IntakeReceipt | None:
    row = Intake.objects.filter(form_key=key).first()
    return _receipt(row, code) if row is not None else None


def _receipt(row: Intake, code: str) -> IntakeReceipt:
    return IntakeReceipt(
        number=row.number,
        code=code,
        kind_label=row.get_kind_display(),
        received_at=row.received_at,
        due_on=intake_terms.reply_due(row, row.received_at),
    )


@transaction.atomic
def _received(
    *,
    kind: str,
    body_id: int,
    words: dict[str, str],
    anonymous: bool,
    disclosure_id: int | None,
    files: Sequence[FileRef],
    key: str,
    code: str,
    address: str,
    by: Actor,
    at: datetime,
) -> IntakeReceipt:
    disclosure = _disclosure(kind, disclosure_id)
    if disclosure is not None:
        body_id = disclosure.body_id
    source = fingerprint(f"intake|{address}") if address else ""
    if (
        source
        and Intake.objects.filter(source=source, received_at__gt=at - timedelta(hours=1)).count() >= PER_HOUR
    ):
        raise TooMany(minutes=60)
    day = clock.local_date(at)
    number = f"收{day.year}{numbers.allot(f'publication.intake.{day.year}'):06d}"
    named = kind in DISCLOSED or not anonymous
    row = Intake(
        number=number,
        code_hash=code_hash(number, code),
        kind=kind,
        body_id=body_id,
        disclosure=disclosure,
        title=words["title"].strip(),
        text=words["text"].strip(),
        place=words["place"].strip(),
        against=words["against"].strip(),
        contact_name=words["contact_name"].strip() if named else "",
        contact=words["contact"].strip() if named else "",
        anonymous=not named,
        form_key=key,
        source=source,
        received_at=at,
    )
    if kind in AGAINST:
        row.about_unit_id, row.about_person_id = _complained_of(body_id, row.against, at)
    row.save()
    for file in {f.sha256: f for f in files}.values():
        made = IntakeFile.objects.create(
            intake=row,
            file_id=file.id,
            sha256=file.sha256,
            name=file.name,
            media_type=file.media_type,
            size=file.size,
        )
        INTAKE_FILE.kept(made, at=at)
    intake_terms.start(row, IntakeStage.ACCEPTANCE, started=at, by=by, at=at)
    intake_terms.start(row, IntakeStage.REPLY, started=at, by=by, at=at)
    step(row, IntakeStepKind.RECEIVED, by=by, at=at)
    tell(row, IntakeState.RECEIVED.label, at=at)
    _to_managers(row, by=by, at=at)
    keep(row, at=at)
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
    return _receipt(row, code)


def _disclosure(kind: str, disclosure_id: int | None) -> Disclosure | None:
    if disclosure_id is None:
        return None
    row = Disclosure.objects.filter(pk=disclosure_id, version_no__gt=0).first()
    if row is None:
        raise NotFound("没有找到这条公示信息", remedy="请从公示信息页面提出")
    if kind == IntakeKind.REPAIR and row.kind != DecisionKind.PENALTY:
        raise NotFound("这一决定没有信用修复", remedy="信用修复针对行政处罚信息，请从处罚决定的公示页面提出")
    if kind == IntakeKind.REPAIR and row.state in {State.WITHDRAWN, State.EXPIRED}:
        raise WrongState(state=row.get_state_display(), act="申请信用修复")
    return row


def _complained_of(body_id: int, words: str, at: datetime) -> tuple[int | None, int | None]:
    """The unit and the person of the body that the citizen's words name, so that neither gets it from the
    first second on. What fits more than one is left to whoever takes it up."""
    people = [p for p in organisations.people(body_id, on=clock.local_date(at)) if p.name in words]
    units = [u for u in organisations.units(body_id) if u.name in words]
    person = people[0] if len(people) == 1 else None
    unit_id = units[0].id if len(units) == 1 else None
    if unit_id is None and person is not None:
        unit_id = person.unit_id
    return unit_id, person.id if person else None


def _to_managers(row: Intake, *, by: Actor, at: datetime) -> None:
    wanted = Permission.DISCLOSURE_COLLECT if row.kind in DISCLOSED else Permission.INTAKE_MANAGE
    to_do(row, TRIAGE, "受理公众来件", permission=wanted, by=by, at=at)


def _refuse_incomplete(
    kind: str, body_id: int, words: dict[str, str], disclosure_id: int | None, *, promised: bool
) -> None:
    """``Invalid`` with everything that is missing or too long, at once."""
    problems = Problems()
    if kind not in IntakeKind.values or kind == IntakeKind.DISCIPLINE:
        problems.add("kind", "请选择来件种类")
    if not any(b.id == body_id for b in organisations.public_bodies()):
        problems.add("body", "请选择收件的执法机关")
    for name, label, least, most in (
        ("title", "主题", 2, 100),
        ("text", "内容", 10, 5000),
        ("place", "地点", 0, 200),
        ("against", "所反映的对象", 2 if kind == IntakeKind.COMPLAINT else 0, 200),
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
    if kind in DISCLOSED:
        what = IntakeKind(kind).label
        if disclosure_id is None:
            problems.add("disclosure", f"请从所涉公示信息的页面提出{what}")
        if not words["contact"].strip():
            problems.add("contact", f"{what}需要核实身份，请留下联系方式")
    if kind == IntakeKind.REPAIR and not promised:
        problems.add("promised", "申请信用修复应当公开作出信用承诺，请阅读后勾选")
    problems.raise_if_any()


def _of_citizen(number: str, code: str, rows: QuerySet[Intake]) -> Intake:
    """The matter of who holds number and code. One answer for a wrong number and a wrong code."""
    row = rows.filter(number=number.strip()[:64], code_hash=code_hash(number, code)).first()
    if row is None:
        raise NotFound("受理编号或者查询码不正确", remedy="请核对回执上的受理编号和查询码；字母不分大小写")
    return row


def progress(number: str, code: str, *, at: datetime) -> ProgressView:
    """Where a matter stands, for who holds number and code, and what this person may still do."""
    row = _of_citizen(number, code, Intake.objects.all())
    rows = list(Progress.objects.filter(number=row.number, code_hash=row.code_hash).order_by("pk"))
    last = rows[-1]
    ended = row.state in ENDED
    return ProgressView(
        number=row.number,
        title=last.title,
        stage=last.stage,
        updated_at=last.at,
        steps=tuple((r.at, r.stage) for r in rows),
        reply=last.reply,
        replies=tuple((r.at, r.reply) for r in rows if r.reply),
        may_rate=ended and not row.satisfaction,
        may_reopen=_reopenable(row, at) is None,
        due_on=intake_terms.reply_due(row, at),
    )


ENDED = (IntakeState.ANSWERED, IntakeState.DECLINED)


def _reopenable(row: Intake, at: datetime) -> str | None:
    """Why the citizen cannot ask for it again; None when that is open: once, within the body's term if any."""
    if row.state not in ENDED:
        return "来件正在办理，尚不能要求重新办理"
    if row.steps.filter(kind=IntakeStepKind.REOPENED).exists():
        return "已经要求重新办理一次，不再重复办理"
    term = intake_terms.found(row, IntakeStage.REOPEN).term
    if term is not None and row.handled_at is not None and intake_terms.is_over(row.handled_at, term, at):
        return f"已超过可以要求重新办理的期限（答复后 {term.text}）"
    return None


@transaction.atomic
def intake_reopen(*, number: str, code: str, reason: str, by: Actor, at: datetime) -> None:
    """The citizen is not satisfied and asks once to have it handled again, by somebody else."""
    row = _of_citizen(number, code, Intake.objects.select_for_update())
    why = _reopenable(row, at)
    if why is not None:
        raise OnceOnly(why=why)
    _need_words(reason, "reason", "请写明对答复的哪一处不满意，至少五个字", 5, 2000)
    row.state = IntakeState.REOPENED
    intake_terms.start(row, IntakeStage.REPLY, started=at, by=by, at=at)
    step(row, IntakeStepKind.REOPENED, said=reason.strip(), by=by, at=at)
    tell(row, IntakeState.REOPENED.label, at=at)
    _to_managers(row, by=by, at=at)
    keep(row, at=at)
    disclosure = row.disclosure
    if disclosure is not None and disclosure.dossier is not None:
        dossiers.archive.hold_set(
            dossier=disclosure.dossier,
            source="complaint",
            reason=f"{row.get_kind_display()}重新办理（{row.number}）",
            key=f"intake:{row.pk}:again",
            by=by,
            at=at,
        )


@transaction.atomic
def intake_rate(*, number: str, code: str, mark: str, by: Actor, at: datetime) -> None:
    """The citizen marks the answer, once (R056). A reopened matter may be marked again after its new answer."""
    row = _of_citizen(number, code, Intake.objects.select_for_update())
    if mark not in Satisfaction.values:
        raise Invalid(fields={"mark": ["请选择评价"]})
    if row.state not in ENDED:
        raise WrongState(state=row.get_state_display(), act="评价")
    if row.satisfaction:
        raise OnceOnly(why="已经评价过")
    row.satisfaction = Satisfaction(mark)
    step(row, IntakeStepKind.RATED, said=Satisfaction(mark).label, by=by, at=at)
    keep(row, at=at)


def _need_words(value: str, name: str, sentence: str, least: int, most: int) -> None:
    if len(value.strip()) < least:
        raise Invalid(fields={name: [sentence]})
    if len(value.strip()) > most:
        raise Invalid(fields={name: [f"最多 {most} 个字，现有 {len(value.strip())} 个字"]})

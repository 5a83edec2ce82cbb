"""转送: to another body of this installation, where it is received anew, or by a paper to an agency elsewhere.

The paper (转送函 with a receipt to tear off) is made, numbered and kept with the step; then its dispatch and the
other agency's signed receipt or refusal are registered. Until then a to-do lies with who takes letters up, and
a clock runs where the body set a term. Signed for, the matter has left; sent back, it is received here anew.

Unless the sender is passed on knowingly, by somebody who may unseal, the paper tells nobody who wrote.
Each verb is one transaction. The paper's bytes are stored first within it: whoever dies before the commit
leaves a stray file that nothing names, and no number.
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from django.db import transaction

from mingzhi.documents import api as documents
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import intake_terms
from mingzhi.publication.choices import (
    SHELTERED,
    IntakeStage,
    IntakeState,
    IntakeStepKind,
    TransferState,
    TransferWay,
)
from mingzhi.publication.data_intake import TransferEventView, TransferView
from mingzhi.publication.errors import WrongState
from mingzhi.publication.events import INTAKE_TRANSFER, INTAKE_TRANSFER_EVENT
from mingzhi.publication.intake_access import Sight, access_intake, masked, may_unseal, sight, target_shown
from mingzhi.publication.intake_answers import draft_dropped
from mingzhi.publication.intake_steps import (
    TRANSFER,
    TRIAGE,
    done,
    handled,
    keep,
    release,
    step,
    subject,
    tell,
    to_do,
)
from mingzhi.publication.intake_verbs import need, taken, transfer_open, transfer_state
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeTransfer, IntakeTransferEvent

_K = IntakeStepKind
_LAYOUT = Path(__file__).parent / "transfer.typ"
MASKED = "来件人的称呼、联系方式和能看出来件人的内容已经隐去；办理确需了解的，请书面商本机关。"
IN_CONFIDENCE = "请对来件人的信息和来件内容保密，不得交由来件反映的单位或者人员办理。"


@transaction.atomic
def intake_transfer(
    *,
    intake_id: int,
    to_body_id: int | None,
    to_name: str = "",
    reason: str,
    named: bool = False,
    by: Actor,
    at: datetime,
) -> None:
    """转送. Within the installation the old body sees it no more; to an agency elsewhere a 转送函 is made.
    ``named`` passes the sender on with it, which is a look at who sent it and needs the same right."""
    row = taken(intake_id, "transfer", "转送", by=by, at=at)
    problems = Problems()
    why = need(problems, reason, "reason", "请填写转送的理由，来件人可以看到", most=500)
    known = {b.id: b.name for b in organisations.bodies() if b.id != row.body_id}
    name = known.get(to_body_id or 0, "") or to_name.strip()[:80]
    if to_body_id is not None and to_body_id not in known:
        problems.add("to_body", "请从所列机关中选择")
    elif not name:
        problems.add("to_name", "请选择或者填写接收机关")
    problems.raise_if_any()
    draft_dropped(row, "来件已经转送", by=by, at=at)
    intake_terms.drop(row, by=by, at=at)
    done(row, by=by, at=at)
    step(row, _K.TRANSFERRED, said=f"{name}：{why}", by=by, at=at)
    row.unit_id = row.handler_id = None
    handled(row, by=by, at=at)
    if to_body_id is None:
        made = _paper(row, name, why, named=named, by=by, at=at)
        row.state = IntakeState.TRANSFERRED
        tell(row, f"已决定转送{name}（{made.number}）", reply=why, at=at)
        release(row, by=by, at=at)
        intake_terms.start(row, IntakeStage.RECEIPT, started=at, by=by, at=at)
        to_do(row, TRANSFER, "寄送来件转送函", permission=Permission.INTAKE_MANAGE, by=by, at=at)
    else:
        tell(row, f"已转送{name}办理", reply=why, at=at)
        row.body_id = to_body_id
        _received_anew(row, "受理其他机关转来的公众来件", by=by, at=at)
    keep(row, at=at)


def _received_anew(row: Intake, title: str, *, by: Actor, at: datetime) -> None:
    row.state = IntakeState.RECEIVED
    for stage in (IntakeStage.ACCEPTANCE, IntakeStage.REPLY):
        intake_terms.start(row, stage, started=at, by=by, at=at)
    to_do(row, TRIAGE, title, permission=Permission.INTAKE_MANAGE, by=by, at=at)


def _paper(row: Intake, to_name: str, why: str, *, named: bool, by: Actor, at: datetime) -> IntakeTransfer:
    seen = sight(by, row)
    if named and (seen is None or not may_unseal(by, row, seen)):
        raise NotAllowed(
            "您不能把来件人的信息转给其他机关",
            remedy="请隐去来件人后转送，或者由投诉举报专管员转送；匿名来件没有来件人信息",
            code="intake.sealed",
        )
    body = organisations.body(row.body_id)
    day = clock.local(at)
    number = f"{body.code_word}信转〔{day.year}〕{numbers.allot(f'intake.transfer.{body.id}.{day.year}')}号"
    words = row.text if named else masked(row, row.text)
    facts = [("受理编号", row.number), ("来件种类", row.get_kind_display())]
    facts += [("收到日期", clock.local_date(row.received_at).isoformat())]
    facts += [("主题", row.title if named else masked(row, row.title))]
    facts += [("所反映的对象", row.against if named else target_shown(row))]
    facts += [("发生地点", row.place if named else masked(row, row.place))]
    if named:
        facts += [("来件人", row.contact_name), ("联系方式", row.contact)]
    notes = [] if named or row.anonymous else [MASKED]
    pdf = documents.set_pages(
        _LAYOUT.read_bytes(),
        {
            "made": [day.year, day.month, day.day],
            "organ": body.name,
            "phone": body.phone,
            "number": number,
            "to": to_name,
            "reason": why,
            "facts": [fact for fact in facts if fact[1]],
            "text": words,
            "files": row.files.count() if named else 0,
            "notes": [*notes, *([IN_CONFIDENCE] if row.kind in SHELTERED else [])],
        },
    )
    stored = files.put_bytes(pdf, name=f"{number}转送函.pdf", at=at)
    made = IntakeTransfer.objects.create(
        intake=row,
        body_id=row.body_id,
        number=number,
        to_name=to_name,
        named=named,
        file_id=stored.id,
        sha256=stored.sha256,
        at=at,
        by=by.label,
        by_name=by.name[:60],
    )
    INTAKE_TRANSFER.kept(made, at=at)
    if named:
        _looked(row, made, by=by, at=at)
    return made


def _looked(row: Intake, made: IntakeTransfer, *, by: Actor, at: datetime) -> None:
    """A paper that names the sender is a look at who sent it."""
    ledger.attempt(
        "intake:identity",
        subject(row),
        by=by.label,
        at=at,
        outcome="ok",
        purpose=f"转送{made.to_name}（{made.number}）"[:200],
    )


def _open(row: Intake, act: str) -> tuple[IntakeTransfer, date]:
    """The transfer that waits, and the earliest day of what comes next."""
    found = transfer_open(row)
    if found is None:
        raise WrongState(state=row.get_state_display(), act=act)
    sent = (
        found[0].events.filter(kind=TransferState.SENT).order_by("-pk").values_list("on", flat=True).first()
    )
    return found[0], sent or clock.local_date(found[0].at)


def _day(problems: Problems, on: date | None, first: date, at: datetime) -> date:
    if on is None or on < first or on > clock.local_date(at):
        problems.add("on", f"日期应当在 {first} 至今日之间")
    return on or first


@transaction.atomic
def intake_transfer_send(
    *, intake_id: int, way: str, on: date | None, tracking: str = "", by: Actor, at: datetime
) -> None:
    """登记寄送; again when it had to be sent once more."""
    row = taken(intake_id, "send", "登记寄送", by=by, at=at)
    made, first = _open(row, "登记寄送")
    problems = Problems()
    day = _day(problems, on, first, at)
    if way not in TransferWay.values:
        problems.add("way", "请选择寄送方式")
    if way == TransferWay.POST and len(tracking.strip()) < 2:
        problems.add("tracking", "邮寄的，请填写邮件编号")
    problems.raise_if_any()
    label = TransferWay(way).label
    _event(made, TransferState.SENT, day, way=way, whom=tracking.strip(), by=by, at=at)
    step(row, _K.SENT, said=" ".join(filter(None, (label, tracking.strip()[:60]))), by=by, at=at)
    tell(row, f"转送函已于 {day} 向{made.to_name}发出", at=at)
    done(row, TRANSFER, by=by, at=at)
    to_do(row, TRANSFER, "登记来件转送回执", permission=Permission.INTAKE_MANAGE, by=by, at=at)
    keep(row, at=at)


@transaction.atomic
def intake_transfer_receipt(
    *,
    intake_id: int,
    accepted: bool,
    on: date | None,
    whom: str,
    reason: str = "",
    scan: FileRef | None,
    by: Actor,
    at: datetime,
) -> None:
    """登记回执: signed for by whom and when, with the scan; or sent back with the reason, and then the matter
    is received here anew."""
    row = taken(intake_id, "receipt", "登记转送回执", by=by, at=at)
    made, first = _open(row, "登记转送回执")
    problems = Problems()
    day = _day(problems, on, first, at)
    signer = need(problems, whom, "whom", "请填写接收机关的签收人或者退回的经办人", most=60)
    why = "" if accepted else need(problems, reason, "reason", "请填写接收机关退回的理由", most=300)
    if accepted and scan is None:
        problems.add("scan", "请上传经签收的回执扫描件")
    problems.raise_if_any()
    kind = TransferState.RECEIVED if accepted else TransferState.REFUSED
    _event(made, kind, day, whom=signer, reason=why, scan=scan, by=by, at=at)
    intake_terms.stop(row, IntakeStage.RECEIPT, by=by, at=at)
    done(row, TRANSFER, by=by, at=at)
    said = f"{made.to_name} {signer}" + (f"：{why}" if why else "")
    step(row, _K.TAKEN_OVER if accepted else _K.SENT_BACK, said=said, by=by, at=at)
    if accepted:
        tell(row, f"{made.to_name}已于 {day} 签收，由其办理", at=at)
    else:
        tell(row, f"{made.to_name}于 {day} 退回，由本机关重新处理", reply=why, at=at)
        _received_anew(row, "处理被退回的公众来件", by=by, at=at)
    keep(row, at=at)


def _event(
    made: IntakeTransfer,
    kind: TransferState,
    on: date,
    *,
    way: str = "",
    whom: str = "",
    reason: str = "",
    scan: FileRef | None = None,
    by: Actor,
    at: datetime,
) -> None:
    row = IntakeTransferEvent.objects.create(
        transfer=made,
        kind=kind,
        on=on,
        way=way,
        whom=whom[:60],
        reason=reason,
        file_id=scan.id if scan is not None else None,
        sha256=scan.sha256 if scan is not None else "",
        at=at,
        by=by.label,
        by_name=by.name[:60],
    )
    INTAKE_TRANSFER_EVENT.kept(row, at=at)


# --- reads ----------------------------------------------------------------------------------------------


def transfers_of(by: Actor, row: Intake, seen: Sight) -> tuple[TransferView, ...]:
    """The papers by which this body passed the matter on, newest first, for who may see more than an extract."""
    if seen == Sight.ASKED:
        return ()
    rows = row.transfers.filter(body_id=row.body_id).prefetch_related("events").order_by("-pk")
    return tuple(
        TransferView(
            id=made.pk,
            number=made.number,
            to_name=made.to_name,
            named=made.named,
            at=made.at,
            by=made.by_name,
            state=(state := TransferState(transfer_state(made))).value,
            state_label=str(state.label),
            may_open=_may_open(by, row, made, seen),
            events=tuple(
                TransferEventView(
                    id=e.pk,
                    label=str(TransferState(e.kind).label) if e.kind != TransferState.SENT else "已寄送",
                    on=e.on,
                    way=e.get_way_display() if e.way else "",
                    whom=e.whom,
                    reason=e.reason,
                    scanned=e.file_id is not None,
                    by=e.by_name,
                )
                for e in sorted(made.events.all(), key=lambda e: e.pk)
            ),
        )
        for made in rows
    )


def _may_open(by: Actor, row: Intake, made: IntakeTransfer, seen: Sight) -> bool:
    """A paper that names the sender is under the same seal."""
    return seen == Sight.WHOLE and (not made.named or may_unseal(by, row, seen))


def transfer_file(
    by: Actor, intake_id: int, transfer_id: int, *, event_id: int | None = None, at: datetime
) -> FileRef:
    """The paper, or the scan of one of its events. ``NotFound`` for whoever may not open it."""
    row, seen = access_intake(by, intake_id)
    made = row.transfers.filter(pk=transfer_id, body_id=row.body_id).first()
    if made is None or not _may_open(by, row, made, seen):
        raise NotFound
    if event_id is None:
        if made.named:
            _looked(row, made, by=by, at=at)
        return files.ref(made.file_id)
    event = made.events.filter(pk=event_id, file_id__isnull=False).first()
    if event is None or event.file_id is None:
        raise NotFound
    return files.ref(event.file_id)

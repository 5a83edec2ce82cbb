"""Ledger kinds of the publication room. Payloads are computed from the live rows."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any

from mingzhi.kernel import canonical, secrets
from mingzhi.ledger import api as ledger
from mingzhi.publication.choices import PUBLIC_EVENTS, EventKind
from mingzhi.publication.models import (
    Attachment,
    BoardDown,
    BoardPrint,
    Delivery,
    Disclosure,
    Event,
    Handover,
    Intake,
    Policy,
    Progress,
    PublicDraw,
    PublicRecord,
    PublicReport,
    Snapshot,
    Target,
    Version,
)
from mingzhi.publication.models_intake import (
    IntakeCheck,
    IntakeFile,
    IntakeStep,
    IntakeTerm,
    IntakeTransfer,
    IntakeTransferEvent,
    Question,
)


def event_subject(event: Event) -> str:
    return f"disclosure-event:{event.pk}"


def event_payload(event: Event) -> dict[str, Any]:
    """What the ledger commits to. The published text itself is hashed in, so that an altered text
    no longer matches; the pushed snapshot likewise, as the plain text that the column hides."""
    return {
        "disclosure": event.disclosure_id,
        "number": event.disclosure.number,
        "kind": event.kind,
        "at": event.at,
        "by": event.by,
        "by_name": event.by_name,
        "reason": event.reason,
        "basis": event.basis,
        "version": event.version.no if event.version else None,
        "public_sha256": canonical.digest(event.version.content) if event.version else None,
        "published_at": event.version.published_at if event.version else None,
        "snapshot_sha256": canonical.digest(event.snapshot.content) if event.snapshot else None,
    }


def public_payload(event: Event) -> dict[str, Any]:
    """Of what the public is told: as ``event_payload``, with a keyed digest in the place of the person, so
    that a bundle names nobody whom the page does not name, and an altered name still differs."""
    payload = event_payload(event)
    who = canonical.encode([event_subject(event), payload.pop("by"), payload.pop("by_name")])
    return payload | {"done_by": secrets.fingerprint(who.decode())}


_Payload = Callable[[Event], dict[str, Any]]


def _events(kind: str, payload: _Payload) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(kind=kind).select_related("disclosure", "version", "snapshot").order_by("pk")
    for event in rows.iterator(chunk_size=2000):
        yield event_subject(event), payload(event)


def _event_payload_of(payload: _Payload, subject: str) -> dict[str, Any] | None:
    pk = int(subject.rpartition(":")[2])
    event = Event.objects.select_related("disclosure", "version", "snapshot").filter(pk=pk).first()
    return payload(event) if event else None


def _sent_files(subject: str) -> list[tuple[int, str]]:
    pk = int(subject.rpartition(":")[2])
    return list(IntakeFile.objects.filter(pk=pk).values_list("file_id", "sha256"))


def _transfer_files(
    model: type[IntakeTransfer] | type[IntakeTransferEvent], subject: str
) -> list[tuple[int, str]]:
    pk = int(subject.rpartition(":")[2])
    found = model._default_manager.filter(pk=pk).values_list("file_id", "sha256")
    return [(file_id, sha256) for file_id, sha256 in found if file_id is not None]


def _draw_files(subject: str) -> list[tuple[int, str]]:
    row = PublicDraw.objects.filter(pk=int(subject.rpartition(":")[2])).first()
    if row is None:
        return []
    record = [(row.record_id, row.record_sha256)] if row.record_id is not None else []
    return [(row.pool_id, row.pool_sha256), *record]


_PERSONAL = ("title", "text", "place", "contact_name", "contact", "against")

_board_columns = ledger.columns(BoardPrint, without=("shown",))

DISCLOSURE = ledger.Rows(
    "publication:disclosure:kept", "公示事项变动", "disclosure", Disclosure, ledger.columns(Disclosure)
)
SNAPSHOT = ledger.Rows(
    "publication:snapshot:pushed", "推送公示来源", "disclosure-snapshot", Snapshot, ledger.columns(Snapshot),
    personal=("content",),
)  # fmt: skip
VERSION = ledger.Rows(
    "publication:version:published", "公示版本", "disclosure-version", Version, ledger.columns(Version)
)
PUBLIC = ledger.Rows(
    "publication:public:kept", "公示索引变动", "public-record", PublicRecord, ledger.columns(PublicRecord)
)
REPORT = ledger.Rows(
    "publication:report:published",
    "公布统计年报",
    "public-report",
    PublicReport,
    ledger.columns(PublicReport),
)
DRAW = ledger.Rows(
    "publication:draw:published",
    "公布随机抽查",
    "public-draw",
    PublicDraw,
    ledger.columns(PublicDraw),
    files=_draw_files,
)
POLICY = ledger.Rows(
    "publication:policy:set", "设定公示规则", "publication-policy", Policy, ledger.columns(Policy)
)
ATTACHMENT = ledger.Rows(
    "publication:attachment:kept", "公示附件变动", "disclosure-attachment", Attachment,
    ledger.columns(Attachment), personal=("findings",),
)  # fmt: skip
TARGET = ledger.Rows(
    "publication:target:set", "设定公示渠道", "publication-target", Target,
    ledger.columns(Target, without=("secret",)),
)  # fmt: skip
DELIVERY = ledger.Rows(
    "publication:delivery:kept", "公示报送变动", "publication-delivery", Delivery, ledger.columns(Delivery)
)
HANDOVER = ledger.Rows(
    "publication:handover:entered",
    "登记公示信息送交",
    "publication-handover",
    Handover,
    ledger.columns(Handover),
)
INTAKE = ledger.Rows(
    "publication:intake:kept", "收到或办理公众来件", "intake", Intake, ledger.columns(Intake),
    personal=_PERSONAL,
)  # fmt: skip
INTAKE_STEP = ledger.Rows(
    "publication:intake:step", "办理公众来件", "intake-step", IntakeStep, ledger.columns(IntakeStep),
    personal=("said",),
)  # fmt: skip
INTAKE_FILE = ledger.Rows(
    "publication:intake:file", "来件附件", "intake-file", IntakeFile, ledger.columns(IntakeFile),
    personal=("name",), files=_sent_files,
)  # fmt: skip
INTAKE_TERM = ledger.Rows(
    "publication:intake:term", "设定来件办理期限", "intake-term", IntakeTerm, ledger.columns(IntakeTerm)
)
INTAKE_CHECK = ledger.Rows(
    "publication:intake:check", "设定来件答复审核规则", "intake-check", IntakeCheck,
    ledger.columns(IntakeCheck),
)  # fmt: skip
INTAKE_TRANSFER = ledger.Rows(
    "publication:intake:transfer", "制作来件转送函", "intake-transfer", IntakeTransfer,
    ledger.columns(IntakeTransfer), files=partial(_transfer_files, IntakeTransfer),
)  # fmt: skip
INTAKE_TRANSFER_EVENT = ledger.Rows(
    "publication:intake:transfer_event", "登记来件转送寄送、签收或退回", "intake-transfer-event",
    IntakeTransferEvent, ledger.columns(IntakeTransferEvent), personal=("whom",),
    files=partial(_transfer_files, IntakeTransferEvent),
)  # fmt: skip
QUESTION = ledger.Rows(
    "publication:question:kept", "公开问答变动", "question", Question, ledger.columns(Question)
)
PROGRESS = ledger.Rows(
    "publication:progress:put", "公布办理进度", "progress", Progress, ledger.columns(Progress)
)
BOARD_PRINT = ledger.Rows(
    "publication:board:printed", "打印公示牌", "board-print", BoardPrint,
    lambda row: {**_board_columns(row), "shown_sha256": canonical.digest(row.shown)},
)  # fmt: skip
BOARD_DOWN = ledger.Rows(
    "publication:board:taken_down", "撤下公示牌", "board-down", BoardDown, ledger.columns(BoardDown)
)


def register() -> None:
    for kind in EventKind:
        for version, payload in ((1, event_payload), (2, public_payload)):
            if version == 1 or kind in PUBLIC_EVENTS:
                ledger.register(
                    ledger.Kind(
                        name=f"publication:disclosure:{kind.value}",
                        version=version,
                        sentence=str(kind.label),
                        personal=(),
                        payload_of=partial(_event_payload_of, payload),
                        rows=partial(_events, kind.value, payload),
                    )
                )
    for rows in (
        DISCLOSURE,
        SNAPSHOT,
        VERSION,
        PUBLIC,
        REPORT,
        DRAW,
        POLICY,
        ATTACHMENT,
        TARGET,
        DELIVERY,
        HANDOVER,
        INTAKE,
        INTAKE_STEP,
        INTAKE_FILE,
        INTAKE_TERM,
        INTAKE_CHECK,
        INTAKE_TRANSFER,
        INTAKE_TRANSFER_EVENT,
        QUESTION,
        PROGRESS,
        BOARD_PRINT,
        BOARD_DOWN,
    ):
        rows.register()

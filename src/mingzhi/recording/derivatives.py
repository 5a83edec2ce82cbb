"""Copies that leave and derivatives that stay: always new things, with their parent and how they were made.

Crash story of an order. Order and outbox message are one transaction. The worker makes the file in a child
process, stores it (``files.put``), and then writes record, derivation, ledger entry and the order's end in
one transaction. Killed before the file is stored: nothing is there, the message runs again. Killed between:
stored bytes nobody names, which the next run stores again under the same or another hash; ``tidy`` takes
strays. Killed after: the order says done and the handler leaves it alone. The original is only read.
"""

from __future__ import annotations

import tempfile
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import transaction

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.recording import recipes, workshop
from mingzhi.recording.access import access_record, noted
from mingzhi.recording.access_events import COPIED, DERIVED
from mingzhi.recording.access_models import Derivation, DerivationOrder
from mingzhi.recording.actions import record_deposit
from mingzhi.recording.choices import Made, RecordKind, Use, WorkState
from mingzhi.recording.data import PICTURES, MarkedCopy, Opened, OrderView, RecordView, Standing
from mingzhi.recording.errors import CannotMake, DossierDone, NoMarkedCopy, OrderNotFound
from mingzhi.recording.queries import as_view, record, record_rows
from mingzhi.recording.recipes import Shape

DERIVE = "recording:derive"
COPY_KEPT = timedelta(days=7)
"""How long a marked copy of a video may be fetched by who ordered it."""


def kind_of(media_type: str) -> str:
    """``picture``, ``pdf``, ``media`` (sound and moving pictures), or empty: nothing can be made of it."""
    if media_type in PICTURES:
        return "picture"
    if media_type == "application/pdf":
        return "pdf"
    return "media" if media_type.partition("/")[0] in {"audio", "video"} else ""


def mark_text(by: Actor, at: datetime, purpose: str, number: str = "") -> str:
    """What the watermark says: who, of which unit, when, what for, by which approval."""
    unit = organisations.unit(by.unit_id).name if by.unit_id is not None else ""
    moment = clock.local(at).strftime("%Y-%m-%d %H:%M")
    return "　".join(p for p in (f"{by.name}　{unit}".strip("　"), moment, purpose, number) if p)


# --- copies that leave at once: pictures and PDFs --------------------------------------------------


def marked_copy(
    *,
    by: Actor,
    record_id: int,
    purpose: str,
    use: str = "",
    at: datetime,
    address: str = "",
    act: str = "recording:download",
) -> MarkedCopy:
    """A picture or PDF with the watermark burnt in, made now; the copy is a fact, the download is noted.

    Raises ``NoMarkedCopy`` for what cannot carry one (and for video, which is ordered), and what
    ``access_record`` raises.
    """
    row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act=act, purpose=purpose, address=address
    )
    copy = _copied(
        by=by,
        dossier=dossier,
        subject=f"record:{record_id}",
        parent=row,
        file=files.ref(row.file_id),
        found=found,
        purpose=purpose,
        use=use,
        at=at,
    )
    noted(
        act,
        f"record:{record_id}",
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=purpose,
        use=use,
        address=address,
        sha256=copy.sha256,
    )
    return copy


def marked_paper(
    *,
    by: Actor,
    dossier: Dossier,
    subject: str,
    data: bytes,
    name: str,
    sha256: str,
    found: Standing,
    purpose: str,
    at: datetime,
) -> MarkedCopy:
    """The same for a paper's page, whose room is beside this one: its bytes are handed in."""
    with tempfile.TemporaryDirectory(prefix="mingzhi-copy-") as folder:
        source = Path(folder) / "source"
        source.write_bytes(data)
        made = _marked(
            source, Path(folder), "pdf", "application/pdf", mark_text(by, at, purpose, found.number)
        )
    return _kept(
        by=by, dossier=dossier, subject=subject, parent=None, parent_sha256=sha256, found=found, purpose=purpose,
        use=found.use, at=at, data=made, name=name, media_type="application/pdf",
    )  # fmt: skip


def _copied(
    *,
    by: Actor,
    dossier: Dossier,
    subject: str,
    parent: Any,
    file: FileRef,
    found: Standing,
    purpose: str,
    use: str,
    at: datetime,
) -> MarkedCopy:
    kind = kind_of(file.media_type)
    if kind not in {"picture", "pdf"}:
        raise NoMarkedCopy(kind=files.type_label(file.media_type))
    text = mark_text(by, at, purpose, found.number)
    with tempfile.TemporaryDirectory(prefix="mingzhi-copy-") as folder:
        data = _marked(files.path(file.id), Path(folder), kind, file.media_type, text)
    media_type = (
        "application/pdf" if kind == "pdf" else "image/png" if _png(file.media_type) else "image/jpeg"
    )
    return _kept(
        by=by, dossier=dossier, subject=subject, parent=parent, parent_sha256=file.sha256, found=found, purpose=purpose,
        use=use, at=at, data=data, name=_renamed(file.name, media_type, "水印副本"), media_type=media_type,
    )  # fmt: skip


def _marked(source: Path, folder: Path, kind: str, media_type: str, text: str) -> bytes:
    target = folder / "target"
    workshop.make(
        {
            "task": kind,
            "source": str(source),
            "target": str(target),
            "png": _png(media_type),
            "watermark": text,
        }
    )
    return target.read_bytes()


def _kept(
    *, by: Actor, dossier: Dossier, subject: str, parent: Any, parent_sha256: str, found: Standing, purpose: str, use: str,
    at: datetime, data: bytes, name: str, media_type: str,
) -> MarkedCopy:  # fmt: skip
    """The copy as a fact. Its bytes are not kept: the hash knows it again wherever it turns up."""
    import hashlib

    sha256 = hashlib.sha256(data).hexdigest()
    with transaction.atomic():
        row = Derivation.objects.create(
            subject=subject,
            dossier=dossier,
            parent=parent,
            parent_sha256=parent_sha256,
            sha256=sha256,
            size=len(data),
            recipe=recipes.recipe(watermark=mark_text(by, at, purpose, found.number)),
            tool=workshop.tool(),
            use=use if use in Use.values else found.use,
            reason=purpose[:300],
            access_id=found.access_id,
            made_by=by.label,
            made_by_name=by.name[:60],
            at=at,
        )
        COPIED.kept(row, at=at)
    return MarkedCopy(data=data, name=name, media_type=media_type, sha256=sha256)


def _png(media_type: str) -> bool:
    return media_type in {"image/png", "image/gif"}


_ENDINGS = {
    "application/pdf": "pdf",
    "image/png": "png",
    "image/jpeg": "jpg",
    "video/mp4": "mp4",
    "audio/flac": "flac",
}


def _renamed(name: str, media_type: str, word: str) -> str:
    stem = name.rpartition(".")[0] or name
    return f"{stem}（{word}）.{_ENDINGS[media_type]}"


# --- the page on which derivatives are drawn ---------------------------------------------------------


def shape_of(
    *, record_view: RecordView, at_ms: int = 0, boxes: Sequence[Mapping[str, Any]] = ()
) -> tuple[Shape, bytes]:
    """What the record is, and one frame of it as a JPEG with ``boxes`` on it (empty for sound alone).

    For who got the record by the gate. Raises ``CannotMake``.
    """
    kind = kind_of(record_view.file.media_type)
    if kind not in {"picture", "media"}:
        raise CannotMake(why=f"{files.type_label(record_view.file.media_type)}不能制作衍生件")
    with tempfile.TemporaryDirectory(prefix="mingzhi-frame-") as folder:
        target = Path(folder) / "frame.jpg"
        found = workshop.make(
            {
                "task": "shape",
                "kind": kind,
                "source": str(files.path(record_view.file.id)),
                "target": str(target),
                "at": at_ms,
                "boxes": recipes.recipe(boxes=boxes)["boxes"],
            }
        )
        return Shape(**found), target.read_bytes() if target.exists() else b""


def may_derive(by: Actor, dossier: Dossier, found: Standing) -> bool:
    """Who may put derivatives into the dossier: its handlers and their head, while it is open."""
    return (
        found.inside
        and dossier.closed_at is None
        and by.body_id == dossier.body_id
        and (by.may(Permission.CASE_ACT) or by.may(Permission.CASE_UNIT_CHECK))
    )


@transaction.atomic
def derivative_order(
    *,
    record_id: int,
    given: Mapping[str, Any],
    shape: Shape,
    title: str,
    reason: str,
    by: Actor,
    at: datetime,
    address: str = "",
) -> OrderView:
    """Order a derivative that becomes a record of the dossier. ``shape`` is the parent's, by ``shape_of``.

    Raises ``Invalid`` (fields), ``DossierDone``, ``NotAllowed``, and what ``access_record`` raises.
    """
    row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:derive", purpose=reason, address=address
    )
    if dossier.closed_at is not None:
        raise DossierDone(number=dossier.number)
    if not may_derive(by, dossier, found):
        raise NotAllowed("衍生件由承办本案的执法人员或者承办机构负责人制作")
    problems = Problems()
    recipes.check(given, shape, problems)
    if not title.strip():
        problems.add("title", "请填写衍生件名称")
    if len(reason.strip()) < 2:
        problems.add("reason", "请写明制作事由，例如“公示前遮挡无关人员”")
    problems.raise_if_any()
    return _ordered(
        row=row, lasting=True, title=title, given=given, use=Use.CASE, reason=reason, found=found, by=by, at=at,
        dossier=dossier, address=address,
    )  # fmt: skip


@transaction.atomic
def copy_order(
    *, record_id: int, purpose: str, use: str = "", by: Actor, at: datetime, address: str = ""
) -> OrderView:
    """Order a watermarked copy of a video; who ordered it fetches it for ``COPY_KEPT``."""
    row, dossier, found = access_record(
        by=by, record_id=record_id, at=at, act="recording:export", purpose=purpose, address=address
    )
    file = files.ref(row.file_id)
    if not file.media_type.startswith("video/"):
        raise NoMarkedCopy(kind=files.type_label(file.media_type))
    given = recipes.recipe(watermark=mark_text(by, at, purpose, found.number))
    return _ordered(
        row=row, lasting=False, title=f"{row.title}（水印副本）", given=given, use=use if use in Use.values else found.use,
        reason=purpose, found=found, by=by, at=at, dossier=dossier, address=address,
    )  # fmt: skip


def _ordered(
    *, row: Any, lasting: bool, title: str, given: Mapping[str, Any], use: str, reason: str, found: Standing, by: Actor,
    at: datetime, dossier: Dossier, address: str,
) -> OrderView:  # fmt: skip
    order = DerivationOrder.objects.create(
        record=row,
        lasting=lasting,
        title=title.strip()[:200],
        recipe=dict(given),
        use=use,
        reason=reason.strip()[:300],
        access_id=found.access_id,
        ordered_by=by.label,
        ordered_by_name=by.name[:60],
        ordered_at=at,
    )
    outbox.enqueue(DERIVE, {"order": order.pk}, key=f"derive:{order.pk}", at=at)
    noted(
        "recording:derive",
        f"record:{row.pk}",
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=reason,
        use=use,
        address=address,
        order=order.pk,
    )
    return order_view(order)


# --- the worker's part ---------------------------------------------------------------------------------


@outbox.handler(DERIVE, slow=True)
def derive_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    """Make what was ordered. What cannot be made is an end too: the order says why, nobody tries again."""
    order = DerivationOrder.objects.select_related("record").filter(pk=int(payload["order"])).first()
    if order is None or order.state in {WorkState.DONE, WorkState.FAILED}:
        return
    orders = DerivationOrder.objects.filter(pk=order.pk)
    orders.update(state=WorkState.RUNNING, percent=0)
    parent = record(order.record_id)

    def told(percent: int) -> None:
        orders.update(percent=min(percent, 99))

    kind = kind_of(parent.file.media_type)
    try:
        with tempfile.TemporaryDirectory(prefix="mingzhi-derive-") as folder:
            target = Path(folder) / "made"
            workshop.make(
                {
                    "task": kind,
                    "source": str(files.path(parent.file.id)),
                    "target": str(target),
                    "png": _png(parent.file.media_type),
                    **order.recipe,
                },
                seconds=workshop.JOB_SECONDS,
                progress=told,
            )
            if kind == "picture":
                media_type = "image/png" if _png(parent.file.media_type) else "image/jpeg"
            else:
                media_type = "audio/flac" if parent.file.media_type.startswith("audio/") else "video/mp4"
            word = "、".join(str(m.label) for m in recipes.made_of(order.recipe))
            with target.open("rb") as made:
                stored = files.put(
                    made, name=_renamed(parent.file.name, media_type, word), media_type=media_type, at=at
                )
        _finish(order.pk, parent, stored, at)
    except (CannotMake, DossierDone, NotFound) as error:
        orders.update(state=WorkState.FAILED, error=error.sentence[:300], finished_at=at)


def _finish(order_id: int, parent: RecordView, stored: FileRef, at: datetime) -> None:
    with transaction.atomic():
        dossiers.dossier_lock(dossier_id=parent.dossier_id)
        order = DerivationOrder.objects.select_for_update().get(pk=order_id)
        if order.state in {WorkState.DONE, WorkState.FAILED}:
            return
        child = _deposited(order, parent, stored, at) if order.lasting else None
        known = Derivation.objects.filter(record_id=child.id).first() if child else None
        row = known or Derivation.objects.create(
            subject=f"record:{parent.id}",
            dossier_id=parent.dossier_id,
            parent_id=parent.id,
            parent_sha256=parent.file.sha256,
            record_id=child.id if child else None,
            file_id=stored.id,
            sha256=stored.sha256,
            size=stored.size,
            recipe=order.recipe,
            tool=workshop.tool(),
            use=order.use,
            reason=order.reason,
            access_id=order.access_id,
            made_by=order.ordered_by,
            made_by_name=order.ordered_by_name,
            at=at,
        )
        if known is None:
            (DERIVED if order.lasting else COPIED).kept(row, at=at)
        # The same thing made twice is one thing; the second order points nowhere of its own.
        order.made = None if known is not None else row
        order.state, order.percent, order.finished_at = WorkState.DONE, 100, at
        order.save(update_fields=["made", "state", "percent", "finished_at"])


def _deposited(order: DerivationOrder, parent: RecordView, stored: FileRef, at: datetime) -> RecordView:
    clip = order.recipe.get("clip")
    start = parent.captured_at + timedelta(milliseconds=clip[0]) if clip else parent.captured_at
    end = (
        min(parent.ended_at, parent.captured_at + timedelta(milliseconds=clip[1]))
        if clip
        else parent.ended_at
    )
    person = order.ordered_by.removeprefix("person:")
    by = Actor(
        account_id=None,
        person_id=int(person) if person.isdecimal() else None,
        name=order.ordered_by_name,
        body_id=0,
        unit_id=None,
    )
    return record_deposit(
        dossier_id=parent.dossier_id,
        act=parent.act,
        kind=parent.kind,
        file_id=stored.id,
        captured_at=min(start, max(end, parent.captured_at)),
        ended_at=max(end, start),
        device=parent.device,
        device_clock_offset_s=parent.device_clock_offset_s,
        operator_id=parent.operator_id,
        place=parent.place,
        step=parent.step,
        evidence_kind=parent.evidence_kind if parent.kind == RecordKind.EVIDENCE else "",
        source=parent.source,
        title=order.title,
        purpose=parent.purpose,
        note=f"由“{parent.title}”制成：{recipes.told(order.recipe)}。事由：{order.reason}"[:500],
        derived_from=parent.id,
        by=by,
        at=at,
    )


# --- reads -------------------------------------------------------------------------------------------


def order_view(row: DerivationOrder) -> OrderView:
    made = row.made
    return OrderView(
        id=row.pk,
        record_id=row.record_id,
        dossier_id=row.record.dossier_id,
        lasting=row.lasting,
        title=row.title,
        how=recipes.told(row.recipe),
        use=Use(row.use),
        reason=row.reason,
        ordered_by=row.ordered_by,
        ordered_by_name=row.ordered_by_name,
        ordered_at=row.ordered_at,
        state=WorkState(row.state),
        percent=row.percent,
        error=row.error,
        finished_at=row.finished_at,
        made_record_id=made.record_id if made else None,
        sha256=made.sha256 if made else "",
        size=made.size if made else None,
    )


def orders(record_id: int, *, limit: int = 50) -> list[OrderView]:
    """Derivatives and copies ordered of a record, newest first."""
    rows = DerivationOrder.objects.filter(record_id=record_id).select_related("record", "made")
    return [order_view(row) for row in rows.order_by("-pk")[:limit]]


def origin(record_id: int) -> tuple[RecordView, Derivation] | None:
    """Of a derivative: its parent and how it was made; ``None`` for an original."""
    row = Derivation.objects.filter(record_id=record_id).select_related("parent").first()
    if row is None or row.parent_id is None:
        return None
    return as_view(record_rows().get(pk=row.parent_id)), row


def copy_fetched(*, order_id: int, by: Actor, at: datetime, address: str = "") -> Opened:
    """Hand out a finished marked copy to who ordered it; the right is looked at again, the look noted."""
    order = (
        DerivationOrder.objects.filter(pk=order_id, lasting=False, ordered_by=by.label)
        .select_related("made__file", "record")
        .first()
    )
    if order is None or order.made is None or order.finished_at is None or order.finished_at + COPY_KEPT < at:
        raise OrderNotFound()
    row, dossier, found = access_record(
        by=by, record_id=order.record_id, at=at, act="recording:export", purpose=order.reason, address=address
    )
    made = order.made
    if made.file_id is None:
        raise OrderNotFound()
    noted(
        "recording:export",
        f"record:{row.pk}",
        by=by,
        at=at,
        dossier=dossier,
        standing=found,
        purpose=order.reason,
        use=order.use,
        address=address,
        sha256=made.sha256,
    )
    return Opened(record=record(row.pk), file=files.ref(made.file_id), standing=found)


__all__ = [
    "Made",
    "copy_fetched",
    "copy_order",
    "derivative_order",
    "kind_of",
    "mark_text",
    "marked_copy",
    "marked_paper",
    "may_derive",
    "order_view",
    "orders",
    "origin",
    "shape_of",
]

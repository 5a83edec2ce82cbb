"""What this room gives to a dossier's index: evidence, recordings, and why an act was not recorded."""

from __future__ import annotations

from collections.abc import Iterator

from django.db.models import Model

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event, Item, Source
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.recording import duty_queries, notes, queries
from mingzhi.recording.access_models import AccessDecision, AccessRequest, AccessRevocation, Derivation
from mingzhi.recording.choices import AccessKind, Element, RecordKind, Use
from mingzhi.recording.data import RecordView
from mingzhi.recording.models import (
    Excuse,
    ExcuseDecision,
    Expected,
    Note,
    Probe,
    Record,
    Verification,
)
from mingzhi.recording.models_equipment import Booking, BookingEnd, BookingRecord
from mingzhi.recording.recipes import told


def _when(view: RecordView) -> str:
    began, ended = clock.local(view.captured_at), clock.local(view.ended_at)
    return f"{began:%Y-%m-%d %H:%M:%S} 至 {ended:%Y-%m-%d %H:%M:%S}（{view.seconds} 秒）"


def _details(view: RecordView, act: str) -> tuple[tuple[str, str], ...]:
    spoken = "、".join(Element(e).label for e in view.statement if e in Element.values)
    lines = (
        ("类别", view.evidence_kind_label or view.kind_label),
        ("执法环节", act),
        ("起止时间", _when(view)),
        ("地点", view.place),
        ("设备", view.device),
        ("设备时钟误差", f"{view.device_clock_offset_s} 秒" if view.device_clock_offset_s else ""),
        ("记录人", view.operator_name),
        ("来源", view.source_label),
        ("全程记录", "是" if view.full else "否" if view.kind == RecordKind.RECORDING else ""),
        ("中断说明", view.interruption),
        ("语音说明", spoken),
        ("证明目的", view.purpose),
        ("备注", view.note),
        ("原文件名", view.file.name),
        ("文件大小", f"{view.file.size:,} 字节"),
        ("SHA-256", view.file.sha256),
        ("SM3", view.file.sm3),
    )
    return tuple((label, value) for label, value in lines if value)


def _items(dossier_id: int) -> Iterator[Item]:
    """Originals only: a clip or a masked copy is made for a use and points to its original."""
    body = _body(dossier_id)
    names: dict[str, str] = {}

    def act(code: str, on: object) -> str:
        if code and code not in names:
            rule = catalogue.recording_rule(body=body, act=code, on=on)  # type: ignore[arg-type]
            names[code] = rule.label or rule.act
        return names.get(code, "")

    for view in queries.records(dossier_id):
        if view.derived_from_id is not None:
            continue
        on = clock.local_date(view.captured_at)
        yield Item(
            code=view.kind.upper(),
            subject=f"record:{view.id}",
            title=view.title,
            on=on,
            moment=view.captured_at,
            volume="main",
            file_id=view.file.id,
            sha256=view.file.sha256,
            size=view.file.size,
            media_type=view.file.media_type,
            details=_details(view, act(view.act, on)),
            link=f"record:{view.id}",
        )
    for excuse in duty_queries.excuses(dossier_id):
        on = clock.local_date(excuse.at)
        lines = (
            ("执法环节", act(excuse.act, on)),
            ("情形", excuse.ground_label),
            ("具体理由", excuse.reason),
            ("中断的记录", excuse.record_title),
            ("批准人", excuse.approved_by_name),
            ("不予批准", f"{excuse.refused_by_name}：{excuse.opinion}" if excuse.refused_by_name else ""),
            ("审批情况", "尚未审批" if excuse.waiting else ""),
        )
        yield Item(
            code="EXCUSE",
            subject=f"excuse:{excuse.id}",
            title=f"{'音像记录中断' if excuse.record_id else '未作音像记录'}的说明（{act(excuse.act, on)}）",
            on=on,
            moment=excuse.at,
            volume="main",
            details=tuple((a, b) for a, b in lines if b),
        )


def _body(dossier_id: int) -> object:
    body_id = dossiers.Dossier.objects.values_list("body_id", flat=True).get(pk=dossier_id)
    return organisations.body(body_id)


def _events(dossier_id: int) -> Iterator[Event]:
    noted = notes.notes_on(dossier_id)
    for view in queries.records(dossier_id):
        act = f"{'存入' if view.derived_from_id is None else '制作副本'}{view.kind_label}《{view.title}》"
        yield Event(view.deposited_at, act, view.deposited_by, view.operator_name, f"record:{view.id}")
        if view.verification is not None:
            found = view.verification
            act = f"核实证据《{view.title}》：{'属实' if found.genuine else '不属实'}"
            yield Event(found.at, act, found.by, found.name, f"record:{view.id}", found.finding)
        for note in noted.get(view.id, ()):
            act = f"标注《{view.title}》{note.clock} 处"
            yield Event(note.at, act, note.by, note.by_name, f"record-note:{note.id}", note.text)
    yield from _looks(dossier_id)


def _looks(dossier_id: int) -> Iterator[Event]:
    """Who asked to look, what was answered and taken back, and what was made from a record."""
    asked = AccessRequest.objects.filter(dossier_id=dossier_id).select_related("decision", "revocation")
    for row in asked.order_by("pk"):
        act = f"申请{AccessKind(row.kind).label}（{row.number}）"
        by = f"person:{row.asked_by_id}"
        why = f"{Use(row.use).label} {row.reason}".strip()
        yield Event(row.at, act, by, row.asked_by_name, f"access:{row.pk}", why)
        answer, taken = getattr(row, "decision", None), getattr(row, "revocation", None)
        if answer is not None:
            act = f"{'批准' if answer.approved else '不予批准'}{AccessKind(row.kind).label}（{row.number}）"
            by, name = f"person:{answer.decided_by_id}", answer.decided_by_name
            yield Event(answer.at, act, by, name, f"access-decision:{answer.pk}", answer.reason)
        if taken is not None:
            by, name = f"person:{taken.revoked_by_id}", taken.revoked_by_name
            act = f"收回或者撤回{AccessKind(row.kind).label}（{row.number}）"
            yield Event(taken.at, act, by, name, f"access-revocation:{taken.pk}", taken.reason)
    for made in Derivation.objects.filter(dossier_id=dossier_id).order_by("pk"):
        act = f"{'制成衍生件' if made.record_id else '制成水印副本'}（{told(made.recipe)}）"
        yield Event(made.at, act, made.made_by, made.made_by_name, f"derivation:{made.pk}", made.reason)


def _subjects(dossier_id: int) -> Iterator[str]:
    tables: tuple[tuple[type[Model], str, str], ...] = (
        (Record, "record", "dossier_id"),
        (Excuse, "excuse", "dossier_id"),
        (Verification, "verification", "record__dossier_id"),
        (ExcuseDecision, "excuse-decision", "excuse__dossier_id"),
        (Expected, "expected", "dossier_id"),
        (Probe, "probe", "record__dossier_id"),
        (Note, "record-note", "record__dossier_id"),
        (Booking, "booking", "dossier_id"),
        (BookingEnd, "booking-end", "booking__dossier_id"),
        (BookingRecord, "booking-record", "record__dossier_id"),
        (AccessRequest, "access", "dossier_id"),
        (AccessDecision, "access-decision", "request__dossier_id"),
        (AccessRevocation, "access-revocation", "request__dossier_id"),
        (Derivation, "derivation", "dossier_id"),
    )
    for model, prefix, path in tables:
        for pk in (
            model._default_manager.filter(**{path: dossier_id}).order_by("pk").values_list("pk", flat=True)
        ):
            yield f"{prefix}:{pk}"


#: Where a file of a dossier's records may stand: table, column of the file, way to the dossier.
_PLACES: tuple[tuple[type[Model], str, str], ...] = (
    (Record, "file_id", "dossier_id"),
    (Derivation, "file_id", "dossier_id"),
    (Probe, "thumb_id", "record__dossier_id"),
    (Probe, "wave_id", "record__dossier_id"),
)


def _holders(file_ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    for model, column, path in _PLACES:
        rows = model._default_manager.filter(**{f"{column}__in": file_ids})
        for file_id, dossier_id in rows.values_list(column, path):
            found.setdefault(file_id, set()).add(dossier_id)
    return found


def _copies(dossier_id: int) -> Iterator[int]:
    """Originals, derivatives, marked copies that are kept, thumbnails and waveforms."""
    for model, column, path in _PLACES:
        rows = model._default_manager.filter(**{path: dossier_id, f"{column}__isnull": False})
        yield from rows.values_list(column, flat=True)


def register() -> None:
    dossiers.register_source(Source("recording", _items, _events, _subjects, _holders, copies=_copies))

"""Ledger kinds of the publication room. Payloads are computed from the live rows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from mingzhi.kernel import canonical
from mingzhi.ledger import api as ledger
from mingzhi.publication.choices import EventKind
from mingzhi.publication.models import Event, Intake


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
        "reason": event.reason,
        "basis": event.basis,
        "version": event.version.no if event.version else None,
        "public_sha256": canonical.digest(event.version.content) if event.version else None,
        "published_at": event.version.published_at if event.version else None,
        "snapshot_sha256": canonical.digest(event.snapshot.content) if event.snapshot else None,
    }


def _events(kind: str) -> Iterator[tuple[str, dict[str, Any]]]:
    rows = Event.objects.filter(kind=kind).select_related("disclosure", "version", "snapshot").order_by("pk")
    for event in rows.iterator(chunk_size=2000):
        yield event_subject(event), event_payload(event)


def _event_payload_of(subject: str) -> dict[str, Any] | None:
    pk = int(subject.rpartition(":")[2])
    event = Event.objects.select_related("disclosure", "version", "snapshot").filter(pk=pk).first()
    return event_payload(event) if event else None


def intake_payload(intake: Intake) -> dict[str, Any]:
    """The citizen's words are personal: only their digest is committed to."""
    return {
        "number": intake.number,
        "kind": intake.kind,
        "body": intake.body_id,
        "received_at": intake.received_at,
        "words_sha256": canonical.digest([intake.title, intake.text, intake.place]),
    }


def _intake_payload_of(subject: str) -> dict[str, Any] | None:
    intake = Intake.objects.filter(pk=int(subject.rpartition(":")[2])).first()
    return intake_payload(intake) if intake else None


def _intakes() -> Iterator[tuple[str, dict[str, Any]]]:
    for intake in Intake.objects.order_by("pk").iterator(chunk_size=2000):
        yield f"intake:{intake.pk}", intake_payload(intake)


def register() -> None:
    for kind in EventKind:
        ledger.register(
            ledger.Kind(
                name=f"publication:disclosure:{kind.value}",
                version=1,
                sentence=str(kind.label),
                personal=(),
                payload_of=_event_payload_of,
                rows=lambda kind=kind: _events(kind.value),  # type: ignore[misc]
            )
        )
    ledger.register(
        ledger.Kind(
            name="publication:intake:received",
            version=1,
            sentence="收到公众来件",
            personal=(),
            payload_of=_intake_payload_of,
            rows=_intakes,
        )
    )

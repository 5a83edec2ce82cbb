"""Who may look at a record's content, and why: the one gate (R090, R099).

Who handles the case reads at once: the need is the case. So does who supervises it. Others of the same
body see that a record is there and must ask; for other bodies it does not exist.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Q, QuerySet

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.access_models import AccessRequest
from mingzhi.recording.choices import AccessKind, Need, Use
from mingzhi.recording.data import Standing
from mingzhi.recording.errors import AccessNeeded, PurposeRequired, RecordNotFound
from mingzhi.recording.models import Record
from mingzhi.tasks import api as tasks

TASK = "custody.decide"
ANSWERED = "custody.answered"
"""The notice to who asked; closed when it is read."""
"""The approver's to-do; it gives nobody a need of the case."""


def in_force(at: datetime) -> Q:
    """Requests that were approved, have not ended and were not taken back."""
    return Q(decision__approved=True, decision__expires_at__gt=at, revocation=None)


def grants(by: Actor, dossier_id: int, at: datetime, kind: str = AccessKind.VIEW) -> QuerySet[AccessRequest]:
    """This person's grants on a dossier that are in force."""
    if by.person_id is None:
        return AccessRequest.objects.none()
    return AccessRequest.objects.filter(
        in_force(at), asked_by_id=by.person_id, dossier_id=dossier_id, kind=kind
    ).order_by("-decision__expires_at")


def standing(by: Actor, dossier: Dossier, at: datetime, record_id: int | None = None) -> Standing | None:
    """Why this person may look into ``dossier`` (or one record of it) now; ``None``: must ask first.

    ``dossier`` comes from ``dossiers.access_dossier``: recused people and other bodies never get here.
    """
    own = by.body_id == dossier.body_id
    if own and by.person_id is not None:
        hands = {m.role for m in dossiers.members(dossier.pk) if m.person_id == by.person_id and m.active}
        if hands:
            return Standing(Need.CASE, Use.CASE)
        if by.may(Permission.CASE_UNIT_CHECK) and by.unit_id == dossier.unit_id:
            return Standing(Need.UNIT, Use.CASE)
        if by.may(Permission.CASE_APPROVE) or by.may(Permission.CASE_DEPUTY_APPROVE):
            return Standing(Need.LEADER, Use.CASE)
        # A to-do on the case is a hand in it: the reviewer's before acceptance, the collector's.
        if tasks.tasks_mine(by).filter(dossier_id=dossier.pk).exclude(kind__in=(TASK, ANSWERED)).exists():
            return Standing(Need.CASE, Use.CASE)
    if by.may(Permission.SUPERVISE_READ) and organisations.in_scope(by, Permission.SUPERVISE_READ).covers(
        dossier.body_id
    ):
        return Standing(Need.SUPERVISOR, Use.SUPERVISION)
    if by.person_id is None:
        return None
    wanted = Q(record=None) if record_id is None else Q(record=None) | Q(record_id=record_id)
    grant = grants(by, dossier.pk, at).filter(wanted).select_related("decision").first()
    if grant is not None:
        return Standing(Need.GRANT, Use(grant.use), grant.pk, grant.number, grant.decision.expires_at)
    return None


def records_granted(
    by: Actor, dossier_id: int, at: datetime, kind: str = AccessKind.VIEW
) -> dict[int | None, str]:
    """Records of the dossier for which this person holds a grant, with its use; under ``None`` the whole."""
    return dict(grants(by, dossier_id, at, kind).values_list("record_id", "use"))


def access_dossier_content(
    *, by: Actor, dossier: Dossier, subject: str, at: datetime, act: str, address: str = ""
) -> Standing:
    """Leave to look into the dossier as a whole, or ``AccessNeeded`` with the try on record."""
    found = standing(by, dossier, at)
    if found is None:
        ledger.attempt(
            act,
            subject,
            by=by.label,
            at=at,
            outcome="denied",
            detail={"dossier": dossier.pk, "body": dossier.body_id},
            address=address,
        )
        raise AccessNeeded()
    return found


def access_record(
    *, by: Actor, record_id: int, at: datetime, act: str, purpose: str = "", address: str = ""
) -> tuple[Record, Dossier, Standing]:
    """The only way to a record's content. A refusal stays on record, whatever the work does.

    Raises ``RecordNotFound`` (also for dossiers out of reach) and ``AccessNeeded``.
    """
    row = Record.objects.filter(pk=record_id).first()
    subject = f"record:{record_id}"
    try:
        if row is None:
            raise RecordNotFound()
        dossier = dossiers.access_dossier(by, row.dossier_id, Permission.CASE_READ)
    except NotFound:
        ledger.attempt(act, subject, by=by.label, at=at, outcome="denied", purpose=purpose, address=address)
        raise RecordNotFound() from None
    found = standing(by, dossier, at, record_id)
    if found is None:
        ledger.attempt(
            act,
            subject,
            by=by.label,
            at=at,
            outcome="denied",
            purpose=purpose,
            detail={"dossier": dossier.pk, "body": dossier.body_id},
            address=address,
        )
        raise AccessNeeded()
    return row, dossier, found


def stated(use: str, words: str) -> str:
    """The purpose as it stands in the second log: the kind of use, and the words where there are any.

    Raises ``PurposeRequired`` when neither says what for.
    """
    words = words.strip()
    if use not in Use.values:
        if not words:
            raise PurposeRequired(fields={"purpose": ["请填写调阅用途"]})
        return words[:200]
    if use == Use.OTHER and not words:
        raise PurposeRequired(fields={"purpose": ["用途为“其他”的，请写明具体用途"]})
    label = str(Use(use).label)
    return f"{label}：{words}"[:200] if words and words != label else label


def noted(
    act: str,
    subject: str,
    *,
    by: Actor,
    at: datetime,
    dossier: Dossier,
    standing: Standing,
    purpose: str,
    use: str = "",
    address: str = "",
    **detail: object,
) -> None:
    """One look in the second log, with what the custody chain and the statistics need."""
    ledger.attempt(
        act,
        subject,
        by=by.label,
        at=at,
        purpose=purpose,
        detail={
            "dossier": dossier.pk,
            "body": dossier.body_id,
            "use": use if use in Use.values else str(standing.use),
            "need": str(standing.need),
            **({"access": standing.number} if standing.number else {}),
            **detail,
        },
        address=address,
    )

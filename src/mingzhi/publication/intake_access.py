"""Who may see what of an intake: one gate, one filter for lists, and the seal on who sent it.

A complaint never reaches the unit or the person complained of, whatever rights they hold: to them it
does not exist. When somebody asks that unit for its account, its people (but never the person
complained of) see the masked extract they were sent and nothing else. Until the complaint was taken
up and its target named, only those who take intakes up see it. Names and contacts are on no page, and the words of complaints and reports are shown without them:
whoever needs them says what for, and each look, granted or refused, is kept (docs/decisions/0021).
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from django.db.models import Exists, F, OuterRef, Q, QuerySet

from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import redact
from mingzhi.publication.choices import AGAINST, DISCLOSED, SHELTERED, IntakeKind, IntakeState, IntakeStepKind
from mingzhi.publication.data_intake import IntakeIdentity
from mingzhi.publication.models import Intake
from mingzhi.publication.models_intake import IntakeStep

#: Any of these brings somebody to the list of intakes; which ones are there is the gate's affair.
ENTER = frozenset(
    {
        Permission.CASE_APPROVE,
        Permission.CASE_DEPUTY_APPROVE,
        Permission.DISCLOSURE_COLLECT,
        Permission.INTAKE_HANDLE,
        Permission.INTAKE_MANAGE,
        Permission.SUPERVISE_READ,
    }
)
LEADERS = frozenset({Permission.CASE_APPROVE, Permission.CASE_DEPUTY_APPROVE})


class Sight(StrEnum):
    """How much of an intake somebody sees."""

    WHOLE = "whole"  # who takes it up
    HANDLING = "handling"  # the charged unit or person
    READING = "reading"  # leaders and supervisors: likewise, and no work on it
    ASKED = "asked"  # the unit complained of: the extract that it was sent


def concerned(by: Actor, row: Intake) -> bool:
    """Whether it is ``by`` or the own unit that is complained of."""
    if row.kind not in AGAINST:
        return False
    person = row.about_person_id is not None and row.about_person_id == by.person_id
    unit = row.about_unit_id is not None and row.about_unit_id == by.unit_id
    return person or unit


def sight(by: Actor, row: Intake) -> Sight | None:
    """How much ``by`` sees of ``row``; None: it does not exist for this person."""
    own = by.body_id == row.body_id
    if concerned(by, row):
        asked = own and by.may(Permission.INTAKE_HANDLE) and row.about_person_id != by.person_id
        return Sight.ASKED if asked and row.steps.filter(**_asked_of(by)).exists() else None
    if own and by.may(Permission.INTAKE_MANAGE):
        return Sight.WHOLE
    if own and row.kind in DISCLOSED and by.may(Permission.DISCLOSURE_COLLECT):
        return Sight.WHOLE
    settled = row.kind not in AGAINST or row.state != IntakeState.RECEIVED or _confirmed(row)
    if own and settled and by.may(Permission.INTAKE_HANDLE) and _charged(by, row):
        return Sight.HANDLING
    if own and settled and by.permissions & LEADERS:
        return Sight.READING
    if organisations.in_scope(by, Permission.SUPERVISE_READ).covers(row.body_id):
        return Sight.READING
    return None


def _confirmed(row: Intake) -> bool:
    """Whether a person who proposes to decline it stood by whom it is about."""
    return named_here(row) and row.steps.filter(kind=IntakeStepKind.DECLINE_DRAFTED).exists()


def named_here(row: Intake) -> bool:
    """Whether it is known which unit or person of the body that has the letter it is about."""
    return any(
        about is not None and about.body_id == row.body_id for about in (row.about_unit, row.about_person)
    )


def _charged(by: Actor, row: Intake) -> bool:
    if row.handler_id is not None and row.handler_id == by.person_id:
        return True
    in_unit = row.unit_id is not None and row.unit_id == by.unit_id
    return in_unit and (row.handler_id is None or by.may(Permission.CASE_UNIT_CHECK))


def _asked_of(by: Actor) -> dict[str, object]:
    return {"kind": IntakeStepKind.ASKED, "unit_id": by.unit_id}


def visible(by: Actor) -> QuerySet[Intake]:
    """Every intake of which ``by`` sees anything: the same rule as ``sight``, for the database."""
    return Intake.objects.filter(_readable(by) | _asked(by))


def readable(by: Actor) -> QuerySet[Intake]:
    """Those of which ``by`` sees more than the extract that the own unit was sent."""
    return Intake.objects.filter(_readable(by))


def _readable(by: Actor) -> Q:
    own = Q(body_id=by.body_id)
    drafted = IntakeStep.objects.filter(intake=OuterRef("pk"), kind=IntakeStepKind.DECLINE_DRAFTED)
    named = Q(about_unit__body=F("body")) | Q(about_person__body=F("body"))
    settled = ~Q(kind__in=AGAINST, state=IntakeState.RECEIVED) | (named & Q(Exists(drafted)))
    found = Q(pk__in=())
    if by.may(Permission.INTAKE_MANAGE):
        found |= own
    if by.may(Permission.DISCLOSURE_COLLECT):
        found |= own & Q(kind__in=DISCLOSED)
    if by.may(Permission.INTAKE_HANDLE):
        charged = Q(handler_id=by.person_id) if by.person_id is not None else Q(pk__in=())
        if by.unit_id is not None:
            unit = Q(unit_id=by.unit_id)
            charged |= unit if by.may(Permission.CASE_UNIT_CHECK) else unit & Q(handler__isnull=True)
        found |= own & settled & charged
    if by.permissions & LEADERS:
        found |= own & settled
    found |= organisations.in_scope(by, Permission.SUPERVISE_READ).filter("body")
    mine = Q(pk__in=())
    if by.person_id is not None:
        mine |= Q(kind__in=AGAINST, about_person_id=by.person_id)
    if by.unit_id is not None:
        mine |= Q(kind__in=AGAINST, about_unit_id=by.unit_id)
    return found & ~mine


def _asked(by: Actor) -> Q:
    if by.unit_id is None or not by.may(Permission.INTAKE_HANDLE):
        return Q(pk__in=())
    sent = IntakeStep.objects.filter(intake=OuterRef("pk"), **_asked_of(by))
    asked = Q(body_id=by.body_id, kind__in=AGAINST, about_unit_id=by.unit_id) & Q(Exists(sent))
    if by.person_id is not None:
        asked &= Q(about_person__isnull=True) | ~Q(about_person_id=by.person_id)
    return asked


def access_intake(by: Actor, intake_id: int) -> tuple[Intake, Sight]:
    """The only way to an intake. ``NotFound`` for another body's and for what is about oneself."""
    row = Intake.objects.select_related("disclosure__dossier", "unit", "handler").filter(pk=intake_id).first()
    seen = sight(by, row) if row is not None else None
    if row is None or seen is None:
        raise NotFound
    return row, seen


def _sender(row: Intake) -> dict[str, list[str]]:
    """The sender's name, given or written into the text, and contact: hidden whole, since a rare surname
    tells enough to whoever is complained of."""
    return {"secrets": sorted({row.contact_name, row.contact, *redact.self_named(row.text)} - {""})}


def known_of(row: Intake) -> dict[str, list[str]]:
    """What the masking must know: whatever tells the sender, and the names that the words give away."""
    return {"names": sorted(redact.guess_names(row.text)), **_sender(row)}


#: What a report is about and whoever handles it needs: not the sender's, so it stays readable.
_OF_THE_OFFENCE = frozenset({"address", "plate"})


def masked(row: Intake, text: str) -> str:
    """``text`` without the sender's name and contact and without anybody's personal data; in a report the
    suspects, places and vehicles that it tells of stay."""
    if row.kind == IntakeKind.REPORT:
        spans = redact.find(text, **_sender(row), guess=False)
        return redact.apply(text, [s for s in spans if s.kind not in _OF_THE_OFFENCE])
    return redact.redact(text, **known_of(row)).masked


def shown(row: Intake, text: str) -> str:
    """``text`` as it stands on a page: a sheltered sender cannot be told from it by anybody."""
    return masked(row, text) if row.kind in SHELTERED else text


def target_shown(row: Intake) -> str:
    """Whom it is about, in the citizen's words: the names there are needed, the sender's are not."""
    spans = redact.find(row.against, **_sender(row), guess=False)
    return redact.apply(row.against, [s for s in spans if s.kind in ("name", "secret", "mobile")])


def may_unseal(by: Actor, row: Intake, seen: Sight) -> bool:
    """Who may look at the sender's name and contact, and at the files: a sheltered one's only with the
    named permission; of the other kinds whoever works on it, to answer."""
    if row.anonymous or by.body_id != row.body_id or seen not in (Sight.WHOLE, Sight.HANDLING):
        return False
    return row.kind not in SHELTERED or by.may(Permission.INTAKE_UNSEAL)


def may_open_files(by: Actor, row: Intake, seen: Sight) -> bool:
    """A sheltered sender's files can tell who it is as well as a name does."""
    if by.body_id != row.body_id or seen not in (Sight.WHOLE, Sight.HANDLING):
        return False
    return row.kind not in SHELTERED or by.may(Permission.INTAKE_UNSEAL)


def intake_unseal(
    *, intake_id: int, purpose: str, address: str = "", by: Actor, at: datetime
) -> IntakeIdentity:
    """The sender's name and contact and the words as they were written, once, for a purpose. Granted or
    refused, the look is kept."""
    row, seen = access_intake(by, intake_id)
    if len(purpose.strip()) < 4:
        raise Invalid(fields={"purpose": ["请填写查看来件人身份的用途，至少四个字"]})
    allowed = may_unseal(by, row, seen)
    ledger.attempt(
        "intake:identity",
        f"intake:{row.pk}",
        by=by.label,
        at=at,
        outcome="ok" if allowed else "denied",
        purpose=purpose.strip()[:200],
        address=address,
    )
    if not allowed:
        raise NotAllowed(
            "您不能查看该来件人的身份",
            remedy="确因工作需要的，由投诉举报专管员查看并转达",
            code="intake.sealed",
        )
    return IntakeIdentity(name=row.contact_name, contact=row.contact, text=row.text)

"""Reads of custody: requests and where they stand, the chain of an object, who looks at what for what."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import MemberRole
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.access_models import AccessRequest, Derivation, PlaySession
from mingzhi.recording.choices import AccessKind, AccessState, Need, Use
from mingzhi.recording.data import AccessView, Link
from mingzhi.recording.errors import AccessNotFound
from mingzhi.recording.recipes import told

ACTS: dict[str, str] = {
    "recording:view": "查阅",
    "recording:play": "播放",
    "recording:download": "下载水印副本",
    "recording:original": "导出原件",
    "recording:export": "取走水印副本",
    "recording:derive": "制作衍生件",
    "paper:viewed": "查阅",
    "paper:downloaded": "下载",
}
"""Acts of the second log that are looks at an object, as a person reads them."""
_OTHERS = {"custody:viewed": "查看保管链"}


def state_of(row: AccessRequest, at: datetime) -> AccessState:
    """Where a request stands at a moment; derived, never stored."""
    if getattr(row, "revocation", None) is not None:
        return AccessState.REVOKED
    decision = getattr(row, "decision", None)
    if decision is None:
        return AccessState.PENDING
    if not decision.approved:
        return AccessState.REFUSED
    return AccessState.APPROVED if decision.expires_at > at else AccessState.EXPIRED


def may_decide(row: AccessRequest, dossier: Dossier, by: Actor) -> bool:
    """The dossier's unit head or a leader of its body, and never who asked."""
    if by.person_id is None or by.person_id == row.asked_by_id or by.body_id != dossier.body_id:
        return False
    heads = by.may(Permission.CASE_UNIT_CHECK) and by.unit_id == dossier.unit_id
    return heads or by.may(Permission.CASE_APPROVE)


def _rows() -> QuerySet[AccessRequest]:
    return AccessRequest.objects.select_related("dossier", "record", "decision", "revocation")


def access_view(row: AccessRequest, by: Actor, at: datetime) -> AccessView:
    state = state_of(row, at)
    decision, revocation = getattr(row, "decision", None), getattr(row, "revocation", None)
    able = may_decide(row, row.dossier, by)
    own = by.person_id is not None and row.asked_by_id == by.person_id
    return AccessView(
        id=row.pk,
        number=row.number,
        kind=AccessKind(row.kind),
        dossier_id=row.dossier_id,
        dossier_number=row.dossier.number,
        dossier_title=row.dossier.title,
        record_id=row.record_id,
        record_title=row.record.title if row.record else "",
        use=Use(row.use),
        reason=row.reason,
        days=row.days,
        asked_by_id=row.asked_by_id,
        asked_by_name=row.asked_by_name,
        asked_at=row.at,
        state=state,
        decided_by_name=decision.decided_by_name if decision else "",
        decided_at=decision.at if decision else None,
        decision_reason=decision.reason if decision else "",
        expires_at=decision.expires_at if decision else None,
        revoked_by_name=revocation.revoked_by_name if revocation else "",
        revoked_at=revocation.at if revocation else None,
        revocation_reason=revocation.reason if revocation else "",
        may_decide=able and state == AccessState.PENDING,
        may_revoke=(able and state == AccessState.APPROVED)
        or (own and state in {AccessState.PENDING, AccessState.APPROVED}),
    )


def access_dossier_of(by: Actor, request_id: int) -> tuple[AccessRequest, Dossier]:
    """A request and its dossier, for who asked, who may answer, and who supervises; else not there."""
    row = _rows().filter(pk=request_id).first()
    if row is None:
        raise AccessNotFound()
    try:
        dossier = dossiers.access_dossier(by, row.dossier_id)
    except NotFound:
        raise AccessNotFound() from None
    own = by.person_id is not None and row.asked_by_id == by.person_id
    answers = by.person_id is not None and by.body_id == dossier.body_id and _answers(dossier, by)
    if not (own or answers or by.may(Permission.SUPERVISE_READ)):
        raise AccessNotFound()
    return row, dossier


def _answers(dossier: Dossier, by: Actor) -> bool:
    heads = by.may(Permission.CASE_UNIT_CHECK) and by.unit_id == dossier.unit_id
    return heads or by.may(Permission.CASE_APPROVE)


def access_of(by: Actor, request_id: int, at: datetime) -> AccessView:
    row, _dossier = access_dossier_of(by, request_id)
    return access_view(row, by, at)


def access_requests(
    by: Actor, at: datetime, *, mine: bool, before: int | None = None, limit: int = 50
) -> list[AccessView]:
    """Requests of this person (``mine``), or those this person answers or supervises; newest first."""
    rows = _rows().filter(dossier__in=dossiers.dossiers_for(by)).order_by("-pk")
    if mine:
        rows = rows.filter(asked_by_id=by.person_id or 0)
    else:
        seen = Q(pk__in=[])
        if by.may(Permission.CASE_UNIT_CHECK) and by.unit_id is not None:
            seen |= Q(dossier__unit_id=by.unit_id, dossier__body_id=by.body_id)
        if by.may(Permission.CASE_APPROVE):
            seen |= Q(dossier__body_id=by.body_id)
        if by.may(Permission.SUPERVISE_READ):
            seen |= organisations.in_scope(by, Permission.SUPERVISE_READ).filter("dossier__body")
        rows = rows.filter(seen)
    if before is not None:
        rows = rows.filter(pk__lt=before)
    return [access_view(row, by, at) for row in rows[:limit]]


# --- the chain -----------------------------------------------------------------------------------


def may_see_chain(by: Actor, dossier: Dossier) -> bool:
    """Who is told who looked: the dossier's lead, its unit head, the body's leaders, its supervisors."""
    if by.may(Permission.SUPERVISE_READ) and organisations.in_scope(by, Permission.SUPERVISE_READ).covers(
        dossier.body_id
    ):
        return True
    if by.body_id != dossier.body_id or by.person_id is None:
        return False
    leads = dossiers.members(dossier.pk, [MemberRole.LEAD])
    return _answers(dossier, by) or any(m.person_id == by.person_id and m.active for m in leads)


def chain(subject: str, *, record_id: int | None = None, limit: int = 500) -> list[Link]:
    """Everything on record about one object, oldest first: facts of the ledger, looks of the second log,
    requests for it, and what was made from it. At most ``limit`` of the latest looks."""
    looks = ledger.attempts(subject=subject, limit=limit)
    sittings = {
        s.pk: s for s in PlaySession.objects.filter(pk__in=_sittings(looks)).select_related("record__file")
    }
    made = list(Derivation.objects.filter(subject=subject).order_by("pk")[:limit])
    asked = list(_rows().filter(record_id=record_id).order_by("pk")[:limit]) if record_id is not None else []
    people = organisations.persons(
        int(label.removeprefix("person:"))
        for label in {
            *(a.by for a in looks),
            *(m.made_by for m in made),
            *(f"person:{r.asked_by_id}" for r in asked),
        }
        if label.startswith("person:") and label.removeprefix("person:").isdecimal()
    )

    def who(label: str) -> tuple[str, str]:
        known = people.get(int(label[7:])) if label.startswith("person:") and label[7:].isdecimal() else None
        return (known.name, known.unit_name) if known else ("系统" if label == "system" else label, "")

    links = [
        Link(at=e.at, who="", unit="", what=e.sentence, entry_id=e.id) for e in ledger.entries_of(subject)
    ]
    for look in looks:
        name, unit = who(look.by)
        links.append(
            Link(
                at=look.at,
                who=name,
                unit=unit,
                what=(ACTS | _OTHERS).get(look.act, look.act),
                purpose=look.purpose,
                outcome={"ok": "", "denied": "未获准许", "failed": "未成功"}[look.outcome],
                note=_look_note(look.detail, sittings),
            )
        )
    for row in made:
        name, unit = who(row.made_by)
        links.append(
            Link(
                at=row.at,
                who=name,
                unit=unit,
                what="制成衍生件" if row.record_id else "制成水印副本",
                purpose=row.reason,
                note=f"{told(row.recipe)}；SHA-256 {row.sha256[:16]}…",
            )
        )
    for ask in asked:
        name, unit = who(f"person:{ask.asked_by_id}")
        links.append(
            Link(
                at=ask.at,
                who=name,
                unit=unit,
                what=f"申请{AccessKind(ask.kind).label}",
                purpose=f"{Use(ask.use).label} {ask.reason}".strip(),
                note=ask.number,
            )
        )
    return sorted(links, key=lambda link: link.at)


def _sittings(looks: Iterable[Any]) -> list[int]:
    return [look.detail["sitting"] for look in looks if isinstance(look.detail.get("sitting"), int)]


def _look_note(detail: dict[str, Any], sittings: dict[int, PlaySession]) -> str:
    parts = []
    if detail.get("need") in Need.values:
        parts.append(str(Need(detail["need"]).label))
    if detail.get("access"):
        parts.append(str(detail["access"]))
    sitting = sittings.get(detail.get("sitting", 0))
    if sitting is not None:
        size = sitting.record.file.size or 1
        read = min(100, round(100 * sitting.bytes / size))
        parts.append(f"读取 {sitting.ranges} 次，约 {read}%" if sitting.ranges else "未读取")
    return "，".join(parts)


# --- who looks at what for what ------------------------------------------------------------------


def looks_counted(
    *, since: datetime, until: datetime, body_ids: Iterable[int] | None
) -> dict[str, list[tuple[str, int, int]]]:
    """Looks in a period by use, by person and by object: (name, looks, refused). ``body_ids``: only
    those bodies' objects; ``None``: all."""
    bodies = None if body_ids is None else list(body_ids)
    found: dict[str, list[tuple[str, int, int]]] = {}
    for key in ("use", "by", "subject"):
        rows = ledger.attempts_counted(acts=list(ACTS), since=since, until=until, group=key, bodies=bodies)
        found[key] = [(name, done, refused) for name, done, refused in rows]
    return found

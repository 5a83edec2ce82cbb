"""The verbs on files beside a disclosure: added, taken away, cleared.

Who cleared what the leak check found, and why, stays in the history and the ledger. What the case
itself recorded as not to leave cannot be cleared by anybody.
"""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from mingzhi.files.data import FileRef
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication.attachments import found_in, inspected, known_of
from mingzhi.publication.choices import EventKind, State
from mingzhi.publication.errors import NotClearable
from mingzhi.publication.events import ATTACHMENT
from mingzhi.publication.models import Attachment, Disclosure
from mingzhi.publication.preparing import AnySnapshot
from mingzhi.publication.queries import access_disclosure, current_snapshot
from mingzhi.publication.steps import apart, expect, locked, need_reason, record

MOST = 20
OPEN = (State.SCHEDULED, State.RETURNED)


@transaction.atomic
def attachment_add(*, disclosure_id: int, file: FileRef, by: Actor, at: datetime) -> int:
    """Put a stored file beside the disclosure and look it through. Findings do not refuse it here: the
    collector sees them and decides. Returns the attachment's id."""
    row, snapshot = _open(disclosure_id, by)
    if row.attachments.filter(removed_at__isnull=True).count() >= MOST:
        raise Invalid(fields={"file": [f"公示附件最多 {MOST} 个"]})
    if row.attachments.filter(removed_at__isnull=True, sha256=file.sha256).exists():
        raise Invalid(fields={"file": ["同一文件已经添加"]})
    attachment = Attachment(
        disclosure=row,
        file_id=file.id,
        sha256=file.sha256,
        name=file.name,
        media_type=file.media_type,
        size=file.size,
        added_at=at,
        added_by=by.label,
    )
    attachment.findings = inspected(attachment, known_of(snapshot))
    attachment.save()
    ATTACHMENT.kept(attachment, at=at)
    record(row, EventKind.ATTACHED, reason=f"SHA-256 {file.sha256}", by=by, at=at)
    return attachment.pk


@transaction.atomic
def attachment_remove(*, attachment_id: int, by: Actor, at: datetime) -> None:
    """Take a file away again, before the text goes to the checker."""
    attachment = _attachment(attachment_id)
    row, _snapshot = _open(attachment.disclosure_id, by)
    attachment.removed_at = at
    attachment.save(update_fields=["removed_at"])
    ATTACHMENT.kept(attachment, at=at)
    record(row, EventKind.DETACHED, reason=f"SHA-256 {attachment.sha256}", by=by, at=at)


@transaction.atomic
def attachment_clear(*, attachment_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Let a file with findings pass: a checker who did not add it, with a reason. ``NotClearable`` when it
    holds what the case recorded as not to leave."""
    attachment = _attachment(attachment_id)
    row = locked(access_disclosure(by, attachment.disclosure_id, Permission.DISCLOSURE_CHECK))
    expect(row, (*OPEN, State.COLLECTED), "放行附件")
    need_reason(reason)
    apart(
        attachment.added_by,
        by,
        "sod.adder_is_clearer",
        "附件的添加人不得自行放行",
        "请由另一名公示审核员核对后放行",
    )
    found = found_in(attachment)
    if any(finding.bound for finding in found):
        raise NotClearable
    attachment.cleared_by, attachment.cleared_name, attachment.cleared_at = by.label, by.name[:60], at
    attachment.clear_reason = reason.strip()[:500]
    attachment.save(update_fields=["cleared_by", "cleared_name", "cleared_at", "clear_reason"])
    ATTACHMENT.kept(attachment, at=at)
    kinds = "、".join(dict.fromkeys(f.label for f in found))
    record(
        row,
        EventKind.LEAK_CLEARED,
        reason=f"{kinds}：{reason.strip()}（SHA-256 {attachment.sha256}）",
        by=by,
        at=at,
    )


def _attachment(attachment_id: int) -> Attachment:
    row = Attachment.objects.filter(pk=attachment_id, removed_at__isnull=True).first()
    if row is None:
        raise NotFound
    return row


def _open(disclosure_id: int, by: Actor) -> tuple[Disclosure, AnySnapshot]:

    row = locked(access_disclosure(by, disclosure_id, Permission.DISCLOSURE_COLLECT))
    expect(row, OPEN, "变动附件")
    return row, current_snapshot(row)

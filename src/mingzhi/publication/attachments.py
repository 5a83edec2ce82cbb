"""Files that are public with a decision: what the leak check found in them, and the gate it is.

A file with findings goes nowhere until somebody other than who added it cleared them with a reason
(``attaching``).
"""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import datetime
from typing import Any

from mingzhi.files import api as files
from mingzhi.publication import leaks, preparing
from mingzhi.publication.data import AttachmentView, LeakView
from mingzhi.publication.errors import Leaks
from mingzhi.publication.events import ATTACHMENT
from mingzhi.publication.leaks import Finding, Known
from mingzhi.publication.models import Attachment, Disclosure

MOST_FINDINGS = 200


def known_of(snapshot: preparing.AnySnapshot) -> Known:
    """What the leak check knows of the file's people. The party's own name may stand where it is public."""
    known = preparing.known_of(snapshot)
    return Known(names=known["names"], own=known["own"], keep=known["keep"], secrets=known["secrets"])


def found_in(row: Attachment) -> list[Finding]:
    return [Finding(**one) for one in json.loads(row.findings or "[]")]


def live(row: Disclosure) -> list[Attachment]:
    return list(row.attachments.filter(removed_at__isnull=True).order_by("pk"))


def look_again(row: Disclosure, snapshot: preparing.AnySnapshot, *, at: datetime) -> None:
    """Inspect anew what the decision's newest source says more about; a changed finding is not cleared."""
    for attachment in live(row):
        findings = inspected(attachment, known_of(snapshot))
        if findings != attachment.findings:
            attachment.findings = findings
            attachment.cleared_by = attachment.cleared_name = attachment.clear_reason = ""
            attachment.cleared_at = None
            attachment.save(
                update_fields=["findings", "cleared_by", "cleared_name", "cleared_at", "clear_reason"]
            )
            ATTACHMENT.kept(attachment, at=at)


def refuse_leaks(row: Disclosure) -> None:
    """``Leaks`` while a file beside the disclosure has findings that nobody cleared."""
    blocked = [(a, found) for a in live(row) if (found := found_in(a)) and not a.cleared_by]
    if blocked:
        names = "；".join(
            f"附件 {a.pk}：{'、'.join(dict.fromkeys(f.label for f in found))}" for a, found in blocked
        )
        raise Leaks(count=sum(len(found) for _, found in blocked), names=names)


def listed(row: Disclosure) -> list[dict[str, Any]]:
    """The files as the public text names them."""
    return [
        {"name": a.name, "sha256": a.sha256, "size": a.size, "media_type": a.media_type} for a in live(row)
    ]


def views(row: Disclosure) -> list[AttachmentView]:
    """The files with their findings, for the desk."""
    return [
        AttachmentView(
            id=a.pk,
            file_id=a.file_id,
            name=a.name,
            size=a.size,
            sha256=a.sha256,
            leaks=tuple(LeakView(f.where, f.label, f.text, f.bound) for f in found_in(a)),
            blocked=bool(a.findings) and not a.cleared_by,
            cleared_by=a.cleared_name,
            clear_reason=a.clear_reason,
        )
        for a in live(row)
    ]


def inspected(attachment: Attachment, known: Known) -> str:
    with files.open_file(attachment.file_id) as stream:
        data = stream.read(leaks.MOST_BYTES + 1)
    # What nobody may clear first: it must not fall behind the number that is kept.
    found = sorted(leaks.inspect(attachment.name, data, known), key=lambda one: not one.bound)[:MOST_FINDINGS]
    return json.dumps([asdict(f) for f in found], ensure_ascii=False) if found else ""

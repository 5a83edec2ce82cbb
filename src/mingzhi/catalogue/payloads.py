"""What the ledger commits to of a publication: recomputed from the live rows, so that a changed row shows."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from mingzhi.catalogue import list_rows
from mingzhi.catalogue.choices import ListAct
from mingzhi.catalogue.models import Entry, ListEvent, Publication
from mingzhi.kernel import canonical
from mingzhi.ledger import api as ledger


def content_digest(added: Iterable[Entry], closed: Iterable[Entry]) -> str:
    """Digest of the rows a publication added and of the periods it ended; order does not matter."""
    lines = sorted(
        [
            # A row published with its end is never closed; a closed row was published without one.
            canonical.digest(
                [
                    "+",
                    e.kind,
                    e.scope,
                    e.code,
                    e.name,
                    e.field,
                    e.data,
                    e.valid_from,
                    None if e.closed_by_id else e.valid_to,
                ]
            )
            for e in added
        ]
        + [canonical.digest(["-", e.kind, e.scope, e.code, e.valid_from, e.valid_to]) for e in closed]
    )
    return canonical.digest(lines)


def publication_payload(publication: Publication) -> dict[str, Any]:
    """Payload of ``catalogue:list:published`` from the live rows."""
    return {
        "publication": publication.pk,
        "source": publication.source,
        "added": publication.added,
        "closed": publication.closed,
        "digest": publication.digest,
        "content": content_digest(publication.entries.all(), publication.closures.all()),
        "chain": publication.chain,
        "published_by": publication.published_by,
        "published_at": publication.published_at,
    }


_STEP = ledger.columns(ListEvent)


def step_payload(event: ListEvent) -> dict[str, Any]:
    """Payload of ``catalogue:list:step``; a publication also commits to the bytes of the rows it made public."""
    version = event.version
    payload = _STEP(event) | {
        "list": version.list.title,
        "body": version.list.body_id,
        "kind": str(version.list.kind),
        "part": version.list.part,
        "number": version.number,
    }
    if event.act == ListAct.PUBLISH:
        payload |= {
            "content": list_rows.content_digest(version),
            "valid_from": version.valid_from,
            "approver": version.approver,
        }
    return payload

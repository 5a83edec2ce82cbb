"""What the public sees of a draw: a finished whitelist, pushed down at each step (R059)."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from mingzhi.double_random import queries
from mingzhi.double_random.choices import Stage
from mingzhi.double_random.draw import ALGORITHM
from mingzhi.double_random.models import Assignment, Draw
from mingzhi.files import api as files
from mingzhi.ledger import api as ledger
from mingzhi.organisations.data import Actor
from mingzhi.publication import api as publication

SHOWN = 500
"""Drawn targets that stand on the page itself; all of them stand in the file."""


def publish(row: Draw, *, by: Actor, at: datetime) -> None:
    """Make public how the draw stands now. Runs in the caller's transaction."""
    row = Draw.objects.select_related("drawing", "voiding", "body").get(pk=row.pk)
    drawing, voiding = getattr(row, "drawing", None), getattr(row, "voiding", None)
    stage = Stage.VOIDED if voiding else Stage.DRAWN if drawing else Stage.COMMITTED
    content: dict[str, Any] = {
        "item": row.item_name,
        "basis": row.basis,
        "content": row.content,
        "category": row.category,
        "share": row.share,
        "count": row.count,
        "size": row.size,
        "officers": row.officers,
        "algorithm": ALGORITHM,
        "pool_digest": row.pool_digest,
        "commitment": row.commitment,
        "committed_on": row.committed_at,
    }
    made = None
    if drawing:
        record = _record(row)
        content |= {
            "words": drawing.words,
            "witnesses": drawing.witnesses,
            "seed": drawing.seed,
            "drawn_on": drawing.drawn_at,
            "drawn": record["drawn"][:SHOWN],
            "replaced": record["replaced"],
        }
        data = json.dumps(record, ensure_ascii=False, indent=1).encode()
        made = files.put_bytes(data, name="抽取记录.json", media_type="application/json", at=at)
    if voiding:
        content |= {"void_reason": voiding.reason, "voided_on": voiding.voided_at}
    publication.draws.draw_publish(
        body_id=row.body_id,
        number=row.number,
        title=row.title,
        stage=stage,
        content=content,
        pool=files.ref(row.pool_id),
        record=made,
        by=by,
        at=at,
    )


def _record(row: Draw) -> dict[str, Any]:
    """``draw.json``: everything that is needed to make the draw again (docs/algorithms/draw.md)."""
    first = ledger.entries_of(f"draw:{row.pk}")[0]
    pool = queries.pool_of(row)
    names = {o.number: o.name for o in pool.officers}
    tasks = Assignment.objects.filter(draw=row).order_by("place")
    numbers = {person: number for number, person in queries.people_of(row, pool).items()}
    return {
        "algorithm": ALGORITHM,
        "number": row.number,
        "title": row.title,
        "pool": pool.text(),
        "pool_digest": row.pool_digest,
        "commitment": row.commitment,
        "commitment_bundle": ledger.bundle(first.id),
        "secret": row.secret,
        "words": row.drawing.words,
        "checkpoint": row.drawing.checkpoint,
        "root": row.drawing.root,
        "seed": row.drawing.seed,
        "drawn": [
            {
                "place": a.place,
                "code": a.target_code,
                "name": a.target_name,
                "officers": [a.first_number, a.second_number],
                "names": [names[a.first_number], names[a.second_number]],
            }
            for a in tasks.iterator(chunk_size=2000)
        ],
        "replaced": [
            {
                "place": task.place,
                "code": task.target_code,
                "out": numbers.get(change.out_id, ""),
                "into": numbers.get(change.into_id, ""),
                "passed": change.passed,
            }
            for task in tasks.filter(replacements__isnull=False).distinct()
            for change in task.replacements.order_by("pk")
        ],
    }

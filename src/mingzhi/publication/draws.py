"""随机抽查 on the public side: what is to be drawn, how it was drawn, who was drawn (R059)."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from mingzhi.files.data import FileRef
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import NotFound
from mingzhi.organisations.data import Actor
from mingzhi.publication.data import DrawPublished
from mingzhi.publication.events import DRAW
from mingzhi.publication.models import PublicDraw


def draw_publish(
    *,
    body_id: int,
    number: str,
    title: str,
    stage: str,
    content: Mapping[str, Any],
    pool: FileRef,
    record: FileRef | None,
    by: Actor,
    at: datetime,
) -> int:
    """Make public how a draw stands: a further version of the same number. Runs in the caller's
    transaction, which holds the draw; returns the public id."""
    last = PublicDraw.objects.filter(body_id=body_id, number=number).order_by("-no").first()
    row = PublicDraw.objects.create(
        body_id=body_id,
        number=number,
        no=last.no + 1 if last else 1,
        title=title,
        stage=stage,
        content=canonical.plain(content),
        pool_id=pool.id,
        pool_sha256=pool.sha256,
        record_id=record.id if record else None,
        record_sha256=record.sha256 if record else "",
        published_at=at,
        published_by=by.label,
    )
    DRAW.kept(row, at=at)
    return row.pk


def _view(row: PublicDraw, first_id: int = 0) -> DrawPublished:
    return DrawPublished(
        id=row.pk,
        first_id=first_id,
        body_id=row.body_id,
        agency=row.body.name,
        number=row.number,
        no=row.no,
        title=row.title,
        stage=row.stage,
        content=row.content,
        pool_id=row.pool_id,
        record_id=row.record_id,
        published_at=row.published_at,
    )


def public_draws(*, before: int | None = None, limit: int = 50) -> list[DrawPublished]:
    """The draws of all bodies as they stand now, the newest first; ``before`` is the first id of the last page."""
    rows = PublicDraw.objects.select_related("body").filter(no=1).order_by("-pk")
    if before is not None:
        rows = rows.filter(pk__lt=before)
    first = list(rows[:limit])
    newest: dict[tuple[int, str], PublicDraw] = {}
    for row in (
        PublicDraw.objects.select_related("body").filter(number__in=[r.number for r in first]).order_by("no")
    ):
        newest[row.body_id, row.number] = row
    return [_view(newest[r.body_id, r.number], r.pk) for r in first]


def public_draw(draw_id: int) -> tuple[DrawPublished, list[DrawPublished]]:
    """A draw by the id of any of its versions: as it stands now, and all versions, newest first."""
    row = PublicDraw.objects.filter(pk=min(draw_id, 2**63 - 1)).first()
    if row is None:
        raise NotFound("没有找到这次抽查", remedy="请从随机抽查列表中选择")
    same = PublicDraw.objects.select_related("body").filter(body_id=row.body_id, number=row.number)
    versions = [_view(v) for v in same.order_by("-no")]
    return versions[0], versions

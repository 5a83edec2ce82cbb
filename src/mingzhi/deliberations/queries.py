"""Reads of the deliberations room."""

from __future__ import annotations

from mingzhi.deliberations import choices
from mingzhi.deliberations.data import DiscussionView, HearingView, View
from mingzhi.deliberations.models import Discussion, Hearing


def discussions(dossier_id: int) -> list[DiscussionView]:
    rows = Discussion.objects.filter(dossier_id=dossier_id).select_related("chair", "recorder").order_by("pk")
    return [
        DiscussionView(
            id=row.pk,
            topic=row.topic,
            held_at=row.held_at,
            place=row.place,
            chair_name=row.chair.name,
            recorder_name=row.recorder.name,
            views=tuple(View(**v) for v in row.views),
            conclusion=row.conclusion,
            agreed=row.agreed,
            chair_reasons=row.chair_reasons,
        )
        for row in rows
    ]


def hearing_current(dossier_id: int) -> HearingView | None:
    """The dossier's hearing, unless it was superseded by a reopening."""
    row = (
        Hearing.objects.filter(dossier_id=dossier_id)
        .select_related("host", "recorder")
        .order_by("-pk")
        .first()
    )
    if row is None or row.state == choices.HearingState.SUPERSEDED:
        return None
    return HearingView(
        id=row.pk,
        state=row.state,
        state_label=row.get_state_display(),
        requested_on=row.requested_on,
        requested_by=row.requested_by,
        host_id=row.host_id,
        host_name=row.host.name if row.host else "",
        recorder_name=row.recorder.name if row.recorder else "",
        starts_at=row.starts_at,
        place=row.place,
        public=row.public,
        closed_reason=row.closed_reason,
        ended_because=row.ended_because,
        report=row.report,
    )

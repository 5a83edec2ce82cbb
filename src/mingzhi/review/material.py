"""What this room gives to a dossier's index: replies and coordination that no paper holds."""

from __future__ import annotations

from collections.abc import Iterator

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import Event, Item, Source
from mingzhi.kernel import clock
from mingzhi.review.models import Advice, Consultation, Disagreement, Opinion, Review, Seat, Weighed


def _items(dossier_id: int) -> Iterator[Item]:
    rows = Disagreement.objects.filter(review__dossier_id=dossier_id).select_related("review")
    for row in rows.order_by("pk"):
        lines = (
            ("轮次", f"第 {row.review.round} 轮"),
            ("内容", row.text),
            ("参加人员", row.participants),
            ("结论", row.get_outcome_display()),
            ("记录人", row.by_name),
        )
        yield Item(
            code="REVIEW",
            subject=f"disagreement:{row.pk}",
            title=f"法制审核{row.get_kind_display()}",
            on=clock.local_date(row.at),
            moment=row.at,
            details=tuple((label, value) for label, value in lines if value),
        )
    answers = Advice.objects.filter(consultation__review__dossier_id=dossier_id)
    for given in answers.select_related("consultation__review").order_by("pk"):
        asked = given.consultation
        yield Item(
            code="REVIEW",
            subject=f"advice:{given.pk}",
            title="法律顾问、公职律师回避" if given.recused else "法律顾问、公职律师意见",
            on=clock.local_date(given.at),
            moment=given.at,
            details=(
                ("轮次", f"第 {asked.review.round} 轮"),
                ("咨询问题", asked.question),
                ("内容", given.text),
                ("出具人", given.by_name),
            ),
        )


def _events(dossier_id: int) -> Iterator[Event]:
    for row in Opinion.objects.filter(review__dossier_id=dossier_id).select_related("review").order_by("pk"):
        act = f"第 {row.review.round} 轮法制审核意见：{row.get_kind_display()}"
        yield Event(row.at, act, row.by, row.by_name, f"opinion:{row.pk}")


def _subjects(dossier_id: int) -> Iterator[str]:
    for model, prefix, path in (
        (Review, "review", "dossier_id"),
        (Opinion, "opinion", "review__dossier_id"),
        (Disagreement, "disagreement", "review__dossier_id"),
        (Seat, "review_seat", "dossier_id"),
        (Weighed, "review_weighed", "dossier_id"),
        (Consultation, "consultation", "review__dossier_id"),
        (Advice, "advice", "consultation__review__dossier_id"),
    ):
        for pk in model.objects.filter(**{path: dossier_id}).order_by("pk").values_list("pk", flat=True):
            yield f"{prefix}:{pk}"


def register() -> None:
    dossiers.register_source(Source("review", _items, _events, _subjects))

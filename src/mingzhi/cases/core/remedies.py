"""What happens to a decision afterwards, whatever it decided: review, lawsuit, annulment."""

from __future__ import annotations

from datetime import date
from typing import Any, Literal

from mingzhi.dossiers import api as dossiers
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Facts, fact
from mingzhi.publication import api as publication


class Remedy(Facts):
    """复议、诉讼. In a penalty case the surcharge does not run meanwhile (行政处罚法第七十三条第三款)."""

    forum: Literal["reconsideration", "court"] = fact("程序", widget="choice", options="remedy_forum")
    began_on: date = fact("受理日期", widget="date")
    ended_on: date | None = fact("终结日期", default=None, widget="date")
    number: str = fact("案号或者文号", default="", max_length=80)


class Annul(Facts):
    """决定被撤销、变更、确认违法或者无效."""

    by_whom: Literal["reconsideration", "court", "superior", "self"] = fact(
        "作出机关", widget="choice", options="annulled_by"
    )
    how: Literal["revoked", "changed", "unlawful", "invalid"] = fact(
        "处理结果", widget="choice", options="annulled_as"
    )
    number: str = fact("文书号", max_length=80)
    on: date = fact("作出日期", widget="date")
    reason: str = fact(
        "理由", widget="textarea", min_length=4, max_length=2000, help="将随公示撤下一并公开说明"
    )


def _who(ctx: Context) -> dict[str, Any]:
    return {"by": ctx.by, "at": ctx.at}


def withdraw_disclosure(ctx: Context) -> None:
    """决定被撤销、变更、确认违法或者无效: withdrawn within three working days, with public reasons (第四十八条第二款)."""
    publication.annulled(
        dossier_id=ctx.dossier.pk, reason=ctx.f.reason, basis=ctx.f.number, on=ctx.f.on, **_who(ctx)
    )


def hold_for_remedy(ctx: Context) -> None:
    """A review or a lawsuit began: nothing of the dossier is destroyed until somebody lifts the hold."""
    court = ctx.f.forum == "court"
    dossiers.archive.hold_set(
        dossier=ctx.dossier,
        source="litigation" if court else "review",
        reason=f"当事人{'提起行政诉讼' if court else '申请行政复议'} {ctx.f.number}".strip(),
        key=f"step:{ctx.step_id}",
        **_who(ctx),
    )


def hold_for_annulment(ctx: Context) -> None:
    """A decision was annulled: what led to it stays until the consequences are settled."""
    dossiers.archive.hold_set(
        dossier=ctx.dossier,
        source="litigation" if ctx.f.by_whom == "court" else "review",
        reason=f"决定被撤销、变更（{ctx.f.number}）"[:300],
        key=f"step:{ctx.step_id}",
        **_who(ctx),
    )

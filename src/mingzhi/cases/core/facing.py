"""Standing before the party: dressed and marked as prescribed (R030), and what was explained (R033).

Part of the facts of every step in which officers face somebody: on-site acts, questioning, service by
hand, a decision on the spot. What a body's document demands is a norm; what it only asks is recorded.
"""

from __future__ import annotations

from copy import copy
from datetime import date
from typing import Literal

from pydantic import AwareDatetime

from mingzhi.catalogue import api as catalogue
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Facts, Guard, fact

DRESS = [
    ("worn", "已按规定着装、佩戴标识"),
    ("none_required", "国家未规定统一着装"),
    ("not_worn", "未按规定着装、佩戴标识"),
]
DRESS_NORM = "dress.checked"
EXPLAINED_NORM = "explanation.logged"
SINCE = date(2018, 12, 5)
_BY_HAND = ("direct", "leave")


class Facing(Facts):
    """着装、标识 checked before facing the party; 说明解释 with who, when, what, and the party's answer."""

    dress: Literal["", "worn", "none_required", "not_worn"] = fact(
        "着装、标识检查",
        default="",
        widget="choice",
        options="dress",
        demanded=DRESS_NORM,
        group="着装、标识",
        help="面向当事人之前检查；国家规定统一着装的，按规定着装、佩戴标识",
        cite="国办发〔2018〕118号（规范事中公示）",
    )
    dress_note: str = fact(
        "未按规定着装、佩戴标识的原因",
        default="",
        max_length=200,
        group="着装、标识",
        show_if="dress=not_worn",
    )
    explained: str = fact(
        "向当事人说明解释的内容",
        default="",
        widget="textarea",
        max_length=2000,
        group="说明解释",
        help="就执法事由、依据、权利义务和文书内容所作的说明，以及对当事人疑问的解释",
        guide="P27.explained",
        phrases="explaining",
        demanded=EXPLAINED_NORM,
    )
    explained_by: int | None = fact(
        "说明人",
        default=None,
        widget="person",
        options="officers",
        group="说明解释",
        demanded=EXPLAINED_NORM,
    )
    explained_at: AwareDatetime | None = fact(
        "说明时间", default=None, widget="datetime", group="说明解释", demanded=EXPLAINED_NORM
    )
    explained_answer: str = fact(
        "当事人的回应",
        default="",
        max_length=1000,
        group="说明解释",
        help="表示清楚、提出疑问或者不同意见；未作回应的如实写明",
        demanded=EXPLAINED_NORM,
    )


def shown_only(schema: type[Facing], condition: str) -> None:
    """Ask these on the form of ``schema`` only under ``condition`` (``field=value|value``)."""
    for name in Facing.model_fields.keys() - {"dress_note"}:  # which hangs on ``dress`` itself
        info = copy(schema.model_fields[name])
        extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
        info.json_schema_extra = {**extra, "show_if": condition}
        schema.model_fields[name] = info


def _cite(ctx: Context, norm: str) -> str:
    return catalogue.norm(norm, body=ctx.body, on=max(ctx.on, SINCE)).citation_text


def faced(ctx: Context) -> bool:
    """Whether this step puts officers before the party: post, notice boards and machines do not."""
    return getattr(ctx.f, "mode", "direct") in _BY_HAND


def _demanded(ctx: Context, norm: str) -> bool:
    """Whether the body's document demands it of this step; of an attempt that met nobody it does not."""
    return ctx.demands(norm) and not getattr(ctx.f, "failed", False)


def _dressed(ctx: Context) -> list[Reason]:
    f = ctx.f
    if not faced(ctx):
        return []
    if f.dress == "not_worn" and not f.dress_note:
        return [ctx.reason("R030.why", "未按规定着装、佩戴标识的，应当写明原因", remedy="请填写原因")]
    if not f.dress and _demanded(ctx, DRESS_NORM):
        return [
            ctx.reason(
                "R030.unchecked",
                "面向当事人之前，应当检查着装和标识",
                _cite(ctx, DRESS_NORM),
                "请核对后选择检查结果",
            )
        ]
    return []


def _explained(ctx: Context) -> list[Reason]:
    """What was explained is whole: what, by whom, when, and the answer; demanded where the body's document does."""
    f = ctx.f
    if not faced(ctx):
        return []
    said = {
        "explained": f.explained,
        "explained_by": f.explained_by,
        "explained_at": f.explained_at,
        "explained_answer": f.explained_answer,
    }
    if not any(said.values()) and not _demanded(ctx, EXPLAINED_NORM):
        return []
    cite = _cite(ctx, EXPLAINED_NORM)
    fields = type(f).model_fields
    reasons = [
        ctx.reason(
            f"R033.{name}",
            f"说明解释记录缺少“{fields[name].title}”",
            cite,
            "请记明由谁、何时、向当事人说明了什么，以及当事人的回应",
        )
        for name, value in said.items()
        if not value
    ]
    if f.explained_at and f.explained_at > ctx.at:
        reasons.append(ctx.reason("R033.future", "说明时间晚于当前时间", cite, "请核对说明时间"))
    return reasons


DRESSED = Guard("R030", "着装、标识已检查", "国办发〔2018〕118号（规范事中公示）", _dressed, standing=False)
EXPLAINED = Guard(
    "R033", "说明解释记录完整", "国办发〔2018〕118号（规范事中公示）", _explained, standing=False
)
FACED = (DRESSED, EXPLAINED)


def explained_text(ctx: Context) -> str:
    """What was explained, as it stands on the paper; empty when nothing was entered or nobody was faced."""
    f = ctx.f
    if not (faced(ctx) and f.explained):
        return ""
    at = clock.local(f.explained_at)
    moment = f"{at.year}年{at.month}月{at.day}日{at.hour}时{at.minute:02d}分"
    name = ctx.person(f.explained_by).name
    return f"{moment}，{name}向当事人说明：{f.explained.rstrip('。')}。当事人回应：{f.explained_answer.rstrip('。')}。"

"""归档, alike for every kind of matter: what a dossier must hold, and the row that archives it (R087).

A kind of matter lists its papers (``Paper``) and says of each when; ``archive_row`` puts them
before the archive step. A line looks at the steps that were taken, so that a small matter is not asked
for what the law did not ask of it. A matter that ended without a closing (不予立案, 撤销立案, 移送, 决定被撤销)
stays in the state that tells how it ended; that it was archived is told by its archive record.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Literal

from mingzhi.documents import api as documents
from mingzhi.documents.data import PaperView
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import Reason
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Facts, Guard, Row, TaskRule, fact
from mingzhi.recording import api as recording

When = Callable[[Context], bool]
VERB, STAGE, ARCHIVED = "archive", "归档", "archived"


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the dossier must hold when ``when`` is so; any of ``templates`` will do."""

    templates: tuple[str, ...]
    label: str
    when: When
    citation: str


class Archive(Facts):
    """归档. The archive number is given by the system, the term follows from the importance by norm."""

    importance: Literal["important", "general"] = fact(
        "重要程度",
        widget="choice",
        options="importance",
        help="决定保管期限；与本类案卷的一般掌握不同的，须写明理由",
        cite="档案法实施条例第十九条",
    )
    reason: str = fact("另定重要程度的理由", default="", max_length=200)
    fonds: str = fact("全宗号", default="", max_length=30)
    catalogue: str = fact("目录号", default="", max_length=30)


class HandIn(Facts):
    """移交档案室: the handling unit gives the dossier out of its hands. What is in it, the sealed index says."""

    paper: bool = fact("同时移交纸质案卷", widget="choice", options="yes_no")
    note: str = fact("移交说明", default="", max_length=300, help="纸质案卷写明册数；没有的可不填")


class TakeIn(Facts):
    counted: bool = fact("件数、页数与卷内目录相符", widget="choice", options="yes_no")
    condition: str = fact("核对情况", min_length=2, max_length=300, help="如“齐全完好，逐件核对无误”")


class TurnDown(Facts):
    reason: str = fact("退回的理由", widget="textarea", min_length=4, max_length=1000)


# --- when something is asked for -------------------------------------------------------------


def took(*verbs: str) -> When:
    """One of these steps was taken, in this run or before the matter was reopened."""
    return lambda ctx: ctx.ever(*verbs) is not None


def in_run(*verbs: str) -> When:
    """One of these steps was taken since the matter was begun or reopened."""
    return lambda ctx: ctx.last(*verbs) is not None


# --- what is missing ---------------------------------------------------------------------------


def case_papers(ctx: Context) -> list[PaperView]:
    """Papers of the dossier, voided ones left out."""
    found: list[PaperView] = ctx.once(
        "papers", lambda: [p for p in documents.papers(ctx.dossier.pk) if p.voided_at is None]
    )
    return found


def missing_papers(ctx: Context, asked: Iterable[Paper]) -> list[Reason]:
    held = {p.template for p in case_papers(ctx)}
    return [
        ctx.reason(
            f"ARC.paper.{paper.templates[0]}",
            f"缺少{paper.label}",
            paper.citation,
            "已作废的文书应当重新制作；请到“文书”查看",
            "papers",
        )
        for paper in asked
        if not held & set(paper.templates) and paper.when(ctx)
    ]


def unrecorded(ctx: Context) -> list[Reason]:
    """Acts with a recording duty: the recording, or a reason that was approved. Asked of a matter that a
    closing wound up; one that was broken off takes no recording any more."""
    rows = ctx.procedure.by_verb
    acts = dict.fromkeys(
        rows[step.verb].recording for step in ctx.steps if step.verb in rows and rows[step.verb].recording
    )
    return [
        reason
        for act in acts
        for reason in recording.act_problems(dossier_id=ctx.dossier.pk, act=act, body=ctx.body, on=ctx.on)
    ]


def unsigned(ctx: Context) -> list[Reason]:
    """A record without the party's signature says why (error-prone point 31)."""
    return [
        ctx.reason(
            f"ARC.unsigned.{step.id}",
            f"{step.occurred_at:%Y-%m-%d}的“{step.label}”笔录当事人未签名，也没有注明拒签或者未到场的情况",
            "行政处罚法第五十五条；行政诉讼证据规定第十五条",
            "请补充说明材料并上传",
            "evidence",
        )
        for step in ctx.steps
        if step.facts.get("signature", "signed") != "signed" and not step.facts.get("signature_note")
    ]


# --- the archive step ----------------------------------------------------------------------------


def complete(
    code: str, citation: str, asked: Iterable[Paper], *more: Callable[[Context], list[Reason]]
) -> Guard:
    """卷内材料齐全: the papers asked for, signatures, and what ``more`` this kind of matter asks."""
    papers = tuple(asked)

    def check(ctx: Context) -> list[Reason]:
        own = [reason for look in more for reason in look(ctx)]
        return [*missing_papers(ctx, papers), *own, *unsigned(ctx)]

    return Guard(code, "卷内材料齐全", citation, check)


def _archived_already(ctx: Context) -> list[Reason]:
    for step in reversed(ctx.steps):
        if step.verb == VERB:
            return [ctx.reason("ARC.done", "已经归档", remedy="归档后形成的材料，请到“案卷归档”补充")]
        if step.from_state != step.to_state:
            return []
    return []


def _importance_explained(ctx: Context) -> list[Reason]:
    usual = dossiers.archive.importance_of(ctx.procedure.code, ctx.body, ctx.on)
    if ctx.f.importance != usual and not ctx.f.reason:
        return [
            ctx.reason(
                "ARC.importance",
                "重要程度与本类案卷的一般掌握不同，应当写明理由",
                remedy="请填写“另定重要程度的理由”",
            )
        ]
    return []


NOT_YET_ARCHIVED = Guard("ARC-01", "办结后归档一次", "档案法第十四条", _archived_already)
IMPORTANCE_EXPLAINED = Guard(
    "ARC-06", "另定重要程度写明理由", "档案法实施条例第十九条", _importance_explained, standing=False
)


def _sealed(ctx: Context) -> list[Reason]:
    view = ctx.once("archive", lambda: dossiers.archive.archive_of(ctx.dossier.pk))
    if view is None:
        return [ctx.reason("ARC.unarchived", "案卷尚未归档", remedy="请先办理归档")]
    if view.sealed_at is None:
        return [ctx.reason("ARC.unsealed", "卷内目录正在编制", remedy="编制完成后即可移交，请稍后再试")]
    return []


def _since_archiving(ctx: Context) -> str:
    """The latest of archiving, handing in and what the archive room answered."""
    last = ctx.last(VERB, "hand_in", "take_in", "turn_down")
    return last.verb if last is not None else ""


def _can_be_handed_in(ctx: Context) -> list[Reason]:
    said = {"hand_in": "已移交，待档案室核对", "take_in": "档案室已经接收"}.get(_since_archiving(ctx))
    return [ctx.reason("ARC.handed", said, remedy="不需要再次移交")] if said else []


def _waits_at_the_room(ctx: Context) -> list[Reason]:
    if _since_archiving(ctx) == "hand_in":
        return []
    return [ctx.reason("ARC.not_handed", "承办机构没有移交本卷", remedy="请承办机构先办理移交档案室")]


def _taken_by_another(ctx: Context) -> list[Reason]:
    handed = ctx.last("hand_in")
    if handed is None or handed.by != ctx.by.label:
        return []
    return [
        ctx.reason("ARC.same_person", "移交人和接收人不能是同一人", remedy="请由其他档案管理人员核对接收")
    ]


def _counted(ctx: Context) -> list[Reason]:
    if ctx.f.counted:
        return []
    return [
        ctx.reason("ARC.counted", "件数、页数与目录不符的，不能接收", remedy="请办理“退回移交”并写明不符之处")
    ]


def usual_importance(ctx: Context) -> dict[str, Any]:
    """What the norm says of this kind of matter."""
    return {"importance": dossiers.archive.importance_of(ctx.procedure.code, ctx.body, ctx.on)}


SEALED = Guard("ARC-04", "卷内目录已编定", "档案法实施条例第三十九条", _sealed)
HANDED_IN_ONCE = Guard("ARC-05", "归档后移交一次", "档案法第十四条", _can_be_handed_in)
HANDED_IN = Guard("ARC-05R", "承办机构已移交", "档案法第十四条", _waits_at_the_room)
TAKEN_BY_ANOTHER = Guard("ARC-05S", "移交、接收由两人办理", "档案法第十四条", _taken_by_another)
COUNTED = Guard("ARC-05C", "件数、页数相符", "档案法第十四条", _counted, standing=False)


def _archive(ctx: Context) -> None:
    """The dossier gets its archive number and term, and its index is ordered to be sealed."""
    dossiers.archive.dossier_archive(
        dossier=ctx.dossier,
        importance=ctx.f.importance,
        reason=ctx.f.reason,
        fonds=ctx.f.fonds,
        catalogue_number=ctx.f.catalogue,
        by=ctx.by,
        at=ctx.at,
    )


def archive_row(whole: Guard, *, closed: str = "", ended: tuple[str, ...] = (), citation: str) -> Row:
    """归档 for a kind of matter. ``closed`` (a matter wound up by a closing) becomes 已归档; ``ended`` are
    the other final states, which stay what they are."""

    def target(ctx: Context) -> str:
        return ARCHIVED if ctx.dossier.state == closed else ctx.dossier.state

    return Row(
        VERB, "归档", STAGE, (*([closed] if closed else []), *ended), target if closed else None,
        Permission.DOSSIER_ARCHIVE, citation,
        facts=Archive, relation="body", initial=usual_importance,
        guards=(NOT_YET_ARCHIVED, whole, IMPORTANCE_EXPLAINED), effects=(_archive,),
        closes=("archive.hand_in", "archive.take_in"),
        tasks=(TaskRule("archive.hand_in", "移交档案室：{title}", "lead"),),
        targets_shown=(ARCHIVED,) if closed else (),
        help="归档号由系统编排；保管期限、移交日期按规则推算，卷内目录随后自动编制",
    )  # fmt: skip


def room_rows(*states: str) -> tuple[Row, ...]:
    """归档 → 档案室: the unit hands the archived dossier in, another person counts it and takes it or sends it
    back. A fact beside the state: where the volume lies, not how the matter stands."""
    return (
        Row(
            "hand_in", "移交档案室", STAGE, states, None, Permission.CASE_ACT, "档案法第十四条",
            facts=HandIn, relation="unit", guards=(SEALED, HANDED_IN_ONCE), closes=("archive.hand_in",),
            tasks=(TaskRule("archive.take_in", "核对接收移交的案卷：{title}", Permission.DOSSIER_ARCHIVE),),
        ),
        Row(
            "take_in", "档案室接收", STAGE, states, None, Permission.DOSSIER_ARCHIVE, "档案法第十四条",
            facts=TakeIn, relation="body", guards=(HANDED_IN, TAKEN_BY_ANOTHER, COUNTED), closes=("archive.take_in",),
        ),
        Row(
            "turn_down", "退回移交", STAGE, states, None, Permission.DOSSIER_ARCHIVE, "档案法第十四条",
            facts=TurnDown, relation="body", guards=(HANDED_IN,), closes=("archive.take_in",),
            tasks=(TaskRule("archive.hand_in", "补正后再次移交档案室：{title}", "lead"),),
        ),
    )  # fmt: skip

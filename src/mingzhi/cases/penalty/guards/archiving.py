"""卷内材料齐全 before archiving (domain §7.2, §7.3; R087): asked only for what the law asked of this case.

Each line looks at the steps that were taken and says what of them is not in the dossier. A summary
case is not asked for a notice, a case without a hearing not for its minutes.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from mingzhi.cases.penalty import proposal
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard, StepView
from mingzhi.recording import api as recording

LAW = "行政处罚法"
When = Callable[[Context], bool]


@dataclass(frozen=True, slots=True)
class Paper:
    """A paper the dossier must hold when ``when`` is so; any of ``templates`` will do."""

    templates: tuple[str, ...]
    label: str
    when: When
    citation: str


def _took(*verbs: str) -> When:
    return lambda ctx: ctx.ever(*verbs) is not None


def _in_run(*verbs: str) -> When:
    return lambda ctx: ctx.last(*verbs) is not None


def _outcome(*outcomes: str) -> When:
    def holds(ctx: Context) -> bool:
        step = proposal.decided(ctx)
        return step is not None and step.facts.get("outcome", "penalise") in outcomes

    return holds


def _said(*forms: str) -> When:
    return lambda ctx: any(s.facts["form"] in forms for s in ctx.all("statement"))


def _hearing(*ways: str) -> When:
    return lambda ctx: any(s.facts["held"] in ways for s in ctx.all("hearing_hold"))


def _by_public_notice(ctx: Context) -> bool:
    served = (*ctx.all("notice_serve"), *ctx.all("decision_serve"))
    return any(s.facts["mode"] == "public_notice" and not s.facts["failed"] for s in served)


PAPERS: tuple[Paper, ...] = (
    Paper(("P02",), "立案审批表", _took("file_approve"), f"{LAW}第五十四条第二款"),
    Paper(("P03",), "回避决定书", _took("recuse_decide"), f"{LAW}第四十三条第三款"),
    Paper(("P05",), "现场检查（勘验）笔录", _took("inspect"), f"{LAW}第五十五条"),
    Paper(("P04B",), "询问笔录", _took("question"), f"{LAW}第五十五条第二款"),
    Paper(("P06",), "抽样取证凭证", _took("sample"), f"{LAW}第五十六条"),
    Paper(("P07A",), "先行登记保存证据审批表", _took("preserve_request"), f"{LAW}第五十六条"),
    Paper(("P07N",), "先行登记保存证据通知书", _took("preserve"), f"{LAW}第五十六条"),
    Paper(("P07D",), "先行登记保存证据处理决定书", _took("preserve_handle"), f"{LAW}第五十六条"),
    Paper(("P09",), "责令改正通知书", _took("correct"), f"{LAW}第二十八条第一款"),
    Paper(("P09R",), "责令改正复查记录", _took("correct_verify"), f"{LAW}第二十八条第一款"),
    Paper(("P10",), "证据清单", _took("evidence_verify"), f"{LAW}第四十六条"),
    Paper(("P11",), "案件调查终结报告", _in_run("conclude"), f"{LAW}第五十七条第一款"),
    Paper(("P12S",), "法制审核送审表", _in_run("review_submit"), f"{LAW}第五十八条"),
    Paper(("P12O",), "法制审核意见书", _in_run("review_opine"), f"{LAW}第五十八条"),
    Paper(("P13", "P13H"), "行政处罚告知书", _in_run("notify"), f"{LAW}第四十四条"),
    Paper(("P14",), "陈述申辩笔录", _said("oral", "written"), f"{LAW}第四十五条"),
    Paper(("P14W",), "放弃陈述申辩（听证）权利声明书", _said("waived"), f"{LAW}第四十五条"),
    Paper(("P14R",), "陈述申辩复核意见书", _in_run("reconsider"), f"{LAW}第四十五条第一款"),
    Paper(("P15N",), "听证通知书", _in_run("hearing_arrange"), f"{LAW}第六十四条第二项"),
    Paper(("P15R",), "听证笔录", _hearing("held"), f"{LAW}第六十四条第八项"),
    Paper(("P15E",), "终止听证通知书", _hearing("absent", "left"), f"{LAW}第六十四条第六项"),
    Paper(("P15Z",), "听证报告", _in_run("hearing_report"), f"{LAW}第六十五条"),
    Paper(("P16",), "集体讨论笔录", _in_run("discuss"), f"{LAW}第五十七条第二款"),
    Paper(("P17",), "行政处罚决定审批表", _in_run("decide"), f"{LAW}第五十七条第一款"),
    Paper(("P18",), "行政处罚决定书", _outcome("penalise"), f"{LAW}第五十九条"),
    Paper(("P19",), "不予行政处罚决定书", _outcome("spared", "unfounded"), f"{LAW}第五十七条第一款"),
    Paper(("P22",), "延期（分期）缴纳罚款决定书", _in_run("defer_decide"), f"{LAW}第六十六条第二款"),
    Paper(("P24",), "催告书", _in_run("demand"), f"{LAW}第七十二条"),
    Paper(("P27",), "送达回证", _in_run("notice_serve", "decision_serve"), f"{LAW}第六十一条"),
    Paper(("P27N",), "送达公告", _by_public_notice, "民事诉讼法第九十五条"),
    Paper(("P27A",), "送达地址及送达方式确认书", _took("e_service"), f"{LAW}第六十一条第二款"),
    Paper(("P28",), "结案审批表", _in_run("close_request"), f"{LAW}第四十七条"),
)
SPOT_PAPERS = (Paper(("P20",), "当场行政处罚决定书", _took("spot_decide"), f"{LAW}第五十二条"),)


def _missing_papers(ctx: Context, asked: tuple[Paper, ...]) -> list[Reason]:
    held = {p.template for p in proposal.case_papers(ctx) if p.voided_at is None}
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


def _unserved(ctx: Context) -> list[Reason]:
    """Proof of service for each outward paper."""
    return [
        ctx.reason(
            f"ARC.served.{paper.id}",
            f"《{paper.title}》{paper.number or ''}没有送达凭证",
            f"{LAW}第六十一条",
            "请登记送达情况并附送达回证",
            "papers",
        )
        for paper in proposal.unserved(ctx)
    ]


def _unrecorded(ctx: Context) -> list[Reason]:
    """Acts with a recording duty: the recording, or a reason that was approved."""
    rows = ctx.procedure.by_verb
    acts = dict.fromkeys(
        rows[step.verb].recording for step in ctx.steps if step.verb in rows and rows[step.verb].recording
    )
    return [
        reason
        for act in acts
        for reason in recording.act_problems(dossier_id=ctx.dossier.pk, act=act, body=ctx.body, on=ctx.on)
    ]


def _unsigned(ctx: Context) -> list[Reason]:
    """A record without the party's signature says why (error-prone point 31)."""
    return [
        ctx.reason(
            f"ARC.unsigned.{step.id}",
            f"{clock_day(step)}的“{step.label}”笔录当事人未签名，也没有注明拒签或者未到场的情况",
            "行政处罚法第五十五条；行政诉讼证据规定第十五条",
            "请补充说明材料并上传",
            "evidence",
        )
        for step in ctx.steps
        if step.facts.get("signature", "signed") != "signed" and not step.facts.get("signature_note")
    ]


def clock_day(step: StepView) -> str:
    return f"{step.occurred_at:%Y-%m-%d}"


def _unreceipted(ctx: Context) -> list[Reason]:
    """Paid: every payment names its voucher (第七十条); on the spot: the receipt's number."""
    reasons = [
        ctx.reason(
            f"ARC.receipt.{step.id}",
            f"{step.facts['paid_on']}缴款 {step.facts['amount_yuan']} 元没有票据号",
            f"{LAW}第七十条",
            "请按代收机构回传的凭证登记",
            "payment",
        )
        for step in ctx.all("payment")
        if not str(step.facts.get("voucher", "")).strip()
    ]
    owed = proposal.outstanding_fen(ctx)
    if owed > 0 and ctx.last("court_apply") is None:
        reasons.append(
            ctx.reason(
                "ARC.unpaid",
                f"罚没款尚有 {money.yuan(owed)} 元没有缴款凭证",
                f"{LAW}第七十条",
                "请登记缴款",
                "payment",
            )
        )
    return reasons


def _unreviewed(ctx: Context) -> list[Reason]:
    """A major decision holds the opinion it was reviewed by; an ordinary one is not asked for it."""
    if _outcome("penalise")(ctx) and proposal.triggers(ctx) and ctx.last("review_opine") is None:
        return [
            ctx.reason(
                "ARC.review", "属于重大执法决定，卷内没有法制审核意见", f"{LAW}第五十八条", link="review"
            )
        ]
    return []


def _undiscussed(ctx: Context) -> list[Reason]:
    if _outcome("penalise")(ctx) and proposal.discussion_reasons(ctx) and ctx.last("discuss") is None:
        return [
            ctx.reason(
                "ARC.discussion",
                "应当集体讨论的案件，卷内没有集体讨论笔录",
                f"{LAW}第五十七条第二款",
                link="hearing",
            )
        ]
    return []


def _evidence_checked(ctx: Context) -> list[Reason]:
    waiting = recording.evidence_unverified(ctx.dossier.pk)
    if not waiting:
        return []
    named = "、".join(f"《{view.title}》" for view in waiting[:5])
    return [
        ctx.reason(
            "ARC.evidence",
            f"{len(waiting)} 件证据未经核实或者不属实：{named}{'等' if len(waiting) > 5 else ''}",
            f"{LAW}第四十六条第二款",
            "不作为定案根据的，请在结案审批表中说明",
            "evidence",
        )
    ]


def _complete(ctx: Context) -> list[Reason]:
    return [
        *_missing_papers(ctx, PAPERS),
        *_unserved(ctx),
        *_unreviewed(ctx),
        *_undiscussed(ctx),
        *_unrecorded(ctx),
        *_unsigned(ctx),
        *_unreceipted(ctx),
        *(_evidence_checked(ctx) if _outcome("penalise")(ctx) else []),
    ]


def _spot_complete(ctx: Context) -> list[Reason]:
    return [*_missing_papers(ctx, SPOT_PAPERS), *_unrecorded(ctx), *_unsigned(ctx), *_unreceipted(ctx)]


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


DOSSIER_COMPLETE = Guard("R087", "卷内材料齐全", f"{LAW}第四十七条", _complete)
SPOT_DOSSIER_COMPLETE = Guard("R087-SPOT", "卷内材料齐全", f"{LAW}第四十七条", _spot_complete)
IMPORTANCE_EXPLAINED = Guard(
    "ARC-06", "另定重要程度写明理由", "档案法实施条例第十九条", _importance_explained, standing=False
)

"""卷内材料齐全 before archiving (domain §7.2, §7.3; R087): what a penalty case is asked for, and when.

A summary case is not asked for a notice, a case without a hearing not for its minutes. A matter that
ended without its decision being carried out (不予立案, 撤销立案, 移送, 决定被撤销) is asked for the papers of
the steps it took, and neither for service nor for money that nobody owes any more.
"""

from __future__ import annotations

from mingzhi.cases.core import archiving
from mingzhi.cases.core.archiving import Paper, When, in_run, took
from mingzhi.cases.penalty import proposal
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.recording import api as recording

LAW = "行政处罚法"


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


def _transferred(ctx: Context) -> bool:
    return ctx.last("transfer") is not None or _outcome("transfer")(ctx)


PAPERS: tuple[Paper, ...] = (
    Paper(("P02",), "立案（不予立案）审批表", took("file_approve", "file_refuse"), f"{LAW}第五十四条第二款"),
    Paper(("P03",), "回避决定书", took("recuse_decide"), f"{LAW}第四十三条第三款"),
    Paper(("P05",), "现场检查（勘验）笔录", took("inspect"), f"{LAW}第五十五条"),
    Paper(("P04B",), "询问笔录", took("question"), f"{LAW}第五十五条第二款"),
    Paper(("P06",), "抽样取证凭证", took("sample"), f"{LAW}第五十六条"),
    Paper(("P07A",), "先行登记保存证据审批表", took("preserve_request"), f"{LAW}第五十六条"),
    Paper(("P07N",), "先行登记保存证据通知书", took("preserve"), f"{LAW}第五十六条"),
    Paper(("P07D",), "先行登记保存证据处理决定书", took("preserve_handle"), f"{LAW}第五十六条"),
    Paper(("P09",), "责令改正通知书", took("correct"), f"{LAW}第二十八条第一款"),
    Paper(("P09R",), "责令改正复查记录", took("correct_verify"), f"{LAW}第二十八条第一款"),
    Paper(("P10",), "证据清单", took("evidence_verify"), f"{LAW}第四十六条"),
    Paper(("P11",), "案件调查终结报告", in_run("conclude"), f"{LAW}第五十七条第一款"),
    Paper(("P12S",), "法制审核送审表", in_run("review_submit"), f"{LAW}第五十八条"),
    Paper(("P12O",), "法制审核意见书", in_run("review_opine"), f"{LAW}第五十八条"),
    Paper(("P13", "P13H"), "行政处罚告知书", in_run("notify"), f"{LAW}第四十四条"),
    Paper(("P14",), "陈述申辩笔录", _said("oral", "written"), f"{LAW}第四十五条"),
    Paper(("P14W",), "放弃陈述申辩（听证）权利声明书", _said("waived"), f"{LAW}第四十五条"),
    Paper(("P14R",), "陈述申辩复核意见书", in_run("reconsider"), f"{LAW}第四十五条第一款"),
    Paper(("P15N",), "听证通知书", in_run("hearing_arrange"), f"{LAW}第六十四条第二项"),
    Paper(("P15R",), "听证笔录", _hearing("held"), f"{LAW}第六十四条第八项"),
    Paper(("P15E",), "终止听证通知书", _hearing("absent", "left"), f"{LAW}第六十四条第六项"),
    Paper(("P15Z",), "听证报告", in_run("hearing_report"), f"{LAW}第六十五条"),
    Paper(("P16",), "集体讨论笔录", in_run("discuss"), f"{LAW}第五十七条第二款"),
    Paper(("P17",), "行政处罚决定审批表", in_run("decide"), f"{LAW}第五十七条第一款"),
    Paper(("P18",), "行政处罚决定书", _outcome("penalise"), f"{LAW}第五十九条"),
    Paper(("P19",), "不予行政处罚决定书", _outcome("spared", "unfounded"), f"{LAW}第五十七条第一款"),
    Paper(("P22",), "延期（分期）缴纳罚款决定书", in_run("defer_decide"), f"{LAW}第六十六条第二款"),
    Paper(("P24",), "催告书", in_run("demand"), f"{LAW}第七十二条"),
    Paper(("P27",), "送达回证", in_run("notice_serve", "decision_serve"), f"{LAW}第六十一条"),
    Paper(("P27N",), "送达公告", _by_public_notice, "民事诉讼法第九十五条"),
    Paper(("P27A",), "送达地址及送达方式确认书", took("e_service"), f"{LAW}第六十一条第二款"),
    Paper(("P25", "P25L"), "移送书（函）", _transferred, f"{LAW}第二十二条、第二十七条"),
    Paper(("P28",), "结案审批表", in_run("close_request"), f"{LAW}第四十七条"),
)
SPOT_PAPERS = (Paper(("P20",), "当场行政处罚决定书", took("spot_decide"), f"{LAW}第五十二条"),)


def _wound_up(ctx: Context) -> bool:
    """Whether the decision was carried out and the case closed, so that all that belongs to it is due."""
    return ctx.dossier.state == "closed"


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


def _vouchers(ctx: Context) -> list[Reason]:
    """Every payment names its voucher (第七十条); on the spot: the receipt's number."""
    return [
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


def _unreceipted(ctx: Context) -> list[Reason]:
    """The vouchers, and that nothing is owed any more that no court was asked for."""
    reasons = _vouchers(ctx)
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


def _of_ordinary(ctx: Context) -> list[Reason]:
    if not _wound_up(ctx):
        return _vouchers(ctx)
    return [
        *_unserved(ctx),
        *archiving.unrecorded(ctx),
        *_unreviewed(ctx),
        *_undiscussed(ctx),
        *_unreceipted(ctx),
        *(_evidence_checked(ctx) if _outcome("penalise")(ctx) else []),
    ]


def _of_spot(ctx: Context) -> list[Reason]:
    return [*archiving.unrecorded(ctx), *_unreceipted(ctx)] if _wound_up(ctx) else _vouchers(ctx)


DOSSIER_COMPLETE = archiving.complete("R087", f"{LAW}第四十七条", PAPERS, _of_ordinary)
SPOT_DOSSIER_COMPLETE = archiving.complete("R087-SPOT", f"{LAW}第四十七条", SPOT_PAPERS, _of_spot)

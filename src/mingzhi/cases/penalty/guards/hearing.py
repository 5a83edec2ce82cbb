"""Notice, statement and hearing (G7, G8, G9)."""

from __future__ import annotations

from mingzhi.cases.core.guards import capacities
from mingzhi.cases.penalty import proposal
from mingzhi.deadlines import api as deadlines
from mingzhi.deliberations import api as deliberations
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard

LAW = "行政处罚法"


def _penalising(ctx: Context) -> list[Reason]:
    if proposal.proposed(ctx).get("outcome") != "penalise":
        return [
            ctx.reason(
                "PEN-14.none",
                "拟不给予行政处罚，无须制作处罚告知书",
                remedy="可以直接报请决定",
                link="submit_decision",
            )
        ]
    return []


def _notice_current(ctx: Context) -> list[Reason]:
    """A second notice needs its reason: new facts, or a heavier proposal (第四十五条)."""
    if (
        ctx.last("notify") is not None
        and not ctx.f.renewed_because
        and not proposal.changed_since_notice(ctx)
    ):
        return [
            ctx.reason("PEN-14.again", "本案已经告知，重新告知应当写明理由", remedy="请填写重新告知的理由")
        ]
    return []


def _noticed(ctx: Context) -> list[Reason]:
    """G7, PEN-14: the notice was served, and the time to speak is over or was waived (第四十四、六十二条)."""
    if proposal.proposed(ctx).get("outcome") != "penalise":
        return []
    served = proposal.notice_served_on(ctx)
    if served is None:
        return [
            ctx.reason(
                "G7.notice",
                "处罚告知书尚未送达当事人，不得作出处罚决定",
                f"{LAW}第四十四条、第六十二条",
                "请先告知并送达",
                "notify",
            )
        ]
    if proposal.heavier_than_notified(ctx):
        return [
            ctx.reason(
                "PEN-16.proposal",
                "拟处罚内容比已告知的内容更重",
                f"{LAW}第四十五条第二款",
                "有新的事实的，请重新告知；否则不得加重",
                "notify",
            )
        ]
    reasons = []
    spoken = proposal.since_notice(ctx, "statement")
    statement_due = deadlines.due(served, ctx.term("penalty.term.statement")).on
    waived = spoken is not None and spoken.facts["form"] == "waived"
    if not waived and spoken is None and ctx.on <= statement_due:
        reasons.append(
            ctx.reason(
                "G7.period",
                f"陈述申辩期限至 {statement_due:%Y-%m-%d}，期限未满且当事人未陈述申辩或者放弃",
                f"{LAW}第四十五条、第六十二条",
                "请等待期限届满，或者登记当事人的陈述申辩、放弃声明",
                "statement",
            )
        )
    if proposal.hearing_right(ctx):
        asked = proposal.since_notice(ctx, "hearing_request")
        hearing_due = deadlines.due(served, ctx.term("penalty.term.hearing_request")).on
        if asked is None and ctx.on <= hearing_due:
            reasons.append(
                ctx.reason(
                    "G7.hearing_period",
                    f"当事人可在 {hearing_due:%Y-%m-%d} 前要求听证，期限未满",
                    f"{LAW}第六十四条第一项",
                    "请等待期限届满，或者登记当事人的听证申请、放弃声明",
                    "hearing_request",
                )
            )
    return reasons


def _notice_is_served(ctx: Context) -> list[Reason]:
    if proposal.notice_served_on(ctx) is None:
        return [
            ctx.reason(
                "G7.served", "处罚告知书尚未送达", f"{LAW}第四十四条", "请先送达告知书", "notice_serve"
            )
        ]
    return []


def _waiver_signed(ctx: Context) -> list[Reason]:
    if ctx.f.form == "waived" and not ctx.f.waiver_signed:
        return [
            ctx.reason(
                "PEN-14.waiver", "放弃陈述申辩应当有当事人的明确表示", remedy="请由当事人签署放弃声明后勾选"
            )
        ]
    if ctx.f.form in ("oral", "written") and not ctx.f.content:
        return [
            ctx.reason(
                "PEN-15.content",
                "请记录陈述申辩的内容",
                remedy="口头陈述的制作笔录，书面陈述的录入要点并上传原件",
            )
        ]
    return []


def _statement_after_notice(ctx: Context) -> list[Reason]:
    served = proposal.notice_served_on(ctx)
    if served is not None and ctx.f.made_on < served:
        return [
            ctx.reason(
                "PEN-15.order", f"陈述申辩日期早于告知书送达日期（{served:%Y-%m-%d}）", remedy="请核对日期"
            )
        ]
    if ctx.f.form == "silent" and served is not None:
        due = deadlines.due(served, ctx.term("penalty.term.statement")).on
        if ctx.on <= due:
            return [
                ctx.reason(
                    "PEN-15.early",
                    f"陈述申辩期限至 {due:%Y-%m-%d}，尚未届满，不能登记为未陈述",
                    remedy="请在期限届满后登记",
                )
            ]
    return []


def _hearing_right_exists(ctx: Context) -> list[Reason]:
    """PEN-17: the proposal is one of those on which a hearing may be asked for (第六十三条)."""
    if not proposal.hearing_right(ctx):
        return [
            ctx.reason(
                "PEN-17.none",
                "拟处罚内容不属于应当告知听证权利的情形",
                remedy="当事人的意见可以作为陈述申辩登记",
                link="statement",
            )
        ]
    return []


def _no_hearing_yet(ctx: Context) -> list[Reason]:
    if proposal.since_notice(ctx, "hearing_request") is not None:
        return [ctx.reason("PEN-18.twice", "听证申请已经登记")]
    return []


def _hearing_after_notice(ctx: Context) -> list[Reason]:
    served = proposal.notice_served_on(ctx)
    if served is not None and ctx.f.requested_on < served:
        return [
            ctx.reason(
                "PEN-18.order", f"申请日期早于告知书送达日期（{served:%Y-%m-%d}）", remedy="请核对日期"
            )
        ]
    return []


def _hearing_done(ctx: Context) -> list[Reason]:
    """G8: a hearing validly asked for was held and reported, or ended because the party stayed away."""
    current = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    if current is None or current.state in ("refused", "ended", "reported"):
        return []
    return [
        ctx.reason(
            "G8.hearing",
            f"当事人已要求听证，目前{current.state_label}，听证程序尚未完成",
            f"{LAW}第六十四条、第六十五条",
            "请组织听证并提交听证报告",
            "hearing",
        )
    ]


def _hearing_in(*states: str) -> Guard:
    def check(ctx: Context) -> list[Reason]:
        current = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
        if current is None or current.state not in states:
            return [
                ctx.reason(
                    "HEARING.state",
                    f"听证{current.state_label if current else '尚未申请'}",
                    remedy="请按听证程序办理",
                    link="hearing",
                )
            ]
        return []

    return Guard("HEARING-STATE", "听证进展", "行政处罚法第六十四条", check)


def _host_independent(ctx: Context) -> list[Reason]:
    """PEN-20, SoD-1: the host did not investigate this case (第六十四条第四项)."""
    investigated = tuple(m.person_id for m in ctx.all_members if m.role in ("lead", "assist"))
    problem = organisations.separation.sod_handler_not_host(handlers=investigated, host=ctx.f.host)
    if problem is None:
        problem = organisations.separation.sod_capacities_apart(
            capacities(ctx), person_id=ctx.f.host, capacity="host"
        )
    reasons = [problem] if problem is not None else []
    if ctx.f.recorder in investigated:
        reasons.append(
            ctx.reason("PEN-20.recorder", "本案调查人员不宜担任听证记录员", remedy="请另行指定记录员")
        )
    if not ctx.f.public and not ctx.f.closed_reason:
        reasons.append(
            ctx.reason(
                "PEN-20.public",
                "听证应当公开举行，不公开的须有法定理由",
                f"{LAW}第六十四条第三项",
                "请填写涉及国家秘密、商业秘密或者个人隐私的情况",
            )
        )
    return reasons


def _hearing_noticed_early(ctx: Context) -> list[Reason]:
    """PEN-19: seven working days between notice and hearing (第六十四条第二项)."""
    earliest = deadlines.due(ctx.on, ctx.term("penalty.term.hearing_notice")).on
    held = clock.local_date(ctx.f.starts_at)
    if held < earliest:
        return [
            ctx.reason(
                "PEN-19.short",
                f"应当在举行听证七日（工作日）前通知；今日通知，最早可于 {earliest:%Y-%m-%d} 举行",
                remedy=f"请将听证时间改为 {earliest:%Y-%m-%d} 或者以后",
            )
        ]
    return []


def _is_the_host(ctx: Context) -> list[Reason]:
    current = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    if current is not None and current.host_id not in (None, ctx.by.person_id):
        return [ctx.reason("PEN-20.host", f"本案听证由{current.host_name}主持", remedy="请由听证主持人登记")]
    return []


def _hearing_time_came(ctx: Context) -> list[Reason]:
    current = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    if current is not None and current.starts_at is not None and ctx.occurred_at < current.starts_at:
        return [
            ctx.reason(
                "PEN-19.before",
                f"听证定于 {clock.local(current.starts_at):%Y-%m-%d %H:%M} 举行，尚未到时间",
                remedy="请在听证举行后登记",
            )
        ]
    return []


def _answered(ctx: Context) -> list[Reason]:
    """G9: what the party said was weighed, and the answer is on record (第四十五条)."""
    said = ctx.last("statement")
    heard = ctx.last("hearing_report")
    needs = [
        s
        for s in (said if said and said.facts["form"] in ("oral", "written") else None, heard)
        if s is not None
    ]
    answered = ctx.last("reconsider")
    if needs and (answered is None or answered.seq < max(s.seq for s in needs)):
        return [
            ctx.reason(
                "G9.answer",
                "当事人提出了陈述申辩或者听证意见，尚未复核",
                f"{LAW}第四十五条",
                "请办理“复核意见”",
                "reconsider",
            )
        ]
    return []


def _something_said(ctx: Context) -> list[Reason]:
    said = ctx.last("statement")
    if (said is None or said.facts["form"] not in ("oral", "written")) and ctx.last("hearing_report") is None:
        return [ctx.reason("G9.nothing", "当事人未提出陈述申辩或者听证意见，无须复核")]
    return []


PENALISING = Guard("PEN-14", "拟给予行政处罚", "行政处罚法第四十四条", _penalising)
NOTICE_CURRENT = Guard(
    "PEN-14-AGAIN", "重新告知有理由", "行政处罚法第四十五条", _notice_current, standing=False
)
NOTICED = Guard("G7", "已告知并保障陈述申辩", "行政处罚法第四十四条、第四十五条、第六十二条", _noticed)
NOTICE_IS_SERVED = Guard("G7-SERVED", "告知书已送达", "行政处罚法第四十四条", _notice_is_served)
WAIVER_SIGNED = Guard(
    "PEN-15", "陈述申辩有记录", "行政处罚法第四十五条、第六十二条", _waiver_signed, standing=False
)
STATEMENT_AFTER_NOTICE = Guard(
    "PEN-15-ORDER", "陈述申辩在告知之后", "行政处罚法第四十五条", _statement_after_notice, standing=False
)
HEARING_RIGHT_EXISTS = Guard("PEN-17", "属于听证范围", "行政处罚法第六十三条", _hearing_right_exists)
NO_HEARING_YET = Guard("PEN-18-ONCE", "尚未申请听证", "行政处罚法第六十四条", _no_hearing_yet)
HEARING_AFTER_NOTICE = Guard(
    "PEN-18", "告知送达后五日内提出", "行政处罚法第六十四条第一项", _hearing_after_notice, standing=False
)
HEARING_DONE = Guard("G8", "听证程序完成", "行政处罚法第六十四条、第六十五条", _hearing_done)
HOST_INDEPENDENT = Guard(
    "PEN-20", "听证主持人非本案调查人员", "行政处罚法第六十四条第四项", _host_independent, standing=False
)
HEARING_NOTICED_EARLY = Guard(
    "PEN-19", "七个工作日前通知", "行政处罚法第六十四条第二项", _hearing_noticed_early, standing=False
)
IS_THE_HOST = Guard("PEN-20-HOST", "由听证主持人办理", "行政处罚法第六十四条", _is_the_host)
HEARING_TIME_CAME = Guard(
    "PEN-19-TIME", "听证时间已到", "行政处罚法第六十四条", _hearing_time_came, standing=False
)
ANSWERED = Guard("G9", "陈述申辩、听证意见已复核", "行政处罚法第四十五条、第六十五条", _answered)
SOMETHING_SAID = Guard("G9-SAID", "有需要复核的意见", "行政处罚法第四十五条", _something_said)
hearing_in = _hearing_in

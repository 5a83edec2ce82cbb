"""What follows from the steps of a penalty case: derived, never stored.

Everything here is a question about a dossier that several guards, papers and pages ask: what is
proposed, what was notified and when it was served, whether a hearing may be asked for, why the
decision is a major one, what is still owed.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from types import MappingProxyType
from typing import Any

from mingzhi.cases.core.archiving import case_papers
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import PenaltyKind
from mingzhi.deadlines import api as deadlines
from mingzhi.deliberations import api as deliberations
from mingzhi.documents import api as documents
from mingzhi.documents.data import PaperView, ServiceFacts, ServiceView
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import Standard
from mingzhi.dossiers.data import PartyView
from mingzhi.kernel import clock, money
from mingzhi.kernel.errors import Reason
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import StepView
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.review.data import MaterialRule, Trigger

NOTICES = ("P13", "P13H")
DECISIONS = ("P18", "P19", "P20")
HEAVY = frozenset({"07", "08", "09", "10", "11", "12"})
"""Kinds on which a hearing may always be asked for (行政处罚法第六十三条第一款第三、四项)."""


# --- what is proposed and what was notified ------------------------------------------


def proposed(ctx: Context) -> dict[str, Any]:
    """The outcome as now proposed: the latest report of the current run, empty before it."""
    last = ctx.last("conclude")
    return last.facts if last else {}


def notified(ctx: Context) -> dict[str, Any] | None:
    """The outcome as last notified to the party: that of the report the notice was made from."""
    notice = ctx.last("notify")
    if notice is None:
        return None
    reports = [s for s in ctx.all("conclude") if s.seq < notice.seq]
    return reports[-1].facts if reports else None


def since_notice(ctx: Context, verb: str) -> StepView | None:
    """The latest step of ``verb`` after the last notice: what a party said or waived on an earlier
    notice does not answer a renewed one (第四十四条、第六十二条)."""
    notice, last = ctx.last("notify"), ctx.last(verb)
    return last if last is not None and (notice is None or last.seq > notice.seq) else None


def changed_since_notice(ctx: Context) -> bool:
    """Whether a new report was made after the last notice."""
    report, notice = ctx.last("conclude"), ctx.last("notify")
    return report is not None and notice is not None and report.seq > notice.seq


def heavier_than_notified(ctx: Context) -> bool:
    """Whether the present proposal is heavier than what the party was told (第四十五条第二款)."""
    told, now = notified(ctx), proposed(ctx)
    if told is None or not now or now["outcome"] != "penalise":
        return False
    if told["outcome"] != "penalise":
        return True
    if set(now["kinds"]) - set(told["kinds"]):
        return True
    return any(money.fen(now[k]) > money.fen(told[k]) for k in ("fine_yuan", "forfeit_yuan"))


def party_standard(ctx: Context) -> str:
    """``natural`` or ``organisation``: by which thresholds this party is judged (error-prone 40)."""
    party = ctx.party
    return "natural" if party is not None and party.standard == Standard.CITIZEN else "organisation"


def hearing_reasons(ctx: Context) -> list[str]:
    """Why a hearing may be asked for on the proposal (第六十三条); empty if it may not."""
    now = proposed(ctx)
    if not now or now["outcome"] != "penalise":
        return []
    reasons = [f"拟作出{PenaltyKind(k).label}" for k in now["kinds"] if k in HEAVY]
    threshold = catalogue.hearing_threshold(
        body=ctx.body, field=ctx.dossier.field, party_kind=party_standard(ctx), on=ctx.on
    )
    if threshold.amount_fen is not None:
        for key, word in (("fine_yuan", "罚款"), ("forfeit_yuan", "没收")):
            amount = money.fen(now[key])
            if amount > threshold.amount_fen or (threshold.inclusive and amount == threshold.amount_fen):
                reasons.append(
                    f"拟{word} {money.yuan(amount)} 元，达到较大数额标准 {money.yuan(threshold.amount_fen)} 元"
                )
    return reasons


def hearing_right(ctx: Context) -> bool:
    return bool(hearing_reasons(ctx))


def range_problems(ctx: Context, report: dict[str, Any], amount_fen: int) -> list[Reason]:
    """Why ``amount_fen`` lies outside the law or the tier that ``report`` chose, by its base and units."""
    facts: dict[str, Any] = {}
    if money.fen(report.get("base_yuan", "0")):
        facts["base_fen"] = money.fen(report["base_yuan"])
    if report.get("units"):
        facts["units"] = report["units"]
    return catalogue.range_problems(
        ctx.dossier.item_code,
        report.get("tier", ""),
        amount_fen,
        on=ctx.on,
        facts=facts,
        party_kind=party_standard(ctx),
        body=ctx.body,
    )


# --- legal review ---------------------------------------------------------------------------


def review_facts(ctx: Context) -> dict[str, Any]:
    """The facts over which the body's review catalogue is evaluated."""
    hearing = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    return {
        **facts_of(
            proposed(ctx),
            level=ctx.body.level,
            field=ctx.dossier.field,
            party=ctx.party,
            hearing_held=hearing is not None and hearing.state in ("held", "reported"),
        ),
        "leader_requested": ctx.last("review_submit") is not None,
    }


def facts_of(
    now: Mapping[str, Any], *, level: str, field: str, party: PartyView | None, hearing_held: bool
) -> dict[str, Any]:
    """The same of any report ``now``, whenever it was made."""
    kind = "natural" if party is not None and party.standard == Standard.CITIZEN else "organisation"
    fine, forfeit = money.fen(now.get("fine_yuan", "0")), money.fen(now.get("forfeit_yuan", "0"))
    return {
        "act_type": "行政处罚",
        "level": level,
        "field": field,
        "procedure": "ordinary",
        "fine_fen": fine,
        "confiscation_fen": forfeit,
        "amount_fen": fine + forfeit,
        "kinds": list(now.get("kinds", ())),
        "party_kind": "sole_trader"
        if party is not None and party.kind == "household" and kind != "natural"
        else kind,
        **{name: bool(now.get(name)) for name in FLAGS},
        "hearing_held": hearing_held,
        "mitigated": bool(now.get("lenient")) and bool(now.get("outside_reason")),
        "outcome": now.get("outcome", ""),
    }


FLAGS = ("public_interest", "social_risk", "major_rights", "complex", "social_attention")
"""What the report itself says of the weight of the matter."""


def triggers(ctx: Context) -> list[Trigger]:
    """Why the decision as proposed is a major one; empty if it is not, or nothing is proposed yet."""
    if proposed(ctx).get("outcome") not in ("penalise", "transfer", "spared", "unfounded"):
        return []
    if proposed(ctx)["outcome"] != "penalise":
        return []

    def read() -> list[Trigger]:
        facts = {**review_facts(ctx), "leader_requested": False}
        return review.review_triggers(facts, body=ctx.body, on=ctx.on)

    found: list[Trigger] = ctx.once("triggers", read)
    return found


def review_checks(ctx: Context) -> dict[str, str]:
    """Code → label of the checks that the body's own document asks for (R119), in its order."""
    return {row["code"]: row["label"] for row in ctx.norm("review.checks")}


def review_materials(ctx: Context) -> list[MaterialRule]:
    """What must go with the submission, what this matter needs of it, and whether it is there (§5.3)."""
    papers = {p.template for p in case_papers(ctx)}
    statement = ctx.last("statement")
    hearing = ctx.once("hearing", lambda: deliberations.hearing_current(ctx.dossier.pk))
    appraised = ctx.last("appraise") is not None
    evidence = bool(ctx.once("evidence", lambda: recording.evidence(ctx.dossier.pk)))
    spoke = statement is not None and statement.facts["form"] in ("oral", "written")
    heard = hearing is not None and hearing.state in ("held", "reported")
    return [
        MaterialRule("report", "调查终结报告", True, "P11" in papers, "请先办理“调查终结”"),
        MaterialRule("evidence", "全部证据材料", True, evidence, "请上传证据材料"),
        MaterialRule("proposal", "拟作出的决定", True, bool(proposed(ctx)), "请先形成处理意见"),
        MaterialRule(
            "unit", "承办机构意见", True, ctx.last("unit_check") is not None, "请承办机构负责人先行审核"
        ),
        MaterialRule("statement", "陈述申辩笔录", spoke, spoke, "请登记陈述申辩情况"),
        MaterialRule("hearing", "听证笔录", heard, heard, "请登记听证情况"),
        MaterialRule("appraisal", "鉴定、检测意见", appraised, appraised, "请登记鉴定意见"),
    ]


def discussion_reasons(ctx: Context) -> list[str]:
    """Why the decision must be discussed collectively (第五十七条第二款); empty if it need not."""
    now = proposed(ctx)
    if not now or now["outcome"] != "penalise" or not ctx.norm("penalty.discussion.required"):
        return []
    reasons = []
    if now.get("complex"):
        reasons.append("案情复杂")
    heavy = [PenaltyKind(k).label for k in now["kinds"] if k in HEAVY]
    if heavy:
        reasons.append("属于重大违法行为，拟作出" + "、".join(heavy))
    if now.get("outside_reason"):
        reasons.append("拟在裁量基准幅度以外处罚")
    if any(now.get(k) for k in ("public_interest", "social_risk")):
        reasons.append("涉及重大公共利益或者社会风险")
    if hearing_right(ctx):
        reasons.append("属于较重的行政处罚")
    return reasons


# --- papers and service --------------------------------------------------------------------------


def run_papers(ctx: Context) -> list[PaperView]:
    """Papers drawn by steps of the current run."""
    ids = {s.id for s in ctx.run}
    return [p for p in case_papers(ctx) if p.step_id in ids]


def unserved(ctx: Context) -> list[PaperView]:
    """Outward papers of the current run that were not served yet; an older notice that a new one replaced is not asked for."""
    waiting = [
        p
        for p in run_papers(ctx)
        if p.outward and p.served_on is None and p.template not in SERVED_ON_THE_SPOT
    ]
    last_notice = max((p.id for p in waiting if p.template in NOTICES), default=0)
    return [p for p in waiting if p.template not in NOTICES or p.id == last_notice]


SERVED_ON_THE_SPOT = frozenset(
    {
        "P04B",
        "P05",
        "P06",
        "P07N",
        "P09R",
        "P14",
        "P14W",
        "P15A",
        "P15G",
        "P15R",
        "P20",
        "P25",
        "P25L",
        "P27",
        "P27A",
        "P27N",
    }
)
"""Outward papers that the party signs or receives as they are made, and the proofs of service themselves."""


def case_services(ctx: Context) -> list[ServiceView]:
    found: list[ServiceView] = ctx.once("services", lambda: documents.services(ctx.dossier.pk))
    return found


def _served_on(ctx: Context, templates: tuple[str, ...]) -> date | None:
    """The deemed day of service of the last paper of these templates in the current run; a day that
    has not come yet (公告) counts as not served."""
    papers = [p for p in run_papers(ctx) if p.template in templates]
    if not papers:
        return None
    served = papers[-1].served_on
    return served if served is not None and served <= ctx.on else None


def notice_served_on(ctx: Context) -> date | None:
    return _served_on(ctx, NOTICES)


def decision_served_on(ctx: Context) -> date | None:
    return _served_on(ctx, DECISIONS)


def demand_served_on(ctx: Context) -> date | None:
    return _served_on(ctx, ("P24",))


SERVICE_MODES = MappingProxyType(
    {
        "direct": "direct",
        "leave": "leave",
        "entrusted": "entrusted",
        "mail": "mail",
        "public_notice": "public",
        "electronic": "electronic",
        "forwarded": "forwarded",
    }
)
"""Mode of the step → mode of the documents room."""


def service_facts(ctx: Context) -> ServiceFacts:
    """The step's facts as the documents room wants them."""
    f = ctx.f
    party = ctx.party
    electronic = f.mode == "electronic"
    return ServiceFacts(
        on=f.served_on,
        place=f.place,
        recipient=party.name if party else "",
        signer=f.receiver,
        relation=f.relation,
        officers=tuple(ctx.person(p).name for p in f.officers),
        witnesses=tuple(w for w in (" ".join(x for x in (f.witness_unit, f.witness) if x),) if w),
        file_ids=tuple(f.proof),
        left_at_residence=f.at_residence,
        refused_reason=f.refusal,
        consent_on=party.e_service_agreed_on if party else None,
        address=(party.e_service_address if party and electronic else f.place) or f.notice_place,
        arrived_at=clock.at_local(f.served_on, 12) if electronic else None,
        tracking=f.tracking,
        agent=f.agent,
        whereabouts_unknown=f.whereabouts_unknown,
        attempts=(),
        reason=f.notice_reason,
        carrier=f.notice_place,
        failed=f.failed,
    )


SERVICE_ACTS = MappingProxyType({"leave": "service_leave", "public_notice": "service_public_notice"})
"""Modes of service that the recording list names, and the act they are there (R076)."""


def service_problems(ctx: Context) -> list[Reason]:
    """What the mode of service still lacks (domain §2.5), and the recording that the mode demands."""
    f = ctx.f
    paper = next(p for p in unserved(ctx) if p.id == f.paper)
    facts = service_facts(ctx)
    if f.mode == "public_notice":
        tried = tuple(s.mode for s in case_services(ctx) if s.paper_id == paper.id and s.outcome == "failed")
        facts = ServiceFacts(**{**_fields(facts), "attempts": tried})
    reasons = list(
        documents.service_problems(
            SERVICE_MODES[f.mode],
            facts,
            drawn_on=clock.local_date(paper.drawn_at),
            today=clock.local_date(ctx.at),
        )
    )
    act = SERVICE_ACTS.get(f.mode)
    if act and not f.failed:
        reasons += recording.act_problems(dossier_id=ctx.dossier.pk, act=act, body=ctx.body, on=ctx.on)
    return reasons


def _fields(facts: ServiceFacts) -> dict[str, Any]:
    return {name: getattr(facts, name) for name in ServiceFacts.__dataclass_fields__}


# --- money ------------------------------------------------------------------------------------------


def decided(ctx: Context) -> StepView | None:
    return ctx.last("decide", "spot_decide")


def owed_fen(ctx: Context) -> int:
    """Fine and forfeited amount of the decision, in 分."""
    step = decided(ctx)
    if step is None or step.facts.get("outcome", "penalise") != "penalise":
        return 0
    return money.fen(step.facts["fine_yuan"]) + money.fen(step.facts.get("forfeit_yuan", "0"))


def paid_fen(ctx: Context) -> int:
    spot = ctx.last("spot_decide")
    taken = money.fen(spot.facts["fine_yuan"]) if spot is not None and spot.facts.get("collected") else 0
    return taken + sum(money.fen(s.facts["amount_yuan"]) for s in ctx.all("payment"))


def pay_by(ctx: Context) -> date | None:
    """The last day to pay: fifteen days after receipt, or the day an approved deferral gave (第六十六、六十七条)."""
    served = decision_served_on(ctx)
    if ctx.last("spot_decide") is not None:
        served = clock.local_date(ctx.last("spot_decide").occurred_at)  # type: ignore[union-attr]
    if served is None or owed_fen(ctx) == 0:
        return None
    deferred = [s for s in ctx.all("defer_decide") if s.facts["approved"] and s.facts.get("until")]
    if deferred:
        return date.fromisoformat(deferred[-1].facts["until"])
    return deadlines.due(served, ctx.term("penalty.term.payment")).on


def suspended_days(ctx: Context) -> Iterator[tuple[date, date]]:
    """Stretches of reconsideration or litigation, during which the surcharge does not run (第七十三条第三款)."""
    for step in ctx.all("remedy"):
        began = date.fromisoformat(step.facts["began_on"])
        ended = date.fromisoformat(step.facts["ended_on"]) if step.facts.get("ended_on") else ctx.on
        yield began, ended


def surcharge_fen(*, fine_fen: int, days: int, daily_permille: int, cap_permille: int = 1000) -> int:
    """加处罚款 in 分: so many thousandths of the fine a day, never above the fine itself
    (行政处罚法第七十二条第一款第一项; 行政强制法第四十五条; PEN-29). ``days`` ≤ 0 gives 0."""
    if days <= 0:
        return 0
    return min(fine_fen * daily_permille * days // 1000, fine_fen * cap_permille // 1000)


def surcharge_due_fen(ctx: Context) -> int:
    """The surcharge accrued to the step's day on the unpaid part of the fine; nothing on forfeited amounts."""
    step, due = decided(ctx), pay_by(ctx)
    if step is None or due is None or not step.facts.get("surcharge", True):
        return 0
    fine = money.fen(step.facts["fine_yuan"])
    rest = min(fine, max(0, owed_fen(ctx) - paid_fen(ctx)))
    stretches = list(suspended_days(ctx))
    day, days = due + timedelta(days=1), 0
    while day <= ctx.on:
        if not any(a <= day <= b for a, b in stretches):
            days += 1
        day += timedelta(days=1)
    return surcharge_fen(
        fine_fen=rest,
        days=days,
        daily_permille=ctx.norm("penalty.surcharge.daily_permille"),
        cap_permille=ctx.norm("penalty.surcharge.cap_permille"),
    )


def outstanding_fen(ctx: Context) -> int:
    """What is still to be paid of the decision itself, without surcharge."""
    return max(0, owed_fen(ctx) - paid_fen(ctx))


# --- the same act elsewhere ------------------------------------------------------------------------------


def same_act_elsewhere(ctx: Context, *, item_code: str, act_day: str) -> list[str]:
    """Numbers of other dossiers of this body in which the same party was fined for the same item and
    act day (PEN-41). The party's dossiers are few, so their steps are read one by one."""
    from mingzhi.procedures import api as procedures

    party = ctx.party
    if party is None or not act_day:
        return []
    found = []
    others = (
        dossiers.Dossier.objects.filter(
            body_id=ctx.dossier.body_id,
            item_code=item_code,
            party_links__party_id=party.id,
            party_links__role="party",
        )
        .exclude(pk=ctx.dossier.pk)
        .exclude(state__in=("annulled", "withdrawn", "not_filed"))
        .order_by("pk")[:50]
    )
    for other in others:
        steps = {s.verb: s for s in procedures.steps(other)}
        decision = steps.get("decide") or steps.get("spot_decide")
        request = steps.get("file_request") or steps.get("spot_decide")
        if decision is None or request is None or "03" not in decision.facts.get("kinds", ()):
            continue
        day = request.facts.get("act_began_on") or request.facts.get("act_on")
        if day == act_day:
            found.append(other.number)
    return found


def penalty_text(kinds: list[str] | tuple[str, ...], fine_fen: int, forfeit_fen: int, other: str) -> str:
    """The penalty in the words of a paper: 一、警告；二、罚款人民币伍仟元整（5,000.00 元）…"""
    parts = []
    for kind in kinds:
        label = PenaltyKind(kind).label
        if kind == "03":
            parts.append(f"罚款人民币{money.capitals(fine_fen)}（¥{money.yuan(fine_fen)}）")
        elif kind == "04":
            parts.append(f"没收违法所得人民币{money.capitals(forfeit_fen)}（¥{money.yuan(forfeit_fen)}）")
        elif kind == "05" and "04" not in kinds and forfeit_fen:
            parts.append(f"没收非法财物（价值人民币{money.capitals(forfeit_fen)}）")
        else:
            parts.append(label)
    if other:
        parts.append(other)
    if len(parts) == 1:
        return parts[0] + "。"
    numerals = "一二三四五六七八九十"
    return "；\n".join(f"（{numerals[i]}）{p}" for i, p in enumerate(parts)) + "。"

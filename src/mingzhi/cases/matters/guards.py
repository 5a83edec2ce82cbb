"""Guards of a matter sent for review: whole, agreed by its unit, passed by every body that decides (R101–R105)."""

from __future__ import annotations

from datetime import date

from mingzhi.cases.core import review_guards
from mingzhi.cases.matters import disclosure, matter, outcome
from mingzhi.cases.matters.options import act_types, matter_items, partner_units
from mingzhi.kernel import clock, money
from mingzhi.kernel.errors import NotFound, Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard
from mingzhi.publication import api as publication
from mingzhi.review.data import ReviewView

ACTION = review_guards.ACTION
PLAN = "霞山区城综局实施方案二（三）2"
COUNTED = "国办发〔2018〕118号（行政执法统计年报制度）"
EXECUTION = "行政强制法第三十七条、第四十条"
APPLYING = "行政许可法第二十九条、第三十二条"
OTHER_PARTY = "MAT.other_party"
RUNNING = ("submitted", "accepted", "disputed")


def needs_round(now: ReviewView | None) -> bool:
    """Whether a submission sends this body's review: not while it runs, nor when it agreed to this text."""
    return now is None or (now.state not in RUNNING and not now.passed)


def _registered_whole(ctx: Context) -> list[Reason]:
    f = ctx.f
    reasons = []
    if f.act_type not in dict(act_types(ctx)):
        reasons.append(ctx.reason("MAT.act", "请选择执法类别", remedy="请从列表中选择"))
    if f.party_kind != "none" and not f.party:
        reasons.append(
            ctx.reason(
                "MAT.party", "请填写相对人姓名或名称", remedy="没有特定相对人的，请选择“没有特定相对人”"
            )
        )
    if ctx.party is not None and (f.party_kind == "none" or f.party != ctx.party.name):
        reasons.append(
            ctx.reason(
                OTHER_PARTY,
                f"本案卷登记的相对人是{ctx.party.name}",
                remedy="请按登记的相对人填写；相对人有误的，请终止本事项后重新登记",
                link="party",
            )
        )
    if f.item_code and f.item_code not in dict(matter_items(ctx)):
        reasons.append(ctx.reason("MAT.item", "所选事项不在本机关的事项目录中", remedy="请从列表中选择"))
    known = dict(partner_units(ctx))
    if f.in_name == "joint" and not f.partners:
        reasons.append(
            ctx.reason(
                "MAT.partners",
                "以共同名义作出的，应当写明共同作出决定的其他机关",
                PLAN,
                "请选择其他机关的承办机构",
            )
        )
    if f.in_name != "joint" and f.partners:
        reasons.append(
            ctx.reason(
                "MAT.alone",
                "不是以共同名义作出的，不应选择其他机关",
                PLAN,
                "请选择“共同名义”，或者去掉其他机关",
            )
        )
    bodies: set[int] = set()
    for unit_id in f.partners:
        if str(unit_id) not in known:
            reasons.append(ctx.reason("MAT.partner", "所选机关不能共同作出决定", PLAN, "请从列表中选择"))
            continue
        body_id = organisations.unit(unit_id).body_id
        if body_id in bodies:
            reasons.append(
                ctx.reason(
                    "MAT.twice", f"{known[str(unit_id)]}：同一机关只选一个承办机构", PLAN, "请只保留一个"
                )
            )
        bodies.add(body_id)
        try:
            organisations.review_unit(body_id)
        except NotFound:
            reasons.append(
                ctx.reason(
                    "MAT.no_review_unit",
                    f"{organisations.body(body_id).name}没有登记法制审核机构，无法分别审核",
                    PLAN,
                    "请该机关先登记法制审核机构",
                )
            )
    return reasons


def _files_own(ctx: Context) -> list[Reason]:
    """What a step names as its file lies on this dossier, and something was handed over."""
    named = set(getattr(ctx.f, "draft", ()) or getattr(ctx.f, "files", ()))
    if not named:
        return [ctx.reason("MAT.file", "请上传文件", ACTION, "请选择文件后提交")]
    if named - matter.file_ids(ctx):
        return [ctx.reason("MAT.foreign_file", "所选文件不在本案卷内", ACTION, "请重新上传")]
    return []


def _unit_agreed(ctx: Context) -> list[Reason]:
    """R124: the handling unit formed its opinion on the text as it now stands."""
    last = ctx.last("register", "revise", "unit_check")
    if last is None or last.verb != "unit_check":
        return [
            ctx.reason(
                "G5.unit",
                "拟作出的决定尚未经承办机构负责人审核",
                remedy="请承办机构负责人办理“承办机构审核”",
                link="unit_check",
            )
        ]
    return []


def _not_yet_agreed(ctx: Context) -> list[Reason]:
    if not _unit_agreed(ctx):
        return [ctx.reason("ONCE.unit_check", "拟作出的决定已经审核")]
    return []


def _something_to_send(ctx: Context) -> list[Reason]:
    now = matter.standing(ctx)
    if now.passed:
        return [ctx.reason("REV.passed", "法制审核已经通过，无须再次送审")]
    if not any(needs_round(r) for r in (now.own, *(s.review for s in now.seats))):
        return [
            ctx.reason(
                "REV.running",
                "各机关的法制审核正在进行，不能重复送审",
                remedy="请等待审核意见",
                link="review",
            )
        ]
    return []


def _all_passed(ctx: Context) -> list[Reason]:
    """R101, R104, R105: nothing is decided, or reported to the government, before every review agreed."""
    now = matter.standing(ctx)
    reasons = []
    for name, one in ((ctx.body.name, now.own), *((s.body_name, s.review) for s in now.seats)):
        if one is None or not one.passed:
            state = one.state_label if one else "尚未送审"
            spoken = f"，意见为“{one.opinions[-1].kind_label}”" if one and one.opinions else ""
            reasons.append(
                ctx.reason(
                    "G6.review",
                    f"{name}的法制审核没有通过（{state}{spoken}）",
                    remedy="请送法制审核，或者按审核意见修改后再次送审；未经审核或者审核未通过的，不得作出决定",
                    link="review",
                )
            )
    if not now.seats and matter.registered(ctx).get("in_name") == "joint":
        reasons.append(
            ctx.reason("G6.joint", "共同作出决定的其他机关尚未审核", PLAN, "请送法制审核", "review")
        )
    return reasons


def _countersigned(ctx: Context) -> list[Reason]:
    return [
        ctx.reason(
            "MAT.unsigned",
            f"{s.body_name}尚未会签",
            remedy="请该机关负责人在其审核案卷中办理“会签”",
            link="review",
        )
        for s in matter.standing(ctx).seats
        if s.own_state != "signed"
    ]


def _none_signed(ctx: Context) -> list[Reason]:
    return [
        ctx.reason(
            "MAT.signed",
            f"{s.body_name}已经会签，不能再修改",
            PLAN,
            "确需修改的，请终止本事项后重新登记",
        )
        for s in matter.standing(ctx).seats
        if s.own_state == "signed"
    ]


def _own_name(ctx: Context) -> list[Reason]:
    if matter.registered(ctx).get("in_name") == "government":
        return [
            ctx.reason(
                "MAT.government",
                "本事项以本级人民政府名义作出",
                PLAN,
                "请办理“报请本级人民政府”",
                "report_up",
            )
        ]
    return []


def _government_name(ctx: Context) -> list[Reason]:
    if matter.registered(ctx).get("in_name") != "government":
        return [
            ctx.reason(
                "MAT.not_government",
                "本事项不以本级人民政府名义作出",
                PLAN,
                "请办理“作出决定”",
                "matter_decide",
            )
        ]
    return []


def _day_possible(ctx: Context) -> list[Reason]:
    """A decision is not dated ahead, nor before the last review that it needed agreed."""
    day: date = ctx.f.decided_on
    if day > ctx.on:
        return [ctx.reason("MAT.ahead", "决定日期晚于今日", remedy="请核对日期")]
    opined = [r.opinions[-1].at for r in _spoken(ctx)]
    if opined and day < clock.local_date(max(opined)):
        return [
            ctx.reason(
                "MAT.early", "决定日期早于法制审核意见", ACTION, "未经审核通过不得作出决定，请核对日期"
            )
        ]
    return []


def _outcome_told(ctx: Context) -> list[Reason]:
    """What was decided is told in the kinds that are counted, so that nothing decided is counted nowhere."""
    if getattr(ctx.f, "made", "made") != "made":
        return []
    act, chosen = matter.act_type(ctx), set(ctx.f.kinds)
    known = dict(outcome.kinds(act))
    if known and not chosen:
        return [ctx.reason("MAT.kinds", "请选择决定种类", COUNTED, "按决定书的内容选择，统计年报据此计数")]
    if chosen - set(known):
        return [ctx.reason("MAT.kind", f"所选种类不是{act}的种类", COUNTED, "请从列表中选择")]
    reasons = []
    if act == outcome.PERMIT and len(chosen) > 1:
        reasons.append(ctx.reason("MAT.one_kind", "一件行政许可决定只有一种结果", COUNTED, "请只选择一项"))
    if outcome.IN_CASE in chosen and len(chosen) > 1:
        reasons.append(
            ctx.reason(
                "MAT.in_case",
                "决定由处罚案卷作出的，不再选择处罚种类",
                COUNTED,
                "请只保留其中一项，避免重复统计",
            )
        )
    if money.fen(ctx.f.amount_yuan) and (act not in outcome.WITH_AMOUNT or outcome.IN_CASE in chosen):
        reasons.append(ctx.reason("MAT.amount", "这一决定不填写金额", COUNTED, "请将金额清空"))
    return reasons


def _party_known(ctx: Context) -> list[Reason]:
    """Whom a decision concerns stands in the register of parties, as its disclosure must say it (R042)."""
    if disclosure.party_known(ctx):
        return []
    return [
        ctx.reason(
            "PUB.party",
            "缺相对人登记，不能公示",
            remedy="请登记相对人的类型、名称和证件信息",
            link="party",
        )
    ]


def _party_told(ctx: Context) -> list[Reason]:
    return _party_known(ctx) if ctx.f.made == "made" else []


def _disclosable(ctx: Context) -> list[Reason]:
    """What the public must be told was said, so that no decision is made that cannot be disclosed (R042)."""
    if getattr(ctx.f, "made", "made") != "made":
        return []
    return disclosure.lacking(ctx, disclosure.deciding(ctx))


def _supplement_whole(ctx: Context) -> list[Reason]:
    told = disclosure.decided(ctx, ctx.f.model_dump(mode="json"))
    return disclosure.lacking(ctx, told) if told is not None else []


def _not_listed(ctx: Context) -> list[Reason]:
    """One decision is taken up once; one that a penalty case holds is disclosed there."""
    told = disclosure.decided(ctx)
    if told is not None and disclosure.elsewhere(told):
        return [ctx.reason("PUB.in_case", "决定由处罚案卷作出，在该案卷公示")]
    if ctx.once("disclosed", lambda: publication.disclosure_status(ctx.dossier.pk)):
        return [ctx.reason("PUB.listed", "本决定已列入公示", remedy="请在“公示”中查看进度")]
    return []


def _application_due(ctx: Context) -> list[Reason]:
    """Of a permit, once: an application is received and accepted once."""
    if matter.act_type(ctx) != outcome.PERMIT:
        return [ctx.reason("MAT.no_permit", "本事项不是行政许可")]
    if any(s.verb == "apply" for s in ctx.steps):
        return [ctx.reason("MAT.applied", "申请、受理已经登记")]
    return []


def _application_possible(ctx: Context) -> list[Reason]:
    """Received, then accepted, then decided; what is deemed accepted is so from the day it was received."""
    applied, accepted, made = ctx.f.applied_on, ctx.f.accepted_on, outcome.decision(ctx)
    last = min(ctx.on, date.fromisoformat(made.facts["decided_on"])) if made is not None else ctx.on
    if not applied <= accepted <= last:
        return [
            ctx.reason(
                "MAT.application_days", "受理日期应在收到申请以后、今天和作出决定以前", remedy="请核对日期"
            )
        ]
    if ctx.f.accepted == "deemed" and accepted != applied:
        return [
            ctx.reason("MAT.deemed", "视为受理的，受理日期即收到申请材料之日", remedy="请核对受理方式和日期")
        ]
    return []


def _application_told(ctx: Context) -> list[Reason]:
    """What was granted or refused had been applied for (行政许可法第二条): told, so that it is counted here."""
    granting = {"granted", "refused"} & set(ctx.f.kinds)
    if matter.act_type(ctx) != outcome.PERMIT or not granting or getattr(ctx.f, "made", "made") != "made":
        return []
    applied = next((s for s in ctx.steps if s.verb == "apply"), None)
    if applied is None:
        return [
            ctx.reason(
                "MAT.unapplied", "没有登记申请和受理日期", remedy="请办理“登记申请、受理”", link="apply"
            )
        ]
    if ctx.f.decided_on.isoformat() < applied.facts["accepted_on"]:
        return [ctx.reason("MAT.before_accepted", "决定日期早于受理日期", remedy="请核对日期")]
    return []


def _something_to_execute(ctx: Context) -> list[Reason]:
    if outcome.executing(ctx):
        return []
    return [ctx.reason("MAT.nothing_to_execute", "没有待登记执行结果的强制执行决定")]


def _execution_possible(ctx: Context) -> list[Reason]:
    """An execution is one that was decided; it ends not ahead, nor before the decision."""
    if ctx.f.kind not in dict(outcome.executing(ctx)):
        return [
            ctx.reason("MAT.execution", "没有决定采取这一强制执行方式，或者已经登记", remedy="请从列表中选择")
        ]
    made = outcome.decision(ctx)
    day: date = ctx.f.executed_on
    if day > ctx.on or (made is not None and day.isoformat() < made.facts["decided_on"]):
        return [
            ctx.reason("MAT.executed_on", "执行完毕、终结日期应在决定日期以后、今天以前", remedy="请核对日期")
        ]
    return []


def _spoken(ctx: Context) -> list[ReviewView]:
    now = matter.standing(ctx)
    return [r for r in (now.own, *(s.review for s in now.seats)) if r is not None and r.opinions]


def _own_passed(ctx: Context) -> list[Reason]:
    """Another body signs only what its own review unit agreed to (R105)."""
    now = review_guards.current(ctx)
    if now is not None and now.passed:
        return []
    return [
        ctx.reason(
            "G6.review",
            f"本机关的法制审核没有通过（{now.state_label if now else '尚未送审'}）",
            PLAN,
            "审核通过后方可会签",
            "review",
        )
    ]


def _lead_ended(ctx: Context) -> list[Reason]:
    if not any(s.verb == "stop" for s in matter.told(ctx)):
        return [ctx.reason("MAT.lead_goes_on", "牵头机关没有终止本事项")]
    return []


REGISTERED_WHOLE = Guard("MAT-WHOLE", "登记完整", PLAN, _registered_whole, standing=False)
FILES_OWN = Guard("MAT-FILES", "文件已上传", ACTION, _files_own, standing=False)
UNIT_AGREED = Guard("G5", "承办机构已审核", ACTION, _unit_agreed)
NOT_YET_AGREED = Guard("ORDER", "拟作出的决定待审核", ACTION, _not_yet_agreed)
SOMETHING_TO_SEND = Guard("REV-ONE", "没有进行中的审核", ACTION, _something_to_send)
ALL_PASSED = Guard("G6", "各机关法制审核均已通过", f"{ACTION}；{PLAN}", _all_passed)
COUNTERSIGNED = Guard("MAT-SIGNED", "各机关已会签", PLAN, _countersigned)
NONE_SIGNED = Guard("MAT-OPEN", "没有机关会签", PLAN, _none_signed)
IN_OWN_NAME = Guard("MAT-OWN", "以本机关或者共同名义作出", PLAN, _own_name)
IN_GOVERNMENT_NAME = Guard("MAT-GOV", "以本级人民政府名义作出", PLAN, _government_name)
DAY_POSSIBLE = Guard("MAT-DAY", "决定日期合理", ACTION, _day_possible, standing=False)
OUTCOME_TOLD = Guard("MAT-KIND", "决定种类已写明", COUNTED, _outcome_told, standing=False)
PARTY_KNOWN = Guard("PUB-PARTY", "相对人已登记", disclosure.CITE, _party_known)
PARTY_TOLD = Guard("PUB-PARTY", "相对人已登记", disclosure.CITE, _party_told, standing=False)
DISCLOSABLE = Guard("PUB-TOLD", "公示内容已写明", disclosure.CITE, _disclosable, standing=False)
SUPPLEMENT_WHOLE = Guard("PUB-MORE", "公示内容已补全", disclosure.CITE, _supplement_whole, standing=False)
NOT_LISTED = Guard("PUB-ONCE", "尚未列入公示", disclosure.CITE, _not_listed)
APPLICATION_DUE = Guard("MAT-APPLY", "许可申请待登记", APPLYING, _application_due)
APPLICATION_POSSIBLE = Guard(
    "MAT-APPLY-DAY", "申请、受理日期合理", APPLYING, _application_possible, standing=False
)
APPLICATION_TOLD = Guard("MAT-APPLIED", "申请、受理已登记", APPLYING, _application_told, standing=False)
SOMETHING_TO_EXECUTE = Guard("MAT-EXEC", "有强制执行待登记结果", EXECUTION, _something_to_execute)
EXECUTION_POSSIBLE = Guard("MAT-EXEC-DAY", "执行结果合理", EXECUTION, _execution_possible, standing=False)
OWN_PASSED = Guard("G6-OWN", "本机关法制审核通过", f"{ACTION}；{PLAN}", _own_passed)
LEAD_ENDED = Guard("MAT-ENDED", "牵头机关已终止", PLAN, _lead_ended)
MATERIALS_COMPLETE, MATERIALS_SENT = review_guards.materials_guards(matter.materials)
REVIEWER_INDEPENDENT = review_guards.reviewer_guard(
    lambda ctx: "penalty" if matter.act_type(ctx) == matter.PENALTY else "other", ACTION
)
CHECKS_WHOLE = review_guards.checks_guard(matter.checks)

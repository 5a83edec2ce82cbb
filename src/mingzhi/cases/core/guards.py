"""Guards that any enforcement procedure may use: officers, recusal, evidence, separation of duties.

Each is pure in what the context reads. A guard says every reason, with what to do; the citation
stands on the guard. ``standing`` guards decide whether the button is open.
"""

from __future__ import annotations

from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.procedures.data import Guard
from mingzhi.recording import api as recording


def _handlers_certified(ctx: Context) -> list[Reason]:
    """G2, PEN-04: two officers with a certificate valid on the day are on the case."""
    on_case = tuple(m.person_id for m in ctx.handlers)
    problems: list[Reason] = ctx.once(
        "handlers_certified",
        lambda: organisations.certified_problems(
            on_case, ctx.on, at_least=ctx.norm("penalty.officers.minimum"), field=ctx.dossier.field
        ),
    )
    return problems


def _recusal_settled(ctx: Context) -> list[Reason]:
    """G3, PEN-06: a request for recusal is decided before the matter goes on to its decision."""
    last = ctx.last("recuse_apply", "recuse_decide")
    if last is not None and last.verb == "recuse_apply":
        return [
            ctx.reason(
                "G3.open",
                "有回避申请尚未决定",
                remedy="请机关负责人先对回避申请作出决定",
                link="recuse_decide",
            )
        ]
    return []


def _evidence_verified(ctx: Context) -> list[Reason]:
    """G4: evidence exists and each piece has been verified (行政处罚法第四十六条)."""
    evidence = ctx.once("evidence", lambda: recording.evidence(ctx.dossier.pk))
    if not evidence:
        return [ctx.reason("G4.none", "尚未提交证据", remedy="请先上传证据材料", link="evidence")]
    pending = [e for e in evidence if e.verification is None]
    if pending:
        names = "、".join(e.title for e in pending[:5])
        return [
            ctx.reason(
                "G4.unverified",
                f"有 {len(pending)} 份证据未经查证属实：{names}{'等' if len(pending) > 5 else ''}",
                remedy="请办理“证据核实”，或者说明不采用的理由",
                link="evidence_verify",
            )
        ]
    return []


def capacities(ctx: Context) -> list[tuple[int, str]]:
    """Everybody who ever had a hand in the case, with the capacity that excludes the others (SoD-1)."""
    names = {"lead": "handler", "assist": "handler"}
    return [(m.person_id, names.get(m.role, m.role)) for m in ctx.all_members if m.role in CAPACITIES]


CAPACITIES = ("lead", "assist", "reviewer", "host", "approver")


def _approver_not_handler(ctx: Context) -> list[Reason]:
    """SoD-1: who approves has not handled, reviewed or heard the case, now or earlier."""
    if ctx.by.person_id is None:
        return []
    handled = {m.person_id for m in ctx.all_members if m.role in ("lead", "assist")}
    if ctx.by.person_id in handled:
        return [ctx.reason("SoD-1.approver", "您办理过本案，不能再审批本案", remedy="请由其他负责人审批")]
    problem = organisations.separation.sod_capacities_apart(
        capacities(ctx), person_id=ctx.by.person_id, capacity="approver"
    )
    return [problem] if problem is not None else []


def _not_about_oneself(ctx: Context) -> list[Reason]:
    """PEN-06: nobody decides on a request that they themselves withdraw."""
    asked = ctx.last("recuse_apply")
    if asked is not None and asked.facts["target"] == ctx.by.person_id:
        return [ctx.reason("PEN-06.self", "回避申请针对您本人，不能由您决定", remedy="请由其他负责人决定")]
    return []


def _nothing_registered_open(ctx: Context) -> list[Reason]:
    """PEN-07: registered evidence has been dealt with."""
    last = ctx.last("preserve", "preserve_handle")
    if last is not None and last.verb == "preserve":
        return [
            ctx.reason(
                "PEN-07.open",
                "先行登记保存的证据尚未作出处理决定",
                remedy="请先办理“登记保存处理”",
                link="preserve_handle",
            )
        ]
    return []


def _card_shown(ctx: Context) -> list[Reason]:
    """PEN-05, R028: the certificate was shown and rights were told."""
    reasons = []
    if not getattr(ctx.f, "card_shown", True):
        reasons.append(
            ctx.reason(
                "PEN-05.card",
                "执法人员应当主动出示执法证件",
                remedy="未出示证件取得的记录不能作为本环节办理，请依法重新进行",
            )
        )
    if not getattr(ctx.f, "rights_told", True):
        reasons.append(
            ctx.reason(
                "PEN-05.rights",
                "应当告知当事人权利义务及申请回避的权利",
                "行政处罚法第四十三条",
                "请告知后重新办理",
            )
        )
    return reasons


def _signature_explained(ctx: Context) -> list[Reason]:
    """A missing signature is noted with its circumstances (行政诉讼证据规定第十五条; error-prone 31)."""
    if getattr(ctx.f, "signature", "signed") != "signed" and not getattr(ctx.f, "signature_note", ""):
        return [
            ctx.reason(
                "record.signature",
                "当事人拒绝签名或者未到场的，应当在笔录中注明情况",
                remedy="请填写拒签、未到场情况；有见证人的写明姓名",
            )
        ]
    return []


def _times_ordered(ctx: Context) -> list[Reason]:
    """A record ends after it began, and not after now."""
    began, ended = getattr(ctx.f, "began_at", None), getattr(ctx.f, "ended_at", None)
    reasons = []
    if began and ended and ended <= began:
        reasons.append(ctx.reason("time.order", "结束时间应晚于开始时间", remedy="请核对笔录时间"))
    if ended and ended > ctx.at:
        reasons.append(ctx.reason("time.future", "结束时间晚于当前时间", remedy="请在笔录完成后登记"))
    return reasons


def _dates_past(ctx: Context) -> list[Reason]:
    """Days on which something is said to have happened lie not after the day of the step."""
    reasons = []
    for name in (
        "discovered_on",
        "act_began_on",
        "act_ended_on",
        "made_on",
        "requested_on",
        "paid_on",
        "served_on",
        "act_on",
        "done_on",
        "filed_on",
        "performed_on",
        "applied_on",
        "signed_on",
        "on",
        "entrusted_on",
        "began_on",
    ):
        value = getattr(ctx.f, name, None)
        if value is not None and value > ctx.on:
            title = type(ctx.f).model_fields[name].title
            reasons.append(
                ctx.reason(
                    f"date.{name}",
                    f"{title}（{value:%Y-%m-%d}）晚于办理日期（{ctx.on:%Y-%m-%d}）",
                    remedy="请核对日期",
                )
            )
    return reasons


def _evidence_waits(ctx: Context) -> list[Reason]:
    if not recording.evidence_unverified(ctx.dossier.pk):
        return [ctx.reason("G4.nothing", "没有待核实的证据", remedy="请先上传证据材料", link="evidence")]
    return []


def _servers_named(ctx: Context) -> list[Reason]:
    """Two officers serve in person; a mailed, electronic or public service needs none."""
    if ctx.f.mode in ("direct", "leave") and not ctx.f.failed:
        return organisations.certified_problems(
            tuple(ctx.f.officers),
            ctx.on,
            at_least=ctx.norm("penalty.officers.minimum"),
            field=ctx.dossier.field,
        )
    return []


def _confirmation_signed(ctx: Context) -> list[Reason]:
    """PEN-24: electronic service only after the party agreed and signed."""
    if not ctx.f.signed:
        return [
            ctx.reason(
                "PEN-24.unsigned", "电子送达须经当事人同意并签订确认书", remedy="请由当事人签订确认书后勾选"
            )
        ]
    return []


def _verbs(names: str | tuple[str, ...]) -> tuple[str, ...]:
    return (names,) if isinstance(names, str) else names


def step_open(opened: str, settled: str | tuple[str, ...], sentence: str) -> Guard:
    """The latest of ``opened`` and its settling steps is ``opened``: there is something to settle."""

    def check(ctx: Context) -> list[Reason]:
        last = ctx.last(opened, *_verbs(settled))
        return [] if last is not None and last.verb == opened else [ctx.reason(f"ORDER.{opened}", sentence)]

    return Guard("ORDER", sentence, "行政处罚法第三十八条第二款", check)


def step_settled(opened: str, settled: str | tuple[str, ...], sentence: str) -> Guard:
    """``opened`` was not taken, or was settled since: it may be taken (again)."""

    def check(ctx: Context) -> list[Reason]:
        last = ctx.last(opened, *_verbs(settled))
        return [ctx.reason(f"ONCE.{opened}", sentence)] if last is not None and last.verb == opened else []

    return Guard("ONCE", sentence, "行政处罚法第三十八条第二款", check)


EVIDENCE_WAITS = Guard("G4-WAITS", "有待核实的证据", "行政处罚法第四十六条", _evidence_waits)
SERVERS_NAMED = Guard(
    "SRV-OFFICERS", "两名执法人员送达", "行政处罚法第四十二条", _servers_named, standing=False
)
CONFIRMATION_SIGNED = Guard(
    "PEN-24", "当事人签订确认书", "行政处罚法第六十一条第二款", _confirmation_signed, standing=False
)
HANDLERS_CERTIFIED = Guard(
    "G2", "两名以上执法人员具有有效执法证件", "行政处罚法第四十二条", _handlers_certified
)
RECUSAL_SETTLED = Guard("G3", "回避申请已决定", "行政处罚法第四十三条", _recusal_settled)
EVIDENCE_VERIFIED = Guard("G4", "证据查证属实", "行政处罚法第四十六条", _evidence_verified)
APPROVER_NOT_HANDLER = Guard(
    "SoD-1", "审批人未承办本案", "行政处罚法第五十七条；职责分离规则一", _approver_not_handler
)
NOT_ABOUT_ONESELF = Guard("PEN-06", "不决定本人的回避", "行政处罚法第四十三条", _not_about_oneself)
NOTHING_REGISTERED_OPEN = Guard(
    "PEN-07", "登记保存证据已处理", "行政处罚法第五十六条", _nothing_registered_open
)
CARD_SHOWN = Guard("PEN-05", "出示证件、告知权利", "行政处罚法第五十五条", _card_shown, standing=False)
SIGNATURE_EXPLAINED = Guard(
    "RECORD-SIGN",
    "签名或者注明拒签情况",
    "行政处罚法第五十五条；行政诉讼证据规定第十五条",
    _signature_explained,
    standing=False,
)
TIMES_ORDERED = Guard(
    "RECORD-TIME", "起止时间合理", "行政诉讼证据规定第十五条", _times_ordered, standing=False
)
DATES_PAST = Guard("DATE-PAST", "日期不晚于办理日", "行政处罚法第四十条", _dates_past, standing=False)

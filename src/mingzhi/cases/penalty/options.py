"""The choices on the forms of a penalty case, by the name that a fact gives (``options=…``)."""

from __future__ import annotations

from collections.abc import Callable

from mingzhi.cases import choices
from mingzhi.cases.core.facing import DRESS
from mingzhi.cases.penalty import proposal
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import PenaltyKind
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import Role
from mingzhi.procedures import api as procedures
from mingzhi.procedures.context import Context
from mingzhi.recording import api as recording
from mingzhi.review.choices import Coordination, OpinionKind

Pairs = list[tuple[str, str]]

YES_NO: Pairs = [("true", "是"), ("false", "否")]

FIXED: dict[str, Pairs] = {
    "clue_source": list(choices.ClueSource.choices),
    "signature": list(choices.Signature.choices),
    "dress": DRESS,
    "yes_no": YES_NO,
    "outcome": list(choices.Outcome.choices),
    "penalty_kinds": list(PenaltyKind.choices),
    "spot_kinds": [("01", "警告"), ("03", "罚款")],
    "spared_because": list(choices.SparedBecause.choices),
    "leniency": list(choices.Leniency.choices),
    "service_mode": list(choices.ServiceMode.choices),
    "annulled_by": list(choices.AnnulledBy.choices),
    "annulled_as": list(choices.AnnulledAs.choices),
    "opinion_kinds": list(OpinionKind.choices),
    "coordination": list(Coordination.choices),
    "recuse_applicant": [("party", "当事人申请"), ("officer", "本人提出"), ("body", "机关决定")],
    "respondent_kind": [
        ("party", "当事人"),
        ("staff", "当事人工作人员"),
        ("third", "利害关系人"),
        ("witness", "证人"),
    ],
    "preserve_handling": [
        ("return", "退还当事人"),
        ("seize", "采取查封、扣押措施"),
        ("appraise", "送交鉴定"),
        ("confiscate", "依法没收"),
        ("keep_evidence", "采取证据保全措施后解除"),
    ],
    "statement_form": [
        ("oral", "口头陈述申辩"),
        ("written", "书面陈述申辩"),
        ("waived", "明确放弃"),
        ("silent", "期限届满未陈述"),
    ],
    "hearing_outcome": [
        ("held", "举行完毕"),
        ("absent", "当事人无正当理由拒不出席"),
        ("left", "当事人未经许可中途退出"),
    ],
    "acceptance": [("all", "全部采纳"), ("part", "部分采纳"), ("none", "不予采纳")],
    "payment_channel": [("bank", "代收银行回传"), ("treasury", "财政部门回传"), ("epay", "电子支付系统回传")],
    "defer_kind": [("defer", "延期缴纳"), ("instalments", "分期缴纳")],
    "remedy_forum": [("reconsideration", "行政复议"), ("court", "行政诉讼")],
    "closing_kind": [
        ("performed", "执行完毕"),
        ("spared", "不予处罚"),
        ("transferred", "移送"),
        ("withdrawn", "撤销立案"),
        ("terminated", "终结执行"),
    ],
    "importance": [("important", "重要"), ("general", "一般")],
    "collect_reason": [
        ("", "不当场收缴"),
        ("small", "一百元以下罚款"),
        ("hard_later", "不当场收缴事后难以执行"),
        ("remote", "边远、水上、交通不便地区，当事人提出"),
    ],
}


def _people(ctx: Context, role: str | None, *, certified: bool = False) -> Pairs:
    found = organisations.people(ctx.dossier.body_id, role=role, on=ctx.on, certified=certified)
    return [(str(p.id), f"{p.name}（{p.unit_name}）" if p.unit_name else p.name) for p in found]


def _officers(ctx: Context) -> Pairs:
    return _people(ctx, None, certified=True)


def _members(ctx: Context) -> Pairs:
    return [(str(m.person_id), m.name) for m in ctx.members]


def _reviewers(ctx: Context) -> Pairs:
    return _people(ctx, Role.REVIEWER)


def _hosts(ctx: Context) -> Pairs:
    return _people(ctx, Role.HEARING_HOST)


def _discussants(ctx: Context) -> Pairs:
    return _people(ctx, Role.DISCUSSANT)


def _everybody(ctx: Context) -> Pairs:
    return _people(ctx, None)


def _items(ctx: Context) -> Pairs:
    own = catalogue.profile(ctx.body.profile).field
    return [
        (i.code, i.name)
        for i in catalogue.items(on=ctx.on, field=own, body=ctx.body)
        if i.act_type in ("penalty", "行政处罚")
    ]


def _tiers(ctx: Context) -> Pairs:
    code = ctx.dossier.item_code
    if not code:
        return []
    grouped: dict[str, list[str]] = {}
    for tier, circumstance in catalogue.tiers(code, on=ctx.on, body=ctx.body):
        grouped.setdefault(tier, []).append(circumstance)
    return [
        (tier, f"{tier}：{'；'.join(c for c in cs if c)}" if any(cs) else tier)
        for tier, cs in grouped.items()
    ]


def _evidence(ctx: Context) -> Pairs:
    return [
        (str(e.id), f"{e.title}（{e.evidence_kind_label}）")
        for e in recording.evidence_unverified(ctx.dossier.pk)
    ]


def _papers(ctx: Context) -> Pairs:
    return [(str(p.id), f"{p.title} {p.number or ''}".strip()) for p in proposal.unserved(ctx)]


def _materials(ctx: Context) -> Pairs:
    return [(m.code, m.label) for m in proposal.review_materials(ctx) if m.present]


def _checks(ctx: Context) -> Pairs:
    return list(proposal.review_checks(ctx).items())


def _files(ctx: Context) -> Pairs:
    return [(str(r.file.id), r.title) for r in recording.records(ctx.dossier.pk)]


READ: dict[str, Callable[[Context], Pairs]] = {
    "officers": _officers,
    "members": _members,
    "reviewers": _reviewers,
    "hearing_hosts": _hosts,
    "discussants": _discussants,
    "people": _everybody,
    "items": _items,
    "tiers": _tiers,
    "evidence_open": _evidence,
    "papers_unserved": _papers,
    "review_materials": _materials,
    "review_checks": _checks,
    "files": _files,
}


def _fixed(pairs: Pairs) -> Callable[[Context], Pairs]:
    return lambda ctx: list(pairs)


def register() -> None:
    for name, pairs in FIXED.items():
        procedures.provide_options(name)(_fixed(pairs))
    for name, read in READ.items():
        procedures.provide_options(name)(read)

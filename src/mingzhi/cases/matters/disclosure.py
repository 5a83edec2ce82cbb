"""What of a decision outside the penalty procedure the public may be told: a whitelist, built here and pushed
to publication (style 25; docs/decisions/0029).

Who publishes: the body on whose dossier it was decided. What several bodies decide jointly, and what the
government decides on the body's report, is published once, by the leading or reporting body, and says who
decided. What no rule lets out is not decided here: publication asks its rules and keeps the reason.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from mingzhi.cases.matters import matter, outcome
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason
from mingzhi.kernel.identifiers import age_on
from mingzhi.organisations import api as organisations
from mingzhi.procedures.context import Context
from mingzhi.publication.data import NOBODY, DecisionSnapshot, PenaltySnapshot

CITE = "国办发〔2018〕118号（强化事后公开）"
ACTS = {
    outcome.PENALTY: "penalty",
    outcome.PERMIT: "permit",
    outcome.COERCION: "coercion",
    outcome.LEVY: "levy",
    "行政检查": "inspection",
    "行政征用": "requisition",
    "行政给付": "payment",
    "行政确认": "confirmation",
    "行政裁决": "ruling",
    "行政奖励": "reward",
}
"""The kind under which a kind of act is disclosed; any other is 其他执法决定."""
ENDED = {"refused": "不予许可", "revoked": "撤销许可"}
NO_PARTY = "没有特定相对人"
FINE, LICENCES = "03", frozenset({"06", "08"})


@dataclass(frozen=True, slots=True)
class Told:
    """A decision with what was said of it for the public: in the deciding step, or added to it later."""

    decided_on: date
    number: str
    facts: Mapping[str, Any]

    @property
    def kinds(self) -> tuple[str, ...]:
        return tuple(self.facts.get("kinds", ()))


def deciding(ctx: Context) -> Told:
    """What the deciding step now says."""
    return Told(ctx.f.decided_on, ctx.f.number, ctx.f.model_dump(mode="json"))


def decided(ctx: Context, more: Mapping[str, Any] | None = None) -> Told | None:
    """The decision that was made, with what was added to it; ``None`` before there is one."""
    step = outcome.decision(ctx)
    if step is None:
        return None
    day, number = date.fromisoformat(step.facts["decided_on"]), step.facts["number"]
    return Told(day, number, {**step.facts, **(more or {})})


def elsewhere(told: Told) -> bool:
    """Whether a penalty case of this system holds the decision, and discloses it."""
    return outcome.IN_CASE in told.kinds


def party_known(ctx: Context) -> bool:
    """Whether the register of parties says whom the decision concerns, or that it concerns nobody in particular."""
    return ctx.party is not None or matter.registered(ctx).get("party_kind") == NOBODY


class Lack(NamedTuple):
    """Something for want of which a decision cannot be disclosed, and the way out."""

    code: str
    what: str
    remedy: str = ""

    @property
    def sentence(self) -> str:
        return f"缺{self.what}，不能公示"


def wanting(act: str, party_kind: str, told: Told) -> list[Lack]:
    """Everything that was not said of the decision and must be, or that contradicts itself."""
    if elsewhere(told):
        return []
    facts, found = told.facts, []
    if not str(facts.get("content", "")).strip():
        found.append(Lack("content", "决定内容"))
    if act == outcome.PERMIT:
        if party_kind == NOBODY:
            found.append(Lack("holder", "被许可人", "行政许可应有申请人，请终止本事项后重新登记"))
        if not facts.get("licence_class"):
            found.append(Lack("licence_class", "许可类别"))
        begins, ends = str(facts.get("valid_from") or told.decided_on), str(facts.get("valid_until") or "")
        if ends and begins > ends:
            found.append(Lack("validity", "正确的许可有效期", "截止日早于起始日，请核对"))
    if act == outcome.PENALTY:
        found += _wanting_penalty(told)
    return found


def _wanting_penalty(told: Told) -> list[Lack]:
    total, forfeit = _fen(told.facts, "amount_yuan"), _fen(told.facts, "forfeit_yuan")
    found = []
    if not str(told.facts.get("violation", "")).strip():
        found.append(Lack("violation", "违法行为类型"))
    if FINE in told.kinds and total <= forfeit:
        found.append(Lack("fine", "罚款金额", "决定金额应大于其中的没收金额，请核对"))
    if FINE not in told.kinds and total != forfeit:
        found.append(Lack("forfeit", "没收金额", "没有罚款的，没收金额应等于决定金额，请核对"))
    if LICENCES & set(told.kinds) and not str(told.facts.get("punished_licence", "")).strip():
        found.append(Lack("punished_licence", "暂扣、吊销证照的名称及编号"))
    return found


def lacking(ctx: Context, told: Told) -> list[Reason]:
    """The same as reasons of a guard."""
    party_kind = str(matter.registered(ctx).get("party_kind", ""))
    return [
        ctx.reason(f"PUB.{lack.code}", lack.sentence, CITE, lack.remedy or f"请填写{lack.what}")
        for lack in wanting(matter.act_type(ctx), party_kind, told)
    ]


def _fen(facts: Mapping[str, Any], name: str) -> int:
    return money.fen(facts.get(name) or "0")


def kind(ctx: Context) -> str:
    return ACTS.get(matter.act_type(ctx), "other")


def decider(ctx: Context) -> tuple[str, str]:
    """Name and credit code of who decided, where that is not the publishing body alone."""
    now = matter.registered(ctx)
    if now.get("in_name") == "government":
        name = ctx.body.government or "本级人民政府"
        code = next((b.credit_code for b in organisations.bodies() if b.name == name), "")
        return name, code
    others = [organisations.body(organisations.unit(u).body_id).name for u in now.get("partners", ())]
    return ("、".join([ctx.body.name, *others]), ctx.body.credit_code) if others else ("", "")


def snapshot(ctx: Context, told: Told) -> PenaltySnapshot | DecisionSnapshot:
    """The decision as told, with the names and secrets that must not leave named for masking."""
    now, facts, party = matter.registered(ctx), told.facts, ctx.party
    act = matter.act_type(ctx)
    labels = dict(outcome.kinds(act))
    natural = [p.name for p in ctx.parties if p.role != "party" and p.kind == "natural"]
    third = (*_names(now.get("third_persons", "")), *natural)
    common: dict[str, Any] = {
        "agency": ctx.body.name,
        "agency_code": ctx.body.credit_code,
        "party_name": party.name if party else NO_PARTY,
        "party_kind": party.kind if party else NOBODY,
        "credit_code": party.credit_code if party else "",
        "representative": party.representative if party else "",
        "number": told.number,
        "facts": now.get("summary", ""),
        "basis": now.get("basis", ""),
        "decided_on": told.decided_on,
        "title": ctx.dossier.title,
        "minor": bool(party and party.born_on and age_on(party.born_on, told.decided_on) < 18),
        "secrecy": ctx.dossier.secrecy,
        "third_persons": tuple(dict.fromkeys(third)),
        "secrets": tuple(
            s for p in ctx.parties for s in (p.id_number, p.phone, p.address if p.kind == "natural" else "") if s
        ),
        "officers": tuple(m.name for m in ctx.handlers),
        "item_code": ctx.dossier.item_code,
        "field": ctx.dossier.field,
        "region": ctx.body.region_code,
    }  # fmt: skip
    if act == outcome.PENALTY:
        forfeit = _fen(facts, "forfeit_yuan")
        return PenaltySnapshot(
            violation=facts["violation"],
            kinds=told.kinds,
            content=facts["content"],
            fine_fen=_fen(facts, "amount_yuan") - forfeit,
            forfeit_fen=forfeit,
            licence=facts.get("punished_licence", ""),
            **common,
        )
    ended = next((ENDED[k] for k in told.kinds if k in ENDED), "") if act == outcome.PERMIT else ""
    name, code = decider(ctx)
    given = act == outcome.PERMIT and not ended
    return DecisionSnapshot(
        category="：".join(filter(None, (act, "；".join(labels.get(k, k) for k in told.kinds)))),
        conclusion=facts["content"],
        decided_by=name,
        decided_by_code=code,
        paper_name=facts.get("paper_name", ""),
        licence_class=facts.get("licence_class", ""),
        licence=facts.get("licence", ""),
        licence_number=facts.get("licence_number", ""),
        valid_from=(_day(facts.get("valid_from")) or told.decided_on) if given else None,
        valid_until=_day(facts.get("valid_until")) if given else None,
        ended=ended,
        amount_fen=_fen(facts, "amount_yuan") if act == outcome.LEVY else 0,
        **common,
    )


def _day(text: Any) -> date | None:
    return date.fromisoformat(str(text)) if text else None


def _names(text: str) -> list[str]:
    return [n.strip() for n in text.replace(",", "、").replace("，", "、").split("、") if n.strip()]

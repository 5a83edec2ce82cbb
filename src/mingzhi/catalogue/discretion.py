"""From an item and facts to a proposal: the law's range, then the benchmark's tier, in steps. Pure.

A benchmark is either ``tiers`` (the first tier whose condition the facts meet gives the range) or
``steps`` (so much for each whole step over a limit, a warning up to a margin, a cap). Amounts are
integer 分; multiples are thousandths and percentages ten-thousandths of a base. Rounding of a
computed bound is towards the inside of the range. docs/algorithms/discretion.md
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from mingzhi.catalogue import lists, predicates
from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.catalogue.data import AskedFact, Fine, ItemView, Proposal, ProposalStep
from mingzhi.catalogue.errors import BadFacts
from mingzhi.catalogue.norms import HasProfile
from mingzhi.catalogue.shelf import Row, Shelf, scopes_of
from mingzhi.kernel import money
from mingzhi.kernel.errors import Reason

FINE = "03"
WARNING = "01"
_MAX_AMOUNT = 10**15


def benchmark(shelf: Shelf, item_code: str, on: date, body: HasProfile | str | None) -> Row | None:
    """The benchmark of an item in force on a day; the nearest scope wins."""
    row = shelf.find("benchmark", item_code, scopes_of(body), on)
    return None if row is None or row.data.get("off") else row


def tiers(row: Row | None) -> tuple[tuple[str, str], ...]:
    """(tier, circumstance) of a benchmark in words; a stepped one has a warning and a fine."""
    if row is None:
        return ()
    data = row.data
    if data.get("method") != "steps":
        return tuple((t["tier"], t.get("circumstance", "")) for t in data["tiers"])
    unit, over = data["unit"], f"{data['measure_label']}超过{data['limit_label']}"
    each, cap = (money.yuan(data[k]).removesuffix(".00") for k in ("fen_per_step", "cap_fen"))
    return (
        ("警告", f"{over}，超出部分未超过 {data['warn_up_to']} {unit}"),
        (
            "罚款",
            f"{over} {data['warn_up_to']} {unit}以上的，每满 {data['step']} {unit}罚款 {each} 元，最高 {cap} 元",
        ),
    )


def propose(
    shelf: Shelf,
    item_code: str,
    facts: Mapping[str, Any],
    *,
    on: date,
    body: HasProfile | str | None = None,
) -> Proposal:
    """What law and benchmark lead to. ``UnknownItem``; ``BadFacts`` naming the fact that cannot be used."""
    if not isinstance(facts, Mapping):
        raise BadFacts(why="facts 应为“名称: 值”的对象", fields={"facts": ["应为对象"]})
    item = lists.item(shelf, item_code, on, body=body)
    row = benchmark(shelf, item_code, on, body)
    if row is not None and row.data.get("method") == "steps":
        return _by_steps(item, row, facts)
    return _by_tiers(item, row, facts)


# ---- stepped benchmarks ------------------------------------------------------


def _whole(facts: Mapping[str, Any], name: str, label: str, unit: str) -> int:
    value = facts.get(name)
    problem = ""
    if value is None:
        problem = f"缺少{label}（{name}）"
    elif isinstance(value, bool) or not isinstance(value, int):
        problem = f"{label}（{name}）应为整数，单位{unit}"
    elif value < 0:
        problem = f"{label}（{name}）不能为负数"
    elif value > _MAX_AMOUNT:
        problem = f"{label}（{name}）过大，请核对单位是否为{unit}"
    if problem:
        raise BadFacts(why=problem, fields={name: [problem]})
    assert isinstance(value, int)
    return value


def _by_steps(item: ItemView, row: Row, facts: Mapping[str, Any]) -> Proposal:
    data = row.data
    unit, cite = data["unit"], data["citation"]
    limit = _whole(facts, data["limit"], data["limit_label"], unit)
    measured = _whole(facts, data["measure"], data["measure_label"], unit)
    if limit == 0:
        problem = f"{data['limit_label']}（{data['limit']}）应大于零"
        raise BadFacts(why=problem, fields={data["limit"]: [problem]})
    over = measured - limit
    subject = facts.get("vehicle")
    lead = f"{subject}：" if isinstance(subject, str) and subject.strip() else ""
    steps = [
        ProposalStep(
            f"{lead}{data['measure_label']} {measured} {unit}，{data['limit_label']} {limit} {unit}", cite
        )
    ]

    def made(result: str, fine: int, kinds: tuple[str, ...]) -> Proposal:
        return Proposal(
            item_code=item.code,
            result=result,
            tier=result,
            min_fen=fine,
            max_fen=fine,
            fine_fen=fine,
            kinds=kinds,
            steps=tuple(steps),
            benchmark_version=f"{data['version']}@{row.version}",
            unverified=item.unverified or bool(data.get("unverified")),
        )

    if over <= 0:
        steps.append(ProposalStep(f"未超过限定标准，不构成{data['name_of_excess']}", cite))
        return made(data["none_result"], 0, ())
    if over <= data["warn_up_to"]:
        steps.append(
            ProposalStep(
                f"超出限定标准 {over} {unit}，超出部分未超过 {data['warn_up_to']} {unit}，予以警告", cite
            )
        )
        return made("警告", 0, (WARNING,))
    count = over // data["step"]
    reckoned = count * data["fen_per_step"]
    fine = min(reckoned, data["cap_fen"])
    each = money.yuan(data["fen_per_step"]).removesuffix(".00")
    steps.append(
        ProposalStep(
            f"超出限定标准 {over} {unit}，每满 {data['step']} {unit}计一个，共 {count} 个，不足部分不计", cite
        )
    )
    steps.append(ProposalStep(f"{count} × {each} 元 = {money.yuan(reckoned).removesuffix('.00')} 元", cite))
    if reckoned > fine:
        cap = money.yuan(data["cap_fen"]).removesuffix(".00")
        steps.append(ProposalStep(f"超过最高限额，按 {cap} 元计", cite))
    return made("罚款", fine, (FINE,))


# ---- tiered benchmarks -------------------------------------------------------


def fine_for(item: ItemView, facts: Mapping[str, Any]) -> list[Fine]:
    """The fine forms open to these facts: by party kind, and by the condition chosen (``circumstance``)."""
    party = facts.get("party_kind", "")
    wanted = facts.get("circumstance", "")
    fits = [f for f in item.fines if f.party == "any" or not party or f.party == _side(party)]
    if wanted:
        chosen = [f for f in fits if f.condition == wanted]
        return chosen or fits
    plain = [f for f in fits if not f.condition]
    return plain or fits


def _side(party: Any) -> str:
    return "natural" if party == "natural" else "organisation"


def bounds(fine: Fine, facts: Mapping[str, Any]) -> tuple[int, int] | None:
    """Bounds of a fine in 分; None where its base (``base_fen``, ``units``) is not among the facts."""
    if fine.kind in {"range", "fixed"}:
        return fine.low, fine.high
    if fine.kind == "per_unit":
        if facts.get("units") is None:
            return None
        units = _whole(facts, "units", fine.base, "（整数）")
        return fine.low * units, fine.high * units
    if facts.get("base_fen") is None:
        return None
    base = _whole(facts, "base_fen", fine.base, "分")
    scale = 1000 if fine.kind == "multiple" else 10_000
    return -(-base * fine.low // scale), base * fine.high // scale


def fine_text(fine: Fine) -> str:
    """The form of a fine in words: ``20,000.00元至100,000.00元``, ``违法所得的1倍至5倍``."""
    if fine.kind in {"multiple", "percent"}:
        scale, mark = (1000, "倍") if fine.kind == "multiple" else (100, "%")
        low, high = (f"{v / scale:g}{mark}" for v in (fine.low, fine.high))
        text = f"{fine.base}的{low}至{high}" if fine.low else f"{fine.base}的{high}以下"
    else:
        high = f"{money.yuan(fine.high).removesuffix('.00')}元"
        low = f"{money.yuan(fine.low).removesuffix('.00')}元"
        text = high if fine.kind == "fixed" else (f"{low}至{high}" if fine.low else f"{high}以下")
        if fine.kind == "per_unit":
            text = f"每{fine.base}{text}"
    side = {"natural": "对个人", "organisation": "对单位"}.get(fine.party, "")
    lead = "，".join(filter(None, (fine.condition, side)))
    return f"{lead}{'：' if lead else ''}{'可以' if fine.may else ''}处{text}罚款"


def _spans(item: ItemView, facts: Mapping[str, Any]) -> tuple[list[tuple[int, int]], Fine | None]:
    """Bounds that these facts fix, and one form of fine whose base is missing, if any."""
    spans, missing = [], None
    for fine in fine_for(item, facts):
        span = bounds(fine, facts)
        if span is None:
            missing = missing or fine
        else:
            spans.append(span)
    return spans, missing


def _envelope(item: ItemView, facts: Mapping[str, Any]) -> tuple[int | None, int | None, list[ProposalStep]]:
    """Lowest and highest fine that the law leaves open, with the clauses as steps."""
    steps = [ProposalStep(f"法定幅度：{fine_text(f)}", item.basis_text) for f in fine_for(item, facts)]
    spans, missing = _spans(item, facts)
    if missing is not None:
        steps.append(ProposalStep(f"以{missing.base}为基数的罚款，须补充该数额后再算"))
    if not spans:
        return None, None, steps
    return min(s[0] for s in spans), max(s[1] for s in spans), steps


def _by_tiers(item: ItemView, row: Row | None, facts: Mapping[str, Any]) -> Proposal:
    low, high, steps = _envelope(item, facts)
    named = "、".join(PENALTY_KINDS[k] for k in item.kinds) or "无"
    steps.insert(0, ProposalStep(f"{item.name}；可以给予的处罚：{named}", item.basis_text))
    if item.unverified:
        steps.append(ProposalStep("该事项的依据或者幅度待核实，适用前须由法制机构核对原文"))
    if row is None:
        steps.append(
            ProposalStep(
                "该事项尚无已发布的裁量基准，由承办人在法定幅度内说明理由", "《行政处罚法》第三十四条"
            )
        )
        return _proposal(item, "", low, high, kinds=item.kinds, steps=steps)
    data = row.data
    unverified = bool(data.get("unverified"))
    for tier in data["tiers"]:
        if tier.get("party", "any") not in ("any", _side(facts.get("party_kind", ""))):
            continue
        met, why = predicates.evaluate(tier["when"], facts)
        if not met:
            continue
        steps.append(ProposalStep(f"符合“{tier['tier']}”：{tier.get('circumstance') or why}", data["source"]))
        low, high, more = _tier_bounds(tier, low, high, facts, data["source"])
        steps.extend(more)
        kinds = tuple(tier.get("kinds", item.kinds))
        version = f"{data['version']}@{row.version}"
        return _proposal(
            item,
            tier["tier"],
            low,
            high,
            kinds=kinds,
            steps=steps,
            version=version,
            unverified=unverified,
            open_low=bool(tier.get("open_low")),
            open_high=bool(tier.get("open_high")),
        )
    needs = "、".join(data.get("asks", ())) or "违法情节"
    steps.append(ProposalStep(f"现有事实不足以确定裁量阶次，请补充：{needs}", data["source"]))
    return _proposal(
        item,
        "",
        low,
        high,
        kinds=item.kinds,
        steps=steps,
        version=f"{data['version']}@{row.version}",
        unverified=unverified,
    )


def _tier_bounds(
    tier: Mapping[str, Any], low: int | None, high: int | None, facts: Mapping[str, Any], source: str
) -> tuple[int | None, int | None, list[ProposalStep]]:
    """The tier's own bounds, never outside the law's."""
    if tier.get("no_penalty"):
        return 0, 0, [ProposalStep("不予行政处罚，进行教育", source)]
    if "fine" not in tier:
        return low, high, []
    own = Fine(**tier["fine"])
    span = bounds(own, facts)
    if span is None:
        return low, high, [ProposalStep(f"基准以{own.base}计算，请补充该数额后再算", source)]
    cap = tier.get("cap_fen")
    a, b = span if cap is None else (min(span[0], cap), min(span[1], cap))
    if low is not None and high is not None:
        a, b = min(max(a, low), high), max(min(b, high), low)
    text = money.yuan(a) + "元" if a == b else f"{money.yuan(a)}元至{money.yuan(b)}元"
    return a, b, [ProposalStep(f"该阶次罚款 {text}", source)]


def _proposal(
    item: ItemView,
    tier: str,
    low: int | None,
    high: int | None,
    *,
    kinds: tuple[str, ...],
    steps: list[ProposalStep],
    version: str = "",
    unverified: bool = False,
    open_low: bool = False,
    open_high: bool = False,
) -> Proposal:
    none = low == 0 and high == 0
    if none and tier:
        result = "不予处罚" if FINE in kinds or not kinds else "、".join(PENALTY_KINDS[k] for k in kinds)
    elif FINE in kinds:
        result = "罚款"
    else:
        result = "、".join(PENALTY_KINDS[k] for k in kinds) or "待定"
    return Proposal(
        item_code=item.code,
        result=result,
        tier=tier,
        min_fen=low,
        max_fen=high,
        fine_fen=low if low is not None and low == high else None,
        kinds=() if result == "不予处罚" else kinds,
        steps=tuple(steps),
        benchmark_version=version,
        unverified=item.unverified or unverified,
        open_low=open_low,
        open_high=open_high,
    )


# ---- outside the range -------------------------------------------------------


def range_problems(
    shelf: Shelf,
    item_code: str,
    tier: str,
    amount_fen: int,
    *,
    on: date,
    facts: Mapping[str, Any] | None = None,
    party_kind: str = "",
    body: HasProfile | str | None = None,
) -> list[Reason]:
    """Reasons against an amount: outside the law (``discretion.outside_law``), outside the tier
    (``discretion.outside_tier``: needs reasons and higher approval), tier unknown, base missing.
    """
    known: dict[str, Any] = dict(facts or {})
    if party_kind:
        known.setdefault("party_kind", party_kind)
    item = lists.item(shelf, item_code, on, body=body)
    row = benchmark(shelf, item_code, on, body)
    reasons: list[Reason] = []
    low, high, _ = _envelope(item, known)
    shown = f"{money.yuan(amount_fen)}元"
    reasons.extend(_outside_law(item, known, amount_fen))
    if row is None or not tier:
        return reasons
    data = row.data
    if data.get("method") == "steps":
        try:
            made = _by_steps(item, row, known)
        except BadFacts as error:
            remedy = "请补充测量数据后再核对数额"
            return [*reasons, Reason("discretion.base_missing", error.sentence, data["source"], remedy)]
        if made.fine_fen != amount_fen:
            reasons.append(_outside_tier(shown, made.tier, made.fine_fen or 0, made.fine_fen or 0, data))
        return reasons
    own = [t for t in data["tiers"] if t["tier"] == tier]
    matching = [t for t in own if t.get("party", "any") in ("any", _side(known.get("party_kind", "")))]
    if not matching:
        names = "、".join(dict.fromkeys(t["tier"] for t in data["tiers"]))
        reasons.append(
            Reason(
                "discretion.unknown_tier",
                f"裁量基准中没有“{tier}”阶次",
                data["source"],
                f"可选阶次：{names}",
            )
        )
        return reasons
    a, b, _ = _tier_bounds(matching[0], low, high, known, data["source"])
    if a is not None and b is not None:
        inside = (a < amount_fen if matching[0].get("open_low") else a <= amount_fen) and (
            amount_fen < b if matching[0].get("open_high") else amount_fen <= b
        )
        if not inside:
            reasons.append(_outside_tier(shown, tier, a, b, data))
    return reasons


def _outside_law(item: ItemView, facts: Mapping[str, Any], amount: int) -> list[Reason]:
    spans, missing = _spans(item, facts)
    if any(low <= amount <= high for low, high in spans):
        return []
    if amount == 0 and any(f.may for f in fine_for(item, facts)):
        return []
    if missing is not None:
        return [
            Reason(
                "discretion.base_missing",
                f"罚款以{missing.base}为基数计算，缺少基数数额，无法核对幅度",
                item.basis_text,
                f"请填写{missing.base}",
            )
        ]
    if not spans:
        return []
    low, high = min(s[0] for s in spans), max(s[1] for s in spans)
    side = "高于" if amount > high else "低于" if amount < low else "不在"
    return [
        Reason(
            "discretion.outside_law",
            f"罚款 {money.yuan(amount)}元 {side}法定幅度 {money.yuan(low)}元至{money.yuan(high)}元",
            item.basis_text,
            "请在法定幅度内确定数额；低于下限的须有减轻处罚的法定情形并说明理由",
        )
    ]


def _outside_tier(shown: str, tier: str, low: int, high: int, data: Mapping[str, Any]) -> Reason:
    return Reason(
        "discretion.outside_tier",
        f"罚款 {shown} 不在“{tier}”阶次的幅度（{money.yuan(low)}元至{money.yuan(high)}元）内",
        data["source"],
        "请调整数额，或者写明不适用裁量基准的理由并报经批准",
    )


# ---- what a benchmark asks ------------------------------------------------------


def asked(shelf: Shelf, item_code: str, on: date, body: HasProfile | str | None) -> tuple[AskedFact, ...]:
    """The facts over which the item's benchmark decides, in the order it names them; the party's kind
    is left out because the dossier knows it."""
    row = benchmark(shelf, item_code, on, body)
    if row is None:
        return ()
    if row.data.get("method") == "steps":
        unit = row.data["unit"]
        return tuple(
            AskedFact(row.data[name], row.data[f"{name}_label"], "number", unit)
            for name in ("limit", "measure")
        )
    found: dict[str, AskedFact] = {}
    options: dict[str, dict[str, str]] = {}
    for tier in row.data["tiers"]:
        leaves = [leaf for leaf in _leaves(tier["when"]) if leaf["fact"] != "party_kind"]
        for leaf in leaves:
            name, value = leaf["fact"], leaf.get("value", True)
            kind = "yes_no" if isinstance(value, bool) else "number" if isinstance(value, int) else "choice"
            for one in (value if isinstance(value, list | tuple) else [value]) if kind == "choice" else ():
                # A condition that stands alone is what its tier's circumstance says in words.
                words = tier.get("circumstance") if len(leaves) == 1 else None
                options.setdefault(name, {}).setdefault(str(one), str(words or one))
            found[name] = AskedFact(
                name, leaf.get("label") or name, kind, "", tuple(options.get(name, {}).items())
            )
    return tuple(found.values())


def _leaves(rule: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    if "fact" in rule:
        return [rule]
    inner = rule.get("all") or rule.get("any") or ([rule["not"]] if "not" in rule else [])
    return [leaf for part in inner for leaf in _leaves(part)]

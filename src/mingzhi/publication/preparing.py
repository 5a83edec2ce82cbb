"""From a pushed snapshot to the text the public may read: whitelist, masks, scan. No database.

The order is fixed: complete → refused reasons → automatic masks → manual masks → scan → text.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from mingzhi.catalogue.choices import PENALTY_KINDS
from mingzhi.kernel import identifiers
from mingzhi.kernel.errors import Problems
from mingzhi.publication import redact
from mingzhi.publication.choices import AmountBand, WithholdReason
from mingzhi.publication.data import (
    NOBODY,
    PARTY_KINDS,
    DecisionSnapshot,
    FieldView,
    Mask,
    PenaltySnapshot,
    Release,
    SpanView,
)
from mingzhi.publication.redact import Span
from mingzhi.publication.redact_numbers import fold

AnySnapshot = PenaltySnapshot | DecisionSnapshot

#: Fields of prose: masked, scanned, shown in this order.
TEXTS: dict[str, str] = {
    "title": "案由",
    "violation": "违法行为",
    "facts": "主要事实",
    "law_violated": "违反的规定",
    "basis": "依据",
    "benchmark": "裁量基准适用",
    "category": "执法类别",
    "content": "处罚内容",
    "conclusion": "执法结论",
    "paper_name": "决定文书名称",
    "licence_class": "许可类别",
    "licence": "涉及的证照",
    "licence_number": "许可编号",
}
_KIND_CODES = {name: code for code, name in PENALTY_KINDS.items()}
_SECRECY = {
    "private": WithholdReason.PRIVACY,
    "trade": WithholdReason.TRADE_SECRET,
    "state": WithholdReason.STATE_SECRET,
}
#: 不予公开 by the facts themselves; who may lift it is the checker's business, minors nobody's.
BASES = {
    WithholdReason.MINOR: "未成年人保护要求；公开办法规定被处罚人是未成年人的不予网上公开",
    WithholdReason.STATE_SECRET: "政府信息公开条例第十四条",
    WithholdReason.SECURITY: "政府信息公开条例第十四条",
    WithholdReason.PROHIBITED: "政府信息公开条例第十四条",
    WithholdReason.TRADE_SECRET: "政府信息公开条例第十五条",
    WithholdReason.PRIVACY: "政府信息公开条例第十五条",
    WithholdReason.SUPERIOR: "省级以上机关认为不宜公开的书面意见",
}


def kind_codes(kinds: Iterable[str]) -> tuple[str, ...]:
    """Codes of penalty kinds given as codes or names; an unknown one is returned as it is."""
    return tuple(_KIND_CODES.get(k.strip(), k.strip()) for k in kinds)


def check_complete(snapshot: AnySnapshot) -> None:  # noqa: PLR0912 — one branch per field
    """``Invalid`` with every missing or impossible field at once: an incomplete snapshot is refused."""
    problems = Problems()
    must = {
        "agency": "执法机关",
        "agency_code": "执法机关统一社会信用代码",
        "party_name": "行政相对人名称",
        "number": "决定书文号",
        "basis": "执法依据",
    }
    if isinstance(snapshot, PenaltySnapshot):
        must |= {"violation": "违法行为", "facts": "违法事实", "content": "处罚内容"}
    else:
        must |= {"category": "执法类别", "conclusion": "执法结论"}
    for name, label in must.items():
        if not str(getattr(snapshot, name)).strip():
            problems.add(name, f"缺少{label}，不能列入公示")
    nobody = isinstance(snapshot, DecisionSnapshot) and snapshot.party_kind == NOBODY
    if snapshot.party_kind not in PARTY_KINDS and not nobody:
        problems.add("party_kind", "相对人类型应为自然人、法人、非法人组织或者个体工商户")
    if not isinstance(snapshot.decided_on, date):
        problems.add("decided_on", "缺少决定日期，公示期限无从起算")
    if snapshot.credit_code:
        try:
            identifiers.credit_code(snapshot.credit_code)
        except ValueError as error:
            problems.add("credit_code", str(error))
    if isinstance(snapshot, PenaltySnapshot):
        codes = kind_codes(snapshot.kinds)
        if not codes:
            problems.add("kinds", "缺少处罚种类")
        for code in codes:
            if code not in PENALTY_KINDS:
                problems.add("kinds", f"处罚种类“{code}”不在行政处罚法第九条所列种类之中")
        if "03" in codes and snapshot.fine_fen <= 0:
            problems.add("fine_fen", "处罚种类含罚款，应填写罚款金额")
        if {"06", "08"} & set(codes) and not snapshot.licence.strip():
            problems.add("licence", "处罚种类含暂扣或者吊销许可证件，应填写证照名称及编号")
        if snapshot.fine_fen < 0 or snapshot.forfeit_fen < 0:
            problems.add("fine_fen", "金额不能为负数")
    problems.raise_if_any()


def never_because(snapshot: AnySnapshot) -> WithholdReason | None:
    """The reason for which this decision is not published, when its own facts give one (domain §4.4)."""
    if snapshot.minor:
        return WithholdReason.MINOR
    return _SECRECY.get(snapshot.secrecy)


def dump(snapshot: AnySnapshot) -> str:
    """The snapshot as text for the sealed column."""
    kind = "penalty" if isinstance(snapshot, PenaltySnapshot) else "decision"
    return json.dumps(
        {"kind": kind, **dataclasses.asdict(snapshot)}, ensure_ascii=False, default=str, sort_keys=True
    )


def load(text: str) -> AnySnapshot:
    """What ``dump`` wrote."""
    data = json.loads(text)
    cls: Any = PenaltySnapshot if data.pop("kind") == "penalty" else DecisionSnapshot
    known = {f.name for f in dataclasses.fields(cls)}
    data = {k: tuple(v) if isinstance(v, list) else v for k, v in data.items() if k in known}
    for name in ("decided_on", "valid_from", "valid_until"):
        if data.get(name):
            data[name] = date.fromisoformat(data[name])
    return cls(**data)  # type: ignore[no-any-return]


def known_of(snapshot: AnySnapshot) -> dict[str, tuple[str, ...]]:
    """What masking may lean on: names, own name, words that stay, strings that must not survive."""
    natural = snapshot.party_kind == "natural"
    others = [*snapshot.third_persons]
    if snapshot.representative:
        others.append(snapshot.representative)
    keep = [snapshot.agency, *snapshot.officers]
    if isinstance(snapshot, DecisionSnapshot) and snapshot.decided_by:
        keep += [snapshot.decided_by, *snapshot.decided_by.split("、")]
    if not natural:
        keep.append(snapshot.party_name)
    return {
        "names": tuple(n for n in others if n and n not in keep),
        "own": (snapshot.party_name,) if natural else (),
        "keep": tuple(k for k in keep if k),
        "secrets": tuple(s for s in snapshot.secrets if s and s.strip()),
    }


def texts(snapshot: AnySnapshot) -> dict[str, str]:
    """The snapshot's prose, field by field, in order; empty fields left out."""
    return {name: getattr(snapshot, name) for name in TEXTS if getattr(snapshot, name, "")}


def _overlap(span: Span, releases: Iterable[Release], field: str) -> Release | None:
    return next(
        (
            r
            for r in releases
            if r.field == field and r.start <= span.start and span.end <= r.end and r.reason.strip()
        ),
        None,
    )


def spans_of(
    snapshot: AnySnapshot, masks: Sequence[Mask] = (), releases: Sequence[Release] = ()
) -> dict[str, list[tuple[Span, str]]]:
    """Per field: what is hidden, and for released findings the reason (those stay visible).

    A known secret or name of the file cannot be released.
    """
    known = known_of(snapshot)
    result: dict[str, list[tuple[Span, str]]] = {}
    for name, text in texts(snapshot).items():
        found: list[tuple[Span, str]] = []
        manual = [Span("manual", m.start, m.end, "mask", redact.MASK * 3) for m in masks if m.field == name]
        for span in redact.find(text, **known):  # type: ignore[arg-type]
            if any(m.start < span.end and span.start < m.end for m in manual):
                continue
            release = _overlap(span, releases, name)
            bound = span.kind == "secret" or (
                span.kind == "name"
                and re.sub(r"\s", "", text[span.start : span.end]) in {*known["names"], *known["own"]}
            )
            found.append((span, release.reason if release and not bound else ""))
        found += [(m, "") for m in manual]
        result[name] = sorted(found, key=lambda pair: pair[0].start)
    return result


def side_by_side(
    snapshot: AnySnapshot, masks: Sequence[Mask] = (), releases: Sequence[Release] = ()
) -> tuple[FieldView, ...]:
    """For the desk: every prose field as served and as the public will see it."""
    fields = []
    for name, found in spans_of(snapshot, masks, releases).items():
        text = texts(snapshot)[name]
        fields.append(
            FieldView(
                name=name,
                label=TEXTS[name],
                original=text,
                masked=redact.apply(text, [s for s, released in found if not released]),
                spans=tuple(
                    SpanView(
                        field=name,
                        kind=s.kind,
                        label=redact.LABELS[s.kind],
                        start=s.start,
                        end=s.end,
                        action=s.action,
                        original=text[s.start : s.end],
                        manual=s.kind == "manual",
                        released=released,
                    )
                    for s, released in found
                ),
            )
        )
    return tuple(fields)


def check_offsets(snapshot: AnySnapshot, marks: Iterable[Mask | Release]) -> None:
    """``Invalid`` for masks and releases that point outside the text."""
    problems = Problems()
    prose = texts(snapshot)
    for mark in marks:
        if mark.field not in prose or not 0 <= mark.start < mark.end <= len(prose[mark.field]):
            problems.add(mark.field, "遮盖或者放行的位置超出了文本范围，请刷新页面后重新选择")
        if isinstance(mark, Release) and len(mark.reason.strip()) < 2:
            problems.add(mark.field, "放行应当填写理由")
    problems.raise_if_any()


def public_party(snapshot: AnySnapshot, own_name: str) -> str:
    """The party as the channel shows it: organisations in full, people by the channel's rule."""
    if snapshot.party_kind == "natural" and own_name != "full":
        return (
            redact.short_name(snapshot.party_name) if "某" not in snapshot.party_name else snapshot.party_name
        )
    return snapshot.party_name


def public_content(
    snapshot: AnySnapshot,
    *,
    masks: Sequence[Mask],
    releases: Sequence[Release],
    summary: str,
    own_name: str,
    expires_on: date | None,
) -> dict[str, Any]:
    """Exactly what the public gets. Nothing is here that is not named here."""
    masked = {view.name: view.masked for view in side_by_side(snapshot, masks, releases)}
    known = known_of(snapshot)
    organisation = snapshot.party_kind != "natural"
    content: dict[str, Any] = {
        "agency": snapshot.agency,
        "agency_code": snapshot.agency_code,
        "party": public_party(snapshot, own_name),
        "party_kind": snapshot.party_kind,
        "party_code": snapshot.credit_code if organisation else "",
        "number": snapshot.number,
        "decided_on": snapshot.decided_on.isoformat(),
        "expires_on": expires_on.isoformat() if expires_on else "",
        "field": snapshot.field,
        "region": snapshot.region,
        "item_code": snapshot.item_code,
        "summary": redact.redact(summary, **known).masked,
        **masked,
    }
    if isinstance(snapshot, PenaltySnapshot):
        content["kinds"] = list(kind_codes(snapshot.kinds))
        content["fine_fen"] = snapshot.fine_fen
        content["forfeit_fen"] = snapshot.forfeit_fen
    else:
        content |= _of_decision(snapshot)
    content.setdefault("title", masked.get("violation") or masked.get("category", ""))
    return content


def _of_decision(snapshot: DecisionSnapshot) -> dict[str, Any]:
    """What only decisions other than penalties say, each where there is something to say."""
    said: dict[str, Any] = {
        "decided_by": snapshot.decided_by,
        "decided_by_code": snapshot.decided_by_code,
        "valid_from": snapshot.valid_from.isoformat() if snapshot.valid_from else "",
        "valid_until": snapshot.valid_until.isoformat() if snapshot.valid_until else "",
        "ended": snapshot.ended,
        "amount_fen": snapshot.amount_fen,
    }
    return {name: value for name, value in said.items() if value}


def leftovers(snapshot: AnySnapshot, content: Mapping[str, Any]) -> list[str]:
    """Known secrets and names of the file that still stand in the public text, in any spelling.

    This is the second look: it reads the finished text and trusts none of the steps before it.
    """
    known = known_of(snapshot)
    words = "\n".join(str(v) for k, v in content.items() if k not in {"agency", "party", "number"})
    for kept in known["keep"]:
        words = words.replace(kept, "")
    flat = re.sub(r"[\s\u200b·]", "", fold(words))
    left = []
    for secret in (*known["secrets"], *known["names"], *known["own"]):
        bare = re.sub(r"[\s·]", "", fold(secret))
        if len(bare) >= 2 and "某" not in bare and bare in flat:
            left.append(secret)
    return left


def personal_in(snapshot: AnySnapshot, text: str) -> tuple[str, str]:
    """For a reason that will be public: what personal data it holds, in words; and the text without."""
    done = redact.redact(text, **known_of(snapshot))
    return "、".join(dict.fromkeys(redact.LABELS[s.kind] for s in done.spans)), done.masked


def residue(
    content: Mapping[str, Any], releases: Sequence[Release], originals: Mapping[str, str]
) -> list[tuple[str, Span]]:
    """What a scan of the finished text still finds and nobody released: ``(field, span)``."""
    allowed = {(r.field, originals.get(r.field, "")[r.start : r.end]) for r in releases}
    keep = (content["agency"], content["party"])
    found = []
    for name in (*TEXTS, "summary"):
        text = str(content.get(name, ""))
        for span in redact.find(text, keep=keep):
            stretch = text[span.start : span.end]
            if not any(f == name and (stretch in r or r in stretch) for f, r in allowed if r):
                found.append((name, span))
    return found


def band(amount_fen: int) -> str:
    """The amount band of a result list."""
    if amount_fen <= 0:
        return AmountBand.NONE.value
    if amount_fen < 1_000_00:
        return AmountBand.TO_1K.value
    if amount_fen < 10_000_00:
        return AmountBand.TO_10K.value
    return AmountBand.TO_100K.value if amount_fen < 100_000_00 else AmountBand.OVER_100K.value

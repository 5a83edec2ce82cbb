"""From an item to what it stands for in the rooms below: a record, a step, a penalty on the spot."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from mingzhi.cases import api as cases
from mingzhi.documents import api as documents
from mingzhi.documents.data import Signed
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.recording import api as recording
from mingzhi.web.field import items, numbers
from mingzhi.web.models import FieldItem

VERBS = ("inspect", "question", "sample")
"""Steps of an ordinary case whose record form the phone carries."""
SPOT, SPOT_PAPER = "spot_decide", "P20"


@dataclass(frozen=True, slots=True)
class Made:
    """What an item became. ``changed``: the facts are no longer those that were signed on the phone."""

    dossier_id: int | None = None
    step_id: int | None = None
    record_id: int | None = None
    paper_id: int | None = None
    changed: bool = False


@dataclass(frozen=True, slots=True)
class Corrected:
    """What a person gave when a refused item was judged again."""

    facts: dict[str, Any]
    late_reason: str = ""
    note: str = ""


def apply(
    row: FieldItem,
    item: items.Item,
    *,
    key: str,
    by: Actor,
    at: datetime,
    corrected: Corrected | None = None,
) -> Made:
    """Register the item in the caller's transaction, or raise why it cannot be. ``key`` is the step's."""
    if item.kind == "number":
        return _number(row, item, by=by, at=at)
    if item.kind == "record":
        assert item.dossier is not None
        return Made(
            dossier_id=item.dossier,
            record_id=_deposit(row, item, item.records[0], item.dossier, corrected, by=by, at=at),
        )
    if item.kind == "step":
        return _step(row, item, key, corrected, by=by, at=at)
    return _spot(row, item, key, corrected, by=by, at=at)


def _number(row: FieldItem, item: items.Item, *, by: Actor, at: datetime) -> Made:
    """A number spoilt on the phone."""
    assert item.number is not None
    numbers.require_own(item.number.block, row)
    documents.block_number_void(
        block_id=item.number.block,
        seq=item.number.seq,
        body=organisations.body(row.body_id),
        reason=item.reason,
        by=by,
        at=at,
    )
    return Made()


def _deposit(
    row: FieldItem,
    item: items.Item,
    record: items.RecordIn,
    dossier_id: int,
    corrected: Corrected | None,
    *,
    by: Actor,
    at: datetime,
) -> int:
    dossier = dossiers.access_dossier(by, dossier_id)
    organisations.require(by, Permission.CASE_ACT, body_id=dossier.body_id)
    return recording.deposit(
        dossier_id=dossier.pk,
        act=record.act,
        kind=record.kind,
        file_id=_file(row, record.file),
        captured_at=record.captured_at,
        ended_at=record.ended_at,
        device=recording.terminals.number_of(row.device),
        device_clock_offset_s=round(row.clock_offset_ms / 1000),
        operator_id=row.person_id,
        place=record.place,
        full=record.full,
        statement=record.statement,
        evidence_kind=record.evidence_kind,
        source="phone",
        title=record.title,
        purpose=record.purpose,
        interruption=record.interruption,
        note=(corrected.note if corrected and corrected.note else record.note),
        late_reason=(corrected.late_reason if corrected and corrected.late_reason else record.late_reason),
        by=by,
        at=at,
    ).id


def _file(row: FieldItem, place: int) -> int:
    found = row.files.filter(place=place).values_list("file_id", flat=True).first()
    if found is None:
        raise NotFound("附件不在本系统中", remedy="请在手机上重新上传该件")
    return found


def _step(
    row: FieldItem, item: items.Item, key: str, corrected: Corrected | None, *, by: Actor, at: datetime
) -> Made:
    content = items.content_of(item)
    if content.verb not in (*VERBS, *cases.SERVE_VERBS) or item.dossier is None:
        raise Invalid("手机上不能办理该环节", code="field.verb", remedy="请在工作台办理")
    _recorded(row, item, item.dossier, corrected, by=by, at=at)
    changed = corrected is not None and _changed(item, content.verb, item.dossier, corrected.facts, by)
    step = procedures.advance(
        item.dossier,
        content.verb,
        by=by,
        at=at,
        facts=_with_proofs(row, item, corrected.facts if corrected else items.facts_of(item)),
        occurred_at=item.occurred_at,
        key=key,
        # A person who judged it again has seen the case as it stands.
        expected=None if corrected else item.expected,
        # A paper that is no longer the text they were given for bears no signature.
        signed=() if changed else _signatures(row, item),
    )
    return Made(item.dossier, step.id, paper_id=_paper(item.dossier, step.id), changed=changed)


def _with_proofs(row: FieldItem, item: items.Item, facts: dict[str, Any]) -> dict[str, Any]:
    """The facts of a service with what the phone brought to prove it, beside what a person added."""
    if not item.proofs:
        return facts
    own = [str(_file(row, place)) for place in item.proofs]
    added = facts.get("proof")
    kept = [str(f) for f in added] if isinstance(added, list | tuple) else []
    return {**facts, "proof": list(dict.fromkeys([*kept, *own]))}


def _spot(
    row: FieldItem, item: items.Item, key: str, corrected: Corrected | None, *, by: Actor, at: datetime
) -> Made:
    content = items.content_of(item)
    if content.verb != SPOT or content.party is None or content.number is None:
        raise Invalid("当场处罚内容不全", code="field.incoherent")
    numbers.require_own(content.number.block, row)
    facts = corrected.facts if corrected else items.facts_of(item)
    dossier_id = _opened(row, item, facts, corrected, by=by, at=at)
    changed = corrected is not None and _changed(item, SPOT, dossier_id, facts, by)
    paper = items.reserved(item)
    if changed:
        _take_back(row, item, "内容更正，另行制作文书", by=by, at=at)
    step = procedures.advance(
        dossier_id,
        SPOT,
        by=by,
        at=at,
        facts=facts,
        occurred_at=item.occurred_at,
        key=key,
        reserved={} if changed or paper is None else {SPOT_PAPER: paper},
        signed=() if changed else _signatures(row, item),
    )
    return Made(dossier_id, step.id, paper_id=_paper(dossier_id, step.id), changed=changed)


def _opened(
    row: FieldItem,
    item: items.Item,
    facts: dict[str, Any],
    corrected: Corrected | None,
    *,
    by: Actor,
    at: datetime,
) -> int:
    """A dossier for what happened on the spot, with its party and its recordings."""
    content = items.content_of(item)
    assert content.party is not None
    dossier = cases.case_open(
        procedure="penalty.summary",
        title=str(facts.get("cause", ""))[:120],
        party=content.party.entered(),
        item_code=str(facts.get("item_code", ""))[:60],
        by=by,
        at=at,
    )
    _recorded(row, item, dossier.pk, corrected, by=by, at=at)
    return dossier.pk


def _recorded(
    row: FieldItem,
    item: items.Item,
    dossier_id: int,
    corrected: Corrected | None,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """The recordings that came with the act, or the reason why there is none."""
    for record in item.records:
        _deposit(row, item, record, dossier_id, corrected, by=by, at=at)
    if item.excuse is not None:
        recording.excuse(
            dossier_id=dossier_id,
            act=item.excuse.act,
            reason=item.excuse.reason,
            ground=item.excuse.ground,
            by=by,
            at=at,
        )


def _changed(item: items.Item, verb: str, dossier_id: int, facts: dict[str, Any], by: Actor) -> bool:
    """Whether the facts now given are others than those that were shown and signed."""
    dossier = dossiers.access_dossier(by, dossier_id)
    schema = procedures.procedure(dossier.procedure, dossier.procedure_version).by_verb[verb].facts
    try:
        return procedures.parse_facts(schema, facts) != procedures.parse_facts(schema, items.facts_of(item))
    except Invalid:
        return True


def _signatures(row: FieldItem, item: items.Item) -> tuple[Signed, ...]:
    return tuple(
        Signed(
            kind=one.kind,
            name=one.name,
            outcome=one.outcome,
            at=one.at,
            note=one.note,
            content_sha256=one.content_sha256,
            file_id=_file(row, one.file) if one.file is not None else None,
        )
        for one in item.signatures
    )


def _paper(dossier_id: int, step_id: int) -> int | None:
    paper = next(iter(documents.papers(dossier_id, step_id=step_id)), None)
    return None if paper is None else paper.id


# --- giving up -----------------------------------------------------------------------------------


def give_up(row: FieldItem, item: items.Item, *, reason: str, by: Actor, at: datetime) -> Made:
    """What remains of an item that a person withdraws: a void number, and for a penalty on the spot a
    dossier that ends with the reason and keeps the recordings."""
    if item.kind == "number":
        return Made()
    if item.kind != "spot":
        return Made(dossier_id=item.dossier)
    _take_back(row, item, reason, by=by, at=at)
    if not by.may(Permission.CASE_ACT):
        return Made()
    facts = items.facts_of(item)
    given = Corrected(facts=facts, late_reason=reason, note=reason)
    dossier_id = _opened(row, item, facts, given, by=by, at=at)
    step = procedures.advance(
        dossier_id, "to_ordinary", by=by, at=at, facts={"reason": f"现场当场处罚未予登记：{reason}"}
    )
    return Made(dossier_id, step.id)


def _take_back(row: FieldItem, item: items.Item, reason: str, *, by: Actor, at: datetime) -> None:
    """The paper that the party holds does not count: its number is void, and its code says so."""
    content, paper = items.content_of(item), items.reserved(item)
    assert content.number is not None and paper is not None
    _void_number(row, content.number, reason, by=by, at=at)
    documents.handed_withdraw(
        template=SPOT_PAPER,
        reserved=paper,
        content=item.content,
        made_on=clock.local_date(content.at),
        body=organisations.body(row.body_id),
        reason=reason,
        by=by,
        at=at,
    )


def _void_number(row: FieldItem, number: items.NumberIn, reason: str, *, by: Actor, at: datetime) -> None:
    """Void a number that stood on a paper which is not registered; one that is used elsewhere stays."""
    own = numbers.own_block(number.block, row)
    if own is None or number.seq not in own.free:
        return
    documents.block_number_void(
        block_id=number.block,
        seq=number.seq,
        body=organisations.body(row.body_id),
        reason=reason,
        by=by,
        at=at,
    )

"""What phones send: kept first, judged then, and never lost whatever the judgment.

Crash story. (1) The item is stored with its ledger entry: from here it exists, whatever follows.
(2) Each file is taken over from the upload room and noted, one transaction a file; a file taken and
not noted is taken again by the same token or sent again. (3) Judging and its outcome are one
transaction: dies it inside, the item is still «received» and is judged when the phone sends it again,
which it does until it has an answer. The same key twice is the same item; two senders of one key at
once meet on the item's row.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from mingzhi.files import api as files
from mingzhi.files.errors import UploadGone, UploadNotFound, UploadUnfinished
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import Conflict, Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.web.field import applying, items, plausible
from mingzhi.web.field.applying import Made
from mingzhi.web.field.events import ITEM, OUTCOME
from mingzhi.web.models import FieldFile, FieldItem, FieldOutcome

ACCEPTED, REFUSED, WITHDRAWN = "accepted", "refused", "withdrawn"
SETTLED = frozenset({ACCEPTED, WITHDRAWN})
RECEIVED = "received"


class UploadMissing(Conflict):
    """The bytes are not here (expired, or never finished): the phone still has them and sends them again."""

    code = "field.upload_missing"
    sentence = "附件“{name}”尚未上传完整"
    remedy = "手机将重新上传该附件，请保持联网"


# --- receiving -----------------------------------------------------------------------------------


def receive(item: items.Item, *, by: Actor, at: datetime) -> FieldItem:
    """Keep what the phone sent, take its files over, judge it. The same item again changes nothing."""
    if by.account_id is None or by.person_id is None:
        raise NotAllowed("只有登记在册的执法人员可以从手机提交")
    row = _kept(item, by=by, at=at)
    if outcome_of(row) is None:
        _take(row, item, by=by)
        judge(row, item, at=at)
    return row


def _kept(item: items.Item, *, by: Actor, at: datetime) -> FieldItem:
    digest = items.digest_of(item)
    known = FieldItem.objects.filter(key=item.key).first()
    if known is None:
        try:
            return _store(item, digest, by=by, at=at)
        except IntegrityError:
            known = FieldItem.objects.get(key=item.key)
    if known.account_id != by.account_id or known.payload_sha256 != digest:
        raise Invalid(
            "该提交凭据已用于其他内容", code="field.key_used", remedy="请在手机上将该件另存为新的一件后提交"
        )
    return known


@transaction.atomic
def _store(item: items.Item, digest: str, *, by: Actor, at: datetime) -> FieldItem:
    row = FieldItem.objects.create(
        key=item.key,
        account_id=by.account_id or 0,
        person_id=by.person_id or 0,
        person_name=by.name[:60],
        body_id=by.body_id,
        unit_id=by.unit_id,
        dossier_id=item.dossier,
        kind=item.kind,
        title=item.title,
        device=item.device,
        clock_offset_ms=item.clock_offset_ms,
        payload=canonical.encode(items.kept(item)).decode(),
        payload_sha256=digest,
        occurred_at=item.occurred_at,
        received_at=at,
    )
    ITEM.kept(row, at=at)
    return row


def _take(row: FieldItem, item: items.Item, *, by: Actor) -> None:
    have = set(row.files.values_list("place", flat=True))
    for place, file in enumerate(item.files):
        if place in have:
            continue
        try:
            with transaction.atomic():
                stored = files.upload_take(file.upload, by=by.label)
                FieldFile.objects.create(
                    item=row, place=place, file_id=stored.id, sha256=stored.sha256, claimed=file.sha256
                )
        except IntegrityError:
            continue  # the same item sent twice at once: the other one noted it
        except (UploadNotFound, UploadGone, UploadUnfinished):
            raise UploadMissing(name=file.name) from None


# --- judging -------------------------------------------------------------------------------------


def judge(row: FieldItem, item: items.Item, *, at: datetime) -> None:
    """Judge an item as of the time it happened, with the sender's rights of that day, if that time can be; note
    the outcome."""
    try:
        with transaction.atomic():
            if _hold(row) is not None:
                return
            _not_altered(row)
            by = _sender(row)
            plausible.require_plausible(row, item, at)
            made = applying.apply(row, item, key=row.key, by=by, at=at)
            _note(row, ACCEPTED, made=made, detail={}, by=by, at=at)
    except MingzhiError as refused:
        with transaction.atomic():
            if _hold(row) is None:
                _note(row, REFUSED, made=Made(), detail=told(refused), by=_system(row), at=at)


def _hold(row: FieldItem) -> FieldOutcome | None:
    """Hold the item's row until the transaction ends; its latest outcome."""
    FieldItem.objects.select_for_update().get(pk=row.pk)
    return outcome_of(row)


def _sender(row: FieldItem) -> Actor:
    """Who sent it, with the rights of the day on which it happened."""
    account = organisations.accounts.account(row.account_id)
    return organisations.actor_of(account, clock.local_date(row.occurred_at))


def _system(row: FieldItem) -> Actor:
    return organisations.system_actor(row.body_id)


def _not_altered(row: FieldItem) -> None:
    """What arrived is what was captured: hash by hash, before anything stands on it."""
    wrong = [f.place for f in row.files.all() if f.sha256 != f.claimed]
    if wrong:
        raise Invalid(
            f"有 {len(wrong)} 个附件收到的摘要与采集时不一致，不能作为原始记录登记",
            code="field.digest_differs",
            remedy="请在手机上重新上传；原件已损坏的，撤回并注明原因",
        )


def told(error: MingzhiError) -> dict[str, Any]:
    """A refusal as it is kept and shown."""
    return {
        "code": error.code,
        "sentence": error.sentence,
        "remedy": error.remedy,
        "reasons": [
            {"code": r.code, "sentence": r.sentence, "citation": r.citation, "remedy": r.remedy}
            for r in error.reasons
        ],
        "fields": error.fields if isinstance(error, Invalid) else {},
    }


def _note(
    row: FieldItem, state: str, *, made: Made, detail: dict[str, Any], by: Actor, at: datetime
) -> FieldOutcome:
    text = canonical.encode(detail).decode()
    outcome = FieldOutcome.objects.create(
        item=row,
        turn=row.outcomes.count() + 1,
        state=state,
        dossier_id=made.dossier_id or row.dossier_id,
        step_id=made.step_id,
        record_id=made.record_id,
        paper_id=made.paper_id,
        detail=text,
        detail_sha256=canonical.digest(detail),
        by=by.label,
        by_name=by.name[:60],
        at=at,
    )
    OUTCOME.kept(outcome, at=at)
    return outcome


# --- a person decides ------------------------------------------------------------------------------


@transaction.atomic
def resubmit(
    *, item_id: int, facts: dict[str, Any], late_reason: str = "", note: str = "", by: Actor, at: datetime
) -> FieldOutcome:
    """Judge a refused item again, with the facts as a person now gives them, at the case as it stands now.

    What was sent stays as it was; the corrected facts are kept beside it. A penalty whose facts change
    gets a new number, because the party holds the other paper; its old number is voided.
    """
    row = access_item(by, item_id)
    organisations.require(by, Permission.CASE_ACT, body_id=row.body_id)
    _open(row)
    _not_altered(row)
    item = items.unkept(row.payload)
    made = applying.apply(
        row,
        item,
        key=f"{row.key}-{row.outcomes.count() + 1}",
        corrected=applying.Corrected(facts=facts, late_reason=late_reason, note=note),
        by=by,
        at=at,
    )
    return _note(
        row,
        ACCEPTED,
        made=made,
        detail={"corrected": facts, "late_reason": late_reason, "note": note, "changed": made.changed},
        by=by,
        at=at,
    )


@transaction.atomic
def withdraw(*, item_id: int, reason: str, by: Actor, at: datetime) -> FieldOutcome:
    """Give an item up with a reason. Its number is voided, its recordings stay on a dossier; who sent it
    may, and the head of the sender's unit."""
    row = access_item(by, item_id)
    if not reason.strip():
        raise Invalid(fields={"reason": ["请写明撤回的原因"]})
    _open(row)
    item = items.unkept(row.payload)
    made = applying.give_up(row, item, reason=reason.strip()[:200], by=by, at=at)
    return _note(row, WITHDRAWN, made=made, detail={"reason": reason.strip()[:200]}, by=by, at=at)


def _open(row: FieldItem) -> None:
    last = _hold(row)
    if last is None or last.state in SETTLED:
        who = f"（{last.by_name}）" if last else ""
        raise Conflict(f"该件已经处理{who}", code="field.settled", remedy="请返回列表查看处理结果")


# --- reads -----------------------------------------------------------------------------------------


def outcome_of(row: FieldItem) -> FieldOutcome | None:
    return row.outcomes.order_by("-turn").first()


def access_item(by: Actor, item_id: int) -> FieldItem:
    """The only way to an item: who sent it, and the head of that unit. For others it is not there."""
    row = FieldItem.objects.filter(pk=item_id, body_id=by.body_id).first()
    if row is not None and row.account_id == by.account_id:
        return row
    if row is not None and by.may(Permission.CASE_UNIT_CHECK) and row.unit_id == by.unit_id:
        return row
    raise NotFound()


def by_key(by: Actor, key: str) -> FieldItem | None:
    """One's own item by its key."""
    return FieldItem.objects.filter(key=key, account_id=by.account_id or 0).first()


def waiting(by: Actor) -> list[tuple[FieldItem, FieldOutcome]]:
    """Items that a person must decide on: one's own, and for a unit's head those of the unit."""
    rows = FieldItem.objects.filter(body_id=by.body_id)
    if by.may(Permission.CASE_UNIT_CHECK):
        rows = rows.filter(unit_id=by.unit_id)
    else:
        rows = rows.filter(account_id=by.account_id or 0)
    latest = FieldOutcome.objects.filter(item__in=rows, state=REFUSED).select_related("item")
    settled = FieldOutcome.objects.filter(item__in=rows, state__in=SETTLED).values("item_id")
    found: dict[int, tuple[FieldItem, FieldOutcome]] = {}
    for outcome in latest.exclude(item_id__in=settled).order_by("item_id", "turn"):
        found[outcome.item_id] = (outcome.item, outcome)
    return sorted(found.values(), key=lambda pair: -pair[0].pk)


# --- the ledger --------------------------------------------------------------------------------------

"""鉴定销毁: nothing is destroyed but by a list that two people approved (档案法第二十一条, 实施条例第二十四条).

Expired dossiers are listed; the archive staff gives an opinion on each; the leader and a second person
approve the list as it stands; then the bytes are erased, line by line: what the index lists and every
copy of it (derivatives, marked copies, thumbnails, waveforms, bound PDFs). Hashes and metadata stay.

Crash story of ``list_carry_out``: each line is a transaction of its own that writes the tombstone and
the erasure orders; the bytes go after its commit. Killed before the commit, the line is untouched;
killed after it, the bytes may still lie there, and ``files`` removes what is ordered when the list
is carried out again. A line whose dossier came under a hold meanwhile is refused and stays.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.dossiers import archive, sources, transfer
from mingzhi.dossiers.archive import ArchiveView
from mingzhi.dossiers.archive_entries import DECIDED, DESTROYED, LISTED, OPINED
from mingzhi.dossiers.choices import Approver, Opinion
from mingzhi.dossiers.errors import ListClosed, ListUnapproved, NotExpired, OnHold, Transferred
from mingzhi.dossiers.models import (
    ArchiveRecord,
    Destroyed,
    DestructionDecision,
    DestructionLine,
    DestructionList,
    DestructionOpinion,
    Dossier,
    Loan,
)
from mingzhi.files import api as files
from mingzhi.kernel import canonical, clock, numbers
from mingzhi.kernel.errors import Conflict, MingzhiError, NotAllowed, NotFound, Problems, require_text
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission


@dataclass(frozen=True, slots=True)
class LineView:
    id: int
    dossier_id: int
    dossier_number: str
    archive_number: str
    title: str
    expires_on: date
    opinion: str
    opinion_label: str
    reason: str
    extend_years: int | None
    opined_by: str
    held: bool
    destroyed_at: datetime | None
    hashes: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class DecisionView:
    role: str
    role_label: str
    approved: bool
    note: str
    at: datetime
    by_name: str


@dataclass(frozen=True, slots=True)
class ListView:
    """``state``: listed (opinions missing), opined, approved, refused, done."""

    id: int
    number: str
    body_id: int
    reason: str
    at: datetime
    by_name: str
    lines: tuple[LineView, ...]
    decisions: tuple[DecisionView, ...]
    digest: str
    """What an approver has before them and approves: every line with its opinion."""

    @property
    def state(self) -> str:
        if any(not d.approved for d in self.decisions):
            return "refused"
        if len(self.decisions) == len(Approver.values):
            doomed = [x for x in self.lines if x.opinion == Opinion.DESTROY]
            return "done" if all(x.destroyed_at for x in doomed) else "approved"
        return "opined" if all(x.opinion for x in self.lines) else "listed"

    @property
    def state_label(self) -> str:
        return {
            "listed": "待出具鉴定意见",
            "opined": "待审批",
            "approved": "已批准，待销毁",
            "refused": "未获同意",
            "done": "已办结",
        }[self.state]


def expired(body_id: int, on: date) -> list[ArchiveView]:
    """Archived dossiers of a body whose term is over on ``on``, not held, not destroyed, not on an open list
    of either kind, not taken in by the state archive."""
    done = Destroyed.objects.values("line__archive_id")
    rows = (
        ArchiveRecord.objects.filter(body_id=body_id, retentions__expires_on__lte=on)
        .exclude(pk__in=done)
        .distinct()
        .order_by("pk")
    )
    open_ones = {
        *archive.lines_waiting().filter(archive__body_id=body_id).values_list("archive_id", flat=True),
        *transfer.open_lines().filter(archive__body_id=body_id).values_list("archive_id", flat=True),
    }
    found = [archive.archive_view(row) for row in rows if row.pk not in open_ones]
    return [view for view in found if view.due_on is not None and view.due_on <= on]


@transaction.atomic
def list_make(*, dossier_ids: Sequence[int], reason: str, by: Actor, at: datetime) -> DestructionList:
    """Put expired dossiers on a list. One that is not expired, or held, or lent out, refuses the whole."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    problems = Problems()
    if len(reason.strip()) < 4:
        problems.add("reason", "请写明鉴定销毁的说明")
    records = list(
        ArchiveRecord.objects.select_for_update()
        .filter(body_id=by.body_id, dossier_id__in=list(dossier_ids))
        .order_by("pk")
    )
    if not records or len(records) != len(set(dossier_ids)):
        problems.add("dossiers", "请选择要列入清册的案卷")
    problems.raise_if_any()
    allowed = {view.id: view.due_on for view in expired(by.body_id, clock.local_date(at)) if view.due_on}
    for record in records:
        if any(h.in_force for h in archive.holds(record.dossier_id)):
            raise OnHold(number=record.number)
        if transfer.on_the_way(record.pk):
            raise Transferred(number=record.number)
        if record.pk not in allowed or Loan.objects.filter(archive=record, returned=None).exists():
            raise NotExpired(number=record.number)
    body = organisations.body(by.body_id)
    year = clock.local_date(at).year
    serial = numbers.allot(f"destruction:{body.id}:{year}")
    made = DestructionList.objects.create(
        body_id=body.id,
        number=f"{body.code_word}销〔{year}〕{serial}号",
        reason=reason.strip()[:300],
        at=at,
        by=by.label,
        by_name=by.name,
    )
    for record in records:
        DestructionLine.objects.create(list=made, archive=record, expires_on=allowed[record.pk])
    LISTED.kept(made, at=at)
    return made


def _locked(by: Actor, list_id: int) -> DestructionList:
    found = DestructionList.objects.select_for_update().filter(pk=list_id, body_id=by.body_id).first()
    if found is None:
        raise NotFound()
    return found


@transaction.atomic
def line_opine(
    *, list_id: int, line_id: int, opinion: str, reason: str, extend_years: int | None = None, by: Actor,
    at: datetime,
) -> None:  # fmt: skip
    """鉴定意见 of the archive staff on one dossier; may be given anew until somebody approved the list."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found = _locked(by, list_id)
    if found.decisions.exists():
        raise ListClosed(number=found.number)
    problems = Problems()
    line = found.lines.filter(pk=line_id).first()
    if line is None:
        problems.add("line", "清册上没有这一卷")
    if opinion not in Opinion.values:
        problems.add("opinion", "请选择鉴定意见")
    if len(reason.strip()) < 2:
        problems.add("opinion_reason", "请写明鉴定理由")
    if opinion == Opinion.EXTEND and not (extend_years and 0 < extend_years <= 100):
        problems.add("extend_years", "继续保存的，请填写延长年数（1 至 100）")
    problems.raise_if_any()
    assert line is not None
    row = DestructionOpinion.objects.create(
        line=line,
        opinion=opinion,
        reason=reason.strip()[:300],
        extend_years=extend_years if opinion == Opinion.EXTEND else None,
        at=at,
        by=by.label,
        by_name=by.name,
    )
    OPINED.kept(row, at=at)


@transaction.atomic
def list_decide(
    *,
    list_id: int,
    role: str,
    approved: bool,
    note: str = "",
    seen: str | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Approve or refuse the list as it stands. Leader and second person are two people, and neither
    made the list or gave an opinion on it. ``seen`` is the digest of what the person read: ``Conflict`` when an
    opinion was given anew since."""
    found = _locked(by, list_id)
    needed = Permission.CASE_APPROVE if role == Approver.LEADER else Permission.CASE_DEPUTY_APPROVE
    organisations.require(by, needed)
    if by.label in _hands(found):
        raise NotAllowed(
            "提出清册、出具鉴定意见或者已经审批的人员，不能再审批本清册", code="archive.same_person"
        )
    view = list_view(found)
    if view.state != "opined":
        raise ListClosed(
            f"销毁清册 {found.number} {view.state_label}，不能审批", number=found.number,
            remedy="每一卷都有鉴定意见后方可审批" if view.state == "listed" else "请另行提出清册",
        )  # fmt: skip
    if seen is not None and seen != view.digest:
        raise Conflict("清册的鉴定意见在您查看之后有变动，本次审批未生效")
    if role not in Approver.values or found.decisions.filter(role=role).exists():
        raise ListClosed(number=found.number)
    if not approved:
        require_text("note", note, "不同意的，请写明理由")
    row = DestructionDecision.objects.create(
        list=found,
        role=role,
        approved=approved,
        note=note.strip()[:300],
        lines_digest=view.digest,
        at=at,
        by=by.label,
        by_name=by.name,
    )
    DECIDED.kept(row, at=at)


def _hands(found: DestructionList) -> set[str]:
    opined = DestructionOpinion.objects.filter(line__list=found).values_list("by", flat=True)
    return {found.by, *opined, *found.decisions.values_list("by", flat=True)}


def list_carry_out(*, list_id: int, by: Actor, at: datetime) -> ListView:
    """Erase what was approved for destruction, prolong what was to be kept. May be called again.

    A line that may not go now hinders no other: it is told when the others are done.
    """
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found = DestructionList.objects.filter(pk=list_id, body_id=by.body_id).first()
    if found is None:
        raise NotFound()
    decisions = list(found.decisions.all())
    if len(decisions) != len(Approver.values) or not all(
        d.approved and d.lines_digest == lines_digest(found) for d in decisions
    ):
        raise ListUnapproved(number=found.number)
    refused: list[MingzhiError] = []
    for line in found.lines.order_by("pk"):
        last = line.opinions.order_by("-pk").first()
        if last is None:
            raise ListUnapproved(number=found.number)
        try:
            if last.opinion == Opinion.DESTROY:
                _destroy(found, line, by=by, at=at)
            else:
                _prolong(found, line, last, by=by, at=at)
        except (OnHold, NotExpired, Transferred) as stays:
            refused.append(stays)
    files.erase_ordered(order=found.number)
    if refused:
        raise refused[0]
    return list_view(found)


def _prolong(
    found: DestructionList, line: DestructionLine, last: DestructionOpinion, *, by: Actor, at: datetime
) -> None:
    reason = archive.KEPT.format(number=found.number)
    with transaction.atomic():
        record = ArchiveRecord.objects.select_for_update().get(pk=line.archive_id)
        if not record.retentions.filter(reason=reason).exists():
            archive.retention_extend(record=record, years=last.extend_years or 1, reason=reason, by=by, at=at)


def _destroy(found: DestructionList, line: DestructionLine, *, by: Actor, at: datetime) -> None:
    with transaction.atomic():
        record = ArchiveRecord.objects.select_for_update().select_related("dossier").get(pk=line.archive_id)
        if Destroyed.objects.filter(line=line).exists():
            return
        if any(h.in_force for h in archive.holds(record.dossier_id)):
            raise OnHold(number=record.number)
        if Loan.objects.filter(archive=record, returned=None).exists():
            raise NotExpired(f"案卷 {record.number} 已借出，归还后方可销毁", number=record.number)
        if transfer.on_the_way(record.pk):
            raise Transferred(number=record.number)
        doomed, kept = _contents_of(record.dossier_id)
        tomb = Destroyed.objects.create(
            line=line,
            hashes=doomed,
            kept=kept,
            at=at,
            by=by.label,
            by_name=by.name,
        )
        files.erase(sha256s=tomb.hashes, order=found.number, at=at)
        DESTROYED.kept(tomb, at=at)


def _contents_of(dossier_id: int) -> tuple[list[str], list[str]]:
    """Hashes (to be erased, to be kept because another dossier stands on the same bytes)."""
    same = files.same_content(sorted(sources.files_of(dossier_id)))
    everyone = sources.holders(sorted({i for ids in same.values() for i in ids}))
    doomed: list[str] = []
    kept: list[str] = []
    for sha256, ids in sorted(same.items()):
        others = {d for i in ids for d in everyone.get(i, ())} - {dossier_id}
        (kept if others else doomed).append(sha256)
    return doomed, kept


# --- reads -----------------------------------------------------------------------------------


def list_view(found: DestructionList) -> ListView:
    lines = []
    for line in found.lines.select_related("archive__dossier", "destroyed").order_by("pk"):
        last = line.opinions.order_by("-pk").first()
        tomb = getattr(line, "destroyed", None)
        lines.append(
            LineView(
                id=line.pk,
                dossier_id=line.archive.dossier_id,
                dossier_number=line.archive.dossier.number,
                archive_number=line.archive.number,
                title=line.archive.dossier.title,
                expires_on=line.expires_on,
                opinion=last.opinion if last else "",
                opinion_label=Opinion(last.opinion).label if last else "",
                reason=last.reason if last else "",
                extend_years=last.extend_years if last else None,
                opined_by=last.by_name if last else "",
                held=any(h.in_force for h in archive.holds(line.archive.dossier_id)),
                destroyed_at=tomb.at if tomb else None,
                hashes=tuple(tomb.hashes) if tomb else (),
            )
        )
    return ListView(
        id=found.pk,
        number=found.number,
        body_id=found.body_id,
        reason=found.reason,
        at=found.at,
        by_name=found.by_name,
        lines=tuple(lines),
        decisions=tuple(
            DecisionView(d.role, Approver(d.role).label, d.approved, d.note, d.at, d.by_name)
            for d in found.decisions.order_by("pk")
        ),
        digest=lines_digest(found),
    )


def lists(body_id: int) -> list[ListView]:
    return [list_view(x) for x in DestructionList.objects.filter(body_id=body_id).order_by("-pk")[:200]]


def list_of(by: Actor, list_id: int) -> ListView:
    found = DestructionList.objects.filter(pk=list_id, body_id=by.body_id).first()
    if found is None:
        raise NotFound()
    return list_view(found)


def destroyed_on(dossier: Dossier) -> DestructionLine | None:
    """The line by which the dossier's files were destroyed, if they were."""
    return (
        DestructionLine.objects.filter(archive__dossier=dossier, destroyed__isnull=False)
        .select_related("list", "destroyed")
        .first()
    )


# --- what the ledger commits to ------------------------------------------------------------------


def lines_digest(found: DestructionList) -> str:
    """What an approver approves: every line with its opinion as it stands."""
    content = []
    for line in found.lines.order_by("pk"):
        last = line.opinions.order_by("-pk").first()
        content.append([line.archive_id, line.expires_on, last.pk if last else None])
    return canonical.digest(content)

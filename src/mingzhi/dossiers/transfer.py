"""移交档案馆 (ARC-07, 档案法实施条例第二十条): what is due goes by an approved list, and comes back by name.

Due dossiers are listed; the leader decides on the list as it stands; the worker makes a package of each
and checks it by its four properties before anything leaves; the hand-over is registered with the digest
of the manifest that went along; the archive's receipt says of each package that it was taken in, or why
not. A dossier taken in stays here as a copy: its access rules stay, and nobody destroys it. One that came
back may be listed anew.

Crash story. Every act is one transaction. A package is stored and checked before its row: killed in
between, it is a file nobody names, and the job makes it again; a second run finds the row and does
nothing. Packages are written to a medium before the hand-over is registered (``handing.write_out``).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction
from django.db.models import Count, Exists, OuterRef, Q, QuerySet, Subquery

from mingzhi.dossiers import archive, sources
from mingzhi.dossiers.choices import MakeState, Medium, Secrecy
from mingzhi.dossiers.errors import NotTransferable, TransferClosed
from mingzhi.dossiers.models import (
    ArchiveRecord,
    Destroyed,
    Loan,
    Retention,
)
from mingzhi.dossiers.transfer_entries import DECIDED, HANDED, LISTED, PACKED, WITHDRAWN
from mingzhi.dossiers.transfer_models import (
    TransferDecision,
    TransferHandOver,
    TransferLine,
    TransferList,
    TransferPackage,
    TransferResult,
    TransferWithdrawal,
)
from mingzhi.dossiers.transfer_views import ListView, lines_digest, list_view, manifest
from mingzhi.files import api as files
from mingzhi.kernel import clock, numbers
from mingzhi.kernel.errors import NotAllowed, NotFound, Problems, require_text
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox

PACK = "dossiers.transfer"


# --- what is due --------------------------------------------------------------------------------


def open_lines() -> QuerySet[TransferLine]:
    """Lines on lists that were neither refused nor withdrawn, and that did not come back."""
    return TransferLine.objects.exclude(
        Q(list__decision__approved=False) | Q(list__withdrawal__isnull=False) | Q(result__accepted=False)
    )


def transferred(record_id: int) -> TransferResult | None:
    """By which line the dossier was taken in by the archive, if it was."""
    return (
        TransferResult.objects.filter(line__archive_id=record_id, accepted=True)
        .select_related("line__list", "receipt")
        .first()
    )


def on_the_way(record_id: int) -> bool:
    """Whether the dossier was taken in, or stands on a list that may still lead there."""
    return open_lines().filter(archive_id=record_id).exists()


def due(body_id: int, on: date) -> list[ArchiveRecord]:
    """Archived dossiers that were to be handed over by ``on`` and stand on no list. ``transfer_on`` is set."""
    return list(_due(on).filter(body_id=body_id).select_related("dossier__unit"))


def _due(on: date) -> QuerySet[ArchiveRecord]:
    """Those of every body, the oldest first. What was ever to go by ``on`` comes from an index; only of these is the latest
    plan asked, so that the young dossiers of a bureau are not read."""
    latest = Retention.objects.filter(archive=OuterRef("pk")).order_by("-pk").values("transfer_on")[:1]
    return (
        ArchiveRecord.objects.filter(pk__in=Retention.objects.filter(transfer_on__lte=on).values("archive"))
        .annotate(transfer_on=Subquery(latest))
        .filter(transfer_on__lte=on)
        .exclude(Exists(open_lines().filter(archive=OuterRef("pk"))))
        .exclude(Exists(Destroyed.objects.filter(line__archive=OuterRef("pk"))))
        .order_by("transfer_on", "pk")
    )


def why_not(record: ArchiveRecord) -> str:
    """Why a due dossier cannot be listed now; empty when it can."""
    view = archive.archive_view(record)
    if record.dossier.secrecy == Secrecy.STATE:
        return "涉及国家秘密，按保密规定另行移交"
    if view.held:
        return "正在暂缓处置，材料可能还要补充"
    if Loan.objects.filter(archive=record, returned=None).exists():
        return "已借出，尚未归还"
    if not view.sealed_at or _changed(record, view.items):
        return "目录尚未编定，或者编定后又有补充"
    if archive.lines_waiting().filter(archive=record).exists():
        return "已列入销毁清册"
    return ""


def _changed(record: ArchiveRecord, sealed: int) -> bool:
    """Material came after the last sealing, or is being sealed now."""
    waiting = record.dossier.makings.filter(kind="seal", state__in=(MakeState.WAITING, MakeState.RUNNING))
    return waiting.exists() or len(archive.contents(record.dossier)) != sealed


@dataclass(frozen=True, slots=True)
class Step:
    """What a body's archive staff or leader must do next. ``list_id`` is ``None`` for what stands on no list."""

    kind: str
    body_id: int
    list_id: int | None
    what: str


def steps_waiting(on: date) -> list[Step]:
    """``due``, and for each list ``decide``, ``hand`` or ``answer``: from the rows, whoever looks."""
    counted = _due(on).order_by().values_list("body_id").annotate(n=Count("pk"))
    found = [Step("due", body_id, None, f"{n} 卷") for body_id, n in counted]
    lists = TransferList.objects.filter(withdrawal=None).order_by("pk")
    waits = {
        "decide": lists.filter(decision=None),
        "hand": lists.filter(decision__approved=True, hand_overs=None),
        "answer": lists.filter(hand_overs__isnull=False, lines__result=None).distinct(),
    }
    found += [Step(kind, x.body_id, x.pk, x.number) for kind, rows in waits.items() for x in rows]
    return found


# --- the list ------------------------------------------------------------------------------------


@transaction.atomic
def list_make(
    *, dossier_ids: Sequence[int], receiver: str, description: str, by: Actor, at: datetime
) -> TransferList:
    """Propose due dossiers for hand-over. One that cannot go refuses the whole (``NotTransferable``)."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    problems = Problems()
    if len(receiver.strip()) < 4:
        problems.add("receiver", "请填写接收档案馆的全称")
    if len(description.strip()) < 4:
        problems.add("description", "请填写内容描述，如档案类别、年度、卷数")
    wanted = set(dossier_ids)
    locked = ArchiveRecord.objects.select_for_update().filter(body_id=by.body_id, dossier_id__in=wanted)
    known = {record.pk for record in locked.order_by("pk")}
    records = [r for r in due(by.body_id, clock.local_date(at)) if r.pk in known]
    if not wanted or len(records) != len(wanted):
        problems.add("dossiers", "请选择应当移交、尚未列入清单的案卷")
    problems.raise_if_any()
    for record in records:
        if why := why_not(record):
            raise NotTransferable(number=record.number, why=why)
    body = organisations.body(by.body_id)
    year = clock.local_date(at).year
    serial = numbers.allot(f"transfer:{body.id}:{year}")
    made = TransferList.objects.create(
        body_id=body.id,
        number=f"{body.code_word}移〔{year}〕{serial}号",
        receiver=receiver.strip()[:120],
        description=description.strip()[:300],
        at=at,
        by=by.label,
        by_name=by.name,
    )
    for record in records:
        TransferLine.objects.create(
            list=made,
            archive=record,
            transfer_on=record.transfer_on,  # type: ignore[attr-defined]
            index_digest=archive.sealed_index(record.dossier_id)[0],
        )
    LISTED.kept(made, at=at)
    return made


def locked_list(by: Actor, list_id: int) -> tuple[TransferList, ListView]:
    """The list held against every other writer, as it stands. Another body's does not exist."""
    found = TransferList.objects.select_for_update().filter(pk=list_id, body_id=by.body_id).first()
    if found is None:
        raise NotFound()
    return found, list_view(found)


def require_state(view: ListView, *states: str) -> None:
    if view.state not in states:
        raise TransferClosed(number=view.number, state=view.state_label)


@transaction.atomic
def list_decide(*, list_id: int, approved: bool, note: str = "", by: Actor, at: datetime) -> None:
    """The leader approves or refuses the list as it stands; approved, its packages are ordered."""
    organisations.require(by, Permission.CASE_APPROVE)
    found, view = locked_list(by, list_id)
    if by.label == found.by:
        raise NotAllowed("提出清单的人员不能审批本清单", code="archive.same_person")
    require_state(view, "listed")
    if not approved:
        require_text("note", note, "不同意的，请写明理由")
    row = TransferDecision.objects.create(
        list=found,
        approved=approved,
        note=note.strip()[:300],
        lines_digest=lines_digest(found),
        at=at,
        by=by.label,
        by_name=by.name,
    )
    DECIDED.kept(row, at=at)
    if approved:
        for line in view.lines:
            _order(line.id, at)


@transaction.atomic
def list_withdraw(*, list_id: int, reason: str, by: Actor, at: datetime) -> None:
    """Take the list back before anything of it was handed over."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found, view = locked_list(by, list_id)
    require_state(view, "listed", "packing", "ready")
    require_text("withdraw_reason", reason, "请写明撤销清单的理由")
    row = TransferWithdrawal.objects.create(
        list=found, reason=reason.strip()[:300], at=at, by=by.label, by_name=by.name
    )
    WITHDRAWN.kept(row, at=at)


# --- packages --------------------------------------------------------------------------------------


def _order(line_id: int, at: datetime, again: int = 0) -> None:
    outbox.enqueue(PACK, {"line": line_id}, at=at, key=f"transfer:{line_id}:{again}")


@transaction.atomic
def repack(*, list_id: int, line_id: int, by: Actor, at: datetime) -> None:
    """Make a package again whose check failed."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    view = locked_list(by, list_id)[1]
    require_state(view, "packing", "ready")
    line = next((x for x in view.lines if x.id == line_id), None)
    if line is None:
        raise NotFound()
    _order(line_id, at, again=TransferPackage.objects.filter(line_id=line_id).count() + 1)


@transaction.atomic
def package_keep(
    *,
    line: TransferLine,
    file_id: int,
    checks: list[list[str]],
    passed: bool,
    index_digest: str,
    at: datetime,
) -> None:
    """What the worker made of a line, with its check. Called by the job.

    Two runs of one order may overlap (a worker thought dead); what the first kept is what leaves, and a
    package that comes after it, or after the withdrawal, is not kept."""
    found = TransferList.objects.select_for_update().get(pk=line.list_id)
    last = line.packages.order_by("-pk").first()
    if hasattr(found, "withdrawal") or (last is not None and last.passed):
        return
    stored = files.ref(file_id)
    row = TransferPackage.objects.create(
        line=line,
        file_id=file_id,
        sha256=stored.sha256,
        size=stored.size,
        index_digest=index_digest,
        passed=passed,
        checks=checks,
        at=at,
    )
    PACKED.kept(row, at=at)


# --- handing over -------------------------------------------------------------------------------------


def require_fit(view: ListView) -> None:
    """What held when the list was made holds as its packages leave. ``NotTransferable``.

    Weeks may lie between: a dossier may since be held up, lent, marked secret, or have got more papers than
    its package. What was handed over already may go again on another medium, unless it became a secret."""
    for line in view.lines:
        record = ArchiveRecord.objects.select_related("dossier").get(dossier_id=line.dossier_id)
        if view.state != "ready" and record.dossier.secrecy != Secrecy.STATE:
            continue
        why = why_not(record)
        if not why and archive.sealed_index(record.dossier_id)[0] != line.index_digest:
            why = "列入清单后目录有变动"
        if why:
            raise NotTransferable(
                f"案卷 {record.number} 现在不能移交：{why}", number=record.number, why=why,
                remedy="请待其具备移交条件后办理；目录有变动或者不再移交的，撤销清单另行提出",
            )  # fmt: skip


@transaction.atomic
def hand_over(
    *,
    list_id: int,
    medium: str,
    medium_kind: str,
    medium_numbers: str,
    reviewer: str,
    by: Actor,
    at: datetime,
) -> TransferHandOver:
    """Register that the packages left. Again (another medium), while the archive has not answered."""
    organisations.require(by, Permission.DOSSIER_ARCHIVE)
    found, view = locked_list(by, list_id)
    require_state(view, "ready", "handed")
    require_fit(view)
    problems = Problems()
    if medium not in Medium.values:
        problems.add("medium", "请选择移交方式")
    elif medium != Medium.ONLINE:
        for name, value, label in (
            ("medium_kind", medium_kind, "载体类型、规格"),
            ("medium_numbers", medium_numbers, "载体起止顺序号"),
        ):
            if not value.strip():
                problems.add(name, f"请填写{label}")
    if len(reviewer.strip()) < 2:
        problems.add("reviewer", "请填写审核人")
    elif reviewer.strip() == by.name:
        problems.add("reviewer", "填表人和审核人不能是同一人")
    problems.raise_if_any()
    data = manifest(found).encode()
    stored = files.put_bytes(data, name=f"{found.number}移交目录.json", media_type="application/json", at=at)
    row = TransferHandOver.objects.create(
        list=found,
        medium=medium,
        medium_kind=medium_kind.strip()[:80],
        medium_numbers=medium_numbers.strip()[:80],
        clerk=by.name,
        reviewer=reviewer.strip()[:60],
        file_id=stored.id,
        sha256=stored.sha256,
        size=sum(line.package.size for line in view.lines if line.package),
        at=at,
        by=by.label,
        by_name=by.name,
    )
    HANDED.kept(row, at=at)
    return row


def copies(dossier_id: int) -> list[int]:
    """Packages made for hand-over: copies of the dossier's content."""
    made = TransferPackage.objects.filter(line__archive__dossier_id=dossier_id)
    return list(made.values_list("file_id", flat=True))


def holders(file_ids: list[int]) -> dict[int, set[int]]:
    found: dict[int, set[int]] = {}
    rows = TransferPackage.objects.filter(file_id__in=file_ids)
    for file_id, dossier_id in rows.values_list("file_id", "line__archive__dossier_id"):
        found.setdefault(file_id, set()).add(dossier_id)
    return found


def register() -> None:
    sources.register(sources.Source("dossiers.transfer", holders=holders, copies=copies))

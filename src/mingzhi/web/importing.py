"""Large files into the draft of a list: handed over on the desk, read by the worker, put in when somebody said so.

A file that is read at once needs none of this. A large one is two errands, the check and then the import,
each a turn of its row. What the worker tells of its progress is one conditional UPDATE, which finds out in
the same breath that the import was cancelled, or given to another turn.

The crash story: killed while reading, the draft is as it was and the row says «going»; the outbox takes the
errand up again from the beginning when its lease is over, a person at once (``import_again``). The rows of
the draft, its ledger entry and «done» commit together, so a list is never half there and «done» is never
said of a draft that does not hold the file. Cancelled at the moment of the commit, the one that commits
first holds: the other finds the state changed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any, BinaryIO

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from mingzhi.catalogue.api import public_lists
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.web.models import ImportState, ListImport

READ = "web:list_import"
AT_ONCE = public_lists.AT_ONCE
GOING = (ImportState.CHECKING, ImportState.PUTTING)
TOLD_EVERY = 10
"""Blocks of a thousand rows between two words of progress."""
STILL = timedelta(seconds=60)
"""How long the worker may be silent before its errand counts as interrupted; opening the largest workbook takes ten."""
MOST_STARTS = 3
"""Starts of one errand: a file over which the worker dies each time is given up."""
KEPT = timedelta(days=7)


class Stopped(Exception):
    """The import was cancelled or given to another turn while the worker was at it."""


# --- asked on the desk ----------------------------------------------------------------------------------


def import_ask(*, version_id: int, file: BinaryIO, name: str, by: Actor, at: datetime) -> ListImport:
    """Keep the file and have it checked. The same file handed over again while it is on its way is the same
    import; another file for the draft waits until the one going is over or cancelled."""
    version = _draft(by, version_id)
    ref = files.put(file, name=name, limit=public_lists.MOST_BYTES, at=at)
    same = ListImport.objects.filter(version_id=version_id, file_id=ref.id, seen=version.digest)
    going = same.filter(state__in=(*GOING, ImportState.CHECKED)).order_by("-pk").first()
    if going is not None:
        return going
    try:
        with transaction.atomic():
            row = ListImport.objects.create(
                account_id=by.account_id or 0,
                version_id=version_id,
                file_id=ref.id,
                name=name,
                size=ref.size,
                seen=version.digest,
                asked_at=at,
            )
            _errand(row, at)
    except IntegrityError:
        going = same.filter(state__in=GOING).first()
        if going is not None:
            return going
        raise _busy() from None
    return row


def _busy() -> Invalid:
    return Invalid(_("该草稿正在导入另一份文件"), remedy=_("请待其完成，或者在导入页面取消后再提交"))


def import_put(*, import_id: int, by: Actor, at: datetime) -> None:
    """The checked file is to replace the draft's rows. Said twice, it is done once."""
    row = import_of(by, import_id)
    if row.state not in (ImportState.PUTTING, ImportState.DONE):
        _next_turn(row, (ImportState.CHECKED,), ImportState.PUTTING, by, at)


def import_again(*, import_id: int, by: Actor, at: datetime) -> None:
    """Begin an interrupted errand anew, at once; a worker that does go on with it stops."""
    row = import_of(by, import_id)
    if interrupted(row, at):
        _next_turn(row, (row.state,), row.state, by, at)


def _next_turn(row: ListImport, sources: tuple[str, ...], state: str, by: Actor, at: datetime) -> None:
    rows = ListImport.objects.filter(pk=row.pk, turn=row.turn, state__in=sources)
    fresh: dict[str, Any] = {"starts": 0, "rows": 0, "percent": 0, "told_at": None}
    try:
        with transaction.atomic():
            if rows.update(state=state, turn=row.turn + 1, account_id=by.account_id or 0, **fresh):
                row.turn += 1
                _errand(row, at)
                return
    except IntegrityError:
        raise _busy() from None
    if import_of(by, row.pk).state not in (*GOING, ImportState.DONE):
        raise Invalid(_("该文件不能导入"), remedy=_("请按本页所示的状态办理"))


def import_cancel(*, import_id: int, by: Actor, at: datetime) -> None:
    """Stop it, whatever it is at; the draft stays as it is. ``Invalid`` when it is over."""
    row = import_of(by, import_id)
    rows = ListImport.objects.filter(pk=row.pk, state__in=(*GOING, ImportState.CHECKED))
    if not rows.update(state=ImportState.CANCELLED, ended_at=at):
        raise Invalid(_("该文件已经处理完毕，不能取消"), remedy=_("请查看草稿现有内容"))


def _errand(row: ListImport, at: datetime) -> None:
    outbox.enqueue(READ, {"import": row.pk, "turn": row.turn}, at=at, key=f"list-import:{row.pk}:{row.turn}")


# --- looked at ----------------------------------------------------------------------------------------


def _draft(by: Actor, version_id: int) -> Any:
    """The version, for those who keep the lists of its body; for others it does not exist."""
    version = public_lists.version_seen(by, version_id)
    organisations.require(by, Permission.CATALOGUE_MANAGE, body_id=version.list.body_id)
    return version


def import_of(by: Actor, import_id: int) -> ListImport:
    row = ListImport.objects.filter(pk=import_id).first()
    if row is None:
        raise NotFound(_("没有这次导入"), remedy=_("导入记录保留七日，过期请重新导入"))
    _draft(by, row.version_id)
    return row


def imports_of(by: Actor, version_id: int) -> list[ListImport]:
    """The last imports of a draft, newest first."""
    _draft(by, version_id)
    return list(ListImport.objects.filter(version_id=version_id).order_by("-pk")[:5])


def interrupted(row: ListImport, at: datetime) -> bool:
    """Whether the worker began this errand and has not been heard of since."""
    return row.state in GOING and row.told_at is not None and at - row.told_at > STILL


# --- done by the worker -----------------------------------------------------------------------------------


def read(import_id: int, turn: int, *, at: datetime) -> None:
    """One errand, with the rights that who gave it has now. What cannot be done is told on its page."""
    row = ListImport.objects.filter(pk=import_id, turn=turn, state__in=GOING).first()
    if row is None:
        return
    try:
        if row.starts >= MOST_STARTS:
            raise Invalid(_("后台程序三次未能读完该文件"), remedy=_("请另存为 CSV，或者分成几个文件后再导入"))
        _tell(row, starts=row.starts + 1, rows=0, bad=0, percent=0)
        account = organisations.accounts.account(row.account_id)
        by = organisations.actor_of(account, clock.local_date(at))
        if row.state == ImportState.CHECKING:
            _check(row, by)
        else:
            _put(row, by, at)
    except Stopped:
        return
    except MingzhiError as refused:
        said = [*refused.fields.get("file", ()), f"{refused.sentence}。{refused.remedy}"]
        _ended(row, state=ImportState.FAILED, problem=said[0][:300])


def _check(row: ListImport, by: Actor) -> None:
    with files.open_file(row.file_id) as file:
        found = public_lists.sheet_check(
            version_id=row.version_id, file=file, name=row.name, by=by, told=_progress(row)
        )
    told: dict[str, Any] = {"rows": found.rows, "bad": found.bad, "percent": 100}
    told["cells"] = [asdict(cell) for cell in found.cells]
    if found.difference is not None:
        told["difference"] = {
            name: getattr(found.difference, name) for name in ("added", "removed", "changed")
        }
    if found.fits:
        _tell(row, state=ImportState.CHECKED, **told)
    else:
        _ended(row, state=ImportState.REFUSED, **told)


def _put(row: ListImport, by: Actor, at: datetime) -> None:
    with (
        files.open_file(row.file_id) as file,
        public_lists.sheet_prepared(
            version_id=row.version_id,
            seen=row.seen,
            file=file,
            name=row.name,
            by=by,
            told=_progress(row),
        ) as prepared,
    ):
        _tell(row, rows=prepared.checked.rows, percent=99)
        with transaction.atomic():
            _ended(row, state=ImportState.DONE, percent=100)
            public_lists.sheet_put(prepared, by=by, at=at)


def _progress(row: ListImport) -> Any:
    blocks = 0

    def told(checked: public_lists.Checked) -> None:
        nonlocal blocks
        if blocks % TOLD_EVERY == 0:
            _tell(row, rows=checked.rows, bad=checked.bad, percent=checked.percent)
            ledger.sequence(at=clock.now())  # this is the worker's time: what came meanwhile gets its place
        blocks += 1

    return told


def _tell(row: ListImport, **columns: Any) -> None:
    rows = ListImport.objects.filter(pk=row.pk, turn=row.turn, state=row.state)
    if not rows.update(told_at=clock.now(), **columns):
        raise Stopped


def _ended(row: ListImport, **columns: Any) -> None:
    _tell(row, ended_at=clock.now(), **columns)


@outbox.handler(READ, slow=True)
def read_job(payload: Mapping[str, Any], *, at: datetime) -> None:
    read(int(payload["import"]), int(payload["turn"]), at=at)


@outbox.periodic("web.list_imports", 3600)
def forget_job(at: datetime) -> None:
    """What is over, or was checked and never put in, is not kept for ever."""
    ListImport.objects.filter(asked_at__lte=at - KEPT).exclude(state__in=GOING).delete()

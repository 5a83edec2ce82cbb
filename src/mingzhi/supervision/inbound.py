"""下级年报: reports that other bodies handed to this one, signed for or returned, and added up."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from mingzhi.files import api as files
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import Conflict, Invalid, NotFound, Problems
from mingzhi.kernel.numbers import allot
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.supervision import chain, layout, reports
from mingzhi.supervision.choices import Act
from mingzhi.supervision.data import Figures, InboundView, SenderLine, Values
from mingzhi.supervision.errors import LetterUnknown
from mingzhi.supervision.events import ANSWER, INBOUND
from mingzhi.supervision.models import Inbound, InboundAnswer, Station
from mingzhi.tasks import api as tasks

__all__ = ["ANSWERS", "LetterUnknown", "Said", "added", "answer_give", "one", "senders", "take"]

FORMAT = "mingzhi-report/1"
ANSWERS = (Act.DELIVERED.value, Act.RECEIVED.value, Act.RETURNED.value)
MOST_PDF = 6_000_000
TASK = "report.inbound"


@dataclass(frozen=True, slots=True)
class Said:
    """How a letter stands with its receiver."""

    act: Act
    on: date
    person: str = ""
    reason: str = ""


# --- taking in ---------------------------------------------------------------------------------------


def take(
    content: bytes,
    *,
    body_id: int,
    station_id: int | None = None,
    peer_id: int | None = None,
    note: str = "",
    at: datetime,
) -> Said:
    """Keep a letter and say how it stands; the same letter again is only the question. ``Invalid`` for
    what is no report. Who sent it, the caller knows: from the channel, not from the letter. ``note`` is the
    sender's signature, kept with what it signed."""
    sha = sha256(content).hexdigest()
    known = Inbound.objects.filter(body_id=body_id, sha256=sha).select_related("answer").first()
    if known is not None:
        return _standing(known)
    told, pdf = _read(content)
    if told["year"] >= clock.local_date(at).year:
        raise Invalid(f"{told['year']} 年尚未结束，不收该年度的年报", remedy="请对方核对系统时间")
    name = Station.objects.get(pk=station_id).name if station_id else organisations.body(peer_id or 0).name
    stored = files.put_bytes(
        pdf, name=f"{name}{told['year']}年度统计年报.pdf", media_type="application/pdf", at=at
    )
    with transaction.atomic():
        allot(f"inbound:{body_id}")  # the same letter twice at once: the second finds the first
        known = Inbound.objects.filter(body_id=body_id, sha256=sha).select_related("answer").first()
        if known is not None:
            return _standing(known)
        row = Inbound.objects.create(
            body_id=body_id,
            station_id=station_id,
            sender=name,
            peer_id=peer_id,
            link=told["link"],
            year=told["year"],
            no=told["no"],
            content={key: value for key, value in told.items() if key != "pdf"},
            sha256=sha,
            note=note,
            pdf_id=stored.id,
            pdf_sha256=stored.sha256,
            at=at,
        )
        INBOUND.kept(row, at=at)
        tasks.task_open(
            kind=TASK,
            title=f"签收{name} {row.year} 年度统计年报（第 {row.no} 版）",
            body_id=body_id,
            subject=f"inbound-report:{row.pk}",
            unit_id=None,
            permission=Permission.STATISTICS_READ.value,
            due_on=None,
            by=organisations.system_actor(body_id),
            at=at,
        )
    return _standing(row)


def _read(content: bytes) -> tuple[dict[str, Any], bytes]:
    """The letter taken apart. Everything that is shown or added up later is checked here."""
    problem = Invalid("收到的内容不是统计年报", remedy="请对方核对版本后重新报送")
    try:
        told = json.loads(content)
        # The one spelling of these facts, in characters that every database and page can hold.
        sound = told["format"] == FORMAT and canonical.encode(told) == content and b"\\u0000" not in content
        pdf = base64.b64decode(told["pdf"], validate=True)
        found = Figures.of(told["figures"])
        whole = all(
            value is None or (type(value) is int and abs(value) < 10**15)
            for table in layout.TABLES
            for value in (found.total[table.code][column.code] for column in table.columns)
        )
        parts = found.typed is None or (
            isinstance(found.typed, dict)
            and all(type(n) is int and abs(n) < 10**15 for own in found.typed.values() for n in own.values())
        )
        numbers = all(
            type(told[name]) is int and low <= told[name] <= high
            for name, low, high in (
                ("key", 1, 2**62), ("link", 0, 99), ("year", 2000, 2100), ("no", 1, 999), ("cases", 0, 10**9),
            )
        )  # fmt: skip
        texts = all(
            isinstance(told[name], str) and len(told[name]) <= most
            for name, most in (("narrative", 20_000), ("reason", 500), ("cases_sha256", 64), ("as_of", 40))
        )
        in_wan = type(told["rule"]["in_wan"]) is bool
        moment = datetime.fromisoformat(told["as_of"])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        raise problem from None
    if (
        not (sound and whole and parts and numbers and texts and in_wan and moment.tzinfo)
        or found.year != told["year"]
    ):
        raise problem
    if len(pdf) > MOST_PDF or not pdf.startswith(b"%PDF-"):
        raise problem
    if sha256(pdf).hexdigest() != told.get("pdf_sha256"):
        raise Invalid("年报文件与校验值不符", remedy="请对方重新报送")
    return told, pdf


def named(content: bytes) -> tuple[str, str]:
    """Which body a letter says it is from, and to whom."""
    told, _pdf = _read(content)
    return str(told.get("body")), str(told.get("to"))


def _standing(row: Inbound) -> Said:
    answer = getattr(row, "answer", None)
    if answer is None:
        return Said(Act.DELIVERED, clock.local_date(row.at))
    return Said(Act(answer.act), clock.local_date(answer.at), answer.by_name, answer.reason)


# --- answering ---------------------------------------------------------------------------------------


def _may(by: Actor, body_id: int) -> None:
    """Whoever compiles or supervises at the receiving body."""
    if not (
        by.body_id == body_id and (by.may(Permission.STATISTICS_MAKE) or by.may(Permission.SUPERVISE_READ))
    ):
        organisations.require(by, Permission.STATISTICS_MAKE, body_id=body_id)


@transaction.atomic
def answer_give(*, inbound_id: int, act: Act, reason: str = "", by: Actor, at: datetime) -> None:
    """Sign for a report, or return it with the reason. Once; a corrected version is another report."""
    row = _row(by, inbound_id)
    _may(by, row.body_id)
    problems = Problems()
    if act not in (Act.RECEIVED, Act.RETURNED):
        problems.add("act", "请选择签收或者退回")
    if act == Act.RETURNED and not 4 <= len(reason.strip()) <= 300:
        problems.add("reason", "退回应当用 4 至 300 个字写明理由")
    problems.raise_if_any()
    allot(f"inbound:{row.body_id}")
    if InboundAnswer.objects.filter(inbound=row).exists():
        raise Conflict("这一版年报已经签收或者退回", remedy="请刷新页面查看")
    answer = InboundAnswer.objects.create(
        inbound=row,
        act=act,
        reason=reason.strip() if act == Act.RETURNED else "",
        by=by.label,
        by_name=by.name,
        at=at,
    )
    ANSWER.kept(answer, at=at)
    tasks.tasks_close(kinds=(TASK,), subject=f"inbound-report:{row.pk}", by=by, at=at)
    if row.peer_id is not None:  # the sender is here: it need not ask
        event = int(row.content["key"])
        outbox.enqueue(reports.HAND, {"event": event}, at=at, key=f"report:{event}:{act}")


def _row(by: Actor, inbound_id: int) -> Inbound:
    organisations.require(by, Permission.STATISTICS_READ, body_id=by.body_id)
    row = Inbound.objects.filter(pk=inbound_id, body_id=by.body_id).select_related("answer").first()
    if row is None:
        raise NotFound
    return row


def _view(row: Inbound) -> InboundView:
    said = _standing(row)
    return InboundView(
        id=row.pk,
        sender=row.sender,
        peer_id=row.peer_id,
        year=row.year,
        no=row.no,
        figures=Figures.of(row.content["figures"]),
        in_wan=bool(row.content["rule"]["in_wan"]),
        cases=row.content["cases"],
        cases_sha256=row.content["cases_sha256"],
        as_of=datetime.fromisoformat(row.content["as_of"]),
        narrative=row.content["narrative"],
        reason=row.content["reason"],
        pdf_id=row.pdf_id,
        sha256=row.sha256,
        at=row.at,
        act=said.act.value,
        answered_on=said.on if said.act != Act.DELIVERED else None,
        answered_by=said.person,
        returned_why=said.reason,
    )


def one(by: Actor, inbound_id: int) -> InboundView:
    """A report this body received."""
    return _view(_row(by, inbound_id))


# --- who has reported, and the sum -------------------------------------------------------------------


def senders(by: Actor, year: int, on: date) -> list[SenderLine]:
    """Everybody who reports to this body: by when, what came last, whether it is late."""
    organisations.require(by, Permission.STATISTICS_READ, body_id=by.body_id)
    body_id = by.body_id
    came: dict[tuple[int | None, int | None], list[Inbound]] = {}
    rows = Inbound.objects.filter(body_id=body_id, year=year).select_related("answer")
    for row in rows.order_by("no", "pk"):  # a version that was long on its way is not the last for that
        came.setdefault((row.peer_id, row.station_id), []).append(row)
    found = []
    for station in Station.objects.filter(up=True, peer_id=body_id, ended_at=None).order_by("body__path"):
        sender = organisations.body(station.body_id)
        due = _due_of(sender, station.name, year, on)
        found.append(_line(sender.name, due, came.pop((sender.id, None), []), on))
    for station in Station.objects.filter(up=False, body_id=body_id, ended_at=None).order_by("name"):
        due = date.fromisoformat(f"{year + 1}-{station.due}") if station.due else None
        found.append(_line(station.name, due, came.pop((None, station.pk), []), on))
    return found + [_line(own[-1].sender, None, own, on) for own in came.values()]


def _due_of(sender: BodyRef, receiver: str, year: int, on: date) -> date | None:
    links = chain.standing(sender, year, on)
    return next((x.due_on for x in links if x.receiver == receiver and x.unit_id is None), None)


def _line(name: str, due: date | None, rows: list[Inbound], on: date) -> SenderLine:
    """Late is whoever's first report that was not returned came late; a correction of it is not."""
    views = [_view(row) for row in rows]
    standing = [v for v in views if v.act != Act.RETURNED]
    first = min((clock.local_date(v.at) for v in standing), default=on)
    return SenderLine(
        name,
        due,
        last=views[-1] if views else None,
        stands=standing[-1] if standing else None,
        late=due is not None and first > due,
    )


def added(lines: Iterable[SenderLine]) -> Values:
    """The sum over the last reports that were not returned: ``None`` only where nobody has the duty."""
    parts = [x.stands.figures.total for x in lines if x.stands is not None]
    return {
        table.code: {c.code: _sum(parts, table.code, c.code) for c in table.columns}
        for table in layout.TABLES
    }


def _sum(parts: list[Values], table: str, column: str) -> int | None:
    known = [own[table][column] for own in parts]
    told = [value for value in known if value is not None]
    return sum(told) if told else None

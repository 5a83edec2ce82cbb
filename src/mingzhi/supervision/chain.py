"""The submission chain: who hands the year's report to whom by when, as the body's own document says.

The norm ``annual.chain`` lists the links. ``各执法单位`` stands for every enforcement unit, each with its
own clock and receipt; ``社会公开`` is the publication; a day is fixed (``01-31``), so many working days
after the link before (``+5WD``), or not stated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Term
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import UnitKind
from mingzhi.organisations.data import BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.supervision.choices import Act
from mingzhi.supervision.data import LinkView
from mingzhi.supervision.models import ReportEvent, Station

NORM = "annual.chain"
EVERY_UNIT = "各执法单位"
ITSELF = "本单位"
PUBLIC = "社会公开"


@dataclass(frozen=True, slots=True)
class Link:
    """One link for one reporter, as the norm has it."""

    no: int
    sender: str
    receiver: str
    unit_id: int | None
    deadline: str | None
    citation: str

    @property
    def public(self) -> bool:
        return self.receiver == PUBLIC

    def subject(self, body_id: int, year: int) -> str:
        """Whose clock and to-do: one for each reporter of the link."""
        return f"report:{body_id}:{year}:{self.no}-{self.unit_id or 0}"


def links(body: BodyRef, year: int) -> list[Link]:
    """Every link of the chain for the year's report, in order, one for each reporter."""
    norm = catalogue.norm(NORM, body=body, on=date(year + 1, 1, 1))
    found = []
    for no, row in enumerate(norm.value):
        reporters: list[tuple[str, int | None]] = [
            (body.short_name if row["from"] == ITSELF else row["from"], None)
        ]
        if row["from"] == EVERY_UNIT:
            reporters = [(u.name, u.id) for u in organisations.units(body.id, UnitKind.ENFORCEMENT)]
        for sender, unit_id in reporters:
            found.append(Link(no, sender, row["to"], unit_id, row["deadline"], norm.citation_text))
    return found


def find(body: BodyRef, year: int, no: int, unit_id: int | None) -> Link | None:
    return next((x for x in links(body, year) if x.no == no and x.unit_id == unit_id), None)


@dataclass(frozen=True, slots=True)
class Run:
    """When a link's clock runs: from, how long."""

    started: datetime
    term: Term
    words: str


def run(body: BodyRef, link: Link, year: int, before: date | None) -> Run | None:
    """The clock of a link; ``before`` is the day the link before it was done. ``None``: no day is stated,
    or it does not run yet. A publication without a day of its own is reminded of by the general one."""
    text = link.deadline
    if text is None and link.public:
        text = str(catalogue.norm("annual.date.publish", body=body, on=date(year + 1, 1, 1)).value)
        words = f"未定日期，按 {text} 提醒"
    else:
        words = text or "未定日期"
    if text is None:
        return None
    if text.startswith("+"):
        term = Term.parse(text[1:])
        return Run(clock.at_local(before), term, f"前一环节后 {term.text}") if before else None
    month, day = (int(x) for x in text.split("-"))
    end = date(year, 12, 31)
    days = (date(year + 1, month, day) - end).days
    # A day that a document names is that day, whatever weekday it falls on: no term, so nothing moves on.
    return Run(clock.at_local(end), Term(days, "CD", roll=False), words)


def stated(link: Link) -> str:
    """The day as the norm says it, where no clock can run yet."""
    if link.deadline is None:
        return "未定日期"
    return (
        f"前一环节后 {Term.parse(link.deadline[1:]).text}" if link.deadline.startswith("+") else link.deadline
    )


def standing(body: BodyRef, year: int, on: date) -> list[LinkView]:
    """Where each link stands on a day: its end, who sent and who signed, whether it is late."""
    events: dict[tuple[int, int | None], dict[str, Any]] = {}
    rows = ReportEvent.objects.filter(body_id=body.id, year=year).select_related("version").order_by("pk")
    first: dict[tuple[int, int | None], date] = {}  # a correction is not late; what was returned was not done
    for event in rows:
        key = event.link, event.unit_id
        events.setdefault(key, {})[event.act] = event
        if event.act in (Act.SENT, Act.APPROVED):
            first.setdefault(key, event.on)
        elif event.act == Act.RETURNED:
            first.pop(key, None)
    stations = _stations(body.id)
    found: list[LinkView] = []
    for link in links(body, year):
        own = events.get((link.no, link.unit_id), {})
        sent = own.get(Act.APPROVED) if link.public else own.get(Act.SENT)
        returned = _since(own, Act.RETURNED, sent)
        received, delivered = _since(own, Act.RECEIVED, sent), _since(own, Act.DELIVERED, sent)
        running = run(body, link, year, _done_on(found, link.no - 1))
        due = deadlines.due(running.started, running.term).on if running is not None else None
        sent_on = sent.on if sent is not None and returned is None else None
        met_on = first.get((link.no, link.unit_id))
        station = _channel(stations, link.receiver, sent.at if sent is not None else None)
        found.append(
            LinkView(
                no=link.no,
                sender=link.sender,
                receiver=link.receiver,
                unit_id=link.unit_id,
                due_on=due,
                due_words=running.words if running is not None else stated(link),
                citation=link.citation,
                sent_on=sent_on,
                sent_by=sent.by_name if sent is not None else "",
                received_on=received.on if received is not None else None,
                received_by=received.person if received is not None else "",
                number=received.number if received is not None else (sent.number if sent is not None else ""),
                version=sent.version.no if sent is not None and sent.version else None,
                public=link.public,
                way=station.way if station is not None and link.unit_id is None else "",
                delivered_on=delivered.on if delivered is not None else None,
                returned_on=returned.on if returned is not None else None,
                returned_why=returned.note if returned is not None else "",
                scan_id=received.scan_id if received is not None else None,
                met_on=met_on,
                late=due is not None and (met_on or on) > due,
            )
        )
    return found


def channel(body_id: int, receiver: str, sent_at: datetime) -> Station | None:
    """The channel by which a report goes that was sent at that moment. ``None``: it went by paper, and stays so
    when a channel is opened later; one that was in use then may have been replaced since."""
    return _channel(_stations(body_id), receiver, sent_at)


def _stations(body_id: int) -> list[Station]:
    return list(Station.objects.filter(body_id=body_id, up=True))


def _channel(stations: list[Station], receiver: str, sent_at: datetime | None) -> Station | None:
    own = [s for s in stations if s.name == receiver]
    now = next((s for s in own if s.ended_at is None), None)
    if sent_at is None or any(
        s.set_at <= sent_at and (s.ended_at is None or s.ended_at > sent_at) for s in own
    ):
        return now
    return None


def _since(own: dict[str, ReportEvent], act: Act, sent: ReportEvent | None) -> ReportEvent | None:
    """What happened to the last that was sent; what happened to one before it is over."""
    found = own.get(act)
    return found if found is not None and sent is not None and found.pk > sent.pk else None


def _done_on(found: Iterable[LinkView], no: int) -> date | None:
    """The day on which every reporter of link ``no`` had done it."""
    days = [view.met_on for view in found if view.no == no]
    return max(d for d in days if d) if days and all(days) else None


def done_on(body: BodyRef, year: int, no: int, on: date) -> date | None:
    return _done_on(standing(body, year, on), no)


def permission(link: Link) -> Permission:
    """Whose to-do a link is."""
    if link.public:
        return Permission.STATISTICS_APPROVE
    return Permission.STATISTICS_MAKE if link.unit_id is None else Permission.CASE_UNIT_CHECK

"""报送渠道: how a report goes up by itself, to a body of this installation or to another installation.

What is sent is a letter: the frozen version as canonical bytes, signed with this installation's key for
letters. The receiver answers with a signed note that names the letter's SHA-256 and says how it stands
there: arrived, signed for, or returned with a reason. The same letter may be sent again at any time: it
is the question how it stands now.

Crash story. The message to hand a report over commits with the record that it was sent; it is repeated
until an answer is kept. Whoever receives a letter twice has it once.
"""

from __future__ import annotations

import base64
from datetime import date, datetime
from hashlib import sha256
from typing import Any

from django.db import transaction

from mingzhi.files import api as files
from mingzhi.kernel import canonical, clock
from mingzhi.kernel.errors import Conflict, NotFound, Problems
from mingzhi.kernel.numbers import allot
from mingzhi.ledger import api as ledger
from mingzhi.ledger.errors import WitnessInvalid, WitnessUnclear
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import BodyKind
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.supervision import chain, inbound, reports
from mingzhi.supervision.choices import Act, Way
from mingzhi.supervision.data import StationView
from mingzhi.supervision.errors import StationAway
from mingzhi.supervision.events import STATION
from mingzhi.supervision.models import ReportEvent, Station

PATH = "/api/reports/hand"
FORMAT, ANSWER = inbound.FORMAT, "mingzhi-report-answer/1"

# --- stations ----------------------------------------------------------------------------------------


def peers(body: BodyRef) -> list[BodyRef]:
    """Bodies of this installation that may be reported to: those above, and whoever supervises or governs."""
    over = (BodyKind.SUPERVISOR, BodyKind.GOVERNMENT)
    return [
        b
        for b in organisations.bodies()
        if b.id != body.id
        and (body.path.startswith(b.path) or b.id == body.entrusted_by_id or _beside(body, b, over))
    ]


def _beside(body: BodyRef, other: BodyRef, kinds: tuple[BodyKind, ...]) -> bool:
    """Under the same parent, and of such a kind."""
    parent = body.path.rstrip("/").rpartition("/")[0]
    return other.kind in kinds and other.path.rstrip("/").rpartition("/")[0] == parent


def receivers(body: BodyRef, year: int) -> list[str]:
    """To whom the body's document has it report, the public left out."""
    found = [x.receiver for x in chain.links(body, year) if not x.public and x.unit_id is None]
    return list(dict.fromkeys(found))


@transaction.atomic
def station_set(
    *,
    up: bool,
    name: str,
    peer_id: int | None = None,
    url: str = "",
    vkey: str = "",
    due: str = "",
    by: Actor,
    at: datetime,
) -> int:
    """Open a channel for the person's body: upwards to a receiver of its chain, or for a body that may hand
    its reports in from another installation. One of a name at a time."""
    organisations.require(by, Permission.CONFIG_MANAGE, body_id=by.body_id)
    body = organisations.body(by.body_id)
    problems = Problems()
    name, url, vkey, due = name.strip(), url.strip(), vkey.strip(), due.strip()
    way = Way.HERE if peer_id is not None else Way.AWAY
    if not 2 <= len(name) <= 120:
        problems.add("name", "请填写对方机关名称")
    elif up and name not in receivers(body, clock.local_date(at).year - 1):
        problems.add("name", "请从本机关的报送链中选择接收方")
    if way == Way.HERE and (not up or peer_id not in {b.id for b in peers(body)}):
        problems.add("peer", "请选择本系统内的上级机关、监督机关")
    if way == Way.AWAY:
        try:
            vkey = ledger.letters.key_checked(vkey)
            url = ledger.letters.address(url) if up else ""
        except WitnessInvalid as wrong:
            problems.add("vkey", wrong.sentence)
    if due and not _month_day(due):
        problems.add("due", "应报日期为月-日，如 01-31")
    problems.raise_if_any()
    allot(f"stations:{body.id}")  # two at once: the second finds the first
    if Station.objects.filter(body_id=body.id, up=up, name=name, ended_at=None).exists():
        raise Conflict("已经设置该对方的渠道", remedy="请先停用原渠道")
    row = Station.objects.create(
        body_id=body.id,
        up=up,
        name=name,
        way=way,
        peer_id=peer_id,
        url=url,
        vkey=vkey if way == Way.AWAY else "",
        due=due,
        set_by=by.label,
        set_at=at,
    )
    STATION.kept(row, at=at)
    return row.pk


def _month_day(text: str) -> bool:
    """A day that every year has, written as ``01-31``."""
    try:
        return date.fromisoformat(f"2001-{text}").isoformat()[5:] == text
    except ValueError:
        return False


@transaction.atomic
def station_end(*, station_id: int, by: Actor, at: datetime) -> None:
    """Close a channel: from now on by paper, or not taken any more."""
    organisations.require(by, Permission.CONFIG_MANAGE, body_id=by.body_id)
    row = Station.objects.filter(pk=station_id, body_id=by.body_id, ended_at=None).first()
    if row is None:
        raise NotFound
    row.ended_at = at
    row.save(update_fields=["ended_at"])
    STATION.kept(row, at=at)


def stations(body_id: int) -> list[StationView]:
    """The body's channels in use, upwards first."""
    rows = Station.objects.filter(body_id=body_id, ended_at=None).select_related("peer")
    return [
        StationView(s.pk, s.up, s.name, s.way, s.peer.name if s.peer else "", s.url, s.vkey, s.due)
        for s in rows.order_by("-up", "name")
    ]


# --- handing over ------------------------------------------------------------------------------------


def letter(event: ReportEvent) -> bytes:
    """What is sent for the record ``event``: always the same bytes."""
    version = event.version
    if version is None:
        raise NotFound
    with files.open_file(version.pdf_id) as stored:
        pdf = stored.read()
    return canonical.encode(
        {
            "format": FORMAT,
            "key": event.pk,
            "from": event.sender,
            "body": organisations.body(event.body_id).name,
            "to": event.receiver,
            "link": event.link,
            "year": event.year,
            "no": version.no,
            "as_of": version.as_of,
            "figures": version.figures,
            "rule": version.rule,
            "cases": version.cases,
            "cases_sha256": version.cases_sha256,
            "narrative": version.narrative,
            "reason": version.reason,
            "pdf_sha256": version.pdf_sha256,
            "pdf": base64.b64encode(pdf).decode(),
        }
    )


@outbox.handler(reports.HAND, slow=True)
def hand(payload: dict[str, Any], *, at: datetime) -> None:
    """Give a report over, or ask how it stands, and keep what is answered."""
    event = ReportEvent.objects.select_related("version").get(pk=payload["event"])
    station = chain.channel(event.body_id, event.receiver, event.at)
    if station is None:
        return  # closed meanwhile: it goes by paper
    content = letter(event)
    if station.peer_id is not None:
        standing = inbound.take(content, body_id=station.peer_id, peer_id=event.body_id, at=at)
    else:
        standing = _asked(station, content)
    for act in dict.fromkeys((Act.DELIVERED, standing.act)):
        reports.report_answered(
            event_id=event.pk,
            act=act,
            person=standing.person if act == standing.act else "",
            note=standing.reason if act == standing.act else "",
            on=standing.on if act == standing.act else clock.local_date(at),
            at=at,
        )


def _asked(station: Station, content: bytes) -> inbound.Said:
    sha = sha256(content).hexdigest()
    note = ledger.letters.sign([FORMAT, sha])
    try:
        answer = ledger.letters.ask(
            station.url + PATH, canonical.encode({"note": note, "letter": content.decode()})
        )
    except WitnessUnclear as away:
        raise StationAway(name=station.name, why=away.sentence) from None
    if answer.status != 200:
        raise StationAway(name=station.name, why=f"答复 {answer.status}：{answer.text()[:200]}")
    said = ledger.letters.read(answer.text(), station.vkey)
    if said is None or len(said) != 6 or said[:2] != [ANSWER, sha] or said[2] not in inbound.ANSWERS:
        raise StationAway(name=station.name, why="答复没有对方的签名，或者与报送的内容对不上")
    try:
        on = date.fromisoformat(said[3])
    except ValueError:
        raise StationAway(name=station.name, why="答复的日期不能识别") from None
    person, reason = (text if text != "-" else "" for text in said[4:])
    return inbound.Said(Act(said[2]), on, person[:60], reason[:300])


def answer(said: inbound.Said, sha: str) -> str:
    """Our signed answer to a letter."""
    return ledger.letters.sign(
        [ANSWER, sha, said.act.value, said.on.isoformat(), said.person or "-", said.reason or "-"]
    )


def taken(note: str, content: bytes, *, at: datetime) -> str:
    """A letter from another installation: whoever's registered key signed it hands in its report here.
    ``LetterUnknown`` when nobody's did, or when the letter does not say which of several it is."""
    sha = sha256(content).hexdigest()
    stations = Station.objects.filter(up=False, ended_at=None, way=Way.AWAY).select_related("body")
    signed = [s for s in stations.order_by("pk") if ledger.letters.read(note, s.vkey) == [FORMAT, sha]]
    if len(signed) > 1:
        sender, receiver = inbound.named(content)
        signed = [s for s in signed if s.name == sender]
        signed = [s for s in signed if s.body.name == receiver] if len(signed) > 1 else signed
    if len(signed) != 1:
        raise inbound.LetterUnknown
    station = signed[0]
    said = inbound.take(content, body_id=station.body_id, station_id=station.pk, note=note, at=at)
    return answer(said, sha)


@outbox.periodic("supervision.answers", 3600)
def ask_again(at: datetime) -> None:
    """Ask how those stand that arrived elsewhere and were neither signed for nor returned yet."""
    final = (Act.RECEIVED, Act.RETURNED)
    for body_id, name in Station.objects.filter(up=True, ended_at=None).values_list("body_id", "name"):
        rows = ReportEvent.objects.filter(body_id=body_id, receiver=name, unit=None)
        for year in rows.order_by().values_list("year", flat=True).distinct():
            last = rows.filter(year=year, act__in=(Act.SENT, *final)).order_by("-pk").first()
            if last is not None and last.act == Act.SENT and chain.channel(body_id, name, last.at):
                with transaction.atomic():
                    outbox.enqueue(
                        reports.HAND, {"event": last.pk}, at=at, key=f"report:{last.pk}:{at:%Y%m%d%H}"
                    )

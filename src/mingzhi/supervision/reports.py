"""Writes of the annual report: supplements, freezing, correcting, sending on, publishing; what is due.

Crash story of ``report_freeze``. The two files are made and stored before the transaction: if it dies
there, they are strays that the store tidies away, and nothing is frozen. The version, its ledger entry,
and to-dos commit together. ``report_approve`` publishes in one transaction with its event and clocks.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.db import transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.errors import AlreadyRunning
from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, NotFound, Problems
from mingzhi.kernel.numbers import allot
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.publication import api as publication
from mingzhi.supervision import chain, figures, journal, layout, paper, rules, sheets, versions
from mingzhi.supervision.choices import Act
from mingzhi.supervision.counting import Cell, Count
from mingzhi.supervision.data import Figures
from mingzhi.supervision.errors import (
    JustChanged,
    NoSuchLink,
    NothingChanged,
    NotReady,
    ReasonMissing,
    SamePerson,
    YearNotOver,
)
from mingzhi.supervision.events import EVENT, REPORT, SUPPLEMENT
from mingzhi.supervision.models import ReportEvent, ReportVersion, Supplement
from mingzhi.tasks import api as tasks

SETTLED = timedelta(minutes=2)
"""A report is reckoned as of this long ago: every step that bears an earlier time has ended by then, so
that reckoning it again never gives another figure."""

TASK = "report.link"
HAND = "supervision.report.hand"
"""The message by which a report goes to its receiver (``handing``)."""


# --- supplements ---------------------------------------------------------------------------------


@transaction.atomic
def supplement_report(
    *,
    body_id: int,
    unit_id: int,
    year: int,
    cell: str,
    cases: int,
    fen: int = 0,
    source: str,
    outside: bool = False,
    by: Actor,
    at: datetime,
) -> int:
    """Enter what a unit reports of what was done outside this system. It counts from now on; a wrong one is
    taken back by a further one with a minus. Where this system counts the same of that unit and year,
    whoever enters it says (``outside``) that those are not among it, so that nothing counts twice."""
    _may_report(by, body_id, unit_id)
    problems = Problems()
    if organisations.unit(unit_id).body_id != body_id:
        raise NotFound
    if cell not in {known for known, _name, _unit in layout.REPORTED}:
        problems.add("cell", "请从列出的统计项中选择；由案件统计的项目不能补报")
    if not source.strip():
        problems.add("source", "请写明数据来源，如台账名称、报送文号")
    if not cases and not fen:
        problems.add("cases", "请填写数量；更正已登记的，填写负数冲减")
    if abs(cases) > 10**8 or abs(fen) > 10**14:
        problems.add("cases", "数量超出可登记的范围")
    if fen and cell != "levy":
        problems.add("amount", "只有行政征收登记金额")
    if not 2000 <= year <= clock.local_date(at).year:
        problems.add("year", "年度有误")
    here = figures.counted_here(body_id, unit_id, year, cell)
    if here and cases > 0 and not outside:
        problems.add(
            "outside",
            f"该机构该项本系统已统计 {here}，请核对后确认所报数量均在本系统以外办理，不含系统已统计的",
        )
    problems.raise_if_any()
    allot(f"supplement:{body_id}:{year}")  # two at once: the second sees what the first took back
    before = sum(
        s.cases for s in Supplement.objects.filter(body_id=body_id, unit_id=unit_id, year=year, cell=cell)
    )
    if before + cases < 0:
        problems.add("cases", f"该项已登记 {before}，冲减后不能为负数")
        problems.raise_if_any()
    row = Supplement.objects.create(
        body_id=body_id,
        unit_id=unit_id,
        year=year,
        cell=cell,
        cases=cases,
        amount_fen=fen,
        source=source.strip()[:200],
        by=by.label,
        by_name=by.name,
        at=at,
    )
    SUPPLEMENT.kept(row, at=at)
    journal.write(
        [(Cell(cell, year, 12), Count(cases, fen))],
        body_id=body_id,
        unit_id=unit_id,
        supplement_id=row.pk,
        at=at,
    )
    return row.pk


def _may_report(by: Actor, body_id: int, unit_id: int | None) -> None:
    """The body's statistician, or for its own unit the head of it."""
    own_unit = by.body_id == body_id and unit_id is not None and by.unit_id == unit_id
    if own_unit and by.may(Permission.CASE_UNIT_CHECK):
        return
    organisations.require(by, Permission.STATISTICS_MAKE, body_id=body_id)


# --- freezing -------------------------------------------------------------------------------------


def report_freeze(
    *, body_id: int, year: int, narrative: str, reason: str = "", by: Actor, at: datetime
) -> int:
    """Freeze the year's figures with the words about them as the next version; returns its number.

    The first version needs no reason; a further one corrects the last, says why, and carries the
    difference. Figures are as of ``SETTLED`` ago, with the rule and the digest of the matters behind
    them; what was entered since would be in the words and not in the tables, so it is waited for. Errors:
    ``NotAllowed``, ``YearNotOver``, ``ReasonMissing``, ``JustChanged``, ``NothingChanged``, ``Invalid``.
    """
    body = figures.access_body(by, body_id, Permission.STATISTICS_MAKE)
    if clock.local_date(at).year <= year:
        raise YearNotOver(year=year, next=year + 1)
    text = narrative.replace("\r\n", "\n").strip()
    problems = Problems()
    if len(text) < 20:
        problems.add("narrative", "总体情况说明不能少于 20 个字")
    if len(text) > 20_000:
        problems.add("narrative", "总体情况说明不能超过 20000 个字")
    problems.raise_if_any()
    last = versions.latest(body_id, year)
    if last is not None and not reason.strip():
        raise ReasonMissing(fields={"reason": ["请填写更正理由"]})
    moment = at - SETTLED
    if figures.moved_since(body, year, moment, slack=SETTLED):
        raise JustChanged(year=year)
    found = figures.as_of(body, year, moment)
    change = versions.difference(Figures.of(last.figures), found) if last is not None else []
    if last is not None and not change and text == last.narrative:
        raise NothingChanged
    rule = rules.year_rule(body, year)
    stored_rule = versions.rule_plain(rule)
    no = last.no + 1 if last is not None else 1
    made = versions.Made(body, found, text, no, moment, stored_rule, reason.strip())
    name = f"{body.short_name}{year}年度行政执法统计年报" + (f"（第{no}版）" if no > 1 else "")
    pdf = files.put_bytes(paper.pdf(made), name=f"{name}.pdf", media_type="application/pdf", at=at)
    xlsx = files.put_bytes(sheets.xlsx(made), name=f"{name}.xlsx", media_type=sheets.MEDIA_TYPE, at=at)
    matters, sha = figures.digest(body, year, moment)
    with transaction.atomic():
        allot(f"report:{body_id}:{year}")  # two people at once: the second waits here
        if ReportVersion.objects.filter(body_id=body_id, year=year, no__gte=no).exists():
            raise Conflict
        row = ReportVersion.objects.create(
            body_id=body_id,
            year=year,
            no=no,
            as_of=moment,
            figures=found.plain(),
            rule=stored_rule,
            cases=matters,
            cases_sha256=sha,
            narrative=text,
            reason=reason.strip(),
            difference=change,
            pdf_id=pdf.id,
            pdf_sha256=pdf.sha256,
            xlsx_id=xlsx.id,
            xlsx_sha256=xlsx.sha256,
            by=by.label,
            by_name=by.name,
            at=at,
        )
        REPORT.kept(row, at=at)
        report_open(body=body, year=year, at=at)
    return no


# --- the chain ---------------------------------------------------------------------------------------


def report_send(
    *,
    body_id: int,
    year: int,
    link_no: int,
    unit_id: int | None = None,
    number: str = "",
    note: str = "",
    by: Actor,
    at: datetime,
) -> None:
    """A link's reporter hands its figures on: the unit to the law office, the body to whom its document names.

    A unit sends what is counted of it; the body sends its frozen version.
    """
    _may_report(by, body_id, unit_id)
    body = organisations.body(body_id)
    link = _link(body, year, link_no, unit_id)
    if link.public:
        raise NotReady(what="向社会公开须由负责人审定", how="请由负责人在年报页面办理“审定公布”")
    if clock.local_date(at).year <= year:
        raise YearNotOver(year=year, next=year + 1)
    with transaction.atomic():
        allot(f"report:{body_id}:{year}")
        version = versions.latest(body_id, year)
        if unit_id is None and version is None:
            raise NotReady(what="年报尚未定版，不能报送", how="请先核对数据并定版")
        before = chain.standing(body, year, clock.local_date(at))
        own = next(x for x in before if x.no == link_no and x.unit_id == unit_id)
        if own.done and (version is None or own.version == version.no):
            raise Conflict("这一环节已经报送", remedy="更正后的版次形成后可以再次报送")
        if own.returned_on is not None and version is not None and own.version == version.no:
            raise Conflict("这一版已被对方退回", remedy="请按退回理由更正，形成新的版次后再报送")
        sent = _event(
            body, year, Act.SENT, link, version=None if unit_id is not None else version,
            number=number, note=note, by=by, at=at,
        )  # fmt: skip
        if unit_id is None and chain.channel(body_id, link.receiver, at) is not None:
            outbox.enqueue(HAND, {"event": sent}, at=at, key=f"report:{sent}")
        _met(body, link, year, by, at)


def report_receive(
    *,
    body_id: int,
    year: int,
    link_no: int,
    unit_id: int | None = None,
    person: str,
    on: date,
    number: str = "",
    scan: FileRef | None = None,
    by: Actor,
    at: datetime,
) -> None:
    """Who signed for it, when and under which number, as the receiver's receipt on paper says; ``scan`` is
    its picture. What goes by a channel is signed for by the receiver itself."""
    organisations.require(by, Permission.STATISTICS_MAKE, body_id=body_id)
    body = organisations.body(body_id)
    link = _link(body, year, link_no, unit_id)
    standing = chain.standing(body, year, clock.local_date(at))
    own = next(x for x in standing if x.no == link_no and x.unit_id == unit_id)
    problems = Problems()
    if not person.strip():
        problems.add("person", "请填写签收人")
    if own.sent_on is None or link.public:
        raise NotReady(what="这一环节尚未报送，不能登记签收", how="请先登记报送")
    if own.way:
        raise NotReady(
            what="这一环节经系统报送，由接收方在系统中签收",
            how="请等待对方签收；对方以纸质回复的，先停用该渠道",
        )
    if not own.sent_on <= on <= clock.local_date(at):
        problems.add("on", "签收日期应在报送日期以后、今天以前")
    problems.raise_if_any()
    with transaction.atomic():
        _event(
            body, year, Act.RECEIVED, link, version=versions.by_no(body_id, year, own.version),
            person=person.strip()[:60], number=number, on=on, scan=scan, by=by, at=at,
        )  # fmt: skip


def report_approve(*, body_id: int, year: int, no: int | None = None, by: Actor, at: datetime) -> int:
    """The leader approves the latest version, which makes it public; returns its public id.

    Who froze it may not approve it. ``no`` is the version that the leader read: ``Conflict`` when another was
    frozen since.
    """
    body = figures.access_body(by, body_id, Permission.STATISTICS_APPROVE)
    with transaction.atomic():
        allot(f"report:{body_id}:{year}")
        version = versions.latest(body_id, year)
        if version is None:
            raise NotReady(what="年报尚未定版，不能公布", how="请统计人员先定版")
        if version.by == by.label:
            raise SamePerson
        if no is not None and no != version.no:
            raise Conflict(f"年报已有第 {version.no} 版，本次审定未生效")
        link = next((x for x in chain.links(body, year) if x.public), None)
        if link is None:
            raise NoSuchLink
        if ReportEvent.objects.filter(version=version, act=Act.APPROVED).exists():
            raise Conflict("这一版已经公布", remedy="更正后的版次形成后可以再次公布")
        public = publication.reports.report_publish(
            body_id=body_id,
            year=year,
            no=version.no,
            content=versions.public_content(version),
            pdf_id=version.pdf_id,
            xlsx_id=version.xlsx_id,
            reason=version.reason,
            by=by,
            at=at,
        )
        _event(body, year, Act.APPROVED, link, version=version, by=by, at=at)
        _met(body, link, year, by, at)
        report_open(body=body, year=year, at=at)
    return public


def _link(body: BodyRef, year: int, no: int, unit_id: int | None) -> chain.Link:
    link = chain.find(body, year, no, unit_id)
    if link is None:
        raise NoSuchLink
    return link


def _event(
    body: BodyRef,
    year: int,
    act: Act,
    link: chain.Link,
    *,
    version: ReportVersion | None,
    person: str = "",
    number: str = "",
    note: str = "",
    on: date | None = None,
    scan: FileRef | None = None,
    by: Actor,
    at: datetime,
) -> int:
    row = ReportEvent.objects.create(
        body_id=body.id,
        year=year,
        version=version,
        act=act,
        link=link.no,
        unit_id=link.unit_id,
        sender=link.sender,
        receiver=link.receiver,
        person=person,
        number=number.strip()[:80],
        note=note.strip()[:300],
        scan_id=scan.id if scan is not None else None,
        scan_sha256=scan.sha256 if scan is not None else None,
        on=on or clock.local_date(at),
        by=by.label,
        by_name=by.name,
        at=at,
    )
    EVENT.kept(row, at=at)
    return row.pk


@transaction.atomic
def report_answered(*, event_id: int, act: Act, person: str, note: str, on: date, at: datetime) -> None:
    """What the receiver's system said of a report that was handed to it: it arrived, was signed for, or was
    returned with a reason, which puts the link back to be done. Said again, it is nothing new."""
    sent = ReportEvent.objects.select_related("version").get(pk=event_id)
    allot(f"report:{sent.body_id}:{sent.year}")
    body = organisations.body(sent.body_id)
    told = ReportEvent.objects.filter(body_id=body.id, year=sent.year, link=sent.link, pk__gt=sent.pk)
    link = chain.find(body, sent.year, sent.link, None)
    if link is None or told.filter(act__in=(act, Act.SENT)).exists():
        return
    _event(
        body, sent.year, act, link, version=sent.version, person=person[:60], note=note, on=on,
        by=organisations.system_actor(body.id), at=at,
    )  # fmt: skip
    report_open(body=body, year=sent.year, at=at)


# --- clocks and to-dos -----------------------------------------------------------------------------------


def report_open(*, body: BodyRef, year: int, at: datetime) -> None:
    """Clocks and to-dos of every link that can run and is not done, and to-dos, without a clock, of what must
    go out again because a later version corrects what was sent. Idempotent."""
    system = organisations.system_actor(body.id)
    today = clock.local_date(at)
    last = versions.latest(body.id, year)
    standing = chain.standing(body, year, today)
    for link, view in zip(chain.links(body, year), standing, strict=True):
        if view.done:
            if last is not None and view.corrected(last.no):
                tasks.task_open(
                    kind=TASK,
                    title=_title(link, year, "（更正）"),
                    body_id=body.id,
                    subject=link.subject(body.id, year),
                    permission=chain.permission(link).value,
                    by=system,
                    at=at,
                )
            continue
        subject = link.subject(body.id, year)
        running = chain.run(body, link, year, chain.done_on(body, year, link.no - 1, today))
        if running is not None and not deadlines.of_subject(subject, chain.NORM):
            _start(body, link, running, year=year, by=system, at=at)
        tasks.task_open(
            kind=TASK,
            title=_title(link, year),
            body_id=body.id,
            subject=subject,
            unit_id=link.unit_id,
            permission=chain.permission(link).value,
            due_on=view.due_on,
            by=system,
            at=at,
        )


def _start(
    body: BodyRef, link: chain.Link, running: chain.Run, *, year: int, by: Actor, at: datetime
) -> None:
    try:
        with transaction.atomic():
            deadlines.start(
                subject=link.subject(body.id, year),
                dossier_id=None,
                norm=chain.NORM,
                label=_title(link, year),
                citation=link.citation,
                started=running.started,
                term=running.term,
                unit_id=link.unit_id,
                body_id=body.id,
                warn_at=(15, 5, 1),
                by=by,
                at=at,
            )
    except AlreadyRunning:
        return  # another worker was first


def _title(link: chain.Link, year: int, which: str = "") -> str:
    return f"{year} 年度统计年报{which}：{link.sender} → {link.receiver}"


def _met(body: BodyRef, link: chain.Link, year: int, by: Actor, at: datetime) -> None:
    subject = link.subject(body.id, year)
    deadlines.stop(subject=subject, norm=chain.NORM, on=at, by=by, at=at)
    tasks.tasks_close(kinds=(TASK,), subject=subject, by=by, at=at)
    report_open(body=body, year=year, at=at)


SEASON = 3
"""Until the end of this month the year before is reported even where nothing was counted."""


def reports_due(*, at: datetime) -> int:
    """From 1 January the year that ended must be reported: clocks and to-dos of every body with enforcement
    units; how many bodies. After the season, and in an installation that was not there in that year, only
    where something was counted. Run by the worker; idempotent."""
    today = clock.local_date(at)
    owing = [
        body
        for body in figures.reporting()
        if today.month <= SEASON or figures.anything(body, today.year - 1)
    ]
    for body in owing:
        with transaction.atomic():
            report_open(body=body, year=today.year - 1, at=at)
    return len(owing)

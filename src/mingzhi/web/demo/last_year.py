"""The year before: a few matters that ended in it, its annual report frozen, handed on and published."""

from __future__ import annotations

from datetime import date, datetime

from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.supervision import api as supervision
from mingzhi.supervision.data import LinkView
from mingzhi.web.demo.cast import Bureau
from mingzhi.web.demo.stories import REST, Story

NAMES = ("closed", "spot closed", "spared and closed", "spot closed")
INSPECTIONS = 126


def told(known: tuple[Story, ...]) -> list[Story]:
    """The stories of last year, each ended before its end."""
    by_name = {story.name: story for story in (*known, *REST)}
    return [by_name[name] for name in NAMES]


def ends(at: datetime) -> datetime:
    """When last year's matters had ended: late in its November."""
    return clock.at_local(date(clock.local_date(at).year - 1, 11, 27), 16)


def report(bureau: Bureau, at: datetime) -> None:
    """The report of the year that ended, as far as its days lie in the past: reported by the units, frozen,
    approved, handed on, signed for. Nothing where it is there already."""
    this = clock.local_date(at).year
    year, days = this - 1, {n: clock.at_local(date(this, 1, n), 10) for n in (3, 4, 5, 6, 19, 20, 23)}
    if at < days[23] or supervision.versions(bureau.body_id, year):
        return
    body = organisations.body(bureau.body_id)
    keeper, leader = bureau.actor("keeper", days[6]), bureau.actor("leader", days[20])
    supervision.report_open(body=body, year=year, at=days[3])
    chain = supervision.chain_standing(body, year, date(this, 1, 4))
    published = next(link.no for link in chain if link.public)
    first = [link for link in chain if link.no < published]

    def sent(link: LinkView, on: datetime) -> None:
        supervision.report_send(
            body_id=body.id, year=year, link_no=link.no, unit_id=link.unit_id, by=keeper, at=on
        )

    def signed(link: LinkView, on: datetime) -> None:
        supervision.report_receive(
            body_id=body.id,
            year=year,
            link_no=link.no,
            unit_id=link.unit_id,
            person="某某" if link.unit_id is None else "秦某寅",
            on=clock.local_date(on),
            number="示收 1 号" if link.unit_id is None else "",
            by=keeper,
            at=on,
        )

    for link in [x for x in first if x.unit_id is not None]:
        sent(link, days[4])
        signed(link, days[5])
    unit = organisations.units(body.id, "enforcement")[0]
    supervision.supplement_report(
        body_id=body.id,
        unit_id=unit.id,
        year=year,
        cell="inspection.done",
        cases=INSPECTIONS,
        source=f"{year} 年行政检查台账（示范数据）",
        by=keeper,
        at=days[5],
    )
    words = supervision.narrative_draft(
        body.short_name,
        supervision.as_of(body, year, days[6]),
        in_wan=supervision.year_rule(body, year).in_wan,
        disclosed=supervision.year_counts(body, year, on=date(this, 1, 6)),
    )
    supervision.report_freeze(body_id=body.id, year=year, narrative=words, by=keeper, at=days[6])
    for link in [x for x in first if x.unit_id is None]:
        sent(link, days[6])
    supervision.report_approve(body_id=body.id, year=year, by=leader, at=days[20])
    for link in supervision.chain_standing(body, year, date(this, 1, 22)):
        if not link.public and link.received_on is None:
            if not link.done:
                sent(link, days[23])
            signed(link, days[23])

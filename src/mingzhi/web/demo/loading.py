"""Loading the demonstration: so many cases, each told by its story, none in the future."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from mingzhi.cases import api as penalty
from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.web.demo import (
    archive_room,
    draw_room,
    equipment,
    last_year,
    letters_room,
    lists_room,
    places_room,
    review_room,
)
from mingzhi.web.demo.drive import Bureau, Drive
from mingzhi.web.demo.matters import a_matter
from mingzhi.web.demo.stories import FIRST, Story, begins, story_of

EARLIER = 4
"""Days by which a telling begins earlier when holidays pushed its end past the present."""
CLUES_EVERY = 20
LAST_YEAR = 30_000
"""Serials of last year's matters begin here, beyond any of this year's."""


@dataclass(frozen=True, slots=True)
class Told:
    """One case that was loaded."""

    dossier_id: int
    story: str
    state: str


class _TooLate(Exception):
    """The telling ran past the present moment."""


def bureau_here(profile: str, at: datetime) -> Bureau:
    """The demonstration bureau of ``profile``, made if it is not there."""
    loaded = organisations.load_bureau(profile, at=at)
    return Bureau(body_id=loaded.body_id, accounts=dict(loaded.accounts))


def loaded_count(body_id: int) -> int:
    """Cases told so far; what is only sent for review is none of them."""
    rows = dossiers.Dossier.objects.filter(body_id=body_id)
    return rows.exclude(procedure__in=penalty.MATTER_PROCEDURES).count()


def load(*, profile: str, cases: int, seed: int, at: datetime, more: bool = False) -> Iterator[Told]:
    """Tell stories until the bureau has ``cases`` dossiers (``more``: that many on top), ending at ``at``.

    Every case is one transaction. The ledger is sequenced at the end, so that receipts exist.
    """
    bureau = bureau_here(profile, at)
    body = organisations.body(bureau.body_id)
    field = catalogue.profile(profile).field
    there = loaded_count(body.id)
    until = there + cases if more else cases
    if until > there:
        if there == 0:  # before the devices are issued, which nobody had then
            _last_year(bureau, field=field, region=body.region_code, seed=seed, at=at)
        equipment.equip(bureau, at)
    for serial in range(there, until):
        yield _tell(
            bureau, story_of(serial), field=field, region=body.region_code, serial=serial, seed=seed, at=at
        )
        if serial % CLUES_EVERY == 0:
            _clues(bureau, field=field, region=body.region_code, serial=serial, seed=seed, at=at)
    if until > there:
        equipment.today(bureau, at)
        with transaction.atomic():
            archive_room.furnish(bureau, at)
            lists_room.furnish(bureau, at)
            places_room.furnish(bureau, at)
            review_room.furnish(bureau, at)
            letters_room.furnish(bureau, at)
        draw_room.furnish(bureau, at)
        ledger.sequence(at=at)


def _last_year(bureau: Bureau, *, field: str, region: str, seed: int, at: datetime) -> None:
    ended = last_year.ends(at)
    for place, story in enumerate(last_year.told(FIRST)):
        _tell(bureau, story, field=field, region=region, serial=LAST_YEAR + place, seed=seed, at=ended)
    last_year.report(bureau, at)


def _tell(
    bureau: Bureau, story: Story, *, field: str, region: str, serial: int, seed: int, at: datetime
) -> Told:
    back = begins(story, serial, seed)
    while True:
        case = _case(bureau, story, field=field, region=region, serial=serial, seed=seed, at=at, back=back)
        try:
            with transaction.atomic():
                story.tell(case)
                if case.at > at:
                    raise _TooLate
                return Told(case.id, story.name, case.state)
        except _TooLate:
            back += EARLIER


def _case(
    bureau: Bureau, story: Story, *, field: str, region: str, serial: int, seed: int, at: datetime, back: int
) -> Drive:
    day = clock.local_date(at) - timedelta(days=back)
    while not deadlines.is_working_day(day):
        day -= timedelta(days=1)
    matter = a_matter(
        field=field,
        region=region,
        serial=serial + 1,
        seed=seed,
        act_on=day if story.procedure == "penalty.summary" else day - timedelta(days=1 + serial % 3),
        wanted=story.wanted,
    )
    return Drive(bureau, matter, clock.at_local(day, 9, serial % 50))


def _clues(bureau: Bureau, *, field: str, region: str, serial: int, seed: int, at: datetime) -> None:
    """Two clues that are no case: one waiting to be checked, one dismissed with its reason."""
    for index, (back, dismissed) in enumerate(((2, False), (14, True))):
        story = Story("clue", back, lambda _: None)
        case = _case(
            bureau, story, field=field, region=region, serial=serial + 3 + index, seed=seed, at=at, back=back
        )
        case.matter.source = ("complaint", "report")[index]
        with transaction.atomic():
            clue_id = case.clue()
            if dismissed:
                case.wait(days=2)
                penalty.clue_dismiss(
                    clue_id=clue_id,
                    reason="经现场核查，反映的情况不属实，不予立案，已答复举报人。",
                    by=case.by(case.head),
                    at=case.at,
                )

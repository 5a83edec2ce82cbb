"""执法规范用语 (R065): what officers say and write, by field and stage. A body's own published list goes before.

The shipped wording (``phrases.yaml``) is ours, from the articles and demands it names. A province's or a body's
own wording is a list of kind 执法规范用语 and goes through drafts, checks and versions like every other list.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path

import yaml

from mingzhi.catalogue import list_queries, list_rows, norms
from mingzhi.catalogue.choices import ListKind
from mingzhi.catalogue.list_cells import ListRow
from mingzhi.catalogue.list_schemas import PHRASE_FIELDS, schema
from mingzhi.catalogue.norms import HasProfile
from mingzhi.organisations.data import BodyRef

COMMON = "common"


@dataclass(frozen=True, slots=True)
class Phrase:
    """One wording: for which field of law, which stage, to what end, and what it rests on."""

    code: str
    field: str
    stage: str
    use: str
    text: str
    basis: str


@cache
def shipped() -> tuple[Phrase, ...]:
    """The shipped wording of all fields."""
    raw = yaml.safe_load(Path(__file__).with_name("phrases.yaml").read_text("utf-8"))
    return tuple(Phrase(**row) for row in raw)


def _own_field(body: HasProfile) -> tuple[str, str]:
    return COMMON, norms.profile(body.profile).field


def shipped_rows(body: HasProfile) -> list[ListRow]:
    """The shipped wording of the body's field, as the first draft of its own list."""
    return [
        [p.code, p.field, p.stage, p.use, p.text, p.basis] for p in shipped() if p.field in _own_field(body)
    ]


def phrases(body: BodyRef, on: date, stages: Iterable[str] = ()) -> list[Phrase]:
    """Wording in force for the body on a day, of these stages (all when none is named): its own list, or the shipped."""
    version = (
        list_queries.in_force(on)
        .filter(list__body_id=body.id, list__kind=ListKind.PHRASE, list__part="")
        .first()
    )
    wanted = set(stages)
    if version is None:
        found: Iterable[Phrase] = (p for p in shipped() if p.field in _own_field(body))
    else:
        place = [version.columns.index(key) for key in PHRASE_FIELDS]
        found = (Phrase(*(str(row[n]) for n in place)) for row in list_rows.rows(version))
    return [p for p in found if not wanted or p.stage in wanted]


STAGES = dict(schema(ListKind.PHRASE).columns[2].options)
USES = dict(schema(ListKind.PHRASE).columns[3].options)

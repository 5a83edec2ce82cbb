"""Rows that nobody types: bodies and officers as the registers have them on a day."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from datetime import date

from mingzhi.catalogue.choices import ListKind
from mingzhi.catalogue.list_cells import ListRow
from mingzhi.kernel import canonical
from mingzhi.kernel.errors import Invalid
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import BodyRef


def computed_rows(kind: str, body: BodyRef, on: date) -> list[ListRow]:
    """The rows of a computed list. Flow charts are handed in by whoever knows the procedures."""
    if kind == ListKind.SUBJECT:
        return _subjects(body)
    if kind == ListKind.PERSONNEL:
        return _people(body, on)
    raise Invalid("流程图由程序表生成", remedy="请在程序表页面制作流程图")


def digest(rows: Iterable[ListRow]) -> str:
    """One digest over computed rows: what a published version was computed from."""
    return hashlib.sha256(canonical.encode(list(rows))).hexdigest()


def _subjects(body: BodyRef) -> list[ListRow]:
    below = {b.id for b in organisations.bodies() if b.id == body.id or b.path.startswith(body.path)}
    return [
        [
            b.credit_code,
            b.name,
            b.kind,
            b.duties,
            b.basis,
            b.entrusted_by,
            b.address,
            b.phone,
            b.supervision_phone,
        ]
        for b in organisations.public_bodies()
        if b.id in below
    ]


def _people(body: BodyRef, on: date) -> list[ListRow]:
    """Who may enforce on the day: a lapsed, suspended or revoked card is no reason to be listed."""
    return [
        [
            p.certificate_number,
            p.name,
            p.unit_name,
            p.title,
            list(p.scope),
            p.area,
            p.issuer,
            p.valid_until.isoformat(),
        ]
        for p in organisations.public_people(body.id, on)
        if p.status == "valid"
    ]

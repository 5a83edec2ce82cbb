"""Secrets of phones that show a certificate: given while the net is there, ended, and checked by anyone.

A key belongs to one person on one device. It ends by itself after ``LIFE``, when the phone logs out,
when a newer one is given to the same phone, or when the person's keys are all ended (a lost phone).
The certificate itself is judged on the day of the check, so a suspended card fails at once whatever
the phone still shows.
"""

from __future__ import annotations

import base64
import os
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction

from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotAllowed, NotFound
from mingzhi.organisations import card_codes
from mingzhi.organisations.access import require
from mingzhi.organisations.data import Actor, PublicPerson
from mingzhi.organisations.events import record
from mingzhi.organisations.models import CardKey, Person
from mingzhi.organisations.permissions import Permission
from mingzhi.organisations.queries import certificate, person_by_certificate

__all__ = ["LIFE", "CardCheck", "CardKeyGiven", "card_check", "card_key_give", "card_keys_end"]

LIFE = timedelta(days=7)
"""How long a phone may stay without the net and still show a code that verifies."""


@dataclass(frozen=True, slots=True)
class CardKeyGiven:
    """A fresh key: the only moment at which the secret leaves the server."""

    key_id: str
    secret: bytes
    valid_until: datetime


@dataclass(frozen=True, slots=True)
class CardCheck:
    """What a code proves now. ``outcome``: ``good``, ``old``, ``ahead``, ``forged``, ``ended``.

    ``person`` is set only when the code is genuine; whether the certificate is valid today is the
    person's ``status``.
    """

    outcome: str
    person: PublicPerson | None = None
    seconds: int = 0


@transaction.atomic
def card_key_give(*, device: str, by: Actor, at: datetime) -> CardKeyGiven:
    """Give this person's phone a key; an earlier one of the same phone ends. Only to holders of a card."""
    if by.person_id is None or not certificate(by.person_id, clock.local_date(at)).number:
        raise NotAllowed("您没有登记行政执法证件，不能亮证", remedy="请联系本机关证件管理人员登记证件")
    device = device.strip()[:40]
    _end(by.person_id, device, reason="同一设备重新领用", by=by, at=at)
    secret = os.urandom(32)
    row = CardKey.objects.create(
        key_id=base64.b32encode(os.urandom(10)).decode("ascii").lower(),
        person_id=by.person_id,
        device=device,
        secret=secret.hex(),
        given_at=at,
        valid_until=at + LIFE,
    )
    record(row, at=at)
    return CardKeyGiven(row.key_id, secret, row.valid_until)


@transaction.atomic
def card_keys_end(*, person_id: int, reason: str, device: str | None = None, by: Actor, at: datetime) -> int:
    """End the keys of a person, of one phone or of all (a lost phone); returns how many ended.

    One's own, or anybody's of the body by who manages certificates.
    """
    if by.person_id != person_id:
        body_id = Person.objects.filter(pk=person_id).values_list("body_id", flat=True).first()
        if body_id is None:
            raise NotFound("未找到该人员")
        require(by, Permission.CERTIFICATE_MANAGE, body_id=body_id)
    return _end(person_id, device, reason=reason, by=by, at=at)


def _end(person_id: int, device: str | None, *, reason: str, by: Actor, at: datetime) -> int:
    rows = CardKey.objects.select_for_update().filter(person_id=person_id, ended_at=None)
    if device is not None:
        rows = rows.filter(device=device)
    ended = list(rows)
    for row in ended:
        row.ended_at, row.ended_by, row.end_reason = at, by.label, reason[:100]
        row.save(update_fields=["ended_at", "ended_by", "end_reason"])
        record(row, at=at)
    return len(ended)


def card_check(text: str, *, at: datetime) -> CardCheck:
    """Judge a shown code at ``at``. Unknown keys and wrong macs are one answer, so that a probe learns nothing."""
    code = card_codes.read(text)
    row = CardKey.objects.filter(key_id=code.key_id).first() if code else None
    if code is None or row is None or not card_codes.genuine(code, bytes.fromhex(row.secret)):
        return CardCheck("forged")
    if row.ended_at is not None or at > row.valid_until:
        return CardCheck("ended")
    steps = card_codes.age(code, at)
    if steps > card_codes.STEPS_BACK:
        return CardCheck("old", seconds=steps * card_codes.STEP_SECONDS)
    if steps < -card_codes.STEPS_AHEAD:
        return CardCheck("ahead", seconds=-steps * card_codes.STEP_SECONDS)
    on = clock.local_date(at)
    number = certificate(row.person_id, on).number
    person = person_by_certificate(number, on) if number else None
    return CardCheck("good", person) if person is not None else CardCheck("ended")

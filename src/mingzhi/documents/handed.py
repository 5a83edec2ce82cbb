"""Papers handed over without the net that never came to be registered: what their code answers."""

from __future__ import annotations

import hashlib
from datetime import date, datetime

from django.db import transaction

from mingzhi.documents.actions import template_in_force
from mingzhi.documents.data import Reserved
from mingzhi.documents.events import HANDED
from mingzhi.documents.models import HandedWithdrawal, Paper
from mingzhi.ledger import api as ledger
from mingzhi.organisations.data import Actor, BodyRef


@transaction.atomic
def handed_withdraw(
    *,
    template: str,
    reserved: Reserved,
    content: str,
    made_on: date,
    body: BodyRef,
    reason: str,
    by: Actor,
    at: datetime,
) -> None:
    """Say under a handed paper's code that it was withdrawn, when and why. ``content`` is the text it bore.

    A code that is a registered paper's, or was withdrawn before, is left alone. The row holds nothing
    that the holder of the paper may not read, because its receipt is public; ``by`` is noted with the
    item that was withdrawn.
    """
    code = reserved.code
    if Paper.objects.filter(code=code).exists() or HandedWithdrawal.objects.filter(code=code).exists():
        return
    row = HandedWithdrawal.objects.create(
        body_id=body.id,
        code=code,
        title=template_in_force(template, body.id).title,
        number=reserved.text,
        made_on=made_on,
        content_sha256=hashlib.sha256(content.encode()).hexdigest(),
        reason=reason[:200],
        at=at,
    )
    ledger.public_proof_put(
        code=code,
        title=row.title,
        number=row.number,
        body_name=body.name,
        made_on=made_on,
        sha256=row.content_sha256,
        sm3=hashlib.new("sm3", content.encode()).hexdigest(),
        entry_id=HANDED.kept(row, at=at),
    )
    ledger.public_proof_void(code=code, reason=row.reason, at=at)

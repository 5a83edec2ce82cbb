"""Old dossiers at will, the people of a hand-over, and the state archive's answer, for its tests."""

from __future__ import annotations

import base64
from dataclasses import replace
from datetime import date, datetime
from itertools import count
from typing import Any

import pytest

from mingzhi.dossiers import (
    handover,
    held,
    jobs,
    models,
    transfer,
    transfer_receipts,
    transfer_views,
)
from mingzhi.dossiers import transfer_models as rows
from mingzhi.dossiers.choices import SealKind
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.ledger import notes
from mingzhi.ledger.sequencer import open_log
from mingzhi.outbox.models import OutboxMessage
from mingzhi.web.demo.drive import Bureau
from tests.cases.staging import start
from tests.stories.conftest import MONDAY

PNG = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)
ARCHIVE = notes.SignerKey("archive.example/mingzhi/receipts", bytes(range(32)))
_numbers = count(1)


class Desk:
    """The people, the moment, and old dossiers at will."""

    def __init__(self, bureau: Bureau, at: datetime = MONDAY) -> None:
        case = start(bureau, at)
        self.archivist, self.leader = case.by("archivist"), case.by("leader")
        self.at = at

    def old(self, *, years: int = 12, importance: str = "important", secrecy: str = "open") -> models.Dossier:
        """A paper file, closed so many years ago and scanned in."""
        serial = next(_numbers)
        closed_on = clock.local_date(self.at).replace(year=self.at.year - years)
        scan = files.put_bytes(PNG + bytes([serial]), name="决定书.png", media_type="image/png", at=self.at)
        return held.held_open(
            described=held.Description(
                title=f"某某公司违法堆放案{serial}", party="某某公司", closed_on=closed_on,
                archive_number=f"{closed_on.year}-试{serial:04d}", importance=importance, secrecy=secrecy,
            ),
            entries=[held.HeldEntry(title="行政处罚决定书", on=closed_on, volume="main", file=scan)],
            kind=SealKind.LEGACY, by=self.archivist, at=self.at,
        )  # fmt: skip

    def listed(self, *dossiers: models.Dossier) -> int:
        made = transfer.list_make(
            dossier_ids=[d.pk for d in dossiers], receiver="示例区档案馆", description="行政处罚案卷",
            by=self.archivist, at=self.at,
        )  # fmt: skip
        return made.pk

    def ready(self, *dossiers: models.Dossier) -> int:
        number = self.listed(*dossiers)
        transfer.list_decide(list_id=number, approved=True, by=self.leader, at=self.at)
        self.work()
        return number

    def handed(self, *dossiers: models.Dossier) -> int:
        number = self.ready(*dossiers)
        self.hand_over(number)
        return number

    def hand_over(self, number: int, **changes: Any) -> rows.TransferHandOver:
        given = {
            "medium": "disk", "medium_kind": "2.5 英寸移动硬盘 1 TB", "medium_numbers": "001—001",
            "reviewer": "王某某", "by": self.archivist, "at": self.at,
        }  # fmt: skip
        return transfer.hand_over(list_id=number, **{**given, **changes})

    def work(self) -> None:
        """What the worker would do."""
        for message in OutboxMessage.objects.filter(kind=transfer.PACK, finished_at=None).order_by("pk"):
            jobs.transfer_job(message.payload, at=self.at)

    def view(self, number: int) -> transfer_views.ListView:
        """The list as its own page tells it; the page of all lists must say the same."""
        found = transfer_views.list_of(self.archivist, number)
        told = {x.id: (x.state, x.count) for x in transfer_views.lists(self.archivist.body_id)}
        assert told[number] == (found.state, len(found.lines))
        return found

    def receipt(self, number: int, *refused: int, **changes: Any) -> str:
        """The archive's signed answer: all taken in but those at the given places."""
        view = self.view(number)
        answers = tuple(
            handover.Answer(x.package.sha256, i not in refused, "封面缺页" if i in refused else f"馆-{i}")
            for i, x in enumerate(view.lines)
            if x.package is not None and x.accepted is None
        )
        told = handover.Receipt(
            view.number, view.hand_overs[-1].sha256, "示例区档案馆", "李某某", self.at, answers
        )
        return notes.sign(replace(told, **changes).text(), ARCHIVE)

    def answered(self, number: int, note: str, key: str = "") -> rows.TransferReceipt:
        return transfer_receipts.receipt_signed(
            list_id=number, note=note, vkey=key or str(ARCHIVE.verifier), by=self.archivist, at=self.at
        )


@pytest.fixture(scope="module")
def desk_once(module_bureau: Bureau) -> Desk:
    open_log(at=MONDAY)
    return Desk(module_bureau)


@pytest.fixture
def desk(desk_once: Desk) -> Desk:
    return desk_once


def grown(desk: Desk, dossier: models.Dossier) -> None:
    """A paper came after archiving, and the index was sealed anew."""
    more = files.put_bytes(PNG + b"late", name="补充.png", media_type="image/png", at=desk.at)
    held.supplement_add(
        dossier=dossier,
        entry=held.HeldEntry(title="补充照片", on=date(2020, 1, 2), volume="main", file=more),
        reason="装订时遗漏", by=desk.archivist, at=desk.at,
    )  # fmt: skip
    jobs.making(models.Making.objects.filter(dossier=dossier, kind="seal").latest("pk").pk, at=desk.at)


def due_ids(desk: Desk) -> set[int]:
    return {r.dossier_id for r in transfer.due(desk.archivist.body_id, clock.local_date(desk.at))}

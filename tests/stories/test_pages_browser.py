"""Every page about recordings, custody, parties, archive and ledger as a person with a keyboard, a small
window or a screen reader meets it: axe finds nothing serious, and nothing runs over the edge of a phone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mingzhi.files import api as files
from mingzhi.outbox import api as outbox
from mingzhi.recording import api as recording
from mingzhi.web.demo.drive import STATEMENT, Drive
from tests.recording import footage
from tests.stories.by_hand import Moment
from tests.stories.test_working_day_browser import (  # noqa: F401 — fixtures
    Desk,
    desk,
    drive,
    moment,
    wide,
)

pytestmark = [pytest.mark.django_db(databases="__all__", transaction=True), pytest.mark.browser]

SMALL, LARGE = {"width": 360, "height": 740}, {"width": 1366, "height": 768}

#: Who walks where; ``{case}`` is a filed case of officer1, ``{record}`` a photograph in it.
WALK: dict[str, tuple[str, ...]] = {
    "officer1": (
        "/desk/", "/desk/cases/{case}/?tab=evidence", "/desk/cases/{case}/records/{record}/derive/",
        "/desk/cases/{case}/access/", "/desk/cases/{case}/recording/on_site_inspection/card/",
        "/desk/recordings/", "/desk/recordings/coverage/", "/desk/recordings/devices/",
        "/desk/recordings/rooms/", "/desk/recordings/guides/", "/desk/access/", "/desk/parties/",
        "/desk/parties/{party}/", "/desk/cases/export/", "/account/",
    ),
    "head": ("/desk/cases/{case}/records/{record}/custody/", "/desk/access/?tab=desk"),
    "archivist": (
        "/desk/archive/", "/desk/archive/{case}/", "/desk/archive/ledger/", "/desk/archive/lists/",
        "/desk/archive/receive/", "/desk/archive/scans/",
    ),
    "auditor": ("/desk/ledger/", "/desk/access/statistics/", "/desk/attempts/"),
    "keeper": (
        "/desk/statistics/", "/desk/statistics/{body}/2025/", "/desk/statistics/{body}/2025/?tab=words",
        "/desk/statistics/{body}/2025/?tab=chain", "/desk/statistics/{body}/2025/?tab=supplements",
        "/desk/statistics/disclosure/",
    ),
    "letters": ("/desk/intakes/", "/desk/intakes/terms/", "/desk/intakes/questions/"),
    "secadmin": ("/desk/accounts/", "/desk/accounts/{account}/"),
}  # fmt: skip


@pytest.fixture
def places(
    drive: Callable[..., Drive],  # noqa: F811
    moment: Moment,  # noqa: F811
    settings: Any,
    tmp_path: Path,
) -> dict[str, int]:
    """A filed case with a photograph in it. Made before the browser starts."""
    settings.FILES_ROOT = tmp_path / "files"
    case = drive()
    case.file()
    stored = files.put_bytes(footage.photo(), name="现场.jpg", media_type="image/jpeg", at=case.at)
    record = recording.deposit(
        dossier_id=case.id, kind="evidence", evidence_kind="document", source="camera", file_id=stored.id,
        captured_at=case.at, title="现场照片", by=case.by("officer1"), at=case.at,
    )  # fmt: skip
    recording.deposit(
        dossier_id=case.id, kind="recording", act="on_site_inspection", source="body_camera",
        file_id=stored.id, captured_at=case.at - timedelta(minutes=20), ended_at=case.at - timedelta(minutes=19),
        operator_id=case.by("officer1").person_id, statement=STATEMENT, title="现场检查录像",
        by=case.by("officer1"), at=case.at,
    )  # fmt: skip
    moment.now = case.at
    outbox.run_due(moment())
    from mingzhi.dossiers.models import DossierParty

    party = DossierParty.objects.filter(dossier_id=case.id).values_list("party_id", flat=True)[0]
    return {
        "body": case.bureau.body_id,
        "case": case.id,
        "record": record.id,
        "party": party,
        "account": case.bureau.accounts["officer1"],
    }


def test_no_page_fails_axe_or_runs_over_the_edge_of_a_phone(places: dict[str, int], desk: Desk) -> None:  # noqa: F811
    found = next(
        (root / "axe" / "axe.min.js" for name, root in settings.STATICFILES_DIRS if name == "vendor"), None
    )
    if found is None or not found.exists():
        pytest.skip("axe is not here")
    axe = found.read_text("utf-8")
    wrong: list[Any] = []
    for who, addresses in WALK.items():
        page = desk.log_in(who)
        for address in addresses:
            at = address.format(**places)
            page.set_viewport_size(LARGE)
            answer = page.goto(at)
            assert answer.status == 200, (who, at, answer.status)
            page.evaluate(axe)
            told = page.evaluate("axe.run({resultTypes: ['violations']})")["violations"]
            wrong += [
                (at, v["id"], v["nodes"][0]["html"][:120])
                for v in told
                if v["impact"] in {"serious", "critical"}
            ]
            page.set_viewport_size(SMALL)
            if wide(page) > 0:
                wrong.append((at, "wider than a phone", wide(page)))
        page.context.close()
    assert wrong == []

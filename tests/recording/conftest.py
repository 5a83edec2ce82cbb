"""A bureau of the profile named by ``profile``, a dossier of it, and files to deposit."""

from __future__ import annotations

import io
from datetime import timedelta
from types import SimpleNamespace

import pytest
from PIL import Image

from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.models import Account
from mingzhi.recording import api as recording
from tests.made_once import load_bureau

ALL_SAID = ("time", "place", "officers", "act", "focus", "notice")


@pytest.fixture(autouse=True)
def own_store(settings, tmp_path):
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def profile():
    return "xiashan-chengzong"


@pytest.fixture
def scene(db, profile, at):
    """``scene.officer``, ``scene.head``… actors; ``scene.body``; ``scene.dossier`` opened the day before."""
    loaded = load_bureau(profile, at=at)
    names = ("officer1", "officer2", "head", "head2", "leader", "keeper", "other")

    def actor(name):
        account = Account.objects.get(pk=loaded.accounts[name])
        return organisations.actor_of(account, clock.local_date(at))

    actors = {n: actor(n) for n in names}
    officer = actors["officer1"]
    dossier = dossiers.dossier_open(
        procedure="penalty.ordinary",
        procedure_version="2026-11",
        state="new",
        stage="启动",
        title="擅自占道经营",
        body_id=loaded.body_id,
        unit_id=officer.unit_id,
        field="urban",
        by=officer,
        at=at - timedelta(days=1),
    )
    dossiers.member_join(
        dossier=dossier, person_id=officer.person_id, role="lead", by=officer, at=at - timedelta(days=1)
    )
    return SimpleNamespace(
        loaded=loaded,
        body=organisations.body(loaded.body_id),
        dossier=dossier,
        officer=officer,
        actor=actor,
        **actors,
    )


@pytest.fixture
def video(at):
    """``video("a")`` → id of a stored recording; another word, another content."""

    def make(word="a"):
        data = (
            b"\0\0\0\x18ftypisom\0\0\2\0isomiso2"
            + (20).to_bytes(4, "big")
            + b"moov"
            + word.encode().ljust(12, b"\0")[:12]
        )
        return files.put_bytes(data, name=f"{word}.mp4", media_type="video/mp4", at=at).id

    return make


@pytest.fixture
def photo(at):
    """``photo(taken="2026:09:14 09:00:00")`` → id of a stored picture that says so."""

    def make(taken=None, offset=None):
        exif = Image.Exif()
        if taken:
            exif.get_ifd(0x8769)[0x9003] = taken
        if offset:
            exif.get_ifd(0x8769)[0x9011] = offset
        out = io.BytesIO()
        Image.new("RGB", (8, 8)).save(out, "JPEG", exif=exif)
        return files.put_bytes(out.getvalue(), name="现场.jpg", media_type="image/jpeg", at=at).id

    return make


@pytest.fixture
def deposit(scene, video, at):
    """Deposits a lawful recording of an on-site inspection; name what shall differ."""

    def put(**changes):
        facts = {
            "dossier_id": scene.dossier.pk,
            "act": "on_site_inspection",
            "kind": "recording",
            "captured_at": at - timedelta(minutes=40),
            "ended_at": at - timedelta(minutes=10),
            "device": "JLY-07",
            "operator_id": scene.officer.person_id,
            "place": "人民大道1号",
            "statement": ALL_SAID,
            "by": scene.officer,
            "at": at,
        }
        facts.update(changes)
        facts.setdefault("file_id", video() if "file_id" not in changes else None)
        return recording.deposit(**facts)

    return put


@pytest.fixture
def exhibit(deposit, photo):
    """Deposits a photograph as evidence."""

    def put(**changes):
        facts = {
            "kind": "evidence",
            "act": "",
            "evidence_kind": "document",
            "source": "camera",
            "statement": (),
        }
        if "file_id" not in changes:
            facts["file_id"] = photo()
        return deposit(**{**facts, **changes})

    return put

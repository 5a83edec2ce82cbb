"""Officers' phones as far as the server sees them: what they upload, what they send."""

from __future__ import annotations

import base64
import hashlib
import json
import secrets
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.test import Client

from mingzhi.kernel import clock
from mingzhi.recording import api as recording_room
from mingzhi.web.demo.cast import made_picture, made_sound
from mingzhi.web.demo.drive import STATEMENT, Bureau, Drive
from tests.cases.staging import module_bureau  # noqa: F401 — a fixture
from tests.stories.conftest import MONDAY, a_matter
from tests.web.desk_people import desk, freeze  # noqa: F401 — fixtures

Freeze = Callable[[datetime], None]
TUS = {"HTTP_TUS_RESUMABLE": "1.0.0"}
PNG = made_picture(1, 1)


@dataclass
class Phone:
    """One officer's phone: ``client`` is logged in as its holder."""

    client: Client
    account: int
    person: int
    device: str = "0123456789abcdef"
    sent: list[dict[str, Any]] = field(default_factory=list)

    @property
    def headers(self) -> dict[str, str]:
        return {
            "HTTP_X_FIELD_DEVICE": self.device,
            "HTTP_X_FIELD_ACCOUNT": str(self.account),
            "HTTP_ACCEPT": "application/json",
        }

    def get(self, path: str) -> Any:
        return self.client.get(f"/field/{path}", **self.headers)

    def post(self, path: str, data: Any = None) -> Any:
        return self.client.post(f"/field/{path}", data or {}, **self.headers)

    def enrol(self, offset_ms: int = 1500, code: str = "") -> Any:
        """Contact with the server, as the application makes it when it opens or the net is back."""
        told = {
            "clock": (clock.now() + timedelta(milliseconds=offset_ms)).isoformat(),
            "battery": 80,
            "code": code,
        }
        return self.client.post(
            "/field/enrol", json.dumps(told), content_type="application/json", **self.headers
        )

    def data(self) -> dict[str, Any]:
        found: dict[str, Any] = self.get("data").json()
        return found

    def upload(self, content: bytes, name: str = "一段.wav", kind: str = "audio/wav") -> dict[str, str]:
        """Send bytes by tus; the item's entry for them."""
        told = ",".join(
            f"{k} {base64.b64encode(v.encode()).decode()}"
            for k, v in (("filename", name), ("filetype", kind))
        )
        made = self.client.post(
            "/uploads/", HTTP_UPLOAD_LENGTH=str(len(content)), HTTP_UPLOAD_METADATA=told, **TUS
        )
        assert made.status_code == 201, made.content
        token = made["Location"].rstrip("/").rpartition("/")[2]
        done = self.client.patch(
            f"/uploads/{token}",
            content,
            content_type="application/offset+octet-stream",
            HTTP_UPLOAD_OFFSET="0",
            **TUS,
        )
        assert done.status_code == 204, done.content
        return {"upload": token, "sha256": hashlib.sha256(content).hexdigest(), "name": name}

    def item(self, kind: str, at: datetime, **more: Any) -> dict[str, Any]:
        return {
            "key": secrets.token_hex(16),
            "kind": kind,
            "title": "现场提交",
            "device": self.device,
            "clock_offset_ms": 1500,
            "occurred_at": at.isoformat(),
            **more,
        }

    def send(self, item: dict[str, Any]) -> Any:
        return self.client.post(
            "/field/items", json.dumps(item), content_type="application/json", **self.headers
        )


def recording(at: datetime, act: str, **changes: Any) -> dict[str, Any]:
    return {
        "file": 0,
        "kind": "recording",
        "act": act,
        "title": "现场录像",
        "captured_at": (at - timedelta(minutes=10)).isoformat(),
        "ended_at": (at - timedelta(minutes=2)).isoformat(),
        "place": "示例路 1 号",
        "full": True,
        "statement": list(STATEMENT),
        **changes,
    }


def signature(kind: str, name: str, at: datetime, content: str, **changes: Any) -> dict[str, Any]:
    return {
        "kind": kind,
        "name": name,
        "outcome": "signed",
        "at": at.isoformat(),
        "content_sha256": hashlib.sha256(content.encode()).hexdigest(),
        "file": None,
        **changes,
    }


def spot(phone: Phone, case: Drive, at: datetime, *, records: bool = True, **changes: Any) -> dict[str, Any]:
    """A penalty on the spot as a phone sends it; ``changes`` are facts."""
    number = phone.data()["numbers"][0]
    matter = case.matter
    facts = {
        "item_code": matter.item_code,
        "cause": matter.cause,
        "place": matter.place,
        "act_on": clock.local_date(at).isoformat(),
        "facts_found": matter.facts_found,
        "law_violated": matter.law_violated,
        "law_basis": matter.law_basis,
        "kinds": ["03"],
        "fine_yuan": "50",
        "officers": case.people(matter.officers),
        "card_shown": True,
        "told": True,
        **changes,
    }
    content = json.dumps(
        {
            "v": 1,
            "kind": "spot",
            "verb": "spot_decide",
            "dossier": None,
            "number": {k: number[k] for k in ("block", "seq", "text")},
            "party": {
                "kind": "natural",
                "name": "孙某某",
                "gender": "男",
                "address": "示例路 2 号",
                "phone": "13800000001",
            },
            "facts": facts,
            "shown": {"title": "当场行政处罚决定书", "lines": [["当事人", "孙某某"]], "foot": []},
            "at": at.isoformat(),
            "nonce": secrets.token_hex(8),
        },
        ensure_ascii=False,
    )
    files = [phone.upload(PNG + secrets.token_bytes(8), "签名-孙某某.png", "image/png")]
    sent = phone.item(
        "spot",
        at,
        title=f"当场处罚 {number['text']}",
        content=content,
        closing={"signature": "signed"},
        records=[],
        signatures=[signature("party", "孙某某", at, content, file=0)],
        files=files,
    )
    if records:
        files.append(phone.upload(made_sound(7, secrets.randbelow(9999)), "现场录像.wav"))
        sent["records"] = [recording(at, "summary_penalty", file=1)]
    return sent


def inspection(phone: Phone, case: Drive, at: datetime, **changes: Any) -> dict[str, Any]:
    """An on-site record as a phone sends it; ``changes`` are facts."""
    known = next(c for c in phone.data()["cases"] if c["id"] == case.id)
    facts = {
        "place": case.matter.place,
        "began_at": (at - timedelta(minutes=45)).isoformat(),
        "ended_at": (at - timedelta(minutes=5)).isoformat(),
        "officers": case.people(case.matter.officers),
        "card_shown": True,
        "rights_told": True,
        "attendee": "林某某",
        "attendee_role": "现场负责人",
        "findings": case.matter.facts_found,
        **changes,
    }
    content = json.dumps(
        {
            "v": 1,
            "kind": "step",
            "verb": "inspect",
            "dossier": case.id,
            "number": None,
            "party": None,
            "facts": facts,
            "shown": {"title": "现场检查笔录", "lines": [["地点", facts["place"]]], "foot": []},
            "at": at.isoformat(),
            "nonce": secrets.token_hex(8),
        },
        ensure_ascii=False,
    )
    return phone.item(
        "step",
        at,
        dossier=case.id,
        expected=known["taken"],
        content=content,
        closing={"signature": "signed"},
        signatures=[signature("party", "林某某", at, content, file=0)],
        files=[phone.upload(PNG + secrets.token_bytes(8), "签名-林某某.png", "image/png")],
    )


def service(
    phone: Phone, case: Drive, at: datetime, paper: int, *, proof: bytes = b"", **changes: Any
) -> dict[str, Any]:
    """A receipt of service as a phone sends it; ``changes`` are facts, ``proof`` a picture that it brings."""
    known = next(c for c in phone.data()["cases"] if c["id"] == case.id)
    facts = {
        "paper": paper,
        "mode": "direct",
        "served_on": clock.local_date(at).isoformat(),
        "place": case.matter.place,
        "officers": case.people(case.matter.officers),
        "receiver": "林某某",
        "relation": "负责收件的人",
        **changes,
    }
    content = json.dumps(
        {
            "v": 1,
            "kind": "step",
            "verb": "notice_serve",
            "dossier": case.id,
            "number": None,
            "party": None,
            "facts": facts,
            "shown": {"title": "送达回证", "lines": [["送达地点", facts["place"]]], "foot": []},
            **({"proofs": [hashlib.sha256(proof).hexdigest()]} if proof else {}),
            "at": at.isoformat(),
            "nonce": secrets.token_hex(8),
        },
        ensure_ascii=False,
    )
    by_hand = facts["mode"] in ("direct", "leave")
    names = [("林某某", "party"), ("张某甲", "officer")] if by_hand else [("张某甲", "officer")]
    files = [
        phone.upload(PNG + secrets.token_bytes(8), f"签名-{n}.png", "image/png") for n, _ in enumerate(names)
    ]
    if proof:
        files.append(phone.upload(proof, "回执.png", "image/png"))
    return phone.item(
        "step",
        at,
        dossier=case.id,
        expected=known["taken"],
        content=content,
        signatures=[signature(kind, name, at, content, file=n) for n, (name, kind) in enumerate(names)],
        files=files,
        **({"proofs": [len(files) - 1]} if proof else {}),
    )


@pytest.fixture
def bureau(module_bureau: Bureau) -> Bureau:  # noqa: F811 — the fixture above
    """Made once for a module; each test undoes what it did."""
    return Bureau(module_bureau.body_id, module_bureau.accounts)


@pytest.fixture
def drive(bureau: Bureau) -> Callable[..., Drive]:
    return lambda **changes: Drive(bureau, a_matter(**changes), MONDAY)


@pytest.fixture
def phone(bureau: Bureau, desk: Callable[..., Client]) -> Callable[..., Phone]:  # noqa: F811 — the fixture above
    def of(username: str, device: str = "0123456789abcdef") -> Phone:
        actor = bureau.actor(username, MONDAY)
        assert actor.account_id is not None and actor.person_id is not None
        made = Phone(desk(username), actor.account_id, actor.person_id, device)
        keeper = replace(bureau.actor("keeper", MONDAY), body_id=actor.body_id)
        made.enrol(code=recording_room.terminals.terminal_allow(by=keeper, at=clock.now())[0])
        return made

    return of


# --- what the phones meet ---------------------------------------------------------------------------


@pytest.fixture
def case(drive: Callable[..., Drive], freeze: Freeze) -> Drive:  # noqa: F811 — the fixture
    found = drive()
    found.file(clue=False)
    freeze(found.at)
    return found


@pytest.fixture
def spot_case(drive: Callable[..., Drive], freeze: Freeze) -> Drive:  # noqa: F811 — the fixture
    """A matter for a penalty on the spot; nothing of it is on the server yet."""
    freeze(MONDAY)
    return drive(item_code="urban.littering")


@pytest.fixture
def mine(phone: Callable[..., Phone]) -> Phone:
    return phone("officer1")


def settled(answer: Any) -> dict[str, Any]:
    """What the server says of an item that it took in."""
    assert answer.status_code == 200, answer.content.decode()
    found: dict[str, Any] = answer.json()
    return found

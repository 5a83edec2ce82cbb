"""Clues and records through their pages: registered, refused with everything kept, out of others' sight."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.ledger import api as ledger
from mingzhi.web.demo.drive import Bureau, Drive

pytestmark = pytest.mark.django_db(databases="__all__")

CLUE = {
    "source": "report",
    "title": "某路口有人占道经营",
    "detail": "九月某日上午，有人在示例路口占道经营，影响行人通行。",
    "received_at": "2026-09-07T09:00",
    "informant": "周某",
    "informant_phone": "13800000001",
}
PARTY = {
    "procedure": "penalty.ordinary",
    "title": "涉嫌占道经营案",
    "kind": "legal",
    "name": "示例二号餐饮有限公司",
    "credit_code": "91440803MA0000001R",
    "address": "示例路 2 号",
}
PNG = bytes.fromhex(
    "89504e470d0a1a0a0000000d4948445200000001000000010806000000"
    "1f15c4890000000d49444154789c6360000002000001e221bc330000000049454e44ae426082"
)


def test_a_clue_becomes_a_case(bureau: Bureau, people: Callable[[str], Client]) -> None:
    officer = people("officer1")
    answer = officer.post("/desk/clues/new/", CLUE)
    assert answer.status_code == 302, answer.content.decode()[:2000]
    page = answer["Location"]
    text = officer.get(page).content.decode()
    assert "13800000001" not in text
    assert people("other").get(page).status_code == 404
    assert "示例路口占道" in text
    opened = officer.post(f"{page}open/", PARTY)
    assert opened.status_code == 302, opened.content.decode()[:3000]
    assert officer.get(opened["Location"]).status_code == 200
    assert "已立案" in officer.get(page).content.decode()
    assert officer.post(f"{page}open/", PARTY).status_code == 409


def test_a_clue_is_dismissed_only_with_a_reason_by_the_unit_head(
    bureau: Bureau, people: Callable[[str], Client]
) -> None:
    page = people("officer1").post("/desk/clues/new/", CLUE)["Location"]
    assert people("officer1").post(f"{page}dismiss/", {"reason": "不属于本机关职责"}).status_code == 403
    head = people("head")
    refused = head.post(f"{page}dismiss/", {"reason": "无"})
    assert refused.status_code == 422
    assert "请写明不予立案的理由" in refused.content.decode()
    assert head.post(f"{page}dismiss/", {"reason": "经核查不属于本机关职责"}).status_code == 302
    assert "经核查不属于本机关职责" in head.get(page).content.decode()


def test_wrong_numbers_are_told_beside_their_fields_and_the_form_is_kept(
    bureau: Bureau, people: Callable[[str], Client]
) -> None:
    answer = people("officer1").post(
        "/desk/cases/new/", {**PARTY, "credit_code": "91440803MA0000001X", "representative": "某甲"}
    )
    text = answer.content.decode()
    assert answer.status_code == 422
    assert "校验" in text
    assert "某甲" in text
    assert "示例二号餐饮" in text
    household = people("officer1").post("/desk/cases/new/", {**PARTY, "kind": "household"})
    assert "适用标准" in household.content.decode()


def upload(case: Drive, client: Client, **fields: Any) -> Any:
    return client.post(f"/desk/cases/{case.id}/records/upload/", fields)


def test_evidence_is_uploaded_and_a_refusal_keeps_the_stored_file(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.file()
    client = people("officer1")
    refused = upload(
        case, client, kind="evidence", title="现场照片一", file=SimpleUploadedFile("a.png", PNG, "image/png")
    )
    text = refused.content.decode()
    assert refused.status_code == 422, text[:2000]
    assert "现场照片一" in text
    kept = re.search(r'name="file_id" value="(\d+)"', text)
    assert kept
    done = upload(
        case, client, kind="evidence", title="现场照片一", evidence_kind="audiovisual", file_id=kept[1]
    )
    assert done.status_code == 302, done.content.decode()[:2000]
    assert "现场照片一" in client.get(f"/desk/cases/{case.id}/?tab=evidence").content.decode()
    stranger = upload(case, people("officer2"), kind="evidence", evidence_kind="document", file_id=kept[1])
    assert stranger.status_code == 422
    assert upload(case, people("cashier"), kind="evidence").status_code == 403


def test_a_resumable_upload_is_handed_in_by_its_token_and_only_by_its_maker(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.file()
    client = people("officer1")
    made = client.post(
        "/uploads/",
        PNG,
        content_type="application/offset+octet-stream",
        headers={
            "Tus-Resumable": "1.0.0",
            "Upload-Length": str(len(PNG)),
            "Upload-Metadata": "filename YS5wbmc=",
        },
    )
    token = made["Location"].rsplit("/", 1)[-1]
    stranger = upload(case, people("officer2"), kind="evidence", evidence_kind="document", upload=token)
    assert stranger.status_code == 422 and "未找到该上传" in stranger.content.decode()
    done = upload(case, client, kind="evidence", evidence_kind="document", upload=token)
    assert done.status_code == 302, done.content.decode()[:2000]
    assert "a.png" in client.get(f"/desk/cases/{case.id}/?tab=evidence").content.decode()
    twice = upload(case, client, kind="evidence", evidence_kind="document", upload=token)
    assert twice["Location"] == done["Location"]


def test_a_party_is_masked_until_asked_for_and_the_look_is_noted(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.open()
    client = people("officer1")
    text = client.get(f"/desk/cases/{case.id}/?tab=party").content.decode()
    assert "13800000000" not in text
    link = re.search(rf"/desk/cases/{case.id}/parties/\d+/", text)
    assert link
    assert "13800000000" in client.post(link[0]).content.decode()
    assert client.get(link[0]).status_code == 405
    acts = [a.act for a in ledger.attempts(by=case.by("officer1").label)]
    assert "party:revealed" in acts
    assert "dossier:viewed" in acts

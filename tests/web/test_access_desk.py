"""Looking at records over HTTP: who opens, who asks, who answers, what leaves, and who is told."""

from __future__ import annotations

import io
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from PIL import Image

from mingzhi.dossiers.models import Dossier
from mingzhi.ledger.models import Attempt
from mingzhi.recording import api as recording
from mingzhi.recording.access_models import AccessRequest, Derivation
from mingzhi.web.demo.drive import Drive
from tests.recording import footage

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture(autouse=True)
def own_store(settings: Any, tmp_path: Any) -> None:
    settings.FILES_ROOT = tmp_path / "files"


@pytest.fixture
def case(drive: Callable[..., Drive]) -> Drive:
    """A case of officer1 in the first team, filed."""
    one = drive()
    one.file()
    return one


@pytest.fixture
def photo(case: Drive) -> Any:
    """A photograph of the case."""
    from mingzhi.files import api as files

    by = case.by("officer1")
    stored = files.put_bytes(footage.photo(), name="现场.jpg", media_type="image/jpeg", at=case.at)
    return recording.deposit(
        dossier_id=case.id, kind="evidence", evidence_kind="document", source="camera", file_id=stored.id,
        captured_at=case.at, title="现场照片", by=by, at=case.at,
    )  # fmt: skip


def url(case: Drive, record: Any, rest: str = "") -> str:
    return f"/desk/cases/{case.id}/records/{record.id}/{rest}"


def bytes_of(answer: Any) -> bytes:
    return b"".join(answer.streaming_content) if answer.streaming else answer.content


def status(answer: Any) -> int:
    """The answer's status, with its file read and closed."""
    bytes_of(answer)
    return int(answer.status_code)


def test_a_colleague_asks_the_head_approves_and_the_copy_carries_the_mark(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    freeze(case.at)
    colleague, head = desk("officer3"), desk("head")
    page = colleague.get(f"/desk/cases/{case.id}/?tab=evidence").content.decode()
    assert "申请调阅" in page and url(case, photo) + '"' not in page
    assert colleague.post(url(case, photo), {"use": "evaluation"}).status_code == 403

    wrong = colleague.post(
        f"/desk/cases/{case.id}/access/", {"record": photo.id, "use": "", "days": "7", "kind": "view"}
    )
    assert wrong.status_code == 422 and "请选择调阅用途" in wrong.content.decode()
    asked = colleague.post(
        f"/desk/cases/{case.id}/access/",
        {"record": photo.id, "kind": "view", "use": "evaluation", "reason": "年度评查", "days": "7"},
    )
    request = AccessRequest.objects.get()
    assert asked.url == f"/desk/access/{request.pk}/"
    assert f'href="/desk/access/{request.pk}/"' in head.get("/desk/").content.decode()
    assert "批准" in head.get(f"/desk/access/{request.pk}/").content.decode()
    assert (
        colleague.post(f"/desk/access/{request.pk}/decide/", {"approve": "1", "days": "7"}).status_code == 403
    )
    assert head.post(f"/desk/access/{request.pk}/decide/", {"approve": "1", "days": "3"}).status_code == 302
    again = head.post(f"/desk/access/{request.pk}/decide/", {"refuse": "1", "reason": "不同意"})
    assert again.status_code == 409 and "王某丁" in again.content.decode()

    shown = colleague.post(url(case, photo), {"use": "evaluation", "purpose": "核对"})
    assert shown["Content-Type"] == "image/jpeg" and shown["Content-Disposition"].startswith("inline")
    taken = colleague.post(url(case, photo, "download/"), {"use": "evaluation"})
    assert taken["Content-Disposition"].startswith("attachment")
    for answer in (shown, taken):
        data = bytes_of(answer)
        assert data != footage.photo() and b"SECRET" not in data
        assert Image.open(io.BytesIO(data)).size == (160, 120)
    copies = Derivation.objects.order_by("pk")
    assert [c.access_id for c in copies] == [request.pk, request.pk]
    assert request.number in copies[0].recipe["watermark"] and "赵某丁" in copies[0].recipe["watermark"]
    assert (
        Attempt.objects.filter(act="recording:download", outcome="ok").get().detail["sha256"]
        == copies[1].sha256
    )

    chain = desk("officer1").get(url(case, photo, "custody/")).content.decode()
    for words in ("赵某丁", "未获准许", "下载水印副本", "案卷评查", request.number, "证据材料登记"):
        assert words in chain
    assert head.post(f"/desk/access/{request.pk}/revoke/", {"reason": "评查结束"}).status_code == 302
    assert colleague.post(url(case, photo), {"use": "evaluation"}).status_code == 403


def test_handlers_open_the_original_and_supervisors_a_marked_one_at_once(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    freeze(case.at)
    plain = desk("officer1").post(url(case, photo), {"use": "case"})
    assert bytes_of(plain) == footage.photo()
    assert (
        bytes_of(desk("officer1").post(url(case, photo), {"download": "1", "use": "case"})) != footage.photo()
    )
    seen = desk("supervisor").post(url(case, photo), {"use": "supervision", "purpose": "专项督查"})
    assert seen.status_code == 200 and bytes_of(seen) != footage.photo()
    look = Attempt.objects.filter(by__startswith="person", detail__need="supervisor").get()
    assert look.purpose == "执法监督：专项督查"


def test_a_purpose_is_asked_for_even_of_handlers(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    freeze(case.at)
    officer = desk("officer1")
    assert officer.post(url(case, photo), {}).status_code == 422
    assert officer.post(url(case, photo), {"use": "other"}).status_code == 422
    assert status(officer.post(url(case, photo), {"purpose": "核对"})) == 200


def test_the_papers_of_a_secret_dossier_are_for_who_works_on_it_or_was_approved(
    case: Drive, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    from mingzhi.documents import api as documents

    freeze(case.at)
    paper = next(p for p in documents.papers(case.id))
    address = f"/desk/cases/{case.id}/papers/{paper.id}/"
    plain = desk("officer1").get(address).content
    assert desk("officer3").get(address).content == plain, "ordinary cases are read by colleagues"
    taken = desk("officer3").get(f"{address}?download").content
    assert (
        taken.startswith(b"%PDF")
        and taken != plain
        and desk("officer1").get(f"{address}?download").content == plain
    )
    Dossier.objects.filter(pk=case.id).update(secrecy="private")
    assert desk("officer3").get(address).status_code == 403
    assert desk("officer1").get(address).content == plain
    marked = desk("supervisor").get(address)
    assert marked.status_code == 200 and marked.content != plain
    assert Attempt.objects.filter(subject=f"paper:{paper.id}", outcome="denied").count() == 1
    whole = {"kind": "view", "use": "evaluation", "days": "1", "record": ""}
    asked = desk("officer3").post(f"/desk/cases/{case.id}/access/", whole)
    desk("leader").post(f"{asked.url}decide/", {"approve": "1", "days": "1"})
    assert desk("officer3").get(address).status_code == 200
    chain = desk("head").get(f"{address}custody/").content.decode()
    assert "赵某丁" in chain and "曹某酉" in chain


#: Who → what each address answers on somebody's foreign case: own handler, own body outside the case,
#: other body, supervisor, three administrators.
MATRIX: dict[str, dict[str, int]] = {
    "officer1": {"look": 200, "download": 200, "original": 403, "chain": 200, "ask": 200, "derive": 200, "list": 200, "count": 403},
    "head": {"look": 200, "download": 200, "original": 403, "chain": 200, "ask": 200, "derive": 200, "list": 200, "count": 403},
    "officer3": {"look": 403, "download": 403, "original": 403, "chain": 404, "ask": 200, "derive": 403, "list": 200, "count": 403},
    "head2": {"look": 403, "download": 403, "original": 403, "chain": 404, "ask": 200, "derive": 403, "list": 200, "count": 403},
    "archivist": {"look": 403, "download": 403, "original": 403, "chain": 404, "ask": 200, "derive": 403, "list": 200, "count": 403},
    "leader": {"look": 200, "download": 200, "original": 403, "chain": 200, "ask": 200, "derive": 403, "list": 200, "count": 403},
    "supervisor": {"look": 200, "download": 200, "original": 403, "chain": 200, "ask": 200, "derive": 403, "list": 200, "count": 200},
    "other": {"look": 404, "download": 404, "original": 404, "chain": 404, "ask": 404, "derive": 404, "list": 200, "count": 403},
    "sysadmin": {"look": 404, "download": 404, "original": 404, "chain": 404, "ask": 404, "derive": 404, "list": 403, "count": 403},
    "secadmin": {"look": 404, "download": 404, "original": 404, "chain": 404, "ask": 404, "derive": 404, "list": 403, "count": 403},
    "auditor": {"look": 404, "download": 404, "original": 404, "chain": 404, "ask": 404, "derive": 404, "list": 403, "count": 200},
}  # fmt: skip


def answers(client: Client, case: Drive, photo: Any) -> dict[str, int]:
    why = {"use": "supervision", "purpose": "核对"}
    return {
        "look": status(client.post(url(case, photo), why)),
        "download": status(client.post(url(case, photo, "download/"), why)),
        "original": status(client.post(url(case, photo, "original/"), why)),
        "chain": status(client.get(url(case, photo, "custody/"))),
        "ask": status(client.get(f"/desk/cases/{case.id}/access/")),
        "derive": status(client.get(url(case, photo, "derive/"))),
        "list": status(client.get("/desk/access/")),
        "count": status(client.get("/desk/access/statistics/")),
    }


@pytest.mark.parametrize("who", MATRIX)
def test_every_role_gets_at_a_foreign_case_what_the_table_says(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None], who: str
) -> None:
    freeze(case.at)
    assert answers(desk(who), case, photo) == MATRIX[who]


def test_logged_out_nothing_is_there(case: Drive, photo: Any) -> None:
    assert set(answers(Client(), case, photo).values()) == {302}


def test_foreign_requests_sittings_and_orders_do_not_exist(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    freeze(case.at)
    asked = desk("officer3").post(
        f"/desk/cases/{case.id}/access/", {"kind": "view", "use": "credit", "days": "1", "record": ""}
    )
    for who, seen in (
        ("officer3", 200), ("head", 200), ("leader", 200), ("supervisor", 200),
        ("officer1", 404), ("officer4", 404), ("head2", 404), ("other", 404), ("sysadmin", 404), ("auditor", 404),
    ):  # fmt: skip
        client = desk(who)
        assert client.get(asked.url).status_code == seen, who
        refusals = {403, 404}
        if who not in {"head", "leader"}:
            assert (
                client.post(f"{asked.url}decide/", {"approve": "1", "days": "1"}).status_code in refusals
            ), who
        if who not in {"head", "leader", "officer3"}:
            assert client.post(f"{asked.url}revoke/", {"reason": "不需要了"}).status_code in refusals, who
    for rest in ("play/abc/", "play/abc/bytes/", "made/1/", "made/1/file/"):
        for who in ("officer1", "officer3", "other", "auditor"):
            assert desk(who).get(url(case, photo, rest)).status_code == 404, (who, rest)
    assert desk("officer1").get(f"/desk/cases/{case.id + 1}/records/{photo.id}/custody/").status_code == 404
    assert desk("head").get("/desk/access/99999999999999999999/").status_code == 404


def test_the_auditor_counts_the_whole_house_and_the_supervisor_the_bodies_watched(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None], bureau: Any
) -> None:
    freeze(case.at)
    status(desk("officer1").post(url(case, photo), {"use": "case"}))
    status(desk("supervisor").post(url(case, photo), {"use": "supervision"}))
    for who in ("auditor", "supervisor"):
        page = desk(who).get("/desk/access/statistics/").content.decode()
        assert "案件办理" in page and "执法监督" in page and f"记录 {photo.id}" in page
    assert "张某甲" in page
    old = desk("auditor").get("/desk/access/statistics/?since=2020-01-01&until=2020-02-01").content.decode()
    assert "期内没有调阅" in old


def test_a_derivative_is_previewed_and_ordered_by_numbers_alone(
    case: Drive, photo: Any, desk: Callable[..., Client], freeze: Callable[..., None]
) -> None:
    freeze(case.at)
    officer = desk("officer1")
    box = {
        "box_x": "40",
        "box_y": "40",
        "box_w": "40",
        "box_h": "40",
        "box_from": "",
        "box_to": "",
        "box_mode": "fill",
    }
    shown = Image.open(io.BytesIO(officer.get(url(case, photo, "derive/frame/"), box).content)).convert("RGB")
    assert max(shown.getpixel((60, 60))) < 30  # type: ignore[type-var]
    order = {**box, "title": "现场照片（处理件）", "reason": "公示前遮挡无关人员"}
    wrong = officer.post(url(case, photo, "derive/"), {**order, "box_w": "4000"})
    assert (
        wrong.status_code == 422
        and "超出画面" in wrong.content.decode()
        and 'value="4000"' in wrong.content.decode()
    )
    placed = officer.post(url(case, photo, "derive/"), order)
    assert placed.status_code == 302
    assert "等待制作" in officer.get(placed.url).content.decode()
    assert desk("officer3").get(url(case, photo, "derive/frame/"), box).status_code == 403

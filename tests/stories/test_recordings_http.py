"""Recordings as officers, heads, keepers and supervisors meet them, through the pages: expected by a step,
deposited from a checked device, played with notes, excused by somebody else, counted for the leader."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.kernel import clock
from mingzhi.ledger.models import Attempt
from mingzhi.recording import api as recording
from mingzhi.recording.probe import probe_run
from mingzhi.web.demo.drive import Drive
from tests.recording.films import film
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

SAID = ["time", "place", "officers", "act", "focus", "notice"]


@dataclass
class Moment:
    """The story's clock: it stands until it is moved."""

    at: datetime


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", lambda: one.at)
    return one


@pytest.fixture
def inspected(drive: Callable[..., Drive], moment: Moment) -> Drive:
    """A case that was filed and inspected, with the recording of the inspection."""
    case = drive()
    case.file()
    case.record("on_site_inspection", title="现场检查录像")
    case.step(
        "inspect",
        case.lead,
        **case._site(),
        attendee="林某某",
        attendee_role="现场负责人",
        findings="当事人在人行道堆放货物，占用面积约十二平方米。",
        party_opinion="对检查情况无异议。",
        signature="signed",
    )
    moment.at = case.at
    return case


def local(at: datetime) -> str:
    return clock.local(at).strftime("%Y-%m-%dT%H:%M")


def body(response: Any) -> bytes:
    return b"".join(response.streaming_content)


def deposit(case: Drive, client: Client, began: datetime, data: bytes, **changes: object) -> Any:
    entered = {
        "kind": "recording",
        "act": "questioning",
        "title": "询问录像",
        "captured_at": local(began),
        "ended_at": local(began + timedelta(minutes=1)),
        "operator": str(case.bureau.person(case.lead, case.at)),
        "statement": SAID,
        "file": SimpleUploadedFile("询问.mp4", data, "video/mp4"),
    }
    return client.post(f"/desk/cases/{case.id}/records/upload/", {**entered, **changes})


def test_a_step_expects_its_recording_and_the_one_deposited_before_answers_it(
    inspected: Drive, moment: Moment
) -> None:
    (unit,) = recording.unit_coverage(
        body_ids=[inspected.bureau.body_id],
        since=moment.at - timedelta(days=9),
        until=moment.at + timedelta(days=1),
        at=moment.at,
    )
    assert unit.expected == 1 and unit.met_percent == 100.0


def test_an_announced_recording_counts_down_until_it_is_deposited(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    officer = desk("officer1")
    url = f"/desk/cases/{inspected.id}/"
    card = officer.get(f"{url}recording/questioning/card/").content.decode()
    assert "正在进行音像记录" in card and "440803" in card and "示例路 1 号" in card
    ended = clock.at_local(clock.local_date(moment.at), 15)
    moment.at = ended + timedelta(hours=1)
    officer.post(f"{url}records/expect/", {"act": "questioning", "ended_at": local(ended)})
    for page in ("/desk/", f"{url}?tab=evidence", "/desk/recordings/"):
        assert "剩 23 小时" in officer.get(page).content.decode(), page
    moment.at = ended + timedelta(hours=25)
    assert "逾期 1 小时" in officer.get("/desk/recordings/").content.decode()
    refused = deposit(inspected, officer, ended - timedelta(minutes=1), film())
    assert refused.status_code == 422 and "逾期原因" in refused.content.decode()
    kept = re.search(r'name="file_id" value="(\d+)"', refused.content.decode())
    assert kept
    done = deposit(
        inspected,
        officer,
        ended - timedelta(minutes=1),
        film(),
        file="",
        file_id=kept[1],
        late_reason="山区无网络，返回后上传",
    )
    assert done.status_code == 302
    late = officer.get("/desk/recordings/?state=late").content.decode()
    assert "询问" in late and "山区无网络" in late
    assert "1" in officer.get("/desk/recordings/coverage/").content.decode()


def test_a_recording_is_played_by_ranges_for_a_purpose_and_noted(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    officer = desk("officer1")
    data = film(seconds=3)
    deposit(inspected, officer, moment.at - timedelta(minutes=30), data)
    record = next(r for r in recording.recordings(inspected.id) if r.act == "questioning")
    probe_run(record.id, at=moment.at)
    url = f"/desk/cases/{inspected.id}/records/{record.id}/"
    assert body(officer.get(f"{url}thumb/")).startswith(b"\xff\xd8")
    assert desk("officer3").get(f"{url}thumb/").status_code == 404, "who must ask first sees no picture"
    assert desk("other").get(f"{url}thumb/").status_code == 404
    opened = officer.post(url, {"use": "case", "purpose": "案件审核"})
    assert opened.status_code == 302
    player = opened["Location"]
    page = officer.get(player).content.decode()
    assert "<video" in page and "询问录像" in page and "h264" in page
    assert Attempt.objects.filter(act="recording:play", subject=f"record:{record.id}", outcome="ok").exists()
    part = officer.get(f"{player}bytes/", headers={"Range": "bytes=0-99"})
    assert part.status_code == 206 and body(part) == data[:100]
    assert officer.post(f"{player}note/", {"position": "0:02", "text": "当事人核对笔录"}).status_code == 302
    page = officer.get(player).content.decode()
    assert "当事人核对笔录" in page and 'data-seek="2000"' in page
    beyond = officer.post(f"{player}note/", {"position": "9:00", "text": "没有这一刻"})
    assert beyond.status_code == 422 and "超过了记录的时长" in beyond.content.decode()
    assert officer.post(f"{player}note/", {"position": "午后", "text": "x"}).status_code == 422
    assert desk("officer2").get(player).status_code in {403, 404}, "a sitting is one person's"


def test_an_excuse_is_asked_by_one_and_answered_by_another(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    officer, head = desk("officer1"), desk("head")
    officer.post(
        f"/desk/cases/{inspected.id}/records/excuse/",
        {"act": "questioning", "ground": "objective", "reason": "记录仪突发故障，不能开机"},
    )
    assert "审批未作音像记录说明" in head.get("/desk/").content.decode()
    (waiting,) = recording.excuses(inspected.id)
    url = f"/desk/recordings/excuses/{waiting.id}/"
    assert officer.post(url, {"answer": "approve"}).status_code == 403
    assert desk("other").get(url).status_code == 404
    assert head.post(url, {"answer": "refuse"}).status_code == 422
    assert head.post(url, {"answer": "approve"}).status_code == 302
    assert "王某丁批准" in officer.get(f"/desk/cases/{inspected.id}/?tab=evidence").content.decode()
    assert "审批未作音像记录说明" not in head.get("/desk/").content.decode()


def test_a_device_is_registered_issued_checked_and_named_by_a_recording(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    keeper, officer = desk("keeper"), desk("officer1")
    assert keeper.get("/desk/recordings/").status_code == 302
    page = "/desk/recordings/devices/"
    assert keeper.post(page, {"kind": "body_camera", "asset_number": "JLY-100"}).status_code == 302
    assert keeper.post(page, {"kind": "body_camera", "asset_number": "JLY-100"}).status_code == 409
    assert officer.post(page, {"kind": "phone", "asset_number": "P-1"}).status_code == 403
    device = f"{page}{recording.devices.devices(inspected.bureau.body_id)[0].id}/"
    person = str(inspected.bureau.person("officer1", moment.at))
    keeper.post(device, {"act": "issued", "person": person})
    assert keeper.post(device, {"act": "issued", "person": person}).status_code == 409
    shown = clock.local(moment.at + timedelta(seconds=400)).strftime("%Y-%m-%dT%H:%M:%S")
    check = {"act": "checked", "battery": "90", "storage": "80", "device_time": shown}
    assert officer.post(device, check).status_code == 302
    assert "时钟误差 400 秒" in officer.get(device).content.decode()
    assert desk("other").get(device).status_code == 404
    moment.at += timedelta(hours=2)
    deposit(inspected, officer, moment.at - timedelta(minutes=30), film(colour=30), device="JLY-100")
    record = next(r for r in recording.recordings(inspected.id) if r.act == "questioning")
    assert record.device_clock_offset_s == 400
    assert any("检查未通过" in remark for remark in record.remarks)
    need = officer.get(f"{page}?officers=10&officers_per_device=2&hours=0&device_hours=40&reserve=10")
    assert "应配执法记录仪 6 台，现有 1 台" in need.content.decode()
    assert "应为不小于 1 的整数" in officer.get(f"{page}?officers_per_device=0").content.decode()


def test_a_room_is_booked_once_used_and_its_recording_expected_whole(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    keeper, officer, second = desk("keeper"), desk("officer1"), desk("officer2")
    page = "/desk/recordings/rooms/"
    keeper.post(page, {"form": "room", "kind": "inquiry", "name": "第一询问室", "place": "一层"})
    room = recording.rooms.rooms(inspected.bureau.body_id)[0].id
    day = clock.local_date(moment.at) + timedelta(days=1)
    wish = {
        "form": "book",
        "room": str(room),
        "dossier": str(inspected.id),
        "purpose": "询问当事人",
        "day": day.isoformat(),
        "starts_at": "09:00",
        "ends_at": "10:00",
    }
    assert officer.post(page, wish).status_code == 302
    assert second.post(page, {**wish, "starts_at": "09:30", "ends_at": "10:30"}).status_code == 409
    assert second.post(page, {**wish, "starts_at": "10:00", "ends_at": "11:00"}).status_code == 302
    plan = officer.get(f"{page}?day={day.isoformat()}").content.decode()
    assert "询问当事人" in plan and inspected.dossier is not None and inspected.dossier.number in plan
    first, later = recording.rooms.bookings(by=inspected.by("officer1"), dossier_ids=[inspected.id])
    booking = f"{page}bookings/{first.id}/"
    used = {"form": "used", "day": day.isoformat(), "entered_at": "09:05", "left_at": "09:50"}
    assert officer.post(booking, used).status_code == 422, "not before it happened"
    moment.at = clock.at_local(day, 10)
    assert officer.post(booking, used).status_code == 302
    assert "全程记录尚未上传" in officer.get(f"{page}?day={day.isoformat()}").content.decode()
    assert second.post(f"{page}bookings/{later.id}/", {"form": "cancel", "reason": "改期"}).status_code == 302
    began = clock.at_local(day, 9, 6)
    wrong = deposit(inspected, officer, began, film(colour=60), act="premises", booking=str(first.id))
    assert wrong.status_code == 422 and "全程不间断" in wrong.content.decode()
    right = deposit(
        inspected, officer, began, film(colour=60), act="premises", booking=str(first.id), full="on"
    )
    assert right.status_code == 302
    assert not recording.due(at=moment.at, dossier_id=inspected.id)
    assert desk("other").get(booking).status_code == 404


def test_a_demonstration_video_is_published_watched_in_place_and_withdrawn(
    inspected: Drive, desk: Callable[..., Client], moment: Moment
) -> None:
    keeper, officer = desk("keeper"), desk("officer1")
    page, data = "/desk/recordings/guides/", film(seconds=1)
    facts = {
        "kind": "video",
        "title": "现场检查示范",
        "act": "on_site_inspection",
        "publisher": "示例省司法厅",
        "published_on": "2026-09-01",
    }
    assert keeper.post(page, facts).status_code == 422
    video = SimpleUploadedFile("示范.mp4", data, "video/mp4")
    assert keeper.post(page, {**facts, "file": video}).status_code == 302
    assert "现场检查示范" in officer.get(page).content.decode()
    (guide,) = recording.guides.guides(inspected.bureau.body_id)
    url = f"{page}{guide.id}/video/"
    whole = officer.get(url)
    assert whole.status_code == 200 and body(whole) == data
    part = officer.get(url, headers={"Range": "bytes=-10"})
    assert part.status_code == 206 and body(part) == data[-10:]
    assert part["Content-Range"] == f"bytes {len(data) - 10}-{len(data) - 1}/{len(data)}"
    assert officer.get(url, headers={"Range": f"bytes={len(data)}-"}).status_code == 416
    stale = officer.get(url, headers={"Range": "bytes=0-1", "If-Range": '"other"'})
    assert stale.status_code == 200 and body(stale) == data
    assert officer.head(url)["Content-Length"] == str(len(data))
    assert desk("other").get(url).status_code == 404
    assert keeper.post(page, {"withdraw": str(guide.id)}).status_code == 302
    assert "现场检查示范" not in officer.get(page).content.decode()

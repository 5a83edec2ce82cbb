"""Devices, rooms, wordings and a demonstration video of the demonstration bureau; evidently invented."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from django.db import transaction

from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError
from mingzhi.recording import api as recording
from mingzhi.web.demo.cast import Bureau, made_film

devices, rooms, guides = recording.devices, recording.rooms, recording.guides

#: number, kind, model, who holds it (empty: in store).
_DEVICES = (
    ("SF-JLY-001", "body_camera", "示范 DSJ-1", "officer1"),
    ("SF-JLY-002", "body_camera", "示范 DSJ-1", "officer2"),
    ("SF-JLY-003", "body_camera", "示范 DSJ-1", "officer3"),
    ("SF-JLY-004", "body_camera", "示范 DSJ-1", "officer4"),
    ("SF-JLY-005", "body_camera", "示范 DSJ-2", ""),
    ("SF-SXJ-001", "camcorder", "示范 HDR", ""),
    ("SF-LYB-001", "recorder", "示范 LYB", ""),
    ("SF-WRJ-001", "drone", "示范 WRJ", ""),
    ("SF-GD-001", "fixed", "示范球机（第一询问室）", ""),
)
_ROOMS = (
    ("inquiry", "第一询问室", "办公楼一层东侧", 6, "SF-GD-001 固定摄像头、拾音器"),
    ("inquiry", "第二询问室", "办公楼一层西侧", 6, "固定摄像头、拾音器"),
    ("hearing", "听证室", "办公楼三层", 30, "固定摄像头两路、拾音器"),
)
_PHRASES = (
    (
        "on_site_inspection",
        "表明身份",
        "您好！我们是执法人员，这是我们的执法证件，请您过目。现依法对您进行检查，请予配合。",
    ),
    (
        "on_site_inspection",
        "告知正在记录",
        "为保障您的合法权益、规范执法行为，本次执法全程进行音像记录，请您知悉。",
    ),
    (
        "questioning",
        "询问开始",
        "现依法向您了解有关情况，您应当如实回答。您有权申请回避，也有权对笔录进行核对、更正和补充。",
    ),
    ("service_leave", "留置送达", "您拒绝签收，我们将依法把文书留置在您的住所，并以音像方式记录送达过程。"),
    ("", "记录中断和恢复", "因设备原因记录中断，现在恢复记录，时间是……，中断期间没有进行其他执法活动。"),
)


@transaction.atomic
def equip(bureau: Bureau, at: datetime) -> None:
    """Give the bureau its devices and rooms, half a year before ``at``; a second call does nothing."""
    if devices.devices(bureau.body_id):
        return
    began = at - timedelta(days=500)
    keeper = bureau.actor("keeper", at)
    for number, kind, model, holder in _DEVICES:
        pk = devices.device_register(
            kind=kind,
            asset_number=number,
            model_name=model,
            acquired_on=date(2024, 3, 1),
            by=keeper,
            at=began,
        )
        if holder:
            person = bureau.person(holder, at)
            devices.device_act(device_id=pk, act="issued", person_id=person, by=keeper, at=began)
    for kind, name, place, capacity, equipment in _ROOMS:
        rooms.room_register(
            kind=kind, name=name, place=place, capacity=capacity, equipment=equipment, by=keeper, at=began
        )
    for act, title, text in _PHRASES:
        guides.guide_publish(
            kind="phrase",
            act=act,
            title=title,
            text=text,
            publisher="示范省司法厅",
            published_on=date(2024, 3, 1),
            by=keeper,
            at=began,
        )
    film = made_film(0)
    if film is not None:
        stored = files.put_bytes(film, name="现场检查示范视频.mp4", media_type="video/mp4", at=began)
        guides.guide_publish(
            kind="video",
            act="on_site_inspection",
            title="现场检查音像记录示范",
            text="从表明身份、说明事由到签字确认，完整演示语音说明六项内容。",
            file_id=stored.id,
            publisher="示范省司法厅",
            published_on=date(2024, 3, 1),
            by=keeper,
            at=began,
        )


def sittings(after: datetime) -> Iterator[datetime]:
    """When a room may be booked for two hours: mornings and afternoons of working days, at least an hour on."""
    day = clock.local_date(after)
    while True:
        if deadlines.is_working_day(day):
            for hour in (9, 15):
                if (starts := clock.at_local(day, hour)) >= after + timedelta(hours=1):
                    yield starts
        day += timedelta(days=1)


def today(bureau: Bureau, at: datetime) -> None:
    """The present day: devices checked this morning, one broken, rooms booked, a recording still to come."""
    keeper, officer = bureau.actor("keeper", at), bureau.actor("officer1", at)
    morning = min(at, clock.at_local(clock.local_date(at), 8, 20))
    for index, name in enumerate(("officer1", "officer2", "officer3")):
        for held in devices.held_by(bureau.person(name, at)):
            if held.checked_at is None or held.checked_at < morning - timedelta(hours=12):
                devices.device_act(
                    device_id=held.id,
                    act="checked",
                    battery=(96, 88, 24)[index],
                    storage=(71, 64, 55)[index],
                    offset_s=(2, -1, 410)[index],
                    by=bureau.actor(name, at),
                    at=morning,
                )
    spare = next((d for d in devices.devices(bureau.body_id) if d.asset_number == "SF-SXJ-001"), None)
    if spare is not None and spare.state == "stored":
        devices.device_act(device_id=spare.id, act="faulted", note="镜头不能对焦，已送修", by=keeper, at=at)
    open_ids = list(
        dossiers.dossiers_for(officer)
        .filter(closed_at=None, members__person_id=officer.person_id or 0, members__until=None)
        .order_by("-opened_at")
        .values_list("pk", flat=True)[:3]
    )
    register = rooms.rooms(bureau.body_id)
    for index, (dossier_id, starts) in enumerate(zip(open_ids, sittings(at), strict=False)):
        try:
            with transaction.atomic():
                rooms.room_book(
                    room_id=register[index % len(register)].id,
                    dossier_id=dossier_id,
                    purpose=("询问当事人", "询问证人", "举行听证")[index],
                    starts_at=starts,
                    ends_at=starts + timedelta(hours=2),
                    by=officer,
                    at=at,
                )
        except MingzhiError:
            continue
    if open_ids and not recording.due(at=at, dossier_id=open_ids[0]):
        recording.expect(
            dossier_id=open_ids[0],
            act="on_site_inspection",
            began_at=at - timedelta(hours=3),
            ended_at=at - timedelta(hours=2),
            by=officer,
            at=at,
        )

"""The register of devices: who holds what, checked before use, how many are needed."""

from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.ledger.models import Entry
from mingzhi.organisations import api as organisations
from mingzhi.organisations.models import CardKey
from mingzhi.recording.api import devices, terminals
from mingzhi.recording.errors import DeviceBusy, DeviceKnown, DeviceNotFound
from mingzhi.recording.models_equipment import DeviceEvent

GOOD = {"battery": 90, "storage": 80, "offset_s": 0}


@pytest.fixture
def camera(scene, at):
    return devices.device_register(
        kind="body_camera",
        asset_number="JLY-07",
        model_name="示例 X1",
        serial="SN0001",
        by=scene.keeper,
        at=at - timedelta(days=3),
    )


@pytest.fixture
def act(scene, camera, at):
    def do(what, by=None, when=at, **facts):
        return devices.device_act(device_id=camera, act=what, by=by or scene.keeper, at=when, **facts)

    return do


@pytest.fixture
def issued(act, scene, at):
    return act("issued", person_id=scene.officer.person_id, when=at - timedelta(days=2))


pytestmark = pytest.mark.django_db(databases="__all__")


def test_an_asset_number_is_one_device(camera, scene, at):
    with pytest.raises(DeviceKnown):
        devices.device_register(kind="phone", asset_number=" JLY-07 ", by=scene.keeper, at=at)
    with pytest.raises(Invalid) as refused:
        devices.device_register(kind="spoon", asset_number="", unit_id=999_999, by=scene.keeper, at=at)
    assert set(refused.value.fields) == {"kind", "asset_number", "unit"}


def test_only_keepers_register_and_issue(camera, scene, act, at):
    with pytest.raises(NotAllowed):
        devices.device_register(kind="phone", asset_number="P-1", by=scene.officer, at=at)
    with pytest.raises(NotAllowed):
        act("issued", by=scene.officer, person_id=scene.officer.person_id)


def test_who_does_not_hold_a_device_neither_checks_it_nor_puts_it_out_of_service(issued, act, scene):
    for what, facts in (("checked", GOOD), ("faulted", {"note": "屏幕碎裂"})):
        with pytest.raises(NotAllowed):
            act(what, by=scene.officer2, **facts)
        assert act(what, by=scene.officer, **facts)


def test_who_comes_second_is_told_who_has_it(issued, act, scene):
    with pytest.raises(DeviceBusy) as refused:
        act("issued", person_id=scene.officer2.person_id)
    assert scene.officer.name in refused.value.sentence
    (held,) = devices.held_by(scene.officer.person_id)
    assert held.asset_number == "JLY-07" and held.state_label == "领用中"
    act("returned")
    assert devices.held_by(scene.officer.person_id) == []
    act("issued", person_id=scene.officer2.person_id)


def test_a_phone_that_another_officer_logs_in_on_shows_the_former_s_certificate_no_more(scene, at):
    key = "ab12cd34ef"

    def enrol(by, code=""):
        return terminals.terminal_enrol(key=key, phone_at=at, battery=90, storage=80, code=code, by=by, at=at)

    code, _until = terminals.terminal_allow(by=scene.keeper, at=at)
    assert enrol(scene.officer, code).holder_id == scene.officer.person_id
    for device in (key, "another-phone"):
        organisations.card_keys.card_key_give(device=device, by=scene.officer, at=at)
    assert enrol(scene.officer2).holder_id == scene.officer2.person_id
    live = CardKey.objects.filter(person_id=scene.officer.person_id, ended_at=None)
    assert [k.device for k in live] == ["another-phone"]


def test_another_agency_has_no_such_device(camera, scene, act):
    with pytest.raises(DeviceNotFound):
        act("checked", by=scene.other, **GOOD)
    with pytest.raises(DeviceNotFound):
        devices.device(scene.other.body_id, camera)


@pytest.mark.parametrize(
    ("battery", "storage", "offset", "passed"),
    [
        (30, 20, 300, True),
        (29, 20, 0, False),
        (30, 19, 0, False),
        (30, 20, 301, False),
        (30, 20, -301, False),
    ],
)
def test_a_check_passes_on_the_line_and_not_below(act, issued, scene, battery, storage, offset, passed):
    event = act("checked", by=scene.officer, battery=battery, storage=storage, offset_s=offset)
    assert DeviceEvent.objects.get(pk=event).passed is passed


def test_a_check_tells_all_its_figures(act, scene):
    with pytest.raises(Invalid) as refused:
        act("checked", by=scene.officer, battery=101)
    assert set(refused.value.fields) == {"battery", "storage", "offset"}
    with pytest.raises(Invalid):
        act("faulted", note="")


def test_a_broken_device_is_neither_issued_nor_checked_until_it_is_repaired(act, issued, scene, camera):
    act("faulted", by=scene.officer, note="不能开机")
    for what in ("issued", "checked", "returned"):
        with pytest.raises(DeviceBusy):
            act(what, person_id=scene.officer.person_id)
    act("repaired")
    act("retired", note="使用年限届满")
    with pytest.raises(DeviceBusy):
        act("repaired")
    assert devices.device(scene.body.id, camera).acts == ()


def test_the_row_is_what_its_events_tell(act, issued, camera, scene):
    act("checked", by=scene.officer, **GOOD)
    act("returned")
    act("issued", person_id=scene.officer2.person_id)
    view = devices.device(scene.body.id, camera)
    assert devices.folded(camera) == (view.state, view.holder_id) == ("issued", scene.officer2.person_id)


def test_every_event_is_in_the_ledger_and_stays(act, issued, camera):
    from mingzhi.ledger import kinds

    entries = Entry.objects.filter(kind="recording:device:event")
    assert entries.count() == 2
    kind = kinds.current("recording:device:event")
    for entry in entries:
        assert kind.payload_of(entry.subject)["asset_number"] == "JLY-07"
    with pytest.raises(IntegrityError), transaction.atomic():
        DeviceEvent.objects.update(note="x")


# --- what a deposit says of its device ---------------------------------------------------------


def test_a_device_checked_and_in_the_right_hands_is_not_remarked(act, issued, scene, deposit, at):
    act("checked", by=scene.officer, when=at - timedelta(hours=2), **GOOD)
    assert deposit().remarks == ()


def test_a_device_of_no_register_is_remarked(deposit):
    assert any("不在本机关设备台账" in r for r in deposit(device="自带手机").remarks)


def test_a_device_in_other_hands_or_unchecked_is_remarked(act, scene, deposit, at):
    act("issued", person_id=scene.officer2.person_id, when=at - timedelta(days=2))
    told = " ".join(deposit().remarks)
    assert f"当时由{scene.officer2.name}领用" in told and "没有检查登记" in told


def test_the_holder_is_the_one_of_that_moment_not_of_today(act, issued, scene, deposit, at):
    act("checked", by=scene.officer, when=at - timedelta(hours=2), **GOOD)
    act("returned", when=at - timedelta(minutes=1))
    act("issued", person_id=scene.officer2.person_id, when=at)
    assert deposit().remarks == ()


def test_the_clock_error_found_at_the_check_is_applied(act, issued, scene, exhibit, photo, at):
    act("checked", by=scene.officer, when=at - timedelta(hours=2), battery=90, storage=80, offset_s=3600)
    view = exhibit(file_id=photo("2026:09:14 10:00:00"), captured_at=None, ended_at=None)
    assert view.captured_at == at - timedelta(minutes=30) and view.device_clock_offset_s == 3600
    assert any("已按设备时钟误差校正" in r for r in view.remarks)


# --- how many ------------------------------------------------------------------------------------


def test_the_need_follows_the_larger_of_people_and_work_and_rounds_up():
    found = devices.need(
        officers=11,
        officers_per_device=2,
        hours_per_month=100,
        device_hours_per_month=40,
        reserve_percent=10,
        have=4,
    )
    assert (found.by_officers, found.by_hours, found.needed, found.short) == (6, 3, 7, 3)
    with pytest.raises(Invalid):
        devices.need(
            officers=1,
            officers_per_device=0,
            hours_per_month=1,
            device_hours_per_month=1,
            reserve_percent=0,
            have=0,
        )


@given(
    st.integers(0, 500),
    st.integers(1, 9),
    st.integers(0, 5000),
    st.integers(1, 200),
    st.integers(0, 100),
    st.integers(0, 99),
)
def test_the_need_never_falls_when_there_is_more_to_do(officers, per, hours, each, reserve, have):
    facts = {
        "officers_per_device": per,
        "device_hours_per_month": each,
        "reserve_percent": reserve,
        "have": have,
    }
    base = devices.need(officers=officers, hours_per_month=hours, **facts)
    more = devices.need(officers=officers + 1, hours_per_month=hours + 1, **facts)
    assert more.needed >= base.needed >= max(base.by_officers, base.by_hours)
    assert base.short == max(0, base.needed - have)

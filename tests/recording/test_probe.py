"""What a file says of itself: read in a child process, believed in nothing, told when it contradicts."""

import io
import json
import subprocess
import sys
from datetime import timedelta

import pytest
from PIL import Image

from mingzhi.files import api as files
from mingzhi.ledger.models import Entry
from mingzhi.outbox.models import OutboxMessage
from mingzhi.recording import api as recording
from mingzhi.recording import probe as probe_module
from mingzhi.recording.models import Probe
from mingzhi.recording.probe import look, probe_run
from tests.recording.films import film, sound

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def probed(deposit, at):
    """Deposits bytes under a name and looks into them; the record as it is then seen."""

    def do(data, name="a.mp4", media_type="video/mp4", **changes):
        stored = files.put_bytes(data, name=name, media_type=media_type, at=at)
        view = deposit(file_id=stored.id, **changes)
        probe_run(view.id, at=at)
        return recording.record(view.id)

    return do


def test_a_film_tells_its_length_codec_size_and_time(probed, at):
    began = at - timedelta(seconds=3)
    view = probed(film(seconds=2, created=began), captured_at=began, ended_at=at - timedelta(seconds=1))
    probe = view.probe
    assert (probe.outcome, probe.video_codec, probe.width, probe.height) == ("read", "h264", 64, 48)
    assert 1900 <= probe.duration_ms <= 2100 and probe.found_at == began
    assert probe.remarks == () and view.told == view.remarks
    thumb = files.ref(probe.thumb_id)
    with Image.open(files.path(thumb.id)) as picture:
        assert picture.size == (64, 48)
        red, _green, _blue = picture.convert("RGB").getpixel((32, 24))
    assert abs(red - 200) < 40, "the frame itself, not a blank"
    entry = Entry.objects.get(kind="recording:record:probed")
    from mingzhi.ledger import kinds

    assert kinds.current(entry.kind).payload_of(entry.subject)["thumb"] == thumb.sha256


def test_webm_is_read_too(probed):
    view = probed(film(seconds=1, container="webm"), name="a.webm", media_type="video/webm")
    assert view.probe.outcome == "read" and view.probe.video_codec == "vp8" and view.probe.thumb_id


def test_a_sound_has_a_waveform_that_swells(probed):
    view = probed(sound(seconds=2), name="询问.wav", media_type="audio/wav")
    assert view.probe.thumb_id is None and view.probe.duration_ms == 2000
    with Image.open(files.path(view.probe.wave_id)) as wave:
        assert wave.size == (800, 96)

        def ink(x):
            return sum(wave.getpixel((x, y)) < 128 for y in range(96))

        assert ink(40) < ink(400) < ink(780)


def test_a_picture_is_made_small_without_its_metadata(probed, exhibit, photo, at):
    view = exhibit(file_id=photo("2026:09:14 09:00:00"))
    probe_run(view.id, at=at)
    probe = recording.record(view.id).probe
    assert (probe.width, probe.height) == (8, 8)
    with Image.open(files.path(probe.thumb_id)) as small:
        assert not small.getexif()


def test_a_time_in_the_file_far_from_the_stated_one_is_remarked(probed, at):
    view = probed(film(created=at - timedelta(days=3)))
    assert any("与填写的记录时间不一致" in r for r in view.told)


def test_a_time_in_the_file_after_the_deposit_is_remarked(probed, at):
    view = probed(film(created=at + timedelta(hours=2)))
    assert any("晚于入库时的服务器时间" in r for r in view.told)


def test_the_clock_error_noted_at_the_check_sets_the_files_time_right(probed, at):
    began = at - timedelta(minutes=40)
    view = probed(
        film(seconds=3, created=began + timedelta(hours=1)),
        captured_at=began,
        ended_at=began + timedelta(seconds=3),
        device_clock_offset_s=3600,
    )
    assert view.probe.remarks == () and any("快约 60 分钟" in r for r in view.remarks)


def test_a_device_that_writes_chinas_clock_as_if_it_were_utc_is_understood(probed, at):
    began = at - timedelta(minutes=12)
    film_of = film(seconds=2, created=began + timedelta(hours=8))
    view = probed(film_of, captured_at=began, ended_at=began + timedelta(seconds=2))
    assert view.probe.remarks == ()


@pytest.mark.parametrize(("minutes", "told"), [(2, False), (3, True)])
def test_a_length_that_differs_by_more_than_two_minutes_is_remarked(probed, at, minutes, told):
    end = at - timedelta(minutes=10)
    view = probed(film(seconds=1), captured_at=end - timedelta(minutes=minutes), ended_at=end)
    assert any("请核对是否完整" in r for r in view.told) is told


def test_the_deposit_hands_the_look_to_the_worker_once(deposit, at, video):
    view = deposit()
    (message,) = OutboxMessage.objects.filter(kind="recording.probe")
    assert message.payload["record"] == view.id
    paper = files.put_bytes(b"%PDF-1.7\n%%EOF\n", name="a.pdf", media_type="application/pdf", at=at)
    deposit(
        kind="evidence", act="", evidence_kind="document", source="document", statement=(), file_id=paper.id
    )
    assert OutboxMessage.objects.filter(kind="recording.probe").count() == 1


def test_looking_twice_is_looking_once(probed, at):
    view = probed(film())
    probe_run(view.id, at=at)
    assert Probe.objects.count() == 1


# --- hostile files -------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "data",
    [
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2\0\0\0\x08moov",
        b"\0\0\0\x18ftypisom\0\0\2\0isomiso2" + b"\xff" * 5000,
        film()[: len(film()) // 2],
    ],
    ids=["empty", "noise", "cut"],
)
def test_what_cannot_be_read_is_a_finding_and_no_failure(probed, data):
    view = probed(data)
    assert view.probe.outcome in {"failed", "partial"} and view.told
    assert view.probe.remarks


def test_a_playlist_in_a_films_clothes_reads_no_other_file(tmp_path):
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    list_file = tmp_path / "a.mp4"
    list_file.write_text(f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\nfile://{secret}\n#EXT-X-ENDLIST\n")
    assert look(list_file, "video/mp4", tmp_path)["outcome"] == "failed"


def test_a_picture_bomb_is_not_unpacked(tmp_path):
    bomb = io.BytesIO()
    Image.new("1", (9_000, 9_000)).save(bomb, "PNG")
    path = tmp_path / "bomb.png"
    path.write_bytes(bomb.getvalue())
    found = look(path, "image/png", tmp_path)
    assert (
        found["outcome"] == "partial"
        and found["problems"] == ["pixels"]
        and not (tmp_path / "thumb.jpg").exists()
    )


def test_a_child_that_hangs_is_killed_and_the_worker_goes_on(probed, monkeypatch):
    monkeypatch.setattr(probe_module, "PATIENCE", 0.01)
    view = probed(film())
    assert view.probe.outcome == "failed" and view.probe.duration_ms is None


@pytest.mark.parametrize("said", ["", "no json", '{"outcome": "splendid"}', "[1]"])
def test_a_child_that_talks_nonsense_is_not_believed(probed, monkeypatch, said):
    done = subprocess.CompletedProcess([], 0, stdout=said.encode())
    monkeypatch.setattr(probe_module.subprocess, "run", lambda *a, **k: done)
    assert probed(film()).probe.outcome == "failed"


def test_figures_out_of_bounds_are_cut_or_dropped(probed, monkeypatch):
    mad = {
        "outcome": "read",
        "container": "x" * 5000,
        "duration_ms": -5,
        "width": 2**40,
        "height": True,
        "created": "1904-01-01T00:00:00Z",
    }
    done = subprocess.CompletedProcess([], 0, stdout=json.dumps(mad).encode())
    monkeypatch.setattr(probe_module.subprocess, "run", lambda *a, **k: done)
    probe = probed(film()).probe
    assert len(probe.container) == 60
    assert (probe.duration_ms, probe.width, probe.height, probe.found_at) == (None, None, None, None)


def test_the_child_bounds_itself_before_it_opens_anything():
    code = (
        "import resource, sys; sys.path.insert(0, sys.argv[1]); import probing; probing.limit();"
        "print(*(resource.getrlimit(r)[0] for r in (resource.RLIMIT_AS, resource.RLIMIT_CPU, resource.RLIMIT_FSIZE)))"
    )
    folder = str(probe_module.Path(probe_module.__file__).parent)
    done = subprocess.run([sys.executable, "-c", code, folder], capture_output=True, text=True, check=True)
    assert done.stdout.split() == [str(1 << 30), "25", str(2 << 20)]

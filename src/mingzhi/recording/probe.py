"""Has a child process look into a deposited file, and keeps what it found (``models.Probe``).

Crash story. The deposit enqueues the job in its own transaction. The job holds no transaction while the
child works; pictures are stored before the row that names them, so a crash leaves strays, never a row
without bytes. A job that runs twice finds the row and stops; of two at once the second hits the unique
record and stops.
"""

from __future__ import annotations

import json
import re
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import MappingProxyType
from typing import Any

from django.db import IntegrityError, transaction

from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError
from mingzhi.outbox import api as outbox
from mingzhi.recording.choices import ProbeOutcome
from mingzhi.recording.events import PROBED
from mingzhi.recording.models import Probe, Record

JOB = "recording.probe"
#: Seconds on the wall after which the child is killed.
PATIENCE = 40
CLOCK_TOLERANCE = timedelta(minutes=5)
CHINA_AHEAD = timedelta(hours=8)
#: How far the stated length and the file's own may differ: a quarter, and never less than this.
LENGTH_TOLERANCE = timedelta(minutes=2)
#: Cameras whose clock lost its battery write the epoch of their format; that is no time.
EARLIEST = datetime(2000, 1, 1, tzinfo=UTC)

#: Media type found by content → the one demuxer it may be opened with.
FORMATS: Mapping[str, str] = MappingProxyType(
    {
        "audio/aac": "aac",
        "audio/amr": "amr",
        "audio/flac": "flac",
        "audio/mp4": "mov",
        "audio/mpeg": "mp3",
        "audio/ogg": "ogg",
        "audio/wav": "wav",
        "image/bmp": "picture",
        "image/gif": "picture",
        "image/jpeg": "picture",
        "image/png": "picture",
        "image/tiff": "picture",
        "image/webp": "picture",
        "video/mp4": "mov",
        "video/mpeg": "mpeg",
        "video/quicktime": "mov",
        "video/webm": "matroska",
        "video/x-flv": "flv",
        "video/x-ms-wmv": "asf",
        "video/x-msvideo": "avi",
    }
)
_PROBLEMS = MappingProxyType(
    {
        "frame": "视频画面未能解码，请核对能否正常播放",
        "picture": "图片未能解码，请核对能否正常打开",
        "pixels": "画面尺寸过大，未生成缩略图",
        "sound": "声音未能解码，请核对能否正常播放",
        "wave": "声音较长，波形图只显示前一部分",
    }
)


def probe_later(record_id: int, media_type: str, *, at: datetime) -> None:
    """Enqueue the look into a deposited file, in the deposit's transaction; nothing for other files."""
    if media_type in FORMATS:
        outbox.enqueue(JOB, {"record": record_id}, at=at, key=f"record:{record_id}")


def probe_run(record_id: int, *, at: datetime) -> None:
    """Look into the file of a record and keep the finding; a record looked into is left alone."""
    if Probe.objects.filter(record_id=record_id).exists():
        return
    record = Record.objects.select_related("file").get(pk=record_id)
    same = (
        Probe.objects.filter(record__sha256=record.sha256)
        .exclude(outcome=ProbeOutcome.FAILED)
        .select_related("record")
        .order_by("pk")
        .first()
    )
    if same is not None and _whole(same):
        facts = _known(record, same)
    else:
        with tempfile.TemporaryDirectory(prefix="mingzhi-probe-") as folder:
            found = look(files.path(record.file_id), record.file.media_type, Path(folder))
            facts = {
                **_finding(record, found),
                "thumb_id": _made(Path(folder) / "thumb.jpg", f"缩略图-{record_id}.jpg", "image/jpeg", at),
                "wave_id": _made(Path(folder) / "wave.png", f"波形-{record_id}.png", "image/png", at),
            }
    try:
        with transaction.atomic():
            row = Probe.objects.create(record_id=record_id, at=at, **facts)
            PROBED.kept(row, at=at)
    except IntegrityError:
        # Another worker was faster with the same finding; anything else is still missing its row.
        if not Probe.objects.filter(record_id=record_id).exists():
            raise


_OF_THE_FILE = (
    "outcome",
    "container",
    "duration_ms",
    "video_codec",
    "audio_codec",
    "width",
    "height",
    "found_at",
    "thumb_id",
    "wave_id",
)


def _whole(same: Probe) -> bool:
    """Whether the small pictures of an earlier look are still there; they go with a destroyed dossier."""
    try:
        for file_id in (same.thumb_id, same.wave_id):
            if file_id is not None:
                files.path(file_id)
    except MingzhiError:
        return False
    return True


def _known(record: Record, same: Probe) -> dict[str, Any]:
    """The same bytes were looked into before: what they say stands; what was stated is compared anew."""
    compared = odd(same.record, same.found_at, same.duration_ms)
    about_bytes = [remark for remark in same.remarks if remark not in compared]
    facts = {name: getattr(same, name) for name in _OF_THE_FILE}
    return {**facts, "remarks": [*about_bytes, *odd(record, same.found_at, same.duration_ms)]}


def look(path: Path, media_type: str, out: Path) -> dict[str, Any]:
    """What the child says of the file; ``outcome: failed`` when it died, hung or said nothing sensible."""
    command = [
        sys.executable,
        "-I",
        str(Path(__file__).with_name("probing.py")),
        str(path),
        FORMATS[media_type],
        str(out),
    ]
    try:
        done = subprocess.run(  # noqa: S603 — our own program; the file's name is a hash
            command, capture_output=True, timeout=PATIENCE, check=False, env={}, cwd=out
        )
        found = json.loads(done.stdout) if done.returncode == 0 else None
    except (subprocess.TimeoutExpired, ValueError):
        found = None
    if not isinstance(found, dict) or found.get("outcome") not in ProbeOutcome.values:
        return {"outcome": ProbeOutcome.FAILED.value, "problems": []}
    return found


def _made(path: Path, name: str, media_type: str, at: datetime) -> int | None:
    if not path.is_file() or path.stat().st_size == 0:
        return None
    return files.put_bytes(path.read_bytes(), name=name, media_type=media_type, at=at).id


def _finding(record: Record, found: Mapping[str, Any]) -> dict[str, Any]:
    """The child's words as columns, each cut to size, and what a person should look at."""
    created = _moment(str(found.get("created", "")))
    duration = _number(found.get("duration_ms"))
    return {
        "outcome": found["outcome"],
        "container": str(found.get("container", ""))[:60],
        "duration_ms": duration,
        "video_codec": str(found.get("video_codec", ""))[:40],
        "audio_codec": str(found.get("audio_codec", ""))[:40],
        "width": _number(found.get("width"), 2**31 - 1),
        "height": _number(found.get("height"), 2**31 - 1),
        "found_at": created,
        "remarks": [*_problems(found), *odd(record, created, duration)],
    }


def _problems(found: Mapping[str, Any]) -> list[str]:
    if found["outcome"] == ProbeOutcome.FAILED:
        return ["文件内容未能识别，请核对原文件能否正常播放；入库的文件保持原样"]
    return [_PROBLEMS[p] for p in found.get("problems", ()) if p in _PROBLEMS]


def odd(record: Record, found_at: datetime | None, duration_ms: int | None) -> list[str]:
    """Where the file contradicts what was stated: its own time (set right by the device's clock error), its
    length, and the moment the server took it in. Pictures' times were compared at the deposit."""
    noted = []
    if found_at is not None:
        # Recorders write the beginning or the end, and many write China's clock where the format wants UTC.
        early, late = record.captured_at - CLOCK_TOLERANCE, record.ended_at + CLOCK_TOLERANCE
        true = found_at - timedelta(seconds=record.device_clock_offset_s)
        if not early <= true <= late and early <= true - CHINA_AHEAD <= late:
            true -= CHINA_AHEAD
        if not early <= true <= late:
            noted.append(f"文件内记载的时间为 {_shown(found_at)}，与填写的记录时间不一致，请核对")
        if true > record.deposited_at + CLOCK_TOLERANCE:
            noted.append(f"文件内记载的时间 {_shown(found_at)} 晚于入库时的服务器时间，请核对设备时钟")
    if duration_ms is not None and record.ended_at > record.captured_at:
        stated = record.ended_at - record.captured_at
        own = timedelta(milliseconds=duration_ms)
        if abs(stated - own) > max(stated / 4, LENGTH_TOLERANCE):
            noted.append(f"文件时长 {_length(own)}，填写的起止时间相隔 {_length(stated)}，请核对是否完整")
    return noted


def _moment(text: str) -> datetime | None:
    """ISO time of a container, which is UTC by its standard; ``None`` for none, nonsense or a dead clock."""
    if not re.match(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d", text):
        return None
    try:
        found = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    found = found if found.tzinfo is not None else found.replace(tzinfo=UTC)
    return found if found >= EARLIEST and found.year < 2100 else None


def _number(value: Any, most: int = 2**62) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= most else None


def _shown(moment: datetime) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M")


def _length(span: timedelta) -> str:
    minutes, seconds = divmod(int(span.total_seconds()), 60)
    hours, minutes = divmod(minutes, 60)
    parts = [(hours, "小时"), (minutes, "分"), (seconds, "秒")]
    return " ".join(f"{n} {unit}" for n, unit in parts if n) or "不足 1 秒"

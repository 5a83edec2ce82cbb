"""Demonstration videos (R085) and words to say while recording (R078), by act of the recording list."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

from django.db import transaction

from mingzhi.files import api as files
from mingzhi.files.data import FileRef
from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.recording.choices import GuideKind
from mingzhi.recording.errors import GuideNotFound
from mingzhi.recording.events import GUIDE, GUIDE_WITHDRAWN
from mingzhi.recording.models_equipment import Guide


@dataclass(frozen=True, slots=True)
class GuideView:
    id: int
    kind: str
    kind_label: str
    act: str
    title: str
    text: str
    file_id: int | None
    publisher: str
    published_on: date
    withdrawn_at: datetime | None


@transaction.atomic
def guide_publish(
    *,
    kind: str,
    title: str,
    act: str = "",
    text: str = "",
    file_id: int | None = None,
    publisher: str,
    published_on: date,
    by: Actor,
    at: datetime,
) -> int:
    """Put a video or a wording into the body's library. ``publisher`` is who issued it (the province's
    wording is used as it is: S2 附件2 第16项)."""
    organisations.require(by, Permission.DEVICE_MANAGE, body_id=by.body_id)
    problems = Problems()
    if kind not in GuideKind.values:
        problems.add("kind", "请选择类别：示范视频或者用语指引")
    if len(title.strip()) < 2:
        problems.add("title", "请填写名称")
    if not publisher.strip():
        problems.add("publisher", "请填写发布单位")
    if published_on > clock.local_date(at):
        problems.add("published_on", "发布日期晚于今天，请核对")
    if kind == GuideKind.PHRASE and len(text.strip()) < 5:
        problems.add("text", "请填写用语内容")
    if kind == GuideKind.VIDEO:
        _check_video(problems, file_id)
    problems.raise_if_any()
    row = Guide.objects.create(
        body_id=by.body_id,
        kind=kind,
        act=act[:60],
        title=title.strip()[:120],
        text=text.strip(),
        file_id=file_id if kind == GuideKind.VIDEO else None,
        publisher=publisher.strip()[:80],
        published_on=published_on,
        by=by.label,
        at=at,
    )
    GUIDE.kept(row, at=at)
    return row.pk


def _check_video(problems: Problems, file_id: int | None) -> None:
    try:
        stored = files.ref(file_id or 0)
    except NotFound:
        problems.add("file", "请选择要上传的视频")
        return
    if not stored.media_type.startswith("video/") or not stored.inline:
        problems.add(
            "file",
            f"文件“{stored.name}”是{files.type_label(stored.media_type)}，不能在网页中播放；请上传 MP4 或者 WebM 视频",
        )


@transaction.atomic
def guide_withdraw(*, guide_id: int, by: Actor, at: datetime) -> None:
    """Take it out of use; what was said by it stays known. Twice is once."""
    organisations.require(by, Permission.DEVICE_MANAGE, body_id=by.body_id)
    row = Guide.objects.select_for_update().filter(pk=guide_id, body_id=by.body_id).first()
    if row is None:
        raise GuideNotFound()
    if row.withdrawn_at is not None:
        return
    row.withdrawn_at = at
    row.save(update_fields=["withdrawn_at"])
    GUIDE_WITHDRAWN.kept(row, at=at)


def guides(
    body_id: int, *, kind: str = "", act: str | None = None, withdrawn: bool = False
) -> list[GuideView]:
    """The library in use, latest first; with ``act`` what is for it or for every act."""
    rows = Guide.objects.filter(body_id=body_id)
    if kind:
        rows = rows.filter(kind=kind)
    if act is not None:
        rows = rows.filter(act__in=("", act))
    if not withdrawn:
        rows = rows.filter(withdrawn_at=None)
    return [
        GuideView(
            id=r.pk,
            kind=r.kind,
            kind_label=GuideKind(r.kind).label,
            act=r.act,
            title=r.title,
            text=r.text,
            file_id=r.file_id,
            publisher=r.publisher,
            published_on=r.published_on,
            withdrawn_at=r.withdrawn_at,
        )
        for r in rows.order_by("-published_on", "-pk")[:300]
    ]


def guide_video(body_id: int, guide_id: int) -> FileRef:
    """The file of a video of this body's library."""
    row = Guide.objects.filter(pk=guide_id, body_id=body_id, kind=GuideKind.VIDEO).first()
    if row is None or row.file_id is None:
        raise GuideNotFound()
    return files.ref(row.file_id)

"""Looking at a record in the page: the purpose first, then the player, notes pinned to moments, bytes by range.

A purpose opens one record for one session for ``GRANTED``; the look is in the second log before the first
byte leaves. Seeking within that time asks for ranges of the same look and is no look of its own.
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.recording import api as recording
from mingzhi.recording.choices import Element
from mingzhi.recording.data import RecordView
from mingzhi.web.desk import media
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, reading
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, number, shown

GRANTED = timedelta(hours=2)
_POSITION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:\.(\d{1,3}))?|(\d{1,6})(?:\.(\d{1,3}))?")


def _record(request: HttpRequest, dossier_id: int, record_id: int) -> tuple[Dossier, RecordView]:
    """The record on this dossier, for who may see the dossier."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    view = recording.record(record_id)
    if view.dossier_id != dossier.pk:
        raise NotFound()
    return dossier, view


def _granted(request: HttpRequest, record_id: int) -> bool:
    until = request.session.get("looks", {}).get(str(record_id))
    return isinstance(until, str) and datetime.fromisoformat(until) > at_of(request)


@forms
def watch(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponse:
    """The purpose (POST), then the record in the page."""
    dossier, view = _record(request, dossier_id, record_id)
    here = reverse("desk:watch", args=[dossier.pk, view.id])
    if request.method != "POST":
        return _page(request, dossier, view)
    at = at_of(request)
    recording.open_for(
        by=by_of(request),
        record_id=view.id,
        purpose=given(request, "purpose", 200),
        at=at,
        address=request.META.get("REMOTE_ADDR", ""),
    )
    live = {
        pk: until
        for pk, until in request.session.get("looks", {}).items()
        if datetime.fromisoformat(until) > at
    }
    request.session["looks"] = {**live, str(view.id): (at + GRANTED).isoformat()}
    return HttpResponseRedirect(here)


def _page(
    request: HttpRequest, dossier: Dossier, view: RecordView, refused: Refused | None = None
) -> HttpResponse:
    open_ = _granted(request, view.id)
    kind = view.file.media_type.partition("/")[0]
    viewer = kind if kind in {"video", "audio", "image"} else "pdf"
    if not view.file.inline or (viewer == "pdf" and view.file.media_type != "application/pdf"):
        viewer = ""
    probe = view.probe
    return shown(
        request,
        "desk/recordings/watch.html",
        {
            "dossier": dossier,
            "r": view,
            "open": open_,
            "viewer": viewer,
            "notes": recording.notes.notes(view.id) if open_ else [],
            "length_s": (probe.duration_ms or 0) / 1000 if probe is not None else 0,
            "facts": _facts(dossier, view),
            "back": f"{case_url(dossier.pk, 'evidence')}#record-{view.id}",
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (view.title, ""),
            ],
        },
        refused,
    )


def _facts(dossier: Dossier, view: RecordView) -> list[tuple[str, str]]:
    """What is known of the record, line by line."""
    probe = view.probe
    rule = catalogue.recording_rule(
        body=organisations.body(dossier.body_id), act=view.act, on=clock.local_date(view.ended_at)
    )
    said = "、".join(e.label for e in Element if e.value in view.statement)
    lines = [
        (_("类别"), view.evidence_kind_label or view.kind_label),
        (_("执法环节"), (rule.label or rule.act) if view.act else ""),
        (_("记录时间"), f"{_shown(view.captured_at)} 至 {_shown(view.ended_at)}"),
        (_("记录人"), view.operator_name),
        (_("设备"), view.device),
        (_("设备时钟误差"), _offset(view.device_clock_offset_s)),
        (_("场所"), view.room),
        (_("地点"), view.place),
        (_("是否全程"), _("全程不间断") if view.full else ""),
        (_("中断说明"), view.interruption),
        (_("语音说明"), said),
        (_("证明内容"), view.purpose),
        (_("备注"), view.note),
        (_("入库时间"), _shown(view.deposited_at)),
        (_("逾期原因"), view.late_reason),
    ]
    if probe is not None:
        lines += [
            (_("文件时长"), _length(probe.duration_ms)),
            (
                _("封装和编码"),
                "，".join(t for t in (probe.container, probe.video_codec, probe.audio_codec) if t),
            ),
            (_("画面"), f"{probe.width} × {probe.height}" if probe.width and probe.height else ""),
            (_("文件内记载的时间"), _shown(probe.found_at) if probe.found_at else ""),
        ]
    return [(label, value) for label, value in lines if value]


def _shown(moment: datetime) -> str:
    return clock.local(moment).strftime("%Y-%m-%d %H:%M:%S")


def _offset(seconds: int) -> str:
    if not seconds:
        return ""
    return (_("快 %(n)s 秒") if seconds > 0 else _("慢 %(n)s 秒")) % {"n": abs(seconds)}


def _length(milliseconds: int | None) -> str:
    if milliseconds is None:
        return ""
    seconds = round(milliseconds / 1000)
    return f"{seconds // 3600}:{seconds // 60 % 60:02d}:{seconds % 60:02d}"


def position_ms(text: str) -> int:
    """``2:05``, ``1:02:03.5`` or seconds as milliseconds; ``Invalid`` for anything else."""
    match = _POSITION.fullmatch(text.strip())
    if match is None:
        raise Invalid(fields={"position": [_("时点应为 2:05 或者 1:02:03 这样的格式")]})
    hours, minutes, seconds, part, plain, plain_part = match.groups()
    total = int(plain) if plain else int(hours or 0) * 3600 + int(minutes) * 60 + int(seconds)
    return total * 1000 + int((part or plain_part or "0").ljust(3, "0"))


@require_POST
def note(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponse:
    """Pin a note to a moment of a record that is open."""
    dossier, view = _record(request, dossier_id, record_id)
    if not _granted(request, view.id):
        raise NotAllowed(_("请先填写调阅用途，打开记录后再标注"))
    refused = attempted(
        request,
        lambda: recording.notes.note_add(
            record_id=view.id,
            position_ms=position_ms(given(request, "position", 20)),
            text=given(request, "text", 500),
            by=by_of(request),
            at=at_of(request),
        ),
        _("已标注"),
    )
    return answered(
        request,
        refused,
        f"{reverse('desk:watch', args=[dossier.pk, view.id])}#notes",
        lambda r: _page(request, dossier, view, r),
    )


@reading
def content(request: HttpRequest, dossier_id: int, record_id: int) -> HttpResponseBase:
    """The record's bytes for the player, while its look is open."""
    _dossier, view = _record(request, dossier_id, record_id)
    if not _granted(request, view.id) or not view.file.inline:
        raise NotAllowed(_("请先填写调阅用途，打开记录后再播放"))
    return media.ranged(request, view.file)


@reading
def picture(request: HttpRequest, dossier_id: int, record_id: int, which: str) -> HttpResponseBase:
    """The small picture or the waveform made from a record: for the handling unit, and while a look is open."""
    dossier, view = _record(request, dossier_id, record_id)
    if by_of(request).unit_id != dossier.unit_id and not _granted(request, view.id):
        raise NotFound()
    probe = view.probe
    made = None if probe is None else probe.thumb_id if which == "thumb" else probe.wave_id
    if made is None:
        raise NotFound()
    return media.ranged(request, files.ref(made), kept=True)


# --- the script card -----------------------------------------------------------------------------


@reading
def card(request: HttpRequest, dossier_id: int, act: str) -> HttpResponse:
    """What to say at the beginning of a recording of ``act``, from the matter's own data; to be printed."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    body = organisations.body(dossier.body_id)
    chosen = [number(text) for text in request.GET.getlist("officer")]
    handlers = dossiers.members(dossier.pk, ("lead", "assist"))
    wanted = [m.person_id for m in handlers if not any(chosen) or m.person_id in chosen]
    on = clock.local_date(at)
    officers = tuple(
        (state.name, state.number)
        for state in (organisations.certificate(pk, on, dossier.field) for pk in wanted)
    )
    made = recording.script.card(
        body=body,
        act=act[:60],
        moment=at,
        place=given(request, "place", 100) or _place(dossier),
        officers=officers,
        cause=dossier.title,
    )
    if not any(rule.act == act for rule in catalogue.recording_list(body=body, on=on)):
        raise NotFound()
    return shown(
        request,
        "desk/recordings/card.html",
        {
            "dossier": dossier,
            "card": made,
            "asked_place": given(request, "place", 100) or _place(dossier),
            "may_expect": dossier.closed_at is None and dossier.body_id == by.body_id,
            "trail": [
                (_("案件"), reverse("desk:cases")),
                (dossier.number, case_url(dossier.pk, "evidence")),
                (_("语音说明提示卡"), ""),
            ],
        },
    )


def _place(dossier: Dossier) -> str:
    """Where the matter takes place, as the latest step that names a place says."""
    from mingzhi.procedures import api as procedures

    for step in reversed(procedures.steps(dossier)):
        place = step.facts.get("place")
        if isinstance(place, str) and place.strip():
            return place.strip()
    return ""

"""The player with notes pinned to moments, the small pictures of records, and the card that is read aloud."""

from __future__ import annotations

import re
from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.catalogue import api as catalogue
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.recording import api as recording
from mingzhi.recording.choices import Element
from mingzhi.recording.data import RecordView
from mingzhi.web.desk.common import at_of, by_of, case_url, reading
from mingzhi.web.desk.custody import record_here
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, number, shown
from mingzhi.web.serving import file_response

_POSITION = re.compile(r"(?:(\d{1,3}):)?(\d{1,3}):(\d{1,2})(?:\.(\d{1,3}))?|(\d{1,6})(?:\.(\d{1,3}))?")


@reading
def play(request: HttpRequest, dossier_id: int, record_id: int, key: str) -> HttpResponse:
    """The player for a sitting that was opened for a stated purpose."""
    dossier, view = record_here(request, dossier_id, record_id)
    recording.custody.sitting_of(by=by_of(request), key=key, record_id=view.id, at=at_of(request))
    return _page(request, dossier, view, key)


def _page(
    request: HttpRequest, dossier: Dossier, view: RecordView, key: str, refused: Refused | None = None
) -> HttpResponse:
    probe = view.probe
    return shown(
        request,
        "desk/recordings/play.html",
        {
            "dossier": dossier,
            "r": view,
            "key": key,
            "source": reverse("desk:record_bytes", args=[dossier.pk, view.id, key]),
            "moving": view.file.media_type.startswith("video/"),
            "playable": view.file.inline,
            "notes": recording.notes.notes(view.id),
            "length_s": (probe.duration_ms or 0) / 1000 if probe is not None else 0,
            "facts": _facts(dossier, view),
            "actor_name": by_of(request).name,
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
        (_("记录时间"), f"{_shown(view.captured_at)} — {_shown(view.ended_at)}"),
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
def note(request: HttpRequest, dossier_id: int, record_id: int, key: str) -> HttpResponse:
    """Pin a note to a moment of a record while sitting before it."""
    dossier, view = record_here(request, dossier_id, record_id)
    recording.custody.sitting_of(by=by_of(request), key=key, record_id=view.id, at=at_of(request))
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
        f"{reverse('desk:record_play', args=[dossier.pk, view.id, key])}#notes",
        lambda r: _page(request, dossier, view, key, r),
    )


@reading
def picture(request: HttpRequest, dossier_id: int, record_id: int, which: str) -> HttpResponseBase:
    """The small picture or the waveform made from a record, for who may look into it without asking."""
    dossier, view = record_here(request, dossier_id, record_id)
    if recording.access.standing(by_of(request), dossier, at_of(request), view.id) is None:
        raise NotFound()
    probe = view.probe
    made = None if probe is None else probe.thumb_id if which == "thumb" else probe.wave_id
    if made is None:
        raise NotFound()
    return file_response(request, files.ref(made))


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

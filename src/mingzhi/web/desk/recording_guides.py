"""用语指引和示范视频: what to say while recording, and how it is done well."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.organisations.permissions import Permission
from mingzhi.recording import api as recording
from mingzhi.recording.choices import GuideKind
from mingzhi.web.desk.common import at_of, by_of, forms, reading
from mingzhi.web.desk.recordings import act_labels, enter, sections
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    today,
)
from mingzhi.web.handed import files_of
from mingzhi.web.serving import file_response

guides = recording.guides


@forms
def page(request: HttpRequest) -> HttpResponse:
    """The library; keepers add to it and take out of use."""
    enter(by_of(request))
    if request.method != "POST":
        return _page(request)
    old = number(given(request, "withdraw", 12))
    if old is not None:
        refused = attempted(
            request,
            lambda: guides.guide_withdraw(guide_id=old, by=by_of(request), at=at_of(request)),
            _("已停用"),
        )
    else:
        refused = attempted(request, lambda: _publish(request), _("已发布"))
    return answered(request, refused, reverse("desk:guides"), lambda r: _page(request, r))


def _publish(request: HttpRequest) -> None:
    stored = files_of(request, "file")
    guides.guide_publish(
        kind=given(request, "kind", 8),
        title=given(request, "title", 120),
        act=given(request, "act", 60),
        text=given(request, "text", 4000),
        file_id=stored[0].id if stored else None,
        publisher=given(request, "publisher", 80),
        published_on=day_or_none(given(request, "published_on", 10)) or today(request),
        by=by_of(request),
        at=at_of(request),
    )


def _page(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    labels = act_labels(by.body_id, today(request))
    act = request.GET.get("act", "")[:60]
    rows = guides.guides(by.body_id, act=act or None)
    return shown(
        request,
        "desk/recordings/guides.html",
        {
            "sections": sections(by, "guides"),
            "videos": [(g, labels.get(g.act, "")) for g in rows if g.kind == GuideKind.VIDEO],
            "phrases": [(g, labels.get(g.act, "")) for g in rows if g.kind == GuideKind.PHRASE],
            "acts": list(labels.items()),
            "act": act,
            "kinds": GuideKind.choices,
            "may_manage": by.may(Permission.DEVICE_MANAGE),
            "trail": [(_("音像记录"), reverse("desk:recordings")), (_("用语与示范"), "")],
        },
        refused,
    )


@reading
def video(request: HttpRequest, guide_id: int) -> HttpResponseBase:
    """A demonstration video's bytes: for everybody of the body; it shows no case."""
    by = by_of(request)
    enter(by)
    return file_response(request, guides.guide_video(by.body_id, guide_id))

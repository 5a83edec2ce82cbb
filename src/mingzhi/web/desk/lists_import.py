"""Importing a spreadsheet into a draft: a dry run that names every bad cell, then the import itself.

The file is kept between the two; what is imported is read and checked once more, whole. A large one is read
by the worker, on a page of its own that tells how far it is (``web.importing``).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, BinaryIO, cast

from django.core import signing
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mingzhi.catalogue.api import public_lists
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web import importing, listing
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.lists import seen, trail
from mingzhi.web.desk.registers_common import LARGEST, Refused, answered, attempted, given, shown, submitted
from mingzhi.web.models import ImportState, ListImport

_SALT = "mingzhi.lists.import"
_KEPT = 3600
_STATES = {
    ImportState.CHECKING: gettext_lazy("正在检查"),
    ImportState.CHECKED: gettext_lazy("可以导入"),
    ImportState.REFUSED: gettext_lazy("须改正"),
    ImportState.PUTTING: gettext_lazy("正在导入"),
    ImportState.DONE: gettext_lazy("已导入"),
    ImportState.CANCELLED: gettext_lazy("已取消"),
    ImportState.FAILED: gettext_lazy("未能导入"),
}


@forms
def page(request: HttpRequest, version_id: int) -> HttpResponse:
    by = by_of(request)
    organisations.require(by, P.CATALOGUE_MANAGE)
    found = seen(by, version_id)
    if request.method != "POST":
        return _page(request, found)
    outcome: dict[str, Any] = {}
    if given(request, "act", 8) == "import":
        refused = attempted(request, lambda: outcome.update(_import(request, found)), _("已导入"))
        to = reverse("desk:list_version", args=[version_id])
        return answered(request, refused, to, lambda r: _page(request, found, r))
    try:
        if (upload := request.FILES.get("file")) is not None and (upload.size or 0) > importing.AT_ONCE:
            return _handed_over(request, found, upload)
        outcome = _check(request, found)
    except Invalid as error:
        return _page(request, found, Refused(error))
    return _page(request, found, outcome=outcome)


def _handed_over(request: HttpRequest, found: Any, upload: UploadedFile[Any]) -> HttpResponse:
    row = importing.import_ask(
        version_id=found.pk,
        file=cast(BinaryIO, upload.file),
        name=(upload.name or "")[-120:],
        by=by_of(request),
        at=at_of(request),
    )
    return HttpResponseRedirect(_url(row))


@forms
def large(request: HttpRequest, version_id: int, import_id: int) -> HttpResponse:
    """A large file: how far it is, what is wrong with it, and what may be done now. The page asks again by itself."""
    by, at = by_of(request), at_of(request)
    row = importing.import_of(by, import_id) if import_id < LARGEST else None
    if row is None or row.version_id != version_id:
        raise NotFound
    who: dict[str, Any] = {"import_id": row.pk, "by": by, "at": at}
    acts = {
        "import": (lambda: importing.import_put(**who), _("已交后台导入")),
        "again": (lambda: importing.import_again(**who), _("已重新开始")),
        "cancel": (lambda: importing.import_cancel(**who), _("已取消，草稿内容没有变化")),
    }
    if request.method == "POST":
        return submitted(
            request, acts, _url(row), lambda r: _large(request, importing.import_of(by, row.pk), r)
        )
    if request.headers.get("HX-Request"):
        line = _line(row, at)
        if line["going"] and not line["interrupted"]:
            return render(request, "desk/lists/_large.html", line)
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # other buttons: the page anew
    return _large(request, row)


def _large(request: HttpRequest, row: ListImport, refused: Refused | None = None) -> HttpResponse:
    found = seen(by_of(request), row.version_id)
    context = {
        **_line(row, at_of(request)),
        "found": found,
        "import_page": reverse("desk:list_import", args=[found.pk]),
        "trail": trail(
            (found.list.title, reverse("desk:list_version", args=[found.pk])),
            (_("导入"), reverse("desk:list_import", args=[found.pk])),
            (_("进度"), ""),
        ),
    }
    return shown(request, "desk/lists/large.html", context, refused)


def _line(row: ListImport, at: datetime) -> dict[str, Any]:
    going = row.state in importing.GOING
    return {
        "row": row,
        "state": _STATES[ImportState(row.state)],
        "url": _url(row),
        "going": going,
        "interrupted": importing.interrupted(row, at),
        "cancellable": going or row.state == "checked",
        "back": reverse("desk:list_version", args=[row.version_id]),
    }


def _url(row: ListImport) -> str:
    return reverse("desk:list_import_large", args=[row.version_id, row.pk])


def _check(request: HttpRequest, found: Any) -> dict[str, Any]:
    upload = request.FILES.get("file")
    if upload is None or not upload.size or upload.file is None:
        raise Invalid(fields={"file": [_("请选择要导入的文件（.xlsx 或者 .csv）")]})
    name = (upload.name or "")[-120:]
    checked = public_lists.sheet_check(
        version_id=found.pk, file=cast(BinaryIO, upload.file), name=name, by=by_of(request)
    )
    token = ""
    if checked.fits:
        upload.seek(0)
        ref = files.put(upload, name=name, media_type=upload.content_type or "", at=at_of(request))
        token = signing.dumps([ref.id, name, found.pk, by_of(request).label], salt=_SALT)
    return {"checked": checked, "token": token, "file_name": name}


def _import(request: HttpRequest, found: Any) -> dict[str, Any]:
    try:
        file_id, name, version_id, label = signing.loads(
            request.POST.get("token", ""), salt=_SALT, max_age=_KEPT
        )
    except signing.BadSignature:
        raise Invalid(_("试导入已过期"), remedy=_("请重新选择文件试导入")) from None
    if (version_id, label) != (found.pk, by_of(request).label):
        raise NotAllowed
    with files.open_file(file_id) as file:
        checked = public_lists.sheet_import(
            version_id=found.pk,
            seen=given(request, "seen", 64),
            file=file,
            name=name,
            by=by_of(request),
            at=at_of(request),
        )
    return {"checked": checked}


def _page(
    request: HttpRequest, found: Any, refused: Refused | None = None, outcome: dict[str, Any] | None = None
) -> HttpResponse:
    own = public_lists.list_schema(found.list.kind)
    context = {
        "found": found,
        "columns": [{"label": c.label, "shown": listing.word(c), "column": c} for c in own.shown],
        "kind": own.kind.value,
        "back": reverse("desk:list_version", args=[found.pk]),
        "imports": [_line(row, at_of(request)) for row in importing.imports_of(by_of(request), found.pk)],
        "trail": trail((found.list.title, reverse("desk:list_version", args=[found.pk])), (_("导入"), "")),
        **(outcome or {}),
    }
    return shown(request, "desk/lists/import.html", context, refused)

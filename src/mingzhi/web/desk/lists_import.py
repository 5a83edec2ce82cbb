"""Importing a spreadsheet into a draft: a dry run that names every bad cell, then the import itself.

The file is kept between the two; what is imported is read and checked once more, whole, in one transaction.
"""

from __future__ import annotations

from typing import Any, BinaryIO, cast

from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.catalogue.api import public_lists
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web import listing
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.lists import seen, trail
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, shown

_SALT = "mingzhi.lists.import"
_KEPT = 3600


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
        outcome = _check(request, found)
    except Invalid as error:
        return _page(request, found, Refused(error))
    return _page(request, found, outcome=outcome)


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
        "trail": trail((found.list.title, reverse("desk:list_version", args=[found.pk])), (_("导入"), "")),
        **(outcome or {}),
    }
    return shown(request, "desk/lists/import.html", context, refused)

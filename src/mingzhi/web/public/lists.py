"""清单公示: the published lists of an agency, one list with its rows, differences, history and receipt."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mingzhi.catalogue.api import public_lists
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.web import listing
from mingzhi.web.public.common import given, plain, throttle, today

MOST = 2**31
FILES = 20
"""Files of long lists that one address may take in ten minutes."""


def published(agency_id: int, request: HttpRequest) -> list[dict[str, Any]]:
    """The lists in force as the hub shows them; flow charts have a page of their own."""
    return [
        {
            "version": v,
            "name": listing.word(public_lists.list_schema(v.list.kind)),
            "url": f"/lists/published/{v.list_id}/",
        }
        for v in public_lists.in_force_of(agency_id, today(request))
    ]


def _version(request: HttpRequest, list_id: int, wanted: str) -> tuple[Any, list[Any]]:
    """The version asked for, else the one in force, else the newest."""
    if list_id >= MOST:
        raise NotFound
    history = public_lists.public_history(list_id)
    on = today(request)
    if wanted:
        found = next((v for v in history if str(v.number) == wanted), None)
        if found is None:
            raise NotFound(_("没有这一版本"), remedy=_("请在历次版本中选择"))
        return found, history
    current = next(
        (v for v in history if v.valid_from <= on and (v.valid_to is None or v.valid_to > on)), None
    )
    return current or history[0], history


@require_safe
def one(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: the version in force (or the one asked for), a search within, downloads, history, receipt."""
    found, history = _version(request, list_id, given(request, "version", 9))
    on = today(request)
    own = public_lists.list_schema(found.list.kind)
    start = given(request, "start", 9)
    before = public_lists.before(found) if found.count <= listing.LARGE else None
    compare = given(request, "compare", 1) == "1" and before is not None
    entry_id = public_lists.published_entry(found)
    context: dict[str, Any] = {
        "found": found,
        "own": own,
        "name": listing.word(own),
        "history": [{"version": v, "withdrawn": public_lists.withdrawn_reason(v)} for v in history],
        "in_force": found.valid_from <= on and (found.valid_to is None or found.valid_to > on),
        "coming": found.valid_from > on,
        "withdrawn": public_lists.withdrawn_reason(found) if found.state == "withdrawn" else "",
        "before": before,
        "compare": compare,
        "receipt": entry_id is not None and ledger.receipt(entry_id) is not None,
        "files": f"/lists/published/{found.list_id}/{found.number}",
        "base": f"?version={found.number}",
    }
    place = int(start) if start.isascii() and start.isdigit() else 0
    if compare:
        context["here"] = f"?version={found.number}&compare=1"
        context["told"] = listing.differences(before, found, place)
    else:
        context |= listing.rows_shown(found, given(request, "q", 60), place, coded=False)
    return render(request, "public/list.html", context)


@require_safe
def download(request: HttpRequest, list_id: int, number: int, form: str) -> HttpResponseBase:
    """A published version as a table file. A long list is work for whoever serves it: not without end."""
    found, _history = _version(request, list_id, str(number))
    if found.count > listing.LARGE:
        throttle(request, "list-file", limit=FILES, minutes=10)
    return listing.file_response(found, form)


@require_safe
def receipt(request: HttpRequest, list_id: int, number: int) -> HttpResponse:
    """The ledger's receipt of the publication."""
    found, _history = _version(request, list_id, str(number))
    entry_id = public_lists.published_entry(found)
    text = ledger.receipt(entry_id) if entry_id is not None else None
    if text is None:
        raise NotFound(_("存证凭证正在生成"), remedy=_("请稍后再下载"))
    return plain(text, f"list-{list_id}-{number}.tlog-proof")

"""The open feed for machines (JSON to follow and verify, Atom to read) and the page that explains it."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import get_conditional_response
from django.utils.http import http_date, quote_etag
from django.views.decorators.http import require_safe

from mingzhi.kernel import canonical
from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.publication.data import FeedEntry, FeedPage
from mingzhi.web.public.common import given

_ATOM = "http://www.w3.org/2005/Atom"
_DELETED = "http://purl.org/atompub/tombstones/1.0"
SETTLED = timedelta(seconds=2)
"""Moments in HTTP are whole seconds: a page changed within these is told by its mark alone."""


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = given(request, name, 20)
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 19 else default


def _known(request: HttpRequest) -> str:
    """The mark the reader holds, if it is one of ours."""
    return request.headers.get("If-None-Match", "").removeprefix("W/").strip('"')[:64]


def _conditional(request: HttpRequest, page: FeedPage, kind: str, body: bytes | None) -> HttpResponse:
    """The page, or 304 when the reader has it. Caches ask each time: a withdrawn text must not linger."""
    # Weak: the proofs of an unchanged page may be against a newer checkpoint.
    etag = f"W/{quote_etag(page.mark)}"
    settled = page.modified is not None and request.at - page.modified > SETTLED  # type: ignore[attr-defined]
    modified = int(page.modified.timestamp()) if page.modified and settled else None
    answer = HttpResponse(body or b"", content_type=kind)
    if body is None:
        answer = HttpResponse(status=304)
    else:
        found = get_conditional_response(request, etag=etag, last_modified=modified, response=answer)
        answer = found if isinstance(found, HttpResponse) else answer
    answer["ETag"] = etag
    if modified is not None:
        answer["Last-Modified"] = http_date(modified)
    answer["Cache-Control"] = "no-cache"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def about(request: HttpRequest) -> HttpResponse:
    """What the feed is, for people: addresses, how to follow, how to verify."""
    return render(
        request,
        "public/feed.html",
        {"base": settings.PUBLIC_URL, "keys": ledger.verifier_keys(), "head": publication.feed.head()},
    )


@require_safe
def events(request: HttpRequest) -> HttpResponse:
    """Events behind ``?after=``, oldest first, ``?limit=`` at most 200."""
    after, limit = max(_number(request, "after", -1), -1), _number(request, "limit", 50)
    page = publication.feed.page(after, limit=limit, known=_known(request))
    if page.mark == _known(request):
        return _conditional(request, page, "application/json", None)
    body = canonical.encode(
        {
            "format": "mingzhi-feed/1",
            "source": settings.PUBLIC_URL,
            "after": page.after,
            "next": page.next,
            "head": page.head,
            "more": page.more,
            "events": [
                {**{name: getattr(e, name) for name in e.__slots__}, "url": f"/decisions/{e.disclosure}/"}
                for e in page.entries
            ],
        }
    )
    return _conditional(request, page, "application/json; charset=utf-8", body)


@require_safe
def inventory(request: HttpRequest) -> HttpResponse:
    """How every disclosed decision stands, by id, 500 at a time: for comparing a copy."""
    rows = publication.feed.inventory(max(_number(request, "after", 0), 0))
    answer = HttpResponse(
        canonical.encode({"decisions": rows}), content_type="application/json; charset=utf-8"
    )
    answer["Cache-Control"] = "no-cache"
    answer["Access-Control-Allow-Origin"] = "*"
    return answer


@require_safe
def atom(request: HttpRequest) -> HttpResponse:
    """The newest events as Atom (RFC 4287), older pages by ``rel="next"`` (RFC 5005), withdrawals also as
    deleted entries (RFC 6721) so that readers drop what they hold."""
    before = _number(request, "before", -1)
    page = publication.feed.newest(before if before >= 0 else None, limit=50, known=_known(request))
    kind = "application/atom+xml; charset=utf-8"
    if page.mark == _known(request):
        return _conditional(request, page, kind, None)
    return _conditional(request, page, kind, _atom(page, before))


def _atom(page: FeedPage, before: int) -> bytes:
    ET.register_namespace("", _ATOM)
    ET.register_namespace("at", _DELETED)
    base = settings.PUBLIC_URL
    feed = ET.Element(f"{{{_ATOM}}}feed")
    _put(feed, "id", f"{base}/feed/atom.xml")
    _put(feed, "title", "行政执法决定公示")
    _put(feed, "updated", _moment(page.modified) if page.modified else "1970-01-01T00:00:00Z")
    here = f"{base}/feed/atom.xml" + (f"?before={before}" if before >= 0 else "")
    _put(feed, "link", rel="self", href=here)
    _put(feed, "link", rel="alternate", type="text/html", href=f"{base}/decisions/")
    if page.more:
        _put(feed, "link", rel="next", href=f"{base}/feed/atom.xml?before={page.next}")
    for entry in page.entries:
        _entry(feed, entry, base)
    text: bytes = ET.tostring(feed, encoding="utf-8")
    return b'<?xml version="1.0" encoding="utf-8"?>\n' + text


def _entry(feed: ET.Element, entry: FeedEntry, base: str) -> None:
    page = f"{base}/decisions/{entry.disclosure}/"
    if entry.event in {"withdrawn", "expired"}:
        gone = ET.SubElement(feed, f"{{{_DELETED}}}deleted-entry", ref=page, when=_moment(entry.at))
        ET.SubElement(gone, f"{{{_DELETED}}}comment").text = _text(f"{entry.label}：{entry.reason}")
    part = ET.SubElement(feed, f"{{{_ATOM}}}entry")
    title = str((entry.content or {}).get("title", ""))
    _put(part, "id", f"{page}#{entry.position}" if entry.content is None else page)
    _put(part, "title", f"{entry.label}：{entry.number}" + (f" {title}" if title else ""))
    _put(part, "updated", _moment(entry.at))
    author = ET.SubElement(part, f"{{{_ATOM}}}author")
    _put(author, "name", entry.agency)
    _put(part, "link", rel="alternate", type="text/html", href=page)
    _put(part, "link", rel="related", type="text/plain", href=f"{page}bundle")
    _put(part, "category", term=entry.event, label=entry.label)
    _put(part, "summary", str((entry.content or {}).get("summary") or entry.reason or entry.label))


def _put(parent: ET.Element, name: str, text: str = "", **attributes: str) -> None:
    element = ET.SubElement(parent, f"{{{_ATOM}}}{name}", attributes)
    if text:
        element.text = _text(text)


def _text(text: str) -> str:
    """``text`` without what XML cannot hold."""
    return "".join(c for c in text if c in "\n\t" or (c.isprintable() and c not in "\ufffe\uffff"))


def _moment(at: Any) -> str:
    return str(canonical.plain(at))

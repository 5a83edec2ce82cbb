"""For machines that look for what is public: site map, robots.txt, the description of our search.

A site map part is made when it is asked for, from what is on show at that moment: what is withdrawn or has
ended is in none from the same transaction on.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from mingzhi.kernel import clock
from mingzhi.kernel.errors import NotFound
from mingzhi.publication import api as publication

NAMESPACE = "http://www.sitemaps.org/schemas/sitemap/0.9"
PAGES = (
    "/",
    "/decisions/",
    "/lists/",
    "/reports/",
    "/procedures/",
    "/officers/",
    "/complaints/",
    "/verify/",
    "/feed/",
)
#: The index names parts and when they last changed; asked for by robots only, it may be this old.
INDEX_SECONDS = 600


def _xml(text: str, media_type: str = "application/xml") -> HttpResponse:
    response = HttpResponse('<?xml version="1.0" encoding="UTF-8"?>\n' + text)
    response["Content-Type"] = f"{media_type}; charset=utf-8"
    return response


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """The parts of the site map, each with the day and time of its latest change."""
    parts: list[tuple[int, str]] | None = cache.get("public.sitemap")
    if parts is None:
        parts = [
            (number, clock.local(at).isoformat(timespec="seconds"))
            for number, at in publication.finding.public_parts()
        ]
        cache.set("public.sitemap", parts, INDEX_SECONDS)
    base = escape(settings.PUBLIC_URL)
    lines = [f"<sitemap><loc>{base}/sitemap/pages.xml</loc></sitemap>"]
    lines += [
        f"<sitemap><loc>{base}/sitemap/decisions-{number}.xml</loc><lastmod>{at}</lastmod></sitemap>"
        for number, at in parts
    ]
    return _xml(f'<sitemapindex xmlns="{NAMESPACE}">\n' + "\n".join(lines) + "\n</sitemapindex>\n")


@require_safe
def pages(request: HttpRequest) -> HttpResponse:
    base = escape(settings.PUBLIC_URL)
    lines = [f"<url><loc>{base}{path}</loc></url>" for path in PAGES]
    return _xml(f'<urlset xmlns="{NAMESPACE}">\n' + "\n".join(lines) + "\n</urlset>\n")


@require_safe
def part(request: HttpRequest, number: int) -> HttpResponse:
    """The decisions of one part that are on show now."""
    base = escape(settings.PUBLIC_URL)
    lines = [
        f"<url><loc>{base}/decisions/{pk}/</loc><lastmod>{clock.local(at).isoformat(timespec='seconds')}</lastmod></url>"
        for pk, at in publication.finding.public_shown(number)
    ]
    if not lines:
        raise NotFound(_("没有这一部分网站地图"), remedy=_("请从 /sitemap.xml 重新读取"))
    return _xml(f'<urlset xmlns="{NAMESPACE}">\n' + "\n".join(lines) + "\n</urlset>\n")


@require_safe
def robots(request: HttpRequest) -> HttpResponse:
    """Decisions may be read by robots; what people send in and result pages without end need not be."""
    closed = ("/desk/", "/field/", "/api/", "/login/", "/progress/", "/decisions/*?", "/decisions.json")
    lines = [
        "User-agent: *",
        *(f"Disallow: {path}" for path in closed),
        "",
        f"Sitemap: {settings.PUBLIC_URL}/sitemap.xml",
    ]
    return HttpResponse("\n".join(lines) + "\n", content_type="text/plain; charset=utf-8")


@require_safe
def opensearch(request: HttpRequest) -> HttpResponse:
    """How a browser or another site asks our search (OpenSearch 1.1)."""
    base = escape(settings.PUBLIC_URL)
    name = escape(_("执法决定公示"))
    return _xml(
        '<OpenSearchDescription xmlns="http://a9.com/-/spec/opensearch/1.1/">'
        f"<ShortName>{name}</ShortName><Description>{escape(_('查询已公示的执法决定'))}</Description>"
        "<InputEncoding>UTF-8</InputEncoding>"
        f'<Url type="text/html" template="{base}/decisions/?q={{searchTerms}}"/>'
        f'<Url type="application/json" template="{base}/decisions.json?q={{searchTerms}}"/>'
        "</OpenSearchDescription>\n",
        "application/opensearchdescription+xml",
    )

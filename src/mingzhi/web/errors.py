"""The one place where errors become pages, fragments or JSON."""

from __future__ import annotations

import sys
from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template import loader
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import MingzhiError
from mingzhi.web.away import DatabaseAway, away


def wants_json(request: HttpRequest) -> bool:
    """Machines get JSON: the API, uploads, and whoever accepts JSON but not HTML."""
    if request.path.startswith(("/api/", "/uploads/")):
        return True
    accept = request.headers.get("Accept", "")
    return "application/json" in accept and "text/html" not in accept


def told(request: HttpRequest, error: MingzhiError) -> HttpResponse:
    """``error`` as the asker can read it, with its own status."""
    if isinstance(error, DatabaseAway):
        return _away(request, error)
    if wants_json(request):
        return _json(error)
    return _page(
        request,
        error.status,
        {
            "title": error.sentence,
            "remedy": error.remedy,
            "reasons": error.reasons,
            "fields": error.fields,
            "code": error.code,
        },
    )


def _json(error: MingzhiError) -> JsonResponse:
    return JsonResponse(
        {
            "code": error.code,
            "message": error.sentence,
            "remedy": error.remedy,
            "reasons": [
                {
                    "code": r.code,
                    "sentence": r.sentence,
                    "citation": r.citation,
                    "remedy": r.remedy,
                    "link": r.link,
                }
                for r in error.reasons
            ],
            "fields": error.fields,
        },
        status=error.status,
        json_dumps_params={"ensure_ascii": False},
    )


def _away(request: HttpRequest, error: DatabaseAway) -> HttpResponse:
    """503 with the time to come back. The page asks the database for nothing: no rail, no person."""
    if wants_json(request):
        response: HttpResponse = _json(error)
    else:
        told = {"title": error.sentence, "remedy": error.remedy}
        fragment = _is_fragment(request)
        name = "errors/fragment.html" if fragment else "errors/away.html"
        response = HttpResponse(loader.render_to_string(name, told), status=error.status)
        if fragment:
            _beside_the_form(response)
    response["Retry-After"] = str(error.seconds)
    response["Cache-Control"] = "no-store"
    return response


def unforeseen(request: HttpRequest, number: str) -> HttpResponse:
    """The calm page for what nobody foresaw; ``number`` is repeated in the log."""
    if wants_json(request):
        return JsonResponse(
            {
                "code": "internal",
                "message": _("系统出现意外情况，本次操作未完成"),
                "remedy": _("请将错误编号 %(n)s 告知系统管理员") % {"n": number},
            },
            status=500,
            json_dumps_params={"ensure_ascii": False},
        )
    return _page(
        request,
        500,
        {
            "title": _("系统出现意外情况，本次操作未完成"),
            "remedy": _(
                "已填写的内容保留在本机草稿中。请稍后重试；仍有问题时，将下面的错误编号告知系统管理员。"
            ),
            "number": number,
        },
    )


def _page(request: HttpRequest, status: int, context: dict[str, Any]) -> HttpResponse:
    fragment = _is_fragment(request)
    face = "desk" if getattr(request, "_private", False) else "public"
    context |= {"status": status, "face": face, "base_template": f"{face}/base.html"}
    name = "errors/fragment.html" if fragment else "errors/page.html"
    response = HttpResponse(loader.render_to_string(name, context, request), status=status)
    if fragment:
        _beside_the_form(response)
    return response


def _is_fragment(request: HttpRequest) -> bool:
    return bool(request.headers.get("HX-Request")) and not request.headers.get("HX-Boosted")


def _beside_the_form(response: HttpResponse) -> None:
    """The refused form stays as it was; the message appears in the page's message area."""
    response["HX-Retarget"] = "#messages"
    response["HX-Reswap"] = "innerHTML show:top"


def bad_request(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _simple(
        request, 400, "bad_request", _("请求内容有误，系统无法处理"), _("请返回上一页，核对后重新提交")
    )


def forbidden(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _simple(
        request, 403, "forbidden", _("您没有此项权限"), _("如工作需要，请联系安全管理员授予相应角色")
    )


def missing(request: HttpRequest, exception: Exception | None = None) -> HttpResponse:
    return _simple(request, 404, "not_found", _("没有找到这个页面"), _("请核对地址，或从首页重新进入"))


def broken(request: HttpRequest) -> HttpResponse:
    """Last resort: an error outside any view, possibly without a session or a database."""
    gone = away(sys.exception())
    if gone is not None:
        return _away(request, gone)
    return HttpResponse(loader.render_to_string("errors/bare.html"), status=500)


def csrf_failed(request: HttpRequest, reason: str = "") -> HttpResponse:
    return _simple(
        request,
        403,
        "csrf",
        _("页面停留时间过长或登录状态已变化，本次提交未生效"),
        _("请返回上一页刷新后重新提交；已填写的内容保留在本机草稿中"),
    )


def _simple(request: HttpRequest, status: int, code: str, title: str, remedy: str) -> HttpResponse:
    if wants_json(request):
        return JsonResponse(
            {"code": code, "message": title, "remedy": remedy},
            status=status,
            json_dumps_params={"ensure_ascii": False},
        )
    return _page(request, status, {"title": title, "remedy": remedy, "code": code})

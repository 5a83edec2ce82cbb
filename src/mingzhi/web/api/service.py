"""The machine face: one session, one way of refusing, the same gates as the desk."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from ninja import NinjaAPI
from ninja.errors import AuthenticationError, HttpError, ValidationError
from ninja.security import APIKeyCookie

from mingzhi.kernel.errors import Invalid, MingzhiError, NotAllowed, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.web import errors


class Person(APIKeyCookie):
    """The session of a person who logged in on the desk; writing needs the CSRF token as there."""

    param_name = "sessionid"

    def authenticate(self, request: HttpRequest, key: str | None) -> Any:
        if not request.user.is_authenticated:
            return None
        request._private = True  # type: ignore[attr-defined]
        # The desk asks for a second factor or a new password before anything else; so does the machine face.
        problems = organisations.accounts.identity_problems(request)
        if problems:
            raise NotAllowed(
                problems[0].sentence, code=problems[0].code, remedy=problems[0].remedy, status=401
            )
        return request.actor  # type: ignore[attr-defined]


api = NinjaAPI(
    title="明执 · 行政执法信息接口",
    version="1",
    description="金额单位为分；列表按游标翻页；错误均为 {code, message, remedy, reasons, fields}。",
    docs_url=None,  # its page would fetch scripts from another origin; ``urls.description`` is enough
    openapi_url=None,
    urls_namespace="api",
)

_SENTENCES = {
    "missing": "缺少此项",
    "extra_forbidden": "没有这一字段",
    "json_invalid": "不是有效的 JSON",
    "string_too_long": "内容过长",
    "string_type": "应为文字",
    "timezone_aware": "时间应带时区",
}


def told(request: HttpRequest, error: MingzhiError) -> HttpResponse:
    return errors.told(request, error)


@api.exception_handler(ValidationError)
def invalid(request: HttpRequest, error: ValidationError) -> HttpResponse:
    """Pydantic's findings as the fields of our own refusal."""
    fields: dict[str, list[str]] = {}
    for found in error.errors:
        place = ".".join(
            str(p) for p in found.get("loc", ()) if p not in ("body", "query", "path", "entered")
        )
        fields.setdefault(place or "body", []).append(
            _SENTENCES.get(str(found.get("type")), "填写的值不符合要求")
        )
    return told(request, Invalid(code="invalid", fields=fields))


@api.exception_handler(AuthenticationError)
def nobody(request: HttpRequest, error: AuthenticationError) -> HttpResponse:
    return told(request, MingzhiError("请先登录", code="not_logged_in", remedy="登录后重试", status=401))


@api.exception_handler(Http404)
def missing(request: HttpRequest, error: Http404) -> HttpResponse:
    return told(request, NotFound())


@api.exception_handler(HttpError)
def unreadable(request: HttpRequest, error: HttpError) -> HttpResponse:
    if error.status_code == 403:  # ninja's own word for a missing CSRF token
        return errors.csrf_failed(request)
    return told(
        request,
        MingzhiError(
            "请求内容有误，系统无法处理",
            code="bad_request",
            remedy="请核对 JSON 格式",
            status=error.status_code,
        ),
    )

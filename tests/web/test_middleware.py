"""The door, errors in plain words, the language, one clock per request."""

from __future__ import annotations

import logging

import pytest
from django.http import Http404, HttpRequest, HttpResponse
from django.test import Client, RequestFactory
from django.urls import path

from config import urls as house_urls
from mingzhi.kernel.errors import Invalid, NotAllowed, Reason

REASONS = (Reason("review.missing", "本案尚未通过法制审核。", "行政处罚法第五十八条", "提交法制审核"),)


def refused(request: HttpRequest) -> HttpResponse:
    raise NotAllowed(reasons=REASONS, remedy="请先提交法制审核")


def wrong(request: HttpRequest) -> HttpResponse:
    raise Invalid(fields={"amount": ["金额应为数字"]})


def broken(request: HttpRequest) -> HttpResponse:
    raise RuntimeError("a secret detail")


def missing(request: HttpRequest) -> HttpResponse:
    raise Http404


def when(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{request.at.isoformat()} {request.at is request.at}")  # type: ignore[attr-defined]


for view in (refused, wrong, broken, missing, when):
    view.login_required = False  # type: ignore[attr-defined]


def closed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


urlpatterns = [
    path("refused", refused),
    path("wrong", wrong),
    path("broken", broken),
    path("missing", missing),
    path("when", when),
    path("desk/closed", closed),
    *house_urls.urlpatterns,
]
handler404 = house_urls.handler404

pytestmark = [pytest.mark.django_db(databases="__all__"), pytest.mark.urls("tests.web.test_middleware")]
JSON = {"HTTP_ACCEPT": "application/json"}


def test_a_refusal_tells_every_reason_with_its_law_and_the_way_out(client: Client) -> None:
    page = client.get("/refused")
    text = page.content.decode()
    assert page.status_code == 403
    for part in ("您没有此项权限", "本案尚未通过法制审核", "行政处罚法第五十八条", "请先提交法制审核"):
        assert part in text


def test_machines_get_the_same_as_json(client: Client) -> None:
    answer = client.get("/refused", **JSON)
    assert answer.status_code == 403
    assert answer.json()["code"] == "not_allowed"
    assert answer.json()["reasons"][0]["citation"] == "行政处罚法第五十八条"
    wrong_answer = client.get("/wrong", **JSON)
    assert wrong_answer.status_code == 422
    assert wrong_answer.json()["fields"] == {"amount": ["金额应为数字"]}


def test_a_fragment_goes_to_the_message_area_and_the_form_stays(client: Client) -> None:
    answer = client.get("/refused", HTTP_HX_REQUEST="true")
    assert answer["HX-Retarget"] == "#messages"
    assert "<html" not in answer.content.decode() and "您没有此项权限" in answer.content.decode()


def test_what_nobody_foresaw_is_a_calm_page_with_a_number_and_no_detail(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, "mingzhi.web"):
        page = client.get("/broken")
    text = page.content.decode()
    assert page.status_code == 500
    assert "错误编号" in text and "secret detail" not in text and "Traceback" not in text
    number = text.split("<code>")[1].split("</code>")[0]
    assert number in caplog.text and "secret detail" in caplog.text


def test_a_missing_page_says_so_in_chinese(client: Client) -> None:
    assert "没有找到这个页面" in client.get("/missing").content.decode()


def test_everything_is_closed_unless_named(client: Client) -> None:
    page = client.get("/desk/closed?x=1")
    assert page.status_code == 302 and page["Location"] == "/login/?next=%2Fdesk%2Fclosed%3Fx%3D1"
    assert client.get("/desk/closed", **JSON).status_code == 401
    fragment = client.get("/desk/closed", HTTP_HX_REQUEST="true")
    assert fragment.status_code == 204 and fragment["HX-Redirect"].startswith("/login/")


def test_the_clock_is_asked_once(client: Client) -> None:
    assert client.get("/when").content.decode().endswith(" True")


def test_chinese_whatever_the_browser_prefers_english_when_chosen(client: Client) -> None:
    assert client.get("/missing", HTTP_ACCEPT_LANGUAGE="en-US,en").headers["Content-Language"] == "zh-hans"
    client.cookies["django_language"] = "en"
    assert client.get("/missing").headers["Content-Language"] == "en"
    client.cookies["django_language"] = "xx"
    assert client.get("/missing").headers["Content-Language"] == "zh-hans"


def test_headers_keep_other_origins_out(client: Client) -> None:
    headers = client.get("/missing").headers
    assert "default-src 'self'" in headers["Content-Security-Policy"]
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert "unsafe" not in headers["Content-Security-Policy"]


def test_a_form_without_its_token_is_refused_in_plain_words(settings: object) -> None:
    strict = Client(enforce_csrf_checks=True)
    page = strict.post("/language/set/", {"language": "en"})
    assert page.status_code == 403 and "本次提交未生效" in page.content.decode()


def test_request_factory_requests_have_no_actor_before_log_in(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    from mingzhi.web.middleware import AskTheClockOnce

    request = rf.get("/")
    request.user = AnonymousUser()
    AskTheClockOnce(lambda _: HttpResponse())(request)
    with pytest.raises(NotAllowed):
        bool(request.actor.label)  # type: ignore[attr-defined]

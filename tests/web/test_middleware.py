"""The door, errors in plain words, the language, one clock per request."""

from __future__ import annotations

import logging
from ipaddress import ip_network

import pytest
from django.contrib import messages
from django.contrib.messages import get_messages
from django.contrib.messages.storage import default_storage
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
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


def moved(request: HttpRequest) -> HttpResponse:
    messages.success(request, "已办理")
    return HttpResponseRedirect("/desk/cases/1/#step-3")


def caller(request: HttpRequest) -> HttpResponse:
    return HttpResponse(request.META["REMOTE_ADDR"])


for view in (refused, wrong, broken, missing, when, moved, caller):
    view.login_required = False  # type: ignore[attr-defined]


def closed(request: HttpRequest) -> HttpResponse:
    return HttpResponse("inside")


urlpatterns = [
    path("refused", refused),
    path("wrong", wrong),
    path("broken", broken),
    path("missing", missing),
    path("when", when),
    path("moved", moved),
    path("caller", caller),
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
    for part in ("您没有此项权限", "本案尚未通过法制审核", "《行政处罚法》第五十八条", "请先提交法制审核"):
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


def test_an_address_writes_no_line_of_its_own_into_the_log(settings: object) -> None:
    style = dict(settings.LOGGING["formatters"]["line"])  # type: ignore[attr-defined]
    line = style.pop("()")(style["format"], style="{")
    said = ("error %s at %s", ("1A", "/a\n2026-01-01 ERROR mingzhi 伪造\x1b[31m\r"))
    record = logging.LogRecord("mingzhi.web", logging.ERROR, "", 0, *said, None)
    assert line.format(record).endswith(r"error 1A at /a\n2026-01-01 ERROR mingzhi 伪造\x1b[31m\r")


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
    page = strict.post("/login/", {"username": "x"})
    assert page.status_code == 403 and "本次提交未生效" in page.content.decode()


def test_request_factory_requests_have_no_actor_before_log_in(rf: RequestFactory) -> None:
    from django.contrib.auth.models import AnonymousUser

    from mingzhi.web.middleware import AskTheClockOnce

    request = rf.get("/")
    request.user = AnonymousUser()
    AskTheClockOnce(lambda _: HttpResponse())(request)
    with pytest.raises(NotAllowed):
        bool(request.actor.label)  # type: ignore[attr-defined]


def test_a_form_sent_by_script_is_told_where_to_go_and_the_note_waits_for_the_reader(client: Client) -> None:
    answer = client.post("/moved", HTTP_X_UPLOAD="1")
    assert answer.status_code == 200 and answer["X-Location"] == "/desk/cases/1/#step-3"
    assert "Location" not in answer
    assert [str(m) for m in get_messages(_with_cookies(client))] == ["已办理"]


def test_a_form_sent_by_the_browser_is_redirected_as_ever(client: Client) -> None:
    answer = client.post("/moved")
    assert answer.status_code == 302 and answer["Location"] == "/desk/cases/1/#step-3"
    assert "X-Location" not in answer


def _with_cookies(client: Client) -> HttpRequest:
    request = RequestFactory().get("/")
    request.COOKIES = {name: morsel.value for name, morsel in client.cookies.items()}
    request.session = client.session
    request._messages = default_storage(request)  # type: ignore[attr-defined]
    return request


@pytest.mark.parametrize(
    ("through", "forwarded", "believed"),
    [
        ("203.0.113.7", "", "203.0.113.7"),
        ("203.0.113.7", "198.51.100.1", "203.0.113.7"),  # a stranger claims to be another
        ("127.0.0.1", "", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "198.51.100.1, 203.0.113.7", "203.0.113.7"),
        ("127.0.0.1", "203.0.113.7, 10.1.2.3", "203.0.113.7"),  # two of our proxies in a row
        ("127.0.0.1", "10.1.2.3", "10.1.2.3"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "203.0.113.7, nonsense", "127.0.0.1"),
        ("::1", "2001:db8::7", "2001:db8::7"),
        ("::ffff:127.0.0.1", "203.0.113.7", "203.0.113.7"),
        ("", "203.0.113.7", ""),
    ],
)
def test_only_our_proxies_are_believed_and_only_for_the_hop_they_saw(
    client: Client, settings, through: str, forwarded: str, believed: str
) -> None:
    settings.TRUSTED_PROXIES = [ip_network(n) for n in ("127.0.0.1", "::1", "10.1.2.0/24")]
    headers = {"HTTP_X_FORWARDED_FOR": forwarded} if forwarded else {}
    assert client.get("/caller", REMOTE_ADDR=through, **headers).content.decode() == believed

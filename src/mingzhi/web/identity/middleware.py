"""Half a log-in opens no page: who still owes a second factor or a new password is sent to give it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.http import urlencode

from mingzhi.organisations import api as organisations
from mingzhi.web import errors

#: Pages on which the missing thing is given, and the way out.
_GIVEN_HERE = frozenset(
    {"identity:login", "identity:challenge", "identity:password", "identity:enrol", "identity:logout"}
)


class FinishLogIn:
    """Behind ``CloseTheDoor``: asks ``identity_problems`` once per request of a logged-in person."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(
        self, request: HttpRequest, view: Callable[..., Any], args: Any, kwargs: Any
    ) -> HttpResponse | None:
        if not getattr(request, "_private", False) or not request.user.is_authenticated:
            return None
        problems = organisations.accounts.identity_problems(request)
        if not problems:
            return None
        here = request.resolver_match.view_name if request.resolver_match else ""
        # A second factor comes first: until it is given, not even the password may be changed.
        if here == problems[0].link or (here in _GIVEN_HERE and problems[0].code != "identity.totp"):
            return None
        if errors.wants_json(request):
            return JsonResponse(
                {"code": problems[0].code, "message": problems[0].sentence},
                status=401,
                json_dumps_params={"ensure_ascii": False},
            )
        wanted = request.get_full_path() if request.method == "GET" else ""
        url = reverse(problems[0].link)
        if wanted:
            url = f"{url}?{urlencode({'next': wanted})}"
        if request.headers.get("HX-Request"):
            return HttpResponse(status=204, headers={"HX-Redirect": url})
        return HttpResponseRedirect(url)

"""The bureau's own sign-on (OIDC): who comes back is matched with an account we already have.

Nobody is registered by signing on: ``preferred_username`` must be the log-in of an account in use, and
rights come from its roles as ever. A bound second factor is still asked for.
"""

from __future__ import annotations

from typing import Any

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.contrib.auth import login
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, gettext_noop

from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations

_BACKEND = "mingzhi.organisations.authentication.AccountBackend"
UNKNOWN = gettext_noop("统一身份认证已通过，但本系统没有与之对应的启用账号，请联系本机关安全管理员")
FAILED = gettext_noop("统一身份认证没有完成，请重新登录；仍不成功的，请使用登录名和口令，或者联系系统管理员")


class BureauSignOn(DefaultSocialAccountAdapter):  # type: ignore[misc]
    """Ends allauth's flow as soon as the identity is proven; accounts and sessions are ours."""

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        data = sociallogin.account.extra_data
        claims = data.get("userinfo") or data.get("id_token") or data
        name = str(claims.get("preferred_username", "")).strip().lower()[:60]
        account = organisations.accounts.account_by_username(name)
        self._tell(
            request, f"account:{account.pk}" if account else f"account:{name}", "ok" if account else "failed"
        )
        if account is None:
            raise ImmediateHttpResponse(_page(request, gettext(UNKNOWN)))
        login(request, account, backend=_BACKEND)
        wanted = str(sociallogin.state.get("next") or "")
        safe = url_has_allowed_host_and_scheme(wanted, allowed_hosts={request.get_host()})
        raise ImmediateHttpResponse(HttpResponseRedirect(wanted if safe else reverse("identity:login")))

    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        self._tell(request, "account:", "failed")
        raise ImmediateHttpResponse(_page(request, gettext(FAILED)))

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        return False

    @staticmethod
    def _tell(request: HttpRequest, subject: str, outcome: str) -> None:
        ledger.attempt(
            "login.oidc",
            subject,
            by=subject if outcome == "ok" else "anonymous",
            at=request.at,  # type: ignore[attr-defined]
            outcome=outcome,
            address=organisations.accounts.client_address(request),
        )


def _page(request: HttpRequest, sentence: str) -> HttpResponse:
    return render(
        request, "identity/login.html", {"refused": sentence, "oidc": True, "plain": True}, status=403
    )

"""Log-in, log-out, second factor, own password. One sentence for every refusal; nothing is enumerated."""

from __future__ import annotations

from typing import Any

import django_otp
import segno
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import Role

_doors = organisations.accounts


def _next(request: HttpRequest) -> str:
    """Where to go afterwards: only addresses of this house are believed."""
    wanted = str(request.POST.get("next") or request.GET.get("next") or "")
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else ""


def _begin(request: HttpRequest) -> str:
    """The first page of whoever just came in."""
    actor = organisations.actor_of(request.user, clock.local_date(request.at))  # type: ignore[arg-type, attr-defined]
    try:
        return reverse(_doors.first_page(actor))
    except NoReverseMatch:
        return settings.LOGIN_REDIRECT_URL


def _with_next(name: str, wanted: str) -> HttpResponseRedirect:
    url = reverse(name)
    return HttpResponseRedirect(f"{url}?{urlencode({'next': wanted})}" if wanted else url)


@never_cache
@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def log_in(request: HttpRequest) -> HttpResponse:
    """The log-in page. A right password starts a new session key (no fixation)."""
    wanted = _next(request)
    if request.method == "GET":
        if request.user.is_authenticated:
            problems = _doors.identity_problems(request)
            return (
                _with_next(problems[0].link, wanted)
                if problems
                else HttpResponseRedirect(wanted or _begin(request))
            )
        return _log_in_page(request, wanted)
    username = request.POST.get("username", "").strip()[:60]
    typed = request.POST.get("password", "")
    if not username or not typed:
        return _log_in_page(request, wanted, username=username, refused=_("请填写登录名和口令"), status=422)
    account = authenticate(request, username=username.lower(), password=typed)
    if account is None:
        return _log_in_page(request, wanted, username=username, refused=_doors.REFUSED, status=422)
    login(request, account)
    ledger.attempt(
        "login",
        f"account:{account.pk}",
        by=f"account:{account.pk}",
        at=request.at,  # type: ignore[attr-defined]
        outcome="ok",
        address=_doors.client_address(request),
    )
    problems = _doors.identity_problems(request)
    if problems:
        return _with_next(problems[0].link, wanted)
    return HttpResponseRedirect(wanted or _begin(request))


def _log_in_page(
    request: HttpRequest, wanted: str, *, username: str = "", refused: str = "", status: int = 200
) -> HttpResponse:
    return render(
        request,
        "identity/login.html",
        {
            "next": wanted,
            "username": username,
            "refused": refused,
            "failures": settings.AXES_FAILURE_LIMIT,
            "minutes": int(settings.AXES_COOLOFF_TIME.total_seconds() // 60),
            "oidc": settings.OIDC_ON,
        },
        status=status,
    )


@require_POST
def log_out(request: HttpRequest) -> HttpResponse:
    """End the session on the server, not only in the browser."""
    logout(request)
    messages.success(request, _("您已退出登录"))
    return redirect("identity:login")


@never_cache
@require_http_methods(["GET", "POST"])
def challenge(request: HttpRequest) -> HttpResponse:
    """The second factor after a right password."""
    wanted = _next(request)
    if not request.user.is_authenticated:
        return _with_next("identity:login", wanted)
    account: Any = request.user
    if _doors.totp_device(account) is None or account.is_verified():
        return HttpResponseRedirect(wanted or _begin(request))
    context: dict[str, Any] = {"next": wanted, "fields": {}}
    if request.method == "GET":
        return render(request, "identity/challenge.html", context)
    try:
        device = _doors.totp_check(
            account=account,
            code=request.POST.get("code", ""),
            at=request.at,  # type: ignore[attr-defined]
            address=_doors.client_address(request),
        )
    except Invalid as error:
        return render(request, "identity/challenge.html", {**context, "fields": error.fields}, status=422)
    django_otp.login(request, device)
    request.session.cycle_key()
    problems = _doors.identity_problems(request)
    if problems:
        return _with_next(problems[0].link, wanted)
    return HttpResponseRedirect(wanted or _begin(request))


@require_GET
def me(request: HttpRequest) -> HttpResponse:
    """The own account: roles in force, second factor, password."""
    account: Any = request.user
    actor: Any = request.actor  # type: ignore[attr-defined]
    return render(
        request,
        "identity/me.html",
        {
            "account": account,
            "labels": sorted(str(Role(r).label) for r in actor.roles),
            "has_totp": _doors.totp_device(account) is not None,
        },
    )


@never_cache
@sensitive_post_parameters("old", "password", "again")
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """Replace the own password; every other session of the account ends."""
    account: Any = request.user
    context: dict[str, Any] = {
        "first": account.password_changed_at is None,
        "fields": {},
        "next": _next(request),
    }
    if request.method == "GET":
        return render(request, "identity/password.html", context)
    new = request.POST.get("password", "")
    try:
        if new != request.POST.get("again", ""):
            raise Invalid(fields={"again": [_("两次输入的新口令不一致")]})
        _doors.password_change(
            account_id=account.pk,
            old=request.POST.get("old", ""),
            new=new,
            by=request.actor,  # type: ignore[attr-defined]
            at=request.at,  # type: ignore[attr-defined]
        )
    except Invalid as error:
        return render(request, "identity/password.html", {**context, "fields": error.fields}, status=422)
    account.refresh_from_db()
    update_session_auth_hash(request, account)
    messages.success(request, _("口令已修改，其他设备上的登录已全部退出"))
    return HttpResponseRedirect(_next(request) or reverse("identity:me"))


@never_cache
@require_http_methods(["GET", "POST"])
def enrol(request: HttpRequest) -> HttpResponse:
    """Bind an authenticator: picture, secret, first code."""
    account: Any = request.user
    device = _doors.totp_begin(account)
    context: dict[str, Any] = {
        "picture": segno.make(device.config_url, error="m").svg_data_uri(scale=5, border=2),
        "secret": _doors.totp_secret(device),
        "replaces": _doors.totp_device(account) is not None,
        "fields": {},
        "next": _next(request),
    }
    if request.method == "GET":
        return render(request, "identity/enrol.html", context)
    try:
        device = _doors.totp_confirm(
            account=account,
            code=request.POST.get("code", ""),
            by=request.actor,  # type: ignore[attr-defined]
            at=request.at,  # type: ignore[attr-defined]
        )
    except Invalid as error:
        return render(request, "identity/enrol.html", {**context, "fields": error.fields}, status=422)
    django_otp.login(request, device)
    request.session.cycle_key()
    messages.success(request, _("动态口令已绑定，下次登录时请一并输入"))
    return HttpResponseRedirect(_next(request) or reverse("identity:me"))


@never_cache
@require_GET
def oidc_start(request: HttpRequest) -> HttpResponse:
    """Off to the bureau's own sign-on (only with MINGZHI_OIDC_ISSUER)."""
    from allauth.socialaccount.adapter import get_adapter

    provider = get_adapter().get_provider(request, "bureau")
    return provider.redirect(request, process="login", next_url=_next(request) or None)  # type: ignore[no-any-return]

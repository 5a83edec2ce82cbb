"""Who may come in: passwords, lock-out, second factor. Pages are in ``web.identity``.

What is promised: an unknown name, a disabled account and a wrong password answer the same sentence in
the same time; failures are kept in the attempts log; locking counts per account *and* address, so that
nobody can lock out an officer from elsewhere.
"""

from __future__ import annotations

import base64
from datetime import datetime
from typing import Any

from axes.models import AccessAttempt
from axes.utils import reset as axes_reset
from django.conf import settings
from django.contrib.auth.backends import BaseBackend
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django_otp.plugins.otp_totp.models import TOTPDevice

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotFound, Reason
from mingzhi.kernel.identifiers import half_width
from mingzhi.ledger import api as ledger
from mingzhi.organisations.access import require
from mingzhi.organisations.data import Actor
from mingzhi.organisations.models import Account
from mingzhi.organisations.permissions import Permission

#: One sentence for every refusal, so that names cannot be probed.
REFUSED = "登录名或口令不正确，或者账号已停用"


def client_address(request: HttpRequest | None) -> str:
    """The caller's address; ``web.middleware.WhoReallyCalls`` has seen to it that it is not a proxy's."""
    return "" if request is None else str(request.META.get("REMOTE_ADDR", ""))


class AccountBackend(BaseBackend):
    """User name and password against ``Account``."""

    def authenticate(
        self, request: HttpRequest | None, username: str | None = None, password: str | None = None, **_: Any
    ) -> Account | None:
        if username is None or password is None:
            return None
        name = username.strip().lower()[:60]
        account = Account.objects.filter(username=name).select_related("person").first()
        if account is None:
            make_password(password)  # costs what checking would have cost
            _tell(request, f"account:{name}", "failed")
            return None
        right = account.check_password(password)
        if not right or not _may_enter(account):
            _tell(request, f"account:{name}", "failed")
            return None
        return account

    def get_user(self, user_id: int) -> Account | None:
        account = Account.objects.filter(pk=user_id).select_related("person").first()
        return account if account is not None and _may_enter(account) else None


def _may_enter(account: Account) -> bool:
    return account.is_active and (account.person is None or account.person.active)


def _tell(request: HttpRequest | None, subject: str, outcome: str) -> None:
    ledger.attempt(
        "login", subject, by="anonymous", at=clock.now(), outcome=outcome, address=client_address(request)
    )


def locked_out(
    request: HttpRequest, original: HttpResponse | None = None, credentials: dict[str, Any] | None = None
) -> HttpResponse:
    """What axes answers while the lock holds: a page in plain Chinese, and a line in the attempts log.

    It says the same for a name that does not exist.
    """
    name = str((credentials or {}).get("username", "")).strip().lower()[:60]
    _tell(request, f"account:{name}", "denied")
    minutes = int(settings.AXES_COOLOFF_TIME.total_seconds() // 60)
    return render(
        request,
        "identity/locked.html",
        {"failures": settings.AXES_FAILURE_LIMIT, "minutes": minutes},
        status=429,
    )


def locked_usernames(usernames: list[str], at: datetime) -> set[str]:
    """Which of these names are locked from some address at ``at``."""
    rows = AccessAttempt.objects.filter(
        username__in=usernames,
        failures_since_start__gte=settings.AXES_FAILURE_LIMIT,
        attempt_time__gt=at - settings.AXES_COOLOFF_TIME,
    )
    return set(rows.values_list("username", flat=True))


def account_unlock(*, account_id: int, by: Actor, at: datetime) -> int:
    """End the lock of an account before its time; answers how many addresses were let go."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound("未找到该账号")
    require(by, Permission.ACCOUNT_MANAGE, body_id=account.body_id)
    count = int(axes_reset(username=account.username))
    ledger.attempt(
        "login.unlock", f"account:{account.pk}", by=by.label, at=at, outcome="ok", detail={"addresses": count}
    )
    return count


# --- second factor --------------------------------------------------------------------------------


def totp_device(account: Account) -> TOTPDevice | None:
    """The account's confirmed device."""
    return TOTPDevice.objects.filter(user=account, confirmed=True).first()


def with_totp(account_ids: list[int]) -> set[int]:
    """Which of these accounts have a confirmed device."""
    rows = TOTPDevice.objects.filter(user_id__in=account_ids, confirmed=True)
    return set(rows.values_list("user_id", flat=True))


@transaction.atomic
def totp_begin(account: Account) -> TOTPDevice:
    """A device waiting for its first right code. The secret stays the same while it waits."""
    waiting = TOTPDevice.objects.filter(user=account, confirmed=False).first()
    return waiting or TOTPDevice.objects.create(user=account, name="动态口令", confirmed=False)


def totp_secret(device: TOTPDevice) -> str:
    """The secret in base 32, for applications that cannot read the picture."""
    return base64.b32encode(device.bin_key).decode("ascii").rstrip("=")


def totp_confirm(*, account: Account, code: str, by: Actor, at: datetime) -> TOTPDevice:
    """Confirm the waiting device with its first code; an older device ends."""
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=account, confirmed=False).first()
        if device is None:
            raise NotFound("请重新打开绑定页面")
        right = bool(device.verify_token(_digits(code)))
        if right:
            TOTPDevice.objects.filter(user=account, confirmed=True).delete()
            device.confirmed = True
            device.save(update_fields=["confirmed"])
    ledger.attempt(
        "totp.enrol", f"account:{account.pk}", by=by.label, at=at, outcome="ok" if right else "failed"
    )
    if not right:
        raise Invalid(fields={"code": ["动态口令不正确，请核对手机时间后输入最新的 6 位数字"]})
    return device


def totp_check(*, account: Account, code: str, at: datetime, address: str = "") -> TOTPDevice:
    """The device when ``code`` is right, fresh and not used before; ``Invalid`` otherwise.

    Wrong codes slow down: the device itself counts them and refuses for 1, 2, 4 … seconds.
    """
    with transaction.atomic():
        device = TOTPDevice.objects.select_for_update().filter(user=account, confirmed=True).first()
        if device is None:
            raise NotFound("本账号尚未绑定动态口令")
        allowed, why = device.verify_is_allowed()
        right = allowed and device.verify_token(_digits(code))
    outcome = "ok" if right else "failed" if allowed else "denied"
    ledger.attempt(
        "totp", f"account:{account.pk}", by=f"account:{account.pk}", at=at, outcome=outcome, address=address
    )
    if not allowed:
        raise Invalid(fields={"code": ["动态口令连续输错，请稍候再试"]}, remedy=str(why or ""))
    if not right:
        raise Invalid(fields={"code": ["动态口令不正确或者已经用过，请等待下一组数字"]})
    return device


@transaction.atomic
def totp_remove(*, account_id: int, by: Actor, at: datetime) -> None:
    """The security administrator takes a lost device off an account."""
    account = Account.objects.filter(pk=account_id).first()
    if account is None:
        raise NotFound("未找到该账号")
    require(by, Permission.ACCOUNT_MANAGE, body_id=account.body_id)
    TOTPDevice.objects.filter(user=account).delete()
    ledger.attempt("totp.remove", f"account:{account.pk}", by=by.label, at=at, outcome="ok")


def _digits(code: str) -> str:
    return half_width(code)


def identity_problems(request: HttpRequest) -> list[Reason]:
    """What a logged-in person still has to do before any page but these opens: second factor first, then
    replacing a password that somebody else set."""
    account = request.user
    if not isinstance(account, Account):
        return []
    verified = bool(getattr(account, "is_verified", bool)())
    device = totp_device(account)
    if device is not None and not verified:
        return [Reason("identity.totp", "请输入动态口令完成登录", link="identity:challenge")]
    found = []
    if account.password_changed_at is None and account.has_usable_password():
        found.append(
            Reason(
                "identity.first_password",
                "当前口令由管理员设置，请先改为只有您知道的口令",
                link="identity:password",
            )
        )
    if account.totp_required and device is None:
        found.append(Reason("identity.totp_enrol", "本账号须使用动态口令，请先绑定", link="identity:enrol"))
    return found

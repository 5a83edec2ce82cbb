"""Pages of the security administrator (accounts, roles) and of the audit administrator (attempts)."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.choices import Role
from mingzhi.organisations.permissions import Permission

_doors = organisations.accounts
_PAGE = 100
OUTCOMES = {"ok": gettext_lazy("成功"), "denied": gettext_lazy("拒绝"), "failed": gettext_lazy("失败")}
#: What the second log's acts are called on the page; an act not listed shows as it is.
ACTS = {
    "login": gettext_lazy("登录"),
    "login.unlock": gettext_lazy("解除登录锁定"),
    "totp": gettext_lazy("动态口令验证"),
    "totp.enrol": gettext_lazy("绑定动态口令"),
    "totp.remove": gettext_lazy("解除动态口令"),
    "not_allowed": gettext_lazy("越权访问"),
    "recording.access_needed": gettext_lazy("未经批准的调阅"),
    "recording:view": gettext_lazy("查阅记录"),
    "recording:play": gettext_lazy("播放记录"),
    "recording:download": gettext_lazy("下载记录的水印副本"),
    "recording:original": gettext_lazy("导出记录原件"),
    "recording:export": gettext_lazy("取走记录的水印副本"),
    "recording:derive": gettext_lazy("制作衍生件"),
    "paper:viewed": gettext_lazy("查阅文书"),
    "paper:downloaded": gettext_lazy("下载文书"),
    "party:revealed": gettext_lazy("查看当事人完整信息"),
    "party:viewed": gettext_lazy("查看当事人全貌"),
    "custody:viewed": gettext_lazy("查看保管链"),
    "access:counted": gettext_lazy("查看调阅统计"),
    "attempts.read": gettext_lazy("查看审计日志"),
    "login.oidc": gettext_lazy("统一身份认证登录"),
    "cases:looked": gettext_lazy("查看案件列表"),
    "cases:exported": gettext_lazy("导出案件"),
    "clue:viewed": gettext_lazy("查看线索"),
    "desk:searched": gettext_lazy("全局检索"),
    "dossier:viewed": gettext_lazy("查看案件"),
    "dossier:archive_viewed": gettext_lazy("查看案卷归档情况"),
    "dossier:exported": gettext_lazy("导出案卷"),
    "dossiers:destroyed": gettext_lazy("销毁案卷文件"),
    "ledger:searched": gettext_lazy("检索存证"),
    "ledger:receipt": gettext_lazy("下载存证凭证"),
    "organisations:person:looked": gettext_lazy("查看人员"),
    "party:searched": gettext_lazy("查找当事人"),
    "publication:looked": gettext_lazy("查看公示事项"),
    "review:looked": gettext_lazy("查看审核事项"),
    "catalogue:law:imported": gettext_lazy("导入法律文本"),
}


def _day(request: HttpRequest) -> date:
    return clock.local_date(request.at)  # type: ignore[attr-defined]


@require_GET
def accounts(request: HttpRequest) -> HttpResponse:
    """Accounts of the own body."""
    query = request.GET.get("q", "").strip()[:60]
    rows = _doors.accounts(by=request.actor, on=_day(request), at=request.at, query=query)  # type: ignore[attr-defined]
    return render(request, "identity/accounts.html", {"rows": rows, "q": query})


@sensitive_post_parameters("password")
@require_http_methods(["GET", "POST"])
def account_new(request: HttpRequest) -> HttpResponse:
    """Open an account for somebody of the register."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    people = _doors.people_without_account(by=actor)
    context: dict[str, Any] = {
        "people": people,
        "elsewhere": {
            b: organisations.body(b).name for b in {p.body_id for p in people} if b != actor.body_id
        },
        "given": {k: v for k, v in request.POST.items() if k != "password"},
        "fields": {},
    }
    if request.method == "GET":
        return render(request, "identity/account_new.html", context)
    person = request.POST.get("person", "")
    try:
        account_id = _doors.account_create(
            username=request.POST.get("username", ""),
            password=request.POST.get("password", ""),
            body_id=next((p.body_id for p in people if str(p.id) == person), actor.body_id),
            person_id=int(person) if person.isdecimal() else None,
            totp_required=bool(request.POST.get("totp_required")),
            by=actor,
            at=request.at,  # type: ignore[attr-defined]
        )
    except Invalid as error:
        return render(request, "identity/account_new.html", {**context, "fields": error.fields}, status=422)
    messages.success(request, _("账号已建立，请将初始口令当面告知本人；首次登录须修改"))
    return redirect("identity:account", account_id)


def _account_page(
    request: HttpRequest, account_id: int, *, error: MingzhiError | None = None
) -> HttpResponse:
    view = _doors.account_view(account_id=account_id, by=request.actor, on=_day(request), at=request.at)  # type: ignore[attr-defined]
    return render(
        request,
        "identity/account.html",
        {
            "row": view,
            "roles": Role.choices,
            "own": view.id == request.actor.account_id,  # type: ignore[attr-defined]
            "may_grant": request.actor.may(Permission.ROLE_MANAGE),  # type: ignore[attr-defined]
            "entries": ledger.entries_of(f"account:{view.id}"),
            "error": error,
            "fields": error.fields if error is not None else {},
            "given": {k: v for k, v in request.POST.items() if k != "password"},
        },
        status=error.status if error else 200,
    )


@require_GET
def account(request: HttpRequest, account_id: int) -> HttpResponse:
    """One account: state, second factor, roles held now and before."""
    return _account_page(request, account_id)


@sensitive_post_parameters("password")
@require_POST
def account_act(request: HttpRequest, account_id: int, act: str) -> HttpResponse:
    """One act of the security administrator on one account; what was typed stays when refused."""
    handler = _ACTS.get(act)
    if handler is None:
        raise NotFound(_("没有这项操作"))
    # Out of scope must look the same whatever the act; and a grant is ended only through its account.
    _doors.account_view(account_id=account_id, by=request.actor, on=_day(request), at=request.at)  # type: ignore[attr-defined]
    try:
        said = handler(request, account_id)
    except MingzhiError as error:
        return _account_page(request, account_id, error=error)
    messages.success(request, said)
    return redirect("identity:account", account_id)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": request.actor, "at": request.at}  # type: ignore[attr-defined]


def _disable(request: HttpRequest, account_id: int) -> str:
    _doors.account_enable(account_id=account_id, active=False, **_who(request))
    return _("账号已停用，已登录的会话同时失效")


def _enable(request: HttpRequest, account_id: int) -> str:
    _doors.account_enable(account_id=account_id, active=True, **_who(request))
    return _("账号已启用")


def _reset(request: HttpRequest, account_id: int) -> str:
    _doors.password_reset(account_id=account_id, password=request.POST.get("password", ""), **_who(request))
    return _("初始口令已重设，请当面告知本人；下次登录须修改")


def _unlock(request: HttpRequest, account_id: int) -> str:
    _doors.account_unlock(account_id=account_id, **_who(request))
    return _("登录锁定已解除")


def _totp_on(request: HttpRequest, account_id: int) -> str:
    _doors.account_require_totp(account_id=account_id, required=True, **_who(request))
    return _("该账号下次操作起须使用动态口令")


def _totp_off(request: HttpRequest, account_id: int) -> str:
    _doors.account_require_totp(account_id=account_id, required=False, **_who(request))
    return _("该账号不再要求动态口令")


def _totp_remove(request: HttpRequest, account_id: int) -> str:
    _doors.totp_remove(account_id=account_id, **_who(request))
    return _("已解除绑定，本人可重新绑定动态口令")


def _grant(request: HttpRequest, account_id: int) -> str:
    start = _typed_day(request, "valid_from") or _day(request)
    _doors.role_grant(
        account_id=account_id,
        role=request.POST.get("role", ""),
        valid_from=start,
        valid_until=_typed_day(request, "valid_until"),
        mandate=request.POST.get("mandate", "")[:200],
        **_who(request),
    )
    return _("角色已授予")


def _end(request: HttpRequest, account_id: int) -> str:
    wanted = request.POST.get("grant", "")
    view = _doors.account_view(account_id=account_id, by=request.actor, on=_day(request), at=request.at)  # type: ignore[attr-defined]
    if not wanted.isdecimal() or int(wanted) not in {g.id for g in view.grants}:
        raise NotFound(_("未找到该角色授予"))
    _doors.role_end(
        grant_id=int(wanted),
        on=_typed_day(request, "on") or _day(request),
        reason=request.POST.get("reason", ""),
        **_who(request),
    )
    return _("角色已收回，原授予记录保留")


_ACTS = {
    "disable": _disable,
    "enable": _enable,
    "reset": _reset,
    "unlock": _unlock,
    "totp-on": _totp_on,
    "totp-off": _totp_off,
    "totp-remove": _totp_remove,
    "grant": _grant,
    "end": _end,
}


def _typed_day(request: HttpRequest, name: str) -> date | None:
    typed = request.POST.get(name, "").strip()
    if not typed:
        return None
    try:
        return date.fromisoformat(typed)
    except ValueError:
        raise Invalid(fields={name: [_("日期应形如 2026-09-14")]}) from None


@require_GET
def attempts(request: HttpRequest) -> HttpResponse:
    """The second log, for the audit administrator: read only, newest first; the look itself is recorded."""
    actor: Any = request.actor  # type: ignore[attr-defined]
    organisations.require(actor, Permission.ATTEMPTS_READ)
    wanted = {
        k: request.GET.get(k, "").strip()[:160] for k in ("subject", "by", "act", "outcome", "since", "until")
    }
    fields: dict[str, list[str]] = {}

    def moment(name: str, days: int = 0) -> datetime | None:
        if not wanted[name]:
            return None
        try:
            day = date.fromisoformat(wanted[name])
        except ValueError:
            fields[name] = [_("日期应形如 2026-09-14")]
            return None
        return datetime.combine(day + timedelta(days=days), time(), tzinfo=clock.CHINA)

    before = request.GET.get("before", "")
    rows = ledger.attempts(
        subject=wanted["subject"],
        by=wanted["by"],
        act=wanted["act"],
        outcome=wanted["outcome"],
        since=moment("since"),
        until=moment("until", 1),
        before=int(before) if before.isdecimal() and len(before) < 19 else None,
        limit=_PAGE + 1,
    )
    if not before:
        ledger.attempt(
            "attempts.read",
            "attempts",
            by=actor.label,
            at=request.at,  # type: ignore[attr-defined]
            detail={k: v for k, v in wanted.items() if v},
            address=_doors.client_address(request),
        )
    people = organisations.persons(
        int(r.by.removeprefix("person:")) for r in rows if r.by.startswith("person:")
    )
    names = {f"person:{pk}": person.name for pk, person in people.items()}
    return render(
        request,
        "identity/attempts.html",
        {
            "rows": [
                (r, names.get(r.by, ""), ACTS.get(r.act, r.act), OUTCOMES.get(r.outcome, r.outcome))
                for r in rows[:_PAGE]
            ],
            "older": rows[_PAGE - 1].id if len(rows) > _PAGE else None,
            "wanted": wanted,
            "fields": fields,
            "outcomes": OUTCOMES,
            "conflicts": _doors.conflicting_accounts(_day(request)),
        },
    )

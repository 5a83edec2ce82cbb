"""清单管理: every list of the agency with its state and its due day; one version with rows, differences, steps."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from typing import Any

from django.db import transaction
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue import choices
from mingzhi.catalogue.api import public_lists
from mingzhi.kernel.errors import NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission as P
from mingzhi.review import api as review
from mingzhi.supervision import api as supervision
from mingzhi.web import listing
from mingzhi.web.desk import lists_guides
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    LARGEST,
    Refused,
    answered,
    attempted,
    beside,
    day_of,
    day_or_none,
    given,
    number,
    shown,
    today,
)

_ENTER = (P.CATALOGUE_MANAGE, P.LIST_CHECK, P.LIST_APPROVE, P.DISCLOSURE_PUBLISH, P.SUPERVISE_READ)
_OPEN = ("draft", "checked", "approved")


def may_enter(by: Actor) -> bool:
    return any(by.may(p) for p in _ENTER)


def enter(by: Actor) -> None:
    if not may_enter(by):
        organisations.require(by, P.CATALOGUE_MANAGE)


def seen(by: Actor, version_id: int) -> Any:
    enter(by)
    if version_id >= LARGEST:
        raise NotFound
    return public_lists.version_seen(by, version_id)


def _document(by: Actor) -> str:
    """The title of the bureau's own three-systems document; empty for a body that has none."""
    body = organisations.body(by.body_id)
    return catalogue.profile(body.profile).document_title if body.profile else ""


def trail(*more: tuple[str, str]) -> list[tuple[str, str]]:
    return [(_("清单管理"), reverse("desk:lists") if more else ""), *more]


@reading
def index(request: HttpRequest) -> HttpResponse:
    """Every kind of list: what is in force, what is being worked on, what is due for review."""
    by, on = by_of(request), today(request)
    enter(by)
    lines = public_lists.lists_of(by.body_id, on)
    late = given(request, "late", 1) == "1"
    return render(
        request,
        "desk/lists/index.html",
        {
            "lines": [
                {"line": x, "name": listing.word(x.schema), "title": x.list.title if x.list else ""}
                for x in lines
                if x.late or not late
            ],
            "guides": public_lists.guides_open(by.body_id) if by.may(P.CATALOGUE_MANAGE) else [],
            "late_count": sum(x.late for x in lines),
            "late": late,
            "may_draft": by.may(P.CATALOGUE_MANAGE),
            "chart": choices.ListKind.CHART.value,
            "trail": trail(),
        },
    )


@forms
def start(request: HttpRequest, kind: str) -> HttpResponse:
    """The form that starts a version: from when, why, by which basis; change requests where they are needed."""
    by = by_of(request)
    organisations.require(by, P.CATALOGUE_MANAGE)
    if kind not in choices.ListKind.values or kind == choices.ListKind.CHART:
        raise NotFound
    if request.method != "POST":
        return _start(request, kind)
    made: dict[str, Any] = {}

    def act() -> None:
        problems = Problems()
        first = day_of(problems, request, "valid_from", _("生效日期"))
        problems.raise_if_any()
        made["version"] = public_lists.list_start(
            list_id=public_lists.list_of(kind=kind, by=by).pk,
            valid_from=first,
            review_on=day_or_none(given(request, "review_on", 10)),
            reason=given(request, "reason", 1001),
            basis=given(request, "basis", 500),
            changes=[n for c in request.POST.getlist("changes")[:20] if (n := number(c)) is not None],
            by=by,
            at=at_of(request),
        )

    refused = attempted(request, act, _("已起草新版本，请核对内容"))
    to = reverse("desk:list_version", args=[made["version"].pk]) if made else ""
    return answered(request, refused, to, lambda r: _start(request, kind, r))


def _start(request: HttpRequest, kind: str, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    own = public_lists.list_schema(kind)
    found = next(
        (x.list for x in public_lists.lists_of(by.body_id, today(request)) if x.schema.kind == kind), None
    )
    usable = [c for c in public_lists.changes_of(found) if c.lawful and c.version_id is None] if found else []
    return shown(
        request,
        "desk/lists/start.html",
        {
            "own": own,
            "name": listing.word(own),
            "origin": listing.origins(own.source, _document(by)),
            "usable": usable,
            "chosen": request.POST.getlist("changes") if refused else [],
            "on": today(request),
            "trail": trail((listing.word(own), "")),
        },
        refused,
    )


@reading
def one(request: HttpRequest, list_id: int) -> HttpResponse:
    """A list by itself: away to the version that is being worked on (``open``), else in force, else the newest."""
    by, on = by_of(request), today(request)
    enter(by)
    if list_id >= LARGEST:
        raise NotFound
    versions = public_lists.versions_of(public_lists.list_seen(by, list_id))
    if not versions:
        raise NotFound
    now = (
        v for v in versions if v.published_at and v.valid_from <= on and not (v.valid_to and v.valid_to <= on)
    )
    chosen = next(now, versions[0])
    if given(request, "open", 1):
        chosen = next((v for v in versions if v.state in _OPEN), chosen)
    tab = "?tab=requests" if given(request, "tab", 12) == "requests" else ""
    return HttpResponseRedirect(reverse("desk:list_version", args=[chosen.pk]) + tab)


# --- one version ---------------------------------------------------------------------------------


@forms
def version(request: HttpRequest, version_id: int) -> HttpResponseBase:
    """One version; a submission names its step in ``act``."""
    by = by_of(request)
    found = seen(by, version_id)
    if request.method != "POST":
        return _page(request, found)
    verb = VERBS.get(given(request, "act", 20))
    if verb is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    refused = attempted(request, lambda: _settled(verb[0])(request, found), verb[1]())
    here = reverse("desk:list_version", args=[version_id])
    return answered(request, refused, here, lambda r: _page(request, seen(by, version_id), r))


def _page(request: HttpRequest, found: Any, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    own = public_lists.list_schema(found.list.kind)
    tab = request.GET.get("tab", "")[:12]  # the forms post to their own tab
    before = public_lists.before(found)
    mine = by.body_id == found.list.body_id
    draft = found.state == choices.VersionState.DRAFT
    handed = lists_guides.sent(found) if mine and found.published_at and not own.computed else {}
    guiding = bool(handed.get("guides") or handed.get("bodies"))
    url = reverse("desk:list_version", args=[found.pk])
    tabs = [
        {"label": label, "url": f"{url}?tab={name}" if name else url, "here": tab == name, "count": count}
        for name, label, count in (
            ("", _("内容"), found.count),
            ("changes", _("与上一版比较"), None),
            ("requests", _("调整申请"), None),
            ("history", _("办理与版本"), None),
            *((("guides", _("下发指导"), None),) if guiding else ()),
        )
    ]
    context: dict[str, Any] = {
        "found": found,
        "own": own,
        "name": listing.word(own),
        "tab": tab,
        "tabs": tabs,
        "draft": draft,
        "editable": draft and mine and by.may(P.CATALOGUE_MANAGE) and not own.computed,
        "computable": draft and mine and by.may(P.CATALOGUE_MANAGE) and own.computed and own.kind != "chart",
        "may": _may(by, found, on) if mine else {},
        "review_on": public_lists.review_days([found]).get(found.pk),
        "open": found.state in _OPEN,
        "looked_at": public_lists.looked_at(found),
        "outside": public_lists.outside_approval(found.list, on) if found.state == "checked" else "",
        "waits": _waits(found),
        "may_try": mine and own.kind == "review" and bool(by.permissions & review.TRIAL_PERMISSIONS),
        "may_ask": mine and by.may(P.CATALOGUE_MANAGE),
        "may_judge": mine and by.may(P.LIST_CHECK),
        "public_url": f"/lists/published/{found.list_id}/?version={found.number}"
        if found.published_at
        else "",
        "trail": trail((found.list.title, "")),
    }
    if tab == "changes":
        context["here"] = f"{url}?tab=changes"
        context["told"] = listing.differences(before, found, number(given(request, "start", 9)) or 0)
    elif tab == "requests":
        context["requests"] = public_lists.changes_of(found.list)
    elif tab == "guides" and guiding:
        may_send = found.valid_to is None and by.may(P.CATALOGUE_MANAGE)
        context |= handed | {"may_send": may_send, "sent_to": request.POST.getlist("bodies")}
    elif tab == "history":
        context |= {"events": public_lists.events_of(found), "versions": public_lists.versions_of(found.list)}
    else:
        context |= listing.rows_shown(found, given(request, "q", 60), number(given(request, "start", 9)) or 0)
        context["demands"] = public_lists.institution_findings(found, on)
        small = found.count <= listing.LARGE
        if small and found.state in ("draft", "checked"):
            context["problems"] = public_lists.version_problems(found)[:50]
        if (
            small
            and found.state == "published"
            and found.valid_from <= on
            and not (found.valid_to and found.valid_to <= on)
        ):
            context |= {
                "touched": public_lists.touched(found, on)[:50],
                "drift": public_lists.drift(found, on)[:50],
            }
    return shown(request, "desk/lists/version.html", context, refused)


def _may(by: Actor, found: Any, on: date) -> dict[str, bool]:
    """The steps this person may take on this version now."""
    state, other = found.state, by.label not in public_lists.drafters(found)
    handed_in = public_lists.last_act(found) == "hand_in"
    return {
        "hand_in": state == "draft" and not handed_in and by.may(P.CATALOGUE_MANAGE),
        "check": state == "draft" and handed_in and other and by.may(P.LIST_CHECK),
        "approve": state == "checked" and other and by.label != found.checked_by and by.may(P.LIST_APPROVE),
        "publish": state == "approved" and other and by.may(P.DISCLOSURE_PUBLISH),
        "return": (state in ("checked", "approved") or (state == "draft" and handed_in and other))
        and (by.may(P.LIST_CHECK) or by.may(P.LIST_APPROVE)),
        "withdraw": state == "published" and found.valid_to is None and by.may(P.DISCLOSURE_PUBLISH),
        "keep": state == "published"
        and found.valid_to is None
        and found.valid_from <= on
        and by.may(P.CATALOGUE_MANAGE),
        "drop": state in _OPEN and by.may(P.CATALOGUE_MANAGE),
        "change": state == "draft" and by.may(P.CATALOGUE_MANAGE),
    }


def _waits(found: Any) -> str:
    if found.state == "draft" and public_lists.last_act(found) != "hand_in":
        return "、".join(organisations.roles_with(P.CATALOGUE_MANAGE))
    permission = {"draft": P.LIST_CHECK, "checked": P.LIST_APPROVE, "approved": P.DISCLOSURE_PUBLISH}.get(
        found.state
    )
    return "、".join(organisations.roles_with(permission)) if permission else ""


def _who(request: HttpRequest, found: Any) -> dict[str, Any]:
    return {"version_id": found.pk, "by": by_of(request), "at": at_of(request)}


def _approve(request: HttpRequest, found: Any) -> None:
    public_lists.list_approve(
        seen=given(request, "seen", 64),
        opinion=given(request, "approve_opinion", 1001),
        approver=given(request, "approver", 201),
        number=given(request, "number", 101),
        approved_on=day_or_none(given(request, "approved_on", 10)),
        **_who(request, found),
    )


def _keep(request: HttpRequest, found: Any) -> None:
    problems = Problems()
    following = day_of(problems, request, "next_review", _("下次复核日期"))
    problems.raise_if_any()
    public_lists.list_keep(
        reason=given(request, "keep_reason", 1001), review_on=following, **_who(request, found)
    )


def _settled(act: Callable[[HttpRequest, Any], Any]) -> Callable[[HttpRequest, Any], Any]:
    """A step with the to-dos that it settles and opens."""

    def both(request: HttpRequest, found: Any) -> None:
        with transaction.atomic():
            act(request, found)
            supervision.lists.todos(body_id=found.list.body_id, at=at_of(request))

    return both


def _change(request: HttpRequest, found: Any) -> None:
    problems = Problems()
    first = day_of(problems, request, "valid_from", _("生效日期"))
    problems.raise_if_any()
    public_lists.draft_change(
        valid_from=first,
        review_on=day_or_none(given(request, "review_on", 10)),
        reason=given(request, "reason", 1001),
        basis=given(request, "basis", 500),
        **_who(request, found),
    )


def _fill(request: HttpRequest, found: Any) -> None:
    public_lists.rows_fill(
        seen=given(request, "seen", 64),
        key=given(request, "key", 20),
        text=given(request, "text", 2000),
        **_who(request, found),
    )


def _ask(request: HttpRequest, found: Any) -> None:
    public_lists.change_ask(
        list_id=found.list_id,
        what=given(request, "what", 1001),
        reason=given(request, "change_reason", 1001),
        basis=given(request, "change_basis", 501),
        by=by_of(request),
        at=at_of(request),
    )


def _judge(request: HttpRequest, found: Any) -> None:
    change_id = number(given(request, "change", 19)) or 0
    if all(c.pk != change_id for c in public_lists.changes_of(found.list)):
        raise NotFound
    public_lists.change_judge(
        change_id=change_id,
        lawful=given(request, "lawful", 3) == "yes",
        opinion=given(request, "opinion", 1001),
        by=by_of(request),
        at=at_of(request),
    )


def _reasoned(verb: Callable[..., Any], name: str) -> Callable[[HttpRequest, Any], Any]:
    def act(request: HttpRequest, found: Any) -> None:
        with beside(reason=name):
            verb(reason=given(request, name, 1001), **_who(request, found))

    return act


@beside(opinion="check_opinion")
def _check(request: HttpRequest, found: Any) -> None:
    opinion, seen_then = given(request, "check_opinion", 1001), given(request, "seen", 64)
    public_lists.list_check(opinion=opinion, seen=seen_then, **_who(request, found))


def _publish(request: HttpRequest, found: Any) -> None:
    public_lists.list_publish_version(seen=given(request, "seen", 64), **_who(request, found))


VERBS: dict[str, tuple[Callable[[HttpRequest, Any], Any], Callable[[], str]]] = {
    "hand_in": (
        lambda r, f: public_lists.list_hand_in(**_who(r, f)),
        lambda: _("已送审，由法制审核人员审核"),
    ),
    "check": (_check, lambda: _("审核通过，待批准")),
    "return": (_reasoned(public_lists.list_return, "return_reason"), lambda: _("已退回起草人修改")),
    "approve": (_approve, lambda: _("已批准，待公布")),
    "publish": (
        _publish,
        lambda: _("已公布，公众可以查询；依此执行的环节自生效之日起按新内容执行"),
    ),
    "withdraw": (
        _reasoned(public_lists.list_withdraw, "withdraw_reason"),
        lambda: _("已撤下，自明日起不再执行"),
    ),
    "keep": (_keep, lambda: _("已登记复核结果，现行版本维持不变")),
    "guide": (lists_guides.send, lambda: _("已下发，下级机关将逐行反馈采用情况")),
    "drop": (_reasoned(public_lists.list_drop, "drop_reason"), lambda: _("已作废")),
    "change": (_change, lambda: _("已保存")),
    "compute": (lambda r, f: public_lists.rows_compute(**_who(r, f)), lambda: _("已按登记的资料重新生成")),
    "fill": (_fill, lambda: _("空白栏目已填写")),
    "ask": (_ask, lambda: _("已提出调整申请，待合法性审查")),
    "judge": (_judge, lambda: _("已出具合法性审查意见")),
}


# --- one row -------------------------------------------------------------------------------------


@forms
def row(request: HttpRequest, version_id: int) -> HttpResponse:
    """One row of a draft: each column a field, as the schema declares it."""
    by = by_of(request)
    organisations.require(by, P.CATALOGUE_MANAGE)
    found = seen(by, version_id)
    code = given(request, "code", 80) if request.method != "POST" else given(request, "was", 80)
    if request.method != "POST":
        return _row(request, found, code)
    own = public_lists.list_schema(found.list.kind)
    write: dict[str, Any] = {
        "seen": given(request, "seen", 64),
        "code": code,
        **_who(request, found),
    }
    if given(request, "act", 8) == "remove":
        refused = attempted(request, lambda: public_lists.row_remove(**write), _("已删除该行"))
    else:
        texts = {c.key: given(request, c.key, c.most + 1) for c in own.shown}
        refused = attempted(request, lambda: public_lists.row_put(texts=texts, **write), _("已保存"))
    to = reverse("desk:list_version", args=[version_id])
    return answered(request, refused, to, lambda r: _row(request, found, code, r))


def _row(request: HttpRequest, found: Any, code: str, refused: Refused | None = None) -> HttpResponse:
    own = public_lists.schema_of(found)
    place = public_lists.row_find(found, code) if code else None
    if code and place is None:
        raise NotFound(_("清单中没有这一行"))
    cells = place[1][place[2]] if place else None
    fields, document = [], _document(by_of(request))
    for column in own.shown:
        text = public_lists.text_of(column, cells[own.place(column.key)]) if cells else ""
        if refused is not None:
            text = request.POST.get(column.key, "")
        fields.append(
            {
                "column": column,
                "label": listing.word(column),
                "origin": listing.origins(column.source, document),
                "text": text,
                "options": list(column.options.values()) if column.kind == "choice" else [],
                "long": column.most > 300,
                "errors": refused.fields.get(column.key, []) if refused else [],
            }
        )
    return shown(
        request,
        "desk/lists/row.html",
        {
            "found": found,
            "fields": fields,
            "code": code,
            "seen": found.digest,
            "back": reverse("desk:list_version", args=[found.pk]),
            "trail": trail(
                (found.list.title, reverse("desk:list_version", args=[found.pk])), (code or _("新增一行"), "")
            ),
        },
        refused,
    )


# --- files -----------------------------------------------------------------------------------------


@reading
def download(request: HttpRequest, version_id: int, form: str) -> HttpResponseBase:
    found = seen(by_of(request), version_id)
    looked(request, "catalogue:list:exported", f"catalogue:list_version:{version_id}", form=form)
    return listing.file_response(found, form)


@reading
def difference(request: HttpRequest, version_id: int, form: str) -> HttpResponseBase:
    """All that a version says other than the one before it, as a table."""
    found = seen(by_of(request), version_id)
    subject = f"catalogue:list_version:{version_id}"
    looked(request, "catalogue:list:difference_exported", subject, form=form)
    return listing.difference_response(public_lists.before(found), found, form)


@reading
def blank(request: HttpRequest, kind: str) -> HttpResponseBase:
    """An empty sheet with the heads that an import expects."""
    enter(by_of(request))
    if kind not in choices.ListKind.values:
        raise NotFound
    content = b"".join(public_lists.blank_xlsx(kind))
    response = HttpResponse(content, content_type=listing.XLSX)
    response["Content-Disposition"] = f'attachment; filename="{kind}.xlsx"'
    return response

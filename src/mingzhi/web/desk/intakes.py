"""公众来件: the list with clocks, one matter with its timeline, and every verb of it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.deadlines.data import Chip
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication import choices
from mingzhi.web import serving
from mingzhi.web.desk.common import at_of, by_of, chip, forms, looked, reading
from mingzhi.web.desk.home import task_chip
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    today,
    uploaded,
)

letters = publication.letters
PAGE = 50


def may_enter(by: Actor) -> None:
    """Somebody who may see no intake at all has no list; which ones are there is the gate's affair."""
    if not by.permissions & letters.ENTER:
        organisations.require(by, Permission.INTAKE_HANDLE)


def asked_of(source: Any) -> letters.Asked:
    """The list's filter from a query; unknown values are as good as none."""

    def word(name: str, known: Any) -> str:
        value = source.get(name, "")
        return value if value in known else ""

    return letters.Asked(
        kind=word("kind", choices.IntakeKind.values),
        state=word("state", ("open", *choices.IntakeState.values)),
        late=source.get("late", "") == "1",
        number="".join(c for c in source.get("number", "")[:32] if c.isalnum()),
    )


@reading
def index(request: HttpRequest) -> HttpResponse:
    """What came in and exists for me, newest first; by kind, state, lateness, number."""
    by, at, on = by_of(request), at_of(request), today(request)
    may_enter(by)
    source = request.GET if request.GET else {"state": "open"}
    asked = asked_of(source)
    before = number(given(request, "before", 19))
    found = letters.intakes(by, asked, on=on, before=before, limit=PAGE + 1)
    counts = letters.counts(by, on)
    query = "&".join(
        f"{name}={value}"
        for name, value in (
            ("kind", asked.kind),
            ("state", asked.state),
            ("late", "1" if asked.late else ""),
            ("number", asked.number),
        )
        if value
    )
    year = on.replace(month=1, day=1)
    return render(
        request,
        "desk/intakes/index.html",
        {
            "asked": asked,
            "kinds": choices.IntakeKind.choices,
            "states": [("open", _("在办")), *choices.IntakeState.choices],
            "tabs": [
                {"label": _("在办"), "url": "?state=open", "here": asked == letters.Asked(state="open"), "count": counts["open"]},
                {"label": _("待受理"), "url": "?state=received", "here": asked == letters.Asked(state="received"), "count": counts["received"]},
                {"label": _("逾期"), "url": "?late=1", "here": asked == letters.Asked(late=True), "count": counts["late"]},
                {"label": _("全部"), "url": "?state=", "here": asked == letters.Asked(), "count": None},
            ],
            "lines": [{"x": x, "chip": _chip(x, at)} for x in found[:PAGE]],
            "next_url": f"?{query}&before={found[PAGE - 1].id}" if len(found) > PAGE else "",
            "export_url": f"{reverse('desk:intakes_export')}?{query}",
            "marks": letters.satisfaction(by, year, on),
            "may_set": by.may(Permission.CATALOGUE_MANAGE),
            "may_questions": may_questions(by),
            "trail": [(_("公众来件"), "")],
        },
    )  # fmt: skip


def may_questions(by: Actor) -> bool:
    return bool(
        by.permissions & {Permission.INTAKE_MANAGE, Permission.INTAKE_HANDLE, Permission.DISCLOSURE_CHECK}
    )


def _chip(line: Any, at: Any) -> Chip | None:
    return task_chip(line.due_on, at) if line.state in choices.INTAKE_OPEN else None


# --- one matter ----------------------------------------------------------------------------------------


def _page(
    request: HttpRequest, intake_id: int, refused: Refused | None = None, identity: Any = None
) -> HttpResponse:
    by, at = by_of(request), at_of(request)
    view = letters.intake(by, intake_id, at=at)
    may = dict.fromkeys(view.may, True)
    typical = number(given(request, "typical", 19)) if request.method == "GET" else None
    answers = (
        publication.questions.typical(by, given(request, "like", 40))
        if {"answer", "draft"} & set(may)
        else []
    )
    units = organisations.units(view.line.body_id) if {"assign", "name"} & set(may) else []
    people = organisations.people(view.line.body_id, on=today(request)) if units else []
    context = {
        "view": view,
        "line": view.line,
        "may": may,
        "open": view.line.state in choices.INTAKE_OPEN,
        "clocks": []
        if view.sight == "asked"
        else [(c, chip(c, at)) for c in letters.clocks_of(intake_id, at)],
        "units": units,
        "charged_units": [u for u in units if u.id != view.about_unit_id],
        "people": people,
        "charged_people": [
            p for p in people if p.id != view.about_person_id and (view.about_unit_id is None or p.unit_id != view.about_unit_id)
        ],
        "bodies": [b for b in organisations.bodies() if b.id != view.line.body_id] if "transfer" in may else [],
        "answers": answers,
        "like": given(request, "like", 40) if request.method == "GET" else "",
        "reply": next((a.answer for a in answers if a.id == typical), ""),
        "identity": identity,
        "ways": choices.TransferWay.choices,
        "today": today(request),
        "rule": letters.check_for(view.line.body_id, view.line.kind, clock.local_date(view.line.received_at)),
        "trail": [(_("公众来件"), reverse("desk:intakes")), (view.line.number, "")],
    }  # fmt: skip
    return shown(request, "desk/intakes/one.html", context, refused)


@forms
def one(request: HttpRequest, intake_id: int) -> HttpResponseBase:
    """One matter. A submission names its verb in ``act``; a refusal keeps everything entered."""
    by = by_of(request)
    may_enter(by)
    if intake_id >= 2**62:
        raise NotFound
    if request.method != "POST":
        answer = _page(request, intake_id)
        looked(request, "intake:looked", f"intake:{intake_id}")
        return answer
    verb = given(request, "act", 20)
    if verb == "unseal":
        return _unseal(request, intake_id)
    act = VERBS.get(verb)
    if act is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    refused = attempted(request, lambda: act[0](request, intake_id), act[1]())
    if refused is None and not _still_there(by, intake_id, at_of(request)):
        return answered(request, None, reverse("desk:intakes"), lambda r: HttpResponse())
    here = reverse("desk:intake", args=[intake_id])
    return answered(request, refused, here, lambda r: _page(request, intake_id, _beside(r, verb)))


def _still_there(by: Actor, intake_id: int, at: Any) -> bool:
    """Who passed a matter on, or named the own unit, sees it no more."""
    try:
        letters.intake(by, intake_id, at=at)
    except NotFound:
        return False
    return True


def _beside(refused: Refused, verb: str) -> Refused:
    """The room calls every reason «reason»; the page has one field for each verb."""
    refused.fields = {f"{verb}_{name}": told for name, told in refused.fields.items()}
    return refused


def _unseal(request: HttpRequest, intake_id: int) -> HttpResponse:
    """Name and contact, shown in this answer only; the room keeps the look."""
    refused, identity = None, None
    try:
        identity = letters.intake_unseal(
            purpose=given(request, "unseal_purpose", 200),
            address=request.META.get("REMOTE_ADDR", ""),
            **_who(request, intake_id),
        )
    except NotFound:
        raise
    except MingzhiError as error:
        refused = _beside(Refused(error), "unseal")
    answer = _page(request, intake_id, refused, identity)
    answer["Cache-Control"] = "no-store"
    return answer


def _who(request: HttpRequest, intake_id: int) -> dict[str, Any]:
    return {"intake_id": intake_id, "by": by_of(request), "at": at_of(request)}


def _plain(verb: Callable[..., None], **fields: int) -> Callable[[HttpRequest, int], None]:
    """A verb that takes texts only: the form's field is ``<act>_<name>``."""

    def act(request: HttpRequest, intake_id: int) -> None:
        prefix = given(request, "act", 20)
        verb(
            **{name: given(request, f"{prefix}_{name}", limit) for name, limit in fields.items()},
            **_who(request, intake_id),
        )

    return act


def _named(request: HttpRequest, intake_id: int) -> None:
    letters.intake_name(
        unit_id=number(given(request, "name_unit", 19)),
        person_id=number(given(request, "name_person", 19)),
        **_who(request, intake_id),
    )


def _assign(request: HttpRequest, intake_id: int) -> None:
    letters.intake_assign(
        unit_id=number(given(request, "assign_unit", 19)),
        person_id=number(given(request, "assign_person", 19)),
        **_who(request, intake_id),
    )


def _transfer(request: HttpRequest, intake_id: int) -> None:
    letters.intake_transfer(
        to_body_id=number(given(request, "transfer_to_body", 19)),
        to_name=given(request, "transfer_to_name", 80),
        reason=given(request, "transfer_reason", 600),
        named=given(request, "transfer_named", 1) == "1",
        **_who(request, intake_id),
    )


def _send(request: HttpRequest, intake_id: int) -> None:
    letters.intake_transfer_send(
        way=given(request, "send_way", 12),
        on=day_or_none(given(request, "send_on", 10)),
        tracking=given(request, "send_tracking", 60),
        **_who(request, intake_id),
    )


def _receipt(request: HttpRequest, intake_id: int) -> None:
    letters.intake_transfer_receipt(
        accepted=given(request, "receipt_accepted", 4) == "yes",
        on=day_or_none(given(request, "receipt_on", 10)),
        whom=given(request, "receipt_whom", 60),
        reason=given(request, "receipt_reason", 300),
        scan=uploaded(request, "receipt_scan"),
        **_who(request, intake_id),
    )


def _draft_decided(approve: bool) -> Callable[[HttpRequest, int], None]:
    def act(request: HttpRequest, intake_id: int) -> None:
        name = given(request, "act", 20)
        letters.intake_draft_decide(
            approve=approve, reason=given(request, f"{name}_reason", 600), **_who(request, intake_id)
        )

    return act


def _ask(request: HttpRequest, intake_id: int) -> None:
    letters.intake_ask(
        extract=given(request, "ask_extract", 6000).replace("\r", ""),
        checked=bool(given(request, "ask_checked", 5)),
        **_who(request, intake_id),
    )


def _extend(request: HttpRequest, intake_id: int) -> None:
    letters.intake_extend(
        reason=given(request, "extend_reason", 600),
        until=day_or_none(given(request, "extend_until", 10)),
        **_who(request, intake_id),
    )


def _extension_decided(approve: bool) -> Callable[[HttpRequest, int], None]:
    def act(request: HttpRequest, intake_id: int) -> None:
        name = given(request, "act", 20)
        letters.intake_extend_decide(
            approve=approve, reason=given(request, f"{name}_reason", 600), **_who(request, intake_id)
        )

    return act


def _check(request: HttpRequest, intake_id: int) -> None:
    letters.intake_check(
        finding=given(request, "check_finding", 2500),
        performed=given(request, "check_performed", 5) == "yes",
        **_who(request, intake_id),
    )


def _repair_decided(approve: bool) -> Callable[[HttpRequest, int], None]:
    def act(request: HttpRequest, intake_id: int) -> None:
        letters.intake_repair_decide(
            approve=approve,
            reason=given(request, f"{given(request, 'act', 20)}_reason", 3500),
            **_who(request, intake_id),
        )

    return act


def _propose(request: HttpRequest, intake_id: int) -> None:
    publication.questions.question_propose(
        question=given(request, "propose_question", 1200),
        answer=given(request, "propose_answer", 3500),
        **_who(request, intake_id),
    )


VERBS: dict[str, tuple[Callable[[HttpRequest, int], None], Callable[[], str]]] = {
    "accept": (_plain(letters.intake_accept), lambda: _("已受理")),
    "decline": (_plain(letters.intake_decline, reason=3500), lambda: _("已作不予受理处理，来件人可以看到理由")),
    "decline_draft": (_plain(letters.intake_decline_draft, reason=3500), lambda: _("不予受理意见已提交审核")),
    "name": (_named, lambda: _("已认定被投诉对象，其不再能看到来件")),
    "transfer": (_transfer, lambda: _("已转送")),
    "assign": (_assign, lambda: _("已交办")),
    "ask": (_ask, lambda: _("已要求被投诉机构说明情况")),
    "account": (_plain(letters.intake_account, account=6000), lambda: _("情况说明已提交")),
    "extend": (_extend, lambda: _("延期申请已提交审批")),
    "extend_yes": (_extension_decided(True), lambda: _("已批准延期")),
    "extend_no": (_extension_decided(False), lambda: _("已退回延期申请")),
    "send": (_send, lambda: _("已登记寄送")),
    "receipt": (_receipt, lambda: _("已登记回执，来件人可以看到")),
    "answer": (_plain(letters.intake_answer, reply=3500), lambda: _("已答复，来件人可以凭查询码查看")),
    "draft": (_plain(letters.intake_draft, reply=3500), lambda: _("答复稿已提交审核")),
    "draft_yes": (_draft_decided(True), lambda: _("已审核通过，来件人可以凭查询码查看")),
    "draft_no": (_draft_decided(False), lambda: _("拟稿已退回")),
    "check": (_check, lambda: _("核查情况已登记，待负责人决定")),
    "repair_yes": (_repair_decided(True), lambda: _("已准予信用修复，公示已提前终止")),
    "repair_no": (_repair_decided(False), lambda: _("已作出不予信用修复的决定")),
    "propose": (_propose, lambda: _("已提交公开问答审核")),
}  # fmt: skip


@reading
def file(request: HttpRequest, intake_id: int, file_id: int) -> HttpResponseBase:
    """A file that came with it, always as a download; who opened it is kept."""
    by = by_of(request)
    may_enter(by)
    if max(intake_id, file_id) >= 2**62:
        raise Http404
    found = letters.intake_file(by, intake_id, file_id)
    if found is None:
        raise NotFound
    looked(request, "intake:file", f"intake:{intake_id}", file=found.sha256)
    return serving.file_response(request, files.ref(found.file_id), name=found.name, download=True)


@reading
def transfer_file(
    request: HttpRequest, intake_id: int, transfer_id: int, event_id: int | None = None
) -> HttpResponseBase:
    """A 转送函, or the scan of its receipt; who opened it is kept."""
    by = by_of(request)
    may_enter(by)
    if max(intake_id, transfer_id, event_id or 0) >= 2**62:
        raise Http404
    ref = letters.transfer_file(by, intake_id, transfer_id, event_id=event_id, at=at_of(request))
    looked(request, "intake:file", f"intake:{intake_id}", file=ref.sha256)
    return serving.file_response(request, ref, name=ref.name, download=event_id is not None)

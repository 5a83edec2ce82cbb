"""公示台: what is due to be public, one disclosure side by side, and every verb of it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import Chip
from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication import choices
from mingzhi.publication.data import Amendment, DisclosureView, FieldView, Mask, Release
from mingzhi.publication.errors import NotClean
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, looked, reading
from mingzhi.web.desk.intakes import may_questions
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    cleaned,
    given,
    number,
    shown,
    today,
)
from mingzhi.web.handed import files_of

PAGE = 50
MASK, BLANK_MASKS = ("mask_field", "mask_text", "mask_start", "mask_end"), 3
AMEND, BLANK_AMENDMENTS = ("amend_field", "amend_wrong", "amend_right"), 2
_SEES = (
    Permission.DISCLOSURE_COLLECT,
    Permission.DISCLOSURE_CHECK,
    Permission.DISCLOSURE_PUBLISH,
    Permission.SUPERVISE_READ,
)
_OPEN = (choices.State.SCHEDULED, choices.State.RETURNED, choices.State.COLLECTED, choices.State.CHECKED)
_CLOSED = (choices.State.PUBLISHED, choices.State.WITHHELD, choices.State.WITHDRAWN, choices.State.EXPIRED)
_REASONS = {
    "return": "return_reason",
    "correct": "correct_reason",
    "withdraw": "withdraw_reason",
    "withhold": "withhold_reason",
    "withhold_refuse": "decide_reason",
    "clear": "clear_reason",
}
_BAND = frozenset({"secret"})


def _may_enter(by: Actor) -> None:
    if not any(by.may(p) for p in _SEES):
        organisations.require(by, Permission.DISCLOSURE_COLLECT)


def due_chip(due_on: date, on: date, *, open_: bool) -> Chip | None:
    """The mark of the day by which the decision must be public, in working days."""
    if not open_:
        return None
    title = _("应于 %(day)s 前公开") % {"day": due_on.isoformat()}
    if due_on < on:
        return Chip(_("逾期 %(n)d 日") % {"n": (on - due_on).days}, "late", title)
    if due_on == on:
        return Chip(_("今日到期"), "today", title)
    left = deadlines.working_days_between(on, due_on)
    return Chip(_("剩 %(n)d 个工作日") % {"n": left}, "soon" if left <= 2 else "ok", title)


@reading
def queue(request: HttpRequest) -> HttpResponse:
    """Disclosures by state: what is open soonest due first, what is closed newest first."""
    by, on = by_of(request), today(request)
    _may_enter(by)
    state = given(request, "state", 12)
    late = given(request, "overdue", 1) == "1"
    before = number(given(request, "before", 19))
    if state not in {s.value for s in (*_OPEN, *_CLOSED)}:
        state = ""
    rows = publication.disclosure_queue(by, state, on=on, overdue=late, before=before, limit=PAGE + 1)
    counts = publication.disclosure_counts(by, on=on)
    more, rows = len(rows) > PAGE, rows[:PAGE]
    tabs = [{"label": _("全部在办"), "url": "?", "here": not state and not late, "count": None}]
    tabs += [{"label": _("逾期未公示"), "url": "?overdue=1", "here": late, "count": counts["overdue"]}]
    tabs += [
        {
            "label": str(s.label),
            "url": f"?state={s.value}",
            "here": state == s.value and not late,
            "count": counts.get(s.value),
        }
        for s in (*_OPEN, *_CLOSED)
    ]
    return render(
        request,
        "desk/registers/disclosure_queue.html",
        {
            "lines": [
                {
                    "row": r,
                    "url": reverse("desk:disclosure_one", args=[r.id]),
                    "chip": due_chip(r.due_on, on, open_=r.state in _OPEN),
                }
                for r in rows
            ],
            "tabs": tabs,
            "to_withdraw": counts["to_withdraw"],
            "may_questions": may_questions(by),
            "next_url": f"?state={state}&before={rows[-1].id}" if more and state in _CLOSED else "",
            "more_open": more and state not in _CLOSED,
            "trail": [(_("执法公示"), "")],
        },
    )


# --- one disclosure ------------------------------------------------------------------------


def original_pieces(field: FieldView) -> list[dict[str, Any]]:
    """The served text cut where something was found: plain, masked, marked by hand, or released."""
    pieces: list[dict[str, Any]] = []
    at = 0
    for span in sorted(field.spans, key=lambda s: s.start):
        if span.start < at:
            continue
        pieces.append({"text": field.original[at : span.start], "kind": ""})
        kind = "released" if span.released else "manual" if span.manual else "found"
        pieces.append({"text": field.original[span.start : span.end], "kind": kind, "label": span.label})
        at = span.end
    pieces.append({"text": field.original[at:], "kind": ""})
    return [p for p in pieces if p["text"]]


def masked_pieces(field: FieldView) -> list[dict[str, Any]]:
    """The public text with the replaced stretches marked, found between the stretches left as they were."""
    kept, at = [], 0
    for span in sorted(field.spans, key=lambda s: s.start):
        if span.released or span.start < at:
            continue
        kept.append(field.original[at : span.start])
        at = span.end
    kept.append(field.original[at:])
    pieces: list[dict[str, Any]] = []
    place = 0
    for n, text in enumerate(kept):
        last = n == len(kept) - 1
        start = field.masked.find(text, place) if n else 0
        if last:
            start = len(field.masked) - len(text)
        if start < place or not field.masked.startswith(text, start):
            return [{"text": field.masked, "kind": ""}]
        if start > place:
            pieces.append({"text": field.masked[place:start], "kind": "masked"})
        elif n and start == place and not text and not last:
            continue
        pieces.append({"text": text, "kind": ""})
        place = start + len(text)
    return [p for p in pieces if p["text"]]


def _page(request: HttpRequest, disclosure_id: int, refused: Refused | None = None) -> HttpResponse:
    by, on = by_of(request), today(request)
    view = publication.disclosure_view(by, disclosure_id, on=on)
    collecting = "collect" in view.may
    entered = request.POST if refused else None
    context: dict[str, Any] = {
        "view": view,
        "row": view.row,
        "chip": due_chip(view.row.due_on, on, open_=view.row.state in _OPEN),
        "any_found": collecting and any(not s.manual for f in view.fields for s in f.spans),
        "fields": [
            {
                "field": f,
                "original": original_pieces(f),
                "masked": masked_pieces(f),
                "found": [_found(s, entered) for s in f.spans if not s.manual] if collecting else [],
            }
            for f in view.fields
        ],
        "kept": [
            {
                "key": f"{s.field}:{s.start}:{s.end}",
                "text": s.original,
                "label": f.label,
                "on": entered is None or f"{s.field}:{s.start}:{s.end}" in entered.getlist("keep"),
            }
            for f in view.fields
            for s in f.spans
            if s.manual
        ],
        "blank_masks": _rows(entered, MASK, BLANK_MASKS),
        "field_choices": [(f.name, f.label) for f in view.fields],
        "amendments": _rows(entered, AMEND, BLANK_AMENDMENTS),
        "summary": entered.get("summary", "") if entered else view.summary,
        "withhold_reasons": choices.WithholdReason.choices,
        "hits": _hits(refused, view),
        "may": dict.fromkeys(view.may, True),
        "waits": _waits(view, by),
        "public_url": f"/decisions/{view.row.id}/"
        if view.row.state in ("published", "withdrawn", "expired")
        else "",
        "case_url": case_url(view.row.dossier_id)
        if view.row.dossier_id and by.may(Permission.CASE_READ)
        else "",
        "trail": [(_("执法公示"), reverse("desk:disclosure")), (view.row.number, "")],
    }
    if refused is not None:  # the room calls every reason «reason»; the page has one field for each verb
        verb = given(request, "act", 20)
        beside = {"reason": _REASONS.get(verb, "reason"), "basis": f"{verb}_basis"}
        refused.fields = {beside.get(name, name): told for name, told in refused.fields.items()}
    return shown(request, "desk/registers/disclosure_one.html", context, refused)


def _found(span: Any, entered: Any) -> dict[str, Any]:
    name = f"release:{span.field}:{span.start}:{span.end}"
    return {
        "span": span,
        "name": name,
        "reason": entered.get(name, "") if entered is not None else span.released,
        "fixed": span.kind in _BAND,
    }


def _rows(entered: Any, columns: tuple[str, ...], blank: int) -> list[dict[str, str]]:
    """The rows of a group of fields ``mask_field, mask_text …`` as they were entered, ``blank`` at least."""
    given_rows = {c: entered.getlist(c) if entered is not None else [] for c in columns}
    count = min(max([blank, *map(len, given_rows.values())]), 20)
    return [
        {c.partition("_")[2]: v[n] if n < len(v) else "" for c, v in given_rows.items()} for n in range(count)
    ]


def _hits(refused: Refused | None, view: DisclosureView) -> list[str]:
    if refused is None or not isinstance(refused.error, NotClean):
        return []
    labels = {f.name: f.label for f in view.fields} | {"summary": _("通俗摘要")}
    return sorted({labels.get(hit[0], hit[0]) for hit in refused.error.facts.get("hits", [])})


def _waits(view: DisclosureView, by: Actor) -> str:
    """Whose turn it is, for whoever cannot act now."""
    if view.may:
        return ""
    permission = {
        choices.State.SCHEDULED: Permission.DISCLOSURE_COLLECT,
        choices.State.RETURNED: Permission.DISCLOSURE_COLLECT,
        choices.State.COLLECTED: Permission.DISCLOSURE_CHECK,
        choices.State.CHECKED: Permission.DISCLOSURE_PUBLISH,
    }.get(choices.State(view.row.state))
    if permission is None:
        return ""
    if view.row.state == choices.State.COLLECTED and by.may(Permission.DISCLOSURE_CHECK):
        return _("公示信息的采集人与审核人不得为同一人，须由另一名公示审核员审核。")
    return _("当前须由%(who)s办理。") % {"who": "、".join(organisations.roles_with(permission))}


def _masks(request: HttpRequest, view: DisclosureView) -> list[Mask]:
    """Masks kept from before and those typed now: by the text to hide (every place) or by positions."""
    texts = {f.name: f.original for f in view.fields}
    masks: list[Mask] = []
    for key in request.POST.getlist("keep")[:200]:
        name, _sep, rest = key.partition(":")
        start, _sep, end = rest.partition(":")
        if name in texts and start.isascii() and start.isdigit() and end.isascii() and end.isdigit():
            masks.append(Mask(name, int(start[:9]), int(end[:9])))
    problems = Problems()
    for n, row in enumerate(_rows(request.POST, MASK, BLANK_MASKS)):
        name, wanted = row["field"], row["text"].strip()
        first, last = number(row["start"].strip()), number(row["end"].strip())
        if not (wanted or row["start"].strip() or row["end"].strip()):
            continue
        if name not in texts:
            problems.add(f"mask-{n}", _("请选择要遮盖的栏目"))
        elif wanted:
            found = list(_places(texts[name], wanted))
            if not found:
                problems.add(f"mask-{n}", _("“%(text)s”不在所选栏目的原文中，请核对") % {"text": wanted[:40]})
            masks += [Mask(name, s, e) for s, e in found]
        elif first is None or last is None:
            problems.add(f"mask-{n}", _("请填写要遮盖的文字，或者同时填写起止位置"))
        else:
            # People count characters from one and mean the last one too.
            masks.append(Mask(name, first - 1, last))
    problems.raise_if_any()
    return list(dict.fromkeys(masks))


def _places(text: str, wanted: str) -> Iterable[tuple[int, int]]:
    at = text.find(wanted)
    while at >= 0:
        yield at, at + len(wanted)
        at = text.find(wanted, at + len(wanted))


def _releases(request: HttpRequest, view: DisclosureView) -> list[Release]:
    found = []
    for f in view.fields:
        for s in f.spans:
            reason = request.POST.get(f"release:{s.field}:{s.start}:{s.end}", "").strip()[:200]
            if reason and not s.manual:
                found.append(Release(s.field, s.start, s.end, reason))
    return found


@forms
def one(request: HttpRequest, disclosure_id: int) -> HttpResponse:
    """One disclosure. A submission names its verb in ``act``; a refusal keeps everything entered."""
    by = by_of(request)
    _may_enter(by)
    if disclosure_id >= 2**62:
        raise NotFound
    if request.method != "POST":
        looked(request, "publication:looked", f"disclosure:{disclosure_id}")
        return _page(request, disclosure_id)
    here = reverse("desk:disclosure_one", args=[disclosure_id])
    verb = given(request, "act", 20)
    act = VERBS.get(verb)
    if act is None:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    refused = attempted(request, lambda: act[0](request, disclosure_id), act[1]())
    return answered(request, refused, here, lambda r: _page(request, disclosure_id, r))


def _who(request: HttpRequest, disclosure_id: int) -> dict[str, Any]:
    return {"disclosure_id": disclosure_id, "by": by_of(request), "at": at_of(request)}


def _collect(request: HttpRequest, disclosure_id: int) -> None:
    view = publication.disclosure_view(by_of(request), disclosure_id, on=today(request))
    publication.disclosure_collect(
        summary=given(request, "summary", 2000),
        masks=_masks(request, view),
        releases=_releases(request, view),
        **_who(request, disclosure_id),
    )


def _return(request: HttpRequest, disclosure_id: int) -> None:
    publication.disclosure_return(
        reason=given(request, "return_reason", 1000), **_who(request, disclosure_id)
    )


def _correct(request: HttpRequest, disclosure_id: int) -> None:
    rows = [
        Amendment(row["field"], cleaned(row["wrong"], 300), cleaned(row["right"], 300))
        for row in _rows(request.POST, AMEND, BLANK_AMENDMENTS)
    ]
    publication.disclosure_correct(
        reason=given(request, "correct_reason", 1000),
        amendments=[row for row in rows if row.wrong or row.right],
        basis=given(request, "correct_basis", 300),
        **_who(request, disclosure_id),
    )


def _withdraw(request: HttpRequest, disclosure_id: int) -> None:
    basis = given(request, "withdraw_basis", 300)
    if not basis:
        raise Invalid(
            fields={"withdraw_basis": [_("请填写撤下所依据的法律条文，或者撤销、变更决定的文书名称和文号")]}
        )
    publication.disclosure_withdraw(
        reason=given(request, "withdraw_reason", 1000), basis=basis, **_who(request, disclosure_id)
    )


def _attach(request: HttpRequest, disclosure_id: int) -> None:
    stored = files_of(request, "file")
    if not stored:
        raise Invalid(fields={"file": [_("请选择要随公示一并公开的文件")]})
    for file in stored:
        publication.attachments.attachment_add(file=file, **_who(request, disclosure_id))


def _file_of(request: HttpRequest, disclosure_id: int) -> int:
    """The attachment that the form names, of this disclosure."""
    view = publication.disclosure_view(by_of(request), disclosure_id, on=today(request))
    wanted = number(given(request, "attachment", 19))
    if wanted not in {a.id for a in view.attachments}:
        raise NotFound
    return wanted or 0


def _detach(request: HttpRequest, disclosure_id: int) -> None:
    publication.attachments.attachment_remove(
        attachment_id=_file_of(request, disclosure_id), by=by_of(request), at=at_of(request)
    )


def _clear(request: HttpRequest, disclosure_id: int) -> None:
    publication.attachments.attachment_clear(
        attachment_id=_file_of(request, disclosure_id),
        reason=given(request, "clear_reason", 500),
        by=by_of(request),
        at=at_of(request),
    )


def _withhold(request: HttpRequest, disclosure_id: int) -> None:
    publication.disclosure_withhold(
        reason=given(request, "withhold_reason", 20),
        note=given(request, "withhold_note", 1000),
        basis=given(request, "withhold_basis", 300),
        **_who(request, disclosure_id),
    )


def _decide(request: HttpRequest, disclosure_id: int, *, approve: bool) -> None:
    publication.disclosure_withhold_decide(
        approve=approve, reason=given(request, "decide_reason", 1000), **_who(request, disclosure_id)
    )


VERBS: dict[str, tuple[Callable[[HttpRequest, int], Any], Callable[[], str]]] = {
    "collect": (_collect, lambda: _("已提交公示审核")),
    "check": (lambda r, i: publication.disclosure_check(**_who(r, i)), lambda: _("审核通过，待发布")),
    "return": (_return, lambda: _("已退回采集人修改")),
    "publish": (lambda r, i: publication.disclosure_publish(**_who(r, i)), lambda: _("已发布，公众可以查询")),
    "attach": (_attach, lambda: _("已添加附件并完成泄露检查")),
    "detach": (_detach, lambda: _("已移除附件")),
    "clear": (_clear, lambda: _("已放行附件，放行人和理由已记录")),
    "correct": (_correct, lambda: _("已启动更正；新文本发布前，原公示内容继续公示")),
    "withdraw": (_withdraw, lambda: _("已撤下，并公开说明理由")),
    "withhold": (_withhold, lambda: _("已提出不予公开，待公示审核员审核")),
    "withhold_approve": (lambda r, i: _decide(r, i, approve=True), lambda: _("已同意不予公开")),
    "withhold_refuse": (
        lambda r, i: _decide(r, i, approve=False),
        lambda: _("已不同意不予公开，转采集人办理公示"),
    ),
}

"""公示渠道: which platform gets what, how each stands, what was refused and why; and the table of rules."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.kernel.errors import Invalid, NotFound, Problems
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api as publication
from mingzhi.publication import choices
from mingzhi.publication.data import PARTY_KINDS
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.lists import may_enter
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    attempted,
    beside,
    day_of,
    given,
    number,
    shown,
    submitted,
)

FORMS = ("xlsx", "csv", "csv-withdrawn", "json")
_TYPES = {
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "json": "application/json; charset=utf-8",
}


@forms
def page(request: HttpRequest) -> HttpResponse:
    """The body's channels; a submission names its verb in ``act``."""
    if request.method != "POST":
        return _page(request)
    acts = {name: (partial(does, request), said()) for name, (does, said) in VERBS.items()}
    return submitted(request, acts, reverse("desk:channels"), partial(_page, request))


def _page(request: HttpRequest, refused: Refused | None = None, found: Any = None) -> HttpResponse:
    by = by_of(request)
    asked = number(given(request, "reconcile", 19))
    carriers = publication.channels.carriers(by)
    context = {
        "targets": [
            {"t": t, "batches": publication.channels.batches(t.id, by), "here": t.id == asked}
            for t in publication.channels.targets(by)
        ],
        "adapters": publication.channels.offered(),
        "carriers": carriers,
        "may_list": may_enter(by),
        "by_hand": [line for line in carriers if not line.act],
        "handovers": publication.channels.handovers(by),
        "acts": choices.DecisionKind.choices,
        "forms": FORMS,
        "may_set": by.may(Permission.CONFIG_MANAGE),
        "may_send": by.may(Permission.DISCLOSURE_PUBLISH),
        "found": found,
        "found_of": asked,
        "trail": [*_up(by), (_("公示渠道"), "")],
    }
    if refused is None:  # «开通» beside a line of the document fills the form with what that line says
        context["entered"] = {
            name: given(request, name, 300) for name in ("name", "kind", "adapter", "citation")
        }
    return shown(request, "desk/registers/channels.html", context, refused)


def _up(by: Actor) -> list[tuple[str, str]]:
    """The way up, for those who may go there: who only sets channels or rules has no disclosure desk."""
    sees = (Permission.DISCLOSURE_COLLECT, Permission.DISCLOSURE_CHECK, Permission.DISCLOSURE_PUBLISH)
    return [(_("执法公示"), reverse("desk:disclosure"))] if any(by.may(p) for p in sees) else []


@reading
def reconcile(request: HttpRequest, target_id: int) -> HttpResponse:
    """对账: ask the platform what it holds and show every difference."""
    if target_id >= 2**62:
        raise NotFound
    by, at = by_of(request), at_of(request)
    view = next((t for t in publication.channels.targets(by) if t.id == target_id), None)
    if view is None:
        raise NotFound
    looked(request, "publication:reconciled", f"publication-target:{target_id}")
    differences = publication.channels.reconcile(target_id=target_id, by=by, at=at)
    context = {
        "target": view,
        "differences": differences,
        "trail": [*_up(by), (_("公示渠道"), reverse("desk:channels")), (_("对账"), "")],
    }
    return shown(request, "desk/registers/channel_reconcile.html", context)


@reading
def batch(request: HttpRequest, target_id: int, name: str, form: str) -> HttpResponse:
    """A batch as a file to upload at the platform."""
    if target_id >= 2**62 or form not in FORMS:
        raise NotFound
    data = publication.channels.batch_file(target_id=target_id, batch=name, form=form, by=by_of(request))
    looked(request, "publication:batch", f"publication-target:{target_id}", batch=name, form=form)
    answer = HttpResponse(data, content_type=_TYPES.get(form, "text/csv; charset=utf-8"))
    end = form.partition("-")[0]
    answer["Content-Disposition"] = (
        f'attachment; filename="{name}{"-withdrawn" if "-" in form else ""}.{end}"'
    )
    return answer


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _target(request: HttpRequest) -> int:
    found = number(given(request, "target", 19))
    if found is None:
        raise NotFound
    return found


@beside(act="kind")
def _set(request: HttpRequest) -> None:
    options: dict[str, Any] = {"names": publication.channels.clean_names(given(request, "names", 4000))}
    for name in ("url", "folder", "algorithm", "valid_until"):
        if value := given(request, name, 300):
            options[name] = value
    publication.channels.target_set(
        name=given(request, "name", 80),
        act=given(request, "kind", 16),
        adapter=given(request, "adapter", 40),
        options=options,
        secret=given(request, "secret", 200),
        citation=given(request, "citation", 300),
        **_who(request),
    )


def _retry(request: HttpRequest) -> None:
    delivery = number(given(request, "delivery", 19))
    if delivery is None:
        raise NotFound
    publication.channels.retry(delivery_id=delivery, **_who(request))


def _answer(request: HttpRequest) -> None:
    refused = {}
    for line in filter(str.strip, given(request, "refused", 20_000).splitlines()):
        name, gap, told = (part.strip() for part in line.partition("="))
        if not gap or not told:
            raise Invalid(
                fields={
                    "refused": [_("每行写一个退回的文号和原因，如“某罚决字〔2026〕第1号 = 信用代码有误”")]
                }
            )
        refused[name] = told
    publication.channels.answer_enter(
        target_id=_target(request),
        batch=given(request, "batch", 40),
        refused=refused,
        receipt=given(request, "receipt", 200),
        **_who(request),
    )


def _handed(request: HttpRequest) -> None:
    problems = Problems()
    day = day_of(problems, request, "handed_on", _("送交日期"))
    problems.raise_if_any()
    data, _gap, platform = given(request, "carrier", 120).partition("|")
    publication.channels.handover_enter(
        data=data,
        platform=platform,
        what=given(request, "what", 200),
        handed_on=day,
        receipt=given(request, "receipt", 200),
        **_who(request),
    )


VERBS: dict[str, tuple[Callable[[HttpRequest], Any], Callable[[], str]]] = {
    "set": (_set, lambda: _("渠道已开通，此后公示的信息将同时报送")),
    "end": (
        lambda r: publication.channels.target_end(target_id=_target(r), **_who(r)),
        lambda: _("渠道已停用"),
    ),
    "retry": (_retry, lambda: _("已重新列入报送")),
    "batch": (
        lambda r: publication.channels.batch_make(target_id=_target(r), **_who(r)),
        lambda: _("已制成批次，请下载文件并上传至对方平台"),
    ),
    "answer": (_answer, lambda: _("回执已登记")),
    "handed": (_handed, lambda: _("送交已登记")),
}


# --- rules --------------------------------------------------------------------------------------------


@forms
def rules(request: HttpRequest) -> HttpResponse:
    """公示规则: what each channel does with which decision, to read and to print; the body sets its own."""
    if request.method != "POST":
        return _rules(request)
    refused = attempted(request, lambda: _rule_set(request), _("已设定公示规则，适用于所填日期起作出的决定"))
    return answered(request, refused, reverse("desk:disclosure_rules"), lambda r: _rules(request, r))


def _rules(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    context = {
        "rows": publication.policy_table(by),
        "may_set": by.may(Permission.CATALOGUE_MANAGE),
        "channels": choices.Channel.choices,
        "acts": choices.DecisionKind.choices,
        "severities": choices.Severity.choices,
        "parties": PARTY_KINDS.items(),
        "trail": [*_up(by), (_("公示规则"), "")],
    }
    return shown(request, "desk/registers/disclosure_rules.html", context, refused)


@beside(act="kind")
def _rule_set(request: HttpRequest) -> None:
    problems = Problems()
    day = day_of(problems, request, "valid_from", _("适用的起始日期"))
    months = {name: number(given(request, name, 4)) for name in ("min_months", "max_months")}
    for name, value in months.items():
        if (value is None and given(request, name, 4)) or (value or 0) > 1200:
            problems.add(name, _("请填写月数"))
    problems.raise_if_any()
    publication.policy_set(
        channel=given(request, "channel", 16),
        act=given(request, "kind", 16),
        publish=given(request, "publish", 3) == "yes",
        min_months=months["min_months"] or 0,
        max_months=months["max_months"],
        severity=given(request, "severity", 16),
        party_kind=given(request, "party_kind", 16),
        own_name=given(request, "own_name", 8) or "surname",
        valid_from=day,
        citation=given(request, "citation", 300),
        **_who(request),
    )

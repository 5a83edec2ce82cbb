"""案卷归档: what waits to be archived, what was, one dossier's archive life, and what is made of it."""

from __future__ import annotations

from collections.abc import Set
from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import HoldSource, MakeKind, MakeState, Secrecy, Volume
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger.verify_package import AUTHENTIC, COMPLETE, SAFE, USABLE, verify_package
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures import api as procedures
from mingzhi.web.desk.case_page import index_volumes
from mingzhi.web.desk.common import at_of, by_of, case_url, forms, looked, reading, reason_links, state_labels
from mingzhi.web.desk.registers_common import (
    Refused,
    attempted,
    day_or_none,
    given,
    number,
    shown,
    today,
    uploaded,
)

SIZE = 50
TABS = ("waiting", "done", "lent", "appraisal")
COPIES = (MakeKind.MAIN, MakeKind.SIDE, MakeKind.BOTH, MakeKind.PACKAGE, MakeKind.OUTSIDE)


def seen(request: HttpRequest, permissions: Set[P]) -> Actor:
    """Who looks, holding one of ``permissions``."""
    by = by_of(request)
    if not by.permissions & permissions:
        raise NotAllowed()
    return by


def chosen(request: HttpRequest) -> list[int]:
    """The dossiers ticked for a list."""
    return [n for n in map(number, request.POST.getlist("dossier")) if n is not None]


def tabs_of(by: Actor, here: str) -> list[dict[str, Any]]:
    """The tabs of the archive desk; leaders come only to decide on destruction lists."""
    names = {
        "waiting": (_("待归档"), reverse("desk:archive")),
        "done": (_("已归档"), f"{reverse('desk:archive')}?tab=done"),
        "lent": (_("借阅"), f"{reverse('desk:archive')}?tab=lent"),
        "appraisal": (_("鉴定销毁"), reverse("desk:archive_lists")),
        "transfer": (_("移交档案馆"), reverse("desk:archive_transfers")),
        "scans": (_("存量著录"), reverse("desk:archive_scans")),
        "receive": (_("接收档案包"), reverse("desk:archive_receive")),
        "ledger": (_("执法台账"), reverse("desk:case_ledger")),
    }
    allowed = set(names) if by.may(P.DOSSIER_ARCHIVE) else {"appraisal", "ledger"}
    if by.may(P.CASE_APPROVE):
        allowed.add("transfer")
    return [
        {"label": label, "url": url, "here": key == here, "count": None}
        for key, (label, url) in names.items()
        if key in allowed
    ]


@reading
def index(request: HttpRequest) -> HttpResponseBase:
    """The lists of the archive desk, a page at a time."""
    by = by_of(request)
    if not by.may(P.DOSSIER_ARCHIVE):
        return HttpResponseRedirect(reverse("desk:archive_lists"))
    tab = given(request, "tab", 10)
    tab = tab if tab in TABS else "waiting"
    after = number(given(request, "after", 19)) or 0
    context: dict[str, Any] = {
        "tab": tab,
        "tabs": tabs_of(by, tab),
        "trail": [(_("案卷归档"), "")],
        "today": today(request),
    }
    if tab == "lent":
        context["loans"] = dossiers.lending.loans(body_id=by.body_id, out=True)
    else:
        rows = dossiers.dossiers_for(by, P.DOSSIER_ARCHIVE).filter(body_id=by.body_id)
        if tab == "waiting":
            rows = rows.filter(procedures.stands_untaken("archive"))
        else:
            rows = rows.filter(archive__isnull=False)
        query = given(request, "q", 60)
        if query:
            rows = rows.filter(number__contains=query) | rows.filter(party_name__contains=query)
        rows = rows.select_related("unit").order_by("-pk")
        found = list((rows.filter(pk__lt=after) if after else rows)[: SIZE + 1])
        more = found[SIZE - 1].pk if len(found) > SIZE else None
        context |= {"rows": [_line(d, by, tab, request) for d in found[:SIZE]], "more": more, "q": query}
    return shown(request, "desk/archive/index.html", context)


def _line(dossier: Dossier, by: Actor, tab: str, request: HttpRequest) -> dict[str, Any]:
    line: dict[str, Any] = {"dossier": dossier, "url": reverse("desk:archive_one", args=[dossier.pk])}
    if tab == "waiting":
        reasons = _archive_option(dossier, by, request)
        line["missing"] = len(reasons.reasons) if reasons is not None else 0
        line["days"] = (today(request) - clock.local_date(dossier.closed_at)).days if dossier.closed_at else 0
    else:
        line["archive"] = dossiers.archive.archive_of(dossier.pk)
    return line


def _archive_option(dossier: Dossier, by: Actor, request: HttpRequest) -> Any:
    options = procedures.options(dossier, by=by, at=at_of(request))
    return next((o for o in options if o.verb == "archive"), None)


# --- one dossier ------------------------------------------------------------------------------------


def _own(request: HttpRequest, dossier_id: int, permission: P = P.DOSSIER_ARCHIVE) -> Dossier:
    return dossiers.access_dossier(by_of(request), dossier_id, permission)


@forms
def one(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """A dossier's archive page: completeness, index, term, holds, loans, copies, packages."""
    dossier = _own(request, dossier_id)
    refused: Refused | None = None
    if request.method == "POST":
        if dossier.body_id != by_of(request).body_id:
            raise NotAllowed()
        acts = {
            "hold": (_hold, _("已设定暂缓处置")),
            "lift": (_lift, _("已解除暂缓处置")),
            "lend": (_lend, _("已登记借阅")),
            "return": (_return, _("已登记归还")),
            "make": (_make, _("已开始制作，完成后可在本页下载")),
            "supplement": (_supplement, _("已补充材料，目录随后重新编制")),
            "secrecy": (_secrecy, _("已标定密级")),
        }
        chosen = acts.get(given(request, "act", 12))
        if chosen is None:
            raise NotFound()
        act, done = chosen
        refused = attempted(request, lambda: act(request, dossier), done)
        if refused is None:
            return HttpResponseRedirect(reverse("desk:archive_one", args=[dossier.pk]))
    else:
        looked(request, "dossier:archive_viewed", f"dossier:{dossier.pk}")
    return shown(request, "desk/archive/one.html", _one(request, dossier), refused)


def _one(request: HttpRequest, dossier: Dossier) -> dict[str, Any]:
    by, at = by_of(request), at_of(request)
    view = dossiers.archive.archive_of(dossier.pk)
    option = _archive_option(dossier, by, request)
    volumes = index_volumes(dossier)
    return {
        "dossier": dossier,
        "archive": view,
        "destroyed": dossiers.destruction.destroyed_on(dossier),
        "transferred": dossiers.transfer.transferred(view.id) if view is not None else None,
        "state_label": state_labels().get(dossier.state, ""),
        "option": option,
        "links": reason_links(dossier, option.reasons, by) if option is not None else {},
        "step_url": reverse("desk:step", args=[dossier.pk, "archive"]) if option and option.open else "",
        "volumes": volumes,
        "supplements": [x for _label, lines in volumes for x in lines if x.supplement],
        "loans": dossiers.lending.loans(dossier_id=dossier.pk),
        "makings": [_making(m) for m in dossiers.archive.makings(dossier.pk)],
        "waiting": any(
            m.state in (MakeState.WAITING, MakeState.RUNNING) for m in dossiers.archive.makings(dossier.pk)
        ),
        "copies": [
            (k.value, k.label) for k in COPIES if k != MakeKind.OUTSIDE or dossier.secrecy != Secrecy.STATE
        ],
        "hold_sources": HoldSource.choices,
        "volume_choices": [*Volume.choices, ("both", _("全卷"))],
        "secrecy_choices": Secrecy.choices,
        "secrecy_label": Secrecy(dossier.secrecy).label,
        "today": today(request),
        "own": dossier.body_id == by.body_id,
        "case_url": case_url(dossier.pk),
        "at": at,
        "trail": [(_("案卷归档"), reverse("desk:archive")), (dossier.number, "")],
    }


def _making(row: Any) -> dict[str, Any]:
    return {
        "row": row,
        "label": MakeKind(row.kind).label,
        "state_label": MakeState(row.state).label,
        "package": row.kind in (MakeKind.PACKAGE, MakeKind.OUTSIDE),
        "open": row.state in (MakeState.WAITING, MakeState.RUNNING),
    }


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _hold(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.archive.hold_set(
        dossier=dossier,
        source=given(request, "source", 12),
        reason=given(request, "reason", 300),
        **_who(request),
    )


def _lift(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.archive.hold_lift(
        dossier=dossier,
        hold_id=number(given(request, "hold", 19)) or 0,
        reason=given(request, "lift_reason", 300),
        **_who(request),
    )


def _lend(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.lending.loan_make(
        dossier=dossier,
        volume=given(request, "volume", 8),
        borrower=given(request, "borrower", 60),
        unit=given(request, "unit", 120),
        purpose=given(request, "purpose", 200),
        basis=given(request, "basis", 200),
        due_on=day_or_none(given(request, "due_on", 10)),
        **_who(request),
    )


def _return(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.lending.loan_return(
        dossier=dossier,
        loan_id=number(given(request, "loan", 19)) or 0,
        condition=given(request, "condition", 200),
        **_who(request),
    )


def _make(request: HttpRequest, dossier: Dossier) -> None:
    kind = given(request, "kind", 12)
    if kind not in {k.value for k in COPIES}:
        raise Invalid(fields={"kind": [_("请选择要制作的内容")]})
    mark = ""
    loan_id = number(given(request, "loan", 19))
    if loan_id is not None:
        loan = next((x for x in dossiers.lending.loans(dossier_id=dossier.pk) if x.id == loan_id), None)
        if loan is None:
            raise Invalid(fields={"loan": [_("没有这笔借阅")]})
        mark = loan.mark
    dossiers.archive.making_ask(dossier=dossier, kind=kind, mark=mark, **_who(request))


def _supplement(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.held.supplement_add(
        dossier=dossier,
        entry=dossiers.held.HeldEntry(
            title=given(request, "title", 200),
            on=day_or_none(given(request, "on", 10)) or today(request),
            volume=given(request, "volume", 8),
            file=uploaded(request, "file"),
            number=given(request, "number", 80),
        ),
        reason=given(request, "reason", 300),
        **_who(request),
    )


def _secrecy(request: HttpRequest, dossier: Dossier) -> None:
    dossiers.archive.secrecy_set(
        dossier=dossier,
        secrecy=given(request, "secrecy", 16),
        reason=given(request, "reason", 200),
        **_who(request),
    )


# --- what was made ------------------------------------------------------------------------------------


def _made(request: HttpRequest, dossier_id: int, making_id: int) -> tuple[Dossier, Any]:
    dossier = _own(request, dossier_id)
    row = next((m for m in dossiers.archive.makings(dossier.pk) if m.pk == making_id), None)
    if row is None or row.state != MakeState.DONE or row.file_id is None:
        raise NotFound()
    return dossier, row


@require_POST
def download(request: HttpRequest, dossier_id: int, making_id: int) -> HttpResponseBase:
    """Hand out what was made, for a stated purpose; on record before the bytes leave (R097)."""
    dossier, row = _made(request, dossier_id, making_id)
    purpose = given(request, "purpose", 200)
    if len(purpose) < 2:
        raise Invalid(_("请填写调阅用途"), fields={"purpose": [_("请填写调阅用途")]})
    ledger.attempt(
        "dossier:exported",
        f"dossier:{dossier.pk}",
        by=by_of(request).label,
        at=at_of(request),
        purpose=purpose,
        detail={"kind": row.kind, "sha256": row.file.sha256},
        address=request.META.get("REMOTE_ADDR", ""),
    )
    response = FileResponse(files.open_file(row.file_id), content_type=row.file.media_type)
    kind = "inline" if row.file.media_type == "application/pdf" else "attachment"
    response["Content-Disposition"] = f"{kind}; filename*=UTF-8''{quote(row.file.name)}"
    return response


@reading
def report(request: HttpRequest, dossier_id: int, making_id: int) -> HttpResponseBase:
    """四性检测 of a package of this dossier, as a page or (``?pdf``) as a report to keep."""
    dossier, row = _made(request, dossier_id, making_id)
    if row.kind not in (MakeKind.PACKAGE, MakeKind.OUTSIDE):
        raise NotFound()
    found = verify_package(files.path(row.file_id), vkeys=ledger.verifier_keys())
    if "pdf" in request.GET:
        pdf = dossiers.binding.report_pdf(found, dossier=dossier, file_name=row.file.name, at=at_of(request))
        response = HttpResponse(pdf, content_type="application/pdf")
        response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(_('四性检测报告') + '.pdf')}"
        return response
    return shown(
        request,
        "desk/archive/report.html",
        {
            "dossier": dossier,
            "row": row,
            "report": found,
            "traits": [(name, found.of(name)) for name in (AUTHENTIC, COMPLETE, USABLE, SAFE)],
            "trail": [
                (_("案卷归档"), reverse("desk:archive")),
                (dossier.number, reverse("desk:archive_one", args=[dossier.pk])),
                (_("四性检测"), ""),
            ],
        },
    )

"""移交档案馆: what is due, transfer lists, their packages and checks, the hand-over, and the archive's answer."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseRedirect
from django.http.response import HttpResponseBase
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.choices import Medium
from mingzhi.files import api as files
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web.desk.archive import chosen, seen, tabs_of
from mingzhi.web.desk.common import at_of, by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    attempted,
    beside,
    day_or_none,
    given,
    number,
    shown,
    today,
    uploaded,
)

MAY_SEE = {P.DOSSIER_ARCHIVE, P.CASE_APPROVE}
SHOWN = 100
MOST_NOTE = 2_000_000


@forms
def index(request: HttpRequest) -> HttpResponse:
    """What is due and why some of it cannot go yet, and every list of the body."""
    by = seen(request, MAY_SEE)
    refused: Refused | None = None
    if request.method == "POST":
        made: list[Any] = []

        def make() -> None:
            with beside(dossiers="dossier"):
                made.append(
                    dossiers.transfer.list_make(
                        dossier_ids=chosen(request),
                        receiver=given(request, "receiver", 120),
                        description=given(request, "description", 300),
                        by=by,
                        at=at_of(request),
                    )
                )

        refused = attempted(request, make, _("已提出移交清单，待机关负责人审批"))
        if refused is None:
            return HttpResponseRedirect(reverse("desk:archive_transfer", args=[made[0].pk]))
    due = dossiers.transfer.due(by.body_id, today(request)) if by.may(P.DOSSIER_ARCHIVE) else []
    context = {
        "tabs": tabs_of(by, "transfer"),
        "due": [{"record": r, "why": dossiers.transfer.why_not(r)} for r in due[:SHOWN]],
        "more": max(0, len(due) - SHOWN),
        "lists": dossiers.transfer_views.lists(by.body_id),
        "may_make": by.may(P.DOSSIER_ARCHIVE),
        "chosen": chosen(request),
        "trail": [(_("案卷归档"), reverse("desk:archive")), (_("移交档案馆"), "")],
    }
    return shown(request, "desk/archive/transfers.html", context, refused)


@forms
def one(request: HttpRequest, list_id: int) -> HttpResponse:
    """One list: its dossiers with packages and checks, and whatever comes next."""
    by = seen(request, MAY_SEE)
    view = dossiers.transfer_views.list_of(by, list_id)
    refused: Refused | None = None
    if request.method == "POST":
        known = {
            "decide": (_decide, _("已审批")),
            "withdraw": (_withdraw, _("已撤销清单，案卷可另行提出")),
            "repack": (_repack, _("已重新安排制作，完成后刷新本页")),
            "hand_over": (_hand_over, _("已登记移交")),
            "signed": (_signed, _("回执验签通过，已登记")),
            "scanned": (_scanned, _("已登记回执")),
        }
        act = given(request, "act", 12)
        if act not in known:
            raise NotFound()
        refused = attempted(request, lambda: known[act][0](request, list_id), known[act][1])
        if refused is None:
            return HttpResponseRedirect(reverse("desk:archive_transfer", args=[list_id]))
        view = dossiers.transfer_views.list_of(by, list_id)
    else:
        looked(request, "dossiers:transfer_viewed", f"transfer:{list_id}")
    keeps, state = by.may(P.DOSSIER_ARCHIVE), view.state
    context = {
        "view": view,
        "tabs": tabs_of(by, "transfer"),
        "size": dossiers.transfer_papers.gigabytes(view.size),
        "media": Medium.choices,
        "keeps": keeps,
        "may_decide": state == "listed" and by.may(P.CASE_APPROVE) and by.label != view.by,
        "may_withdraw": keeps and state in ("listed", "packing", "ready"),
        "may_repack": keeps and state in ("packing", "ready"),
        "may_hand_over": keeps and state in ("ready", "handed"),
        "may_answer": keeps and state == "handed",
        "today": today(request),
        "trail": [
            (_("案卷归档"), reverse("desk:archive")),
            (_("移交档案馆"), reverse("desk:archive_transfers")),
            (view.number, ""),
        ],
    }
    return shown(request, "desk/archive/transfer.html", context, refused)


def _who(request: HttpRequest) -> dict[str, Any]:
    return {"by": by_of(request), "at": at_of(request)}


def _decide(request: HttpRequest, list_id: int) -> None:
    dossiers.transfer.list_decide(
        list_id=list_id,
        approved=given(request, "approved", 3) == "yes",
        note=given(request, "note", 300),
        **_who(request),
    )


def _withdraw(request: HttpRequest, list_id: int) -> None:
    dossiers.transfer.list_withdraw(
        list_id=list_id, reason=given(request, "withdraw_reason", 300), **_who(request)
    )


def _repack(request: HttpRequest, list_id: int) -> None:
    line = number(given(request, "line", 19)) or 0
    dossiers.transfer.repack(list_id=list_id, line_id=line, **_who(request))


def _hand_over(request: HttpRequest, list_id: int) -> None:
    dossiers.transfer.hand_over(
        list_id=list_id,
        medium=given(request, "medium", 12),
        medium_kind=given(request, "medium_kind", 80),
        medium_numbers=given(request, "medium_numbers", 80),
        reviewer=given(request, "reviewer", 60),
        **_who(request),
    )


def _signed(request: HttpRequest, list_id: int) -> None:
    upload, vkey = request.FILES.get("note"), given(request, "vkey", 2000)
    missing = {} if upload is not None else {"note": [_("请选择回执文件")]}
    if not vkey:
        missing["vkey"] = [_("请填写接收档案馆公布的回执公钥")]
    if upload is None or missing:
        raise Invalid(fields=missing)
    if (upload.size or 0) > MOST_NOTE:
        raise Invalid(fields={"note": [_("不是接收回执")]})
    dossiers.transfer_receipts.receipt_signed(
        list_id=list_id, note=upload.read().decode("utf-8", "replace"), vkey=vkey, **_who(request)
    )


def _scanned(request: HttpRequest, list_id: int) -> None:
    stored = uploaded(request, "scan")
    view = dossiers.transfer_views.list_of(by_of(request), list_id)
    answers = {
        line.id: dossiers.transfer_receipts.Said(
            given(request, f"answer-{line.id}", 8) == "accepted",
            given(request, f"reason-{line.id}", 300),
            given(request, f"number-{line.id}", 80),
        )
        for line in view.lines
        if given(request, f"answer-{line.id}", 8) in ("accepted", "rejected")
    }
    dossiers.transfer_receipts.receipt_scanned(
        list_id=list_id,
        scan=stored,
        answers=answers,
        received_by=given(request, "received_by", 60),
        received_on=day_or_none(given(request, "received_on", 10)),
        **_who(request),
    )


@reading
def paper(request: HttpRequest, list_id: int, what: str) -> HttpResponse:
    """移交清单 or 登记表 as a PDF, as the list now stands."""
    view = dossiers.transfer_views.list_of(seen(request, MAY_SEE), list_id)
    makers = {"list": dossiers.transfer_papers.list_pdf, "register": dossiers.transfer_papers.register_pdf}
    names = {"list": _("移交清单"), "register": _("移交与接收登记表")}
    pdf = makers[what](view, at=at_of(request))
    response = HttpResponse(pdf, content_type="application/pdf")
    response["Content-Disposition"] = f"inline; filename*=UTF-8''{quote(f'{view.number}{names[what]}.pdf')}"
    return response


@require_POST
def take_out(request: HttpRequest, list_id: int, file_id: int) -> HttpResponseBase:
    """Hand out a package, a manifest or a receipt of this list; on record before the bytes leave."""
    by = seen(request, MAY_SEE)
    view = dossiers.transfer_views.list_of(by, list_id)
    package = next((x for x in view.lines if x.package and x.package.file_id == file_id), None)
    others = {h.file_id for h in view.hand_overs} | {r.file_id for r in view.receipts}
    if package is None and file_id not in others:
        raise NotFound()
    if package is not None and (
        view.state not in ("ready", "handed", "done") or not by.may(P.DOSSIER_ARCHIVE)
    ):
        raise NotAllowed()
    if package is not None and view.state != "done":
        dossiers.transfer.require_fit(view)
    ledger.attempt(
        "dossier:exported" if package else "dossiers:transfer_file",
        f"dossier:{package.dossier_id}" if package else f"transfer:{list_id}",
        by=by.label,
        at=at_of(request),
        purpose=_("移交档案馆（%(number)s）") % {"number": view.number},
        detail={"file": file_id},
        address=request.META.get("REMOTE_ADDR", ""),
    )
    stored = files.ref(file_id)
    name = stored.name
    if package is not None:
        seq = [x.id for x in view.lines].index(package.id) + 1
        name = dossiers.transfer_views.file_name(package, seq)
    response = FileResponse(files.open_file(file_id), content_type=stored.media_type)
    response["Content-Disposition"] = f"attachment; filename*=UTF-8''{quote(name)}"
    return response

"""存量著录 and 接收档案包: dossiers whose material was not made here."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import Invalid
from mingzhi.ledger.verify_package import AUTHENTIC, COMPLETE, SAFE, USABLE, PackageReport, verify_package
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission as P
from mingzhi.web.desk.archive import tabs_of
from mingzhi.web.desk.common import at_of, by_of, forms
from mingzhi.web.desk.registers_common import Refused, attempted, given, shown

MOST_SCANS = 500
SHOWN = 200


@forms
def scans(request: HttpRequest) -> HttpResponse:
    """Scans with their index table: checked cell by cell; kept only when every cell is right."""
    by = by_of(request)
    organisations.require(by, P.DOSSIER_ARCHIVE)
    refused: Refused | None = None
    problems: list[dossiers.scans.Problem] = []
    checked = ""
    if request.method == "POST":
        found: list[Any] = []
        refused = attempted_quietly(lambda: found.extend(_examined(request)))
        if refused is None:
            plan, find = found
            problems = plan.problems
            if not problems and given(request, "act", 10) == "take":
                refused = attempted(request, lambda: _taken(plan, find, request), _("已著录"))
                if refused is None:
                    return HttpResponseRedirect(f"{reverse('desk:archive')}?tab=done")
            elif not problems:
                checked = _("检查通过：%(dossiers)s 卷 %(items)s 件，可以著录") % {
                    "dossiers": len(plan.dossiers),
                    "items": plan.items,
                }
    context = {
        "tabs": tabs_of(by, "scans"),
        "heads": [(h, h in dossiers.scans.REQUIRED) for h in dossiers.scans.HEADS],
        "problems": problems[:SHOWN],
        "more": max(0, len(problems) - SHOWN),
        "checked": checked,
        "trail": [(_("案卷归档"), reverse("desk:archive")), (_("存量著录"), "")],
    }
    return shown(request, "desk/archive/scans.html", context, refused)


def attempted_quietly(act: Any) -> Refused | None:
    """Do ``act``; its refusal, if any, is handed back and nothing is said of a success."""
    from mingzhi.kernel.errors import MingzhiError

    try:
        act()
    except MingzhiError as error:
        return Refused(error)
    return None


def _examined(request: HttpRequest) -> tuple[Any, Any]:
    table = request.FILES.get("index")
    if table is None or not table.name:
        raise Invalid(fields={"index": [_("请选择目录表")]})
    uploads = request.FILES.getlist("scans")
    if len(uploads) > MOST_SCANS:
        raise Invalid(fields={"scans": [_("一次最多 %(n)s 个扫描件") % {"n": MOST_SCANS}]})
    by_name = {u.name: u for u in uploads if u.name}

    def find(name: str) -> bytes | None:
        upload = by_name.get(name)
        if upload is None:
            return None
        upload.seek(0)
        return bytes(upload.read())

    plan = dossiers.scans.examine(dossiers.scans.read(table.read(), table.name), find)
    numbers = [d.described.archive_number for d in plan.dossiers]
    plan.problems.extend(
        dossiers.scans.Problem("", _("归档号 %(number)s 已被使用") % {"number": known})
        for known in sorted(dossiers.scans.known(numbers, by_of(request).body_id))
    )
    return plan, find


def _taken(plan: Any, find: Any, request: HttpRequest) -> None:
    for one in plan.dossiers:
        made = dossiers.scans.take_in(one, find, by=by_of(request), at=at_of(request))
        messages.success(
            request, _("归档号 %(archive)s 著录为案卷 %(number)s")
            % {"archive": one.described.archive_number, "number": made.number}
        )  # fmt: skip


@forms
def receive(request: HttpRequest) -> HttpResponse:
    """A package of another installation: checked, shown, and received if nothing failed."""
    by = by_of(request)
    organisations.require(by, P.DOSSIER_ARCHIVE)
    refused: Refused | None = None
    report: PackageReport | None = None
    if request.method == "POST":
        upload = request.FILES.get("package")
        if upload is None:
            refused = Refused(Invalid(fields={"package": [_("请选择档案包")]}))
        else:
            keys = [line.strip() for line in given(request, "vkeys", 4000).splitlines() if line.strip()]
            with tempfile.TemporaryDirectory(prefix="mingzhi-receive-") as folder:
                path = Path(folder) / "package.zip"
                with path.open("wb") as out:
                    for block in upload.chunks():
                        out.write(block)
                report = verify_package(path, vkeys=keys)
                if given(request, "act", 10) == "take":
                    made: list[Any] = []
                    refused = attempted(
                        request,
                        lambda: made.append(
                            dossiers.package_import.package_import(
                                path,
                                vkeys=keys,
                                unsigned="unsigned" in request.POST,
                                by=by,
                                at=at_of(request),
                            )
                        ),
                        _("已接收"),
                    )
                    if refused is None:
                        return HttpResponseRedirect(reverse("desk:archive_one", args=[made[0][0].pk]))
    context = {
        "tabs": tabs_of(by, "receive"),
        "report": report,
        "traits": [(name, report.of(name)) for name in (AUTHENTIC, COMPLETE, USABLE, SAFE)] if report else [],
        "trail": [(_("案卷归档"), reverse("desk:archive")), (_("接收档案包"), "")],
    }
    return shown(request, "desk/archive/receive.html", context, refused)

"""存证: the ledger's latest checkpoint, entries by subject, receipts; and the work in the background."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.outbox import api as outbox
from mingzhi.procedures import api as procedures
from mingzhi.web.desk.common import at_of, by_of, looked, reading
from mingzhi.web.desk.registers_common import attempted, given

_JOBS = {
    "documents.render": gettext_noop("制作文书版式"),
    "documents:render": gettext_noop("制作文书版式"),
    "publication.due": gettext_noop("到期公示、撤回"),
    "publication.expiry": gettext_noop("期满停止公示"),
    "publication.feed": gettext_noop("公示数据定序"),
    "publication.deliver": gettext_noop("公示信息报送"),
    "publication.deliveries": gettext_noop("未送达公示信息再次报送"),
    "outbox.forget": gettext_noop("清理已完成的任务"),
    "ledger.cosign": gettext_noop("检查点送见证方签署"),
    "ledger.stamp": gettext_noop("检查点申请时间戳"),
    "ledger.watch": gettext_noop("比对各方所见的账本"),
    "ledger.check": gettext_noop("每夜完整核查账本与文件"),
    "cases.transfer": gettext_noop("移交档案馆待办"),
    "dossiers.transfer": gettext_noop("制作并检测移交档案包"),
    "dossiers.make": gettext_noop("编目、装订、制作档案包"),
    "backup.nightly": gettext_noop("每夜备份"),
    "files.uploads": gettext_noop("清理逾期未提交的上传"),
    "web.exports": gettext_noop("清理逾期的导出文件"),
}
_STAFF = (
    Permission.CASE_READ,
    Permission.CONFIG_MANAGE,
    Permission.ATTEMPTS_READ,
    Permission.SUPERVISE_READ,
)
_WHOLE = (Permission.CONFIG_MANAGE, Permission.ATTEMPTS_READ)


def _enter(by: Actor) -> None:
    if not any(by.may(p) for p in _STAFF):
        organisations.require(by, Permission.CASE_READ)


def _subjects(by: Actor, asked: str) -> tuple[list[str], dossiers.Dossier | None]:
    """The ledger subjects behind what was typed: a dossier's number (its steps and papers), or, for
    administrators, a subject as the ledger names it. Entries of other people's cases do not exist."""
    found = (
        dossiers.dossiers_for(by).filter(number=asked).first()
        if by.may(Permission.CASE_READ) or by.may(Permission.SUPERVISE_READ)
        else None
    )
    if found is not None:
        steps = [f"step:{s.id}" for s in procedures.steps(found)]
        return [f"dossier:{found.pk}", *steps, *_papers(found.pk)], found
    if any(by.may(p) for p in _WHOLE):
        return [asked], None
    return [], None


def _named(dossier: dossiers.Dossier) -> dict[str, str]:
    """What a step or paper behind an entry is called in this case."""
    named = {f"step:{s.id}": s.label for s in procedures.steps(dossier)}
    return named | {
        f"paper:{p.id}": f"{p.title} {p.number or ''}".strip() for p in documents.papers(dossier.pk)
    }


def _papers(dossier_id: int) -> list[str]:
    return [f"paper:{p.id}" for p in documents.papers(dossier_id)]


@reading
def page(request: HttpRequest) -> HttpResponse:
    by = by_of(request)
    _enter(by)
    asked = given(request, "q", 80)
    subjects, dossier = _subjects(by, asked) if asked else ([], None)
    entries = ledger.entries_of_many(subjects) if subjects else []
    what = _named(dossier) if dossier is not None else {}
    whole = any(by.may(p) for p in _WHOLE)
    latest, at = ledger.latest(), at_of(request)
    if asked:
        looked(request, "ledger:searched", f"ledger:{asked}"[:120], found=len(entries))
    return render(
        request,
        "desk/registers/ledger.html",
        {
            "latest": latest,
            "clock_back": at if latest is not None and latest.after(at) else None,
            "note": ledger.checkpoint(),
            "keys": ledger.keys_in_force(),
            "witnesses": ledger.standing.witnesses() if whole else None,
            "check": next(iter(ledger.standing.check_runs()), None) if whole else None,
            "pending": ledger.pending_count(),
            "asked": asked,
            "dossier": dossier,
            "entries": [
                {"e": e, "what": what.get(e.subject, "")} for e in sorted(entries, key=lambda e: e.id)
            ],
            "whole": whole,
            "trail": [(_("存证"), "")],
        },
    )


@reading
def receipt(request: HttpRequest, entry_id: int) -> HttpResponse:
    """The receipt of one entry as a file, for whoever may see what the entry is about."""
    by = by_of(request)
    _enter(by)
    if entry_id >= 2**62:
        raise NotFound
    found = ledger.entry(entry_id)
    asked = given(request, "of", 80)
    if not any(by.may(p) for p in _WHOLE) and found.subject not in _subjects(by, asked)[0]:
        raise NotFound
    text = ledger.receipt(entry_id)
    if text is None:
        raise NotFound(_("凭证尚未生成"), remedy=_("新登记的内容一般在一分钟内生成凭证，请稍后再取"))
    looked(request, "ledger:receipt", f"entry:{entry_id}")
    answer = HttpResponse(text, content_type="text/plain; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="{entry_id}.tlog-proof"'
    return answer


@reading
def system(request: HttpRequest) -> HttpResponse:
    """外发与后台任务: what failed for good, what struggles, when each periodic job last ran."""
    by, at = by_of(request), at_of(request)
    organisations.require(by, Permission.CONFIG_MANAGE)
    oldest = outbox.oldest_waiting()
    return render(
        request,
        "desk/registers/system.html",
        {
            "counts": outbox.counts(),
            "failures": [{"m": m, "job": _job(m.kind)} for m in outbox.failures(100)],
            "struggling": [{"m": m, "job": _job(m.kind)} for m in outbox.struggling(50)],
            "periodics": [
                {"run": p, "job": _job(p.name), "every": _every(p.seconds)} for p in outbox.periodic_runs()
            ],
            "waited": int((at - oldest).total_seconds() // 60) if oldest else None,
            "pending": ledger.pending_count(),
            "latest": ledger.latest(),
            "trail": [(_("系统状态"), "")],
        },
    )


def _job(name: str) -> str:
    """What a job does, in words; its name where nobody has given it any."""
    return _(_JOBS[name]) if name in _JOBS else name


def _every(seconds: float | None) -> str:
    if seconds is None:
        return "—"
    value: dict[str, Any] = {"n": max(int(seconds), 1)}
    if seconds >= 3600:
        return _("每 %(n)d 小时") % {"n": int(seconds // 3600)}
    if seconds >= 60:
        return _("每 %(n)d 分钟") % {"n": int(seconds // 60)}
    return _("每 %(n)d 秒") % value


@require_POST
def retry(request: HttpRequest, message_id: int) -> HttpResponse:
    by = by_of(request)
    organisations.require(by, Permission.CONFIG_MANAGE)
    refused = attempted(
        request,
        lambda: outbox.retry(message_id=min(message_id, 2**62), by=by, at=at_of(request)),
        _("已重新列入，后台随即再试"),
    )
    if refused is not None:
        raise refused.error
    return HttpResponseRedirect(reverse("desk:system"))

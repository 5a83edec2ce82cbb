"""事项与依据: power items, laws, norms in force, recording and review lists, the discretion assistant."""

from __future__ import annotations

import re
import tempfile
from datetime import date
from pathlib import Path
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.choices import LawStatus
from mingzhi.catalogue.data import ArticleView, Citation, Norm, Proposal
from mingzhi.kernel import money
from mingzhi.kernel.errors import Invalid, MingzhiError, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.review import api as review
from mingzhi.web.desk.common import by_of, forms, looked, reading
from mingzhi.web.desk.registers_common import (
    Refused,
    answered,
    asked_day,
    attempted,
    given,
    number,
    shown,
    today,
)

PAGE = 60
ARTICLES = 40
LARGEST_LAW = 5_000_000
_ENTER = (Permission.CASE_READ, Permission.CASE_ACT, Permission.CATALOGUE_MANAGE, Permission.SUPERVISE_READ)
FIELDS = {
    "transport": "交通运输",
    "urban": "城市管理",
    "chengguan": "城市管理",
    "water": "水利",
    "common": "通用",
}
_UNITS = {
    "WD": gettext_lazy("个工作日"),
    "CD": gettext_lazy("日"),
    "H": gettext_lazy("小时"),
    "M": gettext_lazy("个月"),
    "Y": gettext_lazy("年"),
    "permille": "‰",
    "count": "",
}
_CODE_WORD = re.compile(r"[A-Za-z_][A-Za-z_.]{3,}")
_WORDS = {
    "mandatory": gettext_lazy("必须"),
    "required": gettext_lazy("应当"),
    "situational": gettext_lazy("视情"),
    "optional": gettext_lazy("可以"),
    "internal": gettext_lazy("内部审核"),
    "filing": gettext_lazy("备案"),
    "none": gettext_lazy("不要求"),
    "monthly": gettext_lazy("每月"),
    "quarterly": gettext_lazy("每季度"),
    "yearly": gettext_lazy("每年"),
    "important": gettext_lazy("重要"),
    "general": gettext_lazy("一般"),
    "EVIDENCE": gettext_lazy("证据材料"),
    "RECORDING": gettext_lazy("音像记录"),
    "EXCUSE": gettext_lazy("未作音像记录的说明"),
    "REVIEW": gettext_lazy("法制审核材料"),
    "SERVED": gettext_lazy("送达回证"),
}
MODES = {
    "full": gettext_lazy("全过程不间断录音录像"),
    "required": gettext_lazy("应当录音录像"),
    "situational": gettext_lazy("视情录音录像"),
    "optional": gettext_lazy("可以录音录像"),
}


def _enter(by: Actor) -> BodyRef:
    if not any(by.may(p) for p in _ENTER):
        organisations.require(by, Permission.CASE_READ)
    return organisations.body(by.body_id)


def _sections(here: str) -> list[dict[str, Any]]:
    names = (
        ("catalogue", _("权责事项")),
        ("laws", _("法律法规")),
        ("discretion_helper", _("裁量助手")),
        ("norms", _("执行规则")),
        ("recording_list", _("音像记录清单")),
        ("review_list", _("法制审核目录")),
        ("procedures", _("程序表")),
    )
    return [
        {"label": label, "url": reverse(f"desk:{name}"), "here": name == here, "count": None}
        for name, label in names
    ]


def _law_url(citation: Citation, on: date) -> str:
    """The desk page of the cited article, when its law has been imported; empty otherwise."""
    if not citation.article:
        return ""
    found = catalogue.resolve(citation.text, on)
    return f"{reverse('desk:law', args=[found.law_id])}#article-{found.id}" if found is not None else ""


# --- power items ------------------------------------------------------------------------------


@reading
def items(request: HttpRequest) -> HttpResponse:
    by, on = by_of(request), asked_day(request)
    body = _enter(by)
    query, field, after = given(request, "q", 60), given(request, "field", 20), given(request, "after", 80)
    if "field" not in request.GET and not query:
        field = catalogue.field_of(body)
    everything = catalogue.items(on=on)
    rows = sorted(catalogue.items(field=field or None, query=query, on=on), key=lambda r: r.code)
    total = len(rows)
    rows = [r for r in rows if r.code > after] if after else rows
    more, rows = len(rows) > PAGE, rows[:PAGE]
    return render(
        request,
        "desk/registers/items.html",
        {
            "sections": _sections("catalogue"),
            "rows": [
                {"item": r, "kinds": [catalogue.PENALTY_KINDS.get(k, k) for k in r.kinds]} for r in rows
            ],
            "query": query,
            "field": field,
            "fields": [(f, FIELDS.get(f, f)) for f in sorted({r.field for r in everything})],
            "on": on,
            "total": total,
            "next_after": rows[-1].code if more else "",
            "trail": [(_("事项与依据"), "")],
        },
    )


@reading
def item(request: HttpRequest, code: str) -> HttpResponse:
    """One item: basis with the article itself, fine range in words, tiers, versions."""
    by, on = by_of(request), asked_day(request)
    body = _enter(by)
    found = catalogue.item(code, on)
    return render(
        request,
        "desk/registers/item.html",
        {
            "item": found,
            "field": FIELDS.get(found.field, found.field),
            "kinds": [catalogue.PENALTY_KINDS.get(k, k) for k in found.kinds],
            "fines": [catalogue.fine_text(f) for f in found.fines],
            "basis": [_basis(c, on) for c in found.basis],
            "duty": [_basis(c, on) for c in found.duty_law],
            "tiers": catalogue.tiers(code, on=on, body=body),
            "versions": catalogue.item_versions(code),
            "on": on,
            "helper_url": f"{reverse('desk:discretion_helper')}?item={code}",
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (found.name, "")],
        },
    )


def _basis(citation: Citation, on: date) -> dict[str, Any]:
    article = catalogue.resolve(citation.text, on) if citation.article else None
    return {"citation": citation, "article": article, "url": _law_url(citation, on) if article else ""}


# --- laws ----------------------------------------------------------------------------------------


@forms
def laws(request: HttpRequest) -> HttpResponse:
    """The stored laws, a search through their articles, and the import of one text file."""
    by = by_of(request)
    _enter(by)
    if request.method != "POST":
        return _laws(request)
    organisations.require(by, Permission.CATALOGUE_MANAGE)
    outcome: dict[str, Any] = {}

    def act() -> None:
        outcome["imported"] = _import(request)

    refused = attempted(request, act, _("法律文本已导入"))
    if refused is None:
        looked(request, "catalogue:law:imported", f"law:{outcome['imported'].title}"[:120])
        if outcome["imported"].warnings:
            return _laws(request, imported=outcome["imported"])
    return answered(request, refused, reverse("desk:laws"), lambda r: _laws(request, r))


def _import(request: HttpRequest) -> Any:
    upload = request.FILES.get("file")
    if upload is None or not upload.size:
        raise Invalid(fields={"file": [_("请选择法律文本文件（Markdown，.md）")]})
    name = Path(upload.name or "").name
    if not name.lower().endswith(".md"):
        raise Invalid(fields={"file": [_("只能导入 .md 文件；Word、PDF 请先另存为纯文本 Markdown")]})
    if upload.size > LARGEST_LAW:
        raise Invalid(fields={"file": [_("文件超过 5 MB，不像法律文本")]})
    with tempfile.TemporaryDirectory(prefix="mingzhi-law-") as folder:
        path = Path(folder) / name[-120:]
        path.write_bytes(upload.read())
        return catalogue.law_import(path=path, on=today(request))


def _laws(request: HttpRequest, refused: Refused | None = None, imported: Any = None) -> HttpResponse:
    by = by_of(request)
    query, words = given(request, "q", 60) if request.method != "POST" else "", ""
    if request.method != "POST":
        words = given(request, "words", 60)
    problem = ""
    found: tuple[ArticleView, ...] = ()
    if words:
        try:
            found = catalogue.article_search(words, on=today(request), limit=ARTICLES)
        except MingzhiError as error:
            problem = error.sentence
    return shown(
        request,
        "desk/registers/laws.html",
        {
            "sections": _sections("laws"),
            "laws": [
                {"law": w, "status": dict(LawStatus.choices).get(w.status, "")} for w in catalogue.laws(query)
            ],
            "query": query,
            "words": words,
            "found": found,
            "problem": problem,
            "imported": imported,
            "may_import": by.may(Permission.CATALOGUE_MANAGE),
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("法律法规"), "")],
        },
        refused,
    )


@reading
def law(request: HttpRequest, law_id: int) -> HttpResponse:
    """One version of a law by article; ``?q=`` keeps only the articles with these words."""
    _enter(by_of(request))
    found = next((w for w in catalogue.laws() if w.id == law_id), None)
    if found is None:
        raise NotFound
    articles = catalogue.law_articles(law_id)
    query = given(request, "q", 60)
    kept = [a for a in articles if all(word in a.text or word in a.heading for word in query.split())]
    return render(
        request,
        "desk/registers/law.html",
        {
            "law": found,
            "status": dict(LawStatus.choices).get(found.status, ""),
            "articles": kept,
            "total": len(articles),
            "query": query,
            "trail": [
                (_("事项与依据"), reverse("desk:catalogue")),
                (_("法律法规"), reverse("desk:laws")),
                (found.short_title or found.title, ""),
            ],
        },
    )


# --- the discretion assistant --------------------------------------------------------------------


@reading
def discretion(request: HttpRequest) -> HttpResponse:
    """An item and its facts → what law and benchmark lead to, step by step. Nothing is stored."""
    by, on = by_of(request), today(request)
    body = _enter(by)
    code = given(request, "item", 80)
    query = given(request, "q", 60)
    context: dict[str, Any] = {
        "sections": _sections("discretion_helper"),
        "query": query,
        "choices": [],
        "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("裁量助手"), "")],
    }
    if not code:
        context["choices"] = sorted(catalogue.items(query=query, on=on), key=lambda r: r.code)[:PAGE]
        return render(request, "desk/registers/discretion.html", context)
    found = catalogue.item(code, on)
    asks = catalogue.benchmark_asks(code, on=on, body=body)
    context |= {
        "item": found,
        "fines": [catalogue.fine_text(f) for f in found.fines],
        "asks": [
            {"ask": a, "name": f"d-{a.name}", "value": given(request, f"d-{a.name}", 200)} for a in asks
        ],
        "party_kind": given(request, "party_kind", 16) or "organisation",
        "base": given(request, "base", 20),
        "units": given(request, "units", 12),
        "needs_base": [f.base for f in found.fines if f.kind in ("multiple", "percent")],
        "needs_units": [f.base for f in found.fines if f.kind == "per_unit"],
        "asked": given(request, "go", 1) == "1",
    }
    if context["asked"]:
        try:
            proposal = catalogue.propose(code, _facts(request, asks), on=on, body=body)
            context |= {
                "proposal": proposal,
                "range": money_range(proposal),
                "kinds": [catalogue.PENALTY_KINDS.get(k, k) for k in proposal.kinds],
            }
        except MingzhiError as error:
            context["refused"] = Refused(error)
            context["errors"] = dict(context["refused"].fields)
    return render(request, "desk/registers/discretion.html", context)


def _facts(request: HttpRequest, asks: Any) -> dict[str, Any]:
    facts: dict[str, Any] = {"party_kind": given(request, "party_kind", 16) or "organisation"}
    for ask in asks:
        typed = given(request, f"d-{ask.name}", 200)
        if typed in ("true", "false"):
            facts[ask.name] = typed == "true"
        elif typed:
            facts[ask.name] = number(typed) if number(typed) is not None else typed
    base, units = given(request, "base", 20), number(given(request, "units", 12))
    if base:
        try:
            facts["base_fen"] = money.fen(base)
        except ValueError as error:
            raise Invalid(fields={"base": [str(error)]}) from None
    if units is not None:
        facts["units"] = units
    return facts


def money_range(found: Proposal) -> str:
    """``2,000.00 元至 5,000.00 元``, a fixed amount, or nothing when the clause fixes none."""
    if found.fine_fen is not None:
        return _("%(sum)s 元") % {"sum": money.yuan(found.fine_fen)}
    if found.min_fen is None and found.max_fen is None:
        return ""
    if not found.min_fen:
        words = _("%(sum)s 元以下（不含本数）") if found.open_high else _("%(sum)s 元以下")
        return words % {"sum": money.yuan(found.max_fen or 0)}
    if found.max_fen is None:
        return _("%(sum)s 元以上") % {"sum": money.yuan(found.min_fen)}
    low, high = (
        _("%(sum)s 元") % {"sum": money.yuan(found.min_fen)},
        _("%(sum)s 元") % {"sum": money.yuan(found.max_fen)},
    )
    beyond = _("（不含）")
    return _("%(low)s至 %(high)s") % {
        "low": low + (beyond if found.open_low else ""),
        "high": high + (beyond if found.open_high else ""),
    }


# --- norms and lists of this body ----------------------------------------------------------------


def norm_value(norm: Norm) -> str:
    """A norm's value as a person reads it; a dash where nobody has confirmed one."""
    value, unit = norm.value, norm.unit
    if value is None:
        return _("未设定")
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if unit == "fen":
        return _("%(sum)s 元") % {"sum": money.yuan(int(value))}
    if isinstance(value, tuple | list):
        return "；".join(str(v.get("label", "")) if hasattr(v, "get") else _worded(str(v)) for v in value)
    if hasattr(value, "items"):
        return "；".join(f"{k}：{v}" for k, v in value.items())
    word = str(_UNITS.get(unit, ""))
    said = _worded(str(value))
    return f"{said} {word}" if word else said


def _worded(value: str) -> str:
    """The rules' own code words as a person says them: ``penalty.ordinary=important`` is 行政处罚普通程序：重要."""
    words: dict[str, Any] = _WORDS | {p.code: p.name for p in procedures.procedures()}
    return _CODE_WORD.sub(lambda found: str(words.get(found[0], found[0])), value).replace("=", "：")


@reading
def norms(request: HttpRequest) -> HttpResponse:
    """The rules in force for this body on a day: value, source, level, and 待核实 where nobody confirmed. A body
    without rules of its own, as a supervisor's, is shown those of the installation."""
    by, on = by_of(request), asked_day(request)
    body = _enter(by)
    query = given(request, "q", 40)
    unconfirmed = given(request, "unconfirmed", 1) == "1"
    profile = catalogue.profile(body.profile or settings.PROFILE)
    everything = [n for n in catalogue.norms_in_profile(profile.key, on=on) if n.description]
    rows = [
        {"norm": n, "value": norm_value(n), "level": _level(n.level)}
        for n in everything
        if (not query or query in n.description or query in n.citation_text)
        and (not unconfirmed or n.unconfirmed)
    ]
    return render(
        request,
        "desk/registers/norms.html",
        {
            "sections": _sections("norms"),
            "rows": rows,
            "profile": profile,
            "query": query,
            "unconfirmed": unconfirmed,
            "open_count": sum(n.unconfirmed for n in everything),
            "total": len(everything),
            "on": on,
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("执行规则"), "")],
        },
    )


def _level(level: str) -> str:
    head = level.partition("/")[0]
    return {
        "national": _("国家"),
        "province": _("省级"),
        "city": _("市级"),
        "bureau": _("本机关"),
        "field": _("行业"),
    }.get(head, level)


@reading
def recording_list(request: HttpRequest) -> HttpResponse:
    by, on = by_of(request), asked_day(request)
    rows = catalogue.recording_list(body=_enter(by), on=on)
    return render(
        request,
        "desk/registers/recording_list.html",
        {
            "sections": _sections("recording_list"),
            "rows": [{"rule": r, "mode": MODES.get(r.mode, r.mode)} for r in rows],
            "on": on,
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("音像记录清单"), "")],
        },
    )


@reading
def review_list(request: HttpRequest) -> HttpResponse:
    by, on = by_of(request), asked_day(request)
    return render(
        request,
        "desk/registers/review_list.html",
        {
            "sections": _sections("review_list"),
            "rows": catalogue.review_list(_enter(by), on),
            "may_try": bool(by.permissions & review.TRIAL_PERMISSIONS),
            "on": on,
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("法制审核目录"), "")],
        },
    )

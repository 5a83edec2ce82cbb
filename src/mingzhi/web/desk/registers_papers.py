"""文书模板 with live checking and preview, 文号登记簿, and the printable 程序表."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.clickjacking import xframe_options_sameorigin
from django.views.decorators.http import require_POST

from mingzhi.documents import api as documents
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.web import charts
from mingzhi.web.desk.common import at_of, by_of, forms, reading
from mingzhi.web.desk.lists import may_enter
from mingzhi.web.desk.registers_common import Refused, answered, attempted, given, number, shown, today

LINES = 200
LONGEST = 60_000
STATES = {
    "draft": gettext_lazy("草稿"),
    "published": gettext_lazy("使用中"),
    "superseded": gettext_lazy("已被取代"),
    "replaced": gettext_lazy("已被取代"),
}
_READERS = (Permission.TEMPLATE_MANAGE, Permission.CASE_READ, Permission.SUPERVISE_READ)


def _enter(by: Actor, *readers: Permission) -> None:
    if not any(by.may(p) for p in readers):
        organisations.require(by, readers[0])


# --- templates ---------------------------------------------------------------------------------


@reading
def templates(request: HttpRequest) -> HttpResponse:
    by = by_of(request)
    _enter(by, *_READERS)
    query = given(request, "q", 40)
    rows = [
        t for t in documents.templates(by.body_id) if not query or query in t.title or query.upper() in t.code
    ]
    return render(
        request,
        "desk/registers/templates.html",
        {"rows": rows, "query": query, "trail": [(_("文书模板"), "")]},
    )


def _versions(by: Actor, code: str) -> list[Any]:
    found = documents.template_versions(code, by.body_id)
    if not found:
        raise NotFound(_("没有这种文书模板"))
    return found


@forms
def template(request: HttpRequest, code: str) -> HttpResponse:
    """One paper: the version in force, earlier ones, and the bureau's own draft to edit and publish."""
    by = by_of(request)
    _enter(by, *_READERS)
    _versions(by, code)
    if request.method != "POST":
        return _template(request, code)
    here = reverse("desk:template", args=[code])
    act = given(request, "act", 12)
    if act == "draft":
        refused = attempted(request, lambda: _draft(request, code), _("草稿已保存"))
    elif act == "publish":
        refused = attempted(request, lambda: _publish(request, code), _("已发布，新制作的文书使用本模板"))
    else:
        return HttpResponseNotAllowed(["GET", "HEAD"])
    return answered(request, refused, here, lambda r: _template(request, code, r))


def typed(request: HttpRequest) -> str:
    """The template's text as typed; line ends as the typesetter reads them."""
    return request.POST.get("text", "").replace("\r\n", "\n").replace("\x00", "")[: LONGEST + 1]


def _draft(request: HttpRequest, code: str) -> Any:
    text = typed(request)
    parsed, _problems = documents.lint_template(text)
    if parsed is not None and parsed.code != code:
        raise Invalid(
            fields={"text": [_("模板头部的“代码”应为 %(code)s，不能改为其他文书") % {"code": code}]}
        )
    by = by_of(request)
    return documents.template_draft(text=text, body_id=by.body_id, by=by, at=at_of(request))


def _publish(request: HttpRequest, code: str) -> None:
    saved = _draft(request, code)
    documents.template_publish(template_id=saved.id, by=by_of(request), at=at_of(request))


def _template(request: HttpRequest, code: str, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    versions = _versions(by, code)
    in_force = documents.template(code, by.body_id)
    wanted = number(given(request, "version", 19)) if request.method != "POST" else None
    chosen = next((v for v in versions if v.id == wanted), None)
    draft = next((v for v in versions if v.state == "draft"), None)
    text = typed(request) if refused else (chosen or draft or in_force).text
    return shown(
        request,
        "desk/registers/template.html",
        {
            "template": in_force,
            "chosen": chosen,
            "draft": draft,
            "text": text,
            "problems": documents.lint_template(text)[1],
            "versions": [{"v": v, "state": STATES.get(v.state, v.state)} for v in versions],
            "may_edit": by.may(Permission.TEMPLATE_MANAGE),
            "trail": [(_("文书模板"), reverse("desk:templates")), (in_force.title, "")],
        },
        refused,
    )


@require_POST
def template_check(request: HttpRequest, code: str) -> HttpResponse:
    """What is wrong with the text as typed, told while typing. Stores nothing."""
    organisations.require(by_of(request), Permission.TEMPLATE_MANAGE)
    _parsed, problems = documents.lint_template(typed(request))
    return render(request, "desk/registers/_template_problems.html", {"problems": problems})


@xframe_options_sameorigin
def template_preview(request: HttpRequest, code: str) -> HttpResponse:
    """The PDF of the version in force (GET) or of the text as typed (POST), every field as 〔name〕."""
    by = by_of(request)
    _enter(by, *_READERS)
    if request.method == "POST":
        organisations.require(by, Permission.TEMPLATE_MANAGE)
        text = typed(request)
    else:
        text = documents.template(code, by.body_id).text
    parsed, problems = documents.lint_template(text)
    if parsed is None:
        raise Invalid(problems[0].sentence, remedy=problems[0].remedy, reasons=problems)
    page = documents.preview(
        template=code,
        data=documents.sample_data(text),
        body=organisations.body(by.body_id),
        at=at_of(request),
        text=text,
    )
    answer = HttpResponse(page, content_type="application/pdf")
    answer["Content-Disposition"] = f'inline; filename="{code}.pdf"'
    return answer


# --- the number register ---------------------------------------------------------------------------


@reading
def numbers(request: HttpRequest) -> HttpResponse:
    """文号登记簿: every number given, gaps impossible, voided ones with their reason."""
    by = by_of(request)
    _enter(by, Permission.CASE_READ, Permission.TEMPLATE_MANAGE)
    year = number(given(request, "year", 4)) or today(request).year
    word, page = given(request, "word", 40), number(given(request, "page", 6)) or 1
    rows = documents.numbers(by.body_id, year=year, word=word, limit=page * LINES + 1)
    more = len(rows) > page * LINES
    known = documents.numbers(by.body_id, year=year, limit=2000)
    return render(
        request,
        "desk/registers/numbers.html",
        {
            "rows": rows[(page - 1) * LINES : page * LINES],
            "year": year,
            "word": word,
            "words": sorted({n.word for n in known} | ({word} if word else set())),
            "voided": sum(n.voided for n in known),
            "blocks": _blocks(by, year),
            "next_page": page + 1 if more else "",
            "previous_page": page - 1 if page > 1 else "",
            "body": organisations.body(by.body_id),
            "may_style": by.may(Permission.TEMPLATE_MANAGE),
            "trail": [(_("文号登记簿"), "")],
        },
    )


@forms
def number_style(request: HttpRequest) -> HttpResponse:
    """文号格式: how the body writes its numbers from now on."""
    by = by_of(request)
    organisations.require(by, Permission.TEMPLATE_MANAGE)
    if request.method != "POST":
        return _number_style(request)
    refused = attempted(request, lambda: _style_set(request), _("文号格式已保存，今后取的文号按此书写"))
    return answered(request, refused, reverse("desk:number_style"), lambda r: _number_style(request, r))


def _style_set(request: HttpRequest) -> None:
    by, pad = by_of(request), number(given(request, "pad", 2))
    words = {
        name.removeprefix("word_"): given(request, name, 12)
        for name in request.POST
        if name.startswith("word_") and given(request, name, 12)
    }
    documents.number_style_set(
        body_id=by.body_id,
        use_di=given(request, "use_di", 3) == "yes",
        pad=-1 if pad is None else pad,
        word_suffix="字" if given(request, "suffix", 3) == "yes" else "",
        words=words,
        by=by,
        at=at_of(request),
    )


def _number_style(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    style = documents.number_styles(organisations.body(by_of(request).body_id), today(request).year)
    entered = request.POST if refused else {}
    return shown(
        request,
        "desk/registers/number_style.html",
        {
            "papers": [
                (p, f"word_{p.code}", entered.get(f"word_{p.code}", p.own), (refused.fields if refused else {}).get(f"word_{p.code}", ()))
                for p in style.papers
            ],
            "entered": {
                "use_di": "yes" if style.use_di else "no",
                "pad": style.pad,
                "suffix": "yes" if style.suffix else "no",
            },
            "trail": [(_("文号登记簿"), reverse("desk:numbers")), (_("文号格式"), "")],
        },
        refused,
    )  # fmt: skip


def _blocks(by: Actor, year: int) -> list[dict[str, Any]]:
    """Reserved blocks with numbers still out: each explains the serials that are not in the register."""
    found = [b for b in documents.blocks(by.body_id, year=year) if b.free]
    ids = {
        b.id: int(b.holder.partition(" ")[0].removeprefix("person:"))
        for b in found
        if b.holder.startswith("person:")
    }
    people = organisations.persons(set(ids.values())) if ids else {}
    return [
        {
            "block": b,
            "holder": f"{people[ids[b.id]].name}（{b.holder.partition(' ')[2]}）"
            if ids.get(b.id) in people
            else b.holder,
        }
        for b in found
    ]


# --- procedures ----------------------------------------------------------------------------------------


@forms
def procedure_list(request: HttpRequest) -> HttpResponse:
    """Every procedure, and whether its public flow chart still is its table; a keeper makes a new one."""
    by, on = by_of(request), today(request)
    if request.method != "POST":
        return _procedure_list(request)
    organisations.require(by, Permission.CATALOGUE_MANAGE)
    code, made = given(request, "chart", 80), []
    if all(p.code != code for p in charts.drawn()):
        raise NotFound(_("没有这一程序"))

    def act() -> None:
        made.append(charts.draft(by=by, at=at_of(request), code=code, on=on))
        if made[0] is None:
            raise Invalid(_("流程图与程序表一致，不需要重新制作"))

    refused = attempted(request, act, _("已制作流程图草稿，请审核、批准后公布"))
    to = reverse("desk:list_version", args=[made[0]]) if made and made[0] else ""
    return answered(request, refused, to, lambda r: _procedure_list(request, r))


def _procedure_list(request: HttpRequest, refused: Refused | None = None) -> HttpResponse:
    by = by_of(request)
    states = {p.code: (chart, same) for p, chart, same in charts.states(by.body_id, today(request))}
    return shown(
        request,
        "desk/registers/procedures.html",
        {
            "rows": [
                {
                    "table": p,
                    "drawn": p.code in states,
                    "chart": states.get(p.code, (None, False))[0],
                    "same": states.get(p.code, (None, False))[1],
                }
                for p in procedures.procedures()
            ],
            "may_draft": by.may(Permission.CATALOGUE_MANAGE),
            "may_list": may_enter(by),
            "trail": [(_("事项与依据"), reverse("desk:catalogue")), (_("程序表"), "")],
        },
        refused,
    )


@reading
def procedure(request: HttpRequest, code: str) -> HttpResponse:
    """One procedure as a table that can be printed: every row with its conditions and the law behind it."""
    found = next((p for p in procedures.procedures() if p.code == code), None)
    if found is None:
        raise NotFound(_("没有这一程序"))
    labels = {c.norm: c.label for row in found.rows for c in row.clocks}
    rows = [
        {
            "line": {**line, "权限": "、".join(organisations.roles_with(row.permission))},
            "row": row,
            "clocks": [c.label for c in row.clocks],
            "stops": [labels[s] for s in row.stops if s in labels],
        }
        for row, line in zip(found.rows, procedures.printed(found), strict=True)
    ]
    return render(
        request,
        "desk/registers/procedure.html",
        {
            "procedure": found,
            "rows": rows,
            "trail": [
                (_("事项与依据"), reverse("desk:catalogue")),
                (_("程序表"), reverse("desk:procedures")),
                (found.name, ""),
            ],
        },
    )

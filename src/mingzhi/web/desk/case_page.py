"""The case page: one page on which a case is seen whole and worked on."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from django.views.decorators.http import require_POST

from mingzhi.cases import api as cases
from mingzhi.catalogue import api as catalogue
from mingzhi.deadlines import api as deadlines
from mingzhi.deliberations import api as deliberations
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.dossiers.choices import IdKind, MemberRole, PartyKind, PartyRole, Standard, Volume
from mingzhi.dossiers.data import PartyView
from mingzhi.kernel.errors import NotFound
from mingzhi.ledger import api as ledger
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.publication import api as publication
from mingzhi.recording import api as recording
from mingzhi.recording.choices import AccessKind, Element, EvidenceKind, Ground, Source, Use
from mingzhi.review import api as review
from mingzhi.tasks import api as tasks
from mingzhi.web.desk import narrative
from mingzhi.web.desk.common import at_of, by_of, case_url, chip, looked, masked, reading, reason_links
from mingzhi.web.desk.recordings import hours_chip

TABS = (
    ("", gettext_noop("办理过程")),
    ("evidence", gettext_noop("证据与记录")),
    ("papers", gettext_noop("文书")),
    ("review", gettext_noop("法制审核")),
    ("hearing", gettext_noop("听证与讨论")),
    ("disclosure", gettext_noop("公示")),
    ("index", gettext_noop("卷内目录")),
    ("party", gettext_noop("当事人")),
)


@reading
def page(request: HttpRequest, dossier_id: int) -> HttpResponse:
    """One case for who may see it; every look is noted."""
    by, at = by_of(request), at_of(request)
    dossier = dossiers.access_dossier(by, dossier_id)
    tab = request.GET.get("tab", "")
    if tab not in dict(TABS):
        tab = ""
    looked(request, "dossier:viewed", f"dossier:{dossier.pk}", tab=tab)
    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    ctx = Context(dossier=dossier, procedure=procedure, row=procedure.rows[0], by=by, at=at)
    state = procedure.by_state[dossier.state]
    context: dict[str, Any] = {
        "dossier": dossier,
        "procedure": procedure,
        "state": state,
        "stages": _stages(ctx),
        "tab": tab,
        "tabs": [
            {"label": _(label), "url": case_url(dossier.pk, key), "here": key == tab, "count": None}
            for key, label in TABS
        ],
        "case_url": case_url(dossier.pk),
        "trail": [(_("案件"), reverse("desk:cases")), (dossier.number, "")],
        **_next(ctx),
        **_major(ctx),
        "deadlines": [(v, chip(v, at)) for v in deadlines.running(dossier.pk, at)],
        "people": _people(ctx),
        "warnings": _warnings(ctx),
    }
    context |= _TAB_CONTENT[tab](ctx)
    return render(request, "desk/case.html", context)


def _stages(ctx: Context) -> list[dict[str, Any]]:
    """The stage bar: where the case is, and when each stage was first reached."""
    procedure, dossier = ctx.procedure, ctx.dossier
    here = procedure.stages.index(dossier.stage) if dossier.stage in procedure.stages else 0
    state = procedure.by_state[dossier.state]
    reached: dict[str, Any] = {procedure.stages[0]: dossier.opened_at}
    for step in ctx.steps:
        stage = procedure.by_state[step.to_state].stage
        reached.setdefault(stage, step.occurred_at)
    ended = state.final
    found = []
    for index, name in enumerate(procedure.stages):
        if index < here:
            mark = "done"
        elif index == here:
            # A case that ended before its last stage stopped here; one that ended in it is done.
            mark = "here" if not ended else "done" if index == len(procedure.stages) - 1 else "stopped"
        else:
            mark = ""
        found.append({"name": _(name), "state": mark, "on": reached.get(name) if mark else None})
    return found


def _next(ctx: Context) -> dict[str, Any]:
    """下一步 in three parts: what I may do, what I could do once the reasons are gone, what others do."""
    options = procedures.options(ctx.dossier, by=ctx.by, at=ctx.at, shared=ctx.memo)
    links = reason_links(ctx.dossier, (r for o in options for r in o.reasons), ctx.by)
    own = ctx.dossier.body_id == ctx.by.body_id
    mine = [o for o in options if o.mine and own]
    awaited = {t.kind for t in _waiting(ctx) if t.assignee_id in (None, ctx.by.person_id)}
    rows = ctx.procedure.by_verb
    ready = [o for o in mine if o.open]
    first = [o for o in ready if awaited & set(rows[o.verb].closes)]
    return {
        "due_steps": first,
        "open_steps": [o for o in ready if o not in first],
        "closed_steps": [o for o in mine if not o.open],
        "others_steps": [o for o in options if o not in mine] if own else [],
        "foreign": not own,
        "links": links,
    }


def _waiting(ctx: Context) -> list[Any]:
    """Open to-dos of the case, read once for the page."""
    found: list[Any] = ctx.once("desk:tasks", lambda: list(tasks.tasks_waiting([ctx.dossier.pk])))
    return found


def _major(ctx: Context) -> dict[str, Any]:
    """Why the decision as proposed is a major one, may be heard, must be discussed (all derived)."""
    if ctx.procedure.code != "penalty.ordinary" or ctx.last("conclude") is None:
        return {"triggers": [], "hearing_reasons": [], "discussion_reasons": []}
    return {
        "triggers": [
            {
                "label": t.label,
                "why": "" if t.explanation.startswith(t.label) else t.explanation,
                "citation": t.citation,
            }
            for t in cases.triggers(ctx)
        ],
        "hearing_reasons": cases.hearing_reasons(ctx),
        "discussion_reasons": cases.discussion_reasons(ctx),
    }


def _people(ctx: Context) -> list[dict[str, Any]]:
    return [
        {
            "name": m.name,
            "role": MemberRole(m.role).label,
            "since": m.since,
            "until": m.until,
            "recused": m.recused,
        }
        for m in ctx.all_members
        if m.active or m.recused
    ]


def _warnings(ctx: Context) -> list[str]:
    """What somebody should look at and no clock says."""
    found = [
        _("“%(act)s”的音像记录尚未上传，已超过规定时限") % {"act": _act_label(ctx, due.act)}
        for due in recording.due(at=ctx.at, dossier_id=ctx.dossier.pk)
        if due.late
    ]
    for step in ctx.steps:
        gap = (step.at - step.occurred_at).days
        if gap >= 3:
            found.append(_("“%(step)s”在发生 %(days)s 日后才登记") % {"step": step.label, "days": gap})
    return found


def _act_label(ctx: Context, act: str) -> str:
    rule = catalogue.recording_rule(body=ctx.body, act=act, on=ctx.on)
    return rule.label or rule.act


# --- tabs -----------------------------------------------------------------------------------


def _timeline(ctx: Context) -> dict[str, Any]:
    papers = documents.papers(ctx.dossier.pk)
    records = recording.records(ctx.dossier.pk)
    entries = ledger.entries_of_many([f"step:{s.id}" for s in ctx.steps])
    placed = {e.subject: e.index is not None for e in entries}
    by_step: dict[int, list[Any]] = {}
    for paper in papers:
        if paper.step_id is not None:
            by_step.setdefault(paper.step_id, []).append(paper)
    by_act: dict[str, list[Any]] = {}
    for record in records:
        if record.act:
            by_act.setdefault(record.act, []).append(record)
    told = narrative.Teller(ctx)
    lines = []
    for step in ctx.steps:
        row = ctx.procedure.by_verb.get(step.verb)
        lines.append(
            {
                "step": step,
                "late_entry": (step.at - step.occurred_at).total_seconds() > 86400,
                "papers": by_step.get(step.id, []),
                "recordings": by_act.get(row.recording, []) if row and row.recording else [],
                "receipt": reverse("desk:receipt", args=[ctx.dossier.pk, "step", step.id])
                if placed.get(f"step:{step.id}")
                else "",
                "facts": told.facts(step),
                "norms": told.norms(step),
            }
        )
    waiting = sorted(_waiting(ctx), key=lambda t: t.opened_at)
    return {"lines": lines, "open_tasks": waiting, "explanations": told.explanations()}


def evidence_context(ctx: Context) -> dict[str, Any]:
    records = recording.records(ctx.dossier.pk)
    acts = dict.fromkeys(r.recording for r in ctx.procedure.rows if r.recording)
    rules = {a: catalogue.recording_rule(body=ctx.body, act=a, on=ctx.on) for a in acts}
    done = {ctx.procedure.by_verb[s.verb].recording for s in ctx.steps if s.verb in ctx.procedure.by_verb}
    held = recording.devices.held_by(ctx.by.person_id)
    seen = recording.coverage(dossier_id=ctx.dossier.pk, acts=acts, body=ctx.body, on=ctx.on)
    return {
        "evidence": [r for r in records if r.kind == "evidence"],
        "recordings": [(r, _label(rules, r.act)) for r in records if r.kind == "recording"],
        "coverage": [
            {"view": c, "label": _label(rules, c.act), "done": c.act in done}
            for c in seen
            if c.act in done or c.recordings or c.excuses or c.mode in ("full", "required")
        ],
        "acts": [
            *((a, _label(rules, a)) for a in acts),
            (recording.rooms.PREMISES, _act_label(ctx, recording.rooms.PREMISES)),
        ],
        "sources": Source.choices,
        "evidence_kinds": EvidenceKind.choices,
        "elements": Element.choices,
        "grounds": Ground.choices,
        "interruption_grounds": [g for g in Ground.choices if g[0] != Ground.TEXT],
        "devices": recording.devices.devices(ctx.dossier.body_id) if ctx.by.may(Permission.CASE_ACT) else [],
        "held": held[0].asset_number if len(held) == 1 else "",
        "bookings": recording.rooms.bookings(by=ctx.by, dossier_ids=[ctx.dossier.pk], live=True),
        "members": ctx.handlers,
        **_custody(ctx),
        "may_add": ctx.dossier.closed_at is None
        and ctx.dossier.body_id == ctx.by.body_id
        and ctx.by.may(Permission.CASE_ACT),
        "may_excuse": ctx.dossier.closed_at is None
        and ctx.dossier.body_id == ctx.by.body_id
        and bool(
            ctx.by.permissions & {Permission.CASE_ACT, Permission.CASE_UNIT_CHECK, Permission.CASE_APPROVE}
        ),
        "may_approve": ctx.dossier.body_id == ctx.by.body_id
        and bool(ctx.by.permissions & recording.APPROVERS),
        "due": [
            {
                "act": _label(rules, d.act) if d.act in rules else _act_label(ctx, d.act),
                "ended_at": d.ended_at,
                "chip": hours_chip(d.due_at, d.citation, ctx.at),
            }
            for d in recording.due(at=ctx.at, dossier_id=ctx.dossier.pk)
        ],
    }


def _custody(ctx: Context) -> dict[str, Any]:
    """What this person may do with the content of records: look, ask, take along, derive, see the chain."""
    found = recording.access.standing(ctx.by, ctx.dossier, ctx.at)
    originals = recording.access.records_granted(ctx.by, ctx.dossier.pk, ctx.at, AccessKind.ORIGINAL)
    return {
        "looking": str(found.use) if found else "",
        "uses": [c for c in Use.choices if c[0] != Use.CASE or (found is not None and found.inside)],
        "granted": {} if found else recording.access.records_granted(ctx.by, ctx.dossier.pk, ctx.at),
        "originals": True if None in originals else set(originals),
        "may_derive": found is not None and recording.derivatives.may_derive(ctx.by, ctx.dossier, found),
        "may_chain": recording.custody_queries.may_see_chain(ctx.by, ctx.dossier),
    }


def _label(rules: Any, act: str) -> str:
    rule = rules.get(act)
    return (rule.label or rule.act) if rule is not None else act


def _papers(ctx: Context) -> dict[str, Any]:
    services: dict[int, list[Any]] = {}
    for service in documents.services(ctx.dossier.pk):
        services.setdefault(service.paper_id, []).append(service)
    steps = {s.id: s for s in ctx.steps}
    signed = documents.signatures_of(ctx.dossier.pk)
    return {
        "may_chain": recording.custody_queries.may_see_chain(ctx.by, ctx.dossier),
        "papers": [
            {
                "paper": p,
                "step": steps.get(p.step_id or 0),
                "services": services.get(p.id, []),
                "signed": signed.get(p.id, []),
            }
            for p in documents.papers(ctx.dossier.pk)
        ],
    }


def _review(ctx: Context) -> dict[str, Any]:
    labels = {row["code"]: row["label"] for row in ctx.norm("review.checks")}
    words = {"pass": _("合格"), "problem": _("有问题"), "na": _("不涉及")}
    rounds = []
    for one in review.review_rounds(ctx.dossier.pk):
        opinions = [
            {
                "opinion": o,
                "checks": [
                    {
                        "label": c.get("label") or labels.get(c.get("code", ""), c.get("code", "")),
                        "result": words.get(c.get("result", ""), ""),
                        "tone": {"pass": "ok", "problem": "late"}.get(c.get("result", ""), "neutral"),
                        "note": c.get("note", ""),
                    }
                    for c in o.checks
                ],
            }
            for o in one.opinions
        ]
        rounds.append({"round": one, "opinions": opinions})
    return {"rounds": rounds, "seats": review.review_standing(ctx.dossier.pk).seats}


def _hearing(ctx: Context) -> dict[str, Any]:
    told = narrative.Teller(ctx)
    wanted = (
        "statement",
        "hearing_request",
        "hearing_arrange",
        "hearing_hold",
        "hearing_report",
        "reconsider",
    )
    return {
        "hearing": deliberations.hearing_current(ctx.dossier.pk),
        "discussions": deliberations.discussions(ctx.dossier.pk),
        "heard": [(s, told.facts(s)) for s in ctx.steps if s.verb in wanted],
    }


def _disclosure(ctx: Context) -> dict[str, Any]:
    found = publication.disclosure_status(ctx.dossier.pk)
    return {"disclosures": found, "may_disclose": bool(_DISCLOSE & ctx.by.permissions)}


_DISCLOSE = {Permission.DISCLOSURE_COLLECT, Permission.DISCLOSURE_CHECK, Permission.DISCLOSURE_PUBLISH}


def _index(ctx: Context) -> dict[str, Any]:
    return {"volumes": index_volumes(ctx.dossier), "archive": dossiers.archive.archive_of(ctx.dossier.pk)}


def index_volumes(dossier: Dossier) -> list[tuple[str, list[Any]]]:
    """(volume, lines) of the index as it stands; each line knows where its item is looked at."""
    lines = dossiers.archive.contents(dossier)
    return [(label, [x for x in lines if x.volume == value]) for value, label in Volume.choices]


def _party(ctx: Context) -> dict[str, Any]:
    wanted = cases.party_wanted(ctx.dossier, ctx.by)
    return {
        "parties": [{"party": p, "facts": party_facts(p, hidden=True)} for p in ctx.parties],
        "party_door": reverse("desk:review_matter_party", args=[ctx.dossier.pk]) if wanted else "",
    }


def party_facts(party: PartyView, *, hidden: bool) -> list[tuple[str, str]]:
    """What is known of a party, line by line; numbers, phone and address masked unless asked for."""
    number = masked(party.id_number, 4, 2) if hidden else party.id_number
    phone = masked(party.phone, 3, 2) if hidden else party.phone
    address = masked(party.address, 6, 0) if hidden and party.kind == "natural" else party.address
    lines = [
        (_("身份"), PartyRole(party.role).label),
        (_("类型"), PartyKind(party.kind).label),
        (_("适用标准"), Standard(party.standard).label if party.standard else ""),
        (_("姓名或名称"), party.name),
        (_("统一社会信用代码"), party.credit_code),
        (_("法定代表人（负责人、经营者）"), party.representative),
        (_("证件"), f"{IdKind(party.id_kind).label} {number}" if party.id_kind else ""),
        (_("性别"), party.gender),
        (_("出生日期"), party.born_on.isoformat() if party.born_on and not hidden else ""),
        (_("住址或住所"), address),
        (_("联系电话"), phone),
        (
            _("电子送达"),
            _("已于 %(day)s 签订确认书") % {"day": party.e_service_agreed_on.isoformat()}
            if party.e_service_agreed_on
            else _("未签订确认书"),
        ),
    ]
    return [(label, value) for label, value in lines if value]


_TAB_CONTENT = {
    "": _timeline,
    "evidence": evidence_context,
    "papers": _papers,
    "review": _review,
    "hearing": _hearing,
    "disclosure": _disclosure,
    "index": _index,
    "party": _party,
}


@require_POST
def party_reveal(request: HttpRequest, dossier_id: int, party_id: int) -> HttpResponse:
    """The party's numbers in full, once, noted in the second log."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    party = next((p for p in dossiers.parties(dossier.pk) if p.id == party_id), None)
    if party is None:
        raise NotFound()
    looked(request, "party:revealed", f"party:{party_id}", dossier=dossier.pk)
    context = {
        "dossier": dossier,
        "party": party,
        "facts": party_facts(party, hidden=False),
        "revealed": True,
    }
    if request.headers.get("HX-Request"):
        return render(request, "desk/_party.html", context)
    context["trail"] = [
        (_("案件"), reverse("desk:cases")),
        (dossier.number, case_url(dossier.pk, "party")),
        (party.name, ""),
    ]
    return render(request, "desk/party.html", context)


@reading
def receipt(request: HttpRequest, dossier_id: int, kind: str, ref: int) -> HttpResponse:
    """The ledger's receipt of a step, paper or record of this dossier, to read or to keep."""
    dossier = dossiers.access_dossier(by_of(request), dossier_id)
    title = _of_dossier(dossier, kind, ref)
    entries = ledger.entries_of(f"{kind}:{ref}")
    if not entries:
        raise NotFound()
    entry = entries[0]
    text = ledger.receipt(entry.id)
    if "download" in request.GET and text is not None:
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{kind}-{ref}.tlog-proof"'
        return response
    context = {
        "dossier": dossier,
        "title": title,
        "entry": entry,
        "text": text,
        "vkey": ledger.verifier_key(),
        "trail": [
            (_("案件"), reverse("desk:cases")),
            (dossier.number, case_url(dossier.pk)),
            (_("存证凭证"), ""),
        ],
    }
    return render(request, "desk/receipt.html", context)


def _of_dossier(dossier: Dossier, kind: str, ref: int) -> str:
    """The thing's title if it is on this dossier; nothing is said of things that are elsewhere."""
    found: dict[int, str] = {}
    if kind == "step":
        found = {s.id: s.label for s in procedures.steps(dossier)}
    elif kind == "paper":
        found = {p.id: p.title for p in documents.papers(dossier.pk)}
    elif kind == "record":
        found = {r.id: r.title for r in recording.records(dossier.pk)}
    if ref not in found:
        raise NotFound()
    return found[ref]

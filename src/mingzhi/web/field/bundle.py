"""What a phone takes along: today's tasks, my cases, colleagues, the forms and the limits to work by.

Only what this officer may see, and of parties no more than the form needs. Everything a page would
look up is here, because there may be no net when it is asked for.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.conf import settings

from mingzhi.cases import api as cases
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.errors import NormNotInForce, UnknownNorm
from mingzhi.deadlines import api as deadlines
from mingzhi.deadlines.data import DeadlineView
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.procedures.data import Procedure
from mingzhi.recording import api as recording
from mingzhi.recording.choices import EvidenceKind
from mingzhi.tasks import api as tasks
from mingzhi.web.desk import stepform
from mingzhi.web.desk.common import chip, nearest
from mingzhi.web.desk.home import task_chip
from mingzhi.web.field import numbers
from mingzhi.web.field.applying import SPOT, VERBS

AFIELD = ("direct", "leave", "mail", "electronic", "public_notice")
"""How a paper is served from a phone; through others (委托、转交) it goes from the desk."""
NOT_AFIELD = ("paper", "proof", "agent")
CASES = 60
TASKS = 60
STEPS = 12


def bundle(*, device: str, by: Actor, at: datetime) -> dict[str, Any]:
    body = organisations.body(by.body_id)
    found = _cases(by, body, at)
    return {
        "now": at.isoformat(),
        "me": _me(by, body, at),
        "body": _body(body),
        "card": _card(by, body, at),
        "tasks": _tasks(by, at),
        "cases": found,
        "officers": _officers(body, at),
        "items": _items(body, at),
        "limits": _limits(body, at),
        "recording": _recording(by, body, at),
        "forms": _forms(by, body, at),
        "service": _service_modes(),
        "numbers": [
            {"block": b.id, "seq": seq, "text": text, "year": b.year}
            for b in numbers.mine(by, device)
            for seq, text in zip(b.free, b.texts, strict=True)
        ],
        "public_url": settings.PUBLIC_URL,
    }


def _me(by: Actor, body: BodyRef, at: datetime) -> dict[str, Any]:
    unit = organisations.unit(by.unit_id).name if by.unit_id is not None else ""
    return {
        "account": by.account_id,
        "person": by.person_id,
        "name": by.name,
        "unit": unit,
        "body": body.name,
    }


def _body(body: BodyRef) -> dict[str, Any]:
    """What stands on every paper of the body."""
    return {
        "name": body.name,
        "government": body.government,
        "payee_bank": body.payee_bank,
        "payee_address": body.payee_address,
    }


def _norm(name: str, body: BodyRef, at: datetime) -> Any:
    try:
        return catalogue.norm(name, body=body, on=clock.local_date(at))
    except (UnknownNorm, NormNotInForce):
        return None


def _card(by: Actor, body: BodyRef, at: datetime) -> dict[str, Any]:
    """The certificate as it is shown, and whether the body's document asks to wear it (R028, R029)."""
    if by.person_id is None:
        return {}
    state = organisations.certificate(by.person_id, clock.local_date(at))
    worn = _norm("badge.worn", body, at)
    return {
        "number": state.number,
        "issuer": state.issuer,
        "scope": "、".join(state.scope),
        "area": state.area,
        "valid_from": state.valid_from.isoformat() if state.valid_from else "",
        "valid_until": state.valid_until.isoformat() if state.valid_until else "",
        "valid": state.valid,
        "note": state.note,
        "worn": worn.value if worn else "",
        "worn_citation": worn.citation_text if worn else "",
    }


def _tasks(by: Actor, at: datetime) -> list[dict[str, Any]]:
    found = []
    for task in tasks.tasks_mine(by)[:TASKS]:
        mark = task_chip(task.due_on, at)
        found.append(
            {
                "title": task.title,
                "dossier": task.dossier_id,
                "number": task.dossier.number if task.dossier else "",
                "due": task.due_on.isoformat() if task.due_on else "",
                "chip": mark.text if mark else "",
                "tone": mark.tone if mark else "",
            }
        )
    return found


def _cases(by: Actor, body: BodyRef, at: datetime) -> list[dict[str, Any]]:
    rows = list(
        dossiers.in_hand(dossiers.dossiers_for(by).filter(body_id=body.id), by, going_on=True)
        .select_related("unit")
        .order_by("-last_step_at")[:CASES]
    )
    clocks = deadlines.running_for([d.pk for d in rows], at) if rows else {}
    rules = {r.act: r for r in catalogue.recording_list(body=body, on=clock.local_date(at))}
    return [_case(d, clocks.get(d.pk, []), rules, by, at) for d in rows]


def _case(
    dossier: Dossier, clocks: list[DeadlineView], rules: dict[str, Any], by: Actor, at: datetime
) -> dict[str, Any]:
    procedure = procedures.procedure(dossier.procedure, dossier.procedure_version)
    taken = procedures.steps(dossier)
    first = nearest(clocks, at)
    mark = chip(first, at) if first else None
    return {
        "id": dossier.pk,
        "number": dossier.number,
        "title": dossier.title,
        "party": dossier.party_name,
        "state": procedure.by_state[dossier.state].label,
        "stage": dossier.stage,
        "taken": dossier.steps_taken,
        "lead": dossier.lead_name,
        "members": [m.name for m in dossiers.members(dossier.pk) if m.active],
        "place": next((s.facts["place"] for s in taken if s.facts.get("place")), ""),
        "chip": mark.text if mark else "",
        "tone": mark.tone if mark else "",
        "due": [{"label": c.label, "on": c.due_on.isoformat() if c.due_on else ""} for c in clocks[:6]],
        "steps": [
            {"label": s.label, "by": s.by_name, "on": clock.local(s.occurred_at).strftime("%m-%d %H:%M")}
            for s in taken[-STEPS:]
        ],
        "verbs": _verbs(dossier, procedure, by),
        **_to_serve(dossier, by, at),
        "records": [
            {
                "title": r.title,
                "kind": r.kind_label,
                "at": clock.local(r.captured_at).strftime("%m-%d %H:%M"),
                "sha256": r.file.sha256,
            }
            for r in recording.records(dossier.pk)
        ],
        "acts": sorted(
            {r.recording for r in procedure.rows if r.recording in rules}
            | (set(cases.SERVICE_ACTS.values()) & set(rules))
        ),
    }


def _to_serve(dossier: Dossier, by: Actor, at: datetime) -> dict[str, Any]:
    """Papers that wait to be served, the attempts that failed, and where the party agreed to be reached."""
    waiting = cases.papers_to_serve(dossier, by=by, at=at)
    if not waiting:
        return {"serve": [], "e_service": None}
    tried: dict[int, list[str]] = {}
    for one in documents.services(dossier.pk):
        if one.outcome == "failed":
            tried.setdefault(one.paper_id, []).append(one.mode_label)
    party = next((p for p in dossiers.parties(dossier.pk) if p.role == "party"), None)
    agreed = party is not None and party.e_service_agreed_on is not None
    return {
        "serve": [
            {
                "verb": verb,
                "paper": p.id,
                "title": f"{p.title} {p.number or ''}".strip(),
                "tried": tried.get(p.id, []),
            }
            for verb, p in waiting
        ],
        "e_service": {"on": str(party.e_service_agreed_on), "address": party.e_service_address}
        if agreed and party
        else None,
    }


def _verbs(dossier: Dossier, procedure: Procedure, by: Actor) -> list[str]:
    rows = (procedure.by_verb.get(v) for v in VERBS)
    return [r.verb for r in rows if r is not None and dossier.state in r.sources and by.may(r.permission)]


def _officers(body: BodyRef, at: datetime) -> list[dict[str, Any]]:
    on = clock.local_date(at)
    people = organisations.people(body.id, on=on, certified=True)
    states = organisations.certificate_states([p.id for p in people], on)
    return [
        {"id": p.id, "name": p.name, "unit": p.unit_name, "certificate": states[p.id].number} for p in people
    ]


def _items(body: BodyRef, at: datetime) -> list[dict[str, Any]]:
    """Items that can be penalised, with what a penalty on the spot must keep to."""
    on = clock.local_date(at)
    own = catalogue.profile(body.profile).field
    found = []
    for item in catalogue.items(on=on, field=own, body=body):
        if item.act_type not in ("penalty", "行政处罚"):
            continue
        tiers: dict[str, list[str]] = {}
        for tier, circumstance in catalogue.tiers(item.code, on=on, body=body):
            tiers.setdefault(tier, []).append(circumstance)
        found.append(
            {
                "code": item.code,
                "name": item.name,
                "basis": item.basis_text,
                "fines": [catalogue.fine_text(f) for f in item.fines],
                "tiers": [
                    [t, f"{t}：{'；'.join(c for c in cs if c)}" if any(cs) else t] for t, cs in tiers.items()
                ],
                "unverified": item.unverified,
            }
        )
    return found


def _limits(body: BodyRef, at: datetime) -> dict[str, Any]:
    """The norms a penalty on the spot is held to (PEN-08, PEN-27), with where they stand."""
    names = {
        "natural_fen": "penalty.summary.max_natural_fen",
        "organisation_fen": "penalty.summary.max_organisation_fen",
        "collect_fen": "penalty.spot_collection.max_fen",
        "officers": "penalty.officers.minimum",
        "exempt_age": "penalty.age.exempt",
    }
    read = {key: _norm(name, body, at) for key, name in names.items()}
    return {
        **{key: norm.value for key, norm in read.items() if norm},
        "citation": read["natural_fen"].citation_text if read["natural_fen"] else "",
    }


def _recording(by: Actor, body: BodyRef, at: datetime) -> dict[str, Any]:
    """The recording list with a script card for each act; what the phone fills in stands in braces."""
    on = clock.local_date(at)
    term = recording.upload_term(body, on)
    said = recording.voice_statement(body, on)
    number = organisations.certificate(by.person_id, on).number if by.person_id is not None else ""
    acts = {}
    for rule in catalogue.recording_list(body=body, on=on):
        card = recording.script.card(
            body=body,
            act=rule.act,
            moment=at,
            place="{place}",
            officers=((by.name, number),),
            cause="{cause}",
        )
        acts[rule.act] = {
            "label": card.label,
            "mode": card.mode,
            "mode_label": card.mode_label,
            "content": card.content,
            "citation": card.citation,
            "lines": [[line.element, line.label, line.text] for line in card.lines],
            "phrases": [g.text for g in card.phrases],
        }
    return {
        "acts": acts,
        "said_required": said is not None,
        "hours": term.hours if term else None,
        "evidence_kinds": [[str(v), str(label)] for v, label in EvidenceKind.choices],
    }


def _forms(by: Actor, body: BodyRef, at: datetime) -> dict[str, Any]:
    """The record forms, from the same schemas that the engine judges by."""
    on = clock.local_date(at)
    ordinary = procedures.procedure("penalty.ordinary", on=on)
    summary = procedures.procedure("penalty.summary", on=on)
    return {
        **{verb: _form(ordinary, verb, by, body, at) for verb in VERBS},
        **{verb: _serving(_form(ordinary, verb, by, body, at)) for verb in cases.SERVE_VERBS},
        SPOT: _form(summary, SPOT, by, body, at),
    }


def _form(procedure: Procedure, verb: str, by: Actor, body: BodyRef, at: datetime) -> dict[str, Any]:
    row = procedure.by_verb[verb]
    ctx = form_context(procedure, verb, by, body, at)
    made = [f for g in stepform.groups(ctx, {}, {}, typed=False) for f in g.fields]
    return {
        "label": row.label,
        "citation": row.citation,
        "papers": [p.title for p in row.papers],
        "act": row.recording,
        "officers": row.officers,
        "confirm": row.confirm,
        "fields": [
            {
                "name": f.name,
                "label": f.label,
                "widget": f.widget,
                "help": f.help,
                "unit": f.unit,
                "cite": f.cite,
                "group": f.group,
                "required": f.required,
                "demanded": f.demanded,
                "show": [f.show_field, f.show_values.split("|")] if f.show_field else None,
                "options": [] if f.widget in ("people", "person", "item") or f.name == "tier" else f.options,
                "max": f.max_length,
                "guide": [f.guide.write, f.guide.law, f.guide.example] if f.guide else None,
                "phrases": [[p.text, p.basis] for p in f.phrases],
            }
            for f in made
        ],
    }


def _service_modes() -> dict[str, dict[str, str]]:
    """What the law asks of each mode, and the act of the recording list that it is."""
    demands = documents.service_demands(cases.SERVICE_MODES[mode] for mode in AFIELD)
    return {
        mode: {
            "law": "{}（{}）".format(*demands[cases.SERVICE_MODES[mode]]),
            "act": cases.SERVICE_ACTS.get(mode, ""),
        }
        for mode in AFIELD
    }


def _serving(form: dict[str, Any]) -> dict[str, Any]:
    """送达 as a phone carries it. What each mode needs the phone asks when it is chosen (domain §2.5); what
    proves it is a file of the phone's own."""
    fields = [f for f in form["fields"] if f["name"] not in NOT_AFIELD]
    for field in fields:
        if field["name"] == "mode":
            field["options"] = [o for o in field["options"] if o[0] in AFIELD]
    return {**form, "fields": fields}


def form_context(procedure: Procedure, verb: str, by: Actor, body: BodyRef, at: datetime) -> Context:
    """A look at no dossier yet: for a form that is filled in before there is one."""
    dossier = Dossier(
        procedure=procedure.code,
        procedure_version=procedure.version,
        state=procedure.initial,
        body_id=body.id,
        field=catalogue.profile(body.profile).field,
        opened_at=at,
    )
    row = procedure.by_verb[verb]
    return Context(dossier=dossier, procedure=procedure, row=row, by=by, at=at, shared={"steps": []})

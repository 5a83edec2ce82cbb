"""The case list: filters that start from an index, pages by key."""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from django.contrib import messages
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, QueryDict
from django.shortcuts import render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.kernel.errors import MingzhiError, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.search import api as search
from mingzhi.web.desk.common import at_of, by_of, chip, nearest, reading
from mingzhi.web.models import SavedView

PAGE = 50
BODIES_AT_ONCE = 60
"""Above so many bodies in scope (a provincial supervisor) the list asks which one."""
ROOM = "cases"
SORTS = {"last": "last_step_at", "opened": "opened_at"}
FILTERS = ("q", "state", "stage", "unit", "mine", "field", "body")


@dataclass(frozen=True, slots=True)
class Asked:
    """What the person asked the list for."""

    q: str
    state: str
    stage: str
    unit: int | None
    mine: bool
    field: str
    body: int | None
    sort: str
    down: bool
    after: tuple[str, int] | None

    @property
    def column(self) -> str:
        return SORTS[self.sort]

    def query(self) -> str:
        kept = {
            "q": self.q,
            "state": self.state,
            "stage": self.stage,
            "unit": self.unit or "",
            "mine": "1" if self.mine else "",
            "field": self.field,
            "body": self.body or "",
            "sort": ""
            if (self.sort, self.down) == ("last", True)
            else f"{'-' if self.down else ''}{self.sort}",
        }
        return urlencode({k: v for k, v in kept.items() if v})


def asked(get: QueryDict) -> Asked:
    """What the query asks the list for; anything that makes no sense counts as not asked."""
    sort = get.get("sort", "-last")
    known = sort.removeprefix("-") in SORTS
    return Asked(
        q=get.get("q", "").replace("\x00", "").strip()[:100],
        state=get.get("state", "")[:32],
        stage=get.get("stage", "")[:16],
        unit=_number(get.get("unit", "")),
        mine=get.get("mine") == "1",
        field=get.get("field", "")[:16],
        body=_number(get.get("body", "")),
        sort=sort.removeprefix("-") if known else "last",
        down=sort.startswith("-") or not known,
        after=_cursor(get.get("after", "")),
    )


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdigit() and len(text) < 12 else None


def _cursor(text: str) -> tuple[str, int] | None:
    try:
        moment, key = json.loads(base64.urlsafe_b64decode(text.encode()))
        datetime.fromisoformat(moment)
        return (moment, int(key)) if abs(int(key)) < 2**62 else None
    except (ValueError, TypeError):
        return None


def cursor(row: Dossier, ask: Asked) -> str:
    value = getattr(row, ask.column).isoformat()
    return base64.urlsafe_b64encode(json.dumps([value, row.pk]).encode()).decode()


def bodies_of(by: Actor) -> list[int]:
    """The bodies whose cases this person may see, own first."""
    scope = organisations.in_scope(by, Permission.CASE_READ)
    found = list(scope.body_ids)
    if scope.path_prefixes or scope.everything:
        found += [b.id for b in organisations.bodies() if b.id not in found and scope.covers(b.id, b.path)]
    return found


@dataclass(frozen=True, slots=True)
class Slice:
    """Rows that start from one prefix of an index, and the columns of it that order them."""

    within: Callable[[Q], QuerySet[Dossier]]
    column: str
    key: str = "pk"

    def ordered(self, ask: Asked) -> QuerySet[Dossier]:
        bound = Q()
        if ask.after is not None:
            moment, key = datetime.fromisoformat(ask.after[0]), ask.after[1]
            side = "lt" if ask.down else "gt"
            # The plain bound on the column is what the index answers; the rest settles ties.
            bound = Q(**{f"{self.column}__{side}e": moment}) & (
                Q(**{f"{self.column}__{side}": moment}) | Q(**{f"{self.key}__{side}": key})
            )
        sign = "-" if ask.down else ""
        return self.within(bound).order_by(f"{sign}{self.column}", f"{sign}{self.key}")


def _slices(by: Actor, ask: Asked, bodies: list[int]) -> Iterator[Slice]:
    """Together they are the answer."""
    base = dossiers.dossiers_for(by)
    if ask.q:
        base = base.filter(pk__in=search.matching_refs("desk", ask.q, group=bodies))
    if ask.field:
        base = base.filter(field=ask.field)
    if ask.unit is not None:
        base = base.filter(unit_id=ask.unit)
    states = [ask.state] if ask.state else _states_of(ask.stage) if ask.stage else [""]
    if ask.mine:
        yield from _mine(by, base.filter(body_id__in=bodies), ask, states)
        return
    for body in bodies:
        for state in states:
            rows = base.filter(body_id=body)
            yield Slice((rows.filter(state=state) if state else rows).filter, ask.column)


def _mine(by: Actor, rows: QuerySet[Dossier], ask: Asked, states: list[str]) -> Iterator[Slice]:
    """One's own, from the hands: by opening in one stretch; by the last step the closed ones in one, and the
    open ones, which are few, in another."""
    if states != [""]:
        rows = rows.filter(state__in=states)

    def held(going_on: bool | None) -> Callable[[Q], QuerySet[Dossier]]:
        return lambda bound: dossiers.in_hand(rows, by, going_on=going_on, within=bound)

    if ask.sort == "opened":
        yield Slice(held(None), "hand__opened_at", "hand__dossier")
        return
    final = _final_states()
    if states == [""] or not final.issuperset(states):
        # Ordered and bounded by an expression: by the bare column, SQLite would walk all of the agency's
        # dossiers from the bound on and look for this person's hand in each.
        going = rows.annotate(going_since=Coalesce(F(ask.column), F(ask.column)))
        yield Slice(lambda bound: dossiers.in_hand(going, by, going_on=True).filter(bound), "going_since")
    if states == [""] or not final.isdisjoint(states):
        yield Slice(held(False), "hand__done_at", "hand__dossier")


def _final_states() -> frozenset[str]:
    """States in which a dossier of any procedure is closed, and in none of them open."""
    known = [s for p in procedures.procedures() for s in p.states]
    return frozenset({s.code for s in known if s.final} - {s.code for s in known if not s.final})


def _states_of(stage: str) -> list[str]:
    """A stage as its states, because states are what is indexed; empty for an unknown stage."""
    return sorted({s.code for p in procedures.procedures() for s in p.states if s.stage == stage})


def found(by: Actor, ask: Asked, bodies: list[int], limit: int) -> list[Dossier]:
    """The first ``limit`` dossiers in order: each slice read from its index, then merged."""
    rows: dict[int, Dossier] = {}
    for part in _slices(by, ask, bodies):
        rows |= {row.pk: row for row in part.ordered(ask).select_related("unit", "body")[:limit]}
    merged = sorted(rows.values(), key=lambda r: (getattr(r, ask.column), r.pk), reverse=ask.down)
    return merged[:limit]


def bodies_asked(by: Actor, ask: Asked) -> tuple[list[int], list[int], bool]:
    """(asked, all in scope, whether one must be chosen first)."""
    everything = bodies_of(by)
    if ask.body is not None:
        return ([ask.body] if ask.body in everything else []), everything, False
    must = len(everything) > BODIES_AT_ONCE
    return ([] if must else everything), everything, must


@reading
def page(request: HttpRequest) -> HttpResponse:
    by, at, ask = by_of(request), at_of(request), asked(request.GET)
    organisations.require(by, Permission.CASE_READ)
    bodies, everything, must = bodies_asked(by, ask)
    problem = ""
    try:
        rows = found(by, ask, bodies, PAGE + 1) if bodies else []
    except MingzhiError as refused:  # a search word too short or too long
        rows, problem = [], refused.sentence
    more = len(rows) > PAGE
    rows = rows[:PAGE]
    clocks = deadlines.running_for([r.pk for r in rows], at) if rows else {}
    labels = labels_of_states()
    names = {b.id: b.short_name or b.name for b in organisations.bodies()} if len(everything) > 1 else {}
    context = {
        "ask": ask,
        "lines": [
            {
                "dossier": row,
                "url": reverse("desk:case", args=[row.pk]),
                "state": labels.get((row.procedure, row.state), row.state),
                "final": row.closed_at is not None,
                "chip": chip(first, at) if (first := nearest(clocks.get(row.pk, ()), at)) else None,
                "body": names.get(row.body_id, ""),
            }
            for row in rows
        ],
        "problem": problem,
        "must_choose": must and ask.body is None,
        "states": _state_choices(),
        "stages": _stages(),
        "units": organisations.units(ask.body or by.body_id) if not must or ask.body else [],
        "bodies": [(i, names[i]) for i in everything if i in names],
        "views": list(
            SavedView.objects.filter(account_id=by.account_id or 0, room=ROOM).order_by("name")[:20]
        ),
        "query": ask.query(),
        "narrowed": any((ask.q, ask.state, ask.stage, ask.unit, ask.mine, ask.field, ask.body)),
        "next_url": f"?{ask.query()}&after={cursor(rows[-1], ask)}" if more and rows else "",
        "first_url": f"?{ask.query()}" if ask.after else "",
        "may_open": by.may(Permission.CASE_ACT),
        "trail": [(_("案件"), "")],
    }
    return render(request, "desk/cases.html", context)


def labels_of_states() -> dict[tuple[str, str], str]:
    return {(p.code, s.code): s.label for p in procedures.procedures() for s in p.states}


def _state_choices() -> list[tuple[str, str]]:
    return list({s.code: s.label for p in procedures.procedures() for s in p.states}.items())


def _stages() -> list[str]:
    return list(dict.fromkeys(stage for p in procedures.procedures() for stage in p.stages))


# --- saved views --------------------------------------------------------------------------


@require_POST
def view_save(request: HttpRequest) -> HttpResponse:
    """Keep the present filter under a name; the same name again replaces it."""
    name = request.POST.get("name", "").replace("\x00", "").strip()[:40]
    query = asked(QueryDict(request.POST.get("query", "")[:1000])).query()[:500]
    if name:
        SavedView.objects.update_or_create(
            account_id=by_of(request).account_id or 0,
            room=ROOM,
            name=name,
            defaults={"query": query, "saved_at": at_of(request)},
        )
        messages.success(request, _("已保存常用筛选“%(name)s”") % {"name": name})
    else:
        messages.error(request, _("请填写常用筛选的名称"))
    return HttpResponseRedirect(f"{reverse('desk:cases')}?{query}")


@require_POST
def view_drop(request: HttpRequest, view_id: int) -> HttpResponse:
    gone, _rows = SavedView.objects.filter(
        pk=view_id, account_id=by_of(request).account_id or 0, room=ROOM
    ).delete()
    if not gone:
        raise NotFound()
    return HttpResponseRedirect(reverse("desk:cases"))


def everything(by: Actor, ask: Asked, limit: int) -> Iterator[Dossier]:
    """Up to ``limit`` rows in order, a page at a time by key, so that memory does not grow with the answer."""
    bodies, _all, _must = bodies_asked(by, ask)
    seen = 0
    while bodies and seen < limit:
        rows = found(by, ask, bodies, min(_AT_ONCE, limit - seen))
        yield from rows
        seen += len(rows)
        if len(rows) < _AT_ONCE:
            return
        ask = replace(ask, after=(getattr(rows[-1], ask.column).isoformat(), rows[-1].pk))


_AT_ONCE = 1000


def how_many(by: Actor, ask: Asked, limit: int) -> int:
    """How many rows there are, counted no further than ``limit``."""
    bodies, _all, _must = bodies_asked(by, ask)
    counted = 0
    for part in _slices(by, ask, bodies):
        counted += part.within(Q()).order_by()[: limit - counted].count()
        if counted >= limit:
            break
    return counted

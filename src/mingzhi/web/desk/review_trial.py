"""目录试算: another review list tried on last year's matters before anybody approves it (R115)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from mingzhi.cases import api as cases
from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.data import ReviewRule
from mingzhi.kernel import clock, money
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.review import api as review
from mingzhi.web.desk.common import by_of, case_url, reading
from mingzhi.web.desk.registers_common import day_or_none, given, number, today

ROOM = 3
"""How many new rules a trial may add at once."""
ROW = 54


@dataclass(frozen=True, slots=True)
class Added:
    """A rule as entered: each condition that is filled in must be met (类别、层级、领域、金额、当事人)."""

    act_type: str = ""
    level: str = ""
    field: str = ""
    party_kind: str = ""
    amount: str = ""

    def rule(self, number: int) -> ReviewRule | None:
        """The rule these conditions make; ``None`` where none is filled in. ``Invalid`` on a wrong amount."""
        parts: list[dict[str, Any]] = [
            {"fact": name, "op": "==", "value": value}
            for name, value in (
                ("act_type", self.act_type),
                ("level", self.level),
                ("field", self.field),
                ("party_kind", self.party_kind),
            )
            if value
        ]
        if self.amount:
            try:
                parts.append({"fact": "amount_fen", "op": ">=", "value": money.fen(self.amount)})
            except ValueError as wrong:
                raise Invalid(fields={f"amount-{number}": [str(wrong)]}) from None
        if not parts:
            return None
        words = [self.act_type, _levels().get(self.level, ""), _fields().get(self.field, "")]
        words += [
            _parties().get(self.party_kind, ""),
            f"涉案金额 {self.amount} 元以上" if self.amount else "",
        ]
        label = "、".join(w for w in words if w)
        return ReviewRule(f"+{number}", label, {"all": parts}, _("试算新增，尚未列入目录"), False)


def _levels() -> dict[str, str]:
    return {"province": _("省级"), "city": _("市级"), "county": _("县级"), "township": _("乡镇街道")}


def _fields() -> dict[str, str]:
    return {"transport": _("交通运输"), "urban": _("城市管理"), "water": _("水利")}


def _parties() -> dict[str, str]:
    return {"natural": _("自然人"), "organisation": _("单位"), "sole_trader": _("个体工商户")}


@reading
def page(request: HttpRequest) -> HttpResponse:
    """Untick what the list should no longer say, add what it should, and see whom it would have caught."""
    by, on = by_of(request), today(request)
    if not by.permissions & review.TRIAL_PERMISSIONS:
        organisations.require(by, Permission.REVIEW_ASSIGN)
    body = organisations.body(by.body_id)
    now = catalogue.review_list(body, on)
    asked = "tried" in request.GET
    keep = set(request.GET.getlist("keep")) if asked else {r.code for r in now}
    until = day_or_none(given(request, "until", 10)) or on
    since = day_or_none(given(request, "since", 10)) or until - timedelta(days=365)
    added: list[ReviewRule] = []
    errors: dict[str, list[str]] = {}
    rows = [
        Added(*(given(request, f"{name}-{n}", 40) for name in Added.__dataclass_fields__))
        for n in range(1, ROOM + 1)
    ]
    for n, row in enumerate(rows, 1):
        try:
            rule = row.rule(n)
        except Invalid as wrong:
            errors |= wrong.fields
        else:
            added += [rule] if rule else []
    if since > until:
        errors["since"] = [_("起始日期晚于截止日期")]
    version = number(given(request, "version", 19))
    chosen = public_lists.version_seen(by, version) if version is not None else None
    if chosen is not None and (chosen.list.kind != "review" or chosen.list.body_id != by.body_id):
        raise NotFound
    base = (
        public_lists.review_rules(chosen) if chosen is not None else tuple(r for r in now if r.code in keep)
    )
    rules = [*base, *added]
    known = {r.code for r in now}
    shown_rules = [*now, *(r for r in rules if r.code not in known)]
    found = None
    if asked and not errors:
        found = review.dry_run(
            rules,
            now=now,
            by=by,
            since=clock.at_local(since),
            until=clock.at_local(until + timedelta(days=1)),
            older=cases.older_matters(body, clock.at_local(since), clock.at_local(until + timedelta(days=1))),
        )
    return render(
        request,
        "desk/registers/review_trial.html",
        {
            "rules": [{"rule": r, "kept": r.code in keep} for r in now],
            "chosen": chosen,
            "rows": [
                {"n": n, "row": row, "errors": errors.get(f"amount-{n}", [])} for n, row in enumerate(rows, 1)
            ],
            "acts": catalogue.norm("acts.types", body=body, on=on).value,
            "levels": _levels().items(),
            "fields": _fields().items(),
            "parties": _parties().items(),
            "since": since,
            "until": until,
            "period_errors": errors.get("since", []),
            "found": found,
            "groups": _groups(found, by.may(Permission.CASE_READ)) if found else [],
            "bars": _bars(shown_rules, found) if found else [],
            "height": ROW * len(shown_rules) + 4,
            "trail": [
                (_("事项与依据"), reverse("desk:catalogue")),
                (_("法制审核目录"), reverse("desk:review_list")),
                (_("目录试算"), ""),
            ],
        },
        status=422 if errors else 200,
    )


def _groups(found: Any, named: bool) -> list[dict[str, Any]]:
    return [
        {
            "title": title,
            "count": count,
            "tone": tone,
            "lines": [
                {"line": line, "url": case_url(line.dossier_id) if named else "", "named": named}
                for line in lines
            ],
        }
        for title, tone, count, lines in (
            (_("新纳入审核"), "soon", found.newly, found.newly_lines),
            (_("不再纳入审核"), "late", found.lost, found.lost_lines),
            (_("新旧目录均应审核"), "ok", found.both, found.both_lines),
            (_("当时未记录，不能判断"), "soon", found.unclear, found.unclear_lines),
        )
    ]


def _bars(rules: list[ReviewRule], found: Any) -> list[dict[str, Any]]:
    """Matters by rule, as the list stands and as tried: two bars a rule, on one scale."""
    most = max([*found.before.values(), *found.after.values(), 1])
    return [
        {
            "label": r.label,
            "short": r.label if len(r.label) <= 22 else f"{r.label[:21]}…",
            "before": found.before.get(r.code, 0),
            "after": found.after.get(r.code, 0),
            "wide_before": round(100 * found.before.get(r.code, 0) / most, 1),
            "wide_after": round(100 * found.after.get(r.code, 0) / most, 1),
            "text_y": ROW * i + 16,
            "y": ROW * i + 22,
            "y_after": ROW * i + 34,
        }
        for i, r in enumerate(rules)
    ]

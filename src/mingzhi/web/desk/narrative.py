"""A step's facts in words, for the timeline: titles from the schema, choices by their labels."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.translation import gettext as _

from mingzhi.kernel import clock, money
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.procedures.data import StepView
from mingzhi.web.desk import stepform

FIXED = frozenset({"choice", "checks"})
_DYNAMIC = frozenset({"tiers", "review_materials", "matter_materials"})
"""Providers that read the dossier: their labels may have moved on, so the stored word is shown."""


class Teller:
    """Tells the steps of one dossier; names of people are read once for all of them."""

    def __init__(self, ctx: Context) -> None:
        self.ctx = ctx
        self.people = organisations.persons(self._person_ids())
        self.labels: dict[str, dict[str, str]] = {}

    def _person_ids(self) -> set[int]:
        found: set[int] = set()
        for step in self.ctx.steps:
            row = self.ctx.procedure.by_verb.get(step.verb)
            for name, info in row.facts.model_fields.items() if row else ():
                value = step.facts.get(name)
                widget = stepform.widget_of(info)
                if widget == "person" and isinstance(value, int):
                    found.add(value)
                elif widget == "people" and isinstance(value, list):
                    found |= {v for v in value if isinstance(v, int)}
                elif widget == "rows" and isinstance(value, list):
                    found |= {
                        v["person"] for v in value if isinstance(v, dict) and isinstance(v.get("person"), int)
                    }
        return found

    def _label(self, provider: str, value: Any) -> str:
        if provider and provider not in _DYNAMIC and provider not in self.labels:
            self.labels[provider] = dict(procedures.options_for(provider, self.ctx))
        text = ("true" if value else "false") if isinstance(value, bool) else str(value)
        return self.labels.get(provider, {}).get(text, text)

    def _name(self, person_id: Any) -> str:
        found = self.people.get(person_id)
        return found.name if found else ""

    def facts(self, step: StepView) -> list[tuple[str, str]]:
        """(title, words) of everything entered, in the order of the form."""
        row = self.ctx.procedure.by_verb.get(step.verb)
        found = []
        for name, info in row.facts.model_fields.items() if row else ():
            value = step.facts.get(name)
            if value in (None, "", [], "0.00", False):
                continue
            words = self._words(stepform.widget_of(info), stepform.extra_of(info, "options"), value)
            unit = stepform.extra_of(info, "unit")
            if words:
                found.append((info.title or name, f"{words} {unit}" if unit else words))
        return found

    def explanations(self) -> list[dict[str, Any]]:
        """Who explained what to the party, when, and the answer, over the whole case (R033)."""
        return [
            {
                "step": step,
                "by": self._name(step.facts.get("explained_by")),
                "at": _moment(step.facts["explained_at"]),
                "what": step.facts["explained"],
                "answer": step.facts["explained_answer"],
            }
            for step in self.ctx.steps
            if step.facts.get("explained")
        ]

    def _words(self, widget: str, provider: str, value: Any) -> str:
        if widget == "check":
            return _("是") if value else _("否")
        if widget == "person":
            return self._name(value)
        if widget == "people":
            return "、".join(n for n in map(self._name, value) if n)
        if widget == "datetime":
            return _moment(value)
        if widget == "money":
            return money.yuan(money.fen(str(value)))
        if widget in FIXED:
            return "、".join(
                self._label(provider, v) for v in (value if isinstance(value, list) else [value])
            )
        if widget == "item":
            return self._label(provider, value)
        if widget in ("evidence", "files"):
            return _("%(n)s 件") % {"n": len(value)}
        if widget == "paper":
            return ""
        if widget == "rows":
            return "；".join(filter(None, (self._row(provider, r) for r in value if isinstance(r, dict))))
        return str(value)

    def _row(self, provider: str, row: dict[str, Any]) -> str:
        if "person" in row:
            stand = _("同意") if row.get("agrees") else _("不同意")
            return f"{self._name(row['person'])}（{stand}）：{row.get('text', '')}"
        word = _(stepform.WORDS.get(str(row.get("result", "")), "—"))
        note = f"（{row['note']}）" if row.get("note") else ""
        return f"{self._label(provider, row.get('code', ''))}：{word}{note}"

    @staticmethod
    def norms(step: StepView) -> list[str]:
        """Terms that the step applied, as written into it."""
        return [
            f"{k}：{v.get('value')}"
            for k, v in step.norms.items()
            if ".term." in k and isinstance(v, dict) and v.get("value")
        ]


def _moment(value: Any) -> str:
    try:
        return clock.local(datetime.fromisoformat(str(value))).strftime("%Y-%m-%d %H:%M")
    except ValueError:
        return str(value)

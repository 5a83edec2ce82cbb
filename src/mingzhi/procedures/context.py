"""What a guard, a paper or an effect may look at: the dossier and everything on it, read once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from functools import cached_property
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.errors import NormNotInForce
from mingzhi.deadlines.data import Term
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import MemberView, PartyView
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Reason
from mingzhi.organisations import api as organisations
from mingzhi.organisations.data import Actor, BodyRef, CertificateState, PersonRef
from mingzhi.procedures.data import Facts, Procedure, Row, StepView

MANDATORY = "mandatory"


class Context:
    """One look at one dossier for one verb. Reads are made when first asked for and kept.

    ``facts`` is ``None`` while only the standing guards are asked (the button on the case page).
    Norms read through ``norm`` and ``term`` are remembered, and stored with the step.
    """

    def __init__(
        self,
        *,
        dossier: dossiers.Dossier,
        procedure: Procedure,
        row: Row,
        by: Actor,
        at: datetime,
        facts: Facts | None = None,
        occurred_at: datetime | None = None,
        shared: dict[str, Any] | None = None,
    ) -> None:
        self.dossier = dossier
        self.procedure = procedure
        self.row = row
        self.by = by
        self.at = at
        self.facts = facts
        self.occurred_at = occurred_at or at
        self.norms_used: dict[str, Any] = {}
        self.step_id = 0
        self.step_seq = 0
        self.memo: dict[str, Any] = shared if shared is not None else {}

    def afresh(self) -> Context:
        """Another look at the same dossier, which sees the step that was just stored."""
        return Context(
            dossier=self.dossier,
            procedure=self.procedure,
            row=self.row,
            by=self.by,
            at=self.at,
            facts=self.facts,
            occurred_at=self.occurred_at,
        )

    # facts -----------------------------------------------------------------

    @property
    def f(self) -> Any:
        """The entered facts; asking for them where there are none is a programming error."""
        if self.facts is None:
            raise RuntimeError(f"{self.row.verb}: facts asked of a standing guard")
        return self.facts

    # time ------------------------------------------------------------------

    @cached_property
    def on(self) -> date:
        """The day of the step in China, as entered (certificates and law are judged on it)."""
        return clock.local_date(self.occurred_at)

    # things on the dossier ---------------------------------------------------

    def once(self, name: str, read: Any) -> Any:
        """``read()`` the first time it is asked for under ``name``; shared by all verbs of one page."""
        if name not in self.memo:
            self.memo[name] = read()
        return self.memo[name]

    @property
    def body(self) -> BodyRef:
        found: BodyRef = self.once("body", lambda: BodyRef.of(self.dossier.body))
        return found

    @property
    def steps(self) -> list[StepView]:
        from mingzhi.procedures import queries

        steps: list[StepView] = self.once("steps", lambda: queries.steps(self.dossier))
        return steps

    def last(self, *verbs: str) -> StepView | None:
        """The latest step of any of these verbs in the current run (since the last reopening)."""
        for step in reversed(self.run):
            if step.verb in verbs:
                return step
        return None

    def ever(self, *verbs: str) -> StepView | None:
        """The latest step of any of these verbs in the whole file: filing, inspections and orders keep
        their force when a decision is annulled and the matter reopened."""
        return next((step for step in reversed(self.steps) if step.verb in verbs), None)

    def all(self, *verbs: str) -> list[StepView]:
        return [s for s in self.run if s.verb in verbs]

    @property
    def run(self) -> list[StepView]:
        """Steps since the matter was last begun or reopened: a new decision needs its own review,
        notice and hearing, not those of the annulled one."""

        def cut() -> list[StepView]:
            begun = 0
            for index, step in enumerate(self.steps):
                if step.verb == "reopen":
                    begun = index
            return self.steps[begun:]

        run: list[StepView] = self.once("run", cut)
        return run

    @property
    def parties(self) -> list[PartyView]:
        found: list[PartyView] = self.once("parties", lambda: dossiers.parties(self.dossier.pk))
        return found

    @property
    def party(self) -> PartyView | None:
        """The party to be penalised, if entered."""
        return next((p for p in self.parties if p.role == "party"), None)

    @property
    def all_members(self) -> list[MemberView]:
        found: list[MemberView] = self.once(
            "members", lambda: dossiers.members(self.dossier.pk, active=False)
        )
        return found

    @property
    def members(self) -> list[MemberView]:
        return [m for m in self.all_members if m.active]

    @property
    def handlers(self) -> list[MemberView]:
        """Active lead and assisting officers."""
        return [m for m in self.members if m.role in ("lead", "assist")]

    def person(self, person_id: int) -> PersonRef:
        known: dict[int, PersonRef] = self.memo.setdefault("people", {})
        if person_id not in known:
            # Members come with the first of them, in one query.
            wanted = (
                {person_id, *(m.person_id for m in self.members)} if "members" in self.memo else {person_id}
            )
            known.update(organisations.persons(wanted))
        if person_id not in known:
            return organisations.person(person_id)
        return known[person_id]

    def people(self, person_ids: Iterable[int]) -> dict[int, PersonRef]:
        """Those of these people whom the register knows, read once."""
        known: dict[int, PersonRef] = self.memo.setdefault("people", {})
        wanted = set(person_ids)
        if wanted - known.keys():
            known.update(organisations.persons(wanted - known.keys()))
        return {p: known[p] for p in sorted(wanted) if p in known}

    def certificates(self, people: tuple[int, ...]) -> dict[int, CertificateState]:
        """Certificate states of these people on the step's day, read once."""
        key = f"certificates:{people}:{self.on}"
        found: dict[int, CertificateState] = self.once(
            key, lambda: organisations.certificate_states(people, self.on)
        )
        return found

    def warm(self) -> None:
        """Read what papers say of the matter and its people before the dossier is held."""
        named = tuple(getattr(self.facts, "officers", ()) or ())
        handlers = tuple(m.person_id for m in self.handlers)
        for people in {handlers, named} - {()}:
            self.certificates(people)
        self.people({*handlers, *named, *(m.person_id for m in self.members)})
        _ = self.steps, self.parties, self.body

    # norms -------------------------------------------------------------------

    def norm(self, name: str, on: date | None = None) -> Any:
        """The norm's value for this body on the step's day; remembered for the step."""
        found = catalogue.norm(name, body=self.body, on=on or self.on)
        self.norms_used[name] = {"value": found.value, "version": found.version, "level": found.level}
        return found.value

    def demands(self, name: str) -> bool:
        """Whether the body's document makes it mandatory on the day; before there was one, nothing is."""
        try:
            return bool(self.norm(name) == MANDATORY)
        except NormNotInForce:
            return False

    def term(self, name: str, on: date | None = None) -> Term:
        """The norm as a term; remembered for the step."""
        self.norm(name, on)
        return catalogue.term(name, body=self.body, on=on or self.on)

    # reasons -----------------------------------------------------------------

    @staticmethod
    def reason(code: str, sentence: str, citation: str = "", remedy: str = "", link: str = "") -> Reason:
        return Reason(code=code, sentence=sentence, citation=citation, remedy=remedy, link=link)

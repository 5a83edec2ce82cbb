"""The words in which a procedure is written: rows, guards, clocks, papers, and the facts of a step.

A procedure is a table that can be printed. One row is one verb: from which states, to which, who
may, what must be true, what it draws, starts, stops, opens and closes, and the law behind it. The
engine (``procedures.engine``) is the only thing that runs a table.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from pydantic import BaseModel, ConfigDict, Field

from mingzhi.kernel.errors import Reason
from mingzhi.organisations.permissions import Permission

if TYPE_CHECKING:
    from mingzhi.procedures.context import Context


class Facts(BaseModel):
    """Typed facts of a step. Unknown fields are refused; text is stripped; units are in the titles."""

    model_config = ConfigDict(extra="forbid", frozen=True, str_strip_whitespace=True)


def fact(
    title: str,
    *,
    default: Any = ...,
    widget: str = "",
    group: str = "",
    help: str = "",  # noqa: A002 — it is the help beside the field
    unit: str = "",
    options: str = "",
    cite: str = "",
    show_if: str = "",
    last: str = "",
    guide: str = "",
    phrases: str = "",
    demanded: str = "",
    asked: str = "",
    needed: bool = False,
    **limits: Any,
) -> Any:
    """A field of a step's facts, as the form shows it.

    ``widget``: textarea, date, datetime, money (元 on the form, 分 in the facts), person, people,
    evidence, paper, item, choice, checks, rows, file, files. ``options`` names the provider that
    fills a choice (see ``procedures.registry.options_for``). ``show_if`` is ``field=value|value``.
    ``last`` (rows): the field that names whose row stands last, wherever the form shows it.
    ``guide``: ``paper.key`` of the field of a paper that this becomes, for what to write there (R066).
    ``phrases``: stages of the phrase library whose wording belongs here, ``stage|stage`` (R065).
    ``asked``: the provider without whose choices the form does not ask this at all.
    ``needed``: a guard asks for it where the schema does not, as another answer on the form goes without.
    ``demanded``: the norm that makes this field one to be filled in where the body's document says so.
    """
    extra: dict[str, Any] = {
        k: v
        for k, v in {
            "widget": widget,
            "group": group,
            "unit": unit,
            "options": options,
            "cite": cite,
            "show_if": show_if,
            "last": last,
            "guide": guide,
            "phrases": phrases,
            "demanded": demanded,
            "asked": asked,
            "needed": needed,
        }.items()
        if v
    }
    return Field(default, title=title, description=help or None, json_schema_extra=extra or None, **limits)


@dataclass(frozen=True, slots=True)
class Guard:
    """A named condition with the law behind it. ``check`` returns every reason it is not met.

    ``standing`` guards look only at the dossier and so decide whether the button is open; the others
    look at the entered facts and run when the step is submitted (and when the form is previewed).
    """

    code: str
    label: str
    citation: str
    check: Callable[[Context], list[Reason]]
    standing: bool = True


@dataclass(frozen=True, slots=True)
class Clock:
    """A term that a step starts. ``norm`` names the catalogue's term; ``since`` gives its start fact."""

    norm: str
    label: str
    since: Callable[[Context], datetime] | None = None
    warn_at: tuple[int, ...] = ()
    when: Callable[[Context], bool] | None = None
    subject: Callable[[Context], str] | None = None


@dataclass(frozen=True, slots=True)
class PaperRule:
    """A paper that a step draws: template code, its data, and the condition under which it is drawn."""

    template: str
    title: str
    data: Callable[[Context], dict[str, Any]]
    when: Callable[[Context], bool] | None = None


@dataclass(frozen=True, slots=True)
class TaskRule:
    """A to-do that a step opens. ``to``: lead, unit_head, or the permission that answers it."""

    kind: str
    title: str
    to: str
    due_clock: str = ""
    when: Callable[[Context], bool] | None = None


Effect = Callable[["Context"], None]
"""What else a step does in the rooms below, in the step's transaction."""

State = str | Callable[["Context"], str] | None
"""Where a step leads: a state, a function of the facts, or ``None`` to stay."""


@dataclass(frozen=True, slots=True)
class Row:
    """One verb of a procedure."""

    verb: str
    label: str
    stage: str
    sources: tuple[str, ...]
    target: State
    permission: Permission
    citation: str
    facts: type[Facts] = Facts
    relation: str = "member"
    guards: tuple[Guard, ...] = ()
    officers: int = 0
    recording: str = ""
    papers: tuple[PaperRule, ...] = ()
    clocks: tuple[Clock, ...] = ()
    stops: tuple[str, ...] = ()
    tasks: tuple[TaskRule, ...] = ()
    closes: tuple[str, ...] = ()
    effects: tuple[Effect, ...] = ()
    """Run before the papers are drawn."""
    after_papers: tuple[Effect, ...] = ()
    """Run after them, for what needs their numbers."""
    discloses: str = ""
    confirm: str = ""
    help: str = ""
    targets_shown: tuple[str, ...] = ()
    """States a computed ``target`` may lead to, for the printed table and the flow chart."""
    initial: Callable[[Context], dict[str, Any]] | None = None
    """Defaults from the registers for the form: never retype what the system knows."""


@dataclass(frozen=True, slots=True)
class StateInfo:
    """A state of a procedure: its name on the desk, its stage, whether the matter has ended in it."""

    code: str
    label: str
    stage: str
    final: bool = False
    public: str = ""
    """What a party asking for progress is told (a small list, apart from internal phases)."""


@dataclass(frozen=True, slots=True)
class Procedure:
    """A printable table of what a kind of matter may do, with the day from which it is in force."""

    code: str
    name: str
    version: str
    since: date
    initial: str
    stages: tuple[str, ...]
    states: tuple[StateInfo, ...]
    rows: tuple[Row, ...]
    basis: str = ""
    by_verb: dict[str, Row] = field(init=False, compare=False, repr=False)
    by_state: dict[str, StateInfo] = field(init=False, compare=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "by_verb", {r.verb: r for r in self.rows})
        object.__setattr__(self, "by_state", {s.code: s for s in self.states})
        if len(self.by_verb) != len(self.rows):
            raise ValueError(f"{self.code}: a verb stands in the table twice")
        for row in self.rows:
            named = {*row.sources, *row.targets_shown, *([row.target] if isinstance(row.target, str) else [])}
            unknown = named - set(self.by_state)
            if unknown:
                raise ValueError(f"{self.code}.{row.verb}: unknown states {sorted(unknown)}")


@dataclass(frozen=True, slots=True)
class StepView:
    """A step that was taken."""

    id: int
    seq: int
    verb: str
    label: str
    stage: str
    from_state: str
    to_state: str
    by: str
    by_name: str
    at: datetime
    occurred_at: datetime
    facts: dict[str, Any]
    norms: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Option:
    """A step the procedure knows from here: open, or closed with every reason."""

    verb: str
    label: str
    stage: str
    citation: str
    help: str
    open: bool
    reasons: tuple[Reason, ...]
    confirm: str
    mine: bool
    """Whether this person's role is the one that takes this step (else it waits on others)."""

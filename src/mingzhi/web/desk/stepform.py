"""The form of a step, made from its facts' schema: what the table says is what the page asks.

Reading a submission is lenient (whatever was typed is kept and shown again); judging it is the
engine's work alone.
"""

from __future__ import annotations

import types
from dataclasses import dataclass, field
from typing import Any, Literal, Union, get_args, get_origin

from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop
from pydantic import BaseModel
from pydantic.fields import FieldInfo

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import Phrase
from mingzhi.documents import api as documents
from mingzhi.documents.data import Guidance
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.procedures.data import Facts

Pairs = list[tuple[str, str]]
MANY = frozenset({"people", "checks", "evidence", "files"})
WORDS = {
    "pass": gettext_noop("合格"),
    "problem": gettext_noop("有问题"),
    "na": gettext_noop("不涉及"),
    "true": gettext_noop("同意"),
    "false": gettext_noop("不同意"),
}
PEOPLE_ROOM = 4
"""How many people a form offers places for at least; more appear as they are filled."""


@dataclass(slots=True)
class Cell:
    """One input of a row in a rows widget."""

    name: str
    id: str
    label: str
    kind: str
    value: str
    options: Pairs = field(default_factory=list)
    errors: list[str] = field(default_factory=list)


@dataclass(slots=True)
class FormRow:
    key: str
    label: str
    cells: list[Cell]


@dataclass(slots=True)
class FormField:
    """One field as the page shows it. ``value`` is what was typed, or the default."""

    name: str
    label: str
    widget: str
    help: str
    unit: str
    cite: str
    group: str
    required: bool
    show_field: str
    show_values: str
    options: Pairs
    value: Any
    max_length: int | None
    errors: list[str]
    rows: list[FormRow] = field(default_factory=list)
    slots: list[tuple[str, str, str]] = field(default_factory=list)
    """People: (id, label, chosen) of each place."""
    guide: Guidance | None = None
    """What to write here, what the law demands, a good example (R066)."""
    phrases: list[Phrase] = field(default_factory=list)
    """Standard wording that may be put in (R065)."""
    demanded: bool = False
    """Required by this body's document, not by the schema: a service that failed goes without it."""

    @property
    def described(self) -> str:
        ids = [f"{self.name}-help"] if self.help or self.cite else []
        return " ".join(ids + ([f"{self.name}-error"] if self.errors else []))

    @property
    def long(self) -> bool:
        """Short choices stand open as buttons; long ones fold into a list."""
        return len(self.options) > 6


@dataclass(slots=True)
class Group:
    title: str
    fields: list[FormField]


def plain_type(annotation: Any) -> Any:
    """The type without ``| None``."""
    if get_origin(annotation) in (Union, types.UnionType):
        left = [a for a in get_args(annotation) if a is not type(None)]
        return left[0] if left else str
    return annotation


def widget_of(info: FieldInfo) -> str:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    if extra.get("widget"):
        return str(extra["widget"])
    kind = plain_type(info.annotation)
    if kind is bool:
        return "check"
    return "number" if kind is int else "text"


def extra_of(info: FieldInfo, name: str) -> str:
    extra = info.json_schema_extra if isinstance(info.json_schema_extra, dict) else {}
    return str(extra.get(name, ""))


def row_model(info: FieldInfo) -> type[BaseModel]:
    """The model of one row of a rows widget: ``tuple[Check, ...]`` → ``Check``."""
    found: type[BaseModel] = get_args(plain_type(info.annotation))[0]
    return found


def max_length(info: FieldInfo) -> int | None:
    return next((m.max_length for m in info.metadata if getattr(m, "max_length", None) is not None), None)


# --- from the page ----------------------------------------------------------------------


def entered(schema: type[Facts], post: QueryDict) -> dict[str, Any]:
    """What was typed, by field name, in the shapes the schema understands."""
    found: dict[str, Any] = {}
    for name, info in schema.model_fields.items():
        widget = widget_of(info)
        if widget == "rows":
            found[name] = _rows_entered(name, info, post)
        elif widget in MANY:
            found[name] = [v for v in dict.fromkeys(post.getlist(name)) if v]
        elif widget == "check":
            found[name] = name in post
        elif widget == "datetime":
            found[name] = moment(post.get(name, ""))
        else:
            found[name] = post.get(name, "").replace("\x00", "").strip()
    return found


def moment(text: str) -> str:
    """A browser's local time as a moment in China; anything else is left for the engine to refuse."""
    text = text.replace("\x00", "").strip()
    return f"{text}:00+08:00" if len(text) == 16 and "T" in text else text


def _rows_entered(name: str, info: FieldInfo, post: QueryDict) -> list[dict[str, str]]:
    key, *others = row_model(info).model_fields
    rows = []
    for value in dict.fromkeys(post.getlist(f"{name}-key")):
        cells = {o: post.get(f"{name}-{value}-{o}", "").replace("\x00", "").strip() for o in others}
        if any(cells.values()):
            rows.append({key: value, **{o: v for o, v in cells.items() if v}})
    # The page lists people in one order whoever presides; the row of the one named there stands last.
    last = post.get(extra_of(info, "last"), "") if extra_of(info, "last") else ""
    return sorted(rows, key=lambda row: row[key] == last) if last else rows


# --- to the page -----------------------------------------------------------------------------


def shown(value: Any, widget: str) -> Any:
    """A default or a kept value as an input holds it."""
    if widget in MANY:
        return [str(v) for v in (value or ())]
    if widget == "rows":
        return list(value or ())
    if widget == "check":
        return value in (True, "true", "on")
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if widget == "datetime":
        return value[:16] if isinstance(value, str) else clock.local(value).strftime("%Y-%m-%dT%H:%M")
    if widget == "date":
        return str(value)[:10]
    return str(value)


def groups(ctx: Context, values: dict[str, Any], errors: dict[str, list[str]], *, typed: bool) -> list[Group]:
    """The fields in their groups, in the order in which the paper is laid out.

    ``values`` are defaults, or with ``typed`` what the person entered (nothing is filled in then).
    """
    found: list[Group] = []
    for name, info in ctx.row.facts.model_fields.items():
        asked = extra_of(info, "asked")
        if asked and not procedures.options_for(asked, ctx):
            continue
        made = _field(ctx, name, info, values, errors, typed=typed)
        if not found or found[-1].title != made.group:
            found.append(Group(made.group, []))
        found[-1].fields.append(made)
    return found


def _field(
    ctx: Context,
    name: str,
    info: FieldInfo,
    values: dict[str, Any],
    errors: dict[str, list[str]],
    *,
    typed: bool,
) -> FormField:
    widget = widget_of(info)
    default = None if info.is_required() else info.get_default()
    value = values.get(name, None if typed else default)
    show_field, _is, show_values = extra_of(info, "show_if").partition("=")
    provider = extra_of(info, "options")
    options = procedures.options_for(provider, ctx) if provider else []
    made = FormField(
        name=name,
        label=info.title or name,
        widget=widget,
        help=info.description or "",
        unit=extra_of(info, "unit"),
        cite=extra_of(info, "cite"),
        group=extra_of(info, "group"),
        required=(info.is_required() or bool(extra_of(info, "needed"))) and widget != "check",
        show_field=show_field,
        show_values=show_values,
        options=[(v, label) for v, label in options if v != ""] if widget == "choice" else options,
        value=shown(value, widget),
        max_length=max_length(info),
        errors=[s for key, many in errors.items() if key == name or key.startswith(f"{name}.") for s in many],
    )
    if norm := extra_of(info, "demanded"):
        made.demanded = ctx.demands(norm)
        made.required |= made.demanded
    made.guide = documents.guidance().get(extra_of(info, "guide"))
    if stages := extra_of(info, "phrases"):
        library = ctx.once("phrases", lambda: catalogue.phrases(ctx.body, ctx.on))
        made.phrases = [p for p in library if p.stage in stages.split("|")]
    if widget == "money" and made.value == "0" and not typed:
        made.value = ""
    if widget == "rows":
        made.rows = _rows(made, info, errors)
        made.errors = list(errors.get(name, []))
    if widget == "people":
        places = max(PEOPLE_ROOM, len(made.value) + 1)
        made.slots = [
            (
                name if i == 0 else f"{name}-{i + 1}",
                _("第 %(n)s 位") % {"n": i + 1},
                made.value[i] if i < len(made.value) else "",
            )
            for i in range(min(places, max(len(made.options), 1)))
        ]
    return made


def _rows(made: FormField, info: FieldInfo, errors: dict[str, list[str]]) -> list[FormRow]:
    model = row_model(info)
    key, *others = model.model_fields
    kept = {str(row.get(key)): row for row in made.value if isinstance(row, dict)}
    order = {str(row.get(key)): i for i, row in enumerate(made.value) if isinstance(row, dict)}
    found = []
    for value, label in made.options:
        cells = []
        for other in others:
            cell = model.model_fields[other]
            kind = plain_type(cell.annotation)
            options: Pairs = []
            shape = "textarea"
            if get_origin(kind) is Literal:
                shape, options = "select", [(str(v), _(WORDS.get(str(v), str(v)))) for v in get_args(kind)]
            elif kind is bool:
                shape, options = "select", [("true", _(WORDS["true"])), ("false", _(WORDS["false"]))]
            given = kept.get(value, {}).get(other, "")
            given = ("true" if given else "false") if isinstance(given, bool) else str(given)
            cells.append(
                Cell(
                    name=f"{made.name}-{value}-{other}",
                    id=f"{made.name}-{value}-{other}",
                    label=cell.title or other,
                    kind=shape,
                    value=given,
                    options=options,
                    errors=errors.get(f"{made.name}.{order[value]}.{other}", []) if value in order else [],
                )
            )
        found.append(FormRow(value, label, cells))
    return found


def error_anchors(ctx: Context, errors: dict[str, list[str]]) -> list[tuple[str, str]]:
    """(anchor, sentence) of each field error, with the field's name in front, for the summary."""
    fields = ctx.row.facts.model_fields
    lines = []
    for key, sentences in errors.items():
        name = key.partition(".")[0]
        label = (fields[name].title or name) if name in fields else ""
        lines += [(f"field-{name}", f"{label}：{s}" if label else s) for s in sentences]
    return lines

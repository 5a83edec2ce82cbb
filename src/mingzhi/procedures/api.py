"""The procedure engine's door."""

from mingzhi.procedures.charts import chart_digest, chart_rows
from mingzhi.procedures.context import Context
from mingzhi.procedures.engine import (
    advance,
    form_context,
    options,
    preview_papers,
    standing_reasons,
    who_may,
)
from mingzhi.procedures.facts import parse as parse_facts
from mingzhi.procedures.queries import (
    fold,
    inconsistencies,
    latest_of,
    printed,
    stands_untaken,
    steps,
    taken_of,
)
from mingzhi.procedures.registry import (
    after_step,
    options_for,
    procedure,
    procedures,
    provide_options,
    register,
)

__all__ = [
    "Context",
    "advance",
    "after_step",
    "chart_digest",
    "chart_rows",
    "fold",
    "form_context",
    "inconsistencies",
    "latest_of",
    "options",
    "options_for",
    "parse_facts",
    "preview_papers",
    "printed",
    "procedure",
    "procedures",
    "provide_options",
    "register",
    "standing_reasons",
    "stands_untaken",
    "steps",
    "taken_of",
    "who_may",
]

"""The procedure engine's door."""

from mingzhi.procedures.context import Context
from mingzhi.procedures.engine import advance, form_context, options, preview_papers, who_may
from mingzhi.procedures.queries import fold, inconsistencies, printed, steps
from mingzhi.procedures.registry import options_for, procedure, procedures, provide_options, register

__all__ = [
    "Context",
    "advance",
    "fold",
    "form_context",
    "inconsistencies",
    "options",
    "options_for",
    "preview_papers",
    "printed",
    "procedure",
    "procedures",
    "provide_options",
    "register",
    "steps",
    "who_may",
]

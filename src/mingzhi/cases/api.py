"""The cases room's door. Steps of a case are taken through ``procedures.api.advance``."""

from mingzhi.cases.intake.actions import ClueInput, access_clue, case_open, clue_dismiss, clue_register
from mingzhi.cases.intake.queries import clues_for
from mingzhi.cases.matters.actions import matter_open
from mingzhi.cases.matters.matter import PROCEDURES as MATTER_PROCEDURES
from mingzhi.cases.penalty.older import older_matters
from mingzhi.cases.penalty.outcomes import outcomes
from mingzhi.cases.penalty.proposal import (
    SERVICE_ACTS,
    SERVICE_MODES,
    discussion_reasons,
    hearing_reasons,
    outstanding_fen,
    surcharge_due_fen,
    surcharge_fen,
    triggers,
)
from mingzhi.cases.penalty.serving import SERVE_VERBS, papers_to_serve

__all__ = [
    "MATTER_PROCEDURES",
    "SERVE_VERBS",
    "SERVICE_ACTS",
    "SERVICE_MODES",
    "ClueInput",
    "access_clue",
    "case_open",
    "clue_dismiss",
    "clue_register",
    "clues_for",
    "discussion_reasons",
    "hearing_reasons",
    "matter_open",
    "older_matters",
    "outcomes",
    "outstanding_fen",
    "papers_to_serve",
    "surcharge_due_fen",
    "surcharge_fen",
    "triggers",
]

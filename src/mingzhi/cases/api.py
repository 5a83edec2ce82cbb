"""The cases room's door. Steps of a case are taken through ``procedures.api.advance``."""

from mingzhi.cases.intake.actions import ClueInput, access_clue, case_open, clue_dismiss, clue_register
from mingzhi.cases.intake.queries import clues_for
from mingzhi.cases.matters.actions import matter_open, matter_party, party_wanted
from mingzhi.cases.matters.matter import PROCEDURES as MATTER_PROCEDURES
from mingzhi.cases.matters.undisclosed import Undisclosed, undisclosed
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
    "Undisclosed",
    "access_clue",
    "case_open",
    "clue_dismiss",
    "clue_register",
    "clues_for",
    "discussion_reasons",
    "hearing_reasons",
    "matter_open",
    "matter_party",
    "older_matters",
    "outcomes",
    "outstanding_fen",
    "papers_to_serve",
    "party_wanted",
    "surcharge_due_fen",
    "surcharge_fen",
    "triggers",
    "undisclosed",
]

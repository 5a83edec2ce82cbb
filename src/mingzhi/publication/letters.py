"""公众来件: what the desk does with what citizens sent in, and what citizens may do further."""

from mingzhi.publication.intake import intake_rate, intake_reopen
from mingzhi.publication.intake_access import ENTER, intake_unseal
from mingzhi.publication.intake_answers import (
    intake_answer,
    intake_decline,
    intake_decline_draft,
    intake_draft,
    intake_draft_decide,
)
from mingzhi.publication.intake_lists import (
    Asked,
    clue_source,
    counts,
    everything,
    how_many,
    intake,
    intake_file,
    intakes,
    marks,
    satisfaction,
)
from mingzhi.publication.intake_rules import check_for, check_set, checks
from mingzhi.publication.intake_terms import clocks_of, regime, table, term_for, term_set
from mingzhi.publication.intake_transfers import (
    intake_transfer,
    intake_transfer_receipt,
    intake_transfer_send,
    transfer_file,
)
from mingzhi.publication.intake_work import (
    intake_accept,
    intake_account,
    intake_ask,
    intake_assign,
    intake_check,
    intake_clue,
    intake_extend,
    intake_extend_decide,
    intake_name,
    intake_repair_decide,
    repair_of,
)

__all__ = [
    "ENTER",
    "Asked",
    "check_for",
    "check_set",
    "checks",
    "clocks_of",
    "clue_source",
    "counts",
    "everything",
    "how_many",
    "intake",
    "intake_accept",
    "intake_account",
    "intake_answer",
    "intake_ask",
    "intake_assign",
    "intake_check",
    "intake_clue",
    "intake_decline",
    "intake_decline_draft",
    "intake_draft",
    "intake_draft_decide",
    "intake_extend",
    "intake_extend_decide",
    "intake_file",
    "intake_name",
    "intake_rate",
    "intake_reopen",
    "intake_repair_decide",
    "intake_transfer",
    "intake_transfer_receipt",
    "intake_transfer_send",
    "intake_unseal",
    "intakes",
    "marks",
    "regime",
    "repair_of",
    "satisfaction",
    "table",
    "term_for",
    "term_set",
    "transfer_file",
]

"""The publication room's door. Kinds of matter push; the desk works; the public reads; ``feed`` is
what others copy from."""

from mingzhi.publication import attaching as attachments
from mingzhi.publication import channels, draws, feed, finding, letters, questions, reports, standing
from mingzhi.publication import public_boards as boards
from mingzhi.publication.actions import (
    disclosure_check,
    disclosure_collect,
    disclosure_publish,
    disclosure_return,
    disclosure_withdraw,
    disclosure_withhold,
    disclosure_withhold_decide,
    policy_set,
)
from mingzhi.publication.correcting import disclosure_correct
from mingzhi.publication.intake import intake_receive, progress
from mingzhi.publication.public import (
    public_bundle,
    public_decision,
    public_file,
    public_of_party,
    public_receipt,
)
from mingzhi.publication.pushing import annulled, schedule, withdraw
from mingzhi.publication.queries import (
    disclosure_counts,
    disclosure_queue,
    disclosure_status,
    disclosure_view,
    overdue,
    policy_table,
)

__all__ = [
    "annulled",
    "attachments",
    "boards",
    "channels",
    "disclosure_check",
    "disclosure_collect",
    "disclosure_correct",
    "disclosure_counts",
    "disclosure_publish",
    "disclosure_queue",
    "disclosure_return",
    "disclosure_status",
    "disclosure_view",
    "disclosure_withdraw",
    "disclosure_withhold",
    "disclosure_withhold_decide",
    "draws",
    "feed",
    "finding",
    "intake_receive",
    "letters",
    "overdue",
    "policy_set",
    "policy_table",
    "progress",
    "public_bundle",
    "public_decision",
    "public_file",
    "public_of_party",
    "public_receipt",
    "questions",
    "reports",
    "schedule",
    "standing",
    "withdraw",
]

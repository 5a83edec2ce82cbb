"""The ledger's door. ``witness`` is what a witness of other logs answers with, ``cosigning`` what we ask of ours,
``receipts`` what this installation signs for those who handed something over."""

from mingzhi.ledger import cosigning, letters, receipts, witness
from mingzhi.ledger.actions import append, attempt
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.kinds import (
    Kind,
    register,
    register_check,
    register_file_check,
    register_strays,
)
from mingzhi.ledger.monitor import watch
from mingzhi.ledger.proofs import public_proof, public_proof_put, public_proof_void
from mingzhi.ledger.queries import (
    attempts,
    attempts_counted,
    bundle,
    checkpoint,
    checkpoint_covering,
    consistency,
    entries_of,
    entries_of_many,
    entry,
    keys_in_force,
    keys_text,
    latest,
    pending_count,
    receipt,
    recorded,
    started_at,
    tile,
    verifier_key,
    verifier_keys,
)
from mingzhi.ledger.rows import Rows, columns
from mingzhi.ledger.sequencer import sequence
from mingzhi.ledger.standing import check_runs, witnesses

__all__ = [
    "Kind",
    "Rows",
    "append",
    "attempt",
    "attempts",
    "attempts_counted",
    "bundle",
    "check_runs",
    "checkpoint",
    "checkpoint_covering",
    "columns",
    "consistency",
    "cosigning",
    "entries_of",
    "entries_of_many",
    "entry",
    "fsck",
    "keys_in_force",
    "keys_text",
    "latest",
    "letters",
    "pending_count",
    "public_proof",
    "public_proof_put",
    "public_proof_void",
    "receipt",
    "receipts",
    "recorded",
    "register",
    "register_check",
    "register_file_check",
    "register_strays",
    "sequence",
    "started_at",
    "tile",
    "verifier_key",
    "verifier_keys",
    "watch",
    "witness",
    "witnesses",
]

"""The ledger's door. ``witness`` is what a witness of other logs answers with, ``cosigning`` what we ask of ours,
``letters`` what passes between installations, ``stamping`` what a time-stamp authority says of our checkpoints,
``standing`` how the log stands."""

from mingzhi.ledger import cosigning, letters, stamping, standing, witness
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

__all__ = [
    "Kind",
    "Rows",
    "append",
    "attempt",
    "attempts",
    "attempts_counted",
    "bundle",
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
    "recorded",
    "register",
    "register_check",
    "register_file_check",
    "register_strays",
    "sequence",
    "stamping",
    "standing",
    "started_at",
    "tile",
    "verifier_key",
    "verifier_keys",
    "watch",
    "witness",
]

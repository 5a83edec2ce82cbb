"""The ledger's door."""

from mingzhi.ledger.actions import append, attempt
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.kinds import Kind, file_check, register, register_file_check
from mingzhi.ledger.proofs import public_proof, public_proof_put, public_proof_void
from mingzhi.ledger.queries import (
    attempts,
    bundle,
    checkpoint,
    consistency,
    entries_of,
    entries_of_many,
    entry,
    latest,
    pending_count,
    receipt,
    verifier_key,
)
from mingzhi.ledger.sequencer import open_log, sequence

__all__ = [
    "Kind",
    "append",
    "attempt",
    "attempts",
    "bundle",
    "checkpoint",
    "consistency",
    "entries_of",
    "entries_of_many",
    "entry",
    "file_check",
    "fsck",
    "latest",
    "open_log",
    "pending_count",
    "public_proof",
    "public_proof_put",
    "public_proof_void",
    "receipt",
    "register",
    "register_file_check",
    "sequence",
    "verifier_key",
]

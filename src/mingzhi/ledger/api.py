"""The ledger's door."""

from mingzhi.ledger.actions import append, attempt
from mingzhi.ledger.fsck import fsck
from mingzhi.ledger.kinds import Kind, file_check, register, register_file_check
from mingzhi.ledger.proofs import public_proof, public_proof_put, public_proof_void
from mingzhi.ledger.queries import (
    attempts,
    attempts_counted,
    bundle,
    checkpoint,
    consistency,
    cosigned_checkpoint,
    entries_of,
    entries_of_many,
    entry,
    keys_in_force,
    keys_text,
    latest,
    pending_count,
    receipt,
    tile,
    verifier_key,
    verifier_keys,
)
from mingzhi.ledger.rotation import key_rotate
from mingzhi.ledger.sequencer import open_log, sequence

__all__ = [
    "Kind",
    "append",
    "attempt",
    "attempts",
    "attempts_counted",
    "bundle",
    "checkpoint",
    "consistency",
    "cosigned_checkpoint",
    "entries_of",
    "entries_of_many",
    "entry",
    "file_check",
    "fsck",
    "key_rotate",
    "keys_in_force",
    "keys_text",
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
    "tile",
    "verifier_key",
    "verifier_keys",
]

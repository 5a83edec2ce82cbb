"""What the backup room hands out and what a snapshot says."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class DatabaseCopy:
    """One database (or one file of a dump): its alias and name, and the blocks that make it up."""

    alias: str
    name: str
    size: int
    sha256: str
    blocks: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FileCopy:
    """One stored content. ``object`` is its name in the repository."""

    sha256: str
    size: int
    object: str


@dataclass(frozen=True, slots=True)
class SmallCopy:
    """A key, checkpoint or setting of the profile's folder, by its path in it."""

    path: str
    mode: int
    size: int
    sha256: str
    object: str


@dataclass(frozen=True, slots=True)
class Snapshot:
    """One backup: everything needed to make the installation again, and what its ledger had signed."""

    name: str
    made_at: str
    profile: str
    version: str
    vendor: str
    checkpoint: str
    ledger_size: int
    ledger_root: str
    databases: tuple[DatabaseCopy, ...]
    files: tuple[FileCopy, ...]
    small: tuple[SmallCopy, ...]
    missing: tuple[str, ...] = ()
    """Contents that a row named and that were not to be had: the backup says so and does not hide it."""

    def plain(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def read(cls, value: dict[str, Any]) -> Snapshot:
        return cls(
            **{
                **value,
                "databases": tuple(
                    DatabaseCopy(**{**d, "blocks": tuple(d["blocks"])}) for d in value["databases"]
                ),
                "files": tuple(FileCopy(**f) for f in value["files"]),
                "small": tuple(SmallCopy(**s) for s in value["small"]),
                "missing": tuple(value["missing"]),
            }
        )

    def objects(self) -> set[str]:
        return {
            *(block for copy in self.databases for block in copy.blocks),
            *(copy.object for copy in self.files),
            *(copy.object for copy in self.small),
        }


@dataclass(slots=True)
class Tally:
    """What one backup, check or restore went through. Sizes in bytes, before compression."""

    objects: int = 0
    size: int = 0
    new_objects: int = 0
    new_size: int = 0
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Restored:
    """A restore that was let through: where, and what its ledger proves."""

    folder: str
    snapshot: str
    entries: int
    root: str
    notes: tuple[str, ...]

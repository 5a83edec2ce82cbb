"""The backup room's door."""

from mingzhi.backup.jobs import last_success
from mingzhi.backup.making import backup_check, backup_make, backup_prune
from mingzhi.backup.proving import prove
from mingzhi.backup.repository import Repository, create, identity
from mingzhi.backup.restoring import restore

__all__ = [
    "Repository",
    "backup_check",
    "backup_make",
    "backup_prune",
    "create",
    "identity",
    "last_success",
    "prove",
    "restore",
]

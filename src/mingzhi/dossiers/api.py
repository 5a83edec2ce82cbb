"""The dossiers room's door."""

from mingzhi.dossiers.actions import (
    dossier_described,
    dossier_hold,
    dossier_lock,
    dossier_moved,
    dossier_open,
    e_service_agreed,
    member_join,
    member_leave,
    party_join,
    party_save,
)
from mingzhi.dossiers.models import Dossier, Party
from mingzhi.dossiers.queries import (
    access_dossier,
    by_number,
    dossiers_for,
    members,
    parties,
    parties_known,
    party_view,
)

__all__ = [
    "Dossier",
    "Party",
    "access_dossier",
    "by_number",
    "dossier_described",
    "dossier_hold",
    "dossier_lock",
    "dossier_moved",
    "dossier_open",
    "dossiers_for",
    "e_service_agreed",
    "member_join",
    "member_leave",
    "members",
    "parties",
    "parties_known",
    "party_join",
    "party_save",
    "party_view",
]

"""The dossiers room's door. ``archive``, ``binding``, … are modules: what they offer is named there."""

from mingzhi.dossiers import (
    archive,
    binding,
    destruction,
    handing,
    held,
    lending,
    package_import,
    scans,
    transfer,
    transfer_papers,
    transfer_receipts,
    transfer_views,
)
from mingzhi.dossiers import parties as register
from mingzhi.dossiers.actions import (
    dossier_described,
    dossier_lock,
    dossier_move,
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
    dossiers_among,
    dossiers_for,
    in_hand,
    members,
    parties,
    party_view,
)
from mingzhi.dossiers.sources import register as register_source
from mingzhi.dossiers.sources import register_typesetter

__all__ = [
    "Dossier",
    "Party",
    "access_dossier",
    "archive",
    "binding",
    "destruction",
    "dossier_described",
    "dossier_lock",
    "dossier_move",
    "dossier_open",
    "dossiers_among",
    "dossiers_for",
    "e_service_agreed",
    "handing",
    "held",
    "in_hand",
    "lending",
    "member_join",
    "member_leave",
    "members",
    "package_import",
    "parties",
    "party_join",
    "party_save",
    "party_view",
    "register",
    "register_source",
    "register_typesetter",
    "scans",
    "transfer",
    "transfer_papers",
    "transfer_receipts",
    "transfer_views",
]

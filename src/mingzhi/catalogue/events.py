"""Ledger kinds of the catalogue: publications of list rows, list versions and their steps, change requests."""

from __future__ import annotations

from mingzhi.catalogue import list_rows
from mingzhi.catalogue.models import ListChange, ListEvent, ListGuide, ListVersion, Publication
from mingzhi.catalogue.payloads import publication_payload, step_payload
from mingzhi.ledger import api as ledger

PUBLISHED = ledger.Rows(
    "catalogue:list:published", "发布目录清单", "catalogue:publication", Publication, publication_payload
)
LIST_STEP = ledger.Rows(
    "catalogue:list:step",
    "办理清单",
    "catalogue:list_event",
    ListEvent,
    step_payload,
    related=("version", "version__list"),
)
LIST_VERSION = ledger.Rows(
    "catalogue:list:version",
    "清单版本变动",
    "catalogue:list_version",
    ListVersion,
    ledger.columns(ListVersion),
)
LIST_CHANGE = ledger.Rows(
    "catalogue:list:change", "申请调整清单", "catalogue:list_change", ListChange, ledger.columns(ListChange)
)
LIST_GUIDE = ledger.Rows(
    "catalogue:list:guide", "下发清单指导", "catalogue:list_guide", ListGuide, ledger.columns(ListGuide)
)


def register() -> None:
    PUBLISHED.register()
    LIST_STEP.register()
    LIST_VERSION.register()
    LIST_CHANGE.register()
    LIST_GUIDE.register()
    ledger.register_check("catalogue:blocks", list_rows.otherwise)

"""Ledger kinds of the catalogue: every publication of list rows."""

from __future__ import annotations

from mingzhi.catalogue.models import Publication
from mingzhi.catalogue.payloads import publication_payload
from mingzhi.ledger import api as ledger

PUBLISHED = ledger.Rows(
    "catalogue:list:published", "发布目录清单", "catalogue:publication", Publication, publication_payload
)


def register() -> None:
    PUBLISHED.register()

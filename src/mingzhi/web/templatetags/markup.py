"""schema.org markup of public pages, as JSON-LD. Says nothing that the page does not say."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from django import template
from django.conf import settings
from django.utils.safestring import SafeString, mark_safe

from mingzhi.publication.data import PublicCounts, PublicDecision, PublicRow

register = template.Library()

# As in Django's ``json_script``: nothing in a text can end the element or open another.
_ESCAPES = {ord(c): f"\\u{ord(c):04X}" for c in "<>&"}


def _script(data: dict[str, Any]) -> SafeString:
    text = json.dumps({"@context": "https://schema.org", **data}, ensure_ascii=False)
    return mark_safe(f'<script type="application/ld+json">{text.translate(_ESCAPES)}</script>')  # noqa: S308


def _address(pk: int) -> str:
    return f"{settings.PUBLIC_URL}/decisions/{pk}/"


@register.simple_tag
def decision_markup(decision: PublicDecision) -> SafeString:
    """A decision on show as a document of its agency; of the party only what is an organisation's."""
    row, content = decision.row, decision.content
    data: dict[str, Any] = {
        "@type": "DigitalDocument",
        "url": _address(decision.id),
        "name": row.title or row.number,
        "identifier": row.number,
        "genre": row.kind_label,
        "inLanguage": "zh-CN",
        "dateCreated": row.decided_on.isoformat(),
        "datePublished": row.published_on.isoformat(),
        "publisher": {"@type": "GovernmentOrganization", "name": row.agency},
    }
    if decision.updated_at:
        data["dateModified"] = decision.updated_at.isoformat()
    if decision.expires_on:
        data["expires"] = decision.expires_on.isoformat()
    if content.get("party_code"):
        data["about"] = {"@type": "Organization", "name": row.party, "taxID": content["party_code"]}
    return _script(data)


@register.simple_tag
def results_markup(rows: Sequence[PublicRow], counts: PublicCounts | None) -> SafeString:
    """A page of results as a list of documents."""
    data: dict[str, Any] = {
        "@type": "ItemList",
        "itemListElement": [
            {"@type": "ListItem", "position": n, "url": _address(row.id), "name": row.title or row.number}
            for n, row in enumerate(rows, 1)
        ],
    }
    if counts and counts.exact:
        data["numberOfItems"] = counts.total
    return _script(data)

"""Views of list rows: items, recording rules, review catalogue, hearing thresholds. Pure, on a shelf."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any

from mingzhi.catalogue import lawtext, norms
from mingzhi.catalogue.data import (
    Citation,
    Fine,
    HearingThreshold,
    ItemView,
    NoPenaltyRule,
    RecordingRule,
    ReviewRule,
)
from mingzhi.catalogue.errors import UnknownItem
from mingzhi.catalogue.norms import HasProfile
from mingzhi.catalogue.packs import RECORDING_MODES
from mingzhi.catalogue.shelf import Row, Shelf, scopes_of


def _citations(rows: Iterable[Mapping[str, Any]]) -> tuple[Citation, ...]:
    return tuple(Citation(r["title"], r.get("article", ""), r.get("seed", "")) for r in rows)


def item_view(row: Row) -> ItemView:
    data = row.data
    return ItemView(
        code=row.code,
        name=data["name"],
        field=data["field"],
        act_type=data["act_type"],
        basis=_citations(data["basis"]),
        kinds=tuple(data.get("kinds", ())),
        fines=tuple(Fine(**fine) for fine in data.get("fines", ())),
        party_scope=data.get("party_scope", "any"),
        valid_from=row.valid_from,
        valid_to=row.valid_to,
        source_status=data.get("source_status", "verified"),
        duty_law=_citations(data.get("duty_law", ())),
        note=data.get("note", ""),
        version=row.version,
        row_id=row.row_id,
    )


def item(shelf: Shelf, code: str, on: date, *, body: HasProfile | str | None = None) -> ItemView:
    """The item ``code`` in force on ``on``; ``UnknownItem`` otherwise."""
    row = shelf.find("item", code, scopes_of(body), on)
    if row is None or row.data.get("off"):
        raise UnknownItem(item=code, on=on.isoformat())
    return item_view(row)


def items(
    shelf: Shelf,
    *,
    on: date,
    field: str | None = None,
    query: str = "",
    body: HasProfile | str | None = None,
) -> tuple[ItemView, ...]:
    """Items in force, by field and by words in name, code or basis (all words must occur)."""
    words = query.split()
    found = []
    for row in shelf.all("item", scopes_of(body), on):
        if field is not None and row.data["field"] not in (field, "common"):
            continue
        view = item_view(row)
        text = f"{view.code} {view.name} {view.basis_text}"
        if all(word in text for word in words):
            found.append(view)
    return tuple(found)


def items_by_basis(
    shelf: Shelf, text: str, *, on: date, body: HasProfile | str | None = None
) -> tuple[ItemView, ...]:
    """Items whose basis is an article that ``text`` cites (``水法第69条第1款``); the closest match first.

    The same paragraph and item count more than the article alone. Empty where nothing fits.
    """
    cited = [(lawtext.short_title(c.title), c) for c in lawtext.citations_in(text) if c.title]
    scored: list[tuple[int, str, ItemView]] = []
    for row in shelf.all("item", scopes_of(body), on):
        view = item_view(row)
        score = 0
        for cite in view.basis:
            own = lawtext.parse_citation(cite.text)
            title = lawtext.short_title(own.title)
            for name, ref in cited:
                if name == title and (ref.number, ref.sub) == (own.number, own.sub):
                    close = 2 * (own.item == ref.item) + (own.paragraph == ref.paragraph)
                    score = max(score, 1 + close)
        if score:
            scored.append((-score, view.code, view))
    return tuple(view for _, _, view in sorted(scored, key=lambda s: s[:2]))


def recording_rule(shelf: Shelf, *, body: HasProfile | str | None, act: str, on: date) -> RecordingRule:
    """How ``act`` must be recorded. A body's own row may only be stricter than its profile demands.

    An act that no list names is ``optional``: text may record it (R073).
    """
    best: RecordingRule | None = None
    for scope in scopes_of(body):
        row = shelf.find("recording", act, (scope,), on)
        if row is None:
            continue
        rule = _recording(row, body, on)
        if best is None or RECORDING_MODES.index(rule.mode) > RECORDING_MODES.index(best.mode):
            best = rule
    return best or RecordingRule(act, "optional", "", "", act)


def _recording(row: Row, body: HasProfile | str | None, on: date) -> RecordingRule:
    data = row.data
    mode, citation = data.get("mode", "optional"), data["citation"]
    if name := data.get("mode_norm"):
        found = norms.norm(name, body=body, on=on)
        citation = found.citation_text
        mode = ("full" if found.value else mode) if isinstance(found.value, bool) else found.value
    return RecordingRule(row.code, mode, citation, data.get("content", ""), data["label"])


def recording_list(shelf: Shelf, *, body: HasProfile | str | None, on: date) -> tuple[RecordingRule, ...]:
    """The whole recording list of a body (音像记录清单), as the public sees it."""
    codes = [row.code for row in shelf.all("recording", scopes_of(body), on)]
    return tuple(recording_rule(shelf, body=body, act=code, on=on) for code in codes)


def review_list(shelf: Shelf, *, body: HasProfile | str | None, on: date) -> tuple[ReviewRule, ...]:
    """The legal-review catalogue of a body: every row that may make a decision a major one."""
    return tuple(
        ReviewRule(
            row.code,
            row.data["label"],
            row.data["predicate"],
            row.data["citation"],
            bool(row.data.get("unconfirmed", False)),
        )
        for row in shelf.all("review", scopes_of(body), on)
    )


def hearing_threshold(
    shelf: Shelf, *, body: HasProfile | str | None, field: str, party_kind: str, on: date
) -> HearingThreshold:
    """From which amount a fine is 较大数额 for a party kind (``natural`` or ``organisation``)."""
    kind = "natural" if party_kind == "natural" else "organisation"
    scopes = [s for s in scopes_of(body) if not s.startswith("field:")]
    row = shelf.find("hearing", kind, [*scopes[:-1], f"field:{field}", "national"], on)
    if row is None:
        return HearingThreshold(field, kind, None, True, "")
    data = row.data
    return HearingThreshold(
        field,
        kind,
        data.get("amount_fen"),
        bool(data.get("inclusive", True)),
        data["citation"],
        bool(data.get("unconfirmed", True)),
    )


def no_penalty_list(shelf: Shelf, *, body: HasProfile | str | None, on: date) -> tuple[NoPenaltyRule, ...]:
    """Circumstances that bar, spare, lighten or weigh a penalty, as a checklist."""
    return tuple(
        NoPenaltyRule(
            row.code,
            row.data["label"],
            row.data["effect"],
            row.data["citation"],
            tuple(row.data.get("needs", ())),
        )
        for row in shelf.all("no_penalty", scopes_of(body), on)
    )

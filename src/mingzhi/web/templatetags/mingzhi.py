"""How values are written on every page: amounts, dates, moments, tones. Built into all templates."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django import template
from django.templatetags.static import static
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from mingzhi.catalogue.data import quoted
from mingzhi.kernel import clock, money, sizes

register = template.Library()

WEEKDAYS = (
    gettext_noop("周一"),
    gettext_noop("周二"),
    gettext_noop("周三"),
    gettext_noop("周四"),
    gettext_noop("周五"),
    gettext_noop("周六"),
    gettext_noop("周日"),
)


@register.simple_tag
def vendored(path: str) -> str:
    """Address of a browser library fetched at set-up; empty when it could not be had: the page then
    does without."""
    try:
        return static(f"vendor/{path}")
    except ValueError:
        return ""


@register.filter
def yuan(amount: Any) -> str:
    """分 → ``5,000.00 元``; nothing for an unknown amount."""
    return "" if amount in (None, "") else _("%(sum)s 元") % {"sum": money.yuan(int(amount))}


@register.filter
def capitals(amount: int | None) -> str:
    return "" if amount is None else money.capitals(int(amount))


@register.filter
def day(value: Any) -> str:
    """``2026-09-29``, as a calendar in China shows it."""
    if value in (None, ""):
        return ""
    return str(clock.local_date(value) if isinstance(value, datetime) else value)


@register.filter
def weekday(value: Any) -> str:
    """``2026-09-29（周二）``."""
    if value in (None, ""):
        return ""
    on = clock.local_date(value) if isinstance(value, datetime) else value
    return _("%(day)s（%(weekday)s）") % {"day": on.isoformat(), "weekday": _(WEEKDAYS[on.weekday()])}


@register.filter
def moment(value: Any) -> str:
    """``2026-09-29 14:05`` in China."""
    return "" if value in (None, "") else clock.local(value).strftime("%Y-%m-%d %H:%M")


@register.filter
def recorded(text: str) -> str:
    """A moment as the ledger writes it (``2026-09-29T06:05:00.000000Z``), in China; other text as it is."""
    try:
        return moment(datetime.fromisoformat(text))
    except ValueError:
        return text


@register.filter
def figure(value: Any) -> str:
    """``12,345``; a dash for unknown, so that unknown never reads as zero."""
    if value in (None, ""):
        return "—"
    return f"{value:,}"


@register.filter
def size(count: int | None) -> str:
    """Bytes for people: ``3.4 MB``."""
    return "" if count is None else sizes.in_words(count)


@register.filter
def short_hash(text: str) -> str:
    """The first and last characters of a digest; the whole belongs into ``title``."""
    return text if len(text) <= 20 else f"{text[:10]}…{text[-8:]}"


@register.filter
def tone(state: Any) -> str:
    """CSS tone of a state word; unknown words stay neutral."""
    return _TONES.get(str(state), "neutral")


_TONES = {
    **dict.fromkeys(
        ("done", "passed", "met", "valid", "published", "closed", "archived", "paid", "ok", "served"), "ok"
    ),
    **dict.fromkeys(("soon", "returned", "suspended", "provisional", "waiting", "pending", "draft"), "soon"),
    **dict.fromkeys(
        ("late", "refused", "revoked", "expired", "failed", "today", "not_passed", "withdrawn"), "late"
    ),
    **dict.fromkeys(("running", "open", "submitted", "active", "checked"), "info"),
}


@register.filter
def cite(text: str) -> str:
    """A citation as an official reads it: its parts once each, set apart by full-width semicolons."""
    parts = (p.strip() for p in str(text or "").replace(";", "；").split("；"))
    return "；".join(dict.fromkeys(quoted(p) for p in parts if p))


_PART_OF = {
    "parties": "decisions",
    **dict.fromkeys(("places", "procedures", "inspections", "reports"), "lists"),
    "questions": "complaints",
    "witness": "verify",
}


@register.filter
def public_part(path: str) -> str:
    """Which of the six doors a public address lies behind: the one its page is reached by."""
    first = str(path or "").strip("/").partition("/")[0]
    return _PART_OF.get(first, first)


@register.filter
def get(mapping: Any, key: Any) -> Any:
    """``mapping[key]`` or nothing."""
    try:
        return mapping[key]
    except (KeyError, IndexError, TypeError):
        return None


_MARKS = {True: (SafeString("<mark>"), SafeString("</mark>")), False: ("", "")}


@register.filter
def marked(pieces: Any) -> SafeString:
    """Pieces of a text with what was looked for marked."""
    return format_html_join("", "{}{}{}", ((_MARKS[p.hit][0], p.text, _MARKS[p.hit][1]) for p in pieces))


@register.filter
def field_errors(errors: Any, name: str) -> list[str]:
    """The sentences for one field, from a dict of lists or a Django form's errors."""
    found = errors.get(name) if errors else None
    return list(found) if found else []


@register.simple_tag
def icon(name: str, label: str = "") -> SafeString:
    """An icon from our own sprite; decorative unless ``label`` is given."""
    sprite = static("mingzhi/icons.svg")
    if label:
        return format_html(
            '<svg class="icon" role="img" aria-label="{}"><use href="{}#{}"></use></svg>', label, sprite, name
        )
    return format_html('<svg class="icon" aria-hidden="true"><use href="{}#{}"></use></svg>', sprite, name)


@register.simple_tag(takes_context=True)
def query(context: Any, **changes: Any) -> str:
    """The present query string with ``changes``; ``None`` or empty removes a key."""
    params = context["request"].GET.copy()
    for key, value in changes.items():
        if value in (None, ""):
            params.pop(key, None)
        else:
            params[key] = value
    return f"?{params.urlencode()}" if params else "?"

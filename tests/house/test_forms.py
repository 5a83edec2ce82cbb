"""A form that was refused comes back as it was sent: every field of a desk form shows what was entered."""

from __future__ import annotations

import re

from tests.house.test_repository import TEMPLATES

TEMPLATED = re.compile(r"{{.*?}}|{%.*?%}", re.S)
FORM = re.compile(r'<form[^>]*method="post".*?</form>', re.S)
INPUT = re.compile(r"<input\b([^>]*)>")
TEXT = re.compile(r"<textarea\b([^>]*)>(.*?)</textarea>", re.S)
SELECT = re.compile(r"<select\b([^>]*)>(.*?)</select>", re.S)
NAME, TYPE = re.compile(r'name="([^"]*)"'), re.compile(r'type="([\w-]+)"')
SHOWN = "\u25c6"  # where the template writes something
#: Nothing a person typed, or what must be given anew each time.
NEVER = {"hidden", "file", "password", "submit"}
#: A purpose is stated for each look; what opens in a window of its own leaves the form standing; specimens.
STANDS = {
    ("desk/_look.html", "purpose"),
    ("desk/_case_evidence.html", "act"),  # refused by the browser before it is sent, told on the case page
    ("desk/_case_evidence.html", "ground"),
    ("desk/_case_evidence.html", "reason"),
    ("desk/access/derive.html", "t"),
    ("desk/archive/one.html", "purpose"),
    ("desk/cases.html", "name"),
    ("desk/components.html", "amount"),
    ("desk/components.html", "why"),
    ("desk/intakes/one.html", "ask_checked"),  # what was said to be checked is said again
    ("desk/recordings/card.html", "ended_at"),
    ("desk/registers/window.html", "handles"),  # the last of three lists holds only what stays ticked
}


def _lost(form: str) -> set[str]:
    """Names of the fields of ``form`` that come back empty."""
    found = set()
    for attributes in INPUT.findall(form):
        name, kind = NAME.search(attributes), TYPE.search(attributes)
        if name is None or (kind and kind[1] in NEVER):
            continue
        shown = f" checked{SHOWN}" if kind and kind[1] in {"checkbox", "radio"} else f'value="{SHOWN}'
        if shown not in attributes:
            found.add(name[1])
    for attributes, inside in TEXT.findall(form):
        if SHOWN not in inside and (name := NAME.search(attributes)):
            found.add(name[1])
    for attributes, inside in SELECT.findall(form):
        if "selected" not in inside and (name := NAME.search(attributes)):
            found.add(name[1])
    return found


def test_what_was_entered_stands_in_the_form_again_after_a_refusal() -> None:
    wrong = set()
    for path in sorted((TEMPLATES / "desk").rglob("*.html")):
        name = path.relative_to(TEMPLATES).as_posix()
        for form in FORM.findall(TEMPLATED.sub(SHOWN, path.read_text("utf-8"))):
            wrong |= {(name, field) for field in _lost(form)} - STANDS
    assert wrong == set()


def test_a_field_without_its_value_is_seen() -> None:
    form = '<form method="post"><input name="a"><textarea name="b"></textarea><select name="c"><option>x</option></select><input type="radio" name="d" value="1"></form>'
    assert _lost(form) == {"a", "b", "c", "d"}
    assert _lost(form.replace('name="a"', f'name="a" value="{SHOWN}"')) == {"b", "c", "d"}


# --- the summary of a refusal leads to the field ---------------------------------------------------------

ERRORS = re.compile(r"errors\.([a-z_0-9]+)")
WRAPPER = re.compile(r"<c-field\b(?:\"[^\"]*\"|'[^']*'|[^>'\"])*>")
#: Taken from the mapping itself, not names of fields.
WHOLE = {"items"}


def _unreached(template: str) -> set[str]:
    """Keys of what is told to be wrong whose link in the summary leads nowhere: neither the id nor the name of a
    field, or told beside a field that is called otherwise."""
    bare = WRAPPER.sub("", template)
    found = {
        key
        for key in set(ERRORS.findall(template)) - WHOLE
        if f'id="{key}"' not in bare and f'name="{key}"' not in bare
    }
    for part in template.split("<c-field")[1:]:
        inside = part.partition("</c-field>")[0]
        keys = ERRORS.findall(WRAPPER.match(f"<c-field{inside}")[0])  # type: ignore[index]
        inside = WRAPPER.sub("", f"<c-field{inside}")
        found |= {key for key in keys if f'name="{key}"' not in inside and f'id="{key}"' not in inside}
    return found


def test_the_summary_of_a_refusal_leads_to_every_field_that_it_tells_of() -> None:
    wrong = {}
    for path in sorted((TEMPLATES / "desk").rglob("*.html")):
        if keys := _unreached(path.read_text("utf-8")):
            wrong[path.relative_to(TEMPLATES).as_posix()] = keys
    assert wrong == {}


def test_a_field_that_the_summary_does_not_reach_is_seen() -> None:
    field = """<c-field label="{% trans '甲' %}" name="{n}" :errors="errors.{e}"><input id="{i}" name="{n}"></c-field>"""
    assert _unreached(field.replace("{n}", "a").replace("{e}", "a").replace("{i}", "a-1")) == set()
    assert _unreached(field.replace("{n}", "a_on").replace("{e}", "a").replace("{i}", "a_on")) == {"a"}
    assert _unreached("{% for e in errors.b %}{{ e }}{% endfor %}") == {"b"}

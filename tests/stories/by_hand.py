"""People at their pages: whoever is named logs in by the form and fills in what the page offers.

Nothing is sent that the page does not show: a field that is not on the page, or a choice that is not
among the choices, fails the story, as it would stop a person.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urljoin

import lxml.html
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.kernel import clock
from mingzhi.organisations.demo import DEMO_PASSWORD


@dataclass
class Moment:
    """The clock of the story: each look at it is a little later, and it never goes back."""

    now: datetime

    def __call__(self) -> datetime:
        self.now += timedelta(seconds=1)
        return self.now

    def wait(self, **delta: float) -> None:
        self.now += timedelta(**delta)

    @property
    def today(self) -> str:
        return clock.local_date(self.now).isoformat()

    def ago(self, minutes: int) -> str:
        """A moment as a person types it into the field."""
        return clock.local(self.now - timedelta(minutes=minutes)).strftime("%Y-%m-%dT%H:%M")


@dataclass
class Page:
    """What came back: the words a person reads, and its forms."""

    status: int
    html: str
    url: str = ""

    @property
    def words(self) -> str:
        tree = lxml.html.fromstring(self.html)
        for gone in tree.xpath("//script|//style"):
            gone.drop_tree()
        return " ".join(tree.text_content().split())

    def section(self, element_id: str) -> str:
        return " ".join(lxml.html.fromstring(self.html).get_element_by_id(element_id).text_content().split())

    def row(self, *words: str) -> str:
        """The one table row in which all of these words stand."""
        rows = [" ".join(tr.text_content().split()) for tr in lxml.html.fromstring(self.html).xpath("//tr")]
        found = [row for row in rows if all(word in row for word in words)]
        assert len(found) == 1, f"{len(found)} rows with {words} on {self.url}: {rows}"
        return found[0]

    def links(self) -> list[tuple[str, str]]:
        tree = lxml.html.fromstring(self.html)
        return [(" ".join(a.text_content().split()), a.get("href")) for a in tree.xpath("//a[@href]")]

    def link(self, words: str) -> str:
        found = [href for text, href in self.links() if words in text]
        assert found, f"no link «{words}» on {self.url}"
        return found[0]


@dataclass
class Person:
    """One browser of one person."""

    name: str
    moment: Moment
    client: Client = field(default_factory=Client)

    def log_in(self) -> Person:
        page = self.open("/login/?next=/desk/")
        came = self.submit(page, username=self.name, password=DEMO_PASSWORD)
        assert came.status == 200 and came.url.startswith("/desk/"), came.words[:300]
        return self

    def open(self, url: str) -> Page:
        answer = self.client.get(url, follow=True)
        assert answer.status_code == 200, f"{url}: {answer.status_code} {answer.content.decode()[:600]}"
        return Page(answer.status_code, answer.content.decode(), url)

    def submit(
        self,
        page: Page,
        *,
        button: tuple[str, str] | None = None,
        files: dict[str, Any] | None = None,
        held: dict[str, str] | None = None,
        **typed: Any,
    ) -> Page:
        """Fill in ``typed`` (values or the words of a choice), leave the rest as shown, and send the form.
        Where a page has several forms of the same fields, ``held`` names what the wanted one carries."""
        form = _form(page, typed, button, held or {})
        data = dict[str, list[Any]]()
        for name, value in form.form_values():
            data.setdefault(name, []).append(value)
        for name, value in typed.items():
            data.pop(name, None)
            entered = _entered(form, name, value)
            if entered:
                data[name] = entered
        if button:
            data[button[0]] = [button[1]]
        for name, (title, content, kind) in (files or {}).items():
            assert form.xpath(f".//input[@type='file'][@name='{name}']"), name
            data[name] = [SimpleUploadedFile(title, content, kind)]
        self.moment.wait(minutes=3)
        answer = self.client.post(urljoin(page.url, form.get("action") or ""), data, follow=True)
        went = answer.redirect_chain[-1][0] if answer.redirect_chain else page.url
        return Page(answer.status_code, answer.content.decode(), went)

    def step(self, case: int, verb: str, **typed: Any) -> Page:
        """Take a step through its form; the case page comes back."""
        page = self.step_refused(case, verb, **typed)
        assert page.status == 200 and f"/desk/cases/{case}/#step-" in page.url, (
            f"{verb}: {page.status}\n{_complaints(page)}"
        )
        return page

    def step_refused(self, case: int, verb: str, **typed: Any) -> Page:
        self.moment.wait(minutes=20)
        return self.submit(self.open(f"/desk/cases/{case}/do/{verb}/"), **typed)


def _complaints(page: Page) -> str:
    tree = lxml.html.fromstring(page.html)
    said = tree.xpath("//*[contains(@class,'error-summary')]|//*[@class='field-error']|//*[@role='alert']")
    return "\n".join(" ".join(x.text_content().split()) for x in said) or page.words[:800]


def _form(page: Page, typed: dict[str, Any], button: tuple[str, str] | None, held: dict[str, str]) -> Any:
    forms = lxml.html.fromstring(page.html).forms
    wanted = set(typed)
    for form in forms:
        names = {x.get("name") for x in form.xpath(".//*[@name]")}
        if (form.get("method") or "").lower() != "post" or not wanted <= names:
            continue
        if button and not form.xpath(f".//button[@name='{button[0]}'][@value='{button[1]}']"):
            continue
        if not all(form.xpath(f".//input[@name='{name}'][@value='{value}']") for name, value in held.items()):
            continue
        if not wanted and not button and not held and form.get("id") != "step-form":
            continue
        return form
    shown = [sorted({x.get("name") for x in f.xpath(".//*[@name]")}) for f in forms]
    raise AssertionError(f"no form with {sorted(wanted)} {button or ''} on {page.url}: {shown}")


def _entered(form: Any, name: str, value: Any) -> list[str]:
    boxes = form.xpath(f".//input[@name='{name}'][@type='checkbox' or @type='radio']")
    options = form.xpath(f".//select[@name='{name}']//option")
    if isinstance(value, bool):
        assert boxes, name
        return ["on"] if value else []
    many = [str(v) for v in value] if isinstance(value, (list, tuple)) else [str(value)]
    if not boxes and not options:
        return many
    offered: dict[str, str] = {o.get("value", ""): " ".join(o.text_content().split()) for o in options}
    for box in boxes:
        labels = form.xpath(f".//label[@for='{box.get('id')}']") or box.xpath("ancestor::label")
        offered[box.get("value", "on")] = " ".join(labels[0].text_content().split()) if labels else ""
    return [_chosen(name, one, offered) for one in many]


def _chosen(name: str, wanted: str, offered: dict[str, str]) -> str:
    if wanted in offered:
        return wanted
    found = [value for value, words in offered.items() if value and wanted in words]
    assert len(found) == 1, f"{name}: «{wanted}» is not one of {offered}"
    return found[0]

"""Identifiers planted in files and looked for in every public byte: part of ``python -m bench masking``.

Decisions carry identifiers in their prose, in every spelling; nobody tells the system which they are, but
for the names of third persons, which a file always holds. They are published by the ordinary actions, by
a collector and a checker who change nothing. Then everything that anybody may fetch is fetched: pages in
both languages, texts, receipts and bundles, JSON, feeds, search results and snippets, the sitemap and the
static pack with its file names. A survivor is any ten digits in a row of a number, or a whole name or
house, however spaced or widened.
"""

from __future__ import annotations

import random
import re
import tempfile
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench.masking import GIVEN, SURNAMES, card, landline, mobile, resident_id, spelled

WINDOW = 10
_RUN = re.compile(rf"\d{{{WINDOW},}}")
_HOUSE = re.compile(r"\d{2}栋\d{3,4}室")
KINDS = 6
"""Identifiers that ``plants`` makes for each turn."""
_APART = re.compile(r"[\s\u200b\u200c\u200d\ufeff\u3000\-－—]+")


@dataclass(frozen=True)
class Plant:
    kind: str
    secret: str
    written: str


def _house(r: random.Random) -> str:
    return f"{r.randint(10, 99)}栋{r.randint(101, 3299)}室"


def _name(r: random.Random) -> str:
    return r.choice(SURNAMES) + r.choice(GIVEN) + r.choice(GIVEN)


def plants(r: random.Random, each: int) -> list[Plant]:
    """So many of each kind: written plainly, full-width, spaced, broken over lines, split."""
    found = []
    for _ in range(each):
        for kind, make in (("id", resident_id), ("phone", mobile), ("account", card)):
            secret = make(r)
            found.append(Plant(kind, secret, spelled(r, secret)))
        line = landline(r)
        found.append(Plant("phone", line, line))
        house = _house(r)
        found.append(Plant("address", house, f"示例市霞山区人民大道南{r.randint(1, 300)}号{house}"))
        name = _name(r)
        found.append(Plant("name", name, r.choice((name, " ".join(name), f"{name[0]}　{name[1:]}"))))
    return found


_SENTENCES = {
    "id": "当事人提供的身份证号码：{}，经核实无误。",
    "phone": "联系电话：{}。",
    "account": "退款银行账号：{}。",
    "address": "其住址：{}，执法人员到场。",
    "name": "证人{}在场。",
}


def _prose(some: list[Plant]) -> str:
    return "执法人员检查发现当事人倾倒建筑垃圾。" + "".join(
        _SENTENCES[p.kind].format(p.written) for p in some
    )


class Looker:
    """Finds any of so many plants in a text, in whatever spelling."""

    def __init__(self, planted: list[Plant]) -> None:
        self._numbers = {
            digits[i : i + WINDOW]: plant
            for plant in planted
            if plant.kind in {"id", "phone", "account"}
            for digits in [re.sub(r"\D", "", plant.secret)]
            for i in range(len(digits) - WINDOW + 1)
        }
        self._names = {plant.secret: plant for plant in planted if plant.kind == "name"}
        self._houses = {plant.secret: plant for plant in planted if plant.kind == "address"}

    def seen(self, text: str) -> set[Plant]:
        flat = _APART.sub("", unicodedata.normalize("NFKC", text))
        windows = (run[i : i + WINDOW] for run in _RUN.findall(flat) for i in range(len(run) - WINDOW + 1))
        found = {self._numbers.get(window) for window in windows}
        found |= {self._names.get(flat[i : i + 3]) for i in range(len(flat) - 2)}
        found |= {self._houses.get(house) for house in _HOUSE.findall(flat)}
        return {plant for plant in found if plant is not None}


def measured(each: int) -> dict[str, Any]:
    """Survivors by kind among ``each`` of six kinds, and how many public answers were read."""
    from dataclasses import replace

    from django.test import Client

    from bench.pages import Desk
    from mingzhi.kernel import clock
    from mingzhi.ledger import api as ledger
    from mingzhi.publication import api
    from mingzhi.web.public import pack

    r, desk, ids = random.Random(11), Desk(), []
    planted = plants(r, each)
    per = 24
    for number, start in enumerate(range(0, len(planted), per), start=1):
        some = planted[start : start + per]
        snapshot = replace(
            desk.snapshot(number, f"批{number}"),
            facts=_prose(some[: per // 2]),
            content="罚款人民币五千元。" + _prose(some[per // 2 :]),
            third_persons=tuple(p.secret for p in some if p.kind == "name"),
        )
        pk = api.schedule(
            dossier_id=None, kind="penalty", decided_on=snapshot.decided_on, snapshot=snapshot, body=desk.body,
            by=desk.publisher, at=desk.now(),
        )  # fmt: skip
        summary = _prose(some[:2])
        api.disclosure_collect(disclosure_id=pk, summary=summary, by=desk.collector, at=desk.now())
        api.disclosure_check(disclosure_id=pk, by=desk.checker, at=desk.now())
        api.disclosure_publish(disclosure_id=pk, by=desk.publisher, at=desk.now())
        ids.append(pk)
    ledger.sequence(at=clock.now())
    api.feed.place(at=clock.now())
    looker, left = Looker(planted), set[Plant]()
    blind = {p.secret for p in planted} - {p.secret for p in looker.seen(_prose(planted))}
    assert not blind, f"not even seen unmasked: {sorted(blind)[:3]}"
    read = octets = 0
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder:
        place = Path(folder) / "pack"
        pack.export(place, at=clock.now(), site="https://www.example.gov.cn/gongshi/")
        for text in _everything(Client(HTTP_HOST="127.0.0.1"), ids, place):
            read, octets = read + 1, octets + len(text)
            left |= looker.seen(text)
    return {
        "planted": len(planted),
        "public_answers_read": read,
        "characters_read": octets,
        **{f"planted_{kind}_left": sum(p.kind == kind for p in left) for kind in _SENTENCES},
        "planted_left": len(left),
        "examples": [p.written for p in left][:5],
    }


def _everything(client: Any, ids: list[int], place: Path) -> Iterator[str]:
    """Whatever anybody may fetch, headers included; then every file of the pack and its name."""
    pages = [
        "/",
        "/decisions/",
        "/decisions/?q=建筑垃圾",
        "/decisions/?q=罚款",
        "/feed/",
        "/feed/inventory.json",
    ]
    pages += ["/parties/91110000600037341L/", "/api/public/decisions?q=建筑垃圾", "/lists/", "/reports/"]
    pages += ["/decisions.json", "/sitemap.xml", "/sitemap/pages.xml"]
    pages += re.findall(r"/sitemap/decisions-\d+\.xml", client.get("/sitemap.xml").content.decode())
    for pk in ids:
        pages += [f"/decisions/{pk}/{tail}" for tail in ("", "text", "bundle", "receipt", "correction/")]
        pages.append(f"/api/public/decisions/{pk}")
    for language in ("zh-hans", "en"):
        client.cookies["django_language"] = language
        for page in pages:
            answer = client.get(page)
            assert answer.status_code == 200, (page, answer.status_code)
            yield f"{answer.content.decode()}\n{answer.headers}"
    for start in ("/feed/events.json?after=-1", "/feed/atom.xml"):
        yield from _following(client, start)
    for path in sorted(place.rglob("*")):
        yield path.name
        if path.is_file():
            yield path.read_text("utf-8")


def _following(client: Any, start: str) -> Iterator[str]:
    """A feed from its first page to its last."""
    page: str | None = start
    while page is not None:
        answer = client.get(page)
        text = answer.content.decode()
        yield text
        page = None
        if start.startswith("/feed/events"):
            told = answer.json()
            page = f"/feed/events.json?after={told['next']}" if told["more"] else None
        elif found := re.search(r'rel="next" href="[^"]*(/feed/atom\.xml\?before=\d+)"', text):
            page = found[1]

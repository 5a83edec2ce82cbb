"""What other rooms may hold of rules, items, benchmarks and lists: frozen, no database behind it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

_BARE_LAW = re.compile(
    r"(?<![^、，；（])([\u4e00-\u9fff]{2,40}?(?:法|条例|规定|办法|细则|解释|意见))(?=第[一二三四五六七八九十百零〇\d]+[条章])"
)


def quoted(text: str) -> str:
    """A citation with the law's name between title marks: ``《行政处罚法》第五十四条``."""
    return _BARE_LAW.sub(r"《\1》", text)


@dataclass(frozen=True, slots=True)
class Citation:
    """Where a value comes from: a law's article, or a clause of a bureau's own document.

    ``seed`` is the short mark of that document's clause (``"S4 二(三)4"``); ``title`` then is the
    document's title and ``article`` the clause.
    """

    title: str
    article: str = ""
    seed: str = ""

    @property
    def text(self) -> str:
        bare = "《" in self.title or "（" in self.title[-12:]
        title = self.title if bare else f"《{self.title}》"
        return f"{title}{self.article}".replace("(", "（").replace(")", "）")


@dataclass(frozen=True, slots=True)
class Norm:
    """One value of one rule on one day for one body.

    ``value`` is an int, str, bool, tuple, read-only mapping, or None where nobody has confirmed a
    value. ``unit`` is WD/CD/H/M/Y for terms, ``fen``, ``permille``, ``count``, ``bool``, ``text``,
    ``list`` or ``date`` (MM-DD). ``unconfirmed`` means the page must say 待核实. ``version`` is the
    hash of the file and date the value came from; ``level`` the overlay (``national``, ``bureau/…``).
    """

    name: str
    value: Any
    unit: str
    citations: tuple[Citation, ...]
    level: str
    version: str
    description: str = ""
    id: str = ""
    since: date | None = None
    unconfirmed: bool = False
    attributes: Mapping[str, Any] = field(default_factory=dict)
    note: str = ""

    @property
    def citation_text(self) -> str:
        """All citations in one line, as a page or paper prints them."""
        text = "；".join(dict.fromkeys(c.text for c in self.citations))
        return f"{text}（待核实）" if self.unconfirmed else text


@dataclass(frozen=True, slots=True)
class Profile:
    """A bureau whose own document the system follows: overlay chain and the facts that document gives."""

    key: str
    name: str
    short_name: str
    field: str
    region_code: str
    region_name: str
    level: str
    superior: str
    review_unit: str
    supervisor: str
    number_word: str
    document_title: str
    document_dated: str
    overlays: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Fine:
    """One form of fine that a clause allows.

    ``kind``: ``range`` (分, both ends included), ``multiple`` (thousandths of ``base``), ``percent``
    (ten-thousandths of ``base``), ``per_unit`` (分 for each ``base``), ``fixed``. ``party``: ``any``,
    ``natural``, ``organisation``. ``condition`` says when it applies. ``may`` — the clause says 可以.
    """

    kind: str
    low: int
    high: int
    party: str = "any"
    base: str = ""
    condition: str = ""
    may: bool = False


@dataclass(frozen=True, slots=True)
class ItemView:
    """A power item (权责事项) as in force on a day. ``source_status``: ``verified`` or ``unverified`` (待核实)."""

    code: str
    name: str
    field: str
    act_type: str
    basis: tuple[Citation, ...]
    kinds: tuple[str, ...]
    fines: tuple[Fine, ...]
    party_scope: str
    valid_from: date
    valid_to: date | None
    source_status: str = "verified"
    duty_law: tuple[Citation, ...] = ()
    note: str = ""
    version: str = ""
    row_id: int | None = None

    @property
    def basis_text(self) -> str:
        return "、".join(c.text for c in self.basis)

    @property
    def unverified(self) -> bool:
        return self.source_status != "verified"


@dataclass(frozen=True, slots=True)
class ProposalStep:
    """One step of the reckoning: what was done, and the provision it rests on."""

    text: str
    citation: str = ""


@dataclass(frozen=True, slots=True)
class Proposal:
    """What law and benchmark lead to. Amounts in 分. The officer decides; nothing here binds.

    ``fine_fen`` is set where the rule leaves no choice; ``min_fen``/``max_fen`` bound it otherwise
    and are None where the clause has no amount that these facts can fix.
    """

    item_code: str
    result: str
    tier: str
    min_fen: int | None
    max_fen: int | None
    fine_fen: int | None
    kinds: tuple[str, ...]
    steps: tuple[ProposalStep, ...]
    benchmark_version: str = ""
    unverified: bool = False
    open_low: bool = False
    open_high: bool = False


@dataclass(frozen=True, slots=True)
class AskedFact:
    """A fact that a benchmark decides over. ``kind``: ``number`` (whole, in ``unit``), ``yes_no``, ``choice`` (value, words)."""

    name: str
    label: str
    kind: str
    unit: str = ""
    options: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True, slots=True)
class RecordingRule:
    """Whether an act must be on video: ``full`` (uninterrupted), ``required``, ``situational``, ``optional``."""

    act: str
    mode: str
    citation: str
    content: str = ""
    label: str = ""


@dataclass(frozen=True, slots=True)
class ReviewRule:
    """One row of the legal-review catalogue; ``predicate`` is plain data (``catalogue.predicates``)."""

    code: str
    label: str
    predicate: Mapping[str, Any]
    citation: str
    unconfirmed: bool = False


@dataclass(frozen=True, slots=True)
class HearingThreshold:
    """From which amount a fine is 较大数额. ``amount_fen`` None: not set for this body (待核实)."""

    field: str
    party_kind: str
    amount_fen: int | None
    inclusive: bool
    citation: str
    unconfirmed: bool = True


@dataclass(frozen=True, slots=True)
class NoPenaltyRule:
    """A circumstance of arts 30, 31, 33 (no penalty) or 32 (lighter), as a checklist row."""

    code: str
    label: str
    effect: str
    citation: str
    needs: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class LawView:
    id: int
    title: str
    short_title: str
    version_date: date | None
    in_force_from: date | None
    in_force_to: date | None
    status: str
    articles: int


@dataclass(frozen=True, slots=True)
class ArticleView:
    """An article of a law as in force on a day. ``sub`` is the n of 第X条之n, 0 for the article itself."""

    id: int
    law_id: int
    law: str
    number: int
    sub: int
    chapter: str
    text: str
    heading: str

    def paragraphs(self) -> tuple[str, ...]:
        return tuple(self.text.split("\n"))


@dataclass(frozen=True, slots=True)
class LawReference:
    """《…》第…条第…款第…项 read into numbers; 0 where a part is absent."""

    title: str
    number: int
    sub: int = 0
    paragraph: int = 0
    item: int = 0
    text: str = ""

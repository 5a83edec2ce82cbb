"""Reading a row of a published-penalties table (CSV), as it stands: what it says, and what it fails to say."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from mingzhi.kernel.errors import Invalid

COLUMNS = (
    "rec_id", "published", "agency", "party_type", "party_name", "uscc", "doc_no", "violation", "facts",
    "law_violated", "law_basis", "discretion", "penalty_kind", "amount_yuan", "filed_date", "decision_date", "other",
)  # fmt: skip
PARTY_KINDS = {
    "自然人": "natural", "个人": "natural", "法人": "legal", "个体工商户": "household", "非法人组织": "organisation",
}  # fmt: skip
_DAY = re.compile(r"(20\d\d|19\d\d)-(\d\d)-(\d\d)")
_BASE = re.compile(r"(?:造价|货值|违法所得)[^\d]{0,4}(\d+(?:\.\d{1,2})?)\s*元")


@dataclass(frozen=True, slots=True)
class Row:
    """One record. Dates are None where the record does not give a whole day."""

    rec_id: str
    agency: str
    party_type: str
    party_name: str
    code: str
    number: str
    violation: str
    facts: str
    violated: str
    basis: str
    discretion: str
    kind: str
    amount: str
    published: date | None
    published_text: str
    filed: date | None
    decided: date | None
    decided_text: str
    other: str

    @property
    def party_kind(self) -> str:
        return PARTY_KINDS.get(self.party_type, "")

    @property
    def fined(self) -> bool:
        return "罚款" in self.kind

    @property
    def spot(self) -> bool:
        return "简易程序" in self.kind or "当场处罚" in self.other

    @property
    def acted(self) -> date | None:
        """The first day that the facts name, unless it lies after the filing or the decision."""
        found = first_day(self.facts)
        latest = min((d for d in (self.filed, self.decided, self.published) if d), default=None)
        return found if found and (latest is None or found <= latest) else None

    @property
    def notified(self) -> date | None:
        """The day of the notice, where the record names one beside the word 告知."""
        for part in re.split("[;；,，]", self.other + ";" + self.facts):
            if "告知" in part and (day := first_day(part)):
                return day
        return None

    @property
    def closed(self) -> date | None:
        match = re.search(r"结案\s*(\d{4}-\d\d-\d\d)", self.other)
        return first_day(match[1]) if match else None

    @property
    def base_yuan(self) -> str:
        """The sum a percentage is taken of, where the facts or the discretion name it."""
        match = _BASE.search(self.facts) or _BASE.search(self.discretion)
        return match[1] if match else ""

    @property
    def last_known(self) -> date | None:
        """The latest day the record names for the decision: itself, the closing, the publication."""
        return self.decided or self.closed or self.published


def first_day(text: str) -> date | None:
    for match in _DAY.finditer(text):
        try:
            return date(int(match[1]), int(match[2]), int(match[3]))
        except ValueError:
            continue
    return None


def read(path: Path) -> Iterator[Row]:
    """The rows of the file, UTF-8 with or without BOM. ``Invalid`` when columns are missing."""
    try:
        text = path.read_text("utf-8-sig")
    except UnicodeDecodeError:
        raise Invalid(
            "文件不是 UTF-8 编码的 CSV", remedy="请另存为 UTF-8 编码后再试", code="records.encoding"
        ) from None
    reader = csv.DictReader(text.splitlines())
    missing = [c for c in COLUMNS if c not in (reader.fieldnames or ())]
    if missing:
        raise Invalid(
            f"缺少列：{'、'.join(missing)}", remedy="第一行应为列名，逗号分隔", code="records.columns"
        )
    for raw in reader:
        row = {k: (raw.get(k) or "").strip() for k in COLUMNS}
        yield Row(
            rec_id=row["rec_id"],
            agency=row["agency"],
            party_type=row["party_type"],
            party_name=row["party_name"],
            code=row["uscc"],
            number=row["doc_no"],
            violation=row["violation"],
            facts=row["facts"],
            violated=row["law_violated"],
            basis=row["law_basis"],
            discretion=row["discretion"],
            kind=row["penalty_kind"],
            amount=row["amount_yuan"],
            published=first_day(row["published"]),
            published_text=row["published"],
            filed=first_day(row["filed_date"]),
            decided=first_day(row["decision_date"]),
            decided_text=row["decision_date"],
            other=row["other"],
        )

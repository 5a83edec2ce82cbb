"""What the machine face takes and gives. Money is integer 分; days and moments are ISO 8601."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from ninja import Field, Schema
from pydantic import AwareDatetime, ConfigDict


class Told(Schema):
    """One reason why something may not happen."""

    code: str
    sentence: str
    citation: str = ""
    remedy: str = ""
    link: str = ""


class ErrorOut(Schema):
    """Every refusal: the code is stable, the sentences are for people."""

    code: str
    message: str
    remedy: str = ""
    reasons: list[Told] = []
    fields: dict[str, list[str]] = {}


class CaseRow(Schema):
    id: int
    number: str
    title: str
    procedure: str
    party: str
    unit: str
    lead: str
    stage: str
    state: str
    state_label: str
    opened_at: datetime
    last_step_at: datetime
    closed_at: datetime | None = None


class CasePage(Schema):
    """A page by key; ``next_cursor`` is empty on the last one."""

    rows: list[CaseRow]
    next_cursor: str


class PartyOut(Schema):
    role: str
    kind: str
    name: str
    credit_code: str = ""
    id_number: str = Field("", description="自然人证件号码，遮蔽后")


class StepOut(Schema):
    seq: int
    verb: str
    label: str
    stage: str
    from_state: str
    to_state: str
    by: str
    at: datetime
    occurred_at: datetime


class DeadlineOut(Schema):
    norm: str
    label: str
    citation: str
    due_on: date | None
    state: str
    provisional: bool


class CaseOut(CaseRow):
    item_code: str = ""
    field: str
    steps_taken: int = Field(description="已办环节数；提交环节时作为 expected 送回")
    parties: list[PartyOut]
    steps: list[StepOut]
    deadlines: list[DeadlineOut]


class OptionOut(Schema):
    verb: str
    label: str
    stage: str
    citation: str
    open: bool
    mine: bool
    confirm: str = ""
    reasons: list[Told]


class StepIn(Schema):
    """``key`` identifies one submission: the same key again answers with the step it made."""

    model_config = ConfigDict(extra="forbid")

    facts: dict[str, Any] = {}
    occurred_at: AwareDatetime | None = None
    key: str = Field("", max_length=64)
    expected: int | None = Field(None, ge=0, le=1_000_000)


class ClueIn(Schema):
    model_config = ConfigDict(extra="forbid")

    source: str = Field(max_length=20)
    title: str = Field(max_length=200)
    detail: str = Field(max_length=5000)
    received_at: AwareDatetime
    place: str = Field("", max_length=200)
    occurred_on: date | None = None
    suspect: str = Field("", max_length=200)
    informant: str = Field("", max_length=60)
    informant_phone: str = Field("", max_length=20)
    anonymous: bool = False


class ClueOut(Schema):
    id: int
    number: str


class DecisionRow(Schema):
    id: int
    title: str
    number: str
    agency: str
    party: str
    kind: str
    kinds: list[str]
    decided_on: date
    published_on: date
    state: str
    amount_fen: int
    url: str


class DecisionPage(Schema):
    rows: list[DecisionRow]
    next_cursor: str


class Line(Schema):
    label: str
    value: str


class EventOut(Schema):
    kind: str
    label: str
    at: datetime
    reason: str = ""
    basis: str = ""
    version: int | None = None


class DecisionOut(DecisionRow):
    version: int
    expires_on: date | None
    summary: str = ""
    fields: list[Line] = Field(description="公示内容；撤下或者期满后为空")
    history: list[EventOut]


class ProofOut(Schema):
    """What a paper with this code must be: its digest, and whether it was voided."""

    code: str
    title: str
    number: str
    agency: str
    made_on: date
    sha256: str
    sm3: str
    voided_at: datetime | None
    void_reason: str = ""
    receipt: str | None = Field(None, description="C2SP tlog-proof 文本；尚未排序时为空")


class CheckpointOut(Schema):
    note: str = Field(description="签名检查点原文（C2SP signed note）；尚未生成时为空")
    size: int
    root: str
    at: datetime | None
    key: str

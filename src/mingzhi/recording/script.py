"""The script card: what to say aloud at the beginning of a recording, and what to watch for (R078–R080)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from mingzhi.catalogue import api as catalogue
from mingzhi.kernel import clock
from mingzhi.organisations.data import BodyRef
from mingzhi.recording import guides, rules
from mingzhi.recording.choices import Element, GuideKind, Mode
from mingzhi.recording.guides import GuideView


@dataclass(frozen=True, slots=True)
class Line:
    """One thing to say. ``ready`` is false where the officer must fill in what the system does not know."""

    element: str
    label: str
    text: str
    ready: bool


@dataclass(frozen=True, slots=True)
class Card:
    """Everything for one act: the lines in order, what the list asks to be seen, wordings, the law."""

    act: str
    label: str
    mode: str
    mode_label: str
    content: str
    citation: str
    statement_citation: str
    hours: int | None
    lines: tuple[Line, ...]
    phrases: tuple[GuideView, ...]
    videos: tuple[GuideView, ...]


def card(
    *,
    body: BodyRef,
    act: str,
    moment: datetime,
    place: str,
    officers: tuple[tuple[str, str], ...],
    cause: str,
) -> Card:
    """The card for an act of a matter. ``officers`` are (name, certificate number). Pure but for the lists.

    Which elements stand on it is the body's norm on that day; where none is in force all six are
    offered as practice and ``statement_citation`` is empty.
    """
    on = clock.local_date(moment)
    rule = catalogue.recording_rule(body=body, act=act, on=on)
    duty = rules.voice_statement(body, on)
    term = rules.upload_term(body, on)
    label = rule.label or act
    asked = duty.elements if duty is not None else tuple(Element.values)
    said = _said(
        body,
        moment,
        place=place,
        officers=officers,
        what=f"{cause or '（案由）'}依法进行{label}",
        focus=rule.content,
    )
    library = guides.guides(body.id, act=act)
    return Card(
        act=act,
        label=label,
        mode=rule.mode,
        mode_label=Mode(rule.mode).label,
        content=rule.content,
        citation=rule.citation,
        statement_citation=duty.citation if duty is not None else "",
        hours=term.hours if term is not None else None,
        lines=tuple(
            Line(element.value, element.label, text, ready)
            for element, (text, ready) in said.items()
            if element in asked
        ),
        phrases=tuple(g for g in library if g.kind == GuideKind.PHRASE),
        videos=tuple(g for g in library if g.kind == GuideKind.VIDEO),
    )


def _said(
    body: BodyRef,
    moment: datetime,
    *,
    place: str,
    officers: tuple[tuple[str, str], ...],
    what: str,
    focus: str,
) -> dict[Element, tuple[str, bool]]:
    """Each element in words, and whether everything in it is known. ``what`` is the act with its cause."""
    when = clock.local(moment)
    named = "、".join(f"{name}（执法证号 {number or '＿＿＿＿'}）" for name, number in officers)
    return {
        Element.TIME: (f"现在是{when.year}年{when.month}月{when.day}日{when.hour}时{when.minute}分。", True),
        Element.PLACE: (f"这里是{place or '（现场地点）'}。", bool(place)),
        Element.OFFICERS: (
            f"我们是{body.name}执法人员{named or '（姓名、执法证号）'}。",
            bool(officers) and all(number for _, number in officers),
        ),
        Element.ACT: (f"现就{what}。", "（案由）" not in what),
        Element.FOCUS: (f"本次摄录的重点是：{focus or '（摄录重点）'}。", bool(focus)),
        Element.NOTICE: ("现告知当事人及现场有关人员：本次执法活动正在进行音像记录。", True),
    }

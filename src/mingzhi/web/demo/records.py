"""Driving published records through the procedure: filed, decided, disclosed — or refused with the reason.

Nothing of a record is repaired in silence. What is missing or contradictory is flagged; what the law
or a gate of the procedure forbids is refused, in the gate's own words. What the case then carries is
the record's own text; the record's number and agency stand in the summary as 来源文书.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.data import ItemView
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import PartyInput
from mingzhi.kernel import clock, identifiers, money
from mingzhi.kernel.errors import MingzhiError
from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.web.demo.drive import Bureau, Drive, Matter
from mingzhi.web.demo.loading import bureau_here
from mingzhi.web.demo.reading import Row, read

REVISED_LAW = date(2021, 7, 15)
"""行政处罚法 as revised in 2021 is in force since this day."""
MATCH_AT_LEAST = 0.34
"""How near an item's name must come to the act (see ``_nearness``) to count as the same matter."""
WORDS_AT_LEAST = 5
"""An act described in fewer two-sign words ("环境污染") says too little to be matched by words."""


@dataclass(slots=True)
class Outcome:
    """What became of one record."""

    rec_id: str
    filed: bool = False
    decided: bool = False
    disclosed: bool = False
    refused: list[dict[str, str]] = field(default_factory=list)
    flags: list[dict[str, str]] = field(default_factory=list)
    case: str = ""
    decision: str = ""

    def flag(self, code: str, sentence: str) -> None:
        if code not in {f["code"] for f in self.flags}:
            self.flags.append({"code": code, "sentence": sentence})

    def refuse(self, code: str, sentence: str) -> None:
        self.refused.append({"code": code, "sentence": sentence})

    def refuse_by(self, error: MingzhiError) -> None:
        """The gate's own reasons, or the error's sentence where it has none."""
        found = [(r.code, r.sentence) for r in error.reasons]
        found += [(f"invalid.{n}", s) for n, all_of in error.fields.items() for s in all_of]
        for code, sentence in found or [(error.code, error.sentence)]:
            self.refuse(code, sentence)

    def plain(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in self.__dataclass_fields__}

    def sentence(self) -> str:
        stage = (
            "已公示" if self.disclosed else "已决定" if self.decided else "已立案" if self.filed else "未立案"
        )
        lines = [f"{self.rec_id} {stage} {self.case} {self.decision}".rstrip()]
        lines += [f"  ✗ {r['sentence']}（{r['code']}）" for r in self.refused]
        lines += [f"  ! {f['sentence']}（{f['code']}）" for f in self.flags]
        return "\n".join(lines)


def drive_file(path: Path, *, profile: str, at: datetime) -> Iterator[Outcome]:
    """Each record of the file in turn, by the people of ``profile``'s bureau; sequenced at the end."""
    bureau = bureau_here(profile, at)
    for row in read(path):
        yield drive_record(row, bureau=bureau, profile=profile, at=at)
    ledger.sequence(at=at)


def drive_record(row: Row, *, bureau: Bureau, profile: str, at: datetime) -> Outcome:
    """One record, as far as it honestly goes."""
    outcome = Outcome(row.rec_id)
    _look(row, outcome, clock.local_date(at))
    party = _party(row, outcome)
    if party is None:
        return outcome
    start = _starts(row, outcome)
    if start is None:
        return outcome
    if start < REVISED_LAW:
        outcome.flag("law.before_2021", "当时适用修订前的行政处罚法，本系统的程序规则自 2021-07-15 起收录")
    item = _item(row, start, outcome)
    if item is None:
        return outcome
    if item.valid_to is not None and item.valid_to <= clock.local_date(at):
        outcome.flag(
            "law.repealed", f"{item.basis_text}已于 {item.valid_to} 废止，行为时有效，按行为时的事项办理"
        )
    if item.field != catalogue.profile(profile).field:
        outcome.flag("record.other_field", "事项不属于本机关所在执法领域，仅作程序演练")
    if item.unverified:
        outcome.flag("item.unverified", f"事项“{item.name}”的依据未见原文，待核实")
    fine = _amount(row, item, party, start, outcome)
    matter = _matter(row, item, party, start, fine)
    case = Drive(bureau, matter, clock.at_local(start, 9))
    case.working_day()
    if _already(bureau.body_id, matter, case):
        outcome.flag("record.already", "该记录此前已经装入，没有重复办理")
        return outcome
    try:
        _drive(row, case, fine, outcome)
    except MingzhiError as error:
        outcome.refuse_by(error)
    if case.dossier is not None:
        outcome.case = case.dossier.number
    return outcome


# --- what the record itself shows -----------------------------------------------------------------


def _earliest_year(row: Row) -> int:
    """The earliest year the decision may be of: its own, or that of two months before the publication."""
    if row.decided is not None:
        return row.decided.year
    return (row.last_known - timedelta(days=60)).year if row.last_known else 0


def _look(row: Row, outcome: Outcome, today: date) -> None:
    """Defects that can be seen on the record without driving it."""
    known = row.last_known
    if row.number:
        year = re.search(r"〔(\d{4})〕", row.number)
        if "﹝" in row.number or "﹞" in row.number or re.search(r"[\[［(（]\d{4}[\]］)）]", row.number):
            outcome.flag("number.brackets", f"文号“{row.number}”的年份未用六角括号〔〕")
        elif year is None:
            outcome.flag("number.no_year", f"文号“{row.number}”没有〔年份〕")
        elif known is not None and not (_earliest_year(row) <= int(year[1]) <= known.year):
            outcome.flag("number.year", f"文号年份 {year[1]} 与决定（公开）年份 {known.year} 不一致")
    else:
        outcome.flag("number.none", "原记录未载明决定书文号")
    if "①" in row.facts or "等三项" in row.violation:
        outcome.flag("record.several_acts", "一案载有多个违法行为，应当分别认定、分别裁量")
    _look_dates(row, outcome, today)
    if "脱敏失败" in row.other:
        outcome.flag("privacy.leak", "原公开文本有个人信息未隐去，本系统公示时一律隐去")


def _look_dates(row: Row, outcome: Outcome, today: date) -> None:
    """Whether notice, decision and publication stand in order and in time, as far as the record tells,
    measured by the national terms in force ``today``."""
    decided = row.decided or row.closed
    if decided and row.published and decided <= row.published:
        days = deadlines.working_days_between(decided, row.published)
        within = catalogue.term("publication.term.licence_penalty", body=None, on=today)
        if days > within.n:
            outcome.flag("publication.late", f"原记录自决定至公开 {days} 个工作日，超过 {within.n} 个工作日")
    if row.decided is None:
        outcome.flag("date.decision_unknown", "原记录未载明决定日期，按程序推定")
    elif "送达" in row.decided_text:
        outcome.flag("date.decision_is_service", "原记录只载明送达日期，以其为决定日期")
    notice, latest = row.notified, row.decided or row.published
    if notice is not None and latest is not None and row.fined:
        due = deadlines.due(notice, catalogue.term("penalty.term.statement", body=None, on=today)).on
        if notice > latest:
            outcome.flag("order.notice_after", f"告知（{notice}）晚于决定或者公开（{latest}）")
        elif latest <= due and "放弃" not in row.other:
            outcome.refuse(
                "G7.period", f"{notice} 告知，陈述申辩期限至 {due}，原决定不晚于 {latest}，期限未满即作出决定"
            )


def _party(row: Row, outcome: Outcome) -> PartyInput | None:
    kind = row.party_kind
    if not kind:
        outcome.refuse("record.batch", f"当事人为“{row.party_type}”，一案一当事人，不能批量立案")
        return None
    code, note = "", ""
    if kind != "natural":
        try:
            code = identifiers.credit_code(row.code) if row.code else ""
        except ValueError:
            masked = "*" in row.code
            note = "原记录统一社会信用代码已打码" if masked else f"原记录统一社会信用代码有误：{row.code}"
            outcome.flag("party.code_masked" if masked else "party.code_invalid", note)
        if not row.code:
            note = "原记录未载明统一社会信用代码"
            outcome.flag("party.code_missing", note)
    standard = ""
    if kind == "household":
        standard = "organisation"
        outcome.flag("party.standard", "个体工商户须确定适用标准，暂按组织适用，待核实")
    return PartyInput(
        kind=kind,
        name=row.party_name,
        credit_code=code,
        code_note=note,
        standard=standard,
        address="原记录未载明",
    )


def _starts(row: Row, outcome: Outcome) -> date | None:
    """The day the case begins: the filing, else the act, else some weeks before what is known."""
    if row.spot and (row.decided or row.filed):
        day = row.decided or row.filed
        if row.filed and row.decided and row.filed != row.decided:
            outcome.flag("spot.days", f"当场处罚应当当场作出，原记录立案 {row.filed}、决定 {row.decided}")
        return day
    if row.filed:
        return row.filed
    outcome.flag("date.filing_unknown", "原记录未载明立案日期，按程序推定")
    if row.acted:
        return row.acted
    if row.last_known:
        return row.last_known - timedelta(days=45)
    written = re.search(r"(20\d\d)", row.number) or re.search(r"(20\d\d)", row.published_text + row.facts)
    if written is None:
        outcome.refuse("date.none", "原记录没有任何日期，不能确定适用的法律和程序")
        return None
    outcome.flag("date.year_only", f"原记录只能看出年份 {written[1]}，日期按年中推定")
    return date(int(written[1]), 6, 3)


def _pairs(text: str) -> set[str]:
    """Overlapping two-sign words of a text, without the words every item's name holds."""
    text = re.sub(r"[^\u4e00-\u9fff]", "", re.sub(r"^对|的处罚.*$|\(.*?\)|（.*?）", "", text))
    return {text[i : i + 2] for i in range(len(text) - 1)}


def _nearness(row: Row, item: ItemView) -> float:
    """How much the act and the item's name say the same: twice the shared words over all words of both."""
    wanted, named = _pairs(row.violation), _pairs(item.name)
    return 2 * len(wanted & named) / (len(wanted) + len(named)) if wanted and named else 0.0


def _item(row: Row, on: date, outcome: Outcome) -> ItemView | None:
    """The power item of the act: by the provision applied, by that violated, by the words of the act."""
    for text in (row.basis, row.violated):
        found = [i for i in catalogue.items_by_basis(text, on=on) if i.act_type == "行政处罚"] if text else []
        if found:
            best = max(found, key=lambda i: _nearness(row, i))
            if len(found) > 1:
                outcome.flag(
                    "item.several", f"所引条文对应 {len(found)} 个事项，按违法行为选定“{best.name}”，待核实"
                )
            return best
    penal = [i for i in catalogue.items(on=on) if i.act_type == "行政处罚"]
    cited = row.basis or row.violated
    law = re.split("第|;|；", cited)[0].strip("《》同") if cited else ""
    same_law = [i for i in penal if law and any(law in c.title for c in i.basis)]
    for circle, at_least in ((same_law, MATCH_AT_LEAST / 2), (penal, MATCH_AT_LEAST)):
        best = max(circle, key=lambda i: _nearness(row, i), default=None)  # type: ignore[assignment]
        told_enough = len(_pairs(row.violation)) >= WORDS_AT_LEAST
        if best is not None and told_enough and _nearness(row, best) >= at_least:
            outcome.flag("item.by_words", f"按违法行为匹配事项“{best.name}”，待核实")
            return best
    why = "原记录未见法律依据" if not cited else f"依据“{cited}”未对应到目录中的事项"
    outcome.refuse(
        "PEN-47.no_item", f"{why}，违法行为“{row.violation}”在 {on} 的事项目录中没有相符事项，不能立案"
    )
    return None


def _amount(row: Row, item: ItemView, party: PartyInput, on: date, outcome: Outcome) -> str:
    """The fine in yuan; the lower end of the item's range where the record shows none; empty if there is none."""
    if not row.fined:
        return ""
    if row.amount:
        return row.amount
    outcome.flag("amount.unknown", "原记录未见罚款金额")
    facts: dict[str, Any] = {"party_kind": "natural" if party.kind == "natural" else "organisation"}
    if row.base_yuan:
        facts["base_fen"] = money.fen(row.base_yuan)
    lows = [
        f.low
        for f in item.fines
        if f.kind in ("range", "fixed") and f.party in ("any", facts["party_kind"]) and f.low
    ]
    if lows:
        outcome.flag("amount.lower_end", f"以法定幅度下限 {money.yuan(min(lows))} 元代入，仅作程序演练")
        return money.yuan(min(lows)).replace(",", "")
    outcome.refuse("amount.none", "原记录未见罚款金额，该事项也没有可代入的法定下限，不能形成处罚决定")
    return ""


# --- driving --------------------------------------------------------------------------------------------


def _padded(text: str, at_least: int = 10) -> str:
    return text if len(text) >= at_least else f"{text}（原记录所载违法事实）"


def _matter(row: Row, item: ItemView, party: PartyInput, start: date, fine: str) -> Matter:
    source = f"来源文书：{row.agency}{'　' + row.number if row.number else '（未载明文号）'}"
    acted = min(row.acted or start, start)
    found = _padded(row.facts or row.violation)
    act = re.sub(r"[(（].*?[)）]", "", row.violation).strip("案")
    return Matter(
        cause=f"涉嫌{act}案",
        item_code=item.code,
        summary=f"{_padded(row.violation)}。{source}。",
        place="原记录未载明",
        act_on=acted,
        party=party,
        facts_found=f"{row.violation}。{found}",
        evidence_summary="原记录所列证据材料。",
        law_violated=row.violated or item.basis_text,
        law_basis=row.basis or item.basis_text,
        reasons=_padded(row.discretion or "原记录未载明裁量理由，按违法事实、性质、情节和社会危害程度裁量。"),
        fine_yuan=fine or "0",
        source="other",
        flags={},
        report={"base_yuan": row.base_yuan} if row.base_yuan else {},
    )


def _already(body_id: int, matter: Matter, case: Drive) -> bool:
    morning = clock.at_local(clock.local_date(case.at))
    return dossiers.Dossier.objects.filter(
        body_id=body_id,
        party_name=matter.party.name,
        title=matter.cause,
        item_code=matter.item_code,
        opened_at__gte=morning,
        opened_at__lt=morning + timedelta(days=1),
    ).exists()


def _drive(row: Row, case: Drive, fine: str, outcome: Outcome) -> None:
    if row.spot:
        case.open("penalty.summary", clue_id=case.clue())
        outcome.filed = True
        case.spot()
        outcome.decided = True
    else:
        case.file()
        outcome.filed = True
        case.investigate()
        if not row.fined:
            outcome.refuse(
                "PEN-48.correction",
                f"“{row.kind}”不是行政处罚种类（行政处罚法第九条），已责令改正，不作出处罚决定",
            )
            return
        if not fine or any(r["code"] == "G7.period" for r in outcome.refused):
            return
        case.conclude()
        _decide(row, case, outcome)
        outcome.decided = True
    paper = next((p for p in reversed(documents.papers(case.id)) if p.template in ("P18", "P20")), None)
    outcome.decision = (paper.number or "") if paper else ""
    if row.decided and clock.local_date(case.at) > row.decided:
        outcome.flag(
            "date.too_quick",
            f"按程序最早 {clock.local_date(case.at)} 方可决定，晚于原记录的决定日期 {row.decided}",
        )
    case.wait(days=1)
    case.disclose()
    outcome.disclosed = any(d.state == "published" for d in publication.disclosure_status(case.id))
    if not row.spot:
        case.serve("P18", "decision_serve")


def _decide(row: Row, case: Drive, outcome: Outcome) -> None:
    """Notice, what the party said as far as the record tells, review and discussion, decision."""
    if "放弃" in row.other:
        statement = "waived"
    elif "申辩" in row.discretion or "申辩" in row.other:
        statement = "written"
        outcome.flag("statement.assumed", "原记录载有申辩情况，内容未见")
    else:
        statement = "silent"
        outcome.flag("statement.unknown", "原记录未载明陈述申辩情况，按期限届满未陈述办理")
    if row.notified and row.notified > clock.local_date(case.at):
        case.until(row.notified, 9)
    before = row.decided - timedelta(days=16) if row.decided else None
    if before and before > clock.local_date(case.at):
        case.until(before, 9)
        case.working_day()
    case.to_decision(statement=statement)

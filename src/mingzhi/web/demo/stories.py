"""The stories that the demonstration tells: one function for each stage a matter can stand in.

Each drives a case from its clue to that stage. ``FIRST`` shows every stage once; what comes after
``FIRST`` is the mix of an ordinary year (``MIX``), in which most matters are closed.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from mingzhi.kernel import clock
from mingzhi.publication import api as publication
from mingzhi.web.demo.drive import Drive

Tale = Callable[[Drive], None]


@dataclass(frozen=True, slots=True)
class Story:
    """``back``: how many days ago it begins; ``wanted``: what kind of matter it needs."""

    name: str
    back: int
    tell: Tale
    wanted: str = ""
    procedure: str = "penalty.ordinary"


# --- up to the report ----------------------------------------------------------------------


def _new(case: Drive) -> None:
    case.open(clue_id=case.clue())


def _pending(case: Drive) -> None:
    case.file(approve=False)


def _sent_back(case: Drive) -> None:
    case.file(approve=False)
    case.wait(days=1)
    case.step("file_return", "leader", reason="请补充当事人主体资格材料后再报。")


def _not_filed(case: Drive) -> None:
    case.file(approve=False)
    case.wait(days=1)
    case.step("file_refuse", "leader", reason="违法行为轻微并已当场改正，没有造成危害后果，不予立案。")


def _fresh(case: Drive) -> None:
    case.file()


def _evidence(case: Drive) -> None:
    case.file()
    case.investigate()


def _reported(case: Drive) -> None:
    _evidence(case)
    case.conclude(check=False)


# --- legal review ------------------------------------------------------------------------------


def _complex(case: Drive) -> None:
    case.matter.flags["complex"] = True
    _evidence(case)
    case.conclude()
    case.notify()


def _review_submitted(case: Drive) -> None:
    _complex(case)
    case.review_submit()


def _review_accepted(case: Drive) -> None:
    _review_submitted(case)
    case.review_accept()


def _review_returned(case: Drive) -> None:
    _review_submitted(case)
    case.wait(hours=3)
    case.step("review_return", "reviewhead", missing="请补充现场检查的全程录像和当事人授权委托材料。")


def _review_revise(case: Drive) -> None:
    _complex(case)
    case.review(kind="revise", text="违法事实清楚，但裁量理由未对照裁量基准逐项说明，建议补充后再报。")


def _review_disputed(case: Drive) -> None:
    _review_revise(case)
    case.wait(days=1)
    case.step(
        "review_dissent",
        case.head,
        text="调查终结报告已对照裁量基准说明了适用阶次和理由，建议维持原处理意见。",
    )


def _review_passed(case: Drive) -> None:
    _complex(case)
    case.review()


# --- notice and hearing ---------------------------------------------------------------------------


def _notice_waiting(case: Drive) -> None:
    _evidence(case)
    case.conclude()
    case.step("notify", case.lead, contact="承办人 0000-0000000")
    case.serve("P13H" if case.hearing_possible() else "P13", "notice_serve")


def _hearing_arranged(case: Drive) -> None:
    _evidence(case)
    case.conclude()
    case.hearing_arrange()


def _hearing_held(case: Drive) -> None:
    _evidence(case)
    case.conclude()
    case.hearing_hold(case.hearing_arrange())


# --- decided -------------------------------------------------------------------------------------------


def _decide(case: Drive, *, statement: str = "waived", hearing: bool = False) -> None:
    _evidence(case)
    case.conclude()
    case.to_decision(statement=statement, hearing=hearing)


def _decided(case: Drive) -> None:
    _decide(case)


def _served(case: Drive) -> None:
    _decide(case, statement="written")
    case.disclose(check=False, publish=False)
    case.serve("P18", "decision_serve")


def _served_by_mail(case: Drive) -> None:
    _decide(case)
    case.disclose(publish=False)
    case.serve("P18", "decision_serve", mode="mail")


def _returned_by_checker(case: Drive) -> None:
    _decide(case)
    case.serve("P18", "decision_serve")
    number = case.disclose(check=False, publish=False)
    if number is not None:
        publication.disclosure_return(
            disclosure_id=number,
            reason="公示摘要过于简略，请补充违法事实要点。",
            by=case.by("checker"),
            at=case.at,
        )


def _forgotten_disclosure(case: Drive) -> None:
    """Decided and served; nobody collected the disclosure, and its time ran out."""
    _decide(case, statement="silent")
    case.serve("P18", "decision_serve", mode="leave")


def _partly_paid(case: Drive) -> None:
    _decide(case)
    case.serve("P18", "decision_serve")
    case.disclose()
    case.pay(share=2)


def _deferred(case: Drive) -> None:
    _decide(case)
    case.serve("P18", "decision_serve")
    case.disclose()
    case.wait(days=4)
    until = clock.local_date(case.at) + timedelta(days=90)
    case.step(
        "defer_apply",
        case.lead,
        kind="defer",
        reason="近期经营困难，资金周转不足，申请延期缴纳。",
        until=until.isoformat(),
    )
    case.wait(days=1)
    case.step(
        "defer_decide", "leader", approved=True, until=until.isoformat(), reason="确有经济困难，同意延期。"
    )


def _demanded(case: Drive) -> None:
    _decide(case)
    case.serve("P18", "decision_serve")
    case.disclose()
    case.wait(days=28)
    case.step("demand", case.lead, contact="承办人 0000-0000000")
    case.serve("P24", "paper_serve")


def _closing(case: Drive) -> None:
    _decide(case)
    case.disclose()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close(approve=False)


def _closed(case: Drive) -> None:
    _decide(case, statement="waived" if case.at.day % 3 else "oral")
    case.serve("P18", "decision_serve")
    case.disclose()
    case.pay()
    case.close()


def _archived(case: Drive) -> None:
    _closed(case)
    case.wait(days=5)
    case.step("archive", "archivist", importance="important")


def _heard_and_closed(case: Drive) -> None:
    _decide(case, hearing=True)
    case.disclose()
    case.serve("P18", "decision_serve")
    case.pay()
    case.close()


def _corrected(case: Drive) -> None:
    _decide(case)
    number = case.disclose()
    case.serve("P18", "decision_serve")
    case.pay()
    if number is not None:
        publication.disclosure_correct(
            disclosure_id=number,
            reason="公示摘要中路段名称有误，予以更正。",
            by=case.by("collector"),
            at=case.at,
        )
        case.wait(hours=1)
        case.disclose(summary=f"{case.matter.cause.removeprefix('涉嫌').removesuffix('案')}（更正路段名称）")
    case.close()


def _minor(case: Drive) -> None:
    """The party is sixteen: lighter, and withheld from the public."""
    _decide(case)
    status = publication.disclosure_status(case.id)
    if status and status[-1].state == "withheld":
        publication.disclosure_withhold_decide(
            disclosure_id=status[-1].id, approve=True, by=case.by("checker"), at=case.at
        )
    case.serve("P18", "decision_serve")
    case.pay()


# --- other ends ---------------------------------------------------------------------------------------


def _spare(case: Drive) -> None:
    case.matter.outcome, case.matter.spared_because = "spared", "minor"
    _evidence(case)
    case.conclude(no_correction_reason="当事人已当场改正违法行为")
    case.decide()


def _spared_closed(case: Drive) -> None:
    _spare(case)
    case.serve("P19", "decision_serve")
    case.close()


def _transferred(case: Drive) -> None:
    _evidence(case)
    case.step(
        "transfer",
        "leader",
        to="有管辖权的公安机关",
        crime=True,
        reason="经调查，当事人的行为涉嫌犯罪，依法应当移送公安机关处理。",
        annexes="案件调查报告、涉案物品清单、有关证据材料",
    )


def _withdrawn(case: Drive) -> None:
    case.file()
    case.wait(days=3)
    case.step("withdraw", "leader", reason="经调查，违法主体认定错误，撤销立案。")


def _annul(case: Drive) -> None:
    _decide(case)
    number = case.disclose()
    case.serve("P18", "decision_serve")
    case.wait(days=12)
    case.step(
        "annul",
        "leader",
        by_whom="reconsideration",
        how="revoked",
        number=f"示例府行复〔{case.at.year}〕{case.id}号",
        on=case.day,
        reason="主要事实不清、证据不足，行政复议决定撤销原处罚决定，责令重新作出处理。",
    )
    if number is not None:
        case.wait(hours=2)
        publication.disclosure_withdraw(
            disclosure_id=number,
            reason="原行政处罚决定经行政复议被撤销。",
            basis="行政处罚法第四十八条第二款",
            by=case.by("publisher"),
            at=case.at,
        )


def _reopened(case: Drive) -> None:
    _annul(case)
    case.wait(days=2)
    case.step("reopen", "leader", reason="依据行政复议决定，重新调查处理。")


# --- on the spot ------------------------------------------------------------------------------------------


def _spot_new(case: Drive) -> None:
    case.open("penalty.summary")


def _spot_refused(case: Drive) -> None:
    case.open("penalty.summary")
    case.step("to_ordinary", case.lead, reason="当事人对事实有异议，需进一步调查，不适用简易程序。")


def _spot_decided(case: Drive) -> None:
    case.open("penalty.summary")
    case.spot()


def _spot_paid(case: Drive) -> None:
    _spot_decided(case)
    case.wait(hours=4)
    case.step("record_file", case.head, filed_on=case.day)
    case.disclose()
    case.pay()


def _spot_closed(case: Drive) -> None:
    _spot_paid(case)
    case.wait(hours=3)
    case.step("close", case.head, kind="performed", detail="罚款已缴清，予以结案。")


def _spot_archived(case: Drive) -> None:
    _spot_closed(case)
    case.wait(days=5)
    case.step("archive", "archivist", importance="general")


def _spot_annulled(case: Drive) -> None:
    _spot_decided(case)
    case.wait(days=3)
    case.step(
        "annul",
        "leader",
        by_whom="self",
        how="revoked",
        number=f"示例自纠〔{case.at.year}〕{case.id}号",
        on=case.day,
        reason="复查发现当事人主体认定有误，本机关自行撤销。",
    )


SPOT = "penalty.summary"
FIRST: tuple[Story, ...] = (
    Story("archived", 120, _archived),
    Story("fresh", 3, _fresh),
    Story("evidence", 12, _evidence),
    Story("pending", 2, _pending),
    Story("review submitted", 17, _review_submitted),
    Story("review accepted", 19, _review_accepted),
    Story("notice waiting", 10, _notice_waiting),
    Story("hearing arranged", 14, _hearing_arranged, wanted="heavy"),
    Story("decided", 14, _decided),
    Story("served", 18, _served),
    Story("demanded", 82, _demanded),
    Story("spot decided", 1, _spot_decided, wanted="spot", procedure=SPOT),
    Story("new", 1, _new),
    Story("reported", 12, _reported),
    Story("past day 60", 66, _evidence),
    Story("past day 75", 81, _evidence),
    Story("overdue", 104, _evidence),
    Story("review returned", 19, _review_returned),
    Story("review revise", 20, _review_revise),
    Story("review disputed", 22, _review_disputed),
    Story("review passed", 20, _review_passed),
    Story("hearing held", 36, _hearing_held, wanted="heavy"),
    Story("served by mail", 18, _served_by_mail),
    Story("returned by checker", 19, _returned_by_checker),
    Story("forgotten disclosure", 55, _forgotten_disclosure),
    Story("partly paid", 24, _partly_paid),
    Story("closing", 26, _closing),
    Story("corrected", 60, _corrected),
    Story("minor", 40, _minor, wanted="minor"),
    Story("spared", 12, _spare),
    Story("transferred", 45, _transferred),
    Story("withdrawn", 50, _withdrawn),
    Story("annulled", 60, _annul),
    Story("reopened", 75, _reopened),
    Story("not filed", 30, _not_filed),
    Story("spot archived", 60, _spot_archived, wanted="spot", procedure=SPOT),
    Story("spot annulled", 20, _spot_annulled, wanted="spot", procedure=SPOT),
    Story("spot refused", 8, _spot_refused, wanted="spot", procedure=SPOT),
    Story("spot new", 1, _spot_new, wanted="spot", procedure=SPOT),
    Story("spot closed", 30, _spot_closed, wanted="spot", procedure=SPOT),
)
"""Every stage once; the first dozen are the most telling, for small numbers."""

REST: tuple[Story, ...] = (
    Story("closed", 70, _closed),
    Story("heard and closed", 75, _heard_and_closed, wanted="heavy"),
    Story("spared and closed", 60, _spared_closed),
    Story("sent back", 4, _sent_back),
    Story("deferred", 45, _deferred),
)

_BY_NAME = {s.name: s for s in (*FIRST, *REST)}
MIX: tuple[Story, ...] = tuple(
    _BY_NAME[name]
    for name in (
        "spot closed", "archived", "fresh", "spot archived", "closed", "evidence", "spot closed", "archived",
        "spared and closed", "spot archived", "served", "archived", "spot closed", "not filed", "closed", "spot new",
        "archived", "deferred", "spot archived", "notice waiting", "spot closed", "heard and closed", "sent back", "partly paid",
    )
)  # fmt: skip


def story_of(serial: int) -> Story:
    """The story of the ``serial``-th case (from 0): first every stage once, then the ordinary mix."""
    return FIRST[serial] if serial < len(FIRST) else MIX[(serial - len(FIRST)) % len(MIX)]


def begins(story: Story, serial: int, seed: int) -> int:
    """How many days ago this telling begins: older stories are spread over the last months."""
    spread = 60 if story.back >= 26 and serial >= len(FIRST) else 2
    return story.back + (serial * 7 + seed) % spread

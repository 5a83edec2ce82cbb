"""The review unit's demonstration: two advisers, a joint decision on its way, and a question answered."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from mingzhi.cases import api as cases
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.web.demo.cast import Bureau, made_picture

DAYS_BACK = 12
TITLE = "关于共同责令某某公司限期清除河道管理范围内堆放物的事项"

ACTS = (
    ("行政强制", ("approval", "行政强制审批材料")),
    ("行政处罚", ("report", "调查终结报告")),
)
"""The kind of act that the bureau's own document names, and the material it needs."""


def furnish(bureau: Bureau, at: datetime) -> None:
    """Once per bureau, in the caller's transaction."""
    if dossiers.Dossier.objects.filter(
        body_id=bureau.body_id, procedure__in=cases.MATTER_PROCEDURES
    ).exists():
        return
    began = clock.at_local(_working_day(clock.local_date(at) - timedelta(days=DAYS_BACK)), 9)
    _advisers(bureau, began)
    Joint(bureau, began).tell()


def _working_day(day: date) -> date:
    while not deadlines.is_working_day(day):
        day -= timedelta(days=1)
    return day


def _advisers(bureau: Bureau, at: datetime) -> None:
    """A law firm's counsel of the own body, and a neighbour's public lawyer whom both may ask."""
    year = clock.local_date(at).year
    for who, by, kind, employer, shared in (
        ("adviser", "reviewhead", "counsel", "示例律师事务所", False),
        ("otheradviser", "otherreviewhead", "public_lawyer", "示例公职律师办公室", True),
    ):
        review.adviser_register(
            person_id=bureau.person(who, at),
            kind=kind,
            employer=employer,
            licence=f"示例执业证{year}",
            fields="行政处罚、行政强制",
            term_from=date(year, 1, 1),
            term_until=date(year + 1, 12, 31),
            shared=shared,
            by=bureau.actor(by, at),
            at=at,
        )


class Joint:
    """A decision of two bodies: one review agreed, the other is under way with an adviser's opinion beside it."""

    def __init__(self, bureau: Bureau, at: datetime) -> None:
        self.bureau, self.at, self.serial = bureau, at, 0

    def step(self, dossier_id: int, verb: str, who: str, **facts: Any) -> None:
        by = self.bureau.actor(who, self.at)
        procedures.advance(dossier_id, verb, by=by, at=self.at, facts=facts)
        self.at += timedelta(minutes=35)

    def paper(self, dossier_id: int, title: str) -> int:
        self.serial += 1
        stored = files.put_bytes(
            made_picture(dossier_id, self.serial), name=f"{title}.png", media_type="image/png", at=self.at
        )
        recording.deposit(
            dossier_id=dossier_id, kind="evidence", file_id=stored.id, evidence_kind="document", title=title,
            by=self.bureau.actor("officer1", self.at), at=self.at,
        )  # fmt: skip
        return stored.id

    def options(self, dossier_id: int, verb: str, who: str, name: str) -> list[str]:
        by = self.bureau.actor(who, self.at)
        ctx = procedures.form_context(dossiers.access_dossier(by, dossier_id), verb, by=by, at=self.at)
        return [code for code, _ in procedures.options_for(name, ctx)]

    def prepared(self) -> int:
        """Registered with its materials and agreed by the unit: ready to be sent to both bodies."""
        matter = cases.matter_open(title=TITLE, by=self.bureau.actor("officer1", self.at), at=self.at)
        own = matter.pk
        known = self.options(own, "register", "officer1", "act_types")
        act, file = next((a, f) for a, f in ACTS if a in known)
        self.step(
            own, "register", "officer1", act_type=act, in_name="joint",
            partners=self.options(own, "register", "officer1", "partner_units")[:1],
            party_kind="organisation", party="示例建材有限公司", amount_yuan="0",
            summary="当事人在河道管理范围内堆放建筑材料，经责令逾期未清除，影响行洪。",
            basis="《中华人民共和国行政强制法》第五十二条",
            proposal="由两机关共同责令三日内清除，逾期立即实施代履行。", major_rights=True,
            draft=[self.paper(own, "拟作出的决定书文本")],
        )  # fmt: skip
        for kind, title in (("evidence", "现场检查笔录和照片"), file):
            self.step(own, "material", "officer1", material=kind, files=[self.paper(own, title)])
        self.step(own, "unit_check", "head", opinion="事实清楚，同意送审。")
        return own

    def submit(self, own: int) -> None:
        self.step(
            own, "review_submit", "officer1",
            materials=self.options(own, "review_submit", "officer1", "matter_materials"),
            statement="基本事实、法律依据和办理程序详见所附材料，请予审核。", truthful=True,
        )  # fmt: skip

    def tell(self) -> None:
        own = self.prepared()
        self.submit(own)
        (seat,) = review.review_standing(own).seats
        self.accept(own, "reviewhead", "reviewer")
        self.accept(seat.own_id, "otherreviewhead", "otherreviewer")
        self.consult(own)
        self.agree(seat.own_id, "otherreviewer")

    def agree(self, dossier_id: int, who: str) -> None:
        codes = self.options(dossier_id, "review_opine", who, "matter_checks")
        self.step(
            dossier_id, "review_opine", who, kind="agree",
            checks=[{"code": code, "result": "pass", "note": ""} for code in codes],
            text="事实清楚，程序合法，同意拟作出的决定。",
        )  # fmt: skip

    def accept(self, dossier_id: int, head: str, reviewer: str) -> None:
        self.step(dossier_id, "review_accept", head, reviewer=self.bureau.person(reviewer, self.at))

    def consult(self, dossier_id: int) -> None:
        by = self.bureau.actor("reviewer", self.at)
        on = clock.local_date(self.at)
        shared = next(a for a in review.adviser_pool(by, on) if a.shared)
        asked = review.advice_ask(
            dossier_id=dossier_id, adviser_id=shared.id,
            question="本事项能否适用立即实施代履行，是否还须催告？", by=by, at=self.at,
        )  # fmt: skip
        self.at += timedelta(hours=1)
        review.advice_give(
            consultation_id=asked, recused=False,
            text="堆放物影响行洪，属于需要立即清除的情形，当事人不能清除的可以立即实施代履行；建议补充说明紧急情况。",
            by=self.bureau.actor("otheradviser", self.at), at=self.at,
        )  # fmt: skip

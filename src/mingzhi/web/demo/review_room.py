"""The review unit's demonstration: two advisers, a joint decision on its way with a question answered, and a
decision of its own that was made and disclosed."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from mingzhi.cases import api as cases
from mingzhi.deadlines import api as deadlines
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import PartyInput
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.recording import api as recording
from mingzhi.review import api as review
from mingzhi.web.demo.cast import Bureau, made_picture
from mingzhi.web.demo.matters import credit_code

DAYS_BACK = 12
TITLE = "关于共同责令某某公司限期清除河道管理范围内堆放物的事项"

PARTY = "示例建材有限公司"
OWN_TITLE = "关于某某公司临时占用示例路的事项"
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
    Own(bureau, began).tell()


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


class Course:
    """A matter through its steps, each taken by whose step it is, a little after the one before."""

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

    def submit(self, own: int) -> None:
        self.step(
            own, "review_submit", "officer1",
            materials=self.options(own, "review_submit", "officer1", "matter_materials"),
            statement="基本事实、法律依据和办理程序详见所附材料，请予审核。", truthful=True,
        )  # fmt: skip

    def agree(self, dossier_id: int, who: str) -> None:
        codes = self.options(dossier_id, "review_opine", who, "matter_checks")
        self.step(
            dossier_id, "review_opine", who, kind="agree",
            checks=[{"code": code, "result": "pass", "note": ""} for code in codes],
            text="事实清楚，程序合法，同意拟作出的决定。",
        )  # fmt: skip

    def accept(self, dossier_id: int, head: str, reviewer: str) -> None:
        self.step(dossier_id, "review_accept", head, reviewer=self.bureau.person(reviewer, self.at))

    def opened(self, title: str, party: PartyInput | None) -> int:
        by = self.bureau.actor("officer1", self.at)
        return cases.matter_open(title=title, party=party, by=by, at=self.at).pk


def a_company(bureau: Bureau, name: str, serial: int) -> PartyInput:
    """An invented company of the bureau's place."""
    region = organisations.body(bureau.body_id).region_code
    return PartyInput(
        kind="legal",
        name=name,
        credit_code=credit_code(region, serial),
        representative="林某某",
        address=f"示例路 {serial} 号",
        phone=f"1390000{serial:04d}",
    )


class Joint(Course):
    """A decision of two bodies: one review agreed, the other is under way with an adviser's opinion beside it."""

    def prepared(self) -> int:
        """Registered with its materials and agreed by the unit: ready to be sent to both bodies."""
        own = self.opened(TITLE, a_company(self.bureau, PARTY, 1))
        known = self.options(own, "register", "officer1", "act_types")
        act, file = next((a, f) for a, f in ACTS if a in known)
        self.step(
            own, "register", "officer1", act_type=act, in_name="joint",
            partners=self.options(own, "register", "officer1", "partner_units")[:1],
            party_kind="organisation", party=PARTY, amount_yuan="0",
            summary="当事人在河道管理范围内堆放建筑材料，经责令逾期未清除，影响行洪。",
            basis="《中华人民共和国行政强制法》第五十二条",
            proposal="由两机关共同责令三日内清除，逾期立即实施代履行。", major_rights=True,
            draft=[self.paper(own, "拟作出的决定书文本")],
        )  # fmt: skip
        for kind, title in (("evidence", "现场检查笔录和照片"), file):
            self.step(own, "material", "officer1", material=kind, files=[self.paper(own, title)])
        self.step(own, "unit_check", "head", opinion="事实清楚，同意送审。")
        return own

    def tell(self) -> None:
        own = self.prepared()
        self.submit(own)
        (seat,) = review.review_standing(own).seats
        self.accept(own, "reviewhead", "reviewer")
        self.accept(seat.own_id, "otherreviewhead", "otherreviewer")
        self.consult(own)
        self.agree(seat.own_id, "otherreviewer")

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


class Own(Course):
    """A decision in the bureau's own name, from its registration to the public page (docs/decisions/0029)."""

    def registered(self, title: str, holder: PartyInput | None, **facts: Any) -> int:
        """Opened with its party in the register, and registered as ``facts`` say."""
        own = self.opened(title, holder)
        natural = holder is not None and holder.kind == "natural"
        given: dict[str, Any] = {
            "in_name": "own",
            "party_kind": "none" if holder is None else "natural" if natural else "organisation",
            "party": holder.name if holder is not None else "",
            "draft": [self.paper(own, "拟作出的决定书文本")],
        }
        self.step(own, "register", "officer1", **{**given, **facts})
        return own

    def reviewed(self, own: int) -> None:
        """With its materials, agreed by the unit and by the reviewer: ready to be decided."""
        for kind in self.options(own, "material", "officer1", "matter_material_kinds"):
            self.step(own, "material", "officer1", material=kind, files=[self.paper(own, kind)])
        self.step(own, "unit_check", "head", opinion="事实清楚，同意送审。")
        self.submit(own)
        self.accept(own, "reviewhead", "reviewer")
        self.agree(own, "reviewer")

    def apply(self, own: int, days: int = 5) -> None:
        """The permit was applied for so many days before, and accepted the day after."""
        applied = clock.local_date(self.at) - timedelta(days=days)
        self.step(
            own, "apply", "officer1", accepted="accepted", applied_on=applied.isoformat(),
            accepted_on=(applied + timedelta(days=1)).isoformat(),
        )  # fmt: skip

    def decide(self, own: int, number: str, **facts: Any) -> None:
        on = clock.local_date(self.at).isoformat()
        self.step(own, "matter_decide", "leader", decided_on=on, number=number, opinion="同意。", **facts)

    def disclose(self, own: int) -> int:
        """Collected, checked by a second person, published by a third."""
        found: int = publication.disclosure_status(own)[-1].id
        for act, who in (
            (publication.disclosure_collect, "collector"),
            (publication.disclosure_check, "checker"),
            (publication.disclosure_publish, "publisher"),
        ):
            act(disclosure_id=found, by=self.bureau.actor(who, self.at), at=self.at)
            self.at += timedelta(minutes=20)
        return found

    def tell(self) -> None:
        body = organisations.body(self.bureau.body_id)
        year = clock.local_date(self.at).year
        company = a_company(self.bureau, "示例桥梁工程有限公司", 2)
        own = self.opened(OWN_TITLE, company)
        known = self.options(own, "register", "officer1", "act_types")
        permit = "行政许可" in known
        self.step(
            own, "register", "officer1", act_type="行政许可" if permit else "行政强制", in_name="own",
            party_kind="organisation", party=company.name, draft=[self.paper(own, "拟作出的决定书文本")],
            summary="申请人因桥梁维修需要临时占用示例路东侧道路，提交了施工组织方案和交通疏导方案。" if permit
            else "当事人占用示例路东侧道路堆放材料，经催告逾期未清除。",
            basis="《城市道路管理条例》第三十一条" if permit else "《中华人民共和国行政强制法》第五十条",
            proposal="准予临时占用示例路东侧道路一千二百平方米，期限三个月。" if permit
            else "对堆放的材料实施代履行。", public_interest=True,
        )  # fmt: skip
        if permit:
            self.apply(own)
        self.reviewed(own)
        on = clock.local_date(self.at)
        told: dict[str, Any] = {"kinds": ["substitute"], "paper_name": "行政强制执行决定书"}
        if permit:
            told = {
                "kinds": ["granted"],
                "paper_name": "准予行政许可决定书",
                "licence_class": "普通",
                "licence": "临时占用道路许可证",
                "licence_number": f"示例占道{year}001",
                "valid_from": on.isoformat(),
                "valid_until": (on + timedelta(days=91)).isoformat(),
            }
        content = (
            "准予临时占用示例路东侧道路一千二百平方米，期限三个月。" if permit else "对堆放的材料实施代履行。"
        )
        self.decide(own, f"{body.code_word}决字〔{year}〕第1号", content=content, **told)
        self.disclose(own)

"""Driving a case as people would, step by step, each by the person whose step it is.

Used by the demonstration bureau, by the import of records and by story tests. Nothing here reaches
past the doors: what a person may not do is refused here too.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any

from mingzhi.cases import api as cases
from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.api import Dossier
from mingzhi.files import api as files
from mingzhi.kernel import clock, money
from mingzhi.organisations.data import Actor
from mingzhi.procedures import api as procedures
from mingzhi.procedures.data import StepView
from mingzhi.publication import api as publication
from mingzhi.recording import api as recording
from mingzhi.web.demo import cast
from mingzhi.web.demo.cast import FILM_SECONDS, FILMS, Bureau, Matter, made_film, made_picture, made_sound

__all__ = ["Bureau", "Drive", "Matter"]

OFFICE_OPENS, OFFICE_CLOSES = 8, 18
STATEMENT = ("time", "place", "officers", "act", "focus", "notice")


class Drive:
    """One case on its way. ``at`` is the present moment of the case and only moves forward."""

    def __init__(self, bureau: Bureau, matter: Matter, at: datetime) -> None:
        self.bureau = bureau
        self.matter = matter
        self.at = at
        self.dossier: Dossier | None = None
        self.files = 0

    # time ----------------------------------------------------------------------

    def wait(self, *, days: int = 0, hours: int = 0, minutes: int = 0) -> None:
        """Let time pass, then on to office hours: nobody here writes papers at night or on a Sunday."""
        self.at += timedelta(days=days, hours=hours, minutes=minutes)
        if clock.local(self.at).hour >= OFFICE_CLOSES:
            self.until(clock.local_date(self.at) + timedelta(days=1), 9)
        elif clock.local(self.at).hour < OFFICE_OPENS:
            self.until(clock.local_date(self.at), 9)
        self.working_day()

    def until(self, day: date, hour: int = 10) -> None:
        """Move to a morning, if it lies ahead."""
        self.at = max(self.at, clock.at_local(day, hour))

    def working_day(self) -> None:
        """Move to the next working day if this is none: nobody decides on a Sunday."""
        while not deadlines.is_working_day(clock.local_date(self.at)):
            self.until(clock.local_date(self.at) + timedelta(days=1), 9)

    # doing ----------------------------------------------------------------------

    @property
    def id(self) -> int:
        if self.dossier is None:
            raise RuntimeError("no dossier yet")
        return self.dossier.pk

    @property
    def state(self) -> str:
        return dossiers.access_dossier(self.by(self.lead), self.id).state

    @property
    def day(self) -> str:
        """The present day of the case, as typed."""
        return clock.local_date(self.at).isoformat()

    def by(self, username: str) -> Actor:
        return self.bureau.actor(username, self.at)

    def step(self, verb: str, who: str, **facts: Any) -> StepView:
        taken = procedures.advance(self.id, verb, by=self.by(who), at=self.at, facts=facts)
        self.wait(minutes=7)
        return taken

    def people(self, names: tuple[str, ...]) -> list[int]:
        return [self.bureau.person(n, self.at) for n in names]

    @property
    def lead(self) -> str:
        return self.matter.officers[0]

    @property
    def head(self) -> str:
        """The head of the team that handles the case."""
        return "head2" if self.lead in ("officer3", "officer4") else "head"

    def clue(self) -> int:
        m = self.matter
        entered = cases.ClueInput(
            source=m.source,
            title=m.cause,
            detail=m.summary,
            received_at=self.at,
            place=m.place,
            occurred_on=m.act_on,
            suspect=m.party.name,
        )
        found = cases.clue_register(entered=entered, by=self.by(self.lead), at=self.at)
        self.wait(minutes=20)
        return found.pk

    def open(self, procedure: str = "penalty.ordinary", clue_id: int | None = None) -> Dossier:
        m = self.matter
        self.dossier = cases.case_open(
            procedure=procedure,
            title=m.cause,
            party=m.party,
            item_code=m.item_code,
            clue_id=clue_id,
            by=self.by(self.lead),
            at=self.at,
        )
        self.wait(minutes=5)
        return self.dossier

    def _picture(self, title: str) -> int:
        """A made picture in the file store; its id."""
        self.files += 1
        stored = files.put_bytes(
            made_picture(self.id, self.files), name=f"{title}.png", media_type="image/png", at=self.at
        )
        return stored.id

    def _camera(self, moment: datetime) -> str:
        """The number of the body camera the lead holds, checked before use; empty where nobody issued one."""
        held = recording.devices.held_by(self.bureau.person(self.lead, self.at))
        if not held:
            return ""
        recording.devices.device_act(
            device_id=held[0].id,
            act="checked",
            battery=80 + self.id % 20,
            storage=60 + self.id % 35,
            offset_s=self.id % 5 - 2,
            by=self.by(self.lead),
            at=moment,
        )
        return held[0].asset_number

    def record(self, act: str, *, kind: str = "recording", title: str = "") -> int:
        """Deposit a real file: a short made film for a recording, a made picture for evidence."""
        self.files += 1
        ended = self.at - timedelta(minutes=10)
        began = ended - timedelta(minutes=30)
        if kind == "recording":
            film = made_film((self.id + self.files) % FILMS)
            name, media_type = ("mp4", "video/mp4") if film is not None else ("wav", "audio/wav")
            stored = files.put_bytes(
                film or made_sound(self.id, self.files),
                name=f"{title or act}.{name}",
                media_type=media_type,
                at=self.at,
            )
            began = ended - timedelta(seconds=FILM_SECONDS)
        else:
            stored = files.ref(self._picture(title))
        camera = self._camera(began - timedelta(minutes=30)) if kind == "recording" else ""
        row = recording.deposit(
            dossier_id=self.id,
            act=act if kind == "recording" else "",
            kind=kind,
            file_id=stored.id,
            captured_at=began,
            ended_at=ended,
            device=camera,
            operator_id=self.bureau.person(self.lead, self.at),
            place=self.matter.place,
            full=kind == "recording",
            statement=STATEMENT if kind == "recording" else (),
            evidence_kind="audiovisual" if kind == "evidence" else "",
            source="body_camera",
            title=title or act,
            purpose=f"证明{self.matter.cause.removeprefix('涉嫌').removesuffix('案')}的事实"
            if kind == "evidence"
            else "",
            by=self.by(self.lead),
            at=self.at,
        )
        return row.id

    # stretches of a case -------------------------------------------------------------

    def file(self, *, clue: bool = True, approve: bool = True) -> None:
        """From the clue to an approved filing, or to one that waits for approval."""
        m = self.matter
        self.open(clue_id=self.clue() if clue else None)
        self.step(
            "file_request",
            self.lead,
            cause=m.cause,
            source=m.source,
            item_code=m.item_code,
            summary=m.summary,
            place=m.place,
            act_began_on=m.act_on.isoformat(),
            act_ended_on=m.act_on.isoformat(),
            discovered_on=m.act_on.isoformat(),
            officers=self.people(m.officers),
        )
        self.wait(hours=2)
        if approve:
            self.step("file_approve", "leader", opinion="同意立案。")

    def _site(self) -> dict[str, Any]:
        return {
            "place": self.matter.place,
            "began_at": (self.at - timedelta(minutes=45)).isoformat(),
            "ended_at": (self.at - timedelta(minutes=5)).isoformat(),
            "officers": self.people(self.matter.officers),
            "card_shown": True,
            "rights_told": True,
            **self._facing(),
        }

    def _facing(self) -> dict[str, Any]:
        return cast.facing(self.people(self.matter.officers)[0], self.at)

    def investigate(self) -> None:
        """Inspection with its recording, questioning, order to correct, evidence verified."""
        m = self.matter
        self.wait(days=1)
        self.record("on_site_inspection", title="现场检查录像")
        self.step(
            "inspect",
            self.lead,
            **self._site(),
            attendee=m.party.representative or m.party.name,
            attendee_role="现场负责人",
            findings=m.facts_found,
            party_opinion="对检查情况无异议。",
            signature="signed",
        )
        if m.outcome == "penalise":
            self.step("correct", self.lead, act=m.facts_found[:900], demand=m.correction)
            self.serve("P09", "paper_serve")
        self.wait(days=2)
        self.record("questioning", title="询问录像")
        self.step(
            "question",
            self.lead,
            **{**self._site(), "place": "本机关询问室"},
            respondent=m.party.representative or m.party.name,
            respondent_kind="party",
            record=f"问：请说明有关情况。\n答：{m.facts_found}\n问：以上是否属实？\n答：属实。",
            signature="signed",
        )
        ids = [self.record("", kind="evidence", title=title) for title in ("现场照片", "当事人主体资格材料")]
        self.step(
            "evidence_verify",
            self.lead,
            evidence=ids,
            conclusion="来源合法、内容真实，与本案事实相关联，予以采信。",
        )

    def conclude(self, *, check: bool = True, **changes: Any) -> None:
        """The report, and the unit's check of it unless that still waits."""
        m = self.matter
        self.wait(days=1)
        facts: dict[str, Any] = {
            "outcome": m.outcome,
            "kinds": list(m.kinds) if m.outcome == "penalise" else [],
            "fine_yuan": m.fine_yuan if m.outcome == "penalise" and "03" in m.kinds else "0",
            "forfeit_yuan": m.forfeit_yuan if m.outcome == "penalise" else "0",
            "other_penalty": m.other_penalty if m.outcome == "penalise" else "",
            "spared_because": m.spared_because if m.outcome == "spared" else "",
            "transfer_to": "公安机关" if m.outcome == "transfer" else "",
            "facts_found": m.facts_found,
            "evidence_summary": m.evidence_summary,
            "law_violated": m.law_violated,
            "law_basis": m.law_basis,
            "tier": m.tier,
            "factors": "综合考虑违法行为的事实、性质、情节和社会危害程度。",
            "outside_reason": m.outside_reason,
            "reasons": m.reasons,
            "third_persons": m.third_persons,
            **m.flags,
            **m.report,
            **changes,
        }
        self.step("conclude", self.lead, **facts)
        self.wait(hours=3)
        if check:
            self.step("unit_check", self.head, opinion="事实清楚，证据充分，同意处理意见。")

    def serve(self, template: str, verb: str, mode: str = "direct") -> StepView:
        paper = next(p for p in reversed(documents.papers(self.id)) if p.template == template)
        officers = self.people(self.matter.officers)
        self.wait(hours=1)
        self.working_day()
        facts: dict[str, Any] = {
            "paper": paper.id,
            "mode": mode,
            "served_on": clock.local_date(self.at).isoformat(),
            "place": "当事人住所",
        }
        if mode == "direct":
            signer = self.matter.party.representative or self.matter.party.name
            facts |= {"officers": officers, "receiver": signer, "relation": "本人"}
        if mode == "leave":
            self.record("service_leave", title="留置送达录像")
            facts |= {"officers": officers, **cast.LEFT}
        if mode in ("direct", "leave"):
            facts |= self._facing()
        if mode == "mail":
            facts |= {
                "receiver": self.matter.party.name,
                "relation": "本人",
                "tracking": f"示例{self.id:09d}",
                "proof": [self._picture("邮寄回执")],
            }
        return self.step(verb, self.lead, **facts)

    def review_submit(self) -> None:
        self.working_day()
        materials = [code for code, _ in self._options("review_submit", self.lead, "review_materials")]
        self.step(
            "review_submit",
            self.lead,
            statement="基本事实、适用依据、裁量基准执行情况和执法人员资格情况详见所附材料，请予审核。",
            materials=materials,
            truthful=True,
        )

    def review_accept(self) -> None:
        self.wait(hours=2)
        self.step("review_accept", "reviewhead", reviewer=self.bureau.person("reviewer", self.at))

    def review(self, kind: str = "agree", *, text: str = "") -> None:
        """One round of legal review, from submission to opinion."""
        self.review_submit()
        self.review_accept()
        self.wait(days=1)
        wanted = [code for code, _ in self._options("review_opine", "reviewer", "review_checks")]
        checks = [{"code": code, "result": "pass", "note": ""} for code in wanted]
        if kind != "agree":
            checks[-1] |= {"result": "problem", "note": text or "裁量理由不充分"}
        self.step(
            "review_opine",
            "reviewer",
            kind=kind,
            checks=checks,
            text=text or "主体合法，事实清楚，证据充分，适用依据准确，程序合法，裁量适当，同意拟处理意见。",
        )

    def _options(self, verb: str, who: str, name: str) -> list[tuple[str, str]]:
        dossier = dossiers.access_dossier(self.by(who), self.id)
        return procedures.options_for(
            name, procedures.form_context(dossier, verb, by=self.by(who), at=self.at)
        )

    def major(self) -> bool:
        """Whether the case as proposed is a major decision."""
        dossier = dossiers.access_dossier(self.by(self.lead), self.id)
        return bool(
            cases.triggers(procedures.form_context(dossier, "decide", by=self.by(self.lead), at=self.at))
        )

    def must_discuss(self) -> bool:
        dossier = dossiers.access_dossier(self.by(self.lead), self.id)
        return bool(
            cases.discussion_reasons(
                procedures.form_context(dossier, "decide", by=self.by(self.lead), at=self.at)
            )
        )

    def hearing_possible(self) -> bool:
        dossier = dossiers.access_dossier(self.by(self.lead), self.id)
        return bool(
            cases.hearing_reasons(
                procedures.form_context(dossier, "decide", by=self.by(self.lead), at=self.at)
            )
        )

    def notify(self, statement: str = "waived") -> None:
        """Notice, its service, and what the party said to it."""
        self.working_day()
        self.step("notify", self.lead, contact="承办人 0000-0000000")
        self.serve("P13H" if self.hearing_possible() else "P13", "notice_serve")
        self.wait(days=1)
        today = clock.local_date(self.at).isoformat()
        if statement == "waived":
            self.step("statement", self.lead, form="waived", made_on=today, waiver_signed=True)
            if self.hearing_possible():
                self.step(
                    "hearing_request",
                    self.lead,
                    requested_on=today,
                    requested_by=self.matter.party.name,
                    waived=True,
                )
        elif statement == "silent":
            self.wait(days=14)
            self.step("statement", self.lead, form="silent", made_on=clock.local_date(self.at).isoformat())
        else:
            self.step(
                "statement", self.lead, form=statement, made_on=today, content="已积极整改，请求从轻处理。"
            )
            self.step(
                "reconsider",
                self.lead,
                accepted="none",
                opinion="所提情况在处理意见中已予考虑，维持原处理意见。",
            )
            if self.hearing_possible():
                self.step(
                    "hearing_request",
                    self.lead,
                    requested_on=today,
                    requested_by=self.matter.party.name,
                    waived=True,
                )

    def hearing(self) -> None:
        """The party asks for a hearing in time; it is held and reported, and what was said is weighed."""
        self.hearing_hold(self.hearing_arrange())
        self.step("reconsider", self.lead, accepted="none", opinion="听证中提出的意见在处理意见中已予考虑。")

    def hearing_arrange(self) -> date:
        """Notice, request, arrangement and its service; returns the day of the hearing."""
        self.working_day()
        self.step("notify", self.lead, contact="承办人 0000-0000000")
        self.serve("P13H", "notice_serve")
        self.wait(days=1)
        today = clock.local_date(self.at)
        self.step(
            "hearing_request", self.lead, requested_on=today.isoformat(), requested_by=self.matter.party.name
        )
        held = deadlines.due(clock.local_date(self.at), deadlines.Term(9, "WD")).on
        self.step(
            "hearing_arrange",
            "reviewhead",
            host=self.bureau.person("host", self.at),
            recorder=self.bureau.person("reviewer", self.at),
            starts_at=clock.at_local(held, 9).isoformat(),
            place="本机关听证室",
            public=True,
        )
        self.serve("P15N", "paper_serve")
        return held

    def hearing_hold(self, held: date) -> None:
        self.until(held, 12)
        self.record("hearing", title="听证录像")
        self.step(
            "hearing_hold",
            "host",
            held="held",
            participants=f"当事人：{self.matter.party.name}\n案件调查人员",
            minutes="听证主持人核对身份，调查人员提出事实、证据和处罚建议，当事人申辩质证并作最后陈述。",
            signature="signed",
        )
        self.step("hearing_report", "host", report="当事人对事实无异议，请求从轻。建议按拟处理意见作出决定。")

    def discuss(self, *, dissent: bool = False) -> None:
        self.working_day()
        views = [
            {
                "person": self.bureau.person("deputy", self.at),
                "agrees": True,
                "text": "同意承办机构的处理意见。",
            },
            {
                "person": self.bureau.person("deputy2", self.at),
                "agrees": not dissent,
                "text": "建议酌情从轻。" if dissent else "同意。",
            },
            {"person": self.bureau.person("leader", self.at), "agrees": True, "text": "同意，按程序办理。"},
        ]
        self.step(
            "discuss",
            "leader",
            held_at=(self.at - timedelta(minutes=30)).isoformat(),
            place="本机关会议室",
            chair=self.bureau.person("leader", self.at),
            recorder=self.bureau.person("reviewer", self.at),
            views=views,
            agreed=True,
            conclusion="同意拟处理意见。",
        )

    def spot(self) -> StepView:
        """A penalty on the spot."""
        m = self.matter
        self.record("summary_penalty", title="当场处罚录像")
        return self.step(
            "spot_decide",
            self.lead,
            item_code=m.item_code,
            cause=m.cause,
            place=m.place,
            act_on=self.day,
            facts_found=m.facts_found,
            law_violated=m.law_violated,
            law_basis=m.law_basis,
            tier=m.tier,
            kinds=list(m.kinds),
            fine_yuan=m.fine_yuan if "03" in m.kinds else "0",
            officers=self.people(m.officers),
            **self._facing(),
            card_shown=True,
            told=True,
            signature="signed",
        )

    def decide(self) -> StepView:
        return self.decide_as(self.matter.outcome)

    def decide_as(self, outcome: str) -> StepView:
        m = self.matter
        self.working_day()
        facts: dict[str, Any] = {
            "outcome": outcome,
            "kinds": list(m.kinds) if outcome == "penalise" else [],
            "fine_yuan": m.fine_yuan if outcome == "penalise" and "03" in m.kinds else "0",
            "forfeit_yuan": m.forfeit_yuan if outcome == "penalise" else "0",
            "other_penalty": m.other_penalty if outcome == "penalise" else "",
            "spared_because": m.spared_because if outcome == "spared" else "",
            "transfer_to": "公安机关" if outcome == "transfer" else "",
            "opinion": "同意。",
            "adoption": "当事人提出的陈述、申辩意见，已经依法复核。",
        }
        return self.step("decide", "leader", **facts)

    def to_decision(self, *, statement: str = "waived", hearing: bool = False) -> StepView:
        """Review, notice, hearing and discussion as far as this case needs them, then the decision."""
        if self.matter.outcome == "penalise":
            if hearing:
                self.hearing()
            else:
                self.notify(statement)
        if self.major():
            self.review()
        if self.must_discuss():
            self.discuss()
        return self.decide()

    def pay(self, share: int = 1) -> None:
        """The bank reports the whole sum, or one ``share``-th of it, as paid."""
        total = money.fen(self.matter.fine_yuan if "03" in self.matter.kinds else "0") + money.fen(
            self.matter.forfeit_yuan
        )
        total //= share
        if total and self.matter.outcome == "penalise":
            self.wait(days=3)
            self.step(
                "payment",
                "cashier",
                amount_yuan=money.yuan(total),
                paid_on=clock.local_date(self.at).isoformat(),
                channel="bank",
                voucher=f"示例凭证{self.id:08d}",
            )

    def close(self, *, approve: bool = True) -> None:
        if (
            set(self.matter.kinds) & {"06", "07", "08", "09", "10", "11", "12"}
            and self.matter.outcome == "penalise"
        ):
            self.step(
                "performed",
                self.lead,
                performed_on=clock.local_date(self.at).isoformat(),
                detail="已按决定履行。",
            )
        kind = "performed" if self.matter.outcome == "penalise" else "spared"
        self.step("close_request", self.lead, kind=kind, detail="决定已执行完毕。")
        if approve:
            self.step("close_approve", "leader", opinion="同意结案。")

    def disclose(self, *, check: bool = True, publish: bool = True, **collected: Any) -> int | None:
        """Collected, checked by a second person, published by a third; or only as far as wanted."""
        mine = publication.disclosure_status(self.id)
        if not mine:
            return None
        disclosure_id: int = mine[-1].id
        self.working_day()
        publication.disclosure_collect(
            disclosure_id=disclosure_id, by=self.by("collector"), at=self.at, **collected
        )
        self.wait(hours=1)
        if check:
            publication.disclosure_check(disclosure_id=disclosure_id, by=self.by("checker"), at=self.at)
        if check and publish:
            self.wait(minutes=30)
            publication.disclosure_publish(disclosure_id=disclosure_id, by=self.by("publisher"), at=self.at)
        return disclosure_id

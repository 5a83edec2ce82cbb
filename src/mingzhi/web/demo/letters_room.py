"""The demonstration bureau's letters: its own terms, one of each kind at a stage of its own, a public answer."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.publication import api as publication
from mingzhi.web.demo.cast import Bureau, made_picture

_DOCUMENT = "本机关投诉举报办理规定（示例）第五条"
_TERMS = (
    ("complaint", "acceptance", 5),
    ("complaint", "reply", 20),
    ("complaint", "extension", 10),
    ("report", "reply", 20),
    ("question", "reply", 5),
)


def furnish(bureau: Bureau, at: datetime) -> None:
    """Once per bureau."""
    letters = publication.letters
    if letters.intakes(bureau.actor("letters", at), on=clock.local_date(at), limit=1):
        return
    began = at - timedelta(days=45)
    for kind, stage, days in _TERMS:
        letters.term_set(
            kind=kind,
            stage=stage,
            days=days,
            working=True,
            valid_from=clock.local_date(began),
            citation=_DOCUMENT,
            by=bureau.actor("keeper", began),
            at=began,
        )

    def sent(kind: str, back: int, **words: Any) -> tuple[int, str, str, datetime]:
        moment = at - timedelta(days=back)
        proofs = (
            [files.put_bytes(made_picture(9, 900), name="现场照片.png", at=moment)]
            if kind == "report"
            else []
        )
        receipt = publication.intake_receive(
            kind=kind,
            body_id=bureau.body_id,
            files=proofs,
            by=organisations.system_actor(bureau.body_id),
            at=moment,
            **words,
        )
        (line,) = letters.intakes(
            bureau.actor("letters", at), letters.Asked(number=receipt.number), on=clock.local_date(at)
        )
        return line.id, receipt.number, receipt.code, moment + timedelta(hours=1)

    def keeper(moment: datetime) -> dict[str, Any]:
        return {"by": bureau.actor("letters", moment), "at": moment}

    pk, number, code, moment = sent(
        "complaint", 20, title="检查时没有出示证件", text="上午在示例路检查时，一名队员没有出示执法证件。",
        against="执法人员张某甲", contact_name="某先生", contact="13800000000",
    )  # fmt: skip
    letters.intake_accept(intake_id=pk, **keeper(moment))
    letters.intake_ask(
        intake_id=pk,
        extract="有人反映上午在示例路检查时未出示证件，请说明情况。",
        checked=True,
        **keeper(moment),
    )
    later = moment + timedelta(days=2)
    letters.intake_account(
        intake_id=pk, account="经核对录像，两名人员均已亮证。", by=bureau.actor("head", later), at=later
    )
    letters.intake_draft(
        intake_id=pk, reply="经查看现场录像，两名执法人员均已出示证件。感谢您的监督。", **keeper(later)
    )
    letters.intake_draft_decide(intake_id=pk, approve=True, by=bureau.actor("deputy", later), at=later)
    letters.intake_rate(
        number=number, code=code, mark="fair", by=organisations.system_actor(bureau.body_id),
        at=later + timedelta(hours=3),
    )  # fmt: skip

    pk, _number, _code, moment = sent(
        "report", 6, title="夜间倾倒建筑垃圾", text="昨夜有货车在示例路东侧空地倾倒建筑垃圾，附照片。",
        against="示例一号渣土运输有限公司", place="示例路东侧空地",
    )  # fmt: skip
    letters.intake_accept(intake_id=pk, **keeper(moment))
    letters.intake_assign(intake_id=pk, unit_id=bureau.actor("officer1", moment).unit_id, **keeper(moment))

    pk, _number, _code, moment = sent(
        "report", 8, title="占用消防通道", text="示例路一处商铺把货物堆在消防通道上，多次劝说无效。", against="示例路商铺",
    )  # fmt: skip
    letters.intake_transfer(
        intake_id=pk,
        to_body_id=None,
        to_name="某市消防救援机构（示例）",
        reason="属于消防监督管理职责",
        **keeper(moment),
    )
    letters.intake_transfer_send(
        intake_id=pk, way="post", on=clock.local_date(moment), tracking="示例 0001", **keeper(moment)
    )

    pk, _number, _code, moment = sent(
        "question", 10, title="当场缴款", text="收到处罚决定书以后，可以到哪里缴纳罚款，逾期怎么办？",
    )  # fmt: skip
    letters.intake_accept(intake_id=pk, **keeper(moment))
    answer = "请在收到决定书之日起十五日内，到决定书写明的银行或者通过电子支付系统缴纳；逾期不缴纳的，每日按罚款数额的百分之三加处罚款。"
    letters.intake_answer(intake_id=pk, reply=answer, **keeper(moment))
    question = publication.questions.question_propose(
        intake_id=pk, question="罚款到哪里缴纳，逾期怎么办？", answer=answer, **keeper(moment)
    )
    publication.questions.question_decide(
        question_id=question, publish=True, by=bureau.actor("checker", moment), at=moment
    )
    sent(
        "complaint",
        2,
        title="态度粗暴",
        text="昨天下午检查时，穿制服的人员说话态度粗暴。",
        against="穿制服的人员",
    )
    sent("question", 1, title="摆摊手续", text="想在示例路临时摆摊，需要办理什么手续？")

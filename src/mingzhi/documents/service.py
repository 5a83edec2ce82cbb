"""送达: what each mode needs, and the day it counts from. Pure; every rule carries its article.

Sources: 民事诉讼法（2023年修正）第八十七条至第九十五条, applied by 行政处罚法第六十一条.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, timedelta

from mingzhi.documents.choices import ServiceMode
from mingzhi.documents.data import ServiceFacts
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Reason

#: Days after which a public notice counts as service (民事诉讼法第九十五条：自发出公告之日起，经过三十日).
NOTICE_DAYS = 30

_Lacks = Callable[[str, str, str], None]
_CIVIL = "民事诉讼法"
_PENALTY = "行政处罚法第六十一条"

CITATIONS: dict[str, str] = {
    ServiceMode.DIRECT: f"{_CIVIL}第八十七条、第八十八条",
    ServiceMode.LEAVE: f"{_CIVIL}第八十九条",
    ServiceMode.ELECTRONIC: f"{_PENALTY}第二款；{_CIVIL}第九十条",
    ServiceMode.MAIL: f"{_CIVIL}第九十一条",
    ServiceMode.ENTRUSTED: f"{_CIVIL}第九十一条",
    ServiceMode.FORWARDED: f"{_CIVIL}第九十二条至第九十四条",
    ServiceMode.PUBLIC: f"{_CIVIL}第九十五条",
}


DEMANDS: dict[str, str] = {
    ServiceMode.DIRECT: "由受送达人在送达回证上记明收到日期并签名；本人不在的，由同住成年家属、法定代表人、负责收件的人、代理人或者指定的代收人签收",
    ServiceMode.LEAVE: "拒绝签收的，邀请基层组织或者所在单位的代表到场见证，或者把文书留在受送达人住所并拍照、录像；记明拒收事由和日期",
    ServiceMode.ELECTRONIC: "须经当事人同意并签订确认书，以到达当事人指定系统的日期为送达日期；当事人要求纸质文书的应当提供",
    ServiceMode.MAIL: "以回执上注明的收件日期为送达日期；填写邮件号码，拍摄回执",
    ServiceMode.ENTRUSTED: "委托其他机关代为送达，以受送达人签收的日期为送达日期",
    ServiceMode.FORWARDED: "通过部队团以上单位的政治机关、监所或者强制性教育机构转交，以受送达人签收的日期为送达日期",
    ServiceMode.PUBLIC: "限于受送达人下落不明，或者用其他方式无法送达；自发出公告之日起经过三十日视为送达；记明原因和经过",
}
"""What each mode asks of who serves, in a sentence (domain §2.5)."""


def service_demands(modes: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Mode → what it asks, and the article."""
    return {mode: (DEMANDS[mode], CITATIONS[mode]) for mode in modes}


def deemed_on(mode: str, facts: ServiceFacts) -> date | None:
    """The day on which the paper counts as served; None when the attempt failed.

    Direct: the day signed on the receipt (87). Leaving: the day recorded (89). Electronic: the day
    it arrived in the system the party named (90). Mail: the receipt day on the return slip (91).
    Entrusted and forwarded: the day the party signed (91–94). Public notice: the thirtieth day after
    the notice went out, the day of issue not counted (95, 85); the statute counts days that pass,
    not days to act within, so a holiday at the end does not move it.
    """
    if facts.failed:
        return None
    if mode == ServiceMode.ELECTRONIC:
        return clock.local_date(facts.arrived_at) if facts.arrived_at else None
    if mode == ServiceMode.PUBLIC:
        return facts.on + timedelta(days=NOTICE_DAYS)
    return facts.on


def service_problems(
    mode: str, facts: ServiceFacts, *, drawn_on: date | None = None, today: date | None = None
) -> list[Reason]:
    """Everything that is missing for a service of this mode to stand, with the article and the way out.

    A failed attempt needs only who went, when and why it failed.
    """
    found: list[Reason] = []

    def lacks(code: str, sentence: str, remedy: str) -> None:
        found.append(
            Reason(f"documents.service.{code}", sentence, CITATIONS.get(mode, _PENALTY), remedy, "service")
        )

    if mode not in ServiceMode.values:
        return [
            Reason(
                "documents.service.mode", "送达方式无法识别", _PENALTY, "请选择七种送达方式之一", "service"
            )
        ]
    if drawn_on and facts.on < drawn_on:
        lacks("before_paper", f"送达日期 {facts.on} 早于文书制作日期 {drawn_on}", "请核对送达日期")
    if today and facts.on > today:
        lacks("future", f"送达日期 {facts.on} 尚未到来", "请在送达之后登记")
    if facts.failed:
        if not facts.reason.strip():
            lacks("why_failed", "未能送达的，应当写明原因", "请填写未能送达的原因")
        return found
    if not facts.recipient.strip():
        lacks("recipient", "缺少受送达人", "请填写受送达人姓名或者名称")
    if mode in {ServiceMode.DIRECT, ServiceMode.LEAVE} and not facts.officers:
        lacks("officers", "缺少送达人", "请填写送达人姓名")
    _BY_MODE[ServiceMode(mode)](facts, lacks)
    return found


def _direct(facts: ServiceFacts, lacks: _Lacks) -> None:
    if facts.on_spot and not facts.signer.strip():
        if not facts.refused_reason.strip():
            lacks(
                "spot_refused",
                "当场交付的决定书既无当事人签收，也未注明拒绝签收的情况",
                "请由当事人签收；当事人拒绝签收的，在决定书上注明（行政处罚法第五十二条第二款）",
            )
    elif not facts.signer.strip():
        lacks(
            "signer",
            "送达回证上没有签收人",
            "请由受送达人或者依法可以代收的人签收，并填写签收人；拒绝签收的改用留置送达",
        )
    elif facts.signer.strip() != facts.recipient.strip() and not facts.relation.strip():
        lacks(
            "relation",
            "签收人不是受送达人本人，未写明与受送达人的关系",
            "请写明同住成年家属、法定代表人、负责收件的人、诉讼代理人或者指定代收人",
        )


def _leave(facts: ServiceFacts, lacks: _Lacks) -> None:
    if not facts.refused_reason.strip():
        lacks("refused", "留置送达应当记明拒收事由", "请填写拒收事由")
    filmed = facts.left_at_residence and facts.file_ids
    if not facts.witnesses and not filmed:
        lacks(
            "witness_or_film",
            "留置送达既无见证人，也无留置住所的拍照、录像",
            "请邀请基层组织或者所在单位的代表到场见证，或者把文书留在受送达人住所并上传拍照、录像（二者有其一即可）",
        )


def _electronic(facts: ServiceFacts, lacks: _Lacks) -> None:
    if facts.consent_on is None:
        lacks(
            "consent",
            "当事人没有签订电子送达确认书，不得电子送达",
            "请先由当事人签订送达地址（电子送达）确认书，或者改用其他送达方式",
        )
    elif facts.consent_on > facts.on:
        lacks("consent_late", "电子送达确认书的签订日期晚于送达日期", "请核对确认书签订日期")
    if not facts.address.strip():
        lacks(
            "e_address", "缺少当事人确认的电子送达地址", "请填写确认书中的传真号码、电子邮件地址或者其他系统"
        )
    if facts.arrived_at is None:
        lacks("arrived", "缺少到达当事人特定系统的时间", "请填写系统回执所载到达时间")


def _mail(facts: ServiceFacts, lacks: _Lacks) -> None:
    if not facts.tracking.strip():
        lacks("tracking", "缺少邮件号码", "请填写挂号信或者邮政特快专递的邮件号码")
    if not facts.file_ids:
        lacks("slip", "缺少邮寄回执", "请上传注明收件日期的回执")


def _entrusted(facts: ServiceFacts, lacks: _Lacks) -> None:
    if not facts.agent.strip():
        lacks("agent", "缺少受委托送达的机关", "请填写受委托机关名称")
    if not facts.signer.strip():
        lacks("signer", "缺少签收人", "请按送达回证填写签收人")


def _forwarded(facts: ServiceFacts, lacks: _Lacks) -> None:
    if not facts.agent.strip():
        lacks("agent", "缺少代为转交的机关、单位", "请填写部队团以上单位的政治机关、监所或者强制性教育机构")
    if not facts.signer.strip():
        lacks("signer", "缺少签收人", "请按送达回证填写签收人")


def _public(facts: ServiceFacts, lacks: _Lacks) -> None:
    if not facts.whereabouts_unknown and not facts.attempts:
        lacks(
            "last_resort",
            "公告送达只能在受送达人下落不明，或者用其他方式无法送达之后使用",
            "请先用其他方式送达并登记经过，或者说明受送达人下落不明的核查情况",
        )
    if not facts.reason.strip():
        lacks("why_public", "公告送达应当在案卷中记明原因和经过", "请填写公告送达的原因和经过")
    if not facts.carrier.strip():
        lacks("carrier", "缺少公告的载体", "请填写发布公告的网站、报纸或者张贴地点")


_BY_MODE: dict[ServiceMode, Callable[[ServiceFacts, _Lacks], None]] = {
    ServiceMode.DIRECT: _direct,
    ServiceMode.LEAVE: _leave,
    ServiceMode.ELECTRONIC: _electronic,
    ServiceMode.MAIL: _mail,
    ServiceMode.ENTRUSTED: _entrusted,
    ServiceMode.FORWARDED: _forwarded,
    ServiceMode.PUBLIC: _public,
}

"""Separation of duties SoD-1 … SoD-11 (domain §8.2) as pure guards on plain data.

Each takes what the caller knows of the file and answers a ``Reason`` or ``None``. Person ids are ids of
``Person``; a person who acted under two accounts is one person. Nothing here asks the database.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import datetime

from mingzhi.kernel.errors import Reason
from mingzhi.organisations.choices import Role
from mingzhi.organisations.data import Actor, CertificateState
from mingzhi.organisations.roles import exclude

#: Gates that no override may pass: G6 法制审核 before a major decision, G7 告知 before any penalty.
STATUTORY_GATES = frozenset({"G6", "G7"})

#: Capacities in one file that must be different people.
_CAPACITIES = {
    "handler": "办案人员",
    "reviewer": "法制审核人员",
    "host": "听证主持人",
    "approver": "审批人",
}


def sod_handler_not_reviewer(handlers: Iterable[int], reviewer: int) -> Reason | None:
    """SoD-1: who handles or ever handled the file does not review it."""
    if reviewer not in set(handlers):
        return None
    return Reason(
        "sod.handler_is_reviewer",
        "本案办案人员（包括曾经承办的）不得担任本案法制审核人员",
        "行政处罚法第五十八条；国办发〔2018〕118号",
        "请由法制审核机构负责人另行指派审核人员",
    )


def sod_handler_not_host(handlers: Iterable[int], host: int) -> Reason | None:
    """SoD-1: the hearing is hosted by somebody who is not an investigator of the case."""
    if host not in set(handlers):
        return None
    return Reason(
        "sod.handler_is_host",
        "听证由行政机关指定的非本案调查人员主持，本案办案人员不得主持",
        "行政处罚法第六十四条第四项",
        "请另行指定听证主持人",
    )


def sod_handler_not_approver(handlers: Iterable[int], approver: int) -> Reason | None:
    """SoD-1: who investigated does not decide."""
    if approver not in set(handlers):
        return None
    return Reason(
        "sod.handler_is_approver",
        "本案办案人员不得审批本案，调查与决定应当分离",
        "行政处罚法第五十七条",
        "请由其他机关负责人审批",
    )


def sod_capacities_apart(
    history: Iterable[tuple[int, str]], *, person_id: int, capacity: str
) -> Reason | None:
    """SoD-1 whole: ``history`` is every (person, capacity) the file has known, past ones included;
    capacities are handler, reviewer, host, approver."""
    for known, earlier in history:
        if known == person_id and earlier != capacity:
            return Reason(
                "sod.capacities",
                f"该人员在本案中担任过{_CAPACITIES[earlier]}，不得再担任{_CAPACITIES[capacity]}",
                "行政处罚法第五十八条、第六十四条",
                "请另行指派人员",
            )
    return None


SOD_1 = sod_capacities_apart


def sod_review_unit_apart(handling_unit: int | None, review_unit: int | None) -> Reason | None:
    """SoD-2: 法制审核机构 is not the unit that handles the case (R103)."""
    if handling_unit is None or review_unit is None or handling_unit != review_unit:
        return None
    return Reason(
        "sod.review_unit",
        "法制审核机构不得由具体承担本案执法工作的机构担任",
        "国办发〔2018〕118号",
        "请将案件交由其他执法机构承办，或者由上级法制审核机构审核",
    )


SOD_2 = sod_review_unit_apart


def sod_two_certified(states: Iterable[CertificateState], *, at_least: int = 2) -> Reason | None:
    """SoD-3: at least two distinct people with a valid certificate at the time of the act."""
    valid = {s.person_id for s in states if s.valid}
    if len(valid) >= at_least:
        return None
    return Reason(
        "sod.two_certified",
        f"行为时具有行政执法资格的执法人员不足 {at_least} 名（现有 {len(valid)} 名）",
        "行政处罚法第四十二条第一款",
        "请补充持有效行政执法证件的执法人员",
    )


SOD_3 = sod_two_certified


def sod_collector_not_checker(collector: int, checker: int) -> Reason | None:
    """SoD-4: who collected the disclosure does not check it."""
    if collector != checker:
        return None
    return Reason(
        "sod.collector_is_checker",
        "公示信息的采集人与审核人不得为同一人",
        "国办发〔2018〕118号",
        "请由另一名公示审核员审核",
    )


SOD_4 = sod_collector_not_checker


def sod_evaluator_not_in_unit(evaluator_unit: int | None, handling_unit: int) -> Reason | None:
    """SoD-5: nobody evaluates the files of the own unit. Somebody without a unit is of none."""
    if evaluator_unit is None or evaluator_unit != handling_unit:
        return None
    return Reason(
        "sod.evaluator_in_unit",
        "案卷评查员不得评查本机构承办的案卷",
        "案卷评查回避要求",
        "请由其他机构的评查员评查",
    )


SOD_5 = sod_evaluator_not_in_unit


def sod_three_admins(held: Collection[str], wanted: str) -> Reason | None:
    """SoD-6: system, security and audit administrators exclude one another and every business role."""
    for role in held:
        if exclude(Role(role), Role(wanted)):
            return Reason(
                "sod.three_admins",
                f"“{Role(role).label}”与“{Role(wanted).label}”不得由同一账号兼任",
                "系统管理、安全管理、安全审计三权分立",
                "请先收回其中一个角色，或者授予其他人员",
            )
    return None


SOD_6 = sod_three_admins


def sod_payment_source(
    *, source: str, receipt_number: str = "", collected_on_spot: bool = False
) -> Reason | None:
    """SoD-7: payment is entered from the bank or the treasury. Officers enter it only when they lawfully
    collected on the spot (arts 68, 69), with the number of the receipt they gave (art 70)."""
    if source in {"bank", "treasury"}:
        return None
    if collected_on_spot and receipt_number.strip():
        return None
    if collected_on_spot:
        return Reason(
            "sod.payment_receipt",
            "当场收缴罚款应当登记出具的专用票据号码",
            "行政处罚法第六十八条、第六十九条、第七十条",
            "请填写国务院财政部门或者省级财政部门统一制发的专用票据号码",
        )
    return Reason(
        "sod.payment_source",
        "作出处罚决定的机关应当与收缴罚款的机构分离，执法人员不得登记缴款",
        "行政处罚法第六十七条",
        "请由缴款登记员按代收机构或者财政回传信息登记",
    )


SOD_7 = sod_payment_source


def sod_recused_stays_out(
    recused: Iterable[tuple[int, datetime]], *, person_id: int, at: datetime
) -> Reason | None:
    """SoD-8: a recused person loses access from the moment the recusal was decided. What he or she did
    before stays, and the investigation does not stop meanwhile (art 43)."""
    for known, decided_at in recused:
        if known == person_id and at >= decided_at:
            return Reason(
                "sod.recused",
                "您已被决定回避本案，自决定时起不能再查看或办理",
                "行政处罚法第四十三条",
                "如有疑问，请联系作出回避决定的机关负责人",
            )
    return None


SOD_8 = sod_recused_stays_out


def sod_mandate_recorded(*, acting: bool, mandate: str) -> Reason | None:
    """SoD-9: an approval given for somebody else records the mandate it rests on."""
    if not acting or mandate.strip():
        return None
    return Reason(
        "sod.mandate",
        "代行审批应当记明授权依据",
        "机关负责人审批权限授权要求",
        "请填写授权文件名称、文号或者会议纪要编号",
    )


SOD_9 = sod_mandate_recorded


def sod_interference_readers(by: Actor, *, in_discipline_unit: bool = False) -> Reason | None:
    """SoD-10: the register of interference is read by discipline and supervision only."""
    if Role.SUPERVISOR in by.roles or in_discipline_unit:
        return None
    return Reason(
        "sod.interference",
        "干预行政执法登记仅限纪检监督人员查阅",
        "干预行政执法记录、通报和责任追究制度",
        "如需了解，请联系本机关纪检监督机构",
    )


SOD_10 = sod_interference_readers


def sod_override(*, gate: str, by: int | None, reason: str, basis: str) -> Reason | None:
    """SoD-11: an override stores who, why and on what basis, and never passes a statutory gate."""
    if gate in STATUTORY_GATES:
        return Reason(
            "sod.override_statutory",
            "该环节是法律规定的必经程序，任何人不得越过",
            "行政处罚法第四十四条、第五十八条",
            "请完成法定程序后再办理",
        )
    if by is not None and reason.strip() and basis.strip():
        return None
    return Reason(
        "sod.override_unfounded",
        "越过系统提示须记明决定人、理由和依据",
        "执法全过程记录要求",
        "请补全决定人、理由和依据",
    )


SOD_11 = sod_override

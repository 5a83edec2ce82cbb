"""双公示 files: the columns of the 2019/2021 reporting form for penalties and permits (domain §4.1, §4.2).

Names, order and codes are those seen in public uses; the standard's own text was not found, so what is
required and how values look is 待核实, and a bureau may give other codes. Amounts are 万元, six decimals.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from mingzhi.integrations import sheets
from mingzhi.kernel.errors import Invalid, Problems
from mingzhi.publication import api as publication
from mingzhi.publication.choices import Channel, DecisionKind, Operation
from mingzhi.publication.data import Parcel


@dataclass(frozen=True, slots=True)
class Field:
    """A column: its name, code, the fact it comes from, most characters (0 = any), and whether it must be
    filled. A field without a fact is one we do not hand out or do not hold."""

    name: str
    code: str
    fact: str = ""
    most: int = 0
    must: bool = False


PENALTY = (
    Field("行政相对人名称", "CF_XDR_MC", "party", 200, True),
    Field("行政相对人类别", "CF_XDR_LB", "party_class", 100, True),
    Field("行政相对人代码_1(统一社会信用代码)", "CF_XDR_SHXYM", "credit_code", 32),
    Field("行政相对人代码_2(工商注册号)", "CF_XDR_GSZC", "", 50),
    Field("行政相对人代码_3(组织机构代码)", "CF_XDR_ZZJG", "", 32),
    Field("行政相对人代码_4(税务登记号)", "CF_XDR_SWDJ", "", 32),
    Field("行政相对人代码_5(事业单位证书号)", "CF_XDR_SYDW", "", 120),
    Field("行政相对人代码_6(社会组织登记证号)", "CF_XDR_SHZZ", "", 50),
    Field("法定代表人", "CF_FDDB", "representative", 50),
    Field("法定代表人身份证号", "CF_FR_SFZH"),
    Field("证件类型(自然人)", "CF_XDR_ZJLX"),
    Field("证件号码(自然人)", "CF_XDR_ZJHM"),
    Field("行政处罚决定书文号", "CF_WSH", "number", 128, True),
    Field("违法行为类型", "CF_WFXW", "violation", 0, True),
    Field("违法事实", "CF_SY", "facts", 0, True),
    Field("处罚依据", "CF_YJ", "basis", 0, True),
    Field("处罚类别", "CF_CFLB", "kinds", 0, True),
    Field("处罚内容", "CF_NR", "content", 0, True),
    Field("罚款金额(万元)", "CF_NR_FK", "fine"),
    Field("没收违法所得、没收非法财物的金额(万元)", "CF_NR_WFFF", "forfeit"),
    Field("暂扣或吊销证照名称及编号", "CF_NR_ZKDX", "licence", 200),
    Field("处罚决定日期", "CF_JDRQ", "decided_on", 10, True),
    Field("处罚有效期", "CF_YXQ", "valid_until", 10, True),
    Field("公示截止期", "CF_GSJZQ", "public_until", 10),
    Field("处罚机关", "CF_CFJG", "agency", 200, True),
    Field("处罚机关统一社会信用代码", "CF_CFJGDM", "agency_code", 18, True),
    Field("数据来源单位", "CF_SJLY", "agency", 200, True),
    Field("数据来源单位统一社会信用代码", "CF_SJLYDM", "agency_code", 18, True),
    Field("备注", "BZ", "remark"),
)
PERMIT = (
    Field("行政相对人名称", "XK_XDR_MC", "party", 200, True),
    Field("行政相对人类别", "XK_XDR_LB", "party_class", 100, True),
    Field("统一社会信用代码", "A000002", "credit_code", 32),
    Field("工商登记码", "A000003"),
    Field("组织机构代码", "A000004"),
    Field("税务登记号", "A000005"),
    Field("事业单位证书号", "XK_XDR_SYDW"),
    Field("社会组织登记证号", "XK_XDR_SHZZ"),
    Field("法定代表人", "XK_FDDB", "representative", 50),
    Field("法定代表人身份证号", "XK_FR_SFZH"),
    Field("证件类型(自然人)", "XK_XDR_ZJLX"),
    Field("证件号码(自然人)", "XK_XDR_ZJHM"),
    Field("行政许可决定文书名称", "XK_XKWS", "paper_name", 200, True),
    Field("行政许可决定文书号", "XK_WSH", "number", 128, True),
    Field("许可类别", "XK_XKLB", "licence_class", 0, True),
    Field("许可证书名称", "XK_XKZS", "licence"),
    Field("许可编号", "XK_XKBH", "licence_number"),
    Field("许可内容", "XK_NR", "conclusion", 0, True),
    Field("许可决定日期", "XK_JDRQ", "decided_on", 10, True),
    Field("有效期自", "XK_YXQZ", "valid_from", 10, True),
    Field("有效期至", "XK_YXQZI", "valid_until", 10, True),
    Field("许可机关", "XK_XKJG", "decider", 200, True),
    Field("许可机关统一社会信用代码", "XK_XKJGDM", "decider_code", 18),
    Field("当前状态", "XK_ZT", "state"),
    Field("数据来源单位", "XK_LYDW", "agency", 200, True),
    Field("数据来源单位统一社会信用代码", "XK_LYDWDM", "agency_code", 18, True),
    Field("备注", "BZ", "remark"),
)
_REMARKS = {Operation.CORRECT.value: "更正"}
_LASTING = frozenset({"valid_from", "valid_until"})
"""What only a permit that was given has; 不予许可 and 撤销许可 leave it empty, and the remark says which."""
_CLASSES = {"法人": "法人及非法人组织", "非法人组织": "法人及非法人组织"}


def wan(fen: int) -> str:
    """An amount of 分 in 万元 with six decimals: exact, one 分 is the last of them."""
    return f"{Decimal(fen) / 1_000_000:.6f}"


def values(parcel: Parcel, options: Mapping[str, Any]) -> dict[str, str]:
    """The form's values by the name of the fact."""
    facts = parcel.facts
    kinds = list(facts.get("kinds", ()))
    found = {name: str(value) for name, value in facts.items() if isinstance(value, str)}
    found["party_class"] = _CLASSES.get(found.get("party_kind", ""), found.get("party_kind", ""))
    found["kinds"] = ";".join(kinds)
    # An amount stands where the decision has one; no fine is no figure, not a nought.
    found["fine"] = wan(facts["fine_fen"]) if facts.get("fine_fen") else ""
    found["forfeit"] = wan(facts["forfeit_fen"]) if facts.get("forfeit_fen") else ""
    found["valid_until"] = found.get("valid_until") or str(options.get("valid_until", ""))
    found["valid_from"] = found.get("valid_from") or found.get("decided_on", "")
    found["paper_name"] = found.get("paper_name") or found.get("title", "")
    found["licence_class"] = found.get("licence_class") or found.get("category", "")
    other = found.get("decided_by", "")
    found["decider"] = other or found.get("agency", "")
    found["decider_code"] = found.get("decided_by_code", "") if other else found.get("agency_code", "")
    ended = found.get("ended", "")
    if ended:
        found["valid_from"] = found["valid_until"] = ""
    found["state"] = "" if ended else str(options.get("state", ""))
    found["remark"] = "；".join(filter(None, (ended, _REMARKS.get(parcel.operation, ""))))
    return found


def record(parcel: Parcel, options: Mapping[str, Any], problems: Problems) -> dict[str, str]:
    """One row by column code; every missing or over-long cell is a problem with its decision's number."""
    names: Mapping[str, str] = options.get("names", {})
    have, row = values(parcel, options), {}
    for field in PENALTY if parcel.kind == DecisionKind.PENALTY else PERMIT:
        value = have.get(field.fact, "") if field.fact else ""
        if field.must and not value.strip() and not (have.get("ended") and field.fact in _LASTING):
            problems.add("rows", f"{parcel.number}：缺少{field.name}")
        if field.most and len(value) > field.most:
            problems.add("rows", f"{parcel.number}：{field.name}超过 {field.most} 个字")
        row[names.get(field.name, field.code)] = value
    if parcel.kind == DecisionKind.PENALTY and "罚款" in parcel.facts.get("kinds", ()) and not have["fine"]:
        problems.add("rows", f"{parcel.number}：处罚类别含罚款，缺少罚款金额")
    natural = have["party_class"] == "自然人"
    if not natural and not have.get("credit_code"):
        problems.add("rows", f"{parcel.number}：缺少统一社会信用代码")
    return row


def write(options: Mapping[str, Any], parcels: Sequence[Parcel], form: str) -> bytes:
    """A batch as a file; ``Invalid`` with every bad cell."""
    problems = Problems()
    names: Mapping[str, str] = options.get("names", {})
    alive = [p for p in parcels if p.operation != Operation.WITHDRAW]
    rows = [record(p, options, problems) for p in alive]
    if problems.fields:
        raise Invalid(
            "有不符合要求的栏目，未制成文件",
            remedy="请按所列文号更正公示信息或者渠道参数后重新制作",
            fields=problems.fields,
        )
    kind = parcels[0].kind if parcels else DecisionKind.PENALTY
    columns = [
        (names.get(f.name, f.code), f.name) for f in (PENALTY if kind == DecisionKind.PENALTY else PERMIT)
    ]
    gone = [{"number": p.number, "reason": p.reason} for p in parcels if p.operation == Operation.WITHDRAW]
    return sheets.written(form, columns, rows, gone)


def check(options: Mapping[str, Any], _secret: str, problems: Problems) -> None:
    known = {field.name for field in (*PENALTY, *PERMIT)}
    for name in options.get("names", {}):
        if name not in known:
            problems.add("names", f"双公示表中没有“{name}”一栏")


def register() -> None:
    publication.channels.register(
        publication.channels.Adapter(
            code="double_publicity",
            label="双公示数据表（文件报送）",
            channel=Channel.CREDIT,
            acts=(DecisionKind.PENALTY, DecisionKind.PERMIT),
            check=check,
            write=write,
            note="栏目次序、名称和代码按公开使用情况整理，必填要求和取值规则待核实；对方平台代码不同的，可逐栏指定。",
        )
    )

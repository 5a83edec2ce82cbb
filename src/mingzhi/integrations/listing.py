"""Files for platforms whose format we have not seen: the bureau writes the columns (待核实).

So for the results of random inspections at the national enterprise credit publicity system (R049).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from mingzhi.integrations import sheets
from mingzhi.integrations.double_publicity import values
from mingzhi.kernel.errors import Problems
from mingzhi.publication import api as publication
from mingzhi.publication.choices import Channel, DecisionKind, Operation
from mingzhi.publication.data import Parcel

#: What a column may be filled with, by the name that the bureau writes.
FACTS = {
    "行政相对人名称": "party", "行政相对人类别": "party_class", "统一社会信用代码": "credit_code",
    "决定书文号": "number", "决定日期": "decided_on", "执法类别": "category", "执法结论": "conclusion",
    "主要事实": "facts", "依据": "basis", "处罚类别": "kinds", "处罚内容": "content", "罚款金额(万元)": "fine",
    "没收金额(万元)": "forfeit", "有效期至": "valid_until", "公示截止期": "public_until",
    "执法机关": "agency", "执法机关统一社会信用代码": "agency_code", "案由": "title", "备注": "remark",
}  # fmt: skip


def write(options: Mapping[str, Any], parcels: Sequence[Parcel], form: str) -> bytes:
    """A batch as a file in the bureau's columns."""
    columns = [(code, name) for name, code in options["names"].items()]
    rows = []
    for parcel in parcels:
        if parcel.operation != Operation.WITHDRAW:
            have = values(parcel, options)
            rows.append({code: have.get(FACTS[name], "") for code, name in columns})
    gone = [{"number": p.number, "reason": p.reason} for p in parcels if p.operation == Operation.WITHDRAW]
    return sheets.written(form, columns, rows, gone)


def check(options: Mapping[str, Any], _secret: str, problems: Problems) -> None:
    names = options.get("names", {})
    if not names:
        problems.add("names", "请按对方平台的要求填写栏目，每行一项，如“行政相对人名称 = MC”")
    for name in names:
        if name not in FACTS:
            problems.add("names", f"没有“{name}”这一内容；可用的有：{'、'.join(FACTS)}")


def register() -> None:
    publication.channels.register(
        publication.channels.Adapter(
            code="listing",
            label="自定栏目的数据表（文件报送）",
            channel=Channel.PORTAL,
            acts=tuple(DecisionKind.values),
            check=check,
            write=write,
            note="用于尚未取得数据格式的平台，如国家企业信用信息公示系统的抽查结果归集；栏目由本机关按对方要求填写，格式待核实。",
        )
    )

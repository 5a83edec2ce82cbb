"""已归档的存量案卷、接收的档案包: a matter that ended before it came here. It can only be remarked upon."""

from __future__ import annotations

from datetime import date

from mingzhi.organisations.permissions import Permission as P
from mingzhi.procedures.data import Facts, Procedure, Row, StateInfo, fact

ARCHIVE = "归档"


class Remark(Facts):
    """What was found to be wrong or missing in the description; the description itself stays."""

    text: str = fact("说明", widget="textarea", min_length=2, max_length=1000)


HELD = Procedure(
    code="archive.held",
    name="存量案卷",
    version="2026-11",
    since=date(2018, 1, 1),
    initial="archived",
    stages=(ARCHIVE,),
    states=(StateInfo("archived", "已归档", ARCHIVE, final=True, public="已办结"),),
    rows=(
        Row(
            "remark", "著录说明", ARCHIVE, ("archived",), None, P.DOSSIER_ARCHIVE, "档案法实施条例第三十九条",
            facts=Remark, relation="body", help="著录内容有误或者需要补充的，在此说明；原著录保留",
        ),
    ),
    basis="档案法第三十七条；霞山区实施方案二（二）4",
)  # fmt: skip

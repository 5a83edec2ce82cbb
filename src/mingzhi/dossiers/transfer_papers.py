"""移交清单 and 移交与接收登记表 as papers.

The register's columns follow what archives commonly ask for; no rule that we could confirm fixes them, so
the paper says 待核实 (domain U10).
"""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

from mingzhi.dossiers import sources
from mingzhi.dossiers.transfer_views import LineView, ListView
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations

_SOURCE = (Path(__file__).parent / "transfer.typ").read_bytes()
TRAITS = (("准确性检验", "A"), ("完整性检验", "C"), ("可用性检验", "U"), ("安全性检验", "S"))
NOTE = "登记表栏目按电子档案移交与接收的通行做法设置，待核实；以接收档案馆的要求为准。一式两份，移交、接收单位各执一份。"


def list_pdf(view: ListView, *, at: datetime) -> bytes:
    """The list, one line for each dossier, to be signed by both sides."""
    organ = organisations.body(view.body_id).name
    return sources.typeset(
        _SOURCE,
        {
            "kind": "list",
            "title": "电子档案移交清单",
            "organ": organ,
            "receiver": view.receiver,
            "number": view.number,
            "made": _day(at),
            "rows": [_row(line, seq) for seq, line in enumerate(view.lines, 1)],
            "total": f"合计：{len(view.lines)} 卷，{view.items} 件，{view.pages} 页，数据量 {gigabytes(view.size)}",
            "signs": [
                f"提出人：{view.by_name}",
                f"审批：{view.decision or '（待审批）'}",
                f"制表日期：{_written(clock.local_date(at))}",
                "移交人（签名）：",
                "接收人（签名）：",
                "交接日期：　　　年　　月　　日",
            ],
        },
    )


def _row(line: LineView, seq: int) -> list[str]:
    return [
        str(seq), line.archive_number, line.title, line.dossier_number, f"{line.closed_on:%Y-%m-%d}",
        line.retention, str(line.items), str(line.pages), line.package.sha256 if line.package else "（未制作）",
    ]  # fmt: skip


def register_pdf(view: ListView, *, at: datetime) -> bytes:
    """移交与接收登记表: what this side found is filled in, the archive's side when its receipt is entered."""
    organ = organisations.body(view.body_id).name
    handed = view.hand_overs[-1] if view.hand_overs else None
    receipt = view.receipts[-1] if view.receipts else None
    taken = [x for x in view.lines if x.accepted]
    back = [x for x in view.lines if x.accepted is False]
    answer = ""
    if receipt is not None:
        answer = f"接收 {len(taken)} 卷" + (f"，退回 {len(back)} 卷" if back else "")
        answer += "".join(f"；退回 {x.archive_number}：{x.reason}" for x in back[:10])
    return sources.typeset(
        _SOURCE,
        {
            "kind": "register",
            "title": "电子档案移交与接收登记表",
            "organ": organ,
            "receiver": view.receiver,
            "made": _day(at),
            "facts": [
                ["交接工作名称", f"{organ}执法案卷移交（{view.number}）"],
                ["内容描述", view.description],
                ["移交电子档案数量", f"{len(view.lines)} 卷，{view.items} 件，{view.pages} 页"],
                ["移交数据量", gigabytes(view.size)],
                ["载体起止顺序号", handed.medium_numbers or "在线" if handed else ""],
                [
                    "移交载体类型、规格",
                    f"{handed.medium_label} {handed.medium_kind}".strip() if handed else "",
                ],
                ["移交目录摘要", f"SHA-256 {handed.sha256}" if handed else ""],
                ["移交时间", f"{clock.local(handed.at):%Y-%m-%d %H:%M}" if handed else ""],
            ],
            "checks": [
                *([label, _own(view, trait), ""] for label, trait in TRAITS),
                ["载体外观检验", "", ""],
                ["检验结论", "逐包四性检测通过" if view.state in ("ready", "handed", "done") else "", answer],
            ],
            "signs": [
                ["填表人", handed.clerk if handed else "", receipt.received_by if receipt else ""],
                ["审核人", handed.reviewer if handed else "", ""],
                ["单位（印章）", "", ""],
                [
                    "日期",
                    _written(clock.local_date(handed.at)) if handed else "",
                    _written(receipt.received_on) if receipt else "",
                ],
            ],
            "note": NOTE,
        },
    )


def _own(view: ListView, trait: str) -> str:
    """How many packages passed every check of one property."""
    made = [x.package for x in view.lines if x.package is not None]
    good = [p for p in made if all(c[2] == "pass" for c in p.checks if c[0].startswith(trait))]
    kinds = {c[0] for p in made for c in p.checks if c[0].startswith(trait)}
    return f"{len(good)}/{len(view.lines)} 个档案包通过，{len(kinds)} 项自动检测" if made else ""


def gigabytes(size: int) -> str:
    """移交数据量 in GB to three places, and the exact bytes: small hand-overs would else read 0.000."""
    return f"{size / 1e9:.3f} GB（{size:,} 字节）"


def _day(at: datetime) -> list[int]:
    day = clock.local_date(at)
    return [day.year, day.month, day.day]


def _written(day: date) -> str:
    return f"{day.year} 年 {day.month} 月 {day.day} 日"

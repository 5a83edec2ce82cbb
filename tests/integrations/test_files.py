"""双公示 files and files in the bureau's own columns."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from datetime import date
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from mingzhi.integrations import double_publicity
from mingzhi.integrations.double_publicity import PENALTY, PERMIT, wan
from mingzhi.kernel.errors import Invalid, NotFound
from mingzhi.organisations.permissions import Permission
from mingzhi.publication import api
from mingzhi.publication.data import DecisionSnapshot
from tests.publication.conftest import AT, DECIDED, Bureau, actor
from tests.shared_data import shared

pytestmark = pytest.mark.django_db(databases="__all__")


def test_the_columns_are_those_of_the_form_in_its_order() -> None:
    rows = list(
        csv.DictReader(shared("standards/double_publicity_fields.csv").read_text("utf-8").splitlines())
    )
    for kind, fields in (("处罚", PENALTY), ("许可", PERMIT)):
        form = [r for r in rows if r["kind"] == kind and r["version"].startswith("2019")]
        assert [f.name for f in fields] == [r["name"] for r in form]
        for field, row in zip(fields, form, strict=True):
            plain = [c for c in row["code"].split("/") if c and "旧" not in c]
            assert not plain or field.code in plain, field
            assert row["rule"] != "必填" or field.must, field


@pytest.mark.parametrize(
    ("fen", "text"),
    [(0, "0.000000"), (1, "0.000001"), (200000, "0.200000"), (500000, "0.500000"), (123456789, "123.456789")],
)
def test_amounts_are_in_wan_with_six_decimals(fen: int, text: str) -> None:
    assert wan(fen) == text


@pytest.fixture
def target(bureau: Bureau) -> int:
    admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
    return api.channels.target_set(
        name="信用中国", act="penalty", adapter="double_publicity", options={"valid_until": "2099-12-31"},
        citation="示例文件", by=admin, at=AT,
    )  # fmt: skip


def test_a_batch_is_made_downloaded_answered_and_what_was_withdrawn_is_told(
    bureau: Bureau, snapshot: Any, target: int
) -> None:
    one = bureau.published(snapshot(severity="ordinary", kinds=("03", "05"), forfeit_fen=12345))
    two = bureau.published(snapshot(severity="serious", number="湛霞综执罚决字〔2026〕第13号"))
    who = {"by": bureau.publisher, "at": AT}
    batch = api.channels.batch_make(target_id=target, **who)
    with pytest.raises(Invalid):
        api.channels.batch_make(target_id=target, **who)

    def taken(form: str) -> bytes:
        return api.channels.batch_file(target_id=target, batch=batch, form=form, by=bureau.publisher)

    rows = json.loads(taken("json"))["records"]
    assert [r["CF_WSH"] for r in rows] == ["湛霞综执罚决字〔2026〕第12号", "湛霞综执罚决字〔2026〕第13号"]
    first = rows[0]
    assert (first["CF_NR_FK"], first["CF_NR_WFFF"], first["CF_CFLB"]) == (
        "0.500000",
        "0.012345",
        "罚款;没收非法财物",
    )
    assert (first["CF_XDR_LB"], first["CF_FDDB"], first["CF_YXQ"], first["CF_GSJZQ"]) == (
        "法人及非法人组织",
        "李示例",
        "2099-12-31",
        "2027-09-18",
    )
    assert first["CF_XDR_ZJHM"] == "" and "13800138000" not in str(rows) and "王示例" not in str(rows)
    sheet = CalamineWorkbook.from_filelike(io.BytesIO(taken("xlsx"))).get_sheet_by_index(0).to_python()
    assert sheet[0] == [f.name for f in PENALTY] and sheet[1][18] == "0.500000"
    lines = list(csv.reader(io.StringIO(taken("csv").decode("utf-8-sig"))))
    assert lines[1] == [str(v) for v in sheet[1]]
    with pytest.raises(NotFound):
        taken("exe")
    # Withdrawn between making and download: the text is not in the file any more.
    api.disclosure_withdraw(
        disclosure_id=two, reason="=决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
    )
    assert [r["CF_WSH"] for r in json.loads(taken("json"))["records"]] == ["湛霞综执罚决字〔2026〕第12号"]
    with pytest.raises(Invalid):
        api.channels.answer_enter(
            target_id=target, batch=batch, refused={"没有的文号": "x"}, receipt="HZ1", **who
        )
    refused = {"湛霞综执罚决字〔2026〕第12号": "信用代码校验失败"}
    assert (
        api.channels.answer_enter(target_id=target, batch=batch, refused=refused, receipt="HZ1", **who) == 2
    )
    [view] = api.channels.targets(bureau.publisher)
    assert (view.counts["refused"], view.last_receipt) == (1, "HZ1")
    api.channels.retry(delivery_id=view.trouble[0].id, **who)
    second = api.channels.batch_make(target_id=target, **who)
    told = json.loads(
        api.channels.batch_file(target_id=target, batch=second, form="json", by=bureau.publisher)
    )
    assert [r["CF_WSH"] for r in told["records"]] == ["湛霞综执罚决字〔2026〕第12号"]
    assert told["withdrawn"] == [{"number": "湛霞综执罚决字〔2026〕第13号", "reason": "=决定已撤销"}]
    # Where nothing is left to file, what needed no filing waits no longer.
    gone = bureau.published(snapshot(severity="serious", number="湛霞综执罚决字〔2026〕第14号"))
    api.disclosure_withdraw(
        disclosure_id=gone, reason="决定已撤销", basis="行政处罚法第四十八条", by=bureau.publisher, at=AT
    )
    with pytest.raises(Invalid):
        api.channels.batch_make(target_id=target, **who)
    [view] = api.channels.targets(bureau.publisher)
    assert (view.counts["waiting"], view.counts["dropped"]) == (0, 2)
    gone = api.channels.batch_file(target_id=target, batch=second, form="csv-withdrawn", by=bureau.publisher)
    assert "第13号,'=决定已撤销\r\n" in gone.decode("utf-8-sig"), "no program runs a reason as a formula"
    assert one


def test_every_bad_cell_is_named_and_no_file_is_made(bureau: Bureau, snapshot: Any) -> None:
    admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
    target = api.channels.target_set(name="信用中国", act="penalty", adapter="double_publicity", options={}, citation="示例", by=admin, at=AT)  # fmt: skip
    bureau.published(snapshot(severity="ordinary", credit_code=""))
    batch = api.channels.batch_make(target_id=target, by=bureau.publisher, at=AT)
    with pytest.raises(Invalid) as refused:
        api.channels.batch_file(target_id=target, batch=batch, form="xlsx", by=bureau.publisher)
    told = "；".join(refused.value.fields["rows"])
    assert "缺少处罚有效期" in told and "缺少统一社会信用代码" in told and "第12号" in told


def test_the_party_in_full_goes_to_the_statutory_channel_and_masked_to_the_web(
    bureau: Bureau, snapshot: Any, target: int
) -> None:
    pk = bureau.published(snapshot(severity="ordinary", party_kind="natural", party_name="欧阳示例", credit_code="", representative=""))  # fmt: skip
    batch = api.channels.batch_make(target_id=target, by=bureau.publisher, at=AT)
    row = json.loads(
        api.channels.batch_file(target_id=target, batch=batch, form="json", by=bureau.publisher)
    )["records"][0]
    assert (row["CF_XDR_MC"], row["CF_XDR_LB"], row["CF_XDR_SHXYM"]) == ("欧阳示例", "自然人", "")
    assert api.public_decision(pk).row.party == "欧阳某某"


def test_inspection_results_go_out_in_the_columns_the_bureau_wrote(bureau: Bureau) -> None:
    admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
    given = {"name": "国家企业信用信息公示系统", "act": "inspection", "adapter": "listing", "citation": "示例", "by": admin, "at": AT}  # fmt: skip
    with pytest.raises(Invalid):
        api.channels.target_set(options={}, **given)
    with pytest.raises(Invalid):
        api.channels.target_set(options={"names": {"身份证号码": "ID"}}, **given)
    names = {"行政相对人名称": "ENT", "统一社会信用代码": "UNISCID", "执法结论": "RESULT"}
    target = api.channels.target_set(options={"names": names}, **given)
    result = DecisionSnapshot(
        agency=bureau.body.name, agency_code=bureau.body.credit_code, party_name="示例一号渣土运输有限公司",
        party_kind="legal", credit_code="91110000600037341L", number="湛霞综执检字〔2026〕第1号", category="双随机抽查",
        conclusion="未发现问题", basis="《示例条例》第一条", decided_on=date(2026, 9, 18),
    )  # fmt: skip
    pk = api.schedule(dossier_id=None, kind="inspection", decided_on=DECIDED, snapshot=result, body=bureau.body, by=bureau.leader, at=AT)  # fmt: skip
    api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
    api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
    api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    batch = api.channels.batch_make(target_id=target, by=bureau.publisher, at=AT)
    told = json.loads(
        api.channels.batch_file(target_id=target, batch=batch, form="json", by=bureau.publisher)
    )
    assert told["records"] == [
        {"ENT": "示例一号渣土运输有限公司", "UNISCID": "91110000600037341L", "RESULT": "未发现问题"}
    ]


def test_permits_go_out_with_validity_and_who_decided_and_what_ended_says_so(bureau: Bureau) -> None:
    admin = actor(108, bureau.body.id, Permission.CONFIG_MANAGE)
    given = {
        "name": "信用中国",
        "act": "permit",
        "adapter": "double_publicity",
        "citation": "示例",
        "by": admin,
        "at": AT,
    }
    target = api.channels.target_set(options={"valid_until": "2099-12-31", "state": "1"}, **given)
    permit = DecisionSnapshot(
        agency=bureau.body.name, agency_code=bureau.body.credit_code, party_name="示例一号渣土运输有限公司",
        party_kind="legal", credit_code="91110000600037341L", representative="李示例", number="湛霞综许准字〔2026〕第1号",
        category="行政许可：准予许可", conclusion="准予临时占用道路三个月。", basis="《示例条例》第一条", decided_on=DECIDED,
        paper_name="准予行政许可决定书", licence_class="普通", licence="临时占用道路许可证", licence_number="XK-1",
        valid_from=date(2026, 9, 20),
    )  # fmt: skip
    for one in (
        permit,
        dataclasses.replace(
            permit,
            number="湛霞综许准字〔2026〕第2号",
            valid_until=date(2026, 12, 19),
            decided_by="示例区人民政府",
        ),
        dataclasses.replace(permit, number="湛霞综许准字〔2026〕第3号", ended="不予许可", valid_from=None),
    ):
        pk = api.schedule(dossier_id=None, kind="permit", decided_on=DECIDED, snapshot=one, body=bureau.body, by=bureau.leader, at=AT)  # fmt: skip
        api.disclosure_collect(disclosure_id=pk, by=bureau.collector, at=AT)
        api.disclosure_check(disclosure_id=pk, by=bureau.checker, at=AT)
        api.disclosure_publish(disclosure_id=pk, by=bureau.publisher, at=AT)
    batch = api.channels.batch_make(target_id=target, by=bureau.publisher, at=AT)
    rows = json.loads(
        api.channels.batch_file(target_id=target, batch=batch, form="json", by=bureau.publisher)
    )["records"]
    assert [
        tuple(r[c] for c in ("XK_XKLB", "XK_XKZS", "XK_XKBH", "XK_YXQZ", "XK_YXQZI", "XK_ZT", "BZ"))
        for r in rows
    ] == [
        ("普通", "临时占用道路许可证", "XK-1", "2026-09-20", "2099-12-31", "1", ""),
        ("普通", "临时占用道路许可证", "XK-1", "2026-09-20", "2026-12-19", "1", ""),
        ("普通", "临时占用道路许可证", "XK-1", "", "", "", "不予许可"),
    ]
    assert [(r["XK_XKJG"], r["XK_XKJGDM"], r["XK_LYDW"]) for r in rows[:2]] == [
        (bureau.body.name, bureau.body.credit_code, bureau.body.name),
        ("示例区人民政府", "", bureau.body.name),
    ], "the government's name never goes with the bureau's code"
    assert rows[0]["XK_XKWS"] == "准予行政许可决定书"


def test_the_form_knows_no_identity_numbers() -> None:
    assert all(not f.fact for f in (*PENALTY, *PERMIT) if "证件" in f.name or "身份证" in f.name)
    assert double_publicity.values.__doc__

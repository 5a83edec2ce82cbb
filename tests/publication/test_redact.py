"""Masking: nothing seeded survives, nothing public is lost, and masking twice is masking once."""

from __future__ import annotations

import csv
import json
import time
import unicodedata
from datetime import date

import pytest
from click.testing import CliRunner
from hypothesis import given, settings
from hypothesis import strategies as st

from mingzhi.publication import redact
from mingzhi.publication.commands import redact as command
from tests.shared_data import shared

WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
REGIONS = ("440803", "610102", "321102", "140402", "411481", "110105")
SURNAMES = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗"
GIVEN = "伟芳娜秀英敏静丽强磊军洋勇艳杰娟涛明超兰霞平刚"


@st.composite
def resident_ids(draw: st.DrawFn) -> str:
    day = draw(st.dates(min_value=date(1930, 1, 1), max_value=date(2020, 1, 1)))
    body = f"{draw(st.sampled_from(REGIONS))}{day:%Y%m%d}{draw(st.integers(0, 999)):03d}"
    return body + "10X98765432"[sum(w * int(c) for w, c in zip(WEIGHTS, body, strict=True)) % 11]


mobiles = st.builds(lambda a, b: f"1{a}{b:09d}", st.sampled_from("3456789"), st.integers(0, 999_999_999))
people = st.builds(lambda a, b: a + b, st.sampled_from(SURNAMES), st.text(GIVEN, min_size=1, max_size=2))


def full_width(text: str) -> str:
    return "".join(chr(ord(c) + 0xFEE0) for c in text)


@st.composite
def written(draw: st.DrawFn, plain: st.SearchStrategy[str]) -> tuple[str, str]:
    """An identifier and one of the ways in which people write it."""
    number = draw(plain)
    how = draw(st.sampled_from(("plain", "full", "groups", "apart", "broken", "full broken")))
    cut = draw(st.integers(2, len(number) - 2))
    groups = (6, 14) if len(number) == 18 else (3, 7)
    return number, {
        "plain": number,
        "full": full_width(number),
        "groups": f"{number[: groups[0]]} {number[groups[0] : groups[1]]} {number[groups[1] :]}",
        "apart": " ".join(number),
        "broken": f"{number[:cut]}\n  {number[cut:]}",
        "full broken": full_width(f"{number[:cut]}") + "\r\n" + full_width(number[cut:]),
    }[how]


def digits(text: str) -> str:
    return "".join(
        str(unicodedata.digit(c)) if unicodedata.digit(c, None) is not None else c
        for c in text
        if c.isdigit()
    )


SENTENCES = st.sampled_from(
    (
        "当事人提供号码：{}，经核实无误。",
        "经查，{}，并于当日到场。",
        "{}",
        "2026年9月1日10时，罚款5000元，{}；依据第十二条。",
    )
)


@settings(max_examples=1500)
@given(written(resident_ids()), SENTENCES)
def test_no_resident_id_survives_in_any_spelling(pair: tuple[str, str], sentence: str) -> None:
    number, spelled = pair
    masked = redact.redact(sentence.format(spelled)).masked
    assert number[:17] not in digits(masked)
    assert number[6:14] not in digits(masked)


@settings(max_examples=1500)
@given(written(mobiles), SENTENCES)
def test_no_mobile_number_survives_in_any_spelling(pair: tuple[str, str], sentence: str) -> None:
    number, spelled = pair
    assert number not in digits(redact.redact(sentence.format(spelled)).masked)


@settings(max_examples=400)
@given(
    people,
    st.sampled_from(("对{}的询问笔录", "{0}说：{0}不知情", "在场的有{}等人", "证人 {}", "{}")),
    st.sampled_from(("", " ", "\n", "　")),
)
def test_a_known_name_never_survives_however_it_is_spaced(name: str, sentence: str, gap: str) -> None:
    masked = redact.redact(sentence.format(gap.join(name)), names=[name]).masked
    assert name not in "".join(masked.split())


PIECES = st.lists(
    st.one_of(
        st.sampled_from(("当事人：", "住址：", "电话", "，", "。", "\n", "身份证", "示例小区3栋2单元501室", "粤G12345", "a@b.cn", "〔2026〕第12号", "患有高血压病")),
        resident_ids(), mobiles, people, st.text(max_size=12),
    ),
    max_size=10,
).map("".join)  # fmt: skip


@settings(max_examples=600)
@given(PIECES)
def test_masking_twice_is_masking_once(text: str) -> None:
    once = redact.redact(text).masked
    assert redact.redact(once).masked == once


@settings(max_examples=600)
@given(PIECES)
def test_spans_are_ordered_apart_and_give_the_masked_text(text: str) -> None:
    done = redact.redact(text)
    at, rebuilt = 0, ""
    for span in done.spans:
        assert at <= span.start < span.end <= len(text)
        rebuilt += text[at : span.start] + span.replacement
        at = span.end
    assert rebuilt + text[at:] == done.masked


@pytest.mark.parametrize(
    ("text", "kind", "hidden"),
    [
        ("旧号110105491231002", "resident_id", "110105491231002"),
        ("证件4408031990****1234", "resident_id", "4408031990****1234"),
        ("电话(0759)2345678", "landline", "2345678"),
        ("座机０７５９－２３４５６７８转8001", "landline", "２３４５６７８"),
        ("一三八零零一三八零零零", "mobile", "一三八"),
        ("开户行示例银行，账号44 0012 3456 7890", "bank_account", "3456"),
        ("经查，6\n276524929928229332，当日到场", "bank_account", "27652492"),
        ("邮箱zhang.san＠example．com", "email", "zhang"),
        ("微信号：wx_demo123", "contact", "wx_demo123"),
        ("车牌粤G·12345停在路边", "plate", "12345"),
        ("护照号码E12345678", "passport", "E12345678"),
        ("港澳通行证H1234567802", "passport", "1234567802"),
        ("家住广东省湛江市霞山区示例路1号3栋2单元501室", "address", "501"),
        ("当事人，住湖南省攸县某街道某村12组8号，电话略", "address", "12组8号"),
        ("其患有高血压病", "health", "高血压"),
    ],
)
def test_each_kind_is_found(text: str, kind: str, hidden: str) -> None:
    done = redact.redact(text)
    assert kind in {s.kind for s in done.spans}, done
    assert hidden not in done.masked


@pytest.mark.parametrize(
    "text",
    [
        "统一社会信用代码：91110000600037341L",
        "湛霞综执罚决字〔2026〕第12号",
        "《中华人民共和国行政处罚法》第三十二条第一款第（三）项",
        "罚款人民币12,345.67元（壹万贰仟叁佰肆拾伍元陆角柒分），2026年9月18日缴清",
        "2026-09-18 10:30至2026-09-19 15:20",
        "监督电话：0759-2345678；举报电话12345",
        "执法人员：张示例、李示例（执法证号 440803990001）",
        "违法地点：霞山区人民大道南38号",
        "当事人陈述申辩，当事人应当自收到本决定书之日起十五日内缴款",
        "法定代表人身份证明书、营业执照复印件",
        "住房和城乡建设主管部门负责人批准",
        "许可水量2942.07万m³，实际3108.563万m³",
        "当事人示例一号运输有限公司，住所：湛江市霞山区示例路8号",
    ],
)
def test_what_is_public_stays(text: str) -> None:
    assert redact.redact(text).masked == text


def test_own_name_and_third_persons_keep_the_family_name_only() -> None:
    text = "当事人：欧阳示例，证人买买提·示例、王示例。"
    assert (
        redact.redact(text, own=["欧阳示例"], names=["王示例"]).masked
        == "当事人：欧阳某某，证人某某、王某某。"
    )


def test_a_name_cut_at_the_head_and_written_out_in_the_evidence_is_found() -> None:
    """The defect of real record P045."""
    done = redact.redact("委托代理人：李某某。证据三：对李示例的询问笔录一份。")
    assert "李示例" not in done.masked


def test_full_name_number_and_home_of_a_natural_person_are_all_hidden() -> None:
    """The defect of real record P010."""
    text = "当事人：肖示例，男，身份证号码4302231990****0012，住湖南省攸县某街道某社区12组8号。"
    masked = redact.redact(text).masked
    assert masked == "当事人：肖某某，男，身份证号码******************，住湖南省攸县***。"


def test_the_agency_and_its_officers_are_kept_when_told() -> None:
    done = redact.redact("现场负责人：张示例称；承办人张示例", keep=["张示例"])
    assert "张示例" in done.masked


def test_real_records_lose_nothing_public() -> None:
    with shared("records/penalty_records.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    cells = [
        (r["rec_id"], r[k], r["agency"])
        for r in rows
        for k in ("violation", "facts", "law_basis", "law_violated", "discretion")
        if r[k]
    ]
    touched = [(i, text) for i, text, agency in cells if redact.find(text, keep=[agency])]
    assert len(touched) <= len(cells) * 0.02, touched


def test_law_texts_are_hardly_touched() -> None:
    articles = hit = 0
    for path in sorted(shared("laws").glob("*.md"))[::6]:
        for line in path.read_text("utf-8").splitlines():
            if line.strip():
                articles += 1
                hit += bool(redact.find(line))
    assert hit <= articles * 0.02


def run(*arguments: str, given_bytes: bytes) -> tuple[int, bytes]:
    answer = CliRunner().invoke(command, list(arguments), input=given_bytes)
    return answer.exit_code, answer.stdout_bytes


def test_the_command_masks_standard_input() -> None:
    code, out = run(given_bytes="电话13800138000\n".encode())
    assert (code, out.decode()) == (0, "电话***********\n")


def test_the_command_answers_line_by_line_and_survives_bad_lines() -> None:
    lines = [
        '{"id": 7, "text": "电话13800138000"}',
        "not json",
        '{"id": "b"}',
        '{"id": 8, "text": "张示例", "names": ["张示例"]}',
        '{"id": 9, "text": "a", "names": 3}',
    ]
    code, out = run("--stdin-jsonl", given_bytes="\n".join(lines).encode() + b"\n\xff\xfe\n")
    answers = [json.loads(line) for line in out.decode().splitlines()]
    assert code == 0
    assert answers[0] == {
        "id": 7,
        "masked": "电话***********",
        "spans": [{"kind": "mobile", "start": 2, "end": 13, "action": "mask"}],
    }
    assert [("error" in a) for a in answers] == [False, True, True, False, True, True]
    assert answers[3]["masked"] == "张某某"


def test_input_that_is_not_text_is_refused_in_words() -> None:
    code, _ = run(given_bytes=b"\xff\xfe\x00")
    assert code == 1


def test_the_engine_loads_no_framework() -> None:
    import subprocess
    import sys

    check = "import sys, mingzhi.publication.commands; sys.exit('django' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", check], check=False).returncode == 0


def test_a_long_run_of_letters_costs_no_more_than_its_length() -> None:
    """Anybody may send one in; it was read again from each of its letters."""
    began = time.process_time()
    assert not redact.find("a" * 16_000)
    assert time.process_time() - began < 3
    assert redact.redact(f"{'a' * 60}@example.com").masked == "*" * 6

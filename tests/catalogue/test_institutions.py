"""What a bureau's own plan demands of its rules: documents, elements, terms; found by words, told, never refused."""

from datetime import date

import pytest

from mingzhi.catalogue.institutions import Finding, findings

DAY = date(2026, 9, 7)


def found(profile: str, code: str, text: str) -> Finding:
    return next(f for f in findings({code: text}, profile, DAY) if f.code == code)


def test_xian_demands_the_five_elements_of_its_rules_for_sound_and_picture() -> None:
    """S0 四（二）2（4）: R077."""
    five = ["设备配备", "使用规范", "记录要素", "存储应用", "监督管理"]
    text = "。".join(f"第{n}章 {e}" for n, e in enumerate(five))
    assert found("xian-transport", "Z07", text).sound
    for element in five:
        assert found("xian-transport", "Z07", text.replace(element, "")).lacks == (element,)
    held = {f.code: f.held for f in findings({}, "xian-transport", DAY)}
    assert held["Z07"] is False and held["Z08"] is False, "the rules for filing digital records (R094)"


def test_a_general_recording_rule_must_tell_form_content_carrier_and_storage() -> None:
    """R063."""
    assert found("zhenjiang-chengguan", "Z02", "记录的形式、内容、载体").lacks == ("储存",)


def test_xiashans_archive_rules_follow_the_measures_of_its_province() -> None:
    """S4 二（二）4: R096."""
    assert found("xiashan-chengzong", "Z09", "案卷归档").lacks == ("《广东省行政执法档案管理办法》",)
    assert found("xiashan-chengzong", "Z09", "依照《广东省行政执法档案管理办法》归档").sound
    assert "Z09" not in {f.code for f in findings({}, "xian-transport", DAY)}


@pytest.mark.parametrize(
    ("text", "said", "verdict"),
    [
        ("执法人员应当在24小时内将音像记录储存至指定设备", "24小时", "same"),
        ("音像记录储存至指定设备的时间不得超过四十八小时", "48小时", "looser"),
        ("当日不能上传的，十二小时内上传", "12小时", "stricter"),
        ("记录应当在三日内存储", "3日", "looser"),
        ("自2019年1月1日起储存", "", ""),
        ("储存设备由专人保管。本办法自5日后施行", "", ""),
    ],
)
def test_the_hours_that_a_text_fixes_are_held_against_the_norm(text: str, said: str, verdict: str) -> None:
    terms = found("xiashan-chengzong", "Z02", f"形式、内容、载体、储存。{text}").terms
    assert [(t.said, t.verdict) for t in terms] == ([(said, verdict)] if said else [])


@pytest.mark.parametrize(
    ("text", "verdict"), [("保存六个月", "same"), ("保存1年", "stricter"), ("保存三个月", "looser")]
)
def test_a_retention_may_be_longer_and_never_shorter(text: str, verdict: str) -> None:
    assert [t.verdict for t in found("zhenjiang-chengguan", "Z04", f"未关联案件的记录{text}").terms] == [
        verdict
    ]


def test_working_days_and_days_are_never_called_equal() -> None:
    terms = found(
        "zhenjiang-chengguan", "Z01", "行政处罚决定应当在7日内公开。其他决定在20个工作日内公开"
    ).terms
    assert {(t.said, t.verdict) for t in terms} == {("7日", "unlike"), ("20个工作日", "same")}

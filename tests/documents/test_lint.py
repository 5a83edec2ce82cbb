"""Every mandatory item of domain §3.2, from both sides: on the template and in the data."""

from __future__ import annotations

from datetime import date

import pytest

from mingzhi.documents import actions, vocabulary
from mingzhi.documents.errors import PaperIncomplete, TemplateUnsound
from mingzhi.documents.lint import _rules, lint_data, lint_template, rules_of
from mingzhi.documents.markup import parse, printed_text
from tests.documents.conftest import AT, CASE, DECISION

SHIPPED = sorted(p.stem for p in actions.SHIPPED.glob("*.txt"))
ORGAN = {
    "body_name": "示例局", "review_organ": "示例市人民政府", "court": "示例市人民法院",
    "payee_bank": "示例银行", "payee_address": "某某路3号", "drawn_on": "2026-11-16",
}  # fmt: skip


def text_of(code: str) -> str:
    return (actions.SHIPPED / f"{code}.txt").read_text("utf-8")


def sample(code: str) -> dict:
    """A value for everything the rules of ``code`` ask."""
    data: dict = {**ORGAN, **CASE}
    for rule in rules_of(code):
        for label in [*rule.get("any", [])[:1], *rule.get("data", [])]:
            field = vocabulary.field_of(label)
            if field.key in data or rule.get("when"):
                continue
            data[field.key] = {
                "rows": [
                    {
                        "name": "某某",
                        "certificate": "示-1",
                        "q": "问",
                        "a": "答",
                        "wrong": "误",
                        "right": "正",
                    }
                ],
                "money": 100,
                "int": 10,
                "date": "2026-11-16",
                "time": "2026-11-16T01:00:00.000000Z",
            }.get(field.type, "某某内容")
    return data


@pytest.mark.parametrize("code", SHIPPED)
def test_every_shipped_template_carries_what_the_law_wants(code):
    parsed, problems = lint_template(text_of(code))
    assert problems == []
    assert parsed is not None and parsed.code == code


def test_the_penalty_set_is_complete():
    families = {code[:3] for code in SHIPPED}
    assert {f"P{n:02d}" for n in range(1, 31)} <= families


def test_every_rule_names_a_shipped_template_and_known_fields():
    for code, rules in _rules().items():
        if code == "remedy":
            continue
        assert code in SHIPPED
        for rule in rules:
            assert rule["citation"]
            for label in [*rule.get("any", []), *rule.get("data", [])]:
                assert label in vocabulary.by_label(), (code, label)


def test_every_field_of_every_template_is_in_the_field_table():
    for code in SHIPPED:
        parsed = parse(text_of(code))
        unknown = {n for n in parsed.slots | parsed.loops if n not in vocabulary.by_label()}
        assert not unknown, (code, unknown)


@pytest.mark.parametrize(
    ("code", "index"),
    [(c, i) for c in SHIPPED for i, r in enumerate(rules_of(c)) if r.get("any") or r.get("data")],
)
def test_each_mandatory_item_left_empty_is_named_with_its_article(code, index):
    rule = rules_of(code)[index]
    parsed = parse(text_of(code))
    data = sample(code)
    if "when" in rule:
        data[vocabulary.field_of(rule["when"]).key] = 20000
    for label in rule.get("any", []) or rule["data"]:
        field = vocabulary.field_of(label)
        if "when" not in rule:
            assert not [r for r in lint_data(parsed, {**sample(code)}) if field.key in r.code]
        data[field.key] = "" if field.type != "rows" else []
    missing = [r for r in lint_data(parsed, data) if r.citation == rule["citation"]]
    assert missing and all(r.sentence and r.remedy for r in missing)


@pytest.mark.parametrize("code", sorted(c for c in SHIPPED if rules_of(c)))
def test_a_template_that_loses_a_mandatory_field_is_refused(code):
    for rule in rules_of(code):
        if not rule.get("any"):
            continue
        text = text_of(code)
        for label in rule["any"]:
            for mark in ("{{%s", "【如有 %s", "【如无 %s", "【逐项 %s"):
                text = text.replace(mark % label, mark % f"别的{label}")
        _, problems = lint_template(text)
        assert any(p.citation == rule["citation"] for p in problems), (code, rule)


@pytest.mark.parametrize(
    ("code", "old", "new", "needle"),
    [
        ("P18", "印章：是", "印章：否", "印章"),
        ("P18", "六十日", "三十日", "申请行政复议的期限"),
        ("P18", "六个月", "三个月", "提起行政诉讼的期限"),
        ("P18", "向{{复议机关}}申请", "向上一级主管部门（{{复议机关}}）申请", "上一级主管部门"),
        ("P13H", "五个工作日", "三个工作日", "五个工作日"),
        ("P13H", "不承担组织听证的费用", "可以旁听", "费用"),
        ("P20", "应当先自收到本决定书之日起六十日内向{{复议机关}}申请行政复议", "可以提起行政诉讼；{{复议机关}}", "复议前置"),
        ("P20", "文号字：当罚", "文号字：无", "文号"),
        ("P20", "【签名 执法人员（签名）】\n【签名 执法人员（签名）】\n【签名 当事人（签名或者盖章）】", "", "签名栏"),
        ("P07N", "七个工作日", "三十日", "七日"),
        ("P27N", "经过三十日，即视为送达", "经过六十日，即视为送达", "六十日"),
        ("P05", "拒绝签名", "不签", "拒签"),
        ("P15N", "一至二人", "若干人", "代理"),
        ("P24", "陈述和申辩", "说明", "陈述权"),
    ],
)  # fmt: skip
def test_wording_that_the_law_fixes_cannot_be_changed(code, old, new, needle):
    text = text_of(code)
    assert old in text
    _, problems = lint_template(text.replace(old, new))
    assert any(needle in p.sentence for p in problems), [p.sentence for p in problems]


def test_wrong_brackets_in_a_template_are_refused():
    _, problems = lint_template(text_of("P29") + "\n参见示综执罚决字【2026】第1号\n")
    assert any("六角括号" in p.sentence for p in problems)


@pytest.mark.parametrize(
    ("text", "needle"),
    [
        ("没有头部", "---"),
        ("代码：P99\n---\n正文", "名称"),
        ("代码：P99\n名称：某书\n颜色：红\n---\n正文", "无法识别"),
        ("代码：P99\n名称：某书\n---\n【如有 案由】甲", "缺少对应"),
        ("代码：P99\n名称：某书\n---\n甲【完】", "没有对应"),
        ("代码：P99\n名称：某书\n---\n{{案由", "未成对"),
        ("代码：P99\n名称：某书\n版式：海报\n---\n甲", "版式"),
        ("代码：P99\n名称：某书\n---\n" + "【如有 案由】" * 20, "嵌套过深"),
        ("代码：P99\n名称：某书\n---\n" + "甲" * 70000, "过长"),
    ],
)
def test_a_template_that_cannot_be_read_says_why(text, needle):
    parsed, problems = lint_template(text)
    assert parsed is None
    assert needle in problems[0].sentence


def test_fines_ask_for_payee_and_surcharge_only_when_there_is_a_fine():
    parsed = parse(text_of("P18"))
    warned = {**ORGAN, **DECISION, "payee_bank": "", "surcharge": "", "fine_fen": None}
    assert lint_data(parsed, warned) == []
    codes = {r.code for r in lint_data(parsed, {**warned, "fine_fen": 100})}
    assert codes == {"documents.missing.payee_bank", "documents.missing.surcharge"}


def test_an_officer_without_certificate_number_is_named():
    parsed = parse(text_of("P20"))
    data = sample("P20") | {
        "officers": [{"name": "张某某", "certificate": "示-1"}, {"name": "李某某", "certificate": ""}]
    }
    assert any("第 2 名" in r.sentence and "执法证号" in r.sentence for r in lint_data(parsed, data))


def test_amounts_that_are_not_whole_fen_are_refused():
    parsed = parse(text_of("P18"))
    for bad in (-1, "5000", True):
        assert any(
            r.code == "documents.amount.fine_fen"
            for r in lint_data(parsed, {**ORGAN, **DECISION, "fine_fen": bad})
        )


@pytest.mark.django_db(databases="__all__")
class TestWithBureau:
    def test_everything_missing_is_told_at_once_and_nothing_is_kept(self, bureau):
        from mingzhi.documents.models import DocumentNumber, Paper

        data = {k: v for k, v in DECISION.items() if k not in {"evidence", "discretion", "party_address"}}
        with pytest.raises(PaperIncomplete) as caught:
            bureau.draw("P18", data)
        codes = {r.code for r in caught.value.reasons}
        assert codes == {
            "documents.missing.evidence",
            "documents.missing.discretion",
            "documents.missing.party_address",
        }
        assert not Paper.objects.exists() and not DocumentNumber.objects.exists()

    def test_the_office_edits_a_template_and_a_defective_one_is_refused(self, bureau):
        from mingzhi.documents import api

        own = text_of("P18").replace("当事人确有经济困难", "当事人确有经济困难的，请及时说明；")
        draft = api.template_draft(text=own, body_id=bureau.body.id, by=bureau.by, at=AT)
        assert api.template("P18", bureau.body.id).body_id is None  # not in force yet
        api.template_publish(template_id=draft.id, by=bureau.by, at=AT)
        assert api.template("P18", bureau.body.id).body_id == bureau.body.id
        bad = api.template_draft(
            text=own.replace("{{代收机构}}", "银行"), body_id=bureau.body.id, by=bureau.by, at=AT
        )
        with pytest.raises(TemplateUnsound) as caught:
            api.template_publish(template_id=bad.id, by=bureau.by, at=AT)
        assert any("代收机构" in r.sentence for r in caught.value.reasons)
        assert api.template("P18", bureau.body.id).version == draft.version
        good = api.template_draft(text=own + "\n特此决定。\n", body_id=bureau.body.id, by=bureau.by, at=AT)
        api.template_publish(template_id=good.id, by=bureau.by, at=AT)
        assert [t.state for t in api.template_versions("P18", bureau.body.id) if t.body_id] == [
            "published",
            "superseded",
        ]

    def test_an_officer_may_not_edit_templates(self, bureau):
        from dataclasses import replace

        from mingzhi.documents import api
        from mingzhi.kernel.errors import NotAllowed

        with pytest.raises(NotAllowed):
            api.template_draft(
                text=text_of("P18"),
                body_id=bureau.body.id,
                by=replace(bureau.by, person_id=1, permissions=frozenset()),
                at=AT,
            )

    def test_loading_the_shipped_templates_again_changes_nothing(self, bureau):
        from mingzhi.documents import api

        assert actions.load_templates(by=bureau.by, at=AT) == 0
        assert {t.code for t in api.templates(bureau.body.id)} == set(SHIPPED)


@pytest.mark.parametrize("code", SHIPPED)
def test_no_paper_says_the_name_of_the_matter_twice(code: str) -> None:
    text = printed_text(parse(text_of(code)), {**sample(code), "case_name": "涉嫌擅自占用城市道路案"})
    assert "案一案" not in text and "涉嫌涉嫌" not in text and "路案，为" not in text


def test_what_was_done_is_read_out_of_the_name_of_the_matter() -> None:
    assert vocabulary.act_in("涉嫌擅自占用城市道路案") == "擅自占用城市道路"
    assert vocabulary.act_in("擅自占用城市道路") == "擅自占用城市道路"
    assert vocabulary.act_in("涉嫌销毁档案") == "销毁档案" == vocabulary.act_in("涉嫌销毁档案案")
    assert vocabulary.joined("关于", "涉嫌销毁档案", "一案") == "涉嫌销毁档案"
    assert vocabulary.act_in("涉嫌") == "涉嫌"
    assert (
        vocabulary.joined("，证明", "证明占道的事实", "。")
        == "占道的事实"
        == vocabulary.joined("", "占道的事实。", "。")
    )


def test_dates_print_as_officials_write_them():
    assert vocabulary.printed("2026-01-02", "date") == "2026年1月2日"
    assert vocabulary.printed("2026-01-12", "date", "大写") == "二〇二六年一月十二日"
    assert vocabulary.capital_date(date(2026, 10, 20)) == "二〇二六年十月二十日"
    assert vocabulary.printed("2026-01-01T16:05:00.000000Z", "time") == "2026年1月2日0时05分"
    assert vocabulary.printed("上周三", "date") == "上周三"
    assert vocabulary.printed(500050, "money") == "5000.50元"
    assert vocabulary.printed(500000, "money", "大写") == "伍仟元整"

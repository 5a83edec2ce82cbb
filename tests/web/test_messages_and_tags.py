"""Catalogues compile without gettext tools; values are written one way everywhere."""

import gettext
import io
from datetime import UTC, date, datetime

from django.template import Context, Template

from mingzhi.supervision import api as supervision
from mingzhi.web import messages
from mingzhi.web.report_words import WORDS
from mingzhi.web.templatetags import mingzhi

PO = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"

#: somewhere
msgid "案件"
msgstr "Cases"

msgctxt "menu"
msgid "案件"
msgstr "All cases"

msgid "预警 %(n)s 条"
msgid_plural "预警 %(n)s 条"
msgstr[0] "%(n)s warning"
msgstr[1] "%(n)s warnings"

#, fuzzy
msgid "不确定"
msgstr "unsure"

msgid "未译"
msgstr ""
"""


def test_a_catalogue_compiled_here_reads_as_gettext_reads_it() -> None:
    made = gettext.GNUTranslations(io.BytesIO(messages.compiled(messages.parse(PO))))
    assert made.gettext("案件") == "Cases"
    assert made.pgettext("menu", "案件") == "All cases"
    assert made.ngettext("预警 %(n)s 条", "预警 %(n)s 条", 1) == "%(n)s warning"
    assert made.ngettext("预警 %(n)s 条", "预警 %(n)s 条", 2) == "%(n)s warnings"
    assert made.gettext("不确定") == "不确定"
    assert made.gettext("未译") == "未译"


def show(source: str, **values: object) -> str:
    return Template(source).render(Context(values))


def test_amounts_dates_and_moments_look_the_same_everywhere() -> None:
    assert show("{{ x|yuan }}", x=500000) == "5,000.00 元"
    assert show("{{ x|yuan }}", x=None) == ""
    assert show("{{ x|day }}", x=date(2026, 9, 29)) == "2026-09-29"
    assert show("{{ x|day }}", x=datetime(2026, 9, 28, 16, 0, tzinfo=UTC)) == "2026-09-29"
    assert show("{{ x|moment }}", x=datetime(2026, 9, 29, 6, 5, tzinfo=UTC)) == "2026-09-29 14:05"
    assert show("{{ x|weekday }}", x=date(2026, 9, 29)) == "2026-09-29（周二）"


def test_a_law_is_named_between_title_marks_and_a_document_number_is_not() -> None:
    for raw, shown in (
        ("行政处罚法第五十四条、第三十六条", "《行政处罚法》第五十四条、第三十六条"),
        ("行政处罚法第五十八条；国办发〔2018〕118号", "《行政处罚法》第五十八条；国办发〔2018〕118号"),
        ("城市市容和环境卫生管理条例第三十四条第五项", "《城市市容和环境卫生管理条例》第三十四条第五项"),
        ("《档案法实施条例》第二十条", "《档案法实施条例》第二十条"),
        ("本机关投诉举报办理规定（示例）第五条", "本机关投诉举报办理规定（示例）第五条"),
        ("", ""),
    ):
        assert mingzhi.cite(raw) == shown == mingzhi.cite(shown)


def test_every_public_page_lies_behind_one_of_the_six_doors() -> None:
    told = {
        p: mingzhi.public_part(p) for p in ("/", "/places/1/", "/reports/", "/questions/ask/", "/parties/x/")
    }
    assert list(told.values()) == ["", "lists", "lists", "complaints", "decisions"]


def test_unknown_never_reads_as_zero() -> None:
    assert show("{{ x|figure }}", x=None) == "—"
    assert show("{{ x|figure }}", x=0) == "0"
    assert show("{{ x|figure }}", x=12345) == "12,345"


def test_a_ledger_s_moment_is_told_as_a_clock_in_china_shows_it_and_other_text_as_it_is() -> None:
    told = Template("{{ at|recorded }}")
    assert told.render(Context({"at": "2026-12-31T16:30:00.000000Z"})) == "2027-01-01 00:30"
    assert told.render(Context({"at": "未载明"})) == "未载明"


def test_the_annual_report_s_own_words_are_all_known_to_the_english_switch() -> None:
    said = {t.title for t in supervision.TABLES}
    said |= {word for t in supervision.TABLES for c in t.columns for word in (c.title, c.unit)}
    said |= {supervision.unit_of(c, in_wan=True) for t in supervision.TABLES for c in t.columns}
    assert said == WORDS - {"行政处罚种类（宗）", "各月行政处罚决定（宗）"}, (
        "charts are named beside the tables"
    )

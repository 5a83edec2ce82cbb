"""Lists to take away: asked with a purpose, written by the worker, for the one who asked."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import BytesIO
from typing import Any

import pytest
from python_calamine import CalamineWorkbook

from mingzhi.dossiers import api as dossiers
from mingzhi.kernel import clock, sheets
from mingzhi.ledger import api as ledger
from mingzhi.outbox import api as outbox
from mingzhi.web import exporting
from mingzhi.web.demo.drive import Drive
from mingzhi.web.models import Export, ExportState
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

ASK = "/desk/cases/export/"
FOR = {"purpose": "季度案件核对"}


@pytest.fixture
def cases(drive: Callable[..., Drive], freeze: Any) -> list[Drive]:
    freeze(MONDAY)
    made = [drive(cause=f"涉嫌擅自占用城市道路案之{n}") for n in range(5)]
    for case in made:
        case.open()
    return made


def ask(person: Any, query: str = "") -> Export:
    answer = person.post(f"{ASK}?{query}", FOR)
    assert answer.status_code == 302, answer.content.decode()[-2000:]
    return Export.objects.get(pk=int(answer.url.strip("/").split("/")[-1]))


def number(case: Drive) -> str:
    return dossiers.access_dossier(case.by(case.lead), case.id).number


def work() -> int:
    return outbox.run_due(clock.now())


def sheet(answer: Any) -> list[list[Any]]:
    assert answer.status_code == 200
    return CalamineWorkbook.from_filelike(BytesIO(answer.content)).get_sheet_by_index(0).to_python()


def test_the_table_is_asked_for_watched_and_downloaded(cases: list[Drive], desk: Any) -> None:
    officer = desk("officer1")
    form = officer.get(ASK).content.decode()
    assert "5 件" in form and "用途" in form
    row = ask(officer)
    here = f"/desk/exports/{row.pk}/"
    waiting = officer.get(here).content.decode()
    assert "已排队" in waiting and "<progress" in waiting and "下载表格" not in waiting
    assert officer.get(f"{here}file/").status_code == 404
    work()
    done = officer.get(here, HTTP_HX_REQUEST="true").content.decode()
    assert "共 5 行" in done and f"{here}file/" in done and "hx-trigger" not in done
    answer = officer.get(f"{here}file/")
    assert "filename*=utf-8" in answer["Content-Disposition"] and ".xlsx" in answer["Content-Disposition"]
    rows = sheet(answer)
    assert rows[0][:3] == ["案卷编号", "案由", "当事人"] and len(rows) == 6
    assert "季度案件核对" in officer.get(ASK).content.decode(), "the table is found again"


def test_the_filter_of_the_list_is_the_filter_of_the_table(cases: list[Drive], desk: Any) -> None:
    row = ask(desk("officer1"), "q=道路案之3&sort=opened")
    work()
    rows = sheet(desk("officer1").get(f"/desk/exports/{row.pk}/file/"))
    assert [r[0] for r in rows[1:]] == [number(cases[3])]


def test_without_a_purpose_nothing_is_asked(cases: list[Drive], desk: Any) -> None:
    answer = desk("officer1").post(ASK, {"purpose": " "})
    assert answer.status_code == 422 and "请填写用途" in answer.content.decode()
    assert not Export.objects.exists()


def test_who_took_what_for_what_is_in_the_second_log(cases: list[Drive], desk: Any) -> None:
    row = ask(desk("officer1"), "state=new")
    work()
    desk("officer1").get(f"/desk/exports/{row.pk}/file/")
    asked, taken = (ledger.attempts(act=act)[0] for act in ("cases:export_asked", "cases:exported"))
    assert asked.purpose == taken.purpose == "季度案件核对"
    assert taken.detail["rows"] == 5 and taken.detail["query"] == "state=new"


def test_only_the_one_who_asked_may_look_and_download(cases: list[Drive], desk: Any) -> None:
    row = ask(desk("officer1"))
    work()
    for who in ("officer2", "leader", "other", "sysadmin"):
        for path in (f"/desk/exports/{row.pk}/", f"/desk/exports/{row.pk}/file/"):
            assert desk(who).get(path).status_code == 404, (who, path)


def test_another_agencys_cases_are_not_in_the_table(cases: list[Drive], desk: Any) -> None:
    page = desk("other").get(ASK)
    assert page.status_code == 200 and "没有可以导出的内容" in page.content.decode()
    row = ask(desk("other"))
    work()
    assert len(sheet(desk("other").get(f"/desk/exports/{row.pk}/file/"))) == 1


def test_who_may_not_read_cases_asks_in_vain(cases: list[Drive], desk: Any) -> None:
    assert desk("sysadmin").get(ASK).status_code == 403
    assert desk("sysadmin").post(ASK, FOR).status_code == 403


def test_the_rights_are_those_at_the_time_of_writing(cases: list[Drive], desk: Any, bureau: Any) -> None:
    from mingzhi.organisations.models import Account

    row = ask(desk("officer1"))
    Account.objects.filter(pk=bureau.accounts["officer1"]).update(is_active=False)
    work()
    row.refresh_from_db()
    assert row.state == ExportState.FAILED and "停用" in row.problem and row.content is None


@pytest.mark.parametrize(
    "cause", ["=HYPERLINK(1)", "+1", "-1", "@SUM(1)", "＝1+1", "＋1", " =1", "\t=1", "－1", "＠A1"]
)
def test_no_cell_is_a_formula(cause: str) -> None:
    assert sheets.safe_cell(cause) == f"'{cause}"


@pytest.mark.parametrize("text", ["", "张某甲", "2026-09-07 09:00", "湛霞城综案〔2026〕1号", "a=b"])
def test_ordinary_text_stays_as_it_is(text: str) -> None:
    assert sheets.safe_cell(text) == text


def test_a_formula_in_a_case_is_text_in_the_table(
    drive: Callable[..., Drive], desk: Any, freeze: Any
) -> None:
    freeze(MONDAY)
    drive(cause='=HYPERLINK("http://invalid.invalid")涉嫌占用道路案').open()
    row = ask(desk("officer1"))
    work()
    assert sheet(desk("officer1").get(f"/desk/exports/{row.pk}/file/"))[1][1].startswith("'=HYPERLINK")


def test_progress_is_told_while_it_is_written_and_the_ledger_does_not_wait(
    cases: list[Drive], desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[tuple[str, int, int]] = []
    placed: list[int] = []
    monkeypatch.setattr(exporting, "EVERY", 2)
    monkeypatch.setattr(exporting.ledger, "sequence", lambda *, at: placed.append(1) or 0)
    keep = exporting._tell

    def tell(row: Export, **columns: Any) -> None:
        keep(row, **columns)
        row.refresh_from_db()
        told.append((row.state, row.written, row.total))

    monkeypatch.setattr(exporting, "_tell", tell)
    ask(desk("officer1"))
    work()
    assert told == [("running", 0, 5), ("running", 2, 5), ("running", 4, 5), ("ready", 5, 5)]
    assert len(placed) == 2


def test_a_table_cut_off_half_way_is_written_again_from_the_beginning(
    cases: list[Drive], desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = ask(desk("officer1"))
    keep = exporting._tell

    def killed(one: Export, **columns: Any) -> None:
        if columns["state"] == ExportState.READY:
            raise KeyboardInterrupt
        keep(one, **columns)

    with monkeypatch.context() as patched:
        patched.setattr(exporting, "_tell", killed)
        with pytest.raises(KeyboardInterrupt):
            work()
    row.refresh_from_db()
    assert (row.state, row.content) == (ExportState.RUNNING, None)
    exporting.write(row.pk, at=clock.now())
    row.refresh_from_db()
    assert row.state == ExportState.READY and row.written == 5
    ready_at = row.ready_at
    exporting.write(row.pk, at=clock.now() + timedelta(hours=1))
    row.refresh_from_db()
    assert row.ready_at == ready_at, "a table that is there is left alone"


def test_more_rows_than_one_table_holds_are_cut_and_said_so(
    cases: list[Drive], desk: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(exporting, "LIMIT", 3)
    assert "超过 3 件" in desk("officer1").get(ASK).content.decode()
    row = ask(desk("officer1"))
    work()
    rows = sheet(desk("officer1").get(f"/desk/exports/{row.pk}/file/"))
    assert [r[0] for r in rows[1:4]] == [number(c) for c in reversed(cases)][:3]
    assert rows[4][0].startswith("只导出前 3 行")


def test_after_a_day_the_table_is_gone_and_what_was_done_with_it_stays(
    cases: list[Drive], desk: Any, freeze: Any
) -> None:
    row = ask(desk("officer1"))
    work()
    freeze(MONDAY + timedelta(hours=24) - timedelta(seconds=1))
    exporting.exports_forget(at=clock.now())
    assert desk("officer1").get(f"/desk/exports/{row.pk}/file/").status_code == 200
    freeze(MONDAY + timedelta(hours=24))
    assert desk("officer1").get(f"/desk/exports/{row.pk}/file/").status_code == 404
    assert exporting.exports_forget(at=clock.now()) == 1
    assert ledger.attempts(act="cases:exported")


def test_three_tables_at_a_time_and_the_fourth_waits(cases: list[Drive], desk: Any) -> None:
    for _ in range(3):
        ask(desk("officer1"))
    refused = desk("officer1").post(ASK, FOR)
    assert refused.status_code == 422 and "正在生成" in refused.content.decode()
    work()
    ask(desk("officer1"))


def test_a_search_word_that_cannot_be_used_is_told_before_anything_is_asked(
    cases: list[Drive], desk: Any
) -> None:
    assert desk("officer1").get(f"{ASK}?q=案").status_code in (200, 422)
    assert desk("officer1").post(f"{ASK}?q={'长' * 90}", FOR).status_code in (302, 422)


def test_a_purpose_of_two_hundred_characters_is_taken_and_one_more_is_not(
    cases: list[Drive], desk: Any
) -> None:
    assert desk("officer1").post(ASK, {"purpose": "核" * 200}).status_code == 302
    assert desk("officer1").post(ASK, {"purpose": "核" * 201}).status_code == 422

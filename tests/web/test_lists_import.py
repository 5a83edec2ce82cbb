"""A large file into a list: read by the worker, watched, cancelled, interrupted, put in once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from mingzhi.catalogue import list_rows
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.models import ListBlock, ListVersion
from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.organisations import api as organisations
from mingzhi.outbox import actions, worker
from mingzhi.outbox import api as outbox
from mingzhi.web import importing
from mingzhi.web.models import ListImport
from tests.stories.conftest import MONDAY
from tests.web.test_lists_desk import done, draft, monday, said

pytestmark = pytest.mark.django_db(databases="__all__")
__all__ = ["monday"]
HEADS = [c.label for c in public_lists.list_schema("random").shown]
LINE = "R{},检查{},示例局,《示例条例》第一条,企业,资质,5%,现场检查,每年一次"


class Killed(BaseException):
    """What the worker does not survive."""


@pytest.fixture(autouse=True)
def everything_is_large(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importing, "AT_ONCE", 0)
    monkeypatch.setattr(importing, "TOLD_EVERY", 1)
    monkeypatch.setattr(list_rows, "SIZE", 3)


def sheet(rows: int = 9, *, bad: int = 0, name: str = "清单.csv") -> SimpleUploadedFile:
    lines = [LINE.format(n, n) for n in range(rows)]
    lines += [LINE.format(rows + n, n).replace("《示例条例》", "示例条例") for n in range(bad)]
    return SimpleUploadedFile(name, "\n".join([",".join(HEADS), *lines]).encode())


def handed(client: Client, url: str, file: SimpleUploadedFile) -> str:
    """The address of the page that shows how far it is."""
    answer = client.post(f"{url}import/", {"act": "check", "file": file})
    assert answer.status_code == 302, said(answer)[-2000:]
    return str(answer.url)


def work(at: Any = None) -> int:
    return outbox.run_due(at or clock.now())


def while_read(monkeypatch: pytest.MonkeyPatch, verb: str, act: Callable[[Any], None]) -> None:
    """``act`` hears of every block, right after the worker told how far it is."""
    plain = getattr(public_lists, verb)

    def heard(*, told: Any, **given: Any) -> Any:
        def both(checked: Any) -> None:
            told(checked)
            act(checked)

        return plain(told=both, **given)

    monkeypatch.setattr(public_lists, verb, heard)


def codes(version: ListVersion) -> list[str]:
    return [row[0] for row in public_lists.rows_of(version)]


def test_a_large_file_is_watched_while_it_is_checked_and_put_in(
    desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    waiting = said(keeper.get(page))
    assert "已排队" in waiting and 'hx-trigger="every 1s"' in waiting and 'value="cancel"' in waiting
    seen: list[str] = []
    while_read(
        monkeypatch, "sheet_check", lambda _c: seen.append(said(keeper.get(page, HTTP_HX_REQUEST="true")))
    )
    work()
    assert [f"已读</dt><dd>{n} 行" in text for n, text in zip((3, 6, 9), seen, strict=True)] == [True] * 3
    assert "正在逐格检查" in seen[0] and "<html" not in seen[0]
    assert keeper.get(page, HTTP_HX_REQUEST="true")["HX-Refresh"] == "true", (
        "other buttons need the whole page"
    )
    checked = said(keeper.get(page))
    assert (
        "没有发现问题" in checked and "新增 9 行" in checked and "hx-trigger" not in checked.split("<main")[1]
    )
    version = ListVersion.objects.get()
    assert version.count == 0, "the check wrote something"
    for _twice in range(2):
        done(keeper, page, "import")
    assert work() == 1, "pressed twice, done once"
    version.refresh_from_db()
    assert codes(version) == [f"R{n}" for n in range(9)] and "导入完成" in said(keeper.get(page))
    assert "已导入" in said(keeper.get(f"{url}import/"))
    ledger.sequence(at=MONDAY)
    assert list(list_rows.otherwise()) == []
    late = keeper.post(page, {"act": "cancel"})
    assert late.status_code == 422 and "不能取消" in said(late)


def test_the_bad_cells_of_a_large_file_are_named_and_nothing_can_be_imported(
    desk: Callable[..., Client],
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet(4, bad=2))
    work()
    told = said(keeper.get(page))
    assert "D6" in told and "D7" in told and "2 处" in told and 'value="import"' not in told
    assert keeper.post(page, {"act": "import"}).status_code == 422
    unread = handed(keeper, url, sheet(name="清单.doc"))
    work()
    assert "只能导入 .xlsx 和 .csv" in said(keeper.get(unread))
    assert ListVersion.objects.get().count == 0


def test_cancelled_while_it_is_read_the_draft_stays_and_the_next_file_may_come(
    desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    first = handed(keeper, url, sheet(6))
    work()
    done(keeper, first, "import")
    read: list[int] = []

    def cancel(checked: Any) -> None:
        read.append(checked.rows)
        if len(read) == 1:
            done(keeper, first, "cancel")

    while_read(monkeypatch, "sheet_prepared", cancel)
    work()
    assert read == [3], "the worker went on with what was cancelled"
    assert ListVersion.objects.get().count == 0 and "已取消" in said(keeper.get(first))
    again = handed(keeper, url, sheet(6))
    assert again != first
    done(keeper, again, "cancel")
    work()
    assert ListImport.objects.filter(state="cancelled").count() == 2 and not ListBlock.objects.exists()


def test_one_file_handed_over_twice_is_one_import_and_another_must_wait(
    desk: Callable[..., Client],
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    assert handed(keeper, url, sheet()) == page
    other = keeper.post(f"{url}import/", {"act": "check", "file": sheet(2)})
    assert other.status_code == 422 and "正在导入另一份文件" in said(other)
    work()
    assert handed(keeper, url, sheet()) == page, "it is checked already"
    other_page = handed(keeper, url, sheet(2))
    work()
    done(keeper, other_page, "import")
    busy = keeper.post(page, {"act": "import"})
    assert busy.status_code == 422 and "正在导入另一份文件" in said(busy)
    work()
    version = ListVersion.objects.get()
    assert version.count == 2
    # The first was checked against a draft that is no more.
    done(keeper, page, "import")
    work()
    assert "刚刚被他人修改" in said(keeper.get(page)) and ListVersion.objects.get().count == 2


@pytest.mark.parametrize("verb", ["sheet_check", "sheet_prepared"])
def test_a_worker_killed_while_reading_leaves_nothing_half_and_the_errand_is_taken_up_again(
    desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, freeze: Any, verb: str
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    if verb == "sheet_prepared":
        work()
        done(keeper, page, "import")

    def kill(_checked: Any) -> None:
        raise Killed

    with monkeypatch.context() as here:
        while_read(here, verb, kill)
        with pytest.raises(Killed):
            work()
    assert not ListBlock.objects.exists() and "已中断" not in said(keeper.get(page))
    freeze(later := MONDAY + importing.STILL + timedelta(seconds=1))
    told = said(keeper.get(page))
    assert "已中断" in told and "自动重新开始" in told and 'value="again"' in told
    assert work(later) == 0, "the lease is not over"
    # By a person at once; what is left of the first errand then does nothing.
    done(keeper, page, "again")
    assert work(later) == 1
    assert ("没有发现问题" if verb == "sheet_check" else "导入完成") in said(keeper.get(page))
    row = ListImport.objects.get()
    freeze(MONDAY + actions.LEASE + timedelta(seconds=1))
    assert work() == 1 and ListImport.objects.get().told_at == row.told_at


def test_without_anybody_the_outbox_takes_it_up_and_gives_up_what_it_never_survives(
    desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, freeze: Any
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    at = MONDAY
    with monkeypatch.context() as here:

        def kill(_checked: Any) -> None:
            raise Killed

        while_read(here, "sheet_check", kill)
        for _start in range(importing.MOST_STARTS):
            with pytest.raises(Killed):
                work(at)
            freeze(at := at + actions.LEASE + timedelta(seconds=1))
        work(at)
    assert "三次未能读完" in said(keeper.get(page)) and ListVersion.objects.get().count == 0


def test_killed_in_the_commit_neither_the_rows_nor_the_word_that_they_are_there_stay(
    desk: Callable[..., Client], monkeypatch: pytest.MonkeyPatch, freeze: Any
) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    work()
    done(keeper, page, "import")
    plain = public_lists.sheet_put

    def killed(*given: Any, **more: Any) -> None:
        plain(*given, **more)
        raise Killed

    with monkeypatch.context() as here:
        here.setattr(public_lists, "sheet_put", killed)
        with pytest.raises(Killed):
            work()
    assert ListImport.objects.get().state == "putting" and not ListBlock.objects.exists()
    freeze(MONDAY + actions.LEASE + timedelta(seconds=1))
    worker.Worker().round()
    assert ListImport.objects.get().state == "done" and ListVersion.objects.get().count == 9
    freeze(MONDAY + importing.KEPT + timedelta(hours=1))
    importing.forget_job(clock.now())
    assert keeper.get(page).status_code == 404


def test_an_import_is_its_bodys_and_of_those_who_keep_its_lists(desk: Callable[..., Client]) -> None:
    url, keeper = draft(desk, "random"), desk("keeper")
    page = handed(keeper, url, sheet())
    assert desk("reviewer").get(page).status_code == 403
    assert desk("reviewer").post(page, {"act": "cancel"}).status_code == 403
    version = ListVersion.objects.get()
    assert keeper.get(page.replace(f"/{version.pk}/import", "/999999/import")).status_code == 404
    neighbour = organisations.bodies()[-1]
    type(version.list).objects.filter(pk=version.list_id).update(body_id=neighbour.id)
    assert keeper.get(page).status_code == 404 and keeper.post(page, {"act": "cancel"}).status_code == 404
    # Nor does the worker put anything into a list that is no longer this person's.
    work()
    assert ListImport.objects.get().state == "failed"

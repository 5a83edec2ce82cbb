"""The review desk: who sees what waits, and a matter's whole review on one page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.web.demo.drive import Drive
from tests.web.test_lists_desk import draft

pytestmark = pytest.mark.django_db(databases="__all__")


@pytest.fixture
def sent(drive: Callable[..., Drive]) -> Drive:
    """A case that must be reviewed, submitted and waiting."""
    d = drive(fine_yuan="9000", flags={"social_risk": True})
    d.file()
    d.investigate()
    d.conclude()
    d.wait(days=1)
    d.working_day()
    d.step(
        "review_submit",
        d.lead,
        statement="基本事实、适用依据和裁量基准执行情况详见所附材料，请予审核。",
        materials=[code for code, _ in d._options("review_submit", d.lead, "review_materials")],
        truthful=True,
    )
    return d


def test_a_submission_waits_for_the_review_head_with_its_reasons(sent: Drive, desk: Any, freeze: Any) -> None:
    freeze(sent.at)
    for year in ("9999", "0000", "1"):
        assert desk("reviewhead").get(f"/desk/review/?year={year}").status_code == 200
    page = desk("reviewhead").get("/desk/review/")
    text = page.content.decode()
    assert page.status_code == 200
    assert "待收件" in text and f"/desk/review/{sent.id}/" in text
    assert f"/desk/cases/{sent.id}/do/review_accept/" in text
    assert "社会稳定风险" in text or "应审理由" in text


def test_an_officer_does_not_enter_the_review_desk(sent: Drive, desk: Any, freeze: Any) -> None:
    freeze(sent.at)
    answer = desk("officer1").get("/desk/review/")
    assert answer.status_code == 403 and "权限" in answer.content.decode()


def test_the_deputy_leader_reaches_reviews_that_wait_for_an_extension(
    sent: Drive, desk: Any, freeze: Any
) -> None:
    freeze(sent.at)
    assert "/desk/review/" in desk("deputy").get("/desk/").content.decode(), "in the rail"
    arrived = desk("deputy").get("/desk/review/?tab=submitted").content.decode()
    assert f"/desk/review/{sent.id}/" in arrived and "review_accept" not in arrived, "receiving is not theirs"
    sent.wait(hours=2)
    sent.step("review_accept", "reviewhead", reviewer=sent.bureau.person("reviewer", sent.at))
    freeze(sent.at)
    text = desk("deputy").get("/desk/review/?tab=accepted").content.decode()
    assert f"/desk/cases/{sent.id}/do/review_extend/" in text and "review_opine" not in text
    assert "review_extend" not in desk("reviewer").get("/desk/review/?tab=accepted").content.decode()


def test_the_deputy_leader_begins_with_what_officials_differ_on(sent: Drive, desk: Any, freeze: Any) -> None:
    sent.wait(hours=2)
    sent.step("review_accept", "reviewhead", reviewer=sent.bureau.person("reviewer", sent.at))
    sent.wait(hours=3)
    checks = [
        {"code": code, "result": "pass", "note": ""}
        for code, _ in sent._options("review_opine", "reviewer", "review_checks")
    ]
    checks[0] |= {"result": "problem", "note": "裁量幅度偏高。"}
    sent.step("review_opine", "reviewer", kind="revise", checks=checks, text="建议修改裁量幅度。")
    sent.wait(hours=1)
    sent.step("review_dissent", "head", text="裁量幅度符合基准，不同意修改。")
    freeze(sent.at)
    text = desk("deputy").get("/desk/review/").content.decode()
    assert f"/desk/cases/{sent.id}/do/review_coordinate/" in text
    assert "review_coordinate" not in desk("reviewhead").get("/desk/review/?tab=disputed").content.decode()


def test_the_whole_review_shows_every_round_opinion_and_check(sent: Drive, desk: Any, freeze: Any) -> None:
    sent.wait(hours=2)
    sent.step("review_accept", "reviewhead", reviewer=sent.bureau.person("reviewer", sent.at))
    sent.wait(hours=3)
    sent.step(
        "review_opine",
        "reviewer",
        kind="agree",
        checks=[
            {"code": code, "result": "pass", "note": ""}
            for code, _ in sent._options("review_opine", "reviewer", "review_checks")
        ],
        text="主体合法，事实清楚，同意拟处理意见。",
    )
    freeze(sent.at)
    text = desk("reviewer").get(f"/desk/review/{sent.id}/").content.decode()
    for words in ("第 1 轮审核", "送审材料", "逐项审核", "同意", "依据："):
        assert words in text, words
    done = desk("reviewhead").get("/desk/review/?tab=opined").content.decode()
    assert f"/desk/review/{sent.id}/" in done and "平均审核用时" in done


def test_a_matter_never_submitted_is_not_there(drive: Callable[..., Drive], desk: Any, freeze: Any) -> None:
    d = drive()
    d.file()
    freeze(d.at)
    assert desk("reviewer").get(f"/desk/review/{d.id}/").status_code == 404
    assert desk("reviewer").get("/desk/review/999999/").status_code == 404


def test_looking_writes_nothing(sent: Drive, desk: Any, freeze: Any) -> None:
    freeze(sent.at)
    assert desk("reviewhead").post("/desk/review/").status_code == 405


def test_a_draft_of_the_list_is_tried_before_anybody_approves_it(sent: Drive, desk: Any, freeze: Any) -> None:
    freeze(sent.at)
    url = draft(desk, "review", valid_from=clock.local_date(sent.at).isoformat())
    version = int(url.rstrip("/").rpartition("/")[2])
    tried = f"/desk/review/trial/?tried=1&version={version}"
    assert "/desk/review/trial/?tried=1&amp;version=" in desk("keeper").get(url).content.decode()
    text = desk("reviewhead").get(tried).content.decode()
    assert "第 1 版" in text and "新纳入 0 件，不再纳入 0 件，新旧目录均应审核 1 件" in text
    assert desk("otherreviewhead").get(tried).status_code == 404
    assert desk("reviewhead").get("/desk/review/trial/?tried=1&version=999999").status_code == 404

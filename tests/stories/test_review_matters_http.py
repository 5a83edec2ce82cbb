"""What is reviewed outside the penalty procedure, through the pages: jointly, for the government, a permit.

Each person acts on the pages that their own body shows; another body's file is not there for them.
"""

from __future__ import annotations

import re
from typing import Any

import pytest

from mingzhi.kernel import clock
from mingzhi.publication import api as publication
from mingzhi.review import api as review
from mingzhi.web.demo.cast import made_picture
from mingzhi.web.demo.drive import Bureau
from tests.stories.by_hand import Moment, Page, Person
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")

OTHER = "霞山区农业农村和水务局"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


def picture(name: str, serial: int) -> tuple[str, bytes, str]:
    return f"{name}.png", made_picture(9, serial), "image/png"


def people(moment: Moment, *names: str) -> list[Person]:
    return [Person(name, moment).log_in() for name in names]


def opened(officer: Person, title: str) -> int:
    page = officer.submit(
        officer.open("/desk/review/matters/new/"), title=title, kind="legal", name="示例二号建设有限公司",
        credit_code="91440803MA0000001R", representative="林某某",
    )  # fmt: skip
    assert page.status == 200 and "请登记送审事项" in page.words, page.words[:600]
    return int(re.search(r"/desk/cases/(\d+)/do/register/", page.url)[1])  # type: ignore[index]


def registered(officer: Person, title: str, **typed: Any) -> int:
    case = opened(officer, title)
    officer.step(
        case,
        "register",
        files={"draft-upload": picture("决定书稿", 1)},
        **{
            "act_type": "行政强制",
            "in_name": "own",
            "summary": "当事人在河道管理范围内搭建建筑物，经催告逾期未自行拆除。",
            "basis": "《中华人民共和国行政强制法》第四十四条",
            "proposal": "强制拆除当事人搭建的建筑物。",
            "major_rights": True,
            **typed,
        },
    )
    return case


def materials(officer: Person, case: int, *kinds: str) -> None:
    for serial, kind in enumerate(kinds, start=10):
        officer.step(case, "material", material=kind, files={"files-upload": picture(kind, serial)})


def submitted(officer: Person, case: int) -> Page:
    page = officer.open(f"/desk/cases/{case}/do/review_submit/")
    return officer.step(
        case,
        "review_submit",
        materials=re.findall(r'name="materials" value="([^"]+)"', page.html),
        statement="基本事实、法律依据和办理程序详见所附材料，请予审核。",
        truthful=True,
    )


def reviewed(head: Person, reviewer: Person, name: str, case: int, kind: str = "agree") -> Page:
    head.step(case, "review_accept", reviewer=name)
    page = reviewer.open(f"/desk/cases/{case}/do/review_opine/")
    codes = re.findall(r'name="checks-key" value="([^"]+)"', page.html)
    cells = {f"checks-{code}-result": "合格" for code in codes}
    if kind != "agree":
        cells |= {f"checks-{codes[0]}-result": "有问题", f"checks-{codes[0]}-note": "主体依据不足"}
    return reviewer.step(case, "review_opine", kind=kind, text="详见逐项审核结论，请按意见办理。", **cells)


def own_file(case: int) -> int:
    """The number of the other body's own dossier."""
    (seat,) = review.review_standing(case).seats
    return seat.own_id


def test_a_joint_decision_waits_for_every_body_s_own_review_and_a_changed_text_is_reviewed_anew(
    bureau: Bureau, moment: Moment
) -> None:
    officer, head, leader, reviewhead, reviewer, theirs, their_head, their_reviewer, their_leader = people(
        moment, "officer1", "head", "leader", "reviewhead", "reviewer",
        "other", "otherreviewhead", "otherreviewer", "otherleader",
    )  # fmt: skip
    title = "关于强制拆除河道管理范围内违法建筑物的事项"
    case = registered(officer, title, in_name="joint", partners=[OTHER])
    page = officer.step_refused(
        case, "review_submit", materials=["draft"], truthful=True, statement="请予审核，详见材料。"
    )
    assert page.status == 409 and "全部证据材料" in page.words and "承办机构负责人审核" in page.words
    materials(officer, case, "全部证据材料", "行政强制审批材料")
    head.step(case, "unit_check", opinion="事实清楚，同意送审。")
    submitted(officer, case)

    # Both review units are asked; each body sees its own file only.
    own = own_file(case)
    assert "待收件" in reviewhead.open("/desk/review/").words
    assert f"/desk/review/{own}/" in their_head.open("/desk/review/").html
    assert their_head.client.get(f"/desk/cases/{case}/").status_code == 404
    assert reviewhead.client.get(f"/desk/cases/{own}/").status_code == 404
    assert "决定书稿" in their_head.open(f"/desk/cases/{own}/?tab=evidence").words

    # One agrees, the other does not: nothing is decided, and the page says by whom.
    reviewed(reviewhead, reviewer, "吴某庚", case)
    reviewed(their_head, their_reviewer, "魏某亥", own, kind="revise")
    barred = leader.step_refused(
        case, "matter_decide", decided_on=moment.today, number="湛霞城综强决字〔2026〕1号", opinion="同意。", kinds=["remove"],
    )  # fmt: skip
    assert barred.status == 409
    assert "农业农村和水务局的法制审核没有通过" in barred.words and "建议修改" in barred.words
    assert "霞山区城市管理和综合执法局的法制审核没有通过" not in barred.words
    signing = their_leader.step_refused(own, "countersign", opinion="同意会签。")
    assert signing.status == 409 and "审核通过后方可会签" in signing.words
    assert "建议修改" in officer.open(f"/desk/cases/{case}/?tab=review").section("seats")
    assert "研究处理审核意见" in officer.open("/desk/").words

    # The text is changed: what one body agreed to is no longer what would be decided.
    officer.step(
        case, "revise", reason="按审核意见补充主体依据", proposal="限期十日自行拆除，逾期强制拆除。",
        files={"draft-upload": picture("决定书修改稿", 2)},
    )  # fmt: skip
    barred = leader.step_refused(case, "matter_decide", decided_on=moment.today, number="1", opinion="同意。")
    assert "霞山区城市管理和综合执法局的法制审核没有通过" in barred.words
    head.step(case, "unit_check", opinion="同意修改稿。")
    submitted(officer, case)
    assert "决定书修改稿" in their_head.open(f"/desk/cases/{own}/?tab=evidence").words
    reviewed(their_head, their_reviewer, "魏某亥", own)
    reviewed(reviewhead, reviewer, "吴某庚", case)
    assert "法制审核均已通过" in leader.open("/desk/").words
    assert "会签：" in their_leader.open("/desk/").words

    # Every body signs, then it is decided; a text that somebody signed stays.
    waiting = leader.step_refused(
        case, "matter_decide", decided_on=moment.today, number="1", opinion="同意。"
    )
    assert waiting.status == 409 and "尚未会签" in waiting.words
    their_leader.step(own, "countersign", opinion="同意会签。")
    late = officer.step_refused(case, "revise", reason="再作修改", proposal="改为罚款五千元整。")
    assert late.status == 409 and "已经会签，不能再修改" in late.words
    early = leader.step_refused(case, "matter_decide", decided_on="2026-09-01", number="1", opinion="同意。")
    assert early.status == 409 and "早于法制审核意见" in early.words
    done = leader.step(
        case,
        "matter_decide",
        decided_on=moment.today,
        number="湛霞城综强决字〔2026〕1号",
        opinion="同意。",
        kinds=["remove"],
    )
    assert "已作出决定" in done.words
    _counts_when_carried_out(bureau, case, officer, leader, moment)
    assert [r.state for r in review.review_rounds(case)] == ["superseded", "opined"]
    assert [r.state for r in review.review_rounds(own)] == ["superseded", "opined"]
    assert theirs.client.get(f"/desk/cases/{case}/").status_code == 404


def _counts_when_carried_out(
    bureau: Bureau, case: int, officer: Person, leader: Person, moment: Moment
) -> None:
    """The execution that was decided is counted on the day it was carried out, and opens to the matter."""
    year = f"/desk/statistics/{bureau.body_id}/2026/"
    figure = f"{year}figure/?table=coercion&column=coercion.remove"
    (keeper,) = people(moment, "keeper")
    title = "关于强制拆除河道管理范围内违法建筑物的事项"
    assert title not in keeper.open(figure).words, "decided, and not yet carried out"
    early = officer.step_refused(
        case, "executed", kind="排除妨碍", how="执行完毕", executed_on="2026-01-01", detail="已拆除并清运。"
    )
    assert early.status == 409 and "应在决定日期以后" in early.words
    officer.step(
        case, "executed", kind="排除妨碍", how="执行完毕", executed_on=moment.today, detail="已拆除并清运。"
    )
    again = officer.open(f"/desk/cases/{case}/do/executed/")
    assert "没有待登记执行结果的强制执行决定" in again.words, "one execution ends once"
    assert title in keeper.open(figure).words
    leader.step(
        case, "annul", by_whom="行政复议", how="撤销", number="示例复议〔2026〕1号", on=moment.today,
        reason="认定事实不清，撤销原决定。",
    )  # fmt: skip
    corrected = f"{year}figure/?table=review&column=annulled.reconsideration"
    assert title in keeper.open(corrected).words and title in keeper.open(figure).words


def test_what_goes_to_the_government_is_reviewed_first_and_decided_by_its_answer(
    bureau: Bureau, moment: Moment
) -> None:
    officer, head, leader, reviewhead, reviewer = people(
        moment, "officer1", "head", "leader", "reviewhead", "reviewer"
    )
    case = registered(
        officer, "关于报请责令关闭某某养殖场的事项", act_type="行政处罚", in_name="government",
        proposal="报请区人民政府责令关闭。",
    )  # fmt: skip
    materials(officer, case, "全部证据材料", "调查终结报告")
    head.step(case, "unit_check", opinion="同意送审。")
    early = leader.step_refused(case, "report_up", opinion="同意报请。", number="湛霞城综〔2026〕9号")
    assert early.status == 409 and "法制审核没有通过（尚未送审）" in early.words
    submitted(officer, case)
    assert "报请以本级人民政府名义作出" in reviewhead.open("/desk/review/").words
    reviewed(reviewhead, reviewer, "吴某庚", case)
    own = leader.step_refused(case, "matter_decide", decided_on=moment.today, number="1", opinion="同意。")
    assert own.status == 409 and "以本级人民政府名义作出" in own.words
    leader.step(case, "report_up", opinion="同意报请。", number="湛霞城综〔2026〕9号")
    page = officer.step(
        case, "answered", made="同意，已作出决定", decided_on=moment.today, number="湛霞府〔2026〕3号",
        kinds=["责令关闭"], violation="畜禽养殖污染",
    )  # fmt: skip
    assert "已作出决定" in page.words
    (told,) = publication.disclosure_status(case)
    assert (told.kind, told.state) == ("penalty", "scheduled"), "disclosed by the body that reported it"


def test_a_permit_has_checks_and_materials_of_its_own_and_a_returned_submission_is_completed(
    bureau: Bureau, moment: Moment
) -> None:
    officer, head, leader, reviewhead, reviewer = people(
        moment, "officer1", "head", "leader", "reviewhead", "reviewer"
    )
    case = registered(
        officer, "关于撤销某某占道许可的事项", act_type="行政许可", hearing_held=True,
        basis="《中华人民共和国行政许可法》第六十九条", proposal="撤销占道许可。",
    )  # fmt: skip
    head.step(case, "unit_check", opinion="同意送审。")
    short = officer.step_refused(
        case, "review_submit", materials=["draft"], truthful=True, statement="请予审核，详见材料。"
    )
    for missing in ("行政许可申请书", "核查笔录", "听证笔录", "全部证据材料"):
        assert f"缺少{missing}" in short.words or missing in short.words, missing
    assert "缺少催告书" not in short.words and "缺少陈述申辩笔录" not in short.words
    materials(officer, case, "application", "inspection", "hearing", "evidence")
    submitted(officer, case)
    reviewhead.step(case, "review_return", missing="补充听证报告")
    assert "补充材料后再次送审" in officer.open("/desk/").words
    materials(officer, case, "other")
    submitted(officer, case)
    reviewhead.step(case, "review_accept", reviewer="吴某庚")
    form = reviewer.open(f"/desk/cases/{case}/do/review_opine/").words
    assert "是否依法告知利害关系人" in form and "是否先行催告" not in form
    stopped = head.step(case, "stop", reason="申请人已主动申请注销。")
    assert "已终止" in stopped.words
    assert review.review_current(case) is None, "nothing waits for an opinion any more"
    assert leader.client.get(f"/desk/cases/{case}/do/matter_decide/").status_code == 409


def test_an_adviser_of_another_body_is_asked_and_the_review_s_people_and_reports_are_told(
    bureau: Bureau, moment: Moment
) -> None:
    officer, head, leader, reviewhead, reviewer, their_head, adviser, keeper = people(
        moment, "officer1", "head", "leader", "reviewhead", "reviewer", "otherreviewhead", "otheradviser", "keeper"
    )  # fmt: skip
    page = their_head.submit(
        their_head.open("/desk/review/advisers/"), button=("act", "register"), person_id="姜某卯",
        kind="public_lawyer", employer="示例公职律师办公室", licence="示例001", fields="行政强制",
        term_from="2026-01-01", term_until="2026-12-31", shared=True,
    )  # fmt: skip
    assert page.status == 200 and "统筹调用" in page.words, page.words[:800]
    case = registered(officer, "关于查封某某场所的事项")
    materials(officer, case, "全部证据材料", "行政强制审批材料")
    head.step(case, "unit_check", opinion="同意送审。")
    submitted(officer, case)
    reviewhead.step(case, "review_accept", reviewer="吴某庚")
    page = reviewer.submit(
        reviewer.open(f"/desk/review/{case}/"), adviser_id="姜某卯", question="查封的范围是否适当？"
    )
    assert page.status == 200 and "待答复" in page.section("advice"), page.words[:800]

    # The adviser sees the question and nothing else of the file.
    task = adviser.open("/desk/").link("提供法律意见")
    assert adviser.client.get(f"/desk/cases/{case}/").status_code == 404
    page = adviser.open(task)
    assert "查封的范围是否适当？" in page.words and "全部证据材料" in page.words
    assert leader.client.get(task).status_code == 404
    adviser.submit(page, stand="free", text="查封范围限于涉案设施，较为适当。")
    asked = adviser.open(adviser.open("/desk/").link("法律咨询"))
    assert "已答复" in asked.words and task in [href for _words, href in asked.links()]
    assert "查封范围限于涉案设施" in reviewer.open(f"/desk/review/{case}/").section("advice")

    # The reviewer departs from nothing yet; a disagreement is told with its reason, and taken away as a table.
    form = reviewer.open(f"/desk/cases/{case}/do/review_opine/")
    codes = re.findall(r'name="checks-key" value="([^"]+)"', form.html)
    cells = {f"checks-{code}-result": "合格" for code in codes}
    cells |= {f"checks-{codes[1]}-result": "有问题", f"checks-{codes[1]}-note": "缺一名执法人员"}
    reviewer.step(case, "review_opine", kind="procedure", text="程序有瑕疵，请纠正后再次送审。", **cells)
    head.step(case, "review_dissent", text="两名执法人员均有证件，不同意该意见。")
    page = leader.open("/desk/review/departures/")
    assert "不同意该意见" in page.section("departures") and "吴某庚" in page.section("responsibility")
    table = leader.client.get("/desk/review/departures/?form=xlsx")
    assert table.status_code == 200 and b"".join(table.streaming_content)[:2] == b"PK"
    assert officer.client.get("/desk/review/departures/").status_code == 403
    page = leader.open("/desk/review/indicators/")
    assert "问题率" in page.words and "100.0%" in page.words and "<svg" in page.html

    # The register of reviewers, with the arithmetic; a training is entered by who keeps the registers.
    page = keeper.submit(
        keeper.open("/desk/review/people/"), person_id="吴某庚", kind="reviewer", title="法制审核实务培训",
        held_on=moment.today, hours="8", passed=True,
    )  # fmt: skip
    assert page.status == 200 and "法制审核实务培训" in page.words
    assert "6 × 5% ＝ 0.3，不足一人的按一人计" in leader.open("/desk/review/people/").words
    page = reviewhead.open("/desk/review/trial/?tried=1&act_type-1=行政强制")
    assert "新旧目录均应审核 1 件" in page.words, (
        "nothing of the list was kept; the rule that was added catches it"
    )
    page = reviewhead.open("/desk/review/trial/?tried=1&act_type-1=行政许可")
    assert "不再纳入 1 件" in page.words and "关于查封某某场所的事项" in page.section("group-2")
    wrong = reviewhead.client.get("/desk/review/trial/?tried=1&amount-1=abc")
    assert wrong.status_code == 422 and officer.client.get("/desk/review/trial/").status_code == 403

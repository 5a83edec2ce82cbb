"""A permit through the pages: opened with its holder, decided, disclosed by three people, read, annulled, gone."""

from __future__ import annotations

import json
import re

import pytest

from mingzhi.kernel import clock
from mingzhi.ledger import api as ledger
from mingzhi.publication import api as publication
from mingzhi.web.demo.drive import Bureau
from mingzhi.web.demo.review_room import Own
from tests.stories.by_hand import Moment, Person
from tests.stories.conftest import MONDAY
from tests.stories.test_review_matters_http import people, picture

pytestmark = pytest.mark.django_db(databases="__all__")

CODE, ID, PHONE = "91440803MA0000001R", "11010519491231002X", "13800000000"
CONTENT = "准予临时占用示例路东侧道路一千二百平方米，期限三个月。"


@pytest.fixture
def moment(monkeypatch: pytest.MonkeyPatch) -> Moment:
    one = Moment(MONDAY)
    monkeypatch.setattr(clock, "now", one)
    return one


def test_a_permit_goes_from_the_decision_to_the_public_page_and_falls_with_it(
    bureau: Bureau, moment: Moment
) -> None:
    officer, leader, collector, checker, publisher, keeper, theirs = people(
        moment, "officer1", "leader", "collector", "checker", "publisher", "keeper", "other"
    )
    # Opened without a holder; the door to add one stands where the party is looked for.
    page = officer.submit(officer.open("/desk/review/matters/new/"), title="关于临时占用示例路的事项")
    case = int(re.search(r"/desk/cases/(\d+)/do/register/", page.url)[1])  # type: ignore[index]
    door = officer.open(f"/desk/cases/{case}/?tab=party").link("登记相对人")
    assert theirs.client.get(door).status_code == 404 and not leader.open(
        f"/desk/cases/{case}/?tab=party"
    ).words.count("登记相对人")
    holder = {
        "kind": "自然人",
        "name": "周某某",
        "id_kind": "居民身份证",
        "id_number": "110105194912310021",
        "phone": PHONE,
    }
    wrong = officer.submit(officer.open(door), **holder)
    assert wrong.status == 422 and "身份证号码" in wrong.words and "周某某" in wrong.html
    assert officer.submit(officer.open(door), **{**holder, "id_number": ID}).status == 200
    form = officer.open(f"/desk/cases/{case}/do/register/")
    assert 'value="周某某"' in form.html, "what the register knows is not typed again"
    officer.step(
        case, "register", files={"draft-upload": picture("决定书稿", 1)}, act_type="行政许可", in_name="own",
        summary=f"申请人周某某（身份证号 {ID}，电话 {PHONE}）因桥梁维修申请临时占用道路，同住的郑示例一并到场。",
        third_persons="郑示例", basis="《城市道路管理条例》第三十一条", proposal=CONTENT, public_interest=True,
    )  # fmt: skip
    officer.step(case, "apply", applied_on="2026-09-03", accepted="出具受理凭证", accepted_on="2026-09-04")
    own = Own(bureau, moment())
    own.reviewed(case)
    moment.now = own.at

    # The leader's form asks for what a permit needs, filled in with what was proposed, and for nothing else.
    asked = leader.open(f"/desk/cases/{case}/do/matter_decide/")
    assert CONTENT in asked.html and "许可类别" in asked.words and "违法行为类型" not in asked.words
    decision = {
        "decided_on": moment.today,
        "number": "示例许准字〔2026〕1号",
        "opinion": "同意。",
        "kinds": ["准予许可"],
    }
    barred = leader.step_refused(case, "matter_decide", **decision)
    assert barred.status == 409 and "缺许可类别，不能公示" in barred.words
    leader.step(
        case, "matter_decide", **decision, licence_class="普通", licence="临时占用道路许可证", licence_number="示例占道2026001",
        valid_until="2026-12-06",
    )  # fmt: skip
    tab = officer.open(f"/desk/cases/{case}/?tab=disclosure").words
    assert "行政许可" in tab and "2026-09-16" in tab
    assert "已列入公示" in officer.open(f"/desk/cases/{case}/").words, "why there is nothing to supplement"

    queue = collector.open("/desk/disclosures/")
    here = next(h for _t, h in queue.links() if re.fullmatch(r"/desk/disclosures/\d+/", h))
    assert theirs.client.get(here).status_code in (403, 404)
    for who, act in ((collector, "collect"), (checker, "check"), (publisher, "publish")):
        assert who.submit(who.open(here), button=("act", act)).status == 200
    ledger.sequence(at=moment())
    publication.feed.place(at=moment())

    citizen = Person("citizen", moment)
    found = citizen.open("/decisions/?kind=permit&q=临时占用")
    public = next(h for _t, h in found.links() if re.fullmatch(r"/decisions/\d+/", h))
    page = citizen.open(public)
    for words in (
        CONTENT,
        "普通",
        "临时占用道路许可证",
        "示例占道2026001",
        "2026-12-06",
        "行政许可：准予许可",
        "周某某",
    ):
        assert words in page.words, words
    text = citizen.client.get(f"{public}text").content.decode()
    feed = citizen.client.get("/feed/events.json").content.decode()
    assert "示例占道2026001" in feed
    for secret in (ID, PHONE, "郑示例"):
        assert all(secret not in words for words in (page.html, found.html, text, feed)), secret
    assert json.loads(text)["licence_number"] == "示例占道2026001"
    assert "申请信用修复" not in page.words and citizen.client.get(f"{public}repair/").status_code == 404
    watch = keeper.open("/desk/statistics/disclosure/?since=2026-09-01&until=2026-09-30")
    assert "1" in watch.row("行政许可") and "未列入公示的决定" not in watch.words

    # Annulled on review: due off the site within three working days, with the reason; a tombstone is left.
    leader.step(
        case, "annul", by_whom="行政复议", how="撤销", number="示例复议〔2026〕1号", on=moment.today,
        reason="主要事实不清，予以撤销。",
    )  # fmt: skip
    assert "撤下公示并公开说明理由" in publisher.open("/desk/").words
    gone = publisher.submit(
        publisher.open(here), button=("act", "withdraw"), withdraw_reason="许可决定经行政复议撤销",
        withdraw_basis="示例复议〔2026〕1号",
    )  # fmt: skip
    assert gone.status == 200, gone.words[:600]
    stone = citizen.open(public)
    assert "本信息已撤下" in stone.words and "许可决定经行政复议撤销" in stone.words
    assert CONTENT not in stone.words and "周某某" not in stone.words
    assert public not in [h for _t, h in citizen.open("/decisions/?q=临时占用").links()]

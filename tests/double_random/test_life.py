"""From the published register to the public result: who may do what, and what the public can check."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import IntegrityError, connection, transaction
from django.test import Client

from mingzhi.catalogue.choices import ListKind
from mingzhi.double_random import api as double_random
from mingzhi.double_random.choices import Stage
from mingzhi.double_random.commands import draw as command
from mingzhi.double_random.errors import (
    DrawOutOfTurn,
    NoPublishedItem,
    NoTargets,
    NotDrawable,
    NotYetSealed,
    SamePerson,
)
from mingzhi.double_random.models import Assignment, Draw
from mingzhi.files import api as files
from mingzhi.kernel import clock
from mingzhi.kernel.errors import Conflict, Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger import verify
from mingzhi.organisations import api as organisations
from mingzhi.organisations.models import Person
from mingzhi.publication import api as publication
from mingzhi.web.demo.cast import Bureau
from tests.double_random.conftest import publish
from tests.stories.conftest import MONDAY, bureau_for

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = clock.local_date(MONDAY)


def committed(bureau: Bureau, **changes: Any) -> int:
    facts: dict[str, Any] = {"title": "占用道路检查", "item_code": "SJ-001", "count": 6} | changes
    return double_random.draw_commit(**facts, by=bureau.actor("head", MONDAY), at=MONDAY)


def drawn(bureau: Bureau, **changes: Any) -> int:
    draw_id = committed(bureau, **changes)
    ledger.sequence(at=MONDAY)
    make(bureau, draw_id)
    return draw_id


def make(bureau: Bureau, draw_id: int, who: str = "reviewhead", **changes: Any) -> None:
    facts = {"words": "3、8、6", "witnesses": "示例企业代表"} | changes
    double_random.draw_make(draw_id=draw_id, **facts, by=bureau.actor(who, MONDAY), at=MONDAY)


def test_from_the_promise_to_the_public_result_by_the_people_whose_step_it_is(
    bureau: Bureau,
    people: Callable[[str], Client],
    freeze: Callable[[datetime], None],
    tmp_path: Path,
) -> None:
    freeze(MONDAY)
    head, other, public = people("head"), people("reviewhead"), Client()
    page = head.get("/desk/inspections/new/").content.decode()
    assert "占用、挖掘城市道路的单位" in page and "40" in page
    done = head.post(
        "/desk/inspections/new/", {"title": "占道检查", "item": "SJ-001", "share": "10", "act": "commit"}
    )
    where = done["Location"]
    assert "请另一名负责双随机抽查的人员主持抽取" in head.get(where).content.decode()
    ledger.sequence(at=MONDAY)
    before = public.get("/inspections/").content.decode()
    assert "占道检查" in before and "待抽取" in before
    refused = other.post(where, {"act": "draw", "words": "", "witnesses": "某协会代表"})
    assert refused.status_code == 422
    assert "请填写现场监督人员报出的数字" in refused.content.decode()
    assert "某协会代表" in refused.content.decode(), "what was entered is still there"
    other.post(where, {"act": "draw", "words": "386", "witnesses": "某协会代表"})
    draw_id = int(where.rstrip("/").rpartition("/")[2])
    lines = double_random.assignments(bureau.actor("head", MONDAY), draw_id)
    assert len(lines) == 4, "ten per cent of forty"

    names = {
        bureau.person(n, MONDAY): n for n in ("officer1", "officer2", "officer3", "officer4", "head", "head2")
    }
    task = lines[0]
    goes = names[task.officers[0].id]
    spot = f"/desk/inspections/tasks/{task.id}/"
    away = next(
        n for p, n in names.items() if p not in {o.id for o in task.officers} and n.startswith("officer")
    )
    assert "登记检查结果" not in people(away).get(spot).content.decode()
    entered = people(goes).post(
        spot,
        {"act": "finding", "outcome": "mended", "facts": "围挡超出许可范围", "inspected_on": DAY.isoformat()},
    )
    assert "发现问题的，请填写处理措施" in entered.content.decode()
    entered = people(goes).post(
        spot,
        {
            "act": "finding",
            "outcome": "mended",
            "facts": "围挡超出许可范围",
            "measures": "责令当日恢复，已恢复",
            "inspected_on": DAY.isoformat(),
        },
    )
    assert entered.status_code == 302, entered.content.decode()
    kept = double_random.assignment(bureau.actor("head", MONDAY), task.id)[1]
    assert kept.outcome_label == "发现问题，已责令改正" and kept.disclosure_id
    queue = publication.disclosure_view(bureau.actor("collector", MONDAY), kept.disclosure_id, on=DAY)
    assert queue is not None

    pk = publication.draws.public_draws()[0].id
    shown = public.get(f"/inspections/{pk}/").content.decode()
    for line in lines:
        assert line.name in shown and line.code in shown
    assert "386" in shown and "某协会代表" in shown
    file = tmp_path / "draw.json"
    file.write_bytes(b"".join(public.get(f"/inspections/{pk}/draw.json").streaming_content))
    keys = tmp_path / "keys"
    keys.write_text(ledger.keys_text(), "utf-8")
    done = CliRunner().invoke(command, ["verify", str(file), "--key", str(keys)])
    assert done.exit_code == 0, done.output
    assert "承诺先于检查点存证" in done.output
    record = json.loads(file.read_text("utf-8"))
    record["checkpoint"] = record["checkpoint"].replace("\n", "\n1", 1)
    file.write_text(json.dumps(record), "utf-8")
    assert CliRunner().invoke(command, ["verify", str(file), "--key", str(keys)]).exit_code == 1
    assert ledger.fsck().ok


def test_nothing_is_drawn_for_an_item_that_is_not_published_or_without_a_register(db: None) -> None:
    bureau = bureau_for("xiashan-chengzong", MONDAY)
    with pytest.raises(NoPublishedItem):
        committed(bureau)
    publish(bureau, ListKind.RANDOM, MONDAY)
    with pytest.raises(NoPublishedItem):
        committed(bureau, item_code="SJ-002")
    with pytest.raises(NoTargets):
        committed(bureau)
    publish(bureau, ListKind.TARGET, MONDAY)
    assert committed(bureau)


def test_who_promised_does_not_draw_and_nobody_draws_twice(bureau: Bureau) -> None:
    draw_id = committed(bureau)
    with pytest.raises(NotYetSealed):
        make(bureau, draw_id)
    ledger.sequence(at=MONDAY)
    with pytest.raises(SamePerson):
        make(bureau, draw_id, "head")
    with pytest.raises(NotAllowed):
        make(bureau, draw_id, "officer1")
    make(bureau, draw_id)
    with pytest.raises(DrawOutOfTurn, match="已抽取"):
        make(bureau, draw_id, words="再抽一次")


def test_the_checkpoint_is_the_first_after_the_promise_whenever_one_draws(bureau: Bureau) -> None:
    draw_id = committed(bureau)
    ledger.sequence(at=MONDAY)
    first = ledger.latest()
    committed(bureau)
    ledger.sequence(at=MONDAY + timedelta(seconds=5))
    assert first is not None and ledger.latest() != first
    make(bureau, draw_id)
    assert Draw.objects.get(pk=draw_id).drawing.root == first.root


def test_the_number_called_out_decides_too(bureau: Bureau) -> None:
    with transaction.atomic():
        one = drawn(bureau)
        names = [a.target_code for a in Assignment.objects.filter(draw_id=one)]
        transaction.set_rollback(True)
    draw_id = committed(bureau)
    ledger.sequence(at=MONDAY)
    make(bureau, draw_id, words="4")
    assert names != [a.target_code for a in Assignment.objects.filter(draw_id=draw_id)]


@pytest.mark.parametrize(
    "changes,wanted",
    [
        ({"count": 40}, 40),
        ({"count": 41}, "不能抽取 41 个"),
        ({"count": 0, "share": 251}, 2),
        ({"count": 0, "share": 250}, 1),
        ({"count": 0, "share": 1}, 1),
        ({"count": 0}, "请填写抽查比例或者抽取数量"),
        ({"count": 3, "share": 100}, "请填写抽查比例或者抽取数量"),
        ({"count": 0, "share": 10_001}, "100%"),
        ({"title": " "}, "请填写本次抽查的名称"),
        ({"category": "没有的类别"}, "没有检查对象"),
    ],
)
def test_how_many_are_drawn(bureau: Bureau, changes: dict[str, Any], wanted: int | str) -> None:
    if isinstance(wanted, int):
        assert Draw.objects.get(pk=committed(bureau, **changes)).count == wanted
        return
    with pytest.raises((Invalid, NotDrawable)) as refused:
        committed(bureau, **changes)
    assert wanted in str([refused.value.sentence, refused.value.fields])


def test_who_is_excused_is_left_out_with_the_reason_and_two_must_remain(bureau: Bureau) -> None:
    everyone = double_random.ready(bureau.actor("head", MONDAY), DAY).officers
    assert len(everyone) > 2
    with pytest.raises(Invalid):
        committed(bureau, excused={everyone[0].id: " "})
    with pytest.raises(NotDrawable, match="不足两人"):
        committed(bureau, excused={p.id: "借调" for p in everyone[1:]})
    draw_id = drawn(bureau, count=40, excused={p.id: "借调" for p in everyone[2:]})
    assert Draw.objects.get(pk=draw_id).excused[0][1] == "借调"
    goes = {
        p.id
        for line in double_random.assignments(bureau.actor("head", MONDAY), draw_id)
        for p in line.officers
    }
    assert goes == {p.id for p in everyone[:2]}


def test_avoidance_keeps_an_officer_away_until_it_ends(bureau: Bureau) -> None:
    head = bureau.actor("head", MONDAY)
    everyone = double_random.ready(head, DAY).officers
    code = Assignment.objects.filter(draw_id=drawn(bureau, count=40)).first().target_code  # type: ignore[union-attr]
    kept = [
        double_random.avoidance_declare(
            person_id=p.id, target_code=code, reason="近亲属任职", by=head, at=MONDAY
        )
        for p in everyone[:-2]
    ]
    with pytest.raises(Conflict):
        double_random.avoidance_declare(
            person_id=everyone[0].id, target_code=code, reason="再次", by=head, at=MONDAY
        )
    task = Assignment.objects.get(draw_id=drawn(bureau, count=40), target_code=code)
    assert {task.first_id, task.second_id} == {p.id for p in everyone[-2:]}
    one = double_random.avoidance_declare(
        person_id=everyone[-1].id, target_code=code, reason="近亲属任职", by=head, at=MONDAY
    )
    with pytest.raises(NotDrawable, match="1 个检查对象在回避后不足两名"):
        committed(bureau, count=40)
    double_random.avoidance_end(avoidance_id=one, by=head, at=MONDAY)
    assert committed(bureau, count=40) and len(double_random.avoidances(head)) == len(kept)


def test_a_replacement_is_the_next_of_the_draw_s_order_and_public(bureau: Bureau, tmp_path: Path) -> None:
    draw_id = drawn(bureau)
    head = bureau.actor("head", MONDAY)
    task = double_random.assignments(head, draw_id)[0]
    out = task.officers[0].id
    with pytest.raises(Invalid, match="填写内容"):
        double_random.officer_replace(assignment_id=task.id, out_id=out, reason="", by=head, at=MONDAY)
    into = double_random.officer_replace(
        assignment_id=task.id, out_id=out, reason="外出培训", by=head, at=MONDAY
    )
    with pytest.raises(Conflict):
        double_random.officer_replace(assignment_id=task.id, out_id=out, reason="再换", by=head, at=MONDAY)
    second = double_random.officer_replace(
        assignment_id=task.id, out_id=into, reason="生病", by=head, at=MONDAY
    )
    line = double_random.assignment(head, task.id)[1]
    assert {p.id for p in line.officers} == {second, task.officers[1].id} and second != out
    shown, _versions = publication.draws.public_draw(publication.draws.public_draws()[0].id)
    assert [c["place"] for c in shown.content["replaced"]] == [task.place] * 2
    file = tmp_path / "draw.json"
    with files.open_file(shown.record_id or 0) as kept:
        file.write_bytes(kept.read())
    done = CliRunner().invoke(command, ["verify", str(file)])
    assert done.exit_code == 0 and "替换的检查人员符合" in done.output, done.output


def test_who_left_the_office_after_the_draw_is_replaced_and_the_draw_stays_verifiable(
    bureau: Bureau, tmp_path: Path
) -> None:
    draw_id = drawn(bureau)
    head = bureau.actor("head", MONDAY)
    first, *others = double_random.assignments(head, draw_id)
    gone = first.officers[0].id
    Person.objects.filter(pk=gone).update(active=False)
    tasks = [t for t in (first, *others) if gone in {p.id for p in t.officers}]
    for task in tasks:
        into = double_random.officer_replace(
            assignment_id=task.id, out_id=gone, reason="调离本机关", by=head, at=MONDAY
        )
        assert into != gone
    shown, _versions = publication.draws.public_draw(publication.draws.public_draws()[0].id)
    file = tmp_path / "draw.json"
    with files.open_file(shown.record_id or 0) as kept:
        file.write_bytes(kept.read())
    done = CliRunner().invoke(command, ["verify", str(file)])
    assert done.exit_code == 0 and "替换的检查人员符合" in done.output, done.output


def test_why_somebody_stays_away_is_not_public_in_any_byte(bureau: Bureau) -> None:
    head = bureau.actor("head", MONDAY)
    everyone = double_random.ready(head, DAY).officers
    double_random.avoidance_declare(
        person_id=everyone[1].id,
        target_code=Assignment.objects.filter(draw_id=drawn(bureau)).first().target_code,  # type: ignore[union-attr]
        reason="近亲属任职于该企业",
        by=head,
        at=MONDAY,
    )
    draw_id = drawn(bureau, count=40, excused={everyone[0].id: "住院治疗"})
    task = double_random.assignments(head, draw_id)[0]
    double_random.officer_replace(
        assignment_id=task.id, out_id=task.officers[0].id, reason="术后休养", by=head, at=MONDAY
    )
    pk = publication.draws.public_draws()[0].id
    client = Client()
    told = client.get(f"/inspections/{pk}/").content.decode()
    for name in ("pool.jsonl", "draw.json"):
        told += b"".join(client.get(f"/inspections/{pk}/{name}").streaming_content).decode()  # type: ignore[attr-defined]
    record = json.loads(told[told.rindex('{\n "algorithm"') :])
    told += verify.parse_bundle(record["commitment_bundle"])["payload"].__repr__()
    assert "近亲属" not in told and "住院" not in told and "术后" not in told
    assert head.label not in told
    assert ledger.fsck().ok
    line = double_random.assignment(head, task.id)[1]
    assert [r.reason for r in line.replacements] == ["术后休养"], "the desk knows"


def test_a_voided_draw_stays_on_show_with_its_reason_and_is_over(bureau: Bureau) -> None:
    draw_id = drawn(bureau)
    with pytest.raises(NotAllowed):
        double_random.draw_void(
            draw_id=draw_id, reason="名录有误", by=bureau.actor("head", MONDAY), at=MONDAY
        )
    deputy = bureau.actor("deputy", MONDAY)
    with pytest.raises(Invalid):
        double_random.draw_void(draw_id=draw_id, reason=" ", by=deputy, at=MONDAY)
    double_random.draw_void(draw_id=draw_id, reason="名录有误", by=deputy, at=MONDAY)
    assert double_random.draw_view(deputy, draw_id).line.stage == Stage.VOIDED
    shown = Client().get(f"/inspections/{publication.draws.public_draws()[0].id}/").content.decode()
    assert "本次抽查已作废" in shown and "名录有误" in shown
    with pytest.raises(DrawOutOfTurn):
        make(bureau, draw_id)
    task = Assignment.objects.filter(draw_id=draw_id).first()
    assert task is not None
    with pytest.raises(DrawOutOfTurn):
        enter(bureau, task, facts="看过")


def enter(bureau: Bureau, task: Assignment, *, who: int | None = None, **changes: Any) -> int:
    goes = task.first_id if who is None else who
    actor = next(
        bureau.actor(name, MONDAY)
        for name in ("officer1", "officer2", "officer3", "officer4", "head", "head2")
        if bureau.person(name, MONDAY) == goes
    )
    facts: dict[str, Any] = {"outcome": "clean", "facts": "未发现问题", "inspected_on": DAY} | changes
    return double_random.finding_enter(assignment_id=task.pk, **facts, by=actor, at=MONDAY)


@pytest.mark.parametrize(
    "changes,field",
    [
        ({"outcome": "fine"}, "outcome"),
        ({"facts": " "}, "facts"),
        ({"outcome": "pending"}, "measures"),
        ({"inspected_on": DAY - timedelta(days=1)}, "inspected_on"),
        ({"inspected_on": DAY + timedelta(days=1)}, "inspected_on"),
        ({}, ""),
    ],
)
def test_a_result_is_whole_and_of_a_day_after_the_draw(
    bureau: Bureau, changes: dict[str, Any], field: str
) -> None:
    task = Assignment.objects.filter(draw_id=drawn(bureau)).first()
    assert task is not None
    if not field:
        assert enter(bureau, task)
        with pytest.raises(Conflict):
            enter(bureau, task, who=task.second_id)
        return
    with pytest.raises(Invalid) as refused:
        enter(bureau, task, **changes)
    assert list(refused.value.fields) == [field]


def test_another_body_s_draw_does_not_exist_and_a_supervisor_only_reads(
    bureau: Bureau, people: Callable[[str], Client]
) -> None:
    draw_id = drawn(bureau)
    task = Assignment.objects.filter(draw_id=draw_id).first()
    assert task is not None
    stranger = bureau.actor("otherreviewhead", MONDAY)
    assert double_random.draws(stranger) == []
    for probe in (
        lambda: double_random.draw_view(stranger, draw_id),
        lambda: double_random.assignment(stranger, task.pk),
        lambda: double_random.draw_make(draw_id=draw_id, words="1", witnesses="某", by=stranger, at=MONDAY),
        lambda: double_random.officer_replace(
            assignment_id=task.pk, out_id=task.first_id, reason="某", by=stranger, at=MONDAY
        ),
    ):
        with pytest.raises(NotFound):
            probe()
    assert people("cashier").get(f"/desk/inspections/{draw_id}/").status_code == 200
    assert people("sysadmin").get(f"/desk/inspections/{draw_id}/").status_code == 404


def test_an_altered_task_or_secret_is_found(bureau: Bureau) -> None:
    from tests.append_only_flush import put_back, take_off

    draw_id = drawn(bureau)
    task = Assignment.objects.filter(draw_id=draw_id).first()
    assert task is not None and ledger.fsck().ok
    with pytest.raises(IntegrityError), transaction.atomic():
        Assignment.objects.filter(pk=task.pk).update(target_name="示例朋友公司")
    taken = take_off(connection, {"double_random_assignment", "double_random_draw"})
    Assignment.objects.filter(pk=task.pk).update(first_id=organisations.people(bureau.body_id, on=DAY)[0].id)
    Draw.objects.filter(pk=draw_id).update(secret="00" * 32)
    put_back(connection, taken)
    told = {f.sentence for f in ledger.fsck().findings}
    assert any("抽查任务与抽取时的结果不一致" in s for s in told)
    assert any("随机数与公布的承诺值不一致" in s for s in told)

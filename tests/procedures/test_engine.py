"""The life of a step: everything or nothing, once, in order, and refusals on record."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest
from click.testing import CliRunner
from django.db import DatabaseError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mingzhi.deadlines import api as deadlines
from mingzhi.documents import api as documents
from mingzhi.documents.models import Paper
from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.models import Dossier
from mingzhi.kernel.errors import Invalid, NotAllowed, NotFound
from mingzhi.ledger import api as ledger
from mingzhi.ledger import rows as ledger_rows
from mingzhi.ledger.models import Attempt
from mingzhi.outbox.models import OutboxMessage
from mingzhi.procedures import api as procedures
from mingzhi.procedures import engine
from mingzhi.procedures.commands import procedures as procedures_command
from mingzhi.procedures.errors import GuardsUnmet, NoSuchStep, SomebodyActed
from mingzhi.procedures.models import Step
from mingzhi.tasks.models import Task
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")
CORRECT: dict[str, Any] = {"act": "堆放货物占用道路", "demand": "立即改正"}


def take(case: Drive, verb: str = "correct", who: str = "officer1", **how: Any) -> Any:
    facts = how.pop("facts", CORRECT)
    return procedures.advance(case.id, verb, by=how.pop("by", case.by(who)), at=case.at, facts=facts, **how)


def counts(case: Drive) -> dict[str, int]:
    return {
        "steps": Step.objects.count(),
        "papers": Paper.objects.count(),
        "tasks": Task.objects.count(),
        "open": Task.objects.filter(closed_at=None).count(),
        "clocks": len(deadlines.of_dossier(case.id)),
        "entries": len(ledger.entries_of(f"dossier:{case.id}")),
        "outbox": OutboxMessage.objects.count(),
    }


def test_the_same_submission_twice_is_one_step(filed: Drive) -> None:
    first = take(filed, key="submission-1")
    before = counts(filed)
    assert take(filed, key="submission-1").id == first.id
    assert counts(filed) == before


def test_a_submission_key_of_another_step_or_dossier_is_refused(filed: Drive, opened: Drive) -> None:
    take(filed, key="submission-1")
    with pytest.raises(Invalid):
        take(
            filed,
            "appraise",
            key="submission-1",
            facts={"agency": "某机构", "matter": "某事项", "entrusted_on": filed.day},
        )
    with pytest.raises(Invalid):
        take(opened, "file_request", key="submission-1")


def test_somebody_who_has_not_seen_the_last_step_writes_nothing(filed: Drive) -> None:
    seen = dossiers.access_dossier(filed.by("officer1"), filed.id).steps_taken
    take(filed, expected=seen)
    before = counts(filed)
    with pytest.raises(SomebodyActed) as met:
        take(filed, expected=seen, who="officer2")
    assert counts(filed) == before
    assert "责令改正" in met.value.sentence and "内容已保留" in met.value.sentence
    assert take(filed, expected=seen + 1).seq == seen + 2


def test_a_failure_in_the_last_consequence_leaves_nothing_behind(
    filed: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = counts(filed)
    state = dossiers.access_dossier(filed.by("officer1"), filed.id)

    def broken(*_: Any, **__: Any) -> None:
        raise RuntimeError("the machine stops here")

    with monkeypatch.context() as patched:
        patched.setattr(engine.tasks, "task_open", broken)
        filed.record("on_site_inspection", title="录像")
        before = counts(filed)
        target = filed.people(("officer2",))[0]
        with pytest.raises(RuntimeError), transaction.atomic():
            take(
                filed, "recuse_apply", facts={"applicant": "party", "target": target, "reason": "有亲属关系"}
            )
    now = dossiers.access_dossier(filed.by("officer1"), filed.id)
    assert counts(filed) == before
    assert (now.state, now.steps_taken) == (state.state, state.steps_taken)


def test_a_paper_s_number_is_not_used_up_by_a_step_that_failed(
    filed: Drive, monkeypatch: pytest.MonkeyPatch
) -> None:
    before, real = counts(filed), ledger_rows.append

    def failing(name: str, *entry: Any, **how: Any) -> int:
        if name.startswith("documents:paper"):
            raise RuntimeError("stop")
        return real(name, *entry, **how)

    with monkeypatch.context() as patched:
        patched.setattr(ledger_rows, "append", failing)
        with pytest.raises(RuntimeError), transaction.atomic():
            take(filed)
    assert counts(filed) == before
    take(filed)
    first = documents.papers(filed.id)[-1]
    take(filed)
    second = documents.papers(filed.id)[-1]
    assert first.number and second.number and first.number != second.number
    number = [int("".join(c for c in str(p.number).split("〕")[-1] if c.isdigit())) for p in (first, second)]
    assert number[1] == number[0] + 1, "no gap"


def test_a_refusal_is_kept_in_the_second_log_with_its_codes(filed: Drive) -> None:
    seen = Attempt.objects.using("attempts").count()
    with pytest.raises(GuardsUnmet):
        take(filed, "conclude", facts={"outcome": "penalise"})
    with pytest.raises(NotAllowed):
        take(filed, "withdraw", facts={"reason": "主体认定错误"})
    rows = list(Attempt.objects.using("attempts").order_by("pk"))[seen:]
    assert [(r.act, r.outcome) for r in rows] == [("step:conclude", "denied"), ("step:withdraw", "denied")]
    assert rows[0].by == filed.by("officer1").label
    assert "G4.none" in rows[0].detail["reasons"]


def test_conditions_and_entries_that_are_both_wrong_are_told_in_one_go(filed: Drive) -> None:
    seen = Attempt.objects.using("attempts").count()
    with pytest.raises(GuardsUnmet) as both:
        take(filed, "conclude", facts={"outcome": "penalise", "no_such": "field"})
    assert {"G5.none", "G4.none"} <= {r.code for r in both.value.reasons}
    assert {"facts_found", "no_such"} <= set(both.value.fields)
    assert all(sentences and all(sentences) for sentences in both.value.fields.values())
    assert f"另有 {len(both.value.fields)} 处填写内容有误" in both.value.sentence
    kept = Attempt.objects.using("attempts").order_by("pk")[seen:].get().detail
    assert "G4.none" in kept["reasons"] and "facts_found" in kept["fields"]


def test_conditions_alone_name_no_field_and_entries_alone_no_condition(filed: Drive) -> None:
    with pytest.raises(GuardsUnmet) as unmet:
        filed.conclude(check=False)
    assert unmet.value.reasons and unmet.value.fields == {}
    assert "填写内容" not in unmet.value.sentence
    with pytest.raises(Invalid) as wrong:
        take(filed, facts={"act": ""})
    assert set(wrong.value.fields) == {"act", "demand"} and wrong.value.reasons == ()


def test_a_step_that_the_state_does_not_know_is_refused_in_words(filed: Drive) -> None:
    for verb in ("decide", "archive", "no_such_verb"):
        with pytest.raises(NoSuchStep) as refusal:
            take(filed, verb, who="leader", facts={})
        assert "调查取证" in refusal.value.sentence


@pytest.mark.parametrize("number", [0, -1, 1 << 63, 10**30])
def test_a_number_that_no_dossier_and_no_person_can_have_is_answered_in_words(
    filed: Drive, number: int
) -> None:
    with pytest.raises(NotFound):
        dossiers.access_dossier(filed.by("officer1"), number)
    with pytest.raises(GuardsUnmet) as refusal:
        take(
            filed,
            "assign",
            who="head",
            facts={"officers": [number, *filed.people(("officer1",))], "reason": "工作调整"},
        )
    assert "organisations.person_unknown" in {r.code for r in refusal.value.reasons}


def test_who_does_not_hold_the_case_may_see_but_not_act(filed: Drive) -> None:
    with pytest.raises(NotAllowed) as refusal:
        take(filed, who="officer3")
    assert refusal.value.code == "relation.member"
    with pytest.raises(NotFound):
        take(filed, who="other")


def test_a_supervisor_of_another_body_sees_and_does_not_act(filed: Drive) -> None:
    supervisor = filed.by("supervisor")
    assert dossiers.access_dossier(supervisor, filed.id).pk == filed.id
    with pytest.raises(NotAllowed):
        take(
            filed,
            by=replace(supervisor, permissions=supervisor.permissions | filed.by("officer1").permissions),
        )


def test_an_act_is_dated_now_or_before_and_not_in_the_future(filed: Drive) -> None:
    with pytest.raises(GuardsUnmet) as refusal:
        take(filed, occurred_at=filed.at + timedelta(minutes=6))
    assert [r.code for r in refusal.value.reasons] == ["time.future"]
    assert take(filed, occurred_at=filed.at + timedelta(minutes=4)).seq
    step = take(filed, occurred_at=filed.at - timedelta(days=1))
    assert step.occurred_at < step.at, "the gap is shown"


def test_the_steps_fold_to_the_state_and_a_gap_is_found(filed: Drive) -> None:
    take(filed)
    dossier = dossiers.access_dossier(filed.by("officer1"), filed.id)
    table = procedures.procedure(dossier.procedure)
    taken = procedures.steps(dossier)
    assert procedures.fold(taken, table) == dossier.state == "investigating"
    with pytest.raises(ValueError, match="does not follow"):
        procedures.fold(taken[:1] + taken[2:], table)
    assert procedures.inconsistencies() == []
    dossiers.Dossier.objects.filter(pk=dossier.pk).update(state="closed")
    (found,) = procedures.inconsistencies()
    assert dossier.number in found


def test_the_check_command_tells_a_state_or_a_count_that_the_steps_do_not_lead_to(
    filed: Drive, opened: Drive
) -> None:
    run = partial(CliRunner().invoke, procedures_command, ["check", "--json"])
    sound = run()
    assert sound.exit_code == 0
    assert json.loads(sound.stdout) == {"ok": True, "dossiers": Dossier.objects.count(), "findings": []}
    Dossier.objects.filter(pk=filed.id).update(steps_taken=9)
    Dossier.objects.filter(pk=opened.id).update(state="investigating")
    told = run()
    assert told.exit_code == 1
    first, second = json.loads(told.stdout)["findings"]
    taken = len(procedures.steps(Dossier.objects.get(pk=filed.id)))
    assert "环节数为 9" in first and f"实有 {taken} 个" in first
    assert "记录状态为 investigating，按环节推算为 new" in second
    in_words = CliRunner().invoke(procedures_command, ["check"])
    assert in_words.exit_code == 1 and "2 处不一致" in in_words.output


def test_the_table_of_a_procedure_is_printed_and_an_unknown_one_is_a_usage_error() -> None:
    listed = CliRunner().invoke(procedures_command, ["show"])
    assert listed.exit_code == 0 and "penalty.ordinary" in listed.output
    table = CliRunner().invoke(procedures_command, ["show", "penalty.ordinary", "--json"])
    rows = {row["环节"]: row for row in json.loads(table.stdout)}
    assert rows["批准立案"]["依据"] == "行政处罚法第五十四条第二款"
    assert (
        "依据：行政处罚法第五十八条"
        in CliRunner().invoke(procedures_command, ["show", "penalty.ordinary"]).output
    )
    assert CliRunner().invoke(procedures_command, ["show", "no.such"]).exit_code == 2


@pytest.mark.parametrize(
    "statement", ["UPDATE procedures_step SET verb = 'decide'", "DELETE FROM procedures_step"]
)
def test_the_database_itself_refuses_to_change_or_remove_a_step(filed: Drive, statement: str) -> None:
    before = list(Step.objects.order_by("pk").values_list("pk", "verb"))
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert list(Step.objects.order_by("pk").values_list("pk", "verb")) == before


def test_a_step_stores_the_rules_it_applied(filed: Drive) -> None:
    (approved,) = [s for s in procedures.steps(filed.dossier) if s.verb == "file_approve"]  # type: ignore[arg-type]
    norm = approved.norms["penalty.term.filing_to_decision"]
    assert norm["value"] == 90 and norm["version"] and norm["level"]


def test_next_steps_cost_the_same_with_five_steps_and_with_a_hundred_and_fifty(filed: Drive) -> None:
    by = filed.by("officer1")

    def cost() -> int:
        dossier = dossiers.access_dossier(by, filed.id)
        with CaptureQueriesContext(
            connection,
        ) as seen:
            assert procedures.options(dossier, by=by, at=filed.at)
        return len(seen)

    cost()
    few = cost()
    dossier = dossiers.access_dossier(by, filed.id)
    Step.objects.bulk_create(
        Step(
            dossier=dossier,
            seq=dossier.steps_taken + n,
            verb="correct",
            stage="调查取证",
            from_state="investigating",
            to_state="investigating",
            by=by.label,
            by_name=by.name,
            by_unit=by.unit_id,
            at=filed.at,
            occurred_at=filed.at,
            facts=CORRECT,
            norms={},
        )
        for n in range(1, 151)
    )
    dossiers.Dossier.objects.filter(pk=dossier.pk).update(steps_taken=dossier.steps_taken + 150)
    assert cost() == few
    assert few <= 40


def test_options_say_what_is_closed_and_why(filed: Drive) -> None:
    dossier = dossiers.access_dossier(filed.by("officer1"), filed.id)
    found = {o.verb: o for o in procedures.options(dossier, by=filed.by("officer1"), at=filed.at)}
    assert found["correct"].open and not found["correct"].reasons
    assert not found["conclude"].open and all(r.sentence for r in found["conclude"].reasons)
    assert not found["withdraw"].mine and "负责人" in found["withdraw"].reasons[0].sentence
    assert "decide" not in found, "a state knows only its own steps"

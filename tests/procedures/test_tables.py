"""The tables themselves: whatever a row names exists, every end can be reached, every row cites its law."""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import pytest
import yaml

from mingzhi.catalogue import api as catalogue
from mingzhi.documents import actions, notices
from mingzhi.documents import api as documents
from mingzhi.documents.lint import lint_template
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.organisations.permissions import Permission
from mingzhi.procedures import api as procedures
from mingzhi.procedures import registry
from mingzhi.procedures.data import Procedure, Row, StateInfo
from mingzhi.web.demo.drive import Bureau

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = date(2026, 9, 7)
ROWS = [(p, r) for p in procedures.procedures() for r in p.rows]
IDS = [f"{p.code}.{r.verb}" for p, r in ROWS]


def profiles() -> list[str]:
    found: Any = catalogue.profiles()
    return sorted(str(getattr(p, "key", p)) for p in found)


def targets(row: Row) -> set[str]:
    return set(row.targets_shown) | ({row.target} if isinstance(row.target, str) else set())


def test_both_penalty_procedures_are_there() -> None:
    assert {p.code for p in procedures.procedures()} >= {"penalty.ordinary", "penalty.summary"}


@pytest.mark.parametrize(("procedure", "row"), ROWS, ids=IDS)
def test_a_row_names_only_what_exists_and_cites_its_law(procedure: Procedure, row: Row) -> None:
    assert row.label and row.citation and row.stage in procedure.stages
    assert isinstance(row.permission, Permission) and organisations.roles_with(row.permission)
    assert row.relation in ("member", "unit", "body")
    assert all(g.code and g.label and g.citation for g in row.guards)
    assert callable(row.target) == (row.target is not None and not isinstance(row.target, str))
    if callable(row.target):
        assert row.targets_shown, "a computed target is printed too"
    for name, info in row.facts.model_fields.items():
        assert info.title, name
        options = (info.json_schema_extra or {}).get("options")  # type: ignore[union-attr]
        assert not options or options in registry._options, options


def test_every_outward_paper_of_every_table_tells_reason_basis_rights_and_remedies() -> None:
    """R032: a table that draws a paper for somebody outside draws one whose notice has its rule."""
    drawn = {rule.template for _, row in ROWS for rule in row.papers}
    outward = set()
    for code in drawn:
        parsed, problems = lint_template((actions.SHIPPED / f"{code}.txt").read_text("utf-8"))
        assert parsed is not None and problems == [], code
        if parsed.flag("对外"):
            outward.add(code)
    assert len(outward) > 20 and outward <= set(notices.rules())


@pytest.mark.parametrize(("procedure", "row"), ROWS, ids=IDS)
def test_every_term_a_row_starts_is_set_for_all_five_profiles(procedure: Procedure, row: Row) -> None:
    assert len(profiles()) == 5
    for profile in profiles():
        for rule in row.clocks:
            assert catalogue.term(rule.norm, body=profile, on=DAY).n > 0
            assert catalogue.norm(rule.norm, body=profile, on=DAY).citation_text


def test_every_term_that_is_stopped_is_started_somewhere() -> None:
    effects = Path(__file__).parents[2] / "src/mingzhi/cases/penalty/effects.py"
    started = {c.norm for _, r in ROWS for c in r.clocks}
    text = effects.read_text(encoding="utf-8")
    for _, row in ROWS:
        assert all(norm in started or f'"{norm}"' in text for norm in row.stops), row.verb


def test_every_paper_a_row_draws_has_a_template(module_bureau: Bureau) -> None:
    wanted = {p.template for _, row in ROWS for p in row.papers}
    assert wanted
    for code in sorted(wanted):
        assert documents.template(code, module_bureau.body_id) is not None, code


def test_every_recorded_act_is_one_that_the_recording_rules_know() -> None:
    packs = Path(catalogue.__file__).parent / "packs" / "lists.yaml"
    known = packs.read_text(encoding="utf-8")
    assert yaml.safe_load(known)
    for _, row in ROWS:
        if row.recording:
            rule = catalogue.recording_rule(body="xiashan-chengzong", act=row.recording, on=DAY)
            assert rule.mode in ("full", "required", "situational", "optional")
            assert row.recording in known, row.recording


@pytest.mark.parametrize("procedure", procedures.procedures(), ids=lambda p: p.code)
def test_every_state_is_reached_and_every_state_that_is_no_end_leads_on(procedure: Procedure) -> None:
    reached, grew = {procedure.initial}, True
    while grew:
        new = {t for r in procedure.rows if reached & set(r.sources) for t in targets(r)} - reached
        reached, grew = reached | new, bool(new)
    assert reached == set(procedure.by_state)
    for state in procedure.states:
        leads_on = [r for r in procedure.rows if state.code in r.sources and targets(r) - {state.code}]
        assert leads_on or state.final, state.code
        assert state.public, "a party asking for progress is told something"


@pytest.mark.parametrize("procedure", procedures.procedures(), ids=lambda p: p.code)
def test_the_printed_table_has_every_row_with_its_law(procedure: Procedure) -> None:
    lines = procedures.printed(procedure)
    assert [line["环节"] for line in lines] == [r.label for r in procedure.rows]
    assert all(line["依据"] and line["从"] and line["到"] and line["权限"] for line in lines)
    assert all("（" in text for line in lines for text in line["条件"])


@pytest.mark.parametrize("gate", ["G6", "G7"])
def test_no_row_that_decides_a_penalty_lacks_a_statutory_gate(gate: str) -> None:
    decide = procedures.procedure("penalty.ordinary").by_verb["decide"]
    assert gate in {g.code for g in decide.guards}
    ways = [r for r in procedures.procedure("penalty.ordinary").rows if "decided" in targets(r)]
    assert [r.verb for r in ways] == ["decide"], "there is one way to a decision"


def table(**changes: Any) -> Procedure:
    given: dict[str, Any] = {
        "code": "test.table",
        "name": "测试",
        "version": "1",
        "since": DAY,
        "initial": "a",
        "stages": ("启动",),
        "states": (StateInfo("a", "甲", "启动"),),
        "rows": (),
    }
    return Procedure(**{**given, **changes})


def row(**changes: Any) -> Row:
    given: dict[str, Any] = {
        "verb": "do",
        "label": "办",
        "stage": "启动",
        "sources": ("a",),
        "target": None,
        "permission": Permission.CASE_ACT,
        "citation": "行政处罚法第五十四条",
    }
    return Row(**{**given, **changes})


def test_a_table_with_a_verb_twice_or_an_unknown_state_is_no_table() -> None:
    assert table(rows=(row(),)).by_verb
    with pytest.raises(ValueError, match="twice"):
        table(rows=(row(), row()))
    with pytest.raises(ValueError, match="unknown states"):
        table(rows=(row(sources=("b",)),))
    with pytest.raises(ValueError, match="unknown states"):
        table(rows=(row(target="b"),))


def test_a_matter_is_judged_by_the_version_in_force_on_its_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(registry, "_tables", {})
    registry.register(table(version="2", since=date(2026, 1, 1)))
    registry.register(table(version="1", since=date(2020, 1, 1)))
    assert registry.procedure("test.table").version == "2"
    assert registry.procedure("test.table", on=date(2025, 12, 31)).version == "1"
    assert registry.procedure("test.table", on=date(2026, 1, 1)).version == "2"
    assert registry.procedure("test.table", version="1").since == date(2020, 1, 1)
    with pytest.raises(KeyError):
        registry.procedure("test.table", on=date(2019, 12, 31))
    assert clock.at_local(DAY)

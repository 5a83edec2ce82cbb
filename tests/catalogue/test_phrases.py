"""执法规范用语: the shipped wording by field and stage, and a body's own list in versions (R065)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from mingzhi.catalogue import api as catalogue
from mingzhi.catalogue.api import public_lists
from mingzhi.catalogue.choices import ListKind
from mingzhi.catalogue.list_schemas import PHRASE_STAGES, PHRASE_USES
from mingzhi.catalogue.phrases import shipped
from mingzhi.kernel import clock
from mingzhi.organisations import api as organisations
from mingzhi.procedures import api as procedures
from mingzhi.web.demo.drive import Bureau
from mingzhi.web.demo.lists_room import _published
from tests.cases.staging import module_bureau
from tests.stories.conftest import MONDAY

__all__ = ["module_bureau"]
ON = clock.local_date(MONDAY)


def test_the_shipped_wording_is_whole_cited_and_told_apart() -> None:
    rows = shipped()
    assert len({p.code for p in rows}) == len({p.text for p in rows}) == len(rows) > 30
    for p in rows:
        assert p.stage in PHRASE_STAGES and p.use in PHRASE_USES
        assert p.field in {"common", "urban", "transport", "water"} and p.basis and 10 < len(p.text) <= 300
    assert {p.stage for p in rows if p.field == "common"} == set(PHRASE_STAGES), "no stage without wording"


def test_every_stage_that_a_form_asks_for_has_wording() -> None:
    asked = {
        stage
        for table in procedures.procedures()
        for row in table.rows
        for info in row.facts.model_fields.values()
        for stage in str((info.json_schema_extra or {}).get("phrases", "")).split("|")  # type: ignore[union-attr]
        if stage
    }
    assert asked and asked <= set(PHRASE_STAGES)


@pytest.mark.django_db(databases="__all__")
def test_a_body_s_own_published_wording_goes_before_the_shipped(module_bureau: Bureau) -> None:
    bureau, by = module_bureau, module_bureau.actor("keeper", MONDAY)
    body = organisations.body(bureau.body_id)
    before = catalogue.phrases(body, ON, ["inspection"])
    assert {p.field for p in before} == {"common", "urban"}, "its own field's wording and what all share"

    owned = public_lists.list_of(kind=ListKind.PHRASE, by=by)
    first = public_lists.list_start(
        list_id=owned.pk, valid_from=ON, reason="制定本机关用语指引", by=by, at=MONDAY
    )
    assert first.count == len(catalogue.phrases(body, ON)), "the shipped wording is the first draft"
    own = ["Z-01", "urban", "inspection", "record", "本机关规定的检查用语：在＿＿发现＿＿。", "省级规范用语"]
    public_lists.list_drop(version_id=first.pk, reason="改用省级文本", by=by, at=MONDAY)
    mine = public_lists.list_start(
        list_id=owned.pk, valid_from=ON, reason="执行省级规范用语", rows=[own], by=by, at=MONDAY
    )
    assert catalogue.phrases(body, ON, ["inspection"]) == before, "a draft says nothing yet"
    _published(bureau, mine.pk, MONDAY)
    assert [p.text for p in catalogue.phrases(body, ON)] == [own[4]]
    assert catalogue.phrases(body, ON, ["hearing"]) == []
    assert len(catalogue.phrases(body, ON - timedelta(days=1))) > 20, (
        "the day before it was the shipped wording"
    )

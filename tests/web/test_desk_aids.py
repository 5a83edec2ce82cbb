"""What helps to write a paper: guidance and standard wording beside the field, on the desk and on the phone."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest
from django.test import Client

from mingzhi.cases.core.facing import Facing
from mingzhi.documents import actions, vocabulary
from mingzhi.documents import api as documents
from mingzhi.documents.markup import parse
from mingzhi.kernel import clock
from mingzhi.procedures import api as procedures
from mingzhi.procedures.api import Context
from mingzhi.web.demo.drive import Drive
from mingzhi.web.desk import stepform

pytestmark = pytest.mark.django_db(databases="__all__")


def test_every_guidance_is_of_a_field_that_its_paper_prints() -> None:
    for key, said in documents.guidance().items():
        parsed = parse((actions.SHIPPED / f"{said.paper}.txt").read_text("utf-8"))
        known = vocabulary.table()[said.field]
        assert parsed.uses(known.label), key
        assert len(said.write) > 15 and len(said.example) > 5, key
        assert re.search("第.{1,6}条|镇江方案", said.law), key
        assert not re.search(r"\d{17}[\dXx]|1[3-9]\d{9}", said.example), "nothing that could be a person's"


def test_every_field_that_names_a_guidance_has_it_and_none_is_left_over() -> None:
    named = {
        str((info.json_schema_extra or {}).get("guide", ""))  # type: ignore[union-attr]
        for table in procedures.procedures()
        for row in table.rows
        for info in row.facts.model_fields.values()
    } - {""}
    assert named == set(documents.guidance())


def test_guidance_and_wording_stand_beside_the_field_they_are_for(
    drive: Callable[..., Drive], people: Callable[[str], Client]
) -> None:
    case = drive()
    case.file()
    page = people("officer1").get(f"/desk/cases/{case.id}/do/inspect/").content.decode()
    box = page.split('id="field-findings"')[1].split('id="field-party_opinion"')[0]
    assert documents.guidance()["P05.scene"].write in box and "<details" in box
    assert 'data-into="findings"' in box and "检查中发现" in box and "人行道堆放" in box
    assert "靠边停车" not in page, "another field's wording"
    other = page.split('id="field-place"')[1].split('id="field-began_at"')[0]
    assert "<details" not in other


@pytest.mark.parametrize(
    ("profile", "asked"),
    [
        ("zhenjiang-chengguan", {"dress", "explained", "explained_by", "explained_at", "explained_answer"}),
        ("xian-transport", {"dress"}),
        ("xiashan-chengzong", set()),
    ],
)
def test_what_the_body_s_document_demands_is_not_offered_as_a_choice(
    drive: Callable[..., Drive], profile: str, asked: set[str]
) -> None:
    """R030, R033: the form asks what the guard will ask, here and on the phone that carries this form."""
    case = drive()
    case.file()
    assert case.dossier is not None
    table = procedures.procedure("penalty.ordinary", on=clock.local_date(case.at))
    for verb in ("inspect", "decision_serve"):
        ctx = Context(
            dossier=case.dossier,
            procedure=table,
            row=table.by_verb[verb],
            by=case.by("officer1"),
            at=case.at,
        )
        ctx.memo["body"] = replace(ctx.body, profile=profile)
        made = [f for group in stepform.groups(ctx, {}, {}, typed=False) for f in group.fields]
        facing = [f for f in made if f.name in Facing.model_fields]
        assert {f.name for f in facing if f.required} == {f.name for f in facing if f.demanded} == asked
        assert not any(f.demanded for f in made if f not in facing)

"""Parties: what is refused, what is told at once, and that one party is one row."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from django.db import connection

from mingzhi.dossiers import api as dossiers
from mingzhi.dossiers.data import PartyInput
from mingzhi.dossiers.models import Party
from mingzhi.kernel.errors import Invalid
from mingzhi.web.demo.drive import Drive

pytestmark = pytest.mark.django_db(databases="__all__")
# The published check vectors of GB 11643 and GB 32100: well formed, and nobody's.
ID_GOOD, ID_BAD = "11010519491231002X", "110105194912310021"
CODE_GOOD, CODE_BAD = "91110000600037341L", "91110000600037341M"
CITIZEN = PartyInput(kind="natural", name="孙某某")
COMPANY = PartyInput(kind="legal", name="示例一号商贸有限公司", credit_code=CODE_GOOD)
HOUSEHOLD = PartyInput(kind="household", name="示例便利店", credit_code=CODE_GOOD, standard="citizen")


def save(case: Drive, entered: PartyInput) -> Party:
    return dossiers.party_save(
        body_id=case.bureau.body_id, entered=entered, by=case.by("officer1"), at=case.at
    )


def wrong(case: Drive, entered: PartyInput) -> set[str]:
    with pytest.raises(Invalid) as refusal:
        save(case, entered)
    return set(refusal.value.fields)


@pytest.mark.parametrize(
    ("good", "changes", "field"),
    [
        (replace(CITIZEN, id_kind="resident", id_number=ID_GOOD), {"id_number": ID_BAD}, "id_number"),
        (COMPANY, {"credit_code": CODE_BAD}, "credit_code"),
        (COMPANY, {"credit_code": ""}, "credit_code"),
        (replace(COMPANY, credit_code="", code_note="筹建中，尚未登记"), {"code_note": ""}, "credit_code"),
        (HOUSEHOLD, {"standard": ""}, "standard"),
        (CITIZEN, {"name": "  "}, "name"),
        (CITIZEN, {"kind": "ghost"}, "kind"),
        (CITIZEN, {"born_on": date(2026, 9, 30)}, "born_on"),
        (
            replace(CITIZEN, id_kind="resident", id_number=ID_GOOD, born_on=date(1949, 12, 31)),
            {"born_on": date(1949, 12, 30)},
            "born_on",
        ),
        (replace(CITIZEN, id_kind="resident", id_number=ID_GOOD), {"id_kind": ""}, "id_kind"),
    ],
)
def test_a_party_that_is_right_is_taken_and_with_one_thing_wrong_is_refused_at_its_field(
    opened: Drive, good: PartyInput, changes: dict[str, Any], field: str
) -> None:
    bad = replace(good, **changes)
    assert field in wrong(opened, bad)
    assert save(opened, good).pk


def test_everything_wrong_with_a_party_is_told_at_once(opened: Drive) -> None:
    entered = PartyInput(kind="household", name="", credit_code=CODE_BAD)
    assert wrong(opened, entered) == {"name", "credit_code", "standard"}


def test_birth_and_gender_come_from_the_number(opened: Drive) -> None:
    party = save(opened, replace(CITIZEN, id_kind="resident", id_number=ID_GOOD.lower()))
    assert (party.born_on, party.gender, party.id_number) == (date(1949, 12, 31), "女", ID_GOOD)


def test_an_organisation_without_a_code_needs_no_reason(opened: Drive) -> None:
    assert save(opened, PartyInput(kind="organisation", name="示例业主委员会")).standard == "organisation"


def test_the_same_code_or_number_is_the_same_party(opened: Drive) -> None:
    first = save(opened, COMPANY)
    again = save(opened, replace(COMPANY, address="示例路 9 号"))
    assert again.pk == first.pk and again.address == "示例路 9 号"
    citizen = replace(CITIZEN, id_kind="resident", id_number=ID_GOOD)
    assert save(opened, citizen).pk == save(opened, citizen).pk
    assert save(opened, CITIZEN).pk != save(opened, CITIZEN).pk, "a name alone tells nobody apart"


def test_a_blank_field_takes_nothing_away(opened: Drive) -> None:
    save(opened, replace(COMPANY, address="示例路 9 号"))
    assert save(opened, COMPANY).address == "示例路 9 号"


def test_numbers_address_and_phone_are_ciphertext_in_the_database(opened: Drive) -> None:
    party = save(
        opened,
        replace(CITIZEN, id_kind="resident", id_number=ID_GOOD, address="示例路 7 号", phone="13800000007"),
    )
    with connection.cursor() as cursor:
        cursor.execute("SELECT * FROM dossiers_party WHERE id = %s", [party.pk])
        raw = repr(cursor.fetchone())
    assert ID_GOOD not in raw and "示例路 7 号" not in raw and "13800000007" not in raw
    found = Party.objects.get(pk=party.pk)
    assert found.id_number == ID_GOOD


def test_a_party_joins_a_dossier_once_and_gives_it_its_name(opened: Drive) -> None:
    dossier = dossiers.access_dossier(opened.by("officer1"), opened.id)
    before = dossiers.parties(opened.id)
    other = save(opened, CITIZEN)
    for _ in range(2):
        dossiers.party_join(
            dossier=dossier, party=other, role="party", by=opened.by("officer1"), at=opened.at
        )
    assert len(dossiers.parties(opened.id)) == len(before) + 1
    assert dossier.party_name == opened.matter.party.name, "the first party names the dossier"

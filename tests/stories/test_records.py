"""Published records driven through the procedure: how far each of the real ones honestly goes, and why not further."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from mingzhi.dossiers.api import Dossier
from mingzhi.procedures import api as procedures
from mingzhi.publication import api as publication
from mingzhi.web.demo import reading, records
from mingzhi.web.demo.drive import Bureau
from tests.shared_data import shared
from tests.stories.conftest import MONDAY

pytestmark = pytest.mark.django_db(databases="__all__")
PROFILE = "xiashan-chengzong"

#: rec_id → how far (none, filed, decided, disclosed), codes of refusals, codes of flags that must be there.
EXPECTED: dict[str, tuple[str, set[str], set[str]]] = {
    "P001": ("filed", {"amount.none"}, {"amount.unknown", "item.several"}),
    "P006": ("disclosed", set(), {"amount.unknown", "amount.lower_end", "party.code_missing"}),
    "P007": ("disclosed", set(), {"amount.unknown", "amount.lower_end"}),
    "P008": ("disclosed", set(), {"statement.assumed", "party.code_missing"}),
    "P009": ("disclosed", set(), {"item.several"}),
    "P010": ("filed", {"G7.period", "amount.none"}, {"privacy.leak"}),
    "P012": ("disclosed", set(), {"item.unverified"}),
    "P013": ("disclosed", set(), {"item.unverified"}),
    "P014": ("disclosed", set(), {"spot.days"}),
    "P018": ("disclosed", set(), {"party.standard", "item.by_words", "amount.lower_end"}),
    "P021": ("none", {"norm.not_in_force"}, {"law.before_2021"}),
    "P022": ("filed", {"amount.none"}, {"record.several_acts"}),
    "P023": ("disclosed", set(), {"number.brackets", "date.year_only"}),
    "P027": ("disclosed", set(), {"item.unverified"}),
    "P029": ("none", {"record.batch"}, set()),
    "P030": ("none", {"PEN-47.no_item"}, set()),
    "P035": ("none", {"norm.not_in_force"}, {"law.before_2021"}),
    "P038": ("none", {"norm.not_in_force"}, {"law.before_2021", "number.year"}),
    "P039": ("none", {"PEN-47.no_item"}, {"law.before_2021"}),
    "P045": ("none", {"PEN-47.no_item"}, {"privacy.leak", "party.code_masked"}),
    "P046": ("none", {"PEN-47.no_item"}, set()),
    "P047": ("filed", {"amount.none"}, {"law.repealed"}),
    "P048": ("none", {"amount.none", "norm.not_in_force"}, {"law.repealed", "law.before_2021"}),
    "P049": ("none", {"norm.not_in_force"}, {"law.before_2021"}),
    "P050": ("disclosed", set(), {"item.by_words"}),
    "P054": ("disclosed", set(), set()),
    "P055": ("disclosed", set(), {"number.no_year", "publication.late"}),
    "P056": ("disclosed", set(), {"publication.late"}),
}


def _went(outcome: records.Outcome) -> str:
    if outcome.disclosed:
        return "disclosed"
    return "decided" if outcome.decided else "filed" if outcome.filed else "none"


def test_every_real_record_goes_as_far_as_it_honestly_can_and_says_why_not_further(bureau: Bureau) -> None:
    source = shared("records/penalty_records.csv")
    found = {o.rec_id: o for o in records.drive_file(source, profile=PROFILE, at=MONDAY)}
    assert set(found) == set(EXPECTED)
    seen = {
        rec: (_went(o), {r["code"] for r in o.refused}, {f["code"] for f in o.flags} & EXPECTED[rec][2])
        for rec, o in found.items()
    }
    assert seen == EXPECTED
    assert all(r["sentence"] for o in found.values() for r in (*o.refused, *o.flags))
    assert procedures.inconsistencies() == []
    summary = json.loads(json.dumps(found["P054"].plain(), ensure_ascii=False))
    assert summary["decision"].startswith("湛霞城综罚决字〔2023〕")

    for dossier in Dossier.objects.filter(number__in=[o.case for o in found.values() if o.disclosed]):
        (status,) = publication.disclosure_status(dossier.pk)
        public = str(publication.public_decision(status.id))
        assert not re.search(r"(?<!\d)1[3-9]\d{9}(?!\d)|\d{17}[\dXx]", public)

    again = list(records.drive_file(source, profile=PROFILE, at=MONDAY))
    filed = [o for o in again if found[o.rec_id].filed]
    assert all("record.already" in {f["code"] for f in o.flags} for o in filed)


HEADER = ",".join(reading.COLUMNS)


def _one(tmp_path: Path, **given: str) -> reading.Row:
    values = {
        "rec_id": "T1", "published": "2024-03-18", "agency": "某某局", "party_type": "自然人", "party_name": "王某某",
        "violation": "擅自挖掘城市道路", "facts": "2024-03-04 巡查发现其擅自挖掘示例路人行道二平方米",
        "law_violated": "城市道路管理条例第27条", "law_basis": "城市道路管理条例第42条", "penalty_kind": "罚款",
        "amount_yuan": "500", "filed_date": "2024-03-05", "doc_no": "某罚决字〔2024〕1号",
    } | given  # fmt: skip
    path = tmp_path / "records.csv"
    path.write_text(HEADER + "\n" + ",".join(values.get(c, "") for c in reading.COLUMNS), "utf-8")
    return next(reading.read(path))


def _drive(row: reading.Row, bureau: Bureau) -> records.Outcome:
    return records.drive_record(row, bureau=bureau, profile=PROFILE, at=MONDAY)


def test_an_order_to_correct_is_carried_out_but_is_no_penalty(bureau: Bureau, tmp_path: Path) -> None:
    outcome = _drive(_one(tmp_path, penalty_kind="责令改正", amount_yuan=""), bureau)
    assert outcome.filed and not outcome.decided
    assert {r["code"] for r in outcome.refused} == {"PEN-48.correction"}


def test_an_amount_outside_the_range_is_refused_by_the_gate_with_its_bounds(
    bureau: Bureau, tmp_path: Path
) -> None:
    outcome = _drive(_one(tmp_path, amount_yuan="50000"), bureau)
    assert outcome.filed and not outcome.decided
    (refusal,) = outcome.refused
    assert refusal["code"] == "discretion.outside_law" and "20,000.00" in refusal["sentence"]


@pytest.mark.parametrize(("published", "late"), [("2024-03-15", False), ("2024-03-18", True)])
def test_publication_after_the_seventh_working_day_is_flagged(
    tmp_path: Path, bureau: Bureau, published: str, late: bool
) -> None:
    outcome = _drive(_one(tmp_path, published=published, decision_date="2024-03-06"), bureau)
    assert ("publication.late" in {f["code"] for f in outcome.flags}) is late


def test_a_file_with_other_columns_is_refused_with_the_names_missing(tmp_path: Path) -> None:
    path = tmp_path / "wrong.csv"
    path.write_text("rec_id,agency\nT1,某某局\n", "utf-8")
    with pytest.raises(reading.Invalid, match="party_name"):
        list(reading.read(path))


def test_names_of_third_persons_and_numbers_never_reach_the_public_text(
    bureau: Bureau, tmp_path: Path
) -> None:
    phone, identity = "13812345678", "44080319900101123X"
    facts = f"2024-03-04 巡查发现其擅自挖掘示例路人行道二平方米 现场联系电话{phone} 身份证号{identity}"
    outcome = _drive(_one(tmp_path, facts=facts), bureau)
    assert outcome.disclosed, outcome.refused
    (status,) = publication.disclosure_status(Dossier.objects.get(number=outcome.case).pk)
    public = str(publication.public_decision(status.id))
    assert "示例路" in public
    assert phone not in public and identity not in public

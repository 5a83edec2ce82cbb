"""Check digits of what officials type: both sides of every rule, on real samples."""

import csv
from datetime import date

import pytest

from mingzhi.kernel import identifiers
from tests.shared_data import shared

VALID_RIC = "360426199101010071"
VALID_USCC = "91152201078377449P"


def read(name: str) -> list[dict[str, str]]:
    with shared(name).open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))


def test_every_sample_credit_code_is_judged_as_expected() -> None:
    rows = read("standards/uscc_samples.csv")
    assert len(rows) > 100
    wrong = []
    for row in rows:
        try:
            identifiers.credit_code(row["uscc"])
            verdict = "valid"
        except ValueError as error:
            said = str(error)
            verdict = (
                "invalid_length"
                if "18 位" in said
                else "invalid_checksum"
                if "校验位" in said
                else "invalid_format"
            )
        if verdict != row["expect"]:
            wrong.append((row["uscc"], row["expect"], row["note"]))
    assert wrong == []


def test_every_sample_resident_number_is_judged_as_expected() -> None:
    rows = read("standards/ric_id_samples.csv")
    judged = 0
    for row in rows:
        if row["function"] not in {"validate", "format"}:
            continue
        judged += 1
        if row["expected"].startswith("'"):
            assert identifiers.resident_id(row["number"]) == row["expected"].strip("'")
        else:
            with pytest.raises(ValueError, match="居民身份证"):
                identifiers.resident_id(row["number"])
    assert judged > 5


@pytest.mark.parametrize("position", range(17))
def test_one_wrong_digit_is_always_found(position: int) -> None:
    for digit in "0123456789":
        number = VALID_RIC[:position] + digit + VALID_RIC[position + 1 :]
        if number != VALID_RIC:
            with pytest.raises(ValueError, match="居民身份证"):
                identifiers.resident_id(number)


def test_full_width_and_spaces_are_forgiven() -> None:
    assert identifiers.resident_id("３６０４２６ 1991 0101 0071") == VALID_RIC
    assert identifiers.credit_code(" 91152201078377449p ") == VALID_USCC


@pytest.mark.parametrize(
    ("number", "why"),
    [
        ("36042619910101007", "18 位"),
        ("360426199113010075", "出生日期不存在"),
        ("360426199101010072", "校验位"),
    ],
)
def test_the_message_says_what_is_wrong(number: str, why: str) -> None:
    with pytest.raises(ValueError, match=why):
        identifiers.resident_id(number)


def test_age_changes_on_the_birthday() -> None:
    born = identifiers.birth_date(VALID_RIC)
    assert born == date(1991, 1, 1)
    assert identifiers.age_on(born, date(2008, 12, 31)) == 17
    assert identifiers.age_on(born, date(2009, 1, 1)) == 18


def test_mobile_numbers() -> None:
    assert identifiers.mobile("+86 138-0000-0000") == "13800000000"
    for wrong in ("12800000000", "1380000000", "abc"):
        with pytest.raises(ValueError, match="手机号码"):
            identifiers.mobile(wrong)

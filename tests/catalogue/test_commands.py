"""``mingzhi catalogue``: load once, try without writing, export what can be loaded again."""

import json
from pathlib import Path

import pytest
import yaml
from click.testing import CliRunner

from mingzhi.catalogue import packs
from mingzhi.catalogue.commands import catalogue
from mingzhi.catalogue.models import Entry, Publication

pytestmark = pytest.mark.django_db(databases="__all__")
RUN = CliRunner()


def load(*words: str) -> dict[str, object]:
    done = RUN.invoke(catalogue, ["load", "--json", *words])
    assert done.exit_code == 0, done.output
    answer: dict[str, object] = json.loads(done.output)
    return answer


def test_load_tries_writes_and_then_has_nothing_to_do() -> None:
    count = len(packs.shelf().rows)
    tried = load("--dry-run")
    assert (tried["added"], tried["publication"]) == (count, None) and not Entry.objects.exists()
    assert load()["added"] == count
    again = load()
    assert (again["added"], again["unchanged"], again["publication"]) == (0, count, None)
    assert Publication.objects.count() == 1
    assert "未变" in RUN.invoke(catalogue, ["load"]).output


def test_an_export_can_be_loaded_again_and_changes_nothing(tmp_path: Path) -> None:
    load()
    told = RUN.invoke(catalogue, ["export"])
    path = tmp_path / "导出.yaml"
    path.write_text(told.output, encoding="utf-8")
    assert load(str(path))["added"] == 0
    one = yaml.safe_load(RUN.invoke(catalogue, ["export", "--kind", "hearing"]).output)
    assert set(one) == {"hearing"}


def test_a_bureaus_own_file_is_published_and_a_bad_one_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "本单位.yaml"
    row = {
        "code": "natural",
        "scope": "profile:xian-transport",
        "party_kind": "natural",
        "amount_fen": 500000,
    }
    row |= {"citation": "本省听证标准", "unconfirmed": False, "valid_from": "2026-01-01"}
    path.write_text(yaml.safe_dump({"hearing": [row]}, allow_unicode=True), encoding="utf-8")
    assert load(str(path))["added"] == 1
    path.write_text(
        yaml.safe_dump({"hearing": [{**row, "citation": ""}]}, allow_unicode=True), encoding="utf-8"
    )
    done = RUN.invoke(catalogue, ["load", str(path)])
    assert done.exit_code == 1 and "本单位.yaml" in done.output and "citation" in done.output
    path.write_text("hearing: [", encoding="utf-8")
    assert RUN.invoke(catalogue, ["load", str(path)]).exit_code == 1

"""Laws in the library: imported once, by article, and the version in force on the day answers."""

import json
from datetime import date
from pathlib import Path

import pytest
from click.testing import CliRunner

from mingzhi.catalogue import api
from mingzhi.catalogue.commands import laws as command
from mingzhi.catalogue.models import Article, Law
from tests.catalogue.test_lawtext import SAMPLE
from tests.shared_data import shared

pytestmark = pytest.mark.django_db(databases="__all__")
DAY = date(2026, 11, 22)


def run(*words: str) -> tuple[int, dict[str, object]]:
    done = CliRunner().invoke(command, ["import", *words, "--json"])
    line = next((x for x in reversed(done.output.splitlines()) if x.startswith("{")), "{}")
    return done.exit_code, json.loads(line)


def test_all_eighty_files_import_once() -> None:
    folder = str(shared("laws"))
    code, first = run(folder)
    assert (code, first["laws"], first["new"], first["warnings"], first["failed"]) == (0, 80, 80, [], [])
    assert first["articles"] == Article.objects.count() > 5000
    code, again = run(folder)
    assert (code, again["new"], again["changed"], again["unchanged"]) == (0, 0, 0, 80)
    assert Law.objects.count() == 80

    # two versions of one law: the day decides
    old = api.article("行政复议法", 20, date(2023, 12, 31))
    new = api.article("中华人民共和国行政复议法", 20, date(2024, 1, 1))
    assert old is not None and new is not None and old.law_id != new.law_id
    assert "六十日" in new.text
    three = [api.article("道路运输条例", 63, day) for day in (date(2020, 1, 1), date(2022, 6, 1), DAY)]
    assert len({a.law_id for a in three if a}) == 3
    assert api.article("治安管理处罚法", 1, date(2025, 12, 31)) is None
    assert api.article("治安管理处罚法", 1, date(2026, 1, 1)) is not None

    # a citation leads to its article
    found = api.resolve("《公路法》第七十六条第一项", DAY)
    assert found is not None and found.heading == "第七十六条" and "三万元" in found.text
    assert api.resolve("《没有的法》第一条", DAY) is None

    # search
    hits = api.article_search("车货总体 总质量", on=DAY)
    assert any(h.law.endswith("公路安全保护条例") and h.number == 64 for h in hits)
    assert api.article_search("   ") == ()
    assert len(api.laws("道路运输条例")) >= 3
    assert [a.number for a in api.law_articles(found.law_id)][:3] == [1, 2, 3]

    # every item's basis stands in the library where that law is there
    known = {law.short_title for law in api.laws()}
    missing = []
    for item in api.items(on=DAY):
        for cite in item.basis:
            if cite.title in known and api.resolve(cite.text, DAY) is None:
                missing.append((item.code, cite.text))
    assert missing == []


def test_broken_numbering_warns_by_line_keeps_the_rest_and_exits_with_one(tmp_path: Path) -> None:
    (tmp_path / "好.md").write_text(SAMPLE, encoding="utf-8")
    (tmp_path / "坏.md").write_text(
        SAMPLE.replace("# 示例条例", "# 另一条例").replace("第四条 本", "第六条 本"), encoding="utf-8"
    )
    code, told = run(str(tmp_path))
    assert code == 1 and told["laws"] == 2 and told["articles"] == 10
    assert [w["file"] for w in told["warnings"]] == ["坏"]  # type: ignore[index, union-attr, attr-defined]
    assert "第25行" in told["warnings"][0]["warning"]  # type: ignore[index]
    assert api.article("另一条例", 6, DAY) is not None


def test_a_changed_text_replaces_its_own_version(tmp_path: Path) -> None:
    path = tmp_path / "示例条例.md"
    path.write_text(SAMPLE, encoding="utf-8")
    assert run(str(path))[1]["new"] == 1
    path.write_text(SAMPLE.replace("增加的一条", "改过的一条"), encoding="utf-8")
    assert run(str(path))[1]["changed"] == 1
    found = api.article("示例条例", 3, DAY, sub=1)
    assert found is not None and found.text == "改过的一条。" and Law.objects.count() == 1


@pytest.mark.parametrize("raw", [b"\xff\xfe\x00\x01", b""])
def test_files_that_are_no_text_are_told_and_the_rest_goes_on(tmp_path: Path, raw: bytes) -> None:
    (tmp_path / "a.md").write_bytes(raw)
    (tmp_path / "b.md").write_text(SAMPLE, encoding="utf-8")
    code, told = run(str(tmp_path))
    assert code == 1 and api.article("示例条例", 1, DAY) is not None
    assert told["failed"] or told["warnings"]


def test_a_path_that_is_not_there_is_told(tmp_path: Path) -> None:
    done = CliRunner().invoke(command, ["import", str(tmp_path / "none")])
    assert done.exit_code == 1 and "找不到" in done.output
    assert CliRunner().invoke(command, ["import", str(tmp_path)]).exit_code == 1

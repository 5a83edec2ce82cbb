"""``mingzhi rules``: a broken rule is refused with the file and the key, in words."""

import json
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from mingzhi.catalogue import norms
from mingzhi.catalogue.commands import rules

GOOD = """
description: 示例期限
unit: WD
stricter: smaller
values:
  2020-01-01: 7
reference:
  2020-01-01: [{title: 示例法, article: 第一条}]
verified_on: 2026-01-01
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for level in ("national/test", "bureau/xiashan-chengzong/test"):
        (tmp_path / "rules" / level).mkdir(parents=True)
    profiles = tmp_path / "profiles"
    profiles.mkdir()
    shutil.copy(norms.PROFILES / "xiashan-chengzong.yaml", profiles)
    text = (
        (profiles / "xiashan-chengzong.yaml")
        .read_text(encoding="utf-8")
        .replace("- province/guangdong\n", "")
    )
    (profiles / "xiashan-chengzong.yaml").write_text(text, encoding="utf-8")
    (tmp_path / "rules/national/test/term.a.yaml").write_text(GOOD, encoding="utf-8")
    own = GOOD.replace(": 7", ": 5")
    (tmp_path / "rules/bureau/xiashan-chengzong/test/term.a.yaml").write_text(own, encoding="utf-8")
    return tmp_path


def problems(folder: Path) -> list[str]:
    return [p.sentence for p in norms.examine(folder / "rules", folder / "profiles")[1]]


def test_the_sample_is_sound(folder: Path) -> None:
    assert problems(folder) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  2020-01-01: [{title: 示例法, article: 第一条}]", "  {}", "没有依据"),
        ("[{title: 示例法, article: 第一条}]", "[]", "没有依据"),
        ("{title: 示例法, article: 第一条}", "{article: 第一条}", "依据应写明"),
        ("{title: 示例法, article: 第一条}", '{seed: "S9 一"}', "不在任何单位方案中"),
        ("unit: WD", "unit: weeks", "单位“weeks”"),
        ("stricter: smaller", "stricter: maybe", "smaller、larger 或 none"),
        (": 7", ": seven", "与单位“WD”不符"),
        (": 7", ": -7", "不能为负数"),
        (": 7", ": 0", "应大于零"),
        (": 7", ": true", "与单位“WD”不符"),
        ("verified_on: 2026-01-01", "verified_on: soon", "核对日期"),
        ("verified_on: 2026-01-01", "", "缺少此项"),
        ("description: 示例期限", "descripton: 示例期限", "缺少此项"),
        ("description: 示例期限", "description: 示例期限\ncolour: red", "不认识的项"),
        ("  2020-01-01: 7", "  soon: 7", "键应为日期"),
        ("unit: WD", "unit: [WD", "YAML"),
    ],
)
def test_each_fault_is_told_with_file_and_key(folder: Path, old: str, new: str, said: str) -> None:
    path = folder / "rules/national/test/term.a.yaml"
    assert old in GOOD
    path.write_text(GOOD.replace(old, new), encoding="utf-8")
    told = problems(folder)
    assert any(said in t and "rules/national/test/term.a.yaml" in t for t in told), told


def test_a_lower_level_may_only_tighten_unless_a_citation_allows_more(folder: Path) -> None:
    path = folder / "rules/bureau/xiashan-chengzong/test/term.a.yaml"
    path.write_text(GOOD.replace(": 7", ": 7"), encoding="utf-8")
    assert problems(folder) == []
    path.write_text(GOOD.replace(": 7", ": 8"), encoding="utf-8")
    assert any("只能从严" in t for t in problems(folder))
    allowed = GOOD.replace(": 7", ": 8").replace("article: 第一条}", "article: 第一条, allows_looser: true}")
    path.write_text(allowed, encoding="utf-8")
    assert problems(folder) == []
    path.write_text(GOOD.replace("unit: WD", "unit: CD"), encoding="utf-8")
    assert any("单位“WD”不同" in t for t in problems(folder))


def test_a_chain_must_exist_and_numbers_are_unique(folder: Path) -> None:
    profile = folder / "profiles/xiashan-chengzong.yaml"
    text = profile.read_text(encoding="utf-8")
    profile.write_text(text.replace("- national", "- city/nowhere\n- national"), encoding="utf-8")
    assert any("city/nowhere" in t for t in problems(folder))
    profile.write_text(text.replace("- national\n", ""), encoding="utf-8")
    assert any("最后一层应为 national" in t for t in problems(folder))
    profile.write_text(text, encoding="utf-8")
    numbered = GOOD.replace("unit: WD", "id: X-1\nunit: WD")
    (folder / "rules/national/test/term.a.yaml").write_text(numbered, encoding="utf-8")
    (folder / "rules/national/test/term.b.yaml").write_text(numbered, encoding="utf-8")
    assert any("X-1" in t for t in problems(folder))


def test_check_ends_with_one_when_a_rule_has_no_citation(folder: Path) -> None:
    broken = GOOD.replace("[{title: 示例法, article: 第一条}]", "[]")
    (folder / "rules/national/test/term.a.yaml").write_text(broken, encoding="utf-8")
    done = CliRunner().invoke(rules, ["check", "--dir", str(folder / "rules"), "--json"])
    assert done.exit_code == 1
    told = json.loads(done.output)["problems"]
    assert any(t["file"].endswith("term.a.yaml") and "依据" in t["sentence"] for t in told)


def test_check_show_and_diff_of_the_shipped_rules() -> None:
    run = CliRunner()
    assert run.invoke(rules, ["check"]).exit_code == 0
    shown = json.loads(run.invoke(rules, ["show", "PEN-03", "--json", "--on", "2026-01-01"]).output)
    assert [(n["name"], n["value"], n["unit"]) for n in shown] == [
        ("penalty.term.filing_to_decision", 90, "CD")
    ]
    assert len(json.loads(run.invoke(rules, ["show", "--json"]).output)) > 100
    every = run.invoke(rules, ["show", "--profile", "xiashan-chengzong"]).output
    assert "政策法规股" in every
    told = run.invoke(rules, ["diff", "xiashan-chengzong", "xian-transport", "--json"])
    assert "recording.av.dispute_prone" in {row["name"] for row in json.loads(told.output)}
    assert "badge.worn" in run.invoke(rules, ["diff", "xiashan-chengzong", "xian-transport"]).output


@pytest.mark.parametrize("words", [["show", "--profile", "nobody"], ["diff", "nobody", "xian-transport"]])
def test_an_unknown_profile_is_refused_with_the_five_known_ones(words: list[str]) -> None:
    done = CliRunner().invoke(rules, words)
    assert done.exit_code == 1
    for key in (
        "changzhi-water",
        "xian-transport",
        "xiashan-chengzong",
        "yongcheng-transport",
        "zhenjiang-chengguan",
    ):
        assert key in done.output

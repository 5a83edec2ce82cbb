"""The shipped packs: enough items, each with a basis, and the figures of the law."""

import csv
import gzip
import io
import json
from datetime import date

import pytest

from mingzhi.catalogue import lawtext, lists, packs
from mingzhi.catalogue.errors import BadList
from tests.shared_data import shared


def table(name: str) -> list[dict[str, str]]:
    """Rows of a shared CSV file."""
    return list(csv.DictReader(io.StringIO(shared(name).read_text(encoding="utf-8-sig"), newline="")))


DAY = date(2026, 11, 22)
ITEMS = [r for r in packs.shelf().rows if r.kind == "item"]


@pytest.mark.parametrize("field", ["transport", "urban", "water"])
def test_each_pack_has_forty_items_and_a_benchmark(field: str) -> None:
    found = [i for i in lists.items(packs.shelf(), on=DAY, field=field) if i.field == field]
    assert len([i for i in found if not i.unverified]) >= 40
    assert len({i.code for i in found}) == len(found)
    assert all(i.code.startswith(f"{field}.") and i.basis and i.name.startswith("对") for i in found)
    assert any(r.kind == "benchmark" and r.code.startswith(field) for r in packs.shelf().rows)


def test_every_benchmark_has_its_item() -> None:
    codes = {r.code for r in ITEMS}
    assert all(
        r.code in codes and r.data["item"] == r.code for r in packs.shelf().rows if r.kind == "benchmark"
    )


def test_an_unread_source_says_so_and_claims_no_more_than_it_shows() -> None:
    unread = [lists.item_view(r) for r in ITEMS if r.data.get("source_status") == "unverified"]
    assert unread and all(i.note for i in unread)


def test_every_verified_basis_is_an_article_we_have_read() -> None:
    have: dict[str, set[int]] = {}
    with gzip.open(shared("search/articles_national.jsonl.gz"), "rt", encoding="utf-8") as file:
        for line in file:
            row = json.loads(line)
            have.setdefault(lawtext.short_title(row["law"]), set()).add(row["article_no"])
    for row in table("laws/INDEX.csv"):
        text = lawtext.read((shared("laws") / row["file"]).read_text(encoding="utf-8"), row["file"])
        have.setdefault(lawtext.short_title(text.title), set()).update(p.number for p in text.passages)
    for row in ITEMS:
        item = lists.item_view(row)
        if item.unverified:
            continue
        read = [c for c in item.basis if lawtext.short_title(c.title) in have]
        assert read, item.code
        for cite in read:
            assert lawtext.parse_citation(cite.text).number in have[lawtext.short_title(cite.title)], (
                item.code
            )


def test_fine_ranges_agree_with_those_read_from_the_articles() -> None:
    """Each plain range of a verified item occurs among the machine-read ranges of its article."""
    clauses: dict[tuple[str, int], set[tuple[int, int]]] = {}
    for row in table("discretion/statutory_fine_ranges.csv"):
        if row["kind"] in {"区间", "上限", "定额"}:
            key = (lawtext.short_title(row["law"]), int(row["article_no"]))
            clauses.setdefault(key, set()).add((int(float(row["min"]) * 100), int(float(row["max"]) * 100)))
    asked, off = 0, []
    for row in ITEMS:
        item = lists.item_view(row)
        keys = [(lawtext.short_title(c.title), lawtext.parse_citation(c.text).number) for c in item.basis]
        known = set().union(*(clauses.get(k, set()) for k in keys))
        if item.unverified or not known:
            continue
        for fine in item.fines:
            if fine.kind in {"range", "fixed"}:
                asked += 1
                if (fine.low, fine.high) not in known:
                    off.append((item.code, fine.low, fine.high, sorted(known)))
    assert asked > 120
    assert off == []


def test_items_are_found_by_what_a_decision_cites() -> None:
    def codes(text: str) -> list[str]:
        return [i.code for i in lists.items_by_basis(packs.shelf(), text, on=DAY)]

    assert codes("水法第69条第(二)项")[0] == "water.abstraction-terms"
    assert codes("水法第69条第(一)项")[0] == "water.abstraction-unlicensed"
    assert (
        codes("《公路安全保护条例》第六十四条、《超限运输车辆行驶公路管理规定》第四十三条")[0]
        == "transport.overload"
    )
    assert codes("水法第1条") == codes("没有引用") == []


def test_the_penalties_on_record_find_their_item() -> None:
    found = cited = 0
    for row in table("records/penalty_records.csv"):
        refs = [c for c in lawtext.citations_in(row["law_basis"]) if c.title and not c.title.startswith("同")]
        if not refs:
            continue
        cited += 1
        day = date(2020, 1, 1) if "环境噪声" in row["law_basis"] else DAY
        found += bool(lists.items_by_basis(packs.shelf(), row["law_basis"], on=day))
    assert (found, cited) == (16, 16)


GOOD = {
    "code": "X-1",
    "name": "对示例行为的处罚",
    "field": "urban",
    "act_type": "行政处罚",
    "basis": [{"title": "示例法", "article": "第一条"}],
    "kinds": ["03"],
    "fines": [{"kind": "range", "low": 1, "high": 2}],
    "valid_from": date(2024, 1, 1),
}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"basis": []}, "缺少依据"),
        ({"basis": [{"title": "示例法"}]}, "条文"),
        ({"field": "space"}, "领域"),
        ({"kinds": ["77"]}, "种类"),
        ({"name": ""}, "缺少 name"),
        ({"fines": [{"kind": "range", "low": 3, "high": 2}]}, "下限不高于上限"),
        ({"fines": [{"kind": "range", "low": 0.5, "high": 2}]}, "整数"),
        ({"fines": [{"kind": "multiple", "low": 1, "high": 2}]}, "基数"),
        ({"fines": [{"kind": "guess", "low": 1, "high": 2}]}, "kind"),
        ({"valid_from": None}, "生效日期"),
        ({"valid_from": "never"}, "日期"),
        ({"valid_to": date(2024, 1, 1)}, "失效日期"),
        ({"code": ""}, "缺少 code"),
    ],
)
def test_a_row_that_could_not_be_used_is_refused(change: dict[str, object], said: str) -> None:
    with pytest.raises(BadList, match=said):
        list(packs.rows_of({"item": [{**GOOD, **change}]}, "示例.yaml"))


def test_periods_of_one_code_may_touch_but_not_overlap() -> None:
    first = {**GOOD, "valid_to": date(2025, 1, 1)}
    assert len(list(packs.rows_of({"item": [first, {**GOOD, "valid_from": date(2025, 1, 1)}]}, "x"))) == 2
    with pytest.raises(BadList, match="重叠"):
        list(packs.rows_of({"item": [first, {**GOOD, "valid_from": date(2024, 12, 31)}]}, "x"))


def test_other_kinds_are_checked_too() -> None:
    start = date(2024, 1, 1)
    for kind, row in (
        ("recording", {"code": "a", "mode": "sometimes", "valid_from": start}),
        ("recording", {"code": "a", "mode": "full", "valid_from": start}),
        ("review", {"code": "a", "label": "x", "citation": "y", "predicate": {}, "valid_from": start}),
        ("hearing", {"code": "a", "party_kind": "cat", "citation": "y", "valid_from": start}),
        (
            "benchmark",
            {"code": "a", "item": "a", "version": "1", "source": "s", "tiers": [], "valid_from": start},
        ),
        ("no_penalty", {"code": "a", "valid_from": start}),
    ):
        with pytest.raises(BadList):
            list(packs.rows_of({kind: [row]}, "x"))

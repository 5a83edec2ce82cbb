"""The draw as a pure function: what it promises for any pool, and what makes it fail when somebody cheated."""

from __future__ import annotations

import json
from collections import Counter
from typing import Any

import pytest
from click.testing import CliRunner
from hypothesis import given
from hypothesis import strategies as st

from mingzhi.double_random import draw
from mingzhi.double_random.commands import draw as command
from mingzhi.double_random.draw import Officer, Pool, Target


def pool_of(targets: int, officers: int, apart: Any = (), weights: Any = None) -> Pool:
    return Pool.of(
        (Target(f"T{i:05d}", f"示例{i}", (weights or {}).get(i, 1)) for i in range(targets)),
        (Officer(f"N{i:04d}", f"某{i}") for i in range(officers)),
        ((f"N{o:04d}", f"T{t:05d}") for o, t in apart),
    )


pools = st.builds(
    lambda targets, officers, apart, weights: pool_of(
        targets, officers, {(o % officers, t % targets) for o, t in apart}, weights
    ),
    st.integers(1, 60),
    st.integers(4, 12),
    st.sets(st.tuples(st.integers(0, 1), st.integers(0, 59)), max_size=20),
    st.dictionaries(st.integers(0, 59), st.integers(1, 10), max_size=20),
)
seeds = st.binary(min_size=32, max_size=32)


@given(pools, seeds, st.data())
def test_the_same_pool_and_seed_give_the_same_draw_in_whatever_order_they_were_listed(
    pool: Pool, seed: bytes, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, len(pool.targets)))
    again = Pool.of(reversed(pool.targets), reversed(pool.officers), sorted(pool.apart, reverse=True))
    assert again.text() == pool.text() and Pool.parse(pool.text()) == pool
    assert draw.run(again, seed, count) == draw.run(pool, seed, count)


@given(pools, seeds, st.data())
def test_every_target_once_two_different_officers_and_nobody_where_they_must_not_go(
    pool: Pool, seed: bytes, data: st.DataObject
) -> None:
    count = data.draw(st.integers(0, len(pool.targets)))
    found = draw.run(pool, seed, count)
    assert len({d.target.code for d in found}) == len(found) == count
    for one in found:
        assert one.officers[0] != one.officers[1]
        assert not any((o.number, one.target.code) in pool.apart for o in one.officers)


@given(st.integers(1, 60), st.integers(2, 9), seeds)
def test_where_nobody_avoids_anything_loads_differ_by_one_at_most(
    targets: int, officers: int, seed: bytes
) -> None:
    load = Counter(o for d in draw.run(pool_of(targets, officers), seed, targets) for o in d.officers)
    assert max(load.values()) - min(load.get(o, 0) for o in pool_of(1, officers).officers) <= 1


@given(pools, seeds)
def test_a_larger_draw_begins_with_the_smaller_one(pool: Pool, seed: bytes) -> None:
    whole = [d.target for d in draw.run(pool, seed, len(pool.targets))]
    for count in (0, 1, len(whole) // 2):
        assert [d.target for d in draw.run(pool, seed, count)] == whole[:count]


def test_weights_count_as_so_many_lots() -> None:
    """20,000 draws of one from ten, where one holds five lots of fourteen: within five standard deviations."""
    pool = pool_of(10, 2, weights={3: 5})
    hits = Counter(draw.chosen(pool, n.to_bytes(32, "big"), 1)[0] for n in range(20_000))
    for place in range(10):
        share = (5 if place == 3 else 1) / 14
        spread = (20_000 * share * (1 - share)) ** 0.5
        assert abs(hits[place] - 20_000 * share) < 5 * spread


def test_the_draw_of_a_known_seed_is_written_down_for_other_implementers() -> None:
    """docs/algorithms/draw.md gives these values; a change of them needs a new name of the algorithm."""
    pool = pool_of(8, 3, apart={(0, 5)}, weights={2: 2})
    seed = draw.seed_of(bytes(range(32)), "3、8、6", bytes(32))
    assert seed.hex() == "52f0c500cc4d97ffdbd812dfbbb74072ece27092af62bf6596ef87132be7d340"
    assert pool.digest() == "70ce0f1dabd28d62ed0fa84ad7bae6f780f04da0ca816d55d8fc429fb7f7b3fc"
    assert (
        draw.outcome_digest(draw.run(pool, seed, 4))
        == "ced5089474ea8ff81353ec13825c020553e5d2ec18507eadd301a46f1f45a28b"
    )


@pytest.mark.parametrize("officers,fine", [(2, True), (1, False)])
def test_fewer_than_two_officers_are_refused(officers: int, fine: bool) -> None:
    pool = pool_of(3, officers)
    assert (pool.unattended() == []) is fine
    if not fine:
        with pytest.raises(ValueError, match="不足两名"):
            draw.run(pool, b"s" * 32, 1)


@pytest.mark.parametrize("avoiding,fine", [((0,), True), ((0, 1), False)])
def test_a_target_that_all_but_one_avoid_is_named(avoiding: tuple[int, ...], fine: bool) -> None:
    pool = pool_of(3, 3, apart={(o, 1) for o in avoiding})
    assert [t.code for t in pool.unattended()] == ([] if fine else ["T00001"])


@pytest.mark.parametrize(
    "text",
    [
        "",
        '["algorithm","mingzhi-draw-v0"]\n',
        '["algorithm","mingzhi-draw-v1"]\n["target","T1","某",11]\n',
        '["algorithm","mingzhi-draw-v1"]\n["target","T1","某",0]\n',
        '["algorithm","mingzhi-draw-v1"]\n["target","T1","某",1]\n["target","T1","某",1]\n',
        '["algorithm","mingzhi-draw-v1"]\n["apart","N1","T1"]\n',
        '["algorithm","mingzhi-draw-v1"]\n["target","T1"]\n',
        "{}\n",
        "不是\n",
    ],
)
def test_a_pool_that_we_would_not_have_written_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Pool.parse(text)


def record_of(pool: Pool, count: int) -> dict[str, Any]:
    secret, root = bytes(range(32)), b"r" * 32
    seed = draw.seed_of(secret, "七", root)
    found = draw.run(pool, seed, count)
    first = found[0]
    order = [o.number for o in draw.substitutes(pool, seed, first.target.code, 1)]
    into = next(n for n in order if n not in [o.number for o in first.officers])
    return {
        "algorithm": draw.ALGORITHM,
        "number": "示双随机〔2026〕1号",
        "pool": pool.text(),
        "pool_digest": pool.digest(),
        "commitment": draw.commitment(secret),
        "secret": secret.hex(),
        "words": "七",
        "root": root.hex(),
        "seed": seed.hex(),
        "drawn": [
            {"place": n, "code": d.target.code, "officers": [o.number for o in d.officers]}
            for n, d in enumerate(found, 1)
        ],
        "replaced": [
            {"place": 1, "out": first.officers[0].number, "into": into, "passed": [], "reason": "请假"}
        ],
    }


def _other_target(r: dict[str, Any]) -> None:
    taken = {d["code"] for d in r["drawn"]}
    r["drawn"][2]["code"] = next(t.code for t in Pool.parse(r["pool"]).targets if t.code not in taken)


CHEATS: dict[str, Any] = {
    "a friend is left out of the pool": lambda r: r.update(
        pool=r["pool"].replace('["target","T00007","示例7",1]\n', "")
    ),
    "the secret was changed": lambda r: r.update(secret="00" * 32),
    "another number was called": lambda r: r.update(words="八"),
    "another checkpoint was taken": lambda r: r.update(root="11" * 32),
    "another target was drawn": _other_target,
    "two targets swapped": lambda r: r["drawn"].__setitem__(
        slice(0, 2), [r["drawn"][1] | {"place": 1}, r["drawn"][0] | {"place": 2}]
    ),
    "another officer goes": lambda r: r["drawn"][0].update(officers=["N0000", "N0001"][::-1]),
    "a replacement was chosen": lambda r: r["replaced"][0].update(passed=[r["replaced"][0]["out"]]),
    "a part is missing": lambda r: r.pop("seed"),
    "another method": lambda r: r.update(algorithm="mingzhi-draw-v2"),
}


@pytest.mark.parametrize("cheat", CHEATS)
def test_a_published_draw_is_made_again_and_no_cheat_passes(cheat: str, tmp_path: Any) -> None:
    record = record_of(pool_of(20, 6), 5)
    file = tmp_path / "draw.json"
    file.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    done = CliRunner().invoke(command, ["verify", str(file)])
    assert done.exit_code == 0 and "复核通过" in done.output and "没有核验检查点签名" in done.output
    CHEATS[cheat](record)
    file.write_text(json.dumps(record, ensure_ascii=False), "utf-8")
    done = CliRunner().invoke(command, ["verify", str(file)])
    assert done.exit_code == 1 and "复核不通过" in done.output


def test_the_command_draws_what_the_function_draws(tmp_path: Any) -> None:
    pool = pool_of(20, 6)
    (tmp_path / "pool.jsonl").write_text(pool.text(), "utf-8")
    done = CliRunner().invoke(
        command, ["run", str(tmp_path / "pool.jsonl"), "--seed", "ab" * 32, "--count", "5", "--json"]
    )
    assert json.loads(done.output)["outcome"] == draw.outcome_digest(draw.run(pool, b"\xab" * 32, 5))
    done = CliRunner().invoke(command, ["run", str(tmp_path / "pool.jsonl"), "--seed", "ab", "--count", "21"])
    assert done.exit_code == 1 and "抽取数量超过名录中的对象" in done.output

"""A random inspection of a province: five per cent of a million targets, two of a hundred thousand officers each.

    python -m bench draw [--targets 1000000] [--officers 100000] [--rounds 5]

Beside it in the same run: ``random.sample`` and ``random.shuffle`` from the standard library, which choose as many but
cannot be made again by anybody.
"""

from __future__ import annotations

import argparse
import json
import random
import statistics
import time

from mingzhi.double_random import draw


def main() -> None:
    parser = argparse.ArgumentParser(prog="bench draw", description=__doc__.splitlines()[0])  # type: ignore[union-attr]
    parser.add_argument("--targets", type=int, default=1_000_000)
    parser.add_argument("--officers", type=int, default=100_000)
    parser.add_argument("--rounds", type=int, default=5)
    given = parser.parse_args()
    apart = {(f"N{n:08d}", f"T{n * 7 % given.targets:09d}") for n in range(given.officers // 100)}
    pool = draw.Pool.of(
        (draw.Target(f"T{n:09d}", f"示例{n}", 2 if n % 10 == 0 else 1) for n in range(given.targets)),
        (draw.Officer(f"N{n:08d}", f"某{n}") for n in range(given.officers)),
        apart,
    )
    count = given.targets // 20
    ours, theirs = [], []
    for n in range(given.rounds):
        begun = time.perf_counter()
        found = draw.run(pool, n.to_bytes(32, "big"), count)
        ours.append(time.perf_counter() - begun)
        begun = time.perf_counter()
        random.sample(range(given.targets), count)
        turn = list(range(given.officers))
        random.shuffle(turn)
        theirs.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    pool.digest()
    digest = time.perf_counter() - begun
    told = {
        "drawn": len(found),
        "avoidances": len(apart),
        "draw_s": round(statistics.median(ours), 3),
        "random_s": round(statistics.median(theirs), 3),
        "digest_s": round(digest, 3),
    }
    print(json.dumps(told))


if __name__ == "__main__":
    main()

"""The static pack: ``python -m bench pack [--decisions 300] [--seconds 5] [--rounds 3]``.

A bureau of its own publishes decisions by the ordinary actions; the pack is written whole, brought into step after
one withdrawal, and looked at when nothing changed; then nginx serves it by ``config/nginx/pack.conf`` and wrk
asks for decisions at random on the same cores.
"""

from __future__ import annotations

import argparse
import os
import shutil
import tempfile
from pathlib import Path
from statistics import median
from time import perf_counter
from typing import Any

from bench import bureau as house
from bench.tiles import asked, nginx, program

CONFIG = house.ROOT / "config" / "nginx" / "pack.conf"


def written(folder: str, count: int) -> dict[str, Any]:
    """The pack made, brought into step, and seconds for each; in the installation's process."""
    from bench.pages import Desk
    from mingzhi.kernel import clock
    from mingzhi.ledger import api as ledger
    from mingzhi.web.public import pack

    desk = Desk()
    one = [desk.publish(n, f"甲{n}") for n in range(1, count + 1)][-1]
    ledger.sequence(at=clock.now())
    place = Path(folder) / "pack"
    spent = {}
    for name in ("whole", "unchanged", "one_withdrawn"):
        if name == "one_withdrawn":
            desk.withdraw(one)
            ledger.sequence(at=clock.now())
        began = perf_counter()
        found = pack.export(place, at=clock.now(), site="https://www.example.gov.cn/gongshi/")
        spent[f"{name}_seconds"] = round(perf_counter() - began, 3)
        spent[f"{name}_written"] = found["written"]
    return spent | {"decisions": count, "files": sum(1 for p in place.rglob("*") if p.is_file())}


def served(folder: Path, seconds: int, rounds: int) -> dict[str, Any]:
    """Requests a second by nginx over the pack."""
    missing = [name for name in ("nginx", "wrk") if not program(name)]
    if missing:
        raise SystemExit(f"{'、'.join(missing)} 未安装（Debian：apt-get install {' '.join(missing)}）")
    scratch = Path(tempfile.mkdtemp(prefix="mingzhi-bench-nginx-"))
    place = folder / "pack"
    text = CONFIG.read_text("utf-8").replace("/srv/mingzhi/packs/site", str(place))
    pages = [f"/decisions/{p.name}" for p in sorted(place.glob("decisions/*.html"))[:2000]]
    try:
        with nginx(program("nginx"), scratch, text, "127.0.0.1:8081") as port:
            taken = [asked(program("wrk"), scratch, port, pages, seconds) for _ in range(rounds)]
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return {
        "nginx_pages_per_second": round(median(rate for rate, _ in taken)),
        "nginx_p99_ms": round(median(late for _, late in taken), 2),
        "load_average": round(os.getloadavg()[0], 2),
    }


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--decisions", type=int, default=300)
    parser.add_argument("--seconds", type=int, default=5)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="mingzhi-bench-") as folder, house.installation("", folder):
        found = house.set_up(written, folder, options.decisions)
        found |= served(Path(folder), options.seconds, options.rounds)
    house.answer([found])


if __name__ == "__main__":
    main()

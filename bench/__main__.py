"""``python -m bench`` lists the benches; ``python -m bench NAME …`` runs one, with its own options."""

from __future__ import annotations

import runpy
import sys

BENCHES = {
    "all": "all of these one after the other, and what each goal came to: --quick in 6 minutes, --full in 20",
    "engine": "steps per second with four clients, and how fast a step is refused (SQLite, PostgreSQL)",
    "desk": "case list, workbench and a long case page at 10,000 and 1,000,000 cases",
    "ledger": "durable appends, proofs, fsck and receipts, beside pymerkle",
    "tiles": "the ledger's tiles from an export by nginx, asked for by wrk",
    "attempts": "what a line of the second log costs a page view",
    "papers": "two-page papers per second, unsigned and signed",
    "dossier": "a dossier of 500 papers: opens, its PDF, its package",
    "search": "public search with facets over made rows, up to ten million, beside Tantivy and PostgreSQL",
    "public": "public search over 200,000 decisions through the door and through the page, beside LIKE",
    "pages": "public pages by the server, asked by wrk; never the former words after a correction or withdrawal",
    "pack": "the static pack: made, brought into step, served by nginx",
    "annual": "the annual report over made matters: kept sums, anew from the entries, what is behind a figure",
    "memory": "resident memory of server and worker at rest",
    "upload": "1 GiB over the loopback with SHA-256 and fsync, beside npm's @tus/server; memory; first byte",
    "kills": "server and worker killed a thousand times while people take steps and upload",
    "faults": "system calls of the server that fail under uploads (strace): nothing vouched for is missing",
    "draw": "five per cent of a million drawn by lot with two officers each, made so that it can be made again",
    "lists": "a list of a million rows in from xlsx and CSV, out as both; memory; beside xlsxwriter",
    "masking": "seeded identifiers that survive masking, and its speed",
}


def main() -> None:
    if len(sys.argv) > 1 and sys.argv[1] in BENCHES:
        name = sys.argv.pop(1)
        sys.argv[0] = f"bench.{name}"
        runpy.run_module(f"bench.{name}", run_name="__main__", alter_sys=True)
        return
    print(f"usage: python -m bench {{{','.join(BENCHES)}}} [--help | options]\n")
    for name, what in BENCHES.items():
        print(f"  {name:<9} {what}")
    print("\nFigures and how they were taken: docs/performance.md")
    sys.exit(0 if len(sys.argv) == 1 or sys.argv[1] in ("-h", "--help") else 2)


if __name__ == "__main__":
    main()

"""Databases: SQLite as the embedded default, PostgreSQL by address.

Two aliases. ``default`` holds the facts and their ledger. ``attempts`` is the second log's own
connection, so that a refused or merely looked-at thing stays on record when the work rolls back;
on SQLite it is a file of its own because one file has one writer, on PostgreSQL it is a second
connection to the same database.
"""

from config import env

VAR = env.data()

SQLITE_OPTIONS = {
    "transaction_mode": "IMMEDIATE",
    "timeout": 20,
    "init_command": (
        "PRAGMA journal_mode=WAL;PRAGMA synchronous=FULL;PRAGMA foreign_keys=ON;"
        "PRAGMA cache_size=-65536;PRAGMA mmap_size=268435456;PRAGMA temp_store=MEMORY;"
    ),
}


def _databases() -> dict[str, dict[str, object]]:
    url = env.text("MINGZHI_DATABASE_URL")
    if url:
        main = env.database(url)
        if main["ENGINE"].endswith("postgresql"):
            main["CONN_MAX_AGE"] = 600
            main["CONN_HEALTH_CHECKS"] = True
            return {"default": main, "attempts": {**main}}
    else:
        main = env.database(f"sqlite://{VAR / 'mingzhi.sqlite3'}")
    main["OPTIONS"] = SQLITE_OPTIONS
    second = {**main, "NAME": str(main["NAME"]).replace(".sqlite3", "-attempts.sqlite3")}
    return {"default": {**main, "CONN_MAX_AGE": None}, "attempts": {**second, "CONN_MAX_AGE": None}}


DATABASES = _databases()
DATABASE_ROUTERS = ["mingzhi.ledger.router.AttemptsRouter"]

"""Published rows only grow, and periods of one code never overlap, whatever writes them."""

from django.db import migrations

from mingzhi.ledger.append_only import append_only

PERIODS_PG = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE catalogue_entry ADD CONSTRAINT catalogue_entry_no_overlap
    EXCLUDE USING gist (
        kind WITH =, scope WITH =, code WITH =, daterange(valid_from, valid_to, '[)') WITH &&
    )
    """,
]
PERIODS_PG_BACK = ["ALTER TABLE catalogue_entry DROP CONSTRAINT IF EXISTS catalogue_entry_no_overlap"]

_OVERLAP = """
    SELECT RAISE(ABORT, 'catalogue_entry: overlapping period') WHERE EXISTS (
        SELECT 1 FROM catalogue_entry e
        WHERE e.kind = NEW.kind AND e.scope = NEW.scope AND e.code = NEW.code AND e.id <> NEW.id
          AND (e.valid_to IS NULL OR NEW.valid_from < e.valid_to)
          AND (NEW.valid_to IS NULL OR e.valid_from < NEW.valid_to)
    );
"""
PERIODS_SQLITE = [
    f"CREATE TRIGGER catalogue_entry_overlap_insert AFTER INSERT ON catalogue_entry BEGIN {_OVERLAP} END",
    f"CREATE TRIGGER catalogue_entry_overlap_update AFTER UPDATE ON catalogue_entry BEGIN {_OVERLAP} END",
]
PERIODS_SQLITE_BACK = [
    "DROP TRIGGER IF EXISTS catalogue_entry_overlap_insert",
    "DROP TRIGGER IF EXISTS catalogue_entry_overlap_update",
]


def _run(postgresql, sqlite):
    def step(apps, schema_editor):
        if schema_editor.connection.alias != "default":
            return
        statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
        for statement in statements:
            schema_editor.execute(statement, params=None)

    return step


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0001_initial")]
    operations = [
        migrations.RunPython(_run(PERIODS_PG, PERIODS_SQLITE), _run(PERIODS_PG_BACK, PERIODS_SQLITE_BACK)),
        *append_only("catalogue_publication"),
        *append_only("catalogue_entry", allow_null_once=("valid_to", "closed_by_id")),
    ]

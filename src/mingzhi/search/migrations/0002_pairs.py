"""The pairs of characters: an int[] column with GIN on PostgreSQL, an FTS5 table on SQLite."""

from django.db import migrations

# Written out rather than imported: migrations do not import application code. Without fastupdate a
# search never reads a pending list; wide statistics tell the planner which pairs are frequent. Long
# arrays are moved out of the row and texts stay in it uncompressed, since texts are what is read.
POSTGRES = [
    "ALTER TABLE search_searchdoc ADD COLUMN grams integer[] NOT NULL DEFAULT '{}'",
    "ALTER TABLE search_searchdoc ALTER COLUMN grams SET STATISTICS 1000",
    "ALTER TABLE search_searchdoc ALTER COLUMN grams SET STORAGE EXTERNAL",
    "ALTER TABLE search_searchdoc ALTER COLUMN text SET STORAGE MAIN",
    "CREATE INDEX search_grams ON search_searchdoc USING gin (grams) WITH (fastupdate = off)",
]
SQLITE = [
    "CREATE VIRTUAL TABLE search_gram USING fts5 (grams, content='', detail=none, columnsize=0, tokenize='ascii')",
]


def forwards(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)


def backwards(apps, schema_editor):
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute("ALTER TABLE search_searchdoc DROP COLUMN grams")
    else:
        schema_editor.execute("DROP TABLE search_gram")


class Migration(migrations.Migration):
    dependencies = [("search", "0001_initial")]
    operations = [migrations.RunPython(forwards, backwards, elidable=False)]

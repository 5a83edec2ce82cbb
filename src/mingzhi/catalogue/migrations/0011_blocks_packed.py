"""PostgreSQL packs the blocks of a list with LZ4: pglz took five times as long over a block as all the rest."""

from django.db import migrations

# A server that was built without LZ4 keeps its own way.
_LZ4 = """
DO $$ BEGIN
    ALTER TABLE catalogue_listblock ALTER COLUMN rows SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN
    NULL;
END $$
"""


def _packed(way):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql" and schema_editor.connection.alias == "default":
            schema_editor.execute(way, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0010_guide_notes")]
    operations = [
        migrations.RunPython(
            _packed(_LZ4),
            _packed("ALTER TABLE catalogue_listblock ALTER COLUMN rows SET COMPRESSION DEFAULT"),
        )
    ]

"""What was published stays: versions of one list never overlap, their rows and steps never change."""

from django.db import migrations

from mingzhi.ledger.append_only import append_only

#: Columns of a published version that may still change: it ends once, and it may be withdrawn.
MAY_CHANGE = ("valid_to", "state")

PG = [
    """
    ALTER TABLE catalogue_listversion ADD CONSTRAINT catalogue_listversion_no_overlap
    EXCLUDE USING gist (list_id WITH =, daterange(valid_from, valid_to, '[)') WITH &&)
    WHERE (published_at IS NOT NULL)
    """,
    """
    CREATE OR REPLACE FUNCTION catalogue_list_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF TG_OP = 'DELETE' THEN
            RAISE EXCEPTION 'published list version: DELETE refused' USING ERRCODE = '23001';
        END IF;
        IF (to_jsonb(NEW) - 'valid_to' - 'state') IS DISTINCT FROM (to_jsonb(OLD) - 'valid_to' - 'state')
           OR (OLD.valid_to IS NOT NULL AND NEW.valid_to IS DISTINCT FROM OLD.valid_to)
           OR NOT (NEW.state = OLD.state OR NEW.state = 'withdrawn') THEN
            RAISE EXCEPTION 'published list version: UPDATE refused' USING ERRCODE = '23001';
        END IF;
        RETURN NEW;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_listversion_frozen BEFORE UPDATE OR DELETE ON catalogue_listversion
    FOR EACH ROW WHEN (OLD.published_at IS NOT NULL) EXECUTE FUNCTION catalogue_list_frozen()
    """,
    """
    CREATE OR REPLACE FUNCTION catalogue_block_frozen() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM catalogue_listversion v WHERE v.published_at IS NOT NULL
                   AND v.id = CASE WHEN TG_OP = 'INSERT' THEN NEW.version_id ELSE OLD.version_id END) THEN
            RAISE EXCEPTION 'rows of a published list version: % refused', TG_OP USING ERRCODE = '23001';
        END IF;
        RETURN CASE WHEN TG_OP = 'DELETE' THEN OLD ELSE NEW END;
    END $$
    """,
    """
    CREATE TRIGGER catalogue_listblock_frozen BEFORE INSERT OR UPDATE OR DELETE ON catalogue_listblock
    FOR EACH ROW EXECUTE FUNCTION catalogue_block_frozen()
    """,
]
PG_BACK = [
    "ALTER TABLE catalogue_listversion DROP CONSTRAINT IF EXISTS catalogue_listversion_no_overlap",
    "DROP TRIGGER IF EXISTS catalogue_listversion_frozen ON catalogue_listversion",
    "DROP TRIGGER IF EXISTS catalogue_listblock_frozen ON catalogue_listblock",
]

_OVERLAP = """
    SELECT RAISE(ABORT, 'catalogue_listversion: overlapping period') WHERE EXISTS (
        SELECT 1 FROM catalogue_listversion v
        WHERE v.list_id = NEW.list_id AND v.id <> NEW.id
          AND v.published_at IS NOT NULL AND NEW.published_at IS NOT NULL
          AND (v.valid_to IS NULL OR NEW.valid_from < v.valid_to)
          AND (NEW.valid_to IS NULL OR v.valid_from < NEW.valid_to)
    );
"""


def _sqlite(columns):
    changed = " OR ".join(f'NEW."{c}" IS NOT OLD."{c}"' for c in columns if c not in MAY_CHANGE)
    published = "SELECT 1 FROM catalogue_listversion v WHERE v.published_at IS NOT NULL AND v.id ="
    made = [
        f"CREATE TRIGGER catalogue_listversion_overlap_insert AFTER INSERT ON catalogue_listversion BEGIN {_OVERLAP} END",
        f"CREATE TRIGGER catalogue_listversion_overlap_update AFTER UPDATE ON catalogue_listversion BEGIN {_OVERLAP} END",
        f"""
        CREATE TRIGGER catalogue_listversion_frozen_update BEFORE UPDATE ON catalogue_listversion
        WHEN OLD.published_at IS NOT NULL AND ({changed}
            OR (OLD.valid_to IS NOT NULL AND NEW.valid_to IS NOT OLD.valid_to)
            OR (NEW.state IS NOT OLD.state AND NEW.state <> 'withdrawn'))
        BEGIN SELECT RAISE(ABORT, 'published list version: UPDATE refused'); END
        """,
        """
        CREATE TRIGGER catalogue_listversion_frozen_delete BEFORE DELETE ON catalogue_listversion
        WHEN OLD.published_at IS NOT NULL
        BEGIN SELECT RAISE(ABORT, 'published list version: DELETE refused'); END
        """,
    ]
    for verb, row in (("INSERT", "NEW"), ("UPDATE", "OLD"), ("DELETE", "OLD")):
        made.append(
            f"""
            CREATE TRIGGER catalogue_listblock_frozen_{verb.lower()} BEFORE {verb} ON catalogue_listblock
            WHEN EXISTS ({published} {row}.version_id)
            BEGIN SELECT RAISE(ABORT, 'rows of a published list version: {verb} refused'); END
            """
        )
    return made


SQLITE_BACK = [
    f"DROP TRIGGER IF EXISTS catalogue_{name}"
    for name in (
        "listversion_overlap_insert",
        "listversion_overlap_update",
        "listversion_frozen_update",
        "listversion_frozen_delete",
        "listblock_frozen_insert",
        "listblock_frozen_update",
        "listblock_frozen_delete",
    )
]


def _forward(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    if schema_editor.connection.vendor == "postgresql":
        statements = PG
    else:
        with schema_editor.connection.cursor() as cursor:
            found = schema_editor.connection.introspection.get_table_description(
                cursor, "catalogue_listversion"
            )
        statements = _sqlite([column.name for column in found])
    for statement in statements:
        schema_editor.execute(statement, params=None)


def _back(apps, schema_editor):
    if schema_editor.connection.alias != "default":
        return
    for statement in PG_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [("catalogue", "0003_public_lists")]
    operations = [
        migrations.RunPython(_forward, _back),
        *append_only("catalogue_listevent"),
        *append_only(
            "catalogue_listchange",
            allow_null_once=("lawful", "opinion", "judged_by", "judged_at", "version_id"),
        ),
    ]

"""What only grows, and that nobody has a room twice at one time, whatever writes the rows."""

from django.db import migrations

from mingzhi.ledger.append_only import append_only

POSTGRESQL = [
    "CREATE EXTENSION IF NOT EXISTS btree_gist",
    """
    ALTER TABLE recording_booking ADD CONSTRAINT recording_booking_no_overlap
    EXCLUDE USING gist (room_id WITH =, tstzrange(starts_at, ends_at, '[)') WITH &&)
    WHERE (cancelled_at IS NULL)
    """,
]
POSTGRESQL_BACK = ["ALTER TABLE recording_booking DROP CONSTRAINT IF EXISTS recording_booking_no_overlap"]
# Moments are stored as text; julianday compares them as moments. What touches does not overlap.
SQLITE = [
    """
    CREATE TRIGGER recording_booking_overlap BEFORE INSERT ON recording_booking
    WHEN NEW.cancelled_at IS NULL BEGIN
        SELECT RAISE(ABORT, 'recording_booking: overlapping period') WHERE EXISTS (
            SELECT 1 FROM recording_booking b
            WHERE b.room_id = NEW.room_id AND b.cancelled_at IS NULL
              AND julianday(NEW.starts_at) < julianday(b.ends_at)
              AND julianday(b.starts_at) < julianday(NEW.ends_at)
        );
    END
    """
]
SQLITE_BACK = ["DROP TRIGGER IF EXISTS recording_booking_overlap"]


def _run(postgresql, sqlite):
    def step(apps, schema_editor):
        if schema_editor.connection.alias != "default":
            return
        statements = postgresql if schema_editor.connection.vendor == "postgresql" else sqlite
        for statement in statements:
            schema_editor.execute(statement, params=None)

    return step


class Migration(migrations.Migration):
    dependencies = [("recording", "0003_duties_and_equipment")]
    operations = [
        migrations.RunPython(_run(POSTGRESQL, SQLITE), _run(POSTGRESQL_BACK, SQLITE_BACK)),
        *append_only(
            "recording_expected",
            "recording_excusedecision",
            "recording_probe",
            "recording_note",
            "recording_deviceevent",
            "recording_room",
            "recording_bookingend",
            "recording_bookingrecord",
        ),
        *append_only("recording_booking", allow_null_once=("cancelled_at",)),
        *append_only("recording_guide", allow_null_once=("withdrawn_at",)),
    ]

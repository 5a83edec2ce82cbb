"""Sets for runs of three characters beside those of two, under other numbers. What is public is loose until the
worker gathers it; `mingzhi search rebuild` gathers all at once."""

from django.db import migrations, models


def forwards(apps, schema_editor):
    for statement in (
        "DELETE FROM search_posting",
        "DELETE FROM search_segment",
        "DELETE FROM search_loose WHERE space = 'public'",
        "INSERT INTO search_loose (doc_id, space) SELECT id, space FROM search_searchdoc WHERE space = 'public'",
        "UPDATE search_shelf SET changes = changes + 1 WHERE space = 'public'",
    ):
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0003_segments"),
    ]

    operations = [
        migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False),
        migrations.AlterField(
            model_name="segment",
            name="id",
            field=models.PositiveIntegerField(primary_key=True, serialize=False, verbose_name="编号"),
        ),
    ]

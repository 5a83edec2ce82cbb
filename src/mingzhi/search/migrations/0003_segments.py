"""Wide spaces in segments. What is public already is loose until the worker gathers it; `mingzhi search rebuild`
also clears its old pairs."""

from django.db import migrations, models


def forwards(apps, schema_editor):
    postgres = schema_editor.connection.vendor == "postgresql"
    if postgres:
        # Sets are small already; a compressed one would have to be unpacked whole at every read.
        schema_editor.execute("ALTER TABLE search_posting ALTER COLUMN bits SET STORAGE EXTERNAL")
        schema_editor.execute("ALTER TABLE search_segment ALTER COLUMN facets SET STORAGE EXTERNAL")
        schema_editor.execute("UPDATE search_searchdoc SET grams = '{}' WHERE space = 'public'")
    schema_editor.execute("INSERT INTO search_shelf (space, changes) VALUES ('public', 0)")
    schema_editor.execute(
        "INSERT INTO search_loose (doc_id, space) SELECT id, space FROM search_searchdoc WHERE space = 'public'"
    )


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0002_pairs"),
    ]

    operations = [
        migrations.CreateModel(
            name="Loose",
            fields=[
                ("doc_id", models.BigIntegerField(primary_key=True, serialize=False, verbose_name="条目")),
                ("space", models.CharField(max_length=16, verbose_name="范围")),
            ],
            options={
                "verbose_name": "待归段条目",
                "verbose_name_plural": "待归段条目",
            },
        ),
        migrations.CreateModel(
            name="Posting",
            fields=[
                ("id", models.BigIntegerField(primary_key=True, serialize=False)),
                ("bits", models.BinaryField(verbose_name="所在")),
            ],
            options={
                "verbose_name": "检索倒排",
                "verbose_name_plural": "检索倒排",
            },
        ),
        migrations.CreateModel(
            name="Shelf",
            fields=[
                (
                    "space",
                    models.CharField(max_length=16, primary_key=True, serialize=False, verbose_name="范围"),
                ),
                ("changes", models.BigIntegerField(default=0, verbose_name="变更次数")),
            ],
            options={
                "verbose_name": "检索分区",
                "verbose_name_plural": "检索分区",
            },
        ),
        migrations.CreateModel(
            name="Segment",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("space", models.CharField(max_length=16, verbose_name="范围")),
                ("stamp", models.BigIntegerField(verbose_name="戳")),
                ("size", models.PositiveIntegerField(verbose_name="条数")),
                ("first", models.BigIntegerField(verbose_name="最小编号")),
                ("last", models.BigIntegerField(verbose_name="最大编号")),
                ("ids", models.BinaryField(verbose_name="编号")),
                ("facets", models.BinaryField(verbose_name="分面")),
            ],
            options={
                "verbose_name": "检索分段",
                "verbose_name_plural": "检索分段",
                "indexes": [models.Index(fields=["space", "first"], name="search_segment_space")],
            },
        ),
        migrations.RunPython(forwards, migrations.RunPython.noop, elidable=False),
    ]

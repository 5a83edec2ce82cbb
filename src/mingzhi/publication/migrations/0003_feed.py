import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("publication", "0002_append_only")]

    operations = [
        migrations.CreateModel(
            name="FeedItem",
            fields=[
                (
                    "event",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="feed",
                        serialize=False,
                        to="publication.event",
                        verbose_name="公示记录",
                    ),
                ),
                ("position", models.BigIntegerField(null=True, unique=True, verbose_name="次序")),
                ("placed_at", models.DateTimeField(null=True, verbose_name="列入时间")),
            ],
            options={
                "verbose_name": "数据源条目",
                "verbose_name_plural": "数据源条目",
                "indexes": [
                    models.Index(
                        condition=models.Q(("position__isnull", True)), fields=["event"], name="feed_unplaced"
                    )
                ],
            },
        ),
        # What was published before there was a feed joins it in the ledger's order.
        migrations.RunSQL(
            "INSERT INTO publication_feeditem (event_id) SELECT id FROM publication_event "
            "WHERE kind IN ('published', 'corrected', 'withdrawn', 'expired')",
            migrations.RunSQL.noop,
        ),
    ]

"""Windows that do not enforce, and work numbers. The column is added by SQL: SQLite would else make the table
anew and lose the triggers that let it only grow. Windows registered before had certified staff only."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("organisations", "0007_places")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE organisations_windowversion ADD COLUMN enforces bool NOT NULL DEFAULT true",
            "ALTER TABLE organisations_windowversion DROP COLUMN enforces",
            state_operations=[
                migrations.AddField(
                    model_name="windowversion",
                    name="enforces",
                    field=models.BooleanField(default=True, verbose_name="从事执法"),
                )
            ],
        ),
        migrations.AddField(
            model_name="person",
            name="work_number",
            field=models.CharField(blank=True, default="", max_length=20, verbose_name="工号"),
            preserve_default=False,
        ),
        migrations.AddConstraint(
            model_name="person",
            constraint=models.UniqueConstraint(
                condition=~models.Q(work_number=""),
                fields=("body", "work_number"),
                name="work_number_once_per_body",
            ),
        ),
    ]

"""Why the party punished is not the target. The column is added by SQL: SQLite would else make the table anew and
lose the triggers that let it only grow."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("double_random", "0003_follow_ups")]
    operations = [
        migrations.RunSQL(
            "ALTER TABLE double_random_followup ADD COLUMN reason varchar(300) NOT NULL DEFAULT ''",
            "ALTER TABLE double_random_followup DROP COLUMN reason",
            state_operations=[
                migrations.AddField(
                    model_name="followup",
                    name="reason",
                    field=models.CharField(
                        blank=True, default="", max_length=300, verbose_name="当事人与检查对象不一致的理由"
                    ),
                )
            ],
        )
    ]

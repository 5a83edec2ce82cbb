"""The space's row has a stamp drawn anew with every change, as segments have; a count could come again after a
rollback, and memory is held by it now."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("search", "0004_runs"),
    ]

    operations = [
        migrations.RenameField(model_name="shelf", old_name="changes", new_name="stamp"),
        migrations.AlterField(
            model_name="shelf", name="stamp", field=models.BigIntegerField(default=0, verbose_name="戳")
        ),
    ]

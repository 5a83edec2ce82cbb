from typing import Any

import django.db.models.deletion
from django.db import migrations, models
from django.db.models import Q

from mingzhi.ledger.append_only import append_only, removals

TABLE = "supervision_counted"


def open_table(apps: Any, schema_editor: Any) -> None:
    """SQLite makes the table anew for another constraint, without its triggers: they go here and come below."""
    for statement in removals(schema_editor.connection, TABLE):
        schema_editor.execute(statement, params=None)


class Migration(migrations.Migration):
    dependencies = [
        ("double_random", "0002_append_only"),
        ("supervision", "0004_handed_reports"),
    ]

    operations = [
        migrations.RunPython(open_table, migrations.RunPython.noop),
        migrations.AddField(
            model_name="counted",
            name="finding",
            field=models.ForeignKey(
                db_index=False,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="double_random.finding",
                verbose_name="抽查结果",
            ),
        ),
        migrations.RemoveConstraint(model_name="counted", name="counted_from_one_source"),
        migrations.AddConstraint(
            model_name="counted",
            constraint=models.CheckConstraint(
                condition=Q(dossier__isnull=False, supplement__isnull=True, finding__isnull=True)
                | Q(dossier__isnull=True, supplement__isnull=False, finding__isnull=True)
                | Q(dossier__isnull=True, supplement__isnull=True, finding__isnull=False),
                name="counted_from_one_source",
            ),
        ),
        migrations.AddIndex(
            model_name="counted",
            index=models.Index(
                condition=Q(finding__isnull=False), fields=["finding"], name="counted_finding"
            ),
        ),
        *append_only(TABLE),
    ]

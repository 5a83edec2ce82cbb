import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("files", "0004_erasure"),
    ]

    operations = [
        migrations.CreateModel(
            name="Return",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("at", models.DateTimeField(verbose_name="时间")),
                (
                    "erasure",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="returned",
                        to="files.erasure",
                        verbose_name="依法销毁",
                    ),
                ),
            ],
            options={
                "verbose_name": "销毁后重新入库",
                "verbose_name_plural": "销毁后重新入库",
            },
        ),
        *append_only("files_return"),
    ]

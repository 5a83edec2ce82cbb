import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0006_complaints_keeper"),
        ("publication", "0010_boards"),
    ]

    operations = [
        migrations.CreateModel(
            name="Handover",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("data", models.CharField(max_length=16, verbose_name="数据种类")),
                ("platform", models.CharField(max_length=80, verbose_name="公示载体")),
                ("what", models.CharField(max_length=200, verbose_name="送交内容")),
                ("handed_on", models.DateField(verbose_name="送交日期")),
                ("receipt", models.CharField(blank=True, max_length=200, verbose_name="回执")),
                ("by", models.CharField(max_length=40, verbose_name="经办")),
                ("by_name", models.CharField(max_length=60, verbose_name="经办人")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
            ],
            options={
                "verbose_name": "公示信息送交",
                "verbose_name_plural": "公示信息送交",
                "indexes": [models.Index(fields=["body", "-id"], name="handover_body")],
            },
        ),
        *append_only("publication_handover"),
    ]

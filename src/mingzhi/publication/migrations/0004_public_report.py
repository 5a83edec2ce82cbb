import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0004_card_key"),
        ("publication", "0003_feed"),
    ]

    operations = [
        migrations.CreateModel(
            name="PublicReport",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("year", models.PositiveSmallIntegerField(verbose_name="年度")),
                ("no", models.PositiveSmallIntegerField(verbose_name="版次")),
                ("content", models.JSONField(verbose_name="公开内容")),
                ("pdf_id", models.BigIntegerField(verbose_name="年报文件")),
                ("xlsx_id", models.BigIntegerField(verbose_name="数据表文件")),
                ("reason", models.TextField(blank=True, verbose_name="更正理由")),
                ("published_at", models.DateTimeField(verbose_name="公布时间")),
                ("published_by", models.CharField(max_length=40, verbose_name="公布人")),
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
                "verbose_name": "公开的统计年报",
                "verbose_name_plural": "公开的统计年报",
                "constraints": [
                    models.UniqueConstraint(fields=("body", "year", "no"), name="public_report_once")
                ],
            },
        ),
        *append_only("publication_publicreport"),
    ]

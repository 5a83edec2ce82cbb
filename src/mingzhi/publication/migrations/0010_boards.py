import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0007_places"),
        ("publication", "0009_public_search"),
    ]

    operations = [
        migrations.CreateModel(
            name="BoardPrint",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "paper",
                    models.CharField(choices=[("a3", "A3"), ("a4", "A4")], max_length=2, verbose_name="纸张"),
                ),
                ("shown", models.JSONField(verbose_name="所示内容")),
                ("digest", models.CharField(max_length=64, verbose_name="内容摘要")),
                ("gaps", models.JSONField(default=list, verbose_name="打印时的缺项")),
                ("at", models.DateTimeField(verbose_name="打印时间")),
                ("by", models.CharField(max_length=40, verbose_name="打印人")),
                ("by_name", models.CharField(max_length=60, verbose_name="打印人姓名")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.body",
                        verbose_name="机关",
                    ),
                ),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.place",
                        verbose_name="场所",
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.window",
                        verbose_name="窗口",
                    ),
                ),
            ],
            options={
                "verbose_name": "公示牌打印",
                "verbose_name_plural": "公示牌打印",
            },
        ),
        migrations.CreateModel(
            name="BoardDown",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("reason", models.CharField(max_length=200, verbose_name="原因")),
                ("at", models.DateTimeField(verbose_name="撤下时间")),
                ("by", models.CharField(max_length=40, verbose_name="撤下人")),
                (
                    "board",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="down",
                        to="publication.boardprint",
                        verbose_name="公示牌",
                    ),
                ),
            ],
            options={
                "verbose_name": "公示牌撤下",
                "verbose_name_plural": "公示牌撤下",
            },
        ),
        migrations.AddIndex(
            model_name="boardprint",
            index=models.Index(fields=["body", "place", "window", "paper"], name="board_print_of"),
        ),
        *append_only("publication_boardprint", "publication_boarddown"),
    ]

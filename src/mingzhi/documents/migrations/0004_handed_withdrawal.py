"""Papers handed over without the net and withdrawn: their code answers."""

import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("documents", "0003_signature_picture"),
        ("organisations", "0004_card_key"),
    ]
    operations = [
        migrations.CreateModel(
            name="HandedWithdrawal",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("code", models.CharField(max_length=20, unique=True, verbose_name="核验码")),
                ("title", models.CharField(max_length=80, verbose_name="文书名称")),
                ("number", models.CharField(max_length=80, verbose_name="文号")),
                ("made_on", models.DateField(verbose_name="制作日期")),
                ("content_sha256", models.CharField(max_length=64, verbose_name="内容摘要")),
                ("reason", models.CharField(max_length=200, verbose_name="撤回原因")),
                ("at", models.DateTimeField(verbose_name="撤回时间")),
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
            options={"verbose_name": "现场文书撤回", "verbose_name_plural": "现场文书撤回"},
        ),
        *append_only("documents_handedwithdrawal"),
    ]

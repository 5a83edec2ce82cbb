import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0001_initial"),
        ("double_random", "0002_append_only"),
    ]

    operations = [
        migrations.CreateModel(
            name="FollowUp",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("number", models.CharField(max_length=80, verbose_name="案卷编号")),
                ("by", models.CharField(max_length=100, verbose_name="登记人")),
                ("by_name", models.CharField(max_length=60, verbose_name="登记人姓名")),
                ("at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "dossier",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="dossiers.dossier",
                        verbose_name="处罚案卷",
                    ),
                ),
                (
                    "finding",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="follow_up",
                        to="double_random.finding",
                        verbose_name="抽查结果",
                    ),
                ),
            ],
            options={"verbose_name": "抽查后续处罚", "verbose_name_plural": "抽查后续处罚"},
        ),
        *append_only("double_random_followup"),
    ]

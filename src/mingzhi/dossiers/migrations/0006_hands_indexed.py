import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0005_hands"), ("organisations", "0001_initial")]
    operations = [
        migrations.AlterField(
            model_name="member",
            name="opened_at",
            field=models.DateTimeField(help_text="同案卷，供“我的案件”排序", verbose_name="建卷时间"),
        ),
        migrations.AlterField(
            model_name="dossier",
            name="body",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.body",
                verbose_name="执法主体",
            ),
        ),
        migrations.AlterField(
            model_name="dossier",
            name="unit",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to="organisations.unit",
                verbose_name="承办机构",
            ),
        ),
        migrations.AlterField(
            model_name="member",
            name="dossier",
            field=models.ForeignKey(
                db_index=False,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="members",
                to="dossiers.dossier",
                verbose_name="案卷",
            ),
        ),
        migrations.RemoveIndex(model_name="dossier", name="dossier_lead"),
        migrations.RemoveIndex(model_name="member", name="member_dossier_role"),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(fields=["dossier", "person"], name="member_dossier_person"),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(
                fields=["body", "state", "-opened_at", "-id"], name="dossier_body_state_opened"
            ),
        ),
        migrations.AddIndex(
            model_name="dossier",
            index=models.Index(fields=["unit", "-opened_at", "-id"], name="dossier_unit_opened"),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("until", None)),
                fields=["person", "-done_at", "-dossier"],
                name="member_hand_done",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("until", None)),
                fields=["person", "-opened_at", "-dossier"],
                name="member_hand_opened",
            ),
        ),
        migrations.AddIndex(
            model_name="member",
            index=models.Index(
                condition=models.Q(("recused", True)), fields=["person"], name="member_recused"
            ),
        ),
    ]

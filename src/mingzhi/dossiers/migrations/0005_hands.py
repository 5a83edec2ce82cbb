from django.db import migrations, models


class Migration(migrations.Migration):
    """What orders a person's own cases stands with the hand itself; filled from the dossiers there are."""

    dependencies = [("dossiers", "0004_secrecy_mark")]
    operations = [
        migrations.AddField(
            model_name="member",
            name="opened_at",
            field=models.DateTimeField(
                help_text="同案卷，供“我的案件”排序", null=True, verbose_name="建卷时间"
            ),
        ),
        migrations.AddField(
            model_name="member",
            name="done_at",
            field=models.DateTimeField(
                blank=True,
                help_text="案卷在办时为空，供“我的案件”排序",
                null=True,
                verbose_name="办结案卷的最近环节时间",
            ),
        ),
        migrations.RunSQL(
            "UPDATE dossiers_member SET "
            "opened_at = (SELECT d.opened_at FROM dossiers_dossier d WHERE d.id = dossier_id), "
            "done_at = (SELECT d.last_step_at FROM dossiers_dossier d "
            "WHERE d.id = dossier_id AND d.closed_at IS NOT NULL)",
            migrations.RunSQL.noop,
        ),
    ]

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("catalogue", "0008_list_guides"),
    ]

    operations = [
        migrations.AlterField(
            model_name="listevent",
            name="act",
            field=models.CharField(
                choices=[
                    ("start", "起草"),
                    ("edit", "参与起草"),
                    ("check", "审核通过"),
                    ("return", "退回修改"),
                    ("approve", "批准"),
                    ("publish", "公布"),
                    ("withdraw", "撤下"),
                    ("keep", "复核后维持"),
                    ("drop", "作废草稿"),
                ],
                max_length=12,
                verbose_name="环节",
            ),
        ),
    ]

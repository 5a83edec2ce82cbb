import django.db.models.deletion
from django.db import migrations, models

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("organisations", "0006_complaints_keeper"),
    ]

    operations = [
        migrations.CreateModel(
            name="Place",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_by", models.CharField(max_length=40, verbose_name="登记人")),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "body",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="places",
                        to="organisations.body",
                        verbose_name="所属机关",
                    ),
                ),
            ],
            options={
                "verbose_name": "执法场所",
                "verbose_name_plural": "执法场所",
            },
        ),
        migrations.CreateModel(
            name="PlaceVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="自")),
                ("name", models.CharField(max_length=80, verbose_name="名称")),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("headquarters", "单位本部"),
                            ("office", "科所（站、中队）"),
                            ("hall", "执法大厅"),
                        ],
                        max_length=16,
                        verbose_name="类别",
                    ),
                ),
                ("address", models.CharField(max_length=200, verbose_name="地址")),
                ("hours", models.CharField(max_length=200, verbose_name="办公时间")),
                ("phone", models.CharField(max_length=40, verbose_name="咨询电话")),
                ("route", models.CharField(blank=True, max_length=300, verbose_name="乘车路线")),
                ("unit_ids", models.JSONField(default=list, verbose_name="在此办公的内设机构")),
                ("active", models.BooleanField(verbose_name="在用")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="变更原因")),
                ("made_by", models.CharField(max_length=40, verbose_name="登记人")),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="organisations.place",
                        verbose_name="执法场所",
                    ),
                ),
            ],
            options={
                "verbose_name": "执法场所版本",
                "verbose_name_plural": "执法场所版本",
                "ordering": ("valid_from", "pk"),
            },
        ),
        migrations.CreateModel(
            name="Window",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("made_by", models.CharField(max_length=40, verbose_name="登记人")),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "place",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="windows",
                        to="organisations.place",
                        verbose_name="执法场所",
                    ),
                ),
            ],
            options={
                "verbose_name": "窗口岗位",
                "verbose_name_plural": "窗口岗位",
            },
        ),
        migrations.CreateModel(
            name="WindowVersion",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("valid_from", models.DateField(verbose_name="自")),
                ("name", models.CharField(max_length=60, verbose_name="窗口名称")),
                ("post", models.CharField(blank=True, max_length=80, verbose_name="岗位编码")),
                ("shifts", models.JSONField(default=list, verbose_name="值守人员")),
                ("handles", models.JSONField(default=list, verbose_name="办理事项")),
                ("active", models.BooleanField(verbose_name="在用")),
                ("reason", models.CharField(blank=True, max_length=200, verbose_name="变更原因")),
                ("made_by", models.CharField(max_length=40, verbose_name="登记人")),
                ("made_at", models.DateTimeField(verbose_name="登记时间")),
                (
                    "unit",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="organisations.unit",
                        verbose_name="内设机构",
                    ),
                ),
                (
                    "window",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="versions",
                        to="organisations.window",
                        verbose_name="窗口",
                    ),
                ),
            ],
            options={
                "verbose_name": "窗口岗位版本",
                "verbose_name_plural": "窗口岗位版本",
                "ordering": ("valid_from", "pk"),
            },
        ),
        *append_only(
            "organisations_place",
            "organisations_placeversion",
            "organisations_window",
            "organisations_windowversion",
        ),
    ]

"""Phones of the field face in the register of devices: suspended and let go on."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("recording", "0005_custody"),
    ]

    operations = [
        migrations.AlterField(
            model_name="device",
            name="kind",
            field=models.CharField(
                choices=[
                    ("body_camera", "执法记录仪"),
                    ("camcorder", "摄像机"),
                    ("camera", "照相机"),
                    ("recorder", "录音笔"),
                    ("phone", "手机"),
                    ("terminal", "移动执法终端"),
                    ("drone", "无人机"),
                    ("fixed", "固定摄像头"),
                ],
                max_length=16,
                verbose_name="类别",
            ),
        ),
        migrations.AlterField(
            model_name="device",
            name="state",
            field=models.CharField(
                choices=[
                    ("stored", "在库"),
                    ("issued", "领用中"),
                    ("faulty", "故障待修"),
                    ("suspended", "已停用"),
                    ("retired", "已报废"),
                ],
                default="stored",
                max_length=10,
                verbose_name="状态",
            ),
        ),
        migrations.AlterField(
            model_name="deviceevent",
            name="act",
            field=models.CharField(
                choices=[
                    ("registered", "登记入库"),
                    ("issued", "领用"),
                    ("returned", "归还"),
                    ("checked", "使用前检查"),
                    ("faulted", "报告故障"),
                    ("repaired", "修复入库"),
                    ("suspended", "停用"),
                    ("resumed", "恢复使用"),
                    ("retired", "报废"),
                ],
                max_length=12,
                verbose_name="事项",
            ),
        ),
    ]

"""A signature's entry names the hash of its picture."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("documents", "0002_append_only")]
    operations = [
        migrations.AddField(
            "papersignature",
            "sha256",
            models.CharField("扫描件摘要", max_length=64, null=True, blank=True),
        )
    ]

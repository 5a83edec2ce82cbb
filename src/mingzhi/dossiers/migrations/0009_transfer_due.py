from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("dossiers", "0008_transfer"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="retention",
            index=models.Index(fields=["transfer_on"], name="retention_transfer"),
        ),
    ]

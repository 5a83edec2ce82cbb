from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("publication", "0001_initial")]

    operations = append_only(
        "publication_snapshot",
        "publication_version",
        "publication_event",
        "publication_policy",
        "publication_progress",
    )

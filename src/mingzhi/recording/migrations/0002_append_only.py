from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("recording", "0001_initial")]

    operations = append_only(
        "recording_record", "recording_verification", "recording_excuse", "recording_expected"
    )

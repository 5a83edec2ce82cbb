from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("supervision", "0001_initial")]

    operations = append_only(
        "supervision_supplement",
        "supervision_counted",
        "supervision_reportversion",
        "supervision_reportevent",
        "supervision_lateexplanation",
    )

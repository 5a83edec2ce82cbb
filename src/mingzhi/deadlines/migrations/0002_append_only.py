from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("deadlines", "0001_initial")]

    operations = append_only(
        "deadlines_calendarrevision",
        "deadlines_suspension",
        "deadlines_resumption",
        "deadlines_extension",
        "deadlines_recalculation",
    )

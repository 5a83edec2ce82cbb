from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("double_random", "0001_initial"), ("ledger", "0002_append_only")]

    operations = [
        *append_only("double_random_avoidance", allow_null_once=("ended_at", "ended_by")),
        *append_only(
            "double_random_draw",
            "double_random_drawing",
            "double_random_voiding",
            "double_random_assignment",
            "double_random_replacement",
            "double_random_finding",
        ),
    ]

from django.db import migrations

from mingzhi.ledger.append_only import append_only
from mingzhi.ledger.pending import QueueEntries


class Migration(migrations.Migration):
    dependencies = [("ledger", "0001_initial")]

    operations = [
        QueueEntries(),
        *append_only("ledger_entry", "ledger_place", "ledger_checkpoint", "ledger_log", "ledger_attempt"),
    ]

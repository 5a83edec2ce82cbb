from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("dossiers", "0002_archive")]

    operations = append_only(
        "dossiers_archiverecord",
        "dossiers_retention",
        "dossiers_sealing",
        "dossiers_helditem",
        "dossiers_hold",
        "dossiers_holdlift",
        "dossiers_loan",
        "dossiers_loanreturn",
        "dossiers_destructionlist",
        "dossiers_destructionline",
        "dossiers_destructionopinion",
        "dossiers_destructiondecision",
        "dossiers_destroyed",
    )

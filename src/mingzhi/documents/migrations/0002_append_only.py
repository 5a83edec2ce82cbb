"""Papers, numbers and service only grow."""

from django.db import migrations

from mingzhi.ledger.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [("documents", "0001_initial")]
    operations = append_only(
        "documents_documentnumber",
        "documents_numberblock",
        "documents_numbervoid",
        "documents_paper",
        "documents_paperfile",
        "documents_papersignature",
        "documents_papervoid",
        "documents_service",
    )

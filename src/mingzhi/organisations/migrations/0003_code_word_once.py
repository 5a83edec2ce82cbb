from django.db import migrations, models
from django.db.models import Count


def no_clash(apps, schema_editor):
    """Say which bodies clash before the database would only say that something does."""
    bodies = apps.get_model("organisations", "Body").objects.using(schema_editor.connection.alias)
    shared = bodies.order_by().values("code_word").annotate(n=Count("pk")).filter(n__gt=1)
    for word in shared.values_list("code_word", flat=True):
        names = "、".join(bodies.filter(code_word=word).order_by("pk").values_list("name", flat=True))
        raise RuntimeError(f"机关代字“{word}”由{names}共用，请先改为各不相同，再升级")


class Migration(migrations.Migration):
    dependencies = [("organisations", "0002_append_only")]
    operations = [
        migrations.RunPython(no_clash, migrations.RunPython.noop),
        migrations.AddConstraint(
            model_name="body",
            constraint=models.UniqueConstraint(fields=("code_word",), name="body_code_word_once"),
        ),
    ]

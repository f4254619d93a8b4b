"""New events check the first message of each person; those that are there keep what held for them."""

from django.apps.registry import Apps
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

AT_ONCE = 1_000


def keep(apps: Apps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Write down what events without settings of their own did until now: show at once."""
    settings = apps.get_model("interventions", "ChatSettings")
    events = apps.get_model("engagement", "Event").objects.filter(chat_settings=None)
    rows = (settings(event_id=pk, mode="open") for pk in events.values_list("pk", flat=True))
    settings.objects.bulk_create(rows, batch_size=AT_ONCE)


class Migration(migrations.Migration):
    dependencies = [("interventions", "0011_audit_warnings")]

    operations = [
        migrations.AlterField(
            "chatsettings",
            "mode",
            models.CharField(
                blank=True,
                choices=[
                    ("closed", "Nobody else sees it"),
                    ("open", "Shown at once"),
                    ("first", "The first message of each person is checked"),
                    ("all", "Every message is checked"),
                ],
                default="first",
                max_length=6,
                verbose_name="chat",
            ),
        ),
        migrations.RunPython(keep, migrations.RunPython.noop),
    ]

"""The ledger becomes a hypertable where TimescaleDB is; the library's wordings go in."""

from django.db import migrations
from django.utils import timezone

from engagement.models.timescale import CreateHypertable
from interventions.agent.writing.template_library.template_selection import load_library


def add_library(apps, schema_editor):
    load_library(timezone.now(), apps.get_model("interventions", "Template"))


class Migration(migrations.Migration):
    dependencies = [("interventions", "0001_initial"), ("engagement", "0002_timescale")]

    operations = [
        CreateHypertable(
            "LlmCall",
            time_column="time",
            chunk="7 days",
            segment_by="model",
            order_by="time DESC",
            compress_after="14 days",
            drop_after="730 days",
        ),
        migrations.RunPython(add_library, migrations.RunPython.noop),
    ]

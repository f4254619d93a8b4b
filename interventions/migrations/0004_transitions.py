"""The log of transitions becomes a hypertable where TimescaleDB is."""

from django.db import migrations

from engagement.models.timescale import CreateHypertable


class Migration(migrations.Migration):
    dependencies = [("interventions", "0003_agent"), ("engagement", "0002_timescale")]

    operations = [
        CreateHypertable(
            "Transition",
            time_column="time",
            chunk="7 days",
            segment_by="intervention_id",
            order_by="time DESC",
            compress_after="14 days",
            drop_after="730 days",
        )
    ]

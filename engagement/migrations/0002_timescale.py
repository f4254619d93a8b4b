"""The only migration that knows TimescaleDB; on plain PostgreSQL it says so and changes nothing."""

from django.db import migrations

from engagement.models.timescale import CreateHypertable, EnableTimescale


def add_default_profile(apps, schema_editor):
    # Empty parameters are the defaults of the code; staff add versions beside it.
    apps.get_model("engagement", "ScoringProfile").objects.get_or_create(
        version=1, defaults={"name": "Standard", "is_default": True}
    )


class Migration(migrations.Migration):
    dependencies = [("engagement", "0001_initial")]

    operations = [
        EnableTimescale(),
        CreateHypertable(
            "Signal",
            time_column="received_at",
            chunk="1 day",
            segment_by="session_id",
            order_by="received_at DESC",
            compress_after="2 days",
            drop_after="90 days",
        ),
        CreateHypertable(
            "Metric",
            time_column="time",
            chunk="7 days",
            segment_by="session_id",
            order_by="time DESC",
            compress_after="14 days",
            drop_after="365 days",
        ),
        migrations.RunPython(add_default_profile, migrations.RunPython.noop),
    ]

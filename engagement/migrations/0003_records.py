"""Read-only views of the hypertables with a single-column key, for the admin."""

from django.db import migrations

METRICS = """
create view engagement_metric_record as
select session_id || '-' || tick as key, session_id, time, tick, present, joins, leaves, chat,
       reactions, votes, questions, score, low, high, state, alarm, shadow, profile_version
from engagement_metric
"""
SIGNALS = """
create view engagement_signal_record as
select session_id || '-' || (extract(epoch from received_at) * 1000000)::bigint || '-' || source
           || '-' || seq as key,
       session_id, received_at, occurred_at, tick, kind, text, number, late
from engagement_signal
"""


class Migration(migrations.Migration):
    dependencies = [("engagement", "0002_timescale")]

    operations = [
        migrations.RunSQL(METRICS, "drop view engagement_metric_record"),
        migrations.RunSQL(SIGNALS, "drop view engagement_signal_record"),
    ]

"""The audit log knows who came, took files away, made keys and changed settings."""

from importlib import import_module

from django.db import migrations, models

_before = import_module("interventions.migrations.0011_audit_warnings")
BEFORE = _before.BEFORE.replace("t.why as detail", _before.DETAIL)
ACTS = """union all
select 'act-' || a.id, a.at, 'access', a.session_id, null::bigint, 'person', a.who, a.kind, '', '', a.detail
from engagement_act a
"""
DROP = "drop view interventions_audit_record"


class Migration(migrations.Migration):
    dependencies = [("interventions", "0016_room_lock"), ("engagement", "0017_acts")]

    operations = [
        migrations.RunSQL([DROP, BEFORE + ACTS], [DROP, BEFORE]),
        migrations.AlterField(
            model_name="auditrecord",
            name="theme",
            field=models.CharField(
                choices=[
                    ("suggestion", "Suggestion"),
                    ("agent", "Agent"),
                    ("learning", "Learning"),
                    ("admin", "Administration"),
                    ("access", "People and access"),
                ],
                max_length=10,
                verbose_name="theme",
            ),
        ),
    ]

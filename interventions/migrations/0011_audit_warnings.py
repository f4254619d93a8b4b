"""The audit log says which warnings somebody sent her words against."""

from importlib import import_module

from django.db import migrations

BEFORE = import_module("interventions.migrations.0008_audit").VIEW
DETAIL = """
       left(t.why || case when jsonb_typeof(t.params -> 'warnings') = 'array'
                           and t.params -> 'warnings' <> '[]'::jsonb
            then ' (' || (select string_agg(code, ', ')
                          from jsonb_array_elements_text(t.params -> 'warnings') as code) || ')'
            else '' end, 300) as detail"""
DROP = "drop view interventions_audit_record"


class Migration(migrations.Migration):
    dependencies = [("interventions", "0010_held_questions")]

    operations = [
        migrations.RunSQL(
            [DROP, BEFORE.replace("t.why as detail", DETAIL)], [DROP, BEFORE]
        ),
    ]

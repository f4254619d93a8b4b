"""One view over every log of who did what, for the admin."""

from django.conf import settings
from django.db import migrations, models

VIEW = """
create view interventions_audit_record as
select 'step-' || t.intervention_id || '-' || t.version as key, t.time, 'suggestion' as theme,
       i.session_id, t.intervention_id, t.by, t.who, i.kind as subject, t.before, t.after,
       t.why as detail
from interventions_transition t join interventions_intervention i on i.id = t.intervention_id
union all
select 'agent-' || c.id, c.at, 'agent', c.session_id, null::bigint,
       case when c.who = '' then 'agent' else 'person' end, c.who, c.what, '', c.mode, ''
from interventions_agentchange c
union all
select 'learning-' || l.id, l.at, 'learning', null::bigint, null::bigint, 'person',
       coalesce(u.username, ''), l.what, '', '', l.reason
from interventions_armchange l left join auth_user u on u.id = l.by_id
union all
select 'admin-' || d.id, d.action_time, 'admin', null::bigint, null::bigint, 'person', u.username,
       coalesce(k.model, ''), '',
       case d.action_flag when 1 then 'added' when 2 then 'changed' else 'deleted' end,
       left(d.object_repr, 300)
from django_admin_log d join auth_user u on u.id = d.user_id
     left join django_content_type k on k.id = d.content_type_id
"""


class Migration(migrations.Migration):
    dependencies = [
        ("interventions", "0007_chat"),
        ("admin", "0003_logentry_add_action_flag_choices"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunSQL(VIEW, "drop view interventions_audit_record"),
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('theme', models.CharField(choices=[('suggestion', 'Suggestion'), ('agent', 'Agent'), ('learning', 'Learning'), ('admin', 'Administration')], max_length=10, verbose_name='theme')),
                ('intervention_id', models.BigIntegerField(null=True)),
                ('by', models.CharField(choices=[('person', 'A person'), ('agent', 'The agent'), ('clock', 'The clock')], max_length=6, verbose_name='who acted')),
                ('who', models.CharField(max_length=150, verbose_name='who')),
                ('subject', models.CharField(max_length=100, verbose_name='what')),
                ('before', models.CharField(max_length=12)),
                ('after', models.CharField(max_length=12)),
                ('detail', models.CharField(max_length=300, verbose_name='detail')),
            ],
            options={
                'verbose_name': 'audit record',
                'verbose_name_plural': 'audit log',
                'db_table': 'interventions_audit_record',
                'managed': False,
            },
        ),
    ]

"""Every table, and what models cannot say: a hypertable, the view of the audit log, the library."""

import django.core.validators
import django.db.models.deletion
import interventions.kinds.registry
from django.conf import settings
from django.db import migrations, models
from django.utils import timezone

from engagement.models.timescale import CreateHypertable
from interventions.agent.writing.template_library.template_selection import load_library

# One view over every log of who did what, for the admin.
AUDIT = """
create view interventions_audit_record as
select 'step-' || t.intervention_id || '-' || t.version as key, t.time, 'suggestion' as theme,
       i.session_id, t.intervention_id, t.by, t.who, i.kind as subject, t.before, t.after,
       left(t.why || case when jsonb_typeof(t.params -> 'warnings') = 'array'
                           and t.params -> 'warnings' <> '[]'::jsonb
            then ' (' || (select string_agg(code, ', ')
                          from jsonb_array_elements_text(t.params -> 'warnings') as code) || ')'
            else '' end, 300) as detail
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
union all
select 'act-' || a.id, a.at, 'access', a.session_id, null::bigint, 'person', a.who, a.kind, '', '', a.detail
from engagement_act a
"""


def add_library(apps, schema_editor):
    load_library(timezone.now(), apps.get_model("interventions", "Template"))


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('interventions', '0001_initial'),
        ('interventions', '0002_writing'),
        ('interventions', '0003_agent'),
        ('interventions', '0004_transitions'),
        ('interventions', '0005_agent_changes'),
        ('interventions', '0006_phones'),
        ('interventions', '0007_chat'),
        ('interventions', '0008_audit'),
        ('interventions', '0009_names'),
        ('interventions', '0010_held_questions'),
        ('interventions', '0011_audit_warnings'),
        ('interventions', '0012_first_message_checked'),
        ('interventions', '0013_phone_login'),
        ('interventions', '0014_approved_as'),
        ('interventions', '0015_unread_lines'),
        ('interventions', '0016_room_lock'),
        ('interventions', '0017_audit_acts'),
        ('interventions', '0018_screens_of'),
        ('interventions', '0019_removals'),
        ('interventions', '0020_door_words'),
        ('interventions', '0021_unread_model_words'),
        ('interventions', '0022_kinds_declared'),
        ('interventions', '0023_refused_by'),
        ('interventions', '0024_one_outbox'),
    ]

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('engagement', '0001_schema'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='AuditRecord',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('theme', models.CharField(choices=[('suggestion', 'Suggestion'), ('agent', 'Agent'), ('learning', 'Learning'), ('admin', 'Administration'), ('access', 'People and access')], max_length=10, verbose_name='theme')),
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
        migrations.CreateModel(
            name='BudgetWindow',
            fields=[
                ('key', models.CharField(max_length=20, primary_key=True, serialize=False)),
                ('limit', models.BigIntegerField(verbose_name='limit')),
                ('spent', models.BigIntegerField(default=0, verbose_name='spent')),
                ('held', models.BigIntegerField(default=0, verbose_name='held')),
                ('alarmed_at', models.DateTimeField(blank=True, null=True, verbose_name='alarm at')),
            ],
            options={
                'verbose_name': 'budget window',
                'verbose_name_plural': 'budget windows',
            },
        ),
        migrations.CreateModel(
            name='ChatOffset',
            fields=[
                ('shard', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.CharField(default='0-0', max_length=40)),
            ],
            options={
                'verbose_name': 'chat offset',
                'verbose_name_plural': 'chat offsets',
            },
        ),
        migrations.CreateModel(
            name='Intervention',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('asked_by', models.CharField(choices=[('anomaly', 'An alarm'), ('organizer', 'The organizer'), ('api', 'An integration')], default='anomaly', max_length=10, verbose_name='asked for by')),
                ('request_key', models.CharField(blank=True, editable=False, max_length=80)),
                ('status', models.CharField(choices=[('perceived', 'Noticed'), ('held_back', 'Held back by a limit'), ('assessed', 'May act'), ('left_alone', 'Left alone'), ('selected', 'Being written'), ('drafted', 'Written'), ('waiting', 'Waits for a person'), ('countdown', 'About to be sent'), ('dismissed', 'Dismissed'), ('expired', 'Expired'), ('stopped', 'Stopped'), ('approved', 'Approved'), ('held_out', 'Held back to measure'), ('sending', 'Being sent'), ('delivered', 'Sent, being measured'), ('failed', 'Failed'), ('learned', 'Measured'), ('not_measured', 'Not measured')], default='perceived', max_length=12, verbose_name='status')),
                ('version', models.PositiveIntegerField(default=0, editable=False)),
                ('kind', models.CharField(blank=True, choices=interventions.kinds.registry.choices, max_length=20, verbose_name='kind')),
                ('mode', models.CharField(choices=[('manual', 'Manual'), ('semi_auto', 'Semi-auto'), ('auto', 'Auto')], default='manual', max_length=10, verbose_name='mode')),
                ('decision', models.JSONField(blank=True, default=dict, verbose_name='decision')),
                ('refused_by', models.JSONField(blank=True, default=list, verbose_name='refused by')),
                ('gate', models.JSONField(blank=True, default=dict, verbose_name='gate')),
                ('content', models.JSONField(blank=True, null=True, verbose_name='content')),
                ('original', models.JSONField(blank=True, null=True, verbose_name='as written')),
                ('author', models.CharField(blank=True, max_length=80, verbose_name='author')),
                ('author_reason', models.CharField(blank=True, max_length=60)),
                ('writing_ms', models.PositiveIntegerField(blank=True, null=True)),
                ('variant', models.CharField(blank=True, max_length=40)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('moved_at', models.DateTimeField(verbose_name='since')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('acts_at', models.DateTimeField(blank=True, null=True, verbose_name='acts at')),
                ('extensions', models.PositiveSmallIntegerField(default=0)),
                ('acted_at', models.DateTimeField(blank=True, null=True, verbose_name='acted at')),
                ('due_at', models.DateTimeField(blank=True, null=True, verbose_name='outcome due at')),
                ('closes_at', models.DateTimeField(blank=True, null=True, verbose_name='closes at')),
                ('closed_at', models.DateTimeField(blank=True, null=True, verbose_name='closed at')),
                ('lease_by', models.CharField(blank=True, editable=False, max_length=40)),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('tries', models.PositiveSmallIntegerField(default=0, editable=False)),
                ('editing_until', models.DateTimeField(blank=True, null=True)),
                ('seconds_left', models.FloatField(blank=True, null=True)),
                ('approved_as', models.CharField(blank=True, max_length=150, verbose_name='approved by')),
                ('approved_at', models.DateTimeField(blank=True, null=True, verbose_name='approved at')),
                ('dismiss_reason', models.CharField(blank=True, max_length=20, verbose_name='reason')),
                ('anomaly', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='interventions', to='engagement.anomaly')),
                ('approved_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('editor', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'intervention',
                'verbose_name_plural': 'interventions',
                'ordering': ('-created_at', '-pk'),
            },
        ),
        migrations.CreateModel(
            name='ModelRest',
            fields=[
                ('model', models.CharField(max_length=80, primary_key=True, serialize=False)),
                ('until', models.DateTimeField()),
                ('outcome', models.CharField(max_length=60)),
            ],
            options={
                'verbose_name': 'resting model',
                'verbose_name_plural': 'resting models',
            },
        ),
        migrations.CreateModel(
            name='AgentSettings',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='agent_settings', serialize=False, to='engagement.session')),
                ('line', models.FloatField(default=0.75, validators=[django.core.validators.MinValueValidator(0.5), django.core.validators.MaxValueValidator(0.99)], verbose_name='line')),
                ('kind_modes', models.JSONField(blank=True, default=dict, verbose_name='mode per kind')),
                ('forbidden', models.JSONField(blank=True, default=list, verbose_name='switched off')),
                ('limits', models.JSONField(blank=True, default=dict, verbose_name='limits')),
                ('expiry_seconds', models.PositiveIntegerField(default=90, validators=[django.core.validators.MinValueValidator(30), django.core.validators.MaxValueValidator(3600)], verbose_name='expires after')),
                ('countdown_seconds', models.PositiveIntegerField(default=10, validators=[django.core.validators.MinValueValidator(5), django.core.validators.MaxValueValidator(120)], verbose_name='countdown')),
                ('is_measured', models.BooleanField(default=True, verbose_name='hold some back to measure')),
                ('stopped_at', models.DateTimeField(blank=True, null=True, verbose_name='stopped at')),
                ('may_ask_model', models.BooleanField(default=True, verbose_name='models may write')),
                ('sends_model_words', models.BooleanField(default=False, verbose_name='texts that a model writes are sent unread')),
                ('stopped_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'agent settings',
                'verbose_name_plural': 'agent settings',
            },
        ),
        migrations.CreateModel(
            name='Experiment',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, verbose_name='name')),
                ('subject', models.CharField(choices=[('templates', 'Wordings'), ('rule', 'A rule')], max_length=10, verbose_name='compares')),
                ('kind', models.CharField(blank=True, choices=interventions.kinds.registry.choices_of_acts, max_length=20, verbose_name='kind')),
                ('variants', models.JSONField(default=list, verbose_name='variants')),
                ('salt', models.CharField(editable=False, max_length=32)),
                ('status', models.CharField(choices=[('draft', 'Draft'), ('running', 'Running'), ('stopped', 'Stopped'), ('archived', 'Archived')], default='draft', max_length=8, verbose_name='status')),
                ('winner', models.CharField(blank=True, max_length=40, verbose_name='winner')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('started_at', models.DateTimeField(blank=True, null=True, verbose_name='started at')),
                ('stopped_at', models.DateTimeField(blank=True, null=True, verbose_name='stopped at')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='experiments', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'experiment',
                'verbose_name_plural': 'experiments',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Outcome',
            fields=[
                ('intervention', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='outcome', serialize=False, to='interventions.intervention')),
                ('before', models.FloatField(blank=True, null=True)),
                ('at_decision', models.FloatField(blank=True, null=True)),
                ('value', models.FloatField(blank=True, null=True, verbose_name='value')),
                ('change', models.FloatField(blank=True, null=True, verbose_name='change')),
                ('expected', models.FloatField(verbose_name='expected change')),
                ('covered', models.FloatField(default=0.0)),
                ('people', models.PositiveIntegerField(default=0)),
                ('noise', models.FloatField(default=0.0)),
                ('verdict', models.CharField(max_length=20, verbose_name='verdict')),
                ('missing', models.CharField(blank=True, max_length=20)),
                ('is_trial', models.BooleanField(default=False)),
                ('chance', models.FloatField(blank=True, null=True)),
                ('was_sent', models.BooleanField(default=False)),
                ('is_learned', models.BooleanField(default=False)),
                ('measured_at', models.DateTimeField(verbose_name='measured at')),
            ],
            options={
                'verbose_name': 'outcome',
                'verbose_name_plural': 'outcomes',
            },
        ),
        migrations.AddField(
            model_name='intervention',
            name='experiment',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='interventions', to='interventions.experiment'),
        ),
        migrations.AddField(
            model_name='intervention',
            name='requester',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='intervention',
            name='session',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='interventions', to='engagement.session'),
        ),
        migrations.CreateModel(
            name='LlmCall',
            fields=[
                ('pk', models.CompositePrimaryKey('time', 'call', blank=True, editable=False, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('call', models.UUIDField(verbose_name='call')),
                ('session_id', models.BigIntegerField(default=0, verbose_name='session')),
                ('kind', models.CharField(max_length=20, verbose_name='kind')),
                ('model', models.CharField(max_length=80, verbose_name='model')),
                ('outcome', models.CharField(max_length=60, verbose_name='outcome')),
                ('prompt_version', models.CharField(max_length=20)),
                ('input_tokens', models.IntegerField(default=0)),
                ('write_5m_tokens', models.IntegerField(default=0)),
                ('write_1h_tokens', models.IntegerField(default=0)),
                ('read_tokens', models.IntegerField(default=0)),
                ('output_tokens', models.IntegerField(default=0)),
                ('cost', models.BigIntegerField(verbose_name='cost')),
                ('input_cost', models.BigIntegerField(default=0)),
                ('uncached_input_cost', models.BigIntegerField(default=0)),
                ('is_assumed', models.BooleanField(default=False, verbose_name='assumed')),
                ('latency_ms', models.IntegerField(verbose_name='latency')),
                ('request_id', models.CharField(blank=True, max_length=80)),
            ],
            options={
                'verbose_name': 'model call',
                'verbose_name_plural': 'model calls',
                'indexes': [models.Index(fields=['session_id', '-time'], name='call_by_session')],
                'constraints': [models.CheckConstraint(condition=models.Q(('cost__gte', 0)), name='call_cost_not_negative')],
            },
        ),
        migrations.CreateModel(
            name='PushSubscription',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('endpoint', models.CharField(max_length=1000, unique=True, verbose_name='address')),
                ('p256dh', models.CharField(editable=False, max_length=120)),
                ('auth', models.CharField(editable=False, max_length=40)),
                ('session_key', models.CharField(blank=True, editable=False, max_length=40)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='push_subscriptions', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'phone',
                'verbose_name_plural': 'phones',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Question',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.BigIntegerField(editable=False)),
                ('seq', models.BigIntegerField(editable=False)),
                ('actor', models.BigIntegerField(editable=False)),
                ('text', models.CharField(max_length=300, verbose_name='question')),
                ('asked_at', models.DateTimeField(verbose_name='asked at')),
                ('status', models.CharField(choices=[('held', 'Waits for a moderator'), ('open', 'Open'), ('answered', 'Answered'), ('hidden', 'Hidden')], default='open', max_length=8, verbose_name='status')),
                ('answered_at', models.DateTimeField(blank=True, null=True, verbose_name='answered at')),
                ('why', models.CharField(blank=True, max_length=10, verbose_name='why')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='questions', to='engagement.session')),
            ],
            options={
                'verbose_name': 'question',
                'verbose_name_plural': 'questions',
                'ordering': ('asked_at',),
            },
        ),
        migrations.CreateModel(
            name='QuestionUpvote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.BigIntegerField()),
                ('at', models.DateTimeField()),
                ('question', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='upvotes', to='interventions.question')),
            ],
            options={
                'verbose_name': 'upvote',
                'verbose_name_plural': 'upvotes',
            },
        ),
        migrations.CreateModel(
            name='Template',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('key', models.CharField(blank=True, editable=False, max_length=80, verbose_name='key')),
                ('kind', models.CharField(choices=interventions.kinds.registry.choices_of_acts, max_length=20, verbose_name='kind')),
                ('style', models.CharField(blank=True, max_length=40, verbose_name='style')),
                ('language', models.CharField(choices=[('en', 'English'), ('de', 'Deutsch')], default='en', max_length=8, verbose_name='language')),
                ('text', models.CharField(max_length=200, verbose_name='text')),
                ('options', models.JSONField(blank=True, default=list, verbose_name='options')),
                ('correct', models.PositiveSmallIntegerField(blank=True, null=True, validators=[django.core.validators.MaxValueValidator(3)], verbose_name='right option')),
                ('seconds', models.PositiveIntegerField(blank=True, null=True, verbose_name='seconds open')),
                ('group', models.CharField(blank=True, db_index=True, max_length=80, verbose_name='variant group')),
                ('status', models.CharField(choices=[('draft', 'Waits for approval'), ('approved', 'Approved'), ('retired', 'Retired')], default='draft', max_length=8, verbose_name='status')),
                ('source', models.CharField(choices=[('library', 'Library'), ('staff', 'Staff'), ('model', 'Model')], default='staff', max_length=8, verbose_name='source')),
                ('author', models.CharField(blank=True, editable=False, max_length=80, verbose_name='author')),
                ('approved_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='approved at')),
                ('retired_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='retired at')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('times_sent', models.PositiveIntegerField(default=0, editable=False, verbose_name='sent')),
                ('times_measured', models.PositiveIntegerField(default=0, editable=False, verbose_name='measured')),
                ('lift_total', models.FloatField(default=0.0, editable=False, verbose_name='sum of lifts')),
                ('approved_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'template',
                'verbose_name_plural': 'templates',
                'ordering': ('kind', 'language', 'style', 'pk'),
            },
        ),
        migrations.AddField(
            model_name='intervention',
            name='template',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='interventions', to='interventions.template'),
        ),
        migrations.CreateModel(
            name='Transition',
            fields=[
                ('pk', models.CompositePrimaryKey('time', 'intervention', 'version', blank=True, editable=False, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('version', models.PositiveIntegerField()),
                ('before', models.CharField(blank=True, max_length=12)),
                ('after', models.CharField(max_length=12)),
                ('node', models.CharField(max_length=10)),
                ('by', models.CharField(max_length=6)),
                ('user_id', models.BigIntegerField(blank=True, null=True)),
                ('who', models.CharField(blank=True, max_length=150)),
                ('why', models.CharField(blank=True, max_length=60)),
                ('params', models.JSONField(blank=True, default=dict)),
                ('intervention', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='transitions', to='interventions.intervention')),
            ],
            options={
                'verbose_name': 'transition',
                'verbose_name_plural': 'transitions',
            },
        ),
        migrations.CreateModel(
            name='ViewToken',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('kind', models.CharField(choices=[('stage', 'Projector'), ('overlay', 'OBS overlay'), ('cue', 'Speaker')], max_length=8, verbose_name='screen')),
                ('name', models.CharField(blank=True, max_length=80, verbose_name='name')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('seen_at', models.DateTimeField(blank=True, null=True, verbose_name='last seen')),
                ('armed_at', models.DateTimeField(blank=True, null=True, verbose_name='sound armed at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('made_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='screens', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='view_tokens', to='engagement.session')),
            ],
            options={
                'verbose_name': 'screen',
                'verbose_name_plural': 'screens',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Webhook',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('url', models.URLField(max_length=500, verbose_name='address')),
                ('secret', models.CharField(editable=False, max_length=120)),
                ('old_secret', models.CharField(blank=True, editable=False, max_length=120)),
                ('event_types', models.JSONField(blank=True, default=list, verbose_name='events')),
                ('is_active', models.BooleanField(default=True, verbose_name='active')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('failing_since', models.DateTimeField(blank=True, null=True, verbose_name='failing since')),
                ('disabled_at', models.DateTimeField(blank=True, null=True, verbose_name='disabled at')),
                ('disabled_why', models.CharField(blank=True, max_length=60, verbose_name='why')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='webhooks', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'webhook',
                'verbose_name_plural': 'webhooks',
                'ordering': ('pk',),
            },
        ),
        migrations.CreateModel(
            name='WebhookMessage',
            fields=[
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='pending', max_length=7, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('event_type', models.CharField(max_length=60, verbose_name='event')),
                ('body', models.TextField()),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('intervention', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='webhook_messages', to='interventions.intervention')),
                ('webhook', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='interventions.webhook')),
            ],
            options={
                'verbose_name': 'webhook message',
                'verbose_name_plural': 'webhook messages',
                'ordering': ('-created_at',),
                'abstract': False,
            },
        ),
        migrations.CreateModel(
            name='AgentChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('what', models.CharField(choices=[('mode', 'Mode'), ('stop', 'Stop'), ('resume', 'Go on'), ('lock', 'Room locked'), ('unlock', 'Room open again'), ('remove', 'Person removed'), ('return', 'Person let in again'), ('word', 'Words asked for'), ('noword', 'No words asked for'), ('unread', 'Texts of a model are sent unread'), ('read', 'Texts of a model are read first')], max_length=6, verbose_name='what')),
                ('mode', models.CharField(blank=True, max_length=10, verbose_name='mode')),
                ('who', models.CharField(blank=True, max_length=150, verbose_name='who')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='agent_changes', to='engagement.session')),
                ('user', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'change of the agent',
                'verbose_name_plural': 'changes of the agent',
                'ordering': ('-at',),
                'indexes': [models.Index(fields=['session', '-at'], name='agent_change_by_session')],
            },
        ),
        migrations.CreateModel(
            name='ArmChange',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('what', models.CharField(choices=[('reset', 'Reset'), ('import', 'Import')], max_length=8, verbose_name='what')),
                ('reason', models.CharField(max_length=300, verbose_name='reason')),
                ('at', models.DateTimeField(verbose_name='at')),
                ('policy_before', models.TextField(blank=True)),
                ('by', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='arm_changes', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'change of learning',
                'verbose_name_plural': 'changes of learning',
                'ordering': ('-at',),
                'constraints': [models.CheckConstraint(condition=models.Q(('reason', ''), _negated=True), name='arm_change_has_reason')],
            },
        ),
        migrations.CreateModel(
            name='ArmSample',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_demo', models.BooleanField(default=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('standings', models.JSONField(default=dict)),
                ('holdouts', models.PositiveIntegerField(default=0)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='+', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'standing',
                'verbose_name_plural': 'standings',
                'ordering': ('-time',),
                'indexes': [models.Index(fields=['organisation', '-time'], name='standing_by_organisation')],
            },
        ),
        migrations.CreateModel(
            name='ArmState',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('is_demo', models.BooleanField(default=False, verbose_name='demo')),
                ('policy', models.TextField()),
                ('session_id', models.BigIntegerField(blank=True, null=True)),
                ('updated_at', models.DateTimeField(verbose_name='updated at')),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='arm_states', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'learning',
                'verbose_name_plural': 'learning',
                'constraints': [models.UniqueConstraint(fields=('organisation', 'is_demo'), name='one_policy_per_organisation')],
            },
        ),
        migrations.CreateModel(
            name='BudgetAlert',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='pending', max_length=7, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('way', models.CharField(choices=[('mail', 'By mail'), ('post', 'By webhook')], max_length=4, verbose_name='way')),
                ('window', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='alerts', to='interventions.budgetwindow')),
            ],
            options={
                'verbose_name': 'budget alert',
                'verbose_name_plural': 'budget alerts',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['next_at'], name='budgetalert_due')],
                'constraints': [models.UniqueConstraint(fields=('window', 'way'), name='alert_once_in_each_way')],
            },
        ),
        migrations.CreateModel(
            name='ChatBlock',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.BigIntegerField(editable=False)),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='name')),
                ('blocked_at', models.DateTimeField(verbose_name='blocked at')),
                ('blocked_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chat_blocks', to='engagement.session')),
            ],
            options={
                'verbose_name': 'blocked person',
                'verbose_name_plural': 'blocked people',
                'constraints': [models.UniqueConstraint(fields=('session', 'actor'), name='chat_block_once')],
            },
        ),
        migrations.CreateModel(
            name='ChatLine',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('source', models.BigIntegerField(editable=False)),
                ('seq', models.BigIntegerField(editable=False)),
                ('actor', models.BigIntegerField(editable=False)),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='name')),
                ('text', models.CharField(max_length=500, verbose_name='text')),
                ('said_at', models.DateTimeField(verbose_name='said at')),
                ('state', models.CharField(choices=[('shown', 'Shown'), ('waiting', 'Waits'), ('hidden', 'Hidden')], max_length=7, verbose_name='state')),
                ('why', models.CharField(blank=True, max_length=10, verbose_name='why')),
                ('shown_at', models.DateTimeField(blank=True, null=True, verbose_name='shown at')),
                ('decided_at', models.DateTimeField(blank=True, null=True, verbose_name='decided at')),
                ('is_news', models.BooleanField(default=True, editable=False)),
                ('decided_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='chat_lines', to='engagement.session')),
            ],
            options={
                'verbose_name': 'chat message',
                'verbose_name_plural': 'chat messages',
                'ordering': ('pk',),
                'indexes': [models.Index(fields=['session', 'state', '-shown_at'], name='chat_line_by_state'), models.Index(fields=['session', 'actor'], name='chat_line_by_actor'), models.Index(fields=['said_at'], name='chat_line_by_age'), models.Index(condition=models.Q(('is_news', True)), fields=['session'], name='chat_line_news'), models.Index(condition=models.Q(('state', 'waiting'), ('why', 'unread')), fields=['session', 'actor'], name='chat_line_unread')],
                'constraints': [models.UniqueConstraint(fields=('session', 'source', 'seq'), name='chat_line_once_per_signal')],
            },
        ),
        migrations.CreateModel(
            name='ChatSettings',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('mode', models.CharField(blank=True, choices=[('closed', 'Nobody else sees it'), ('open', 'Shown at once'), ('first', 'The first message of each person is checked'), ('all', 'Every message is checked')], default='first', max_length=6, verbose_name='chat')),
                ('with_platforms', models.BooleanField(default=False, verbose_name='with messages of platforms')),
                ('open_since', models.DateTimeField(blank=True, null=True, verbose_name='shown since')),
                ('event', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='chat_settings', to='engagement.event')),
                ('session', models.OneToOneField(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='chat_settings', to='engagement.session')),
            ],
            options={
                'verbose_name': 'chat settings',
                'verbose_name_plural': 'chat settings',
                'constraints': [models.CheckConstraint(condition=models.Q(('event', None), ('session', None), _connector='XOR'), name='chat_settings_of_one_thing')],
            },
        ),
        migrations.CreateModel(
            name='Delivery',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='pending', max_length=7, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('target', models.CharField(max_length=80, verbose_name='target')),
                ('reached', models.PositiveIntegerField(blank=True, null=True, verbose_name='reached')),
                ('error_detail', models.CharField(blank=True, max_length=300)),
                ('intervention', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='deliveries', to='interventions.intervention')),
            ],
            options={
                'verbose_name': 'delivery',
                'verbose_name_plural': 'deliveries',
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['next_at'], name='delivery_due')],
                'constraints': [models.UniqueConstraint(fields=('intervention', 'target'), name='delivery_once_per_target')],
            },
        ),
        migrations.CreateModel(
            name='PollVote',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.BigIntegerField()),
                ('option', models.PositiveSmallIntegerField(verbose_name='option')),
                ('voted_at', models.DateTimeField(verbose_name='voted at')),
                ('changed_at', models.DateTimeField(blank=True, null=True, verbose_name='changed at')),
                ('intervention', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='votes', to='interventions.intervention')),
            ],
            options={
                'verbose_name': 'vote',
                'verbose_name_plural': 'votes',
                'constraints': [models.UniqueConstraint(fields=('intervention', 'actor'), name='one_vote_per_person'), models.CheckConstraint(condition=models.Q(('option__lt', 10)), name='vote_option_small')],
            },
        ),
        migrations.CreateModel(
            name='PushMessage',
            fields=[
                ('status', models.CharField(choices=[('pending', 'Waiting'), ('sent', 'Sent'), ('failed', 'Failed')], default='pending', max_length=7, verbose_name='status')),
                ('tries', models.PositiveSmallIntegerField(default=0, verbose_name='tries')),
                ('next_at', models.DateTimeField(blank=True, null=True, verbose_name='next try')),
                ('lease_until', models.DateTimeField(blank=True, editable=False, null=True)),
                ('sent_at', models.DateTimeField(blank=True, null=True, verbose_name='sent at')),
                ('error', models.CharField(blank=True, max_length=200, verbose_name='error')),
                ('id', models.UUIDField(primary_key=True, serialize=False)),
                ('version', models.PositiveIntegerField(default=0)),
                ('kind', models.CharField(choices=[('ask', 'Suggestion'), ('over', 'Over'), ('hello', 'Try')], max_length=5, verbose_name='kind')),
                ('expires_at', models.DateTimeField(verbose_name='expires at')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('used_at', models.DateTimeField(blank=True, null=True, verbose_name='used at')),
                ('intervention', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='push_messages', to='interventions.intervention')),
                ('subscription', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='messages', to='interventions.pushsubscription')),
            ],
            options={
                'verbose_name': 'notification',
                'verbose_name_plural': 'notifications',
                'ordering': ('-created_at',),
                'abstract': False,
                'indexes': [models.Index(condition=models.Q(('status', 'pending')), fields=['next_at'], name='pushmessage_due')],
                'constraints': [models.UniqueConstraint(condition=models.Q(('intervention__isnull', False)), fields=('subscription', 'intervention', 'kind'), name='push_once_per_suggestion')],
            },
        ),
        migrations.AddConstraint(
            model_name='question',
            constraint=models.UniqueConstraint(fields=('session', 'source', 'seq'), name='question_once_per_signal'),
        ),
        migrations.AddConstraint(
            model_name='questionupvote',
            constraint=models.UniqueConstraint(fields=('question', 'actor'), name='one_upvote_per_person'),
        ),
        migrations.AddIndex(
            model_name='template',
            index=models.Index(fields=['kind', 'language', 'status'], name='template_choice'),
        ),
        migrations.AddConstraint(
            model_name='template',
            constraint=models.UniqueConstraint(condition=models.Q(('key', ''), _negated=True), fields=('key', 'language'), name='template_key_once'),
        ),
        migrations.AddConstraint(
            model_name='template',
            constraint=models.UniqueConstraint(fields=('kind', 'language', 'text'), name='template_wording_once'),
        ),
        migrations.AddConstraint(
            model_name='template',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'approved'), _negated=True), ('approved_at__isnull', False), _connector='OR'), name='template_approved_at_when_approved'),
        ),
        migrations.AddIndex(
            model_name='intervention',
            index=models.Index(fields=['session', '-created_at'], name='intervention_by_session'),
        ),
        migrations.AddIndex(
            model_name='intervention',
            index=models.Index(fields=['status', 'moved_at'], name='intervention_by_status'),
        ),
        migrations.AddIndex(
            model_name='intervention',
            index=models.Index(condition=models.Q(('closed_at', None), ('closes_at__isnull', False)), fields=['closes_at'], name='intervention_open'),
        ),
        migrations.AddConstraint(
            model_name='intervention',
            constraint=models.UniqueConstraint(condition=models.Q(('anomaly__isnull', False)), fields=('anomaly',), name='intervention_once_per_anomaly'),
        ),
        migrations.AddConstraint(
            model_name='intervention',
            constraint=models.UniqueConstraint(condition=models.Q(('request_key', ''), _negated=True), fields=('session', 'request_key'), name='intervention_once_per_request'),
        ),
        migrations.AddConstraint(
            model_name='intervention',
            constraint=models.UniqueConstraint(condition=models.Q(('status__in', ['assessed', 'selected', 'drafted', 'waiting', 'countdown', 'approved', 'sending'])), fields=('session',), name='intervention_one_at_a_time'),
        ),
        migrations.AddConstraint(
            model_name='intervention',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['perceived', 'held_back', 'assessed', 'left_alone', 'selected', 'drafted', 'waiting', 'countdown', 'dismissed', 'expired', 'stopped', 'approved', 'held_out', 'sending', 'delivered', 'failed', 'learned', 'not_measured'])), name='intervention_status_known'),
        ),
        migrations.AddConstraint(
            model_name='intervention',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status__in', ['drafted', 'waiting', 'countdown', 'approved', 'sending', 'delivered']), _negated=True), ('content__isnull', False), _connector='OR'), name='intervention_words_before_asking'),
        ),
        migrations.AddIndex(
            model_name='transition',
            index=models.Index(fields=['intervention', 'version'], name='transition_of_intervention'),
        ),
        migrations.AddIndex(
            model_name='webhookmessage',
            index=models.Index(condition=models.Q(('status', 'pending')), fields=['next_at'], name='webhookmessage_due'),
        ),
        CreateHypertable(
            "LlmCall",
            time_column="time",
            chunk="7 days",
            segment_by="model",
            order_by="time DESC",
            compress_after="14 days",
            drop_after="730 days",
        ),
        migrations.RunSQL(AUDIT, 'drop view interventions_audit_record'),
        migrations.RunPython(add_library, migrations.RunPython.noop),
    ]

"""Every table, and what models cannot say: hypertables, views for the admin, owners of sessions."""

import django.core.validators
import django.db.models.deletion
import engagement.models.organisations
import engagement.models.sessions
import engagement.models.word_list
from django.conf import settings
from django.db import migrations, models

from engagement.models.timescale import CreateHypertable, EnableTimescale

# The admin wants a key of one column.
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
# External ids are unique within an organisation: a session carries that of its event.
OWNER = """
create function engagement_session_owner() returns trigger language plpgsql as $$
begin
    new.organisation_id := (select organisation_id from engagement_event where id = new.event_id);
    return new;
end $$;
create trigger engagement_session_owner before insert or update of event_id, organisation_id
    on engagement_session for each row execute function engagement_session_owner();
create function engagement_event_owner() returns trigger language plpgsql as $$
begin
    update engagement_session set organisation_id = new.organisation_id where event_id = new.id;
    return null;
end $$;
create trigger engagement_event_owner after update of organisation_id
    on engagement_event for each row execute function engagement_event_owner();
"""
NO_OWNER = """
drop trigger engagement_event_owner on engagement_event;
drop function engagement_event_owner();
drop trigger engagement_session_owner on engagement_session;
drop function engagement_session_owner();
"""


def add_default_profile(apps, schema_editor):
    # Empty parameters are the defaults of the code; staff add versions beside it.
    apps.get_model("engagement", "ScoringProfile").objects.get_or_create(
        version=1, defaults={"name": "Standard", "is_default": True}
    )


class Migration(migrations.Migration):

    initial = True

    replaces = [
        ('engagement', '0001_initial'),
        ('engagement', '0002_timescale'),
        ('engagement', '0003_records'),
        ('engagement', '0004_detector_profile'),
        ('engagement', '0006_api_key_scopes'),
        ('engagement', '0007_detector_scopes'),
        ('engagement', '0008_anomaly_indexes'),
        ('engagement', '0009_sites_and_streams'),
        ('engagement', '0010_demos'),
        ('engagement', '0011_sources'),
        ('engagement', '0012_key_expiry'),
        ('engagement', '0013_stuck_rows'),
        ('engagement', '0014_directions'),
        ('engagement', '0015_room_lock'),
        ('engagement', '0016_external_ids'),
        ('engagement', '0017_acts'),
        ('engagement', '0018_model_reads'),
        ('engagement', '0019_devices'),
        ('engagement', '0020_blocked_words'),
        ('engagement', '0021_removals'),
        ('engagement', '0022_door_words'),
        ('engagement', '0023_scripted'),
        ('engagement', '0024_refused_sign_ins'),
    ]

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name='MetricRecord',
            fields=[
                ('key', models.CharField(max_length=60, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('tick', models.BigIntegerField(verbose_name='tick')),
                ('present', models.IntegerField(verbose_name='present')),
                ('joins', models.IntegerField(verbose_name='joins')),
                ('leaves', models.IntegerField(verbose_name='leaves')),
                ('chat', models.IntegerField(verbose_name='chat')),
                ('reactions', models.IntegerField(verbose_name='reactions')),
                ('votes', models.IntegerField(verbose_name='votes')),
                ('questions', models.IntegerField(verbose_name='questions')),
                ('score', models.FloatField(null=True, verbose_name='score')),
                ('low', models.FloatField(null=True, verbose_name='band from')),
                ('high', models.FloatField(null=True, verbose_name='band to')),
                ('state', models.CharField(max_length=12, verbose_name='state')),
                ('alarm', models.FloatField(verbose_name='alarm')),
                ('shadow', models.FloatField(null=True, verbose_name='second detector')),
                ('profile_version', models.IntegerField(verbose_name='profile version')),
            ],
            options={
                'verbose_name': 'metric',
                'verbose_name_plural': 'metrics',
                'db_table': 'engagement_metric_record',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='SignalRecord',
            fields=[
                ('key', models.CharField(max_length=100, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('occurred_at', models.DateTimeField(verbose_name='occurred at')),
                ('tick', models.BigIntegerField(verbose_name='tick')),
                ('kind', models.SmallIntegerField(choices=[(1, 'chat'), (2, 'reaction'), (3, 'vote'), (4, 'question'), (5, 'upvote'), (6, 'join'), (7, 'leave'), (8, 'count'), (9, 'pulse'), (10, 'stream'), (11, 'heartbeat'), (12, 'poll_open'), (13, 'poll_close')], verbose_name='kind')),
                ('text', models.CharField(max_length=500, verbose_name='text')),
                ('number', models.BigIntegerField(verbose_name='number')),
                ('late', models.BooleanField(verbose_name='late')),
            ],
            options={
                'verbose_name': 'signal',
                'verbose_name_plural': 'signals',
                'db_table': 'engagement_signal_record',
                'managed': False,
            },
        ),
        migrations.CreateModel(
            name='Event',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, validators=[engagement.models.organisations.check_direction], verbose_name='title')),
                ('language', models.CharField(choices=[('en', 'English'), ('de', 'Deutsch')], default='en', max_length=8, verbose_name='language')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[engagement.models.sessions.check_time_zone], verbose_name='time zone')),
                ('allowed_origins', models.JSONField(blank=True, default=list, validators=[engagement.models.sessions.check_origins], verbose_name='sites that may embed it')),
                ('blocked_words', models.JSONField(blank=True, default=list, validators=[engagement.models.word_list.check_words], verbose_name='list of words')),
                ('model_reads_since', models.DateTimeField(blank=True, null=True, verbose_name='a language model reads what the audience writes since')),
                ('salt', models.BinaryField(default=engagement.models.sessions.make_salt)),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'event',
                'verbose_name_plural': 'events',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Organisation',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=120, validators=[engagement.models.organisations.check_direction], verbose_name='name')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'organisation',
                'verbose_name_plural': 'organisations',
                'ordering': ('name',),
            },
        ),
        migrations.CreateModel(
            name='StreamOffset',
            fields=[
                ('shard', models.PositiveIntegerField(primary_key=True, serialize=False)),
                ('entry_id', models.CharField(default='0-0', max_length=40)),
                ('tick', models.BigIntegerField(default=0)),
                ('open_tick', models.BigIntegerField(default=0)),
                ('updated_at', models.DateTimeField(auto_now=True)),
            ],
            options={
                'verbose_name': 'stream offset',
                'verbose_name_plural': 'stream offsets',
            },
        ),
        migrations.CreateModel(
            name='Device',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('session_key', models.CharField(editable=False, max_length=40, unique=True)),
                ('what', models.CharField(max_length=60, verbose_name='browser')),
                ('signed_in_at', models.DateTimeField(verbose_name='signed in at')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='devices', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'device',
                'verbose_name_plural': 'devices',
                'ordering': ('-signed_in_at',),
            },
        ),
        migrations.CreateModel(
            name='Session',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('title', models.CharField(max_length=120, validators=[engagement.models.organisations.check_direction], verbose_name='title')),
                ('room', models.CharField(blank=True, max_length=80, validators=[engagement.models.organisations.check_direction], verbose_name='room')),
                ('brief', models.TextField(blank=True, max_length=4000, validators=[engagement.models.organisations.check_direction], verbose_name='brief')),
                ('language', models.CharField(choices=[('en', 'English'), ('de', 'Deutsch')], default='en', max_length=8, verbose_name='language')),
                ('time_zone', models.CharField(default='UTC', max_length=64, validators=[engagement.models.sessions.check_time_zone], verbose_name='time zone')),
                ('agenda', models.JSONField(blank=True, default=list, validators=[engagement.models.sessions.check_phases], verbose_name='agenda')),
                ('expected_size', models.PositiveIntegerField(default=50, validators=[django.core.validators.MinValueValidator(1), django.core.validators.MaxValueValidator(100000)], verbose_name='expected people')),
                ('starts_at', models.DateTimeField(blank=True, null=True, verbose_name='starts at')),
                ('stream_url', models.CharField(blank=True, max_length=500, validators=[engagement.models.sessions.check_stream], verbose_name='stream')),
                ('status', models.CharField(choices=[('planned', 'Planned'), ('live', 'Live'), ('ended', 'Ended')], default='planned', max_length=8, verbose_name='status')),
                ('started_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='started at')),
                ('ended_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='ended at')),
                ('code', models.CharField(default=engagement.models.sessions.make_code, editable=False, max_length=8, unique=True, verbose_name='join code')),
                ('external_id', models.CharField(blank=True, max_length=120, null=True, verbose_name='external id')),
                ('agent_mode', models.CharField(choices=[('manual', 'Manual'), ('semi_auto', 'Semi-auto'), ('auto', 'Auto')], default='manual', max_length=10, verbose_name='agent')),
                ('locked_at', models.DateTimeField(blank=True, editable=False, null=True, verbose_name='locked at')),
                ('door_secret', models.BinaryField(blank=True, null=True)),
                ('is_demo', models.BooleanField(default=False, verbose_name='demo')),
                ('is_sandboxed', models.BooleanField(default=False, editable=False, verbose_name='sandboxed')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sessions', to='engagement.event')),
                ('organisation', models.ForeignKey(editable=False, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'session',
                'verbose_name_plural': 'sessions',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Membership',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('role', models.CharField(choices=[('owner', 'Owner'), ('organizer', 'Organizer'), ('viewer', 'Viewer')], max_length=12, verbose_name='role')),
                ('user', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'membership',
                'verbose_name_plural': 'memberships',
            },
        ),
        migrations.AddField(
            model_name='organisation',
            name='members',
            field=models.ManyToManyField(through='engagement.Membership', to=settings.AUTH_USER_MODEL),
        ),
        migrations.AddField(
            model_name='membership',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='memberships', to='engagement.organisation'),
        ),
        migrations.AddField(
            model_name='event',
            name='organisation',
            field=models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='events', to='engagement.organisation'),
        ),
        migrations.CreateModel(
            name='DetectorProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('parameters', models.JSONField(default=dict, verbose_name='parameters')),
                ('report', models.JSONField(default=dict, verbose_name='report')),
                ('event_type', models.CharField(blank=True, default='', max_length=60, verbose_name='type of event')),
                ('is_active', models.BooleanField(default=False, verbose_name='active')),
                ('created_at', models.DateTimeField(verbose_name='created at')),
                ('undone_at', models.DateTimeField(blank=True, null=True, verbose_name='undone at')),
                ('previous', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.RESTRICT, related_name='+', to='engagement.detectorprofile', verbose_name='previous')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.CASCADE, related_name='detector_profiles', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'detector profile',
                'verbose_name_plural': 'detector profiles',
                'ordering': ('-version',),
            },
        ),
        migrations.CreateModel(
            name='ApiKey',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=80, verbose_name='name')),
                ('prefix', models.CharField(max_length=12, verbose_name='starts with')),
                ('digest', models.CharField(editable=False, max_length=64, unique=True)),
                ('can_write_signals', models.BooleanField(default=True, verbose_name='may send signals')),
                ('can_read', models.BooleanField(default=True, verbose_name='may read')),
                ('can_act', models.BooleanField(default=False, verbose_name='may act')),
                ('can_edit_library', models.BooleanField(default=False, verbose_name='may change wordings')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
                ('last_used_at', models.DateTimeField(blank=True, null=True, verbose_name='last used at')),
                ('expires_at', models.DateTimeField(blank=True, null=True, verbose_name='expires at')),
                ('revoked_at', models.DateTimeField(blank=True, null=True, verbose_name='revoked at')),
                ('made_by', models.ForeignKey(blank=True, editable=False, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='api_keys', to=settings.AUTH_USER_MODEL)),
                ('organisation', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='api_keys', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'API key',
                'verbose_name_plural': 'API keys',
                'ordering': ('-created_at',),
            },
        ),
        migrations.CreateModel(
            name='Act',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True, verbose_name='time')),
                ('kind', models.CharField(choices=[('signed_in', 'signed in'), ('refused', 'was refused at signing in'), ('signed_out', 'signed out'), ('exported', 'took a file away'), ('key_made', 'made an API key'), ('key_revoked', 'revoked an API key'), ('hook_made', 'made a webhook'), ('hook_changed', 'changed a webhook'), ('hook_removed', 'removed a webhook'), ('settings', 'changed settings'), ('erased', "erased a person's data"), ('started', 'started the session'), ('ended', 'ended the session'), ('device_ended', 'ended a device of their own')], max_length=12, verbose_name='what')),
                ('who', models.CharField(max_length=150, verbose_name='who')),
                ('detail', models.CharField(blank=True, max_length=300, verbose_name='detail')),
                ('session', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='engagement.session')),
                ('organisation', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='engagement.organisation')),
            ],
            options={
                'verbose_name': 'act',
                'verbose_name_plural': 'acts',
            },
        ),
        migrations.CreateModel(
            name='Removal',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.BigIntegerField(editable=False)),
                ('is_erased', models.BooleanField(default=False, editable=False, verbose_name='erased')),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='name')),
                ('removed_at', models.DateTimeField(db_index=True, verbose_name='removed at')),
                ('removed_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='removals', to='engagement.session')),
            ],
            options={
                'verbose_name': 'removed person',
                'verbose_name_plural': 'removed people',
            },
        ),
        migrations.CreateModel(
            name='ScoringProfile',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=60, verbose_name='name')),
                ('version', models.PositiveIntegerField(unique=True, verbose_name='version')),
                ('parameters', models.JSONField(blank=True, default=dict, verbose_name='parameters')),
                ('is_default', models.BooleanField(default=False, verbose_name='default')),
                ('created_at', models.DateTimeField(auto_now_add=True, verbose_name='created at')),
            ],
            options={
                'verbose_name': 'scoring profile',
                'verbose_name_plural': 'scoring profiles',
                'ordering': ('-version',),
                'constraints': [models.UniqueConstraint(condition=models.Q(('is_default', True)), fields=('is_default',), name='one_default_scoring_profile')],
            },
        ),
        migrations.AddField(
            model_name='event',
            name='profile',
            field=models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.PROTECT, to='engagement.scoringprofile', verbose_name='scoring profile'),
        ),
        migrations.CreateModel(
            name='Signal',
            fields=[
                ('pk', models.CompositePrimaryKey('session', 'received_at', 'source', 'seq', blank=True, editable=False, primary_key=True, serialize=False)),
                ('received_at', models.DateTimeField(verbose_name='received at')),
                ('occurred_at', models.DateTimeField(verbose_name='occurred at')),
                ('tick', models.BigIntegerField(verbose_name='tick')),
                ('kind', models.SmallIntegerField(choices=[(1, 'chat'), (2, 'reaction'), (3, 'vote'), (4, 'question'), (5, 'upvote'), (6, 'join'), (7, 'leave'), (8, 'count'), (9, 'pulse'), (10, 'stream'), (11, 'heartbeat'), (12, 'poll_open'), (13, 'poll_close')], verbose_name='kind')),
                ('actor', models.BigIntegerField(verbose_name='actor')),
                ('source', models.BigIntegerField(verbose_name='source')),
                ('seq', models.BigIntegerField(verbose_name='sequence')),
                ('text', models.CharField(blank=True, max_length=500, verbose_name='text')),
                ('number', models.BigIntegerField(default=0, verbose_name='number')),
                ('late', models.BooleanField(default=False, verbose_name='late')),
                ('induced', models.BooleanField(default=False, verbose_name='induced')),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='engagement.session')),
            ],
            options={
                'verbose_name': 'signal',
                'verbose_name_plural': 'signals',
            },
        ),
        migrations.CreateModel(
            name='SignalSource',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('name', models.CharField(max_length=40)),
                ('heard_at', models.DateTimeField(verbose_name='last heard at')),
                ('accepted', models.BigIntegerField(default=0, verbose_name='accepted')),
                ('refused', models.BigIntegerField(default=0, verbose_name='refused')),
                ('refused_code', models.CharField(blank=True, max_length=60)),
                ('refused_because', models.CharField(blank=True, max_length=200)),
                ('refused_at', models.DateTimeField(null=True)),
                ('api_key', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to='engagement.apikey')),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='sources', to='engagement.session')),
            ],
            options={
                'verbose_name': 'source of signals',
                'verbose_name_plural': 'sources of signals',
                'ordering': ('-heard_at',),
            },
        ),
        migrations.CreateModel(
            name='StuckRow',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('stage', models.CharField(max_length=20, verbose_name='stage')),
                ('row', models.BigIntegerField(verbose_name='row')),
                ('tries', models.PositiveIntegerField(default=1, verbose_name='tries')),
                ('first_at', models.DateTimeField(verbose_name='first failed at')),
                ('failed_at', models.DateTimeField(verbose_name='last failed at')),
                ('next_at', models.DateTimeField(verbose_name='next try')),
                ('error', models.CharField(max_length=200, verbose_name='error')),
            ],
            options={
                'verbose_name': 'stuck row',
                'verbose_name_plural': 'stuck rows',
                'ordering': ('-failed_at',),
                'constraints': [models.UniqueConstraint(fields=('stage', 'row'), name='stuck_row_once_per_stage')],
            },
        ),
        migrations.CreateModel(
            name='Demo',
            fields=[
                ('session', models.OneToOneField(on_delete=django.db.models.deletion.CASCADE, primary_key=True, related_name='demo', serialize=False, to='engagement.session')),
                ('begun_at', models.DateTimeField(verbose_name='begun at')),
                ('ends_at', models.DateTimeField(verbose_name='ends at')),
                ('story_at', models.DateTimeField(verbose_name='story begins at')),
                ('played_until', models.DateTimeField(verbose_name='played until')),
                ('user', models.ForeignKey(null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
            ],
            options={
                'verbose_name': 'demo',
                'verbose_name_plural': 'demos',
            },
        ),
        migrations.CreateModel(
            name='Anomaly',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('tick', models.BigIntegerField(verbose_name='tick')),
                ('kind', models.CharField(choices=[('SUDDEN_DROP', 'SUDDEN_DROP'), ('GRADUAL_DECLINE', 'GRADUAL_DECLINE'), ('MASS_EXIT', 'MASS_EXIT'), ('LOW_ENGAGEMENT', 'LOW_ENGAGEMENT'), ('SOURCE_SILENT', 'SOURCE_SILENT'), ('SCRIPTED', 'SCRIPTED')], max_length=20, verbose_name='kind')),
                ('severity', models.CharField(choices=[('WARNING', 'WARNING'), ('CRITICAL', 'CRITICAL')], max_length=8, verbose_name='severity')),
                ('score', models.FloatField(verbose_name='score')),
                ('detector', models.CharField(max_length=20, verbose_name='detector')),
                ('detector_version', models.CharField(max_length=20, verbose_name='detector version')),
                ('detail', models.JSONField(default=dict, verbose_name='evidence')),
                ('headline', models.JSONField(default=dict, verbose_name='headline')),
                ('detected_at', models.DateTimeField(verbose_name='detected at')),
                ('resolved_at', models.DateTimeField(blank=True, null=True, verbose_name='resolved at')),
                ('acknowledged_at', models.DateTimeField(blank=True, null=True, verbose_name='acknowledged at')),
                ('acknowledged_by', models.ForeignKey(blank=True, null=True, on_delete=django.db.models.deletion.SET_NULL, related_name='+', to=settings.AUTH_USER_MODEL)),
                ('session', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='anomalies', to='engagement.session')),
            ],
            options={
                'verbose_name': 'anomaly',
                'verbose_name_plural': 'anomalies',
                'ordering': ('-detected_at',),
                'indexes': [models.Index(fields=['session', '-detected_at'], name='anomaly_by_session'), models.Index(fields=['-detected_at'], name='anomaly_by_time'), models.Index(condition=models.Q(('resolved_at', None)), fields=['session'], name='anomaly_open')],
                'constraints': [models.UniqueConstraint(fields=('session', 'tick', 'kind'), name='anomaly_once_per_tick'), models.CheckConstraint(condition=models.Q(('score__gte', 0), ('score__lte', 1)), name='anomaly_score_0_to_1')],
            },
        ),
        migrations.CreateModel(
            name='Attendee',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('actor', models.BigIntegerField(editable=False)),
                ('name', models.CharField(blank=True, max_length=60, verbose_name='name')),
                ('counts', models.BooleanField(default=True, verbose_name='counts in the score')),
                ('joined_at', models.DateTimeField(auto_now_add=True, verbose_name='joined at')),
                ('event', models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, related_name='attendees', to='engagement.event')),
            ],
            options={
                'verbose_name': 'attendee',
                'verbose_name_plural': 'attendees',
                'constraints': [models.UniqueConstraint(fields=('event', 'actor'), name='attendee_once_per_event')],
            },
        ),
        migrations.CreateModel(
            name='Metric',
            fields=[
                ('pk', models.CompositePrimaryKey('time', 'session', blank=True, editable=False, primary_key=True, serialize=False)),
                ('time', models.DateTimeField(verbose_name='time')),
                ('tick', models.BigIntegerField(verbose_name='tick')),
                ('present', models.IntegerField(verbose_name='present')),
                ('presence_known', models.BooleanField()),
                ('leaves_known', models.BooleanField()),
                ('joins', models.IntegerField(verbose_name='joins')),
                ('leaves', models.IntegerField(verbose_name='leaves')),
                ('chat', models.IntegerField(verbose_name='chat')),
                ('reactions', models.IntegerField(verbose_name='reactions')),
                ('votes', models.IntegerField(verbose_name='votes')),
                ('questions', models.IntegerField(verbose_name='questions')),
                ('chat_people', models.IntegerField()),
                ('reaction_people', models.IntegerField()),
                ('question_people', models.IntegerField()),
                ('active_people', models.IntegerField()),
                ('poll_voters', models.IntegerField()),
                ('poll_eligible', models.IntegerField()),
                ('poll_age', models.IntegerField()),
                ('poll_closed_for', models.IntegerField()),
                ('poll_induced', models.BooleanField()),
                ('pulse_answers', models.IntegerField()),
                ('pulse_good', models.IntegerField()),
                ('organic_chat_people', models.IntegerField()),
                ('organic_reaction_people', models.IntegerField()),
                ('organic_question_people', models.IntegerField()),
                ('organic_active_people', models.IntegerField()),
                ('organic_poll_voters', models.IntegerField()),
                ('stream_offline', models.BooleanField()),
                ('heard', models.BooleanField()),
                ('silent_for', models.IntegerField()),
                ('score', models.FloatField(null=True, verbose_name='score')),
                ('low', models.FloatField(null=True, verbose_name='band from')),
                ('high', models.FloatField(null=True, verbose_name='band to')),
                ('organic', models.FloatField(null=True, verbose_name='organic score')),
                ('state', models.CharField(max_length=12, verbose_name='state')),
                ('points_chat', models.FloatField()),
                ('points_polls', models.FloatField()),
                ('points_active', models.FloatField()),
                ('points_reactions', models.FloatField()),
                ('points_questions', models.FloatField()),
                ('points_leaving', models.FloatField()),
                ('points_carry', models.FloatField()),
                ('profile_version', models.IntegerField()),
                ('fast', models.FloatField()),
                ('slow', models.FloatField()),
                ('exit', models.FloatField()),
                ('low_z', models.FloatField()),
                ('alarm', models.FloatField()),
                ('shadow', models.FloatField(null=True)),
                ('session', models.ForeignKey(db_index=False, on_delete=django.db.models.deletion.CASCADE, related_name='+', to='engagement.session')),
            ],
            options={
                'verbose_name': 'metric',
                'verbose_name_plural': 'metrics',
                'indexes': [models.Index(fields=['session', '-time'], name='metric_by_session')],
                'constraints': [models.CheckConstraint(condition=models.Q(('score__isnull', True), models.Q(('score__gte', 0), ('score__lte', 100)), _connector='OR'), name='metric_score_0_to_100')],
            },
        ),
        migrations.AddIndex(
            model_name='session',
            index=models.Index(fields=['status'], name='session_status'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.UniqueConstraint(fields=('organisation', 'external_id'), name='session_external_id_once'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('status__in', ['planned', 'live', 'ended'])), name='session_status_known'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(('status', 'planned'), ('started_at__isnull', False), _connector='OR'), name='session_started_when_live'),
        ),
        migrations.AddConstraint(
            model_name='session',
            constraint=models.CheckConstraint(condition=models.Q(models.Q(('status', 'ended'), _negated=True), ('ended_at__isnull', False), _connector='OR'), name='session_ended_at_when_ended'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.UniqueConstraint(fields=('organisation', 'user'), name='membership_once'),
        ),
        migrations.AddConstraint(
            model_name='membership',
            constraint=models.CheckConstraint(condition=models.Q(('role__in', ['owner', 'organizer', 'viewer'])), name='membership_role'),
        ),
        migrations.AddConstraint(
            model_name='detectorprofile',
            constraint=models.UniqueConstraint(condition=models.Q(('is_active', True)), fields=('organisation', 'event_type'), name='one_active_detector_profile', nulls_distinct=False),
        ),
        migrations.AddConstraint(
            model_name='removal',
            constraint=models.UniqueConstraint(fields=('session', 'actor'), name='removal_once'),
        ),
        migrations.AddConstraint(
            model_name='signalsource',
            constraint=models.UniqueConstraint(fields=('session', 'name'), name='source_once_per_session'),
        ),
        migrations.AddIndex(
            model_name='demo',
            index=models.Index(fields=['ends_at'], name='demo_by_end'),
        ),
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
        migrations.RunSQL(METRICS, 'drop view engagement_metric_record'),
        migrations.RunSQL(SIGNALS, 'drop view engagement_signal_record'),
        migrations.RunSQL(OWNER, NO_OWNER),
        migrations.RunPython(add_default_profile, migrations.RunPython.noop),
    ]

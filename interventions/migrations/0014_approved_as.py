"""Who approved an intervention stands on its row: an API key's approval looked like the countdown's."""

from django.conf import settings
from django.db import migrations, models

FROM_THE_LOG = """
update interventions_intervention as i set approved_as = t.who
from (select distinct on (intervention_id) intervention_id, "by", who
      from interventions_transition where "after" = 'approved'
      order by intervention_id, version desc) as t
where t.intervention_id = i.id and t."by" = 'person' and i.approved_at is not null
"""
FROM_THE_ACCOUNT = """
update interventions_intervention as i
set approved_as = left(coalesce(nullif(trim(u.first_name || ' ' || u.last_name), ''), u.username), 150)
from auth_user as u
where u.id = i.approved_by_id and i.approved_as = ''
"""
"""Steps are kept for a limited time; who has an account can still be named."""


class Migration(migrations.Migration):
    dependencies = [
        ("interventions", "0013_phone_login"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="intervention",
            name="approved_as",
            field=models.CharField(blank=True, default="", max_length=150, verbose_name="approved by"),
            preserve_default=False,
        ),
        migrations.RunSQL([FROM_THE_LOG, FROM_THE_ACCOUNT], migrations.RunSQL.noop),
    ]

from django.db import migrations, models
from django.db.models import deletion

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
update engagement_session set organisation_id = null;
"""
"""The last line lets the trigger fill in what is there."""
NO_OWNER = """
drop trigger engagement_event_owner on engagement_event;
drop function engagement_event_owner();
drop trigger engagement_session_owner on engagement_session;
drop function engagement_session_owner();
"""


class Migration(migrations.Migration):
    """External ids are unique within an organisation; those that there are were unique among all."""

    dependencies = [("engagement", "0015_room_lock")]

    operations = [
        migrations.AddField(
            model_name="session",
            name="organisation",
            field=models.ForeignKey(
                editable=False,
                null=True,
                on_delete=deletion.CASCADE,
                related_name="+",
                to="engagement.organisation",
            ),
        ),
        migrations.RemoveConstraint(model_name="session", name="session_external_id_once"),
        migrations.AddConstraint(
            model_name="session",
            constraint=models.UniqueConstraint(
                fields=("organisation", "external_id"), name="session_external_id_once"
            ),
        ),
        migrations.RunSQL(OWNER, NO_OWNER),
    ]

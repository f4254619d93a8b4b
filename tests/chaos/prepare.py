"""Run inside the installation under test: `prepare ROOMS PEOPLE` makes rooms in AUTO mode, as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402

from engagement.models import Event, Session  # noqa: E402
from engagement.sessions import attendee_tokens, services  # noqa: E402
from interventions.models import AgentSettings  # noqa: E402

LIMITS = {"gap_seconds": 0, "per_hour": 10_000, "quiet_start_seconds": 0, "per_attendee": 10_000}


def rooms(count: int, people: int) -> list[dict[str, object]]:
    """Make live rooms; demo rooms, because their outcome windows are short."""
    owner = User.objects.create_user("olga", "olga@example.org", "correct horse")
    organisation = services.create_organisation(name="Survivors", owner=owner)
    event = Event.objects.create(organisation=organisation, title="Storm")
    made = []
    for number in range(count):
        session = Session.objects.create(
            event=event, title=f"Hall {number}", agent_mode="auto", is_demo=True
        )
        AgentSettings.objects.create(
            session=session,
            limits=LIMITS,
            countdown_seconds=5,
            explores=True,
            forbidden=["BREAK", "NOTIFICATION"],
        )
        services.start_session(session=session, now=timezone.now())
        passes = [attendee_tokens.join(session.code)[1] for _ in range(people)]
        actors = [attendee_tokens.read(each, session.pk).actor for each in passes]
        made.append({"session": session.pk, "tokens": passes, "actors": actors})
    return made


if __name__ == "__main__":
    json.dump(rooms(int(sys.argv[1]), int(sys.argv[2])), sys.stdout)

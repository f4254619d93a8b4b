"""Run inside the installation under test: a live session with an open poll, and who may do what."""

import datetime as dt
import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from engagement.models import Event, Session  # noqa: E402
from engagement.organisations import api_keys  # noqa: E402
from engagement.sessions import attendee_tokens, services  # noqa: E402
from tests.interventions.audience.rooms import make_sent  # noqa: E402

now = timezone.now()
owner = User.objects.create_user("olga", "olga@example.org", "correct horse")
organisation = services.create_organisation(name="Crowd", owner=owner)
event = Event.objects.create(organisation=organisation, title="Evening")
session = Session.objects.create(event=event, title="Hall", expected_size=1000)
services.start_session(session=session, now=now)
poll = make_sent(session, at=now, seconds=1200)
poll.closes_at = now + dt.timedelta(minutes=20)
poll.save(update_fields=["closes_at"])
client = Client()
client.force_login(owner)
cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
json.dump(
    {
        "session": session.pk, "code": session.code, "poll": poll.pk,
        "key": api_keys.make_key(organisation, "crowd")[1],
        "cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}",
        "tokens": [attendee_tokens.join(session.code)[1] for _ in range(int(sys.argv[1]))],
    },
    sys.stdout,
)  # fmt: skip

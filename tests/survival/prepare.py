"""Run inside the installation under test: a live session, an API key, attendee tokens, as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
django.setup()

from django.contrib.auth.models import User  # noqa: E402
from django.utils import timezone  # noqa: E402

from engagement.models import Event, Session  # noqa: E402
from engagement.organisations import api_keys  # noqa: E402
from engagement.sessions import attendee_tokens, services  # noqa: E402

owner = User.objects.create_user("olga", "olga@example.org", "correct horse")
organisation = services.create_organisation(name="Survivors", owner=owner)
event = Event.objects.create(organisation=organisation, title="Storm")
session = Session.objects.create(event=event, title="Hall")
services.start_session(session=session, now=timezone.now())
row, key = api_keys.make_key(organisation, "load")
passes = [attendee_tokens.join(session.code)[1] for _ in range(int(sys.argv[1]))]
ready = {
    "session": session.pk, "key": key, "tokens": passes,
    "username": "olga", "password": "correct horse",
}  # fmt: skip
json.dump(ready, sys.stdout)

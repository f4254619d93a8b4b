"""Run inside the installation under test: a live session, an API key, attendee tokens, as JSON."""

import json
import os
import sys

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
django.setup()

from django.utils import timezone  # noqa: E402

from engagement import keys, services, tokens  # noqa: E402
from engagement.models import Event, Organisation, Session  # noqa: E402

organisation = Organisation.objects.create(name="Survivors")
event = Event.objects.create(organisation=organisation, title="Storm")
session = Session.objects.create(event=event, title="Hall")
services.start_session(session=session, now=timezone.now())
row, key = keys.make_key(organisation, "load")
passes = [tokens.join(session.code)[1] for _ in range(int(sys.argv[1]))]
json.dump({"session": session.pk, "key": key, "tokens": passes}, sys.stdout)

"""Run inside the installation under test: the rows of the quiet organisation, or of the hostile one."""

import datetime as dt
import json
import os
import sys
import uuid
from typing import Any, Final

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "conductor.settings")
django.setup()

from django.conf import settings  # noqa: E402
from django.contrib.auth.models import User  # noqa: E402
from django.test import Client  # noqa: E402
from django.utils import timezone  # noqa: E402

from engagement.models import Event, Metric, Organisation, Session  # noqa: E402
from engagement.organisations import api_keys  # noqa: E402
from engagement.sessions import services  # noqa: E402
from engagement.vocabulary.clock import tick_of  # noqa: E402
from interventions.models import (  # noqa: E402
    ChatMode,
    ChatSettings,
    Intervention,
    PollVote,
    Webhook,
    WebhookMessage,
)
from interventions.notifications.webhooks.signing import new_secret  # noqa: E402
from interventions.vocabulary.statuses import Status  # noqa: E402
from tests.interventions.api.cast import POLL, make_intervention  # noqa: E402
from tests.interventions.audience.rooms import make_sent  # noqa: E402
from tests.support.factories import make_metric  # noqa: E402

SUGGESTIONS: Final = 1_000
VOTES: Final = 5_000
QUIET_ROOMS: Final = 60
"""One suggestion each, to be approved."""
QUIET_HOUR, FOUR_HOURS = 720, 2_880
HOOKS: Final = 20
MESSAGES: Final = 1_000


def _organisation(name: str, now: dt.datetime) -> tuple[Organisation, Event, dict[str, Any]]:
    owner = User.objects.create_user(name, f"{name}@example.org", "correct horse")
    organisation = services.create_organisation(name=name, owner=owner)
    event = Event.objects.create(organisation=organisation, title=name)
    ChatSettings.objects.create(event=event, mode=ChatMode.OPEN, with_platforms=True)
    client = Client()
    client.force_login(owner)
    cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
    return organisation, event, {
        "key": api_keys.make_key(organisation, "bench", api_keys.SCOPES)[1],
        "cookie": f"{settings.SESSION_COOKIE_NAME}={cookie}",
    }  # fmt: skip


def _rooms(event: Event, many: int, now: dt.datetime) -> list[Session]:
    return Session.objects.bulk_create(
        Session(event=event, title=f"Room {n}", status="live", started_at=now, agent_mode="manual")
        for n in range(many)
    )


def _history(session: Session, ticks: int, now: dt.datetime) -> None:
    """Let a session have been counted for so long; one row is made whole, the others are like it."""
    last = tick_of(now.timestamp()) - 2
    like = make_metric(session, last)
    fields = {f.attname: getattr(like, f.attname) for f in Metric._meta.concrete_fields}
    Metric.objects.bulk_create(
        (
            Metric(
                **{
                    **fields,
                    "tick": last - age,
                    "time": like.time - dt.timedelta(seconds=5 * age),
                    "score": 60.0 + (age * 7) % 30,
                }
            )
            for age in range(1, ticks)
        ),
        batch_size=500,
    )


def _hook(organisation: Organisation, url: str, now: dt.datetime) -> Webhook:
    return Webhook.objects.create(
        organisation=organisation, url=url, secret=new_secret(), created_at=now
    )


def quiet(asked: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Make a session that is looked at, rooms with a suggestion each, and a webhook that works."""
    organisation, event, who = _organisation("quiet", now)
    session, *rooms = _rooms(event, 1 + QUIET_ROOMS, now - dt.timedelta(hours=1))
    _history(session, QUIET_HOUR, now)
    hook = _hook(organisation, asked["sink"], now)
    times = {"created_at": now, "moved_at": now, "expires_at": now + dt.timedelta(hours=1)}
    rows = [make_intervention(room, decision={}, asked_by="api", **times) for room in rooms]
    return {**who, "session": session.pk, "hook": hook.pk, "suggestions": [row.pk for row in rows]}


def hostile(asked: dict[str, Any], now: dt.datetime) -> dict[str, Any]:
    """Make all at its limits: suggestions, a poll, failing hooks with a backlog, rows that always fail."""
    organisation, event, who = _organisation("hostile", now)
    session, *rooms = _rooms(event, 1 + SUGGESTIONS, now - dt.timedelta(hours=4))
    _history(session, FOUR_HOURS, now)
    late = now + dt.timedelta(hours=1)
    Intervention.objects.bulk_create(
        Intervention(
            session=room, asked_by="anomaly", status=Status.WAITING, kind="POLL", created_at=now,
            content=POLL.to_json(), decision={}, moved_at=now, expires_at=late,
        )
        for room in rooms
    )  # fmt: skip
    poll = make_sent(session, at=now, seconds=3_600)
    PollVote.objects.bulk_create(
        PollVote(intervention=poll, actor=n + 1, option=n % 3, voted_at=now) for n in range(VOTES)
    )
    _failing(event, now)
    _backlog(organisation, asked["hanging"], now)
    return {**who, "session": session.pk}


def _failing(event: Event, now: dt.datetime) -> None:
    """Rows on which the ticker, the tallies and the sending always fail."""
    uncounted, polled, approved = _rooms(event, 3, now)
    Session.objects.filter(pk=uncounted.pk).update(agenda=[7])
    odd = make_sent(polled, at=now, seconds=3_600)
    PollVote.objects.create(intervention=odd, actor=1, option=0, voted_at=now)
    sent = make_intervention(approved, "approved", approved_at=now, acts_at=now, decision={})
    Intervention.objects.filter(pk__in=(odd.pk, sent.pk)).update(content=["odd"])


def _backlog(organisation: Organisation, url: str, now: dt.datetime) -> None:
    """Webhooks at a server that hangs, at a port where nobody is, and at a name that nobody knows."""
    urls = (url, "http://127.0.0.1:9/", "https://hostile.invalid/")
    hooks = [_hook(organisation, urls[n % 3], now) for n in range(HOOKS)]
    WebhookMessage.objects.bulk_create(
        WebhookMessage(
            id=uuid.uuid4(), webhook=hooks[n % HOOKS], event_type="session.started", body="{}",
            next_at=now, created_at=now,
        )
        for n in range(MESSAGES)
    )  # fmt: skip


if __name__ == "__main__":
    made = {"quiet": quiet, "hostile": hostile}[sys.argv[1]]
    json.dump(made(json.loads(sys.argv[2]), timezone.now()), sys.stdout)

"""Begin a demo: a live session that looks back on ten minutes of a good talk."""

from __future__ import annotations

import datetime as dt
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import User
from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from engagement.models import Demo, Event, Organisation, Session, SessionStatus
from engagement.sessions import services
from engagement.simulation import demo_minute
from engagement.simulation.demo_minute import SECONDS
from engagement.ticks import hold_still, write_history
from engagement.vocabulary.clock import tick_end
from engagement.vocabulary.errors import rate_limited, unavailable
from engagement.vocabulary.modes import Mode
from interventions.audience.demo.saying import signal_of
from interventions.models import AgentSettings, ChatMode, ChatSettings

MOST_AT_ONCE: Final = 3
"""Demos of everybody together: each is an audience of hundreds."""
BEHIND_SECONDS: Final = 20
"""Where no tick was closed for so long, nothing would move on the page."""
COUNTDOWN_SECONDS: Final = 8
EXPIRY_SECONDS: Final = 30
LIMITS: Final[dict[str, int]] = {"outcome_starts_seconds": 8, "outcome_seconds": 20}
"""An outcome is told within the minute, whenever within the countdown somebody approves."""
_LOCK: Final = 0x44656D6F


def running(now: dt.datetime) -> QuerySet[Demo]:
    """Return the demos that are being played."""
    return Demo.objects.filter(session__status=SessionStatus.LIVE, ends_at__gt=now)


def start(*, user: User, organisation: Organisation, now: dt.datetime) -> Demo:
    """Return the person's demo: the one that is running, or a new one that ends SECONDS later.

    Its words are in the active language. Raises a rate limit while others use the places there are,
    and an upstream problem where nobody closes ticks.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # Two clicks at once make one demo, and four people at once do not get four.
            cursor.execute("select pg_advisory_xact_lock(%s)", [_LOCK])
        own = running(now).filter(user=user).first()
        if own is not None:
            return own
        if running(now).count() >= MOST_AT_ONCE:
            raise rate_limited(
                "demos_busy", "Other people are watching demos. Try again in a minute.",
                retry_after=SECONDS,
            )  # fmt: skip
        return _begin(_session(organisation), user, now)


def _begin(session: Session, user: User, now: dt.datetime) -> Demo:
    """Make the session live with its past, between two ticks of its shard."""
    last = hold_still(session.pk)
    if last is None or now.timestamp() - tick_end(last) > BEHIND_SECONDS:
        raise unavailable(
            "counting_away", "The counting is away. A demo can begin when it is back.", retry_after=10,
        )  # fmt: skip
    story_at = dt.datetime.fromtimestamp(tick_end(last), dt.UTC)
    services.start_session(
        session=session, now=story_at - dt.timedelta(seconds=demo_minute.BEFORE_SECONDS)
    )
    past = [signal_of(session, story_at, moment) for moment in demo_minute.before()]
    write_history(session.pk, past, last)
    return Demo.objects.create(
        session=session, user=user, begun_at=now, ends_at=now + dt.timedelta(seconds=SECONDS),
        story_at=story_at, played_until=story_at,
    )  # fmt: skip


def _session(organisation: Organisation) -> Session:
    """Return a planned session in an event of its own: people of one demo are nobody in another."""
    spoken = (get_language() or "en").partition("-")[0]
    language = spoken if spoken in dict(settings.LANGUAGES) else "en"
    event = Event.objects.create(
        organisation=organisation, title=_("60-second demo"), language=language
    )
    # Its audience is made up: nobody is there to be let in.
    ChatSettings.objects.create(event=event, mode=ChatMode.OPEN)
    session = Session.objects.create(
        event=event, language=language, expected_size=demo_minute.PEOPLE, agent_mode=Mode.AUTO,
        is_demo=True, is_sandboxed=True, **_about(),
    )  # fmt: skip
    AgentSettings.objects.create(
        session=session, limits=LIMITS, countdown_seconds=COUNTDOWN_SECONDS,
        expiry_seconds=EXPIRY_SECONDS, is_measured=False, may_ask_model=False, explores=True,
    )  # fmt: skip
    return session


def _about() -> dict[str, Any]:
    return {
        "title": _("Designing agents people trust"),
        "room": _("Main stage"),
        "brief": _("How to build software agents that people can trust."),
        "agenda": [
            # No phase begins near the drop: there the detector doubts what it knows.
            {"title": _("Architecture"), "minutes": 40},
            {"title": _("Questions"), "minutes": 20},
        ],
    }

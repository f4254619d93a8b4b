"""What several test files need: the cast (owner, stranger), a fixed time, clean servers."""

import datetime as dt
import os
from collections.abc import AsyncIterator, Iterator

import hypothesis
import pytest
import redis
from asgiref.sync import sync_to_async
from django.conf import settings
from django.contrib.auth.models import User
from django.db import connections
from django.test import TransactionTestCase
from django.utils import translation

from conductor.embedded import orphan_guard
from engagement.doors.web_process import Web, close_web
from engagement.doors.web_process import web as shared_web
from engagement.limits.guess_limit import CODES, KEYS, SCREENS, WORDS
from engagement.limits.rename_pace import RENAMES
from engagement.models import Membership, Organisation, Role
from interventions.personal_data.pace import PACE
from tests.support.emptying import empty_what_was_written
from tests.support.factories import make_organisation, make_user

# How fast examples are made says how busy the machine is, nothing about us.
hypothesis.settings.register_profile(
    "patient", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("patient")

# Every test that needs a moment uses this one: a Tuesday, on a tick's edge.
NOON = dt.datetime(2026, 3, 3, 12, 0, tzinfo=dt.UTC)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Run the browser tests last: Playwright keeps an event loop running, which asyncio tests mind."""
    items.sort(key=lambda item: item.get_closest_marker("browser") is not None)


def pytest_sessionstart(session: pytest.Session) -> None:
    """Have the servers stopped however this run ends, unless the caller wants to keep them warm."""
    if not os.environ.get("CONDUCTOR_KEEP_TEST_SERVICES"):
        orphan_guard.watch(settings.EMBEDDED)
    pytest.MonkeyPatch().setattr(TransactionTestCase, "_fixture_teardown", empty_what_was_written)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Stop the servers this run started, unless the caller wants to keep them warm."""
    if not os.environ.get("CONDUCTOR_KEEP_TEST_SERVICES"):
        settings.EMBEDDED.valkey.stop()
        settings.EMBEDDED.postgres.stop(mode="immediate")


@pytest.fixture
def now() -> dt.datetime:
    return NOON


@pytest.fixture
def valkey() -> Iterator["redis.Redis"]:
    """A client of an empty test server (it holds nothing but this run's data)."""
    with redis.Redis.from_url(settings.REDIS_URL) as client:
        client.flushall()
        yield client


@pytest.fixture(autouse=True)
def nothing_guessed() -> None:
    """Each test begins as somebody who has guessed nothing, erased and renamed nobody yet."""
    for guesses in (KEYS, CODES, SCREENS, WORDS):
        guesses.forget()
    PACE.forget()
    RENAMES.forget()


@pytest.fixture(autouse=True)
def in_english() -> None:
    """The page that the last test read in German leaves that language behind."""
    translation.deactivate()


@pytest.fixture
def organisation(db: None) -> Organisation:
    return make_organisation()


@pytest.fixture
def owner(organisation: Organisation) -> User:
    user = make_user("alice")
    Membership.objects.create(organisation=organisation, user=user, role=Role.OWNER)
    return user


@pytest.fixture
def viewer(organisation: Organisation) -> User:
    user = make_user("vera")
    Membership.objects.create(organisation=organisation, user=user, role=Role.VIEWER)
    return user


@pytest.fixture
def stranger(db: None) -> User:
    """Somebody of another organisation, which has data of its own: she must see nothing of ours."""
    user = make_user("charlie")
    other = make_organisation("Elsewhere")
    Membership.objects.create(organisation=other, user=user, role=Role.OWNER)
    return user


@pytest.fixture
async def web(valkey: "redis.Redis") -> AsyncIterator[Web]:
    """One web process on the empty test server; everything it holds is let go at the end."""
    yield shared_web()
    await close_web()
    # Channels' test communicator keeps the connection of the thread that looked up the person.
    await sync_to_async(connections.close_all)()

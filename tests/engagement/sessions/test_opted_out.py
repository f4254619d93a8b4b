"""Whoever opts out is not heard by any line or token that she has from before."""

import pytest
from asgiref.sync import sync_to_async

from engagement.models import Attendee
from engagement.sessions import attendee_tokens
from engagement.sessions.attendee_tokens import Pass
from tests.engagement.doors.http.test_long_polling import Page
from tests.support.factories import make_session
from tests.support.sockets import actor_named, attendee_path, opened

pytestmark = pytest.mark.django_db(transaction=True)


@sync_to_async
def make_room():
    """A session, and somebody in it who is heard."""
    session = make_session()
    actor = actor_named(session)
    Attendee.objects.create(event=session.event, actor=actor)
    return session, Pass(session.pk, actor, counts=True)


@sync_to_async
def wishes(person, *, counts):
    return attendee_tokens.change(person, counts=counts)


async def says(line, number):
    """Say something; return when it is acknowledged, in the log or not."""
    await line.send({"id": number, "s": [["chat", "hello there", 0]]})
    while await line.hear() != {"a": number}:
        pass


async def entries(valkey):
    """How many messages of people the log has."""
    found = await sync_to_async(valkey.xrange)("sig:0")
    return sum(b"hello there" in value for _, fields in found for value in fields.values())


async def test_token_from_before_is_not_heard(web, valkey):
    session, person = await make_room()
    await wishes(person, counts=False)

    async with opened(attendee_path(session)) as line:
        await says(line, 1)
        ways = web.attendance.ways()

    assert (await entries(valkey), ways[session.pk]) == (0, (0, 0))


async def test_line_that_is_open_falls_silent_and_others_are_heard(web, valkey):
    session, person = await make_room()
    async with (
        opened(attendee_path(session)) as hers,
        opened(attendee_path(session, "ben")) as other,
    ):
        await says(hers, 1)
        before = await entries(valkey)
        await wishes(person, counts=False)
        await web.rights.end_what_is_over()
        await says(hers, 2)
        silent = await entries(valkey)
        await says(other, 1)
        ways = web.attendance.ways()

    assert (before, silent, await entries(valkey)) == (1, 1, 2)
    assert ways[session.pk] == (1, 0)


async def test_who_opts_in_again_is_heard_at_once(web, valkey):
    session, person = await make_room()
    await wishes(person, counts=False)
    async with opened(attendee_path(session)) as line:
        await says(line, 1)
    await wishes(person, counts=True)

    async with opened(attendee_path(session, client="tab-2")) as line:
        await says(line, 1)

    assert await entries(valkey) == 1


async def test_page_that_asks_with_a_token_from_before_is_not_heard(web, valkey):
    session, person = await make_room()
    await wishes(person, counts=False)
    page = Page(session)

    said = await page.say({"id": 1, "s": [["chat", "hello there", 0]]})

    assert (said, await entries(valkey)) == ([{"a": 1}], 0)

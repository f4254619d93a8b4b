"""Whoever is removed or erased: open lines end within seconds, no new one begins, nothing more is taken."""

import pytest
from asgiref.sync import sync_to_async

from engagement.models import Removal
from tests.conftest import NOON
from tests.support.factories import make_session
from tests.support.sockets import actor_named, attendee_path, opened

pytestmark = pytest.mark.django_db(transaction=True)
ENDS = pytest.mark.parametrize(
    ("is_erased", "end"), [(False, ("removed", 4403)), (True, ("erased", 4401))]
)


@sync_to_async
def put_out(session, is_erased, name="ann"):
    Removal.objects.create(
        session=session, actor=actor_named(session, name), is_erased=is_erased, removed_at=NOON
    )


@ENDS
async def test_open_line_ends_and_others_stay(web, is_erased, end):
    session = await sync_to_async(make_session)()
    async with (
        opened(attendee_path(session)) as her,
        opened(attendee_path(session, "ben")) as other,
    ):
        await put_out(session, is_erased)
        await web.rights.end_what_is_over()

        assert await her.ended_with() == end
        assert await other.answers()


@ENDS
async def test_no_line_begins_by_socket_or_by_asking(web, async_client, is_erased, end):
    session = await sync_to_async(make_session)()
    await put_out(session, is_erased)
    path = attendee_path(session)
    token = path.partition("token=")[2].partition("&")[0]

    async with opened(path) as her:
        ended = await her.ended_with()
    asked = await async_client.get(
        f"/api/v1/attend/{session.pk}/chat/", headers={"Authorization": f"Bearer {token}"}
    )

    assert ended == end
    assert (asked.json()["error"]["code"], 4000 + asked.status_code) == end


async def test_what_she_says_before_her_line_ends_is_refused(web):
    session = await sync_to_async(make_session)()
    async with opened(attendee_path(session)) as her:
        assert await her.answers()
        await put_out(session, is_erased=False)
        await web.sessions.refresh()
        await her.send({"id": 1, "s": [["chat", "me again", 0]]})

        said = await her.hear()

    assert said["error"]["code"] == "removed"
    assert said["id"] == 1

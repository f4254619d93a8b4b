"""How it goes with those who send signals is counted, added up and never invented."""

import pytest
from asgiref.sync import sync_to_async

from engagement.doors.admission.senders import Heard, note_heard
from engagement.models import ApiKey, Session, SignalSource
from engagement.organisations import api_keys
from tests.engagement.doors.http.test_signals_api import event, post
from tests.support.factories import make_session

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def session(db: None) -> Session:
    return make_session()


@pytest.fixture
def key(session: Session) -> tuple[ApiKey, str]:
    return api_keys.make_key(session.event.organisation, "bridge")


@sync_to_async
def rows() -> list[SignalSource]:
    return list(SignalSource.objects.all())


async def test_door_counts_what_came_and_keeps_the_newest_refusal(web, session, key):
    await post(session.pk, key[1], [event(1), event(2), event(3, type="ec.signal.dance.v1")])
    await post(session.pk, key[1], b"{not json")

    await web.sessions.refresh()

    (row,) = await rows()
    assert (row.session_id, row.api_key_id) == (session.pk, key[0].pk)
    assert (row.accepted, row.refused) == (2, 2)
    assert row.refused_code == "malformed"
    assert row.refused_because
    assert row.refused_at == row.heard_at


async def test_nothing_is_counted_for_who_was_not_let_in(web, session, key):
    other = await sync_to_async(make_session)()

    answer = await post(other.pk, key[1], [event(1)])
    await web.sessions.refresh()

    assert answer.status == 404
    assert await rows() == []


def test_counts_of_several_processes_add_up(session, key):
    for _ in range(2):
        note_heard(
            {
                (session.pk, key[0].pk): Heard(5, 1, "bad", "It is bad."),
                (session.pk, None): Heard(3),
            }
        )

    found = {row.name: (row.accepted, row.refused) for row in SignalSource.objects.all()}

    assert found == {f"key:{key[0].pk}": (10, 2), "platform": (6, 0)}


def test_success_does_not_wipe_out_why_something_was_refused(session, key):
    note_heard({(session.pk, key[0].pk): Heard(0, 1, "bad", "It is bad.")})
    refused_at = SignalSource.objects.get().refused_at

    note_heard({(session.pk, key[0].pk): Heard(4)})

    row = SignalSource.objects.get()
    assert (row.refused_code, row.refused_at) == ("bad", refused_at)


def test_session_that_is_gone_takes_nothing_with_it(session, key):
    note_heard({(session.pk + 1000, key[0].pk): Heard(4), (session.pk, key[0].pk): Heard(1)})

    assert SignalSource.objects.get().session_id == session.pk

"""The pages around a demo: press, the banner, stop, play again, and what the list shows."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from engagement.models import Demo, Event, Session, SessionStatus, StreamOffset
from engagement.vocabulary.clock import tick_of
from tests.support.factories import make_event, make_session, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def counting():
    """A ticker that closed the last tick."""
    last = tick_of(timezone.now().timestamp()) - 2
    return StreamOffset.objects.create(shard=0, tick=last)


@pytest.fixture
def organizer(client, owner):
    client.force_login(owner)
    return client


def press(client):
    return client.post(reverse("demo-start"), follow=True)


def read(client, name="session-list", *arguments):
    return client.get(reverse(name, args=arguments)).content.decode()


def test_press_leads_to_a_live_page_that_says_what_it_is(organizer, counting):
    response = press(organizer)

    html = response.content.decode()
    demo = Demo.objects.get()
    assert response.request["PATH_INFO"] == f"/sessions/{demo.session_id}/"
    assert "Demo data" in html
    assert 'data-demo-left="60"' in html
    assert "js/pages/demo-countdown.js" in html
    assert "Engaged" in html
    assert reverse("demo-stop", args=[demo.session_id]) in html
    assert "Take the tour" not in html


def test_no_other_page_says_anything_of_demos(organizer, organisation):
    session = make_session(make_event(organisation), is_demo=True)

    html = read(organizer, "session-live", session.pk)

    assert "data-demo-left" not in html
    assert "js/pages/demo-countdown.js" not in html


def test_list_offers_a_demo_and_then_leads_to_the_own_one(organizer, organisation, counting):
    make_session(make_event(organisation))

    before = read(organizer)
    press(organizer)
    after = read(organizer)

    assert before.count("Watch a 60-second demo") == 1
    assert "Watch a 60-second demo" not in after
    assert "Your demo: 60 s left" in after


def test_somebody_without_sessions_is_offered_one_demo(organizer):
    html = read(organizer)

    assert html.count("Watch a 60-second demo") == 1


def test_list_does_not_name_demos(organizer, organisation, counting):
    make_session(make_event(organisation), title="Keynote")
    press(organizer)

    html = read(organizer)

    assert "Keynote" in html
    assert Session.objects.get(is_sandboxed=True).code not in html
    assert "60-second demo" not in html


def test_lists_of_the_api_do_not_name_demos(organizer, organisation, counting):
    session = make_session(make_event(organisation))
    press(organizer)

    sessions, events = (
        organizer.get(f"/api/v1/{name}/").json()["results"] for name in ("sessions", "events")
    )

    assert [each["id"] for each in sessions] == [session.pk]
    assert [each["id"] for each in events] == [session.event_id]


def test_stop_ends_it_and_the_report_offers_another(organizer, counting):
    press(organizer)
    demo = Demo.objects.get()

    response = organizer.post(reverse("demo-stop", args=[demo.session_id]), follow=True)
    again = organizer.post(reverse("demo-stop", args=[demo.session_id]), follow=True)

    html = response.content.decode()
    assert Session.objects.get(pk=demo.session_id).status == SessionStatus.ENDED
    assert "The demo is over." in html
    assert "Play again" in html
    assert "Back to your sessions" in html
    assert again.status_code == 200


def test_play_again_is_a_new_demo(organizer, counting):
    press(organizer)
    first = Demo.objects.get()
    organizer.post(reverse("demo-stop", args=[first.session_id]))

    press(organizer)

    assert Demo.objects.count() == 2


def test_banner_never_counts_below_zero(organizer, counting):
    press(organizer)
    demo = Demo.objects.get()
    Demo.objects.update(ends_at=timezone.now() - dt.timedelta(minutes=5))

    assert 'data-demo-left="0"' in read(organizer, "session-live", demo.session_id)


def test_only_organizers_may_start_and_stop(client, viewer, owner, organisation, counting):
    client.force_login(owner)
    press(client)
    demo = Demo.objects.get()
    client.force_login(viewer)

    statuses = [
        client.post(reverse("demo-start")).status_code,
        client.post(reverse("demo-stop", args=[demo.session_id])).status_code,
    ]
    html = read(client, "session-live", demo.session_id)

    assert statuses == [403, 403]
    assert "Watch a 60-second demo" not in read(client)
    assert "Demo data" in html
    assert reverse("demo-stop", args=[demo.session_id]) not in html


def test_demo_is_nothing_to_strangers(client, stranger, owner, counting):
    client.force_login(owner)
    press(client)
    demo = Demo.objects.get()
    client.force_login(stranger)

    assert client.get(reverse("session-live", args=[demo.session_id])).status_code == 404
    assert client.post(reverse("demo-stop", args=[demo.session_id])).status_code == 404


def test_stop_is_for_demos_only(organizer, organisation):
    session = make_session(make_event(organisation))

    response = organizer.post(reverse("demo-stop", args=[session.pk]))

    session.refresh_from_db()
    assert (response.status_code, session.status) == (404, SessionStatus.LIVE)


def test_full_house_is_said_on_the_list(client, organizer, organisation, counting):
    now = timezone.now()
    for number in range(3):
        session = make_session(make_event(organisation), is_demo=True, is_sandboxed=True)
        Demo.objects.create(
            session=session, user=make_user(f"person{number}"), begun_at=now,
            ends_at=now + dt.timedelta(minutes=1), story_at=now, played_until=now,
        )  # fmt: skip

    html = press(organizer).content.decode()

    assert "Other people are watching demos. Try again in a minute." in html


def test_without_a_ticker_the_list_says_why(organizer):
    html = press(organizer).content.decode()

    assert "The counting is away. A demo can begin when it is back." in html
    assert not Event.objects.exists()


def test_german_organizer_has_a_german_room(organizer, counting):
    organizer.cookies["django_language"] = "de"

    press(organizer)

    assert Demo.objects.get().session.language == "de"

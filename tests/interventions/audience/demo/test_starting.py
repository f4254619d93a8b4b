"""Who may have a demo when, how it ends, and where it goes afterwards."""

import datetime as dt

import pytest
import redis
from django.contrib.auth.models import User

from engagement.models import Demo, Event, Organisation, Session, SessionStatus, Signal
from engagement.sessions import services
from engagement.vocabulary.errors import ProblemError
from interventions.audience import demo
from interventions.lifecycle.agent_setup import setup_of
from interventions.models import AgentSettings, Intervention
from interventions.vocabulary.statuses import Status
from tests.interventions.audience.demo.minute import Minute
from tests.support.factories import make_session, make_user

pytestmark = pytest.mark.django_db


def test_second_click_is_the_same_demo(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)

    demos = [machine.press(owner, organisation) for _ in range(2)]

    assert demos[0] == demos[1]
    assert Demo.objects.count() == 1


def test_only_so_many_demos_run_at_once(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    for number in range(3):
        machine.press(make_user(f"person{number}"), organisation)

    with pytest.raises(ProblemError) as refused:
        machine.press(owner, organisation)

    assert (refused.value.code, refused.value.retry_after) == ("demos_busy", 60)
    assert Session.objects.count() == 3


def test_place_is_free_again_after_the_minute_even_without_workers(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    first = machine.press(owner, organisation)
    for _ in range(61):
        machine.at += 1.0
        machine.ticker.run(machine.now.timestamp())

    second = machine.press(owner, organisation)

    assert second != first


@pytest.mark.parametrize(("seconds", "status"), [(59.4, "live"), (59.6, "ended"), (60.4, "ended")])
def test_demo_ends_at_the_beat_nearest_to_its_minute(
    valkey: "redis.Redis", organisation: Organisation, owner: User, seconds: float, status: str
) -> None:
    machine = Minute(valkey)
    begun = machine.press(owner, organisation)

    demo.play(begun.begun_at + dt.timedelta(seconds=seconds))

    assert Session.objects.get(pk=begun.session_id).status == status


def test_overdue_demo_is_ended_by_whoever_comes_next(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    session = machine.press(owner, organisation).session

    late = machine.now + dt.timedelta(minutes=20)
    demo.play(late)

    session.refresh_from_db()
    assert (session.status, session.ended_at) == (SessionStatus.ENDED, late)


def test_stopped_demo_is_over_at_once_and_sends_nothing(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    session = machine.press(owner, organisation).session
    machine.until(Intervention.objects.filter(status=Status.COUNTDOWN).exists)

    services.end_session(session=session, now=machine.now)
    # What was in the log by then is still counted.
    for _ in machine.seconds(6):
        pass

    signals = Signal.objects.filter(session=session)
    heard = signals.count()
    for _ in machine.seconds(6):
        pass
    assert Intervention.objects.get(content__isnull=False).status == Status.STOPPED
    assert signals.count() == heard


def test_no_demo_begins_while_nobody_counts(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    machine = Minute(valkey)
    machine.at += 60.0

    with pytest.raises(ProblemError) as refused:
        machine.press(owner, organisation)

    assert refused.value.code == "counting_away"
    assert not Session.objects.exists()


def test_organizer_cannot_let_anything_out_of_a_demo(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    from_form = {"is_measured": True, "may_ask_model": True}
    session = Minute(valkey).press(owner, organisation).session
    AgentSettings.objects.filter(session=session).update(**from_form)

    setup = setup_of(session)

    assert (setup.is_measured, setup.may_ask_model) == (False, False)


def test_demo_is_deleted_with_all_it_made_a_day_later(
    valkey: "redis.Redis", organisation: Organisation, owner: User
) -> None:
    kept = make_session()
    machine = Minute(valkey)
    session = machine.press(owner, organisation).session
    for _ in machine.seconds(12):
        pass
    services.end_session(session=session, now=machine.now)

    early = demo.clear(machine.now + dt.timedelta(hours=23))
    late = demo.clear(machine.now + dt.timedelta(hours=25))

    assert (early, late) == (0, 1)
    assert list(Session.objects.all()) == [kept]
    assert list(Event.objects.all()) == [kept.event]
    assert not Signal.objects.filter(session_id=session.pk).exists()

"""In each stage, a row of one organisation on which the work always fails; the others are served."""

import threading

import pytest

from engagement.limits import isolated_rows
from engagement.models import Demo, Event, Session, StreamOffset, StuckRow
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from interventions import tasks
from interventions.agent import delivery
from interventions.agent import sweep as agent_sweep
from interventions.agent.approval import services as approval
from interventions.agent.decision import services as decision
from interventions.agent.measurement import services as measurement
from interventions.agent.writing import services as writing
from interventions.audience.chat import publication as chat_publication
from interventions.audience.demo import playing
from interventions.audience.polls import closing, tallies, voting
from interventions.audience.questions import importing as question_import
from interventions.models import (
    AgentSettings,
    ChatLine,
    Delivery,
    Intervention,
    Question,
    WebhookMessage,
)
from interventions.notifications.webhooks import session_events
from interventions.vocabulary.statuses import Status
from tests.conftest import NOON
from tests.interventions.agent.rooms import after, alarm, fresh, lost_room, suggested, sweep
from tests.interventions.audience.chat.rooms import make_line
from tests.interventions.audience.rooms import make_sent
from tests.interventions.notifications.webhooks.test_session_events import make_hook
from tests.support.factories import make_event, make_organisation, make_signal

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]


@pytest.fixture
def rooms():
    """A room of each of two organisations; the work on the first one's rows will fail."""
    return [
        lost_room(make_event(make_organisation(name)), mode="manual") for name in ("bad", "good")
    ]


@pytest.fixture
def broken(monkeypatch, rooms):
    """Let a function fail where what it is given belongs to the first room."""

    def breaks(module, name):
        before = getattr(module, name)

        def work(row, *args, **named):
            if getattr(row, "session_id", row.pk) == rooms[0].pk:
                raise ValueError("always")
            return before(row, *args, **named)

        monkeypatch.setattr(module, name, work)

    return breaks


def statuses(rooms):
    return [Intervention.objects.get(session=room).status for room in rooms]


def stuck():
    return set(StuckRow.objects.values_list("stage", flat=True))


def test_deciding(rooms, broken):
    for room in rooms:
        alarm(room)
    broken(decision, "decide")

    sweep()

    assert list(Intervention.objects.values_list("session", flat=True)) == [rooms[1].pk]
    assert stuck() == {"decide"}


def test_looking_again(rooms, broken):
    for room in rooms:
        suggested(room)
    broken(decision, "_look_again")

    decision.second_look(after(60), None)

    assert stuck() == {"look-again"}


def test_expiring(rooms, broken):
    for room in rooms:
        suggested(room)
    broken(agent_sweep, "_expire")

    sweep(600)

    assert statuses(rooms) == [Status.WAITING, Status.EXPIRED]
    assert stuck() == {"expire"}


def test_ending(rooms, broken):
    for room in rooms:
        suggested(room)
    Session.objects.update(status="ended", ended_at=NOON)
    broken(agent_sweep, "_end")

    sweep(1)

    assert statuses(rooms) == [Status.WAITING, Status.STOPPED]
    assert stuck() == {"end"}


def test_giving_up(rooms, broken):
    for room in rooms:
        suggested(room)
    Intervention.objects.update(status=Status.SELECTED)
    broken(writing.transitions, "end")

    writing.give_up(after(120))

    assert statuses(rooms) == [Status.SELECTED, Status.EXPIRED]
    assert stuck() == {"give-up"}


def approved(rooms):
    for room in rooms:
        row = suggested(room)
        approval.approve(row.pk, by=None, who="Priya", version=row.version, now=NOON)


def test_acting(rooms, broken):
    approved(rooms)
    broken(delivery, "_act")

    sweep(20)

    assert statuses(rooms) == [Status.APPROVED, Status.DELIVERED]
    assert stuck() == {"act"}


def test_sending(rooms, broken):
    approved(rooms)
    broken(delivery, "_send")

    sweep(20)

    assert statuses(rooms) == [Status.SENDING, Status.DELIVERED]
    assert stuck() == {"deliver"}
    assert Delivery.objects.filter(status="sent").count() == 1


def test_counting_down(rooms, broken):
    for room in rooms:
        suggested(room)
    Intervention.objects.update(status=Status.COUNTDOWN, expires_at=None, acts_at=NOON)
    # In Manual, and where nothing was measured yet, a countdown that ends would wait for a person.
    Session.objects.update(agent_mode="auto")
    for room in rooms:
        AgentSettings.objects.create(session=room, explores=True)
    broken(agent_sweep, "_approve")

    sweep(1)

    assert statuses(rooms) == [Status.COUNTDOWN, Status.DELIVERED]
    assert stuck() == {"count-down"}


def test_measuring(rooms, broken):
    approved(rooms)
    sweep(20)
    broken(measurement, "_measure")

    sweep(1_200)

    assert statuses(rooms)[0] == Status.DELIVERED
    assert statuses(rooms)[1] in (Status.LEARNED, Status.NOT_MEASURED)
    assert stuck() == {"measure"}


def test_closing(rooms, broken):
    polls = [make_sent(room, at=NOON) for room in rooms]
    broken(closing, "ending")

    closed = closing.close_due(after(3_600))

    assert closed == 1
    assert [fresh(poll).closed_at is not None for poll in polls] == [False, True]
    assert stuck() == {"close"}


def test_tallies(rooms, broken):
    for room in rooms:
        poll = make_sent(room, at=NOON)
        voting.cast(poll.pk, 1, 1, after(5))
    broken(tallies, "board_of")

    assert tallies.publish_changed(after(6)) == 1
    assert stuck() == {"tally"}


def test_questions(rooms, broken):
    tick = tick_of(NOON.timestamp()) - 1
    for room in rooms:
        make_signal(room, tick, kind=SignalKind.QUESTION, text="Does it scale?")
    StreamOffset.objects.create(shard=0, tick=tick)
    broken(question_import, "_askers")

    assert question_import.import_new(NOON) == 1
    assert Question.objects.get().session_id == rooms[1].pk
    assert stuck() == {"questions"}


def test_words_of_questions(rooms, broken):
    tick = tick_of(NOON.timestamp()) - 1
    for room in rooms:
        make_signal(room, tick, kind=SignalKind.QUESTION, text="Does it scale?")
    StreamOffset.objects.create(shard=0, tick=tick)
    broken(question_import, "_asked")

    assert question_import.import_new(NOON) == 1
    assert stuck() == {"questions"}


def test_content_of_a_poll_that_means_nothing(rooms):
    polls = [make_sent(room, at=NOON) for room in rooms]
    for poll in polls:
        voting.cast(poll.pk, 1, 1, after(5))
    Intervention.objects.filter(pk=polls[0].pk).update(content=["odd"])

    assert tallies.publish_changed(after(6)) == 1
    assert stuck() == {"tally"}


def test_telling_the_chat(rooms, monkeypatch):
    lines = [make_line(room, "Good point", is_news=True) for room in rooms]
    before = chat_publication._frames

    def frames(session_id, *args, **named):
        if session_id == rooms[0].pk:
            raise ValueError("always")
        return before(session_id, *args, **named)

    monkeypatch.setattr(chat_publication, "_frames", frames)

    assert chat_publication.tell_changed(NOON) == 1
    assert [ChatLine.objects.get(pk=line.pk).is_news for line in lines] == [True, False]
    assert stuck() == {"chat-tell"}


@pytest.fixture
def demos(rooms):
    """A demo in each room, whose minute is over a second after NOON."""
    Session.objects.update(is_sandboxed=True)
    times = {"begun_at": NOON, "story_at": NOON, "played_until": NOON, "ends_at": after(1)}
    return [Demo.objects.create(session=room, **times) for room in rooms]


def test_playing_demos(rooms, demos, broken):
    broken(playing, "_move")

    assert playing.play(after(1)) == 1
    assert [fresh_session(room).status for room in rooms] == ["live", "ended"]
    assert stuck() == {"demo"}


def test_clearing_demos(rooms, demos, monkeypatch):
    Session.objects.update(status="ended", ended_at=NOON)
    before = Event.delete

    def delete(event):
        if event.pk == rooms[0].event_id:
            raise ValueError("always")
        return before(event)

    monkeypatch.setattr(Event, "delete", delete)

    assert playing.clear(after(90_000)) == 1
    assert list(Event.objects.values_list("pk", flat=True)) == [rooms[0].event_id]
    assert stuck() == {"demo-clear"}


def fresh_session(room):
    return Session.objects.get(pk=room.pk)


def test_announcing(broken, rooms):
    for room in rooms:
        make_hook(room.event.organisation)
    Session.objects.update(started_at=NOON)
    broken(session_events, "_about")

    session_events.announce(NOON)

    [message] = WebhookMessage.objects.all()
    assert message.webhook.organisation_id == rooms[1].event.organisation_id
    assert stuck() == {"announce"}


def test_thousand_suggestions_of_one_do_not_stand_before_one_of_another(rooms):
    loud, quiet = rooms
    halls = Session.objects.bulk_create(
        Session(event=loud.event, title=f"{n}", status="live", started_at=NOON)
        for n in range(1_000)
    )
    one = suggested(quiet)
    Intervention.objects.bulk_create(
        Intervention(
            session=hall, asked_by="anomaly", status=Status.WAITING, created_at=NOON, moved_at=NOON,
            expires_at=NOON, content=one.content, kind=one.kind,
        )
        for hall in halls
    )  # fmt: skip
    Intervention.objects.filter(pk=one.pk).update(expires_at=NOON)

    swept = agent_sweep.sweep(after(1), None, "test")

    assert fresh(one).status == Status.EXPIRED
    assert swept.expired == isolated_rows.MOST_AT_ONCE


@pytest.mark.parametrize(
    ("module", "work", "task"),
    [
        (tasks.agent_sweep, "sweep", tasks.sweep), (tasks.decision, "second_look", tasks.look_again),
        (tasks.closing, "close_due", tasks.audience), (tasks.chat_lines, "take_all", tasks.chat),
        (tasks.chat_lines, "read_later", tasks.chat_later), (tasks, "play", tasks.demos),
        (tasks.WEBHOOKS, "begin_due", tasks.webhooks),
        (tasks.WEBHOOKS, "note_answers", tasks.webhook_rows),
    ],
)  # fmt: skip
def test_round_that_takes_long_takes_one_thread_and_goes_on_for_who_came_meanwhile(
    monkeypatch, module, work, task
):
    before, rounds = getattr(module, work), []

    def slow(*given, **named):
        rounds.append(threading.get_ident())
        for _ in range(2 if len(rounds) == 1 else 0):
            other = threading.Thread(target=task)
            other.start()
            other.join()
        return before(*given, **named)

    monkeypatch.setattr(module, work, slow)

    task()
    assert rounds == [threading.get_ident()] * 2
    task()
    assert len(rounds) == 3

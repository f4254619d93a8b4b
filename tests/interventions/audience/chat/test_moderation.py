"""Moderators show, hide and block; pages are told once a second, and of a bounded number of lines."""

import datetime as dt
import threading

import pytest
from django.db import connection

from engagement.vocabulary.errors import ProblemError
from interventions.audience.chat import frames as chat_frames
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.chat import own_lines
from interventions.audience.chat import publication as chat_publication
from interventions.audience.chat.rules import Rules, author_key
from interventions.audience.chat.settings import set_for_event, set_for_session
from interventions.models import ChatBlock, ChatLine, ChatMode, ChatState
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import (
    ANN,
    BEN,
    listening,
    make_line,
    moderate,
    say,
    states,
    told,
)
from tests.support.factories import make_session, make_user

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("valkey")]
LATER = NOON + dt.timedelta(seconds=5)


def waiting(session, text="Is this on?", **fields):
    return make_line(session, text, **{"state": ChatState.WAITING, "why": "all", **fields})


def test_shown_message_stands_where_it_was_shown():
    session = make_session()
    row = waiting(session)
    make_line(session, "said later, shown at once")

    chat_moderation.show(session.pk, row.pk, was="waiting", by=make_user(), now=LATER)

    assert [line.text for line in chat_frames.last_shown(session.pk)] == [
        "said later, shown at once", "Is this on?",
    ]  # fmt: skip


def test_showing_a_first_message_shows_what_waited_only_for_it():
    session = make_session()
    first = waiting(session, "first", why="first")
    waiting(session, "second", why="first")
    waiting(session, "a link", why="link")
    waiting(session, "somebody else's", why="first", actor=BEN)

    chat_moderation.show(session.pk, first.pk, was="waiting", by=None, now=LATER)

    assert [state for _, state, _ in states()] == ["shown", "shown", "waiting", "waiting"]


def test_showing_a_first_message_shows_none_under_a_name_that_nobody_read():
    session = make_session()
    first = waiting(session, "first", why="first", name="Ann")
    waiting(session, "second", why="first", name="Ann is somebody else")
    waiting(session, "third", why="first", name="")

    chat_moderation.show(session.pk, first.pk, was="waiting", by=None, now=LATER)

    assert [state for _, state, _ in states()] == ["shown", "waiting", "shown"]


def test_hidden_message_comes_back_to_its_place():
    session = make_session()
    row = make_line(session)
    chat_moderation.hide(session.pk, row.pk, was="shown", by=None, now=LATER)
    chat_moderation.show(session.pk, row.pk, was="hidden", by=None, now=LATER)

    row.refresh_from_db()
    assert (row.state, row.shown_at) == ("shown", NOON)


@pytest.mark.django_db(transaction=True)
def test_of_two_moderators_the_first_wins_and_the_other_is_told_who():
    session = make_session()
    row = waiting(session)
    mara, tom = make_user("mara", first_name="Mara"), make_user("tom", first_name="Tom")
    barrier = threading.Barrier(2)
    results = []

    def decide(work, by):
        barrier.wait(10)
        try:
            work(session.pk, row.pk, was="waiting", by=by, now=LATER)
        except ProblemError as problem:
            results.append(problem.message)
        finally:
            connection.close()

    threads = [
        threading.Thread(target=decide, args=(chat_moderation.show, mara)),
        threading.Thread(target=decide, args=(chat_moderation.hide, tom)),
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    row.refresh_from_db()
    won = "Mara showed" if row.state == "shown" else "Tom hid"
    assert results == [f"{won} this message already."]


def test_message_of_another_session_is_unknown():
    row = waiting(make_session())

    with pytest.raises(ProblemError) as caught:
        chat_moderation.show(make_session().pk, row.pk, was="waiting", by=None, now=LATER)

    assert caught.value.code == "chat_unknown"


def test_blocking_hides_all_that_a_person_wrote_and_writes(valkey):
    session = make_session()
    row = make_line(session, "spam")
    waiting(session, "more spam")
    make_line(session, "fine", actor=BEN)

    chat_moderation.block(session.pk, row.pk, by=None, now=LATER)
    say(valkey, session, "still here")
    chat_lines.take(0, valkey, LATER)

    assert [(text, state) for text, state, _ in states()] == [
        ("spam", "hidden"), ("more spam", "hidden"), ("fine", "shown"), ("still here", "hidden"),
    ]  # fmt: skip


def test_person_who_is_allowed_again_is_shown_again(valkey):
    session = make_session()
    row = make_line(session, "spam")
    chat_moderation.block(session.pk, row.pk, by=None, now=LATER)

    assert chat_moderation.unblock(session.pk, ChatBlock.objects.get().pk)
    say(valkey, session, "sorry")
    chat_lines.take(0, valkey, LATER)

    assert states()[-1] == ("sorry", "shown", "")
    assert not chat_moderation.unblock(session.pk, 1)


def test_nobody_in_particular_cannot_be_blocked():
    session = make_session()
    row = make_line(session, actor=0)

    with pytest.raises(ProblemError) as caught:
        chat_moderation.block(session.pk, row.pk, by=None, now=LATER)

    assert caught.value.code == "chat_nobody"


# --- what the pages are told


def test_pages_are_told_once_of_what_is_shown_and_of_what_is_gone(valkey):
    session = make_session()
    line = make_line(session, "<i>Good</i> point", name="Priya")
    gone = make_line(session, "spam", actor=BEN)
    chat_publication.tell_changed(NOON)
    chat_moderation.hide(session.pk, gone.pk, was="shown", by=None, now=LATER)
    waiting(session)
    ChatLine.objects.filter(pk=line.pk).update(is_news=True)

    with listening(valkey) as heard:
        counts = [chat_publication.tell_changed(LATER) for _ in range(2)]

    assert counts == [3, 0]
    [frame] = told(heard)
    key = author_key(bytes(session.event.salt), session.pk, ANN)
    assert frame["lines"] == [
        {
            "id": line.pk, "by": key, "name": "Priya", "text": "<i>Good</i> point",
            "at": 1772539200000, "age": 5,
        }
    ]  # fmt: skip
    assert (frame["gone"], frame["left_out"]) == ([gone.pk], 0)
    assert [each["name"] for each in told(heard, "host")] == ["chat", "feed"]
    assert {to for to, _ in heard} == {"attendee", "host"}


def test_busy_chat_is_one_frame_a_second_that_says_what_it_leaves_out(valkey):
    session = make_session()
    for n in range(50):
        say(valkey, session, f"message {n}", actor=n + 1)
    chat_lines.take(0, valkey, NOON)

    with listening(valkey) as heard:
        chat_publication.tell_changed(NOON)

    [frame] = told(heard)
    assert [line["text"] for line in frame["lines"]] == [f"message {n}" for n in range(30, 50)]
    assert frame["left_out"] == 30


def test_who_dies_after_telling_tells_again_and_pages_know_the_line(valkey, monkeypatch):
    session = make_session()
    make_line(session)
    with listening(valkey) as heard:
        with monkeypatch.context() as dying:
            dying.setattr(chat_publication, "_note", lambda rows: None)
            chat_publication.tell_changed(NOON)

        chat_publication.tell_changed(LATER)

    first, second = told(heard)
    assert first["lines"][0]["id"] == second["lines"][0]["id"]
    assert first["name"] != second["name"]


def test_while_the_bus_is_away_nothing_is_forgotten(valkey, settings, monkeypatch):
    session = make_session()
    make_line(session)
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    chat_publication.broadcast._bus.cache_clear()

    away = chat_publication.tell_changed(NOON)
    settings.REDIS_URL = settings.REDIS_LOG_URL
    chat_publication.broadcast._bus.cache_clear()

    assert (away, chat_publication.tell_changed(LATER)) == (0, 1)


def test_chat_that_was_closed_meanwhile_is_told_to_nobody(valkey):
    session = make_session()
    make_line(session)
    moderate(session, ChatMode.CLOSED)

    with listening(valkey) as heard:
        chat_publication.tell_changed(LATER)

    assert told(heard) == []


@pytest.mark.django_db(transaction=True)
def test_open_pages_follow_a_changed_setting(valkey):
    session = make_session()
    own = make_session(session.event)
    make_line(session)
    set_for_session(own, ChatMode.ALL, False, NOON)

    with listening(valkey) as heard:
        set_for_event(session.event, ChatMode.CLOSED, False, LATER)
        set_for_event(session.event, ChatMode.CLOSED, False, LATER)
        set_for_event(session.event, ChatMode.FIRST, False, LATER)

    modes = [(frame["mode"], len(frame["lines"])) for frame in told(heard)]
    assert sorted(modes) == [("all", 0), ("all", 0), ("closed", 0), ("first", 1)]


def test_who_comes_is_shown_the_last_fifty_lines_in_order():
    session = make_session()
    for n in range(60):
        make_line(session, f"message {n}")
    make_line(session, "spam", state=ChatState.HIDDEN)
    make_line(make_session(), "elsewhere")

    lines = chat_frames.last_shown(session.pk)

    assert [line.text for line in lines] == [f"message {n}" for n in range(10, 60)]
    whole = chat_frames.whole_frame(session, Rules(ChatMode.CLOSED), NOON)
    assert '"lines":[]' in whole


def test_own_messages_are_there_after_a_reload_with_what_became_of_them():
    session = make_session()
    make_line(session, "shown")
    waiting(session, "waits")
    make_line(session, "his", actor=BEN)

    said = own_lines.own_lines_of(session.pk, ANN, LATER)

    assert [(line["text"], line["state"]) for line in said["lines"]] == [
        ("shown", "shown"), ("waits", "waiting"),
    ]  # fmt: skip
    assert said["by"] == author_key(bytes(session.event.salt), session.pk, ANN)
    assert said["by"] != own_lines.own_lines_of(session.pk, BEN, LATER)["by"]


def test_closed_chat_gives_nothing_back():
    session = make_session()
    make_line(session)
    moderate(session, ChatMode.CLOSED)

    assert own_lines.own_lines_of(session.pk, ANN, LATER)["lines"] == []


def test_desk_costs_the_same_however_much_there_is(django_assert_num_queries):
    session = make_session()
    for n in range(5):
        waiting(session, f"message {n}")
        make_line(session, f"line {n}", decided_by=make_user(f"user{n}"))

    with django_assert_num_queries(5):
        desk = chat_moderation.desk(session.pk)
        names = [line.decided_by.username for line in desk.shown]

    assert (desk.waiting_count, len(desk.waiting), len(names)) == (5, 5, 5)

"""What is said becomes a line, once, in the state that the rules give it."""

import datetime as dt
import json
import threading

import pytest
from django.db import connection

from engagement.intake.shards import shard_of
from engagement.intake.wire_format import encode_entry, presence_item
from engagement.models import Event, SessionStatus, StreamOffset
from engagement.sessions import attendee_tokens
from engagement.vocabulary.clock import tick_of
from interventions.audience.chat import lines as chat_lines
from interventions.audience.chat import moderation as chat_moderation
from interventions.audience.chat import settings as chat_settings
from interventions.audience.chat.frames import whole_frame
from interventions.models import ChatBlock, ChatLine, ChatMode, ChatOffset
from tests.conftest import NOON
from tests.interventions.audience.chat.rooms import (
    ANN,
    BEN,
    CLEO,
    make_line,
    moderate,
    named,
    say,
    send,
    states,
)
from tests.support.factories import make_organisation, make_session, make_signal

pytestmark = pytest.mark.django_db
SECOND = dt.timedelta(seconds=1)


def take(valkey, now=NOON):
    return chat_lines.take(0, valkey, now)


def test_what_was_said_is_a_line_once_with_the_name_of_who_said_it(valkey):
    session = make_session()
    named(session, "Priya")
    say(valkey, session, "Could you go back one slide?")

    taken = [take(valkey) for _ in range(2)]

    assert taken == [1, 0]
    line = ChatLine.objects.get()
    assert (line.name, line.text, line.state) == ("Priya", "Could you go back one slide?", "shown")
    assert (line.said_at, line.shown_at) == (NOON, NOON)


def test_what_is_said_after_a_change_of_name_carries_the_new_one(valkey):
    session = make_session()
    named(session, "Jhon")
    say(valkey, session, "first")
    take(valkey)

    attendee_tokens.rename(attendee_tokens.Pass(session.pk, ANN, True), "John")
    say(valkey, session, "second")
    take(valkey)

    assert list(ChatLine.objects.order_by("pk").values_list("name", "text")) == [
        ("Jhon", "first"), ("John", "second"),
    ]  # fmt: skip


def test_name_that_a_moderator_has_shown_waits_no_more(valkey):
    session = make_session()
    named(session, "Arschloch")
    say(valkey, session, "first")
    take(valkey)
    line = ChatLine.objects.get()
    chat_moderation.show(session.pk, line.pk, was="waiting", by=None, now=NOON)

    say(valkey, session, "second")
    take(valkey)

    assert line.why == "name"
    assert states() == [("first", "shown", "name"), ("second", "shown", "")]


@pytest.mark.parametrize(
    "name", ["Peter", "Regina Wolf", "Mona", "Pinto", "Concha", "Semen", "Dick"]
)
def test_usual_name_and_thanks_to_it_are_shown(valkey, name):
    session = make_session()
    named(session, name)
    say(valkey, session, f"Thanks {name}, good point")

    take(valkey)

    assert ChatLine.objects.get().state == "shown"


def test_message_sent_again_is_one_line(valkey):
    session = make_session()
    say(valkey, session, "hello", n=7)
    take(valkey)
    say(valkey, session, "hello", n=7)

    take(valkey)

    assert states() == [("hello", "shown", "")]


def test_worker_that_dies_before_the_commit_is_followed_by_one_that_loses_nothing(
    valkey, monkeypatch
):
    session = make_session()
    say(valkey, session, "hello")

    class DeadError(BaseException):
        """What no worker survives."""

    def dies(*_args):
        raise DeadError

    with monkeypatch.context() as broken:
        broken.setattr(chat_lines, "_known", dies)
        with pytest.raises(DeadError):
            take(valkey)
    assert not ChatLine.objects.exists()

    take(valkey)

    assert states() == [("hello", "shown", "")]


@pytest.mark.django_db(transaction=True)
def test_several_workers_make_one_line_of_each_message(valkey):
    session = make_session()
    for n in range(30):
        say(valkey, session, f"message {n}")
    barrier = threading.Barrier(4)

    def work():
        barrier.wait(10)
        try:
            take(valkey)
        finally:
            connection.close()

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert [text for text, _, _ in states()] == [f"message {n}" for n in range(30)]


def test_chat_starts_where_the_ticker_stands(valkey):
    session = make_session()
    say(valkey, session, "before there was a chat")
    entry_id = valkey.xinfo_stream("sig:0")["last-generated-id"].decode()
    StreamOffset.objects.create(shard=0, entry_id=entry_id)
    say(valkey, session, "after")

    take(valkey)

    assert states() == [("after", "shown", "")]


def test_log_that_was_trimmed_is_caught_up_from_what_is_stored(valkey):
    session = make_session()
    say(valkey, session, "read in time", n=0)
    take(valkey)
    tick = tick_of(NOON.timestamp())
    now = dt.datetime.fromtimestamp(
        int(ChatOffset.objects.get().entry_id.split("-")[0]) / 1000, dt.UTC
    )
    tick = tick_of(now.timestamp()) + 1
    make_signal(session, tick, 1, text="trimmed", actor=BEN)
    make_signal(session, tick, 2, text="", kind=2, actor=BEN)
    say(valkey, session, "trimmed", actor=BEN, n=1)
    valkey.xtrim("sig:0", maxlen=0, approximate=False)
    say(valkey, session, "still in the log", n=3)
    moderate(session, ChatMode.OPEN, with_platforms=True)

    take(valkey)
    take(valkey)

    assert [text for text, _, _ in states()] == ["read in time", "trimmed", "still in the log"]


def test_log_that_is_away_is_left_for_later(valkey, settings, caplog):
    settings.REDIS_LOG_URL = "redis://127.0.0.1:1/0"
    chat_lines._log.cache_clear()

    assert chat_lines.take_all(NOON) == 0

    chat_lines._log.cache_clear()
    assert "the chat of shard 0 waits" in caplog.text


def test_what_is_no_chat_makes_no_line(valkey):
    session = make_session()
    item = presence_item(session.pk, 1, "web-1", [ANN])
    valkey.xadd("sig:0", {"b": encode_entry([item])})

    assert take(valkey) == 0
    assert not ChatLine.objects.exists()


def test_log_that_was_made_anew_is_read_from_its_beginning(valkey):
    session = make_session()
    ChatOffset.objects.create(shard=0, entry_id="1000-0")
    empty = take(valkey)
    say(valkey, session, "hello")

    taken = take(valkey)

    assert (empty, taken) == (0, 1)
    assert states() == [("hello", "shown", "")]


def test_session_of_another_shard_is_not_caught_up_here(valkey, settings):
    sessions = [make_session() for _ in range(8)]
    settings.SHARDS = 2
    tick = tick_of(NOON.timestamp())
    for each in sessions:
        make_signal(each, tick, text=f"{shard_of(each.pk)}", seq=5, source=9)
        moderate(each, ChatMode.OPEN, with_platforms=True)
    ChatOffset.objects.create(shard=0, entry_id=f"{round(NOON.timestamp() * 1000)}-0")
    say(valkey, sessions[0], "0")

    take(valkey)

    assert {text for text, _, _ in states()} == {"0"}


def test_session_that_is_gone_holds_nothing_up(valkey):
    gone, session = make_session(), make_session()
    say(valkey, gone, "nobody's")
    say(valkey, session, "hello")
    gone.delete()

    take(valkey)

    assert [text for text, _, _ in states()] == ["hello"]


# --- the rules


def test_chat_that_is_closed_is_heard_and_makes_no_line(valkey):
    session = make_session()
    moderate(session, ChatMode.CLOSED)
    say(valkey, session, "for the organizers")

    take(valkey)

    assert states() == []


def test_what_was_said_while_nobody_saw_it_stays_so_when_the_chat_opens(valkey):
    session = make_session()
    moderate(session, ChatMode.CLOSED)
    say(valkey, session, "for the organizers", at=NOON)
    chat_settings.set_for_session(session, None, False, NOON + SECOND)
    say(valkey, session, "for everybody", at=NOON + 2 * SECOND)

    take(valkey)

    assert [text for text, _, _ in states()] == ["for everybody"]


def test_event_says_what_holds_where_its_session_does_not(valkey):
    session = make_session()
    own = make_session(session.event)
    moderate(own, ChatMode.OPEN)
    chat_settings.set_for_event(session.event, ChatMode.ALL, False, NOON)
    say(valkey, session, "by the event")
    say(valkey, own, "by itself")

    take(valkey)

    assert states() == [("by the event", "waiting", "all"), ("by itself", "shown", "")]


def test_new_event_checks_the_first_message_and_question_of_each_person(valkey):
    event = Event.objects.create(organisation=make_organisation(), title="Evening")
    session = make_session(event)
    named(session, "Priya")
    say(valkey, session, "Hello everybody")
    take(valkey)

    assert chat_settings.event_rules(event).mode == ChatMode.FIRST
    assert states() == [("Hello everybody", "waiting", "first")]


def test_what_was_shown_at_once_makes_nobody_known(valkey):
    session = make_session()
    moderate(session, ChatMode.FIRST)
    make_line(session, "shown while all was shown at once", actor=BEN)
    say(valkey, session, "his", actor=BEN)

    take(valkey)

    assert states()[1:] == [("his", "waiting", "first")]


def test_new_name_of_a_known_person_waits_and_none_does_not(valkey):
    session = make_session()
    moderate(session, ChatMode.FIRST)
    make_line(session, "read before", actor=ANN, name="Ann", decided_at=NOON)
    make_line(session, "read before", actor=BEN, name="Ben", decided_at=NOON)
    named(session, "Ann has another name", actor=ANN)
    say(valkey, session, "mine", actor=ANN)
    say(valkey, session, "his", actor=BEN)

    take(valkey)

    assert states()[2:] == [("mine", "waiting", "first"), ("his", "shown", "")]


def test_first_message_of_each_person_waits_until_a_moderator_has_shown_one(valkey):
    session = make_session()
    moderate(session, ChatMode.FIRST)
    make_line(session, "read before", actor=BEN, decided_at=NOON)
    for text, actor in (("mine", ANN), ("mine again", ANN), ("his", BEN)):
        say(valkey, session, text, actor=actor)

    take(valkey)

    assert states()[1:] == [
        ("mine", "waiting", "first"), ("mine again", "waiting", "first"), ("his", "shown", ""),
    ]  # fmt: skip


@pytest.mark.parametrize("mode", [ChatMode.OPEN, ChatMode.FIRST])
@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("see https://spam.example", "link"),
        ("call me on +49 170 1234567", "personal"),
        ("what a shit talk", "profanity"),
        ("s\u200bhit", "profanity"),
    ],
)
def test_link_personal_data_and_swear_words_are_held_in_every_mode(valkey, mode, text, why):
    session = make_session()
    moderate(session, mode)
    make_line(session, "seen before", actor=ANN)
    say(valkey, session, text)

    take(valkey)

    assert states()[1:] == [(text, "waiting", why)]


def test_what_only_looks_like_code_is_shown_to_people(valkey):
    session = make_session()
    for text in ("I <3 this", "a < b -> c", "ignore all previous instructions", "日本語もOK"):
        say(valkey, session, text)

    take(valkey)

    assert {state for _, state, _ in states()} == {"shown"}


def test_name_that_is_an_advertisement_is_held(valkey):
    session = make_session()
    named(session, "www.spam.example")
    say(valkey, session, "hello")

    take(valkey)

    assert states() == [("hello", "waiting", "name")]


def test_message_of_a_blocked_person_is_hidden_from_all_but_her(valkey):
    session = make_session()
    ChatBlock.objects.create(session=session, actor=ANN, blocked_at=NOON)
    say(valkey, session, "again")
    say(valkey, session, "fine", actor=CLEO)

    take(valkey)

    assert states() == [("again", "hidden", "blocked"), ("fine", "shown", "")]


def test_message_of_a_platform_is_shown_only_where_the_setting_says_so(valkey):
    quiet, busy = make_session(), make_session()
    moderate(busy, ChatMode.OPEN, with_platforms=True)
    for session in (quiet, busy):
        send(valkey, session, "from the platform")

    take(valkey)

    assert [line.session_id for line in ChatLine.objects.all()] == [busy.pk]


def test_message_that_was_typed_offline_says_when_it_was_typed(valkey):
    session = make_session(status=SessionStatus.LIVE)
    say(valkey, session, "hello", at=NOON - 30 * SECOND)

    take(valkey)

    line = ChatLine.objects.get()
    assert (line.said_at, line.shown_at) == (NOON - 30 * SECOND, NOON)


@pytest.mark.parametrize(
    "text",
    [
        "می‌خواهم بدانم چرا", "हिन्दी में क्षत्रिय", "👩‍💻🏳️‍🌈👋🏽1️⃣", "one\n\ttwo", "שלום (a) 12",
        "한국어와 日本語", "ไทย",
        "e\u0301 and é", "ﷺ", "ｆｕｌｌ width", "x\u00a0y", "<b>&amp;</b> \\n", "C++ && a||b", "Z̷a̷l̷g̷o̷",
    ],
)  # fmt: skip
def test_writing_of_every_script_comes_out_as_it_went_in(valkey, text):
    session = make_session()
    named(session, "Priya")
    say(valkey, session, text)
    take(valkey)

    frame = json.loads(whole_frame(session, chat_settings.rules_of(session), NOON))

    assert [line["text"] for line in frame["lines"]] == [text]

"""An organizer's list of words: what it finds, and that every door reads it."""

import time

import pytest
from django.core.exceptions import ValidationError
from django.test import Client

from engagement.models import Event, StreamOffset
from engagement.models.word_list import check_words, tidied
from engagement.vocabulary.clock import tick_of
from engagement.vocabulary.signal_kinds import SignalKind
from interventions.agent.writing.llm.prompts import Brief, Moment, lay_out
from interventions.audience.questions import importing as question_import
from interventions.kinds import Kind
from interventions.kinds.content import usual
from interventions.models import Question
from interventions.text_checks.text_gate import (
    Refusal,
    TextContext,
    check,
    holds,
    holds_name,
    warns,
)
from interventions.text_checks.word_list import holds_any
from tests.conftest import NOON
from tests.interventions.api.cast import Caller
from tests.interventions.audience.chat.rooms import moderate, named, say, states
from tests.interventions.audience.chat.test_lines import take
from tests.support.factories import make_event, make_session, make_signal

T0 = tick_of(NOON.timestamp())


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("layoffs", "Will there be LAYOFFS?"),
        ("Kündigung", "die kündigung kommt"),
        ("Kündigung", "die Kuendigung kommt"),
        ("kuendigung", "die Kündigung kommt"),
        ("Kündigung", "die Kundigung kommt"),
        ("Größe", "GROESSE zählt"),
        ("Straße", "auf der STRASSE"),
        ("élan", "quel Elan"),
        ("elan", "quel élan"),
        ("layoffs", "l4y0ffs"),
        ("layoffs", "l\u0430yoffs"),
        ("layoff*", "the layoffs are near"),
        ("*kündigung*", "Massenkündigungen!"),
        ("Project Falcon", "when is project  falcon due"),
        ("Falcon-9", "is it the falcon 9"),
        ("layoff*", "l a y o f f s soon"),
        ("layoff*", "lay-offs now"),
        ("layoff", "L.A.Y.O.F.F"),
        ("Zebra Crossing", "the zebra\u200bcrossing"),
        ("Zebra Crossing", "zebracrossing"),
    ],
)
def test_word_is_found_however_it_is_written(listed: str, text: str) -> None:
    assert holds_any(text, (listed,))


@pytest.mark.parametrize(
    ("listed", "text"),
    [
        ("ass", "class and assembly"),
        ("layoff", "the layoffs are near"),
        ("Project Falcon", "the project of the falcon"),
        ("layoffs", ""),
        ("layoff*", "lay off me"),
        ("Zebra Crossing", "a zebra at the crossing"),
        ("abc", "a b or c"),
    ],
)
def test_other_words_are_not_found(listed: str, text: str) -> None:
    assert not holds_any(text, (listed,))


def test_time_grows_with_the_text_and_not_faster() -> None:
    listed = tuple(f"w{number}ord*" for number in range(200))
    took = []
    for length in (500, 1_000, 2_000):
        began = time.perf_counter()
        holds_any("word " * (length // 5), listed)
        took.append(time.perf_counter() - began)

    assert took[2] < 12 * max(took[0], 0.01)


@pytest.mark.parametrize("bad", ["no list", [1], ["x"], ["*"], ["**"], ["a" * 61], ["ab"] * 201,
                                 ["a\u202eb"], ["a\nb"]])  # fmt: skip
def test_what_is_no_list_of_words_is_refused(bad: object) -> None:
    with pytest.raises(ValidationError):
        check_words(bad)


def test_typed_words_are_kept_once() -> None:
    assert tidied([" Layoffs ", "layoffs", "", "two  words"]) == ["Layoffs", "two words"]


def test_every_gate_reads_the_list() -> None:
    listed = ("layoffs",)
    content = usual(Kind.CHAT_PROMPT, "en", "What do you think of layoffs today?")
    room = TextContext(Kind.CHAT_PROMPT, "en", blocked=listed)

    refused = check(content, room)

    assert refused is not None
    assert refused.code is Refusal.BLOCKED
    assert Refusal.BLOCKED in warns(content, room)
    assert holds("so, layoffs?", "en", listed) is Refusal.BLOCKED
    assert holds_name("Layoffs", "en", listed)
    assert "layoff" in lay_out(Brief("X", "en", forbidden=("layoff*",)), Moment(Kind.POLL)).event


@pytest.mark.django_db
def test_message_question_and_name_wait_in_a_room_where_all_is_shown_at_once(valkey) -> None:
    session = make_session(make_event(blocked_words=["layoff*"]))
    moderate(session, "open")
    named(session, "Layoffs", actor=12)
    say(valkey, session, "when are the layoffs", actor=11)
    say(valkey, session, "a fine day", actor=12)
    make_signal(session, T0, 1, kind=SignalKind.QUESTION, text="Are layoffs near?", actor=11)
    StreamOffset.objects.update_or_create(shard=0, defaults={"tick": T0})

    take(valkey)
    question_import.import_new(NOON)

    assert states() == [
        ("when are the layoffs", "waiting", "listed"), ("a fine day", "waiting", "name"),
    ]  # fmt: skip
    assert list(Question.objects.values_list("status", "why")) == [("held", "listed")]


@pytest.mark.django_db
def test_list_is_set_on_the_page_of_the_event(client: Client, owner, organisation) -> None:
    event = make_event(organisation)
    fields = {"title": "Days", "language": "en", "time_zone": "UTC", "chat_mode": "open"}
    address = f"/events/{event.pk}/edit/"

    client.force_login(owner)
    client.post(address, {**fields, "blocked_words": "Layoffs\n layoffs\nKündigung*\n"})
    refused = client.post(address, {**fields, "blocked_words": "x"})

    assert Event.objects.get().blocked_words == ["Layoffs", "Kündigung*"]
    assert "2 to 60 characters" in refused.content.decode()


@pytest.mark.django_db
def test_list_is_read_and_changed_by_the_api(organisation) -> None:
    caller = Caller(organisation)
    made = caller.post("events/", {"title": "Days", "blocked_words": ["layoffs", "Layoffs"]})
    path = f"events/{made.json()['id']}/"

    changed = caller.call("patch", path, {"blocked_words": ["falcon*"]})
    refused = caller.call("patch", path, {"blocked_words": ["*"]})

    assert made.json()["blocked_words"] == ["layoffs"]
    assert changed.json()["blocked_words"] == ["falcon*"]
    assert (refused.status_code, Event.objects.get().blocked_words) == (400, ["falcon*"])

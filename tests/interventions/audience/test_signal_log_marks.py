import pytest
from django.test import override_settings

from engagement.ticks.deduplication import Seen
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE, SignalKind
from interventions.audience import signal_log_marks
from interventions.kinds import Kind
from tests.conftest import NOON
from tests.interventions.audience.rooms import make_sent
from tests.support.factories import make_session
from tests.support.log import logged

pytestmark = pytest.mark.django_db
NOON_US = round(NOON.timestamp() * 1_000_000)


def test_poll_is_marked_when_it_opens_and_closes(valkey):
    poll = make_sent(make_session())

    assert signal_log_marks.opened(poll, NOON)
    assert signal_log_marks.closed(poll, NOON)

    first, second = logged(valkey)
    assert (first.kind, first.text) == (SignalKind.POLL_OPEN, f"iv-{poll.pk}")
    assert (second.kind, second.text) == (SignalKind.POLL_CLOSE, f"iv-{poll.pk}")
    assert {first.source, second.source} == {INDUCED_SOURCE}
    assert (first.session_id, first.received_us) == (poll.session_id, NOON_US)


@pytest.mark.parametrize(
    ("kind", "text", "mark"),
    [
        (Kind.CHAT_PROMPT, "What would you try first?", "chat:{}:120"),
        (Kind.QUESTION_PROMPT, "Lena asks something", "chat:{}:120"),
        (Kind.SPOKEN, "Who has tried this at home?", "chat:{}:120"),
        (Kind.SPOKEN, "We are back in a minute.", "note:{}:120"),
        (Kind.GAMIFICATION, "Which side asks more?", "team:{}:60"),
        (Kind.NOTIFICATION, "The demo starts now", "note:{}:120"),
        (Kind.BREAK, "Five minutes to stretch", "note:{}:60"),
    ],
)
def test_other_kinds_are_marked_with_what_they_ask_for(valkey, kind, text, mark):
    sent = make_sent(make_session(), kind, text=text)

    signal_log_marks.opened(sent, NOON)
    signal_log_marks.closed(sent, NOON)

    (signal,) = logged(valkey)
    assert (signal.kind, signal.text) == (SignalKind.PROMPT, mark.format(sent.pk))


def test_mark_written_twice_is_one_signal(valkey):
    poll = make_sent(make_session())

    for write in (
        signal_log_marks.opened,
        signal_log_marks.opened,
        signal_log_marks.closed,
        signal_log_marks.closed,
    ):
        write(poll, NOON)

    seen = Seen()
    assert [seen.is_new(each.source, each.seq) for each in logged(valkey)] == [
        True, False, True, False,
    ]  # fmt: skip


def test_mark_says_when_the_log_is_away():
    signal_log_marks.log_client.cache_clear()
    with override_settings(REDIS_LOG_URL="redis://127.0.0.1:1/0"):
        assert not signal_log_marks.opened(make_sent(make_session()), NOON)
    signal_log_marks.log_client.cache_clear()


def test_vote_signal_of_the_same_answer_is_the_same_signal():
    first = signal_log_marks.vote_signal(3, 9, False, 42, 1, NOON)
    again = signal_log_marks.vote_signal(3, 9, False, 42, 1, NOON)
    other = signal_log_marks.vote_signal(3, 9, False, 42, 2, NOON)

    assert first == again
    assert other.seq != first.seq
    assert (first.kind, first.text, first.actor) == (SignalKind.VOTE, "iv-9:1", 42)


def test_joining_a_team_is_no_vote():
    joined = signal_log_marks.vote_signal(3, 9, True, 42, 1, NOON)

    assert (joined.kind, joined.text) == (SignalKind.PROMPT, "join:9:1")

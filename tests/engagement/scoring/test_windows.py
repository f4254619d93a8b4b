import pytest
from hypothesis import given
from hypothesis import strategies as st

from engagement.scoring.presence import Settled
from engagement.scoring.tick_facts import TickFacts
from engagement.scoring.windows import CHAT_TICKS, LONGEST_TICKS, SessionWindows
from engagement.vocabulary.signal_kinds import ATTENDEES_OWN, SignalKind

CHAT, REACTION, VOTE = int(SignalKind.CHAT), int(SignalKind.REACTION), int(SignalKind.VOTE)
QUESTION, PULSE = int(SignalKind.QUESTION), int(SignalKind.PULSE)
OPEN, CLOSE = int(SignalKind.POLL_OPEN), int(SignalKind.POLL_CLOSE)
STREAM, JOIN = int(SignalKind.STREAM), int(SignalKind.JOIN)
signals = st.lists(
    st.tuples(
        st.integers(0, 150),
        st.sampled_from([CHAT, REACTION, VOTE, QUESTION, PULSE]),
        st.integers(1, 9),
    ),
    max_size=80,
).map(sorted)


def settled(present: int = 10, known: bool = True) -> Settled:
    return Settled([], [], present, known, known, None)


def close_all(windows: SessionWindows, first: int, last: int, present: int = 10) -> list[TickFacts]:
    return [windows.close(tick, settled(present)) for tick in range(first, last + 1)]


def test_people_count_once_and_signals_each():
    windows = SessionWindows()

    for actor in (1, 1, 1, 2):
        windows.add(CHAT, actor, 5)
    facts = windows.close(5, settled())

    assert (facts.chat, facts.chat_people, facts.active_people) == (4, 2, 2)


def test_silence_empties_every_window():
    windows = SessionWindows()
    for kind in (CHAT, REACTION, QUESTION, PULSE):
        windows.add(kind, 1, 0, text="great")

    facts = close_all(windows, 0, LONGEST_TICKS)[-1]

    people = (facts.chat_people, facts.reaction_people, facts.question_people)
    assert (*people, facts.active_people, facts.pulse_answers, facts.pulse_good) == (0,) * 6


def test_chat_window_is_two_minutes():
    windows = SessionWindows()
    windows.add(CHAT, 1, 0)

    people = [facts.chat_people for facts in close_all(windows, 0, CHAT_TICKS)]

    assert people == [1] * CHAT_TICKS + [0]


def test_signal_of_a_closed_tick_counts_in_the_open_one():
    windows = SessionWindows()
    windows.close(5, settled())

    windows.add(CHAT, 1, 3)

    assert windows.close(6, settled()).chat == 1


def test_signal_of_a_later_tick_waits_for_it():
    windows = SessionWindows()
    windows.add(CHAT, 1, 7)

    chats = [facts.chat for facts in close_all(windows, 5, 8)]

    assert chats == [0, 0, 1, 0]


def test_skipped_ticks_are_closed_as_empty():
    windows, twin = SessionWindows(), SessionWindows()
    for each in (windows, twin):
        each.add(CHAT, 1, 0)
        each.close(0, settled())

    skipped = windows.close(30, settled())
    stepped = close_all(twin, 1, 30)[-1]

    assert skipped == stepped


def test_tick_is_closed_once():
    windows = SessionWindows()
    windows.close(5, settled())

    with pytest.raises(ValueError, match="tick 5 is closed"):
        windows.close(5, settled())


def test_poll_counts_its_voters_until_it_closes():
    windows = SessionWindows()
    windows.add(OPEN, 0, 1, number=8, text="p1")
    windows.add(VOTE, 1, 1, text="p1")
    windows.add(VOTE, 1, 2, text="p1")
    windows.add(VOTE, 2, 2, text="")
    windows.add(CLOSE, 0, 3, text="p1")
    windows.add(VOTE, 3, 4, text="p1")

    told = [
        (f.poll_voters, f.poll_eligible, f.poll_age, f.poll_closed_for)
        for f in close_all(windows, 0, 5)
    ]

    assert told == [
        (0, 0, -1, -1), (1, 8, 0, -1), (2, 8, 1, -1), (2, 8, 2, 0), (2, 8, 3, 1), (2, 8, 4, 2)
    ]  # fmt: skip


def test_poll_without_a_number_is_for_those_present():
    windows = SessionWindows()
    windows.add(OPEN, 0, 1, text="p1")

    facts = windows.close(1, settled(present=12))

    assert facts.poll_eligible == 12


def test_votes_alone_imply_a_poll_that_ends_a_minute_after_the_last():
    windows = SessionWindows()
    windows.add(VOTE, 1, 1, text="p9")

    told = [f.poll_closed_for for f in close_all(windows, 1, 14)]

    assert told == [-1] * 12 + [0, 1]


def test_vote_of_an_attendees_page_counts_in_a_poll_that_others_opened_and_makes_none():
    windows, facts = SessionWindows(), []
    for tick, opened in enumerate(("", "p1", "p1")):
        if opened and tick == 1:
            windows.add(OPEN, 0, tick, text=opened)
        windows.add(VOTE, 7, tick, ATTENDEES_OWN, "p1")
        windows.add(VOTE, 8, tick, ATTENDEES_OWN, "made-up")
        facts.append(windows.close(tick, settled()))

    assert [(each.votes, each.poll_voters, each.active_people) for each in facts] == [
        (0, 0, 0), (1, 1, 1), (1, 1, 1),
    ]  # fmt: skip


def test_page_votes_in_no_poll_of_ours():
    windows = SessionWindows()
    windows.add(OPEN, 0, 5, text="iv-1", induced=True)
    windows.add(VOTE, 7, 5, ATTENDEES_OWN, "iv-1", induced=True)

    assert windows.close(5, settled()).poll_voters == 0


def test_induced_acts_are_not_organic():
    windows = SessionWindows()
    windows.add(CHAT, 1, 1)
    windows.add(OPEN, 0, 1, text="ours", number=5, induced=True)
    windows.add(VOTE, 2, 1, text="ours", induced=True)
    windows.add(CHAT, 3, 1, induced=True)

    facts = windows.close(1, settled())

    assert (facts.chat, facts.votes) == (1, 0)
    assert (facts.chat_people, facts.organic_chat_people) == (2, 1)
    assert (facts.active_people, facts.organic_active_people) == (3, 1)
    assert (facts.poll_voters, facts.organic_poll_voters, facts.poll_induced) == (1, 0, True)


def test_audience_that_nobody_counts_is_those_heard_lately():
    windows = SessionWindows()
    for actor in range(7):
        windows.add(CHAT, actor, 1)

    facts = windows.close(1, settled(0, known=False))

    assert (facts.present, facts.presence_known) == (7, False)


def test_latest_pulse_of_a_person_counts():
    windows = SessionWindows()
    for actor, word in ((1, "great"), (2, "great"), (2, "lost")):
        windows.add(PULSE, actor, 1, text=word)

    facts = windows.close(1, settled())

    assert (facts.pulse_answers, facts.pulse_good) == (2, 1)


def test_silence_is_counted_from_the_last_word_of_any_source():
    windows = SessionWindows()
    windows.add(JOIN, 1, 2)

    told = [
        windows.close(t, Settled([], [], 1, True, True, 4 if t >= 4 else None)) for t in range(8)
    ]

    assert [facts.heard for facts in told] == [False, False] + [True] * 6
    assert [facts.silent_for for facts in told] == [0, 0, 0, 1, 0, 1, 2, 3]


def test_stream_state_is_the_last_one_heard():
    windows = SessionWindows()
    windows.add(STREAM, 0, 1, text="offline")
    windows.add(STREAM, 0, 3, text="online")

    assert [f.stream_offline for f in close_all(windows, 0, 3)] == [False, True, True, False]


@given(signals)
def test_windows_equal_a_recount(made: list[tuple[int, int, int]]):
    windows = SessionWindows()
    for tick, kind, actor in made:
        windows.add(kind, actor, tick, text="great" if kind == PULSE else "p")

    for facts in close_all(windows, 0, 155):
        chatted = {a for t, k, a in made if k == CHAT and facts.tick - 24 < t <= facts.tick}
        reacted = {a for t, k, a in made if k == REACTION and facts.tick - 12 < t <= facts.tick}
        active = {a for t, _, a in made if facts.tick - 24 < t <= facts.tick}

        assert facts.chat_people == len(chatted)
        assert facts.reaction_people == len(reacted)
        assert facts.active_people == len(active)
        assert facts.chat == sum(t == facts.tick and k == CHAT for t, k, _ in made)


@given(signals, st.integers(0, 150))
def test_replay_of_the_last_ten_minutes_rebuilds_the_windows(
    made: list[tuple[int, int, int]], restart: int
):
    plain = [each for each in made if each[1] != VOTE]
    heard_at = max((tick for tick, _, _ in plain if tick <= restart), default=None)
    live, rebuilt = SessionWindows(), SessionWindows(heard_at=heard_at)
    for tick, kind, actor in plain:
        live.add(kind, actor, tick, text="great")
    before = close_all(live, 0, restart)
    for tick, kind, actor in plain:
        if tick > restart - LONGEST_TICKS:
            rebuilt.add(kind, actor, tick, text="great")
    rebuilt.close(restart, settled())

    assert close_all(live, restart + 1, 160) == close_all(rebuilt, restart + 1, 160)
    assert len(before) == restart + 1


@given(signals, st.integers(1, 9), st.integers(1, 50))
def test_spammer_counts_as_one_person(made: list[tuple[int, int, int]], spammer: int, extra: int):
    plain, spammed = SessionWindows(), SessionWindows()
    for tick, kind, actor in made:
        plain.add(kind, actor, tick, text="great")
        spammed.add(kind, actor, tick, text="great")
        for _ in range(extra if actor == spammer and kind == CHAT else 0):
            spammed.add(kind, actor, tick, text="great")

    for one, other in zip(close_all(plain, 0, 155), close_all(spammed, 0, 155), strict=True):
        assert one.chat_people == other.chat_people
        assert one.active_people == other.active_people

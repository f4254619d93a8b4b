import pytest

from engagement.detection.headline import CODES, Headline, headline
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.signal_kinds import AnomalyKind

BEFORE = [20.0, 0.0, 25.0, 10.0, 5.0, 0.0, 0.0]
PHASE = "The architecture"


def facts(present: int = 200, **more: int | bool) -> TickFacts:
    return TickFacts(50, present=present, presence_known=True, heard=True, **more)  # type: ignore[arg-type]


def told(
    now: TickFacts, points: list[float], before: TickFacts | None = None, state: str = "steady"
) -> Headline:
    before = before or facts(chat_people=20, reaction_people=20)
    return headline(now, before, points, BEFORE, state, PHASE)


def moved(channel: int, by: float) -> list[float]:
    return [p + (by if i == channel else 0.0) for i, p in enumerate(BEFORE)]


@pytest.mark.parametrize(
    ("channel", "fell", "rose"),
    [
        (0, "chat_quiet", "chat_up"),
        (1, "votes_faded", "polls_up"),
        (2, "fewer_active", "more_active"),
        (3, "reactions_down", "reactions_up"),
        (4, "questions_down", "questions_up"),
    ],
)
def test_what_moved_most_is_named(channel: int, fell: str, rose: str):
    assert told(facts(), moved(channel, -6.0)).code == fell
    assert told(facts(), moved(channel, 6.0)).code == rose


@pytest.mark.parametrize(
    ("channel", "people", "code"),
    [(0, {"chat_people": 15}, "chat_slower"), (3, {"reaction_people": 13}, "fewer_reactions")],
)
def test_channel_that_is_still_alive_has_not_gone_quiet(
    channel: int, people: dict[str, int], code: str
):
    assert told(facts(**people), moved(channel, -6.0)).code == code


def test_quiet_and_eighteen_left():
    sentence = told(facts(present=182), moved(0, -9.0))

    assert sentence == Headline("quiet_and_left", {"phase": PHASE, "people": 18})


def test_small_change_is_no_news():
    assert told(facts(), moved(0, -4.0)).code == "steady"
    assert told(facts(), moved(0, -4.0), state="losing").code == "still_quiet"
    assert told(facts(), moved(0, 4.0), state="engaged").code == "lively"


def test_people_who_left_are_told_even_when_the_score_holds():
    assert told(facts(present=150), BEFORE) == Headline(
        "people_left", {"phase": PHASE, "people": 50}
    )
    assert told(facts(present=260), BEFORE).code == "people_came"


def test_fading_poll_is_not_silence():
    points = moved(1, -9.0)
    points[0] -= 3.0

    assert told(facts(poll_age=30, poll_closed_for=9), points).code == "chat_quiet"


def test_first_two_minutes_say_the_state():
    sentence = headline(facts(), None, BEFORE, None, "engaged", "")

    assert sentence == Headline("lively", {"phase": "", "people": 200})


@pytest.mark.parametrize(
    ("now", "state", "code"),
    [
        (TickFacts(1), "none", "waiting_for_people"),
        (facts(present=0), "none", "waiting_for_people"),
        (facts(present=3), "none", "too_few"),
        (facts(present=30), "none", "starting"),
        (facts(stream_offline=True), "steady", "stream_offline"),
        (facts(silent_for=20), "steady", "source_silent"),
    ],
)
def test_what_is_more_urgent_than_a_change(now: TickFacts, state: str, code: str):
    assert told(now, BEFORE, state=state).code == code


@pytest.mark.parametrize(
    ("alarm", "code"),
    [
        (AnomalyKind.SUDDEN_DROP, "went_quiet"),
        (AnomalyKind.GRADUAL_DECLINE, "fading"),
        (AnomalyKind.LOW_ENGAGEMENT, "low"),
        (AnomalyKind.MASS_EXIT, "people_left"),
    ],
)
def test_alarm_says_what_happened(alarm: AnomalyKind, code: str):
    sentence = headline(facts(leaves=9), facts(), BEFORE, BEFORE, "steady", PHASE, alarm)

    assert sentence.code == code


def test_drop_with_people_leaving_says_both():
    sentence = headline(
        facts(present=150), facts(), BEFORE, BEFORE, "steady", PHASE, AnomalyKind.SUDDEN_DROP
    )

    assert sentence == Headline("quiet_and_left", {"phase": PHASE, "people": 50})


def test_codes_are_told_apart():
    assert len(CODES) == len(set(CODES))

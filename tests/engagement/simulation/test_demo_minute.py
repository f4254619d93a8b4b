"""The demo's story: the same for everybody, in whatever pieces it is played."""

from engagement.simulation import demo_minute


def acts(moments: list[demo_minute.Moment]) -> int:
    return sum(made.kind in {"chat", "reaction"} for _, made in moments)


def test_story_in_pieces_is_the_story_in_one() -> None:
    whole, people = demo_minute.between(0, 60, 20)

    pieces = [demo_minute.between(first, first + 7, 20) for first in range(0, 60, 7)]

    played = [each for moments, _ in pieces for each in moments if each[0] < 60]
    assert played == whole
    assert demo_minute.between(53, 60, 20)[1] == people


def test_room_is_lively_then_lost_and_comes_back_when_answered() -> None:
    before = [each for each in demo_minute.before() if each[0] >= -60]
    lost, _ = demo_minute.between(2, 20, None)
    answered, _ = demo_minute.between(20, 60, 20)
    alone, _ = demo_minute.between(20, 60, None)

    assert acts(before) / 60 > 1.5
    assert acts(lost) / 18 < 0.3
    assert acts(answered) > 20 * acts(alone)


def test_history_is_before_the_first_live_second() -> None:
    seconds = [second for second, _ in demo_minute.before()]

    assert min(seconds) == -demo_minute.BEFORE_SECONDS
    assert -5 <= max(seconds) < 0


def test_votes_come_over_time_and_for_every_option() -> None:
    votes = [demo_minute.vote("iv-1", f"guest-{number}", 3) for number in range(400)]

    within = sum(delay < 45 for delay, _ in votes) / len(votes)
    counts = [sum(option == each for _, option in votes) for each in range(3)]
    assert 0.7 < within < 0.9
    assert counts[0] > counts[1] > counts[2] > 20
    assert demo_minute.vote("iv-1", "guest-1", 3) == demo_minute.vote("iv-1", "guest-1", 3)

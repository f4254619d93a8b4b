from engagement.scoring import DEFAULT
from engagement.scoring.state_word import next_word


def told(word: str, *values: float, came_back: int = 0) -> str:
    return next_word(word, came_back, values, DEFAULT)[0]


def test_engaged_from_seventy_kept_down_to_sixty_seven():
    assert [told("steady", 70.0), told("engaged", 67.5), told("engaged", 66.9)] == [
        "engaged",
        "engaged",
        "steady",
    ]


def test_losing_below_forty_five_kept_up_to_forty_seven():
    assert [told("steady", 44.9), told("losing", 46.9), told("steady", 46.0)] == [
        "losing",
        "losing",
        "steady",
    ]


def test_drifting_after_a_fall_of_five_points():
    assert [told("steady", 60.0, 55.5), told("steady", 60.0, 55.0)] == ["steady", "drifting"]
    assert told("drifting", 60.0, 56.5) == "drifting"


def test_recovering_after_losing_for_two_minutes():
    word, came_back = next_word("losing", 24, (40.0, 48.0), DEFAULT)
    words = []
    for _ in range(30):
        words.append(word)
        word, came_back = next_word(word, came_back, (48.0, 48.0), DEFAULT)

    assert words == ["recovering"] * 24 + ["steady"] * 6


def test_no_values_no_word():
    assert next_word("engaged", 3, (), DEFAULT) == ("none", 0)

import pytest

from dashboard.page_data.activity_feed import Entry
from dashboard.templatetags import ui
from dashboard.wording import javascript_texts, sentences
from engagement.detection.headline import CODES
from engagement.scoring import POINT_NAMES
from engagement.vocabulary.signal_kinds import AnomalyKind, Severity
from tests.conftest import NOON


@pytest.mark.parametrize("code", CODES)
@pytest.mark.parametrize("phase", ["", "Architecture"])
@pytest.mark.parametrize("people", [1, 18])
def test_every_headline_has_a_whole_sentence(code, phase, people):
    params = {"phase": phase, "people": people, "seconds": 95}

    sentence = sentences.headline_text({"code": code, "params": params})

    assert sentence.endswith(".")
    assert "%" not in sentence
    if code not in {"steady"} and not phase:
        assert sentence != sentences.headline_text({"code": "steady", "params": params})


def test_headline_of_a_drop_reads_as_people_speak():
    params = {"phase": "", "people": 18}

    assert (
        sentences.headline_text({"code": "quiet_and_left", "params": params})
        == "Chat went quiet and 18 people left."
    )


def test_headline_of_one_person_is_singular():
    params = {"phase": "Q&A", "people": 1}

    assert (
        sentences.headline_text({"code": "people_left", "params": params})
        == "One person left during “Q&A”."
    )


def test_headline_of_a_newer_version_is_a_plain_sentence():
    assert sentences.headline_text({"code": "from_the_future"}).endswith(".")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0, "0 s"), (99, "99 s"), (100, "2 min"), (5_399, "90 min"), (7_200, "2 h")],
)
def test_durations_have_one_unit(seconds, text):
    assert sentences.duration(seconds) == text


@pytest.mark.parametrize("kind", AnomalyKind)
@pytest.mark.parametrize("severity", Severity)
def test_every_alarm_has_words_and_an_icon_in_the_feed(kind, severity):
    params = {"kind": kind, "severity": severity, "headline": {}, "by": "Mara"}

    for code in ("anomaly", "acknowledged", "resolved"):
        entry = Entry(NOON, code, params=params)
        assert kind.value not in sentences.feed_text(entry)
        assert sentences.feed_icon(entry)


def test_every_state_and_part_has_words():
    assert sentences.state_word("losing") == "Losing the room"
    assert sentences.state_word("unheard of") == sentences.state_word("none")
    assert all(sentences.part_name(name) != name for name in POINT_NAMES)


def test_scripts_get_words_for_every_state():
    assert set(javascript_texts.for_scripts()["states"]) == set(sentences.STATES)


def test_every_icon_named_in_code_is_drawn():
    drawn = ui._sprite()

    assert set(sentences.STATE_ICONS.values()) | set(sentences._FEED_ICONS.values()) <= set(drawn)
    assert {"diamond", "triangle-alert", "unplug"} <= set(drawn)


@pytest.mark.parametrize(
    ("an_hour", "critical", "told"),
    [
        (0.75, 0.05, "0.8 an hour, one critical in 20 hours"),
        (1.2, 1.0, "1.2 an hour, one critical in 1 hour"),
        (0.3, 0.0, "0.3 an hour, none critical"),
    ],
)
def test_false_alarms_are_told_as_measured(an_hour, critical, told):
    assert sentences.false_alarms(an_hour, critical) == told

from collections import Counter
from random import Random

import pytest

from engagement.simulation import SCENARIOS, Audience, MadeSignal
from engagement.vocabulary.signal_kinds import ACTS, KIND_OF_WIRE_NAME, PULSE_WORDS, TEXT_MAX_CHARS


def play(scenario: str, seconds: int, people: int = 200, seed: int = 1) -> list[list[MadeSignal]]:
    audience = Audience(people, scenario, Random(seed))
    return [audience.step() for _ in range(seconds)]


def acts(steps: list[list[MadeSignal]]) -> int:
    return sum(KIND_OF_WIRE_NAME[each.kind] in ACTS for step in steps for each in step)


@pytest.mark.parametrize("scenario", sorted(SCENARIOS))
def test_every_signal_can_be_sent_as_it_is(scenario: str):
    for step in play(scenario, 600, people=60):
        assert [each.offset for each in step] == sorted(each.offset for each in step)
        for each in step:
            kind = KIND_OF_WIRE_NAME[each.kind]
            assert len(each.text) <= TEXT_MAX_CHARS[kind]
            assert bool(each.text) == (kind.name not in {"JOIN", "LEAVE"})
            assert bool(each.actor) == (kind.name not in {"POLL_OPEN", "POLL_CLOSE"})
            assert kind.name != "PULSE" or each.text in PULSE_WORDS


def test_same_seed_plays_the_same_session():
    assert play("recovery", 300, seed=5) == play("recovery", 300, seed=5)
    assert play("recovery", 300, seed=5) != play("recovery", 300, seed=6)


def test_only_those_who_are_here_act():
    here: set[str] = set()
    for step in play("mass_exit", 600):
        came = {each.actor for each in step if each.kind == "join"}
        left = {each.actor for each in step if each.kind == "leave"}
        acted = {each.actor for each in step if KIND_OF_WIRE_NAME[each.kind] in ACTS}
        here = (here | came) - left
        assert acted <= here


def test_one_vote_each_per_poll():
    votes = Counter(
        (each.actor, each.text.partition(":")[0])
        for step in play("steady", 900)
        for each in step
        if each.kind == "vote"
    )

    assert votes
    assert set(votes.values()) == {1}


def test_silence_is_total_and_ends():
    steps = play("silence", 600)

    assert acts(steps[272:480]) == 0
    assert acts(steps[510:600]) > 20


def test_mass_exit_takes_a_third():
    audience = Audience(300, "mass_exit", Random(2))
    for _ in range(269):
        audience.step()
    before = audience.present
    for _ in range(45):
        audience.step()

    assert 0.5 * before < audience.present < 0.8 * before


def test_recovery_falls_and_comes_back():
    steps = play("recovery", 840)

    before, low, back = acts(steps[180:270]), acts(steps[300:390]), acts(steps[660:750])

    assert low < 0.3 * before
    assert back > 0.6 * before


def test_unknown_scenario_is_refused():
    with pytest.raises(KeyError):
        Audience(10, "party", Random(1))


def test_one_person_alone_is_fine():
    assert acts(play("steady", 1200, people=1)) >= 0

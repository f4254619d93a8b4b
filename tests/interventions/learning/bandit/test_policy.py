"""The laws of the policy through its public face."""

import json
import random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from interventions.learning.bandit import HOLD, Policy, Settings, replay

ACTIONS = ("POLL", "QUIZ", "CHAT_PROMPT", "SPEAKER_CUE", HOLD)
CONTEXTS = st.fixed_dictionaries(
    {},
    optional={
        "kind": st.sampled_from(["SUDDEN_DROP", "MASS_EXIT", "LOW_ENGAGEMENT", "other", ""]),
        "severity": st.floats(-1, 2),
        "score": st.floats(-10, 110),
        "baseline": st.floats(0, 100),
        "slope": st.floats(-100, 100),
        "forecast": st.floats(-100, 100),
        "phase": st.sampled_from(["Q&A", "Panel", "Architecture", ""]),
        "present": st.integers(0, 100_000),
        "recent": st.integers(0, 20),
        "unheard of": st.text(),
    },
)
ELIGIBLE = st.lists(st.sampled_from(ACTIONS), min_size=1, unique=True)


def taught(seed: int = 3, events: int = 4, effects: dict[str, float] | None = None) -> Policy:
    policy, rng = Policy(ACTIONS, seed=seed), random.Random(seed)
    for _ in range(events):
        policy.new_event()
        for _ in range(10):
            decision = policy.choose({"score": rng.uniform(20, 45)}, ACTIONS)
            policy.learn(decision.id, rng.gauss((effects or {}).get(decision.action, 0.0), 5.0))
    return policy


POLICY = taught()


@given(CONTEXTS, ELIGIBLE, st.sampled_from([None, 0.0, 0.25]))
def test_propensities_are_a_distribution_over_the_eligible(context, eligible, holdout):
    decision = POLICY.choose(context, eligible, holdout=holdout)
    POLICY.drop(decision.id)

    assert set(decision.propensities) == set(eligible)
    assert sum(decision.propensities.values()) == pytest.approx(1.0)
    assert decision.action in eligible
    assert set(decision.confidence) == set(eligible)
    assert all(0.0 <= value <= 1.0 for value in decision.confidence.values())
    arms = len(set(eligible) - {HOLD})
    share = 1.0 if not decision.measurable else 1.0 - decision.row["holdout"]
    least = POLICY.settings.floor * share
    assert all(decision.propensities[arm] >= least - 1e-12 for arm in set(eligible) - {HOLD})
    if arms and HOLD in eligible:
        assert decision.propensities[HOLD] >= decision.row["holdout"]


@given(CONTEXTS, ELIGIBLE)
def test_stored_row_replays_to_the_same_choice(context, eligible):
    decision = POLICY.choose(context, eligible)
    POLICY.drop(decision.id)

    assert replay(decision.row) == decision.action


@settings(max_examples=25)
@given(st.permutations(range(12)), st.integers(0, 5))
def test_outcomes_in_any_order_teach_the_same(order, seed):
    outcomes = [random.Random(100 + number).gauss(0, 5) for number in range(12)]
    policies = [Policy(ACTIONS, seed=seed) for _ in range(2)]
    for policy in policies:
        policy.new_event()
        for _ in range(12):
            policy.choose({}, ACTIONS)

    for number in range(12):
        policies[0].learn(str(number), outcomes[number])
    for number in order:
        policies[1].learn(str(number), outcomes[number])

    one, two = (policy.standings() for policy in policies)
    for arm, known in one.items():
        assert two[arm].effect == pytest.approx(known.effect, abs=1e-9)
        assert two[arm].confidence == pytest.approx(known.confidence, abs=1e-9)


def test_same_seed_same_choices_other_seed_other_choices():
    def choices(seed: int) -> list[str]:
        policy = Policy(ACTIONS, seed=seed)
        return [policy.choose({}, ACTIONS).action for _ in range(40)]

    assert choices(1) == choices(1)
    assert choices(1) != choices(2)


def test_drawn_as_often_as_logged():
    policy = taught(effects={"QUIZ": 4.0})
    expected, drawn = dict.fromkeys(ACTIONS, 0.0), dict.fromkeys(ACTIONS, 0)

    for _ in range(600):
        decision = policy.choose({"score": 30}, ACTIONS)
        policy.drop(decision.id)
        drawn[decision.action] += 1
        for action, share in decision.propensities.items():
            expected[action] += share

    for action in ACTIONS:
        spread = (expected[action] * (1 - expected[action] / 600)) ** 0.5
        assert abs(drawn[action] - expected[action]) < 4 * spread


def test_json_goes_on_exactly_where_it_stopped():
    policy = taught()
    waiting = policy.choose({"kind": "MASS_EXIT"}, ACTIONS)

    again = Policy.from_json(policy.to_json())

    assert again.to_json() == policy.to_json()
    assert again.waiting == (waiting.id,)
    for one in (policy, again):
        one.learn(waiting.id, -3.0)
        one.new_event()
    assert again.choose({"score": 22}, ACTIONS) == policy.choose({"score": 22}, ACTIONS)
    assert again.to_json() == policy.to_json()


def test_noise_is_guessed_at_first_and_then_learned():
    assert Policy(ACTIONS).noise == pytest.approx(Settings().noise)
    assert 4.0 < POLICY.noise < 6.0


def test_context_is_kept_as_plain_values():
    policy = Policy(ACTIONS)
    context = {"score": np.float64(31.5), "kind": "MASS_EXIT", "seen_at": object()}

    decision = policy.choose(context, ACTIONS)

    assert decision.row["context"] == {"kind": "MASS_EXIT", "score": 31.5}
    assert json.loads(json.dumps(decision.row)) == decision.row
    assert Policy.from_json(policy.to_json()).to_json() == policy.to_json()


def test_outcome_counts_once():
    policy = Policy(ACTIONS)
    decision = policy.choose({}, ACTIONS)

    assert policy.learn(decision.id, 2.0) is True
    before = policy.to_json()

    assert policy.learn(decision.id, 2.0) is False
    assert policy.to_json() == before


def test_dropped_decision_teaches_nothing():
    policy = Policy(ACTIONS)
    decision = policy.choose({}, ACTIONS)
    before = policy.standings()

    assert policy.drop(decision.id) is True
    assert policy.drop(decision.id) is False

    assert policy.learn(decision.id, 50.0) is False
    assert policy.standings() == before


def test_outcome_of_an_earlier_event_is_learned_with_a_little_less_weight():
    def effect(*, late: bool) -> float:
        policy = Policy(["POLL", HOLD], seed=5)
        policy.new_event()
        ids = [policy.choose({}, ["POLL", HOLD]).id for _ in range(60)]
        if late:
            policy.new_event()
        for number, id in enumerate(ids):
            sent = policy._pending[id].action == "POLL"
            policy.learn(id, (6.0 if sent else 0.0) + (number % 3 - 1))
        return policy.standings()["POLL"].effect

    assert 1.0 < effect(late=True) < 6.0
    assert 1.0 < effect(late=False) < 6.0


def test_unknown_names_and_broken_numbers_are_refused():
    policy = Policy(ACTIONS)
    decision = policy.choose({}, ACTIONS)

    for call in (
        lambda: policy.choose({}, []),
        lambda: policy.choose({}, ["DANCE"]),
        lambda: policy.choose({"score": "low"}, ACTIONS),
        lambda: policy.choose({"score": float("nan")}, ACTIONS),
        lambda: policy.choose({}, ACTIONS, holdout=0.9),
        lambda: policy.learn(decision.id, float("inf")),
        lambda: Policy([]),
    ):
        with pytest.raises(ValueError, match=r"."):
            call()
    for name in ("7", "abc", "-1"):
        with pytest.raises(KeyError):
            policy.learn(name, 1.0)


def test_only_doing_nothing_left_is_certain_and_no_measurement():
    decision = Policy(ACTIONS).choose({}, [HOLD])

    assert decision.propensities == {HOLD: 1.0}
    assert (decision.action, decision.is_holdout, decision.measurable) == (HOLD, False, False)


def test_without_hold_among_the_eligible_something_is_done_and_not_measurable():
    policy = Policy(ACTIONS, seed=2)

    decisions = [policy.choose({}, ["POLL", "QUIZ"]) for _ in range(50)]

    assert {decision.action for decision in decisions} == {"POLL", "QUIZ"}
    assert not any(decision.measurable for decision in decisions)


def test_about_one_suggestion_in_ten_is_held_back():
    policy = Policy(ACTIONS, seed=4)

    decisions = [policy.choose({}, ACTIONS) for _ in range(600)]

    suggested = [decision for decision in decisions if decision.suggested != HOLD]
    held = [decision for decision in suggested if decision.is_holdout]
    assert all(decision.action == HOLD for decision in held)
    assert 0.07 < len(held) / len(suggested) < 0.13


def test_learning_survives_an_event_and_what_is_good_is_found():
    policy = taught(seed=8, events=40, effects={"QUIZ": 5.0})
    policy.new_event()

    decision = policy.choose({"score": 30}, ACTIONS)

    assert max(decision.propensities, key=decision.propensities.__getitem__) == "QUIZ"
    assert decision.confidence["QUIZ"] > 0.9
    assert decision.estimates["QUIZ"].low > 0.5
    assert decision.deliveries["QUIZ"] > 100


def test_nothing_works_ends_in_mostly_leaving_it_alone():
    policy = taught(seed=9, events=60)
    policy.new_event()

    decision = policy.choose({"score": 30}, ACTIONS)

    assert decision.propensities[HOLD] > 0.5
    assert max(decision.confidence[arm] for arm in ACTIONS[:-1]) < 0.6


def test_settings_travel_and_wrong_ones_are_refused():
    policy = Policy(ACTIONS, settings=Settings(holdout=0.2, forgetting=0.02))

    again = Policy.from_json(policy.to_json())

    assert again.settings == policy.settings
    for wrong in (
        {"patience": 0.0},
        {"holdout": 0.6},
        {"floor": 0.5},
        {"scales": ()},
        {"scales": (0.5,)},
    ):
        with pytest.raises(ValueError, match=r"patience|holdout|floor|scales"):
            Settings(**wrong)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="unknown"):
        Settings.from_dict({"hold-out": 0.1})


def test_damaged_or_foreign_text_is_refused():
    policy = Policy(ACTIONS)

    with pytest.raises(ValueError, match="format"):
        Policy.from_json('{"format": 99}')
    with pytest.raises(ValueError, match="other actions"):
        Policy.from_json(policy.to_json().replace('"POLL", ', "", 1))
    with pytest.raises(ValueError, match="decided by"):
        replay({"version": "older"})


def test_new_actions_are_met_with_their_prior_and_change_nothing_of_the_others():
    policy = taught(effects={"QUIZ": 8.0})
    waiting = policy.choose({}, ACTIONS)
    before = policy.standings()

    policy.meet(["BREAK", *ACTIONS])
    after = policy.standings()
    alone = Policy([*ACTIONS, "BREAK"], seed=3).standings()["BREAK"]

    assert {name: after[name].effect for name in before} == pytest.approx(
        {name: each.effect for name, each in before.items()}
    )
    assert after["BREAK"].high - after["BREAK"].low > before["QUIZ"].high - before["QUIZ"].low
    assert after["BREAK"].low < alone.effect < after["BREAK"].high
    assert policy.learn(waiting.id, 5.0) is True
    assert "BREAK" in Policy.from_json(policy.to_json()).choose({}, ["BREAK", HOLD]).propensities


def test_too_many_actions_are_not_met():
    policy = taught()

    with pytest.raises(ValueError, match="besides HOLD"):
        policy.meet([f"A{n}" for n in range(40)])

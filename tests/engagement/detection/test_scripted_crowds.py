"""Crowds that are one person are found, and crowds of people never: halls, simulated and real sessions."""

import csv
import itertools
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Iterator
from pathlib import Path
from random import Random

import pytest

from engagement.detection.scripted_crowds import (
    AFTER_TICKS,
    CrowdFacts,
    CrowdWatch,
    Finding,
    Reason,
    reasons,
)
from engagement.simulation import SCENARIOS, Audience
from engagement.vocabulary.signal_kinds import ACTS, TICK_SECONDS, WIRE_NAMES, SignalKind

CHAT, VOTE, REACTION = (
    int(each) for each in (SignalKind.CHAT, SignalKind.VOTE, SignalKind.REACTION)
)
KINDS = {WIRE_NAMES[kind]: int(kind) for kind in ACTS}
# A folder of `recordings/*.jsonl` and `counts/viewers_*.csv`: real sessions are not ours to keep here.
DATA = Path(os.environ.get("REAL_SESSIONS", "no such folder"))
Act = tuple[float, int, int]
"""Seconds, actor, kind."""


def watched(
    joins: Iterable[tuple[float, int]],
    acts: Iterable[Act] = (),
    until: float = 0.0,
    leaves: Iterable[tuple[float, int]] = (),
) -> list[Finding | None]:
    """Play comings, acts and goings through a room; return what each tick found."""
    came: dict[int, list[int]] = defaultdict(list)
    went: dict[int, list[int]] = defaultdict(list)
    did: dict[int, list[Act]] = defaultdict(list)
    for at, actor in joins:
        came[int(at // TICK_SECONDS)].append(actor)
    for at, actor in leaves:
        went[int(at // TICK_SECONDS)].append(actor)
    for act in acts:
        did[int(act[0] // TICK_SECONDS)].append(act)
    last = max([*came, *did, int(until // TICK_SECONDS)])
    watch, found = CrowdWatch(), []
    for tick in range(last + 1):
        for at, actor, kind in sorted(did[tick]):
            watch.act(actor, kind, round(at * 1_000_000), tick)
        found.append(watch.close(tick, came[tick], went[tick]))
    return found


def why(found: Iterable[Finding | None]) -> set[Reason]:
    return {reason for each in found if each is not None for reason in each.reasons}


def let_in(people: int, rng: Random, over: float = 20.0) -> list[tuple[float, int]]:
    """A hall that comes within `over` seconds through our own door: 120 at once, then 10 a second."""
    wanted = sorted(rng.random() * over for _ in range(people))
    free, last, joins = 120.0, 0.0, []
    for actor, at in enumerate(wanted, 1):
        at = max(at, last)
        free = min(120.0, free + (at - last) * 10.0)
        if free < 1.0:
            at, free = at + (1.0 - free) / 10.0, 1.0
        free, last = free - 1.0, at
        joins.append((at, actor))
    return joins


# --- scripts


@pytest.mark.parametrize(
    ("rate", "minutes"), [(10.0, 3.0), (10.0, 2.0), (5.0, 3.0), (2.0, 4.0), (1.0, 4.0), (0.5, 4.0)]
)
def test_patient_script_is_noticed_at_its_rate_and_under_it(rate: float, minutes: float) -> None:
    rng = Random(1)
    joins = [(n / rate + rng.random() * 0.3, n + 1) for n in range(int(rate * minutes * 60))]

    found = watched(joins, until=minutes * 60 + 300)

    first = next(tick for tick, each in enumerate(found) if each is not None)
    assert why(found) <= {Reason.EVEN_ARRIVALS, Reason.SILENT_ARRIVALS}
    assert first * TICK_SECONDS <= 130
    assert [each.is_new for each in found if each is not None].count(True) == 1
    # It sits there and does nothing: it stays found until it goes.
    assert found[-1] is not None
    assert found[-1].people >= 40


def test_going_of_a_script_is_its_own_for_as_long_as_the_detector_looks_back() -> None:
    watch = CrowdWatch()
    for tick in range(40):
        watch.close(tick, [10 * tick + n for n in range(10)], [])
    assert watch.moves_numbers(39)

    watch.close(40, [], range(400))

    assert watch.moves_numbers(39 + AFTER_TICKS)
    assert not watch.moves_numbers(40 + AFTER_TICKS)
    assert not CrowdWatch().moves_numbers(1)


def test_script_is_over_when_it_has_gone() -> None:
    joins = [(n / 10.0, n + 1) for n in range(1_800)]
    leaves = [(400.0, actor) for _, actor in joins]

    found = watched(joins, leaves=leaves, until=420.0)

    assert found[70] is not None
    assert found[-1] is None


def test_two_hundred_tokens_that_vote_in_four_seconds_are_one_person() -> None:
    joins = [(n / 50.0, n + 1) for n in range(200)]
    acts = [(6.0 + n / 50.0, n + 1, VOTE) for n in range(200)]

    assert Reason.SAME_MOMENT in why(watched(joins, acts))


@pytest.mark.parametrize("gap", [0.1, 0.25, 0.8])
def test_acts_at_machine_pace_are_found(gap: float) -> None:
    rng = Random(2)
    joins = [(rng.random() * 60.0, n + 1) for n in range(70)]
    acts = [(80.0 + n * gap + rng.random() * 0.2 * gap, n % 70 + 1, CHAT) for n in range(80)]

    assert why(watched(joins, acts)) >= {Reason.EVEN_ACTS}


def test_reactions_of_many_in_one_second_are_found() -> None:
    rng = Random(3)
    joins = [(rng.random() * 40.0, n + 1) for n in range(150)]
    acts = [(60.0 + rng.random() * 0.9, n + 1, REACTION) for n in range(150)]

    assert why(watched(joins, acts)) == {Reason.SAME_MOMENT}


# --- people


@pytest.mark.parametrize("seed", range(40))
@pytest.mark.parametrize("people", [30, 120, 500])
def test_hall_behind_one_address_is_no_script(people: int, seed: int) -> None:
    """It comes within a minute, says nothing at first, then answers a poll and claps together."""
    rng = Random(seed)
    joins = let_in(people, rng)
    assert people > 500 or joins[-1][0] <= 60.0
    acts: list[Act] = []
    for _, actor in joins:
        if rng.random() < 0.75:
            acts.append((150.0 + rng.lognormvariate(2.2, 0.6), actor, VOTE))
        if rng.random() < 0.6:
            acts.append((240.0 + abs(rng.gauss(1.2, 0.9)), actor, REACTION))

    assert why(watched(joins, acts, until=600.0)) == set()


@pytest.mark.parametrize("seed", range(100))
def test_people_who_trickle_in_and_listen_are_no_script(seed: int) -> None:
    """By chance, at one to thirty a tick, for ten minutes, and they say nothing."""
    rng = Random(seed)
    rate, at, joins = rng.uniform(0.3, 6.0), 0.0, []
    while at < 600.0:
        at += rng.expovariate(rate)
        joins.append((at, len(joins) + 1))

    assert why(watched(joins)) == set()


def simulated(people: int, scenario: str, seed: int) -> Iterator[tuple[float, str, int]]:
    audience, names = Audience(people, scenario, Random(seed)), {}
    for second in range(1_200):
        for made in audience.step(1.0):
            names.setdefault(made.actor, len(names) + 1)
            yield second + made.offset, made.kind, names[made.actor]


@pytest.mark.parametrize("people", [12, 80, 500])
@pytest.mark.parametrize("scenario", SCENARIOS)
def test_simulated_audience_is_no_script(scenario: str, people: int) -> None:
    for seed in range(3):
        assert why(played(simulated(people, scenario, seed))) == set(), seed


def played(signals: Iterable[tuple[float, str, int]]) -> list[Finding | None]:
    """Whoever is heard first has come then, where nobody says when."""
    joins: list[tuple[float, int]] = []
    leaves: list[tuple[float, int]] = []
    acts: list[Act] = []
    here: set[int] = set()
    for at, kind, actor in signals:
        if kind == "leave":
            here.discard(actor)
            leaves.append((at, actor))
            continue
        if kind not in KINDS and kind != "join":
            continue
        if actor not in here:
            here.add(actor)
            joins.append((at, actor))
        if kind != "join":
            acts.append((at, actor, KINDS[kind]))
    return watched(joins, acts, leaves=leaves)


@pytest.mark.skipif(not DATA.exists(), reason="the real sessions are not here")
@pytest.mark.parametrize("name", ["classroom", "youtube_briefing", "twitch_esports"])
def test_real_session_is_no_script(name: str) -> None:
    assert why(played(recorded(DATA / "recordings" / f"{name}.jsonl"))) == set()


@pytest.mark.skipif(not DATA.exists(), reason="the real sessions are not here")
def test_real_viewers_who_come_are_no_script() -> None:
    for file in sorted((DATA / "counts").glob("viewers_*.csv")):
        rows = [
            row for row in csv.reader(file.read_text().splitlines()) if row and row[0][:1].isdigit()
        ]
        viewers = [int(float(row[-1])) for row in rows]
        more = [max(0, now - before) for before, now in itertools.pairwise(viewers)]
        for start in range(len(more)):
            window = tuple(more[start : start + 18])
            assert reasons(CrowdFacts(arrivals=window, settled=1_000, fresh=1_000)) == (), start


def recorded(file: Path) -> Iterator[tuple[float, str, int]]:
    names: dict[str, int] = {}
    for line in file.read_text().splitlines()[1:]:
        row = json.loads(line)
        actor = names.setdefault(str(row.get("actor", "")), len(names) + 1)
        yield float(row["t"]), row["kind"], actor

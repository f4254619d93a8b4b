import json
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from engagement.detection import DetectorTick
from engagement.detection.scan.per_channel import Alone
from tests.engagement.detection.sessions import alarms


def flooded(ticks: int, chats: tuple[int, int], reactions: int = 60) -> list[DetectorTick]:
    """A room in which reactions flood; chat comes at random between two counts a tick."""
    rng = Random(5)
    return [
        DetectorTick(
            chat=rng.randint(*chats), reactions=reactions + rng.randint(-8, 8), present=300
        )
        for _ in range(ticks)
    ]


def test_chat_that_stops_under_a_flood_of_reactions_is_seen():
    ticks = flooded(180, (4, 12)) + flooded(24, (0, 0))

    told = [(i, a.detail.statistic) for i, a in alarms(ticks)]

    assert told
    assert told[0][1] == "chat"
    assert 180 <= told[0][0] < 192


def test_one_channel_only_is_left_to_the_sum():
    alone = Alone(0.08)
    chat_only = [DetectorTick(chat=20 if tick < 90 else 0, present=100) for tick in range(120)]

    assert {found.z for tick in chat_only for found in alone.step(tick, 100.0)} == {0.0}


def test_chat_may_rest_while_a_poll_takes_votes():
    alone = Alone(0.08)
    for tick in flooded(180, (4, 12)):
        alone.step(tick, 300.0)

    told = [alone.step(t._replace(votes=9), 300.0)[0].z for t in flooded(30, (0, 0))]

    assert set(told[3:]) == {0.0}


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 9)), max_size=90), st.integers(0, 90))
def test_state_survives_json(acts: list[tuple[int, int]], cut: int):
    ticks = [DetectorTick(chat=chat, reactions=reactions, present=50) for chat, reactions in acts]
    alone = Alone(0.08)
    for tick in ticks[:cut]:
        alone.step(tick, 50.0)
    copy = Alone.from_json(json.loads(json.dumps(alone.to_json())))

    assert [alone.step(t, 50.0) for t in ticks[cut:]] == [copy.step(t, 50.0) for t in ticks[cut:]]

"""Facts of made-up rooms, for the laws of the score."""

from collections.abc import Iterable, Iterator

from hypothesis import strategies as st

from engagement.scoring import DEFAULT, Profile, Score, ScoreState, step
from engagement.scoring.tick_facts import TickFacts


def room(tick: int = 0, present: int = 100, chat: int = 12, **more: int | bool) -> TickFacts:
    """A tick of a room in which `chat` people chat; the organic twins follow."""
    facts: dict[str, int | bool] = {
        "chat_people": chat,
        "active_people": more.get("active_people", max(chat, int(more.get("reaction_people", 0)))),
        "leaves_known": True,
        "presence_known": True,
        "heard": True,
        **more,
    }
    pairs = ("chat_people", "reaction_people", "question_people", "active_people", "poll_voters")
    for name in pairs:
        facts.setdefault(f"organic_{name}", facts.get(name, 0))
    return TickFacts(tick=tick, present=present, **facts)  # type: ignore[arg-type]


def scores(
    facts: Iterable[TickFacts], profile: Profile = DEFAULT, state: ScoreState | None = None
) -> list[Score]:
    """The scores of consecutive ticks."""
    state = state or ScoreState()
    told = []
    for each in facts:
        state, score = step(state, profile, each)
        told.append(score)
    return told


def after(facts: Iterable[TickFacts], profile: Profile = DEFAULT) -> ScoreState:
    """The state after consecutive ticks."""
    state = ScoreState()
    for each in facts:
        state, _ = step(state, profile, each)
    return state


def steady(ticks: int, **more: int | bool) -> Iterator[TickFacts]:
    """A room in which nothing changes."""
    return (room(tick, **more) for tick in range(ticks))  # type: ignore[arg-type]


shares = st.fixed_dictionaries(
    {
        "chat": st.integers(1, 60),
        "reaction_people": st.integers(0, 60),
        "question_people": st.integers(0, 60),
        "active_people": st.integers(60, 100),
    }
)
"""People of 100 who take part in each channel."""

"""The numbers of the signal cards and of the score's parts; what is shown adds up.

The change is told over two minutes, or since a room turned (`Moment.turned`), and split among four
cards by what people did there:

* Chat, Polls: their channel.
* Here now: active people, and what leaving takes off.
* Reactions & questions: both channels together.
* A change of what is counted (a poll opens or fades, a channel is used for the first time), with
  the carry that answers it, is nobody's doing. It sums to about 0; what is left of it belongs to
  the polls where it lifted the score (a poll that is answered well), and where it lowered it (a
  carry shrinks in silence) to the cards that fell, in proportion; to Here now where none did.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from dashboard.page_data.tick_values import Moment, before, within
from dashboard.score.channels import behaviour, freshness
from dashboard.score.chart import Spark, spark
from dashboard.score.rounding import round_to_total, spread
from engagement.scoring import Profile
from engagement.scoring.channels import window_part

MINUTE_TICKS: Final = 12
SPARK_SECONDS: Final = 600
USUAL_SECONDS: Final = 1_800
USUAL_LEAST_TICKS: Final = 24
_HERE: Final = 1
_POLLS: Final = 2


@dataclass(frozen=True, slots=True)
class Change:
    """Points of the change; the four add up to `total`.

    All None where there was no score at the tick that it is told from, or is none now.
    """

    total: int | None = None
    chat: int | None = None
    here: int | None = None
    polls: int | None = None
    reactions: int | None = None


@dataclass(frozen=True, slots=True)
class Rate:
    """Something per minute: now (the last minute), and usually (None: too early to say)."""

    per_minute: int
    usual: int | None
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Here:
    """People: now, most at once, left in the last two minutes (None where nobody tells)."""

    present: int
    peak: int
    left: int | None
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Polls:
    """The open poll, or the last one: percent of the eligible who answered, ms when it opened."""

    percent: int
    is_open: bool
    opened_ms: int
    spark: Spark | None


@dataclass(frozen=True, slots=True)
class Cards:
    """The four signal cards."""

    chat: Rate
    here: Here
    polls: Polls | None
    reactions: Rate
    change: Change


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the score: who took part, what is expected, what it gives.

    `points` of all parts add up to the score shown. `percent` and `expected` are shares of those
    present, None where the part is no share of people.
    """

    name: str
    points: int
    people: int | None = None
    percent: int | None = None
    expected: int | None = None
    in_use: bool = True
    """False for a channel that gives nothing: not offered yet, or a poll that has faded out."""
    bar: str = "0%"


def change_of(moments: Sequence[Moment], profile: Profile) -> Change:
    """Return how the shown score changed and which card it came from.

    `moments` in order of time; the longer they reach back, the surer the split.
    """
    now, then = (moments[-1], before(moments)) if moments else (None, None)
    if now is None or then is None or now.shown is None or then.shown is None:
        return Change()
    fresh = freshness(moments)
    pair = (fresh[moments.index(then)], fresh[-1])
    acts = behaviour(now.points[:5], then.points[:5], pair, profile)
    chat, polls, active, reactions, questions = acts
    leaving = now.points_leaving - then.points_leaving
    counted = sum(now.points) - sum(then.points) - sum(acts) - leaving
    parts = [chat, active + leaving, polls, reactions + questions]
    total = now.shown - then.shown
    shown = round_to_total(_with_counted(parts, counted), total)
    return Change(total, chat=shown[0], here=shown[1], polls=shown[2], reactions=shown[3])


def _with_counted(parts: list[float], counted: float) -> list[float]:
    if counted >= 0:
        return [*parts[:_POLLS], parts[_POLLS] + counted, *parts[_POLLS + 1 :]]
    return spread(counted, parts, otherwise=_HERE)


def cards_of(moments: list[Moment], peak: int, profile: Profile) -> Cards | None:
    """Return the cards at the newest moment; None before the first tick.

    `moments` in order of time, half an hour of them or more; `peak` is the most people the session
    had at once.
    """
    if not moments:
        return None
    now = moments[-1]
    return Cards(
        chat=_rate(moments, lambda each: each.chat),
        here=_here(moments, max(peak, now.present)),
        polls=_polls(moments),
        reactions=_rate(moments, lambda each: each.reactions + each.questions),
        change=change_of(moments, profile),
    )


def _rate(moments: list[Moment], count: Callable[[Moment], int]) -> Rate:
    counts = [count(each) for each in moments]
    usual = _usual(counts)
    recent = counts[-(SPARK_SECONDS // 5 + MINUTE_TICKS) :]
    rolling = [
        float(sum(recent[max(0, at - MINUTE_TICKS) : at])) for at in range(len(recent), 0, -3)
    ]
    return Rate(
        per_minute=sum(counts[-MINUTE_TICKS:]),
        usual=usual,
        spark=spark(rolling[::-1][-SPARK_SECONDS // 15 :], usual, least_span=float(usual or 4)),
    )


def _usual(counts: Sequence[int]) -> int | None:
    """Mean per minute over half an hour, the last two minutes left out: they are what is judged."""
    past = counts[-(USUAL_SECONDS // 5) - USUAL_LEAST_TICKS : -USUAL_LEAST_TICKS]
    if len(past) < USUAL_LEAST_TICKS:
        return None
    return round(sum(past) * MINUTE_TICKS / len(past))


def _here(moments: list[Moment], peak: int) -> Here:
    now = moments[-1]
    recent = within(moments, 120)
    return Here(
        present=now.present,
        peak=peak,
        left=sum(each.leaves for each in recent) if now.leaves_known else None,
        spark=spark(
            [float(each.present) for each in within(moments, SPARK_SECONDS)[::3]],
            least_span=0.2 * peak,
        ),
    )


def _polls(moments: list[Moment]) -> Polls | None:
    now = moments[-1]
    if now.poll_age < 0:
        return None
    since = [each for each in moments if each.tick >= now.tick - now.poll_age]
    return Polls(
        percent=_percent(now.poll_voters, now.poll_eligible),
        is_open=now.poll_closed_for < 0,
        opened_ms=now.milliseconds - now.poll_age * 5_000,
        spark=spark([float(each.poll_voters) for each in since[-120:]]),
    )


def _percent(people: int, of: int) -> int:
    return min(100, round(100 * people / of)) if of else 0


def parts_of(now: Moment | None, profile: Profile) -> list[Part]:
    """Return what the score of a moment is made of; nothing where there is no score."""
    if now is None or now.shown is None:
        return []
    points = round_to_total(now.points, now.shown)
    expected = profile.expected if now.presence_known else profile.expected_unseen
    people = (
        (now.chat_people, now.present),
        (now.poll_voters, now.poll_eligible),
        (now.active_people, now.present),
        (now.reaction_people, now.present),
        (now.question_people, now.present),
    )
    names = ("chat", "polls", "active", "reactions", "questions")
    most = max(40.0, *(abs(each) for each in now.points))
    bars = [f"{max(0.0, each) / most * 100:.1f}%" for each in now.points]
    parts = [
        Part(
            name=name,
            points=points[at],
            people=count,
            percent=_percent(count, of),
            expected=round(100 * expected[at] * window_part(at, now.since_change)),
            in_use=count > 0 and (name != "polls" or now.points_polls > 0),
            bar=bars[at],
        )
        for at, (name, (count, of)) in enumerate(zip(names, people, strict=True))
    ]
    return [*parts, Part("leaving", points[5]), Part("carry", points[6], bar=bars[6])]

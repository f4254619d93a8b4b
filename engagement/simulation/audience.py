"""A made-up audience that chats, reacts, asks, votes, comes and goes like a real one."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from random import Random
from typing import Final

from engagement.simulation import texts
from engagement.simulation.mood import Mood, Temper
from engagement.simulation.random_draws import binomial, poisson
from engagement.simulation.scenarios import SCENARIOS
from engagement.vocabulary.signal_kinds import PULSE_WORDS

_CHAT_PER_MINUTE: Final = 0.16
"""Messages per person; talkers write most of them."""
_REACTIONS_PER_MINUTE: Final = 0.24
_QUESTIONS_PER_MINUTE: Final = 0.012
_PULSES_PER_MINUTE: Final = 0.01
_CHURN_PER_MINUTE: Final = 0.006
_HERE_AT_ONCE: Final = 0.6
_ARRIVAL_SECONDS: Final = 240.0
_POLL_EVERY: Final = 600.0
_POLL_FIRST: Final = 150.0
_POLL_SECONDS: Final = 45.0
_VOTES_PER_SECOND: Final = 0.035
_QUIET: Final = 0.5
"""Below this activity people say that they are lost."""
_TALKATIVE_SD: Final = 0.9
_STIRRED_SECONDS: Final = 240.0
_STIRRED_TO: Final = 1.25


@dataclass(frozen=True, slots=True)
class MadeSignal:
    """One made-up signal: `kind` is a wire name, `offset` the seconds since the step began."""

    kind: str
    actor: str
    text: str
    offset: float


class Audience:
    """`people` who live through a scenario; the same `rng` plays the same session again.

    Raises KeyError for a scenario that does not exist.
    """

    def __init__(self, people: int, scenario: str, rng: Random) -> None:
        self.scenario = SCENARIOS[scenario]
        self.second = 0.0
        self._rng = rng
        self._mood = Mood(Temper.draw(rng), rng)
        self._cheer = Mood(Temper.draw(rng), rng)
        self._talkative = [rng.lognormvariate(0.0, _TALKATIVE_SD) for _ in range(people)]
        self._outside = list(range(people))
        rng.shuffle(self._outside)
        self._here: list[int] = []
        self._weights: list[float] = []
        self._poll = ""
        self._voted: set[int] = set()
        self._polls = 0
        self._at_once = round(people * _HERE_AT_ONCE)
        self._stirred = 0.0

    def stir(self, strength: float) -> None:
        """Something was done for the room: activity comes back by a share of what it lost.

        `strength` is 0 (no effect at all) to 1 (all of it, and a quarter more than usual), above it
        the room is livelier than before; it fades with a half-life of 4 minutes.
        """
        self._stirred = max(self._stirred, strength)

    def guests(self) -> list[str]:
        """Return the names of those here."""
        return [_name(person) for person in self._here]

    @property
    def present(self) -> int:
        """How many are here now."""
        return len(self._here)

    def step(self, dt_seconds: float = 1.0) -> list[MadeSignal]:
        """Live through some seconds; what happened, in order."""
        made: list[MadeSignal] = []
        activity = self._activity(dt_seconds)
        minutes = dt_seconds / 60.0
        self._come_and_go(made, dt_seconds)
        self._run_poll(made)
        if self._here:
            mood = self._mood.step(dt_seconds, self._rng)
            cheer = self._cheer.step(dt_seconds, self._rng)
            people = len(self._here) * minutes * activity
            self._act(made, "chat", people * _CHAT_PER_MINUTE * mood, self._chat_texts(activity))
            rate = _REACTIONS_PER_MINUTE * 0.5 * (mood + cheer)
            self._act(made, "reaction", people * rate, texts.REACTIONS)
            self._act(made, "question", people * _QUESTIONS_PER_MINUTE * mood, texts.QUESTIONS)
            self._act(made, "pulse", people * _PULSES_PER_MINUTE, self._pulse_words(activity))
            self._vote(made, dt_seconds, min(1.0, activity))
        self.second += dt_seconds
        offsets = sorted(self._rng.uniform(0.0, dt_seconds) for _ in made)
        return [
            MadeSignal(each.kind, each.actor, each.text, offset)
            for each, offset in zip(made, offsets, strict=True)
        ]

    def _activity(self, seconds: float) -> float:
        """Return the scenario's activity, with what was done for the room."""
        activity = self.scenario.activity_at(self.second)
        self._stirred *= 0.5 ** (seconds / _STIRRED_SECONDS)
        return activity + self._stirred * max(0.0, _STIRRED_TO - activity)

    def _come_and_go(self, made: list[MadeSignal], seconds: float) -> None:
        rng = self._rng
        minutes = seconds / 60.0
        extra = self.scenario.leaving_at(self.second)
        leaving = binomial(rng, len(self._here), min(1.0, (_CHURN_PER_MINUTE + extra) * minutes))
        coming = self._at_once
        self._at_once = 0
        if extra < _CHURN_PER_MINUTE:
            coming += binomial(rng, len(self._outside), min(1.0, seconds / _ARRIVAL_SECONDS))
        if not (leaving or coming):
            return
        for _ in range(leaving):
            person = self._here.pop(rng.randrange(len(self._here)))
            self._outside.insert(0, person)
            made.append(MadeSignal("leave", _name(person), "", 0.0))
        for _ in range(min(coming, len(self._outside))):
            person = self._outside.pop()
            self._here.append(person)
            made.append(MadeSignal("join", _name(person), "", 0.0))
        self._weights = list(accumulate(self._talkative[person] for person in self._here))

    def _act(self, made: list[MadeSignal], kind: str, mean: float, words: Sequence[str]) -> None:
        count = poisson(self._rng, mean)
        if not count:
            return
        for person in self._rng.choices(self._here, cum_weights=self._weights, k=count):
            made.append(MadeSignal(kind, _name(person), self._rng.choice(words), 0.0))

    def _chat_texts(self, activity: float) -> Sequence[str]:
        if activity < _QUIET:
            return texts.FADING
        rising = self.scenario.activity_at(self.second + 30.0) > activity + 0.02
        return texts.RETURNING if rising else texts.LIVELY

    @staticmethod
    def _pulse_words(activity: float) -> Sequence[str]:
        good, *bad = PULSE_WORDS
        return bad if activity < _QUIET else (good, good, good, bad[0])

    def _run_poll(self, made: list[MadeSignal]) -> None:
        since = (self.second - _POLL_FIRST) % _POLL_EVERY
        is_open = self.scenario.polls and self.second >= _POLL_FIRST and since < _POLL_SECONDS
        if is_open and not self._poll:
            self._polls += 1
            self._poll = f"poll{self._polls}"
            self._voted = set()
            made.append(MadeSignal("poll_open", "", self._poll, 0.0))
        elif self._poll and not is_open:
            made.append(MadeSignal("poll_close", "", self._poll, 0.0))
            self._poll = ""

    def _vote(self, made: list[MadeSignal], seconds: float, activity: float) -> None:
        if not self._poll:
            return
        chance = min(1.0, _VOTES_PER_SECOND * seconds * activity)
        for person in self._here:
            if person not in self._voted and self._rng.random() < chance:
                self._voted.add(person)
                option = self._rng.choice(texts.POLL_OPTIONS)
                made.append(MadeSignal("vote", _name(person), f"{self._poll}:{option}", 0.0))


def _name(person: int) -> str:
    return f"guest-{person + 1}"

"""What there is to say about a kind of intervention, as one value."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum, unique

from django.utils.functional import Promise

from interventions.kinds import Kind


@unique
class Answer(StrEnum):
    """What people give back. The values are on the wire: never renamed."""

    NOTHING = "nothing"
    OPTION = "option"
    """One of its options; the shares are shown."""
    TEAM = "team"
    """One of its options is a side that a person takes; what she does then earns it points."""
    TEXT = "text"
    """A line in the chat."""


@unique
class Surface(StrEnum):
    """How it comes to people. The values are on the wire: never renamed."""

    CARD = "card"
    """A card on phones, projector and overlay; without an end it fades."""
    COUNTDOWN = "countdown"
    """A card that is over when its time is: nothing is left to show."""
    VOICE = "voice"
    """A card that a projector with a voice also speaks."""
    CUE = "cue"
    """The speaker's screen, and no other."""


@dataclass(frozen=True, slots=True)
class Shape:
    """Limits of its content: characters of text and option, how many options, seconds it stays open.

    has_answer: one option is the right one. may_quote: it shows somebody's question.
    """

    text: int
    options: tuple[int, int] = (0, 0)
    option: int = 25
    seconds: tuple[int, int] | None = None
    usual_seconds: int | None = None
    has_answer: bool = False
    may_quote: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Labels:
    """What pages call it, translated when shown.

    name: the noun. proposal: title of a suggestion. going_out: title of its countdown, with %(n)s
    seconds. ask_for: entry of the menu. send_edited, close: buttons under edited words, and while
    it is open. headline: title on attendees' pages ("" where none shows it). text, options: what
    its form calls the two.
    """

    name: Promise
    proposal: Promise
    going_out: Promise
    ask_for: Promise
    send_edited: Promise
    close: Promise
    headline: Promise | str
    text: Promise
    options: Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Declaration:
    """One kind.

    shape: None where nothing is sent. brief: what a model is told of it. cooldown_seconds: before the
    same kind may come again. most_per_session: None for no such limit. asks: whether a text of it makes
    people write (what they write then is not their own doing). only_asks: it claims and promises
    nothing. needs_question: it shows an open question of the audience. fits_questions: it may come
    while questions are taken.
    """

    kind: Kind
    icon: str
    labels: Labels
    shape: Shape | None
    answer: Answer = Answer.NOTHING
    surface: Surface = Surface.CARD
    brief: str = ""
    cooldown_seconds: int = 120
    most_per_session: int | None = None
    asks: Callable[[str], bool] | None = None
    only_asks: bool = False
    needs_question: bool = False
    fits_questions: bool = True

    @property
    def takes_votes(self) -> bool:
        """Whether each person chooses one of its options."""
        return self.answer in {Answer.OPTION, Answer.TEAM}

    def makes_write(self, text: str) -> bool:
        """Whether people write something because of a text of it: that is not their own doing."""
        return self.answer is Answer.TEXT or (self.asks is not None and self.asks(text))

    @property
    def is_for_audience(self) -> bool:
        """Whether it asks for the audience's attention."""
        return self.shape is not None and self.surface is not Surface.CUE

"""Rolling distinct people per channel, recomputed on the clock from the signals of one session.

A tick's facts count *people*, each once however much they write, over windows that end with the
tick; so a spammer is one person, and a silent tick is data rather than a missing update. Time is
`received_at`, in ticks. The cost is proportional to what is new and what expires.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from engagement.scoring.poll_window import PollWindow
from engagement.scoring.presence import Settled
from engagement.scoring.rolling import RollingPeople
from engagement.scoring.tick_facts import TickFacts
from engagement.vocabulary.signal_kinds import ACTS, ATTENDEES_OWN, SignalKind

CHAT_TICKS: Final = 24
REACTION_TICKS: Final = 12
QUESTION_TICKS: Final = 60
ACTIVE_TICKS: Final = 24
PULSE_TICKS: Final = 60
AUDIENCE_TICKS: Final = 120
"""Where nobody tells who is here, those heard in the last ten minutes are taken for the
audience."""
LONGEST_TICKS: Final = max(CHAT_TICKS, QUESTION_TICKS, PULSE_TICKS, AUDIENCE_TICKS)
"""Replaying the signals of this many ticks, and those of the last poll, rebuilds the windows."""

_ACTS: Final = frozenset(int(kind) for kind in ACTS)
_CHAT, _REACTION, _VOTE = int(SignalKind.CHAT), int(SignalKind.REACTION), int(SignalKind.VOTE)
_QUESTION, _UPVOTE, _PULSE = int(SignalKind.QUESTION), int(SignalKind.UPVOTE), int(SignalKind.PULSE)


class _Channels:
    """Distinct people of each channel, and of any act at all."""

    __slots__ = ("active", "by_kind", "chat", "questions", "reactions")

    def __init__(self) -> None:
        self.chat = RollingPeople(CHAT_TICKS)
        self.reactions = RollingPeople(REACTION_TICKS)
        self.questions = RollingPeople(QUESTION_TICKS)
        self.active = RollingPeople(ACTIVE_TICKS)
        self._index()

    def _index(self) -> None:
        self.by_kind = {
            _CHAT: self.chat,
            _REACTION: self.reactions,
            _QUESTION: self.questions,
            _UPVOTE: self.questions,
        }

    def act(self, kind: int, actor: int, tick: int) -> None:
        people = self.by_kind.get(kind)
        if people is not None:
            people.add(actor, tick)
        self.active.add(actor, tick)

    def forget(self, people: frozenset[int]) -> None:
        for some in (self.chat, self.reactions, self.questions, self.active):
            for actor in people:
                some.discard(actor)

    def expire(self, tick: int) -> None:
        self.chat.expire(tick)
        self.reactions.expire(tick)
        self.questions.expire(tick)
        self.active.expire(tick)

    def copy(self) -> "_Channels":
        twin = _Channels()
        twin.chat = self.chat.copy()
        twin.reactions = self.reactions.copy()
        twin.questions = self.questions.copy()
        twin.active = self.active.copy()
        twin._index()
        return twin


class SessionWindows:
    """The rolling view of one session: `add` its signals, `close` its ticks in rising order.

    A signal of a tick that is already closed counts in the open one; a signal of a later tick waits
    for it. Presence signals are kept by `Presence`; here they only show that somebody spoke.
    """

    __slots__ = (
        "_chat",
        "_closed",
        "_everyone",
        "_heard_at",
        "_organic",
        "_others",
        "_poll",
        "_presence_known",
        "_pulse",
        "_pulse_good",
        "_questions",
        "_reactions",
        "_seen",
        "_stream_offline",
        "_votes",
        "_waiting",
    )

    def __init__(self, heard_at: int | None = None) -> None:
        """`heard_at`: the last tick with any signal, where earlier ones are not replayed."""
        self._everyone = _Channels()
        self._organic = self._everyone
        self._seen = RollingPeople(AUDIENCE_TICKS)
        self._presence_known = False
        self._pulse = RollingPeople(PULSE_TICKS)
        self._pulse_good: set[int] = set()
        self._poll: PollWindow | None = None
        self._stream_offline = False
        self._heard_at = heard_at
        self._closed: int | None = None
        self._waiting: dict[int, list[tuple[int, int, int, str, bool]]] = {}
        self._chat = self._reactions = self._votes = self._questions = 0
        self._others: dict[int, Callable[[int, int, int, str, bool], None]] = {
            int(SignalKind.POLL_OPEN): self._open_poll,
            int(SignalKind.POLL_CLOSE): self._close_poll,
            int(SignalKind.STREAM): self._set_stream,
        }

    def add(
        self,
        kind: int,
        actor: int,
        tick: int,
        number: int = 0,
        text: str = "",
        induced: bool = False,
    ) -> None:
        """Take one signal received in `tick`.

        `text` is the poll's key for votes and polls ("" means the open one), the word of a pulse,
        the state of a stream; `number` is how many may vote (0: those here). `induced` marks what
        our own intervention caused.
        """
        if self._closed is None or tick > self._closed + 1:
            self._waiting.setdefault(tick, []).append((kind, actor, number, text, induced))
        else:
            self._apply(kind, actor, self._closed + 1, number, text, induced)

    def close(
        self, tick: int, settled: Settled, changed: Callable[[TickFacts], int] = lambda _: 0
    ) -> TickFacts:
        """End a tick. Ticks skipped since the last call are closed as empty.

        `settled` is what presence says of the same tick. `changed` is shown the facts of full windows
        and says how many ticks ago the level of the room changed (0: not of late); people are then
        counted over no more than that. Raises ValueError where the tick was closed before.
        """
        if self._closed is not None and tick <= self._closed:
            raise ValueError(f"tick {tick} is closed")
        for due in sorted(t for t in self._waiting if t <= tick):
            self._apply_waiting(due)
        self._presence_known = settled.known
        self._expire(tick)
        present = settled.present if settled.known else len(self._seen)
        if self._poll is not None:
            self._poll.settle(tick, present)
        facts = self._facts(tick, settled, present)
        since = changed(facts)
        if since:
            facts = self._lately(facts, since)
        self._chat = self._reactions = self._votes = self._questions = 0
        self._closed = tick
        self._apply_waiting(tick + 1)
        return facts

    def forget(self, people: frozenset[int]) -> None:
        """Leave out people who count no more, in every window."""
        for channels in {id(each): each for each in (self._everyone, self._organic)}.values():
            channels.forget(people)
        for actor in people:
            self._seen.discard(actor)
            self._pulse.discard(actor)
        self._pulse_good -= people
        if self._poll is not None:
            self._poll.voters -= people
            self._poll.organic_voters -= people
        for tick, waiting in self._waiting.items():
            self._waiting[tick] = [each for each in waiting if each[1] not in people]

    def _apply_waiting(self, tick: int) -> None:
        for kind, actor, number, text, induced in self._waiting.pop(tick, ()):
            self._apply(kind, actor, tick, number, text, induced)

    def _apply(
        self, kind: int, actor: int, tick: int, number: int, text: str, induced: bool
    ) -> None:
        if kind == _VOTE and number == ATTENDEES_OWN and not self._was_asked(text):
            return
        if not induced or kind in _ACTS:
            # What we write ourselves shows that nobody else spoke.
            self._heard_at = tick
        if kind in _ACTS:
            self._act(kind, actor, tick, text, induced)
            return
        handle = self._others.get(kind)
        if handle is not None:
            handle(actor, tick, number, text, induced)

    def _act(self, kind: int, actor: int, tick: int, text: str, induced: bool) -> None:
        if induced and self._organic is self._everyone:
            self._organic = self._everyone.copy()
        self._everyone.act(kind, actor, tick)
        if not induced:
            self._count(kind)
            if self._organic is not self._everyone:
                self._organic.act(kind, actor, tick)
        if not self._presence_known:
            self._seen.add(actor, tick)
        if kind == _VOTE:
            self._vote(actor, tick, text, induced)
        elif kind == _PULSE:
            self._feel(actor, tick, text)

    def _count(self, kind: int) -> None:
        if kind == _CHAT:
            self._chat += 1
        elif kind == _REACTION:
            self._reactions += 1
        elif kind == _VOTE:
            self._votes += 1
        elif kind in (_QUESTION, _UPVOTE):
            self._questions += 1

    def _feel(self, actor: int, tick: int, word: str) -> None:
        self._pulse.add(actor, tick)
        if word == "great":
            self._pulse_good.add(actor)
        else:
            self._pulse_good.discard(actor)

    def _vote(self, actor: int, tick: int, key: str, induced: bool) -> None:
        poll = self._poll
        if poll is None or (not poll.takes(key) and poll.implies_another(key)):
            poll = self._poll = PollWindow(key, 0, tick, implied=True, induced=induced)
        if poll.takes(key):
            poll.vote(actor, tick, induced)

    def _was_asked(self, key: str) -> bool:
        """Whether a poll of others is open that takes the key; ours is answered by HTTP."""
        poll = self._poll
        return poll is not None and not poll.implied and not poll.induced and poll.takes(key)

    def _open_poll(self, actor: int, tick: int, number: int, text: str, induced: bool) -> None:
        self._poll = PollWindow(text, number, tick, implied=False, induced=induced)

    def _close_poll(self, actor: int, tick: int, number: int, text: str, induced: bool) -> None:
        if self._poll is not None and self._poll.takes(text):
            self._poll.closed_at = tick

    def _set_stream(self, actor: int, tick: int, number: int, text: str, induced: bool) -> None:
        self._stream_offline = text == "offline"

    def _expire(self, tick: int) -> None:
        self._everyone.expire(tick)
        if self._organic is not self._everyone:
            self._organic.expire(tick)
        self._pulse_good.difference_update(self._pulse.expire(tick))
        self._seen.expire(tick)

    def _lately(self, facts: TickFacts, since: int) -> TickFacts:
        """The facts with people counted over the last `since` ticks at most."""
        everyone, organic, tick = self._everyone, self._organic, facts.tick
        return replace(
            facts,
            since_change=since,
            chat_people=everyone.chat.lately(tick, since),
            reaction_people=everyone.reactions.lately(tick, since),
            question_people=everyone.questions.lately(tick, since),
            active_people=everyone.active.lately(tick, since),
            organic_chat_people=organic.chat.lately(tick, since),
            organic_reaction_people=organic.reactions.lately(tick, since),
            organic_question_people=organic.questions.lately(tick, since),
            organic_active_people=organic.active.lately(tick, since),
        )

    def _facts(self, tick: int, settled: Settled, present: int) -> TickFacts:
        everyone, organic, poll = self._everyone, self._organic, self._poll
        heard_at = max(
            (at for at in (self._heard_at, settled.told_at) if at is not None), default=None
        )
        return TickFacts(
            tick=tick,
            present=present,
            presence_known=settled.known,
            leaves_known=settled.leaves_known,
            joins=len(settled.joined) if settled.leaves_known else 0,
            leaves=len(settled.left) if settled.leaves_known else 0,
            chat=self._chat,
            reactions=self._reactions,
            votes=self._votes,
            questions=self._questions,
            chat_people=len(everyone.chat),
            reaction_people=len(everyone.reactions),
            question_people=len(everyone.questions),
            active_people=len(everyone.active),
            poll_voters=len(poll.voters) if poll else 0,
            poll_eligible=max(poll.eligible, len(poll.voters)) if poll else 0,
            poll_age=tick - poll.opened_at if poll else -1,
            poll_closed_for=tick - poll.closed_at if poll and poll.closed_at is not None else -1,
            poll_induced=poll.induced if poll else False,
            pulse_answers=len(self._pulse),
            pulse_good=len(self._pulse_good),
            organic_chat_people=len(organic.chat),
            organic_reaction_people=len(organic.reactions),
            organic_question_people=len(organic.questions),
            organic_active_people=len(organic.active),
            organic_poll_voters=len(poll.organic_voters) if poll else 0,
            stream_offline=self._stream_offline,
            heard=heard_at is not None,
            silent_for=tick - heard_at if heard_at is not None else 0,
        )

"""Why messages are held for their words, read outside of every transaction and lock.

Of each round everybody has a share, so that nobody's texts keep others waiting: what is over the share
of a person, a session or an organisation is left unread, and read in a later round.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from engagement.intake.wire_format import Signal
from engagement.limits.turn_order import in_turns, within
from engagement.models import Attendee, Session
from interventions.audience.chat.rules import Rules, held_for, is_odd_name, price_of
from interventions.audience.chat.settings import rules_of_all
from interventions.models import ChatLine

SESSION_SHARE: Final = 16_000


@dataclass(frozen=True, slots=True)
class Shares:
    """Characters read in a round, as `chat_rules.price_of` counts them: the dearest take 40 µs each."""

    person: int
    session: int
    organisation: int
    all: int


# A second's ordinary talk of forty people. Whoever speaks now waits for the rest of this round only, so
# that is short, and what is over it is read beside it.
AT_ONCE: Final = Shares(person=1_000, session=2_500, organisation=4_000, all=16_000)
LATER: Final = Shares(person=2_500, session=SESSION_SHARE, organisation=24_000, all=48_000)
UNREAD: Final = "unread"
"""Why a line waits whose words nobody and nothing has looked at yet."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A message: new from the log, or a line that is unread (`line`, its key)."""

    session_id: int
    actor: int
    text: str
    signal: Signal | None = None
    line: int = 0

    @classmethod
    def of(cls, signal: Signal) -> Spoken:
        """Return a message of the log."""
        return cls(signal.session_id, signal.actor, signal.text, signal=signal)

    @classmethod
    def again(cls, row: ChatLine) -> Spoken:
        """Return the message of a line."""
        return cls(row.session_id, row.actor, row.text, line=row.pk)


@dataclass(frozen=True, slots=True)
class Judged:
    """A message whose words were looked at: why they are held, who wrote it, and whether that is odd."""

    said: Spoken
    words: str
    name: str
    is_odd: bool


@dataclass(frozen=True, slots=True)
class ChatSession:
    """A session, whose it is, and the rules of its chat."""

    session: Session
    organisation_id: int
    rules: Rules


def chat_sessions_of(ids: set[int]) -> dict[int, ChatSession]:
    """Return what is known of sessions (two queries); those that are gone are left out."""
    found = list(Session.objects.filter(pk__in=ids).select_related("event")) if ids else []
    rules = rules_of_all({each.pk: each.event_id for each in found}) if found else {}
    return {
        each.pk: ChatSession(each, each.event.organisation_id, rules[each.pk]) for each in found
    }


def look_at(
    said: list[Spoken], sessions: dict[int, ChatSession], shares: Shares
) -> Iterator[list[Judged]]:
    """Yield each session's messages, in their order, with what their words and authors' names are held for.

    What is over somebody's share of the round is not looked at: `UNREAD`. Those of an organisation are
    looked at when they are asked for, and organisations with less to read come first: who kept the words
    of a few waits for nobody's dear texts.
    """
    wanted = [each for each in said if _is_for_others(each, sessions[each.session_id].rules)]
    prices = [price_of(each.text) for each in wanted]
    turns = in_turns(
        enumerate(wanted),
        lambda each: sessions[each[1].session_id].organisation_id,
        lambda each: each[1].session_id,
        lambda each: each[1].actor,
    )
    _, later = within(
        turns,
        lambda each: prices[each[0]],
        (
            (lambda each: (each[1].session_id, each[1].actor), shares.person),
            (lambda each: each[1].session_id, shares.session),
            (lambda each: sessions[each[1].session_id].organisation_id, shares.organisation),
            (lambda each: None, shares.all),
        ),
    )
    over = {at for at, _ in later}
    names = _names(wanted, sessions)
    price: defaultdict[int, int] = defaultdict(int)
    by_session: defaultdict[int, list[tuple[Spoken, bool]]] = defaultdict(list)
    for at, each in enumerate(wanted):
        by_session[each.session_id].append((each, at in over))
        price[sessions[each.session_id].organisation_id] += 1 if at in over else prices[at]
    for pk in sorted(by_session, key=lambda pk: price[sessions[pk].organisation_id]):
        yield [_looked_at(each, sessions, names, is_over) for each, is_over in by_session[pk]]


def _names(said: Iterable[Spoken], sessions: dict[int, ChatSession]) -> dict[tuple[int, int], str]:
    """Return the names that authors gave, by event and person (one query)."""
    said = list(said)
    events = {sessions[each.session_id].session.event_id for each in said}
    people = {each.actor for each in said}
    rows = Attendee.objects.filter(event_id__in=events, actor__in=people).exclude(name="")
    found = rows.values_list("event_id", "actor", "name") if said else ()
    return {(event, actor): name for event, actor, name in found}


def _looked_at(
    said: Spoken, sessions: dict[int, ChatSession], names: dict[tuple[int, int], str], is_over: bool
) -> Judged:
    session = sessions[said.session_id].session
    name = names.get((session.event_id, said.actor), "")
    if is_over:
        return Judged(said, UNREAD, name, is_odd=False)
    blocked = tuple(session.event.blocked_words)
    words = held_for(said.text, session.language, blocked)
    return Judged(said, words, name, is_odd_name(name, session.language, blocked))


def _is_for_others(said: Spoken, rules: Rules) -> bool:
    if said.signal is None:
        return True
    if not rules.is_open:
        return False
    # What integrations send is told by its identity: see `engagement.intake.pseudonyms`.
    if said.signal.seq < 0 and not rules.with_platforms:
        return False
    return rules.since is None or said_at(said.signal) >= rules.since


def said_at(signal: Signal) -> dt.datetime:
    """When it was said, by their clock where that is not ahead of ours."""
    moment = min(signal.occurred_us, signal.received_us)
    return dt.datetime.fromtimestamp(moment / 1_000_000, dt.UTC)

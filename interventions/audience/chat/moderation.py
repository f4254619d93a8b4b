"""What moderators decide: show, hide, block. The first click wins, and the second is told so."""

import datetime as dt
from dataclasses import dataclass
from typing import Final

from django.contrib.auth.models import User
from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy

from engagement.live import broadcast, frames
from engagement.vocabulary.errors import ProblemError, conflict, not_found
from interventions.audience import counted_people
from interventions.audience.chat.lines import lock
from interventions.models import ChatBlock, ChatLine, ChatState

BY_SETTING: Final = ("first", "all")
"""Why a message waits that nothing speaks against."""
MOST_LISTED: Final = 100
"""Lines of a list on the moderators' page."""


@dataclass(frozen=True, slots=True)
class Desk:
    """What a moderator has before her: the oldest that wait, and the newest of the rest."""

    waiting: list[ChatLine]
    waiting_count: int
    shown: list[ChatLine]
    hidden: list[ChatLine]
    blocked: list[ChatBlock]

    @property
    def rest(self) -> list[ChatLine]:
        """Those listed as waiting that nothing speaks against."""
        return [line for line in self.waiting if line.why in BY_SETTING]


def desk(session_id: int) -> Desk:
    """Return what there is to decide and to take back in a session (five queries)."""
    waiting = _in_state(session_id, ChatState.WAITING)
    return Desk(
        waiting=list(waiting.order_by("pk")[:MOST_LISTED]),
        waiting_count=waiting.count(),
        shown=list(
            _in_state(session_id, ChatState.SHOWN).order_by("-shown_at", "-pk")[:MOST_LISTED]
        ),
        hidden=list(_in_state(session_id, ChatState.HIDDEN).order_by("-pk")[:MOST_LISTED]),
        blocked=list(ChatBlock.objects.filter(session_id=session_id).order_by("-blocked_at")),
    )


def waiting_count(session_id: int) -> int:
    """Return how many messages wait for a moderator (one query)."""
    return _in_state(session_id, ChatState.WAITING).count()


def held(session_id: int) -> QuerySet[ChatLine]:
    """Return the messages that wait for a moderator, the oldest first."""
    return _in_state(session_id, ChatState.WAITING).order_by("pk")


def _in_state(session_id: int, state: ChatState) -> QuerySet[ChatLine]:
    rows = counted_people.lines().filter(session_id=session_id, state=state)
    return rows.select_related("decided_by")


def show(session_id: int, pk: int, *, was: str, by: User | None, now: dt.datetime) -> ChatLine:
    """Let others see a message that was waiting or hidden.

    With a person's first message the others of hers that waited only for it are shown, too, unless she
    had another name by then: that one nobody has read.
    `was`: the state that the moderator saw; raises a conflict "chat_decided" where it is another now.
    """
    with transaction.atomic():
        lock(session_id)
        row = _move(session_id, pk, was, ChatState.SHOWN, by, now)
        if row.why == "first":
            followers = ChatLine.objects.filter(
                session_id=session_id, actor=row.actor, state=ChatState.WAITING, why="first",
                name__in=("", row.name),
            )  # fmt: skip
            _set(followers if row.actor else followers.none(), ChatState.SHOWN, by, now)
    return row


def show_rest(session_id: int, upto: int, *, by: User | None, now: dt.datetime) -> int:
    """Let others see what waits only because of the setting, up to a line's number; return how many.

    What the rules hold for its words goes on waiting, and so does what the moderator has not seen yet.
    """
    with transaction.atomic():
        lock(session_id)
        rows = _in_state(session_id, ChatState.WAITING).filter(why__in=BY_SETTING, pk__lte=upto)
        return _set(rows, ChatState.SHOWN, by, now)


def hide(session_id: int, pk: int, *, was: str, by: User | None, now: dt.datetime) -> ChatLine:
    """Let nobody else see a message; pages that show it take it away. Raises as `show` does."""
    with transaction.atomic():
        lock(session_id)
        return _move(session_id, pk, was, ChatState.HIDDEN, by, now)


def block(session_id: int, pk: int, *, by: User | None, now: dt.datetime) -> ChatBlock:
    """Hide all messages of a message's author in this session, and whatever she writes from now on.

    What she sends still counts in the score: what a moderator does changes no number. Raises not_found
    "chat_unknown", and a conflict "chat_nobody" where nobody is known to have written it.
    """
    with transaction.atomic():
        lock(session_id)
        row = _line(session_id, pk)
        if not row.actor:
            raise conflict("chat_nobody", "Nobody knows who wrote this. Hide it instead.")
        made, _ = ChatBlock.objects.get_or_create(
            session_id=session_id, actor=row.actor,
            defaults={"name": row.name, "blocked_at": now, "blocked_by": by},
        )  # fmt: skip
        theirs = ChatLine.objects.filter(session_id=session_id, actor=row.actor)
        _set(theirs.exclude(state=ChatState.HIDDEN), ChatState.HIDDEN, by, now)
    return made


def unblock(session_id: int, pk: int) -> bool:
    """Let a person's next messages be shown as everybody's; False where she was not blocked."""
    with transaction.atomic():
        lock(session_id)
        gone, _ = ChatBlock.objects.filter(session_id=session_id, pk=pk).delete()
        if gone:
            _tell_hosts(session_id)
    return bool(gone)


def _line(session_id: int, pk: int) -> ChatLine:
    rows = counted_people.lines().select_related("decided_by")
    row = rows.filter(session_id=session_id, pk=pk).first()
    if row is None:
        raise not_found("chat_unknown", "There is no such message.")
    return row


def _move(
    session_id: int, pk: int, was: str, state: ChatState, by: User | None, now: dt.datetime
) -> ChatLine:
    row = _line(session_id, pk)
    if not _set(ChatLine.objects.filter(pk=pk, state=was).exclude(state=state), state, by, now):
        raise _decided(row)
    return row


def _set(rows: QuerySet[ChatLine], state: ChatState, by: User | None, now: dt.datetime) -> int:
    when = Coalesce(F("shown_at"), now) if state == ChatState.SHOWN else F("shown_at")
    return rows.update(state=state, shown_at=when, decided_at=now, decided_by=by, is_news=True)


def _decided(row: ChatLine) -> ProblemError:
    who: object = gettext_lazy("Somebody else")
    if row.decided_by is not None:
        who = row.decided_by.get_full_name() or row.decided_by.get_username()
    if row.state == ChatState.SHOWN:
        return conflict("chat_decided", "%(who)s showed this message already.", who=who)
    if row.state == ChatState.HIDDEN:
        return conflict("chat_decided", "%(who)s hid this message already.", who=who)
    return conflict("chat_decided", "This message has changed meanwhile. Look again.")


def _tell_hosts(session_id: int) -> None:
    text = frames.text("event", name="chat")
    transaction.on_commit(lambda: broadcast.publish_or_log([(session_id, broadcast.HOST, text)]))

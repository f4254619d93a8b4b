"""What goes to the outside: claimed by one UPDATE, sent outside every transaction, noted, retried, given up.

Its rows are of a table with the columns of `Outgoing`, written (`next_at`: due) in the transaction of
what they tell of. A new sender is one module beside the table:

    class ChatSender(Sender[ChatPost]):
        model, stage = ChatPost, "chat-note"
        owner, recipient, place = F("link__organisation"), "link_id", "link_id"
        related = ("link",)
        retry_after = (dt.timedelta(seconds=2), dt.timedelta(seconds=10))

        def seal(self, row: ChatPost, now: dt.datetime) -> Send:
            return partial(send, row.link.url, row.body.encode(), {}, seconds=self.seconds)

    CHAT: Final = Outbox(ChatSender())

`due` leaves rows out, `settle` does what follows from an answer, an `Answer` that is final is not tried
again. A task calls `CHAT.begin_due(now)` and `CHAT.note_answers(now, seconds=…)`; beat's schedule wakes it.
"""

import datetime as dt
import logging
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Callable
from functools import partial
from typing import Any, Final, Generic, TypeVar

from django.db import transaction
from django.db.models import F, Q, QuerySet, Window
from django.db.models.expressions import BaseExpression
from django.db.models.functions import RowNumber

from engagement.limits.isolated_rows import Stuck, where
from engagement.limits.turn_order import in_turns
from interventions.models import DeliveryStatus, Outgoing
from interventions.notifications.http import LATE, Answer
from interventions.notifications.threads import Outbound

logger = logging.getLogger(__name__)
M = TypeVar("M", bound=Outgoing)
Send = Callable[[], Answer]
MOST_OF_ONE: Final = 10
"""Rows of one recipient in one round: a busy one leaves room for the others."""
MOST_SEEN: Final = 1_000
"""Rows among which turns are taken."""


class Sender(ABC, Generic[M]):
    """What is due to whom, how one row is sent, what an answer means, and when it is tried again."""

    model: type[M]
    stage: str
    """Of `StuckRow`, for answers that cannot be noted."""
    owner: BaseExpression | F
    """Whose threads a row takes."""
    recipient: str
    """The field by which rows of one owner take turns."""
    place: str
    """The column, a number, by which staff find a recipient whose answers cannot be noted."""
    order = "pk"
    """The field that says which is first of what one recipient is due at the same moment."""
    related: tuple[str, ...] = ()
    """Rows that are read with a row."""
    retry_after: tuple[dt.timedelta, ...]
    """Between one try and the next; after the last of them a row has failed."""
    lease = dt.timedelta(seconds=60)
    """A row claimed by a process that died is sent again after this."""
    seconds = 15.0
    """For one try."""
    threads = 20
    share = 6
    """Threads of one owner, and rows that are begun of it in one round."""

    def due(self, rows: QuerySet[M], now: dt.datetime) -> QuerySet[M]:
        """Return which of the rows that wait may be sent; `turn` counts those of one recipient from 1."""
        return rows.filter(turn__lte=MOST_OF_ONE)

    @abstractmethod
    def seal(self, row: M, now: dt.datetime) -> Send:
        """Return what sends a row, in at most `seconds`: it is called in a thread and touches no table.

        Whatever is raised here, the row has failed at once.
        """

    def settle(self, row: M, answer: Answer, now: dt.datetime) -> None:
        """Do what follows from an answer, in the transaction that notes it."""


class Outbox(Generic[M]):
    """The rows of one sender, on their way in this process's threads."""

    def __init__(self, sender: Sender[M]) -> None:
        self._sender = sender
        self._rows = sender.model._default_manager
        self._threads: Outbound[tuple[M, Send], Answer] = Outbound(
            sender.threads, sender.share, sender.seconds
        )

    def begin_due(self, now: dt.datetime, *, limit: int = 50) -> int:
        """Begin to send the rows that are due, at most `limit`; return how many.

        Two processes never try the same row at once. Of one owner no more is begun than fits its threads,
        also where they end at once: what another writes meanwhile waits for a short round.
        """
        begun: Counter[Any] = Counter()
        for pk, owner in self.due(now):
            if begun.total() == limit:
                break
            has_room = begun[owner] < self._sender.share and self._threads.has_room(owner)
            if has_room and (row := self._claim(pk, now)):
                # Threads touch no row: they wait for strangers' servers.
                self._threads.start(owner, (row, self._sealed(row, now)), lambda job: job[1]())
                begun[owner] += 1
        return begun.total()

    def note_answers(self, now: dt.datetime, *, seconds: float) -> None:
        """Note what came of what was begun; answers that take longer than `seconds` are a later call's."""
        stuck = Stuck(self._sender.stage, now)
        for (row, _), answer in self._threads.finished(seconds):
            # What cannot be noted is sent again when its lease is over.
            with stuck.trying(getattr(row, self._sender.place)), transaction.atomic():
                self._note(row, answer or LATE, now)

    def due(self, now: dt.datetime) -> list[tuple[Any, Any]]:
        """Return keys of due rows and whose they are: owners, and in them recipients, take turns."""
        sender, recipient = self._sender, self._sender.recipient
        order, of_one = ["next_at", sender.order], [sender.owner, F(recipient)]
        turn = Window(RowNumber(), partition_by=of_one, order_by=order)
        rows: Any = self._waiting(now).annotate(turn=turn, owner=sender.owner)
        rows = sender.due(rows, now)
        found = rows.order_by("turn", "next_at").values_list("pk", "owner", recipient)[:MOST_SEEN]
        return [each[:2] for each in in_turns(found, lambda each: each[1], lambda each: each[2])]

    def _waiting(self, now: dt.datetime) -> QuerySet[M]:
        return self._rows.filter(
            Q(lease_until=None) | Q(lease_until__lte=now),
            status=DeliveryStatus.PENDING, next_at__lte=now,
        )  # fmt: skip

    def _claim(self, pk: Any, now: dt.datetime) -> M | None:
        """Take a row; None where another process has it."""
        row, until = self._rows.filter(pk=pk), now + self._sender.lease
        taken = (row & self._waiting(now)).update(tries=F("tries") + 1, lease_until=until)
        return row.select_related(*self._sender.related).first() if taken else None

    def _sealed(self, row: M, now: dt.datetime) -> Send:
        try:
            return self._sender.seal(row, now)
        except Exception as error:
            logger.exception("%s: %s cannot be sealed", self._sender.stage, row.pk)
            return partial(Answer, error=f"not_sealed: {where(error)}", is_final=True)

    def _note(self, row: M, answer: Answer, now: dt.datetime) -> None:
        rows = self._rows.filter(pk=row.pk)
        if answer.is_taken:
            rows.update(
                status=DeliveryStatus.SENT, sent_at=now, next_at=None, lease_until=None, error=""
            )
        else:
            left = () if answer.is_final else self._sender.retry_after[row.tries - 1 :]
            # An answer that comes after the lease is no news of a try that another process began.
            rows.filter(tries=row.tries).update(
                status=DeliveryStatus.PENDING if left else DeliveryStatus.FAILED, lease_until=None,
                next_at=now + left[0] if left else None, error=answer.error[:200],
            )  # fmt: skip
            say = logger.info if left else logger.warning
            say("try %s of %s failed, %s left: %s", row.tries, row.pk, len(left), answer.error[:60])
        self._sender.settle(row, answer, now)

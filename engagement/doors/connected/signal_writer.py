"""How one page of a person speaks into the log, whichever way its frames come."""

import time
from collections.abc import Iterable
from typing import Any, Final

from engagement.doors.admission.known_sessions import LIVE, KnownSession
from engagement.doors.admission.person_budget import OTHER, PersonBudget
from engagement.doors.admission.signal_admission import check_live
from engagement.doors.connected.attendance import Attendance
from engagement.intake import wire_format
from engagement.intake.pseudonyms import client_of, seq_of
from engagement.intake.signal_log import Intake
from engagement.sessions.attendee_tokens import Pass
from engagement.sessions.removed_people import check
from engagement.vocabulary.errors import ProblemError, invalid, rate_limited
from engagement.vocabulary.signal_kinds import SignalKind

CLIENT_MAX_CHARS: Final = 64


def now_us() -> int:
    """Return our clock, microseconds since the Unix epoch."""
    return time.time_ns() // 1000


class Voice:
    """`client` is chosen at random by the page and kept while it lives, with its frame numbers.

    Raises ProblemError("client_missing").
    """

    def __init__(
        self, known: KnownSession, person: Pass, client: str, budget: PersonBudget
    ) -> None:
        if not 0 < len(client) <= CLIENT_MAX_CHARS:
            raise invalid(
                "client_missing", "A client id of 1 to 64 characters is needed.", "client"
            )
        self.known = known
        self.person = person
        self.source = client_of(known.salt, person.actor, client)
        self._budget = budget

    def check_pace(self, kinds: Iterable[type] = (OTHER,)) -> None:
        """Count what is said, by its types in a frame. Raises a rate limit."""
        self._budget.take(self.known.session_id, self.person.actor, kinds, time.monotonic())

    def item(self, frame: wire_format.Frame, text: str) -> tuple[Any, ...] | None:
        """Return what goes into the log of a frame that may be heard now; None where nothing does.

        Who opted out may vote, but is not heard: what is not kept cannot be lost. Raises ProblemError.
        """
        self.check_pace(map(type, frame.s))
        if self.known.status != LIVE:
            check_live(self.known)
        check(self.known.out, self.person.actor)
        if not self.person.counts:
            return None
        return wire_format.attendee_item(
            self.known.session_id, now_us(), self.source, self.person.actor, text
        )

    def goodbye(self, nonce: str, attendance: Attendance, intake: Intake) -> None:
        """The person leaves now, if this was their last line; one that just ends leaves 15 s later.

        Of who opted out nobody said that she came.
        """
        actor, session_id = self.person.actor, self.known.session_id
        if not self.person.counts or attendance.lines(self.known, actor) > 1:
            return
        moment = now_us()
        seq = seq_of(self.known.salt, f"leave:{nonce}:{moment}")
        signal = wire_format.Signal(
            session_id, moment, moment, int(SignalKind.LEAVE), actor, self.source, seq
        )
        intake.note(session_id, wire_format.batch_item(session_id, moment, [signal]), 64)


def too_many_tabs() -> ProblemError:
    """More lines of one person than a person has."""
    return rate_limited("token_in_use", "Too many tabs use this token.", retry_after=30)

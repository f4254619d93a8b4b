"""The live sessions of one shard as its ticker holds them; one on which the work fails stops no other."""

import datetime as dt
import logging

from django.conf import settings
from django.db import transaction

from engagement.intake.shards import shard_of
from engagement.intake.wire_format import Signal
from engagement.limits.isolated_rows import Stuck
from engagement.sessions.removed_people import out_of
from engagement.ticks.live_sessions import LiveSession, read_live_sessions
from engagement.ticks.rebuild import let_in_again, listen_again, rebuild
from engagement.ticks.session_state import SessionState, fresh
from engagement.ticks.signal_storage import Ears
from engagement.vocabulary.signal_kinds import INDUCED_SOURCE

logger = logging.getLogger(__name__)
STAGE = "tick"


class Held:
    """Sessions that are counted, and the ears of sessions that are put off.

    Of a session that is put off what it says is stored all the same, once; its ticks are left out until
    it is tried again, made anew from its rows: a second later, then twice as long, up to five minutes.
    """

    def __init__(self, shard: int) -> None:
        self.shard = shard
        self.states: dict[int, SessionState] = {}
        self._ears: dict[int, Ears] = {}
        self._stuck: Stuck
        self._out: dict[int, frozenset[int]] = {}
        # Ticks in which something came for a session that is put off: a door was open.
        self._heard: set[int] = set()

    def clear(self) -> None:
        """Forget everything: the rows know it."""
        self.states.clear()
        self._ears.clear()
        self._heard.clear()

    def hear(self, signal: Signal, tick: int) -> None:
        """Take a stored signal that counts in `tick`."""
        state = self.states.get(signal.session_id)
        if state is not None:
            state.hear(signal, tick)
        elif signal.source != INDUCED_SOURCE and signal.session_id in self._ears:
            self._heard.add(tick)

    def heard_in(self, tick: int) -> bool:
        """Whether something of others waits for a tick."""
        return tick in self._heard or any(state.heard_in(tick) for state in self.states.values())

    def ears_of(self, session_id: int) -> Ears | None:
        """Return what hears for a live session, None for any other."""
        state = self.states.get(session_id)
        return state.ears if state is not None else self._ears.get(session_id)

    def is_out(self, signal: Signal) -> bool:
        """Whether nothing is stored of who sent it; of a session that is not live it is asked (a query)."""
        out = self._out.get(signal.session_id)
        if out is None:
            return signal.actor in out_of([signal.session_id]).get(signal.session_id, ())
        return signal.actor in out

    def refresh(self, closed: int, now: dt.datetime) -> None:
        """Hold exactly the live sessions of this shard, as they stand after the tick `closed`."""
        live = {each.id: each for each in read_live_sessions() if shard_of(each.id) == self.shard}
        for held in (self.states, self._ears):
            for gone in held.keys() - live.keys():
                del held[gone]
        self._heard = {tick for tick in self._heard if tick > closed}
        self._stuck = Stuck(STAGE, now, live)
        self._out = {pk: each.out for pk, each in live.items()}
        for session_id, each in live.items():
            if self._stuck.is_put_off(session_id):
                self._set_aside(session_id, closed)
                continue
            try:
                self._hold(each, closed)
            except Exception as error:  # noqa: BLE001 -- noted and logged there
                self.put_off(session_id, error, closed)

    def put_off(self, session_id: int, error: Exception, closed: int) -> None:
        """Count a session no more until it is due again. Raises what the database raises while it is away."""
        if self._stuck.is_put_off(session_id):
            return
        logger.error("tick of %s failed", session_id, exc_info=error)
        self._stuck.put_off(session_id, error)
        self._set_aside(session_id, closed)

    def is_done(self, session_id: int) -> None:
        """Note that a tick of a session was closed and stored."""
        self._stuck.is_done(session_id)

    def _hold(self, live: LiveSession, closed: int) -> None:
        """Make or bring up to date the room of a session."""
        state = self.states.get(live.id)
        if state is None or not state.fits(live):
            # Other settings of the detector replay the rows as a new room does.
            state = fresh(live, self._has_shadow(state))
            with transaction.atomic():
                rebuild(state, closed)
            self.states[live.id] = state
            self._ears.pop(live.id, None)
        if gone := live.out - state.out:
            state.take_out(gone)
        if back := state.out - live.out:
            let_in_again(state, back, closed)
        state.profile, state.profile_version = live.profile, live.profile_version
        state.agenda = live.agenda

    def _has_shadow(self, state: SessionState | None) -> bool:
        if state is not None:
            return state.shadow is not None
        shadows = sum(each.shadow is not None for each in self.states.values())
        return shadows < int(settings.SHADOW_SESSIONS)

    def _set_aside(self, session_id: int, closed: int) -> None:
        """Let a session's ears hear on alone."""
        state = self.states.pop(session_id, None)
        if state is not None:
            self._ears[session_id] = state.ears
            self._heard |= state.heard_ticks()
        elif session_id not in self._ears:
            self._ears[session_id] = _ears(session_id, closed)


def _ears(session_id: int, closed: int) -> Ears:
    """Return ears that know what was stored, or nothing where even that fails."""
    ears = Ears()
    try:
        with transaction.atomic():
            listen_again(ears, session_id, closed)
    except Exception:
        logger.exception("tick of %s: what it heard cannot be read", session_id)
        return Ears()
    return ears

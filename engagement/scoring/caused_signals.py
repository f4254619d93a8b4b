"""Which signals our own interventions caused, so that the organic score leaves them out.

We write what we open into the log ourselves (source INDUCED_SOURCE, which no door can say), and the
rule looks at nothing but the log: whoever reads the stored signals again finds the same. Texts of
our own PROMPT signals, `<word>:<intervention>:<number>`:

* `chat:<id>:<seconds>`: people were asked to write. The first chat message of each person within
  that time is an answer; what they write after it is their own.
* `team:<id>:<seconds>`: a challenge runs. Every act of a member of its teams is induced.
* `join:<id>:<team>`: the person (`actor`) is on a team of that challenge.
* `note:<id>:<seconds>`: something was shown that asks for no act.

Votes for a poll of ours (its key starts with OWN_KEY) are induced wherever they come from.
"""

from dataclasses import dataclass, field
from typing import Final

from engagement.vocabulary.signal_kinds import ACTS, INDUCED_SOURCE, OWN_KEY, SignalKind

_ACTS: Final = frozenset(int(kind) for kind in ACTS)
_CHAT, _VOTE, _PROMPT = int(SignalKind.CHAT), int(SignalKind.VOTE), int(SignalKind.PROMPT)
LONGEST_SECONDS: Final = 600
"""Nothing of ours stays open longer: so much of the log is read again after a restart."""
# Signals come nearly in the order of their times; what closed this long ago takes no more of them.
_LET_GO_US: Final = 60_000_000


@dataclass(slots=True)
class _Opened:
    """One of our prompts; times in microseconds since the Unix epoch."""

    at_us: int
    until_us: int
    is_challenge: bool
    people: set[int] = field(default_factory=set)
    """Who answered the prompt, or is on a team."""

    def takes(self, moment_us: int) -> bool:
        return self.at_us <= moment_us < self.until_us


class Induction:
    """What of ours is open in one session. `judge` each signal once, in the order of the log.

    After a restart `remember` the stored signals with what was judged of them, our own first.
    """

    __slots__ = ("_joined", "_opened")

    def __init__(self) -> None:
        self._opened: dict[int, _Opened] = {}
        self._joined: dict[int, set[int]] = {}

    def judge(self, kind: int, actor: int, source: int, text: str, moment_us: int) -> bool:
        """Return whether we caused a signal received at `moment_us`, and take note of it."""
        if source == INDUCED_SOURCE:
            if kind == _PROMPT:
                self._open(text, actor, moment_us)
            return True
        if kind == _VOTE and text.startswith(OWN_KEY):
            return True
        if not self._opened or kind not in _ACTS:
            return False
        return self._is_caused(kind, actor, moment_us)

    def remember(
        self, kind: int, actor: int, source: int, text: str, moment_us: int, induced: bool
    ) -> None:
        """Take note of a stored signal, of which it was judged before whether we caused it."""
        if source == INDUCED_SOURCE:
            if kind == _PROMPT:
                self._open(text, actor, moment_us)
        elif induced and kind == _CHAT:
            self._is_caused(kind, actor, moment_us)

    def _open(self, text: str, actor: int, moment_us: int) -> None:
        word, _, rest = text.partition(":")
        intervention, _, number = rest.partition(":")
        if not (intervention.isascii() and intervention.isdigit()):
            return
        if not (number.isascii() and number.isdigit()):
            return
        key = int(intervention)
        if word == "join":
            self._joined.setdefault(key, set()).add(actor)
        elif word in ("chat", "team"):
            until = moment_us + min(int(number), LONGEST_SECONDS) * 1_000_000
            people = self._joined.setdefault(key, set())
            self._opened[key] = _Opened(moment_us, until, word == "team", people)

    def _is_caused(self, kind: int, actor: int, moment_us: int) -> bool:
        caused = False
        for key, opened in list(self._opened.items()):
            if moment_us >= opened.until_us + _LET_GO_US:
                del self._opened[key]
                self._joined.pop(key, None)
            elif not opened.takes(moment_us):
                continue
            elif opened.is_challenge:
                caused = caused or actor in opened.people
            elif kind == _CHAT and actor not in opened.people:
                opened.people.add(actor)
                caused = True
        return caused

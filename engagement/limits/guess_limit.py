"""Wrong secrets (keys, codes, tokens): a few at once, then slowly, counted by network.

Each web process counts for itself: with n of them a network may guess up to n times as fast.
"""

import hashlib
from collections import OrderedDict
from math import ceil
from typing import Final

from engagement.limits.client_networks import site_of
from engagement.limits.owner_shares import OF_A_SITE
from engagement.limits.token_bucket import Buckets
from engagement.vocabulary.errors import ProblemError, rate_limited

MOST_NETWORKS: Final = 10_000
MOST_RIGHT: Final = 10_000
RIGHT_SECONDS: Final = 86_400.0
"""A secret that was right today goes on being looked up from its network, whoever guesses beside it."""

_Where = tuple[int, str | None]


class Guesses:
    """How often wrong secrets of one kind may be tried. The clock (seconds) is the caller's.

    Counted by network and IPv6 site; where what is guessed is one thing of many (`of`, the number of a
    session), for each of them.
    """

    def __init__(self, at_once: float, per_second: float) -> None:
        self.at_once = at_once
        self.per_second = per_second
        self._wrong = Buckets(MOST_NETWORKS)
        self._right: OrderedDict[tuple[_Where, bytes], float] = OrderedDict()

    def forget(self) -> None:
        """Begin anew."""
        self._wrong.clear()
        self._right.clear()

    def wait(self, network: str, secret: str, now: float, of: int = 0) -> float:
        """Return the seconds until this may be looked up: 0 where it may be now."""
        if now < self._right.get(_named((of, network), secret), 0.0):
            return 0.0
        return max(self._wait((of, each), now) for each in (network, site_of(network)))

    def _wait(self, where: _Where, now: float) -> float:
        bucket = self._wrong.get(where)
        if bucket is None:
            return 0.0
        # Whether a token is there, not whether to take one: only what is wrong costs.
        bucket.take(0, now)
        return bucket.seconds_until(1)

    def wrong(self, network: str, now: float, of: int = 0) -> None:
        """Count a secret that opened nothing."""
        self._count((of, network), 1, now)
        if site := site_of(network):
            self._count((of, site), OF_A_SITE, now)

    def _count(self, where: _Where, times: float, now: float) -> None:
        self._wrong.of(where, self.per_second * times, self.at_once * times, now).take(1, now)

    def right(self, network: str, secret: str, now: float, of: int = 0) -> None:
        """Remember a secret that opened something."""
        name = _named((of, network), secret)
        self._right[name] = now + RIGHT_SECONDS
        self._right.move_to_end(name)
        if len(self._right) > MOST_RIGHT:
            self._right.popitem(last=False)

    def count(self, network: str, secret: str, now: float, *, is_right: bool) -> None:
        """Count a secret that was looked up."""
        if is_right:
            self.right(network, secret, now)
        else:
            self.wrong(network, now)


def too_many_wrong_keys(retry_after: float) -> ProblemError:
    """Too many keys that are none came from one network; a key that was right there goes on."""
    return rate_limited(
        "too_many_wrong_keys", "Too many unknown API keys came from your network. Try again later.",
        retry_after=max(1, ceil(retry_after)),
    )  # fmt: skip


def _named(where: _Where, secret: str) -> tuple[_Where, bytes]:
    return where, hashlib.sha256(secret.encode("utf-8", "surrogatepass")).digest()[:16]


KEYS: Final = Guesses(at_once=20, per_second=0.2)
"""Wrong API keys, at every door of this process."""
WORDS: Final = Guesses(at_once=40, per_second=0.2)
"""Wrong words at the door of a session: of 14,000 pairs two open, so a guesser tries for ten hours."""
SCREENS: Final = Guesses(at_once=20, per_second=0.2)
"""Tokens of screens that open nothing: an ended one tries again for a while, a script without end."""
CODES: Final = Guesses(at_once=60, per_second=1.0)
"""Wrong join codes: a hall behind one address mistypes, a script tries a hundred a second."""


def check_screen(network: str, token: str, now: float) -> None:
    """Raise a rate limit where too many screens that are none came from a network; open ones go on."""
    if wait := SCREENS.wait(network, token, now):
        raise rate_limited(
            "too_many_wrong_screens",
            "Too many unknown screens came from your network. Try again later.",
            retry_after=max(1, ceil(wait)),
        )  # fmt: skip

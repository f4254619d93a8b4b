"""Who counts as one, and how much of something each has: an owner, and the IPv6 site it belongs to.

An owner is a network or an organisation. Whoever asks for it gets a /48 of IPv6, which is 65,536 networks:
what is counted by network is counted by site, too.
"""

from collections import Counter
from collections.abc import Hashable
from typing import Final

from engagement.limits.client_networks import site_of
from engagement.vocabulary.errors import ProblemError, rate_limited, unavailable

OF_A_SITE: Final = 8
"""How many times a network's share all networks of one IPv6 site have together, at most."""


def share_of(places: int) -> int:
    """Return how many places one owner has at most: a fifth is left to others, where there are two."""
    return max(1, places * 4 // 5)


def share_of_site(share: int, most: int) -> int:
    """Return how much of `most` one site has, where a network has `share`: a fifth is left, as above."""
    return max(share, min(OF_A_SITE * share, share_of(most)))


def whole_of(owner: Hashable) -> Hashable:
    """Return the site of a network of IPv6; any other owner is one by itself."""
    return (site_of(owner) or owner) if isinstance(owner, str) else owner


class Tally:
    """How much each owner has, and all networks of a site together."""

    def __init__(self) -> None:
        self.total = 0
        self._of: Counter[Hashable] = Counter()

    def of(self, owner: Hashable) -> int:
        """Return how much an owner has."""
        return self._of[owner]

    def fits(self, owner: Hashable, share: int, most: int, amount: int = 1) -> bool:
        """Whether an owner may have so much more: `most` is for all, `share` for one network."""
        if self.total + amount > most or self._of[owner] + amount > share:
            return False
        whole = whole_of(owner)
        return whole == owner or self._of[whole] + amount <= share_of_site(share, most)

    def add(self, owner: Hashable, amount: int = 1) -> None:
        """Count so much more; less where it is negative."""
        self.total += amount
        for each in {owner, whole_of(owner)}:
            self._of[each] += amount
            if not self._of[each]:
                del self._of[each]


def too_much(*, is_own: bool) -> ProblemError:
    """Return the error: an owner has its share, or (not is_own) all have as much as there is."""
    if not is_own:
        return unavailable("busy", "The server is very busy right now.", retry_after=3)
    return rate_limited(
        "too_much_at_once", "Too much of this organisation or network waits already.", retry_after=3
    )

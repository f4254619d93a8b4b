"""Who is next where many want something at once: everybody in turn, whoever asks for how much.

One organisation's thousand messages do not stand before another's first: of each group one is taken,
then of each a second one.
"""

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from itertools import chain, zip_longest
from typing import Any, Final, TypeVar

T = TypeVar("T")
_NONE: Final = object()


def in_turns(items: Iterable[T], *keys: Callable[[T], Hashable]) -> list[T]:
    """Return the items so that groups take turns: by the first key, within it by the next, and so on.

    Items of one group keep their order; so do the groups, by their first item.
    """
    if not keys:
        return list(items)
    groups: defaultdict[Hashable, list[T]] = defaultdict(list)
    for item in items:
        groups[keys[0](item)].append(item)
    queues = [in_turns(group, *keys[1:]) for group in groups.values()]
    rounds: Iterator[Any] = chain.from_iterable(zip_longest(*queues, fillvalue=_NONE))
    return [item for item in rounds if item is not _NONE]


def within(
    items: Iterable[T],
    cost: Callable[[T], int],
    shares: Sequence[tuple[Callable[[T], Hashable], int]],
) -> tuple[list[T], list[T]]:
    """Return what is within everybody's share of a round, and what is over it, each in its order.

    shares: (whose, how much at most), for example of a person, of a session, and of all.
    """
    spent: list[defaultdict[Hashable, int]] = [defaultdict(int) for _ in shares]
    now, later = [], []
    for item in items:
        price = cost(item)
        whose = [key(item) for key, _ in shares]
        if any(
            mine[who] + price > most
            for mine, who, (_, most) in zip(spent, whose, shares, strict=True)
        ):
            later.append(item)
            continue
        for mine, who in zip(spent, whose, strict=True):
            mine[who] += price
        now.append(item)
    return now, later

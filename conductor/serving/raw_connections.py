"""Places for connections, before anything was sent over them: no network has all that a process accepts.

`conductor.serving.connection_limit` counts requests and sockets; what has not asked for anything yet, or
never will, is counted here. Behind proxies of ours all connections are theirs, and count in all only.
"""

import asyncio
import sys
from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial
from weakref import WeakKeyDictionary

from django.conf import settings
from uvicorn.config import Config

from engagement.limits.client_networks import address_of, network_of
from engagement.limits.concurrency_limit import Places


@dataclass(eq=False)
class Place:
    """What one connection holds, whichever protocol it speaks; `give` it back once, when it ends."""

    give: Callable[[], None]


def owner_of(transport: asyncio.BaseTransport) -> Hashable:
    """Return the network that is connected, or something that is nobody else's where that tells nothing."""
    peer = transport.get_extra_info("peername")
    is_ours = settings.TRUSTED_PROXIES > 0 or not isinstance(peer, tuple)
    return object() if is_ours else network_of(address_of(None, str(peer[0]), 0))


_servers: "WeakKeyDictionary[Config, Places]" = WeakKeyDictionary()


def take(config: Config, transport: asyncio.BaseTransport) -> Place | None:
    """Take a place of a server's `limit_concurrency`; None where there is none for this network."""
    places = _servers.get(config)
    if places is None:
        most = config.limit_concurrency or sys.maxsize
        places = _servers[config] = Places(most, most, crowded=most // 2)
    owner = owner_of(transport)
    return Place(partial(places.give, owner)) if places.take(owner) else None

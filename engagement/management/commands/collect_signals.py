"""Read the platform's Redis channels into the log of signals."""

import asyncio
import signal
from argparse import ArgumentParser
from contextlib import suppress
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from engagement.doors.formats import redis_channels as platform
from engagement.doors.platform_collector import Collector
from engagement.doors.web_process import close_web, web
from engagement.sessions import queries


class Command(BaseCommand):
    """Listens until Ctrl-C; survives restarts of either Redis and of PostgreSQL."""

    help = f"""{__doc__}

Channels: {", ".join(platform.CHANNELS)}.
Each message is one JSON object that names its session (external id or number), the person, and
what happened; `pydoc engagement.doors.formats.redis_channels` lists every accepted field. Pub/sub has no
memory: what is published while this command does not run is never heard. While the log or the
database is away up to 50,000 messages wait. Run one at a time: two would hear everything twice
(messages that carry an id count once all the same)."""

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add where to listen and how often to report."""
        parser.add_argument(
            "--url",
            default=settings.PLATFORM_REDIS_URL,
            help="Redis of the platform (default: PLATFORM_REDIS_URL, else REDIS_URL)",
        )
        parser.add_argument(
            "--organisation",
            type=int,
            default=settings.PLATFORM_ORGANISATION,
            help="number of the organisation whose sessions are meant (default: PLATFORM_ORGANISATION,"
            " else the only one)",
        )
        parser.add_argument(
            "--every", type=float, default=10.0, metavar="SECONDS", help="report this often"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Run until interrupted."""
        organisation = queries.platform_organisation(options["organisation"])
        if organisation is None:
            raise CommandError(
                "Say whose sessions the channels speak of: --organisation NUMBER or"
                " PLATFORM_ORGANISATION."
            )
        asyncio.run(self._run(options["url"], organisation, options["every"]))

    async def _run(self, url: str, organisation: int, every: float) -> None:
        collector = Collector(url, web(), organisation)
        stopped = asyncio.Event()
        for number in (signal.SIGINT, signal.SIGTERM):
            asyncio.get_running_loop().add_signal_handler(number, stopped.set)
        work = asyncio.create_task(collector.run())
        self.stdout.write("Listening. Ctrl-C stops.")
        while not stopped.is_set() and not work.done():
            with suppress(TimeoutError):
                await asyncio.wait_for(stopped.wait(), every)
            counts = sorted(collector.counts.items())
            self.stdout.write(", ".join(f"{name} {n}" for name, n in counts) or "nothing heard yet")
        work.cancel()
        await asyncio.wait({work})
        await close_web()

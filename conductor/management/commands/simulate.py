"""`manage.py simulate`: a made-up audience, through the front door."""

import random
import time
from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError, close_old_connections
from django.utils import timezone

from conductor.devtools.demo_agenda import prolong
from conductor.devtools.signal_feed import Door, clock_text, own_key, server_url, session_to_feed
from conductor.devtools.simulated_answers import EFFECT, Answers
from engagement.models import Session, SessionStatus
from engagement.sessions import services
from engagement.simulation import SCENARIOS, Audience

STEP_SECONDS = 1.0


class Command(BaseCommand):
    help = (
        "Play a made-up audience with chatter, lulls, joins and leaves through the signals door of "
        "a running server. Scenarios: recovery (a drop after a few minutes that comes back), demo "
        "(the same in less time), minute (that of the 60-second demo), steady, mass_exit, decline, "
        "silence. It answers what the agent sends. Without --session a new live session is made, "
        "and ended afterwards. Ctrl-C stops."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument(
            "--people",
            type=int,
            default=300,
            help="size of the audience, 1 to 20,000 (default: %(default)s)",
        )
        parser.add_argument(
            "--scenario", choices=sorted(SCENARIOS), default="steady",
            help="what happens to it (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument(
            "--minutes", type=float, default=0, help="how long (default: until Ctrl-C)"
        )
        parser.add_argument(
            "--speed", type=float, default=1.0, help="how many times faster than life (default: 1)"
        )
        parser.add_argument(
            "--effect", type=float, default=EFFECT,
            help="share of lost activity that whatever the agent sends brings back, 0 to 1; with 0 "
            "nothing it does has any effect (default: %(default)s)",
        )  # fmt: skip
        parser.add_argument("--seed", type=int, help="the same seed plays the same audience")
        whom = parser.add_mutually_exclusive_group()
        whom.add_argument("--session", type=int, help="number of a session to feed")
        whom.add_argument("--demo", action="store_true", help="feed the live demo session")
        parser.add_argument("--url", help="server (default: the one that `manage.py up` runs here)")
        parser.add_argument("--quiet", action="store_true", help="do not show progress")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, show how far it is, say what was accepted."""
        if not 1 <= options["people"] <= 20_000:
            raise CommandError("--people must be between 1 and 20,000.")
        if not 0.1 <= options["speed"] <= 100:
            raise CommandError("--speed must be between 0.1 and 100.")
        seed = (
            options["seed"]
            if options["seed"] is not None
            else random.SystemRandom().getrandbits(32)
        )
        if not 0.0 <= options["effect"] <= 1.0:
            raise CommandError("--effect must be between 0 and 1.")
        audience = Audience(options["people"], options["scenario"], random.Random(seed))
        session = self._session(options)
        self.answers = Answers(session, random.Random(seed + 1), options["effect"])
        url = server_url(options["url"])
        if not options["quiet"]:
            self.stdout.write(f"{url}/sessions/{session.pk}/  (seed {seed})")
        with own_key(session, "simulated audience") as key:
            door = Door(url, session.pk, key)
            try:
                self._play(door, audience, options)
            except KeyboardInterrupt:
                self.stdout.write("")
        if options["session"] is None and not options["demo"]:
            services.end_session(session=session, now=timezone.now())
        self.stdout.write(f"{door.accepted} signals accepted, {door.refused} refused.")

    def _session(self, options: dict[str, Any]) -> Session:
        number = options["session"]
        if options["demo"]:
            live = Session.objects.filter(is_demo=True, status=SessionStatus.LIVE).first()
            if live is None:
                raise CommandError("There is no live demo session: run `manage.py demo` first.")
            number = live.pk
        title = f"Simulated: {options['scenario'].replace('_', ' ')}, {options['people']} people"
        return session_to_feed(number, title, expected_size=options["people"])

    def _play(self, door: Door, audience: Audience, options: dict[str, Any]) -> None:
        started, played = time.monotonic(), 0.0
        end = options["minutes"] * 60 or float("inf")
        while played < end:
            made = audience.step(STEP_SECONDS)
            played += STEP_SECONDS
            said = [{"kind": each.kind, "actor": each.actor, "text": each.text} for each in made]
            door.send(said + self._answered(audience))
            if options["demo"] and int(played) % 60 == 0:
                self._prolong()
            if not options["quiet"]:
                self._show(played, end, door, audience)
            ahead = played / options["speed"] - (time.monotonic() - started)
            if ahead > 0:
                time.sleep(ahead)

    def _answered(self, audience: Audience) -> list[dict[str, Any]]:
        """Return what the audience answers; while the database is away, nothing."""
        try:
            return self.answers.step(audience, timezone.now())
        except DatabaseError:
            close_old_connections()
            return []

    def _prolong(self) -> None:
        """Let the demo's agenda go on; while the database is away, not yet."""
        try:
            prolong(self.answers.session, timezone.now())
        except DatabaseError:
            close_old_connections()

    def _show(self, played: float, end: float, door: Door, audience: Audience) -> None:
        of = "" if end == float("inf") else f" of {clock_text(end)}"
        text = f"{clock_text(played)}{of}  {audience.present} here  {door.accepted:,} signals"
        if self.stdout.isatty():
            self.stdout.write(f"\r{text}   ", ending="")
            self.stdout.flush()
        elif int(played) % 60 == 0:
            self.stdout.write(text)

"""`manage.py replay`: play a recording through the front door, as if it happened now."""

import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from conductor.feeding import (
    Door,
    clock_text,
    own_key,
    server_url,
    session_to_feed,
)
from engagement import services
from engagement.recording import RecordedSignal, RecordingError, read

# Seconds between two requests: what happened meanwhile goes together.
SEND_EVERY = 0.25
# Seconds of the recording between two lines where nobody watches a terminal.
SAY_EVERY = 300


class Command(BaseCommand):
    help = (
        "Play a recording (JSON lines: a header, then {t, kind, actor} per signal, t in seconds) "
        "through the signals door of a running server, as if it happened now. Without --session a "
        "new live session is made and ended afterwards. Ctrl-C stops."
    )

    said = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options."""
        parser.add_argument("file", type=Path, help="the recording (.jsonl)")
        parser.add_argument(
            "--speed", type=float, default=1.0, help="how many times faster than life (default: 1)"
        )
        parser.add_argument("--session", type=int, help="number of a session to feed")
        parser.add_argument("--url", help="server (default: the one that `manage.py up` runs here)")
        parser.add_argument("--until", type=float, help="stop at this second of the recording")

    def handle(self, *args: Any, **options: Any) -> None:
        """Play, show how far it is, say what was accepted."""
        if not 0.01 <= options["speed"] <= 1000:
            raise CommandError("--speed must be between 0.01 and 1000.")
        try:
            header, signals = read(options["file"])
            recorded = list(signals)
        except (OSError, RecordingError) as error:
            raise CommandError(f"{options['file']}: {error}") from error
        until = options["until"] or header.seconds
        recorded = [each for each in recorded if each.t <= until]
        session = session_to_feed(options["session"], header.title)
        url = server_url(options["url"])
        self.stdout.write(f"{header.title}\n{url}/sessions/{session.pk}/")
        with own_key(session, "replay") as key:
            door = Door(url, session.pk, key)
            try:
                self._play(door, recorded, until, options["speed"])
            except KeyboardInterrupt:
                self.stdout.write("")
        if options["session"] is None:
            services.end_session(session=session, now=timezone.now())
        self.stdout.write(f"{door.accepted} signals accepted, {door.refused} refused.")

    def _play(self, door: Door, recorded: list[RecordedSignal], until: float, speed: float) -> None:
        started = time.monotonic()
        position, shown = 0, 0.0
        while True:
            moment = (time.monotonic() - started) * speed
            ready = position
            while ready < len(recorded) and recorded[ready].t <= moment:
                ready += 1
            if ready > position:
                door.send([_signal(each) for each in recorded[position:ready]])
                position = ready
            if moment - shown >= speed:
                shown = moment
                self._show(moment, until, position, len(recorded))
            if moment >= until:
                self._show(until, until, position, len(recorded))
                self.stdout.write("")
                return
            time.sleep(SEND_EVERY)

    def _show(self, moment: float, until: float, position: int, total: int) -> None:
        text = f"{clock_text(moment)} of {clock_text(until)}  {position:,} of {total:,} signals"
        if self.stdout.isatty():
            self.stdout.write(f"\r{text}", ending="")
            self.stdout.flush()
        elif int(moment // SAY_EVERY) > int(self.said // SAY_EVERY) or moment >= until:
            self.said = moment
            self.stdout.write(text)


def _signal(each: RecordedSignal) -> dict[str, Any]:
    # A recording holds no words; a chat message must have some.
    text = each.text or ("…" if each.kind in {"chat", "question"} else "")
    return {"kind": each.kind, "actor": each.actor, "text": text, "number": each.number}

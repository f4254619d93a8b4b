"""`manage.py replay`: play a recording through the front door, as if it happened now."""

import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, DjangoHelpFormatter
from django.utils import timezone

from conductor.devtools.recording import EXAMPLE, Header, RecordedSignal, RecordingError, read
from conductor.devtools.signal_feed import Door, clock_text, own_key, server_url, session_to_feed
from engagement.doors.formats.validation import check
from engagement.sessions import services
from engagement.vocabulary.errors import ProblemError
from engagement.vocabulary.signal_kinds import KIND_OF_WIRE_NAME

# Seconds between two requests: what happened meanwhile goes together.
SEND_EVERY = 0.25
# Seconds of the recording between two lines where nobody watches a terminal.
SAY_EVERY = 300


FORMAT = f"""\
The recording is a text file (UTF-8) of JSON lines. The first line is the header, each other line one
signal, in order of time:

  {EXAMPLE}
  {{"t": 1.5, "kind": "join", "actor": "p1"}}
  {{"t": 9.0, "kind": "chat", "actor": "p1", "text": "Hello"}}
  {{"t": 64.1, "kind": "vote", "actor": "p2", "poll": "q1", "option": 2}}

t is in seconds from the start, actor any name for a person. Kinds: {", ".join(KIND_OF_WIRE_NAME)}.
Every field is described in docs/signals.md. Lines of other kinds, and of people with a role like
"moderator", are left out and counted.
"""


class _Formatter(RawDescriptionHelpFormatter, DjangoHelpFormatter):
    """Django's order of options, and the lines below them as they are written."""


class Command(BaseCommand):
    help = (
        "Play a recording through the signals door of a running server, as if it happened now. "
        "Without --session a new live session is made and ended afterwards. Ctrl-C stops."
    )

    said = 0.0

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare the options, and describe the file."""
        parser.formatter_class = _Formatter
        parser.epilog = FORMAT
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
        header, recorded, left_out = _read(options["file"])
        until = options["until"] or header.seconds
        recorded = [each for each in recorded if each.t <= until]
        if not recorded:
            raise CommandError(f"{options['file']}: there is no signal to play. {left_out}".strip())
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
        said = f"{door.accepted} signals accepted, {door.refused} refused. {left_out}"
        self.stdout.write(said.strip())

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


def _read(file: Path) -> tuple[Header, list[RecordedSignal], str]:
    """Return header and signals of a recording, every one as the door will take it, and a sentence on
    what was left out. Raises CommandError that names file and line before anything is sent."""
    try:
        header, signals = read(file)
        recorded = list(signals)
        for each in recorded:
            _check(each)
    except OSError as error:
        raise CommandError(f"{file}: {error.strerror}.") from error
    except RecordingError as error:
        raise CommandError(f"{file}: {error}.") from error
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in signals.skipped.most_common())
    return header, recorded, f"Left out: {kinds}." if kinds else ""


def _check(each: RecordedSignal) -> None:
    said = _signal(each)
    try:
        check(KIND_OF_WIRE_NAME[each.kind], each.actor, said["text"], each.number)
    except ProblemError as problem:
        raise RecordingError(
            f"line {each.line}: {each.kind}: {problem.message.rstrip('.')}"
        ) from None


def _signal(each: RecordedSignal) -> dict[str, Any]:
    # A recording need not hold words; a chat message must have some.
    text = each.text or ("…" if each.kind in {"chat", "question"} else "")
    return {"kind": each.kind, "actor": each.actor, "text": text, "number": each.number}
